package index

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"carnet/internal/live"
)

// tables are what an index reads of a site, in this order: contacts before what refers to them.
var tables = []struct{ name, columns string }{
	{"custom_field", "id, type"},
	{"contact", "id, " + contactColumns()},
	{"contact_group_member", "contact_id, group_id"},
	{"contact_label", "contact_id, label_id, set_id"},
	{"consent", "contact_id, purpose_id, channel, state"},
	{"account", "contact_id, disabled_at"},
	{"segment_member", "segment_id, contact_id, excluded"},
	{"contact_sale", "contact_id, " + saleColumns()},
	{"contact_indicator", "contact_id, indicator_id, value"},
}

func contactColumns() string {
	list := make([]string, 0, len(columns)+len(filled)+8)
	for _, c := range columns {
		list = append(list, c.column)
	}
	list = append(append(list, filled...), "listed", "deleted_at", "types", "answers", CreatedAt, UpdatedAt, BirthDate, ValidUntil)
	return strings.Join(list, ", ")
}

// Load reads a site's contacts as a transaction shows them.
func Load(ctx context.Context, tx pgx.Tx, site uuid.UUID, zone *time.Location) (*Index, error) {
	x := New(zone)
	for _, t := range tables {
		if err := x.read(ctx, tx, site, t.name, t.columns); err != nil {
			return nil, fmt.Errorf("read %s: %w", t.name, err)
		}
	}
	return x, nil
}

// read asks by the simple protocol, whose values are the texts that the change feed brings too.
func (x *Index) read(ctx context.Context, tx pgx.Tx, site uuid.UUID, table, columns string) error {
	rows, err := tx.Query(ctx, "SELECT "+columns+" FROM "+table+" WHERE site_id = $1", pgx.QueryExecModeSimpleProtocol, site.String())
	if err != nil {
		return err
	}
	defer rows.Close()
	names := map[string]int{}
	for i, name := range strings.Split(columns, ", ") {
		names[name] = i
	}
	for rows.Next() {
		r := &readRow{names, rows.RawValues()}
		switch table {
		case "custom_field":
			x.kind(r.id("id"), r.text("type"))
		case "contact":
			x.write(r.id("id"), r)
		case "contact_group_member":
			x.give(r, Attr{Name: Group}, r.text("group_id"))
		case "contact_label":
			x.sets[r.id("label_id")] = r.id("set_id")
			x.give(r, Attr{Label, r.id("set_id")}, r.text("label_id"))
		case "consent":
			x.give(r, Attr{Consent + r.text("channel"), r.id("purpose_id")}, r.text("state"))
		case "account":
			x.give(r, Attr{Name: Account}, accountState(r.text("disabled_at")))
		case "contact_sale":
			if o, known := x.numberOf[r.id("contact_id")]; known {
				x.writeSale(o, r)
			}
		case "contact_indicator":
			if o, known := x.numberOf[r.id("contact_id")]; known {
				x.writeIndicator(o, r.id("indicator_id"), r)
			}
		case "segment_member":
			x.give(r, Attr{Name: Hand}, ByHand(r.id("segment_id"), r.text("excluded") == "t"))
		}
	}
	return rows.Err()
}

func (x *Index) give(r *readRow, attr Attr, text string) {
	if o, known := x.numberOf[r.id("contact_id")]; known {
		x.attribute(attr).put(o, text, true)
	}
}

// readRow is a row that a query gave.
type readRow struct {
	names  map[string]int
	values [][]byte
}

var _ row = (*readRow)(nil)

// Value gives a column as the change feed would.
func (r *readRow) Value(column string) (live.Value, bool) {
	i, known := r.names[column]
	if !known {
		return live.Value{}, false
	}
	if r.values[i] == nil {
		return live.Value{Kind: live.Null}, true
	}
	return live.Value{Kind: live.Text, Text: string(r.values[i])}, true
}

func (r *readRow) text(column string) string { return string(r.values[r.names[column]]) }

func (r *readRow) id(column string) uuid.UUID {
	id, _ := uuid.ParseBytes(r.values[r.names[column]])
	return id
}
