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

// Target says who is meant: exactly one of the four.
type Target struct {
	SegmentID      *uuid.UUID  `json:"segmentId,omitempty"`
	ContactIDs     []uuid.UUID `json:"contactIds,omitempty"`
	OrganizationID *uuid.UUID  `json:"organizationId,omitempty"` // the people that are linked to it now
	Matched        *int        `json:"matched,omitempty"`        // so many that a search found once; they are kept in campaign_pick
}

// Reason is why somebody is left out, or why nothing reached them.
type Reason string

// The reasons. The first eight are those of people who are left out.
const (
	NoAddress  Reason = "no_address"
	NoConsent  Reason = "no_consent"
	Bounced    Reason = "bounced"           // a mail server has refused the address for good
	Duplicate  Reason = "duplicate_address" // somebody else who is meant has it too
	NoContact  Reason = "do_not_contact"    // they are not to be written to
	OtherMeans Reason = "other_means"       // only another means is to be used
	NotOffered Reason = "not_offered"       // they may not have the offer
	Gone       Reason = "gone"              // in the trash, erased or merged since
	Stopped    Reason = "cancelled"         // the campaign was, before it was their turn
	Refused    Reason = "refused"           // the other side does not take the message
	GaveUp     Reason = "gave_up"           // tried too often

	NoPhone     Reason = "no_phone"    // no number at all
	NoMobile    Reason = "no_mobile"   // numbers, but none that takes text messages
	NoAccount   Reason = "no_account"  // no account, so no inbox
	Undelivered Reason = "undelivered" // taken, and then not delivered, as the provider says
)

func (s *Service) checkTarget(ctx context.Context, a site.Actor, v *checker, in *DraftChange) error {
	t, ways := in.Target, 0
	for _, given := range []bool{t.SegmentID != nil, t.ContactIDs != nil, t.OrganizationID != nil, in.Matching != nil || t.Matched != nil} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		v.add(fault.Required, []string{"target"}, "say in exactly one way who is meant: segmentId, contactIds, organizationId or matching")
		return nil
	}
	switch {
	case in.Matching != nil:
		return nil
	case t.Matched != nil:
		return s.checkMatched(ctx, a, v, in.ID)
	case t.SegmentID != nil:
		_, err := s.Segments.ByID(ctx, *t.SegmentID)
		if err != nil && fault.CodeOf(err) == fault.NotFound {
			v.add(fault.Unknown, []string{"target", "segmentId"}, "the site has no segment with this id")
			return nil
		}
		return err
	case t.OrganizationID != nil:
		known, err := s.DB.Bun.NewSelect().Model((*contact.Record)(nil)).
			Where("site_id = ? AND id = ? AND kind = 'organization' AND deleted_at IS NULL", a.SiteID, *t.OrganizationID).Exists(ctx)
		if err == nil && !known {
			v.add(fault.Unknown, []string{"target", "organizationId"}, "the site has no organization with this id")
		}
		return db.MapError(err, "read organization")
	}
	err := contact.CheckPicked(ctx, s.DB.Bun, a.SiteID, t.ContactIDs)
	if list, ok := fault.Mendable(err); ok {
		v.list = append(v.list, list...)
		return nil
	}
	return err
}

// meant gives who is meant, each with why they would be left out; empty: they would not.
func (s *Service) meant(ctx context.Context, a site.Actor, c *Campaign) (*bun.SelectQuery, error) {
	q := contact.Query{Among: contact.Among{Unlisted: true}}
	switch t := c.Target; {
	case t.SegmentID != nil:
		where, err := s.Segments.ConditionOf(ctx, *t.SegmentID)
		if err != nil {
			return nil, err
		}
		q.Where, q.Unlisted = append(q.Where, where), false // as the segment is shown and counted
	case t.OrganizationID != nil:
		of, err := site.Of(ctx, s.DB.Bun, a)
		if err != nil {
			return nil, err
		}
		q.Where = append(q.Where, peopleOf(*t.OrganizationID, of.Day(s.now())))
	case t.Matched != nil:
		q.Where = append(q.Where, pickedFor(c))
	default:
		q.Where = append(q.Where, contact.Condition{SQL: "contact.id IN (?)", Args: []any{bun.List(t.ContactIDs)}})
	}
	sel, err := s.Contacts.Matching(ctx, a, q)
	if err != nil {
		return nil, err
	}
	mayHave, err := s.mayHave(ctx, a, c)
	if err != nil {
		return nil, err
	}
	to := s.by(c.Channel).reach()
	return sel.ColumnExpr("contact.site_id, contact.id, "+to.address+" AS address, "+to.key+" AS address_key").
		ColumnExpr(`CASE `+unwanted("contact", "?0::uuid", "?3")+`
			WHEN NOT (?4) THEN ?5
			`+to.without+`
			WHEN ?0::uuid IS NOT NULL AND NOT `+to.agreed("contact.site_id", "contact.id", "?0")+` THEN ?1
			WHEN EXISTS (SELECT FROM dead_address d WHERE d.site_id = contact.site_id AND d.address_key = `+to.key+`) THEN ?2
			ELSE '' END AS reason`, c.PurposeID, NoConsent, Bounced, c.Channel, mayHave, NotOffered), nil
}

