package field

// MaxText is how many characters a text answer has at most.
const MaxText = 2000

// text is a sentence typed by the user (T-42). White space around it does not count.
type text struct{ textual }

var _ Type = text{}

func (text) Name() string { return "text" }

func (t text) parse(_ *Definition, in Answer, _ string) (Value, error) {
	return t.stored(t.read(in, MaxText))
}
