// Package segment holds stored rules over the book and tells live who enters and leaves.
//
// A rule has one grammar: the JSON that Parse reads, which is the API's ContactFilter. It compiles
// to SQL (compile.go). Watches (watch.go) follow the change feed and keep the members of the rules
// that somebody subscribes to.
package segment

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// Limits of a rule.
const (
	MaxDepth  = 8
	MaxLeaves = 200
	maxValue  = 200 // characters of a text compared
	maxChoice = 20  // choices compared in one leaf
)

// Rule is a node: exactly one entry is set. A rule covers the contacts that are listed and not in the trash.
type Rule struct {
	All      *[]Rule       `json:"all,omitempty"`
	Any      *[]Rule       `json:"any,omitempty"`
	Not      *Rule         `json:"not,omitempty"`
	Kind     *string       `json:"kind,omitempty"`   // PERSON, ORGANIZATION
	Status   *string       `json:"status,omitempty"` // USER, PROSPECT, CUSTOMER, SUBSCRIBER, ATTENDEE, ORGANIZER
	Group    *uuid.UUID    `json:"group,omitempty"`
	Label    *uuid.UUID    `json:"label,omitempty"`
	LabelSet *LabelSetLeaf `json:"labelSet,omitempty"`
	Color    *string       `json:"color,omitempty"` // #rrggbb; empty = without a colour
	Text     *TextLeaf     `json:"text,omitempty"`
	Date     *DateLeaf     `json:"date,omitempty"`
	Field    *FieldLeaf    `json:"field,omitempty"`
	Search   *string       `json:"search,omitempty"`

	Number *int64   `json:"number,omitempty"` // the contact number
	Name   *string  `json:"name,omitempty"`   // names alone, by the rules of the search box
	Email  *string  `json:"email,omitempty"`
	Phone  *string  `json:"phone,omitempty"` // however it is typed
	Age    *AgeLeaf `json:"age,omitempty"`

	Birthday *BirthdayLeaf `json:"birthday,omitempty"`
	Postcode *PostcodeLeaf `json:"postcode,omitempty"`
	Account  *bool         `json:"account,omitempty"` // has one, disabled or not

	Segment     *uuid.UUID       `json:"segment,omitempty"` // the members of another
	Consent     *ConsentLeaf     `json:"consent,omitempty"`
	Affiliation *AffiliationLeaf `json:"affiliation,omitempty"`
	Role        *contact.Role    `json:"role,omitempty"`

	Type                 *string        `json:"type,omitempty"` // GUIDE, SUPPLIER, PARTNER, PRODUCER, SUPPORT
	Function             *uuid.UUID     `json:"function,omitempty"`
	Nature               *uuid.UUID     `json:"nature,omitempty"`
	Ambassador           *bool          `json:"ambassador,omitempty"`
	Valid                *bool          `json:"valid,omitempty"`
	AdministrativeNumber *CodeLeaf      `json:"administrativeNumber,omitempty"`
	IBAN                 *CodeLeaf      `json:"iban,omitempty"` // managers only, and never stored
	Reference            *ReferenceLeaf `json:"reference,omitempty"`

	Plan         *uuid.UUID     `json:"plan,omitempty"` // of a membership in force
	Sales        *SalesLeaf     `json:"sales,omitempty"`
	Channel      *string        `json:"channel,omitempty"` // of the last order
	ChildProduct *bool          `json:"childProduct,omitempty"`
	Indicator    *IndicatorLeaf `json:"indicator,omitempty"` // one of the site's own
}

// LabelSetLeaf tests whether a contact has any label of a set, or none.
type LabelSetLeaf struct {
	ID  uuid.UUID `json:"id"`
	Any bool      `json:"any"`
}

// CodeLeaf compares a number or code, whole or by its beginning.
type CodeLeaf struct {
	Op    string  `json:"op"` // EQUALS, PREFIX, EMPTY
	Value *string `json:"value,omitempty"`
}

