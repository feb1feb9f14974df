package contact_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// Both headers of Google Contacts, with several values in a cell, a note over two lines, groups and
// what a contact has no place for.
func TestImportGoogle(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	run, rows := b.importedBy(b.manager(), b.fixture("google-2024.csv"))
	require.Equal(t, contact.FormatGoogle, run.Format)
	require.Equal(t, 3, run.Created)
	all := b.all()
	ase, jean, school := all[0], all[1], all[2]
	require.Equal(t, []string{"Fru", "Åse", "Bjørklund", "ase@example.com", "+4741234567", "+4722123456", "Storgata 1\nOppgang B", "0155", "Oslo", "NO"},
		[]string{ase.Title, ase.FirstName, ase.LastName, ase.Email, ase.Mobile, ase.Phone, ase.AddressLines, ase.Postcode, ase.City, ase.Country})
	require.Equal(t, "1987-04-30", ase.BirthDate.Format(time.DateOnly))
	require.Equal(t, "Sings alto\nand plays the flute", ase.Note)
	require.Equal(t, []contact.Labelled{{Value: "ase@work.example.com"}}, ase.OtherEmails)
	require.Equal(t, []string{"Chess club", "Choir"}, b.groupsOf(ase))
	require.Equal(t, contact.FromImport, ase.Source)
	require.True(t, ase.Listed)
	require.Equal(t, []string{"Jean Luc", "Du Pont", "jean@example.com", "jl@example.com"}, []string{jean.FirstName, jean.LastName, jean.Email, jean.OtherEmails[0].Value})
	require.Nil(t, jean.BirthDate)
	require.Contains(t, rows[1].Message, "--07-14")
	require.Contains(t, rows[1].Message, "Website 1 - Value", "a column that is not read is told")
	require.Equal(t, []string{"organization", "École de danse"}, []string{string(school.Kind), school.Name})
	require.Equal(t, []int{2, 7, 8}, []int{rows[0].Line, rows[1].Line, rows[2].Line}, "lines of the file, not rows")

	entries := b.history(ase.ID)
	require.Len(t, entries, 1)
	require.Equal(t, "import", entries[0].Surface)
	require.Equal(t, "Ada", entries[0].ActorName)
	require.Equal(t, []any{"Chess club", "Choir"}, entries[0].Changes["groups"].After)

	run, _ = b.importedBy(b.manager(), b.fixture("google-old.csv"))
	require.Equal(t, 1, run.Created)
	sofie := b.all()[3]
	require.Equal(t, []string{"Sofie", "Ødegård", "Fjord AS", "+4790123456", "NO"}, []string{sofie.FirstName, sofie.LastName, sofie.Company, sofie.Mobile, sofie.Country})
	require.Equal(t, []string{"Chess club", "friends"}, b.groupsOf(sofie))
}

// Outlook in three languages, UTF-8 and Windows-1252, commas and semicolons.
func TestImportOutlook(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for _, file := range []string{"outlook-en.csv", "outlook-fr.csv", "outlook-nb.csv"} {
		run, _ := b.importedBy(b.manager(), b.fixture(file))
		require.Equal(t, contact.FormatOutlook, run.Format, file)
		require.Equal(t, run.Total, run.Created)
	}
	all := b.all()
	require.Len(t, all, 4)
	pilot, theatre, zoe, bjorn := all[0], all[1], all[2], all[3]
	require.Equal(t, []string{"Müller", "Saint-Exupéry", "Aéro SA", "3 rue Haute\nBât. C", "69001", "Lyon", "FR", "+33465711234", "+33639981234", "1980-04-30"},
		[]string{pilot.FirstName, pilot.LastName, pilot.Company, pilot.AddressLines, pilot.Postcode, pilot.City, pilot.Country, pilot.Phone, pilot.Mobile, pilot.BirthDate.Format(time.DateOnly)})
	require.Equal(t, []string{"Members", "Pilots"}, b.groupsOf(pilot))
	require.Equal(t, []string{"organization", "Fjord Theatre", "Ålesund"}, []string{string(theatre.Kind), theatre.Name, theatre.City})
	require.Equal(t, []string{"Mme", "Zoé", "Lefèvre", "12, rue de l'Église", "Besançon", "FR", "+33353011234", "1990-07-14"},
		[]string{zoe.Title, zoe.FirstName, zoe.LastName, zoe.AddressLines, zoe.City, zoe.Country, zoe.Phone, zoe.BirthDate.Format(time.DateOnly)})
	require.Equal(t, []string{"Bjørn", "Sæther", "Tromsø", "NO", "+4741234567", "+4777123456", "1975-12-24"},
		[]string{bjorn.FirstName, bjorn.LastName, bjorn.City, bjorn.Country, bjorn.Mobile, bjorn.Phone, bjorn.BirthDate.Format(time.DateOnly)})
}

