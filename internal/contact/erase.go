package contact

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// EraseSteps take out of the book what hangs on a contact. The record itself is Anonymise's.
//
// What the system wrote about others and that tells of the person too (their ends of links, merges that were undone) is emptied as well, and so are addresses,
// numbers and whole names that staff wrote into others' notes, where these name nobody else.
var EraseSteps = []account.EraseStep{
	{Table: "contact_history", SQL: `WITH ends AS (
			SELECT DISTINCT x.id FROM contact_history h
			CROSS JOIN LATERAL (VALUES (h.changes #>> '{affiliation,before,fromId}'), (h.changes #>> '{affiliation,before,toId}'), (h.changes #>> '{affiliation,after,fromId}'), (h.changes #>> '{affiliation,after,toId}')) AS x (id)
			WHERE h.site_id = ?0 AND h.contact_id = ANY (?1::uuid[]) AND x.id IS NOT NULL)
		UPDATE contact_history h SET changes = h.changes - 'affiliation' FROM ends
		WHERE h.site_id = ?0 AND h.contact_id = ends.id::uuid AND h.contact_id <> ALL (?1::uuid[]) AND jsonb_exists(h.changes, 'affiliation')
		AND ARRAY[h.changes #>> '{affiliation,before,fromId}', h.changes #>> '{affiliation,before,toId}', h.changes #>> '{affiliation,after,fromId}', h.changes #>> '{affiliation,after,toId}'] && ?1::text[]`},
	{Table: "contact_history", SQL: `UPDATE contact_history h SET changes = '{}' FROM contact_merge m WHERE m.site_id = ?0 AND (m.survivor_id = ANY (?1::uuid[]) OR m.merged_id = ANY (?1::uuid[]))
		AND h.site_id = ?0 AND h.contact_id IN (m.survivor_id, m.merged_id) AND h.contact_id <> ALL (?1::uuid[]) AND h.merge_id = m.id AND h.changes <> '{}'`},
	{Table: "contact_history", SQL: `UPDATE contact_history h SET changes = regexp_replace(h.changes::text, ?4, '…', 'gi')::jsonb WHERE h.site_id = ?0 AND h.changes::text ~* ?4 AND h.contact_id <> ALL (?1::uuid[])
		AND h.contact_id IN (SELECT contact_id FROM contact_note WHERE site_id = ?0 AND text ~* ?4 UNION SELECT id FROM contact WHERE site_id = ?0 AND note ~* ?4)`},
	{Table: "contact_history", Deletes: true, SQL: "DELETE FROM contact_history WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "contact_merge", Deletes: true, SQL: "DELETE FROM contact_merge WHERE site_id = ?0 AND (survivor_id = ANY (?1::uuid[]) OR merged_id = ANY (?1::uuid[]))"},
	{Table: "contact_merge", SQL: `UPDATE contact_merge m SET undo = (SELECT coalesce(jsonb_agg(e), '[]') FROM jsonb_array_elements(m.undo) AS e
			WHERE NOT EXISTS (SELECT FROM unnest(?1::text[]) AS id WHERE position(id IN e::text) > 0))
		WHERE m.site_id = ?0 AND EXISTS (SELECT FROM unnest(?1::text[]) AS id WHERE position(id IN m.undo::text) > 0)`},
	{Table: "affiliation", Deletes: true, SQL: "DELETE FROM affiliation WHERE site_id = ?0 AND (from_id = ANY (?1::uuid[]) OR to_id = ANY (?1::uuid[]))"},
	{Table: "contact_note", Deletes: true, SQL: "DELETE FROM contact_note WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "contact_note", SQL: "UPDATE contact_note SET text = regexp_replace(text, ?4, '…', 'gi') WHERE site_id = ?0 AND text ~* ?4"},
	{Table: "contact_reference", Deletes: true, SQL: "DELETE FROM contact_reference WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "contact_group_member", Deletes: true, SQL: "DELETE FROM contact_group_member WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "contact_label", Deletes: true, SQL: "DELETE FROM contact_label WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "consent_pending", Deletes: true, SQL: "DELETE FROM consent_pending WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "consent_request", Deletes: true, SQL: "DELETE FROM consent_request WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "consent", Deletes: true, SQL: "DELETE FROM consent WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "consent_entry", Deletes: true, SQL: "DELETE FROM consent_entry WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "contact_twin", Deletes: true, SQL: "DELETE FROM contact_twin WHERE site_id = ?0 AND (a_id = ANY (?1::uuid[]) OR b_id = ANY (?1::uuid[]))"},
	{Table: "contact_not_twin", Deletes: true, SQL: "DELETE FROM contact_not_twin WHERE site_id = ?0 AND (a_id = ANY (?1::uuid[]) OR b_id = ANY (?1::uuid[]))"},
	{Table: "import_row", SQL: `UPDATE import_row SET message = '', problems = NULL WHERE site_id = ?0 AND verdict = 'refused' AND contact_id IS NULL AND (message LIKE '%…%' OR problems::text LIKE '%…%') AND run_id IN (
			SELECT r.id FROM import_run r WHERE r.site_id = ?0 AND EXISTS (SELECT FROM upload_chunk c LEFT JOIN upload_chunk n ON n.site_id = c.site_id AND n.upload_id = c.upload_id AND n.n = c.n + 1
				CROSS JOIN unnest(?3::text[]) AS e WHERE c.site_id = ?0 AND c.upload_id = r.upload_id AND position(convert_to(e, 'UTF8') IN c.bytes || coalesce(substring(n.bytes FROM 1 FOR 300), '')) > 0))`}, // a message cut short may end within an address
	// A file that was uploaded is read line by line by no index: it goes whole, when a row of it was about the person or it names them.
	{Table: "upload", Deletes: true, SQL: `DELETE FROM upload u WHERE u.site_id = ?0 AND (
			EXISTS (SELECT FROM import_run r JOIN import_row i ON i.site_id = r.site_id AND i.run_id = r.id WHERE r.site_id = ?0 AND r.upload_id = u.id AND i.contact_id = ANY (?1::uuid[]))
			OR EXISTS (SELECT FROM upload_chunk c LEFT JOIN upload_chunk n ON n.site_id = c.site_id AND n.upload_id = c.upload_id AND n.n = c.n + 1
				CROSS JOIN unnest(?3::text[]) AS e WHERE c.site_id = ?0 AND c.upload_id = u.id AND position(convert_to(e, 'UTF8') IN c.bytes || coalesce(substring(n.bytes FROM 1 FOR 300), '')) > 0))`},
	{Table: "import_row", SQL: `UPDATE import_row SET changes = NULL, undo = NULL, message = '', problems = NULL, revert_message = '', revert_problems = NULL
		WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND (changes IS NOT NULL OR undo IS NOT NULL OR message <> '' OR problems IS NOT NULL OR revert_message <> '' OR revert_problems IS NOT NULL)`},
	{Table: "import_row", SQL: `UPDATE import_row SET message = regexp_replace(message, ?4, '…', 'gi'), problems = regexp_replace(problems::text, ?4, '…', 'gi')::jsonb
		WHERE site_id = ?0 AND (message ~* ?4 OR problems::text ~* ?4)`},
	{Table: "import_run", SQL: `UPDATE import_run SET problem = regexp_replace(problem, ?4, '…', 'gi'), problems = regexp_replace(problems::text, ?4, '…', 'gi')::jsonb, file_name = regexp_replace(file_name, ?4, '…', 'gi'), "values" = regexp_replace("values"::text, ?4, '…', 'gi')::jsonb
		WHERE site_id = ?0 AND (problem ~* ?4 OR problems::text ~* ?4 OR file_name ~* ?4 OR "values"::text ~* ?4)`},
	{Table: "batch_item", SQL: "UPDATE batch_item SET changes = NULL, message = '' WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND (changes IS NOT NULL OR message <> '')"},
	{Table: "batch_run", SQL: `UPDATE batch_run r SET input = '{}' WHERE r.site_id = ?0 AND r.input <> '{}' AND r.total > 0
		AND r.id IN (SELECT run_id FROM batch_item WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])) AND NOT EXISTS (SELECT FROM batch_item i WHERE i.site_id = ?0 AND i.run_id = r.id AND i.contact_id <> ALL (?1::uuid[]))`}, // what was written to nobody else
	{Table: "batch_run", SQL: `UPDATE batch_run SET input = regexp_replace(input::text, ?4, '…', 'gi')::jsonb, target = regexp_replace(target::text, ?4, '…', 'gi')::jsonb, problem = regexp_replace(problem, ?4, '…', 'gi')
		WHERE site_id = ?0 AND (input::text ~* ?4 OR target::text ~* ?4 OR problem ~* ?4)`},
	{Table: "export_log", SQL: "UPDATE export_log SET request = regexp_replace(request::text, ?4, '…', 'gi')::jsonb WHERE site_id = ?0 AND request::text ~* ?4"},
	{Table: "contact", SQL: "UPDATE contact SET note = regexp_replace(note, ?4, '…', 'gi') WHERE site_id = ?0 AND id <> ALL (?1::uuid[]) AND note ~* ?4"},
	{Table: "contact", SQL: "UPDATE contact SET address_of = NULL WHERE site_id = ?0 AND address_of = ANY (?1::uuid[]) AND id <> ALL (?1::uuid[])"},
}

// Erasing are the records of one person or organization that is erased, held: the one that stays first, then what had become part of it.
type Erasing struct {
	Rows  []*Record
	words []string // of names that there are or were, folded
}

// HoldErasing locks a contact, or the one that it became part of, with all that became part of it. NotFound.
func HoldErasing(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Erasing, error) {
	var into *uuid.UUID
	err := tx.NewSelect().Model((*Record)(nil)).Column("merged_into").Where("site_id = ? AND id = ?", siteID, id).Scan(ctx, &into)
	if err != nil {
		return nil, db.Missing(err, "contact", "read contact")
	}
	if into != nil {
		id = *into
	}
	e := new(Erasing)
	err = tx.NewSelect().Model(&e.Rows).Where("site_id = ?0 AND (id = ?1 OR merged_into = ?1)", siteID, id).Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, db.MapError(err, "lock contact")
	}
	at := slices.IndexFunc(e.Rows, func(r *Record) bool { return r.ID == id && r.MergedInto == nil })
	if at < 0 {
		return nil, fault.New(fault.Conflict, "this contact has just been merged; look at it and try again")
	}
	e.Rows[0], e.Rows[at] = e.Rows[at], e.Rows[0]
	return e, nil
}

// IDs gives the ids of all records, that of the one that stays first.
func (e *Erasing) IDs() []uuid.UUID {
	out := make([]uuid.UUID, len(e.Rows))
	for i, r := range e.Rows {
		out[i] = r.ID
	}
	return out
}

// EraseRecord makes the contact's record one without a person and deletes what had become part of it; then words of the names that nobody has go from the
// vocabulary.
func (s *Service) EraseRecord(ctx context.Context, tx bun.IDB, e *Erasing) ([]account.EraseDeed, error) {
	a := site.ActorOf(ctx)
	var out []account.EraseDeed
	merged, err := s.erase(ctx, tx, a, e.Rows[1:])
	if err != nil {
		return nil, err
	}
	if merged > 0 {
		out = append(out, account.EraseDeed{Table: "contact", Deleted: merged})
	}
	was := e.Rows[0]
	nobody := nobodyOf(was)
	if !same(was, nobody) {
		nobody.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(nobody).WherePK().Exec(ctx); err != nil {
			return nil, db.MapError(err, "make contact anonymous")
		}
		out = append(out, account.EraseDeed{Table: "contact", Emptied: 1})
	}
	e.Rows = []*Record{nobody}
	res, err := tx.NewRaw(`DELETE FROM name_term AS t USING (SELECT DISTINCT left(w, 100) COLLATE "C" AS w FROM unnest(?1::text[]) AS n CROSS JOIN LATERAL unnest(name_words(n, '', '')) AS w) AS words
		WHERE t.site_id = ?0 AND t.term = words.w AND NOT `+usedTerm, was.SiteID, db.Texts(e.words)).Exec(ctx)
	if err != nil {
		return nil, db.MapError(err, "forget words")
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		out = append(out, account.EraseDeed{Table: "name_term", Deleted: int(n)})
		return out, err
	}
	return out, nil
}

// nobodyOf gives a record without a person: its place in the book, when and whence it came. Lists and counts that ask for no more hold it as before.
func nobodyOf(r *Record) *Record {
	out := &Record{
		SiteID: r.SiteID, ID: r.ID, Number: r.Number, Kind: r.Kind, OrganizationKind: r.OrganizationKind, Recognised: r.Recognised, ValidUntil: r.ValidUntil, Listed: r.Listed,
		Source: r.Source, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, DeletedAt: r.DeletedAt, Answers: field.Answers{},
	}
	name := fmt.Sprintf("••• %d", r.Number) // after all letters
	if r.Kind == KindOrganization {
		out.Name = name
	} else {
		out.LastName = name
	}
	out.fold()
	return out
}

// same tells whether a record holds what another does, as far as nobody's can hold anything.
func same(a, b *Record) bool {
	return len(a.Answers) == 0 && reflect.DeepEqual(attributeValues(a), attributeValues(b)) && a.Search == b.Search
}

func attributeValues(r *Record) (out []any) {
	r.complete()
	for _, one := range attributes {
		out = append(out, one.read(r))
	}
	return out
}
