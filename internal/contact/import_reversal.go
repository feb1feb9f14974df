package contact

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// reversal takes some rows of an import back in one transaction.
type reversal struct {
	s       *Service
	run     *ImportRun
	by      Author
	actor   site.Actor
	options []*Option

	of       site.Site
	fields   []*field.Definition
	now      time.Time
	rows     []*ImportRow
	records  map[uuid.UUID]*Record
	entries  map[uuid.UUID]*Entry
	later    map[uuid.UUID]bool // contacts that somebody else has changed since
	accounts map[uuid.UUID]bool
	labels   map[uuid.UUID]*offered // those that a row took away
	has      map[uuid.UUID][]*offered

	trashed    []*Record
	changed    []*Record
	moved      []*Record
	history    []*Entry
	left       []member
	relabelled relabelling
	referred   []referenceRow
}

// chunk takes the rows before a line back, last first, and gives where the next chunk begins.
func (r *reversal) chunk(ctx context.Context, tx bun.Tx, before int) (line int, more bool, err error) {
	err = tx.NewSelect().Model(&r.rows).Where(toRevert, r.run.SiteID, r.run.ID).Where("line < ?", before).Order("line DESC").Limit(revertRows).Scan(ctx)
	if err != nil {
		return 0, false, db.MapError(err, "read import rows")
	}
	if len(r.rows) == 0 {
		return 0, false, nil
	}
	if err := r.load(ctx, tx); err != nil {
		return 0, false, err
	}
	for _, row := range r.rows {
		row.RevertMessage, row.RevertProblems = "", nil // of an earlier revert
		if row.Verdict == VerdictCreated {
			r.unmake(row)
		} else {
			r.undo(row)
		}
		if row.Revert == RevertUndone {
			r.run.Undone++
		} else {
			r.run.Kept++
		}
	}
	if err := r.write(ctx, tx); err != nil {
		return 0, false, err
	}
	return r.rows[len(r.rows)-1].Line, len(r.rows) == revertRows, nil
}

// changedSince finds contacts whose history goes on after the import: with anything that is not of this
// import and does not take something of it back.
const changedSince = `
SELECT DISTINCT h.contact_id FROM contact_history h
WHERE h.site_id = ?0 AND h.contact_id IN (?1) AND h.import_id IS DISTINCT FROM ?2 AND h.at >= ?3
    AND NOT EXISTS (SELECT FROM contact_history o WHERE o.site_id = h.site_id AND o.id = h.reverts AND o.import_id = ?2)`

// load locks the contacts of the rows and reads all that taking them back needs.
func (r *reversal) load(ctx context.Context, tx bun.Tx) (err error) {
	if r.of, err = holdSite(ctx, tx, r.run.SiteID); err != nil {
		return err
	}
	if r.fields, err = field.All(ctx, tx, r.run.SiteID, true); err != nil {
		return err
	}
	r.now = r.s.now().Truncate(time.Microsecond)
	r.records, r.later, r.accounts, r.labels = map[uuid.UUID]*Record{}, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[uuid.UUID]*offered{}
	var ids, entries, labels []uuid.UUID
	for _, row := range r.rows {
		if row.ContactID != nil {
			ids = append(ids, *row.ContactID)
		}
		if row.EntryID != nil {
			entries = append(entries, *row.EntryID)
		}
		if row.Undo != nil {
			labels = append(labels, row.Undo.Unlabelled...)
		}
	}
	var records []*Record
	if err := tx.NewSelect().Model(&records).Where("site_id = ? AND id IN (?)", r.run.SiteID, bun.List(ids)).Order("id").For("UPDATE").Scan(ctx); err != nil {
		return db.MapError(err, "lock contacts")
	}
	for _, one := range records {
		r.records[one.ID] = one
	}
	if r.entries, err = entriesByID(ctx, tx, r.run.SiteID, entries); err != nil {
		return err
	}
	if r.has, err = labelsOf(ctx, tx, r.run.SiteID, ids); err != nil {
		return err
	}
	taken, err := labelsByID(ctx, tx, r.run.SiteID, labels, "labels")
	if err != nil {
		taken = nil // some are gone; the others are not given again either
	}
	for _, l := range taken {
		r.labels[l.ID] = l
	}
	var since, with []uuid.UUID
	if err := tx.NewRaw(changedSince, r.run.SiteID, bun.List(ids), r.run.ID, r.run.StartedAt).Scan(ctx, &since); err != nil {
		return db.MapError(err, "find later changes")
	}
	for _, id := range since {
		r.later[id] = true
	}
	if err := tx.NewSelect().TableExpr("account").Column("contact_id").Where("site_id = ? AND contact_id IN (?)", r.run.SiteID, bun.List(ids)).Scan(ctx, &with); err != nil {
		return db.MapError(err, "read accounts")
	}
	for _, id := range with {
		r.accounts[id] = true
	}
	return nil
}