// Our own names, custom fields by label and choices by label in another language.
func TestImportPlain(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	diet, err := b.fields.Create(b.manager(), field.Definition{
		Type: "dropdown", Label: "Diet", Translations: field.Translations{"fr": {Label: "Régime"}},
		Choices: []field.Choice{{Label: "Vegetarian", Translations: field.Translations{"fr": {Label: "Végétarien"}}}, {Label: "Vegan"}},
	})
	require.NoError(t, err)
	news, err := b.fields.Create(b.manager(), field.Definition{Type: "yes_no", Label: "Newsletter"})
	require.NoError(t, err)
	run, _ := b.importedBy(b.manager(), b.fixture("plain-fr.csv"))
	require.Equal(t, 2, run.Created)
	require.Equal(t, contact.FormatPlain, run.Format)
	all := b.all()
	person, club := all[0], all[1]
	require.Equal(t, []string{"Éloïse", "Gérard", "eloise@example.com", "+33639985566", "FR", "Nancy", "fr"},
		[]string{person.FirstName, person.LastName, person.Email, person.Phone, person.Country, person.City, person.Language})
	require.Equal(t, []string{"Chant", "Danse"}, b.groupsOf(person))
	require.JSONEq(t, fmt.Sprintf("%q", diet.Choices[0].ID), string(person.Answers[diet.ID.String()]))
	require.Equal(t, "true", string(person.Answers[news.ID.String()]))
	require.Equal(t, contact.KindOrganization, club.Kind)
	require.Equal(t, contact.Club, *club.OrganizationKind)
	require.Equal(t, []string{"Club des Cinq", "CH", "Genève"}, []string{club.Name, club.Country, club.City})

	_, rows := b.importedBy(b.manager(), b.fixture("plain-tab-utf16.csv"))
	require.Equal(t, contact.VerdictCreated, rows[0].Verdict)
	require.Equal(t, "Øye", b.all()[2].LastName)
}

// The same file twice creates nothing and changes nothing, whatever a row is known by.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.dropdown("Sport", nil, "Chess", "Curling")
	file := "First name,Last name,E-mail,Phone,Birth date,Groups,Sport,Notes\n" +
		"Anna,Berg,anna@example.com,,,Choir,Chess,first\n" +
		"Bo,Berg,,41234567,,,,\n" +
		"Cato,Berg,,,1990-01-02,,,\n" +
		"Dina,Berg,,,,,,only a name\n" +
		"Eva,Berg,family@example.com,,,,,\n" +
		"Finn,Berg,family@example.com,,,,,\n" +
		"Gro,Berg,family@example.com,,,,Curling,\n" +
		",,nameless@example.com,,,,,\n"
	run, _ := b.imported(file)
	require.Equal(t, 8, run.Created, "a family that shares a mailbox is not one person (G-24)")
	before := b.all()
	run, _ = b.imported(file)
	require.Equal(t, 8, run.Unchanged)
	require.Equal(t, before, b.all())
	for _, r := range before {
		require.Len(t, b.history(r.ID), 1)
	}
}

