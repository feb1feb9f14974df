package segment

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Limits of members by hand.
const (
	MaxHandChange  = 200    // ids in one list of a change
	MaxHandMembers = 10_000 // of a segment, added and excluded ones together
)

// Hand says by hand that a contact belongs to a segment, or that it does not, whatever the rule says.
type Hand struct {
	bun.BaseModel `bun:"table:segment_member"`

	SiteID    uuid.UUID `bun:",pk"`
	SegmentID uuid.UUID `bun:",pk"`
	ContactID uuid.UUID `bun:",pk"`
	Excluded  bool      // false: added
	SaidAt    time.Time
	SaidBy    string // a name
}

// HandChange says who is to be added, excluded, or left to the rule again.
type HandChange struct{ Add, Exclude, Clear []uuid.UUID }

// SetHands writes who is in a segment, or is not, by hand. Needs an operator, as groups and labels do. Errors: NotFound; UNKNOWN
// at the place of contacts that the site does not have or that are in the trash, DUPLICATE, TOO_LONG.
func (s *Service) SetHands(ctx context.Context, id uuid.UUID, c HandChange) (*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	row := new(Segment)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Who changes the same segment waits, so that the limit holds.
		if err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx); err != nil {
			return db.Missing(err, "segment", "lock segment")
		}
		if err := c.checkContacts(ctx, tx, a.SiteID); err != nil {
			return err
		}
		changed, err := c.write(ctx, tx, Hand{SiteID: a.SiteID, SegmentID: id, SaidAt: s.now(), SaidBy: a.Name})
		if err != nil || !changed {
			return err
		}
		n, err := tx.NewSelect().Model((*Hand)(nil)).Where("site_id = ? AND segment_id = ?", a.SiteID, id).Count(ctx)
		if err != nil {
			return db.MapError(err, "count members by hand")
		}
		if n > MaxHandMembers {
			return fault.Invalid(fault.TooLong, []string{"add"}, "a segment has at most %d members and exclusions by hand", MaxHandMembers)
		}
		row.UpdatedAt = s.now()
		_, err = tx.NewUpdate().Model(row).Column("updated_at").WherePK().Exec(ctx)
		return db.MapError(err, "update segment")
	})
	return row, err
}

// lists gives the lists by their names in the input.
func (c HandChange) lists() []handList {
	return []handList{{"add", c.Add}, {"exclude", c.Exclude}, {"clear", c.Clear}}
}

type handList struct {
	name string
	ids  []uuid.UUID
}

func (c HandChange) check() error {
	var list fault.List
	seen := map[uuid.UUID]bool{}
	for _, part := range c.lists() {
		if len(part.ids) > MaxHandChange {
			return fault.Invalid(fault.TooLong, []string{part.name}, "at most %d contacts at once", MaxHandChange)
		}
		for i, id := range part.ids {
			if seen[id] {
				list = append(list, fault.Invalid(fault.Duplicate, []string{part.name, strconv.Itoa(i)}, "this contact is named already"))
			}
			seen[id] = true
		}
	}
	return list.Err()
}

// checkContacts refuses contacts that are not there. To clear what was said of them is possible.
func (c HandChange) checkContacts(ctx context.Context, tx bun.IDB, siteID uuid.UUID) error {
	named := append(append([]uuid.UUID{}, c.Add...), c.Exclude...)
	if len(named) == 0 {
		return nil
	}
	var found []uuid.UUID
	err := tx.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("site_id = ? AND id IN (?) AND deleted_at IS NULL", siteID, bun.List(named)).Scan(ctx, &found)
	if err != nil {
		return db.MapError(err, "look for contacts")
	}
	have := make(map[uuid.UUID]bool, len(found))
	for _, id := range found {
		have[id] = true
	}
	var list fault.List
	for _, part := range c.lists()[:2] {
		for i, id := range part.ids {
			if !have[id] {
				list = append(list, fault.Invalid(fault.Unknown, []string{part.name, strconv.Itoa(i)}, "the site has no contact with the id %s, or it is in the trash", id))
			}
		}
	}
	return list.Err()
}

