package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/message"
	"carnet/internal/site"
)

// RecipientPage is a page of recipients.
type RecipientPage struct {
	Recipients []*Recipient
	More       bool
}

// Recipients gives whom a campaign is for, of one state or all, after a contact. Needs a manager.
func (s *Service) Recipients(ctx context.Context, id uuid.UUID, state *State, first int, after string) (page RecipientPage, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return page, err
	}
	page.Recipients = []*Recipient{}
	q := s.DB.Bun.NewSelect().Model(&page.Recipients).Where("site_id = ? AND campaign_id = ?", a.SiteID, id).Order("contact_id")
	if state != nil {
		q = q.Where("state = ?", *state)
	}
	page.More, err = contact.ScanPage(ctx, q, &page.Recipients, "contact_id >", first, after, "recipients")
	return page, err
}

// MailingKind is what a mailing was.
type MailingKind string

// The kinds.
const (
	OfCampaign MailingKind = "campaign"
	OfSingle   MailingKind = "single" // written to this contact alone
	OfSystem   MailingKind = "system" // a mail that the program wrote to the account
)

// Mailing is a message as it went to one contact, or left it out.
type Mailing struct {
	ID           uuid.UUID
	Kind         MailingKind
	Channel      Channel
	ContactID    uuid.UUID  // whom it was for; of an organization's, one of its people
	CampaignID   *uuid.UUID // nil: the program's own
	Name         string     // the campaign's, or the subject as it was sent
	State        State
	Reason       Reason
	Problem      string
	Address      string
	BeganAt      *time.Time
	SettledAt    *time.Time
	SoftBounces  int
	ComplainedAt *time.Time
	OpenedAt     *time.Time
	ClickedAt    *time.Time
	Of           uuid.UUID `bun:"type:uuid"` // whose history it is in
}

// Cursor is the mailing's place in a history.
func (m *Mailing) Cursor() string { return m.ID.String() + "." + m.ContactID.String() }

// MailingPage is a page of a contact's mailings, newest first.
type MailingPage struct {
	Mailings []*Mailing
	More     bool
}

// ours are the mails to an account's address that are no matter of the person as a contact.
var ours = []string{message.Invitation, message.SecondStepRemoved, message.Trial}

