package contact

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// How many links a contact has at most, ended ones among them (G-17).
const (
	MaxLinksOut = 200
	MaxLinksIn  = 10_000
)

// InForce tells by SQL whether the link of an alias holds today, in the site's time zone. It is never NULL.
func InForce(alias string, of site.Site) Condition {
	const today = "(now() AT TIME ZONE ?)::date"
	zone := of.Location().String()
	return Condition{
		SQL:  "(" + alias + ".since IS NULL OR " + alias + ".since <= " + today + ") AND (" + alias + ".until IS NULL OR " + alias + ".until >= " + today + ")",
		Args: []any{zone, zone},
	}
}

// inForce is InForce of a link that is at hand.
func inForce(row *Affiliation, today time.Time) bool {
	return (row.Since == nil || !row.Since.After(today)) && !ended(row, today)
}

func ended(row *Affiliation, today time.Time) bool {
	return row.Until != nil && row.Until.Before(today)
}

// checkLink refuses a link that overlaps another of its type between the same contacts, and one that
// closes a circle. A link without a first day is known to hold on its last day, or today. The caller
// holds the site's turn (startLinking).
func (s *Service) checkLink(ctx context.Context, tx bun.IDB, of site.Site, row *Affiliation, path []string) error {
	today := s.today(of)
	begins := today
	if row.Since != nil {
		begins = *row.Since
	} else if ended(row, today) {
		begins = *row.Until
	}
	overlap, err := tx.NewSelect().Model((*Affiliation)(nil)).
		Where("site_id = ? AND type_id = ? AND from_id = ? AND to_id = ? AND id <> ?", row.SiteID, row.TypeID, row.FromID, row.ToID, row.ID).
		Where("coalesce(since, least(until, ?)) <= coalesce(?::date, 'infinity') AND coalesce(until, 'infinity') >= ?", dayText(&today), row.Until, dayText(&begins)).
		Exists(ctx)
	if err != nil {
		return db.MapError(err, "look for links")
	}
	if overlap {
		return fault.Invalid(fault.Taken, path, "there is such a link already at that time: %s, %s %s; change that one, or give other dates",
			row.From.Row().DisplayName(), row.Type.Name, row.To.Row().DisplayName())
	}
	if !row.Type.acyclic() || ended(row, today) {
		return nil
	}
	chain, err := s.chain(ctx, tx, of, row)
	if err != nil || chain == nil {
		return err
	}
	names, err := namesOf(ctx, tx, row.SiteID, append([]uuid.UUID{row.FromID}, chain...))
	if err != nil {
		return err
	}
	return fault.Invalid(fault.Cycle, path, "this would close a circle (%s): %s; end or remove one of these links first", row.Type.Name, chainText(names)).Naming(shortChain(names)...)
}

// checkCircles refuses what made the links of a contact, taken together, close a circle: a merge.
func (s *Service) checkCircles(ctx context.Context, tx bun.IDB, of site.Site, id uuid.UUID) error {
	var rows []*Affiliation
	if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND from_id = ?", of.ID, id).Order("id").Scan(ctx); err != nil {
		return db.MapError(err, "read links")
	}
	types, err := linkTypes(ctx, tx, of.ID)
	if err != nil {
		return err
	}
	today := s.today(of)
	for _, row := range rows {
		row.Type = types[slices.IndexFunc(types, func(t *LinkType) bool { return t.ID == row.TypeID })]
		if !row.Type.acyclic() || ended(row, today) {
			continue
		}
		chain, err := s.chain(ctx, tx, of, row)
		if err != nil {
			return err
		}
		if chain != nil {
			names, err := namesOf(ctx, tx, of.ID, append([]uuid.UUID{id}, chain...))
			if err != nil {
				return err
			}
			return fault.Invalid(fault.Cycle, []string{"ids"}, "as one they would close a circle (%s): %s; end or remove one of these links first", row.Type.Name, chainText(names)).
				Naming(shortChain(names)...)
		}
	}
	return nil
}

// chain gives the shortest way from the end of a link back to its beginning along links of its type
// that have not ended, both included; nil when there is none. It visits each contact once.
func (s *Service) chain(ctx context.Context, tx bun.IDB, of site.Site, row *Affiliation) ([]uuid.UUID, error) {
	var steps []struct{ FromID, ToID uuid.UUID }
	const next = "l.site_id = ? AND l.type_id = ? AND l.id <> ? AND (l.until IS NULL OR l.until >= ?)"
	args := []any{row.SiteID, row.TypeID, row.ID, s.today(of).Format(time.DateOnly)}
	err := tx.NewRaw(`WITH RECURSIVE above (id) AS (
			SELECT ?::uuid UNION SELECT l.to_id FROM above JOIN affiliation AS l ON l.from_id = above.id AND `+next+`)
		SELECT l.from_id, l.to_id FROM above JOIN affiliation AS l ON l.from_id = above.id AND `+next,
		append(append([]any{row.ToID}, args...), args...)...).Scan(ctx, &steps)
	if err != nil {
		return nil, db.MapError(err, "follow links")
	}
	ways := map[uuid.UUID][]uuid.UUID{}
	for _, step := range steps {
		ways[step.FromID] = append(ways[step.FromID], step.ToID)
	}
	below := map[uuid.UUID]uuid.UUID{row.ToID: uuid.Nil} // each contact reached, and the one it was reached from
	for queue := []uuid.UUID{row.ToID}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == row.FromID {
			chain := []uuid.UUID{}
			for ; at != uuid.Nil; at = below[at] {
				chain = append(chain, at)
			}
			slices.Reverse(chain)
			return chain, nil
		}
		for _, to := range ways[at] {
			if _, reached := below[to]; !reached {
				below[to] = at
				queue = append(queue, to)
			}
		}
	}
	return nil, nil
}

// namesOf gives the display names of contacts, in the order of the ids.
func namesOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID) ([]string, error) {
	by, err := recordsByID(ctx, q, siteID, ids)
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		if r := by[id]; r != nil {
			names = append(names, r.DisplayName())
		}
	}
	return names, err
}

// checkRoom holds to the limits.
func checkRoom(ctx context.Context, tx bun.IDB, row *Affiliation) error {
	var n struct{ Out, In int }
	err := tx.NewRaw(`SELECT (SELECT count(*) FROM affiliation WHERE site_id = ? AND from_id = ?) AS "out",
		(SELECT count(*) FROM affiliation WHERE site_id = ? AND to_id = ?) AS "in"`, row.SiteID, row.FromID, row.SiteID, row.ToID).Scan(ctx, &n)
	switch {
	case err != nil:
		return db.MapError(err, "count links")
	case n.Out >= MaxLinksOut:
		return fault.Invalid(fault.TooLong, []string{"fromId"}, "%s has %d links to others, which is the most; remove one first", row.From.Row().DisplayName(), n.Out)
	case n.In >= MaxLinksIn:
		return fault.Invalid(fault.TooLong, []string{"toId"}, "%s has %d links from others, which is the most; remove one first", row.To.Row().DisplayName(), n.In)
	}
	return nil
}
