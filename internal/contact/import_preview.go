package contact

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

const (
	// previewRows is how many rows a preview reads.
	previewRows = 100_000
	// previewSamples is how many values of a column it shows, and previewUnknown how many unknown ones.
	previewSamples = 4
	previewUnknown = 100
)

// ImportPreview is what a file looks like before it is imported.
type ImportPreview struct {
	FileName   string
	FileType   FileType
	Format     Format
	Columns    []*PreviewColumn // none of a file of cards
	Targets    []*ImportTarget  // what a column can be mapped to
	Remembered bool             // the targets and values are those of the last file with this header
	Values     []*ValueMapping  // that were remembered, or given
	Rows       int              // read
	Complete   bool             // the whole file was read
}

// PreviewColumn is a column of the file.
type PreviewColumn struct {
	Column  int // from 0
	Header  string
	Samples []string
	Target  string // proposed, or as the mapping says; "" = not read
	Problem string // why nothing is proposed, when there is a reason
	Unknown []*UnknownValue
	Choices []*ValueChoice // what values can be read as; none when the column holds any text
	unknown map[string]*UnknownValue
}

// UnknownValue is a value that the site does not know.
type UnknownValue struct {
	Value    string
	Rows     int
	Proposal string // what it may have been meant to be, a value of the column's choices; "" = no idea
}

// ValueChoice is what a value can be read as.
type ValueChoice struct {
	Value string // as a value mapping takes it
	Label string
}

// PreviewImport reads a file without writing anything: its columns with samples and what each may be,
// and the values of lists that the site does not know. Without a mapping the remembered one is proposed,
// else what the columns' names say. Needs an operator.
func (s *Service) PreviewImport(ctx context.Context, uploadID uuid.UUID, format Format, m *Mapping) (p ImportPreview, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return p, err
	}
	file, err := s.uploadByID(ctx, a.SiteID, uploadID)
	if err != nil {
		return p, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return p, err
	}
	known, err := readVocabulary(ctx, s.db.Bun, of, a)
	if err != nil {
		return p, err
	}
	opened, err := openFile(func() io.Reader { return s.openUpload(ctx, file) }, format, known)
	if err != nil {
		return p, err
	}
	p = ImportPreview{FileName: file.Name, FileType: opened.kind, Format: opened.format, Columns: []*PreviewColumn{}, Values: []*ValueMapping{}}
	p.Targets = known.targets(exportLanguage("", a, of))
	if opened.sheet != nil {
		err = s.previewSheet(ctx, a.SiteID, &p, opened.sheet, known, m, exportLanguage("", a, of))
	} else {
		err = p.readRows(ctx, func() error {
			_, _, err := opened.next()
			return err
		})
	}
	return p, errors.Join(err, opened.close())
}

func (s *Service) previewSheet(ctx context.Context, siteID uuid.UUID, p *ImportPreview, sh *sheet, known *vocabulary, m *Mapping, in string) error {
	if m == nil {
		before, err := s.remembered(ctx, siteID, sh.columns, known)
		if err != nil {
			return err
		}
		m, p.Remembered = before, before != nil
	}
	proposed := slices.Clone(sh.columns)
	p.propose(proposed)
	if m != nil {
		if err := sh.remap(*m, known); err != nil && !p.Remembered {
			return err
		} else if err == nil {
			for i, c := range sh.columns {
				p.Columns[i].Target, p.Columns[i].Problem = c.nameOf(), ""
			}
			for i := range m.Values {
				p.Values = append(p.Values, &m.Values[i])
			}
		}
	}
	for i, c := range sh.columns {
		if p.Columns[i].Target != "" {
			p.Columns[i].Choices = known.choices(c, in)
		}
	}
	return p.readRows(ctx, func() error {
		cells, _, err := sh.read()
		for i := range min(len(cells), len(sh.columns)) {
			p.Columns[i].see(sh, known, cells[i])
		}
		return err
	})
}

// propose takes each column for what its name says, and one thing for one column only.
func (p *ImportPreview) propose(columns []column) {
	taken := map[string]bool{}
	for i, c := range columns {
		one := &PreviewColumn{Column: i, Header: c.header, Target: c.nameOf(), Samples: []string{}, Unknown: []*UnknownValue{}, Choices: []*ValueChoice{}, unknown: map[string]*UnknownValue{}}
		if one.Target != "" && single(c) {
			if taken[one.Target] {
				one.Target, one.Problem = "", "another column means the same"
			}
			taken[c.nameOf()] = true
		}
		p.Columns = append(p.Columns, one)
	}
}