// History gives, for many contacts at once, the messages that each was meant by, newest first, after a cursor (S-57): also those that
// left it out, with the reason, and what the program wrote to the account, when its address is proven. An organization gathers those of its
// people (S-21). Needs a viewer.
func (s *Service) History(ctx context.Context, contacts []uuid.UUID, with contact.Gather, first int, after string) (map[uuid.UUID]MailingPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > contact.MaxPage {
		return nil, fault.New(fault.BadInput, "ask for 1 to %d mailings", contact.MaxPage)
	}
	before, beforeOf := uuid.Max, uuid.Max
	if after != "" {
		id, of, _ := strings.Cut(after, ".")
		var errID, errOf error
		before, errID = uuid.Parse(id)
		beforeOf, errOf = uuid.Parse(of)
		if errID != nil || errOf != nil {
			return nil, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	if err != nil {
		return nil, err
	}
	sent, mailed := contact.Gathered(of, "r.contact_id", contact.Condition{SQL: "k.id"}, with), contact.Gathered(of, "o.contact_id", contact.Condition{SQL: "k.id"}, with)
	args := slices.Concat([]any{pgdialect.Array(contacts), a.SiteID, a.SiteID}, sent.Args, []any{before, beforeOf, first + 1, a.SiteID}, mailed.Args, []any{bun.List(ours), before, beforeOf, first + 1, first + 1})
	var rows []*Mailing
	err = s.DB.Bun.NewRaw(`SELECT k.id AS of, r.* FROM unnest(?::uuid[]) AS k (id), LATERAL (
			SELECT * FROM (
				(SELECT r.campaign_id AS id, CASE WHEN c.single THEN 'single' ELSE 'campaign' END AS kind, c.channel, r.contact_id, c.id AS campaign_id, c.name, r.state, r.reason, r.problem,
					r.address, c.started_at AS began_at, r.settled_at, r.soft_bounces, r.complained_at, r.opened_at, r.clicked_at
				FROM campaign_recipient r JOIN campaign c ON c.site_id = r.site_id AND c.id = r.campaign_id
				WHERE r.site_id = ? AND (r.contact_id IN (SELECT id FROM contact m WHERE m.site_id = ? AND m.merged_into = k.id) OR `+sent.SQL+`)
					AND (r.campaign_id, r.contact_id) < (?, ?) ORDER BY r.campaign_id DESC, r.contact_id DESC LIMIT ?)
				UNION ALL
				(SELECT m.id, 'system', 'email', o.contact_id, NULL, CASE WHEN m.sensitive THEN regexp_replace(m.subject, '[0-9]{8}', '••••••••') ELSE m.subject END,
					CASE m.status WHEN 'queued' THEN 'pending' ELSE m.status END, CASE m.status WHEN 'failed' THEN 'refused' ELSE '' END, m.problem, m.recipient, m.created_at, m.sent_at, 0, NULL, NULL, NULL
				FROM account o JOIN mail m ON m.site_id = o.site_id AND m.recipient_key = o.email_key
				WHERE o.site_id = ? AND o.proven_at IS NOT NULL AND (`+mailed.SQL+`) AND m.kind NOT IN (?)
					AND (m.id, o.contact_id) < (?, ?) ORDER BY m.id DESC LIMIT ?)
			) AS r ORDER BY id DESC, contact_id DESC LIMIT ?) AS r ORDER BY k.id, r.id DESC, r.contact_id DESC`, args...).Scan(ctx, &rows)
	if err != nil {
		return nil, db.MapError(err, "read mailings")
	}
	out := make(map[uuid.UUID]MailingPage, len(contacts))
	for _, row := range rows {
		page := out[row.Of]
		if len(page.Mailings) == first {
			page.More = true
		} else {
			page.Mailings = append(page.Mailings, row)
		}
		out[row.Of] = page
	}
	return out, nil
}

// SectionMailings are the campaigns that the person was written to in.
const SectionMailings = "mailings"

type mailingItem struct {
	Channel Channel    `json:"channel"`
	Subject string     `json:"subject"`
	Text    string     `json:"text,omitempty"` // of what was written to them alone
	Address string     `json:"address"`
	State   State      `json:"state"`
	Reason  Reason     `json:"reason,omitempty"`
	At      *time.Time `json:"at,omitempty"`
	Opened  *time.Time `json:"opened,omitempty"`
	Clicked *time.Time `json:"clicked,omitempty"`
}

// Disclose gives the campaigns a person was meant by, their texts with what is known of the person now. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, of site.Site, contactID uuid.UUID, language string, give account.Disclosure) error {
	var rows []struct {
		Recipient `bun:",extend"`
		Channel   Channel
		Single    bool
		Texts     map[string]Text `bun:"type:jsonb"`
	}
	err := q.NewRaw(`SELECT r.*, c.channel, c.single, c.texts FROM campaign_recipient r JOIN campaign c ON c.site_id = r.site_id AND c.id = r.campaign_id
		WHERE r.site_id = ?0 AND (r.contact_id = ?1 OR r.contact_id IN (SELECT id FROM contact m WHERE m.site_id = ?0 AND m.merged_into = ?1)) ORDER BY r.campaign_id, r.contact_id`, of.ID, contactID).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read mailings")
	}
	person := new(contact.Record)
	if err := q.NewSelect().Model(person).Where("site_id = ? AND id = ?", of.ID, contactID).Scan(ctx); err != nil {
		return db.Missing(err, "contact", "read contact")
	}
	fields, err := field.All(ctx, q, of.ID, false)
	if err != nil {
		return err
	}
	for _, r := range rows {
		in := pick(r.Texts, language, of.Language)
		t := template{subject: r.Texts[in].Subject, body: r.Texts[in].Body}
		said := t.fill(values(person, of, fields, in))
		if !r.Single {
			said.Text = ""
		}
		item := mailingItem{r.Channel, said.Subject, said.Text, r.Address, r.State, r.Reason, r.SettledAt, r.OpenedAt, r.ClickedAt}
		if err := give(SectionMailings, item); err != nil {
			return err
		}
	}
	return nil
}
