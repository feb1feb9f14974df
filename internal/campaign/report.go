package campaign

import (
	"context"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/sms"
)

// Report writes what a provider tells later of a text message. Reports come in any order, more than once, and before the answer to the
// message itself is read: a message that was delivered stays so. Of a campaign that is gone it does nothing.
func (s *Service) Report(ctx context.Context, ref sms.Ref, report sms.Report) error {
	state, reason, from := Delivered, Reason(""), []State{UnderWay, Sent, Uncertain, Failed}
	if !report.Delivered {
		state, reason, from = Failed, Undelivered, []State{UnderWay, Sent, Uncertain}
		if report.Dead {
			reason = Bounced
		}
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := lock(ctx, tx, ref.Site, ref.Campaign) // counts are written by who holds the campaign
		if err != nil {
			if fault.CodeOf(err) == fault.NotFound {
				return nil
			}
			return err
		}
		var was struct {
			State      State
			AddressKey string
		}
		err = tx.NewRaw(`SELECT state, address_key FROM campaign_recipient WHERE site_id = ? AND campaign_id = ? AND contact_id = ? AND state IN (?) FOR UPDATE`,
			ref.Site, ref.Campaign, ref.Contact, bun.List(from)).Scan(ctx, &was)
		if db.NoRows(err) {
			return nil
		}
		if err != nil {
			return db.MapError(err, "read recipient")
		}
		_, err = tx.NewRaw(`UPDATE campaign_recipient SET state = ?, reason = ?, problem = ?, settled_at = ? WHERE site_id = ? AND campaign_id = ? AND contact_id = ?`,
			state, reason, short(report.Problem), s.now(), ref.Site, ref.Campaign, ref.Contact).Exec(ctx)
		if err != nil {
			return db.MapError(err, "write report")
		}
		if reason == Bounced && was.AddressKey != "" {
			if err := rememberDead(ctx, tx, c.SiteID, was.AddressKey, short(report.Problem)); err != nil {
				return err
			}
		}
		count := func(of State) [4]int { // sent, delivered, failed, uncertain
			switch of {
			case Sent:
				return [4]int{1, 0, 0, 0}
			case Delivered:
				return [4]int{1, 1, 0, 0}
			case Failed:
				return [4]int{0, 0, 1, 0}
			case Uncertain:
				return [4]int{0, 0, 0, 1}
			}
			return [4]int{}
		}
		now, before := count(state), count(was.State)
		_, err = tx.NewRaw(`UPDATE campaign SET sent = sent + ?, delivered = delivered + ?, failed = failed + ?, uncertain = uncertain + ? WHERE site_id = ? AND id = ?`,
			now[0]-before[0], now[1]-before[1], now[2]-before[2], now[3]-before[3], c.SiteID, c.ID).Exec(ctx)
		return db.MapError(err, "count report")
	})
}
