package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const startImport = `mutation($i: ImportContactsInput!) { importContacts(input: $i) { run { id } errors { code message path names } } }`

const readImport = `query($id: ID!, $verdict: ImportVerdict, $revert: ImportRevert) { importRun(id: $id) {
	id status dryRun policy total created updated unchanged skipped refused undone kept undoOf rowsInFile refusedRowsUrl problem columns { header target } values { column from to }
	rows(verdict: $verdict, revert: $revert, first: 200) { nodes { line verdict contactId message problems { ...told } changes revert revertMessage revertProblems { ...told } } }
	problems { ...told }
} }
fragment told on ImportProblem { code column value names numbers count message }`

// importProblem is what is told of a row, in the order of the schema.
type importProblem struct {
	Code, Column, Value, Message string
	Names                        []string
	Numbers                      []int
	Count                        int
}

type importedRow struct {
	Line                            int
	Verdict, Message, RevertMessage string
	Problems, RevertProblems        []importProblem
	ContactID, Revert               *string
	Changes                         map[string]struct{ Before, After any }
}

type importedRun struct {
	ID, Status, Policy, Problem                                                string
	DryRun                                                                     bool
	Total, Created, Updated, Unchanged, Skipped, Refused, Undone, Kept, UndoOf int
	RowsInFile                                                                 *int
	RefusedRowsURL                                                             *string
	Columns                                                                    []struct{ Header, Target string }
	Problems                                                                   []importProblem
	Rows                                                                       struct{ Nodes []importedRow }
}

func upload(t *testing.T, s *apptest.Site, file string) string {
	t.Helper()
	status, answer := s.Program.HTTP(t, http.MethodPost, "/v1/uploads?name=contacts.csv", s.As(site.Operator), "text/csv", strings.NewReader(file))
	require.Equal(t, http.StatusCreated, status, answer)
	var out struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(answer), &out))
	return out.ID
}

// importFile uploads a file, imports it with what else the input says, and gives the run when it is over.
func importFile(t *testing.T, s *apptest.Site, role site.Role, file string, input map[string]any) importedRun {
	t.Helper()
	all := map[string]any{"uploadId": upload(t, s, file)}
	for name, value := range input {
		all[name] = value
	}
	var started struct {
		ImportContacts struct{ Run struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(role), startImport, apptest.Vars{"i": all}, &started))
	s.Program.Contacts.Wait()
	return runOf(t, s, started.ImportContacts.Run.ID, nil)
}

func runOf(t *testing.T, s *apptest.Site, id string, more apptest.Vars) importedRun {
	t.Helper()
	vars := apptest.Vars{"id": id}
	for name, value := range more {
		vars[name] = value
	}
	var out struct{ ImportRun importedRun }
	s.Program.Must(t, s.As(site.Operator), readImport, vars, &out)
	return out.ImportRun
}

func revertImport(t *testing.T, s *apptest.Site, id string) importedRun {
	t.Helper()
	require.Empty(t, s.Program.Payload(t, s.As(site.Operator), `mutation($id: ID!) { revertImport(input: {id: $id}) { run { id status } errors { code message path } } }`, apptest.Vars{"id": id}, nil))
	s.Program.Contacts.Wait()
	return runOf(t, s, id, nil)
}

// classified gives a site one of each: a group, a label set, an option, a field with choices, a purpose.
func classified(t *testing.T, s *apptest.Site) (set, fieldID string) {
	t.Helper()
	var out struct {
		CreateLabelSet    struct{ LabelSet struct{ ID string } }
		CreateCustomField struct{ CustomField struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Manager), `mutation {
		createGroup(input: {name: "Choir"}) { errors { code } }
		createLabelSet(input: {name: "Level", exclusive: true, labels: [{name: "Gold", color: "#d4af37"}, {name: "Silver", color: "#c0c0c0"}]}) { labelSet { id } errors { code } }
		createContactOption(input: {list: NATURE, name: "Donor"}) { errors { code } }
		createCustomField(input: {type: DROPDOWN, label: "Sport", choices: [{label: "Chess"}, {label: "Curling"}]}) { customField { id } errors { code } }
	}`, nil, &out)
	return out.CreateLabelSet.LabelSet.ID, out.CreateCustomField.CustomField.ID
}