// An update writes only the columns that the file has, where it says something.
func TestImportUpdates(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.imported("First name,Last name,E-mail,City,Mobile,Groups\nAnna,Berg,anna@example.com,Oslo,41234567,Choir\n")
	run, rows := b.imported("E-mail,First name,City,Groups\nANNA@example.com,Annie,,Chess\n")
	require.Equal(t, 1, run.Updated)
	anna := b.all()[0]
	require.Equal(t, []string{"Annie", "Berg", "Oslo", "+4741234567", "ANNA@example.com"}, []string{anna.FirstName, anna.LastName, anna.City, anna.Mobile, anna.Email})
	require.Equal(t, []string{"Chess", "Choir"}, b.groupsOf(anna), "an import takes nobody out of a group")
	require.Equal(t, anna.ID, *rows[0].ContactID)
	entries := b.history(anna.ID)
	require.Equal(t, contact.Delta{Before: "Anna", After: "Annie"}, entries[0].Changes["firstName"])
	require.Equal(t, contact.Delta{Before: []any{"Choir"}, After: []any{"Chess", "Choir"}}, entries[0].Changes["groups"])
	found, err := b.contacts.List(b.manager(), contact.Query{Search: "annie"})
	require.NoError(t, err)
	require.Len(t, found.Records, 1, "the search text follows")

	// One row makes a contact, a later one of the same file changes it.
	run, _ = b.imported("E-mail,City,Note\nnew@example.com,Bergen,\nnew@example.com,,later\n")
	require.Equal(t, []int{1, 1}, []int{run.Created, run.Updated})
	made := b.all()[1]
	require.Equal(t, []string{"Bergen", "later"}, []string{made.City, made.Note})
	require.Len(t, b.history(made.ID), 2)
}

// Several contacts have an address: the name tells which one; else the row is refused with the reason.
func TestImportSharedAddress(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.imported("First name,Last name,E-mail\nAnna,Berg,f@example.com\nBjørn,Berg,f@example.com\n")
	run, rows := b.imported("First name,Last name,E-mail,City\nBJORN,berg,f@example.com,Voss\nCarl,Dahl,f@example.com,Voss\n,,f@example.com,Voss\n")
	require.Equal(t, []int{1, 2}, []int{run.Updated, run.Refused})
	require.Equal(t, []string{"", "Voss"}, []string{b.all()[0].City, b.all()[1].City})
	require.Contains(t, rows[1].Message, "2 contacts have this e-mail address")
	require.Contains(t, rows[1].Message, "1, 2")
	require.Nil(t, rows[1].ContactID)

	// What is in the trash is not matched.
	_, err := b.contacts.Delete(b.manager(), []uuid.UUID{b.all()[1].ID})
	require.NoError(t, err)
	_, rows = b.imported("Name,E-mail,City\nAnna Berg,f@example.com,Bodø\n")
	require.Equal(t, contact.VerdictUpdated, rows[0].Verdict)

	// A person's row does not turn an organization into one.
	b.imported("Company,E-mail\nFjord AS,post@example.com\n")
	_, rows = b.imported("First name,E-mail\nPer,post@example.com\n")
	require.Equal(t, contact.VerdictRefused, rows[0].Verdict)
	require.Contains(t, rows[0].Message, "Fjord AS")
}

// Each bad row is refused with its column, the reason and the value; the others are imported.
func TestImportBadRows(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	two := field.Exact
	n := 2
	_, err := b.fields.Create(b.manager(), field.Definition{
		Type: "dropdown", Label: "Sports", Multiple: &two, MinChoices: &n, Choices: []field.Choice{{Label: "Chess"}, {Label: "Curling"}, {Label: "Golf"}},
	})
	require.NoError(t, err)
	_, err = b.fields.Create(b.manager(), field.Definition{Type: "checkbox", Label: "Terms"})
	require.NoError(t, err)
	bad := []struct{ row, says string }{
		{"Anna,not an address,,,,", "E-mail: this is not an e-mail address: “not an address”"},
		{"Anna,a1@example.com,12,,,", "Phone: this is not a phone number of NO"},
		{strings.Repeat("x", 1<<20) + ",a2@example.com,,,,", "Last name: at most 200 characters; this has 1048576: “" + strings.Repeat("x", 40) + "…”"},
		{"Bro\xffken,a3@example.com,,,,", "Last name: this text is not valid UTF-8"},
		{"Anna,a4@example.com,,Tennis,,", "Sports: there is no choice “Tennis”; the choices are Chess, Curling, Golf"},
		{"Anna,a5@example.com,,Chess,,", "Sports: pick exactly 2: “Chess”"},
		{"Anna,a6@example.com,,,perhaps,", "Terms: say yes or no, not “perhaps”"},
		{"NUL\x00L,a7@example.com,,,,", "Last name"},
		{",,41234567,,,", "give a name or an e-mail address"},
		{"Anna,a8@example.com,,,,Atlantis", "Country: this country is not known"},
		{`Anna,"never closed,a9@example.com,,`, "a quotation mark on this line is not closed"},
	}
	var file strings.Builder
	file.WriteString("\xEF\xBB\xBFLast name,E-mail,Phone,Sports,Terms,Country\n")
	for i, b := range bad {
		fmt.Fprintf(&file, "%s\nGood,good%d@example.com,,Chess;Golf,yes,Norge\n", b.row, i)
	}
	file.WriteString("Ragged,ragged@example.com\nLong,long@example.com,,,,,too,many\n")
	run, rows := b.imported(file.String())
	require.Equal(t, len(bad), run.Refused)
	require.Equal(t, len(bad)+2, run.Created)
	for i, want := range bad {
		row := rows[2*i]
		require.Equal(t, contact.VerdictRefused, row.Verdict, "%d %s", i, row.Message)
		require.Contains(t, row.Message, want.says)
		require.Less(t, len(row.Message), 400)
		require.Equal(t, 2*i+2, row.Line)
	}
	require.Contains(t, rows[len(rows)-1].Message, "more cells than the header")
	require.Len(t, b.all(), len(bad)+2)
	refused := contact.VerdictRefused
	page, more, err := b.contacts.ImportRows(b.manager(), run.ID, &refused, nil, 5, "")
	require.NoError(t, err)
	require.True(t, more)
	require.Len(t, page, 5)
	page, more, err = b.contacts.ImportRows(b.manager(), run.ID, &refused, nil, 50, fmt.Sprint(page[4].Line))
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, page, len(bad)-5)
}

