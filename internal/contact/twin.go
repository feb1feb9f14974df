package contact

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Parted is a pair that somebody looked at and found to be two.
type Parted struct {
	bun.BaseModel `bun:"table:contact_not_twin"`

	SiteID    uuid.UUID `bun:",pk,type:uuid"`
	AID       uuid.UUID `bun:"a_id,pk,type:uuid"`
	BID       uuid.UUID `bun:"b_id,pk,type:uuid"`
	At        time.Time `bun:",nullzero"`
	ActorKind site.Kind
	ActorID   *uuid.UUID
}

// Pair is two contacts that a scan found to be probably one, the older first.
type Pair struct {
	Contacts  []Contact
	Score     int // of 100
	Reasons   []TwinReason
	Dismissed bool // somebody found them to be two

	cursor string
}

// Cursor says where the pair stands in its list.
func (p *Pair) Cursor() string { return p.cursor }

// PairQuery says which pairs to list.
type PairQuery struct {
	MinScore  int  // 0 = all that are kept, which is TwinScore
	Dismissed bool // those found to be two, instead of the others
	First     int  // 1 to MaxPage
	After     string
}

// PairPage is a page of pairs, the most probable first.
type PairPage struct {
	Pairs []*Pair
	More  bool

	service *Service
	actor   site.Actor
	query   PairQuery
}

// After tells whether pairs come before the page.
func (p *PairPage) After() bool { return p.query.After != "" }

// Total counts all pairs of the list.
func (p *PairPage) Total(ctx context.Context) (int, error) {
	n, err := p.service.pairs(p.actor, p.query).Count(ctx)
	return int(n), db.MapError(err, "count twins")
}

// pairs selects the pairs of living contacts. Those that a birth date has a part in are for those who
// read birth dates.
func (s *Service) pairs(a site.Actor, q PairQuery) *bun.SelectQuery {
	sel := s.db.Bun.NewSelect().Model((*Twin)(nil)).
		Where("twin.site_id = ? AND twin.score >= ?", a.SiteID, q.MinScore).
		Where("(SELECT count(*) FROM contact AS c WHERE c.site_id = twin.site_id AND c.id IN (twin.a_id, twin.b_id) AND c.deleted_at IS NULL) = 2")
	const parted = "EXISTS (SELECT FROM contact_not_twin AS n WHERE n.site_id = twin.site_id AND n.a_id = twin.a_id AND n.b_id = twin.b_id)"
	if !a.Sees(site.SensitiveBirthDate) {
		sel = sel.Where("NOT twin.reasons && ?", pgdialect.Array([]TwinReason{SameBirthDate, DifferentBirthDate}))
	}
	if q.Dismissed {
		return sel.Where(parted)
	}
	return sel.Where("NOT " + parted)
}

// pairPlace is where a pair stands in the list.
type pairPlace struct {
	Score int
	A, B  uuid.UUID
}

