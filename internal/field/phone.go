package field

import (
	"github.com/nyaruka/phonenumbers"

	"carnet/internal/fault"
)

// phone is a phone number, kept as E.164. Without a prefix it is one of the country given: the contact's where it has
// one, else the site's, as of a contact's own numbers.
type phone struct{ textual }

var _ Type = phone{}

func (phone) Name() string { return "phone" }

func (t phone) parse(_ *Definition, in Answer, country string) (Value, error) {
	s, err := t.read(in, MaxText)
	if err != nil || s == "" {
		return nil, err
	}
	n, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return nil, fault.Invalid(fault.InvalidPhone, []string{"text"}, "this is not a phone number of %s; begin with + and the country's prefix for another country", country)
	}
	return t.stored(phonenumbers.Format(n, phonenumbers.E164), nil)
}
