package field_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/field"
)

// answerCase is an answer as somebody types it, what a widget sends of it, and what becomes of that. The widgets' side is
// held to the same cases by widgets/test/field.test.ts.
type answerCase struct {
	Type, Typed string
	Times       int           // how often what is typed, and sent, is repeated
	Sent        *field.Answer // nil: the widget sends nothing, since it is no value of the type
	Stored      json.RawMessage
	Error       string
	Only        string // "server": who alone can tell that it is wrong
}

// T-39: whatever is typed, both sides take it for the same, or refuse it for the same reason.
func TestTypesConform(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/answers.json")
	require.NoError(t, err)
	var cases []answerCase
	require.NoError(t, json.Unmarshal(raw, &cases))
	for _, c := range cases {
		name := c.Type + " " + c.Typed
		def := &field.Definition{ID: uuid.Must(uuid.NewV7()), Type: strings.ToLower(c.Type), Label: "Asked"}
		if def.Type == "number" && strings.TrimSpace(c.Typed) != "" {
			read, ok := field.ReadNumber(c.Typed)
			require.Equal(t, c.Sent != nil, ok, name)
			if ok {
				require.InDelta(t, *c.Sent.Number, read, 0, name)
			}
		}
		if c.Sent == nil {
			continue
		}
		in := *c.Sent
		in.FieldID = def.ID
		if c.Times > 0 {
			long := strings.Repeat(*in.Text, c.Times)
			in.Text = &long
			c.Stored = json.RawMessage(strings.Replace(string(c.Stored), *c.Sent.Text, long, 1))
		}
		stored, err := field.Apply([]*field.Definition{def}, nil, []field.Answer{in}, "NO")
		if c.Error != "" {
			list, _ := fault.Mendable(err)
			require.Len(t, list, 1, "%s: %v %s", name, err, stored[def.ID.String()])
			require.Equal(t, c.Error, list[0].Reason, name)
			continue
		}
		require.NoError(t, err, name)
		if string(c.Stored) == "null" {
			require.Empty(t, stored, name)
			continue
		}
		v := stored[def.ID.String()]
		require.JSONEq(t, string(c.Stored), string(v), name)

		// The way back: what is stored is given, stored and shown as it is.
		again, err := field.Apply([]*field.Definition{def}, nil, []field.Answer{def.Given(v)}, "FR")
		require.NoError(t, err, name)
		require.Equal(t, stored, again, name)
		require.NotEmpty(t, field.Show([]*field.Definition{def}, stored, "nb")[0].Display, name)
	}
}

// A value of another type is refused by every type, and every type is read back from what it stores.
func TestTypesTakeTheirOwnOnly(t *testing.T) {
	t.Parallel()
	yes, word, n, day := true, "x", 1.0, "2026-11-26"
	given := map[string]field.Answer{"yesNo": {YesNo: &yes}, "checked": {Checked: &yes}, "text": {Text: &word}, "number": {Number: &n}, "date": {Date: &day}, "choiceIds": {ChoiceIDs: []uuid.UUID{uuid.Nil}}}
	own := map[string]string{"yes_no": "yesNo", "checkbox": "checked", "number": "number", "date": "date", "dropdown": "choiceIds"}
	for _, typ := range field.Types {
		def := &field.Definition{ID: uuid.Must(uuid.NewV7()), Type: typ.Name()}
		for name, in := range given {
			if want := own[typ.Name()]; name == want || want == "" && name == "text" {
				continue
			}
			in.FieldID = def.ID
			_, err := field.Apply([]*field.Definition{def}, nil, []field.Answer{in}, "NO")
			list, _ := fault.Mendable(err)
			require.Len(t, list, 1, "%s given %s", typ.Name(), name)
			require.Equal(t, fault.WrongType, list[0].Reason)
			require.Equal(t, []string{"answers", "0", name}, list[0].Path)
		}
	}
}

// The widgets and the admin offer the countries that the server takes.
func TestCountriesAreTheSame(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`\b[A-Z]{2}\b`)
	lists := map[string][]string{}
	for name, file := range map[string]string{"server": "country.go", "widgets": "../../widgets/kit/field/country.ts", "admin": "../../admin/src/part/country.ts"} {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		line := regexp.MustCompile(`(?s)['"]AD AE .*? ZW['"]`).Find(source)
		lists[name] = code.FindAllString(string(line), -1)
	}
	require.Len(t, lists["server"], 249)
	require.Equal(t, lists["server"], lists["widgets"])
	require.Equal(t, lists["server"], lists["admin"])
}

// Which fields are asked for which answers, as the widgets' test reads it too.
func TestConditionsConform(t *testing.T) {
	t.Parallel()
	var file struct {
		Fields []struct {
			ID      uuid.UUID
			Type    string
			Choices []uuid.UUID
			ShowIf  []struct {
				FieldID uuid.UUID
				Op      string
				Values  []string
			}
		}
		Always []uuid.UUID
		Cases  []struct {
			Name    string
			Answers map[uuid.UUID]field.Answer
			Asked   []uuid.UUID
		}
	}
	raw, err := os.ReadFile("testdata/conditions.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &file))
	several := field.Unlimited
	var defs []*field.Definition
	for _, f := range file.Fields {
		d := &field.Definition{ID: f.ID, Type: strings.ToLower(f.Type), OnProfile: true}
		for _, id := range f.Choices {
			d.Choices, d.Multiple = append(d.Choices, field.Choice{ID: id}), &several
		}
		for _, c := range f.ShowIf {
			d.ShowIf = append(d.ShowIf, field.Condition{FieldID: c.FieldID, Op: field.ConditionOp(strings.ToLower(c.Op)), Values: c.Values})
		}
		defs = append(defs, d)
	}
	for _, c := range file.Cases {
		var given []field.Answer
		for id, in := range c.Answers {
			in.FieldID = id
			if strings.HasSuffix(id.String(), "ff") {
				continue // of no field that there is
			}
			given = append(given, in)
		}
		stored, err := field.Apply(defs, nil, given, "NO")
		require.NoError(t, err, c.Name)
		asked := []uuid.UUID{}
		for id, is := range field.Asked(defs, stored) {
			if is {
				asked = append(asked, id)
			}
		}
		require.ElementsMatch(t, slices.Concat(file.Always, c.Asked), asked, c.Name)

		// What is not asked is dropped, and everything else is kept.
		kept, err := field.ApplyOn(field.Profile, defs, nil, given, "NO")
		require.NoError(t, err, c.Name)
		for id := range stored {
			_, has := kept[id]
			require.Equal(t, field.Asked(defs, stored)[uuid.MustParse(id)], has, "%s: %s", c.Name, id)
		}
	}
}
