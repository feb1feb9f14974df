package segment

import (
	"regexp"
	"strings"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

// PostcodeLeaf finds the postcodes of one country that lie in a range, both ends included; either end may be absent.
//
// Codes are compared as plainCode writes them. A code is at most To when its beginning, as long as To, is; it is at
// least From when it comes no earlier in the order of characters, digits before letters. So among codes of the
// same number of digits, as in most countries, the order is that of numbers: 0001 to 1299 is Oslo. A shorter end
// stands for all that begin so: 75 to 77 holds 75001 and 77999, and SW1 to SW3 holds SW3 4XY.
type PostcodeLeaf struct {
	Country string  `json:"country"` // ISO 3166, two capitals
	From    *string `json:"from,omitempty"`
	To      *string `json:"to,omitempty"`
}

var countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)

// plainCode writes a postcode for comparing: ASCII digits and capitals alone.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, code)
}

// plainCodeSQL is plainCode of a contact's postcode.
const plainCodeSQL = `(upper(regexp_replace(contact.postcode, '[^0-9A-Za-z]', '', 'g')) COLLATE "C")`

func (c *ruleCheck) postcode(l *PostcodeLeaf, path []string) {
	if !countryPattern.MatchString(l.Country) {
		c.add(fault.InvalidValue, append(path, "country"), "give an ISO 3166 code of two capital letters, for example NO")
	}
	if l.From == nil && l.To == nil {
		c.add(fault.Required, append(path, "from"), "give from, to, or both")
	}
	for _, end := range []struct {
		name string
		code *string
	}{{"from", l.From}, {"to", l.To}} {
		if end.code != nil && (plainCode(*end.code) == "" || len(*end.code) > 20) {
			c.add(fault.InvalidValue, append(path, end.name), "give a postcode or its beginning, at most 20 characters")
		}
	}
	if l.From != nil && l.To != nil {
		if from, to := plainCode(*l.From), plainCode(*l.To); from[:min(len(from), len(to))] > to {
			c.add(fault.InvalidValue, append(path, "to"), "the range ends before it begins")
		}
	}
}

// holds tells whether a plain code of the country lies in the range.
func (l *PostcodeLeaf) holds(code string) bool {
	if code == "" || l.From != nil && code < plainCode(*l.From) {
		return false
	}
	if l.To == nil {
		return true
	}
	to := plainCode(*l.To)
	return code[:min(len(code), len(to))] <= to
}

// postcode is the SQL of holds.
func (c *compiler) postcode(l *PostcodeLeaf) contact.Condition {
	tests := []contact.Condition{{SQL: "contact.country = ? AND " + plainCodeSQL + " <> ''", Args: []any{l.Country}}}
	if l.From != nil {
		tests = append(tests, contact.Condition{SQL: plainCodeSQL + " >= ?", Args: []any{plainCode(*l.From)}})
	}
	if l.To != nil {
		to := plainCode(*l.To)
		tests = append(tests, contact.Condition{SQL: "left(" + plainCodeSQL + ", ?) <= ?", Args: []any{len(to), to}})
	}
	return contact.And(tests...)
}
