package webhook_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

var ofContacts = []string{"CONTACT_CREATED", "CONTACT_UPDATED", "CONTACT_DELETED", "CONTACT_RESTORED", "CONTACT_MERGED"}

const (
	trashContacts   = `mutation($ids: [ID!]!) { deleteContacts(input: {ids: $ids}) { errors { code message path } } }`
	restoreContacts = `mutation($ids: [ID!]!) { restoreContacts(input: {ids: $ids}) { errors { code message path } } }`
	mergeContacts   = `mutation($ids: [ID!]!) { mergeContacts(input: {ids: $ids}) { contact { id } merge { id } errors { code message path } } }`
	undoMerge       = `mutation($id: ID!) { undoMerge(input: {id: $id}) { errors { code message path } } }`
)

// What becomes of a contact is told in the order in which it happened: with the names of what changed, also of what is sensitive,
// and without a value; from which surface, so that a program knows its own changes again. What changes nothing is not told.
func TestContactsAreTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	r := newReceiver(t)
	_, secret := newHook(t, s, r.url, ofContacts)
	ada := s.NewPerson(t, "Ada", "Lovelace")
	made := r.next(t)
	require.True(t, made.signedBy(t, secret))
	require.Equal(t, []any{"contact.created", "api", ada, "LOVELACE Ada"}, []any{made.Type, made.Data.Surface, made.Data.Changes[0].ContactID, made.Data.Contacts[0].DisplayName})
	require.Subset(t, made.Data.Changes[0].Fields, []string{"firstName", "lastName"})

	works(t, s, ada, "Acme")
	works(t, s, ada, "Acme")
	p.Must(t, s.As(site.Manager), `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message path } } }`, vars{"i": vars{"id": ada, "birthDate": "1985-12-10", "email": "ada@secret.example"}}, nil)
	require.Equal(t, []string{"company"}, r.next(t).Data.Changes[0].Fields)
	both := r.next(t)
	require.Equal(t, "contact.updated", both.Type)
	require.Equal(t, []string{"birthDate", "email"}, both.Data.Changes[0].Fields)
	require.NotContains(t, string(both.Body), "1985")
	require.NotContains(t, string(both.Body), "secret.example")

	p.Must(t, s.As(site.Operator), trashContacts, vars{"ids": []string{ada}}, nil)
	p.Must(t, s.As(site.Operator), restoreContacts, vars{"ids": []string{ada}}, nil)
	p.Must(t, s.As(site.Operator), trashContacts, vars{"ids": []string{ada}}, nil)
	p.Must(t, s.As(site.Manager), `mutation { emptyTrash(input: {}) { erasedCount errors { code message path } } }`, nil, nil)
	gone, back, again, forGood := r.next(t), r.next(t), r.next(t), r.next(t)
	require.Equal(t, []string{"contact.deleted", "contact.restored", "contact.deleted", "contact.deleted"}, []string{gone.Type, back.Type, again.Type, forGood.Type})
	require.Equal(t, []bool{false, true}, []bool{gone.Data.Changes[0].ForGood, forGood.Data.Changes[0].ForGood})
	require.Equal(t, []string{ada, ""}, []string{forGood.Data.Contacts[0].ID, forGood.Data.Contacts[0].DisplayName})
}

// Of two contacts that become one the receiver hears which is gone and into which, and that it is back when the merge is undone. A
// merge that is merely looked at is not told.
func TestMergesAreTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	older, younger := s.NewPerson(t, "Ada", "Lovelace"), s.NewPerson(t, "Ada", "Lovelace")
	works(t, s, younger, "Acme")
	r := newReceiver(t)
	newHook(t, s, r.url, ofContacts)
	var out struct {
		MergeContacts struct{ Merge struct{ ID string } }
	}
	p.Must(t, s.As(site.Operator), `query($ids: [ID!]!) { mergePreview(input: {ids: $ids}) { __typename } }`, vars{"ids": []string{older, younger}}, nil)
	p.Must(t, s.As(site.Operator), mergeContacts, vars{"ids": []string{older, younger}}, &out)
	kept, gone := r.next(t), r.next(t)
	require.Equal(t, []any{"contact.updated", older, []string{"company"}}, []any{kept.Type, kept.Data.Changes[0].ContactID, kept.Data.Changes[0].Fields})
	require.Equal(t, []any{"contact.merged", younger, older}, []any{gone.Type, gone.Data.Changes[0].ContactID, gone.Data.Changes[0].Into})
	p.Must(t, s.As(site.Operator), undoMerge, vars{"id": out.MergeContacts.Merge.ID}, nil)
	kept, gone = r.next(t), r.next(t)
	require.Equal(t, []string{"contact.updated", "contact.restored", younger}, []string{kept.Type, gone.Type, gone.Data.Changes[0].ContactID})
}

// What one statement writes is told together, a hundred contacts a request; a hook that asks for something else, one that is disabled and
// another site's hear nothing, and a site can be deleted with its hooks.
func TestManyContactsAreToldTogether(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	r, silent := newReceiver(t), newReceiver(t)
	newHook(t, s, r.url, []string{"CONTACT_UPDATED"})
	newHook(t, s, silent.url, []string{"CONTACT_DELETED"})
	newHook(t, other, silent.url, ofContacts)
	disabled, _ := newHook(t, s, silent.url, ofContacts)
	p.Must(t, s.As(site.Manager), updateHook, vars{"i": vars{"id": disabled, "disabled": true}}, nil)
	ids := make([]string, 150)
	for i := range ids {
		ids[i] = s.NewPerson(t, fmt.Sprint("A", i), "Many")
	}
	p.Must(t, s.As(site.Operator), `mutation($i: RunBatchInput!) { runBatch(input: $i) { batch { id } errors { code message path } } }`,
		vars{"i": vars{"action": "COLOR", "color": "#112233", "target": vars{"contactIds": ids}}}, nil)
	first, second := r.next(t), r.next(t)
	require.Equal(t, []int{100, 50}, []int{len(first.Data.Changes), len(second.Data.Changes)})
	require.Equal(t, []string{"color"}, second.Data.Changes[49].Fields)
	require.ElementsMatch(t, ids, append(first.contacts(), second.contacts()...))

	exec(t, p, "DELETE FROM site WHERE id = $1", s.ID)
	elsewhere := other.NewPerson(t, "Bo", "Elsewhere")
	require.Equal(t, []string{elsewhere}, silent.next(t).contacts(), "nothing lay before it")
}
