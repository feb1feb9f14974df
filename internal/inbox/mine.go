package inbox

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// What an end user sees of their own inbox. The account says whose it is, after a merge too.

// Mine is a thread as its person sees it.
type Mine struct{ Thread }

// contactOf gives whose inbox an account's is.
func (s *Service) contactOf(ctx context.Context, a site.Actor) (id uuid.UUID, err error) {
	err = s.db.Bun.NewRaw("SELECT contact_id FROM account WHERE site_id = ? AND id = ?", a.SiteID, a.ID).Scan(ctx, &id)
	return id, db.Missing(err, "account", "read account")
}

func (s *Service) me(ctx context.Context) (a site.Actor, contactID uuid.UUID, err error) {
	if a, err = site.RequireBook(ctx, site.AccessAccount); err != nil {
		return a, contactID, err
	}
	contactID, err = s.contactOf(ctx, a)
	return a, contactID, err
}

// MyThreads gives the threads of the end user who calls.
func (s *Service) MyThreads(ctx context.Context, first int, after string) (out ThreadPage, err error) {
	a, of, err := s.me(ctx)
	if err != nil {
		return out, err
	}
	out.Threads = []*Thread{}
	out.More, err = page(ctx, s.db.Bun.NewSelect().Model((*Thread)(nil)).Where("site_id = ? AND contact_id = ?", a.SiteID, of), &out.Threads, first, after)
	return out, err
}

// MyUnread counts the messages that the end user who calls has not read, and tells whose they are.
func (s *Service) MyUnread(ctx context.Context) (n int, contactID uuid.UUID, err error) {
	a, of, err := s.me(ctx)
	if err != nil {
		return 0, of, err
	}
	err = s.db.Bun.NewRaw("SELECT coalesce(sum(person_unread), 0) FROM inbox_thread WHERE site_id = ? AND contact_id = ?", a.SiteID, of).Scan(ctx, &n)
	return n, of, db.MapError(err, "count unread messages")
}

// MyThread gives one thread of the end user who calls. NotFound for somebody else's.
func (s *Service) MyThread(ctx context.Context, id uuid.UUID) (*Thread, error) {
	a, of, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	t := new(Thread)
	err = s.db.Bun.NewSelect().Model(t).Where("site_id = ? AND id = ? AND contact_id = ?", a.SiteID, id, of).Scan(ctx)
	return t, db.Missing(err, "thread", "read thread")
}

// mine locks a thread of the account's owner, who calls, and does something to it.
func (s *Service) mine(ctx context.Context, id uuid.UUID, do func(ctx context.Context, tx bun.Tx, a site.Actor, t *Thread) error) (t *Thread, err error) {
	a, err := account.RequireOwner(ctx)
	if err != nil {
		return nil, err
	}
	of, err := s.contactOf(ctx, a)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// In turns, so that what they write in an hour can be counted.
		if _, err := tx.NewRaw("SELECT FROM account WHERE site_id = ? AND id = ? FOR NO KEY UPDATE", a.SiteID, a.ID).Exec(ctx); err != nil {
			return db.MapError(err, "lock account")
		}
		if t, err = lock(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if t.ContactID != of {
			return fault.Missing("thread")
		}
		return do(ctx, tx, a, t)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Reply writes an answer of the end user who calls, and opens the thread anew. Mendable: REQUIRED, TOO_LONG. RateLimited.
func (s *Service) Reply(ctx context.Context, id uuid.UUID, body string) (*Thread, error) {
	body, err := clean(body)
	if err != nil {
		return nil, err
	}
	return s.mine(ctx, id, func(ctx context.Context, tx bun.Tx, a site.Actor, t *Thread) error {
		now := s.Now()
		n, err := tx.NewSelect().Model((*Message)(nil)).Where("site_id = ? AND author_id = ? AND author = 'person' AND at > ?", a.SiteID, a.ID, now.Add(-time.Hour)).Count(ctx)
		switch {
		case err != nil:
			return db.MapError(err, "count messages")
		case n >= maxAnHour:
			return fault.New(fault.RateLimited, "you have written %d messages within an hour; go on a little later", n)
		}
		name := a.Name // the address of one who has no name
		err = tx.NewRaw("SELECT coalesce(nullif(trim(first_name || ' ' || last_name), ''), ?) FROM contact WHERE site_id = ? AND id = ?", name, a.SiteID, t.ContactID).Scan(ctx, &name)
		if err != nil {
			return db.MapError(err, "read name")
		}
		if err := looked(ctx, tx, t); err != nil {
			return err
		}
		return add(ctx, tx, t, &Message{Author: Person, AuthorID: &a.ID, AuthorName: name, Body: body, At: now})
	})
}

// MyRead marks a thread as read by the end user who calls, who has looked into their inbox then.
func (s *Service) MyRead(ctx context.Context, id uuid.UUID) (*Thread, error) {
	return s.mine(ctx, id, func(ctx context.Context, tx bun.Tx, _ site.Actor, t *Thread) error {
		if err := looked(ctx, tx, t); err != nil || t.PersonUnread == 0 {
			return err
		}
		t.PersonUnread = 0
		_, err := tx.NewUpdate().Model(t).Column("person_unread").WherePK().Exec(ctx)
		return db.MapError(err, "read thread")
	})
}

// MyMessages gives the messages of a thread that MyThread or Mine gave, the newest first.
func (s *Service) MyMessages(ctx context.Context, t *Thread, first int, after string) (MessagePage, error) {
	if _, err := s.MyThread(ctx, t.ID); err != nil {
		return MessagePage{}, err
	}
	return messages(ctx, s.db.Bun, t, first, after)
}

// MyLast gives the last message of each of many threads of the end user who calls.
func (s *Service) MyLast(ctx context.Context, threads []uuid.UUID) (map[uuid.UUID]*Message, error) {
	a, _, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return lastOf(ctx, s.db.Bun, a.SiteID, threads)
}
