package campaign

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/time/rate"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/job"
	"carnet/internal/message"
	"carnet/internal/site"
)

const (
	chunk      = 200                  // recipients read at once
	lost       = 2 * message.Patience // a message that is under way for longer is uncertain
	countEvery = 2 * time.Second
	maxTries   = 5
)

// pauses are the waits after a message was not taken; later ones wait as long as the last.
var pauses = []time.Duration{30 * time.Second, 5 * time.Minute, 30 * time.Minute}

// campaignJob has a campaign worked on. There may be several of one campaign: a recipient is taken once, and in a process they take turns,
// so that its lines to the mail server are not twice as many.
type campaignJob struct {
	SiteID     uuid.UUID `json:"siteId"`
	CampaignID uuid.UUID `json:"campaignId"`
}

// Kind names the job.
func (campaignJob) Kind() string { return "campaign" }

// Resume has every campaign worked on that is under way, or has messages that are. For the program's start: the process that worked on it may have been killed.
func (s *Service) Resume(ctx context.Context) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var open []*Campaign
		if err := tx.NewSelect().Model(&open).Column("site_id", "id").
			Where("status = 'sending' OR status = 'queued' AND send_at <= now() OR EXISTS (SELECT FROM campaign_recipient r WHERE r.site_id = campaign.site_id AND r.campaign_id = campaign.id AND r.state = 'sending')").Order("id").Scan(ctx); err != nil {
			return db.MapError(err, "read open campaigns")
		}
		for _, c := range open {
			if err := s.Jobs.Insert(ctx, tx, campaignJob{c.SiteID, c.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// work sends until the campaign is over, its turn has passed or the program stops.
func (s *Service) work(ctx context.Context, j campaignJob, last bool) error {
	if _, busy := s.working.LoadOrStore(j.CampaignID, true); busy {
		return job.Later(time.Second)
	}
	defer s.working.Delete(j.CampaignID)
	wait, err := s.portion(ctx, j)
	switch {
	case err != nil && ctx.Err() == nil && mendable(err): // what it names has gone: trying again is of no use
		return s.stop(ctx, j, message.Short(err))
	case err != nil && last && ctx.Err() == nil:
		return errors.Join(err, s.stop(ctx, j, "something went wrong on our side; resume it to go on"))
	case err != nil:
		return err
	case wait == 0:
		return job.Again
	case wait > 0:
		return job.Later(wait)
	}
	return nil // over, paused or gone
}

// mendable tells whether people can mend what stands against a campaign.
func mendable(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.NotFound || code == fault.BadInput
}

const nothingToDo = time.Duration(-1)

// portion begins a campaign, or goes on with it, and says when to go on: at once, later, or not at all.
func (s *Service) portion(ctx context.Context, j campaignJob) (wait time.Duration, err error) {
	c, of, err := s.begin(ctx, j)
	if err != nil {
		return nothingToDo, err
	}
	if c == nil {
		return s.leftBehind(ctx, j)
	}
	run := &sending{s: s, c: c, of: of, templates: map[string]*template{}}
	if run.fields, err = field.All(ctx, s.DB.Bun, of.ID, false); err != nil {
		return nothingToDo, err
	}
	if run.offer, err = s.offerOf(ctx, of, c.OfferID); err != nil {
		return nothingToDo, err
	}
	if s.Rate > 0 {
		run.limit = rate.NewLimiter(rate.Limit(s.Rate), 1)
	}
	turn, done := context.WithTimeout(ctx, job.Portion)
	defer done()
	go func() {
		select {
		case <-s.Jobs.Stopping():
			done()
		case <-turn.Done():
		}
	}()
	if err := run.all(ctx, turn); err != nil {
		return nothingToDo, err
	}
	return s.after(ctx, run)
}

// begin gives a campaign that is being sent, freezing who gets it when it is the first time; nil when there is nothing to send.
func (s *Service) begin(ctx context.Context, j campaignJob) (c *Campaign, of site.Site, err error) {
	c = new(Campaign)
	err = s.DB.Bun.NewSelect().Model(c).Where("site_id = ? AND id = ?", j.SiteID, j.CampaignID).Scan(ctx)
	if db.NoRows(err) {
		return nil, of, nil
	}
	if err != nil {
		return nil, of, db.MapError(err, "read campaign")
	}
	a, allowed, err := s.actor(ctx, c)
	if err != nil {
		return nil, of, err
	}
	if allowed {
		ctx = site.WithActor(ctx, a)
		if of, err = site.Of(ctx, s.DB.Bun, a); err != nil {
			return nil, of, err
		}
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if c, err = lock(ctx, tx, j.SiteID, j.CampaignID); err != nil {
			return err
		}
		switch {
		case c.Status == Queued && !c.SendAt.After(s.now()), c.Status == Sending:
		default:
			c = nil
			return nil
		}
		if !allowed {
			defer func() { c = nil }()
			return setStatus(ctx, tx, c, Paused, "whoever had it sent may no longer do so; somebody else can resume it")
		}
		if c.Status == Sending {
			return nil
		}
		if c.StartedAt == nil {
			now := s.now()
			c.StartedAt = &now
			if _, err := tx.NewUpdate().Model(c).Column("started_at").WherePK().Exec(ctx); err != nil {
				return db.MapError(err, "begin campaign")
			}
			if err := s.freeze(ctx, tx, a, c); err != nil {
				return err
			}
		}
		return setStatus(ctx, tx, c, Sending, "")
	})
	return c, of, err
}

// actor gives the one who had a campaign sent with today's rights, and whether they still suffice.
func (s *Service) actor(ctx context.Context, c *Campaign) (a site.Actor, allowed bool, err error) {
	a = site.Actor{Kind: c.ActorKind, SiteID: c.SiteID, Name: c.ActorName, Access: c.Access, Book: true}
	if c.ActorID != nil {
		a.ID = *c.ActorID
	}
	now, err := s.Sites.Standing(ctx, a)
	if code := fault.CodeOf(err); err != nil && (code == fault.Unauthenticated || code == fault.Forbidden || code == fault.NotFound) {
		return a, false, nil
	}
	return now, now.Book && now.Access >= site.AccessManager, err
}

func setStatus(ctx context.Context, tx bun.IDB, c *Campaign, status Status, problem string) error {
	c.Status, c.Problem = status, problem
	if c.Over() {
		now := time.Now()
		c.FinishedAt = &now
	} else {
		c.FinishedAt = nil
	}
	_, err := tx.NewUpdate().Model(c).Column("status", "problem", "finished_at").Set("updated_at = now()").WherePK().Exec(ctx)
	return db.MapError(err, "write campaign")
}

// stop pauses a campaign that is being sent.
func (s *Service) stop(ctx context.Context, j campaignJob, problem string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := lock(ctx, tx, j.SiteID, j.CampaignID)
		if err != nil || c.Status != Sending && c.Status != Queued {
			return err
		}
		return setStatus(ctx, tx, c, Paused, problem)
	})
}

