package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

type vars = map[string]any

const createField = `mutation($i: CreateCustomFieldInput!) { createCustomField(input: $i) {
	customField { id type label required internal onRegistration onCheckout onProfile multiple minChoices maxChoices choices { id label } }
	errors { code message path } } }`

const updateField = `mutation($i: UpdateCustomFieldInput!) { updateCustomField(input: $i) {
	customField { id type label required internal onRegistration onCheckout onProfile multiple minChoices maxChoices choices { id label } }
	errors { code message path } } }`

type fieldAnswer struct {
	ID, Type, Label                                           string
	Required, Internal, OnRegistration, OnCheckout, OnProfile bool
	Multiple                                                  *string
	MinChoices, MaxChoices                                    *int
	Choices                                                   []struct{ ID, Label string }
}

// newField creates a field that must be accepted.
func newField(t *testing.T, s *apptest.Site, input vars) fieldAnswer {
	t.Helper()
	var out struct {
		CreateCustomField struct{ CustomField fieldAnswer }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager), createField, vars{"i": input}, &out))
	return out.CreateCustomField.CustomField
}

// refusedField gives what is wrong with a field.
func refusedField(t *testing.T, s *apptest.Site, input vars) []string {
	t.Helper()
	at := s.Program.Payload(t, s.As(site.Manager), createField, vars{"i": input}, nil)
	require.NotEmpty(t, at)
	return at
}

func choiceList(n int) []vars {
	out := make([]vars, n)
	for i := range out {
		out[i] = vars{"label": fmt.Sprintf("Choice %d", i+1)}
	}
	return out
}

const setAnswers = `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { answers { field { id } yesNo text number date checked choices { label } display } } errors { code message path } } }`

type answersOut struct {
	UpdateContact struct {
		Contact struct {
			Answers []struct {
				Field   struct{ ID string }
				YesNo   *bool
				Text    *string
				Number  *json.Number
				Date    *string
				Checked *bool
				Choices []struct{ Label string }
				Display string
			}
		}
	}
}

// answer writes one answer as staff and gives the errors and all stored answers.
func answer(t *testing.T, s *apptest.Site, contact string, a vars) ([]string, answersOut) {
	t.Helper()
	var out answersOut
	at := s.Program.Payload(t, s.As(site.Operator), setAnswers, vars{"i": vars{"id": contact, "answers": []vars{a}}}, &out)
	return at, out
}

// T-39: there are these types, and only these.
func TestFieldTypes(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, typ := range []string{"YES_NO", "TEXT", "CHECKBOX", "NUMBER", "DATE", "PHONE", "URL", "COUNTRY", "LONG_TEXT"} {
		require.Equal(t, typ, newField(t, s, vars{"type": typ, "label": "A " + typ}).Type)
	}
	require.Equal(t, "DROPDOWN", newField(t, s, vars{"type": "DROPDOWN", "label": "A list", "choices": choiceList(2)}).Type)
	p.Refused(t, s.As(site.Manager), "BAD_INPUT", createField, vars{"i": vars{"type": "PICTURE", "label": "A picture"}})
	var out struct {
		Type struct{ EnumValues []struct{ Name string } } `json:"__type"`
	}
	p.Must(t, s.As(site.Viewer), `{ __type(name: "CustomFieldType") { enumValues { name } } }`, nil, &out)
	require.Len(t, out.Type.EnumValues, 10)
}

