package contact

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// PreferencesPath is below which preference pages are.
const PreferencesPath = "/v1/preferences/"

// MaxChoices is how many choices are saved at once: every channel of every purpose.
const MaxChoices = MaxPurposes * 4

// Preferences are what a person may set of the messages they get.
type Preferences struct {
	Site     site.Site
	Language string // of the texts: the person's, else the one asked for, else the site's
	Address  string // masked; empty when there is none
	Purposes []Preference
}

// Preference is a purpose in a person's preferences.
type Preference struct {
	PurposeID       uuid.UUID
	Name            string
	Text            string // what one agrees to; empty where the site has not worded it
	WordingVersion  *int
	WordingLanguage *string
	Channels        []ChannelPreference
}

// ChannelPreference is how it stands with a purpose on a channel. Pending counts as not agreed.
type ChannelPreference struct {
	Channel         ConsentChannel
	Agreed, Pending bool
}

// Pending tells whether anything waits to be confirmed.
func (p Preferences) Pending() bool {
	return slices.ContainsFunc(p.Purposes, func(one Preference) bool {
		return slices.ContainsFunc(one.Channels, func(c ChannelPreference) bool { return c.Pending })
	})
}

// Choice is what a person says of a purpose and channel, with the wording that they were shown.
type Choice struct {
	PurposeID       uuid.UUID
	Channel         ConsentChannel
	Agree           bool
	WordingVersion  *int
	WordingLanguage *string
}

// PreferenceLink gives the address of a contact's preference page. It is good for as long as the contact has the e-mail address that the
// link was sent to, and whoever holds it may set preferences and learns nothing else.
func (s *Service) PreferenceLink(siteID, contactID uuid.UUID, emailKey string) string {
	return s.opting.PublicURL + PreferencesPath + s.opting.Preferences.Sign(slices.Concat(siteID[:], contactID[:], s.addressDigest(siteID, emailKey)))
}

func (s *Service) addressDigest(siteID uuid.UUID, emailKey string) []byte {
	return s.opting.Preferences.Digest(siteID.String() + " " + emailKey)[:16]
}

// byLink gives the contact that a link is about. NotFound when it is not ours, or the contact has another address or is gone.
func (s *Service) byLink(ctx context.Context, q bun.IDB, token string) (*Record, error) {
	void := fault.New(fault.NotFound, "this link is not one of ours, or was sent to an address that is not in use any more")
	payload, ok := s.opting.Preferences.Open(token)
	if !ok || len(payload) != 48 {
		return nil, void
	}
	siteID := uuid.UUID(payload[:16])
	id, err := survivor(ctx, q, siteID, uuid.UUID(payload[16:32]))
	if err != nil {
		return nil, err
	}
	who := new(Record)
	if err := q.NewSelect().Model(who).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx); err != nil {
		return nil, db.Missing(err, "contact", "read contact")
	}
	if who.EmailKey == "" || !bytes.Equal(payload[32:], s.addressDigest(siteID, who.EmailKey)) {
		return nil, void
	}
	return who, nil
}

// PreferencesByLink reads what a link's page shows, and changes nothing: programs open links too.
func (s *Service) PreferencesByLink(ctx context.Context, token, language string) (out Preferences, err error) {
	who, err := s.byLink(ctx, s.db.Bun, token)
	if err != nil {
		return out, err
	}
	return s.preferencesOf(ctx, s.db.Bun, who, language)
}

// SayPreferences is what to do with a person's preferences: to save choices, to withdraw everything, or to send the mail to confirm again.
type SayPreferences struct {
	Choices []Choice
	None    bool // of everything, also of what the page does not show
	Again   bool
}

// SaveByLink writes what whoever holds a link says.
func (s *Service) SaveByLink(ctx context.Context, token string, say SayPreferences) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		who, err := s.byLink(ctx, tx, token)
		if err != nil {
			return err
		}
		return s.savePreferences(ctx, tx, who.SiteID, who.ID, say, Author{Kind: site.KindVisitor, Surface: "message"})
	})
}

