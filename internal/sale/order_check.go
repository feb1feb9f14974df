package sale

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"carnet/internal/fault"
	"carnet/internal/site"
)

var channelPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// methods of payments.
var methods = []Method{Cash, Card, Transfer, Credit, Other}

// check holds a report to what needs no look at the database, fills in what may be left out, and gives every mistake at once.
func (in *RecordOrder) check(a site.Actor, of site.Site) error {
	v := checker{}
	v.key(in.IdempotencyKey)
	v.text(in.Reference, 200, "reference")
	v.text(in.Checkout, 200, "checkout")
	if in.Channel == "" {
		in.Channel = "shop"
		if a.Kind == site.KindStaff {
			in.Channel = "counter"
		}
	}
	if !channelPattern.MatchString(in.Channel) {
		v.add(fault.InvalidValue, []string{"channel"}, "a channel is a word of small letters, digits and underscores, such as shop or phone")
	}
	if in.Currency != "" && in.Currency != of.Currency {
		v.add(ReasonOtherCurrency, []string{"currency"}, "this site sells in %s", of.Currency)
	}
	if in.Checkout == "" {
		v.party(in.Buyer, "buyer")
	} else if !in.Buyer.isEmpty() {
		v.add(fault.InvalidValue, []string{"buyer"}, "the checkout tells who buys; leave one of the two out")
	}
	if in.Checkout != "" && in.Identified {
		v.add(fault.InvalidValue, []string{"identified"}, "the checkout tells whether its buyer was signed in; leave one of the two out")
	}
	if in.Payer != nil {
		v.party(*in.Payer, "payer")
	}
	v.lines(in.Lines)
	for i, p := range in.Payments {
		v.payment(p, "payments", strconv.Itoa(i))
	}
	if len(in.Payments) > 10 {
		v.add(fault.TooLong, []string{"payments"}, "an order comes with at most 10 payments")
	}
	return v.list.Err()
}

// checker gathers what is to be mended.
type checker struct{ list fault.List }

func (v *checker) add(reason string, path []string, format string, args ...any) {
	v.list = append(v.list, fault.Invalid(reason, path, format, args...))
}

func (v *checker) text(s string, most int, path ...string) {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		v.add(fault.InvalidText, path, "this text is not valid UTF-8")
	case utf8.RuneCountInString(s) > most:
		v.add(fault.TooLong, path, "at most %d characters", most)
	}
}

func (v *checker) key(key string) {
	v.text(key, 200, "idempotencyKey")
	if key == "" {
		v.add(fault.Required, []string{"idempotencyKey"}, "give a key of your own: the same key again never sells twice")
	}
}

func (v *checker) party(p Party, path ...string) {
	switch {
	case p.isEmpty():
		v.add(fault.Required, path, "say who: a contact's id, or the person")
	case p.ContactID != nil && p.Person != nil:
		v.add(fault.InvalidValue, path, "give the contact's id or the person, not both")
	case p.Person != nil:
		if err := fault.Under(site.CheckEmail(strings.TrimSpace(p.Person.Email), "email"), append(path, "person")...); p.Person.Email != "" && err != nil {
			more, _ := fault.Mendable(err)
			v.list = append(v.list, more...)
		}
	}
}

func (v *checker) lines(lines []OrderedLine) {
	if len(lines) == 0 || len(lines) > MaxLines {
		v.add(fault.InvalidValue, []string{"lines"}, "an order has 1 to %d lines; this has %d", MaxLines, len(lines))
		return
	}
	units := 0
	for i, l := range lines {
		path := func(name string) []string { return []string{"lines", strconv.Itoa(i), name} }
		if l.Quantity < 1 || l.Quantity > MaxUnits {
			v.add(fault.InvalidNumber, path("quantity"), "a quantity lies between 1 and %d", MaxUnits)
		} else {
			units += l.Quantity
		}
		if l.UnitPrice != nil && (*l.UnitPrice < 0 || *l.UnitPrice > MaxMoney) {
			v.add(fault.InvalidNumber, path("unitPrice"), "a price lies between 0 and %d, in minor units", MaxMoney)
		}
		v.seats(l, path)
		if l.Attendee != nil {
			v.party(*l.Attendee, path("attendee")...)
		}
	}
	if units > MaxUnits {
		v.add(fault.TooLong, []string{"lines"}, "an order holds at most %d tickets and the like, all lines together; this has %d", MaxUnits, units)
	}
}

func (v *checker) payment(p OrderPayment, path ...string) {
	at := func(name string) []string { return append(slices.Clone(path), name) }
	if p.Amount <= 0 || p.Amount > MaxTotal {
		v.add(fault.InvalidNumber, at("amount"), "an amount lies between 1 and %d, in minor units", MaxTotal)
	}
	if !slices.Contains(methods, p.Method) {
		v.add(fault.InvalidValue, at("method"), "a payment came by %s", joined(methods))
	}
	v.text(p.Reference, 200, at("reference")...)
}

// joined names values for people.
func joined[T ~string](values []T) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return fmt.Sprintf("%s or %s", strings.Join(out[:len(out)-1], ", "), out[len(out)-1])
}
