package contact_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

// workbook makes an XLSX of rows.
func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, cells := range rows {
		require.NoError(t, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells))
	}
	file, err := book.WriteToBuffer()
	require.NoError(t, err)
	return file.Bytes()
}

// A workbook reads like a CSV: by its content, whatever its name; days and numbers as they were typed.
func TestImportXLSX(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.dropdown("Sport", nil, "Chess", "Curling")
	born := time.Date(1987, 4, 30, 0, 0, 0, 0, time.UTC)
	file := workbook(t, []any{"First name", "Last name", "E-mail", "Phone", "Birth date", "Sport", "Note"},
		[]any{"Åse", "Bjørklund", "ase@example.com", 22123456, born, "Chess", "two\nlines"},
		[]any{},
		[]any{"Bo", "Berg", "", "", "1990-01-02", "Golf", "'=kept"})
	run, rows := b.importedBy(b.manager(), file)
	require.Equal(t, contact.FileXLSX, run.FileType)
	require.Equal(t, []int{1, 1}, []int{run.Created, run.Refused})
	ase := b.all()[0]
	require.Equal(t, []string{"Åse", "Bjørklund", "+4722123456", "1987-04-30", "two\nlines"}, []string{ase.FirstName, ase.LastName, ase.Phone, ase.BirthDate.Format(time.DateOnly), ase.Note})
	require.Equal(t, 4, rows[1].Line, "the row of the sheet")
	require.Contains(t, rows[1].Message, "Golf")
	run, _ = b.importedBy(b.manager(), file)
	require.Equal(t, 1, run.Unchanged)
}

// vCards 2.1, 3.0 and 4.0: folded and quoted-printable lines, several numbers, groups, pictures.
func TestImportVCard(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	run, rows := b.importedBy(b.manager(), b.fixture("cards.vcf"))
	require.Equal(t, []any{contact.FileVCard, contact.FormatVCard}, []any{run.FileType, run.Format})
	require.Equal(t, []int{4, 1}, []int{run.Created, run.Refused})
	all := b.all()
	ase, jean, old, club := all[0], all[1], all[2], all[3]
	require.Equal(t, []string{"Fru", "Åse Marie", "Bjørklund", "ase@example.com", "+4741234567", "+4722123456", "Storgata 1\nOppgang B", "0155", "Oslo", "NO", "1987-04-30", "nb", "Fjord; Foss"},
		[]string{ase.Title, ase.FirstName, ase.LastName, ase.Email, ase.Mobile, ase.Phone, ase.AddressLines, ase.Postcode, ase.City, ase.Country, ase.BirthDate.Format(time.DateOnly), ase.Language, ase.Company})
	require.Equal(t, "Sings alto, plays the flute; and more", ase.Note)
	require.Equal(t, []contact.Labelled{{Value: "ase@work.example"}}, ase.OtherEmails)
	require.Equal(t, []string{"Chess, club", "Choir"}, b.groupsOf(ase))
	require.Equal(t, []string{"Jean", "Dupont", "FR"}, []string{jean.FirstName, jean.LastName, jean.Country})
	require.Equal(t, []string{"Zoé", "Lefèvre", "12, rue de l'Église", "+33353011234"}, []string{old.FirstName, old.LastName, old.AddressLines, old.Phone})
	require.Equal(t, []string{"organization", "Sjakklubben"}, []string{string(club.Kind), club.Name})
	require.Contains(t, rows[4].Message, "does not end")
	run, _ = b.importedBy(b.manager(), b.fixture("cards.vcf"))
	require.Equal(t, []int{4, 1}, []int{run.Unchanged, run.Refused})
}

// Workbook and cards of our own come back without changing anything.
func TestExportedFilesComeBack(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.full()
	before := b.all()
	for _, format := range []contact.ExportFormat{contact.ExportXLSX, contact.ExportVCard} {
		_, rows := b.importedBy(b.manager(), b.exported(contact.ExportRequest{Format: format, Language: "en"}))
		require.Len(t, rows, len(before))
		for _, row := range rows {
			require.Equal(t, contact.VerdictUnchanged, row.Verdict, "%s, line %d: %s", format, row.Line, row.Message)
		}
	}
}

// What cannot be read is refused at once, with the reason, and nothing is lost.
func TestImportRefusesFiles(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.imported("First name\nAnna\n")
	before := b.all()
	for name, c := range map[string]struct {
		file   []byte
		reason string
	}{
		"NULs":                     {make([]byte, 1<<20), "NUL bytes"},
		"NULs behind a header":     {append([]byte("First name,Last name\n"), make([]byte, 1<<20)...), "NUL bytes"},
		"ten thousand columns":     {[]byte("First name" + strings.Repeat(",x", 10_000) + "\nAnna\n"), "at most 500 columns"},
		"a bomb":                   {bomb(t, "xl/worksheets/sheet1.xml", 700<<20), "once unpacked"},
		"a bomb in its styles":     {bomb(t, "xl/styles.xml", 20<<20), "once unpacked"},
		"an archive":               {bomb(t, "photos/1.jpg", 10), "no Excel workbook"},
		"half an archive":          {bomb(t, "xl/workbook.xml", 10)[:40], "damaged"},
		"a workbook with no sheet": {bomb(t, "xl/other.xml", 10), ""},
	} {
		run, err := b.contacts.ImportReader(b.manager(), "contacts.csv", bytes.NewReader(c.file), contact.ImportOrder{}, nil)
		if c.reason == "" {
			continue // whatever it says: it ends
		}
		list, ok := fault.Mendable(err)
		require.True(t, ok, "%s: %v, %+v", name, err, run)
		require.Contains(t, list[0].Message, c.reason, name)
	}
	require.Equal(t, before, b.all())
}

// bomb makes an archive of a workbook one part of which is large and packs to nothing.
func bomb(t *testing.T, part string, size int) []byte {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for name, size := range map[string]int{"xl/workbook.xml": 10, part: size} {
		if part == "photos/1.jpg" && name != part {
			continue
		}
		w, err := archive.Create(name)
		require.NoError(t, err)
		chunk := make([]byte, 1<<20)
		for left := size; left > 0; left -= len(chunk) {
			_, err := w.Write(chunk[:min(left, len(chunk))])
			require.NoError(t, err)
		}
	}
	require.NoError(t, archive.Close())
	return file.Bytes()
}
