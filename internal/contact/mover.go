package contact

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Mover says what a merge does with a table that refers to contacts: rows of the merged record become
// the survivor's. What it does is undone row by row, so it need not say how. A table whose rows stay
// where they are is told in Staying. internal/app's catalogue test holds that every table is in one of both.
type Mover struct {
	Name   string // as people know it, for refusals: groups
	Table  string
	Column string // refers to the contact
	// Beside is SQL over m, a row of the merged record, that holds when the survivor has its like
	// already: the row stays behind, out of sight. ?1 is the survivor.
	Beside string
	// Alone tells that an undo asks only whose a row is, and gives back nothing else of it: what became of the row meanwhile is
	// not the merge's, and stays.
	Alone bool
	// First is run before the rows move: ?0 the site, ?1 the survivor, ?2 the merged record.
	First string
}

// sameTime holds for two links, s and m, that were in force at the same time.
const sameTime = "coalesce(s.since, '-infinity') <= coalesce(m.until, 'infinity') AND coalesce(m.since, '-infinity') <= coalesce(s.until, 'infinity')"

// addressUsers are the persons who use an organization's address.
const addressUsers = "addresses"

// movers are those of the tables at and below the book. Packages above add theirs by AddMovers.
var movers = []Mover{
	{
		Name: "groups", Table: "contact_group_member", Column: "contact_id",
		Beside: "EXISTS (SELECT FROM contact_group_member s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.group_id = m.group_id)",
	},
	{
		Name: "labels", Table: "contact_label", Column: "contact_id",
		Beside: "EXISTS (SELECT FROM contact_label s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND (s.label_id = m.label_id OR m.exclusive AND s.set_id = m.set_id))",
	},
	{ // what was said of the survivor by hand holds
		Name: "segments", Table: "segment_member", Column: "contact_id",
		Beside: "EXISTS (SELECT FROM segment_member s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.segment_id = m.segment_id)",
	},
	{ // a link between the two says nothing any more
		Name: "links", Table: "affiliation", Column: "from_id",
		Beside: `m.to_id = ?1 OR EXISTS (SELECT FROM affiliation s
			WHERE s.site_id = m.site_id AND s.type_id = m.type_id AND s.from_id = ?1 AND s.to_id = m.to_id AND ` + sameTime + `)`,
	},
	{
		Name: "links", Table: "affiliation", Column: "to_id",
		Beside: `m.from_id = ?1 OR EXISTS (SELECT FROM affiliation s
			WHERE s.site_id = m.site_id AND s.type_id = m.type_id AND s.to_id = ?1 AND s.from_id = m.from_id AND ` + sameTime + `)`,
	},
	{Name: addressUsers, Table: "contact", Column: "address_of"},
	{Name: "notes", Table: "contact_note", Column: "contact_id"},
	{
		Name: "references", Table: "contact_reference", Column: "contact_id",
		Beside: "EXISTS (SELECT FROM contact_reference s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.source = m.source AND s.external_id = m.external_id)",
	},
	{ // what was said last holds, whichever record it was said to
		Name: "consent", Table: "consent", Column: "contact_id",
		First: `UPDATE consent AS s SET state = m.state, entry_id = m.entry_id, since = m.since FROM consent AS m
			WHERE s.site_id = ?0 AND s.contact_id = ?1 AND m.site_id = ?0 AND m.contact_id = ?2 AND m.purpose_id = s.purpose_id AND m.channel = s.channel
			AND (m.since, m.entry_id) > (s.since, s.entry_id)`,
		Beside: "EXISTS (SELECT FROM consent s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.purpose_id = m.purpose_id AND s.channel = m.channel)",
	},
	{Name: "consent", Table: "consent_request", Column: "contact_id"},
	{
		Name: "consent", Table: "consent_pending", Column: "contact_id",
		Beside: `EXISTS (SELECT FROM consent_pending s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.purpose_id = m.purpose_id AND s.channel = m.channel)
			OR EXISTS (SELECT FROM consent s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.purpose_id = m.purpose_id AND s.channel = m.channel AND s.since > m.since)`,
	},
	{Name: "account", Table: "account", Column: "contact_id"},
	{Name: "orders", Table: "checkout", Column: "contact_id"},
	{Name: "merges", Table: "contact", Column: "merged_into"}, // what was merged before goes along
}

