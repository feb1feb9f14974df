package field

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"carnet/internal/fault"
)

// Answer is an answer as given. One value of the field's type; none clears the answer.
type Answer struct {
	FieldID   uuid.UUID   `json:"fieldId"`
	YesNo     *bool       `json:"yesNo,omitempty"`
	Text      *string     `json:"text,omitempty"`
	Number    *float64    `json:"number,omitempty"`
	Date      *string     `json:"date,omitempty"` // YYYY-MM-DD
	Checked   *bool       `json:"checked,omitempty"`
	ChoiceIDs []uuid.UUID `json:"choiceIds"` // empty clears, so it is kept apart from absent
}

// only refuses values of other types than the one named.
func (in Answer) only(name string) error {
	for _, other := range []struct {
		name  string
		given bool
	}{
		{"yesNo", in.YesNo != nil}, {"text", in.Text != nil}, {"number", in.Number != nil}, {"date", in.Date != nil},
		{"checked", in.Checked != nil}, {"choiceIds", in.ChoiceIDs != nil},
	} {
		if other.name != name && other.given {
			return fault.Invalid(fault.WrongType, []string{other.name}, "this field is answered with %s", name)
		}
	}
	return nil
}

// Answers are stored answers by field id.
type Answers map[string]Value

// Scan reads stored answers from the database. Lists of contacts read many, so a stored object, which is
// normalised, is taken apart here: its keys are ids, its values are kept as they are.
func (a *Answers) Scan(src any) error {
	var b []byte
	switch src := src.(type) {
	case nil:
		return nil
	case string:
		b = []byte(src)
	case []byte:
		b = bytes.Clone(src) // the driver's own
	default:
		return fmt.Errorf("answers from %T", src)
	}
	out := make(Answers, bytes.Count(b, []byte(`": `)))
	if TakeApart(b, func(key []byte, v Value) { out[string(key)] = v }) {
		*a = out
		return nil
	}
	return json.Unmarshal(b, (*map[string]Value)(a))
}

// TakeApart hands out what is in stored answers, whose keys are ids of fields; false when they are not as the database writes them.
func TakeApart(b []byte, each func(key []byte, v Value)) bool {
	for rest := b; ; {
		_, after, found := bytes.Cut(rest, []byte{'"'})
		if !found {
			return true
		}
		key, value, found := bytes.Cut(after, []byte(`": `))
		n := valueEnd(value)
		if !found || n < 0 || bytes.IndexByte(key, '\\') >= 0 {
			return false
		}
		each(key, value[:n:n])
		rest = value[n:]
	}
}

// valueEnd gives where a JSON value within an object ends; negative when it does not.
func valueEnd(b []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case depth > 0 && (c == ']' || c == '}'):
			depth--
		case depth == 0 && (c == ',' || c == '}'):
			return i
		}
	}
	return -1
}

// Clone copies the map.
func (a Answers) Clone() Answers {
	out := make(Answers, len(a))
	for k, v := range a {
		out[k] = v
	}
	return out
}

// Apply checks answers given by staff and writes them over stored ones. Any living field may be
// answered, none must (G-20). Paths lead into the list of answers. country is that of phone numbers without a prefix.
func Apply(defs []*Definition, stored Answers, given []Answer, country string) (Answers, error) {
	return apply(defs, stored, given, country, "")
}

// ApplyOn checks answers given by an end user on a surface and writes them over stored ones: only
// the surface's fields may be answered, and every required one must have an answer in the end (T-54). A field that
// is not asked, since its condition does not hold, need not be answered; an answer to it is dropped, whatever it is, and
// one that is stored is left out of what is given.
func ApplyOn(surface Surface, defs []*Definition, stored Answers, given []Answer, country string) (Answers, error) {
	return apply(defs, stored, given, country, surface)
}