// after counts, and says whether and when there is more to do.
func (s *Service) after(ctx context.Context, run *sending) (wait time.Duration, err error) {
	wait = nothingToDo
	err = s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := lock(ctx, tx, run.c.SiteID, run.c.ID)
		if err != nil {
			return err
		}
		if err := s.findLost(ctx, tx, c); err != nil {
			return err
		}
		if c.Status != Sending {
			return nil
		}
		if run.barred != "" {
			return setStatus(ctx, tx, c, Paused, run.barred)
		}
		var next struct {
			Open int
			At   *time.Time
		}
		err = tx.NewRaw(`SELECT count(*) AS open, min(CASE state WHEN 'sending' THEN taken_at + ?2 * interval '1 second' ELSE next_at END) AS at
			FROM campaign_recipient WHERE site_id = ?0 AND campaign_id = ?1 AND state IN ('pending', 'sending')`, c.SiteID, c.ID, lost.Seconds()).Scan(ctx, &next)
		switch {
		case err != nil:
			return db.MapError(err, "count open recipients")
		case next.Open == 0:
			return setStatus(ctx, tx, c, Done, "")
		case run.unreachable != "":
			wait = pauses[0]
			return setStatus(ctx, tx, c, Sending, run.unreachable)
		}
		wait = max(0, next.At.Sub(s.now()))
		return setStatus(ctx, tx, c, Sending, "")
	})
	return wait, err
}

// findLost lists as uncertain those who have been sent to for longer than that takes, and counts.
func (s *Service) findLost(ctx context.Context, tx bun.IDB, c *Campaign) error {
	_, err := tx.NewRaw(`UPDATE campaign_recipient SET state = 'uncertain', settled_at = ?0 WHERE site_id = ?1 AND campaign_id = ?2 AND state = 'sending' AND taken_at < ?3`,
		s.now(), c.SiteID, c.ID, s.now().Add(-lost)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "find lost messages")
	}
	return recount(ctx, tx, c)
}

// leftBehind looks after a campaign that is not being sent: a process may have died on messages that were under way when it was paused or
// cancelled.
func (s *Service) leftBehind(ctx context.Context, j campaignJob) (wait time.Duration, err error) {
	wait = nothingToDo
	err = s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := lock(ctx, tx, j.SiteID, j.CampaignID)
		if err != nil {
			if fault.CodeOf(err) == fault.NotFound {
				return nil
			}
			return err
		}
		if err := s.findLost(ctx, tx, c); err != nil {
			return err
		}
		under, err := tx.NewSelect().Model((*Recipient)(nil)).Where("site_id = ? AND campaign_id = ? AND state = 'sending'", c.SiteID, c.ID).Exists(ctx)
		if under {
			wait = lost
		}
		return db.MapError(err, "look for messages under way")
	})
	return wait, err
}
