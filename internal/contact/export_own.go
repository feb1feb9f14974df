package contact

import (
	"strconv"
	"strings"
	"time"

	"carnet/internal/fault"
	"carnet/internal/field"
)

// questionSuffix tells a custom field from an attribute of the same name; an import knows all three.
var questionSuffix = map[string]string{"en": " (custom field)", "fr": " (champ personnalisé)", "nb": " (egendefinert felt)"}

// answerColumn is the column of a custom field. A field whose label another column has already, or
// that an import would take for something else, says that it is a custom field.
func answerColumn(def *field.Definition, taken map[string]bool) exportColumn {
	label := func(language string) string {
		label := def.LabelIn(language)
		key := headerKey(label)
		if taken[key] || key == "" || knownHeader(key) {
			label += questionSuffix[language]
		}
		return label
	}
	id := def.ID.String()
	return exportColumn{"answers." + id, label("en"), label("fr"), label("nb"), func(x *exported) string {
		v, ok := x.Answers[id]
		if !ok {
			return ""
		}
		return answerCellOf(def, v, x.words)
	}}
}

// answerCellOf writes an answer as an import reads it.
func answerCellOf(def *field.Definition, v field.Value, words exportWords) string {
	shown := field.Show([]*field.Definition{def}, field.Answers{def.ID.String(): v}, "")[0]
	switch {
	case shown.YesNo() != nil:
		return words.yesNo(shown.YesNo())
	case shown.Checked() != nil:
		return words.yesNo(shown.Checked())
	case shown.Number() != nil:
		return field.FormatNumber(*shown.Number())
	case shown.Date() != nil:
		return *shown.Date()
	case shown.Text() != nil:
		return *shown.Text()
	}
	picked := shown.Choices()
	labels := make([]string, len(picked))
	for i, c := range picked {
		labels[i] = c.Label
	}
	if len(labels) == 1 { // which an import looks for as it is
		return labels[0]
	}
	return listCell(labels)
}

// knownHeader tells whether an import would take a column of this name for something of its own.
func knownHeader(key string) bool {
	for _, known := range []func(string) (column, bool){googleColumn, outlookColumn, plainColumn} {
		if _, ok := known(key); ok {
			return true
		}
	}
	return false
}

// allColumns gives every column that the site has: the attributes, label sets, consents, custom fields.
func allColumns(defs []*field.Definition, sets []*LabelSet, purposes []*ConsentPurpose) []exportColumn {
	all := append([]exportColumn(nil), exportColumns...)
	for _, set := range sets {
		all = append(all, labelsColumn(set))
	}
	for _, p := range purposes {
		yes, date := consentColumns(p)
		all = append(all, yes, date)
	}
	taken := map[string]bool{}
	for _, def := range defs {
		c := answerColumn(def, taken)
		for _, label := range []string{c.en, c.fr, c.nb} {
			taken[headerKey(label)] = true
		}
		all = append(all, c)
	}
	return all
}

// pickColumns gives the columns asked for in their own order; all when none is named.
func pickColumns(all []exportColumn, names []string) ([]exportColumn, error) {
	if len(names) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for i, name := range names {
		known := false
		for _, c := range all {
			known = known || c.name == name
		}
		if !known {
			return nil, fault.Invalid(fault.Unknown, []string{"columns", strconv.Itoa(i)}, "there is no column %q; exportColumns lists them", name)
		}
		wanted[name] = true
	}
	picked := make([]exportColumn, 0, len(wanted))
	for _, c := range all {
		if wanted[c.name] {
			picked = append(picked, c)
		}
	}
	return picked, nil
}

// labelsColumn is the column of a label set.
func labelsColumn(set *LabelSet) exportColumn {
	return exportColumn{labelsPrefix + set.ID.String(), "Labels: " + set.Name, "Étiquettes : " + set.Name, "Etiketter: " + set.Name, func(x *exported) string {
		var list []string
		for _, l := range x.labels {
			if l.SetID == set.ID {
				list = append(list, l.Name)
			}
		}
		return listCell(list)
	}}
}

// consentColumns are the columns of a purpose: whether, and on which channels, there is consent; and
// since when.
func consentColumns(p *ConsentPurpose) (yes, date exportColumn) {
	yes = exportColumn{consentPrefix + p.Code, "Consent: " + p.nameIn("en"), "Consentement : " + p.nameIn("fr"), "Samtykke: " + p.nameIn("nb"), func(x *exported) string {
		return x.consentCell(p)
	}}
	date = exportColumn{consentDatePrefix + p.Code, "Consent date: " + p.nameIn("en"), "Date du consentement : " + p.nameIn("fr"), "Samtykkedato: " + p.nameIn("nb"), func(x *exported) string {
		var last time.Time
		for _, channel := range channels {
			if c := x.consents[consentKey{x.ID, p.ID, channel}]; c != nil && c.State == ConsentGiven && c.Since.After(last) {
				last = c.Since
			}
		}
		if last.IsZero() {
			return ""
		}
		return last.In(x.zone).Format(time.DateOnly)
	}}
	return yes, date
}

// consentCell says yes for all channels, no for none that was given, else which.
func (x *exported) consentCell(p *ConsentPurpose) string {
	var given []string
	withdrawn := false
	for _, channel := range channels {
		c := x.consents[consentKey{x.ID, p.ID, channel}]
		switch {
		case c == nil:
		case c.State == ConsentGiven:
			given = append(given, x.words.channels[channel])
		default:
			withdrawn = true
		}
	}
	switch {
	case len(given) == len(channels):
		return x.words.yes
	case len(given) > 0:
		return strings.Join(given, "; ")
	case withdrawn:
		return x.words.no
	}
	return ""
}

// labels gives the column's name in every language.
func (c exportColumn) labels() []string { return []string{c.en, c.fr, c.nb} }