func apply(defs []*Definition, stored Answers, given []Answer, country string, surface Surface) (Answers, error) {
	byID := map[uuid.UUID]*Definition{}
	for _, d := range defs {
		byID[d.ID] = d
	}
	out := stored.Clone()
	var list fault.List
	collect := func(err error) {
		if more, ok := fault.Mendable(err); ok {
			list = append(list, more...)
		}
	}
	seen, failed := map[uuid.UUID]bool{}, map[uuid.UUID]error{}
	for i, in := range given {
		d, ok := byID[in.FieldID]
		at := []string{"answers", itoa(i)}
		switch {
		case !ok:
			collect(fault.Invalid(fault.Unknown, append(at, "fieldId"), "the site has no such field"))
			continue
		case surface != "" && !d.On(surface):
			collect(fault.Invalid(fault.NotOnSurface, append(at, "fieldId"), "%q is not asked here", d.Label))
			continue
		case seen[d.ID]:
			collect(fault.Invalid(fault.Duplicate, append(at, "fieldId"), "%q is answered twice", d.Label))
			continue
		}
		seen[d.ID] = true
		t, _ := typeOf(d.Type)
		v, err := t.parse(d, in, country)
		if err != nil {
			failed[d.ID] = fault.Under(err, at...)
			delete(out, d.ID.String())
			continue
		}
		if v == nil {
			delete(out, d.ID.String())
		} else {
			out[d.ID.String()] = v
		}
	}
	if surface != "" {
		defs = slices.DeleteFunc(slices.Clone(defs), func(d *Definition) bool { return !d.On(surface) })
		asked := Asked(defs, out)
		defs = slices.DeleteFunc(defs, func(d *Definition) bool {
			if !asked[d.ID] {
				delete(failed, d.ID)
				delete(out, d.ID.String())
			}
			return !asked[d.ID]
		})
		list = append(list, missing(defs, out, given, failed)...)
	}
	for _, in := range given { // in their order
		if err := failed[in.FieldID]; err != nil {
			collect(err)
			delete(failed, in.FieldID)
		}
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// missing lists the required ones of the fields that a surface asks that have no complete answer. The path is that of
// the given answer, or answers.<field id> when none was given.
func missing(defs []*Definition, out Answers, given []Answer, failed map[uuid.UUID]error) fault.List {
	var list fault.List
	for _, d := range defs {
		t, _ := typeOf(d.Type)
		if !d.Required || failed[d.ID] != nil || t.complete(out[d.ID.String()]) {
			continue
		}
		path := []string{"answers", d.ID.String()}
		for i, in := range given {
			if in.FieldID == d.ID {
				path = []string{"answers", itoa(i)}
			}
		}
		if d.Type == (checkbox{}).Name() {
			list = append(list, fault.Invalid(fault.MustBeTicked, path, "%q must be ticked", d.Label))
		} else {
			list = append(list, fault.Invalid(fault.Required, path, "%q must be answered", d.Label))
		}
	}
	return list
}

// Shown is a stored answer made ready to show. Lists show the short text of most, so the rest is read when
// it is asked for.
type Shown struct {
	Field   *Definition
	Display string

	value Value
}

// YesNo gives the answer to a yes_no field; nil of others.
func (s Shown) YesNo() *bool {
	if s.Field.Type != (yesNo{}).Name() {
		return nil
	}
	return boolOf(s.value)
}

// Checked gives whether a checkbox is ticked; nil of others.
func (s Shown) Checked() *bool {
	if s.Field.Type != (checkbox{}).Name() {
		return nil
	}
	return boolOf(s.value)
}

// Number gives the answer to a number field; nil of others.
func (s Shown) Number() *float64 {
	if s.Field.Type != (number{}).Name() {
		return nil
	}
	return numberOf(s.value)
}

// Date gives the answer to a date field as YYYY-MM-DD; nil of others.
func (s Shown) Date() *string {
	if s.Field.Type != (date{}).Name() {
		return nil
	}
	return textOf(s.value)
}

// Text gives the answer to a field whose answers are texts; nil of others.
func (s Shown) Text() *string {
	if !s.Field.IsText() {
		return nil
	}
	return textOf(s.value)
}

// Choices gives what was picked of a dropdown, in the field's order; nil of others.
func (s Shown) Choices() []Choice {
	if s.Field.Type != (dropdown{}).Name() {
		return nil
	}
	return s.Field.Picked(s.value)
}

// Given turns a stored value into the answer that gives it, so that it can be checked again; no value
// clears the answer.
func (d *Definition) Given(v Value) Answer {
	in := Answer{FieldID: d.ID}
	if len(v) == 0 || string(v) == "null" {
		return in
	}
	if t, known := typeOf(d.Type); known {
		t.given(v, &in)
	}
	return in
}

// Show gives stored answers in the fields' order; answers to fields that defs lacks are left out.
func Show(defs []*Definition, stored Answers, language string) []Shown {
	out := make([]Shown, 0, len(stored))
	for _, d := range defs {
		if v, ok := stored[d.stored()]; ok {
			out = append(out, d.show(v, language))
		}
	}
	return out
}

// Sheet shows the answers of many contacts, one after the other, as Show does.
type Sheet struct {
	defs  []*Definition
	at    map[string]int // by what answers are stored by
	given []Value        // of one contact, in the fields' order
	shown []Shown
}

// NewSheet makes a sheet of fields in their order.
func NewSheet(defs []*Definition) *Sheet {
	s := &Sheet{defs: defs, at: make(map[string]int, len(defs)), given: make([]Value, len(defs))}
	for i, d := range defs {
		s.at[d.stored()] = i
	}
	return s
}

// Show shows answers as the database writes them. What it gives holds until it is called again.
func (s *Sheet) Show(stored []byte) ([]Shown, error) {
	clear(s.given)
	known := TakeApart(stored, func(key []byte, v Value) {
		if i, is := s.at[string(key)]; is {
			s.given[i] = v
		}
	})
	if !known {
		var answers Answers
		err := answers.Scan(stored)
		return Show(s.defs, answers, ""), err
	}
	s.shown = s.shown[:0]
	for i, v := range s.given {
		if v != nil {
			s.shown = append(s.shown, s.defs[i].show(v, ""))
		}
	}
	return s.shown, nil
}

func (d *Definition) show(v Value, language string) Shown {
	t, _ := typeOf(d.Type)
	return Shown{Field: d, Display: t.display(d, v, language), value: v}
}

func textOf(v Value) *string {
	var word string
	if n := len(v); n > 1 && v[0] == '"' && bytes.IndexByte(v, '\\') < 0 {
		word = string(v[1 : n-1])
		return &word
	}
	_ = json.Unmarshal(v, &word)
	return &word
}

func boolOf(v Value) *bool {
	b := string(v) == "true"
	return &b
}
