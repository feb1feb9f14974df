package live

import "time"

// Op is what happened to a row, or to a whole table.
type Op byte

// The operations, by their letters in the pgoutput protocol.
const (
	Insert   Op = 'I'
	Update   Op = 'U'
	Delete   Op = 'D'
	Truncate Op = 'T' // the whole table; the change has no values
)

// String gives the operation's SQL keyword.
func (o Op) String() string {
	switch o {
	case Insert:
		return "INSERT"
	case Update:
		return "UPDATE"
	case Delete:
		return "DELETE"
	case Truncate:
		return "TRUNCATE"
	}
	return "UNKNOWN"
}

// Kind says how a column's value was sent.
type Kind byte

// The kinds, by their letters in the pgoutput protocol.
const (
	Null      Kind = 'n'
	Unchanged Kind = 'u' // a TOASTed value that the update did not touch: the server does not send it
	Text      Kind = 't'
	Binary    Kind = 'b' // never asked for by this client
)

// Value is a column's value in a change. Text is set when Kind is Text (PostgreSQL's output text,
// with ISO dates) or Binary (the bytes). It shares no memory with other values.
type Value struct {
	Kind Kind
	Text string
}

// relation is a table as the stream last described it. It is never changed: a table altered by DDL
// is described anew.
type relation struct {
	table   string
	columns map[string]int
	count   int
}

// Change is one row inserted, updated or deleted, or one table truncated. Only the columns that the
// publication lists are known.
type Change struct {
	Op Op
	// Table is the table's name, preceded by "schema." unless the schema is public.
	Table string

	relation *relation
	old      []Value // the old key (other columns null), or the whole old row with REPLICA IDENTITY FULL
	new      []Value // either without the nulls at its end
}

// Get gives the text of a column of the new row. It is false when the column is unknown, null or
// unchanged TOAST, and always for Delete and Truncate; Value tells these cases apart.
func (c *Change) Get(column string) (text string, ok bool) { return c.text(c.new, column) }

// Key gives the text of a column of the row's key as it was before this change, which is the key
// under which a handler knows the row: the old key where the server sent one (a delete, or an
// update of the key itself), else that of the new row.
func (c *Change) Key(column string) (text string, ok bool) {
	if text, ok = c.text(c.old, column); ok {
		return text, true
	}
	return c.text(c.new, column)
}

// Value gives a column of the new row with its kind. It is false when the column is unknown or
// there is no new row.
func (c *Change) Value(column string) (Value, bool) { return c.value(c.new, column) }

// Old gives a column of the old row or old key, which the server sends for deletes and for updates
// of the key (for every update with REPLICA IDENTITY FULL).
func (c *Change) Old(column string) (Value, bool) { return c.value(c.old, column) }

func (c *Change) value(row []Value, column string) (Value, bool) {
	if c.relation == nil || row == nil {
		return Value{}, false
	}
	i, ok := c.relation.columns[column]
	switch {
	case !ok:
		return Value{}, false
	case i >= len(row):
		return Value{Kind: Null}, true
	}
	return row[i], true
}

func (c *Change) text(row []Value, column string) (string, bool) {
	v, ok := c.value(row, column)
	if !ok || v.Kind != Text {
		return "", false
	}
	return v.Text, true
}

// Tx is one committed transaction, with at least one change to a published table.
type Tx struct {
	// LSN is where the commit record ends: the transaction's version, the same in every process.
	LSN LSN
	// At is when it was committed, by the server's clock.
	At time.Time
	// Changes are in the order in which they were made; empty when Overflow.
	Changes []Change
	// Overflow says that the transaction was too large to be kept. Tables then names what it
	// touched, sorted. A handler reads these tables anew, or returns ErrReload.
	Overflow bool
	Tables   []string

	xid uint32 // its transaction id
}
