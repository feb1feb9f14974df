package db

import (
	"strings"

	"github.com/uptrace/bun"

	"carnet/internal/fault"
)

// folds is SQL that folds a text as people search: neither case nor accents matter. The same is done to what is typed, so the
// two meet.
const folds = `replace(replace(replace(regexp_replace(lower(normalize(?, NFKD)), '[\u0300-\u036f]', '', 'g'), 'ø', 'o'), 'æ', 'ae'), 'œ', 'oe')`

// Searched keeps the rows of which a text, an SQL expression, has all words that are typed, in any order. It reads each row: it is for lists of
// hundreds or thousands, not for contacts.
func Searched(q *bun.SelectQuery, typed, text string) (*bun.SelectQuery, error) {
	if len(typed) > 200 || strings.ContainsRune(typed, 0) {
		return q, fault.New(fault.BadInput, "search for at most 200 characters")
	}
	for _, word := range strings.Fields(typed) {
		q = q.Where(strings.Replace(folds, "?", text, 1)+" LIKE '%' || "+folds+" || '%'", strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word))
	}
	return q, nil
}