// T-38, T-53, T-54, T-61: required and the three places are flags of their own, changed at any time. T-60: none = internal.
func TestFieldFlags(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	f := newField(t, s, vars{"type": "TEXT", "label": "Licence"})
	require.True(t, f.Internal)
	shows := func(surface string) bool {
		var out struct{ SurfaceFields []struct{ ID string } }
		p.Must(t, s.Visitor(), `query($s: Surface!) { surfaceFields(surface: $s) { id } }`, vars{"s": surface}, &out)
		return len(out.SurfaceFields) == 1
	}
	places := []struct{ surface, flag string }{{"REGISTRATION", "onRegistration"}, {"CHECKOUT", "onCheckout"}, {"PROFILE", "onProfile"}}
	for _, on := range places {
		for _, flag := range places {
			up := vars{"id": f.ID, "onRegistration": false, "onCheckout": false, "onProfile": false}
			up[flag.flag] = flag == on
			up[on.flag] = true
			require.Empty(t, p.Payload(t, s.As(site.Manager), updateField, vars{"i": up}, nil))
		}
		for _, other := range places {
			require.Equal(t, other == on, shows(other.surface), "%s shown on %s", on.flag, other.surface)
		}
	}
	var out struct {
		UpdateCustomField struct{ CustomField fieldAnswer }
	}
	up := vars{"id": f.ID, "required": true, "onRegistration": false, "onCheckout": false, "onProfile": false}
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateField, vars{"i": up}, &out))
	require.True(t, out.UpdateCustomField.CustomField.Required)
	require.True(t, out.UpdateCustomField.CustomField.Internal)
	for _, place := range places {
		require.False(t, shows(place.surface), "an internal field is shown on %s", place.surface)
	}
}

// G-17: a site has 200 living fields at most, also when an archived one is taken back.
func TestFieldLimit(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	f := newField(t, s, vars{"type": "TEXT", "label": "Licence"})
	archive := func(archived bool) []string {
		return p.Payload(t, s.As(site.Manager), updateField, vars{"i": vars{"id": f.ID, "archived": archived}}, nil)
	}
	require.Empty(t, archive(true))
	_, err := p.DB.Pool.Exec(t.Context(), `INSERT INTO custom_field (site_id, id, type, label, label_key, position)
		SELECT $1, gen_random_uuid(), 'text', 'q' || n, 'q' || n, n FROM generate_series(1, 200) AS n`, s.ID)
	require.NoError(t, err)
	require.NotEmpty(t, archive(false))
	_, err = p.DB.Pool.Exec(t.Context(), "DELETE FROM custom_field WHERE site_id = $1 AND label = 'q7'", s.ID)
	require.NoError(t, err)
	require.Empty(t, archive(false))
	require.NotEmpty(t, refusedField(t, s, vars{"type": "TEXT", "label": "One too many"}))
}

