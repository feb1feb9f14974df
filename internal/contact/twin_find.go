package contact

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MaxBlock is how many contacts may share a key for it to say anything: a mailbox, a name or an
// address that more have is passed over. So a comparison costs no more in a large book than in a
// small one, and a scan grows with the contacts, not with their square.
const MaxBlock = 50

// maxHints is how many probable twins are given of one contact, the most probable first.
const maxHints = 10

// sharing finds the contacts that share a key with one of k: rows of site_id, id, kind, updated_at and
// the keys. With ?0 only those whose last change came before that of the contact of k, so that a scan
// in this order meets each pair once.
const sharing = `
SELECT DISTINCT k.id AS of_id, o.id AS other_id FROM k CROSS JOIN LATERAL (
    SELECT id, updated_at, count(*) OVER () AS sharers FROM (
        SELECT c.id, c.updated_at FROM contact AS c WHERE c.site_id = k.site_id AND c.deleted_at IS NULL AND c.n_sound <> '' AND c.n_sound = k.n_sound AND c.kind = k.kind LIMIT ?1) AS s
    UNION ALL
    SELECT id, updated_at, count(*) OVER () FROM (
        SELECT c.id, c.updated_at FROM contact AS c WHERE c.site_id = k.site_id AND c.deleted_at IS NULL AND c.n_address <> '' AND c.n_address = k.n_address AND left(c.n_first, 1) = k.initial AND c.kind = k.kind LIMIT ?1) AS s
    UNION ALL
    SELECT id, updated_at, count(*) OVER () FROM (
        SELECT c.id, c.updated_at FROM contact AS c WHERE c.site_id = k.site_id AND c.deleted_at IS NULL AND c.birth_date = k.birth_date AND left(c.n_first, 1) = k.initial LIMIT ?1) AS s
    UNION ALL
    SELECT s.id, s.updated_at, s.sharers FROM unnest(k.reach) AS way CROSS JOIN LATERAL (
        SELECT id, updated_at, count(*) OVER () AS sharers FROM (
            SELECT c.id, c.updated_at FROM contact AS c WHERE c.site_id = k.site_id AND c.reach @> ARRAY[way] AND c.deleted_at IS NULL AND c.kind = k.kind LIMIT ?1) AS s) AS s
) AS o
WHERE o.sharers < ?1 AND o.id <> k.id AND (NOT ?0 OR (o.updated_at, o.id) < (k.updated_at, k.id))`

const keysOfContacts = `WITH k AS MATERIALIZED (SELECT site_id, id, kind, updated_at, n_sound, n_address, left(n_first, 1) AS initial, birth_date, reach FROM contact WHERE site_id = ?2 AND id = ANY (?3::uuid[]))`

const keysGiven = `WITH k AS MATERIALIZED (SELECT ?2::uuid AS site_id, ?3::uuid AS id, ?4::text COLLATE "C" AS kind, now() AS updated_at, ?5::text COLLATE "C" AS n_sound,
    ?6::text COLLATE "C" AS n_address, left(?7, 1) COLLATE "C" AS initial, ?8::date AS birth_date, ?9::text[] AS reach)`

// pair is two contacts that share a key.
type pair struct{ OfID, OtherID uuid.UUID }

// Twin is two contacts that are probably one; AID is the smaller id.
type Twin struct {
	bun.BaseModel `bun:"table:contact_twin,alias:twin"`

	SiteID  uuid.UUID    `bun:",pk,type:uuid"`
	AID     uuid.UUID    `bun:"a_id,pk,type:uuid"`
	BID     uuid.UUID    `bun:"b_id,pk,type:uuid"`
	Score   int          `bun:"type:smallint"`
	Reasons []TwinReason `bun:"type:text[],array"`
}

func newTwin(siteID, x, y uuid.UUID, score int, reasons []TwinReason) *Twin {
	if compareIDs(x, y) > 0 {
		x, y = y, x
	}
	return &Twin{SiteID: siteID, AID: x, BID: y, Score: score, Reasons: reasons}
}

// Hint is a contact that is probably the one in question.
type Hint struct {
	Contact Contact
	Score   int // of 100
	Reasons []TwinReason

	id uuid.UUID
}

// weigh compares pairs and gives those from a score on; blind, as if no birth date were known.
func weigh(ctx context.Context, tx bun.IDB, siteID uuid.UUID, pairs []pair, known map[uuid.UUID]traits, from int, blind bool, found func(p pair, score int, reasons []TwinReason)) error {
	var ids []uuid.UUID
	for _, p := range pairs {
		ids = append(ids, p.OfID, p.OtherID)
	}
	slices.SortFunc(ids, compareIDs)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id uuid.UUID) bool { _, is := known[id]; return is })
	if len(ids) > 0 {
		var rows []traits
		if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Scan(ctx); err != nil {
			return db.MapError(err, "read contacts to compare")
		}
		for _, row := range rows {
			known[row.ID] = row
		}
	}
	for _, p := range pairs {
		a, b := known[p.OfID], known[p.OtherID]
		if a.Kind != b.Kind {
			continue
		}
		if blind {
			a.BirthDate, b.BirthDate = nil, nil
		}
		if score, reasons := compare(a, b); score >= from {
			found(p, score, reasons)
		}
	}
	return nil
}

