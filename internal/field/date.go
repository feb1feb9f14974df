package field

import (
	"encoding/json"
	"time"

	"carnet/internal/fault"
)

// date is a calendar day, kept as ISO 8601 writes it: such texts sort as the days do.
type date struct{}

var _ Type = date{}

func (date) Name() string { return "date" }

func (date) define(d *Definition, _ []Choice, add addFault) { refuseChoices(d, add) }

func (date) parse(_ *Definition, in Answer, _ string) (Value, error) {
	if err := in.only("date"); err != nil || in.Date == nil || *in.Date == "" {
		return nil, err
	}
	day, err := time.Parse(time.DateOnly, *in.Date)
	if err != nil || day.Year() < 1 {
		return nil, fault.Invalid(fault.InvalidDate, []string{"date"}, "give a day as YYYY-MM-DD, from the year 1 to 9999")
	}
	return json.Marshal(*in.Date)
}

func (date) complete(v Value) bool { return len(v) > 0 }

func (date) display(_ *Definition, v Value, _ string) string { return *textOf(v) }

func (date) given(v Value, in *Answer) { in.Date = textOf(v) }
