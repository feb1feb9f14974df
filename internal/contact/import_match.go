package contact

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/db"
)

// Match is what rows are matched to contacts by.
type Match string

// The ways to match, in the order in which they are tried.
const (
	MatchID        Match = "id"        // our own id, of a file that was exported here
	MatchNumber    Match = "number"    // our contact number
	MatchReference Match = "reference" // the number in another system
	MatchEmail     Match = "email"     // the address; with the name where several share it (G-24)
	MatchName      Match = "name"      // the name with the phone or the birth date, of rows without an address
)

// defaultMatches are used when none are chosen: a number of somebody else's file is not ours.
var defaultMatches = []Match{MatchID, MatchReference, MatchEmail, MatchName}

// shelf is the part of the book that a batch of rows may be about: the living contacts with an
// e-mail address, a name or a number of the batch, and those the batch itself has made.
type shelf struct {
	byID       map[uuid.UUID]*Record
	byNumber   map[int64]*Record
	byEmail    map[string][]*Record
	byName     map[string][]*Record
	holders    map[Reference]uuid.UUID   // who has a reference that a row names
	references map[uuid.UUID][]Reference // of the contacts, when a row has some
	groups     map[uuid.UUID][]*Group    // of the contacts
	labels     map[uuid.UUID][]*offered  // of the contacts, when a row has some
	agreed     map[consentKey]*Consent   // what the contacts said
	spoken     map[uuid.UUID]bool        // an earlier row of the file was about this contact
	inBatch    map[uuid.UUID]*Record     // made or changed here, as they are now
}

func emptyShelf() *shelf {
	return &shelf{
		byID: map[uuid.UUID]*Record{}, byNumber: map[int64]*Record{}, byEmail: map[string][]*Record{}, byName: map[string][]*Record{},
		holders: map[Reference]uuid.UUID{}, references: map[uuid.UUID][]Reference{}, groups: map[uuid.UUID][]*Group{}, labels: map[uuid.UUID][]*offered{},
		agreed: map[consentKey]*Consent{}, spoken: map[uuid.UUID]bool{}, inBatch: map[uuid.UUID]*Record{},
	}
}

// nameKey is the folded name of a record, "" without one.
func nameKey(r *Record) string {
	if r.NLast == "" && r.NFirst == "" {
		return ""
	}
	return r.NLast + "\x00" + r.NFirst
}

func (s *shelf) add(r *Record) {
	s.byID[r.ID] = r
	if r.Number > 0 {
		s.byNumber[r.Number] = r
	}
	if r.EmailKey != "" {
		s.byEmail[r.EmailKey] = append(s.byEmail[r.EmailKey], r)
	}
	if key := nameKey(r); key != "" {
		s.byName[key] = append(s.byName[key], r)
	}
}

// move puts a record where its new address and name belong.
func (s *shelf) move(before, r *Record) {
	same := func(x *Record) bool { return x.ID == r.ID }
	if before.EmailKey != "" {
		s.byEmail[before.EmailKey] = slices.DeleteFunc(s.byEmail[before.EmailKey], same)
	}
	if key := nameKey(before); key != "" {
		s.byName[key] = slices.DeleteFunc(s.byName[key], same)
	}
	s.add(r)
}

// findCandidates finds contacts by the keys of rows. Each key is looked up by itself: OFFSET 0 keeps the
// planner from making it a join that reads the whole book, and from weighing a thousand keys one by one
// (32 ms a batch, against 3). The order is that of the index which is meant: without statistics, in a book
// that an import is filling, the planner may else take any index of the site (7 s a batch of a new book
// of 8,000).
const findCandidates = `
SELECT c.id FROM unnest(?1::text[]) AS k (email_key), LATERAL (
    SELECT id FROM contact WHERE site_id = ?0 AND email_key = k.email_key AND deleted_at IS NULL ORDER BY id OFFSET 0) AS c
UNION ALL
SELECT c.id FROM unnest(?2::text[], ?3::text[]) AS k (n_last, n_first), LATERAL (
    SELECT id FROM contact WHERE site_id = ?0 AND n_last = k.n_last AND n_first = k.n_first AND deleted_at IS NULL ORDER BY id OFFSET 0) AS c
UNION ALL
SELECT c.id FROM unnest(?4::uuid[]) AS k (id), LATERAL (
    SELECT id FROM contact WHERE site_id = ?0 AND id = k.id AND deleted_at IS NULL ORDER BY id OFFSET 0) AS c
UNION ALL
SELECT c.id FROM unnest(?5::bigint[]) AS k (number), LATERAL (
    SELECT id FROM contact WHERE site_id = ?0 AND number = k.number AND deleted_at IS NULL ORDER BY id OFFSET 0) AS c`