// T-39: the further types, as the API takes and gives them.
func TestFurtherTypes(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	c := s.NewPerson(t, "Ada", "Byron")
	ids := map[string]string{}
	for _, typ := range []string{"NUMBER", "DATE", "PHONE", "URL", "COUNTRY", "LONG_TEXT"} {
		ids[typ] = newField(t, s, vars{"type": typ, "label": "A " + typ}).ID
	}
	for _, one := range []struct {
		typ     string
		value   vars
		want    string
		display string
	}{
		{"NUMBER", vars{"number": 0.1}, `0.1`, "0.1"},
		{"NUMBER", vars{"number": -123456789012345}, `-123456789012345`, "-123456789012345"},
		{"NUMBER", vars{"number": 0.000001}, `0.000001`, "0.000001"},
		{"DATE", vars{"date": "2028-02-29"}, `"2028-02-29"`, "2028-02-29"},
		{"PHONE", vars{"text": "22 33 44 55"}, `"+4722334455"`, "+4722334455"},
		{"URL", vars{"text": "Example.org/Path"}, `"https://example.org/Path"`, "https://example.org/Path"},
		{"COUNTRY", vars{"text": "no"}, `"NO"`, "NO"},
		{"LONG_TEXT", vars{"text": "one\ntwo"}, `"one\ntwo"`, "one\ntwo"},
	} {
		one.value["fieldId"] = ids[one.typ]
		at, out := answer(t, s, c, one.value)
		require.Empty(t, at, one.typ)
		found := false
		for _, a := range out.UpdateContact.Contact.Answers {
			if a.Field.ID != ids[one.typ] {
				continue
			}
			found = true
			require.Equal(t, one.display, a.Display)
			var got any = a.Text
			if a.Number != nil {
				got = a.Number
			} else if a.Date != nil {
				got = a.Date
			}
			b, err := json.Marshal(got)
			require.NoError(t, err)
			require.Equal(t, one.want, string(b), one.typ)
		}
		require.True(t, found, one.typ)
	}
	for want, value := range map[string]vars{
		"INVALID_NUMBER answers.0.number": {"fieldId": ids["NUMBER"], "number": 1e15},
		"INVALID_PHONE answers.0.text":    {"fieldId": ids["PHONE"], "text": "12"},
		"INVALID_URL answers.0.text":      {"fieldId": ids["URL"], "text": "javascript:alert(1)"},
		"INVALID answers.0.text":          {"fieldId": ids["COUNTRY"], "text": "XX"},
		"TOO_LONG answers.0.text":         {"fieldId": ids["LONG_TEXT"], "text": strings.Repeat("é", 10_001)},
		"WRONG_TYPE answers.0.text":       {"fieldId": ids["DATE"], "text": "2026-01-01"},
		"WRONG_TYPE answers.0.number":     {"fieldId": ids["LONG_TEXT"], "number": 1},
	} {
		at, _ := answer(t, s, c, value)
		require.Equal(t, []string{want}, at)
	}
	// A text is no number, whatever it says (GraphQL specification, 3.5.2), and not every such text is a day.
	p.Refused(t, s.As(site.Operator), "BAD_INPUT", setAnswers, vars{"i": vars{"id": c, "answers": []vars{{"fieldId": ids["NUMBER"], "number": "NaN"}}}})
	p.Refused(t, s.As(site.Operator), "BAD_INPUT", setAnswers, vars{"i": vars{"id": c, "answers": []vars{{"fieldId": ids["DATE"], "date": "2026-02-30"}}}})
}

// T-40: Yes or No, actively marked. T-41: a third state "not answered".
func TestYesNo(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t).NewSite(t, "club")
	f, c := newField(t, s, vars{"type": "YES_NO", "label": "Drives?"}), s.NewPerson(t, "Kari", "Nordmann")
	at, out := answer(t, s, c, vars{"fieldId": f.ID})
	require.Empty(t, at)
	require.Empty(t, out.UpdateContact.Contact.Answers, "nobody marked anything")
	for _, v := range []bool{true, false} {
		at, out = answer(t, s, c, vars{"fieldId": f.ID, "yesNo": v})
		require.Empty(t, at)
		require.Equal(t, v, *out.UpdateContact.Contact.Answers[0].YesNo)
	}
	at, _ = answer(t, s, c, vars{"fieldId": f.ID, "text": "yes"})
	require.Equal(t, []string{"WRONG_TYPE answers.0.text"}, at)
	at, out = answer(t, s, c, vars{"fieldId": f.ID, "yesNo": nil})
	require.Empty(t, at)
	require.Empty(t, out.UpdateContact.Contact.Answers, "cleared is not answered, not No")
}

// T-42: a sentence typed by the user.
func TestText(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t).NewSite(t, "club")
	f, c := newField(t, s, vars{"type": "TEXT", "label": "Allergies"}), s.NewPerson(t, "Kari", "Nordmann")
	at, out := answer(t, s, c, vars{"fieldId": f.ID, "text": "  Nøtter, and « œufs » – 'quoted' ?  "})
	require.Empty(t, at)
	require.Equal(t, "Nøtter, and « œufs » – 'quoted' ?", *out.UpdateContact.Contact.Answers[0].Text)
	at, _ = answer(t, s, c, vars{"fieldId": f.ID, "text": strings.Repeat("é", 2001)})
	require.Equal(t, []string{"TOO_LONG answers.0.text"}, at)
	at, _ = answer(t, s, c, vars{"fieldId": f.ID, "text": "a\x00b"})
	require.Equal(t, []string{"INVALID_TEXT answers.0.text"}, at)
	at, out = answer(t, s, c, vars{"fieldId": f.ID, "text": "   "})
	require.Empty(t, at)
	require.Empty(t, out.UpdateContact.Contact.Answers)
}