// What only the database refuses costs its own row alone.
func TestImportDatabaseRefusesRow(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, err := b.db.Bun.ExecContext(b.manager(), "ALTER TABLE contact ADD CONSTRAINT no_bob CHECK (first_name <> 'Bob')")
	require.NoError(t, err)
	run, rows := b.imported("First name,E-mail,Groups\nAnna,a@example.com,Choir\nBob,b@example.com,Choir\nCato,c@example.com,Chess\n")
	require.Equal(t, []int{2, 1}, []int{run.Created, run.Refused})
	require.Equal(t, contact.VerdictRefused, rows[1].Verdict)
	require.NotEmpty(t, rows[1].Message)
	require.Equal(t, []string{"Choir"}, b.groupsOf(b.all()[0]))
}

// Files that are no table of contacts are refused whole, with what helps.
func TestImportUnreadable(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for name, c := range map[string]struct{ file, says string }{
		"empty":           {"", "the file is empty"},
		"blank":           {"\n \r\n\n", "the file is empty"},
		"only a mark":     {"\xEF\xBB\xBF", "the file is empty"},
		"workbook":        {"PK\x03\x04\x14\x00\x06", "archive is damaged"},
		"picture":         {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a text file"},
		"binary":          {"\x01\x02\x00\x03\x00\x00", "not a text file"},
		"prose":           {"Dear all,\nplease find attached\n", "the first line must name the columns"},
		"no useful":       {"Colour,Size\nred,12\n", "“Colour | Size”"},
		"only phones":     {"Phone\n41234567\n", "one of them must be a name or an e-mail address"},
		"unclosed header": {"\"E-mail,Name\na@example.com,A\n", "quotation mark"},
	} {
		_, err := b.contacts.ImportReader(b.manager(), name, strings.NewReader(c.file), contact.ImportOrder{}, nil)
		require.ErrorContains(t, err, c.says, name)
		require.Equal(t, fault.BadInput, fault.CodeOf(err), name)
	}
	_, err := b.contacts.ImportReader(b.manager(), "x", strings.NewReader("E-mail\na@example.com\n"), contact.ImportOrder{Format: contact.FormatGoogle}, nil)
	require.ErrorContains(t, err, "no export of Google Contacts")
	_, err = b.contacts.ImportReader(b.manager(), "x", strings.NewReader("E-mail\na@example.com\n"), contact.ImportOrder{Format: "xml"}, nil)
	require.ErrorContains(t, err, "the formats are")
	runs, err := b.contacts.ImportRuns(b.manager())
	require.NoError(t, err)
	require.Empty(t, runs)
	run, _ := b.imported("E-mail;Name\r\n")
	require.Zero(t, run.Total, "a header alone is a file without rows")
	var left int
	require.NoError(t, b.db.Pool.QueryRow(b.manager(), "SELECT count(*) FROM upload").Scan(&left))
	require.Zero(t, left)
}

// Only a manager creates groups; an operator's row is imported without, and says so.
func TestImportGroups(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	name := "Chœur"
	choir, err := b.contacts.CreateGroup(b.manager(), contact.GroupChange{Name: &name})
	require.NoError(t, err)
	_, rows := b.importedBy(b.operator(), []byte("E-mail,Groups\na@example.com,choeur; Chess\n"))
	require.Equal(t, contact.VerdictCreated, rows[0].Verdict)
	require.Equal(t, "the group “Chess” does not exist, and only a manager may create it", rows[0].Message)
	require.Equal(t, []string{"Chœur"}, b.groupsOf(b.all()[0]))

	_, rows = b.imported("E-mail,Groups\nb@example.com,chess;CHESS;" + strings.Repeat("g", 201) + "\n")
	require.Equal(t, contact.VerdictCreated, rows[0].Verdict)
	require.Contains(t, rows[0].Message, "200 characters")
	require.Equal(t, []string{"chess"}, b.groupsOf(b.all()[1]))

	run, err := b.contacts.ImportReader(b.operator(), "x.csv", strings.NewReader("E-mail\nc@example.com\na@example.com\nb@example.com\n"), contact.ImportOrder{GroupID: &choir.ID}, nil)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 1}, []int{run.Created, run.Unchanged, run.Updated})
	require.Equal(t, []string{"chess", "Chœur"}, b.groupsOf(b.all()[1]))
	unknown := uuid.New()
	_, err = b.contacts.ImportReader(b.operator(), "x.csv", strings.NewReader("E-mail\nc@example.com\n"), contact.ImportOrder{GroupID: &unknown}, nil)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
}

