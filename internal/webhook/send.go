package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
)

const (
	lease     = time.Minute      // a webhook in work is nobody else's for so long; a try takes ten seconds at most
	idle      = 5 * time.Second  // between looks at the queue when nobody wakes us
	atOnce    = 8                // receivers that one process talks to
	rest      = 10 * time.Second // before another delivery is tried with a receiver that failed, for each failure in a row
	restMost  = 2 * time.Minute
	answerMax = 64 << 10           // of a receiver's answer that is read
	patience  = 3 * 24 * time.Hour // without a success; then a delivery that is given up disables the webhook
)

// pauses are the waits after each failed try of a delivery; after the last, a day in all, it is given up.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour,
}

// Wake makes the queue be looked at soon. It never blocks.
func (s *Service) Wake() { s.queue.Wake() }

// deliver sends what falls due until the context ends.
func (s *Service) deliver(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	free := make(chan struct{}, atOnce)
	s.queue.Run(ctx, func(ctx context.Context) {
		if err := s.drain(ctx, &work, free); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "deliver to webhooks", "error", err)
		}
	})
}

// drain begins a try for every webhook that has something due. Each of them looks again when it is done.
func (s *Service) drain(ctx context.Context, work *sync.WaitGroup, free chan struct{}) error {
	for {
		select {
		case free <- struct{}{}:
		default: // whoever is done wakes us
			return nil
		}
		hook, found, err := s.take(ctx)
		if err != nil || !found {
			<-free
			return err
		}
		work.Go(func() {
			if err := s.next(ctx, hook); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "deliver to a webhook", "site", hook.SiteID, "webhook", hook.ID, "error", err)
			}
			<-free
			s.Wake()
		})
	}
}

// takeDue leases a webhook that something is due for, the one that has waited longest.
const takeDue = `
UPDATE webhook SET busy_until = ?1
WHERE (site_id, id) = (
    SELECT site_id, id FROM webhook AS w WHERE disabled_at IS NULL AND coalesce(busy_until, '-infinity') <= ?0
    AND EXISTS (SELECT FROM webhook_delivery WHERE site_id = w.site_id AND webhook_id = w.id AND status = 'queued' AND next_at <= ?0)
    ORDER BY busy_until NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *`

func (s *Service) take(ctx context.Context) (*Webhook, bool, error) {
	row := new(Webhook)
	err := s.db.Bun.NewRaw(takeDue, s.now(), s.now().Add(lease)).Scan(ctx, row)
	if db.NoRows(err) {
		return nil, false, nil
	}
	return row, err == nil, db.MapError(err, "take webhook")
}

// firstDue reads a test that is due, else what is due first: who asks for a test of a receiver that has failed looks on, and
// the test must not wait behind what failed.
const firstDue = `
SELECT * FROM (
    (SELECT * FROM webhook_delivery WHERE site_id = ?0 AND webhook_id = ?1 AND status = 'queued' AND event = 'webhook.test' AND next_at <= ?2 ORDER BY number LIMIT 1)
    UNION ALL
    (SELECT * FROM webhook_delivery WHERE site_id = ?0 AND webhook_id = ?1 AND status = 'queued' AND next_at <= ?2 ORDER BY number LIMIT 1)) AS due
ORDER BY event = 'webhook.test' DESC LIMIT 1`

// next tries the first delivery that is due to a webhook.
func (s *Service) next(ctx context.Context, hook *Webhook) error {
	d := new(Delivery)
	err := s.db.Bun.NewRaw(firstDue, hook.SiteID, hook.ID, s.now()).Scan(ctx, d)
	if db.NoRows(err) {
		return s.release(ctx, hook)
	}
	if err != nil {
		return errors.Join(db.MapError(err, "read delivery"), s.release(ctx, hook))
	}
	status, problem := s.post(ctx, hook, d)
	if ctx.Err() != nil && problem != nil {
		return s.release(ctx, hook) // the program ends; that is nobody's failure
	}
	return s.settle(context.WithoutCancel(ctx), hook, d, status, problem)
}

func (s *Service) release(ctx context.Context, hook *Webhook) error {
	_, err := s.db.Bun.NewUpdate().Model(hook).Set("busy_until = NULL").WherePK().Exec(context.WithoutCancel(ctx))
	return db.MapError(err, "release webhook")
}

