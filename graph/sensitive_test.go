package graph_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
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
	require.NotContains(t, seen.Contact.Iban, "8601")
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
	require.Equal(t, "NO93 8601 1117 947", get(manager).Contact.Iban)

	// Nor by a detour: filters of every kind, exports of every kind.
	born := vars{"date": vars{"column": "BIRTH_DATE", "from": "1987-01-01"}}
	p.Refused(t, operator, "FORBIDDEN", filtered, vars{"f": born})
	p.Refused(t, operator, "FORBIDDEN", filtered, vars{"f": vars{"birthday": vars{"this": "MONTH"}}})
	p.Refused(t, operator, "FORBIDDEN", filtered, vars{"f": vars{"date": vars{"column": "BIRTH_DATE", "relative": vars{"last": 30, "unit": "YEAR"}}}})
	p.Refused(t, operator, "FORBIDDEN", filtered, vars{"f": vars{"any": []vars{{"kind": "PERSON"}, {"not": born}}}})
	p.Refused(t, operator, "FORBIDDEN", `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`, vars{"f": born})
	p.Refused(t, operator, "FORBIDDEN", createExport, vars{"i": vars{"format": "CSV", "filter": born}})
	p.Refused(t, operator, "FORBIDDEN", `mutation($f: ContactFilter!) { createSavedView(input: {name: "Born", filter: $f}) { savedView { id } errors { code } } }`, vars{"f": born})
	require.Len(t, namesBy(t, s, nil), 1)
	for format, secrets := range map[string][]string{"CSV": {"1987-04-30", "king", "8601"}, "XLSX": {"1987-04-30", "king", "8601"}, "VCARD": {"1987", "king"}} {
		hidden, whole := exportAs(t, s, site.Operator, vars{"format": format}), exportAs(t, s, site.Manager, vars{"format": format})
		if format == "XLSX" {
			hidden, whole = unzipped(t, hidden), unzipped(t, whole)
		}
		require.Contains(t, hidden, "Nordmann")
		for _, secret := range secrets {
			require.NotContains(t, hidden, secret, format)
			require.Contains(t, whole, secret, "%s: whoever reads it exports it", format)
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
	p.Caught(t) // or the making of the contact is an event of its own
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

// unzipped gives all that a workbook holds.
func unzipped(t *testing.T, file string) string {
	t.Helper()
	book, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	var all strings.Builder
	for _, part := range book.File {
		r, err := part.Open()
		require.NoError(t, err)
		_, err = io.Copy(&all, r)
		require.NoError(t, err)
	}
	return all.String()
}

// guarded is a site whose operators read no IBAN, no birth date and no note.
func guarded(t *testing.T, p *apptest.Program, publicID string) *apptest.Site {
	t.Helper()
	s := p.NewSite(t, publicID)
	p.Must(t, s.As(site.Manager), `mutation($r: [SensitiveRightInput!]!) { updateSite(input: {sensitiveAttributes: $r}) { errors { code message path } } }`,
		vars{"r": []vars{{"attribute": "NOTES", "readableBy": "MANAGER"}, {"attribute": "BIRTH_DATE", "readableBy": "MANAGER"}}}, nil)
	return s
}

// The preview of a merge tells that sensitive values differ, and what they are to those only who read them. An
// IBAN is masked for everybody there, as in the history.
func TestMergePreviewKeepsSecrets(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := guarded(t, p, "club")
	ids := []string{s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Kari", "Nordmann")}
	for i, secret := range []vars{{"birthDate": "1987-04-30", "note": "Knows the king", "iban": "NO9386011117947"}, {"birthDate": "1988-05-31", "note": "Knows the queen", "iban": "GB82WEST12345698765432"}} {
		secret["id"] = ids[i]
		require.Empty(t, p.Payload(t, s.As(site.Manager), updateContact, vars{"i": secret}, nil))
	}
	look := func(role site.Role) (string, preview) {
		r := p.Do(t, s.As(role), mergePreview, vars{"i": vars{"ids": ids}})
		var out struct{ MergePreview preview }
		require.Empty(t, r.Errors)
		require.NoError(t, json.Unmarshal(r.Data, &out))
		return r.Raw, out.MergePreview
	}
	raw, plan := look(site.Manager)
	for _, told := range []string{"1987-04-30", "1988-05-31", "king", "queen"} {
		require.Contains(t, raw, told)
	}
	require.Equal(t, "NO** **** ***7 947", plan.Differences["iban"].Before)
	raw, plan = look(site.Operator)
	for _, secret := range []string{"1987", "1988", "king", "queen", "8601", "WEST"} {
		require.NotContains(t, raw, secret)
	}
	for _, name := range []string{"birthDate", "note", "iban"} {
		require.Contains(t, plan.Differences, name, "that they differ is told")
	}
	require.Nil(t, plan.Differences["birthDate"].After)
	require.Nil(t, plan.Differences["note"].Before)
	for _, attribute := range []string{"birthDate", "note"} {
		take := vars{"i": vars{"ids": ids, "take": []vars{{"attribute": attribute, "from": ids[1]}}}}
		p.Refused(t, s.As(site.Operator), "FORBIDDEN", mergePreview, take)
		p.Refused(t, s.As(site.Operator), "FORBIDDEN", mergeContacts, take)
	}
}

// A file tells an operator nothing of what the book keeps from them, whoever tries it: a manager's dry run shows the
// values that would change, an operator who reads the same run does not see them, nor may an operator's own file
// write, or find out, what they may not read.
func TestImportPreviewKeepsSecrets(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := guarded(t, p, "club")
	id := personWith(t, s, "Kari", "Nordmann", vars{"email": "kari@example.no"})
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateContact, vars{"i": vars{"id": id, "birthDate": "1987-04-30", "note": "Knows the king", "iban": "NO9386011117947"}}, nil))
	const file = "E-mail,Birth date,Note,IBAN,City\nkari@example.no,1988-05-31,Knows the queen,GB82WEST12345698765432,Voss\n"
	secrets := []string{"1987", "1988", "king", "queen", "8601", "WEST"}

	dry := importFile(t, s, site.Manager, file, vars{"dryRun": true})
	read := func(role site.Role, run string) string {
		r := p.Do(t, s.As(role), readImport, vars{"id": run})
		require.Empty(t, r.Errors)
		return r.Raw
	}
	whole := read(site.Manager, dry.ID)
	for _, told := range []string{"1987-04-30", "1988-05-31", "king", "queen", "NO** **** ***7 947"} {
		require.Contains(t, whole, told)
	}
	for _, secret := range secrets {
		require.NotContains(t, read(site.Operator, dry.ID), secret)
	}
	require.Contains(t, read(site.Operator, dry.ID), "Voss", "the rest is told")

	// The preview of the columns shows the file to its reader, and nothing of the book.
	var look previewed
	p.Must(t, s.As(site.Operator), importPreview, vars{"id": upload(t, s, file)}, &look)
	require.Equal(t, []string{"1988-05-31"}, look.ImportPreview.Columns[1].Samples)
	own := importFile(t, s, site.Operator, file, vars{"dryRun": true})
	require.Equal(t, map[string]struct{ Before, After any }{"address.city": {"", "Voss"}}, own.Rows.Nodes[0].Changes)
	require.Equal(t, 3, strings.Count(own.Rows.Nodes[0].Message, "your role does not read this here"))
	done := importFile(t, s, site.Operator, file, nil)
	require.Equal(t, 1, done.Updated)
	var kept struct {
		Contact struct{ Note, BirthDate, Iban string }
	}
	p.Must(t, s.As(site.Manager), `query($i: ID!) { contact(id: $i) { note iban ... on Person { birthDate } } }`, vars{"i": id}, &kept)
	require.Equal(t, []string{"Knows the king", "1987-04-30", "NO93 8601 1117 947"}, []string{kept.Contact.Note, kept.Contact.BirthDate, kept.Contact.Iban})
}

// Who signs out hears no more, on any connection that the session opened.
func TestStreamsEndWithTheirSession(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "Kari", "Nordmann")
	const follow = `subscription($i: ID!) { contactChanged(id: $i) { contact { displayName } } }`
	mine, other := s.SignIn(t, site.Manager), s.SignIn(t, site.Manager)
	gone, stays := subscribe(t, p, mine, follow, vars{"i": id}), subscribe(t, p, other, follow, vars{"i": id})
	var e struct{}
	gone.next(t, &e)
	stays.next(t, &e)
	status, answer := p.HTTP(t, http.MethodDelete, "/v1/staff/session", mine, "", nil)
	require.Equal(t, http.StatusNoContent, status, answer)
	require.EqualValues(t, 4403, gone.end(t))
	require.Empty(t, p.Payload(t, other, updateContact, vars{"i": vars{"id": id, "note": "Still here"}}, nil))
	stays.next(t, &e)
}
