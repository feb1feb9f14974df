package campaign

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/message"
	"carnet/internal/site"
)

// State is how far a campaign is with one person.
type State string

// The states. A person decides what becomes of who is uncertain.
const (
	Pending   State = "pending"
	UnderWay  State = "sending"
	Sent      State = "sent"
	Delivered State = "delivered" // sent, and the provider says that it arrived
	Left      State = "left_out"
	Failed    State = "failed"
	Uncertain State = "uncertain"
)

// Recipient is a person in a campaign.
type Recipient struct {
	bun.BaseModel `bun:"table:campaign_recipient"`

	SiteID     uuid.UUID `bun:",pk,type:uuid"`
	CampaignID uuid.UUID `bun:",pk,type:uuid"`
	ContactID  uuid.UUID `bun:",pk,type:uuid"`
	State      State
	Reason     Reason
	Problem    string
	Address    string
	AddressKey string
	ProviderID string
	Attempts   int
	NextAt     time.Time
	TakenAt    *time.Time
	SettledAt  *time.Time

	Ref          int64 // what the return path names
	SoftBounces  int
	ComplainedAt *time.Time
	OpenedAt     *time.Time
	ClickedAt    *time.Time
}

// recipient is one made ready for a line.
type recipient struct {
	Recipient
	letter message.Letter
}