// T-43: a box is ticked or not.
func TestCheckbox(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t).NewSite(t, "club")
	f, c := newField(t, s, vars{"type": "CHECKBOX", "label": "I read the rules"}), s.NewPerson(t, "Kari", "Nordmann")
	for _, v := range []bool{true, false} {
		at, out := answer(t, s, c, vars{"fieldId": f.ID, "checked": v})
		require.Empty(t, at)
		require.Equal(t, v, *out.UpdateContact.Contact.Answers[0].Checked)
	}
}

// T-45: an item of a list. T-46: only a dropdown has choices. T-48: the 20th is accepted, the 21st refused.
func TestDropdown(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	c := s.NewPerson(t, "Kari", "Nordmann")
	require.Equal(t, []string{"REQUIRED choices"}, refusedField(t, s, vars{"type": "DROPDOWN", "label": "Nothing to pick"}))
	require.Equal(t, []string{"CHOICE_LIMIT choices"}, refusedField(t, s, vars{"type": "DROPDOWN", "label": "Much", "choices": choiceList(21)}))
	for _, typ := range []string{"YES_NO", "TEXT", "CHECKBOX", "NUMBER", "DATE", "PHONE", "URL", "COUNTRY", "LONG_TEXT"} {
		require.Equal(t, []string{"WRONG_TYPE choices"}, refusedField(t, s, vars{"type": typ, "label": typ, "choices": choiceList(1)}))
	}
	require.Equal(t, []string{"DUPLICATE choices.1.label"}, refusedField(t, s, vars{"type": "DROPDOWN", "label": "Twice", "choices": []vars{{"label": "Été"}, {"label": "ete"}}}))
	f := newField(t, s, vars{"type": "DROPDOWN", "label": "Twenty", "choices": choiceList(20)})
	require.Len(t, f.Choices, 20)

	at, out := answer(t, s, c, vars{"fieldId": f.ID, "choiceIds": []string{f.Choices[19].ID}})
	require.Empty(t, at)
	require.Equal(t, "Choice 20", out.UpdateContact.Contact.Answers[0].Display)
	at, _ = answer(t, s, c, vars{"fieldId": f.ID, "choiceIds": []string{f.Choices[0].ID, f.Choices[1].ID}})
	require.Equal(t, []string{"TOO_MANY_CHOICES answers.0.choiceIds"}, at)
	at, _ = answer(t, s, c, vars{"fieldId": f.ID, "choiceIds": []string{f.ID}})
	require.Equal(t, []string{"UNKNOWN answers.0.choiceIds.0"}, at)

	// The database holds the limit too, whoever writes.
	_, err := p.DB.Pool.Exec(t.Context(), `UPDATE custom_field SET choices = choices || '[{"id":"x","label":"21"}]' WHERE id = $1`, f.ID)
	require.ErrorContains(t, err, "custom_field")

	var again struct {
		UpdateCustomField struct{ CustomField fieldAnswer }
	}
	more := append(choiceInputs(f), vars{"label": "One too many"})
	require.Equal(t, []string{"CHOICE_LIMIT choices"}, p.Payload(t, s.As(site.Manager), updateField, vars{"i": vars{"id": f.ID, "choices": more}}, nil))
	renamed := choiceInputs(f)
	renamed[19]["label"] = "The last"
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateField, vars{"i": vars{"id": f.ID, "choices": renamed}}, &again))
	var read struct {
		Contact struct{ Answers []struct{ Display string } }
	}
	p.Must(t, s.As(site.Viewer), `query($id: ID!) { contact(id: $id) { answers { display } } }`, vars{"id": c}, &read)
	require.Equal(t, "The last", read.Contact.Answers[0].Display, "renaming a choice loses no answer")
}