// readRows has next read row by row, until the file ends or there are enough. A row that cannot be read counts too.
func (p *ImportPreview) readRows(ctx context.Context, next func() error) error {
	for p.Rows < previewRows {
		err := next()
		var bad *badRecord
		switch {
		case errors.Is(err, io.EOF):
			p.Complete = true
			return nil
		case err != nil && !errors.As(err, &bad):
			return fault.Wrap(err, "read row")
		}
		p.Rows++
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// see takes a cell into account.
func (one *PreviewColumn) see(sh *sheet, known *vocabulary, text string) {
	c := sh.columns[one.Column]
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	if sh.csv {
		text = harmed(text)
	}
	if sample := strings.ToValidUTF8(cut(text, 80), "\uFFFD"); len(one.Samples) < previewSamples && !slices.Contains(one.Samples, sample) {
		one.Samples = append(one.Samples, sample)
	}
	if len(one.Choices) == 0 {
		return
	}
	if sh.values != nil {
		if text = sh.values.of(one.Column, c, text); text == "" {
			return
		}
	}
	for _, value := range known.unknown(c, strings.Join(strings.Fields(text), " ")) {
		key := fold.Text(value)
		if u := one.unknown[key]; u != nil {
			u.Rows++
			continue
		}
		if len(one.Unknown) == previewUnknown {
			return
		}
		u := &UnknownValue{Value: strings.ToValidUTF8(cut(value, 200), "\uFFFD"), Rows: 1, Proposal: nearest(one.Choices, value)}
		one.unknown[key] = u
		one.Unknown = append(one.Unknown, u)
	}
}

func cut(text string, most int) string {
	if runes := []rune(text[:min(len(text), 4*most)]); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// unknown gives what of a value the site does not know.
func (v *vocabulary) unknown(c column, text string) []string {
	is := func(ok bool) []string {
		if ok {
			return nil
		}
		return []string{text}
	}
	_, yesNo := yesNoOf(text)
	switch c.to {
	case toCountry:
		_, ok := countryCode(text)
		return is(ok)
	case toKind:
		_, ok := kindOf(text)
		return is(ok)
	case toOrganizationKind:
		_, ok := organizationKinds[headerKey(text)]
		return is(ok)
	case toLanguage:
		_, err := language.Parse(languageTag(text))
		return is(err == nil)
	case toRecognised, toAmbassador:
		return is(yesNo)
	case toConsent:
		_, ok := channelsOf(text)
		return is(yesNo || ok)
	case toFunction:
		return is(v.optionNamed(Functions, text) != nil)
	case toNature:
		return is(v.optionNamed(Natures, text) != nil)
	case toGroups:
		return without(groupNames(text), func(name string) bool { return v.groups[groupKey(name)] != nil })
	case toLabels:
		return without(listOf(text), func(name string) bool { return v.labelNamed(c.set, name) != nil })
	case toTypes:
		return without(listOf(text), func(name string) bool { _, ok := operationalTypes[headerKey(name)]; return ok })
	case toAnswer:
		switch c.field.Type {
		case "yes_no", "checkbox":
			return is(yesNo)
		case "number":
			_, ok := field.ReadNumber(text)
			return is(ok)
		case "date":
			_, known, ok := parseDay(text, v.dayFirst)
			return is(known && ok)
		case "country":
			_, ok := countryCode(text)
			return is(ok)
		case "dropdown":
		default: // texts, of which a run tells what is wrong
			return nil
		}
		if _, whole := choiceOf(c.field, text); whole {
			return nil
		}
		return without(listOf(text), func(name string) bool { _, ok := choiceOf(c.field, name); return ok })
	}
	return nil
}

func without(list []string, known func(string) bool) []string { return slices.DeleteFunc(list, known) }

// choices gives what the values of a column can be read as, in a language.
func (v *vocabulary) choices(c column, in string) []*ValueChoice {
	words := exportLanguages[site.NearestLanguage(in, "en")]
	var out []*ValueChoice
	add := func(value, label string) { out = append(out, &ValueChoice{value, label}) }
	yesNo := func() { add("yes", words.yes); add("no", words.no) }
	switch c.to {
	case toCountry:
		out = countryChoices(in)
	case toLanguage:
		out = languageChoices(in)
	case toKind:
		for _, k := range []Kind{KindPerson, KindOrganization} {
			add(string(k), words.kinds[k])
		}
	case toOrganizationKind:
		for _, k := range []OrganizationKind{School, Association, PublicService, Club, Company} {
			add(exportLanguages["en"].organizationKinds[k], words.organizationKinds[k])
		}
	case toRecognised, toAmbassador, toConsent:
		yesNo()
	case toTypes:
		for _, t := range OperationalTypes {
			add(string(t), words.types[t])
		}
	case toFunction, toNature:
		list := Functions
		if c.to == toNature {
			list = Natures
		}
		for _, o := range v.options[list] {
			add(o.Name, (&exported{exportKnowledge: exportKnowledge{language: in, options: map[uuid.UUID]*Option{o.ID: o}}}).option(&o.ID))
		}
	case toGroups:
		for _, g := range v.groups {
			add(g.Name, g.Name)
		}
		slices.SortFunc(out, func(a, b *ValueChoice) int { return strings.Compare(fold.Text(a.Label), fold.Text(b.Label)) })
		if out == nil { // there may be none yet; what is unknown is told all the same
			out = []*ValueChoice{{"", "–"}}
		}
	case toLabels:
		for _, l := range c.set.Labels {
			add(l.Name, l.Name)
		}
	case toAnswer:
		switch c.field.Type {
		case "dropdown":
			for _, choice := range c.field.Choices {
				add(choice.Label, choice.LabelIn(in))
			}
		case "country":
			out = countryChoices(in)
		case "yes_no", "checkbox":
			yesNo()
		}
	}
	return out
}

// nearest gives the choice that a value may have been meant to be: one that begins so, or that a few
// slips of typing make of it.
func nearest(choices []*ValueChoice, value string) string {
	key, best, least := fold.Text(value), "", 0
	for _, c := range choices {
		for _, name := range []string{c.Label, c.Value} {
			other := fold.Text(name)
			if other == "" {
				continue
			}
			d := distance(key, other)
			if strings.HasPrefix(other, key) && len(key) > 2 || strings.HasPrefix(key, other) && len(other) > 2 {
				d = 1
			}
			if d <= max(1, len(key)/4) && (best == "" || d < least) {
				best, least = c.Value, d
			}
		}
	}
	return best
}

// distance counts the slips of typing between two texts (Levenshtein).
func distance(a, b string) int {
	if len(a) > 60 || len(b) > 60 {
		return 60
	}
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		before := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := before
			if r != s {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(y)]
}
