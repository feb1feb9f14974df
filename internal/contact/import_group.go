package contact

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// findGroups finds the groups that rows name, creates missing ones when the actor may, and notes with
// each row which its contact joins. It is a transaction of its own: the rows may be written more than
// once. What cannot be is a warning of the row.
func (im *importer) findGroups(ctx context.Context, items []*item) error {
	wanted := map[string]string{}
	for _, it := range items {
		for _, name := range it.more.groups {
			key := groupKey(name)
			_, asked := im.groups[key]
			if _, twice := wanted[key]; !asked && !twice && key != "" {
				wanted[key] = name
			}
		}
	}
	if len(wanted) > 0 {
		if err := im.ensureGroups(ctx, wanted); err != nil {
			return err
		}
	}
	for _, it := range items {
		it.joins = im.groupsOf(it)
	}
	return nil
}

func (im *importer) ensureGroups(ctx context.Context, wanted map[string]string) error {
	return im.s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		have, err := im.readGroups(ctx, tx)
		if err != nil {
			return err
		}
		var missing []*Group
		for key, name := range wanted {
			if im.groups[key] != nil {
				continue
			}
			im.groups[key] = nil
			if im.mayCreateGroups && have+len(missing) < MaxGroups && utf8.ValidString(name) && !strings.Contains(name, "\x00") && utf8.RuneCountInString(name) <= 200 {
				missing = append(missing, &Group{SiteID: im.of.ID, ID: uuid.Must(uuid.NewV7()), Name: name, NameKey: key})
			}
		}
		switch {
		case len(missing) == 0:
			return nil
		case im.order.DryRun:
			for _, g := range missing {
				im.groups[g.NameKey] = g
			}
			return nil
		}
		if _, err := tx.NewInsert().Model(&missing).On("CONFLICT (site_id, name_key) DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
			return db.MapError(err, "insert groups")
		}
		_, err = im.readGroups(ctx, tx)
		return err
	})
}

// readGroups reads the site's groups and tells how many there are.
func (im *importer) readGroups(ctx context.Context, tx bun.IDB) (int, error) {
	var have []*Group
	if err := tx.NewSelect().Model(&have).Where("site_id = ?", im.of.ID).Scan(ctx); err != nil {
		return 0, db.MapError(err, "read groups")
	}
	for _, g := range have {
		im.groups[g.NameKey] = g
	}
	return len(have), nil
}

// groupsOf gives the groups that a row's contact joins.
func (im *importer) groupsOf(it *item) []*Group {
	var groups []*Group
	add := func(g *Group) {
		if !hasGroup(groups, g) {
			groups = append(groups, g)
		}
	}
	if im.into != nil {
		add(im.into)
	}
	for _, name := range it.more.groups {
		if g := im.groups[groupKey(name)]; g != nil {
			add(g)
			continue
		}
		p := ImportProblem{Code: groupMissing, Value: shortened(name)}
		if im.mayCreateGroups {
			p.Code, p.Count = groupImpossible, MaxGroups
		}
		it.warn(p)
	}
	return groups
}
