package privacy

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Format is how a file about a person reads.
type Format string

// The formats: as the person gets it; a zip of tables, one a section; a page in the person's language.
const (
	JSON Format = "json"
	CSV  Format = "csv"
	HTML Format = "html"
)

// File is all that is held about a contact, to be written once.
type File struct {
	Name, ContentType string
	Write             func(ctx context.Context, to io.Writer) error
}

// Cell makes a text harmless as a cell of a CSV file.
func Cell(text string) string { return contact.Harmless(text) }

// FileOf gives all that is held about a contact for staff to hand over (GDPR art. 15): what the person gets in their account, what is left out there, and of
// people without one the same. Needs a manager.
// BadInput for an unknown format; NotFound.
func (s *Service) FileOf(ctx context.Context, contactID uuid.UUID, format Format) (*File, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := new(contact.Record)
	err = s.db.Bun.NewSelect().Model(row).Column("id", "number", "language", "merged_into").Where("site_id = ? AND id = ?", a.SiteID, contactID).Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "contact", "read contact")
	}
	if row.MergedInto != nil {
		contactID = *row.MergedInto
	}
	of, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return nil, err
	}
	language := site.NearestLanguage(row.Language, of.Language)
	name := fmt.Sprintf("%s-%d-data", of.PublicID, row.Number)
	write := func(make func(io.Writer) sink) func(context.Context, io.Writer) error {
		return func(ctx context.Context, to io.Writer) error {
			return s.write(ctx, a.SiteID, contactID, language, false, make(to))
		}
	}
	switch format {
	case JSON:
		return &File{name + ".json", "application/json", write(func(to io.Writer) sink { return newFile(to, false) })}, nil
	case CSV:
		return &File{name + ".zip", "application/zip", write(func(to io.Writer) sink { return &zipped{to: zip.NewWriter(to)} })}, nil
	case HTML:
		return &File{name + ".html", "text/html; charset=utf-8", write(func(to io.Writer) sink { return newReadable(to, language, of.Location()) })}, nil
	}
	return nil, fault.New(fault.BadInput, "format is json, csv or html")
}

// pair is a value of an item, by the names that lead to it.
type pair struct {
	Path []string
	Text string
}

// flatten gives the values of an item in its own order.
func flatten(item any) ([]pair, error) {
	b, err := json.Marshal(item)
	if err != nil {
		return nil, fault.Wrap(err, "write what is held")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return flattenNext(d, nil, nil)
}

func flattenNext(d *json.Decoder, path []string, out []pair) ([]pair, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fault.Wrap(err, "read what is held")
	}
	switch v := token.(type) {
	case json.Delim:
		for n := 0; d.More(); n++ {
			name := strconv.Itoa(n + 1)
			if v == '{' {
				key, err := d.Token()
				if err != nil {
					return nil, fault.Wrap(err, "read what is held")
				}
				name = fmt.Sprint(key)
			}
			if out, err = flattenNext(d, append(path[:len(path):len(path)], name), out); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return out, fault.Wrap(err, "read what is held")
	case nil:
		return out, nil
	default:
		return append(out, pair{path, fmt.Sprint(v)}), nil
	}
}

// zipped writes a CSV file a section: the item's number, what it is, the value.
type zipped struct {
	to      *zip.Writer
	at      time.Time
	section string
	csv     *csv.Writer
	n       int
}

func (z *zipped) begin(_ string, at time.Time) { z.at = at }

func (z *zipped) give(section string, item any) error {
	if section != z.section {
		if err := z.flush(); err != nil {
			return err
		}
		w, err := z.to.CreateHeader(&zip.FileHeader{Name: section + ".csv", Method: zip.Deflate, Modified: z.at})
		if err != nil {
			return fault.Wrap(err, "write export")
		}
		z.section, z.csv, z.n = section, csv.NewWriter(w), 0
		if err := z.csv.Write([]string{"item", "what", "value"}); err != nil {
			return fault.Wrap(err, "write export")
		}
	}
	z.n++
	pairs, err := flatten(item)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if err := z.csv.Write([]string{strconv.Itoa(z.n), strings.Join(p.Path, "."), Cell(p.Text)}); err != nil {
			return fault.Wrap(err, "write export")
		}
	}
	return nil
}

