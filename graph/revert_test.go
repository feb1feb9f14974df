package graph_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	readHistory  = `query($i: ID!) { contact(id: $i) { history { nodes { id action surface actorName reverts revertible changes } } } }`
	revertChange = `mutation($i: ID!) { revertChange(input: {entryId: $i}) { contact { displayName email } errors { code message path } } }`
	readWhole    = `query($i: ID!) { contact(id: $i) { displayName email phone mobile language color note listed address { lines postcode city country } groups { name }
		answers { field { id } display } ... on Person { title firstName lastName birthDate company } ... on Organization { name organizationKind recognised } } }`
	emptyTrash = `mutation($i: EmptyTrashInput!) { emptyTrash(input: $i) { erasedCount keptCount errors { code message path } } }`
)

type entry struct {
	ID, Action, Surface, ActorName string
	Reverts                        *string
	Revertible                     bool
	Changes                        map[string]struct{ Before, After any }
}

func entriesOf(t *testing.T, s *apptest.Site, id string) []entry {
	t.Helper()
	var out struct {
		Contact struct{ History struct{ Nodes []entry } }
	}
	s.Program.Must(t, s.As(site.Viewer), readHistory, vars{"i": id}, &out)
	return out.Contact.History.Nodes
}

func whole(t *testing.T, s *apptest.Site, id string) string {
	t.Helper()
	var out struct{ Contact json.RawMessage }
	s.Program.Must(t, s.As(site.Viewer), readWhole, vars{"i": id}, &out)
	return string(out.Contact)
}

func trash(t *testing.T, s *apptest.Site, ids ...string) {
	t.Helper()
	s.Program.Must(t, s.As(site.Operator), `mutation($i: [ID!]!) { deleteContacts(input: {ids: $i}) { errors { code message path } } }`, vars{"i": ids}, nil)
}

func newGroup(t *testing.T, s *apptest.Site, name string) string {
	t.Helper()
	var out struct {
		CreateGroup struct{ Group struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Manager), `mutation($n: String!) { createGroup(input: {name: $n}) { group { id } errors { code message path } } }`, vars{"n": name}, &out)
	return out.CreateGroup.Group.ID
}

// A change of everything that a person has is taken back whole, and that in turn.
func TestRevertBringsEverythingBack(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	group, size := newGroup(t, s, "Juniors"), newField(t, s, vars{"type": "TEXT", "label": "Size"}).ID
	id := s.NewPerson(t, "Kari", "Nordmann")
	update(t, s, vars{"id": id, "email": "kari@example.no", "answers": []vars{{"fieldId": size, "text": "M"}}})
	first := whole(t, s, id)
	update(t, s, vars{
		"id": id, "title": "Fru", "firstName": "Karin", "lastName": "Hansen", "birthDate": "1987-04-30", "company": "Fjord AS", "email": "karin@example.no",
		"phone": "+4722334455", "mobile": "+4741234567", "language": "nb", "color": "#ff0000", "note": "Allergic", "listed": false, "groupIds": []string{group},
		"address": vars{"lines": []string{"Storgata 1", "2. etasje"}, "postcode": "0155", "city": "Oslo", "country": "NO"}, "answers": []vars{{"fieldId": size, "text": "L"}},
	})
	second := whole(t, s, id)
	changed := entriesOf(t, s, id)[0]
	require.Len(t, changed.Changes, 18, "%v", changed.Changes)
	require.True(t, changed.Revertible)

	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", revertChange, vars{"i": changed.ID})
	p.Refused(t, p.NewSite(t, "other").As(site.Manager), "NOT_FOUND", revertChange, vars{"i": changed.ID})
	require.Equal(t, second, whole(t, s, id))

	require.Empty(t, p.Payload(t, s.As(site.Operator), revertChange, vars{"i": changed.ID}, nil))
	require.JSONEq(t, first, whole(t, s, id))
	back := entriesOf(t, s, id)[0]
	require.Equal(t, []any{"reverted", "api", "operator", changed.ID}, []any{back.Action, back.Surface, back.ActorName, *back.Reverts})
	require.Equal(t, "Hansen", back.Changes["lastName"].Before)
	require.Equal(t, "Nordmann", back.Changes["lastName"].After)

	require.Empty(t, p.Payload(t, s.As(site.Operator), revertChange, vars{"i": back.ID}, nil))
	require.JSONEq(t, second, whole(t, s, id))
}

