package contact

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Book is what accounts know of the contacts: account.Book.
type Book struct{ contacts *Service }

var _ account.Book = Book{}

// NewBook gives accounts their view of the contacts.
func NewBook(s *Service) Book { return Book{contacts: s} }

// Match gives the living contact without an account that has the person's address and is not somebody
// else (C-18, C-19, G-24): the one of that name; else the one whose name is not known; else the only
// one, unless its name is clearly another, as where a family shares a mailbox. Of doubles the oldest.
// uuid.Nil when there is none, or when nothing tells which of several it is.
func (b Book) Match(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p account.Person) (uuid.UUID, error) {
	return b.match(ctx, tx, siteID, p, false)
}

// Find is Match among all contacts, those that have an account too: for those who only ask who somebody is.
func (b Book) Find(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p account.Person) (uuid.UUID, error) {
	return b.match(ctx, tx, siteID, p, true)
}

// match is Match; owned tells whether contacts that have an account are looked at too.
func (b Book) match(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p account.Person, owned bool) (uuid.UUID, error) {
	var rows []traits
	err := tx.NewSelect().Model(&rows).
		Where("contact.site_id = ? AND contact.email_key = ? AND contact.kind = ? AND contact.deleted_at IS NULL", siteID, site.EmailKey(p.Email), KindPerson).
		Where("? OR NOT EXISTS (SELECT 1 FROM account a WHERE a.site_id = contact.site_id AND a.contact_id = contact.id)", owned).
		Order("created_at", "id").Limit(maxSharers).Scan(ctx)
	if err != nil {
		return uuid.Nil, db.MapError(err, "match contact")
	}
	is := traits{Kind: KindPerson, NLast: fold.Text(p.LastName), NFirst: fold.Text(p.FirstName)}
	var found traits
	best, torn := namesDiffer, false
	for _, row := range rows {
		how := compareNames(is, row)
		alone := len(rows) == 1
		switch {
		case how == nameUnknown && row.NLast+row.NFirst != "" && !alone, // they gave no name, and one of these is it
			how == nameOfFirst && !alone, how == nameOfFamily: // a new surname is believed only where nobody else is meant
		case how > best:
			found, best, torn = row, how, false
		case how == best && best != namesDiffer && best < nameSounds:
			torn = torn || compareNames(found, row) < nameSounds // not two records of one person
		}
	}
	if torn {
		return uuid.Nil, nil
	}
	return found.ID, nil
}

// maxSharers is how many contacts with one address are looked at.
const maxSharers = 200

// Known tells whether any living contact has this address.
func (b Book) Known(ctx context.Context, tx bun.IDB, siteID uuid.UUID, emailKey string) (bool, error) {
	known, err := tx.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND email_key = ? AND deleted_at IS NULL", siteID, emailKey).Exists(ctx)
	return known, db.MapError(err, "look for contact")
}

// Enter creates or changes a person by what an end user gave on a surface. What they left empty
// stays. A name that is there stays too, unless it is the account's own contact: who types an address
// into a form may be anybody. A ticked box goes into the consent ledger with the wording that was shown; one left empty
// withdraws nothing. The site's policy says who is listed, and nobody is unlisted from here.
func (b Book) Enter(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, p account.Person, surface string) (uuid.UUID, error) {
	of, err := holdSite(ctx, tx, siteID)
	if err != nil {
		return uuid.Nil, err
	}
	a := site.ActorOf(ctx)
	by := author(a)
	by.Surface = surface
	if a.Kind == "" || a.Kind == site.KindVisitor {
		by = Author{Kind: site.KindVisitor, Name: p.Email, Surface: surface}
	}
	change := Change{Email: given(p.Email), FirstName: given(p.FirstName), LastName: given(p.LastName), Language: given(p.Language), stored: p.Answers}
	if contactID == uuid.Nil {
		r := &Record{SiteID: siteID, Kind: KindPerson, Source: Source(surface), Listed: listedAtFirst(of)}
		if err := b.contacts.create(ctx, tx, of, r, change, by); err != nil {
			return uuid.Nil, err
		}
		return r.ID, b.agree(ctx, tx, of, r.ID, p, by)
	}
	r, err := lock(ctx, tx, siteID, contactID)
	if err != nil {
		return uuid.Nil, err
	}
	change.stored = p.Newest(r.Answers)
	has, err := hasAccount(ctx, tx, siteID, contactID)
	if err != nil {
		return uuid.Nil, err
	}
	if !has {
		change.keepName(r)
	}
	if of.ConsentPolicy == site.OnInteraction && surface != string(field.Profile) {
		yes := true
		change.Listed = &yes
	}
	if _, err = b.contacts.update(ctx, tx, of, r, change, by); err != nil {
		return uuid.Nil, err
	}
	return r.ID, b.agree(ctx, tx, of, r.ID, p, by)
}

func hasAccount(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) (bool, error) {
	has, err := tx.NewSelect().TableExpr("account").Where("site_id = ? AND contact_id = ?", siteID, contactID).Exists(ctx)
	return has, db.MapError(err, "look for account")
}