// ReferenceLeaf compares the references of one source, or of any.
type ReferenceLeaf struct {
	CodeLeaf
	Source *string `json:"source,omitempty"`
}

// TextLeaf compares a text attribute, folded like search.
type TextLeaf struct {
	Column string  `json:"column"`
	Op     string  `json:"op"`
	Value  *string `json:"value,omitempty"`
}

// FieldLeaf compares the answer to a custom field; one test is set.
type FieldLeaf struct {
	ID       uuid.UUID    `json:"id"`
	Answered *bool        `json:"answered,omitempty"`
	YesNo    *bool        `json:"yesNo,omitempty"`
	Checked  *bool        `json:"checked,omitempty"`
	Text     *FieldText   `json:"text,omitempty"`
	Number   *FieldNumber `json:"number,omitempty"`
	Date     *FieldDate   `json:"date,omitempty"`
	AnyOf    *[]uuid.UUID `json:"anyOf,omitempty"`
	AllOf    *[]uuid.UUID `json:"allOf,omitempty"`
	NoneOf   *[]uuid.UUID `json:"noneOf,omitempty"`
}

// ConsentLeaf asks what somebody agreed to. Without a purpose it is "contact"; without a channel GIVEN
// is on any of them, WITHDRAWN on one and given on none, and NONE never asked on any: every contact
// is in exactly one of the three.
type ConsentLeaf struct {
	Purpose *uuid.UUID `json:"purpose,omitempty"`
	Channel *string    `json:"channel,omitempty"` // EMAIL, SMS, POST, PHONE; ANY is no channel
	State   string     `json:"state"`             // GIVEN, WITHDRAWN, NONE
}

// FieldNumber compares a number with a range, both ends included. Who has none is in no range.
type FieldNumber struct {
	From *float64 `json:"from,omitempty"`
	To   *float64 `json:"to,omitempty"`
}

// FieldDate compares a day as DateLeaf does.
type FieldDate struct {
	From     *string       `json:"from,omitempty"`
	To       *string       `json:"to,omitempty"`
	Relative *RelativeDate `json:"relative,omitempty"`
}

// FieldText compares a text answer.
type FieldText struct {
	Op    string  `json:"op"`
	Value *string `json:"value,omitempty"`
}

