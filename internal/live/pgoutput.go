package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// errTruncated says that a message ended before all of its parts were read.
var errTruncated = errors.New("message is too short")

// postgresEpoch is 2000-01-01 in microseconds of Unix time; PostgreSQL counts time from it.
const postgresEpoch = 946_684_800_000_000

func postgresTime(micros uint64) time.Time {
	return time.UnixMicro(postgresEpoch + int64(micros)).UTC()
}

// cursor reads a message from front to back. After the first read beyond the end every read gives
// zero and err is set, so that callers check once.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) take(n int) []byte {
	if c.err == nil && (n < 0 || n > len(c.rest)) {
		c.err = errTruncated
	}
	if c.err != nil {
		return nil
	}
	part := c.rest[:n]
	c.rest = c.rest[n:]
	return part
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if b := c.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) uint64() uint64 {
	if b := c.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// cstring reads up to a zero byte, which it also takes.
func (c *cursor) cstring() string {
	i := bytes.IndexByte(c.rest, 0)
	if i < 0 {
		i = len(c.rest) // no end: take fails below
	}
	if b := c.take(i + 1); b != nil {
		return string(b[:i])
	}
	return ""
}

// decoder turns pgoutput messages into transactions. Formats: PostgreSQL's documentation, "Logical
// Replication Message Formats". It keeps what one session's stream has described so far, and the
// transaction that is open.
type decoder struct {
	relations  map[uint32]*relation
	maxChanges int
	maxBytes   int

	open    bool
	commit  LSN // of the open transaction, as Begin announced it
	tx      Tx
	bytes   int                 // of the messages of the open transaction's changes
	touched map[string]struct{} // only once the open transaction has overflowed
	values  []Value             // room for the row that is read
}

func newDecoder(maxChanges, maxBytes int) *decoder {
	return &decoder{relations: map[uint32]*relation{}, maxChanges: maxChanges, maxBytes: maxBytes}
}

// decode takes one message. done is true when it ended a transaction, which tx then holds. Nothing
// in tx refers to msg. A message that breaks the protocol gives an error and ends the session.
func (d *decoder) decode(msg []byte) (tx Tx, done bool, err error) {
	c := &cursor{rest: msg}
	kind := c.byte()
	if c.err != nil {
		return Tx{}, false, c.err
	}
	switch kind {
	case 'B':
		err = d.begin(c)
	case 'C':
		tx, err = d.end(c)
		done = err == nil
	case 'R':
		err = d.describe(c)
	case 'I', 'U', 'D':
		err = d.row(Op(kind), c)
	case 'T':
		err = d.truncate(c)
	case 'Y', 'O', 'M': // a type's name, the origin of a replicated transaction, an application's message
	default:
		err = errors.New("unknown kind of message")
	}
	if err != nil {
		return Tx{}, false, fmt.Errorf("message %q: %w", kind, err)
	}
	return tx, done, nil
}

func (d *decoder) begin(c *cursor) error {
	commit, at := LSN(c.uint64()), postgresTime(c.uint64())
	xid := c.uint32()
	if c.err != nil {
		return c.err
	}
	if d.open {
		return errors.New("begins within a transaction")
	}
	d.open, d.commit, d.tx, d.bytes, d.touched = true, commit, Tx{At: at, xid: xid}, 0, nil
	return nil
}

func (d *decoder) end(c *cursor) (Tx, error) {
	c.take(1) // flags, unused
	commit, end := LSN(c.uint64()), LSN(c.uint64())
	c.take(8) // time of commit, as in Begin
	switch {
	case c.err != nil:
		return Tx{}, c.err
	case !d.open:
		return Tx{}, errors.New("commits outside a transaction")
	case commit != d.commit:
		return Tx{}, fmt.Errorf("commits at %s what began for %s", commit, d.commit)
	}
	tx := d.tx
	tx.LSN = end
	for table := range d.touched {
		tx.Tables = append(tx.Tables, table)
	}
	slices.Sort(tx.Tables)
	d.open, d.tx, d.touched = false, Tx{}, nil
	return tx, nil
}

func (d *decoder) describe(c *cursor) error {
	id := c.uint32()
	schema, name := c.cstring(), c.cstring()
	c.take(1) // replica identity
	r := &relation{table: name, columns: map[string]int{}, count: int(c.uint16())}
	if schema != "public" {
		r.table = schema + "." + name
	}
	for i := 0; i < r.count && c.err == nil; i++ {
		c.take(1) // flags: part of the key
		r.columns[c.cstring()] = i
		c.take(8) // type and modifier
	}
	if c.err != nil {
		return c.err
	}
	d.relations[id] = r
	return nil
}

func (d *decoder) row(op Op, c *cursor) error {
	size := len(c.rest)
	r, err := d.relation(c)
	if err != nil {
		return err
	}
	ch := Change{Op: op, Table: r.table, relation: r}
	if !d.room(size) {
		return d.add(ch)
	}
	for len(c.rest) > 0 {
		switch mark := c.byte(); {
		case mark == 'N' && op != Delete && ch.new == nil:
			ch.new, err = d.tuple(c, r)
		case (mark == 'K' || mark == 'O') && op != Insert && ch.old == nil:
			ch.old, err = d.tuple(c, r)
		default:
			err = fmt.Errorf("unexpected row %q", mark)
		}
		if err != nil {
			return err
		}
	}
	if (op == Delete && ch.old == nil) || (op != Delete && ch.new == nil) {
		return errors.New("row is missing")
	}
	return d.add(ch)
}

func (d *decoder) truncate(c *cursor) error {
	size := len(c.rest)
	n := c.uint32()
	c.take(1) // options: cascade, restart identity
	if c.err != nil {
		return c.err
	}
	for ; n > 0; n-- {
		r, err := d.relation(c)
		if err != nil {
			return err
		}
		d.room(size)
		size = 0
		if err := d.add(Change{Op: Truncate, Table: r.table, relation: r}); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) relation(c *cursor) (*relation, error) {
	id := c.uint32()
	if c.err != nil {
		return nil, c.err
	}
	r, ok := d.relations[id]
	if !ok {
		return nil, fmt.Errorf("relation %d was not described", id)
	}
	return r, nil
}

// room counts one more change of some bytes and tells whether the open transaction still keeps its
// changes. The first change too many throws away those before it.
func (d *decoder) room(size int) bool {
	d.bytes += size
	if d.touched != nil {
		return false
	}
	if len(d.tx.Changes) < d.maxChanges && d.bytes <= d.maxBytes {
		return true
	}
	d.touched = map[string]struct{}{}
	for i := range d.tx.Changes {
		d.touched[d.tx.Changes[i].Table] = struct{}{}
	}
	d.tx.Changes, d.tx.Overflow = nil, true
	return false
}

// add keeps a change, or only its table once the transaction has overflowed.
func (d *decoder) add(ch Change) error {
	if !d.open {
		return errors.New("change outside a transaction")
	}
	if d.touched != nil {
		d.touched[ch.Table] = struct{}{}
		return nil
	}
	d.tx.Changes = append(d.tx.Changes, ch)
	return nil
}

// tuple reads one row, without the nulls at its end: an old key is a value or two, of a table of fifty columns. Every
// value is copied by itself, so that a handler that keeps one text does not keep the row.
func (d *decoder) tuple(c *cursor, r *relation) ([]Value, error) {
	n := int(c.uint16())
	if c.err != nil {
		return nil, c.err
	}
	if n != r.count {
		return nil, fmt.Errorf("row of %d columns for %s of %d", n, r.table, r.count)
	}
	row, known := d.values[:0], 0
	for range n {
		kind := Kind(c.byte())
		switch kind {
		case Null, Unchanged:
			row = append(row, Value{Kind: kind})
		case Text, Binary:
			size := c.uint32()
			if uint64(size) > uint64(len(c.rest)) {
				return nil, errTruncated
			}
			row = append(row, Value{Kind: kind, Text: string(c.take(int(size)))})
		default:
			if c.err != nil {
				return nil, c.err
			}
			return nil, fmt.Errorf("unknown kind of value %q", byte(kind))
		}
		if c.err != nil {
			return nil, c.err
		}
		if kind != Null {
			known = len(row)
		}
	}
	kept := make([]Value, known)
	copy(kept, row)
	clear(row)
	d.values = row
	return kept, nil
}