// MyPreferences gives the preferences of the end user who calls. A support session sees them too.
func (s *Service) MyPreferences(ctx context.Context, language string) (out Preferences, err error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return out, err
	}
	return s.preferencesAs(ctx, s.db.Bun, a, language)
}

func (s *Service) preferencesAs(ctx context.Context, q bun.IDB, a site.Actor, language string) (out Preferences, err error) {
	who := new(Record)
	if err := q.NewSelect().Model(who).Where("site_id = ? AND id = ?", a.SiteID, a.ContactID).Scan(ctx); err != nil {
		return out, db.Missing(err, "contact", "read contact")
	}
	if language != "" {
		who.Language = language // as the page is that they look at
	}
	return s.preferencesOf(ctx, q, who, "")
}

// SaveMyPreferences writes what the end user who calls says. SUPPORT_SESSION: nobody agrees for somebody else.
func (s *Service) SaveMyPreferences(ctx context.Context, language string, say SayPreferences) (out Preferences, err error) {
	a, err := account.RequireOwner(ctx)
	if err != nil {
		return out, err
	}
	if len(say.Choices) > MaxChoices {
		return out, fault.Invalid(fault.TooLong, []string{"choices"}, "at most %d choices at once", MaxChoices)
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.savePreferences(ctx, tx, a.SiteID, a.ContactID, say, author(a)); err != nil {
			return err
		}
		out, err = s.preferencesAs(ctx, tx, a, language)
		return err
	})
	return out, err
}

func (s *Service) preferencesOf(ctx context.Context, q bun.IDB, who *Record, language string) (out Preferences, err error) {
	if out.Site, err = readSite(ctx, q, who.SiteID); err != nil {
		return out, err
	}
	out.Language = site.NearestLanguage(who.Language, site.NearestLanguage(language, out.Site.Language))
	if who.Email != "" {
		out.Address = masked(who.Email)
	}
	purposes, err := PurposesOf(ctx, q, who.SiteID)
	if err != nil {
		return out, err
	}
	held, err := readConsents(ctx, q, who.SiteID, []uuid.UUID{who.ID})
	if err != nil {
		return out, err
	}
	waits, err := s.waits(ctx, q, who.SiteID, who.ID)
	if err != nil {
		return out, err
	}
	var wordings []*ConsentWording
	if err := q.NewSelect().Model(&wordings).Where("site_id = ?", who.SiteID).Order("purpose_id", "version DESC", "language").Scan(ctx); err != nil {
		return out, db.MapError(err, "read wordings")
	}
	for _, p := range purposes {
		if p.ArchivedAt != nil {
			continue
		}
		one := Preference{PurposeID: p.ID, Name: strings.TrimSpace(p.NameIn(out.Language))}
		inForce := slices.DeleteFunc(slices.Clone(wordings), func(w *ConsentWording) bool { return w.PurposeID != p.ID })
		if w := wordingIn(Latest(inForce), out.Language, out.Site.Language, "en"); w != nil {
			one.Text, one.WordingVersion, one.WordingLanguage = strings.ReplaceAll(w.Text, "{site}", out.Site.Name), &w.Version, &w.Language
		}
		for _, channel := range channels {
			key := consentKey{who.ID, p.ID, channel}
			one.Channels = append(one.Channels, ChannelPreference{channel, holds(held[key]), waits[key] && !holds(held[key])})
		}
		out.Purposes = append(out.Purposes, one)
	}
	return out, nil
}

// wordingIn gives the wording in the first of some languages that there is, or any; nil when there is none.
func wordingIn(inForce []*ConsentWording, languages ...string) *ConsentWording {
	for _, want := range languages {
		for _, w := range inForce {
			if w.Language == want {
				return w
			}
		}
	}
	if len(inForce) > 0 {
		return inForce[0]
	}
	return nil
}

