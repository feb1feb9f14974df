package contact

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/site"
)

// alone tells whether people say it by themselves, so that nobody else vouches for it.
func (s ConsentSource) alone() bool {
	return slices.Contains([]ConsentSource{ConsentByRegistration, ConsentAtCheckout, ConsentInProfile, ConsentByLink, ConsentInPreferences}, s)
}

// doubled makes pending what is to be confirmed, and leaves out what holds already: it needs no confirmation, and what confirmed it stays
// the proof.
func doubled(purposes []*ConsentPurpose, before map[consentKey]*Consent, entries []*ConsentEntry) []*ConsentEntry {
	asks := map[uuid.UUID]bool{}
	for _, p := range purposes {
		asks[p.ID] = p.DoubleOptIn
	}
	out := make([]*ConsentEntry, 0, len(entries))
	for _, e := range entries {
		if e.State == ConsentGiven && e.Source.alone() && e.AskedAt == nil && asks[e.PurposeID] {
			if !slices.ContainsFunc(e.Channel.each(), func(c ConsentChannel) bool { return !holds(before[consentKey{e.ContactID, e.PurposeID, c}]) }) {
				continue
			}
			e.State = ConsentPending
		}
		out = append(out, e)
	}
	return out
}

func holds(c *Consent) bool { return c != nil && c.State == ConsentGiven }

// ask notes what waits, has the contacts asked by mail, and gives what waits now.
func (s *Service) ask(ctx context.Context, tx bun.IDB, of site.Site, purposes []*ConsentPurpose, before map[consentKey]*Consent, entries []*ConsentEntry) (asked []*Consent, err error) {
	waiting := map[uuid.UUID][]*PendingConsent{}
	for _, e := range entries {
		if e.State != ConsentPending {
			continue
		}
		for _, channel := range e.Channel.each() {
			if holds(before[consentKey{e.ContactID, e.PurposeID, channel}]) {
				continue
			}
			waiting[e.ContactID] = append(waiting[e.ContactID], &PendingConsent{SiteID: of.ID, ContactID: e.ContactID, PurposeID: e.PurposeID, Channel: channel, EntryID: e.ID, Since: e.At})
			asked = append(asked, &Consent{SiteID: of.ID, ContactID: e.ContactID, PurposeID: e.PurposeID, Channel: channel, State: ConsentPending})
		}
	}
	for id, rows := range waiting {
		who := new(Record)
		if err := tx.NewSelect().Model(who).Where("site_id = ? AND id = ?", of.ID, id).Scan(ctx); err != nil {
			return nil, db.MapError(err, "read contact")
		}
		r, err := s.openRequest(ctx, tx, who)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			row.RequestID = r.ID
		}
		_, err = tx.NewInsert().Model(&rows).On("CONFLICT (site_id, contact_id, purpose_id, channel) DO UPDATE").
			Set("entry_id = EXCLUDED.entry_id, request_id = EXCLUDED.request_id, since = EXCLUDED.since").Exec(ctx)
		if err != nil {
			return nil, db.MapError(err, "insert pending consents")
		}
		if err := s.mailRequest(ctx, tx, of, who, r, purposes); err != nil {
			return nil, err
		}
	}
	return asked, nil
}

// openRequest gives the contact's request that is still open, for another week, or a new one.
func (s *Service) openRequest(ctx context.Context, tx bun.IDB, who *Record) (*consentRequest, error) {
	now := s.now()
	r := new(consentRequest)
	err := tx.NewSelect().Model(r).Where("site_id = ? AND contact_id = ? AND address_key = ? AND expires_at > ?", who.SiteID, who.ID, who.EmailKey, now).
		Order("expires_at DESC").Limit(1).Scan(ctx)
	switch {
	case db.NoRows(err):
		r = &consentRequest{SiteID: who.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: who.ID, AddressKey: who.EmailKey, ExpiresAt: now.AddDate(0, 0, confirmDays)}
		_, err = tx.NewInsert().Model(r).Exec(ctx)
	case err == nil:
		r.ExpiresAt = now.AddDate(0, 0, confirmDays)
		_, err = tx.NewUpdate().Model(r).Column("expires_at").WherePK().Exec(ctx)
	}
	return r, db.MapError(err, "open a request to confirm")
}

// mailRequest writes the mail, unless the address got one a moment ago or has had enough of them: the link of the earlier one serves too.
func (s *Service) mailRequest(ctx context.Context, tx bun.IDB, of site.Site, who *Record, r *consentRequest, purposes []*ConsentPurpose) error {
	now := s.now()
	if who.EmailKey == "" || s.opting.Mail == nil || r.Mails >= confirmMails || r.MailedAt != nil && now.Sub(*r.MailedAt) < confirmPause {
		return nil
	}
	var today int
	err := tx.NewRaw("SELECT coalesce(sum(mails), 0) FROM consent_request WHERE site_id = ? AND address_key = ? AND mailed_at > ?", of.ID, who.EmailKey, now.AddDate(0, 0, -1)).Scan(ctx, &today)
	if err != nil || today >= confirmEachDay {
		return db.MapError(err, "count requests to confirm")
	}
	language := site.NearestLanguage(who.Language, of.Language)
	var waiting []uuid.UUID
	if err := tx.NewSelect().Model((*PendingConsent)(nil)).ColumnExpr("DISTINCT purpose_id").Where("site_id = ? AND request_id = ?", of.ID, r.ID).Scan(ctx, &waiting); err != nil {
		return db.MapError(err, "read pending consents")
	}
	var names []string
	for _, p := range purposes {
		if slices.Contains(waiting, p.ID) {
			names = append(names, strings.Join(strings.Fields(p.NameIn(language)), " "))
		}
	}
	r.Mails++
	r.MailedAt = &now
	if _, err := tx.NewUpdate().Model(r).Column("mails", "mailed_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "count mail")
	}
	return s.opting.Mail(ctx, tx, account.Mail{SiteID: of.ID, To: who.Email, Kind: account.MailConsent, Language: language, Data: map[string]string{
		"purposes": strings.Join(names, ", "), "link": s.opting.PublicURL + ConfirmPath + s.opting.Confirmations.Sign(slices.Concat(r.SiteID[:], r.ID[:])), "days": strconv.Itoa(confirmDays),
	}})
}

// settlePending takes away what waited where something newer was said.
func settlePending(ctx context.Context, tx bun.IDB, held []*Consent) error {
	entries := make([]uuid.UUID, 0, len(held))
	for _, c := range held {
		entries = append(entries, c.EntryID)
	}
	_, err := tx.NewRaw(`DELETE FROM consent_pending p USING consent k WHERE k.site_id = ? AND k.entry_id IN (?)
		AND p.site_id = k.site_id AND p.contact_id = k.contact_id AND p.purpose_id = k.purpose_id AND p.channel = k.channel AND p.since <= k.since`,
		held[0].SiteID, bun.List(slices.Compact(slices.SortedFunc(slices.Values(entries), compareIDs)))).Exec(ctx)
	return db.MapError(err, "settle pending consents")
}
