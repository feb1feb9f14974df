package webhook

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/segment"
)

// MaxContacts is how many contacts a delivery names; more are told by further ones.
const MaxContacts = 100

// refollow makes what is followed agree with what the site's enabled webhooks name. Segments that are new among
// it begin with the members that they have now, of whom nobody is told.
func (s *Service) refollow(ctx context.Context, tx bun.IDB, siteID uuid.UUID) error {
	const wanted = `SELECT named.segment_id FROM webhook_segment AS named JOIN webhook ON webhook.site_id = named.site_id AND webhook.id = named.webhook_id
		WHERE named.site_id = ?0 AND webhook.disabled_at IS NULL AND webhook.events && ARRAY['segment.entered', 'segment.left']`
	if _, err := tx.NewRaw("DELETE FROM webhook_follow WHERE site_id = ?0 AND segment_id NOT IN ("+wanted+")", siteID).Exec(ctx); err != nil {
		return db.MapError(err, "follow fewer segments")
	}
	var fresh []uuid.UUID
	err := tx.NewRaw("INSERT INTO webhook_follow (site_id, segment_id) SELECT DISTINCT ?0::uuid, segment_id FROM ("+wanted+") AS wanted ON CONFLICT DO NOTHING RETURNING segment_id", siteID).Scan(ctx, &fresh)
	if err != nil {
		return db.MapError(err, "follow segments")
	}
	for _, id := range fresh {
		if err := s.fill(ctx, tx, siteID, id); err != nil {
			return err
		}
	}
	return nil
}

// fill notes a segment's members without telling of them. The caller holds its row of webhook_follow.
func (s *Service) fill(ctx context.Context, tx bun.IDB, siteID, segmentID uuid.UUID) error {
	who, known, err := segment.Members(ctx, tx, siteID, segmentID, s.now())
	if err != nil || !known {
		return err // what is not known now is filled by a look
	}
	_, err = tx.NewRaw("INSERT INTO webhook_told (site_id, segment_id, contact_id) SELECT ?, ?, id FROM (?) AS who", siteID, segmentID, members(tx, siteID, who, nil)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "note members")
	}
	_, err = tx.NewRaw("UPDATE webhook_follow SET filled = true WHERE site_id = ? AND segment_id = ?", siteID, segmentID).Exec(ctx)
	return db.MapError(err, "note members")
}

