package graph_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const auditLog = `query($f: AuditFilter, $n: Int, $a: String) { auditLog(filter: $f, first: $n, after: $a) { nodes { id at actorKind actorId actorName action done targets } pageInfo { hasNextPage endCursor } } }`

type auditRow struct {
	ID, ActorKind, ActorName, Action string
	ActorID                          *string
	Done                             bool
	Targets                          []string
}

func audited(t *testing.T, s *apptest.Site, filter vars) []auditRow {
	t.Helper()
	var out struct{ AuditLog struct{ Nodes []auditRow } }
	s.Program.Must(t, s.As(site.Manager), auditLog, vars{"f": filter}, &out)
	return out.AuditLog.Nodes
}

// Issue 7: what staff and programs do is logged with who, what, about whom and how it ended, in the transaction that does it; sign-ins too, also those that fail; no values.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	staff := s.SignIn(t, site.Operator)
	var made struct {
		CreatePerson struct{ Person struct{ ID string } }
	}
	p.Must(t, staff, `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }`, vars{"i": vars{"firstName": "Secretina", "lastName": "Loggman", "email": "secretina@example.no"}}, &made)
	ada := made.CreatePerson.Person.ID
	update(t, s, vars{"id": ada, "address": vars{"city": "Oslo", "country": "NO"}})
	require.NotEmpty(t, p.Payload(t, staff, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": ada, "email": "no address"}}, nil))
	p.Refused(t, staff, "FORBIDDEN", eraseContact, vars{"i": vars{"contactId": ada, "ground": "REQUEST"}})
	status, _ := p.HTTP(t, http.MethodPost, "/v1/staff/session", nil, "application/json", strings.NewReader(`{"email": "owner@club.example", "password": "wrong wrong", "site": "club"}`))
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = p.HTTP(t, http.MethodPost, "/v1/staff/session", nil, "application/json", strings.NewReader(`{"email": "who@club.example", "password": "wrong wrong", "site": "club"}`))
	require.Equal(t, http.StatusUnauthorized, status)

	of := func(rows []auditRow) (out []string) {
		for _, r := range rows {
			word := r.ActorKind + " " + r.ActorName + " " + r.Action
			if !r.Done {
				word += " refused"
			}
			out = append(out, word)
		}
		return out
	}
	require.Equal(t, []string{"STAFF Staff operator eraseContact refused", "STAFF Staff operator updateContact refused", "API_KEY operator updateContact", "STAFF Staff operator createPerson"}, of(audited(t, s, vars{"targetId": ada})))
	require.Equal(t, []string{"STAFF  signInFailed refused", "STAFF Olga Owner signInFailed refused"}, of(audited(t, s, vars{"action": "signInFailed"})))
	by := audited(t, s, vars{"targetId": ada})[3].ActorID
	require.Equal(t, []string{"STAFF Staff operator eraseContact refused", "STAFF Staff operator updateContact refused", "STAFF Staff operator createPerson", "STAFF Staff operator signIn"}, of(audited(t, s, vars{"actorId": by})))
	require.Empty(t, audited(t, s, vars{"until": time.Now().Add(-time.Hour).Format(time.RFC3339)}))
	require.NotEmpty(t, audited(t, s, vars{"from": time.Now().Add(-time.Hour).Format(time.RFC3339), "done": true}))
	require.Empty(t, audited(t, other, vars{"targetId": ada}))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", auditLog, nil)

	// Page by page it is the same, and the file holds the same.
	var paged []string
	after := (*string)(nil)
	for {
		var out struct {
			AuditLog struct {
				Nodes    []auditRow
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		p.Must(t, s.As(site.Manager), auditLog, vars{"n": 3, "a": after}, &out)
		paged = append(paged, of(out.AuditLog.Nodes)...)
		if after = out.AuditLog.PageInfo.EndCursor; !out.AuditLog.PageInfo.HasNextPage {
			break
		}
	}
	require.Equal(t, of(audited(t, s, nil)), paged)
	status, file := p.HTTP(t, http.MethodGet, "/v1/audit.csv?target="+ada, s.As(site.Manager), "", nil)
	require.Equal(t, http.StatusOK, status)
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 5)
	status, _ = p.HTTP(t, http.MethodGet, "/v1/audit.csv", s.As(site.Operator), "", nil)
	require.Equal(t, http.StatusForbidden, status)
	require.Equal(t, []string{"API_KEY manager download"}, of(audited(t, s, vars{"action": "download"})))

	var held bool
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM audit_entry a WHERE a::text ~* 'secretina|loggman|oslo|no address')").Scan(&held))
	require.False(t, held, "no values")

	// It only grows.
	for _, sql := range []string{"UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry", "SET LOCAL carnet.audit_retention = '" + s.ID.String() + "'; DELETE FROM audit_entry"} {
		_, err := p.DB.Bun.ExecContext(t.Context(), sql)
		require.ErrorContains(t, err, "append-only", sql)
	}
	// What is not done is not logged as done: the entry goes with its transaction.
	_, err = p.DB.Bun.ExecContext(t.Context(), `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;
		CREATE TRIGGER no BEFORE INSERT ON audit_entry FOR EACH ROW WHEN (NEW.done) EXECUTE FUNCTION no()`)
	require.NoError(t, err)
	r := p.Do(t, staff, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code } } }`, vars{"i": vars{"id": ada, "address": vars{"city": "Bergen", "country": "NO"}}})
	require.NotEmpty(t, r.Errors)
	var city string
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT city FROM contact WHERE id = $1", ada).Scan(&city))
	require.Equal(t, "Oslo", city, "a change that cannot be logged is not made")
}
