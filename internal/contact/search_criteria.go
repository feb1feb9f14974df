package contact

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"carnet/internal/fold"
)

// The criteria of the advanced search that ask for one thing at a time (S-66 to S-71). They keep the
// rules of the search box: what is typed is completed, and `*` stands for any run of characters.

// Matches compares a column with what was typed: its beginning or, where there is a `*`, the whole.
// The value is folded as the column is.
func Matches(column, typed string, fold func(string) string) Condition {
	if !strings.Contains(typed, "*") {
		return Prefix(column, fold(typed))
	}
	pieces := strings.Split(typed, "*")
	for i := range pieces {
		pieces[i] = escapeLike(fold(pieces[i]))
	}
	return Condition{SQL: column + " LIKE ?", Args: []any{strings.Join(pieces, "%")}}
}

// Named finds contacts, which the query calls alias, by their names alone (S-66, S-68): a surname, a
// first name or an organization's name, "Dupont, j", or several words that each begin one.
func Named(alias, typed string) Condition {
	last, first := alias+".n_last", alias+".n_first"
	if surname, given, both := strings.Cut(typed, ","); both {
		return And(Matches(last, surname, fold.Text), Matches(first, given, fold.Text))
	}
	either := []Condition{Matches(last, typed, fold.Text), Matches(first, typed, fold.Text)}
	if strings.Contains(typed, "*") {
		return narrowed(alias, typed, Or(either...))
	}
	if list := strings.Fields(fold.Text(typed)); len(list) > 1 {
		var each []Condition
		for _, word := range list[:min(len(list), 6)] {
			each = append(each, Or(Prefix(last, word), Prefix(first, word), beginsWord(last, word)))
		}
		either = append(either, And(each...))
	}
	return Or(either...)
}

// narrowed lets the trigram index find what has the longest piece of a pattern.
func narrowed(alias, typed string, match Condition) Condition {
	longest := ""
	for _, piece := range strings.Split(fold.Text(typed), "*") {
		if piece = strings.TrimSpace(piece); len([]rune(piece)) > len([]rune(longest)) {
			longest = piece
		}
	}
	if len([]rune(longest)) < 3 {
		return match
	}
	return And(Condition{SQL: alias + ".search LIKE ?", Args: []any{"%" + escapeLike(longest) + "%"}}, match)
}

// Mailed finds contacts by an e-mail address (S-71): the main one by its beginning or a pattern, a further
// one whole.
func Mailed(typed string) Condition {
	lower := func(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
	main := Matches("contact.email_key", typed, lower)
	if strings.Contains(typed, "*") {
		return main
	}
	return Or(main, hasReach(lower(typed)))
}

// Phoned finds contacts by a phone number however it is typed (S-70): phone and mobile by their beginning,
// further numbers whole. A number without a prefix is one of the country.
func Phoned(typed, country string) Condition {
	number := dialled(typed, country)
	if number == "" {
		return Condition{SQL: "FALSE"}
	}
	return Or(Prefix("contact.phone", number), Prefix("contact.mobile", number), hasReach(number))
}

func hasReach(way string) Condition {
	return Condition{SQL: "contact.reach @> ARRAY[?]::text[]", Args: []any{way}}
}

// dialled turns a number, or the beginning of one, into E.164 or its beginning; empty without a digit.
func dialled(typed, country string) string {
	if n, err := phonenumbers.Parse(typed, country); err == nil && phonenumbers.IsPossibleNumber(n) {
		return phonenumbers.Format(n, phonenumbers.E164)
	}
	typed = strings.TrimSpace(typed)
	rest := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, typed)
	if rest == "" {
		return ""
	}
	code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(country))
	switch {
	case strings.HasPrefix(rest, "00"):
		code, rest = callingCode(rest[2:])
	case strings.HasPrefix(typed, "+"):
		code, rest = callingCode(rest)
	}
	if code != "39" { // Italy's zeros belong to the number, others' are for calls within the country
		rest = strings.TrimPrefix(rest, "0")
	}
	return "+" + code + rest
}

// callingCode takes a country's calling code off the beginning of a number; there is none in a shorter one.
func callingCode(digits string) (code, rest string) {
	for n := 1; n <= min(3, len(digits)); n++ {
		if c, err := strconv.Atoi(digits[:n]); err == nil && phonenumbers.GetRegionCodeForCountryCode(c) != "ZZ" {
			return digits[:n], digits[n:]
		}
	}
	return digits, ""
}
