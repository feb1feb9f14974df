package contact_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// exported gives the file of an export, as an operator fetches it.
func (b *book) exported(req contact.ExportRequest) []byte {
	b.t.Helper()
	e, _, err := b.contacts.CreateExport(b.operator(), req)
	require.NoError(b.t, err)
	var file bytes.Buffer
	require.NoError(b.t, b.contacts.WriteExport(b.operator(), e, &file))
	require.EqualValues(b.t, file.Len(), *e.Bytes)
	return file.Bytes()
}

// table reads a CSV as rows by column name.
func table(t *testing.T, file []byte, comma rune) (header []string, rows []map[string]string) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))))
	r.Comma = comma
	all, err := r.ReadAll()
	require.NoError(t, err)
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

// full fills the book with what is hard to write: every attribute, a family that shares an address,
// namesakes, formulas, quotation marks, line breaks, and names that mean something else to an import.
func (b *book) full() {
	b.t.Helper()
	b.dropdown("Sport", &unlimited, "Chess", "Table; tennis", "Curling")
	for _, def := range []field.Definition{{Type: "yes_no", Label: "Insured"}, {Type: "checkbox", Label: "House rules"}, {Type: "text", Label: "City"}, {Type: "text", Label: "Priority"},
		{Type: "number", Label: "Seats"}, {Type: "date", Label: "Since"}, {Type: "phone", Label: "Emergency"}, {Type: "url", Label: "Home page"}, {Type: "country", Label: "Citizen of"}, {Type: "long_text", Label: "Story"}} {
		_, err := b.fields.Create(b.manager(), def)
		require.NoError(b.t, err)
	}
	run, rows := b.imported("First name,Last name,Title,Company,E-mail,Phone,Mobile,Address 1,Address 2,Postcode,City,Country,Birth date,Language,Colour,Note,Groups,Sport,Insured,House rules,City (custom field),Priority (custom field),Seats,Since,Emergency,Home page,Citizen of,Story\n" +
		`Åse,Bjørklund,Fru,"Fjord, Foss & Co",ase@example.com,22123456,41234567,Storgata 1,Oppgang B,0155,Oslo,NO,1987-04-30,nb,#d9564a,"Sings ""alto""` + "\n\n" + `and plays",Choir; Chess,Chess; Curling,yes,yes,Bergen,high,"-1 234,5",31.12.2026,22 33 44 55,example.org,Norge,"one` + "\n" + `two"` + "\n" +
		"Anna,Berg,,,family@example.com,,,,,,,,,,,,,,no,,,\n" +
		"Bo,Berg,,,family@example.com,,,,,,,,,,,,,,,,,\n" +
		"Bo,Berg,,,family@example.com,,,,,,,,,,,another Bo,,Table; tennis,,,,\n" +
		",,,,only@example.com,,,,,,,,,,,,,,,,,\n")
	require.Equal(b.t, 4, run.Created, rows)
	for _, name := range []string{"=HYPERLINK(\"http://evil.example\")", "+1+1", "-2", "@SUM(A1)", "'=quoted", "''plain", "Semi; colon"} {
		_, err := b.contacts.Create(b.manager(), contact.KindPerson, contact.Change{FirstName: &name, Note: &name})
		require.NoError(b.t, err)
	}
	// Two of the same name and address, who can be told apart by our id only.
	for range 2 {
		first, last, email := "Kari", "Nordmann", "kari@example.com"
		_, err := b.contacts.Create(b.manager(), contact.KindPerson, contact.Change{FirstName: &first, LastName: &last, Email: &email})
		require.NoError(b.t, err)
	}
	iban, fax := "NO9386011117947", "22000000"
	_, err := b.contacts.Update(b.manager(), b.all()[0].ID, contact.Change{IBAN: &iban, Fax: &fax, Types: &[]contact.OperationalType{contact.Guide, contact.Partner},
		OtherEmails: &[]contact.Labelled{{Label: "work", Value: "ase@work.example"}}, References: &[]contact.Reference{{Source: "NIF", ExternalID: "7"}},
		Billing: &contact.AddressChange{Lines: &[]string{"Postboks 1"}, City: &[]string{"Moss"}[0]}})
	require.NoError(b.t, err)
	name, club, yes := "Sjakklubben", contact.Club, true
	kind, recognised := &club, &yes
	group, err := b.contacts.CreateGroup(b.manager(), contact.GroupChange{Name: &[]string{"A; B"}[0]})
	require.NoError(b.t, err)
	_, err = b.contacts.Create(b.manager(), contact.KindOrganization, contact.Change{Name: &name, OrganizationKind: &kind, Recognised: &recognised, GroupIDs: &[]uuid.UUID{group.ID}})
	require.NoError(b.t, err)
}