// Pairs lists what the scan found, the most probable first. A pair is gone as soon as one of both is
// merged, in the trash or erased. Needs a viewer.
func (s *Service) Pairs(ctx context.Context, q PairQuery) (*PairPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if q.First < 1 || q.First > MaxPage {
		return nil, fault.New(fault.BadInput, "ask for 1 to %d pairs", MaxPage)
	}
	page := &PairPage{Pairs: []*Pair{}, service: s, actor: a, query: q}
	sel := s.pairs(a, q).Order("twin.score DESC", "twin.a_id", "twin.b_id").Limit(int64(q.First) + 1)
	if q.After != "" {
		var after pairPlace
		b, err := base64.RawURLEncoding.DecodeString(q.After)
		if err != nil || json.Unmarshal(b, &after) != nil {
			return nil, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
		sel = sel.Where("twin.score <= ? AND (twin.score < ? OR (twin.a_id, twin.b_id) > (?, ?))", after.Score, after.Score, after.A, after.B)
	}
	var rows []*Twin
	if err := sel.Scan(ctx, &rows); err != nil {
		return nil, db.MapError(err, "read twins")
	}
	page.More = len(rows) > q.First
	rows = rows[:min(len(rows), q.First)]
	var ids []uuid.UUID
	for _, row := range rows {
		ids = append(ids, row.AID, row.BID)
	}
	by, err := recordsByID(ctx, s.db.Bun, a.SiteID, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if pair := row.pair(by, q.Dismissed); pair != nil {
			page.Pairs = append(page.Pairs, pair)
		}
	}
	return page, nil
}

func (t *Twin) pair(by map[uuid.UUID]*Record, dismissed bool) *Pair {
	x, y := by[t.AID], by[t.BID]
	if x == nil || y == nil || x.DeletedAt != nil || y.DeletedAt != nil { // gone since the pairs were read
		return nil
	}
	both := olderFirst(x, y)
	at, _ := json.Marshal(pairPlace{Score: t.Score, A: t.AID, B: t.BID}) // numbers and ids always marshal
	return &Pair{Contacts: All(both), Score: t.Score, Reasons: t.Reasons, Dismissed: dismissed, cursor: base64.RawURLEncoding.EncodeToString(at)}
}

// olderFirst gives two records in the order in which a merge takes them: the first would survive.
func olderFirst(x, y *Record) []*Record {
	both := []*Record{x, y}
	slices.SortFunc(both, func(a, b *Record) int { return compareIDs(a.ID, b.ID) })
	if both[1].CreatedAt.Before(both[0].CreatedAt) {
		slices.Reverse(both)
	}
	return both
}

// Part notes that two contacts are not one: the pair is not listed again, whatever a scan finds. Doing
// it twice is doing it once. Needs an operator. Unknown contacts and one contact twice are mendable.
func (s *Service) Part(ctx context.Context, ids []uuid.UUID) ([]Contact, error) {
	return s.judged(ctx, ids, func(ctx context.Context, tx bun.Tx, a site.Actor, t *Twin) error {
		row := &Parted{SiteID: t.SiteID, AID: t.AID, BID: t.BID, At: s.now(), ActorKind: a.Kind, ActorID: orNil(a.ID)}
		_, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		return db.MapError(err, "insert pair found to be two")
	})
}

// Unpart takes Part back. Needs an operator.
func (s *Service) Unpart(ctx context.Context, ids []uuid.UUID) ([]Contact, error) {
	return s.judged(ctx, ids, func(ctx context.Context, tx bun.Tx, _ site.Actor, t *Twin) error {
		_, err := tx.NewDelete().Model((*Parted)(nil)).Where("site_id = ? AND a_id = ? AND b_id = ?", t.SiteID, t.AID, t.BID).Exec(ctx)
		return db.MapError(err, "delete pair found to be two")
	})
}

func (s *Service) judged(ctx context.Context, ids []uuid.UUID, write func(context.Context, bun.Tx, site.Actor, *Twin) error) ([]Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if len(ids) != 2 {
		return nil, fault.Invalid(fault.InvalidValue, []string{"ids"}, "name two contacts")
	}
	if ids[0] == ids[1] {
		return nil, fault.Invalid(fault.SameContact, []string{"ids", "1"}, "a contact is always one with itself")
	}
	var both []*Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		by, err := recordsByID(ctx, tx, a.SiteID, ids)
		if err != nil {
			return err
		}
		v := checker{}
		for i, id := range ids {
			if by[id] == nil {
				v.add(fault.Unknown, []string{"ids", strconv.Itoa(i)}, "the site has no contact with the id %s", id)
			}
		}
		if err := v.list.Err(); err != nil {
			return err
		}
		both = olderFirst(by[ids[0]], by[ids[1]])
		return write(ctx, tx, a, newTwin(a.SiteID, ids[0], ids[1], 0, nil))
	})
	if err != nil {
		return nil, err
	}
	return All(both), nil
}
