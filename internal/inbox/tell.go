package inbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
)

// Whoever has not read what staff or a campaign wrote within Wait gets a mail that says that something waits, never what, and no further one
// until they look into their inbox. The mail is written by the transaction that notes it, so a crash neither loses nor repeats it.

// Wait is how long a message waits to be read before a mail tells of it.
const Wait = 10 * time.Minute

const tellEvery = 30 * time.Second

// Run tells until ctx ends. Processes may do so at the same time: each person is told by one.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		if err := s.Tell(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "tell of messages in inboxes", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Tell writes the mails that are due.
func (s *Service) Tell(ctx context.Context) error {
	now := s.Now()
	// Who has no account any more is told nothing.
	_, err := s.db.Bun.NewRaw(`UPDATE inbox_thread t SET tell_at = NULL WHERE tell_at <= ?
		AND NOT EXISTS (SELECT FROM account a WHERE a.site_id = t.site_id AND a.contact_id = t.contact_id)`, now).Exec(ctx)
	if err != nil {
		return db.MapError(err, "forget threads without an account")
	}
	for more := true; more; {
		err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
			more, err = s.tellNext(ctx, tx, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// nextDue locks the account that has waited longest, as whoever reads in it does; one that somebody has locked is left to them.
const nextDue = `SELECT a.site_id, a.contact_id, a.email, coalesce(nullif(c.language, ''), a.language) AS language,
		s.inbox_mail AND s.contact_management AND a.proven_at IS NOT NULL AND a.disabled_at IS NULL AND c.deleted_at IS NULL
			AND NOT EXISTS (SELECT FROM dead_address d WHERE d.site_id = a.site_id AND d.address_key = a.email_key) AS reached
	FROM inbox_thread t JOIN account a ON a.site_id = t.site_id AND a.contact_id = t.contact_id
		JOIN contact c ON c.site_id = a.site_id AND c.id = a.contact_id JOIN site s ON s.id = a.site_id
	WHERE t.tell_at <= ? ORDER BY t.tell_at LIMIT 1 FOR NO KEY UPDATE OF a SKIP LOCKED`

// tellNext tells one person, and settles all that waits for them. False: nobody is left.
func (s *Service) tellNext(ctx context.Context, tx bun.Tx, now time.Time) (bool, error) {
	var who struct {
		SiteID, ContactID uuid.UUID
		Email, Language   string
		Reached           bool
	}
	err := tx.NewRaw(nextDue, now).Scan(ctx, &who)
	if db.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, db.MapError(err, "find whom to tell")
	}
	var told bool
	err = tx.NewRaw("SELECT EXISTS (SELECT FROM inbox_thread WHERE site_id = ? AND contact_id = ? AND told_at IS NOT NULL)", who.SiteID, who.ContactID).Scan(ctx, &told)
	if err != nil {
		return false, db.MapError(err, "read whether they were told")
	}
	mail := who.Reached && !told
	res, err := tx.NewRaw("UPDATE inbox_thread SET tell_at = NULL, told_at = CASE WHEN ?3 THEN ?2 ELSE told_at END WHERE site_id = ?0 AND contact_id = ?1 AND tell_at IS NOT NULL",
		who.SiteID, who.ContactID, now, mail).Exec(ctx)
	if err != nil {
		return false, db.MapError(err, "note that they were told")
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 || !mail { // none: they read, or another process told them, just before the lock
		return true, err
	}
	page, err := account.LandingPage(ctx, tx, who.SiteID)
	if err != nil {
		return false, err
	}
	return true, s.mail(ctx, tx, account.Mail{SiteID: who.SiteID, To: who.Email, Kind: account.MailInbox, Language: who.Language, Data: map[string]string{"link": page}})
}

// looked notes that a person has looked into their inbox: what waits there they have seen, and what comes next is told of again.
func looked(ctx context.Context, tx bun.IDB, t *Thread) error {
	t.TellAt, t.ToldAt = nil, nil
	_, err := tx.NewRaw("UPDATE inbox_thread SET tell_at = NULL, told_at = NULL WHERE site_id = ? AND contact_id = ? AND (tell_at IS NOT NULL OR told_at IS NOT NULL)",
		t.SiteID, t.ContactID).Exec(ctx)
	return db.MapError(err, "note that they looked")
}
