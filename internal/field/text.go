package field

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"carnet/internal/fault"
)

// MaxText is how many characters a text answer has at most.
const MaxText = 2000

// text is a sentence typed by the user (T-42). White space around it does not count.
type text struct{}

var _ Type = text{}

func (text) Name() string { return "text" }

func (text) define(d *Definition, _ []Choice, add addFault) { refuseChoices(d, add) }

func (text) parse(_ *Definition, in Answer) (Value, error) {
	if err := in.only("text"); err != nil || in.Text == nil {
		return nil, err
	}
	s := strings.TrimSpace(*in.Text)
	switch {
	case s == "":
		return nil, nil //nolint:nilnil // no answer is an answer here: the field is cleared
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return nil, fault.Invalid(fault.InvalidText, []string{"text"}, "this text is not valid UTF-8")
	case utf8.RuneCountInString(s) > MaxText:
		return nil, fault.Invalid(fault.TooLong, []string{"text"}, "an answer has at most %d characters", MaxText)
	}
	return json.Marshal(s)
}

func (text) complete(v Value) bool { return len(v) > 0 }

func (text) display(_ *Definition, v Value, _ string) string {
	return *textOf(v)
}
