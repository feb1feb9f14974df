package contact

import (
	"strings"

	"github.com/uptrace/bun"
)

// Condition is a piece of SQL over the table contact (alias contact) with its arguments.
type Condition struct {
	SQL  string
	Args []any
}

// Where adds the condition to a query.
func (c Condition) Where(q *bun.SelectQuery) *bun.SelectQuery {
	if c.SQL == "" {
		return q
	}
	return q.Where("("+c.SQL+")", c.Args...)
}

// And joins conditions; none is always true.
func And(list ...Condition) Condition { return join(list, " AND ", "TRUE") }

// Or joins conditions; none is always false.
func Or(list ...Condition) Condition { return join(list, " OR ", "FALSE") }

func join(list []Condition, word, empty string) Condition {
	if len(list) == 0 {
		return Condition{SQL: empty}
	}
	var out Condition
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = "(" + c.SQL + ")"
		out.Args = append(out.Args, c.Args...)
	}
	out.SQL = strings.Join(parts, word)
	return out
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func escapeLike(s string) string { return likeEscaper.Replace(s) }
