package segment

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/site"
)

// vocabulary is what some rules of a site name, on one of its days. It is read once for all of them, and only
// as far as one of them asks for it.
type vocabulary struct {
	*shelf
	site     site.Site
	today    time.Time
	labels   map[uuid.UUID]uuid.UUID // each with its set; those that are named
	sets     map[uuid.UUID]bool      // the same
	types    []*contact.LinkType
	known    map[uuid.UUID]bool // contacts that affiliation leaves name
	segments map[uuid.UUID]*stored
}

// readVocabulary reads what the rules name, those of the segments among them and of all that these refer to.
//
// keep holds what was read before, as long as it holds; nil: nothing.
func readVocabulary(ctx context.Context, q bun.IDB, of site.Site, now time.Time, keep *shelf, rows []*Segment, rules ...*Rule) (*vocabulary, error) {
	if keep == nil {
		keep = &shelf{}
	}
	v := &vocabulary{
		shelf: keep, site: of, today: of.Day(now),
		labels: map[uuid.UUID]uuid.UUID{}, sets: map[uuid.UUID]bool{}, known: map[uuid.UUID]bool{}, segments: map[uuid.UUID]*stored{},
	}
	if err := v.readSegments(ctx, q, rows, rules); err != nil {
		return nil, err
	}
	rules = slices.Clone(rules)
	for _, s := range v.segments {
		rules = append(rules, &s.rule)
	}
	uses := func(test func(*Rule) bool) bool {
		return slices.ContainsFunc(rules, func(r *Rule) bool { return r.some(test) })
	}
	for _, part := range []struct {
		uses func(*Rule) bool
		read func(context.Context, bun.IDB) error
	}{
		{func(r *Rule) bool { return r.Field != nil }, v.readFields(of.ID)},
		{func(r *Rule) bool { return r.Group != nil }, v.readGroups(of.ID)},
		{func(r *Rule) bool { return r.Consent != nil }, v.readPurposes(of.ID)},
		{func(r *Rule) bool { return r.Plan != nil }, v.readPlans(of.ID)},
		{func(r *Rule) bool { return r.Indicator != nil }, v.readIndicators(of.ID)},
		{func(r *Rule) bool { return r.Function != nil || r.Nature != nil }, v.readOptions(of.ID)},
		{func(r *Rule) bool { return r.Label != nil || r.LabelSet != nil }, func(ctx context.Context, q bun.IDB) error { return v.readLabels(ctx, q, rules) }},
		{(*Rule).readsLinks, func(ctx context.Context, q bun.IDB) error { return v.readLinks(ctx, q, rules) }},
	} {
		if !uses(part.uses) {
			continue
		}
		if err := part.read(ctx, q); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// readLabels finds the labels and sets that are named. A site has too many to read them all. An archived one
// keeps its contacts, and so does the rule.
func (v *vocabulary) readLabels(ctx context.Context, q bun.IDB, rules []*Rule) error {
	var labels, sets []uuid.UUID
	for _, r := range rules {
		r.walk(func(part *Rule) {
			if part.Label != nil {
				labels = append(labels, *part.Label)
			}
			if part.LabelSet != nil {
				sets = append(sets, part.LabelSet.ID)
			}
		})
	}
	if len(labels) > 0 {
		var found []contact.Label
		if err := q.NewSelect().Model(&found).Column("id", "set_id").Where("site_id = ? AND id IN (?)", v.site.ID, bun.List(labels)).Scan(ctx); err != nil {
			return db.MapError(err, "read labels")
		}
		for _, l := range found {
			v.labels[l.ID] = l.SetID
		}
	}
	if len(sets) > 0 {
		var found []uuid.UUID
		if err := q.NewSelect().Model((*contact.LabelSet)(nil)).Column("id").Where("site_id = ? AND id IN (?)", v.site.ID, bun.List(sets)).Scan(ctx, &found); err != nil {
			return db.MapError(err, "read label sets")
		}
		for _, id := range found {
			v.sets[id] = true
		}
	}
	return nil
}
