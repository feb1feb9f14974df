package contact

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// Double opt-in. What people say by themselves of a purpose that asks for it is pending, and counts as nothing, until somebody who reads
// the contact's mail presses the button behind the link that was sent there. Who writes to an address that is not theirs raises nothing.

// ConfirmPath is below which pages are that confirm a consent.
const ConfirmPath = "/v1/consent/"

const (
	confirmDays     = 7                // for so long a link works
	confirmPause    = 10 * time.Minute // between two mails of one request
	confirmMails    = 3                // of one request at most
	confirmEachDay  = 5                // mails to one address at most, whoever types it
	confirmKeptDays = 1                // requests stay for so long after their end: they count
)

// OptingIn is what consent by mail needs: who writes mails, and the keys of the links in them.
type OptingIn struct {
	Mail          account.Mailer
	Confirmations *secret.Signer
	Preferences   *secret.Signer
	PublicURL     string
}

// BindOptingIn gives the service what consent by mail needs.
func (s *Service) BindOptingIn(o OptingIn) { s.opting = o }

// consentRequest is a mail that asks a contact to confirm.
type consentRequest struct {
	bun.BaseModel `bun:"table:consent_request"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	ContactID  uuid.UUID
	AddressKey string
	Mails      int
	MailedAt   *time.Time
	ExpiresAt  time.Time
}

// PendingConsent is what a contact said for one purpose and channel, and has not confirmed yet.
type PendingConsent struct {
	bun.BaseModel `bun:"table:consent_pending"`

	SiteID    uuid.UUID `bun:",pk,type:uuid"`
	ContactID uuid.UUID `bun:",pk,type:uuid"`
	PurposeID uuid.UUID `bun:",pk,type:uuid"`
	Channel   ConsentChannel
	EntryID   uuid.UUID
	RequestID uuid.UUID
	Since     time.Time
	ExpiresAt time.Time `bun:",scanonly"` // the link's end
}

// Confirmation is what the page behind the link of a mail asks.
type Confirmation struct {
	Site     site.Site
	Language string // the person's, or the site's
	Address  string // masked
	Waiting  []Waiting
}

// Waiting is what is to be confirmed for a purpose.
type Waiting struct {
	Purpose  string
	Wording  string // that was shown; may be empty
	Channels []ConsentChannel
}

// Confirmation reads what a link is about, and changes nothing: programs open links too. NotFound when it is not ours, has been used or
// has ended.
func (s *Service) Confirmation(ctx context.Context, token string) (Confirmation, error) {
	out, _, _, err := s.confirmation(ctx, s.db.Bun, token)
	return out, err
}

// Confirm gives the consents that a link is about, and ends it. Errors as Confirmation.
func (s *Service) Confirm(ctx context.Context, token string) (out Confirmation, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, r, _, err := s.confirmation(ctx, tx, token)
		if err != nil {
			return err
		}
		of, err := holdSite(ctx, tx, r.SiteID)
		if err != nil {
			return err
		}
		if err := lockAnyway(ctx, tx, r.SiteID, r.ContactID); err != nil {
			return err
		}
		var entries []*ConsentEntry
		if out, r, entries, err = s.confirmation(ctx, tx, token); err != nil { // what was pressed twice is done once
			return err
		}
		now := s.now()
		for _, e := range entries {
			at := e.At
			e.AskedAt, e.At, e.State, e.Note, e.RecordedAt = &at, now, ConsentGiven, "", time.Time{}
		}
		if err := s.recordConsent(ctx, tx, of, Author{Kind: site.KindVisitor, Surface: "message"}, entries); err != nil {
			return err
		}
		r.ExpiresAt = now
		_, err = tx.NewUpdate().Model(r).Column("expires_at").WherePK().Exec(ctx)
		return db.MapError(err, "end request")
	})
	return out, err
}

// confirmation reads a link's request and, by channel as far as they still wait, the entries that it is about.
func (s *Service) confirmation(ctx context.Context, q bun.IDB, token string) (out Confirmation, r *consentRequest, entries []*ConsentEntry, err error) {
	ended := fault.New(fault.NotFound, "this link has been used, is older than seven days, or is not one of ours")
	payload, ok := s.opting.Confirmations.Open(token)
	if !ok || len(payload) != 32 {
		return out, nil, nil, ended
	}
	r = &consentRequest{SiteID: uuid.UUID(payload[:16]), ID: uuid.UUID(payload[16:])}
	who := new(Record)
	err = q.NewSelect().Model(r).WherePK().Where("expires_at > ?", s.now()).Scan(ctx)
	if err == nil {
		err = q.NewSelect().Model(who).Where("site_id = ? AND id = ? AND email_key = ? AND deleted_at IS NULL", r.SiteID, r.ContactID, r.AddressKey).Scan(ctx)
	}
	if db.NoRows(err) {
		return out, nil, nil, ended
	}
	if err != nil {
		return out, nil, nil, db.MapError(err, "read request")
	}
	if out.Site, err = readSite(ctx, q, r.SiteID); err != nil {
		return out, nil, nil, err
	}
	out.Language, out.Address = site.NearestLanguage(who.Language, out.Site.Language), masked(who.Email)
	var rows []*PendingConsent
	err = q.NewSelect().Model(&rows).Join("JOIN consent_purpose AS p ON p.site_id = pending_consent.site_id AND p.id = pending_consent.purpose_id").
		Where("pending_consent.site_id = ? AND request_id = ? AND p.archived_at IS NULL", r.SiteID, r.ID).
		OrderExpr("p.position, p.id, array_position(ARRAY['email', 'sms', 'post', 'phone'], pending_consent.channel::text)").Scan(ctx)
	if err != nil {
		return out, nil, nil, db.MapError(err, "read pending consents")
	}
	if len(rows) == 0 {
		return out, nil, nil, ended
	}
	if entries, err = s.entriesOf(ctx, q, r.ContactID, rows); err != nil {
		return out, nil, nil, err
	}
	out.Waiting, err = s.waiting(ctx, q, out, rows, entries)
	return out, r, entries, err
}

// entriesOf gives the ledger's entries that rows wait for, each for a channel that still waits, or for any where all do.
func (s *Service) entriesOf(ctx context.Context, q bun.IDB, contactID uuid.UUID, rows []*PendingConsent) ([]*ConsentEntry, error) {
	channelsOf := map[uuid.UUID][]ConsentChannel{}
	for _, row := range rows {
		channelsOf[row.EntryID] = append(channelsOf[row.EntryID], row.Channel)
	}
	var out []*ConsentEntry
	for _, row := range rows {
		waiting := channelsOf[row.EntryID]
		if row.Channel != waiting[0] {
			continue // told with the first
		}
		e := new(ConsentEntry)
		if err := q.NewSelect().Model(e).Where("site_id = ? AND id = ?", row.SiteID, row.EntryID).Scan(ctx); err != nil {
			return nil, db.MapError(err, "read the consent ledger")
		}
		e.ContactID = contactID // of a record that was merged since: the one that stayed
		if len(waiting) == len(e.Channel.each()) {
			out = append(out, e)
			continue
		}
		for _, channel := range waiting {
			one := *e
			one.Channel = channel
			out = append(out, &one)
		}
	}
	return out, nil
}

func (s *Service) waiting(ctx context.Context, q bun.IDB, c Confirmation, rows []*PendingConsent, entries []*ConsentEntry) ([]Waiting, error) {
	purposes, err := PurposesOf(ctx, q, c.Site.ID)
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, p := range purposes {
		one := Waiting{Purpose: p.NameIn(c.Language)}
		for _, row := range rows {
			if row.PurposeID == p.ID {
				one.Channels = append(one.Channels, row.Channel)
			}
		}
		if one.Channels == nil {
			continue
		}
		for _, e := range entries {
			if e.PurposeID != p.ID || e.WordingVersion == nil {
				continue
			}
			var shown ConsentWording
			err := q.NewSelect().Model(&shown).Where("site_id = ? AND purpose_id = ? AND version = ? AND language = ?", e.SiteID, e.PurposeID, *e.WordingVersion, *e.WordingLanguage).Scan(ctx)
			if err != nil {
				return nil, db.MapError(err, "read wording")
			}
			one.Wording = strings.ReplaceAll(shown.Text, "{site}", c.Site.Name)
		}
		out = append(out, one)
	}
	return out, nil
}

// lockAnyway locks a contact, in the trash too: what people say of messages counts there.
func lockAnyway(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) error {
	_, err := tx.NewSelect().Model((*Record)(nil)).ColumnExpr("1").Where("site_id = ? AND id = ?", siteID, id).For("UPDATE").Exec(ctx)
	return db.MapError(err, "lock contact")
}

// masked gives an address so that its owner knows it and nobody else learns it: a•••@m•••.example.
func masked(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	begin := func(s string) string {
		for _, r := range s {
			return string(r) + "•••"
		}
		return "•••"
	}
	end := ""
	if i := strings.LastIndexByte(domain, '.'); i > 0 {
		domain, end = domain[:i], domain[i:]
	}
	return begin(local) + "@" + begin(domain) + end
}

// PendingOf gives what waits to be confirmed of many contacts at once, in the order of purposes and channels; for lists within lists.
// Needs a viewer.
func (s *Service) PendingOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]*PendingConsent, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	return s.pendingOf(ctx, s.db.Bun, a.SiteID, contacts)
}

func (s *Service) pendingOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) (map[uuid.UUID][]*PendingConsent, error) {
	var rows []*PendingConsent
	err := q.NewSelect().Model(&rows).ColumnExpr("pending_consent.*, r.expires_at").
		Join("JOIN consent_request AS r ON r.site_id = pending_consent.site_id AND r.id = pending_consent.request_id").
		Join("JOIN consent_purpose AS p ON p.site_id = pending_consent.site_id AND p.id = pending_consent.purpose_id").
		Where("pending_consent.site_id = ? AND pending_consent.contact_id IN (?) AND r.expires_at > ?", siteID, bun.List(contacts), s.now()).
		OrderExpr("p.position, p.id, array_position(ARRAY['email', 'sms', 'post', 'phone'], pending_consent.channel::text)").Scan(ctx)
	out := map[uuid.UUID][]*PendingConsent{}
	for _, row := range rows {
		out[row.ContactID] = append(out[row.ContactID], row)
	}
	return out, db.MapError(err, "read pending consents")
}

// sweepRequests deletes requests a while after their end; what waited for them goes along.
func (s *Service) sweepRequests(ctx context.Context) error {
	_, err := s.db.Bun.NewDelete().Model((*consentRequest)(nil)).Where("expires_at < ?", s.now().AddDate(0, 0, -confirmKeptDays)).Exec(ctx)
	return db.MapError(err, "sweep requests to confirm")
}