func (row *ImportRow) kept(why ...ImportProblem) { row.Revert, row.RevertProblems = RevertKept, why }

func (row *ImportRow) keptFor(code string, names ...string) {
	row.kept(ImportProblem{Code: code, Names: names})
}

// unmake moves a contact that the import made to the trash, unless somebody has changed it since.
func (r *reversal) unmake(row *ImportRow) {
	c := r.contact(row)
	switch {
	case c == nil:
	case r.accounts[c.ID]:
		row.keptFor(keptAccount)
	case r.later[c.ID]:
		row.keptFor(keptTouched)
	default:
		row.Revert = RevertUndone
		r.trashed = append(r.trashed, c)
		r.enter(c, deleted, Changes{}, nil)
	}
}

// contact gives a row's contact; nil, with the reason at the row, when nothing can be done to it.
func (r *reversal) contact(row *ImportRow) *Record {
	var c *Record
	if row.ContactID != nil {
		c = r.records[*row.ContactID]
	}
	switch {
	case c == nil:
		row.keptFor(keptGone)
	case c.MergedInto != nil:
		row.keptFor(keptMerged)
	case c.DeletedAt != nil && row.Verdict == VerdictCreated:
		row.Revert = RevertUndone // it is where it would go
	case c.DeletedAt != nil:
		row.keptFor(keptTrash)
	default:
		return c
	}
	return nil
}

// undo gives a contact back what it had before a row, unless something of it has changed since.
func (r *reversal) undo(row *ImportRow) {
	c := r.contact(row)
	if c == nil {
		return
	}
	row.Revert = RevertUndone
	if len(row.Changes) > 0 { // what the ledger of consent was told
		row.Revert, row.RevertProblems = RevertPartly, ImportProblems{{Code: keptConsent}}
	}
	var entry *Entry
	if row.EntryID != nil {
		entry = r.entries[*row.EntryID]
	}
	if entry == nil {
		return
	}
	if err := entry.Changes.mustSee(r.actor); err != nil {
		row.keptFor(keptUnseen)
		return
	}
	change, moved := r.undoing(c, entry, row.Undo)
	if len(moved) > 0 {
		row.keptFor(keptChanged, moved...)
		return
	}
	before, after := *c, *c
	after.Answers = c.Answers.Clone()
	if err := change.apply(&after, r.fields, r.of.Country, r.s.today(r.of)); err != nil {
		row.kept((&item{}).explain(err)...)
		return
	}
	if before.Email != "" && after.Email == "" && r.accounts[c.ID] {
		row.keptFor(keptEmail)
		return
	}
	changes := diff(&before, &after)
	r.unlist(c, entry, row.Undo, changes)
	r.nameOptions(changes)
	*c = after
	c.UpdatedAt = r.now
	if !slices.Contains(r.changed, c) {
		r.changed = append(r.changed, c)
	}
	if c.Kind == KindOrganization && !sameAddress(&before, c) {
		r.moved = append(r.moved, c)
	}
	r.enter(c, reverted, changes, &entry.ID)
}

// undoing gives the change that brings a contact's own values back, and the names of those that are no
// longer as the import left them.
func (r *reversal) undoing(c *Record, entry *Entry, u *undo) (change Change, moved []string) {
	for _, name := range slices.Sorted(maps.Keys(entry.Changes)) {
		was, is, err := entry.Changes[name].raw()
		if err != nil {
			return change, []string{name}
		}
		switch name {
		case "groups", "labels", "references":
			continue
		case "iban":
			if u == nil || u.IBAN == nil || c.IBAN != u.IBAN[1] {
				moved = append(moved, name)
			} else {
				change.IBAN = &u.IBAN[0]
			}
			continue
		}
		if !sameValue(r.value(c, name), is) {
			moved = append(moved, name)
			continue
		}
		if was, err = r.optionID(name, was); err == nil {
			_, err = change.put(name, was)
		}
		if err != nil {
			moved = append(moved, name)
		}
	}
	return change, moved
}