const importPreview = `query($id: ID!, $mapping: [ImportColumnInput!], $values: [ImportValueInput!]) { importPreview(uploadId: $id, mapping: $mapping, valueMapping: $values) {
	fileName fileType format remembered rows complete values { column from to } targets { name label }
	columns { column header samples target problem unknown { value rows proposal } choices { value label } }
} }`

type previewed struct {
	ImportPreview struct {
		FileName, FileType, Format string
		Remembered, Complete       bool
		Rows                       int
		Values                     []struct{ From, To string }
		Targets                    []struct{ Name, Label string }
		Columns                    []struct {
			Header, Target, Problem string
			Samples                 []string
			Unknown                 []struct {
				Value, Proposal string
				Rows            int
			}
			Choices []struct{ Value, Label string }
		}
	}
}

// C-07, C-11, S-03: a file of foreign columns is shown before it is read, its columns and values are
// mapped, tried, imported, and the mapping is proposed the next time.
func TestImportMapping(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	set, fieldID := classified(t, s)
	file := "Who,Mail,Membership,Plays,Land of birth,Country,Level,Type of giver,Groups,Ok\n" +
		"Anna Berg,anna@example.com,M-1,Ches,x,Norwey,gold,Donar,Quire,yes\n" +
		"Bo Dahl,bo@example.com,M-2,Curling,y,Norway,Silver,Donor,Choir,no\n"
	id := upload(t, s, file)
	var first previewed
	p.Must(t, s.As(site.Operator), importPreview, apptest.Vars{"id": id}, &first)
	look := first.ImportPreview
	require.Equal(t, []any{"contacts.csv", "CSV", "PLAIN", false, 2, true}, []any{look.FileName, look.FileType, look.Format, look.Remembered, look.Rows, look.Complete})
	require.Equal(t, []string{"Anna Berg", "Bo Dahl"}, look.Columns[0].Samples)
	proposed := map[string]string{}
	for _, c := range look.Columns {
		proposed[c.Header] = c.Target
	}
	require.Equal(t, map[string]string{"Who": "", "Mail": "email", "Membership": "", "Plays": "", "Land of birth": "", "Country": "country", "Level": "labels." + set, "Type of giver": "", "Groups": "groups", "Ok": ""}, proposed)
	require.Equal(t, "NO", look.Columns[5].Unknown[0].Proposal, "%+v", look.Columns[5].Unknown)

	mapping := []map[string]any{{"column": 0, "target": "fullName"}, {"column": 1, "target": "email"}, {"column": 2, "target": "reference"}, {"column": 3, "target": "answers." + fieldID},
		{"column": 5, "target": "country"}, {"column": 6, "target": "labels." + set}, {"column": 7, "target": "nature"}, {"column": 8, "target": "groups"}, {"column": 9, "target": "consent.contact"}}
	var mapped previewed
	p.Must(t, s.As(site.Operator), importPreview, apptest.Vars{"id": id, "mapping": mapping}, &mapped)
	proposals := map[string]string{}
	for _, c := range mapped.ImportPreview.Columns {
		for _, u := range c.Unknown {
			require.Equal(t, 1, u.Rows)
			proposals[u.Value] = u.Proposal
		}
	}
	require.Equal(t, map[string]string{"Ches": "Chess", "Norwey": "NO", "Donar": "Donor", "Quire": ""}, proposals)

	values := []map[string]any{{"column": 3, "from": "ches", "to": "Chess"}, {"column": 5, "from": "Norwey", "to": "NO"}, {"column": 7, "from": "Donar", "to": "Donor"}, {"column": 8, "from": "Quire", "to": "Choir"}}
	order := map[string]any{"mapping": mapping, "valueMapping": values, "dryRun": true}
	tried := importFile(t, s, site.Operator, file, order)
	require.Equal(t, []any{"CHECKED", true, 2, 2, 2}, []any{tried.Status, tried.DryRun, tried.Total, tried.Created, *tried.RowsInFile}, "%+v", tried)
	anna := tried.Rows.Nodes[0]
	require.Nil(t, anna.ContactID)
	require.Equal(t, []any{"Anna", "NO", "Donor", "given", []any{"Choir"}, []any{"Gold"}},
		[]any{anna.Changes["firstName"].After, anna.Changes["address.country"].After, anna.Changes["nature"].After, anna.Changes["consent.contact.email"].After, anna.Changes["groups"].After, anna.Changes["labels"].After}, "%+v", anna.Changes)
	require.Equal(t, []any{map[string]any{"source": "Membership", "externalId": "M-1"}}, anna.Changes["references"].After)
	var none struct{ Contacts struct{ TotalCount int } }
	p.Must(t, s.As(site.Operator), `{ contacts { totalCount } }`, nil, &none)
	require.Zero(t, none.Contacts.TotalCount, "a dry run writes nothing")

	order["dryRun"] = false
	done := importFile(t, s, site.Operator, file, order)
	require.Equal(t, []any{"DONE", 2}, []any{done.Status, done.Created})
	require.Equal(t, anna.Changes, done.Rows.Nodes[0].Changes, "what was told is what was done")
	again := importFile(t, s, site.Operator, file, order)
	require.Equal(t, []int{0, 0, 2}, []int{again.Created, again.Updated, again.Unchanged}, "%+v", again.Rows)

	var next previewed
	p.Must(t, s.As(site.Operator), importPreview, apptest.Vars{"id": upload(t, s, file)}, &next)
	require.True(t, next.ImportPreview.Remembered)
	require.Equal(t, "fullName", next.ImportPreview.Columns[0].Target)
	require.Equal(t, "", next.ImportPreview.Columns[4].Target)
	require.Len(t, next.ImportPreview.Values, 4)
	for _, c := range next.ImportPreview.Columns {
		require.Empty(t, c.Unknown, c.Header)
	}
	// Another site's header is its own.
	other := p.NewSite(t, "second")
	p.Must(t, other.As(site.Operator), importPreview, apptest.Vars{"id": upload(t, other, file)}, &next)
	require.False(t, next.ImportPreview.Remembered)
	p.Refused(t, other.As(site.Operator), "NOT_FOUND", importPreview, apptest.Vars{"id": id})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", importPreview, apptest.Vars{"id": id})

	// What cannot be mapped is told at its place.
	bad := map[string]any{"uploadId": id, "mapping": []map[string]any{{"column": 0, "target": "lastName"}, {"column": 1, "target": "lastName"}, {"column": 12, "target": "email"}, {"column": 2, "target": "shoeSize"}}}
	require.ElementsMatch(t, []string{"DUPLICATE mapping.1.target", "UNKNOWN mapping.2.column", "UNKNOWN mapping.3.target"}, p.Payload(t, s.As(site.Operator), startImport, apptest.Vars{"i": bad}, nil))
	require.Equal(t, []string{"FILE_NAMES_NOBODY mapping"}, p.Payload(t, s.As(site.Operator), startImport, apptest.Vars{"i": map[string]any{"uploadId": id, "mapping": []map[string]any{{"column": 5, "target": "country"}}}}, nil))
}

