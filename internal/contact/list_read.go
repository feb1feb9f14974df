package contact

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun/schema"

	"carnet/internal/db"
)

// Lists read many rows of few columns. The driver's way of filling a struct looks for the way of each value anew,
// so the columns that lists show are read here, as PostgreSQL sends them; see the driver's package pgtype for
// the forms.

// quickColumn reads a column of a type from its binary form. A text is written by text, the rest by read.
type quickColumn struct {
	oid  uint32
	text func(*Record, string)
	read func(*Record, []byte)
}

var quickColumns = map[string]quickColumn{
	"id":            {oid: pgtype.UUIDOID, read: func(r *Record, b []byte) { copy(r.ID[:], b) }},
	"number":        {oid: pgtype.Int8OID, read: func(r *Record, b []byte) { r.Number = int64(binary.BigEndian.Uint64(b)) }}, //nolint:gosec // so it is sent
	"listed":        {oid: pgtype.BoolOID, read: func(r *Record, b []byte) { r.Listed = b[0] != 0 }},
	"created_at":    {oid: pgtype.TimestamptzOID, read: func(r *Record, b []byte) { r.CreatedAt = moment(b) }},
	"updated_at":    {oid: pgtype.TimestamptzOID, read: func(r *Record, b []byte) { r.UpdatedAt = moment(b) }},
	"deleted_at":    {oid: pgtype.TimestamptzOID, read: func(r *Record, b []byte) { r.DeletedAt = ptr(moment(b)) }},
	"birth_date":    {oid: pgtype.DateOID, read: func(r *Record, b []byte) { r.BirthDate = ptr(date(b)) }},
	"types":         {oid: pgtype.TextArrayOID, read: func(r *Record, b []byte) { r.Types = types(b) }},
	GroupIDs:        {oid: pgtype.UUIDArrayOID, read: func(r *Record, b []byte) { r.GroupIDs = ids(b) }},
	"kind":          quickText(func(r *Record, s string) { r.Kind = Kind(s) }),
	"source":        quickText(func(r *Record, s string) { r.Source = Source(s) }),
	"title":         quickText(func(r *Record, s string) { r.Title = s }),
	"first_name":    quickText(func(r *Record, s string) { r.FirstName = s }),
	"last_name":     quickText(func(r *Record, s string) { r.LastName = s }),
	"company":       quickText(func(r *Record, s string) { r.Company = s }),
	"name":          quickText(func(r *Record, s string) { r.Name = s }),
	"email":         quickText(func(r *Record, s string) { r.Email = s }),
	"email_key":     quickText(func(r *Record, s string) { r.EmailKey = s }),
	"phone":         quickText(func(r *Record, s string) { r.Phone = s }),
	"mobile":        quickText(func(r *Record, s string) { r.Mobile = s }),
	"language":      quickText(func(r *Record, s string) { r.Language = s }),
	"color":         quickText(func(r *Record, s string) { r.Color = s }),
	"address_lines": quickText(func(r *Record, s string) { r.AddressLines = s }),
	"postcode":      quickText(func(r *Record, s string) { r.Postcode = s }),
	"city":          quickText(func(r *Record, s string) { r.City = s }),
	"country":       quickText(func(r *Record, s string) { r.Country = s }),
	"subdivision":   quickText(func(r *Record, s string) { r.Subdivision = s }),
	"n_last":        quickText(func(r *Record, s string) { r.NLast = s }),
	"n_first":       quickText(func(r *Record, s string) { r.NFirst = s }),
	"n_city":        quickText(func(r *Record, s string) { r.NCity = s }),
	salesKey:        quickText(func(r *Record, s string) { r.SalesKey = s }),
	"answers":       {oid: pgtype.JSONBOID, text: func(r *Record, s string) { r.Stored = []byte(s) }},
}

func quickText(set func(*Record, string)) quickColumn {
	return quickColumn{oid: pgtype.TextOID, text: set}
}

// moment reads microseconds since 2000.
func moment(b []byte) time.Time {
	const epoch = 946684800
	micros := int64(binary.BigEndian.Uint64(b)) //nolint:gosec // so it is sent
	return time.Unix(epoch+micros/1e6, micros%1e6*1000)
}

// date reads days since 2000.
func date(b []byte) time.Time {
	return time.Date(2000, 1, 1+int(int32(binary.BigEndian.Uint32(b))), 0, 0, 0, 0, time.UTC) //nolint:gosec // so it is sent
}

// ids reads an array without NULLs: five numbers, then each id after its length.
func ids(b []byte) []uuid.UUID {
	const head, each = 20, 4 + 16
	if len(b) < head {
		return []uuid.UUID{}
	}
	out := make([]uuid.UUID, (len(b)-head)/each)
	for i := range out {
		copy(out[i][:], b[head+i*each+4:])
	}
	return out
}

// types reads an array as ids does, of texts.
func types(b []byte) []OperationalType {
	const head = 20
	out := []OperationalType{}
	for at := head; at < len(b); {
		end := at + 4 + int(binary.BigEndian.Uint32(b[at:]))
		out = append(out, OperationalType(b[at+4:end]))
		at = end
	}
	return out
}

// collect reads the contacts of a list's query.
func (s *Service) collect(ctx context.Context, q schema.QueryAppender, plan db.Plan) ([]*Record, error) {
	rows, err := s.db.Query(ctx, q, plan)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns := quick(rows.FieldDescriptions())
	if columns == nil {
		return pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[Record])
	}
	found := []*Record{}
	var texts []byte
	var space []Record
	for rows.Next() {
		if len(space) == 0 {
			space = make([]Record, 8)
		}
		r := &space[0]
		space = space[1:]
		values := rows.RawValues()
		texts = texts[:0]
		for i, c := range columns {
			switch {
			case values[i] == nil:
			case c.text != nil:
				texts = append(texts, values[i]...)
			default:
				c.read(r, values[i])
			}
		}
		all, at := string(texts), 0 // what a row says is one piece of memory
		for i, c := range columns {
			if c.text != nil {
				end := at + len(values[i])
				c.text(r, all[at:end])
				at = end
			}
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// quick gives how to read each column; nil when there is one that is not known here or not in the binary form,
// which differs from the other but for texts and JSON.
func quick(described []pgconn.FieldDescription) []quickColumn {
	columns := make([]quickColumn, len(described))
	for i, d := range described {
		c, known := quickColumns[d.Name]
		if !known || c.oid != d.DataTypeOID || (d.Format == pgx.TextFormatCode) != (c.text != nil) {
			return nil
		}
		columns[i] = c
	}
	return columns
}
