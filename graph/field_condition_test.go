package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

func showIf(id, op string, values ...string) vars {
	return vars{"showIf": []vars{{"fieldId": id, "op": op, "values": values}}}
}

func merged(input, more vars) vars {
	out := vars{}
	for _, part := range []vars{input, more} {
		for k, v := range part {
			out[k] = v
		}
	}
	return out
}

// A field is asked only if others are answered so: the form learns it, and the server holds to it. What is not asked need not be
// answered, and is not taken.
func TestFieldsShownIf(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	diet := newField(t, s, vars{"type": "DROPDOWN", "label": "Diet", "choices": choiceList(3), "onRegistration": true, "onCheckout": true})
	what := newField(t, s, merged(vars{"type": "NUMBER", "label": "How strict?", "required": true, "onCheckout": true}, showIf(diet.ID, "ANY_OF", diet.Choices[0].ID, diet.Choices[1].ID)))
	why := newField(t, s, merged(vars{"type": "TEXT", "label": "Why?", "required": true, "onCheckout": true}, showIf(what.ID, "EQUALS", "2,0")))

	var asked struct {
		SurfaceFields []struct {
			ID     string
			ShowIf []struct {
				FieldID, Op string
				Values      []string
			}
		}
	}
	p.Must(t, s.Visitor(), `{ surfaceFields(surface: CHECKOUT) { id showIf { fieldId op values } } }`, nil, &asked)
	require.Len(t, asked.SurfaceFields, 3)
	require.Empty(t, asked.SurfaceFields[0].ShowIf)
	require.Equal(t, "[{"+diet.ID+" ANY_OF ["+diet.Choices[0].ID+" "+diet.Choices[1].ID+"]}]", fmt.Sprint(asked.SurfaceFields[1].ShowIf))
	require.Equal(t, "[{"+what.ID+" EQUALS [2]}]", fmt.Sprint(asked.SurfaceFields[2].ShowIf), "as answers are stored")

	prepare := func(answers ...vars) []string {
		return p.Payload(t, s.Visitor(), `mutation($i: PrepareCheckoutInput!) { prepareCheckout(input: $i) { token errors { code message path } } }`,
			vars{"i": vars{"order": "A-1", "nonce": "0123456789abcdef", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron", "answers": answers}}, nil)
	}
	pick := func(i int) vars { return vars{"fieldId": diet.ID, "choiceIds": []string{diet.Choices[i].ID}} }
	require.Empty(t, prepare(), "what is not asked is not required")
	require.Empty(t, prepare(pick(2)))
	require.Equal(t, []string{"REQUIRED answers." + what.ID}, prepare(pick(1)))
	require.Empty(t, prepare(pick(1), vars{"fieldId": what.ID, "number": 1}))
	require.Equal(t, []string{"REQUIRED answers." + why.ID}, prepare(pick(1), vars{"fieldId": what.ID, "number": 2}))
	require.Empty(t, prepare(vars{"fieldId": why.ID, "text": "so"}, vars{"fieldId": what.ID, "number": 2}, pick(0)), "in any order")
	require.Equal(t, []string{"INVALID_NUMBER answers.0.number"}, prepare(vars{"fieldId": what.ID, "number": 1e15}, pick(0)))
	require.Empty(t, prepare(vars{"fieldId": what.ID, "number": 1e15}), "an answer that is not asked for is dropped, whatever it is")

	// Staff answer whatever they want to.
	who := s.NewPerson(t, "Bo", "Berg")
	at, out := answer(t, s, who, vars{"fieldId": why.ID, "text": "because"})
	require.Empty(t, at)
	require.Len(t, out.UpdateContact.Contact.Answers, 1)
}

// A condition that cannot be, and a change after which another field's condition could not be, are refused.
func TestConditionsAreRefused(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	diet := newField(t, s, vars{"type": "DROPDOWN", "label": "Diet", "choices": choiceList(2), "onCheckout": true, "onRegistration": true})
	first := newField(t, s, merged(vars{"type": "YES_NO", "label": "First", "onCheckout": true}, showIf(diet.ID, "EQUALS", diet.Choices[0].ID)))
	second := newField(t, s, merged(vars{"type": "NUMBER", "label": "Second", "onCheckout": true}, showIf(first.ID, "EQUALS", "true")))
	phone := newField(t, s, vars{"type": "PHONE", "label": "Call", "onCheckout": true, "onRegistration": true})
	old := newField(t, s, vars{"type": "TEXT", "label": "Old"})
	change := func(id string, up vars) []string {
		return p.Payload(t, s.As(site.Manager), updateField, vars{"i": merged(vars{"id": id}, up)}, nil)
	}
	require.Empty(t, change(old.ID, vars{"archived": true}))
	foreign := newField(t, p.NewSite(t, "other"), vars{"type": "YES_NO", "label": "Elsewhere"})

	for want, cond := range map[string]vars{
		"UNKNOWN showIf.0.fieldId":        showIf(foreign.ID, "ANSWERED"),
		"UNKNOWN  showIf.0.fieldId":       showIf(old.ID, "ANSWERED"),
		"NOT_ON_SURFACE showIf.0.fieldId": showIf(first.ID, "ANSWERED"),
		"WRONG_TYPE showIf.0.op":          showIf(phone.ID, "EQUALS", "+4722334455"),
		"WRONG_TYPE showIf.0.values":      showIf(phone.ID, "ANSWERED", "x"),
		"INVALID showIf.0.values":         showIf(diet.ID, "ANY_OF"),
		"INVALID  showIf.0.values":        showIf(diet.ID, "EQUALS", diet.Choices[0].ID, diet.Choices[1].ID),
		"INVALID showIf.0.values.0":       showIf(diet.ID, "EQUALS", "vegan"),
		"TOO_LONG showIf":                 {"showIf": []vars{{"fieldId": phone.ID, "op": "ANSWERED"}, {"fieldId": phone.ID, "op": "ANSWERED"}, {"fieldId": phone.ID, "op": "ANSWERED"}, {"fieldId": phone.ID, "op": "ANSWERED"}, {"fieldId": phone.ID, "op": "ANSWERED"}, {"fieldId": phone.ID, "op": "ANSWERED"}}},
	} {
		got := refusedField(t, s, merged(vars{"type": "TEXT", "label": "New", "onRegistration": true}, cond))
		require.Equal(t, []string{strings.Join(strings.Fields(want), " ")}, got)
	}
	for _, circle := range []string{first.ID, second.ID} { // of itself, and through another
		require.Equal(t, []string{"FIELD_CYCLE showIf.0.fieldId"}, change(first.ID, showIf(circle, "ANSWERED")))
	}

	// What others' conditions ask for stays.
	require.Equal(t, []string{"FIELD_AWAITED "}, change(first.ID, vars{"archived": true}))
	require.Equal(t, []string{"FIELD_AWAITED "}, change(first.ID, vars{"onCheckout": false}))
	require.Equal(t, []string{"FIELD_AWAITED "}, change(diet.ID, vars{"choices": []vars{{"id": diet.Choices[1].ID, "label": "B"}}}))
	require.Empty(t, change(diet.ID, vars{"choices": []vars{{"id": diet.Choices[0].ID, "label": "A"}}, "onRegistration": false}))
	require.Empty(t, change(second.ID, vars{"archived": true}))
	require.Empty(t, change(first.ID, vars{"archived": true}))
	require.Equal(t, []string{"UNKNOWN showIf.0.fieldId"}, change(second.ID, vars{"archived": false}), "it would wait for what is put away")
	require.Empty(t, change(second.ID, vars{"archived": false, "showIf": []vars{}}))
}
