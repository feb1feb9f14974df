package contact

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/field"
)

// attribute is one thing that is known of a contact, under the name that the API and the history
// give it. History, revert and merge all go by the one list of attributes: what stands there is
// shown, can be taken back and can be chosen in a merge.
type attribute struct {
	name  string
	read  func(*Record) any                        // as JSON gives it back: text, bool, nil, slices of them; "", nil or false = empty
	write func(c *Change, v json.RawMessage) error // puts a value that read gave into a change
	shown func(any) any                            // what the history may keep of it; nil: all
}

// attributes are all of them, in the order that a page shows them. The answers to custom fields,
// answers.<field id>, come beside them.
var attributes = []attribute{
	text("title", func(r *Record) *string { return &r.Title }, func(c *Change) **string { return &c.Title }),
	text("firstName", func(r *Record) *string { return &r.FirstName }, func(c *Change) **string { return &c.FirstName }),
	text("lastName", func(r *Record) *string { return &r.LastName }, func(c *Change) **string { return &c.LastName }),
	text("name", func(r *Record) *string { return &r.Name }, func(c *Change) **string { return &c.Name }),
	{name: "organizationKind", read: func(r *Record) any { return orEmpty(r.OrganizationKind) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(s string) { c.OrganizationKind = ptr(orNil(OrganizationKind(s))) })
	}},
	{name: "recognised", read: func(r *Record) any { return orNull(r.Recognised) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(b *bool) { c.Recognised = &b })
	}},
	day("birthDate", func(r *Record) *time.Time { return r.BirthDate }, func(c *Change) ***time.Time { return &c.BirthDate }),
	text("company", func(r *Record) *string { return &r.Company }, func(c *Change) **string { return &c.Company }),
	text("email", func(r *Record) *string { return &r.Email }, func(c *Change) **string { return &c.Email }),
	text("phone", func(r *Record) *string { return &r.Phone }, func(c *Change) **string { return &c.Phone }),
	text("mobile", func(r *Record) *string { return &r.Mobile }, func(c *Change) **string { return &c.Mobile }),
	text("fax", func(r *Record) *string { return &r.Fax }, func(c *Change) **string { return &c.Fax }),
	whole("otherEmails", func(r *Record) *[]Labelled { return &r.OtherEmails }, func(c *Change) **[]Labelled { return &c.OtherEmails }),
	whole("otherPhones", func(r *Record) *[]Labelled { return &r.OtherPhones }, func(c *Change) **[]Labelled { return &c.OtherPhones }),
	text("language", func(r *Record) *string { return &r.Language }, func(c *Change) **string { return &c.Language }),
	{name: "address.lines", read: func(r *Record) any { return r.AddressLines }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(s string) { c.Lines = ptr(strings.Split(s, "\n")) })
	}},
	text("address.postcode", func(r *Record) *string { return &r.Postcode }, func(c *Change) **string { return &c.Postcode }),
	text("address.city", func(r *Record) *string { return &r.City }, func(c *Change) **string { return &c.City }),
	text("address.country", func(r *Record) *string { return &r.Country }, func(c *Change) **string { return &c.Country }),
	text("address.subdivision", func(r *Record) *string { return &r.Subdivision }, func(c *Change) **string { return &c.Subdivision }),
	option("address.of", func(r *Record) *uuid.UUID { return r.AddressOf }, func(c *Change) ***uuid.UUID { return &c.AddressOf }),
	further("deliveryAddress", func(r *Record) *Address { return r.DeliveryAddress }, func(c *Change) **AddressChange { return &c.Delivery }),
	further("billingAddress", func(r *Record) *Address { return r.BillingAddress }, func(c *Change) **AddressChange { return &c.Billing }),
	whole("types", func(r *Record) *[]OperationalType { return &r.Types }, func(c *Change) **[]OperationalType { return &c.Types }),
	option("function", func(r *Record) *uuid.UUID { return r.FunctionID }, func(c *Change) ***uuid.UUID { return &c.FunctionID }),
	option("nature", func(r *Record) *uuid.UUID { return r.NatureID }, func(c *Change) ***uuid.UUID { return &c.NatureID }),
	day("validUntil", func(r *Record) *time.Time { return r.ValidUntil }, func(c *Change) ***time.Time { return &c.ValidUntil }),
	text("administrativeNumber", func(r *Record) *string { return &r.AdministrativeNumber }, func(c *Change) **string { return &c.AdministrativeNumber }),
	{
		name: "iban", read: func(r *Record) any { return r.IBAN },
		write: func(c *Change, v json.RawMessage) error { return value(v, func(s string) { c.IBAN = &s }) },
		shown: func(v any) any { return maskedIBAN(v.(string)) }, // whole it is for managers only, and history is for everybody
	},
	flag("ambassador", func(r *Record) bool { return r.Ambassador }, func(c *Change) **bool { return &c.Ambassador }),
	{name: "preferredMeans", read: func(r *Record) any { return orEmpty(r.PreferredMeans) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(s string) { c.PreferredMeans = ptr(orNil(Means(s))) })
	}},
	flag("onlyPreferredMeans", func(r *Record) bool { return r.OnlyPreferredMeans }, func(c *Change) **bool { return &c.OnlyPreferredMeans }),
	flag("doNotContact", func(r *Record) bool { return r.DoNotContact }, func(c *Change) **bool { return &c.DoNotContact }),
	whole("seats", func(r *Record) *[]Seat { return &r.Seats }, func(c *Change) **[]Seat { return &c.Seats }),
	text("color", func(r *Record) *string { return &r.Color }, func(c *Change) **string { return &c.Color }),
	text("note", func(r *Record) *string { return &r.Note }, func(c *Change) **string { return &c.Note }),
	flag("listed", func(r *Record) bool { return r.Listed }, func(c *Change) **bool { return &c.Listed }),
}

