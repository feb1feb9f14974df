package contact

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Affiliation is a link from one contact to another (P-11, P-12, S-16).
type Affiliation struct {
	bun.BaseModel `bun:"table:affiliation,alias:affiliation"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	TypeID    uuid.UUID
	FromID    uuid.UUID
	ToID      uuid.UUID
	Role      string
	NRole     string
	Since     *time.Time `bun:"type:date"` // first day
	Until     *time.Time `bun:"type:date"` // last day
	WorkEmail string
	WorkPhone string
	Note      string
	CreatedAt time.Time `bun:",nullzero"`
	UpdatedAt time.Time `bun:",nullzero"`

	InForce bool      `bun:",scanonly"` // today lies between since and until
	Type    *LinkType `bun:"-"`
	From    Contact   `bun:"-"`
	To      Contact   `bun:"-"`
}

// AffiliationChange is what is to be written to a link; nil = unchanged. Its type and ends never change.
type AffiliationChange struct {
	Role                       *string
	Since, Until               **time.Time
	WorkEmail, WorkPhone, Note *string
}

// apply writes the change and checks it. country is that of phone numbers without a prefix.
func (c AffiliationChange) apply(row *Affiliation, country string) error {
	v := checker{}
	v.text(&row.Role, c.Role, 200, "role")
	v.text(&row.WorkEmail, c.WorkEmail, 254, "workEmail")
	v.text(&row.Note, c.Note, 2000, "note")
	v.phone(&row.WorkPhone, c.WorkPhone, country, "workPhone")
	assign(&row.Since, c.Since)
	assign(&row.Until, c.Until)
	if c.WorkEmail != nil && row.WorkEmail != "" {
		if more, bad := fault.Mendable(site.CheckEmail(row.WorkEmail, "workEmail")); bad {
			v.list = append(v.list, more...)
		}
	}
	if row.Since != nil && row.Until != nil && row.Until.Before(*row.Since) {
		v.add(fault.InvalidDate, []string{"until"}, "a link does not end before it begins")
	}
	row.NRole = fold.Text(row.Role)
	return v.list.Err()
}

// CreateAffiliation links two contacts. Needs an operator. Mendable: a type or contact that the site
// does not have, ends of the wrong kind, a link that is there already, a circle, too many links.
func (s *Service) CreateAffiliation(ctx context.Context, typeID, fromID, toID uuid.UUID, c AffiliationChange) (*Affiliation, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	var row *Affiliation
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := startLinking(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		t, err := linkTypeByID(ctx, tx, a.SiteID, typeID)
		if fault.CodeOf(err) == fault.NotFound {
			return fault.Invalid(fault.Unknown, []string{"typeId"}, "the site has no type of link with the id %s", typeID)
		}
		if err != nil {
			return err
		}
		row, err = s.link(ctx, tx, of, t, fromID, toID, c, author(a))
		return err
	})
	return row, err
}

// startLinking has the site's writers of links take turns, so that what they check together (circles,
// counts, overlaps) holds when they commit. Row locks come after it.
func startLinking(ctx context.Context, tx bun.IDB, siteID uuid.UUID) (site.Site, error) {
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('carnet links of ' || ?, 0))", siteID.String()).Exec(ctx); err != nil {
		return site.Site{}, db.MapError(err, "take turns")
	}
	return holdSite(ctx, tx, siteID)
}

func (s *Service) link(ctx context.Context, tx bun.IDB, of site.Site, t *LinkType, fromID, toID uuid.UUID, c AffiliationChange, by Author) (*Affiliation, error) {
	if t.ArchivedAt != nil {
		return nil, fault.Invalid(fault.InvalidValue, []string{"typeId"}, "%q was put away; a manager can bring it back", t.Name)
	}
	row := &Affiliation{SiteID: of.ID, ID: uuid.Must(uuid.NewV7()), TypeID: t.ID, FromID: fromID, ToID: toID, Type: t}
	from, to, err := lockEnds(ctx, tx, row)
	if err != nil {
		return nil, err
	}
	if err := c.apply(row, of.Country); err != nil {
		return nil, err
	}
	if err := fits(t, from, to); err != nil {
		return nil, err
	}
	if err := s.checkLink(ctx, tx, of, row, []string{"toId"}); err != nil {
		return nil, err
	}
	if err := checkRoom(ctx, tx, row); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx); err != nil {
		return nil, db.MapError(err, "insert link")
	}
	row.InForce = inForce(row, s.today(of))
	return row, s.tellEnds(ctx, tx, row, nil, story(row), by)
}

// lockEnds reads both contacts for update, in the order of their ids, and sets them in the row. Those
// that a new link names must live; an old link may be mended while one of them is in the trash.
func lockEnds(ctx context.Context, tx bun.IDB, row *Affiliation) (from, to *Record, err error) {
	if row.FromID == row.ToID {
		return nil, nil, fault.Invalid(fault.InvalidValue, []string{"toId"}, "a contact is not linked to itself")
	}
	var rows []*Record
	err = tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", row.SiteID, bun.List([]uuid.UUID{row.FromID, row.ToID})).Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, nil, db.MapError(err, "lock contacts")
	}
	for _, r := range rows {
		if r.ID == row.FromID {
			from = r
		} else {
			to = r
		}
	}
	for _, end := range []struct {
		r     *Record
		id    uuid.UUID
		field string
	}{{from, row.FromID, "fromId"}, {to, row.ToID, "toId"}} {
		switch {
		case end.r == nil:
			return nil, nil, fault.Invalid(fault.Unknown, []string{end.field}, "the site has no contact with the id %s", end.id)
		case end.r.DeletedAt != nil && row.CreatedAt.IsZero():
			return nil, nil, fault.Invalid(fault.InvalidValue, []string{end.field}, "%s is in the trash; restore it first", end.r.DisplayName())
		}
	}
	row.From, row.To = Of(from), Of(to)
	return from, to, nil
}

// fits checks that the ends are of the kinds that the type asks for.
func fits(t *LinkType, from, to *Record) error {
	var list fault.List
	for _, end := range []struct {
		want  *Kind
		r     *Record
		field string
	}{{t.FromKind, from, "fromId"}, {t.ToKind, to, "toId"}} {
		if end.want != nil && *end.want != end.r.Kind {
			list = append(list, fault.Invalid(fault.WrongType, []string{end.field}, "%q goes from %s to %s; %s is %s",
				t.Name, kindName(t.FromKind), kindName(t.ToKind), end.r.DisplayName(), kindName(&end.r.Kind)))
		}
	}
	return list.Err()
}

func kindName(k *Kind) string {
	switch {
	case k == nil:
		return "any contact"
	case *k == KindOrganization:
		return "an organization"
	}
	return "a person"
}

// UpdateAffiliation changes what is said of a link. Needs an operator.
func (s *Service) UpdateAffiliation(ctx context.Context, id uuid.UUID, c AffiliationChange) (*Affiliation, error) {
	return s.mendLink(ctx, id, func(ctx context.Context, tx bun.IDB, of site.Site, row *Affiliation, by Author) error {
		before := story(row)
		if err := c.apply(row, of.Country); err != nil {
			return err
		}
		if err := s.checkLink(ctx, tx, of, row, []string{"until"}); err != nil {
			return err
		}
		row.InForce = inForce(row, s.today(of))
		after := story(row)
		if before == after {
			return nil
		}
		row.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "update link")
		}
		return s.tellEnds(ctx, tx, row, before, after, by)
	})
}

// DeleteAffiliation removes a link as if it had never been; to end one give it a last day. Needs an operator.
func (s *Service) DeleteAffiliation(ctx context.Context, id uuid.UUID) (*Affiliation, error) {
	return s.mendLink(ctx, id, func(ctx context.Context, tx bun.IDB, _ site.Site, row *Affiliation, by Author) error {
		if _, err := tx.NewDelete().Model(row).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "delete link")
		}
		return s.tellEnds(ctx, tx, row, story(row), nil, by)
	})
}

func (s *Service) mendLink(ctx context.Context, id uuid.UUID, change func(context.Context, bun.IDB, site.Site, *Affiliation, Author) error) (*Affiliation, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	var row *Affiliation
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := startLinking(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		row = new(Affiliation)
		if err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx); err != nil {
			return db.Missing(err, "link", "read link")
		}
		if row.Type, err = linkTypeByID(ctx, tx, a.SiteID, row.TypeID); err != nil {
			return err
		}
		if _, _, err := lockEnds(ctx, tx, row); err != nil {
			return err
		}
		return change(ctx, tx, of, row, author(a))
	})
	return row, err
}

// NewRelay is a person to add as the relay of an organization (S-88).
type NewRelay struct {
	OrganizationID uuid.UUID
	Person         NewPerson // whose organization is this one
	Link           AffiliationChange
}

// CreateRelay adds a person and links them as relay, both or neither. Needs an operator.
func (s *Service) CreateRelay(ctx context.Context, in NewRelay) (*Affiliation, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if in.Person.OrganizationID != nil && *in.Person.OrganizationID != in.OrganizationID {
		return nil, fault.Invalid(fault.InvalidValue, []string{"person", "organizationId"}, "a relay is of one organization; link the person to another one afterwards")
	}
	in.Person.OrganizationID = &in.OrganizationID
	var row *Affiliation
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := in.Person.start(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		r := &Record{SiteID: a.SiteID, Kind: KindPerson, Source: sourceOf(a)}
		if err := s.createPerson(ctx, tx, of, r, in.Person, author(a)); err != nil {
			return fault.Under(err, "person")
		}
		row, err = s.linkAs(ctx, tx, of, LinkRelay, r.ID, in.OrganizationID, in.Link, author(a))
		return err
	})
	return row, err
}

func checkOrganization(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) error {
	known, err := tx.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND id = ? AND kind = ?", siteID, id, KindOrganization).Exists(ctx)
	if err == nil && !known {
		return fault.Invalid(fault.Unknown, []string{"organizationId"}, "the site has no organization with the id %s", id)
	}
	return db.MapError(err, "look for organization")
}

// linkAs links a person to an organization by a built-in type, which every site has.
func (s *Service) linkAs(ctx context.Context, tx bun.IDB, of site.Site, kind LinkKind, personID, organizationID uuid.UUID, c AffiliationChange, by Author) (*Affiliation, error) {
	types, err := linkTypes(ctx, tx, of.ID)
	if err != nil {
		return nil, err
	}
	builtIn := slices.IndexFunc(types, func(t *LinkType) bool { return t.Kind == kind })
	return s.link(ctx, tx, of, types[builtIn], personID, organizationID, c, by)
}

// linkStory is what history keeps of a link, before and after.
type linkStory struct {
	Kind      LinkKind `json:"kind"`
	Type      string   `json:"type"`
	From      string   `json:"from"`
	FromID    string   `json:"fromId"`
	To        string   `json:"to"`
	ToID      string   `json:"toId"`
	Role      string   `json:"role"`
	Since     string   `json:"since"`
	Until     string   `json:"until"`
	WorkEmail string   `json:"workEmail"`
	WorkPhone string   `json:"workPhone"`
	Note      string   `json:"note"`
}

func story(row *Affiliation) linkStory {
	return linkStory{
		Kind: row.Type.Kind, Type: row.Type.Name, From: row.From.Row().DisplayName(), FromID: row.FromID.String(), To: row.To.Row().DisplayName(), ToID: row.ToID.String(),
		Role: row.Role, Since: dayText(row.Since), Until: dayText(row.Until), WorkEmail: row.WorkEmail, WorkPhone: row.WorkPhone, Note: row.Note,
	}
}

func dayText(d *time.Time) string {
	if d == nil {
		return ""
	}
	return d.Format(time.DateOnly)
}

// tellEnds writes the change of a link into the history of both contacts, which have changed by it.
func (s *Service) tellEnds(ctx context.Context, tx bun.IDB, row *Affiliation, before, after any, by Author) error {
	changes := Changes{"affiliation": Delta{Before: before, After: after}}
	entries := []*Entry{newEntry(by, row.From.Row(), updated, changes), newEntry(by, row.To.Row(), updated, changes)}
	if _, err := tx.NewInsert().Model(&entries).Exec(ctx); err != nil {
		return db.MapError(err, "insert history")
	}
	now := s.now()
	row.From.Row().UpdatedAt, row.To.Row().UpdatedAt = now, now
	_, err := tx.NewUpdate().Model((*Record)(nil)).Set("updated_at = ?", now).
		Where("site_id = ? AND id IN (?)", row.SiteID, bun.List([]uuid.UUID{row.FromID, row.ToID})).Exec(ctx)
	return db.MapError(err, "touch contacts")
}

func chainText(names []string) string { return strings.Join(shortChain(names), " → ") }

// shortChain names contacts in the order of a chain, the middle of a long one left out.
func shortChain(names []string) []string {
	const most = 8
	if len(names) > most {
		names = append(append(append([]string{}, names[:most/2]...), "…"), names[len(names)-most/2:]...)
	}
	return names
}
