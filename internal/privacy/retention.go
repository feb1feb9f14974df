package privacy

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/site"
)

// Retention is how long a site keeps what nobody uses; nil: for good. While it is not enabled, nothing is done.
type Retention struct {
	bun.BaseModel `bun:"table:retention,alias:retention"`

	SiteID        uuid.UUID `bun:",pk"`
	Enabled       bool
	ContactMonths *int // persons without any sign of life for so long are erased
	HistoryMonths *int // what changed is forgotten
	MessageMonths *int // and what was sent, and where campaigns went
	AuditMonths   *int
	UpdatedAt     time.Time
	UpdatedByName string
	RanAt         *time.Time // when the last whole run ended
}

// retentionEach is how many rows one transaction of retention deletes, but for persons, who are one each.
const retentionEach = 5000

// Retention gives the site's rules; none yet: those that keep all. Needs a manager.
func (s *Service) Retention(ctx context.Context) (*Retention, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	return s.retentionOf(ctx, a.SiteID)
}

func (s *Service) retentionOf(ctx context.Context, siteID uuid.UUID) (*Retention, error) {
	r := new(Retention)
	err := s.db.Bun.NewSelect().Model(r).Where("site_id = ?", siteID).Scan(ctx)
	if db.NoRows(err) {
		return &Retention{SiteID: siteID}, nil
	}
	return r, db.MapError(err, "read retention")
}

// SaveRetention sets the site's rules. Needs an owner. Mendable: INVALID_VALUE of a number of months that is too small or too large.
func (s *Service) SaveRetention(ctx context.Context, r Retention) (*Retention, error) {
	a, err := site.RequireBook(ctx, site.AccessOwner)
	if err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	r.SiteID, r.UpdatedAt, r.UpdatedByName, r.RanAt = a.SiteID, s.now(), a.Name, nil
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&r).On("CONFLICT (site_id) DO UPDATE").Set("enabled = EXCLUDED.enabled, contact_months = EXCLUDED.contact_months, history_months = EXCLUDED.history_months").
			Set("message_months = EXCLUDED.message_months, audit_months = EXCLUDED.audit_months, updated_at = EXCLUDED.updated_at, updated_by_name = EXCLUDED.updated_by_name, ran_at = NULL").Exec(ctx)
		return db.MapError(err, "save retention")
	})
	return &r, err
}

func (r Retention) check() error {
	var list fault.List
	for _, one := range []struct {
		name   string
		months *int
		least  int
	}{{"contactMonths", r.ContactMonths, 6}, {"historyMonths", r.HistoryMonths, 6}, {"messageMonths", r.MessageMonths, 1}, {"auditMonths", r.AuditMonths, 12}} {
		if one.months != nil && (*one.months < one.least || *one.months > 600) {
			list = append(list, fault.Invalid(fault.InvalidValue, []string{one.name}, "%d to 600 months, or nothing to keep it for good", one.least))
		}
	}
	return list.Err()
}

