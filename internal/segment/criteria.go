package segment

import (
	"time"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

// MaxAge is the greatest age that a rule can ask for, in years.
const MaxAge = 150

// AgeLeaf compares the age in whole years on the site's day, both ends included. Whoever has no date of
// birth has no age.
type AgeLeaf struct {
	From *int `json:"from,omitempty"`
	To   *int `json:"to,omitempty"`
}

func (c *ruleCheck) age(l *AgeLeaf, path []string) {
	if l.From == nil && l.To == nil {
		c.add(fault.Required, append(path, "from"), "give from, to, or both")
	}
	for _, end := range []struct {
		name  string
		years *int
	}{{"from", l.From}, {"to", l.To}} {
		if end.years != nil && (*end.years < 0 || *end.years > MaxAge) {
			c.add(fault.InvalidValue, append(path, end.name), "give 0 to %d years", MaxAge)
		}
	}
	if l.From != nil && l.To != nil && *l.From > *l.To {
		c.add(fault.InvalidValue, append(path, "to"), "the range ends before it begins")
	}
}

// criteria compiles the leaves of the advanced search that ask who somebody is; false for other leaves.
func (c *compiler) criteria(r Rule) (contact.Condition, bool) {
	switch {
	case r.Number != nil:
		return contact.Condition{SQL: "contact.number = ?", Args: []any{*r.Number}}, true
	case r.Name != nil:
		return contact.Named(*r.Name, c.site), true
	case r.Email != nil:
		return contact.Mailed(*r.Email), true
	case r.Phone != nil:
		return contact.Phoned(*r.Phone, c.site.Country), true
	case r.Age != nil:
		return c.age(r.Age), true
	case r.Birthday != nil:
		return c.birthday(r.Birthday), true
	case r.Postcode != nil:
		return c.postcode(r.Postcode), true
	case r.Account != nil:
		return account(*r.Account), true
	}
	return contact.Condition{}, false
}

// account asks for an account, whether it may sign in or not; the status USER asks for one that may.
func account(has bool) contact.Condition {
	sql := "EXISTS (SELECT 1 FROM account a WHERE a.site_id = contact.site_id AND a.contact_id = contact.id)"
	if !has {
		sql = "NOT " + sql
	}
	return contact.Condition{SQL: sql}
}

// age counts back from the site's day, so that a watch follows birthdays at its midnight.
func (c *compiler) age(l *AgeLeaf) contact.Condition {
	var tests []contact.Condition
	day := c.today.Format(time.DateOnly)
	if l.From != nil {
		tests = append(tests, contact.Condition{SQL: "coalesce(contact.birth_date <= ?::date - make_interval(years => ?), FALSE)", Args: []any{day, *l.From}})
	}
	if l.To != nil {
		tests = append(tests, contact.Condition{SQL: "coalesce(contact.birth_date > ?::date - make_interval(years => ?), FALSE)", Args: []any{day, *l.To + 1}})
	}
	return contact.And(tests...)
}
