package field

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/fold"
)

// dropdown is one item, or several, of a list of up to 20 (T-45 to T-52).
type dropdown struct{}

var _ Type = dropdown{}

func (dropdown) Name() string { return "dropdown" }

func (dropdown) define(d *Definition, before []Choice, add addFault) {
	switch {
	case len(d.Choices) == 0:
		add(fault.Required, []string{"choices"}, "a dropdown needs at least one choice")
	case len(d.Choices) > MaxChoices:
		add(fault.ChoiceLimit, []string{"choices"}, "a dropdown has at most %d choices; this has %d", MaxChoices, len(d.Choices))
	}
	labels, ids := map[string]bool{}, map[uuid.UUID]bool{}
	for i := range d.Choices {
		c := &d.Choices[i]
		path := []string{"choices", itoa(i), "label"}
		checkText(add, c.Label, 200, true, path...)
		checkTranslations(add, c.Translations, "choices", itoa(i), "translations")
		if key := fold.Text(c.Label); labels[key] {
			add(fault.Duplicate, path, "this choice is listed twice")
		} else {
			labels[key] = true
		}
		if c.ID == uuid.Nil {
			c.ID = uuid.Must(uuid.NewV7())
		} else if ids[c.ID] || !slices.ContainsFunc(before, func(b Choice) bool { return b.ID == c.ID }) {
			add(fault.Unknown, []string{"choices", itoa(i), "id"}, "the field has no choice with this id")
		}
		ids[c.ID] = true
	}
	defineMode(d, add)
}

func defineMode(d *Definition, add addFault) {
	if d.Multiple == nil || *d.Multiple == Unlimited {
		if d.MinChoices != nil || d.MaxChoices != nil {
			add(fault.WrongType, []string{"minChoices"}, "numbers of choices belong to the modes EXACT and RANGE")
		}
		return
	}
	n := len(d.Choices)
	switch *d.Multiple {
	case Exact:
		if d.MaxChoices == nil {
			d.MaxChoices = d.MinChoices
		}
		if d.MinChoices == nil || *d.MinChoices != *d.MaxChoices || *d.MinChoices < 1 || *d.MinChoices > n {
			add(fault.InvalidValue, []string{"minChoices"}, "say exactly how many choices, from 1 to %d", n)
		}
	case Range:
		if d.MinChoices == nil || d.MaxChoices == nil || *d.MinChoices < 0 || *d.MaxChoices < max(*d.MinChoices, 1) || *d.MaxChoices > n {
			add(fault.InvalidValue, []string{"minChoices"}, "give a range from minChoices to maxChoices, within 0 to %d", n)
		}
	default:
		add(fault.InvalidValue, []string{"multiple"}, "the modes are UNLIMITED, EXACT and RANGE")
	}
}

func (dropdown) parse(d *Definition, in Answer, _ string) (Value, error) {
	if err := in.only("choiceIds"); err != nil || len(in.ChoiceIDs) == 0 {
		return nil, err
	}
	picked := map[uuid.UUID]bool{}
	for i, id := range in.ChoiceIDs {
		path := []string{"choiceIds", itoa(i)}
		if _, ok := d.choice(id); !ok {
			return nil, fault.Invalid(fault.Unknown, path, "%q has no such choice", d.Label)
		}
		if picked[id] {
			return nil, fault.Invalid(fault.Duplicate, path, "this choice is picked twice")
		}
		picked[id] = true
	}
	if err := d.checkCount(len(picked)); err != nil {
		return nil, err
	}
	ordered := make([]uuid.UUID, 0, len(picked))
	for _, c := range d.Choices { // in the field's order, so that equal answers are equal bytes
		if picked[c.ID] {
			ordered = append(ordered, c.ID)
		}
	}
	if d.Multiple == nil {
		return json.Marshal(ordered[0])
	}
	return json.Marshal(ordered)
}

// checkCount holds the number of picks to the mode; both ends included (T-49 to T-52).
func (d *Definition) checkCount(n int) error {
	path := []string{"choiceIds"}
	switch {
	case d.Multiple == nil && n > 1:
		return fault.Invalid(fault.TooManyChoices, path, "pick one choice")
	case d.MinChoices != nil && n < *d.MinChoices:
		return fault.Invalid(fault.TooFewChoices, path, "pick %s", d.countText())
	case d.MaxChoices != nil && n > *d.MaxChoices:
		return fault.Invalid(fault.TooManyChoices, path, "pick %s", d.countText())
	}
	return nil
}

func (d *Definition) countText() string {
	if *d.MinChoices == *d.MaxChoices {
		return "exactly " + itoa(*d.MinChoices)
	}
	return itoa(*d.MinChoices) + " to " + itoa(*d.MaxChoices)
}

func (dropdown) complete(v Value) bool { return len(v) > 0 && string(v) != "[]" }

func (dropdown) display(d *Definition, v Value, language string) string {
	// Lists show many: the choices' ids are looked for in what is stored as they are written there.
	out, some := "", false
	for i, key := range d.picks {
		if !bytes.Contains(v, key) {
			continue
		}
		if some {
			out += ", "
		}
		out, some = out+d.Choices[i].LabelIn(language), true
	}
	if some {
		return out
	}
	labels := []string{}
	for _, c := range d.Picked(v) {
		labels = append(labels, c.LabelIn(language))
	}
	return strings.Join(labels, ", ")
}

func (dropdown) given(v Value, in *Answer) { in.ChoiceIDs = pickedIDs(v) }

// Picked gives the choices of a stored answer in the field's order.
func (d *Definition) Picked(v Value) []Choice {
	ids := pickedIDs(v)
	if ids == nil {
		return nil
	}
	picked := []Choice{}
	for _, c := range d.Choices {
		if slices.Contains(ids, c.ID) {
			picked = append(picked, c)
		}
	}
	return picked
}

// pickedIDs reads a stored answer, one id or several; nil when it is neither. Lists of contacts read many:
// it takes the quoted texts out by itself.
func pickedIDs(v Value) []uuid.UUID {
	if len(v) == 0 || v[0] != '"' && v[0] != '[' {
		return nil
	}
	ids := make([]uuid.UUID, 0, bytes.Count(v, []byte{'"'})/2)
	for rest := []byte(v); ; {
		_, after, found := bytes.Cut(rest, []byte{'"'})
		if !found {
			return ids
		}
		text, more, closed := bytes.Cut(after, []byte{'"'})
		id, err := uuid.ParseBytes(text)
		if !closed || err != nil {
			return nil
		}
		ids, rest = append(ids, id), more
	}
}
