package campaign

import (
	"context"
	"encoding/binary"
	"html"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Where what people open and follow is heard of. The addresses are signed, so a link leads only where a message of ours led.
const (
	openedPath  = "/v1/opened/"
	clickedPath = "/v1/clicked/"
)

// mayMeasure is SQL that holds for those who agreed, by e-mail, to a purpose that measures: nobody else's doings are looked at.
const mayMeasure = `SELECT k.contact_id FROM consent k JOIN consent_purpose p ON p.site_id = k.site_id AND p.id = k.purpose_id
	WHERE p.measures AND p.archived_at IS NULL AND k.site_id = ? AND k.contact_id IN (?) AND k.channel = 'email' AND k.state = 'given'`

// measured gives those of some contacts whose messages are measured.
func (s *Service) measured(ctx context.Context, siteID uuid.UUID, contacts []uuid.UUID) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	if err := s.DB.Bun.NewRaw(mayMeasure, siteID, bun.List(contacts)).Scan(ctx, &ids); err != nil {
		return nil, db.MapError(err, "read who is measured")
	}
	out := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// outward is a link of a message into the web.
var outward = regexp.MustCompile(`href="(https?://[^"]*)"`)

// measure has the links of a message, and a picture in it, lead by us.
func (s *Service) measure(siteID uuid.UUID, ref int64, page string) string {
	page = outward.ReplaceAllStringFunc(page, func(found string) string {
		target := html.UnescapeString(outward.FindStringSubmatch(found)[1])
		return `href="` + s.PublicURL + clickedPath + s.Measures.Sign(trace(siteID, ref, target)) + `"`
	})
	return page + `<img src="` + s.PublicURL + openedPath + s.Measures.Sign(trace(siteID, ref, "")) + `" width="1" height="1" alt="">`
}

// trace is what such an address says: the site, the message, and where a link leads.
func trace(siteID uuid.UUID, ref int64, target string) []byte {
	return append(binary.BigEndian.AppendUint64(siteID[:], uint64(ref)), target...) //nolint:gosec // numbers of an identity column
}

// Trace is what an address of a measured message is about.
type Trace struct {
	Target string // where its link leads; empty of the picture
	site   uuid.UUID
	ref    int64
}

// Trace reads the token of an address. NotFound for one that is not ours.
func (s *Service) Trace(token string) (out Trace, err error) {
	payload, ok := s.Measures.Open(token)
	if !ok || len(payload) < 24 {
		return out, fault.New(fault.NotFound, "this link is not one of ours; it may have been cut in two")
	}
	return Trace{site: uuid.UUID(payload[:16]), ref: int64(binary.BigEndian.Uint64(payload[16:24])), Target: string(payload[24:])}, nil //nolint:gosec // as written above
}

// Noticed writes down, the first time, that a message was opened, or that a link in it was followed, which means that it was opened. Of those
// who do not agree any more nothing is written.
func (s *Service) Noticed(ctx context.Context, t Trace) error {
	var row Recipient
	err := s.DB.Bun.NewSelect().Model(&row).Where("site_id = ? AND ref = ?", t.site, t.ref).Scan(ctx)
	clicked := t.Target != ""
	switch {
	case db.NoRows(err):
		return nil // its campaign is gone
	case err != nil:
		return db.MapError(err, "read recipient")
	case row.OpenedAt != nil && (!clicked || row.ClickedAt != nil):
		return nil
	}
	who, err := s.measured(ctx, t.site, []uuid.UUID{row.ContactID})
	if err != nil || !who[row.ContactID] {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := lock(ctx, tx, t.site, row.CampaignID)
		if err != nil {
			return err
		}
		var was struct{ OpenedAt, ClickedAt *time.Time }
		err = tx.NewRaw(`UPDATE campaign_recipient r SET opened_at = coalesce(r.opened_at, ?2), clicked_at = coalesce(r.clicked_at, CASE WHEN ?3 THEN ?2::timestamptz END)
			FROM campaign_recipient o WHERE r.site_id = ?0 AND r.ref = ?1 AND o.site_id = r.site_id AND o.ref = r.ref RETURNING o.opened_at, o.clicked_at`, t.site, t.ref, s.now(), clicked).Scan(ctx, &was)
		if err != nil {
			return db.MapError(err, "write what was noticed")
		}
		_, err = tx.NewRaw("UPDATE campaign SET opened = opened + ?, clicked = clicked + ? WHERE site_id = ? AND id = ?",
			one(was.OpenedAt == nil), one(clicked && was.ClickedAt == nil), c.SiteID, c.ID).Exec(ctx)
		return db.MapError(err, "count what was noticed")
	})
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}
