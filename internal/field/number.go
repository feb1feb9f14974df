package field

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"carnet/internal/fault"
)

// number is a number of at most 15 significant digits, which every program reads and writes alike: a double holds each of
// them, and no two are the same double. It is below 1e15, and no nearer to zero than 0.000001, so that its canonical form
// (RFC 8785) has no exponent.
type number struct{}

var _ Type = number{}

// Bounds of a number's absolute value.
const (
	belowNumber = 1e15
	leastNumber = 1e-6
)

func (number) Name() string { return "number" }

func (number) define(d *Definition, _ []Choice, add addFault) { refuseChoices(d, add) }

func (number) parse(_ *Definition, in Answer, _ string) (Value, error) {
	if err := in.only("number"); err != nil || in.Number == nil {
		return nil, err
	}
	v := *in.Number
	if !IsNumber(v) {
		return nil, fault.Invalid(fault.InvalidNumber, []string{"number"}, "give a number of at most 15 digits, below 1e15 and not nearer to zero than 0.000001")
	}
	return json.RawMessage(FormatNumber(v)), nil
}

// IsNumber tells whether a field may be answered, or an answer compared, with a number.
func IsNumber(v float64) bool {
	abs := math.Abs(v)
	if v == 0 {
		return true
	}
	digits, _, _ := strings.Cut(strconv.FormatFloat(abs, 'e', -1, 64), "e")
	return abs < belowNumber && abs >= leastNumber && len(strings.Replace(digits, ".", "", 1)) <= 15
}

// FormatNumber writes a number as answers hold it. There is no negative zero.
func FormatNumber(v float64) string {
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

var (
	// What people put between thousands: spaces of all kinds and apostrophes.
	betweenThousands = strings.NewReplacer(" ", "", "\u00a0", "", "\u2009", "", "\u202f", "", "'", "", "’", "", "\u2212", "-")
	plainNumber      = regexp.MustCompile(`^[+-]?(\d+([.,]\d*)?|[.,]\d+)$`)
	// A comma before three digits is a decimal comma to some and stands between thousands to others.
	eitherComma = regexp.MustCompile(`^[+-]?[1-9]\d{0,2},\d{3}$`)
)

// ReadNumber reads a number as people write it: 1234.5, 1 234,5. It is false for what is none, or could be two.
// widgets/kit/field/number.ts reads the same.
func ReadNumber(typed string) (float64, bool) {
	s := betweenThousands.Replace(strings.TrimSpace(typed))
	if !plainNumber.MatchString(s) || eitherComma.MatchString(s) {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return v, err == nil
}

func (number) complete(v Value) bool { return len(v) > 0 }

// display writes the number with the comma or point of a language. Thousands are not set apart: it may be a year.
func (number) display(_ *Definition, v Value, language string) string {
	if strings.HasPrefix(language, "fr") || strings.HasPrefix(language, "nb") {
		return strings.Replace(string(v), ".", ",", 1)
	}
	return string(v)
}

func (number) given(v Value, in *Answer) { in.Number = numberOf(v) }

func numberOf(v Value) *float64 {
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return nil
	}
	return &f
}