// A change that later ones build upon is not taken back, and nothing is lost.
func TestRevertIsRefused(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "Kari", "Nordmann")
	update(t, s, vars{"id": id, "email": "kari@example.no", "phone": "+4722334455", "color": "#ff0000"})
	update(t, s, vars{"id": id, "email": "kari2@example.no", "phone": "+4722334466"})
	before := whole(t, s, id)
	entries := entriesOf(t, s, id)
	refused := p.Refused(t, s.As(site.Operator), "CONFLICT", revertChange, vars{"i": entries[1].ID})
	require.Equal(t, []any{"email", "phone"}, refused.Extensions["inputPath"])
	require.Contains(t, refused.Message, "email, phone")
	p.Refused(t, s.As(site.Operator), "CONFLICT", revertChange, vars{"i": entries[2].ID})
	require.False(t, entries[2].Revertible, "a beginning is not a change")
	require.Equal(t, before, whole(t, s, id))
	require.Len(t, entriesOf(t, s, id), 3)

	// Once the later one is taken back, nothing builds upon the first any more.
	require.Empty(t, p.Payload(t, s.As(site.Operator), revertChange, vars{"i": entries[0].ID}, nil))
	p.Refused(t, s.As(site.Operator), "CONFLICT", revertChange, vars{"i": entries[0].ID})
	require.Empty(t, p.Payload(t, s.As(site.Operator), revertChange, vars{"i": entries[1].ID}, nil))

	// The checks are those of an update: what would leave no name and no address, a group and a choice that are gone.
	alone := s.NewPerson(t, "", "Solo")
	update(t, s, vars{"id": alone, "lastName": "", "email": "solo@example.no"})
	update(t, s, vars{"id": alone, "phone": "+4722334455"})
	group := newGroup(t, s, "Juniors")
	update(t, s, vars{"id": alone, "groupIds": []string{group}})
	update(t, s, vars{"id": alone, "groupIds": []string{}})
	p.Must(t, s.As(site.Manager), `mutation($i: ID!) { deleteGroup(input: {id: $i}) { errors { code message path } } }`, vars{"i": group}, nil)
	gone := p.Refused(t, s.As(site.Operator), "CONFLICT", revertChange, vars{"i": entriesOf(t, s, alone)[0].ID})
	require.Equal(t, []any{"groups"}, gone.Extensions["inputPath"])

	trash(t, s, alone)
	p.Refused(t, s.As(site.Operator), "CONFLICT", revertChange, vars{"i": entriesOf(t, s, alone)[3].ID})
}