var unlimited = field.Unlimited

// The exported file, imported again, changes nothing: in every language, as CSV.
func TestExportComesBack(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.full()
	before := b.all()
	for _, language := range []string{"en", "fr", "nb"} {
		file := b.exported(contact.ExportRequest{Format: contact.ExportCSV, Language: language})
		run, rows := b.importedBy(b.manager(), file)
		require.Equal(t, len(before), run.Total)
		for _, row := range rows {
			require.Equal(t, contact.VerdictUnchanged, row.Verdict, "%s, line %d: %s", language, row.Line, row.Message)
			require.Empty(t, row.Message, "%s, line %d", language, row.Line)
		}
		require.Equal(t, before, b.all())
	}
}

// One column a field, groups and custom fields too; the headings follow the language.
func TestExportCSV(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.full()
	file := b.exported(contact.ExportRequest{Format: contact.ExportCSV, Language: "en"})
	require.True(t, bytes.HasPrefix(file, []byte("\xEF\xBB\xBF")), "spreadsheets know UTF-8 by its mark")
	header, rows := table(t, file, ',')
	require.Equal(t, "Carnet ID,Contact number,Contact type,Title,Last name,First name,Organization,Organization type,Recognised,Company,E-mail,Phone,Mobile,"+
		"Address line 1,Address line 2,Address line 3,Postcode,City,Country,Region code,Birth date,Language,Colour,Groups,Operational types,Function,Nature,Valid until,Administrative number,IBAN,Ambassador,Fax,Other e-mails,Other phones,Delivery address,Billing address,References,Note,Listed,Source,Created at,Changed at,"+
		"Consent: Contact,Consent date: Contact,Sport,Insured,House rules,City (custom field),Priority (custom field),Seats,Since,Emergency,Home page,Citizen of,Story", strings.Join(header, ","))
	by := map[string]map[string]string{}
	for _, row := range rows {
		by[row["First name"]+row["Organization"]] = row
	}
	ase := by["Åse"]
	require.Equal(t, []string{"person", "Fru", "Bjørklund", "Fjord, Foss & Co", "+4722123456", "+4741234567", "Storgata 1", "Oppgang B", "", "0155", "Oslo", "NO", "1987-04-30", "nb", "#d9564a"},
		[]string{ase["Contact type"], ase["Title"], ase["Last name"], ase["Company"], ase["Phone"], ase["Mobile"], ase["Address line 1"], ase["Address line 2"], ase["Address line 3"], ase["Postcode"], ase["City"], ase["Country"], ase["Birth date"], ase["Language"], ase["Colour"]})
	require.Equal(t, []string{"Chess; Choir", "Chess; Curling", "yes", "yes", "Bergen", "high", "yes", "import"},
		[]string{ase["Groups"], ase["Sport"], ase["Insured"], ase["House rules"], ase["City (custom field)"], ase["Priority (custom field)"], ase["Listed"], ase["Source"]})
	require.Equal(t, "Sings \"alto\"\n\nand plays", ase["Note"])
	require.Equal(t, []string{"'-1234.5", "2026-12-31", "+4722334455", "https://example.org", "NO", "one\ntwo"},
		[]string{ase["Seats"], ase["Since"], ase["Emergency"], ase["Home page"], ase["Citizen of"], ase["Story"]})
	require.Equal(t, []string{"guide; partner", "+4722000000", "work: ase@work.example", "NIF: 7", "Postboks 1\nMoss", "no"},
		[]string{ase["Operational types"], ase["Fax"], ase["Other e-mails"], ase["References"], ase["Billing address"], ase["Ambassador"]})
	require.Equal(t, "NO** **** ***7 947", ase["IBAN"], "only a manager reads it whole")
	require.NotContains(t, string(file), "8601")
	require.Equal(t, []string{"club", "yes"}, []string{by["Sjakklubben"]["Organization type"], by["Sjakklubben"]["Recognised"]})
	for _, row := range rows {
		for name, cell := range row {
			require.False(t, cell != "" && strings.ContainsAny(cell[:1], "=-@\t\r") || strings.HasPrefix(cell, "+") && strings.Trim(cell[1:], "0123456789") != "", "%s holds a formula: %s", name, cell)
		}
	}
	require.Contains(t, by, "'=HYPERLINK(\"http://evil.example\")")

	file = b.exported(contact.ExportRequest{Format: contact.ExportCSV, Language: "fr", Columns: []string{"email", "lastName"}, Plain: true})
	require.True(t, bytes.HasPrefix(file, []byte("Nom;E-mail\r\n")), "%.40s", file)
}

