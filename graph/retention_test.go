package graph_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	tryRetention = `query($r: RetentionInput!, $m: Int!) { retentionPlan(rules: $r) { contacts history messages audit } idleContacts(months: $m, first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }`
	setRetention = `mutation($r: RetentionInput!) { updateRetention(input: $r) { retention { enabled contactMonths ranAt } errors { code message path } } }`
)

// Issue 7: what nobody uses is forgotten by rules of the site, which say first what they would do; a member, a debtor and whoever gave a sign of life are left alone. Nothing is on
// by default, and off is off.
func TestRetention(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	idle, member, buyer, fresh, guide := s.NewPerson(t, "Idle", "One"), s.NewPerson(t, "Member", "Two"), s.NewPerson(t, "Buyer", "Three"), s.NewPerson(t, "Fresh", "Four"), s.NewPerson(t, "Guide", "Five")
	second := s.NewPerson(t, "Idle", "Six")
	event := show(t, s, "Opera", 2)
	recorded(t, s, vars{"buyer": of(buyer), "payments": []vars{{"method": "CASH", "amount": 100}}, "lines": []vars{{"productId": ticketFor(t, s, event, 100)}}})
	recorded(t, s, vars{"buyer": of(member), "payments": []vars{{"method": "CASH", "amount": 100}}, "lines": []vars{{"productId": planOf(t, s, "Year", 100)}}})
	_, err := p.DB.Bun.NewRaw(`UPDATE contact SET created_at = now() - interval '3 years' WHERE site_id = ?0 AND id <> ?1; UPDATE contact SET types = '{guide}' WHERE id = ?2;
		UPDATE sale_order SET ordered_at = now() - interval '3 years' WHERE site_id = ?0 AND buyer_id = ?3;
		UPDATE contact_history SET at = now() - interval '3 years' WHERE site_id = ?0 AND contact_id = ?1`, s.ID, fresh, guide, member).Exec(t.Context())
	require.NoError(t, err)
	var plan struct {
		RetentionPlan struct{ Contacts, History, Messages, Audit int }
		IdleContacts  struct {
			Nodes    []struct{ ID string }
			PageInfo struct{ HasNextPage bool }
		}
	}
	rules := vars{"contactMonths": 24, "historyMonths": 24, "auditMonths": 12}
	p.Must(t, s.As(site.Manager), tryRetention, vars{"r": rules, "m": 24}, &plan)
	require.Equal(t, 2, plan.RetentionPlan.Contacts)
	require.Equal(t, 1, plan.RetentionPlan.History)
	require.Equal(t, idle, plan.IdleContacts.Nodes[0].ID)
	require.True(t, plan.IdleContacts.PageInfo.HasNextPage)
	owner := s.SignIn(t, site.Owner)
	require.Equal(t, []string{"INVALID contactMonths", "INVALID auditMonths"}, p.Payload(t, owner, setRetention, vars{"r": vars{"contactMonths": 1, "auditMonths": 3}}, nil))
	p.Refused(t, s.As(site.Manager), "FORBIDDEN", setRetention, vars{"r": rules})

	apply := func(rules vars) {
		t.Helper()
		require.Empty(t, p.Payload(t, owner, setRetention, vars{"r": rules}, nil))
		require.NoError(t, p.Privacy.ApplyDue(t.Context()))
		require.Eventually(t, func() bool {
			var open int
			require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'retention' AND finalized_at IS NULL").Scan(&open))
			return open == 0
		}, time.Minute, 20*time.Millisecond)
	}
	apply(rules) // not enabled
	require.NotEmpty(t, historyText(t, s, idle))
	rules["enabled"] = true
	apply(rules)
	for _, gone := range []string{idle, second} {
		require.Empty(t, historyText(t, s, gone))
	}
	for _, left := range []string{member, buyer, guide} {
		require.NotEmpty(t, historyText(t, s, left), left)
	}
	require.Empty(t, historyText(t, s, fresh), "its history is old, it is not")
	var known struct {
		Contacts struct{ TotalCount int }
		Erasures struct{ Nodes []proofRow }
	}
	p.Caught(t)
	p.Must(t, s.As(site.Manager), `{ contacts(search: "Fresh") { totalCount } erasures { nodes { id ground byName } } }`, nil, &known)
	require.Equal(t, 1, known.Contacts.TotalCount)
	require.Len(t, known.Erasures.Nodes, 2)
	require.Equal(t, "RETENTION retention", known.Erasures.Nodes[0].Ground+" "+known.Erasures.Nodes[0].ByName)
	p.Must(t, s.As(site.Manager), tryRetention, vars{"r": rules, "m": 24}, &plan)
	require.Zero(t, plan.RetentionPlan.Contacts+plan.RetentionPlan.History)
}