// What is deleted from the trash leaves a tombstone without personal data and nothing else.
func TestEmptyTrash(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	kept, gone, living := s.NewPerson(t, "Kari", "Account"), s.NewPerson(t, "Ola", "Gone"), s.NewPerson(t, "Per", "Living")
	theirs := other.NewPerson(t, "Ola", "Gone")
	update(t, s, vars{"id": gone, "groupIds": []string{newGroup(t, s, "Juniors")}})
	_, err := p.DB.Bun.NewRaw(`INSERT INTO account (site_id, id, subject, email, email_key, contact_id) VALUES (?, gen_random_uuid(), 'usr_1', 'k@example.no', 'k@example.no', ?)`, s.ID, kept).Exec(t.Context())
	require.NoError(t, err)
	trash(t, s, kept, gone)
	trash(t, other, theirs)

	manager := s.As(site.Manager)
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", emptyTrash, vars{"i": vars{}})
	p.Refused(t, manager, "NOT_FOUND", emptyTrash, vars{"i": vars{"ids": []string{theirs}}})
	require.Equal(t, []string{"HAS_ACCOUNT ids.1", "NOT_IN_TRASH ids.2"}, p.Payload(t, manager, emptyTrash, vars{"i": vars{"ids": []string{gone, kept, living}}}, nil))
	require.ElementsMatch(t, []string{"ACCOUNT Kari", "GONE Ola"}, find(t, s, vars{"trash": true}).names())

	var out struct {
		EmptyTrash struct{ ErasedCount, KeptCount int }
	}
	require.Empty(t, p.Payload(t, manager, emptyTrash, vars{"i": vars{}}, &out))
	require.Equal(t, 1, out.EmptyTrash.ErasedCount)
	require.Equal(t, 1, out.EmptyTrash.KeptCount)
	require.Equal(t, []string{"ACCOUNT Kari"}, find(t, s, vars{"trash": true}).names())
	require.Equal(t, []string{"GONE Ola"}, find(t, other, vars{"trash": true}).names())
	require.Equal(t, []string{"LIVING Per"}, find(t, s, nil).names())
	p.Refused(t, manager, "NOT_FOUND", `query($i: ID!) { contact(id: $i) { id } }`, vars{"i": gone})

	// Whatever table: nothing but the tombstone mentions it.
	require.Equal(t, map[string]int{"contact_tombstone": 1}, mentions(t, p, gone))
}

// mentions counts the rows of every table of the database in which a text stands.
func mentions(t *testing.T, p *apptest.Program, text string) map[string]int {
	t.Helper()
	var tables []string
	require.NoError(t, p.DB.Bun.NewRaw(`SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`).Scan(t.Context(), &tables))
	out := map[string]int{}
	for _, table := range tables {
		if table == "audit_entry" && uuid.Validate(text) == nil {
			continue // it says by the id alone what staff did, for longer
		}
		var n int
		require.NoError(t, p.DB.Pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` AS one WHERE to_jsonb(one)::text LIKE '%' || $1 || '%'`, text).Scan(&n))
		if n > 0 {
			out[table] = n
		}
	}
	return out
}

// The trash is deleted for good when its days are over, not before, and never where a site keeps it.
func TestTrashEndsByItself(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, keeps := p.NewSite(t, "club"), p.NewSite(t, "keeps")
	const days = `mutation($d: Int!) { updateSite(input: {trashDays: $d}) { site { trashDays } errors { code message path } } }`
	require.Empty(t, p.Payload(t, s.As(site.Manager), days, vars{"d": 30}, nil))
	require.Empty(t, p.Payload(t, keeps.As(site.Manager), days, vars{"d": 0}, nil))
	require.Equal(t, []string{"INVALID trashDays"}, p.Payload(t, s.As(site.Manager), days, vars{"d": -1}, nil))
	old, young, kept := s.NewPerson(t, "Old", "Trash"), s.NewPerson(t, "Young", "Trash"), keeps.NewPerson(t, "Kept", "Trash")
	trash(t, s, old, young)
	trash(t, keeps, kept)
	for id, age := range map[string]time.Duration{old: 31 * 24 * time.Hour, young: 29 * 24 * time.Hour, kept: 10000 * 24 * time.Hour} {
		_, err := p.DB.Bun.NewRaw("UPDATE contact SET deleted_at = ? WHERE id = ?", time.Now().Add(-age), id).Exec(t.Context())
		require.NoError(t, err)
	}
	require.NoError(t, p.Contacts.Sweep(t.Context()))
	require.Equal(t, []string{"TRASH Young"}, find(t, s, vars{"trash": true}).names())
	require.Equal(t, []string{"TRASH Kept"}, find(t, keeps, vars{"trash": true}).names())
	require.Equal(t, map[string]int{"contact_tombstone": 1}, mentions(t, p, old))
}
