package graph_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// firstPage shows what a page takes from memory: the fields of the answers, the groups, who reads birth dates.
const firstPage = `{ contacts(first: 50) { nodes { displayName groups { name } answers { field { label } display } ... on Person { birthDate } } } }`

// remembered is a book with one contact who is in a group and has answered a field.
func remembered(t *testing.T, p *apptest.Program) (s *apptest.Site, page func() string) {
	t.Helper()
	s = p.NewSite(t, "club")
	var made struct {
		CreateGroup       struct{ Group struct{ ID string } }
		CreateCustomField struct{ CustomField struct{ ID string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createGroup(input: {name: "Choir"}) { group { id } errors { code } }
		createCustomField(input: {type: TEXT, label: "Voice"}) { customField { id } errors { code } } }`, nil, &made)
	update(t, s, vars{
		"id": s.NewPerson(t, "Åse", "Berg"), "birthDate": "1987-04-30", "groupIds": []string{made.CreateGroup.Group.ID},
		"answers": []vars{{"fieldId": made.CreateCustomField.CustomField.ID, "text": "alto"}},
	})
	return s, func() string { return p.Do(t, s.As(site.Viewer), firstPage, nil).Raw }
}

// Whatever is changed of what pages take from memory holds for the next request, in whatever way it is changed:
// plain SQL stands for other processes too, which this one does not hear of.
func TestPagesForgetWhatChanges(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, page := remembered(t, p)
	require.Contains(t, page(), `{"displayName":"BERG Åse","groups":[{"name":"Choir"}],"answers":[{"field":{"label":"Voice"},"display":"alto"}],"birthDate":"1987-04-30"}`)
	for _, c := range []struct{ sql, has, lacks string }{
		{`UPDATE contact_group SET name = 'Orchestra', name_key = 'orchestra' WHERE site_id = ?`, "Orchestra", "Choir"},
		{`UPDATE custom_field SET label = 'Register', label_key = 'register' WHERE site_id = ?`, "Register", "Voice"},
		{`UPDATE site SET readers = '{"birth_date": "manager"}' WHERE id = ?`, `"birthDate":null`, "1987"},
		{`WITH made AS (INSERT INTO contact_group (site_id, id, name, name_key) VALUES (?0, gen_random_uuid(), 'Band', 'band') RETURNING site_id, id)
			INSERT INTO contact_group_member (site_id, group_id, contact_id) SELECT made.site_id, made.id, c.id FROM made JOIN contact c ON c.site_id = ?0`, `[{"name":"Band"},{"name":"Orchestra"}]`, "null]"},
		{`DELETE FROM contact_group WHERE site_id = ? AND name = 'Orchestra'`, `[{"name":"Band"}]`, "Orchestra"},
	} {
		_, err := p.DB.Bun.ExecContext(t.Context(), c.sql, s.ID)
		require.NoError(t, err, c.sql)
		after := page()
		require.Contains(t, after, c.has, c.sql)
		require.NotContains(t, after, c.lacks, c.sql)
	}
	_, err := p.DB.Bun.ExecContext(t.Context(), `TRUNCATE custom_field`)
	require.NoError(t, err)
	require.Contains(t, page(), `"answers":[]`)
}

// A change that was rolled back leaves nothing behind, though its transaction has read what it changed.
func TestPagesIgnoreWhatIsRolledBack(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, page := remembered(t, p)
	before := page()
	tx, err := p.DB.Pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `UPDATE custom_field SET label = 'Register', label_key = 'register' WHERE site_id = $1`, s.ID)
	require.NoError(t, err)
	require.Equal(t, before, page(), "not committed")
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, before, page())
}

// Who has been shut out is refused with the next request, and so is who has lost a right, by the API as by plain SQL.
func TestRightsAreNotRemembered(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, page := remembered(t, p)
	require.Contains(t, page(), "Choir")
	_, err := p.DB.Bun.ExecContext(t.Context(), `UPDATE api_key SET revoked_at = now() WHERE site_id = ? AND role = 'viewer'`, s.ID)
	require.NoError(t, err)
	require.Contains(t, page(), `"code":"UNAUTHENTICATED"`)

	signedIn := s.SignIn(t, site.Manager)
	read := func() string { return p.Do(t, signedIn, firstPage, nil).Raw }
	require.Contains(t, read(), "Choir")
	_, err = p.DB.Bun.ExecContext(t.Context(), `UPDATE staff SET role = 'viewer' WHERE site_id = ? AND role = 'manager'`, s.ID)
	require.NoError(t, err)
	p.Refused(t, signedIn, "FORBIDDEN", `mutation { createGroup(input: {name: "Band"}) { group { id } errors { code } } }`, nil)
	off := false
	_, err = p.Sites.Update(s.AsOwner(t.Context()), site.Update{ContactManagement: &off})
	require.NoError(t, err)
	require.Contains(t, read(), `"code":"FORBIDDEN"`)
	_, err = p.DB.Bun.ExecContext(t.Context(), `UPDATE staff SET session_epoch = session_epoch + 1 WHERE site_id = ?`, s.ID)
	require.NoError(t, err)
	require.Contains(t, read(), `"code":"UNAUTHENTICATED"`)
}

// A page is one question beside the credential's, with the answers to custom fields and the groups.
func TestAPageIsOneQuestion(t *testing.T) {
	t.Parallel()
	asked := &statements{}
	p := apptest.StartTraced(t, asked)
	_, page := remembered(t, p)
	first := page()
	var again string
	list := asked.fewest(func() { again = page() })
	require.Equal(t, first, again)
	list = slices.DeleteFunc(list, func(sql string) bool { return strings.Contains(sql, "FROM api_key") }) // not with every request
	require.Len(t, list, 1, "%s", strings.Join(list, "\n"))
	require.Contains(t, list[0], "contact_group_member")
}

// statements notes what both pools are asked about sites, contacts and what they buy.
type statements struct {
	mu   sync.Mutex
	list []string
}

// fewest gives what work asks, which is done a few times: what works in the background may ask at the same time.
func (s *statements) fewest(work func()) (fewest []string) {
	for range 5 {
		s.mu.Lock()
		s.list = nil
		s.mu.Unlock()
		work()
		s.mu.Lock()
		if fewest == nil || len(s.list) < len(fewest) {
			fewest = s.list
		}
		s.mu.Unlock()
	}
	return fewest
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.Contains(data.SQL, "api_key") || strings.Contains(data.SQL, "contact") || strings.Contains(data.SQL, "custom_field") || strings.Contains(data.SQL, `"site"`) ||
		strings.Contains(data.SQL, "order_line") || strings.Contains(data.SQL, "product") {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.list = append(s.list, data.SQL)
	}
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A key that was revoked in one process is refused by the others as soon, though they do not look at it with every request.
func TestKeysEndInEveryProcess(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	second := apptest.Beside(t, p, func(*app.Config) {})
	const ask = `{ groups { id } }`
	answered := func() bool {
		return !strings.Contains(second.Do(t, s.As(site.Viewer), ask, nil).Raw, "UNAUTHENTICATED")
	}
	require.True(t, answered())
	keys, err := p.Sites.Keys(s.AsOwner(t.Context()))
	require.NoError(t, err)
	for _, k := range keys {
		_, err := p.Sites.RevokeKey(s.AsOwner(t.Context()), k.ID)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return !answered() }, 5*time.Second, 5*time.Millisecond)
}
