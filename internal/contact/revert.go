package contact

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Revert takes one change of a contact back: the values from before it are written through the same
// checks as an update, as a new history entry that names it. Needs an operator.
//
// NotFound when the site has no such entry. Conflict when the entry is not a change of attributes,
// and when something of it is no longer as it left it, because later changes build upon it: Path
// then names these attributes. Mendable when the checks refuse a value, such as a choice that the
// field no longer has.
func (s *Service) Revert(ctx context.Context, entryID uuid.UUID) (Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	var r *Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		entry := new(Entry)
		err := tx.NewSelect().Model(entry).Where("site_id = ? AND id = ?", a.SiteID, entryID).Scan(ctx)
		if err != nil {
			return db.Missing(err, "history entry", "read history")
		}
		if refused := entry.irrevertible(); refused != nil {
			return refused
		}
		if err := entry.Changes.mustSee(a); err != nil {
			return err
		}
		of, err := holdSite(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if r, err = lock(ctx, tx, a.SiteID, entry.ContactID); err != nil {
			return err
		}
		c, err := s.undoing(ctx, tx, r, entry.Changes)
		if err != nil {
			return err
		}
		if err := checkListed(of, r, c.Listed); err != nil {
			return err
		}
		_, err = s.write(ctx, tx, of, r, c, author(a), func(e *Entry) { e.Action, e.Reverts = reverted, &entry.ID })
		return err
	})
	if err != nil {
		return nil, err
	}
	return Of(r), nil
}

// Revertible tells whether Revert takes the entry. Whether later changes build upon it is seen then.
func (e *Entry) Revertible() bool { return e.irrevertible() == nil }

// irrevertible says why an entry is not one to revert; nil when it is.
func (e *Entry) irrevertible() error {
	switch e.Action {
	case updated, reverted:
		for name := range e.Changes {
			if why := keptBeside(name); why != "" {
				return &fault.Error{Code: fault.Conflict, Path: []string{name}, Message: why}
			}
		}
		if len(e.Changes) > 0 {
			return nil
		}
		return fault.New(fault.Conflict, "this entry changed nothing")
	case created:
		return fault.New(fault.Conflict, "this is how the contact began; move it to the trash instead")
	case deleted:
		return fault.New(fault.Conflict, "restore the contact from the trash instead")
	case merged:
		return fault.New(fault.Conflict, "undo the merge instead")
	}
	return fault.New(fault.Conflict, "an entry of this kind cannot be reverted; change the contact instead")
}

// keptBeside says why a change of this name is not for Revert; "" when it is.
func keptBeside(name string) string {
	a, known := attributeNamed(name)
	switch {
	case known && a.shown == nil || name == "groups" || name == "references" || strings.HasPrefix(name, answerPrefix):
		return ""
	case strings.HasPrefix(name, "consent."):
		return "the consent ledger is never rewritten; record what the person says now"
	}
	return "the history does not keep all of " + name + "; change it by hand"
}

// undoing gives the change that brings back what was before others.
func (s *Service) undoing(ctx context.Context, tx bun.IDB, r *Record, changes Changes) (c Change, err error) {
	defs, err := field.All(ctx, tx, r.SiteID, false)
	if err != nil {
		return c, err
	}
	now, err := r.state(ctx, tx)
	if err != nil {
		return c, err
	}
	var moved []string
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		was, is, err := changes[name].raw()
		if err != nil {
			return c, err
		}
		switch {
		case !sameValue(now[name], is):
			moved = append(moved, name)
		case name == "groups":
			if c.GroupIDs, err = groupsNamed(ctx, tx, r.SiteID, was); err != nil {
				return c, err
			}
		case name == "references":
			if err := value(was, func(list []Reference) { c.References = &list }); err != nil {
				return c, err
			}
		case strings.HasPrefix(name, answerPrefix):
			answer, err := givenAnew(defs, strings.TrimPrefix(name, answerPrefix), was)
			if err != nil {
				return c, err
			}
			c.Answers = append(c.Answers, answer)
		default:
			if was, err = optionNamed(ctx, tx, r.SiteID, name, was); err != nil {
				return c, err
			}
			if _, err := c.put(name, was); err != nil {
				return c, err
			}
		}
	}
	if len(moved) > 0 {
		return c, &fault.Error{Code: fault.Conflict, Path: moved, Message: "later changes touched " + strings.Join(moved, ", ") + "; revert those first"}
	}
	return c, nil
}