// idle are persons in whom nothing has been heard of since a moment, and who have nothing with the site: ?0 the site, ?1 the moment, ?2 today of the site's, ?3 now. Operational
// contacts, who are not the site's public, and those in the trash, which has a term of its own, are left alone.
const idle = `c.site_id = ?0 AND c.kind = 'person' AND c.deleted_at IS NULL AND c.types = '{}' AND c.created_at < ?1
	AND NOT EXISTS (SELECT FROM erasure e WHERE e.site_id = ?0 AND e.contact_id = c.id)
	AND NOT EXISTS (SELECT FROM sale_order o WHERE o.site_id = ?0 AND o.buyer_id = c.id AND (o.ordered_at >= ?1 OR o.state = 'completed' AND o.paid <> o.total - o.returned))
	AND NOT EXISTS (SELECT FROM sale_order o WHERE o.site_id = ?0 AND o.payer_id = c.id AND (o.ordered_at >= ?1 OR o.state = 'completed' AND o.paid <> o.total - o.returned))
	AND NOT EXISTS (SELECT FROM ticket t JOIN event e ON e.site_id = t.site_id AND e.id = t.event_id WHERE t.site_id = ?0 AND t.contact_id = c.id AND (e.ends_at >= ?1 OR t.used_at >= ?1))
	AND NOT EXISTS (SELECT FROM booking b JOIN slot s ON s.site_id = b.site_id AND s.id = b.slot_id WHERE b.site_id = ?0 AND b.contact_id = c.id AND s.ends_at >= ?1)
	AND NOT EXISTS (SELECT FROM membership m WHERE m.site_id = ?0 AND m.contact_id = c.id AND (m.ends_on IS NULL OR m.ends_on >= least(?1::date, ?2::date)))
	AND NOT EXISTS (SELECT FROM pass p WHERE p.site_id = ?0 AND p.contact_id = c.id AND p.cancelled_at IS NULL AND p.used < p.uses AND (p.ends_on IS NULL OR p.ends_on >= ?2))
	AND NOT EXISTS (SELECT FROM ledger_account l WHERE l.site_id = ?0 AND l.contact_id = c.id AND l.kind IN ('credit', 'holding') AND l.balance <> 0)
	AND NOT EXISTS (SELECT FROM event e WHERE e.site_id = ?0 AND e.organizer_id = c.id AND e.ends_at >= ?1)
	AND NOT EXISTS (SELECT FROM event_contact x JOIN event e ON e.site_id = x.site_id AND e.id = x.event_id WHERE x.site_id = ?0 AND x.contact_id = c.id AND e.ends_at >= ?1)
	AND NOT EXISTS (SELECT FROM consent_entry n WHERE n.site_id = ?0 AND n.contact_id = c.id AND n.recorded_at >= ?1)
	AND NOT EXISTS (SELECT FROM privacy_request r WHERE r.site_id = ?0 AND r.contact_id = c.id AND r.state = 'open')
	AND NOT EXISTS (SELECT FROM account u WHERE u.site_id = ?0 AND u.contact_id = c.id AND (u.created_at >= ?1
		OR EXISTS (SELECT FROM token_session t WHERE t.site_id = ?0 AND t.account_id = u.id AND t.used_at >= ?1)
		OR EXISTS (SELECT FROM contact_history h WHERE h.site_id = ?0 AND h.contact_id = c.id AND h.account_id = u.id AND h.at >= ?1)))`

// Rows that are older than a moment, by what keeps them: ?0 the site, ?1 the moment.
const (
	oldHistory  = "FROM contact_history WHERE site_id = ?0 AND at < ?1"
	oldMails    = "FROM mail WHERE site_id = ?0 AND created_at < ?1 AND status <> 'queued'"
	oldMailings = "FROM campaign_recipient WHERE site_id = ?0 AND settled_at < ?1 AND state NOT IN ('pending', 'sending') AND (address <> '' OR problem <> '')"
	oldAudit    = "FROM audit_entry WHERE site_id = ?0 AND at < ?1"
)

// RetentionPlan is what rules would do now.
type RetentionPlan struct{ Contacts, History, Messages, Audit int }

// TryRetention counts what rules would do now, without doing it. Needs a manager.
func (s *Service) TryRetention(ctx context.Context, r Retention) (out RetentionPlan, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return out, err
	}
	if err := r.check(); err != nil {
		return out, err
	}
	of, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return out, err
	}
	for _, one := range []struct {
		months *int
		from   string
		to     *int
	}{{r.ContactMonths, "FROM contact c WHERE " + idle, &out.Contacts}, {r.HistoryMonths, oldHistory, &out.History}, {r.MessageMonths, oldMails, &out.Messages}, {r.MessageMonths, oldMailings, &out.Messages}, {r.AuditMonths, oldAudit, &out.Audit}} {
		if one.months == nil {
			continue
		}
		var n int
		if err := s.db.Bun.NewRaw("SELECT count(*) "+one.from, a.SiteID, s.before(*one.months), of.Day(s.now()).Format(time.DateOnly)).Scan(ctx, &n); err != nil {
			return out, db.MapError(err, "try retention")
		}
		*one.to += n
	}
	return out, nil
}

func (s *Service) before(months int) time.Time { return s.now().AddDate(0, -months, 0) }

// IdleContacts gives whom a rule would erase now, by id, after one; at most first (1 to 200). Needs a manager.
func (s *Service) IdleContacts(ctx context.Context, months, first int, after string) (ids []uuid.UUID, more bool, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, false, err
	}
	last := uuid.Nil
	if after != "" {
		last, err = uuid.Parse(after)
	}
	if err != nil || first < 1 || first > 200 {
		return nil, false, fault.New(fault.BadInput, "a page holds 1 to 200 contacts, after one of the page before")
	}
	if err := (Retention{ContactMonths: &months}).check(); err != nil {
		return nil, false, err
	}
	of, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return nil, false, err
	}
	ids, err = s.idle(ctx, of, months, last, first+1)
	return ids[:min(len(ids), first)], len(ids) > first, err
}

