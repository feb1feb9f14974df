package contact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"carnet/internal/db"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Search reads what was typed into the search box (S-63, S-97, S-99 to S-104, G-01):
//
//   - each word begins a word of the surname, the first name, the organization's name or the company,
//     in any order: "dup", "marie dup", "moreau" for Dupont-Moreau; neither case nor accents matter;
//   - `*` stands for any run of characters and switches the completion off: "*pont", "du*", "*pon*",
//     "d*nt"; what then has no `*` is a whole word;
//   - "Dupont, j" is surname and first name, both completed;
//   - digits are also a contact number, as "[12]" is, or a phone number, however it is typed;
//   - a word is also an e-mail address that begins so; with an @ it is nothing else. A pattern with an @
//     is matched against every address: "*@example.org";
//   - the whole is also the number of a record in another system, completed from three characters on.
//
// Blank text finds everybody. This is the search as one condition, for any list and any rule; a page by
// name is read otherwise (see arm).
func Search(typed string, of site.Site) Condition { return readSearch(typed, of).condition(of) }

// maxSearch is how many bytes may be typed.
const (
	maxSearch = 500
	tooLong   = "a search has at most %d bytes"
)

// search is what was typed, understood: all parts match, and so does the row, or one of whole matches.
type search struct {
	parts []part
	row   Condition   // empty: always
	whole []Condition // each finds ids
}

// A part is one word or pattern. A contact matches when its surname begins with a word in spans, or when
// one of its other words does (contact_word) and the row matches too.
type part struct {
	spans []span    // ranges of n_last, in order; none when the row tells it
	words Condition // of contact_word AS w; empty when the row tells it
	row   Condition // besides words; empty: always

	prefix, pattern string   // what is completed, or what has stars; a whole word has neither
	like            string   // what LIKE takes against the words of a name
	pieces          []string // what stands between the stars of the pattern
}

// span is a range of folded texts, its end not included.
type span struct{ from, to string }

// isSign tells what stands between words, as name_spaced in the database does. All of it sorts before
// letters and digits.
func isSign(r rune) bool { return r >= ' ' && r <= '/' }

// begins spans what a beginning may go on to; isWord what begins with the word and no longer one.
func begins(word string) span { return span{word, word + "\U0010FFFF"} }
func isWord(word string) span { return span{word, word + "0"} }

func (s span) of(column string) Condition {
	return Condition{SQL: column + " >= ? AND " + column + " < ?", Args: []any{s.from, s.to}}
}

func anyOf(spans []span, column string) Condition {
	list := make([]Condition, len(spans))
	for i, s := range spans {
		list[i] = s.of(column)
	}
	return Or(list...)
}

// Prefix is a folded prefix match on a column as a range: bounds are computed here, since LIKE with
// a parameter is a full scan in a generic plan.
func Prefix(column, prefix string) Condition { return begins(prefix).of(column) }

// wordRunes is how much of a word is kept, and maxParts how many words are read.
const (
	wordRunes = 100
	maxParts  = 6
)

// wordPart matches a word, whole or completed.
func wordPart(word string, completed bool) part {
	if completed {
		return part{spans: []span{begins(word)}, words: begins(word).of("w.word"), prefix: word, like: escapeLike(word) + "%"}
	}
	return part{spans: []span{isWord(word)}, words: wordIn([]string{word}), like: escapeLike(word)}
}

// oneWord is wordIn of one word: each contact has it once, and in the order of names.
const oneWord = "w.word = ?"

// wordIn finds whole words, however many.
func wordIn(list []string) Condition {
	if len(list) == 1 {
		return Condition{SQL: oneWord, Args: []any{list[0]}}
	}
	return Condition{SQL: "w.word = ANY (?::text[])", Args: []any{db.Texts(list)}}
}

// readSearch understands what was typed.
func readSearch(typed string, of site.Site) search {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return search{row: Condition{SQL: "TRUE"}}
	}
	if strings.Contains(typed, "*") {
		return readPattern(typed, of)
	}
	if strings.Contains(typed, "@") {
		address := strings.ToLower(typed)
		return search{whole: []Condition{email(address, "", of), hasReach(address).ids(of), reference(typed, "", of)}}
	}
	out := readNames("contact", typed)
	if strings.Contains(typed, ",") {
		return out
	}
	if strings.ContainsFunc(typed, func(r rune) bool { return isSign(r) || r == '_' }) && !strings.ContainsAny(typed, " \t") {
		out.whole = append(out.whole, email(strings.ToLower(typed), "", of)) // "jean.dup"
	}
	out.whole = append(out.whole, numbers(typed, of)...)
	out.whole = append(out.whole, reference(typed, "", of))
	return out
}

// readNames understands what was typed as nothing but names, of contacts that the query calls alias.
func readNames(alias, typed string) search {
	if strings.Contains(typed, "*") {
		return readNamePattern(alias, typed)
	}
	if last, first, ok := strings.Cut(typed, ","); ok {
		return search{row: And(beginsName(alias+".n_last", last), beginsName(alias+".n_first", first))}
	}
	var out search
	for _, word := range words(typed) {
		out.parts = append(out.parts, wordPart(word, true))
	}
	return out
}

