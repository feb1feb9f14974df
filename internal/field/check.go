package field

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// normalize trims and checks a definition. before are the choices it had: their ids may be kept.
func (d *Definition) normalize(before []Choice) error {
	var list fault.List
	add := func(reason string, path []string, format string, args ...any) {
		list = append(list, fault.Invalid(reason, path, format, args...))
	}
	d.Label, d.Help = strings.TrimSpace(d.Label), strings.TrimSpace(d.Help)
	d.LabelKey = fold.Text(d.Label)
	checkText(add, d.Label, 500, true, "label")
	checkText(add, d.Help, 2000, false, "help")
	checkTranslations(add, d.Translations, "translations")
	t, ok := typeOf(d.Type)
	if !ok {
		add(fault.InvalidValue, []string{"type"}, "the types are %s", strings.ToUpper(strings.Join(names(), ", ")))
		return list.Err()
	}
	if d.Translations == nil {
		d.Translations = Translations{}
	}
	if d.Choices == nil {
		d.Choices = []Choice{}
	}
	if d.ShowIf == nil {
		d.ShowIf = []Condition{}
	}
	for i := range d.Choices {
		d.Choices[i].Label = strings.TrimSpace(d.Choices[i].Label)
	}
	t.define(d, before, add)
	return list.Err()
}

type addFault func(reason string, path []string, format string, args ...any)

func checkText(add addFault, text string, limit int, required bool, path ...string) {
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		add(fault.InvalidText, path, "this text is not valid UTF-8")
	case required && text == "":
		add(fault.Required, path, "give a text")
	case utf8.RuneCountInString(text) > limit:
		add(fault.TooLong, path, "at most %d characters; this has %d", limit, utf8.RuneCountInString(text))
	}
}

func checkTranslations(add addFault, tr Translations, path ...string) {
	for language, texts := range tr {
		known := false
		for _, l := range site.Languages {
			known = known || l == language
		}
		if !known {
			add(fault.InvalidValue, append(path, language), "the languages are en, fr and nb")
		}
		checkText(add, texts.Label, 500, false, append(path, language, "label")...)
		checkText(add, texts.Help, 2000, false, append(path, language, "help")...)
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