func choiceInputs(f fieldAnswer) []vars {
	out := make([]vars, len(f.Choices))
	for i, c := range f.Choices {
		out[i] = vars{"id": c.ID, "label": c.Label}
	}
	return out
}

// T-49: several answers. T-50: any number up to all. T-51: exactly n. T-52: min to max, both included.
func TestDropdownModes(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t).NewSite(t, "club")
	c := s.NewPerson(t, "Kari", "Nordmann")
	for _, mode := range []struct {
		name string
		def  vars
		ok   func(n int) bool
	}{
		{"unlimited", vars{"multiple": "UNLIMITED"}, func(int) bool { return true }},
		{"exact", vars{"multiple": "EXACT", "minChoices": 3}, func(n int) bool { return n == 3 }},
		{"range", vars{"multiple": "RANGE", "minChoices": 2, "maxChoices": 4}, func(n int) bool { return n >= 2 && n <= 4 }},
	} {
		mode.def["type"], mode.def["label"], mode.def["choices"] = "DROPDOWN", mode.name, choiceList(5)
		f := newField(t, s, mode.def)
		for n := 1; n <= 5; n++ {
			ids := []string{}
			for _, choice := range f.Choices[:n] {
				ids = append(ids, choice.ID)
			}
			at, out := answer(t, s, c, vars{"fieldId": f.ID, "choiceIds": ids})
			if !mode.ok(n) {
				require.Len(t, at, 1, "%s accepts %d", mode.name, n)
				require.Contains(t, at[0], "_CHOICES answers.0.choiceIds")
				continue
			}
			require.Empty(t, at, "%s refuses %d", mode.name, n)
			picked := out.UpdateContact.Contact.Answers[len(out.UpdateContact.Contact.Answers)-1].Choices
			require.Len(t, picked, n)
		}
	}
	for _, bad := range []vars{
		{"multiple": "EXACT"}, {"multiple": "EXACT", "minChoices": 0}, {"multiple": "EXACT", "minChoices": 6},
		{"multiple": "RANGE", "minChoices": 3, "maxChoices": 2}, {"multiple": "RANGE", "minChoices": 1, "maxChoices": 6}, {"multiple": "UNLIMITED", "minChoices": 1},
	} {
		bad["type"], bad["label"], bad["choices"] = "DROPDOWN", "Bad", choiceList(5)
		require.Contains(t, refusedField(t, s, bad)[0], "minChoices", "%v", bad)
	}
}

// A choice that is taken out takes the answers that picked it along, and leaves the others.
func TestRemovedChoice(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	c := s.NewPerson(t, "Kari", "Nordmann")
	f := newField(t, s, vars{"type": "DROPDOWN", "label": "Sports", "choices": choiceList(3), "multiple": "UNLIMITED"})
	at, _ := answer(t, s, c, vars{"fieldId": f.ID, "choiceIds": []string{f.Choices[0].ID, f.Choices[1].ID}})
	require.Empty(t, at)
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateField, vars{"i": vars{"id": f.ID, "choices": choiceInputs(f)[1:]}}, nil))
	var read struct {
		Contact struct{ Answers []struct{ Display string } }
	}
	q := `query($id: ID!) { contact(id: $id) { answers { display } } }`
	p.Must(t, s.As(site.Viewer), q, vars{"id": c}, &read)
	require.Equal(t, "Choice 2", read.Contact.Answers[0].Display)
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateField, vars{"i": vars{"id": f.ID, "choices": choiceInputs(f)[2:]}}, nil))
	p.Must(t, s.As(site.Viewer), q, vars{"id": c}, &read)
	require.Empty(t, read.Contact.Answers)
}
