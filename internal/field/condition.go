package field

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// MaxConditions is how many conditions a field has at most.
const MaxConditions = 5

// ConditionOp says how a condition compares.
type ConditionOp string

// The comparisons.
const (
	Equals   ConditionOp = "equals"   // the answer is the one value, and nothing besides
	AnyOf    ConditionOp = "any_of"   // the answer is, or holds, one of the values
	Answered ConditionOp = "answered" // there is an answer; of a checkbox: it is ticked
)

// Condition is what another field's answer must be for a field to be asked. Values are words of that field: true and false of
// YES_NO and CHECKBOX, ids of choices, else the answer as it is stored.
type Condition struct {
	FieldID uuid.UUID   `json:"field"`
	Op      ConditionOp `json:"op"`
	Values  []string    `json:"values"`
}

// words gives what conditions compare of a stored answer. A box that nobody has seen is not ticked.
func (d *Definition) words(v Value) []string {
	switch {
	case len(v) == 0 && d.Type == (checkbox{}).Name():
		return []string{"false"}
	case len(v) == 0:
		return nil
	case v[0] == '"':
		return []string{*textOf(v)}
	case v[0] == '[':
		var list []string
		_ = json.Unmarshal(v, &list)
		return list
	}
	return []string{string(v)}
}

// holds tells whether an answer to d, which is shown, fulfils the condition.
func (c Condition) holds(d *Definition, v Value) bool {
	t, _ := typeOf(d.Type)
	words := d.words(v)
	switch c.Op {
	case Equals:
		return slices.Equal(words, c.Values)
	case AnyOf:
		return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(c.Values, word) })
	default: // Answered
		return t.complete(v)
	}
}

// Asked gives which fields of a form are asked, given the answers: all whose conditions hold. What the form does not ask, by a
// condition or at all, counts as not answered, so that a condition upon it does not hold. defs are the form's. The widgets
// compute the same (widgets/kit/field/condition.ts).
func Asked(defs []*Definition, answers Answers) map[uuid.UUID]bool {
	byID, asked := map[uuid.UUID]*Definition{}, map[uuid.UUID]bool{}
	for _, d := range defs {
		byID[d.ID] = d
	}
	var ask func(d *Definition) bool
	ask = func(d *Definition) bool {
		if is, known := asked[d.ID]; known {
			return is
		}
		asked[d.ID] = false // in a circle, which is refused, nobody is asked
		is := true
		for _, c := range d.ShowIf {
			upon := byID[c.FieldID]
			is = is && upon != nil && ask(upon) && c.holds(upon, answers[upon.ID.String()])
		}
		asked[d.ID] = is
		return is
	}
	for _, d := range defs {
		ask(d)
	}
	return asked
}

// compared are the types whose answers conditions compare. Of the others they only ask whether there is an answer: what is
// typed is not what is stored, so that a form could not tell.
var compared = []string{"yes_no", "checkbox", "dropdown", "number", "date", "country", "text"}

// word checks a value that an answer to d is compared with, and gives it as answers are stored.
func (d *Definition) word(value string) (string, bool) {
	in := Answer{}
	switch d.Type {
	case "yes_no", "checkbox":
		return value, value == "true" || value == "false"
	case "dropdown":
		id, err := uuid.Parse(value)
		_, known := d.choice(id)
		return id.String(), err == nil && known
	case "number":
		v, ok := ReadNumber(value)
		if !ok {
			return "", false
		}
		in.Number = &v
	case "date":
		in.Date = &value
	default:
		in.Text = &value
	}
	t, _ := typeOf(d.Type)
	v, err := t.parse(d, in, "")
	if err != nil || v == nil {
		return "", false
	}
	return d.words(v)[0], true
}

// lockFields has those who change the fields of a site take turns: that conditions form no circle cannot be a constraint.
func lockFields(ctx context.Context, tx bun.Tx, siteID uuid.UUID) error {
	_, err := tx.NewRaw("SELECT FROM custom_field WHERE site_id = ? ORDER BY id FOR UPDATE", siteID).Exec(ctx)
	return db.MapError(err, "lock fields")
}