func (s *Service) waits(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (map[consentKey]bool, error) {
	rows, err := s.pendingOf(ctx, q, siteID, []uuid.UUID{id})
	out := map[consentKey]bool{}
	for _, row := range rows[id] {
		out[consentKey{id, row.PurposeID, row.Channel}] = true
	}
	return out, err
}

// savePreferences writes into the ledger what differs from what holds. What is agreed to by itself raises nothing that is to be confirmed.
func (s *Service) savePreferences(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID, say SayPreferences, by Author) error {
	of, err := holdSite(ctx, tx, siteID)
	if err != nil {
		return err
	}
	if err := lockAnyway(ctx, tx, siteID, id); err != nil {
		return err
	}
	purposes, err := PurposesOf(ctx, tx, siteID)
	if err != nil {
		return err
	}
	if say.Again {
		return s.askAgain(ctx, tx, of, id, purposes)
	}
	held, err := readConsents(ctx, tx, siteID, []uuid.UUID{id})
	if err != nil {
		return err
	}
	waits, err := s.waits(ctx, tx, siteID, id)
	if err != nil {
		return err
	}
	now := s.now()
	var entries []*ConsentEntry
	if say.None {
		for _, p := range purposes {
			if slices.ContainsFunc(channels, func(c ConsentChannel) bool { key := consentKey{id, p.ID, c}; return holds(held[key]) || waits[key] }) {
				entries = append(entries, &ConsentEntry{ContactID: id, PurposeID: p.ID, Channel: ChannelAny, State: ConsentWithdrawn, At: now, Source: ConsentInPreferences})
			}
		}
		return s.recordConsent(ctx, tx, of, by, entries)
	}
	said := map[consentKey]bool{}
	for _, c := range say.Choices {
		key := consentKey{id, c.PurposeID, c.Channel}
		known := slices.ContainsFunc(purposes, func(p *ConsentPurpose) bool { return p.ID == c.PurposeID && p.ArchivedAt == nil })
		if !known || !slices.Contains(channels, c.Channel) {
			return fault.Invalid(fault.Unknown, []string{"choices"}, "the site does not ask for this any more; look at the preferences again")
		}
		if said[key] || c.Agree == (holds(held[key]) || waits[key]) {
			continue
		}
		said[key] = true
		e := &ConsentEntry{ContactID: id, PurposeID: c.PurposeID, Channel: c.Channel, State: ConsentWithdrawn, At: now, Source: ConsentInPreferences}
		if c.Agree {
			e.State = ConsentGiven
		}
		if err := e.shown(ctx, tx, siteID, c.WordingVersion, c.WordingLanguage); err != nil {
			return err
		}
		entries = append(entries, e)
	}
	return s.recordConsent(ctx, tx, of, by, entries)
}

// shown notes the wording that was shown. One that the site never had is not taken for one.
func (e *ConsentEntry) shown(ctx context.Context, q bun.IDB, siteID uuid.UUID, version *int, language *string) error {
	if version == nil || language == nil {
		return nil
	}
	known, err := q.NewSelect().Model((*ConsentWording)(nil)).Where("site_id = ? AND purpose_id = ? AND version = ? AND language = ?", siteID, e.PurposeID, *version, *language).Exists(ctx)
	if known {
		e.WordingVersion, e.WordingLanguage = version, language
	}
	return db.MapError(err, "read wording")
}

// askAgain sends the mail to confirm once more, as often as that is done.
func (s *Service) askAgain(ctx context.Context, tx bun.IDB, of site.Site, id uuid.UUID, purposes []*ConsentPurpose) error {
	who := new(Record)
	if err := tx.NewSelect().Model(who).Where("site_id = ? AND id = ?", of.ID, id).Scan(ctx); err != nil {
		return db.Missing(err, "contact", "read contact")
	}
	rows, err := s.pendingOf(ctx, tx, of.ID, []uuid.UUID{id})
	if err != nil || len(rows[id]) == 0 {
		return err
	}
	r, err := s.openRequest(ctx, tx, who)
	if err != nil {
		return err
	}
	// What an earlier request to another address asked goes along.
	if _, err := tx.NewUpdate().Model((*PendingConsent)(nil)).Set("request_id = ?", r.ID).Where("site_id = ? AND contact_id = ?", of.ID, id).Exec(ctx); err != nil {
		return db.MapError(err, "ask again")
	}
	return s.mailRequest(ctx, tx, of, who, r, purposes)
}