// Parse reads and checks a rule. Errors name the leaf by its path. Whether groups, labels,
// fields and choices exist is checked when it compiles.
func Parse(raw []byte) (Rule, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var r Rule
	if err := d.Decode(&r); err != nil {
		return r, fault.Invalid(fault.InvalidValue, nil, "this is not a rule: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	c := ruleCheck{}
	c.node(&r, 1, nil)
	return r, c.list.Err()
}

// JSON gives the rule as stored and answered.
func (r Rule) JSON() json.RawMessage {
	b, _ := json.Marshal(r) // plain data: cannot fail
	return b
}

type ruleCheck struct {
	list   fault.List
	leaves int
	full   bool
}

func (c *ruleCheck) add(reason string, path []string, format string, args ...any) {
	if len(c.list) < 20 {
		c.list = append(c.list, fault.Invalid(reason, slices.Clone(path), format, args...))
	}
}

func (c *ruleCheck) node(r *Rule, depth int, path []string) {
	if depth > MaxDepth {
		c.add(fault.TooLong, path, "a rule is at most %d levels deep", MaxDepth)
		return
	}
	set := r.entries()
	if len(set) != 1 {
		var known []string
		for _, e := range r.all() {
			known = append(known, e.name)
		}
		c.add(fault.InvalidValue, path, "give exactly one of %s; this has %d", strings.Join(known, ", "), len(set))
		return
	}
	switch {
	case r.All != nil:
		c.nodes(*r.All, depth, append(path, "all"))
		return
	case r.Any != nil:
		c.nodes(*r.Any, depth, append(path, "any"))
		return
	case r.Not != nil:
		c.node(r.Not, depth+1, append(path, "not"))
		return
	}
	if c.leaves++; c.leaves > MaxLeaves {
		if !c.full {
			c.add(fault.TooLong, path, "a rule has at most %d leaves", MaxLeaves)
		}
		c.full = true
		return
	}
	c.leaf(r, append(path, set[0]))
}

func (c *ruleCheck) nodes(list []Rule, depth int, path []string) {
	for i := range list {
		if c.full {
			return
		}
		c.node(&list[i], depth+1, append(slices.Clone(path), strconv.Itoa(i)))
	}
}

// walk calls fn for the rule and every part of it.
func (r *Rule) walk(fn func(*Rule)) {
	fn(r)
	for _, list := range []*[]Rule{r.All, r.Any} {
		if list == nil {
			continue
		}
		for i := range *list {
			(*list)[i].walk(fn)
		}
	}
	if r.Not != nil {
		r.Not.walk(fn)
	}
}

// leaves calls fn for every leaf of the rule with its path, whose last part is the leaf's name.
func (r *Rule) leaves(path []string, fn func(leaf *Rule, path []string)) {
	list := func(parts []Rule, name string) {
		for i := range parts {
			parts[i].leaves(append(slices.Clone(path), name, strconv.Itoa(i)), fn)
		}
	}
	switch {
	case r.All != nil:
		list(*r.All, "all")
	case r.Any != nil:
		list(*r.Any, "any")
	case r.Not != nil:
		r.Not.leaves(append(slices.Clone(path), "not"), fn)
	default:
		fn(r, append(slices.Clone(path), r.entries()...))
	}
}

func (r *Rule) entries() []string {
	var set []string
	for _, e := range r.all() {
		if e.given {
			set = append(set, e.name)
		}
	}
	return set
}

type entry struct {
	name  string
	given bool
}

// all lists what a rule can say, and whether this one does.
func (r *Rule) all() []entry {
	return []entry{
		{"all", r.All != nil}, {"any", r.Any != nil}, {"not", r.Not != nil}, {"kind", r.Kind != nil}, {"status", r.Status != nil},
		{"group", r.Group != nil}, {"label", r.Label != nil}, {"labelSet", r.LabelSet != nil}, {"color", r.Color != nil}, {"text", r.Text != nil}, {"date", r.Date != nil}, {"field", r.Field != nil}, {"search", r.Search != nil},
		{"type", r.Type != nil}, {"function", r.Function != nil}, {"nature", r.Nature != nil}, {"ambassador", r.Ambassador != nil},
		{"valid", r.Valid != nil}, {"administrativeNumber", r.AdministrativeNumber != nil}, {"iban", r.IBAN != nil}, {"reference", r.Reference != nil},
		{"consent", r.Consent != nil}, {"affiliation", r.Affiliation != nil}, {"role", r.Role != nil},
		{"number", r.Number != nil}, {"name", r.Name != nil}, {"email", r.Email != nil}, {"phone", r.Phone != nil}, {"age", r.Age != nil},
		{"birthday", r.Birthday != nil}, {"postcode", r.Postcode != nil}, {"account", r.Account != nil}, {"segment", r.Segment != nil},
		{"plan", r.Plan != nil}, {"sales", r.Sales != nil}, {"channel", r.Channel != nil}, {"childProduct", r.ChildProduct != nil}, {"indicator", r.Indicator != nil},
	}
}

// names tells whether the rule, or a part of it, says something of this name.
func (r *Rule) names(entry string) bool {
	return r.some(func(part *Rule) bool { return slices.Contains(part.entries(), entry) })
}

// some tells whether the test holds for the rule or a part of it.
func (r *Rule) some(test func(*Rule) bool) bool {
	if test(r) {
		return true
	}
	for _, list := range []*[]Rule{r.All, r.Any} {
		if list != nil && slices.ContainsFunc(*list, func(part Rule) bool { return part.some(test) }) {
			return true
		}
	}
	return r.Not != nil && r.Not.some(test)
}

// reads gives what is sensitive among the things the rule asks for.
func (r *Rule) reads() []site.Sensitive {
	var out []site.Sensitive
	if r.names("iban") {
		out = append(out, site.SensitiveIBAN)
	}
	if r.names("age") || r.names("birthday") || r.some(func(part *Rule) bool { return part.Date != nil && part.Date.Column == "BIRTH_DATE" }) {
		out = append(out, site.SensitiveBirthDate)
	}
	return out
}

// relative tells whether somebody may come under the rule, or leave it, because the day changes and nothing
// else does. Whether another segment is so is that segment's rule's to say (vocabulary.some).
func (r *Rule) relative() bool { return r.some((*Rule).movesByDay) }

// movesByDay is relative of one leaf. Links begin and end by their days, and of an indicator the rule does not tell whether it counts days.
func (r *Rule) movesByDay() bool {
	return r.Date != nil && r.Date.Relative != nil || r.Field != nil && r.Field.Date != nil && r.Field.Date.Relative != nil || r.Birthday != nil && r.Birthday.Month == nil || r.Age != nil || r.Valid != nil || r.Indicator != nil || r.readsLinks()
}

func (c *ruleCheck) leaf(r *Rule, path []string) {
	switch {
	case r.Kind != nil:
		c.word(*r.Kind, path, "PERSON", "ORGANIZATION")
	case r.Status != nil:
		c.word(*r.Status, path, "USER", "PROSPECT", "CUSTOMER", "SUBSCRIBER", "ATTENDEE", "ORGANIZER")
	case r.Color != nil && *r.Color != "" && !contact.IsColor(*r.Color):
		c.add(fault.InvalidColor, path, "give a colour as #rrggbb in small letters, or nothing for contacts without one")
	case r.Text != nil:
		if _, known := textColumns[r.Text.Column]; !known {
			c.add(fault.InvalidValue, append(path, "column"), "contacts have no text attribute %q", r.Text.Column)
		}
		c.text(r.Text.Op, r.Text.Value, path)
	case r.Date != nil:
		c.date(r.Date, path)
	case r.Field != nil:
		c.field(r.Field, path)
	case r.Consent != nil:
		c.word(r.Consent.State, append(path, "state"), "GIVEN", "WITHDRAWN", "NONE")
		if r.Consent.Channel != nil {
			c.word(*r.Consent.Channel, append(path, "channel"), "ANY", "EMAIL", "SMS", "POST", "PHONE")
		}
	case r.Affiliation != nil:
		c.affiliation(r.Affiliation, path)
	case r.Role != nil:
		c.word(string(*r.Role), path, "PUBLIC_INDIVIDUAL", "CHILD", "RELAY", "MEMBER", "PUBLIC_STRUCTURE", "SUBSIDIARY")
	case r.Type != nil:
		c.word(*r.Type, path, "GUIDE", "SUPPLIER", "PARTNER", "PRODUCER", "SUPPORT")
	case r.AdministrativeNumber != nil:
		c.code(*r.AdministrativeNumber, path)
	case r.IBAN != nil:
		c.code(*r.IBAN, path)
	case r.Reference != nil:
		c.code(r.Reference.CodeLeaf, path)
		if source := r.Reference.Source; source != nil && (strings.TrimSpace(*source) == "" || utf8.RuneCountInString(*source) > maxValue) {
			c.add(fault.InvalidValue, append(path, "source"), "name a source with at most %d characters, or leave it out for any", maxValue)
		}
	case r.Name != nil:
		c.compared(*r.Name, path)
	case r.Email != nil:
		c.compared(*r.Email, path)
	case r.Phone != nil:
		c.compared(*r.Phone, path)
	case r.Age != nil:
		c.age(r.Age, path)
	case r.Birthday != nil:
		c.birthday(r.Birthday, path)
	case r.Postcode != nil:
		c.postcode(r.Postcode, path)
	case r.Sales != nil:
		c.sales(r.Sales, path)
	case r.Indicator != nil:
		c.indicator(r.Indicator, path)
	case r.Channel != nil:
		c.compared(*r.Channel, path)
	case r.Search != nil && utf8.RuneCountInString(*r.Search) > maxValue:
		c.add(fault.TooLong, path, "a search has at most %d characters", maxValue)
	}
}

func (c *ruleCheck) word(got string, path []string, words ...string) {
	if !slices.Contains(words, got) {
		c.add(fault.InvalidValue, path, "the values are %s", strings.Join(words, ", "))
	}
}

func (c *ruleCheck) code(l CodeLeaf, path []string) {
	c.word(l.Op, append(path, "op"), "EQUALS", "PREFIX", "EMPTY")
	c.value(l.Op, l.Value, path)
}

func (c *ruleCheck) text(op string, value *string, path []string) {
	c.word(op, append(path, "op"), "EQUALS", "PREFIX", "CONTAINS", "MATCHES", "EMPTY")
	c.value(op, value, path)
}

func (c *ruleCheck) value(op string, value *string, path []string) {
	path = append(path, "value")
	switch {
	case op == "EMPTY" && value != nil:
		c.add(fault.WrongType, path, "EMPTY takes no value")
	case op != "EMPTY" && (value == nil || strings.TrimSpace(*value) == ""):
		c.add(fault.Required, path, "give a text to compare with; EMPTY finds what has none")
	case value != nil:
		c.compared(*value, path)
	}
}

// compared checks a text that something is compared with.
func (c *ruleCheck) compared(text string, path []string) {
	switch {
	case strings.TrimSpace(text) == "":
		c.add(fault.Required, path, "give a text to compare with")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		c.add(fault.InvalidText, path, "this text is not valid UTF-8")
	case utf8.RuneCountInString(text) > maxValue:
		c.add(fault.TooLong, path, "at most %d characters", maxValue)
	}
}

func (c *ruleCheck) field(l *FieldLeaf, path []string) {
	tests := 0
	for _, given := range []bool{l.Answered != nil, l.YesNo != nil, l.Checked != nil, l.Text != nil, l.Number != nil, l.Date != nil, l.AnyOf != nil, l.AllOf != nil, l.NoneOf != nil} {
		if given {
			tests++
		}
	}
	if tests != 1 {
		c.add(fault.InvalidValue, path, "give exactly one of answered, yesNo, checked, text, number, date, anyOf, allOf, noneOf")
		return
	}
	if l.Text != nil {
		c.text(l.Text.Op, l.Text.Value, append(path, "text"))
	}
	if l.Number != nil {
		c.number(l.Number, append(path, "number"))
	}
	if l.Date != nil {
		c.days(l.Date.From, l.Date.To, l.Date.Relative, append(path, "date"))
	}
	for _, list := range []struct {
		name string
		ids  *[]uuid.UUID
	}{{"anyOf", l.AnyOf}, {"allOf", l.AllOf}, {"noneOf", l.NoneOf}} {
		if list.ids != nil && (len(*list.ids) == 0 || len(*list.ids) > maxChoice) {
			c.add(fault.InvalidValue, append(path, list.name), "name 1 to %d choices", maxChoice)
		}
	}
}

func (c *ruleCheck) number(l *FieldNumber, path []string) {
	if l.From == nil && l.To == nil {
		c.add(fault.Required, append(path, "from"), "give from, to, or both")
	}
	for _, end := range []struct {
		name  string
		value *float64
	}{{"from", l.From}, {"to", l.To}} {
		if end.value != nil && !field.IsNumber(*end.value) {
			c.add(fault.InvalidNumber, append(slices.Clone(path), end.name), "give a number of at most 15 digits, below 1e15 and not nearer to zero than 0.000001")
		}
	}
	if l.From != nil && l.To != nil && *l.From > *l.To {
		c.add(fault.InvalidNumber, append(path, "to"), "the range ends before it begins")
	}
}