// state gives what the history would call the record's values now.
func (r *Record) state(ctx context.Context, tx bun.IDB) (map[string]json.RawMessage, error) {
	now := map[string]any{}
	told := Changes{}
	for _, a := range attributes {
		now[a.name] = a.read(r)
		told[a.name] = Delta{After: now[a.name]}
	}
	if err := nameOptions(ctx, tx, r.SiteID, told); err != nil {
		return nil, err
	}
	for name, one := range told {
		now[name] = one.After
	}
	for id, v := range r.Answers {
		now[answerPrefix+id] = v
	}
	groups, err := groupsOf(ctx, tx, r.SiteID, []uuid.UUID{r.ID})
	if err != nil {
		return nil, err
	}
	now["groups"] = names(groups[r.ID])
	if now["references"], err = referencesOf(ctx, tx, r); err != nil {
		return nil, err
	}
	out := make(map[string]json.RawMessage, len(now))
	for name, v := range now {
		if out[name], err = json.Marshal(v); err != nil {
			return nil, fault.Wrap(err, "state of a contact")
		}
	}
	return out, nil
}

// raw gives both sides as JSON.
func (d Delta) raw() (before, after json.RawMessage, err error) {
	if before, err = json.Marshal(d.Before); err == nil {
		after, err = json.Marshal(d.After)
	}
	return before, after, fault.Wrap(err, "values of a history entry")
}

// sameValue compares values of the history; none and null are the same.
func sameValue(a, b json.RawMessage) bool {
	none := func(v json.RawMessage) bool { return len(v) == 0 || string(v) == "null" }
	return none(a) && none(b) || sameJSON(a, b)
}

// givenAnew makes a stored answer one that is checked again.
func givenAnew(defs []*field.Definition, id string, v json.RawMessage) (field.Answer, error) {
	for _, d := range defs {
		if d.ID.String() == id {
			return d.Given(v), nil
		}
	}
	return field.Answer{}, &fault.Error{Code: fault.Conflict, Path: []string{answerPrefix + id}, Message: "the field of this answer has been archived"}
}

// groupsNamed finds the groups that a history entry calls by name.
func groupsNamed(ctx context.Context, tx bun.IDB, siteID uuid.UUID, v json.RawMessage) (*[]uuid.UUID, error) {
	var called []string
	if err := json.Unmarshal(v, &called); err != nil {
		return nil, fault.Wrap(err, "groups of a history entry")
	}
	ids := []uuid.UUID{}
	for _, name := range called {
		g := new(Group)
		err := tx.NewSelect().Model(g).Where("site_id = ? AND name_key = ?", siteID, fold.Text(name)).Scan(ctx)
		if db.NoRows(err) {
			return nil, &fault.Error{Code: fault.Conflict, Path: []string{"groups"}, Message: "the group " + name + " has been renamed or deleted"}
		}
		if err != nil {
			return nil, db.MapError(err, "read group")
		}
		ids = append(ids, g.ID)
	}
	return &ids, nil
}

// optionNamed gives the id of the option that a history entry calls by name, for attributes that are
// options; other values stay.
func optionNamed(ctx context.Context, tx bun.IDB, siteID uuid.UUID, attribute string, v json.RawMessage) (json.RawMessage, error) {
	list, is := optionAttributes[attribute]
	if !is || string(v) == `""` {
		return v, nil
	}
	var called string
	if err := json.Unmarshal(v, &called); err != nil {
		return nil, fault.Wrap(err, "option of a history entry")
	}
	o := new(Option)
	err := tx.NewSelect().Model(o).Where("site_id = ? AND list = ? AND name_key = ?", siteID, list, fold.Text(called)).OrderExpr("archived_at DESC NULLS FIRST").Limit(1).Scan(ctx)
	if db.NoRows(err) {
		return nil, &fault.Error{Code: fault.Conflict, Path: []string{attribute}, Message: "the option " + called + " has been renamed or deleted"}
	}
	if err != nil {
		return nil, db.MapError(err, "read option")
	}
	return json.Marshal(o.ID.String())
}