func (s *Service) idle(ctx context.Context, of site.Site, months int, after uuid.UUID, most int) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	err := s.db.Bun.NewRaw("SELECT c.id FROM contact c WHERE "+idle+" AND c.id > ?3 ORDER BY c.id LIMIT ?4", of.ID, s.before(months), of.Day(s.now()).Format(time.DateOnly), after, most).Scan(ctx, &ids)
	if db.NoRows(err) {
		err = nil
	}
	return ids, db.MapError(err, "look for contacts without a sign of life")
}

// retentionJob applies a site's rules once.
type retentionJob struct {
	SiteID uuid.UUID `json:"siteId"`
}

// Kind names the job.
func (retentionJob) Kind() string { return "retention" }

// Run has the rules of each site that has some applied once a day, until the context ends. It belongs to the program's start.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		if err := s.ApplyDue(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "begin retention", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// ApplyDue inserts a job for each site whose rules have not been applied for a day.
func (s *Service) ApplyDue(ctx context.Context) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var due []uuid.UUID
		err := tx.NewSelect().Model((*Retention)(nil)).Column("site_id").Where("enabled AND (ran_at IS NULL OR ran_at < ?)", s.now().Add(-23*time.Hour)).Scan(ctx, &due)
		if err != nil && !db.NoRows(err) {
			return db.MapError(err, "read retention")
		}
		for _, id := range due {
			if err := s.erasing.Jobs.InsertOnce(ctx, tx, retentionJob{id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// retain applies a site's rules for as long as its turn is; what is left is done at the next. A person, or a portion of rows, is a transaction.
func (s *Service) retain(ctx context.Context, j retentionJob, _ bool) error {
	of, err := s.sites.ByID(ctx, j.SiteID)
	if err != nil {
		return err
	}
	ctx = site.WithActor(ctx, site.Actor{Kind: site.KindSystem, Access: site.AccessOwner, SiteID: of.ID, Name: "retention", Book: true})
	until := time.Now().Add(job.Portion)
	for {
		r, err := s.retentionOf(ctx, of.ID) // again each time: it may have been switched off meanwhile
		if err != nil || !r.Enabled {
			return err
		}
		did, err := s.portion(ctx, of, r)
		if err != nil {
			return err
		}
		if !did {
			return s.retained(ctx, r)
		}
		select {
		case <-s.erasing.Jobs.Stopping():
			return job.Again
		default:
			if time.Now().After(until) {
				return job.Again
			}
		}
	}
}

// retained ends a run: what was written is tidied once for all.
func (s *Service) retained(ctx context.Context, r *Retention) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewUpdate().Model(r).Set("ran_at = ?", s.now()).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "end retention")
		}
		all := new(Proof)
		for table := range ErasedTables() {
			all.Deeds = append(all.Deeds, account.EraseDeed{Table: table})
		}
		return s.tidyLater(ctx, tx, all)
	})
}

// portion does a little of what the rules ask for; false: there is nothing left.
func (s *Service) portion(ctx context.Context, of site.Site, r *Retention) (did bool, err error) {
	a := site.ActorOf(ctx)
	if r.ContactMonths != nil {
		ids, err := s.idle(ctx, of, *r.ContactMonths, uuid.Nil, 1)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			return true, s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
				_, err := s.eraseIn(ctx, tx, a, id, Retained)
				return err
			})
		}
	}
	for _, one := range []struct {
		months    *int
		do, table string
		from      string
	}{
		{r.HistoryMonths, "DELETE FROM contact_history", "contact_history", oldHistory}, {r.MessageMonths, "DELETE FROM mail", "mail", oldMails},
		{r.MessageMonths, "UPDATE campaign_recipient SET address = '', address_key = '', problem = ''", "campaign_recipient", oldMailings}, {r.AuditMonths, "DELETE FROM audit_entry", "audit_entry", oldAudit},
	} {
		if one.months == nil {
			continue
		}
		err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.NewRaw("SELECT set_config('carnet.audit_retention', ?, true)", of.ID.String()).Exec(ctx); err != nil {
				return db.MapError(err, "begin retention")
			}
			res, err := tx.NewRaw(one.do+" WHERE ctid = ANY (ARRAY(SELECT ctid "+one.from+" LIMIT ?2))", of.ID, s.before(*one.months), retentionEach).Exec(ctx)
			if err != nil {
				return db.MapError(err, "forget from "+one.table)
			}
			n, err := res.RowsAffected()
			did = n > 0
			return err
		})
		if err != nil || did {
			return did, err
		}
	}
	return false, nil
}
