package field

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"carnet/internal/fault"
)

// textual is what the types have in common whose answers are stored as a text: they travel as `text`, and rules
// compare them as texts.
type textual struct{}

func (textual) define(d *Definition, _ []Choice, add addFault) { refuseChoices(d, add) }

func (textual) complete(v Value) bool { return len(v) > 0 }

func (textual) display(_ *Definition, v Value, _ string) string { return *textOf(v) }

func (textual) given(v Value, in *Answer) { in.Text = textOf(v) }

func (textual) isText() {}

// read gives the text of an answer without the white space around it; empty for none.
func (textual) read(in Answer, most int) (string, error) {
	if err := in.only("text"); err != nil || in.Text == nil {
		return "", err
	}
	s := strings.TrimSpace(*in.Text)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return "", fault.Invalid(fault.InvalidText, []string{"text"}, "this text is not valid UTF-8")
	case utf8.RuneCountInString(s) > most:
		return "", fault.Invalid(fault.TooLong, []string{"text"}, "an answer has at most %d characters", most)
	}
	return s, nil
}

// stored gives a text as it is stored; none when it is empty.
func (textual) stored(s string, err error) (Value, error) {
	if err != nil || s == "" {
		return nil, err
	}
	return json.Marshal(s)
}

// IsText tells whether answers are texts, which rules compare as such: those of TEXT, LONG_TEXT, PHONE, URL and COUNTRY.
func (d *Definition) IsText() bool {
	t, _ := typeOf(d.Type)
	_, is := t.(interface{ isText() })
	return is
}