// checkConditions refuses a change of row after which a condition, its own or one upon it, makes no sense. q sees the change not yet.
func checkConditions(ctx context.Context, q bun.IDB, row *Definition) error {
	all, err := All(ctx, q, row.SiteID, false)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(d *Definition) bool { return d.ID == row.ID })
	if row.ArchivedAt == nil {
		all = append(all, row)
	}
	byID := map[uuid.UUID]*Definition{}
	for _, d := range all {
		byID[d.ID] = d
	}
	var list fault.List
	add := func(reason string, path []string, format string, args ...any) {
		list = append(list, fault.Invalid(reason, path, format, args...))
	}
	if row.ArchivedAt == nil {
		row.checkOwn(byID, add)
	}
	if len(list) > 0 {
		return list.Err()
	}
	for _, d := range all {
		if d == row {
			continue
		}
		var wrong fault.List // the condition was right before: what is wrong now is this change's
		if slices.ContainsFunc(d.ShowIf, func(c Condition) bool { return c.FieldID == row.ID }) {
			d.checkOwn(byID, func(reason string, path []string, format string, args ...any) {
				wrong = append(wrong, fault.Invalid(reason, path, format, args...))
			})
		}
		if len(wrong) > 0 {
			add(fault.FieldAwaited, nil, "%q is asked only for certain answers to this field, which this change does away with: change its condition first", d.Label)
		}
	}
	return list.Err()
}

// checkOwn checks the conditions of a field against the living ones of its site.
func (d *Definition) checkOwn(byID map[uuid.UUID]*Definition, add addFault) {
	if len(d.ShowIf) > MaxConditions {
		add(fault.TooLong, []string{"showIf"}, "a field has at most %d conditions", MaxConditions)
	}
	for i := range d.ShowIf {
		c, at := &d.ShowIf[i], []string{"showIf", itoa(i)}
		upon := byID[c.FieldID]
		switch {
		case upon == nil:
			add(fault.Unknown, append(at, "fieldId"), "the site has no such field, or it is archived")
		case upon.leadsTo(d.ID, byID, map[uuid.UUID]bool{}):
			add(fault.FieldCycle, append(at, "fieldId"), "%q would wait for an answer to itself", d.Label)
		case d.OnRegistration && !upon.OnRegistration || d.OnCheckout && !upon.OnCheckout || d.OnProfile && !upon.OnProfile:
			add(fault.NotOnSurface, append(at, "fieldId"), "%q is not asked everywhere where this field is", upon.Label)
		default:
			c.check(upon, at, add)
		}
	}
}

func (c *Condition) check(upon *Definition, at []string, add addFault) {
	path := append(slices.Clone(at), "values")
	if c.Values == nil {
		c.Values = []string{}
	}
	n := len(c.Values)
	switch {
	case c.Op == Answered && n > 0:
		add(fault.WrongType, path, "ANSWERED takes no values")
	case c.Op == Answered:
	case !slices.Contains(compared, upon.Type):
		add(fault.WrongType, append(slices.Clone(at), "op"), "of %q it can only be asked whether it is answered", upon.Label)
	case n == 0 || c.Op == Equals && n > 1 || n > MaxChoices:
		add(fault.InvalidValue, path, "give one value to EQUALS, and 1 to %d to ANY_OF", MaxChoices)
	default:
		for i, value := range c.Values {
			word, ok := upon.word(strings.TrimSpace(value))
			if !ok {
				add(fault.InvalidValue, append(slices.Clone(path), itoa(i)), "this is no answer to %q", upon.Label)
			}
			c.Values[i] = word
		}
	}
}

// leadsTo tells whether a field is another, or waits for its answer.
func (d *Definition) leadsTo(id uuid.UUID, byID map[uuid.UUID]*Definition, seen map[uuid.UUID]bool) bool {
	if d.ID == id {
		return true
	}
	if seen[d.ID] {
		return false
	}
	seen[d.ID] = true
	return slices.ContainsFunc(d.ShowIf, func(c Condition) bool {
		next := byID[c.FieldID]
		return next != nil && next.leadsTo(id, byID, seen)
	})
}