// Issue 7: the list of who was erased, kept apart, erases again whom a restored backup has brought back, by id and by address.
func TestEraseAgainAfterARestore(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	ada := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no"})
	erase(t, s, s.As(site.Manager), ada)
	status, list := p.HTTP(t, http.MethodGet, "/v1/erasures", s.As(site.Manager), "", nil)
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, list, "ada@")
	// As if from a backup: the proof is gone, the record is back; another with the address too.
	_, err := p.DB.Bun.NewRaw("DELETE FROM erasure; UPDATE contact SET last_name = 'Lovelace', n_last = 'lovelace', email = 'ada@example.no', email_key = 'ada@example.no' WHERE id = ?", ada).Exec(t.Context())
	require.NoError(t, err)
	twin := personWith(t, s, "Augusta", "Byron", vars{"email": "ada@example.no"})
	_, err = p.DB.Bun.NewRaw("UPDATE contact SET created_at = created_at - interval '1 day' WHERE id = ?", twin).Exec(t.Context())
	require.NoError(t, err)
	ctx := s.AsOwner(t.Context())
	erased, hindered, err := p.Privacy.EraseAgain(ctx, strings.NewReader(list))
	require.NoError(t, err)
	require.Empty(t, hindered)
	require.Equal(t, 2, erased)
	tidied(t, s)
	require.Empty(t, foundIn(t, s, []string{"ada@example.no", "Lovelace", "Augusta"}))
	erased, _, err = p.Privacy.EraseAgain(ctx, strings.NewReader(list))
	require.NoError(t, err)
	require.Zero(t, erased)
	_, _, err = p.Privacy.EraseAgain(ctx, strings.NewReader("no list"))
	require.ErrorContains(t, err, "no list of erasures")
}

// Issue 7, GDPR art. 15: staff get all that is held about a person as JSON, as tables, and as a page in the person's language; managers alone, and it is logged.
func TestFilesAboutAPerson(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	ada := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no", "language": "fr", "note": "=HYPERLINK(1) <b>bold</b>"})
	get := func(h apptest.Header, format string) (int, string) {
		return p.HTTP(t, http.MethodGet, "/v1/contacts/"+ada+"/data?format="+format, h, "", nil)
	}
	status, file := get(s.As(site.Manager), "json")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, `"carnet-personal-data/2"`)
	status, file = get(s.As(site.Manager), "html")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, `<html lang="fr">`)
	require.Contains(t, file, "Prénom")
	require.Contains(t, file, "&lt;b&gt;bold")
	require.NotContains(t, file, "<b>bold")
	status, file = get(s.As(site.Manager), "csv")
	require.Equal(t, http.StatusOK, status)
	z, err := zip.NewReader(bytes.NewReader([]byte(file)), int64(len(file)))
	require.NoError(t, err)
	names := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(in)
		require.NoError(t, err)
		names[f.Name] = string(b)
	}
	require.Contains(t, names["contact.csv"], "1,email,ada@example.no")
	require.Contains(t, names["contact.csv"], "'=HYPERLINK(1)", "no formula")
	require.Contains(t, names["history.csv"], "changes.firstName.after,Ada")
	status, _ = get(s.As(site.Operator), "json")
	require.Equal(t, http.StatusForbidden, status)
	status, _ = get(s.As(site.Manager), "pdf")
	require.Equal(t, http.StatusBadRequest, status)
	require.Len(t, audited(t, s, vars{"action": "download", "targetId": ada}), 3)
}
