package field

import (
	"regexp"
	"strings"

	"carnet/internal/fault"
)

// url is the address of a page, http or https and nothing else: what staff click must not be a script. Without a
// scheme it is https. Scheme and host are kept in small letters.
type url struct{ textual }

var _ Type = url{}

func (url) Name() string { return "url" }

// Both patterns stand in widgets/kit/field/url.ts too. A host has a dot, so that a word alone is no address.
var (
	anyScheme   = regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]*:`)
	pageAddress = regexp.MustCompile(`(?i)^(https?://(?:[^\x00- \x7f-\xa0./?#@:\[\]\\<>"%]+\.)+[^\x00- \x7f-\xa0./?#@:\[\]\\<>"%]+(?::\d{1,5})?)((?:[/?#][^\x00- \x7f-\xa0<>"\\]*)?)$`)
)

func (t url) parse(_ *Definition, in Answer, _ string) (Value, error) {
	s, err := t.read(in, MaxText)
	if err != nil || s == "" {
		return nil, err
	}
	if !anyScheme.MatchString(s) {
		s = "https://" + s
	}
	parts := pageAddress.FindStringSubmatch(s)
	if parts == nil {
		return nil, fault.Invalid(fault.InvalidURL, []string{"text"}, "give the address of a page, as https://example.org")
	}
	return t.stored(strings.ToLower(parts[1])+parts[2], nil)
}
