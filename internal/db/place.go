package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// MoveTo puts a row at a place of its list, from 0, and renumbers the others. at tells a row's id and its position; the row's own
// is set and not written: that is done with the rest of its change.
func MoveTo[T any, ID comparable](ctx context.Context, tx bun.IDB, list []*T, row *T, place int, at func(*T) (ID, *int)) error {
	own, _ := at(row)
	rest := slices.DeleteFunc(list, func(other *T) bool {
		id, _ := at(other)
		return id == own
	})
	for i, other := range slices.Insert(rest, max(0, min(place, len(rest))), row) {
		_, position := at(other)
		if *position == i {
			continue
		}
		if *position = i; other == row {
			continue
		}
		if _, err := tx.NewUpdate().Model(other).Column("position").WherePK().Exec(ctx); err != nil {
			return MapError(err, "renumber")
		}
	}
	return nil
}
