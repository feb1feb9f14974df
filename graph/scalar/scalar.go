// Package scalar maps the schema's scalars to Go.
package scalar

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/internal/fault"
)

// MarshalID writes an id.
func MarshalID(id uuid.UUID) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(id.String())) })
}

// UnmarshalID reads an id; what is not one of ours is refused before anything is asked of the database.
func UnmarshalID(v any) (uuid.UUID, error) {
	s, ok := v.(string)
	if !ok {
		return uuid.Nil, fault.New(fault.BadInput, "an id is a string")
	}
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return uuid.Nil, fault.New(fault.BadInput, "%.40q is not an id; take it from a field `id`", s)
	}
	return id, nil
}

// Day is a calendar day as clients write it, checked.
type Day string

// MarshalGQL writes the day.
func (d Day) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL reads and checks a day.
func (d *Day) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if _, err := time.Parse(time.DateOnly, s); !ok || err != nil {
		return fault.New(fault.BadInput, "a date is written YYYY-MM-DD, for example 1987-04-30")
	}
	*d = Day(s)
	return nil
}

// Time gives midnight UTC of the day, as dates are kept.
func (d Day) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d)) // checked when it was read
	return t
}

// MarshalDate writes a stored date.
func MarshalDate(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(t.Format(time.DateOnly))) })
}

// UnmarshalDate reads a date into a time at midnight UTC.
func UnmarshalDate(v any) (time.Time, error) {
	var d Day
	err := d.UnmarshalGQL(v)
	return d.Time(), err
}

// MarshalJSON writes JSON as it is.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		if len(raw) == 0 {
			raw = json.RawMessage("null")
		}
		_, _ = w.Write(raw)
	})
}

// UnmarshalJSON keeps a value as JSON.
func UnmarshalJSON(v any) (json.RawMessage, error) { return json.Marshal(v) }

// MarshalString writes a text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads a text and, unlike gqlgen's, nothing else (GraphQL specification, 3.5.3).
func UnmarshalString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fault.New(fault.BadInput, "%v is not a text", v)
	}
	return s, nil
}

// MarshalBoolean writes a truth value.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// UnmarshalBoolean reads true or false and, unlike gqlgen's, nothing else (GraphQL specification, 3.5.4).
func UnmarshalBoolean(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, fault.New(fault.BadInput, "%v is neither true nor false", v)
	}
	return b, nil
}

// MarshalFloat writes a number, without an exponent as far as none is needed.
func MarshalFloat(f float64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		b, err := json.Marshal(f)
		if err != nil { // not finite: no answer of ours
			b = []byte("null")
		}
		_, _ = w.Write(b)
	})
}

// UnmarshalFloat reads a number, whole or not, and, unlike gqlgen's, nothing else (GraphQL specification, 3.5.2).
func UnmarshalFloat(v any) (float64, error) {
	var f float64
	var err error
	switch v := v.(type) {
	case json.Number:
		f, err = v.Float64()
	case float64:
		f = v
	case int64:
		f = float64(v)
	case int:
		f = float64(v)
	default:
		return 0, fault.New(fault.BadInput, "%v is not a number", v)
	}
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, fault.New(fault.BadInput, "%v is not a number that is finite", v)
	}
	return f, nil
}