// text is an attribute whose value is a text, empty when unknown.
func text(name string, of func(*Record) *string, in func(*Change) **string) attribute {
	return attribute{name: name, read: func(r *Record) any { return *of(r) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(s string) { *in(c) = &s })
	}}
}

// flag is an attribute that holds or not.
func flag(name string, of func(*Record) bool, in func(*Change) **bool) attribute {
	return attribute{name: name, read: func(r *Record) any { return of(r) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(b bool) { *in(c) = &b })
	}}
}

// whole is an attribute that is a list, written as a whole.
func whole[T any](name string, of func(*Record) *[]T, in func(*Change) **[]T) attribute {
	return attribute{name: name, read: func(r *Record) any { return *of(r) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(list []T) { *in(c) = &list })
	}}
}

// further is an address beside the main one; null when there is none.
func further(name string, of func(*Record) *Address, in func(*Change) **AddressChange) attribute {
	return attribute{name: name, read: func(r *Record) any { return of(r) }, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(a *Address) {
			change := ClearAddress()
			if a != nil {
				change = AddressChange{Lines: &a.Lines, Postcode: &a.Postcode, City: &a.City, Country: &a.Country, Subdivision: &a.Subdivision}
			}
			*in(c) = &change
		})
	}}
}

// option is an attribute picked from a list of the site's own, read as the option's id, "" for none.
// The history calls it by its name (nameOptions).
func option(name string, of func(*Record) *uuid.UUID, in func(*Change) ***uuid.UUID) attribute {
	return attribute{name: name, read: func(r *Record) any {
		if id := of(r); id != nil {
			return id.String()
		}
		return ""
	}, write: func(c *Change, v json.RawMessage) error {
		return value(v, func(s string) {
			id, _ := uuid.Parse(s) // the program wrote it
			*in(c) = ptr(orNil(id))
		})
	}}
}

// day is an attribute whose value is a calendar day, read as 2006-01-02 and as "" when unknown.
func day(name string, of func(*Record) *time.Time, in func(*Change) ***time.Time) attribute {
	return attribute{name: name, read: func(r *Record) any {
		if t := of(r); t != nil {
			return t.Format(time.DateOnly)
		}
		return ""
	}, write: func(c *Change, v json.RawMessage) error {
		var problem error
		err := value(v, func(s string) {
			var at *time.Time
			if s != "" {
				var t time.Time
				t, problem = time.Parse(time.DateOnly, s)
				at = &t
			}
			*in(c) = &at
		})
		if err == nil && problem != nil {
			err = fault.Wrap(problem, "day of an attribute")
		}
		return err
	}}
}

// value decodes v, null being the zero value, and hands it on.
func value[T any](v json.RawMessage, use func(T)) error {
	var to T
	if len(v) > 0 {
		if err := json.Unmarshal(v, &to); err != nil {
			return fault.Wrap(err, "value of an attribute")
		}
	}
	use(to)
	return nil
}

func ptr[T any](v T) *T { return &v }

// orNil gives nil for the zero value.
func orNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// orEmpty gives the text behind p, "" for nil.
func orEmpty[T ~string](p *T) string {
	if p == nil {
		return ""
	}
	return string(*p)
}

// orNull gives the value behind p, and nil itself rather than a nil pointer.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// empty tells whether an attribute's value says nothing.
func empty(v any) bool {
	return v == nil || reflect.ValueOf(v).IsZero() || reflect.ValueOf(v).Kind() == reflect.Slice && reflect.ValueOf(v).Len() == 0
}

// attributeNamed finds an attribute by its name.
func attributeNamed(name string) (attribute, bool) {
	for _, a := range attributes {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

// answerPrefix begins the names of answers: answers.<field id>.
const answerPrefix = "answers."

// diff gives what differs between two states of a record.
func diff(before, after *Record) Changes {
	changes := Changes{}
	before.complete()
	after.complete()
	for _, a := range attributes {
		if was, is := a.read(before), a.read(after); !reflect.DeepEqual(was, is) {
			if a.shown != nil {
				was, is = a.shown(was), a.shown(is)
			}
			changes[a.name] = Delta{Before: was, After: is}
		}
	}
	for id, is := range after.Answers {
		if was := before.Answers[id]; !sameJSON(was, is) {
			changes[answerPrefix+id] = Delta{Before: rawOrNil(was), After: is}
		}
	}
	for id, was := range before.Answers {
		if _, stays := after.Answers[id]; !stays {
			changes[answerPrefix+id] = Delta{Before: was, After: nil}
		}
	}
	return changes
}

// put writes the value of an attribute or answer, as read or stored, into the change. false: there is
// no such attribute.
func (c *Change) put(name string, v json.RawMessage) (known bool, err error) {
	if id, is := strings.CutPrefix(name, answerPrefix); is {
		if c.stored == nil {
			c.stored = field.Answers{}
		}
		if string(v) == "null" {
			v = nil
		}
		c.stored[id] = v
		return true, nil
	}
	a, known := attributeNamed(name)
	if !known {
		return false, nil
	}
	return true, a.write(c, v)
}