// peopleOf is the condition of having a link with an organization on a day, whatever its kind and way.
func peopleOf(organization uuid.UUID, day time.Time) contact.Condition {
	const now = "coalesce(l.since, '-infinity') <= ?1 AND coalesce(l.until, 'infinity') >= ?1"
	return contact.Condition{
		SQL: `contact.kind = 'person' AND (
			EXISTS (SELECT FROM affiliation l WHERE l.site_id = contact.site_id AND l.from_id = contact.id AND l.to_id = ?0 AND ` + now + `)
			OR EXISTS (SELECT FROM affiliation l WHERE l.site_id = contact.site_id AND l.to_id = contact.id AND l.from_id = ?0 AND ` + now + `))`,
		Args: []any{organization, day.Format(time.DateOnly)},
	}
}

// once adds to who is meant that of several with the same address only one gets the message.
const once = `SELECT site_id, id, address, address_key,
	CASE WHEN reason = '' AND address_key <> '' AND row_number() OVER (PARTITION BY address_key, reason ORDER BY id) > 1 THEN 'duplicate_address' ELSE reason END AS reason FROM (?) AS meant`

// Audience is how many a campaign would reach now, and how many not.
type Audience struct {
	Total   int
	Reached int
	LeftOut []LeftOut
}

// LeftOut is how many are left out for a reason.
type LeftOut struct {
	Reason Reason
	Count  int
}

// Audience counts who is meant now. Needs a manager.
func (s *Service) Audience(ctx context.Context, c *Campaign) (out Audience, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return out, err
	}
	out.LeftOut = []LeftOut{}
	who, err := s.meant(ctx, a, c)
	if err != nil {
		return out, err
	}
	var rows []LeftOut
	if err := s.DB.Bun.NewRaw("SELECT reason, count(*) AS count FROM ("+once+") AS who GROUP BY reason ORDER BY count DESC, reason", who).Scan(ctx, &rows); err != nil {
		return out, db.MapError(err, "count audience")
	}
	for _, r := range rows {
		out.Total += r.Count
		if r.Reason == "" {
			out.Reached = r.Count
		} else {
			out.LeftOut = append(out.LeftOut, r)
		}
	}
	return out, nil
}

// freeze writes down who is meant, and who of them is left out.
func (s *Service) freeze(ctx context.Context, tx bun.IDB, a site.Actor, c *Campaign) error {
	who, err := s.meant(ctx, a, c)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO campaign_recipient (site_id, campaign_id, contact_id, state, reason, address, address_key, next_at)
		SELECT site_id, ?, id, CASE reason WHEN '' THEN 'pending' ELSE 'left_out' END, reason, address, address_key, ?::timestamptz FROM (`+once+`) AS who`, c.ID, s.now(), who).Exec(ctx)
	if err != nil {
		return db.MapError(err, "insert recipients")
	}
	return recount(ctx, tx, c)
}

// recount brings the counts in line with the recipients. Whoever counts holds the campaign, so that reports, which count by one, are not lost.
func recount(ctx context.Context, q bun.IDB, c *Campaign) error {
	err := q.NewRaw(`UPDATE campaign SET (total, left_out, sent, delivered, failed, uncertain) = (SELECT count(*), count(*) FILTER (WHERE state = 'left_out'),
			count(*) FILTER (WHERE state IN ('sent', 'delivered')), count(*) FILTER (WHERE state = 'delivered'), count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'uncertain')
			FROM campaign_recipient r WHERE r.site_id = campaign.site_id AND r.campaign_id = campaign.id)
		WHERE site_id = ? AND id = ? RETURNING total, left_out, sent, delivered, failed, uncertain`, c.SiteID, c.ID).
		Scan(ctx, &c.Total, &c.LeftOut, &c.Sent, &c.Delivered, &c.Failed, &c.Uncertain)
	return db.MapError(err, "count recipients")
}
