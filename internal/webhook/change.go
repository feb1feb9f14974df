package webhook

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/outbound"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// oldSecretFor is how long a secret that was replaced signs beside the new one, so that a receiver can be
// changed without losing anything.
const oldSecretFor = 24 * time.Hour

// Change is what is to be written to a webhook; nil = unchanged.
type Change struct {
	Name, URL  *string
	Events     *[]EventType
	SegmentIDs *[]uuid.UUID
	Disabled   *bool
}

// Create adds a webhook and gives its secret, this once. From when it is there each move is told. Needs a manager.
func (s *Service) Create(ctx context.Context, c Change) (row *Webhook, secret string, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, "", err
	}
	row = &Webhook{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), CreatedAt: s.now()}
	secret = newSecret()
	row.Secret = s.sealer.Seal([]byte(secret), row.place())
	err = s.write(ctx, a.SiteID, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*Webhook)(nil)).Where("site_id = ?", a.SiteID).Count(ctx)
		if err != nil {
			return db.MapError(err, "count webhooks")
		}
		if n >= MaxWebhooks {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d webhooks", MaxWebhooks)
		}
		if err := s.apply(ctx, tx, row, c); err != nil {
			return err
		}
		if now := s.now(); c.Disabled != nil && *c.Disabled {
			row.DisabledAt, row.DisabledReason = &now, new(ByStaff)
		}
		if _, err = tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return db.MapError(err, "insert webhook")
		}
		return nameSegments(ctx, tx, row)
	})
	return row, secret, err
}

// Update changes a webhook. One that is enabled again is told of what happens from now on. Needs a manager.
func (s *Service) Update(ctx context.Context, id uuid.UUID, c Change) (row *Webhook, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, a.SiteID, func(ctx context.Context, tx bun.Tx) error {
		if row, err = byID(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := s.apply(ctx, tx, row, c); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model(row).Column("name", "url", "events").WherePK().Exec(ctx)
		if err != nil {
			return db.MapError(err, "update webhook")
		}
		switch {
		case c.Disabled == nil || *c.Disabled == (row.DisabledAt != nil):
		case *c.Disabled:
			if err := s.disable(ctx, tx, row, ByStaff); err != nil {
				return err
			}
		default:
			row.DisabledAt, row.DisabledReason, row.FailingSince, row.Failures, row.BusyUntil = nil, nil, nil, 0, nil
			_, err := tx.NewUpdate().Model(row).Set("disabled_at = NULL, disabled_reason = NULL, failures = 0, failing_since = NULL, busy_until = NULL").WherePK().Exec(ctx)
			if err != nil {
				return db.MapError(err, "enable webhook")
			}
		}
		return nameSegments(ctx, tx, row)
	})
	return row, err
}

// Delete removes a webhook and its deliveries. Needs a manager.
func (s *Service) Delete(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.write(ctx, a.SiteID, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*Webhook)(nil)).Where("site_id = ? AND id = ?", a.SiteID, id).Exec(ctx)
		if err != nil {
			return db.MapError(err, "delete webhook")
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.Missing("webhook")
		}
		return nil
	})
}

// RollSecret gives a new secret, this once. For a day the old one signs too. Needs a manager.
func (s *Service) RollSecret(ctx context.Context, id uuid.UUID) (row *Webhook, secret string, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, "", err
	}
	secret = newSecret()
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if row, err = byID(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		until := s.now().Add(oldSecretFor)
		row.Secret, row.OldSecret, row.OldUntil = s.sealer.Seal([]byte(secret), row.place()), row.Secret, &until
		_, err := tx.NewUpdate().Model(row).Column("secret", "old_secret", "old_until").WherePK().Exec(ctx)
		return db.MapError(err, "roll secret")
	})
	return row, secret, err
}

// write is a transaction that changes the site's webhooks, and with them what is followed.
func (s *Service) write(ctx context.Context, siteID uuid.UUID, fn func(ctx context.Context, tx bun.Tx) error) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := takeTurns(ctx, tx, siteID); err != nil {
			return err
		}
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return s.refollow(ctx, tx, siteID)
	})
}

// takeTurns lets those who change a site's webhooks wait for each other, and for looks: these hold what is followed
// before they write to the webhooks.
func takeTurns(ctx context.Context, tx bun.IDB, siteID uuid.UUID) error {
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('carnet webhooks of ' || ?, 0))", siteID.String()).Exec(ctx); err != nil {
		return db.MapError(err, "take turns")
	}
	_, err := tx.NewRaw("SELECT FROM webhook_follow WHERE site_id = ? ORDER BY segment_id FOR UPDATE", siteID).Exec(ctx)
	return db.MapError(err, "wait for looks")
}

// disable ends what a webhook is told of; what waits fails.
func (s *Service) disable(ctx context.Context, tx bun.IDB, row *Webhook, why Reason) error {
	now := s.now()
	row.DisabledAt, row.DisabledReason = &now, &why
	if _, err := tx.NewUpdate().Model(row).Column("disabled_at", "disabled_reason").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "disable webhook")
	}
	_, err := tx.NewUpdate().Model((*Delivery)(nil)).Set("status = ?, problem = ?", GaveUp, "the webhook was disabled").
		Where("site_id = ? AND webhook_id = ? AND status = ?", row.SiteID, row.ID, Queued).Exec(ctx)
	return db.MapError(err, "give up deliveries")
}