// C-07: what is done with a contact that is there: update, skip, fill what is empty, or make another;
// whichever it is, the same file twice creates nothing.
func TestImportPolicies(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	importFile(t, s, site.Manager, "First name,Last name,E-mail,City,Groups\nAnna,Berg,anna@example.com,Oslo,Choir\n", nil)
	file := "First name,Last name,E-mail,City,Phone,Groups\nAnna,Berg,anna@example.com,Bergen,41234567,Chess\n"
	run := func(policy string, dry bool) importedRun {
		return importFile(t, s, site.Manager, file, map[string]any{"policy": policy, "dryRun": dry})
	}
	skipped := run("SKIP", false)
	require.Equal(t, []any{"SKIP", 1, "SKIPPED"}, []any{skipped.Policy, skipped.Skipped, skipped.Rows.Nodes[0].Verdict})
	require.Empty(t, skipped.Rows.Nodes[0].Changes)
	filled := run("FILL", false)
	require.Equal(t, 1, filled.Updated)
	require.NotContains(t, filled.Rows.Nodes[0].Changes, "address.city", "what is there stays")
	require.Equal(t, "+4741234567", filled.Rows.Nodes[0].Changes["phone"].After)
	require.Equal(t, []any{"Chess", "Choir"}, filled.Rows.Nodes[0].Changes["groups"].After)
	require.Equal(t, 1, run("FILL", false).Unchanged)
	tried := run("UPDATE", true)
	require.Equal(t, map[string]struct{ Before, After any }{"address.city": {"Oslo", "Bergen"}}, tried.Rows.Nodes[0].Changes)
	created := run("CREATE", false)
	require.Equal(t, []int{1, 0}, []int{created.Created, created.Updated})
	require.Equal(t, 1, run("CREATE", false).Unchanged, "one is there that is just so")

	// Matched by what was asked for alone.
	number := importFile(t, s, site.Manager, "Contact number,First name,City\n1,Annie,Moss\n", map[string]any{"matchBy": []string{"NUMBER"}})
	require.Equal(t, "Annie", number.Rows.Nodes[0].Changes["firstName"].After)
	byName := importFile(t, s, site.Manager, file, map[string]any{"matchBy": []string{"REFERENCE"}})
	require.Equal(t, 1, byName.Created)
	require.Equal(t, []string{"REQUIRED matchBy"}, p.Payload(t, s.As(site.Manager), startImport, apptest.Vars{"i": map[string]any{"uploadId": upload(t, s, file), "matchBy": []string{}}}, nil))
}

