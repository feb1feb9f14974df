package contact

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"carnet/internal/site"
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

// Named finds contacts by their names alone, as the search box does (S-66): what is typed is no number and no address.
func Named(typed string, of site.Site) Condition {
	find := readNames("contact", typed)
	for i, p := range find.parts {
		if p.prefix != "" { // which completes addresses too
			find.parts[i].words = And(p.words, Condition{SQL: "w.word NOT LIKE '%@'"})
		}
	}
	if len(find.parts) == 0 && find.row.SQL == "" { // signs alone
		return Condition{SQL: "FALSE"}
	}
	return find.condition(of)
}

// NamedRow is Named as a condition of a row that is found already, which the query calls alias (S-68): no index is
// asked.
func NamedRow(alias, typed string) Condition {
	find := readNames(alias, typed)
	var all []Condition
	if find.row.SQL != "" {
		all = append(all, find.row)
	}
	for _, p := range find.parts {
		// The first is true of whatever the second is, and cheap.
		all = append(all, Condition{SQL: alias + ".search LIKE ?", Args: []any{"%" + p.like + "%"}}, namesMatch(alias, p.like))
	}
	if len(all) == 0 {
		return Condition{SQL: "FALSE"}
	}
	return And(all...)
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
