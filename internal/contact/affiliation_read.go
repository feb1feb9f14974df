package contact

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Direction is which end of its links a contact stands at.
type Direction string

// The directions; empty: both.
const (
	LinksOut Direction = "out" // links that begin at the contact
	LinksIn  Direction = "in"  // links that lead to it
)

// AffiliationPage is a page of one contact's links, oldest first.
type AffiliationPage struct {
	Rows []*Affiliation
	More bool
}

// AffiliationsOf gives the links of many contacts at once, each with its type and both contacts, after
// a link's id; for lists within lists. Links to contacts in the trash are among them. Needs a viewer.
func (s *Service) AffiliationsOf(ctx context.Context, contacts []uuid.UUID, d Direction, first int, after string) (map[uuid.UUID]AffiliationPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	if first < 1 || first > MaxPage {
		return nil, fault.New(fault.BadInput, "a page has 1 to %d links; %d were asked for", MaxPage, first)
	}
	from := uuid.Nil
	if after != "" {
		if from, err = uuid.Parse(after); err != nil {
			return nil, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	return s.linksOf(ctx, of, contacts, d, nil, Condition{SQL: "l.id > ?", Args: []any{from}}, first)
}

// linksOf reads the first n links of each contact that a condition on l holds for, of the types when
// any are given.
func (s *Service) linksOf(ctx context.Context, of site.Site, contacts []uuid.UUID, d Direction, types []uuid.UUID, where Condition, n int) (map[uuid.UUID]AffiliationPage, error) {
	if types != nil {
		where = And(where, Condition{SQL: "l.type_id IN (?)", Args: []any{bun.List(types)}})
	}
	var ends []string
	if d != LinksIn {
		ends = append(ends, "from_id")
	}
	if d != LinksOut {
		ends = append(ends, "to_id")
	}
	force := InForce("l", of)
	query, args := "", force.Args
	for _, end := range ends {
		if query != "" {
			query += " UNION ALL "
		}
		query += "(SELECT l.* FROM affiliation AS l WHERE l.site_id = c.site_id AND l." + end + " = c.id AND (" + where.SQL + ") ORDER BY l.id LIMIT ?)"
		args = append(append(slices.Clone(args), where.Args...), n+1)
	}
	var rows []struct {
		Affiliation `bun:",extend"`
		ContactID   uuid.UUID
	}
	err := s.db.Bun.NewRaw("SELECT c.id AS contact_id, l.*, "+force.SQL+" AS in_force FROM contact AS c CROSS JOIN LATERAL (SELECT * FROM ("+query+
		") AS l ORDER BY l.id LIMIT ?) AS l WHERE c.site_id = ? AND c.id IN (?) ORDER BY l.id", append(args, n+1, of.ID, bun.List(contacts))...).Scan(ctx, &rows)
	if err != nil {
		return nil, db.MapError(err, "read links of contacts")
	}
	all := make([]*Affiliation, len(rows))
	out := map[uuid.UUID]AffiliationPage{}
	for i := range rows {
		all[i] = &rows[i].Affiliation
		page := out[rows[i].ContactID]
		if page.More = len(page.Rows) == n; !page.More {
			page.Rows = append(page.Rows, all[i])
		}
		out[rows[i].ContactID] = page
	}
	return out, s.complete(ctx, of.ID, all)
}

// complete reads the types and contacts of links.
func (s *Service) complete(ctx context.Context, siteID uuid.UUID, rows []*Affiliation) error {
	if len(rows) == 0 {
		return nil
	}
	types, err := linkTypes(ctx, s.db.Bun, siteID)
	if err != nil {
		return err
	}
	byID := map[uuid.UUID]*LinkType{}
	for _, t := range types {
		byID[t.ID] = t
	}
	var ids []uuid.UUID
	for _, row := range rows {
		ids = append(ids, row.FromID, row.ToID)
	}
	contacts, err := recordsByID(ctx, s.db.Bun, siteID, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		row.Type, row.From, row.To = byID[row.TypeID], Of(contacts[row.FromID]), Of(contacts[row.ToID])
	}
	return nil
}

func recordsByID(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]*Record, error) {
	ids = slices.Compact(slices.SortedFunc(slices.Values(ids), compareIDs))
	out := make(map[uuid.UUID]*Record, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []*Record
	if err := q.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Scan(ctx); err != nil {
		return nil, db.MapError(err, "read contacts")
	}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// RecordsOf gives contacts by their ids, those in the trash too; for lists within lists. Needs a viewer.
func (s *Service) RecordsOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Record, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return recordsByID(ctx, s.db.Bun, a.SiteID, ids)
}

// AffiliationByID gives one link. Needs a viewer.
func (s *Service) AffiliationByID(ctx context.Context, id uuid.UUID) (*Affiliation, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	row := new(Affiliation)
	if err := s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx); err != nil {
		return nil, db.Missing(err, "link", "read link")
	}
	row.InForce = inForce(row, s.today(of))
	return row, s.complete(ctx, a.SiteID, []*Affiliation{row})
}

// RelaysOf gives the first n living relay persons of each organization, in the order they became so
// (S-19, S-84). Needs a viewer.
func (s *Service) RelaysOf(ctx context.Context, organizations []uuid.UUID, n int) (map[uuid.UUID][]*Record, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(organizations) == 0 {
		return nil, err
	}
	if n < 1 || n > 20 {
		return nil, fault.New(fault.BadInput, "ask for 1 to 20 relays")
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	types, err := linkTypes(ctx, s.db.Bun, a.SiteID)
	if err != nil {
		return nil, err
	}
	living := Condition{SQL: "EXISTS (SELECT 1 FROM contact AS o WHERE o.site_id = l.site_id AND o.id = l.from_id AND o.deleted_at IS NULL)"}
	pages, err := s.linksOf(ctx, of, organizations, LinksIn, TypesOf(types, LinkRelay), And(InForce("l", of), living), n)
	out := map[uuid.UUID][]*Record{}
	for id, page := range pages {
		for _, row := range page.Rows {
			out[id] = append(out[id], row.From.Row())
		}
	}
	return out, err
}

// TypesOf gives the ids of the types of a kind.
func TypesOf(types []*LinkType, kind LinkKind) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, t := range types {
		if t.Kind == kind {
			ids = append(ids, t.ID)
		}
	}
	return ids
}