// apply checks a change and writes it into the row.
func (s *Service) apply(ctx context.Context, tx bun.IDB, row *Webhook, c Change) error {
	var list fault.List
	tell := func(reason string, path []string, message string, args ...any) {
		list = append(list, fault.Invalid(reason, path, message, args...))
	}
	if c.Name != nil {
		row.Name = strings.TrimSpace(*c.Name)
	}
	switch {
	case row.Name == "":
		tell(fault.Required, []string{"name"}, "name the webhook after what it is for")
	case !utf8.ValidString(row.Name) || strings.ContainsRune(row.Name, 0):
		tell(fault.InvalidText, []string{"name"}, "this text is not valid UTF-8")
	case utf8.RuneCountInString(row.Name) > 200:
		tell(fault.TooLong, []string{"name"}, "a name has at most 200 characters")
	}
	if c.URL != nil {
		row.URL = strings.TrimSpace(*c.URL)
		if reason, problem := s.checkURL(row.URL); reason != "" {
			tell(reason, []string{"url"}, "%s", problem)
		}
	}
	if c.Events != nil {
		row.Events = slices.Compact(slices.Sorted(slices.Values(*c.Events)))
	}
	if len(row.Events) == 0 {
		tell(fault.Required, []string{"events"}, "say what the webhook is to be told of")
	}
	if slices.ContainsFunc(row.Events, func(e EventType) bool { return !e.choosable() }) {
		tell(fault.InvalidValue, []string{"events"}, "there is no such event")
	}
	var unknown fault.List
	if c.SegmentIDs != nil {
		var err error
		if unknown, err = s.applySegments(ctx, tx, row, *c.SegmentIDs); err != nil {
			return err
		}
		list = append(list, unknown...)
	}
	if len(unknown) == 0 && len(row.Segments) == 0 && slices.ContainsFunc(row.Events, EventType.ofSegment) && (c.Events != nil || c.SegmentIDs != nil) {
		tell(fault.Required, []string{"segmentIds"}, "name the segments that the webhook is to be told of")
	}
	return list.Err()
}

func (s *Service) applySegments(ctx context.Context, tx bun.IDB, row *Webhook, ids []uuid.UUID) (list fault.List, err error) {
	row.Segments = []*segment.Segment{}
	if len(ids) > MaxSegments {
		return fault.List{fault.Invalid(fault.TooLong, []string{"segmentIds"}, "a webhook names at most %d segments", MaxSegments)}, nil
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if err := tx.NewSelect().Model(&row.Segments).Where("site_id = ? AND id IN (?)", row.SiteID, bun.List(ids)).Order("name_key").Scan(ctx); err != nil {
		return nil, db.MapError(err, "read segments")
	}
	for i, id := range ids {
		if !slices.ContainsFunc(row.Segments, func(in *segment.Segment) bool { return in.ID == id }) {
			list = append(list, fault.Invalid(fault.Unknown, []string{"segmentIds", strconv.Itoa(i)}, "the site has no segment with the id %s", id))
		}
	}
	return list, nil
}

// checkURL says what is wrong with an address; no reason when nothing is. Where a name leads is checked whenever it is dialled.
func (s *Service) checkURL(text string) (reason, problem string) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' }) {
		return fault.InvalidURL, "give the address that is to be told, for example https://crm.example/carnet"
	}
	if u.User != nil || u.Fragment != "" {
		return fault.InvalidURL, "an address has neither a password nor a fragment; the signature proves who calls"
	}
	if outbound.CheckScheme(u, s.loopback) != nil {
		return fault.InvalidURL, "the address must begin with https://"
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && outbound.CheckAddress(ip, s.loopback) != nil {
		return fault.PrivateAddress, "this is an address within a network: webhooks go to public addresses only"
	}
	return "", ""
}

// nameSegments writes which segments a webhook names.
func nameSegments(ctx context.Context, tx bun.IDB, row *Webhook) error {
	ids := make([]uuid.UUID, len(row.Segments))
	for i, in := range row.Segments {
		ids[i] = in.ID
	}
	q := tx.NewDelete().Table("webhook_segment").Where("site_id = ? AND webhook_id = ?", row.SiteID, row.ID)
	if len(ids) > 0 {
		q = q.Where("segment_id NOT IN (?)", bun.List(ids))
	}
	if _, err := q.Exec(ctx); err != nil {
		return db.MapError(err, "forget segments of a webhook")
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw("INSERT INTO webhook_segment (site_id, webhook_id, segment_id) SELECT ?, ?, id FROM unnest(ARRAY[?]::uuid[]) AS id ON CONFLICT DO NOTHING",
		row.SiteID, row.ID, bun.List(ids)).Exec(ctx)
	return db.MapError(err, "name segments of a webhook")
}