// C-11: a whole run is taken back, updates included; what somebody has changed since stays and is named,
// and the ledger of consent is never rewritten.
func TestImportRevert(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	set, fieldID := classified(t, s)
	header := "First name,Last name,E-mail,City,Nature,Groups,Labels: Level,Sport,References,IBAN,Birth date,Consent\n"
	importFile(t, s, site.Manager, header+
		"Anna,Berg,anna@example.com,Oslo,,,Silver,Chess,,NO9386011117947,,\nBo,Dahl,bo@example.com,Oslo,,,,,,,,\nCarl,Eng,carl@example.com,,,,,,,,,\n", nil)
	before := export(t, s, map[string]any{"format": "CSV", "language": "en", "columns": []string{"firstName", "city", "nature", "groups", "labels." + set, "answers." + fieldID, "references", "iban", "birthDate"}})
	run := importFile(t, s, site.Manager, header+
		"Annie,Berg,anna@example.com,Bergen,Donor,Choir,Gold,Curling,NIF: 7,GB82 WEST 1234 5698 7654 32,1990-01-02,\n"+
		"Bob,Dahl,bo@example.com,Bergen,,,,,,,,\nCarla,Eng,carl@example.com,,,,,,,,,yes\n"+
		"New,One,new@example.com,,,Choir,,,,,,\nNewer,One,newer@example.com,,,,,,,,,\nAnnie,Berg,anna@example.com,Moss,,,,,,,,\n", nil)
	require.Equal(t, []int{2, 4, 0}, []int{run.Created, run.Updated, run.Refused}, "%+v", run.Rows)
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", `mutation($id: ID!) { revertImport(input: {id: $id}) { run { id } } }`, apptest.Vars{"id": run.ID})
	p.Refused(t, p.NewSite(t, "second").As(site.Operator), "NOT_FOUND", `mutation($id: ID!) { revertImport(input: {id: $id}) { run { id } } }`, apptest.Vars{"id": run.ID})

	// Somebody changes one that was updated, and one that was made.
	for line, change := range map[int]string{3: `city: "Voss"`, 6: `note: "mine"`} {
		for _, row := range run.Rows.Nodes {
			if row.Line == line {
				change := strings.Replace(change, `city: "Voss"`, `address: {city: "Voss"}`, 1)
				p.Must(t, s.As(site.Operator), `mutation($id: ID!) { updateContact(input: {id: $id, `+change+`}) { errors { code message } } }`, apptest.Vars{"id": *row.ContactID}, nil)
			}
		}
	}
	back := revertImport(t, s, run.ID)
	require.Equal(t, []any{"REVERTED", 3, 3, 6}, []any{back.Status, back.Undone, back.Kept, back.UndoOf}, "%+v", back)
	outcomes := map[int]string{}
	for _, row := range back.Rows.Nodes {
		outcomes[row.Line] = *row.Revert + " " + row.RevertMessage
	}
	require.Equal(t, "UNDONE ", outcomes[2])
	require.Equal(t, "KEPT changed since: address.city", outcomes[3])
	require.Contains(t, outcomes[4], "PARTLY the consent that was recorded stays")
	require.Equal(t, "UNDONE ", outcomes[5])
	require.Contains(t, outcomes[6], "KEPT the contact has been changed since")
	require.Equal(t, "UNDONE ", outcomes[7])
	kept := runOf(t, s, run.ID, apptest.Vars{"revert": "KEPT"}).Rows.Nodes
	require.Equal(t, []importProblem{{Code: "CHANGED_SINCE", Names: []string{"address.city"}, Numbers: []int{}, Message: "changed since: address.city"}}, kept[0].RevertProblems)
	require.Equal(t, "TOUCHED_SINCE", kept[1].RevertProblems[0].Code)
	after := export(t, s, map[string]any{"format": "CSV", "language": "en", "columns": []string{"firstName", "city", "nature", "groups", "labels." + set, "answers." + fieldID, "references", "iban", "birthDate"}})
	lines := func(file string) []string { return strings.Split(strings.TrimSpace(file), "\r\n") }
	require.Equal(t, lines(before)[1], lines(after)[1], "Anna has all that she had")
	require.Equal(t, "Bob,Voss,,,,,,,", lines(after)[2])
	require.Equal(t, "Carl,,,,,,,,", lines(after)[3])
	require.Len(t, runOf(t, s, run.ID, apptest.Vars{"revert": "KEPT"}).Rows.Nodes, 2)
	var trash struct {
		Contacts struct {
			Nodes []struct{ DisplayName string }
		}
	}
	p.Must(t, s.As(site.Operator), `{ contacts(trash: true) { nodes { displayName } } }`, nil, &trash)
	require.Len(t, trash.Contacts.Nodes, 1)

	// Again: only what was kept is looked at; a dry run has nothing to take back.
	again := revertImport(t, s, run.ID)
	require.Equal(t, []int{3, 3}, []int{again.Undone, again.Kept})
	tried := importFile(t, s, site.Manager, header+"X,Y,x@example.com,,,,,,,,,\n", map[string]any{"dryRun": true})
	p.Refused(t, s.As(site.Operator), "CONFLICT", `mutation($id: ID!) { revertImport(input: {id: $id}) { run { id } } }`, apptest.Vars{"id": tried.ID})
}