// write tells whether anything is otherwise than before.
func (c HandChange) write(ctx context.Context, tx bun.IDB, of Hand) (changed bool, err error) {
	var rows []Hand
	for _, part := range c.lists()[:2] {
		for _, id := range part.ids {
			row := of
			row.ContactID, row.Excluded = id, part.name == "exclude"
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		res, err := tx.NewInsert().Model(&rows).On("CONFLICT (site_id, segment_id, contact_id) DO UPDATE").
			Set("excluded = EXCLUDED.excluded, said_at = EXCLUDED.said_at, said_by = EXCLUDED.said_by").Where("hand.excluded <> EXCLUDED.excluded").Exec(ctx)
		if err != nil {
			return false, db.MapError(err, "write members by hand")
		}
		n, _ := res.RowsAffected()
		changed = n > 0
	}
	if len(c.Clear) > 0 {
		res, err := tx.NewDelete().Model((*Hand)(nil)).Where("site_id = ? AND segment_id = ? AND contact_id IN (?)", of.SiteID, of.SegmentID, bun.List(c.Clear)).Exec(ctx)
		if err != nil {
			return false, db.MapError(err, "clear members by hand")
		}
		n, _ := res.RowsAffected()
		changed = changed || n > 0
	}
	return changed, nil
}

// HandQuery says which of a segment's members by hand, and which page of them.
type HandQuery struct {
	SegmentID uuid.UUID
	Excluded  bool // who was excluded; else who was added
	First     int
	After     string
}

// HandPage is a page of members by hand, the newest first.
type HandPage struct {
	Hands []*Hand
	More  bool
	Query HandQuery // what it is a page of; the total is counted from it, when asked for
}

// Cursor gives the place of one in the page.
func (h *Hand) Cursor() string {
	return h.SaidAt.UTC().Format(time.RFC3339Nano) + " " + h.ContactID.String()
}

// Hands gives a page of who was added or excluded by hand and is not in the trash. Needs a viewer.
func (s *Service) Hands(ctx context.Context, query HandQuery) (HandPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return HandPage{}, err
	}
	page := HandPage{Hands: []*Hand{}, Query: query}
	if query.First < 1 || query.First > contact.MaxPage {
		return page, fault.New(fault.BadInput, "ask for 1 to %d members", contact.MaxPage)
	}
	q := s.hands(a.SiteID, query).Order("hand.said_at DESC", "hand.contact_id DESC").Limit(int64(query.First) + 1)
	if query.After != "" {
		at, id, _ := strings.Cut(query.After, " ")
		when, errAt := time.Parse(time.RFC3339Nano, at)
		last, errID := uuid.Parse(id)
		if errAt != nil || errID != nil {
			return page, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		q = q.Where("(hand.said_at, hand.contact_id) < (?, ?)", when, last)
	}
	if err := q.Scan(ctx, &page.Hands); err != nil {
		return page, db.MapError(err, "read members by hand")
	}
	if page.More = len(page.Hands) > query.First; page.More {
		page.Hands = page.Hands[:query.First]
	}
	return page, nil
}

// CountHands counts all of whom a page shows some. Needs a viewer.
func (s *Service) CountHands(ctx context.Context, query HandQuery) (int, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return 0, err
	}
	n, err := s.hands(a.SiteID, query).Count(ctx)
	return int(n), db.MapError(err, "count members by hand")
}

func (s *Service) hands(siteID uuid.UUID, query HandQuery) *bun.SelectQuery {
	return s.db.Bun.NewSelect().Model((*Hand)(nil)).Join("JOIN contact ON contact.site_id = hand.site_id AND contact.id = hand.contact_id AND contact.deleted_at IS NULL").
		Where("hand.site_id = ? AND hand.segment_id = ? AND hand.excluded = ?", siteID, query.SegmentID, query.Excluded)
}