// Staying are the tables whose rows stay with the merged record, each with the reason.
var Staying = map[string]string{
	"contact_history":    "told of both together: the family is read",
	"consent_entry":      "the ledger is never rewritten: the family is read",
	"contact_merge":      "says who was merged into whom",
	"contact_twin":       "a pair with a record out of sight is out of sight",
	"contact_not_twin":   "a pair with a record out of sight is out of sight",
	"contact_tombstone":  "of records that were erased",
	"import_row":         "says what an import did, then",
	"batch_item":         "says what a batch did, then",
	"campaign_pick":      "says whom a draft is for: what became of the record is read",
	"campaign_recipient": "says whom a campaign was for, then: the family is read",
	"webhook_told":       "says whom webhooks know to be in a segment; looks keep it",
	"contact_sale":       "counted anew from what has moved",
	"erasure":            "says who was erased, then",
	"contact_indicator":  "counted anew from what has moved",
	"contact_word":       "the words of a record's own names, which triggers keep",
}

// AddMovers registers what a merge moves in tables of packages above. It belongs to the program's wiring.
func (s *Service) AddMovers(more ...Mover) { s.movers = append(s.movers, more...) }

// Movers gives all there are.
func (s *Service) Movers() []Mover { return slices.Clone(s.movers) }

// movedRow is a row that a merge changed.
type movedRow struct {
	Name   string          `json:"name"`
	Table  string          `json:"table"`
	Key    json.RawMessage `json:"key"`    // primary key, after
	Before json.RawMessage `json:"before"` // its columns, or those that an undo asks for
	After  json.RawMessage `json:"after"`
}

// image is a table's rows of two contacts, by primary key.
type image map[string]imageRow

type imageRow struct {
	Key   string
	Row   string
	Moved string // the row as it is once it has moved
}

// photograph reads the rows of a table that refer to one of two contacts.
func photograph(ctx context.Context, tx bun.IDB, m Mover, siteID, survivor, mergedID uuid.UUID) (image, error) {
	key, err := keyOf(ctx, tx, m.Table)
	if err != nil {
		return nil, err
	}
	var rows []imageRow
	err = tx.NewRaw(`SELECT `+keyJSON(key)+`::text AS key, to_jsonb(m)::text AS row, jsonb_set(to_jsonb(m), ARRAY[?3], to_jsonb(?1::uuid))::text AS moved
		FROM ?4 AS m WHERE m.site_id = ?0 AND m.?5 IN (?1, ?2)`, siteID, survivor, mergedID, m.Column, bun.Ident(m.Table), bun.Ident(m.Column)).Scan(ctx, &rows)
	out := image{}
	for _, r := range rows {
		out[r.Key] = r
	}
	return out, db.MapError(err, "read "+m.Table)
}

// keys are the columns of primary keys, by table: a merge asks for each table's. Only migrations change them, before the program serves.
var keys sync.Map

// keyOf gives the columns of a table's primary key.
func keyOf(ctx context.Context, tx bun.IDB, table string) (columns []string, err error) {
	if known, is := keys.Load(table); is {
		return known.([]string), nil
	}
	err = tx.NewRaw(`SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indrelid = ?::regclass AND i.indisprimary ORDER BY a.attnum`, table).Scan(ctx, &columns)
	if err != nil {
		return nil, db.MapError(err, "read key of "+table)
	}
	keys.Store(table, columns)
	return columns, nil
}