// words takes a text apart, folded.
func words(typed string) []string {
	list := strings.FieldsFunc(fold.Text(typed), isSign)
	for i, word := range list {
		if runes := []rune(word); len(runes) > wordRunes {
			list[i] = string(runes[:wordRunes])
		}
	}
	return list[:min(len(list), maxParts)]
}

// beginsName completes a whole name; what stands between its words does not matter.
func beginsName(column, typed string) Condition {
	folded := fold.Text(typed)
	list := words(typed)
	if len(list) <= 1 {
		return Prefix(column, folded)
	}
	spaced := Condition{SQL: "name_spaced(" + column + ") LIKE ?", Args: []any{escapeLike(strings.Join(list, " ")) + "%"}}
	return Or(Prefix(column, folded), And(isWord(list[0]).of(column), spaced))
}

var (
	digits    = regexp.MustCompile(`^(?:\[([0-9]{1,18})\]|([0-9]{1,18}))$`)
	phoneLike = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{4,24}$`)
)

// numbers reads a contact number and a phone number of the site's country or with a prefix.
func numbers(typed string, of site.Site) []Condition {
	var out []Condition
	if found := digits.FindStringSubmatch(typed); found != nil {
		out = append(out, Condition{SQL: "contact.number = ?::bigint", Args: []any{found[1] + found[2]}}.ids(of))
	}
	if phoneLike.MatchString(typed) {
		if n, err := phonenumbers.Parse(typed, of.Country); err == nil {
			out = append(out, hasReach(phonenumbers.Format(n, phonenumbers.E164)).ids(of))
		}
	}
	return out
}

// email finds whose e-mail address begins so, and matches the pattern when there is one. Addresses are
// read from their index alone.
func email(start, pattern string, of site.Site) Condition {
	is := Prefix("c.email_key", start)
	if pattern != "" {
		is = And(is, Condition{SQL: "c.email_key LIKE ?", Args: []any{pattern}})
	}
	return Condition{
		SQL:  "SELECT c.id FROM contact AS c WHERE c.site_id = ? AND " + is.SQL + " AND c.deleted_at IS NULL",
		Args: slices.Concat([]any{of.ID}, is.Args),
	}
}

// reference finds who has a number in another system that begins so, and matches the pattern when there
// is one.
func reference(typed, pattern string, of site.Site) Condition {
	const code = `lower(r.external_id) COLLATE "C"`
	is := Prefix(code, lowerASCII(typed))
	if len(typed) < 3 {
		is = Condition{SQL: code + " = ?", Args: []any{lowerASCII(typed)}}
	}
	if pattern != "" {
		is = And(Prefix(code, lowerASCII(typed)), Condition{SQL: code + " LIKE ?", Args: []any{pattern}})
	}
	return Condition{
		SQL:  "SELECT r.contact_id FROM contact_reference AS r WHERE r.site_id = ? AND " + is.SQL,
		Args: slices.Concat([]any{of.ID}, is.Args),
	}
}

// lowerASCII makes small letters as lower() does under the collation C.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// ids finds the contacts of the site that match a condition.
func (c Condition) ids(of site.Site) Condition {
	return Condition{SQL: "SELECT contact.id FROM contact WHERE contact.site_id = ? AND (" + c.SQL + ")", Args: append([]any{of.ID}, c.Args...)}
}

// ids finds the contacts of a part, whatever else they are.
func (p part) ids(of site.Site) Condition {
	if p.words.SQL == "" {
		return p.row.ids(of)
	}
	later := Condition{SQL: "SELECT w.contact_id FROM contact_word AS w WHERE w.site_id = ? AND (" + p.words.SQL + ")", Args: append([]any{of.ID}, p.words.Args...)}
	// The index by name has no trash, which has an index of its own.
	first := anyOf(p.spans, "contact.n_last")
	living, trash := And(first, Condition{SQL: "contact.deleted_at IS NULL"}), And(first, Condition{SQL: "contact.deleted_at IS NOT NULL"})
	return union(living.ids(of), trash.ids(of), later)
}

func union(list ...Condition) Condition {
	if len(list) == 1 {
		return list[0]
	}
	return Condition{SQL: join(list, " UNION ALL ", "").SQL, Args: join(list, "", "").Args}
}

// within is true of contacts that a query finds.
func (c Condition) within() Condition {
	return Condition{SQL: "contact.id IN (" + c.SQL + ")", Args: c.Args}
}

// condition is the search as one piece of SQL: the ids of a union, since an OR would read all of the book.
func (s search) condition(of site.Site) Condition {
	if len(s.parts) == 0 && s.row.SQL != "" {
		return s.row
	}
	return s.ids(of).within()
}

// ids finds the contacts that the search matches, whatever else they are, some of them twice.
func (s search) ids(of site.Site) Condition {
	list := slices.Clone(s.whole)
	switch {
	case len(s.parts) == 1 && s.row.SQL == "":
		list = append(list, s.parts[0].ids(of))
	case len(s.parts) > 0 || s.row.SQL != "":
		var all []Condition
		if s.row.SQL != "" {
			all = append(all, s.row)
		}
		for _, p := range s.parts {
			all = append(all, p.ids(of).within())
		}
		list = append(list, And(all...).ids(of))
	}
	return union(list...)
}
