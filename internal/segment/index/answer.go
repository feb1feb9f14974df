package index

import (
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/field"
)

// Numbers of answers, each under its field's name.
const (
	answerNumber = "number "
	answerDay    = "day "
)

// AnswerNumber names the ordinals of the answers to a number field.
func AnswerNumber(of uuid.UUID) string { return answerNumber + of.String() }

// AnswerDay names the days of the answers to a date field.
func AnswerDay(of uuid.UUID) string { return answerDay + of.String() }

// greatestOrdinal is above the ordinal of every number that a field keeps, and its negative below.
const greatestOrdinal = 1 << 59

// leastBits are those of 0.000001, the number nearest to zero that a field keeps (field.IsNumber).
var leastBits = int64(math.Float64bits(1e-6))

// Ordinal gives whole numbers that are in the order of the numbers that a field keeps, and equal for equal ones only: the bits
// of a double sort as the double does, so that a range of them needs no more planes than those between the least and the
// greatest. What psql may have written beyond these bounds is as near as it gets.
func Ordinal(v float64) int64 {
	if v == 0 {
		return 0
	}
	o := max(int64(math.Float64bits(math.Abs(v)))-leastBits+2, 1) // 1 is left for what is nearer to zero
	o = min(o, greatestOrdinal)
	if v < 0 {
		return -o
	}
	return o
}

// kind notes what the answers to a field are.
func (x *Index) kind(of uuid.UUID, word string) {
	x.choices[of] = word == "dropdown"
	switch word {
	case "number":
		x.ranged[of] = AnswerNumber(of)
	case "date":
		x.ranged[of] = AnswerDay(of)
	}
}

// writeAnswers sets the values of all custom fields.
func (x *Index) writeAnswers(o uint32, answers string) {
	given := map[uuid.UUID][]string{}
	numbers := map[uuid.UUID]int64{}
	field.TakeApart([]byte(answers), func(key []byte, v field.Value) {
		id, err := uuid.ParseBytes(key)
		if err != nil {
			return
		}
		given[id] = x.answerValues(id, string(v))
		if name := x.ranged[id]; name != "" {
			if n, is := answerOrdinal(name, string(v)); is {
				numbers[id] = n
			}
		}
	})
	for of, a := range x.attrs {
		if of.Name == Field && given[of.Of] == nil && a.some.Contains(o) {
			a.replace(o, nil)
		}
	}
	for id, values := range given {
		x.attribute(Attr{Field, id}).replace(o, values)
	}
	for id, name := range x.ranged {
		n, has := numbers[id]
		if s := x.numbers[name]; s != nil || has {
			x.setNumber(x.number(name), o, n, has)
		}
	}
}

// answerOrdinal reads a stored answer; false when it is not as the field keeps it.
func answerOrdinal(name, value string) (int64, bool) {
	if strings.HasPrefix(name, answerDay) {
		if !strings.HasPrefix(value, `"`) {
			return 0, false
		}
		return dayOfDate(strings.Trim(value, `"`))
	}
	v, err := strconv.ParseFloat(value, 64)
	return Ordinal(v), err == nil
}

// answerValues gives what is kept of an answer beside its number. Texts are not: only that there is one.
func (x *Index) answerValues(of uuid.UUID, value string) []string {
	values := []string{Answered}
	switch {
	case value == "true", value == "false":
		return append(values, value)
	case !x.choices[of]:
		return values
	case strings.HasPrefix(value, `"`):
		return append(values, strings.Trim(value, `"`))
	case strings.HasPrefix(value, "["):
		for part := range strings.SplitSeq(value, `"`) {
			if len(part) == 36 {
				values = append(values, part)
			}
		}
	}
	return values
}
