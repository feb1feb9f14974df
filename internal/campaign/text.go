package campaign

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
	"carnet/internal/sms"
)

const (
	maxSubject = 200
	maxBody    = 50_000
)

// Text is what a campaign says in one language. Both may hold merge fields: {{first_name}}, or {{first_name|friend}} with what
// stands there for those of whom it is not known. The body is Markdown.
type Text struct {
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

// The merge fields that every site has. A custom field is field.<its label>.
var mergeFields = []string{"title", "first_name", "last_name", "name", "company", "email", "city", "number", "language", "site"}

// The merge fields of the offer that a campaign tells of. The price is the one that each person pays.
var offerFields = []string{"offer.name", "offer.type", "offer.product", "offer.price", "offer.until"}

const ofField = "field."

// vocabulary is what a text may name.
type vocabulary struct {
	fields []*field.Definition
	offer  bool // whether there is an offer to tell of
}

// merge is a merge field in a text: its name and, after a bar, what stands for an empty value.
var merge = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

func parseMerge(inner string) (name, otherwise string) {
	name, otherwise, _ = strings.Cut(inner, "|")
	name = strings.TrimSpace(name)
	if label, own := strings.CutPrefix(name, ofField); own {
		name = ofField + fold.Text(label)
	}
	return name, strings.TrimSpace(otherwise)
}

// checkTexts refuses texts that cannot be sent, each fault at its place.
func checkTexts(v *checker, by channel, texts map[string]Text, words vocabulary) {
	if len(texts) == 0 {
		v.add(fault.Required, []string{"texts"}, "write the text in at least one language")
	}
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		t := texts[language]
		path := func(part string) []string { return []string{"texts", language, part} }
		by.check(v, t, path)
		if !slices.Contains(site.Languages, language) {
			v.add(fault.Unknown, []string{"texts", language}, "a text is in one of %s", strings.Join(site.Languages, ", "))
			continue
		}
		for _, part := range []struct {
			name, text string
			most       int
		}{{"subject", t.Subject, maxSubject}, {"body", t.Body, maxBody}} {
			switch {
			case part.name == "body" && strings.TrimSpace(part.text) == "":
				v.add(fault.Required, path(part.name), "write the %s", part.name)
			case utf8.RuneCountInString(part.text) > part.most:
				v.add(fault.TooLong, path(part.name), "the %s has at most %d characters", part.name, part.most)
			case !utf8.ValidString(part.text) || strings.ContainsRune(part.text, 0):
				v.add(fault.InvalidValue, path(part.name), "the %s holds characters that cannot be sent", part.name)
			}
			for _, found := range merge.FindAllStringSubmatchIndex(part.text, -1) {
				name, _ := parseMerge(part.text[found[2]:found[3]])
				line := 1 + strings.Count(part.text[:found[0]], "\n")
				switch {
				case slices.Contains(offerFields, name):
					if !words.offer {
						v.add(fault.NoOffer, path(part.name), "line %d: {{%s}} is of an offer; choose the one that the campaign tells of", line, name)
					}
				case !words.know(name):
					v.add(fault.UnknownMerge, path(part.name), "line %d: there is no merge field {{%s}}; there are %s, %s and the site's own as {{field.Label}}",
						line, name, strings.Join(mergeFields, ", "), strings.Join(offerFields, ", "))
				}
			}
			if rest := merge.ReplaceAllString(part.text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
				v.add(fault.BrokenMerge, path(part.name), "a merge field begins with {{ and ends with }}; one of the two is missing")
			}
		}
	}
}

func needSubject(v *checker, t Text, path func(string) []string) {
	if strings.TrimSpace(t.Subject) == "" {
		v.add(fault.Required, path("subject"), "write the subject")
	}
}

// tooLong refuses a text above a number of characters.
func tooLong(v *checker, text string, most int, path []string, what string) {
	if utf8.RuneCountInString(text) > most {
		v.add(fault.TooLong, path, "the %s has at most %d characters", what, most)
	}
}

// know tells whether there is such a merge field of a person.
func (w vocabulary) know(name string) bool {
	label, own := strings.CutPrefix(name, ofField)
	if !own {
		return slices.Contains(mergeFields, name)
	}
	return slices.ContainsFunc(w.fields, func(f *field.Definition) bool { return f.LabelKey == label })
}

// missing gives the languages in which there is no text.
func missing(texts map[string]Text) []string {
	out := []string{}
	for _, language := range site.Languages {
		if _, has := texts[language]; !has {
			out = append(out, language)
		}
	}
	return out
}

// MissingLanguages gives the languages in which there is no text: who speaks one of them gets another.
func (c *Campaign) MissingLanguages() []string { return missing(c.Texts) }

// Message is a campaign as one person gets it.
type Message struct {
	Sender  *Sender // of a preview; nil while the site cannot send by the channel
	Subject string
	Text    string
	HTML    string
	Length  *sms.Length // of a text message
}

// Sender is who a message is from, as its recipient sees it.
type Sender struct {
	Name    string // empty of a text message
	Address string // of a text message the number or name that it comes from; empty in an inbox
	Service bool   // whether the address is a messaging service: people see one of its numbers
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Linkify)) // raw HTML is left out

// template is a text made ready once for many people.
type template struct {
	language string
	subject  string
	body     string // Markdown
	html     string
}

func newTemplate(language string, t Text, asMarkdown bool) (template, error) {
	if !asMarkdown {
		return template{language: language, subject: t.Subject, body: t.Body}, nil
	}
	// A merge field must go through Markdown untouched, and its value must not be read as Markdown: a stand-in of letters and digits.
	var inner []string
	held := merge.ReplaceAllStringFunc(t.Body, func(found string) string {
		inner = append(inner, found)
		return standIn(len(inner) - 1)
	})
	var out bytes.Buffer
	if err := markdown.Convert([]byte(held), &out); err != nil {
		return template{}, fmt.Errorf("read the text as Markdown: %w", err)
	}
	page := out.String()
	for i, found := range inner {
		page = strings.ReplaceAll(page, standIn(i), found)
	}
	return template{language: language, subject: t.Subject, body: t.Body, html: page}, nil
}

func standIn(i int) string { return "carnetfield" + strconv.Itoa(i) + "x" }

// fill puts a person's values in. A value is one line: a name with line breaks cannot begin a header of its own.
func (t *template) fill(values map[string]string) Message {
	put := func(text string, escape func(string) string) string {
		return merge.ReplaceAllStringFunc(text, func(found string) string {
			name, otherwise := parseMerge(found[2 : len(found)-2])
			value := oneLine(values[name])
			if value == "" {
				value = otherwise
			}
			return escape(value)
		})
	}
	plain := func(s string) string { return s }
	return Message{Subject: oneLine(put(t.subject, plain)), Text: put(t.body, plain), HTML: put(t.html, html.EscapeString)}
}

// oneLine drops what could end a line, or turn its direction.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}), " ")
}

// cut shortens a text that has grown beyond its limit by what was filled in.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