// Only those chosen, listed or not; what is searched; nothing of the trash; another site's never.
func TestExportPicks(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.imported("First name,Last name\nAnna,Berg\nBo,Berg\nCato,Dahl\n")
	all := b.all()
	no := false
	_, err := b.contacts.Update(b.manager(), all[0].ID, contact.Change{Listed: &no})
	require.NoError(t, err)
	other := &book{t: t, db: b.db, of: newSite(t, b.db, "second"), contacts: b.contacts, fields: b.fields}
	other.imported("First name\nOther\n")
	first := func(req contact.ExportRequest) string {
		req.Format, req.Columns, req.Language, req.Plain = contact.ExportCSV, []string{"firstName"}, "en", true
		return strings.ReplaceAll(strings.TrimPrefix(string(b.exported(req)), "First name\r\n"), "\r\n", ",")
	}
	require.Equal(t, "Bo,Cato,", first(contact.ExportRequest{}))
	require.Equal(t, "Anna,Bo,Cato,", first(contact.ExportRequest{Unlisted: true}))
	require.Equal(t, "Anna,Cato,", first(contact.ExportRequest{ContactIDs: []uuid.UUID{all[2].ID, all[0].ID, other.all()[0].ID}}))
	require.Equal(t, "Bo,", first(contact.ExportRequest{Search: "berg"}))
	_, err = b.contacts.Delete(b.manager(), []uuid.UUID{all[1].ID})
	require.NoError(t, err)
	require.Equal(t, "Cato,", first(contact.ExportRequest{}))
	require.Equal(t, "Bo,", first(contact.ExportRequest{Trash: true}))

	_, _, err = b.contacts.CreateExport(b.operator(), contact.ExportRequest{Format: contact.ExportCSV, ContactIDs: []uuid.UUID{other.all()[0].ID}})
	require.Equal(t, fault.Unknown, mendable(t, err).Reason)
	_, _, err = b.contacts.CreateExport(b.operator(), contact.ExportRequest{Format: contact.ExportCSV, ContactIDs: []uuid.UUID{}})
	require.Equal(t, fault.Required, mendable(t, err).Reason, "an empty selection is not everybody")
	_, _, err = b.contacts.CreateExport(b.operator(), contact.ExportRequest{Format: contact.ExportCSV, Columns: []string{"password"}})
	require.Equal(t, []string{"columns", "0"}, mendable(t, err).Path)
}

func mendable(t *testing.T, err error) *fault.Error {
	t.Helper()
	list, ok := fault.Mendable(err)
	require.True(t, ok, "%v", err)
	return list[0]
}

// A workbook opens, its cells are texts, and it comes back as well.
func TestExportXLSX(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.full()
	file := b.exported(contact.ExportRequest{Format: contact.ExportXLSX, Language: "en"})
	book, err := excelize.OpenReader(bytes.NewReader(file))
	require.NoError(t, err)
	rows, err := book.GetRows("Contacts")
	require.NoError(t, err)
	require.NoError(t, book.Close())
	require.Len(t, rows, len(b.all())+1)
	require.Equal(t, []string{"Carnet ID", "Contact number", "Contact type"}, rows[0][:3])
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	sheet, err := archive.Open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	xml, err := io.ReadAll(sheet)
	require.NoError(t, err)
	require.NotContains(t, string(xml), "<f>", "a cell is a formula")
	require.Contains(t, string(xml), "=HYPERLINK")
}

func TestExportVCard(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.full()
	file := string(b.exported(contact.ExportRequest{Format: contact.ExportVCard}))
	for line := range strings.SplitSeq(file, "\r\n") {
		require.LessOrEqual(t, len(line), 75, line)
	}
	unfolded := strings.ReplaceAll(file, "\r\n ", "")
	for _, line := range []string{
		"VERSION:4.0", "KIND:individual", "FN:Åse Bjørklund", "N:Bjørklund;Åse;;Fru;", `ORG:Fjord\, Foss & Co`, "EMAIL:ase@example.com", "TEL;TYPE=cell:+4741234567",
		`ADR:;;Storgata 1\nOppgang B;Oslo;;0155;NO`, "BDAY:19870430", `NOTE:Sings "alto"\n\nand plays`, "CATEGORIES:Chess", "CATEGORIES:Choir", "LANG:nb", `N:;Semi\; colon;;;`, "KIND:org", "ORG:Sjakklubben",
	} {
		require.Contains(t, unfolded, "\r\n"+line+"\r\n")
	}
	require.Equal(t, len(b.all()), strings.Count(file, "BEGIN:VCARD\r\n"))
}

