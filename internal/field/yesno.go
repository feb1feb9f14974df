package field

import (
	"encoding/json"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// yesNo is answered Yes or No, actively; not answered is a third state (T-40, T-41).
type yesNo struct{}

var _ Type = yesNo{}

func (yesNo) Name() string { return "yes_no" }

func (yesNo) define(d *Definition, _ []Choice, add addFault) { refuseChoices(d, add) }

func (yesNo) parse(_ *Definition, in Answer, _ string) (Value, error) {
	if in.YesNo == nil {
		return nil, in.only("yesNo")
	}
	v, err := json.Marshal(*in.YesNo)
	return v, firstError(in.only("yesNo"), err)
}

func (yesNo) complete(v Value) bool { return len(v) > 0 }

var noAndYes = map[string][2]string{"fr": {"Non", "Oui"}, "nb": {"Nei", "Ja"}}

func (yesNo) display(_ *Definition, v Value, language string) string {
	pair, ok := noAndYes[site.NearestLanguage(language, "")]
	if !ok {
		pair = [2]string{"No", "Yes"}
	}
	if string(v) == "true" {
		return pair[1]
	}
	return pair[0]
}

func (yesNo) given(v Value, in *Answer) { in.YesNo = boolOf(v) }

// refuseChoices is for the types without choices (T-46).
func refuseChoices(d *Definition, add addFault) {
	if len(d.Choices) > 0 {
		add(fault.WrongType, []string{"choices"}, "only a dropdown has choices")
	}
	if d.Multiple != nil || d.MinChoices != nil || d.MaxChoices != nil {
		add(fault.WrongType, []string{"multiple"}, "only a dropdown allows several answers")
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