// findHolders finds the living contacts that have references.
const findHolders = `
SELECT r.source, r.external_id, r.contact_id FROM unnest(?1::text[], ?2::text[]) AS k (source, external_id), LATERAL (
    SELECT * FROM contact_reference WHERE site_id = ?0 AND source = k.source AND external_id = k.external_id AND living ORDER BY contact_id OFFSET 0) AS r`

// findSpoken tells which contacts earlier rows of a run were about.
const findSpoken = `SELECT DISTINCT contact_id FROM import_row WHERE site_id = ? AND run_id = ? AND contact_id IN (?)`

// shelf finds and locks what the rows may be about.
func (im *importer) shelf(ctx context.Context, tx bun.IDB, items []*item) (*shelf, error) {
	s := emptyShelf()
	ids, err := im.candidates(ctx, tx, s, items)
	if err != nil {
		return s, err
	}
	if len(ids) > 0 {
		if err := im.fillShelf(ctx, tx, s, items, ids); err != nil {
			return s, err
		}
	}
	if im.shadow != nil {
		im.shadow.cover(s, items)
	}
	return s, nil
}

func (im *importer) fillShelf(ctx context.Context, tx bun.IDB, s *shelf, items []*item, ids []uuid.UUID) error {
	var rows []*Record
	q := tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?) AND deleted_at IS NULL", im.of.ID, bun.List(ids)).Order("id")
	if !im.order.DryRun {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return db.MapError(err, "lock contacts")
	}
	for _, r := range rows {
		s.add(r)
	}
	joins, labelled, referred := false, false, false
	for _, it := range items {
		joins = joins || len(it.joins) > 0
		labelled = labelled || len(it.more.labels) > 0
		referred = referred || len(it.more.refs) > 0
	}
	var err error
	if joins {
		if s.groups, err = groupsOf(ctx, tx, im.of.ID, ids); err != nil {
			return err
		}
	}
	if labelled {
		if s.labels, err = labelsOf(ctx, tx, im.of.ID, ids); err != nil {
			return err
		}
	}
	if referred {
		if s.references, err = referencesOfAll(ctx, tx, im.of.ID, ids); err != nil {
			return err
		}
	}
	if s.agreed, err = im.readAgreed(ctx, tx, items, ids); err != nil {
		return err
	}
	return im.readSpoken(ctx, tx, s, items)
}

// candidates finds the contacts that rows may be about, each once.
func (im *importer) candidates(ctx context.Context, tx bun.IDB, s *shelf, items []*item) ([]uuid.UUID, error) {
	var emails, lasts, firsts, own, sources, externals []string
	var numbers []int64
	for _, it := range items {
		r := it.record
		if r == nil || len(it.problems) > 0 {
			continue
		}
		if it.own != uuid.Nil && im.matches(MatchID) {
			own = append(own, it.own.String())
		}
		if it.number > 0 {
			numbers = append(numbers, it.number)
		}
		for _, ref := range it.more.refs {
			sources, externals = append(sources, ref.Source), append(externals, ref.ExternalID)
		}
		switch {
		case r.EmailKey != "" && im.matches(MatchEmail):
			emails = append(emails, r.EmailKey)
		case r.EmailKey == "" && nameKey(r) != "" && im.matches(MatchName):
			lasts, firsts = append(lasts, r.NLast), append(firsts, r.NFirst)
		}
	}
	var ids []uuid.UUID
	if len(sources) > 0 {
		var held []struct {
			Reference `bun:",extend"`
			ContactID uuid.UUID
		}
		if err := tx.NewRaw(findHolders, im.of.ID, pgdialect.Array(sources), pgdialect.Array(externals)).Scan(ctx, &held); err != nil {
			return nil, db.MapError(err, "find references of rows")
		}
		for _, h := range held {
			s.holders[h.Reference] = h.ContactID
			ids = append(ids, h.ContactID)
		}
	}
	if len(emails)+len(lasts)+len(own)+len(numbers) > 0 {
		var found []uuid.UUID
		err := tx.NewRaw(findCandidates, im.of.ID, pgdialect.Array(emails), pgdialect.Array(lasts), pgdialect.Array(firsts), pgdialect.Array(own), pgdialect.Array(numbers)).Scan(ctx, &found)
		if err != nil {
			return nil, db.MapError(err, "find contacts of rows")
		}
		ids = append(ids, found...)
	}
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids), nil
}

