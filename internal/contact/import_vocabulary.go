package contact

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// vocabulary knows what columns mean and which values they can hold: the formats' own names, and what
// the site has of its own.
type vocabulary struct {
	fields      []*field.Definition
	sets        []*LabelSet              // with their labels
	labels      map[uuid.UUID]*offered   // of these sets
	purposes    []*ConsentPurpose        // those that consent can be recorded for
	options     map[OptionList][]*Option // functions and natures that are offered
	optionNames map[string]string        // by id, archived ones too
	byHeader    map[string]column        // what is the site's own, by its headers
	dayFirst    bool                     // of dates with slashes
	byNumber    bool                     // whether rows are matched by contact number
	actor       site.Actor               // whose rights decide what may be written
	groups      map[string]*Group        // there when the import began, by folded name
}

// readVocabulary reads what an import needs to know of a site.
func readVocabulary(ctx context.Context, q bun.IDB, of site.Site, a site.Actor) (*vocabulary, error) {
	v := &vocabulary{optionNames: map[string]string{"": ""}, labels: map[uuid.UUID]*offered{}, options: map[OptionList][]*Option{}, byHeader: map[string]column{}, groups: map[string]*Group{},
		dayFirst: of.Country != "US", actor: a}
	var err error
	if v.fields, err = field.All(ctx, q, of.ID, false); err != nil {
		return nil, err
	}
	if v.purposes, err = PurposesOf(ctx, q, of.ID); err != nil {
		return nil, err
	}
	v.purposes = slices.DeleteFunc(v.purposes, func(p *ConsentPurpose) bool { return p.ArchivedAt != nil })
	if err := q.NewSelect().Model(&v.sets).Where("site_id = ? AND archived_at IS NULL", of.ID).Order("position", "id").Scan(ctx); err != nil {
		return nil, db.MapError(err, "read label sets")
	}
	if err := withLabels(ctx, q, of.ID, v.sets, false); err != nil {
		return nil, err
	}
	for _, set := range v.sets {
		for _, l := range set.Labels {
			v.labels[l.ID] = &offered{Label: *l, Kinds: set.Kinds, Exclusive: set.Exclusive, SetPlace: set.Position}
			v.labels[l.ID].SetName = set.Name
		}
	}
	all, err := options(ctx, q, of.ID, "", true)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		v.optionNames[o.ID.String()] = o.Name
		if o.ArchivedAt == nil {
			v.options[o.List] = append(v.options[o.List], o)
		}
	}
	var groups []*Group
	if err := q.NewSelect().Model(&groups).Where("site_id = ?", of.ID).Scan(ctx); err != nil {
		return nil, db.MapError(err, "read groups")
	}
	for _, g := range groups {
		v.groups[g.NameKey] = g
	}
	v.learnHeaders()
	return v, nil
}

// learnHeaders notes what is the site's own by the headers that an export gives it. Of two with the
// same name the first wins: labels of fields, their translations, label sets, consent.
func (v *vocabulary) learnHeaders() {
	learn := func(header string, c column) {
		if key := headerKey(header); key != "" {
			if _, taken := v.byHeader[key]; !taken {
				v.byHeader[key] = c
			}
		}
	}
	for _, def := range v.fields {
		learnField(learn, def, def.Label)
	}
	for _, def := range v.fields {
		for _, text := range def.Translations {
			learnField(learn, def, text.Label)
		}
	}
	for _, set := range v.sets {
		for _, header := range append(labelsColumn(set).labels(), set.Name) {
			learn(header, column{to: toLabels, set: set})
		}
	}
	for _, p := range v.purposes {
		yes, date := consentColumns(p)
		for _, header := range yes.labels() {
			learn(header, column{to: toConsent, purpose: p})
		}
		for _, header := range date.labels() {
			learn(header, column{to: toConsentDate, purpose: p})
		}
	}
}

