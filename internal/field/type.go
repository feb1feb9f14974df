package field

import "encoding/json"

// Value is a canonical answer as stored: JSON true/false, a number, a string (a text, a day, a choice id), or an array of
// choice ids.
type Value = json.RawMessage

// Type is what a kind of question does. One implementation a file; the conformance test runs over Types.
type Type interface {
	// Name is the word stored in the database.
	Name() string
	// define checks the part of a definition that only this type has.
	define(d *Definition, before []Choice, add addFault)
	// parse turns an input into the stored value; nil = no answer. Errors carry a path below the answer. country is that of
	// phone numbers without a prefix.
	parse(d *Definition, in Answer, country string) (Value, error)
	// given writes the value of an input that parses to a stored value: the way back.
	given(v Value, in *Answer)
	// complete tells whether a stored value fulfils "required".
	complete(v Value) bool
	// display gives the answer as a short text in a language.
	display(d *Definition, v Value, language string) string
}

// Types lists every type of question: the one place to add one (T-39).
var Types = []Type{yesNo{}, text{}, checkbox{}, dropdown{}, number{}, date{}, phone{}, url{}, country{}, longText{}}

func typeOf(name string) (Type, bool) {
	for _, t := range Types {
		if t.Name() == name {
			return t, true
		}
	}
	return nil, false
}

func names() []string {
	out := make([]string, len(Types))
	for i, t := range Types {
		out[i] = t.Name()
	}
	return out
}
