package field

import "strings"

// MaxLongText is how many characters an answer of several lines has at most.
const MaxLongText = 10_000

// longText is a text of several lines. Every line ends as lines do on Unix.
type longText struct{ textual }

var _ Type = longText{}

func (longText) Name() string { return "long_text" }

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (t longText) parse(_ *Definition, in Answer, _ string) (Value, error) {
	if in.Text != nil {
		s := lineEnds.Replace(*in.Text)
		in.Text = &s
	}
	return t.stored(t.read(in, MaxLongText))
}