// Who may: an operator, of the export's own site.
func TestExportRights(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.imported("First name\nAnna\n")
	_, _, err := b.contacts.CreateExport(as(t.Context(), b.of, site.AccessViewer), contact.ExportRequest{Format: contact.ExportCSV})
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	e, _, err := b.contacts.CreateExport(b.operator(), contact.ExportRequest{Format: contact.ExportCSV})
	require.NoError(t, err)
	var file bytes.Buffer
	require.Equal(t, fault.Forbidden, fault.CodeOf(b.contacts.WriteExport(as(t.Context(), b.of, site.AccessViewer), e, &file)))
	require.Equal(t, fault.NotFound, fault.CodeOf(b.contacts.WriteExport(as(t.Context(), newSite(t, b.db, "second"), site.AccessOperator), e, &file)))
	require.Zero(t, file.Len())
	_, err = b.contacts.Exports(b.operator())
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	list, err := b.contacts.Exports(b.manager())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Nil(t, list[0].Written, "nothing has left")
}

// A link lasts five minutes.
func TestExportLinkEnds(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.contacts.BindExports(nil, secret.NewSigner(strings.Repeat("k", 32), "export"))
	e, token, err := b.contacts.CreateExport(b.operator(), contact.ExportRequest{Format: contact.ExportCSV})
	require.NoError(t, err)
	b.contacts.Later(contact.ExportLife - time.Minute)
	again, err := b.contacts.ExportByToken(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, e.ID, again.ID)
	b.contacts.Later(contact.ExportLife)
	_, err = b.contacts.ExportByToken(t.Context(), token)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
}

// 100,000 contacts leave in constant memory. Not beside other tests: the heap is theirs too.
func TestExportMany(t *testing.T) {
	b := newBook(t)
	const n = 60_000                                                                                                                          // a workbook of so many does not fit in what it holds
	_, err := b.db.Pool.Exec(t.Context(), "DROP INDEX contact_search, contact_values, contact_by_city, contact_by_first, contact_by_updated") // filled faster
	require.NoError(t, err)
	_, err = b.db.Pool.Exec(t.Context(), `INSERT INTO contact (site_id, id, number, kind, first_name, last_name, email, email_key, phone, note, n_last, n_first)
		SELECT $1, gen_random_uuid(), i, 'person', 'First ' || i, 'Last ' || i, i || '@example.com', i || '@example.com', '+4722' || 100000 + i % 900000, repeat('note ', 20), 'last ' || i, 'first ' || i
		FROM generate_series(1, $2::int) AS i`, b.of.ID, n)
	require.NoError(t, err)
	// A workbook holds its first 16 MB before it goes on in a file.
	for format, most := range map[contact.ExportFormat]int64{contact.ExportCSV: 8 << 20, contact.ExportVCard: 8 << 20, contact.ExportXLSX: 32 << 20} {
		e, _, err := b.contacts.CreateExport(b.operator(), contact.ExportRequest{Format: format})
		require.NoError(t, err)
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		to := &watcher{}
		require.NoError(t, b.contacts.WriteExport(b.operator(), e, to))
		require.Equal(t, n, *e.Written)
		require.Equal(t, to.bytes, *e.Bytes)
		require.Greater(t, to.bytes, int64(n*50))
		more := int64(to.peak) - int64(before.HeapAlloc)
		t.Logf("%s: %d MB, heap at most %d MB more", format, to.bytes>>20, more>>20)
		require.Less(t, more, most, "memory grows with the book")
	}
}

// watcher counts what is written and how large the heap is meanwhile.
type watcher struct {
	bytes, seen int64
	peak        uint64
}

func (w *watcher) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	if w.bytes-w.seen > 4<<20 {
		w.seen = w.bytes
		runtime.GC() // what is left is in use
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		w.peak = max(w.peak, now.HeapAlloc)
	}
	return len(p), nil
}