// C-11: rows that were refused come back as a file with their reasons, which is mended and imported.
func TestImportRefusedRows(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	file := "First name,E-mail,Country\nAnna,anna@example.com,Norway\nBo,not an address,NO\nFirst name,E-mail,Country\nCarl,carl@example.com,Atlantis\n"
	run := importFile(t, s, site.Operator, file, nil)
	require.Equal(t, []int{1, 3}, []int{run.Created, run.Refused})
	require.Equal(t, "this row repeats the names of the columns", run.Rows.Nodes[2].Message)
	path := strings.TrimPrefix(*run.RefusedRowsURL, p.URL)
	status, refused := p.HTTP(t, http.MethodGet, path, s.As(site.Operator), "", nil)
	require.Equal(t, http.StatusOK, status, refused)
	require.Equal(t, "First name,E-mail,Country,Import problem\r\n"+
		"Bo,not an address,NO,E-mail: this is not an e-mail address: “not an address”\r\n"+
		"First name,E-mail,Country,this row repeats the names of the columns\r\n"+
		"Carl,carl@example.com,Atlantis,\"Country: this country is not known; write its ISO 3166 code, for example NO, not “Atlantis”\"\r\n", strings.TrimPrefix(refused, "\uFEFF"))
	for who, want := range map[string]int{"": http.StatusUnauthorized, "viewer": http.StatusForbidden, "other": http.StatusNotFound} {
		var header apptest.Header
		switch who {
		case "viewer":
			header = s.As(site.Viewer)
		case "other":
			header = p.NewSite(t, "second").As(site.Operator)
		}
		status, answer := p.HTTP(t, http.MethodGet, path, header, "", nil)
		require.Equal(t, want, status, answer)
		require.NotContains(t, answer, "carl@")
	}
	mended := strings.NewReplacer("not an address,", "bo@example.com,", "Atlantis", "Norway").Replace(refused)
	run = importFile(t, s, site.Operator, mended, nil)
	require.Equal(t, []int{2, 1}, []int{run.Created, run.Refused}, "%+v", run.Rows)
}