// read gives the next recipients that are due, made ready.
func (r *sending) read(ctx context.Context, after uuid.UUID) ([]*recipient, error) {
	var rows []*Recipient
	err := r.s.DB.Bun.NewSelect().Model(&rows).Where("site_id = ? AND campaign_id = ? AND state = 'pending' AND contact_id > ? AND next_at <= ?", r.c.SiteID, r.c.ID, after, r.s.now()).
		Order("contact_id").Limit(chunk).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, db.MapError(err, "read recipients")
	}
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ContactID
	}
	var people []*contact.Record
	if err := r.s.DB.Bun.NewSelect().Model(&people).Where("site_id = ? AND id IN (?)", r.c.SiteID, bun.List(ids)).Scan(ctx); err != nil {
		return nil, db.MapError(err, "read contacts")
	}
	byID := make(map[uuid.UUID]*contact.Record, len(people))
	for _, p := range people {
		byID[p.ID] = p
	}
	if err := r.offer.price(ctx, ids); err != nil {
		return nil, err
	}
	var measured map[uuid.UUID]bool
	if r.c.Channel == Email {
		if measured, err = r.s.measured(ctx, r.c.SiteID, ids); err != nil {
			return nil, err
		}
	}
	out := make([]*recipient, len(rows))
	for i, row := range rows {
		out[i] = &recipient{Recipient: *row}
		if p := byID[row.ContactID]; p != nil { // else take leaves them out
			if out[i].letter, err = r.write(p, row, measured[p.ID]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// take marks a recipient as being sent to. False: somebody else has taken them, the campaign has been stopped, or they are left out now.
func (r *sending) take(ctx context.Context, row *recipient) (bool, error) {
	now := r.s.now().Truncate(time.Microsecond)
	res, err := r.s.DB.Bun.NewRaw(`UPDATE campaign_recipient r SET state = 'sending', attempts = attempts + 1, taken_at = ?3
		FROM campaign c, contact p WHERE r.site_id = ?0 AND r.campaign_id = ?1 AND r.contact_id = ?2 AND r.state = 'pending'
			AND c.site_id = ?0 AND c.id = ?1 AND c.status = 'sending'
			AND p.site_id = ?0 AND p.id = ?2 AND p.deleted_at IS NULL AND (c.purpose_id IS NULL OR `+r.channel.reach().agreed("?0", "?2", "c.purpose_id")+`)
			AND CASE `+unwanted("p", "c.purpose_id", "c.channel")+` ELSE '' END = ''`,
		row.SiteID, row.CampaignID, row.ContactID, now).Exec(ctx)
	if err != nil {
		return false, db.MapError(err, "take recipient")
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		row.Attempts++
		return n == 1, err
	}
	_, err = r.s.DB.Bun.NewRaw(`UPDATE campaign_recipient r SET state = 'left_out', settled_at = ?3,
			reason = coalesce((SELECT CASE `+unwanted("p", "c.purpose_id", "c.channel")+` ELSE ?4 END FROM contact p WHERE p.site_id = ?0 AND p.id = ?2 AND p.deleted_at IS NULL), ?5)
		FROM campaign c WHERE r.site_id = ?0 AND r.campaign_id = ?1 AND r.contact_id = ?2 AND r.state = 'pending' AND c.site_id = ?0 AND c.id = ?1 AND c.status = 'sending'`,
		row.SiteID, row.CampaignID, row.ContactID, now, NoConsent, Gone).Exec(ctx)
	return false, db.MapError(err, "leave recipient out")
}

// settle writes what became of a message.
func (r *sending) settle(ctx context.Context, row *recipient, outcome outcome) error {
	now := r.s.now()
	row.SettledAt, row.Reason, row.Problem, row.ProviderID = &now, "", "", outcome.id
	if outcome.Problem != nil {
		row.Problem = message.Short(outcome.Problem)
	}
	switch outcome.Fate {
	case message.Accepted:
		row.State = Sent
	case message.Unknown:
		row.State = Uncertain
	case message.Refused:
		row.State, row.Reason = Failed, Refused
	case message.NoSuch:
		row.State, row.Reason = Failed, Bounced
	case message.Barred:
		row.State = Pending
		r.note(func() { r.barred = row.Problem })
	case message.Away: // it was no try
		row.State, row.Attempts, row.NextAt = Pending, row.Attempts-1, now
		r.note(func() { r.unreachable, r.wait = row.Problem, max(r.wait, outcome.wait) })
	case message.NotNow:
		row.State = Pending
		row.NextAt = now.Add(pauses[min(row.Attempts-1, len(pauses)-1)])
		if row.Attempts >= maxTries {
			row.State, row.Reason = Failed, GaveUp
		}
	}
	if row.State == Pending {
		row.SettledAt = nil
	}
	r.note(func() {
		switch {
		case row.State != Uncertain:
			r.doubts = 0
		default:
			if r.doubts++; r.doubts >= maxDoubts {
				r.barred = "of " + strconv.Itoa(maxDoubts) + " messages in a row it is not known whether they were sent: " + row.Problem
			}
		}
	})
	return r.s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model(&row.Recipient).Column("state", "reason", "problem", "next_at", "settled_at", "attempts", "provider_id").WherePK().Where("state IN ('sending', 'uncertain')").Exec(ctx)
		if err != nil || row.Reason != Bounced {
			return db.MapError(err, "settle recipient")
		}
		return rememberDead(ctx, tx, row.SiteID, row.AddressKey, row.Problem)
	})
}

// write gives the message as a person gets it.
func (r *sending) write(p *contact.Record, row *Recipient, measured bool) (message.Letter, error) {
	language := pick(r.c.Texts, site.NearestLanguage(p.Language, r.of.Language), r.of.Language)
	t := r.templates[language]
	if t == nil {
		made, err := newTemplate(language, r.c.Texts[language], r.channel.markdown())
		if err != nil {
			return message.Letter{}, err
		}
		t = &made
		r.templates[language] = t
	}
	said := values(p, r.of, r.fields, language)
	r.offer.tell(said, language, p.ID)
	m := t.fill(said)
	mark := r.s.mark(r.of.ID, row.Ref)
	l := message.Letter{ID: mark, To: row.Address, Return: r.s.returnPath(mark), Name: nameOfSender(r.of)}
	var links footerLinks
	if r.c.PurposeID != nil {
		l.Leave = r.s.link(leave{r.of.ID, p.ID, *r.c.PurposeID})
		links = footerLinks{l.Leave, r.s.Contacts.PreferenceLink(r.of.ID, p.ID, row.AddressKey)}
	}
	if measured {
		m.HTML = r.s.measure(r.of.ID, row.Ref, m.HTML)
	}
	m, err := r.frame(language, m, links)
	l.Subject, l.Text, l.HTML = m.Subject, m.Text, m.HTML
	return l, err
}

// values are what merge fields stand for.
func values(p *contact.Record, of site.Site, fields []*field.Definition, language string) map[string]string {
	out := map[string]string{
		"title": p.Title, "first_name": p.FirstName, "last_name": p.LastName, "name": p.DisplayName(), "company": p.Company, "email": p.Email,
		"city": p.City, "number": strconv.FormatInt(p.Number, 10), "language": p.Language, "site": of.Name,
	}
	for _, shown := range field.Show(fields, p.Answers, language) {
		out[ofField+shown.Field.LabelKey] = shown.Display
	}
	return out
}

// short is message.Short of what was said already.
func short(text string) string {
	if text == "" {
		return ""
	}
	return message.Short(errors.New(text))
}
