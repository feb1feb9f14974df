package graph

import (
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/graph/scalar"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/field"
)

// Omitted inputs are nil pointers below: absent = unchanged, null = cleared.

// cleared reads an omittable whose null means the empty value.
func cleared[T any](o graphql.Omittable[*T]) *T {
	v, set := o.ValueOK()
	if !set {
		return nil
	}
	if v == nil {
		v = new(T)
	}
	return v
}

// given reads an omittable for which absent, null and the zero value are the same.
func given[T any](o graphql.Omittable[*T]) (v T) {
	if p := o.Value(); p != nil {
		v = *p
	}
	return v
}

// nullable reads an omittable whose null is a value of its own.
func nullable[T any](o graphql.Omittable[*T]) **T {
	v, set := o.ValueOK()
	if !set {
		return nil
	}
	return &v
}

// list reads an omittable list; null clears it.
func list[T any](o graphql.Omittable[[]T]) *[]T {
	v, set := o.ValueOK()
	if !set {
		return nil
	}
	if v == nil {
		v = []T{}
	}
	return &v
}

// values reads an omittable list of inputs that are domain types; null clears it.
func values[T any](o graphql.Omittable[[]*T]) *[]T {
	given := list(o)
	if given == nil {
		return nil
	}
	out := make([]T, len(*given))
	for i, v := range *given {
		out[i] = *v
	}
	return &out
}

// isTrue reads a flag that may be absent.
func isTrue(o graphql.Omittable[*bool]) bool { v := o.Value(); return v != nil && *v }

func date(o graphql.Omittable[*scalar.Day]) **time.Time {
	v, set := o.ValueOK()
	if !set {
		return nil
	}
	var t *time.Time
	if v != nil {
		at := v.Time()
		t = &at
	}
	return &t
}

func applyAddress(c *contact.Change, o graphql.Omittable[*model.AddressInput]) {
	if main := further(o); main != nil {
		c.AddressChange = *main
	}
}

// further reads an address; null clears the whole of it.
func further(o graphql.Omittable[*model.AddressInput]) *contact.AddressChange {
	a, set := o.ValueOK()
	if !set {
		return nil
	}
	c := contact.ClearAddress()
	if a != nil {
		c = contact.AddressChange{Lines: list(a.Lines), Postcode: cleared(a.Postcode), City: cleared(a.City), Country: cleared(a.Country), Subdivision: cleared(a.Subdivision)}
	}
	return &c
}

func answers(o graphql.Omittable[[]*model.AnswerInput]) []field.Answer {
	var out []field.Answer
	for _, a := range o.Value() {
		one := field.Answer{FieldID: a.FieldID, YesNo: a.YesNo.Value(), Text: a.Text.Value(), Number: a.Number.Value(), Checked: a.Checked.Value(), ChoiceIDs: a.ChoiceIds.Value()}
		if day := a.Date.Value(); day != nil {
			is := string(*day)
			one.Date = &is
		}
		out = append(out, one)
	}
	return out
}

func choices(o graphql.Omittable[[]*model.ChoiceInput]) (*[]field.Choice, error) {
	given := list(o)
	if given == nil {
		return nil, nil //nolint:nilnil // absent stays absent
	}
	out := make([]field.Choice, len(*given))
	for i, c := range *given {
		tr, err := translations(c.Translations)
		if err != nil {
			return nil, err
		}
		out[i] = field.Choice{Label: c.Label}
		if tr != nil {
			out[i].Translations = *tr
		}
		if id := c.ID.Value(); id != nil {
			out[i].ID = *id
		}
	}
	return &out, nil
}

func translations(o graphql.Omittable[json.RawMessage]) (*field.Translations, error) {
	raw, set := o.ValueOK()
	if !set {
		return nil, nil //nolint:nilnil // absent stays absent
	}
	t := field.Translations{}
	if len(raw) > 0 && json.Unmarshal(raw, &t) != nil {
		return nil, fault.Invalid(fault.WrongType, []string{"translations"}, `translations are texts by language, for example {"fr": {"label": "..."}}`)
	}
	return &t, nil
}

func pointers[T any](rows []T) []*T {
	out := make([]*T, len(rows))
	for i := range rows {
		out[i] = &rows[i]
	}
	return out
}

func allIDs[T any](rows []T, id func(T) uuid.UUID) []uuid.UUID {
	out := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		out[i] = id(row)
	}
	return out
}
