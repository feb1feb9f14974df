package campaign

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// furthest is how far ahead a campaign may be planned.
const furthest = 366 * 24 * time.Hour

// Send has a draft sent, now or at a time. Who gets it is decided then. Needs a manager. Conflict when the draft is not the version that
// was read, or there is no mail server.
func (s *Service) Send(ctx context.Context, id uuid.UUID, version int, at *time.Time) (*Campaign, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if !s.Mail.Configured() {
		return nil, fault.New(fault.Conflict, "there is no mail server yet: whoever runs Carnet sets CARNET_SMTP_URL and CARNET_MAIL_FROM")
	}
	now := s.now()
	if at == nil || at.Before(now) {
		at = &now
	}
	if at.Sub(now) > furthest {
		return nil, fault.Invalid(fault.InvalidDate, []string{"at"}, "a campaign is planned a year ahead at most")
	}
	draft, err := s.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	// What it names may have gone since it was written.
	if err := s.check(ctx, a, &DraftChange{ID: &draft.ID, Name: draft.Name, Purpose: draft.PurposeID, Offer: draft.OfferID, Texts: draft.Texts, Target: draft.Target}); err != nil {
		return nil, err
	}
	return s.change(ctx, a, id, func(ctx context.Context, tx bun.Tx, c *Campaign) error {
		switch {
		case c.Status != Draft:
			return fault.New(fault.Conflict, "this campaign is being sent already, or was")
		case c.Version != version:
			return fault.New(fault.Conflict, "somebody has changed this draft meanwhile; read it again before it is sent")
		}
		c.SendAt = at
		return s.goOn(ctx, tx, a, c)
	})
}

// change does something to a locked campaign and gives it as it is then.
func (s *Service) change(ctx context.Context, a site.Actor, id uuid.UUID, do func(context.Context, bun.Tx, *Campaign) error) (c *Campaign, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if c, err = lock(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := do(ctx, tx, c); err != nil {
			return err
		}
		err = tx.NewSelect().Model(c).WherePK().Scan(ctx)
		return db.MapError(err, "read campaign")
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Pause stops a campaign after the messages that are under way. Needs a manager.
func (s *Service) Pause(ctx context.Context, id uuid.UUID) (*Campaign, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, a, id, func(ctx context.Context, tx bun.Tx, c *Campaign) error {
		if c.Status != Queued && c.Status != Sending {
			return fault.New(fault.Conflict, "only a campaign that waits or is being sent can be paused; this one is %s", c.Status)
		}
		return setStatus(ctx, tx, c, Paused, "")
	})
}

// Unpause goes on with a paused campaign, in the name of who resumes it. Needs a manager.
func (s *Service) Unpause(ctx context.Context, id uuid.UUID) (*Campaign, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, a, id, func(ctx context.Context, tx bun.Tx, c *Campaign) error {
		if c.Status != Paused {
			return fault.New(fault.Conflict, "this campaign is not paused")
		}
		return s.goOn(ctx, tx, a, c)
	})
}

// goOn queues a campaign, in the name of who asks for it.
func (s *Service) goOn(ctx context.Context, tx bun.Tx, a site.Actor, c *Campaign) error {
	c.by(a)
	c.Status, c.Problem, c.FinishedAt = Queued, "", nil
	_, err := tx.NewUpdate().Model(c).Column("send_at", "status", "problem", "finished_at", "actor_kind", "actor_id", "actor_name", "access").Set("updated_at = now()").WherePK().Exec(ctx)
	if err != nil {
		return db.MapError(err, "queue campaign")
	}
	return s.Jobs.InsertAt(ctx, tx, campaignJob{c.SiteID, c.ID}, *c.SendAt)
}

// Cancel ends a campaign: whoever has not been sent to is left out. A draft is deleted instead. Needs a manager.
func (s *Service) Cancel(ctx context.Context, id uuid.UUID) (*Campaign, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, a, id, func(ctx context.Context, tx bun.Tx, c *Campaign) error {
		if c.Status == Draft || c.Over() {
			return fault.New(fault.Conflict, "only a campaign that waits, is being sent or is paused can be cancelled; this one is %s", c.Status)
		}
		_, err := tx.NewRaw("UPDATE campaign_recipient SET state = 'left_out', reason = ?, settled_at = ? WHERE site_id = ? AND campaign_id = ? AND state = 'pending'",
			Stopped, s.now(), c.SiteID, c.ID).Exec(ctx)
		if err != nil {
			return db.MapError(err, "cancel campaign")
		}
		if err := recount(ctx, tx, c); err != nil {
			return err
		}
		return setStatus(ctx, tx, c, Cancelled, "")
	})
}

// SendAgain sends once more to those of whom it is uncertain whether the message reached them: to these contacts, or to all. Needs a
// manager, who answers for the second message that some may get.
func (s *Service) SendAgain(ctx context.Context, id uuid.UUID, contacts []uuid.UUID) (*Campaign, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if len(contacts) > contact.MaxIDs {
		return nil, fault.Invalid(fault.TooLong, []string{"contactIds"}, "at most %d contacts at once; leave them out to mean all", contact.MaxIDs)
	}
	return s.change(ctx, a, id, func(ctx context.Context, tx bun.Tx, c *Campaign) error {
		q := tx.NewUpdate().Model((*Recipient)(nil)).Set("state = 'pending', next_at = ?, attempts = 0", s.now()).Where("site_id = ? AND campaign_id = ? AND state = 'uncertain' AND address <> ''", c.SiteID, c.ID)
		if contacts != nil {
			q = q.Where("contact_id IN (?)", bun.List(contacts))
		}
		res, err := q.Exec(ctx)
		if err != nil {
			return db.MapError(err, "send again")
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fault.New(fault.Conflict, "of none of these it is uncertain whether the message reached them")
		}
		if err := recount(ctx, tx, c); err != nil || c.Status == Paused {
			return err
		}
		return s.goOn(ctx, tx, a, c)
	})
}

// Try sends a text of a campaign, whatever its status, to the member of staff who asks, as one contact would get it. Needs a manager.
func (s *Service) Try(ctx context.Context, id uuid.UUID, as *uuid.UUID, language string) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	member, err := s.Sites.Member(ctx)
	if err != nil {
		return err
	}
	m, err := s.Preview(ctx, id, as, language)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return s.Mail.QueueTrial(ctx, tx, a.SiteID, member.Email, m.Subject, m.Text, m.HTML)
	})
}