// Hints gives for each contact those that are probably the same one, in the same order; those that
// somebody found to be others are left out. Needs a viewer.
func (s *Service) Hints(ctx context.Context, ids []uuid.UUID) ([][]*Hint, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	var pairs []pair
	err = s.db.Bun.NewRaw(keysOfContacts+sharing, false, MaxBlock+1, a.SiteID, pgdialect.Array(ids)).Scan(ctx, &pairs)
	if err != nil {
		return nil, db.MapError(err, "look for twins")
	}
	by := map[uuid.UUID][]*Hint{}
	err = weigh(ctx, s.db.Bun, a.SiteID, pairs, map[uuid.UUID]traits{}, TwinScore, !a.Sees(site.SensitiveBirthDate), func(p pair, score int, reasons []TwinReason) {
		by[p.OfID] = append(by[p.OfID], &Hint{id: p.OtherID, Score: score, Reasons: reasons})
	})
	if err != nil {
		return nil, err
	}
	if err := leaveOutParted(ctx, s.db.Bun, a.SiteID, by); err != nil {
		return nil, err
	}
	out := make([][]*Hint, len(ids))
	for i, id := range ids {
		out[i] = best(by[id])
	}
	return out, s.fill(ctx, a.SiteID, out)
}

// leaveOutParted drops what somebody found to be two.
func leaveOutParted(ctx context.Context, q bun.IDB, siteID uuid.UUID, by map[uuid.UUID][]*Hint) error {
	if len(by) == 0 {
		return nil
	}
	var of []uuid.UUID
	for id := range by {
		of = append(of, id)
	}
	var rows []*Parted
	err := q.NewSelect().Model(&rows).Where("site_id = ?0 AND (a_id IN (?1) OR b_id IN (?1))", siteID, bun.List(of)).Scan(ctx)
	for _, row := range rows {
		for _, way := range [][2]uuid.UUID{{row.AID, row.BID}, {row.BID, row.AID}} {
			by[way[0]] = slices.DeleteFunc(by[way[0]], func(h *Hint) bool { return h.id == way[1] })
		}
	}
	return db.MapError(err, "read pairs found to be two")
}

func best(hints []*Hint) []*Hint {
	slices.SortFunc(hints, func(x, y *Hint) int { return cmp.Or(cmp.Compare(y.Score, x.Score), compareIDs(x.id, y.id)) })
	return slices.Clone(hints[:min(len(hints), maxHints)])
}

// fill reads the contacts of hints.
func (s *Service) fill(ctx context.Context, siteID uuid.UUID, lists [][]*Hint) error {
	var ids []uuid.UUID
	for _, hints := range lists {
		for _, h := range hints {
			ids = append(ids, h.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := recordsByID(ctx, s.db.Bun, siteID, ids)
	if err != nil {
		return err
	}
	for i, hints := range lists {
		lists[i] = slices.DeleteFunc(hints, func(h *Hint) bool { return rows[h.id] == nil || rows[h.id].DeletedAt != nil }) // deleted meanwhile
		for _, h := range lists[i] {
			h.Contact = Of(rows[h.id])
		}
	}
	return nil
}

// Known gives the contacts that somebody who is about to be created probably is, the most probable
// first. What the change says may be unfinished, as it stands in a form: what is not valid yet is
// passed over. Needs a viewer.
func (s *Service) Known(ctx context.Context, kind Kind, c Change) ([]*Hint, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if err := c.mustSee(a); err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	r := &Record{SiteID: a.SiteID, Kind: kind}
	if err := c.apply(r, nil, of.Country, s.today(of)); err != nil {
		problems, mendable := fault.Mendable(err)
		if !mendable {
			return nil, err
		}
		if slices.ContainsFunc(problems, func(p *fault.Error) bool { return len(p.Path) > 0 && p.Path[0] == "email" }) {
			r.Email = "" // half an address is no other address
		}
		r.fold()
	}
	is := traitsOf(r)
	var pairs []pair
	err = s.db.Bun.NewRaw(keysGiven+sharing, false, MaxBlock+1, a.SiteID, uuid.Nil, r.Kind, r.NSound, r.NAddress, r.NFirst, orNil(dayText(r.BirthDate)), pgdialect.Array(r.Reach)).Scan(ctx, &pairs)
	if err != nil {
		return nil, db.MapError(err, "look for twins")
	}
	var hints []*Hint
	err = weigh(ctx, s.db.Bun, a.SiteID, pairs, map[uuid.UUID]traits{uuid.Nil: is}, hintScore, !a.Sees(site.SensitiveBirthDate), func(p pair, score int, reasons []TwinReason) {
		hints = append(hints, &Hint{id: p.OtherID, Score: score, Reasons: reasons})
	})
	if err != nil {
		return nil, err
	}
	lists := [][]*Hint{best(hints)}
	return lists[0], s.fill(ctx, a.SiteID, lists)
}
