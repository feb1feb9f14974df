package field

import "encoding/json"

// checkbox is ticked if its sentence applies (T-43); required means it must be ticked (T-44).
type checkbox struct{}

var _ Type = checkbox{}

func (checkbox) Name() string { return "checkbox" }

func (checkbox) define(d *Definition, _ []Choice, add addFault) { refuseChoices(d, add) }

func (checkbox) parse(_ *Definition, in Answer, _ string) (Value, error) {
	if err := in.only("checked"); err != nil || in.Checked == nil {
		return nil, err
	}
	return json.Marshal(*in.Checked)
}

func (checkbox) complete(v Value) bool { return string(v) == "true" }

func (checkbox) display(_ *Definition, v Value, _ string) string {
	if string(v) == "true" {
		return "✓"
	}
	return "–"
}

func (checkbox) given(v Value, in *Answer) { in.Checked = boolOf(v) }