// S-03: what is told of a row is told by codes too, with the column, the value and what else the sentence names, so that it can be
// said in another language; a value that a role does not read is told to nobody of it, and an IBAN to nobody at all.
func TestImportProblems(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	classified(t, s)
	importFile(t, s, site.Manager, "First name,Last name,E-mail\nEva,Berg,family@example.com\nFinn,Berg,family@example.com\n", nil)
	file := "First name,Last name,E-mail,Country,Birth date,IBAN,Groups,Labels: Level,Sport,Shoe size\n" +
		"Anna,Berg,not an address,Atlantis,soon,,,,,44\n" +
		"Bo,Dahl,bo@example.com,,,NO93 8601,,,,\n" +
		"Carl,Eng,family@example.com,,,,,,,\n" +
		"Dina,Foss,dina@example.com,,--04-30,,Quire,,,,much more\n" +
		"Eli,Gran,eli@example.com,,,,,Bronze,Tennis,\n" +
		"Frida," + strings.Repeat("x", 300) + ",frida@example.com,,,,,,,\n" +
		"Gro,Haug,gro@example.com,,,,,,,\n"
	run := importFile(t, s, site.Operator, file, nil)
	require.Equal(t, []int{3, 4}, []int{run.Created, run.Refused}, "%+v", run.Rows)
	told := func(row importedRow) (out []string) {
		for _, one := range row.Problems {
			out = append(out, fmt.Sprint(one.Code, " ", one.Column, " ", one.Value, " ", one.Names, one.Numbers, one.Count))
		}
		messages := make([]string, len(row.Problems))
		for i, one := range row.Problems {
			messages[i] = one.Message
		}
		require.Equal(t, strings.Join(messages, "; "), row.Message)
		return out
	}
	rows := run.Rows.Nodes
	require.Equal(t, []string{"INVALID_DATE Birth date soon [1987-04-30] [] 0", "UNKNOWN_COUNTRY Country Atlantis [] [] 0"}, told(rows[0]))
	require.Equal(t, []string{"ROLE_DOES_NOT_READ IBAN  [] [] 0"}, told(rows[1]))
	require.Equal(t, []string{"SAME_EMAIL   [] [1 2] 2"}, told(rows[2]))
	require.ElementsMatch(t, []string{"DAY_WITHOUT_YEAR Birth date --04-30 [] [] 0", "SURPLUS_CELL  much more [] [] 0", "GROUP_MISSING  Quire [] [] 0"}, told(rows[3]))
	require.ElementsMatch(t, []string{"UNKNOWN_LABEL Labels: Level Bronze [Level] [] 0", "UNKNOWN_CHOICE Sport Tennis [Chess Curling] [] 0"}, told(rows[4]))
	require.Equal(t, []string{"TOO_LONG Last name " + strings.Repeat("x", 40) + "… [] [] 0"}, told(rows[5]))
	require.Empty(t, told(rows[6]))
	email := importFile(t, s, site.Operator, "First name,E-mail,Shoe size\nAnna,not an address,\nBo,bo@example.com,44\n", nil).Rows.Nodes
	require.Equal(t, []string{"INVALID_EMAIL E-mail not an address [] [] 0"}, told(email[0]))
	require.Equal(t, []string{"UNREAD_COLUMN Shoe size  [] [] 0"}, told(email[1]))
	nobody := importFile(t, s, site.Operator, "First name,E-mail,City\n,,Oslo\n", nil).Rows.Nodes
	require.Equal(t, []string{"ROW_NAMES_NOBODY   [] [] 0"}, told(nobody[0]))
	require.Equal(t, "give a name or an e-mail address", nobody[0].Message)
	iban := importFile(t, s, site.Manager, "E-mail,IBAN\nbo@example.com,NO12 3456\n", nil).Rows.Nodes[0]
	require.Equal(t, []string{"INVALID IBAN  [] [] 0"}, told(iban))
	require.NotContains(t, iban.Message, "3456")

	p.Must(t, s.As(site.Manager), `mutation { updateSite(input: {sensitiveAttributes: [{attribute: BIRTH_DATE, readableBy: MANAGER}]}) { errors { code } } }`, nil, nil)
	hidden := runOf(t, s, run.ID, nil).Rows.Nodes
	require.Equal(t, "INVALID_DATE Birth date … [1987-04-30] [] 0", told(hidden[0])[0])
	require.NotContains(t, hidden[0].Message, "soon")
	require.NotContains(t, hidden[3].Message, "--04-30")
	var all struct{ ImportRun importedRun }
	p.Must(t, s.As(site.Manager), readImport, apptest.Vars{"id": run.ID}, &all)
	require.Contains(t, all.ImportRun.Rows.Nodes[0].Message, "not as “soon”")

	// Rows and runs of before have their message alone.
	_, err := p.DB.Bun.NewRaw(`UPDATE import_row SET problems = NULL, message = 'as it was said' WHERE run_id = ?`, run.ID).Exec(t.Context())
	require.NoError(t, err)
	_, err = p.DB.Bun.NewRaw(`UPDATE import_run SET problem = 'it stopped' WHERE id = ?`, run.ID).Exec(t.Context())
	require.NoError(t, err)
	old := runOf(t, s, run.ID, nil)
	require.Equal(t, []any{"it stopped", 0, "as it was said", 0}, []any{old.Problem, len(old.Problems), old.Rows.Nodes[0].Message, len(old.Rows.Nodes[0].Problems)})
}

// S-03: files that cannot be imported are refused with the reason, and nothing is lost.
func TestImportBadFiles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	for file, reason := range map[string]string{
		"E-mail,Last name,Last name\na@example.com,A,B\n": "FILE_TWO_COLUMNS [Last name] two columns are called \"Last name\"",
		"E-mail" + strings.Repeat(",x", 10_000) + "\n":    "FILE_COLUMNS [500] a file has at most 500 columns",
		"E-mail\n" + strings.Repeat("\x00", 1<<16):        "FILE_BINARY [] this is not a text file: it holds NUL bytes",
	} {
		var out struct {
			ImportContacts struct {
				Errors []struct {
					Code, Message string
					Names         []string
				}
			}
		}
		p.Payload(t, s.As(site.Operator), startImport, apptest.Vars{"i": map[string]any{"uploadId": upload(t, s, file)}}, &out)
		require.Len(t, out.ImportContacts.Errors, 1)
		got := out.ImportContacts.Errors[0]
		require.Contains(t, fmt.Sprint(got.Code, " ", got.Names, " ", got.Message), reason)
	}
}