// post sends a delivery. status is the answer's, 0 when there is none; problem is nil when the receiver took it.
func (s *Service) post(ctx context.Context, hook *Webhook, d *Delivery) (status int, problem error) {
	bodies, err := s.bodies(ctx, d)
	if err != nil {
		return 0, err
	}
	body := bodies[0]
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	now := s.now()
	signatures, err := s.signatures(hook, d.ID.String(), now, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Carnet-Webhooks/1")
	req.Header.Set("webhook-id", d.ID.String())
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", signatures)
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, answerMax) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, fmt.Errorf("the receiver answered %s", resp.Status)
	}
	return resp.StatusCode, nil
}

func (s *Service) signatures(hook *Webhook, id string, now time.Time, body []byte) (string, error) {
	sealed := [][]byte{hook.Secret}
	if hook.OldUntil != nil && now.Before(*hook.OldUntil) {
		sealed = append(sealed, hook.OldSecret)
	}
	all := make([]string, len(sealed))
	for i, one := range sealed {
		plain, err := s.sealer.Open(one, hook.place())
		if err != nil {
			return "", err
		}
		if all[i], err = sign(string(plain), id, now, body); err != nil {
			return "", err
		}
	}
	return strings.Join(all, " "), nil
}

// settle writes what became of a try.
func (s *Service) settle(ctx context.Context, hook *Webhook, d *Delivery, status int, problem error) error {
	now := s.now()
	d.Attempts++
	if d.ResponseStatus = nil; status != 0 {
		d.ResponseStatus = &status
	}
	switch {
	case problem == nil:
		d.Status, d.Problem, d.DeliveredAt = Delivered, "", &now
	case status == http.StatusGone || d.Event == Test || d.Attempts > len(pauses):
		d.Status, d.Problem = GaveUp, short(problem)
	default:
		d.Problem, d.NextAt = short(problem), now.Add(pauses[d.Attempts-1])
	}
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if d.Status == GaveUp { // it may disable the webhook, and then other segments are followed
			if err := takeTurns(ctx, tx, hook.SiteID); err != nil {
				return err
			}
		}
		err := tx.NewSelect().Model(hook).WherePK().For("NO KEY UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return nil // it was deleted meanwhile
		}
		if err != nil {
			return db.MapError(err, "hold webhook")
		}
		if hook.DisabledAt != nil && d.Status == Queued { // meanwhile, with all that waited
			d.Status = GaveUp
		}
		if _, err := tx.NewUpdate().Model(d).Column("status", "attempts", "next_at", "response_status", "problem", "delivered_at").WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "settle delivery")
		}
		switch {
		case problem == nil:
			_, err = tx.NewUpdate().Model(hook).Set("busy_until = NULL, failures = 0, failing_since = NULL").WherePK().Exec(ctx)
		case d.Event == Test: // whoever asked hears of it; nothing that matters was lost
			_, err = tx.NewUpdate().Model(hook).Set("busy_until = NULL").WherePK().Exec(ctx)
		default:
			return s.failed(ctx, tx, hook, d, status)
		}
		return db.MapError(err, "settle webhook")
	})
	if err == nil {
		s.tries.count(d.Status)
	}
	return err
}

// failed notes a failure of the webhook, which rests a moment, or is disabled.
func (s *Service) failed(ctx context.Context, tx bun.IDB, hook *Webhook, d *Delivery, status int) error {
	now := s.now()
	s.log.WarnContext(ctx, "webhook failed", "site", hook.SiteID, "webhook", hook.ID, "delivery", d.ID, "attempt", d.Attempts, "status", status, "given_up", d.Status == GaveUp)
	_, err := tx.NewUpdate().Model(hook).Set("busy_until = ?, failures = failures + 1, failing_since = coalesce(failing_since, ?)",
		now.Add(min(rest*time.Duration(hook.Failures+1), restMost)), now).WherePK().Exec(ctx)
	if err != nil {
		return db.MapError(err, "settle webhook")
	}
	why := ByGone
	if status != http.StatusGone {
		if d.Status != GaveUp || hook.FailingSince == nil || now.Sub(*hook.FailingSince) < patience {
			return nil
		}
		why = ByFailing
	}
	if hook.DisabledAt != nil {
		return nil
	}
	if err := s.disable(ctx, tx, hook, why); err != nil {
		return err
	}
	return s.refollow(ctx, tx, hook.SiteID)
}

// short gives an error as one line of at most 300 bytes.
func short(err error) string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(err.Error(), ""), "\x00", "")), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "")
	}
	return text
}