// keepName takes out of a change what would replace a name or an address that is known, or say a name
// twice that stands in one place.
func (c *Change) keepName(r *Record) {
	known := fold.Words(r.LastName + " " + r.FirstName)
	says := func(s *string) bool {
		return s != nil && !slices.ContainsFunc(fold.Words(*s), func(w string) bool { return !slices.Contains(known, w) })
	}
	if r.FirstName != "" || says(c.FirstName) {
		c.FirstName = nil
	}
	if r.LastName != "" || says(c.LastName) {
		c.LastName = nil
	}
	if r.Email != "" {
		c.Email = nil
	}
}

// agree records the consent of an end user, when they gave it. A wording that the site never had is
// not taken for one that was shown.
func (b Book) agree(ctx context.Context, tx bun.IDB, of site.Site, contactID uuid.UUID, p account.Person, by Author) error {
	if !p.Consent {
		return nil
	}
	purpose, err := livePurpose(ctx, tx, of.ID, nil)
	if err != nil {
		return err
	}
	entry := &ConsentEntry{ContactID: contactID, PurposeID: purpose.ID, Channel: ChannelAny, State: ConsentGiven, At: b.contacts.now(), Source: ConsentSource(by.Surface)}
	if by.Kind == site.KindStaff && by.Surface == "admin" {
		entry.Source = ConsentByStaff
	}
	language := site.NearestLanguage(cmp.Or(p.ConsentLanguage, p.Language), of.Language)
	if err := entry.shown(ctx, tx, of.ID, &p.ConsentWording, &language); err != nil {
		return err
	}
	return b.contacts.recordConsent(ctx, tx, of, by, []*ConsentEntry{entry})
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Read gives a contact with its groups. NotFound when the site has none of this id.
func (b Book) Read(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) (account.Person, error) {
	r := new(Record)
	err := tx.NewSelect().Model(r).Where("site_id = ? AND id = ?", siteID, contactID).Scan(ctx)
	if db.NoRows(err) {
		return account.Person{}, fault.Missing("contact")
	}
	if err != nil {
		return account.Person{}, db.MapError(err, "read contact")
	}
	var groups []Group
	err = tx.NewSelect().Model(&groups).Join("JOIN contact_group_member AS m ON m.site_id = contact_group.site_id AND m.group_id = contact_group.id").
		Where("m.site_id = ? AND m.contact_id = ?", siteID, contactID).Order("name_key").Scan(ctx)
	if err != nil {
		return account.Person{}, db.MapError(err, "read groups")
	}
	p := account.Person{
		ID: r.ID, Number: r.Number, Email: r.Email, FirstName: r.FirstName, LastName: r.LastName, DisplayName: r.DisplayName(),
		Language: r.Language, Answers: r.Answers,
	}
	for _, g := range groups {
		p.Groups = append(p.Groups, account.Group{ID: g.ID, Name: g.Name})
	}
	return p, nil
}

// Profile gives what the person behind an account sees of their own record (T-58).
func (b Book) Profile(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, language string) (account.Profile, error) {
	r := new(Record)
	err := q.NewSelect().Model(r).Where("site_id = ? AND id = ?", siteID, contactID).Scan(ctx)
	if err != nil {
		return account.Profile{}, db.Missing(err, "contact", "read contact")
	}
	defs, err := field.ForSurface(ctx, q, siteID, field.Profile)
	if err != nil {
		return account.Profile{}, err
	}
	for i, d := range defs {
		defs[i] = d.In(language)
	}
	main := r.Address()
	return account.Profile{
		FirstName: r.FirstName, LastName: r.LastName, Mobile: r.Mobile, Language: r.Language, Follows: r.AddressOf != nil,
		Address: account.Address{Lines: main.Lines, Postcode: main.Postcode, City: main.City, Country: main.Country}, Answers: field.Show(defs, r.Answers, language),
	}, nil
}

// SaveProfile writes what a person changed of their own record (T-59); the history names their account.
func (b Book) SaveProfile(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, c account.ProfileChange) error {
	of, err := holdSite(ctx, tx, siteID)
	if err != nil {
		return err
	}
	r, err := lock(ctx, tx, siteID, contactID)
	if err != nil {
		return err
	}
	defs, err := field.ForSurface(ctx, tx, siteID, field.Profile)
	if err != nil {
		return err
	}
	stored, failed := field.ApplyOn(field.Profile, defs, r.Answers, c.Answers, of.Country)
	asked := field.Asked(defs, r.Answers)
	for _, d := range defs {
		id := d.ID.String()
		// What the form did not ask is not this person's to take away: staff answer everything.
		if _, kept := stored[id]; failed == nil && !kept && asked[d.ID] {
			stored[id] = nil // taken away
		}
	}
	change := Change{
		FirstName: c.FirstName, LastName: c.LastName, Mobile: c.Mobile, Language: c.Language,
		AddressChange: AddressChange{Lines: c.Lines, Postcode: c.Postcode, City: c.City, Country: c.Country}, stored: stored,
	}
	a := site.ActorOf(ctx)
	_, err = b.contacts.update(ctx, tx, of, r, change, author(a))
	all, mendable := fault.Mendable(err)
	if more, ok := fault.Mendable(failed); ok && (err == nil || mendable) {
		return append(all, more...).Err() // everything to mend at once
	}
	return err
}