// members selects who is in a segment, all or of some contacts.
func members(tx bun.IDB, siteID uuid.UUID, who contact.Condition, of []uuid.UUID) *bun.SelectQuery {
	q := who.Where(tx.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ?", siteID))
	if of != nil {
		q = q.Where("contact.id IN (?)", bun.List(of))
	}
	return q
}

// tell compares who is in a segment with whom the webhooks know to be in it, and does both at once: it notes who moved and
// writes the deliveries, at most MaxContacts a delivery. A full join is a hash join, whatever PostgreSQL believes: right after
// many have entered it believes that nobody is known, and would compare each with each, minutes for 100,000. Rows are deleted
// by their places, which hold: only who holds the segment writes them. ?0 site, ?1 segment, ?2 who is in it, ?3 of whom it is asked, as a
// condition on contact_id, ?4 the sequence of the last event, ?5 now, ?6 MaxContacts, ?7 the segment's name.
const tell = `
WITH present AS MATERIALIZED (?2),
differ AS MATERIALIZED (
    SELECT present.id AS here, known.contact_id AS there, known.place
    FROM present FULL JOIN (SELECT contact_id, ctid AS place FROM webhook_told WHERE site_id = ?0 AND segment_id = ?1 AND ?3) AS known ON known.contact_id = present.id
    WHERE present.id IS NULL OR known.contact_id IS NULL),
entered AS (
    INSERT INTO webhook_told (site_id, segment_id, contact_id) SELECT ?0, ?1, here FROM differ WHERE there IS NULL
    RETURNING contact_id),
gone AS (
    DELETE FROM webhook_told WHERE ctid = ANY (ARRAY(SELECT place FROM differ WHERE here IS NULL))
    RETURNING contact_id),
moved AS (
    SELECT event, contact_id, (row_number() OVER (PARTITION BY event ORDER BY contact_id) - 1) / ?6 AS part
    FROM (SELECT 'segment.entered' AS event, contact_id FROM entered UNION ALL SELECT 'segment.left', contact_id FROM gone) AS moves),
parts AS (
    SELECT event, array_agg(contact_id) AS ids, ?4 + row_number() OVER (ORDER BY event, part) AS sequence FROM moved GROUP BY event, part),
queued AS (
    INSERT INTO webhook_delivery (site_id, id, webhook_id, event, data, contact_ids, next_at, created_at)
    SELECT ?0, gen_random_uuid(), webhook.id, event, jsonb_build_object('segment', jsonb_build_object('id', ?1::uuid, 'name', ?7::text), 'sequence', sequence), ids, ?5, ?5
    FROM parts JOIN webhook_segment AS named ON named.site_id = ?0 AND named.segment_id = ?1
    JOIN webhook ON webhook.site_id = ?0 AND webhook.id = named.webhook_id AND webhook.disabled_at IS NULL AND parts.event = ANY (webhook.events)
    ORDER BY sequence)
SELECT coalesce(max(sequence), ?4) FROM parts`

// look tells of who moved: of all, or of some contacts. While nobody can say who is in the segment, nothing is told.
func (s *Service) look(ctx context.Context, key followKey, of []uuid.UUID) error {
	told := false
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var held struct {
			Sequence int64
			Filled   bool
			Name     string
		}
		// By itself, so that what is compared then is newer than what others who looked have written.
		err := tx.NewRaw(`SELECT follow.sequence, follow.filled, segment.name FROM webhook_follow AS follow JOIN segment ON segment.site_id = follow.site_id AND segment.id = follow.segment_id
			WHERE follow.site_id = ? AND follow.segment_id = ? FOR UPDATE OF follow`, key.site, key.segment).Scan(ctx, &held)
		if db.NoRows(err) {
			return nil // followed no more
		}
		if err != nil {
			return db.MapError(err, "hold what is followed")
		}
		if !held.Filled {
			return s.fill(ctx, tx, key.site, key.segment)
		}
		now := s.now()
		who, known, err := segment.Members(ctx, tx, key.site, key.segment, now)
		if err != nil || !known {
			return err
		}
		asked := bun.SafeQuery("true")
		if of != nil {
			asked = bun.SafeQuery("contact_id IN (?)", bun.List(of))
		}
		var sequence int64
		if err := tx.NewRaw(tell, key.site, key.segment, members(tx, key.site, who, of), asked, held.Sequence, now, MaxContacts, held.Name).Scan(ctx, &sequence); err != nil {
			return db.MapError(err, "tell who moved")
		}
		if told = sequence > held.Sequence; !told {
			return nil
		}
		_, err = tx.NewRaw("UPDATE webhook_follow SET sequence = ? WHERE site_id = ? AND segment_id = ?", sequence, key.site, key.segment).Exec(ctx)
		return db.MapError(err, "count events")
	})
	if told && err == nil {
		s.Wake()
	}
	return err
}

// BatchOver writes in the transaction that ends a batch what webhooks are told of it. It is bound to contact.Batches.Finished.
func (s *Service) BatchOver(ctx context.Context, tx bun.IDB, run *contact.BatchRun) error {
	data := map[string]any{"batch": map[string]any{
		"id": run.ID, "action": run.Action, "status": run.Status, "total": run.Total, "changed": run.Changed, "unchanged": run.Unchanged, "failed": run.Failed,
		"startedAt": utc(run.StartedAt), "finishedAt": utc(run.FinishedAt),
	}}
	return s.tell(ctx, tx, run.SiteID, BatchFinished, sale.Told{Data: data})
}

// Sold writes in the transaction of deeds of sales what webhooks are told of each. It is bound to sale.Service.Tell.
func (s *Service) Sold(ctx context.Context, tx bun.IDB, siteID uuid.UUID, deed sale.Deed, told ...sale.Told) error {
	for i, one := range told {
		slices.SortFunc(one.Contacts, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
		told[i].Contacts = slices.Compact(one.Contacts)
	}
	return s.tell(ctx, tx, siteID, EventType(deed), told...)
}

// tell writes deliveries for each hook that asks for an event.
func (s *Service) tell(ctx context.Context, tx bun.IDB, siteID uuid.UUID, event EventType, told ...sale.Told) error {
	var hooks []*Webhook
	err := tx.NewSelect().Model(&hooks).Column("site_id", "id").Where("site_id = ? AND disabled_at IS NULL AND ? = ANY (events)", siteID, event).Order("id").Scan(ctx)
	if err != nil || len(hooks) == 0 {
		return db.MapError(err, "read webhooks")
	}
	rows := make([]*Delivery, 0, len(hooks)*len(told))
	for _, one := range told {
		for _, w := range hooks {
			row := s.newDelivery(w, event, one.Data)
			row.ContactIDs = append(row.ContactIDs, one.Contacts...)
			rows = append(rows, row)
		}
	}
	_, err = tx.NewInsert().Model(&rows).Exec(ctx)
	s.Wake()
	return db.MapError(err, "insert deliveries")
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// gone tells whether a segment is there no more.
func gone(err error) bool { return err != nil && fault.CodeOf(err) == fault.NotFound }
