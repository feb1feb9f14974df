package site

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"carnet/internal/fault"
)

// WidgetText is the site's own wording of a text of its widgets.
type WidgetText struct {
	Language string `json:"language"`
	Name     string `json:"name"`
	Text     string `json:"text"` // {site} stands for the site's name in intros
}

// widgetTexts are the texts that a site may word itself, and how many characters each may have.
var widgetTexts = map[string]int{
	"login.title": 80, "login.intro": 300, "login.submit": 40,
	"registration.title": 80, "registration.intro": 300, "registration.submit": 40,
	"preferences.title": 80, "preferences.intro": 300,
}

// TextsIn gives the site's own wordings in a language by name.
func (s Site) TextsIn(language string) map[string]string {
	out := map[string]string{}
	for _, one := range s.WidgetTexts {
		if one.Language == language {
			out[one.Name] = one.Text
		}
	}
	return out
}

// checkTexts trims the wordings and refuses what is no wording. Empty ones are dropped: the widgets' own holds.
func checkTexts(texts []WidgetText) (kept []WidgetText, list fault.List) {
	kept = []WidgetText{}
	seen := map[[2]string]bool{}
	for i, one := range texts {
		add := func(reason, part, message string, args ...any) {
			list = append(list, fault.Invalid(reason, []string{"widgetTexts", strconv.Itoa(i), part}, message, args...))
		}
		one.Text = strings.TrimSpace(one.Text)
		longest, known := widgetTexts[one.Name]
		key := [2]string{one.Language, one.Name}
		switch {
		case !slices.Contains(Languages, one.Language):
			add(fault.InvalidValue, "language", "the languages are en, fr and nb")
		case !known:
			add(fault.Unknown, "name", "the widgets have no text %q that a site can word itself", one.Name)
		case seen[key]:
			add(fault.Duplicate, "name", "%s is there twice in this language", one.Name)
		case utf8.RuneCountInString(one.Text) > longest:
			add(fault.TooLong, "text", "this text has at most %d characters", longest)
		case strings.ContainsFunc(one.Text, unicode.IsControl):
			add(fault.InvalidText, "text", "a text is one line without control characters")
		case one.Text != "":
			kept = append(kept, one)
		}
		seen[key] = true
	}
	return kept, list
}
