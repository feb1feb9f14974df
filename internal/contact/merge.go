package contact

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Merge is two records that became one.
type Merge struct {
	bun.BaseModel `bun:"table:contact_merge"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	SurvivorID uuid.UUID
	MergedID   uuid.UUID
	At         time.Time
	ActorKind  site.Kind
	ActorID    *uuid.UUID
	ActorName  string
	Chosen     map[string]uuid.UUID `bun:"type:jsonb"` // attribute -> the record its value was taken from
	Undo       []movedRow           `bun:"type:jsonb"`
	UndoneAt   *time.Time
}

// Take says which of the two records an attribute's value is taken from.
type Take struct {
	Attribute string
	From      uuid.UUID
}

// MergeContacts makes two records of the same person or organization one. The older survives with
// its id and number; the other stays out of sight and answers with it. Needs an operator.
//
// An attribute is the survivor's unless it is empty there, or take says otherwise; an address counts
// as one. Groups, notes, consents, links and whatever else refers to the merged record become the
// survivor's (Mover); the histories are read as one. Nothing is lost: UndoMerge parts them again.
//
// Mendable: not two different records, records of different kinds, two accounts, an unknown attribute,
// links that would close a circle.
// NotFound for an unknown id or one of another site; Conflict for one in the trash.
func (s *Service) MergeContacts(ctx context.Context, ids []uuid.UUID, take []Take) (*Merge, Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, nil, err
	}
	if err := checkMerge(a, ids, take); err != nil {
		return nil, nil, err
	}
	var m *Merge
	var survivor *Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, both, err := beginMerge(ctx, tx, a.SiteID, ids)
		if err != nil {
			return err
		}
		m, survivor = s.newMerge(a, both), both[0]
		return s.merge(ctx, tx, of, m, both[0], both[1], take, author(a))
	})
	if err != nil {
		return nil, nil, err
	}
	return m, Of(survivor), nil
}

// checkMerge refuses what is no pair, and a choice between values that the actor does not read.
func checkMerge(a site.Actor, ids []uuid.UUID, take []Take) error {
	for _, one := range take {
		if what, is := sensitiveName(one.Attribute); is {
			if err := a.MustSee(what); err != nil {
				return err
			}
		}
	}
	switch {
	case len(ids) != 2:
		return fault.Invalid(fault.InvalidValue, []string{"ids"}, "name two contacts")
	case ids[0] == ids[1]:
		return fault.Invalid(fault.SameContact, []string{"ids", "1"}, "a contact cannot be merged with itself")
	}
	return nil
}

func (s *Service) newMerge(a site.Actor, both []*Record) *Merge {
	return &Merge{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), SurvivorID: both[0].ID, MergedID: both[1].ID, At: s.now(),
		ActorKind: a.Kind, ActorID: orNil(a.ID), ActorName: a.Name, Chosen: map[string]uuid.UUID{},
	}
}

// beginMerge waits for the site's turn to write links, which a merge does too, and locks the two.
func beginMerge(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID) (of site.Site, both []*Record, err error) {
	if of, err = startLinking(ctx, tx, siteID); err != nil {
		return of, nil, err
	}
	both, err = lockPair(ctx, tx, siteID, ids)
	return of, both, err
}

// lockPair locks two living contacts that may become one; the older comes first.
func lockPair(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID) ([]*Record, error) {
	var both []*Record
	for _, id := range slices.SortedFunc(slices.Values(ids), compareIDs) { // always in the same order, so that two merges never wait for each other
		r, err := lock(ctx, tx, siteID, id)
		if err != nil {
			return nil, err
		}
		both = append(both, r)
	}
	if both[1].CreatedAt.Before(both[0].CreatedAt) {
		slices.Reverse(both)
	}
	if both[0].Kind != both[1].Kind {
		return nil, fault.Invalid(fault.WrongKind, []string{"ids"}, "a person and an organization cannot be merged")
	}
	accounts, err := tx.NewSelect().TableExpr("account").Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(ids)).Count(ctx)
	if err != nil {
		return nil, db.MapError(err, "count accounts")
	}
	if accounts > 1 {
		return nil, fault.Invalid(fault.TwoAccounts, []string{"ids"}, "both contacts have an account; close one of them first")
	}
	return both, nil
}

func (s *Service) merge(ctx context.Context, tx bun.IDB, of site.Site, m *Merge, survivor, other *Record, take []Take, by Author) error {
	c, err := m.choose(survivor, other, take)
	if err != nil {
		return err
	}
	all := append([]Mover{{Name: "contact", Table: "contact", Column: "id"}}, s.movers...)
	before := make([]image, len(all))
	for i, one := range all {
		if before[i], err = photograph(ctx, tx, one, of.ID, survivor.ID, other.ID); err != nil {
			return err
		}
	}
	was := *survivor
	was.Answers = survivor.Answers.Clone()
	hadGroups, err := groupsOf(ctx, tx, of.ID, []uuid.UUID{survivor.ID})
	if err != nil {
		return err
	}
	for _, one := range s.movers {
		if err := one.move(ctx, tx, of.ID, survivor.ID, other.ID); err != nil {
			return err
		}
	}
	if err := s.check(ctx, tx, of, survivor, c); err != nil {
		return err
	}
	survivor.UpdatedAt = m.At
	if _, err := tx.NewUpdate().Model(survivor).WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "update survivor")
	}
	if err := s.checkCircles(ctx, tx, of, survivor.ID); err != nil {
		return err
	}
	if survivor.Kind == KindOrganization { // who used the other's address uses the survivor's from now on
		if err := s.spreadAddress(ctx, tx, []*Record{survivor}, by); err != nil {
			return err
		}
	}
	if of.ConsentPolicy == site.OnConsent { // the ledger of both decides
		err := tx.NewRaw("UPDATE contact SET listed = "+mayBeListed+" WHERE site_id = ?1 AND id = ?2 RETURNING listed", string(of.ConsentPolicy), of.ID, survivor.ID).Scan(ctx, &survivor.Listed)
		if err != nil {
			return db.MapError(err, "list survivor")
		}
	}
	_, err = tx.NewRaw("UPDATE contact SET merged_into = ?0, deleted_at = ?3, updated_at = ?3 WHERE site_id = ?1 AND id = ?2", survivor.ID, of.ID, other.ID, m.At).Exec(ctx)
	if err != nil {
		return db.MapError(err, "merge contact")
	}
	told := map[string]bool{} // a row that two movers give, as an order's buyer and payer, goes back once
	for i, one := range all {
		if len(before[i]) == 0 { // nothing of it to move, nor to take back
			continue
		}
		after, err := photograph(ctx, tx, one, of.ID, survivor.ID, other.ID)
		if err != nil {
			return err
		}
		moved, err := one.moves(before[i], after)
		if err != nil {
			return err
		}
		for _, row := range moved {
			if is := row.Table + string(row.Key) + string(row.After); !told[is] {
				told[is], m.Undo = true, append(m.Undo, row)
			}
		}
	}
	if m.Undo == nil {
		m.Undo = []movedRow{}
	}
	if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
		return db.MapError(err, "insert merge")
	}
	return m.tell(ctx, tx, by, merged, &was, survivor, other, hadGroups[survivor.ID])
}

// tell writes the history of both records.
func (m *Merge) tell(ctx context.Context, tx bun.IDB, by Author, action Action, was, survivor, other *Record, hadGroups []*Group) error {
	more := Changes{}
	have, err := groupsOf(ctx, tx, m.SiteID, []uuid.UUID{survivor.ID})
	if err != nil {
		return err
	}
	if before, after := names(hadGroups), names(have[survivor.ID]); !slices.Equal(before, after) {
		more["groups"] = Delta{Before: before, After: after}
	}
	mark := func(e *Entry) { e.MergeID = &m.ID }
	if err := writeHistory(ctx, tx, by, action, was, survivor, more, mark); err != nil {
		return err
	}
	gone := *other
	gone.Answers = other.Answers.Clone()
	return writeHistory(ctx, tx, by, action, &gone, &gone, Changes{}, mark)
}

// choose gives the change that makes the survivor what was asked for.
func (m *Merge) choose(survivor, other *Record, take []Take) (c Change, err error) {
	from, err := m.taken(survivor, other, take)
	if err != nil {
		return c, err
	}
	place := func(r *Record) bool { return r.Address().empty() }
	for _, a := range attributes {
		source, asked := from[a.name]
		fills := empty(a.read(survivor)) && a.name != "listed" && (!strings.HasPrefix(a.name, "address.") || place(survivor)) &&
			(a.name != "onlyPreferredMeans" || survivor.PreferredMeans == nil) // that the other's means is the only one says nothing of this one's
		if !asked && !fills || asked && source == survivor.ID || equalValues(a.read(survivor), a.read(other)) {
			continue
		}
		v, err := json.Marshal(a.read(other))
		if err != nil {
			return c, fault.Wrap(err, "value of an attribute")
		}
		if _, err := c.put(a.name, v); err != nil {
			return c, err
		}
		m.Chosen[a.name] = other.ID
	}
	for id, v := range other.Answers {
		source, asked := from[answerPrefix+id]
		if _, has := survivor.Answers[id]; !asked && !has || asked && source == other.ID {
			if _, err := c.put(answerPrefix+id, v); err != nil {
				return c, err
			}
			m.Chosen[answerPrefix+id] = other.ID
		}
	}
	return c, nil
}

// taken checks what was asked for.
func (m *Merge) taken(survivor, other *Record, take []Take) (map[string]uuid.UUID, error) {
	from, v := map[string]uuid.UUID{}, checker{}
	for i, one := range take {
		path := []string{"take", strconv.Itoa(i)}
		_, known := attributeNamed(one.Attribute)
		id, answer := strings.CutPrefix(one.Attribute, answerPrefix)
		_, twice := from[one.Attribute]
		switch {
		case !known && (!answer || survivor.Answers[id] == nil && other.Answers[id] == nil):
			v.add(fault.Unknown, append(path, "attribute"), "these contacts have no attribute %q", one.Attribute)
		case one.From != survivor.ID && one.From != other.ID:
			v.add(fault.InvalidValue, append(path, "from"), "take it from one of the two contacts")
		case twice:
			v.add(fault.Duplicate, append(path, "attribute"), "%s is asked for twice", one.Attribute)
		}
		from[one.Attribute] = one.From
	}
	return from, v.list.Err()
}

func equalValues(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// UndoMerge parts two records that were merged: both, and all that moved, are to the byte what they
// were. Needs an operator. NotFound when the site has no such merge. Conflict when it was undone
// before, and when later changes build upon it: Path then names what changed.
func (s *Service) UndoMerge(ctx context.Context, id uuid.UUID) ([]Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	var both []*Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		m := new(Merge)
		err := tx.NewSelect().Model(m).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx)
		if err != nil {
			return db.Missing(err, "merge", "lock merge")
		}
		if m.UndoneAt != nil {
			return fault.New(fault.Conflict, "this merge has been undone already")
		}
		if both, err = m.records(ctx, tx); err != nil {
			return err
		}
		was := *both[0]
		was.Answers = was.Answers.Clone()
		hadGroups, err := groupsOf(ctx, tx, a.SiteID, []uuid.UUID{m.SurvivorID})
		if err != nil {
			return err
		}
		if err := s.part(ctx, tx, m, author(a)); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(m).Set("undone_at = ?", s.now()).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "undo merge")
		}
		if both, err = m.records(ctx, tx); err != nil {
			return err
		}
		return m.tell(ctx, tx, author(a), unmerged, &was, both[0], both[1], hadGroups[m.SurvivorID])
	})
	return All(both), err
}

// records locks the survivor and the merged record, in this order.
func (m *Merge) records(ctx context.Context, tx bun.IDB) ([]*Record, error) {
	var both []*Record
	err := tx.NewSelect().Model(&both).Where("site_id = ? AND id IN (?)", m.SiteID, bun.List([]uuid.UUID{m.SurvivorID, m.MergedID})).Order("id").For("UPDATE").Scan(ctx)
	if err == nil && both[0].ID != m.SurvivorID {
		slices.Reverse(both)
	}
	return both, db.MapError(err, "lock contacts")
}

// part brings every row back, the last first.
func (s *Service) part(ctx context.Context, tx bun.IDB, m *Merge, by Author) error {
	var changed []string
	for _, row := range slices.Backward(m.Undo) {
		if row.Table == "contact" && row.Name == addressUsers {
			ok, err := s.backAddress(ctx, tx, m.SiteID, row, by)
			if err != nil {
				return err
			}
			if !ok {
				changed = append(changed, row.Name)
			}
			continue
		}
		ok, differ, err := row.back(ctx, tx)
		if err != nil {
			return err
		}
		if ok {
			continue
		}
		if row.Table != "contact" {
			changed = append(changed, row.Name)
			continue
		}
		for _, column := range differ {
			if name := attributeOf(column); name != "" {
				changed = append(changed, name)
			}
		}
	}
	slices.Sort(changed)
	if changed = slices.Compact(changed); len(changed) > 0 {
		return &fault.Error{Code: fault.Conflict, Path: changed, Message: "later changes touched " + strings.Join(changed, ", ") + "; take those back first"}
	}
	return nil
}

// attributeOf gives the API's name of a column, "" for those computed from others.
func attributeOf(column string) string {
	switch column {
	case "email_key", "search", "reach":
		return ""
	case "address_lines":
		return "address.lines"
	case "postcode", "city", "country", "subdivision":
		return "address." + column
	}
	if strings.HasPrefix(column, "n_") {
		return ""
	}
	words := strings.Split(strings.TrimSuffix(column, "_id"), "_")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

// MergeByID gives a merge. Needs a viewer.
func (s *Service) MergeByID(ctx context.Context, id uuid.UUID) (*Merge, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	m := new(Merge)
	err = s.db.Bun.NewSelect().Model(m).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	return m, db.Missing(err, "merge", "read merge")
}

// family is the condition that finds what is kept by contact_id of a contact and of all that was
// merged into it. ?0 is the site, ?1 the contact.
const family = `contact_id IN (SELECT ?1::uuid UNION ALL SELECT id FROM contact WHERE site_id = ?0 AND merged_into = ?1)`