// learnField notes what a field's column may be called: by its label, or by that and the words by which
// an export tells it from an attribute of the same name.
func learnField(learn func(string, column), def *field.Definition, label string) {
	if headerKey(label) == "" {
		return
	}
	learn(label, column{to: toAnswer, field: def})
	for _, suffix := range questionSuffix {
		learn(label+suffix, column{to: toAnswer, field: def})
	}
}

// headerKey is a column's name as compared: folded, letters and digits only.
func headerKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, fold.Text(name))
}

// column says what a column means. The formats' own names go before the site's own of the same name.
func (v *vocabulary) column(format Format, header string) column {
	key := headerKey(header)
	c, ok := column{}, false
	switch format {
	case FormatGoogle:
		c, ok = googleColumn(key)
	case FormatOutlook:
		c, ok = outlookColumn(key)
	}
	if !ok {
		c, ok = plainColumn(key)
	}
	if own, known := v.byHeader[key]; !ok && known {
		c = own
	}
	if c.to == toConsent || c.to == toConsentDate {
		if c.purpose == nil {
			c.purpose = v.contactPurpose()
		}
	}
	c.header = header
	return c
}

// contactPurpose gives the purpose "contact", which every site has.
func (v *vocabulary) contactPurpose() *ConsentPurpose {
	for _, p := range v.purposes {
		if p.BuiltIn() {
			return p
		}
	}
	return nil // only its header is read
}

// nameIn gives a purpose's name in a language.
func (p *ConsentPurpose) nameIn(language string) string {
	var texts map[string]struct{ Name string }
	if json.Unmarshal(p.Translations, &texts) == nil && texts[language].Name != "" {
		return texts[language].Name
	}
	return p.Name
}

// optionNamed finds an option of a list by its name in any language.
func (v *vocabulary) optionNamed(list OptionList, name string) *Option {
	key := fold.Text(name)
	for _, o := range v.options[list] {
		if o.NameKey == key {
			return o
		}
		for _, t := range o.Translations {
			if t.Name != "" && fold.Text(t.Name) == key {
				return o
			}
		}
	}
	return nil
}

// nameOptions gives the options of changes by their names, as nameOptions does with a query.
func (v *vocabulary) nameOptions(changes Changes) {
	for attribute := range optionAttributes {
		if delta, moved := changes[attribute]; moved {
			was, _ := delta.Before.(string)
			is, _ := delta.After.(string)
			changes[attribute] = Delta{Before: v.optionNames[was], After: v.optionNames[is]}
		}
	}
}

// labelNamed finds a label of a set by its name.
func (v *vocabulary) labelNamed(set *LabelSet, name string) *offered {
	key := fold.Text(name)
	for _, l := range set.Labels {
		if l.NameKey == key {
			return v.labels[l.ID]
		}
	}
	return nil
}

// detectFormat finds the format by the header, or checks the one asked for.
func detectFormat(asked Format, header []string) (Format, error) {
	google, outlook := false, false
	for _, name := range header {
		key := headerKey(name)
		if plainNames[key] == toID && (asked == FormatAuto || asked == "") {
			return FormatPlain, nil // our own export, whatever else its columns are called
		}
		if _, ok := googleColumn(key); ok {
			google = true
		}
		if _, ok := outlookColumn(key); ok {
			outlook = true
		}
	}
	switch asked {
	case FormatPlain, FormatOutlook: // Outlook has plain names too; a file may have only those
		return asked, nil
	case FormatGoogle:
		if !google {
			return "", unreadable(fileNotGoogle)
		}
		return asked, nil
	case FormatAuto, "":
		if google {
			return FormatGoogle, nil
		}
		if outlook {
			return FormatOutlook, nil
		}
		return FormatPlain, nil
	}
	return "", fault.Invalid(fault.InvalidValue, []string{"format"}, "the formats are AUTO, GOOGLE, OUTLOOK and PLAIN")
}