func (z *zipped) flush() error {
	if z.csv == nil {
		return nil
	}
	z.csv.Flush()
	return fault.Wrap(z.csv.Error(), "write export")
}

func (z *zipped) end() error {
	if err := z.flush(); err != nil {
		return err
	}
	return fault.Wrap(z.to.Close(), "write export")
}

//go:embed template
var templates embed.FS

// words are what a page says in a language.
type words struct {
	Title    string            `json:"title"`
	Made     string            `json:"made"`
	Sections map[string]string `json:"sections"`
	Names    map[string]string `json:"names"`
}

var page = template.Must(template.ParseFS(templates, "template/page.html"))

// readable writes a page that a person reads.
type readable struct {
	to       *bufio.Writer
	language string
	zone     *time.Location // the site's
	words    words
	section  string
	err      error
}

func newReadable(to io.Writer, language string, zone *time.Location) *readable {
	r := &readable{to: bufio.NewWriterSize(to, 32<<10), language: language, zone: zone}
	b, err := templates.ReadFile("template/" + language + ".json")
	if err == nil {
		err = json.Unmarshal(b, &r.words)
	}
	r.err = err
	return r
}

func (r *readable) part(name string, with any) {
	if r.err == nil {
		r.err = page.ExecuteTemplate(r.to, name, with)
	}
}

func (r *readable) begin(siteName string, at time.Time) {
	r.part("begin", map[string]string{"Language": r.language, "Title": strings.ReplaceAll(r.words.Title, "{site}", siteName), "Made": strings.ReplaceAll(r.words.Made, "{day}", r.moment(at))})
}

func (r *readable) give(section string, item any) error {
	if section != r.section {
		if r.section != "" {
			r.part("sectionEnd", nil)
		}
		r.section = section
		r.part("section", r.called(r.words.Sections, section))
	}
	pairs, err := flatten(item)
	if err != nil {
		return err
	}
	if section == "answers" {
		pairs = r.answered(pairs)
	}
	rows := make([][2]string, len(pairs))
	for i, p := range pairs {
		names := make([]string, len(p.Path))
		for j, one := range p.Path {
			names[j] = r.called(r.words.Names, one)
		}
		rows[i] = [2]string{strings.Join(names, " › "), r.value(p)}
	}
	r.part("item", rows)
	return fault.Wrap(r.err, "write export")
}

// answered leaves of an answer what people read, and remembers what its question is called: the history names it by its id.
func (r *readable) answered(pairs []pair) []pair {
	at := map[string]string{}
	for _, p := range pairs {
		at[p.Path[0]] = p.Text
	}
	r.words.Names[at["fieldId"]] = at["field"]
	return slices.DeleteFunc(pairs, func(p pair) bool {
		return p.Path[0] == "fieldId" || p.Path[0] == "value" && at["display"] != ""
	})
}

// called gives a word for a name. One that has none is told by its parts, or taken apart at its capitals.
func (r *readable) called(list map[string]string, name string) string {
	if word := list[name]; word != "" {
		return word
	}
	if first, rest, found := strings.Cut(name, "."); found {
		return r.called(list, first) + " › " + r.called(list, rest)
	}
	var out strings.Builder
	for i, c := range name {
		switch {
		case i == 0:
			out.WriteRune(unicode.ToUpper(c))
		case unicode.IsUpper(c):
			out.WriteRune(' ')
			out.WriteRune(unicode.ToLower(c))
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}

// value writes moments shortly, and stable words as people read them.
func (r *readable) value(p pair) string {
	if at, err := time.Parse(time.RFC3339Nano, p.Text); err == nil {
		return r.moment(at)
	}
	if word := r.words.Names["="+p.Text]; word != "" {
		return word
	}
	return p.Text
}

func (r *readable) moment(at time.Time) string { return at.In(r.zone).Format("2006-01-02 15:04 MST") }

func (r *readable) end() error {
	if r.section != "" {
		r.part("sectionEnd", nil)
	}
	r.part("end", nil)
	if r.err == nil {
		r.err = r.to.Flush()
	}
	return fault.Wrap(r.err, "write export")
}