func keyJSON(columns []string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = "'" + c + "', m." + c
	}
	return "jsonb_build_object(" + strings.Join(parts, ", ") + ")"
}

// moves tells what changed between two images of a table. A row that got another key is found by what it became.
func (m Mover) moves(before, after image) ([]movedRow, error) {
	var out []movedRow
	byRow := map[string]imageRow{}
	for _, a := range after {
		byRow[a.Row] = a
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		b := before[key]
		a, stays := after[key]
		if !stays {
			var found bool
			if a, found = byRow[b.Moved]; !found {
				return nil, fault.Wrap(fault.New(fault.Internal, "a row of %s cannot be followed", m.Table), "merge")
			}
		}
		if a.Row == b.Row {
			continue
		}
		row := movedRow{Name: m.Name, Table: m.Table, Key: json.RawMessage(a.Key), Before: json.RawMessage(b.Row), After: json.RawMessage(a.Row)}
		if m.Alone {
			if err := errors.Join(m.only(&row.Before), m.only(&row.After)); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// only leaves of a row's columns the one that says whose it is.
func (m Mover) only(row *json.RawMessage) error {
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(*row, &columns); err != nil {
		return fault.Wrap(err, "row of a merge")
	}
	text, err := json.Marshal(map[string]json.RawMessage{m.Column: columns[m.Column]})
	*row = text
	return fault.Wrap(err, "row of a merge")
}

// move gives a table's rows to the survivor.
func (m Mover) move(ctx context.Context, tx bun.IDB, siteID, survivor, mergedID uuid.UUID) error {
	if m.First != "" {
		if _, err := tx.NewRaw(m.First, siteID, survivor, mergedID).Exec(ctx); err != nil {
			return db.MapError(err, "prepare "+m.Table)
		}
	}
	query := `UPDATE ?3 AS m SET ?4 = ?1 WHERE m.site_id = ?0 AND m.?4 = ?2`
	if m.Beside != "" {
		query += " AND NOT (" + m.Beside + ")"
	}
	_, err := tx.NewRaw(query, siteID, survivor, mergedID, bun.Ident(m.Table), bun.Ident(m.Column)).Exec(ctx)
	return db.MapError(err, "move "+m.Table)
}

// back brings a moved row back to what it was, if it is still as the merge left it; updated_at and the
// keys of twins, which are computed in the background, may have moved on. Otherwise it gives the columns that differ: those of the row, or none when the
// row is gone.
func (r movedRow) back(ctx context.Context, tx bun.IDB) (ok bool, differ []string, err error) {
	key, err := keyOf(ctx, tx, r.Table)
	if err != nil {
		return false, nil, err
	}
	where := keyJSON(key) + " = ?0::jsonb"
	err = tx.NewRaw(`SELECT e.key FROM ?1 AS m, jsonb_each(?2::jsonb) AS e WHERE `+where+` AND e.key NOT IN ('updated_at', 'n_sound', 'n_address') AND to_jsonb(m) -> e.key IS DISTINCT FROM e.value
		UNION ALL SELECT '' WHERE NOT EXISTS (SELECT FROM ?1 AS m WHERE `+where+`)`, string(r.Key), bun.Ident(r.Table), string(r.After)).Scan(ctx, &differ)
	if err != nil || len(differ) > 0 {
		return false, differ, db.MapError(err, "compare "+r.Table)
	}
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(r.Before, &columns); err != nil {
		return false, nil, fault.Wrap(err, "row of a merge")
	}
	list := strings.Join(slices.Sorted(maps.Keys(columns)), ", ")
	_, err = tx.NewRaw(`UPDATE ?1 AS m SET (`+list+`) = (SELECT `+list+` FROM jsonb_populate_record(NULL::?1, ?2::jsonb)) WHERE `+where, string(r.Key), bun.Ident(r.Table), string(r.Before)).Exec(ctx)
	return true, nil, db.MapError(err, "restore "+r.Table)
}