// Under the policy of consent nobody is listed by an import.
func TestImportConsent(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.underConsent()
	b.imported("E-mail\na@example.com\n")
	require.False(t, b.all()[0].Listed)
}

// Who may not import is refused, and another site's file, run and group are as if they did not exist.
func TestImportRights(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	other := newSite(t, b.db, "second")
	viewer, stranger := as(t.Context(), b.of, site.AccessViewer), as(t.Context(), other, site.AccessOwner)
	file, err := b.contacts.SaveUpload(b.operator(), `C:\docs\my contacts.csv`, strings.NewReader("E-mail\na@example.com\n"))
	require.NoError(t, err)
	require.Equal(t, "my contacts.csv", file.Name)
	_, err = b.contacts.SaveUpload(viewer, "x", strings.NewReader("E-mail\n"))
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, err = b.contacts.StartImport(viewer, file.ID, contact.ImportOrder{})
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, err = b.contacts.ImportReader(viewer, "x", strings.NewReader("E-mail\n"), contact.ImportOrder{}, nil)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, err = b.contacts.ImportRuns(viewer)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, err = b.contacts.StartImport(stranger, file.ID, contact.ImportOrder{})
	require.Equal(t, fault.NotFound, fault.CodeOf(err))

	ctx, cancel := context.WithCancel(b.operator())
	run, err := b.contacts.StartImport(ctx, file.ID, contact.ImportOrder{})
	require.NoError(t, err)
	cancel() // the request's end is not the import's
	require.Equal(t, contact.ImportRunning, run.Status)
	b.contacts.Wait()
	run, err = b.contacts.ImportRunByID(b.operator(), run.ID)
	require.NoError(t, err)
	require.Equal(t, contact.ImportDone, run.Status, run.Problem)
	require.Equal(t, 1, run.Created)
	require.NotNil(t, run.FinishedAt)
	_, err = b.contacts.ImportRunByID(stranger, run.ID)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	_, _, err = b.contacts.ImportRows(stranger, run.ID, nil, nil, 10, "")
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	err = b.contacts.TellImport(stranger, run.ID, func(*contact.ImportRow) { t.Error("a row of another site is told") })
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	runs, err := b.contacts.ImportRuns(stranger)
	require.NoError(t, err)
	require.Empty(t, runs)
	_, _, err = b.contacts.ImportRows(b.operator(), run.ID, nil, nil, 10, "x")
	require.Equal(t, fault.BadInput, fault.CodeOf(err))
	require.Len(t, b.all(), 1)
}
