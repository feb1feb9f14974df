package contact

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/db/dbtest"
)

// parsed is what a reader gives for a text: "line: cells" or "line: error".
func parsed(t require.TestingT, src io.Reader, comma byte) (records [][]string, lines []int) {
	c := newCSVReader(src, comma)
	for {
		cells, line, err := c.read()
		var bad *badRecord
		switch {
		case errors.Is(err, io.EOF):
			return records, lines
		case errors.As(err, &bad):
			cells = []string{"!" + bad.Error()}
		default:
			require.NoError(t, err)
		}
		records, lines = append(records, cells), append(lines, line)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	unclosed, long := "!"+errUnclosed.Error(), "!"+errTooBig.Error()
	for name, c := range map[string]struct {
		text  string
		want  [][]string
		lines []int
	}{
		"plain":             {"a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}, []int{1, 2}},
		"no last break":     {"a,b\r\n1,2", [][]string{{"a", "b"}, {"1", "2"}}, []int{1, 2}},
		"empty cells":       {",\n,,\n", [][]string{{"", ""}, {"", "", ""}}, []int{1, 2}},
		"blank lines":       {"\n\r\na\n\n  \nb\n", [][]string{{"a"}, {"b"}}, []int{3, 6}},
		"quoted":            {`"a,""b""",c` + "\n", [][]string{{`a,"b"`, "c"}}, []int{1}},
		"over lines":        {"\"a\r\nb\",c\nd\n", [][]string{{"a\nb", "c"}, {"d"}}, []int{1, 3}},
		"bare marks":        {`a "b" c,d"` + "\n" + `"5" x 3",e` + "\n", [][]string{{`a "b" c`, `d"`}, {`5" x 3`, "e"}}, []int{1, 2}},
		"quoted at the end": {`a,"b"`, [][]string{{"a", "b"}}, []int{1}},
		"empty quoted":      {`"",""` + "\n", [][]string{{"", ""}}, []int{1}},
		"unclosed":          {"a,\"b\nc,d\ne,f\n", [][]string{{unclosed}, {"c", "d"}, {"e", "f"}}, []int{1, 2, 3}},
		"unclosed, quoted":  {"\"a,b\n\"c\",d\n", [][]string{{unclosed}, {"c", "d"}}, []int{1, 2}},
		"unclosed last":     {"a\nb,\"c", [][]string{{"a"}, {unclosed}}, []int{1, 2}},
		"one long line":     {"a\n" + strings.Repeat("x", maxRecord+1) + "\nb\n", [][]string{{"a"}, {long}, {"b"}}, []int{1, 2, 3}},
		"long unclosed":     {"\"a\n" + strings.Repeat(strings.Repeat("x", 1023)+"\n", maxRecord>>10), nil, nil},
	} {
		records, lines := parsed(t, strings.NewReader(c.text), ',')
		if c.want == nil {
			require.Equal(t, []string{unclosed}, records[0], name)
			require.Len(t, records, maxRecord>>10+1, name)
			continue
		}
		require.Equal(t, c.want, records, name)
		require.Equal(t, c.lines, lines, name)
		again, _ := parsed(t, iotest.OneByteReader(strings.NewReader(c.text[:min(len(c.text), 1000)])), ',')
		if len(c.text) < 1000 {
			require.Equal(t, c.want, again, name)
		}
	}
}

// What encoding/csv writes is read as it was.
func TestCSVRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching("[ab \",;\n\té]{0,8}")
		records := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 8).Draw(t, "records")
		comma := rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "comma")
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Comma, w.UseCRLF = comma, rapid.Bool().Draw(t, "crlf")
		for i := range records {
			records[i] = append(records[i], "end") // a record of blanks alone is a blank line
			require.NoError(t, w.Write(records[i]))
		}
		w.Flush()
		got, _ := parsed(t, &text, byte(comma))
		require.Equal(t, records, got)
	})
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want survey
	}{
		"ascii":         {"a,b\n", survey{coding: codingUTF8}},
		"utf-8":         {"Åse,é\n", survey{coding: codingUTF8}},
		"utf-8, broken": {"Åse,Ødegård,\xff\n", survey{coding: codingUTF8}},
		"mark":          {"\xEF\xBB\xBF\xff\xff\n", survey{coding: codingUTF8, bom: true}},
		"windows-1252":  {"\xC5se,\xD8deg\xE5rd \x80\n", survey{coding: codingWindows1252}},
		"utf-16":        {"\xFF\xFEa\x00\n\x00", survey{coding: codingUTF16, bom: true}},
		"macintosh":     {"a,b\rc,d\r", survey{coding: codingUTF8, onlyCR: true}},
		"cut letter":    {strings.Repeat("a", readSize-1) + "é\n", survey{coding: codingUTF8}},
	} {
		for _, src := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text)), iotest.DataErrReader(strings.NewReader(c.text))} {
			got, err := surveyFile(src)
			require.NoError(t, err, name)
			require.Equal(t, c.want, got, name)
		}
	}
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1987-04-30": "1987-04-30", "30.4.1987": "1987-04-30", "30/04/1987": "1987-04-30", "4/30/1987": "1987-04-30", "5/4/1987": "1987-04-05",
		"19870430": "1987-04-30", "1987-04-30 00:00:00": "1987-04-30", "30-04-1987": "1987-04-30", "31.02.1987": "", "soon": "", "": "",
	} {
		day, known, ok := parseDay(text, true)
		require.Equal(t, want != "", ok && known, text)
		if ok {
			require.Equal(t, want, day.Format(time.DateOnly), text)
		}
	}
	day, _, _ := parseDay("5/4/1987", false)
	require.Equal(t, "1987-05-04", day.Format(time.DateOnly))
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for full, want := range map[string][2]string{
		"Jean Du Pont": {"Jean", "Du Pont"}, "Ole Martin Hansen": {"Ole Martin", "Hansen"}, "Ødegård, Sofie": {"Sofie", "Ødegård"},
		"Madonna": {"", "Madonna"}, "Ludwig van der Berg": {"Ludwig", "van der Berg"}, "De Gaulle": {"De", "Gaulle"},
	} {
		first, last := splitName(full)
		require.Equal(t, want, [2]string{first, last}, full)
	}
}

func TestCountryCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"no": "NO", "UK": "GB", "Norvège": "NO", "Frankrike": "FR", "FRANCE": "FR", "Switzerland": "CH", "États-Unis": "US", "Storbritannia": "GB", "Atlantis": ""} {
		code, ok := countryCode(text)
		require.Equal(t, want, code, text)
		require.Equal(t, want != "", ok, text)
	}
}

// COPY writes every column of a contact but those that are null at first: one that is added must be added here.
func TestContactColumns(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var columns []string
	err := d.Pool.QueryRow(t.Context(), "SELECT array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns WHERE table_name = 'contact' AND table_schema = 'public'").Scan(&columns)
	require.NoError(t, err)
	require.ElementsMatch(t, columns, append([]string{"address_of", "deleted_at", "merged_into"}, contactColumns...))
	values, err := contactValues(&Record{})
	require.NoError(t, err)
	require.Len(t, values, len(contactColumns))
}
