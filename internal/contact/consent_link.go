package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Agreed tells whether a contact has agreed to a purpose and channel, and its language. NotFound when it is gone for good. The caller has
// the right.
func (s *Service) Agreed(ctx context.Context, siteID, id, purpose uuid.UUID, channel ConsentChannel) (agreed bool, language string, err error) {
	id, err = survivor(ctx, s.db.Bun, siteID, id)
	if err != nil {
		return false, "", err
	}
	err = s.db.Bun.NewRaw(`SELECT c.language, EXISTS (SELECT FROM consent k WHERE k.site_id = c.site_id AND k.contact_id = c.id AND k.purpose_id = ? AND k.channel = ? AND k.state = 'given')
		FROM contact c WHERE c.site_id = ? AND c.id = ?`, purpose, channel, siteID, id).Scan(ctx, &language, &agreed)
	return agreed, language, db.Missing(err, "contact", "read consent")
}

// SayByLink writes into the ledger what a contact says by the link of a message, unless it holds already. The link is the right to it.
// NotFound when the contact is gone for good.
func (s *Service) SayByLink(ctx context.Context, siteID, id, purpose uuid.UUID, channel ConsentChannel, state ConsentState) error {
	return s.sayByMessage(ctx, siteID, id, purpose, channel, state, "")
}

// StopTexts writes into the ledger that whoever has a mobile number wants no more text messages, for every purpose that they had agreed to;
// it gives how many that were. Who answers from the number is the right to it.
func (s *Service) StopTexts(ctx context.Context, siteID uuid.UUID, number string) (int, error) {
	var given []*Consent
	err := s.db.Bun.NewSelect().Model(&given).Join("JOIN contact AS c ON c.site_id = consent.site_id AND c.id = consent.contact_id").
		Where("consent.site_id = ? AND c.mobile = ? AND consent.channel = ? AND consent.state = 'given' AND c.deleted_at IS NULL AND c.mobile <> ''", siteID, number, ChannelSMS).
		OrderExpr("consent.contact_id, consent.purpose_id").Scan(ctx)
	if err != nil {
		return 0, db.MapError(err, "read consents of a number")
	}
	for _, k := range given {
		if err := s.sayByMessage(ctx, siteID, k.ContactID, k.PurposeID, ChannelSMS, ConsentWithdrawn, "STOP"); err != nil {
			return 0, err
		}
	}
	return len(given), nil
}

func (s *Service) sayByMessage(ctx context.Context, siteID, id, purpose uuid.UUID, channel ConsentChannel, state ConsentState, note string) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := holdSite(ctx, tx, siteID)
		if err != nil {
			return err
		}
		if id, err = survivor(ctx, tx, siteID, id); err != nil {
			return err
		}
		if err := lockAnyway(ctx, tx, siteID, id); err != nil {
			return err
		}
		held, err := readConsents(ctx, tx, siteID, []uuid.UUID{id})
		if err != nil {
			return err
		}
		waits, err := s.waits(ctx, tx, siteID, id)
		if err != nil {
			return err
		}
		key := consentKey{id, purpose, channel}
		if waits[key] == (state == ConsentGiven) && (waits[key] || held[key] != nil && held[key].State == state) || holds(held[key]) && state == ConsentGiven {
			return nil
		}
		entry := &ConsentEntry{ContactID: id, PurposeID: purpose, Channel: channel, State: state, At: s.now(), Source: ConsentByLink, Note: note}
		return s.recordConsent(ctx, tx, of, Author{Kind: site.KindVisitor, Surface: "message"}, []*ConsentEntry{entry})
	})
}

// survivor gives the id of what a contact is now: itself, or what it was merged into.
func survivor(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (now uuid.UUID, err error) {
	err = q.NewRaw("SELECT coalesce(merged_into, id) FROM contact WHERE site_id = ? AND id = ?", siteID, id).Scan(ctx, &now)
	return now, db.Missing(err, "contact", "read contact")
}

// WithdrawIn writes into the ledger, in the caller's transaction, that a contact takes back what it agreed to of a purpose, on every
// channel, unless there is nothing to take back. NotFound when the contact is gone for good. The caller has the right.
func (s *Service) WithdrawIn(ctx context.Context, tx bun.Tx, siteID, id, purpose uuid.UUID, source ConsentSource) error {
	of, err := holdSite(ctx, tx, siteID)
	if err != nil {
		return err
	}
	if id, err = survivor(ctx, tx, siteID, id); err != nil {
		return err
	}
	if err := lockAnyway(ctx, tx, siteID, id); err != nil {
		return err
	}
	var some bool
	err = tx.NewRaw(`SELECT EXISTS (SELECT FROM consent WHERE site_id = ?0 AND contact_id = ?1 AND purpose_id = ?2 AND state = 'given')
		OR EXISTS (SELECT FROM consent_pending WHERE site_id = ?0 AND contact_id = ?1 AND purpose_id = ?2)`, siteID, id, purpose).Scan(ctx, &some)
	if err != nil || !some {
		return db.MapError(err, "read consents")
	}
	entry := &ConsentEntry{ContactID: id, PurposeID: purpose, Channel: ChannelAny, State: ConsentWithdrawn, At: s.now(), Source: source}
	return s.recordConsent(ctx, tx, of, author(site.ActorOf(ctx)), []*ConsentEntry{entry})
}
