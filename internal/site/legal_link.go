package site

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"carnet/internal/fault"
)

// LegalLink leads from the registration to what people should know before they agree: a privacy policy, terms. The wording of a consent is text, and
// kept as it was shown; an address may change without it.
type LegalLink struct {
	Language string `json:"language"`
	Label    string `json:"label"`
	URL      string `json:"url"` // https
}

// maxLegalLinks is how many a site has in each language.
const maxLegalLinks = 4

// LegalLinksIn gives the links in a language; where there are none, those in the site's own.
func (s Site) LegalLinksIn(language string) []LegalLink {
	of := func(language string) []LegalLink {
		return slices.DeleteFunc(slices.Clone(s.LegalLinks), func(one LegalLink) bool { return one.Language != language })
	}
	if out := of(language); len(out) > 0 {
		return out
	}
	return of(s.Language)
}

// checkLegalLinks trims the links and refuses what is none. Empty ones are dropped.
func checkLegalLinks(links []LegalLink) (kept []LegalLink, list fault.List) {
	kept = []LegalLink{}
	count := map[string]int{}
	for i, one := range links {
		add := func(reason, part, message string, args ...any) {
			list = append(list, fault.Invalid(reason, []string{"legalLinks", strconv.Itoa(i), part}, message, args...))
		}
		one.Label, one.URL = strings.TrimSpace(one.Label), strings.TrimSpace(one.URL)
		if one.Label == "" && one.URL == "" {
			continue
		}
		if !slices.Contains(Languages, one.Language) {
			add(fault.InvalidValue, "language", "the languages are en, fr and nb")
		}
		switch {
		case one.Label == "":
			add(fault.Required, "label", "say what the link shows")
		case utf8.RuneCountInString(one.Label) > 60:
			add(fault.TooLong, "label", "a link's text has at most 60 characters")
		case strings.ContainsFunc(one.Label, unicode.IsControl):
			add(fault.InvalidText, "label", "a text is one line without control characters")
		}
		switch to, err := url.Parse(one.URL); {
		case one.URL == "":
			add(fault.Required, "url", "give the page's address")
		case err != nil || to.Scheme != "https" || to.Host == "" || to.User != nil || len(one.URL) > 500:
			add(fault.InvalidURL, "url", "give the page's https address, for example https://example.org/privacy")
		}
		if count[one.Language]++; count[one.Language] > maxLegalLinks {
			add(fault.TooLong, "label", "a site has at most %d links in each language", maxLegalLinks)
		}
		kept = append(kept, one)
	}
	return kept, list
}