// matches tells whether rows are matched in a way.
func (im *importer) matches(by Match) bool { return slices.Contains(im.order.MatchBy, by) }

// readSpoken asks about those contacts only whose address a row has under another name.
func (im *importer) readSpoken(ctx context.Context, tx bun.IDB, s *shelf, items []*item) error {
	var ask, told []uuid.UUID
	for _, it := range items {
		if it.record == nil || it.record.EmailKey == "" {
			continue
		}
		for _, r := range s.byEmail[it.record.EmailKey] {
			if nameKey(r) != nameKey(it.record) {
				ask = append(ask, r.ID)
			}
		}
	}
	if len(ask) == 0 {
		return nil
	}
	err := tx.NewRaw(findSpoken, im.of.ID, im.id, bun.List(ask)).Scan(ctx, &told)
	for _, id := range told {
		s.spoken[id] = true
	}
	return db.MapError(err, "read earlier rows")
}

// match finds the contact that a row is about; nil when it is about a new one. A problem says why
// that cannot be told.
//
// By our own id, our number or a reference: that contact. By e-mail: the contact of that address and
// name; else the only contact of that address, unless an earlier row of the same file was about it
// under another name (families share mailboxes, G-24). Without e-mail: the contact of that name that
// has the phone or the birth date, or in which the row would change nothing.
func (j *judge) match(it *item) (found *Record, problem *ImportProblem) {
	s, r := j.book, it.record
	if own := s.byID[it.own]; own != nil && j.matches(MatchID) {
		return own, nil
	}
	if it.number > 0 {
		if numbered := s.byNumber[it.number]; numbered != nil {
			return numbered, nil
		}
	}
	if j.matches(MatchReference) {
		for _, ref := range it.more.refs {
			if held := s.byID[s.holders[ref]]; held != nil {
				return held, nil
			}
		}
	}
	if r.EmailKey != "" {
		if !j.matches(MatchEmail) {
			return nil, nil
		}
		return s.matchEmail(r)
	}
	if !j.matches(MatchName) {
		return nil, nil
	}
	var named, equal []*Record
	for _, c := range s.byName[nameKey(r)] {
		switch {
		case c.Kind != r.Kind:
		case samePhone(c, r) || sameDay(c.BirthDate, r.BirthDate):
			named = append(named, c)
		case j.same(it, c):
			equal = append(equal, c)
		}
	}
	switch {
	case len(named) > 1:
		return nil, ptr(aboutContacts(sameName, named))
	case len(named) == 1:
		return named[0], nil
	case len(equal) > 0:
		return equal[0], nil
	}
	return nil, nil
}

// equal finds a contact that is just as the row says, of all that it could be about.
func (j *judge) equal(it *item) *Record {
	r := it.record
	candidates := append(slices.Clone(j.book.byEmail[r.EmailKey]), j.book.byName[nameKey(r)]...)
	if own := j.book.byID[it.own]; own != nil {
		candidates = append(candidates, own)
	}
	for _, c := range candidates {
		if c.Kind == r.Kind && nameKey(c) == nameKey(r) && j.same(it, c) {
			return c
		}
	}
	return nil
}

func (s *shelf) matchEmail(r *Record) (found *Record, problem *ImportProblem) {
	all := s.byEmail[r.EmailKey]
	var same, free []*Record
	for _, c := range all {
		if key := nameKey(r); key != "" && nameKey(c) == key {
			same = append(same, c)
		}
		if nameKey(r) == "" || nameKey(c) == "" || !s.spoken[c.ID] {
			free = append(free, c)
		}
	}
	switch {
	case len(same) == 1:
		return same[0], nil
	case len(same) > 1:
		return nil, ptr(aboutContacts(sameEmailAndName, same))
	case len(free) == 0:
		return nil, nil
	case len(all) == 1:
		return all[0], nil
	}
	return nil, ptr(aboutContacts(sameEmail, all))
}

func samePhone(c, r *Record) bool {
	for _, number := range []string{r.Phone, r.Mobile} {
		if number != "" && (number == c.Phone || number == c.Mobile) {
			return true
		}
	}
	return false
}

func sameDay(a, b *time.Time) bool {
	return a != nil && b != nil && a.Format(time.DateOnly) == b.Format(time.DateOnly)
}