// value gives what the history would call a value of a contact now.
func (r *reversal) value(c *Record, name string) json.RawMessage {
	if id, is := strings.CutPrefix(name, answerPrefix); is {
		return c.Answers[id]
	}
	a, known := attributeNamed(name)
	if !known {
		return nil
	}
	v := a.read(c)
	if _, is := optionAttributes[name]; is {
		for _, o := range r.options {
			if o.ID.String() == v {
				v = o.Name
			}
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil // it is then not what the history tells
	}
	return text
}

// optionID gives the id of an option that the history calls by name; other values stay.
func (r *reversal) optionID(name string, v json.RawMessage) (json.RawMessage, error) {
	list, is := optionAttributes[name]
	if !is || string(v) == `""` || string(v) == "null" {
		return v, nil
	}
	var called string
	if err := json.Unmarshal(v, &called); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(r.options, func(o *Option) bool { return o.List == list && o.NameKey == fold.Text(called) })
	if at < 0 {
		return nil, errors.New("the option is gone")
	}
	return json.Marshal(r.options[at].ID.String())
}

func (r *reversal) nameOptions(changes Changes) {
	known := &vocabulary{optionNames: map[string]string{"": ""}}
	for _, o := range r.options {
		known.optionNames[o.ID.String()] = o.Name
	}
	known.nameOptions(changes)
}

// unlist takes a contact out of the groups and labels that a row gave it, and takes its references.
func (r *reversal) unlist(c *Record, entry *Entry, u *undo, changes Changes) {
	if u == nil {
		return
	}
	for _, id := range u.Joined {
		r.left = append(r.left, member{SiteID: c.SiteID, ContactID: c.ID, GroupID: id})
	}
	for _, ref := range u.Referred {
		r.referred = append(r.referred, referenceRow{SiteID: c.SiteID, ContactID: c.ID, Source: ref.Source, ExternalID: ref.ExternalID})
	}
	for name, ids := range map[string]int{"groups": len(u.Joined), "references": len(u.Referred)} {
		if was, told := entry.Changes[name]; told && ids > 0 {
			changes[name] = Delta{Before: was.After, After: was.Before}
		}
	}
	have := r.has[c.ID]
	want := slices.DeleteFunc(slices.Clone(have), func(l *offered) bool { return slices.Contains(u.Labelled, l.ID) })
	for _, id := range u.Unlabelled {
		l := r.labels[id]
		if l != nil && l.fits(c.Kind) && !hasLabel(want, l) && !slices.ContainsFunc(want, func(o *offered) bool { return l.Exclusive && o.SetID == l.SetID }) {
			want = append(want, l)
		}
	}
	slices.SortFunc(want, byPlace)
	if r.relabelled.plan(c, have, want) {
		changes["labels"] = Delta{Before: labelNames(have), After: labelNames(want)}
		r.has[c.ID] = want
	}
}

func (r *reversal) enter(c *Record, action Action, changes Changes, reverts *uuid.UUID) {
	e := newEntry(r.by, c, action, changes)
	e.At, e.Reverts = r.now, reverts
	r.history = append(r.history, e)
}

// write puts everything into the database.
func (r *reversal) write(ctx context.Context, tx bun.Tx) error {
	if err := setDeleted(ctx, tx, r.trashed, &r.now, r.now); err != nil {
		return err
	}
	if len(r.changed) > 0 {
		slices.SortFunc(r.changed, func(a, b *Record) int { return compareIDs(a.ID, b.ID) })
		if _, err := tx.NewUpdate().Model(&r.changed).Bulk().Exec(ctx); err != nil {
			return db.MapError(err, "update contacts")
		}
	}
	if len(r.left) > 0 {
		if _, err := tx.NewDelete().Model(&r.left).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "leave groups")
		}
	}
	if len(r.referred) > 0 {
		if _, err := tx.NewDelete().Model(&r.referred).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "drop references")
		}
	}
	if err := r.relabelled.write(ctx, tx); err != nil {
		return err
	}
	if err := r.s.spreadAddress(ctx, tx, r.moved, r.by); err != nil {
		return err
	}
	if len(r.history) > 0 {
		if _, err := tx.NewInsert().Model(&r.history).Exec(ctx); err != nil {
			return db.MapError(err, "insert history")
		}
	}
	if _, err := tx.NewUpdate().Model(&r.rows).Column("revert", "revert_message", "revert_problems").Bulk().Exec(ctx); err != nil {
		return db.MapError(err, "note reverted rows")
	}
	_, err := tx.NewUpdate().Model(r.run).Column("undone", "kept").WherePK().Exec(ctx)
	return db.MapError(err, "count reverted rows")
}
