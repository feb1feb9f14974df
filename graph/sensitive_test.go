package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// What a role may not read it gets nowhere: not in queries, histories, exports and events, nor by a filter; and it
// neither changes it nor takes a change of it back. Whoever reads it is told as before.
func TestSensitiveAttributes(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	operator, manager := s.As(site.Operator), s.As(site.Manager)
	id := s.NewPerson(t, "Kari", "Nordmann")
	for _, secret := range []vars{{"id": id, "birthDate": "1987-04-30", "note": "Knows the king"}, {"id": id, "iban": "NO9386011117947"}} {
		require.Empty(t, p.Payload(t, operator, updateContact, vars{"i": secret}, nil))
	}
	var note struct {
		AddNote struct{ Note struct{ ID string } }
	}
	p.Must(t, operator, `mutation($i: ID!) { addNote(input: {contactId: $i, text: "Sings alto"}) { note { id } errors { code } } }`, vars{"i": id}, &note)

	type read struct {
		Viewer  struct{ Hidden []string }
		Contact struct {
			BirthDate *string
			Age       *int
			Note      string
			Iban      string
			Notes     struct{ Nodes []struct{ Text string } }
			History   struct{ Nodes []entry }
		}
	}
	get := func(h apptest.Header) (out read) {
		p.Must(t, h, `query($i: ID!) { viewer { hidden } contact(id: $i) { note iban notes { nodes { text } } history { nodes { id action surface actorName reverts revertible changes } } ... on Person { birthDate age } } }`, vars{"i": id}, &out)
		return out
	}
	before := get(s.As(site.Viewer))
	require.Equal(t, []string{"IBAN"}, before.Viewer.Hidden)
	require.Equal(t, "1987-04-30", *before.Contact.BirthDate)
	require.Len(t, before.Contact.Notes.Nodes, 1)

	const rights = `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { sensitiveAttributes { attribute readableBy } } errors { code message path } } }`
	p.Refused(t, operator, "FORBIDDEN", rights, vars{"i": vars{"sensitiveAttributes": []vars{{"attribute": "NOTES", "readableBy": "VIEWER"}}}})
	var set struct {
		UpdateSite struct {
			Site struct {
				SensitiveAttributes []struct{ Attribute, ReadableBy string }
			}
		}
	}
	p.Must(t, manager, rights, vars{"i": vars{"sensitiveAttributes": []vars{{"attribute": "NOTES", "readableBy": "MANAGER"}, {"attribute": "BIRTH_DATE", "readableBy": "MANAGER"}}}}, &set)
	require.Equal(t, []struct{ Attribute, ReadableBy string }{{"IBAN", "MANAGER"}, {"BIRTH_DATE", "MANAGER"}, {"NOTES", "MANAGER"}}, set.UpdateSite.Site.SensitiveAttributes)

	seen := get(operator)
	require.Equal(t, []string{"BIRTH_DATE", "IBAN", "NOTES"}, seen.Viewer.Hidden)
	require.Nil(t, seen.Contact.BirthDate)
	require.Nil(t, seen.Contact.Age)
	require.Empty(t, seen.Contact.Note)
	require.Empty(t, seen.Contact.Notes.Nodes)
	require.NotContains(t, seen.Contact.Iban, "1111")
	var changed, noted string
	for _, e := range seen.Contact.History.Nodes {
		for name, d := range e.Changes {
			switch name {
			case "birthDate", "note":
				changed = e.ID
				require.Nil(t, d.After, "that it changed is told, what it is is not")
			case "notes." + note.AddNote.Note.ID:
				noted = e.ID
				require.Nil(t, d.After)
			}
		}
	}
	require.NotEmpty(t, changed)
	require.NotEmpty(t, noted)
	require.Empty(t, get(manager).Viewer.Hidden)
	require.Equal(t, before.Contact.BirthDate, get(manager).Contact.BirthDate)
	require.Equal(t, "Knows the king", get(manager).Contact.Note)

	// Nor by a detour: filters of every kind, exports of every kind.
	born := vars{"date": vars{"column": "BIRTH_DATE", "from": "1987-01-01"}}
	p.Refused(t, operator, "FORBIDDEN", filtered, vars{"f": born})
	p.Refused(t, operator, "FORBIDDEN", filtered, vars{"f": vars{"any": []vars{{"kind": "PERSON"}, {"not": born}}}})
	p.Refused(t, operator, "FORBIDDEN", `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`, vars{"f": born})
	p.Refused(t, operator, "FORBIDDEN", createExport, vars{"i": vars{"format": "CSV", "filter": born}})
	p.Refused(t, operator, "FORBIDDEN", `mutation($f: ContactFilter!) { createSavedView(input: {name: "Born", filter: $f}) { savedView { id } errors { code } } }`, vars{"f": born})
	require.Len(t, namesBy(t, s, nil), 1)
	for _, format := range []string{"CSV", "VCARD"} {
		file := export(t, s, vars{"format": format})
		require.Contains(t, file, "Nordmann")
		for _, kept := range []string{"1987", "king", "1111"} {
			require.NotContains(t, file, kept, format)
		}
	}

	// Nor is it changed by whom it is hidden from.
	for _, attribute := range []string{"birthDate", "note"} {
		p.Refused(t, operator, "FORBIDDEN", updateContact, vars{"i": vars{"id": id, attribute: nil}})
	}
	p.Refused(t, operator, "FORBIDDEN", revertChange, vars{"i": changed})
	p.Refused(t, operator, "FORBIDDEN", runBatch, vars{"i": vars{"action": "EDIT", "target": vars{"contactIds": []string{id}}, "edit": vars{"note": "?"}}})
	p.Refused(t, operator, "FORBIDDEN", `mutation($i: ID!) { deleteNote(input: {id: $i}) { deletedId errors { code } } }`, vars{"i": note.AddNote.Note.ID})

	// An event tells it to those who read it only.
	const follow = `subscription($i: ID!) { contactChanged(id: $i) { contact { note ... on Person { birthDate } } } }`
	type event struct {
		ContactChanged struct {
			Contact struct {
				Note      string
				BirthDate *string
			}
		}
	}
	blind, sighted := subscribe(t, p, operator, follow, vars{"i": id}), subscribe(t, p, manager, follow, vars{"i": id})
	var e event
	blind.next(t, &e)
	sighted.next(t, &e)
	require.Empty(t, p.Payload(t, manager, updateContact, vars{"i": vars{"id": id, "note": "Knows the queen"}}, nil))
	e = event{}
	blind.next(t, &e)
	require.Empty(t, e.ContactChanged.Contact.Note)
	require.Nil(t, e.ContactChanged.Contact.BirthDate)
	sighted.next(t, &e)
	require.Equal(t, "Knows the queen", e.ContactChanged.Contact.Note)
	require.NotNil(t, e.ContactChanged.Contact.BirthDate)
}

// Who loses a right to read is told no more by what they listen to: the stream ends, and begins again without it.
func TestStreamsEndWithARightToRead(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "Kari", "Nordmann")
	const follow = `subscription($i: ID!) { contactChanged(id: $i) { contact { ... on Person { birthDate } } } }`
	operator, manager := subscribe(t, p, s.As(site.Operator), follow, vars{"i": id}), subscribe(t, p, s.As(site.Manager), follow, vars{"i": id})
	var e struct {
		ContactChanged struct{ Contact struct{ BirthDate *string } }
	}
	operator.next(t, &e)
	manager.next(t, &e)
	p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"sensitiveAttributes": []vars{{"attribute": "BIRTH_DATE", "readableBy": "MANAGER"}}}}, nil)
	require.EqualValues(t, 4403, operator.end(t))
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateContact, vars{"i": vars{"id": id, "birthDate": "1987-04-30"}}, nil))
	manager.next(t, &e)
	require.Equal(t, "1987-04-30", *e.ContactChanged.Contact.BirthDate)
}
