package campaign

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
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

// Mailing is a campaign as it went to one contact.
type Mailing struct {
	Recipient `bun:",extend"`
	Name      string // the campaign's
	BeganAt   *time.Time
	Of        uuid.UUID `bun:"type:uuid"` // whose history it is in: a merge brings others' along
}

// MailingPage is a page of a contact's mailings, newest first.
type MailingPage struct {
	Mailings []*Mailing
	More     bool
}

// History gives, for many contacts at once, the campaigns that each was meant by, newest first, after a campaign (S-57): also those that
// left it out, with the reason. Needs a viewer.
func (s *Service) History(ctx context.Context, contacts []uuid.UUID, first int, after string) (map[uuid.UUID]MailingPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > contact.MaxPage {
		return nil, fault.New(fault.BadInput, "ask for 1 to %d mailings", contact.MaxPage)
	}
	before := uuid.Max
	if after != "" {
		if before, err = uuid.Parse(after); err != nil {
			return nil, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
	}
	var rows []*Mailing
	err = s.DB.Bun.NewRaw(`SELECT k.id AS of, r.* FROM unnest(?1::uuid[]) AS k (id), LATERAL (
			SELECT r.*, c.name, c.started_at AS began_at FROM campaign_recipient r JOIN campaign c ON c.site_id = r.site_id AND c.id = r.campaign_id
			WHERE r.site_id = ?0 AND (r.contact_id = k.id OR r.contact_id IN (SELECT id FROM contact m WHERE m.site_id = ?0 AND m.merged_into = k.id)) AND r.campaign_id < ?2
			ORDER BY r.campaign_id DESC, r.contact_id LIMIT ?3) AS r`, a.SiteID, pgdialect.Array(contacts), before, first+1).Scan(ctx, &rows)
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
	Address string     `json:"address"`
	State   State      `json:"state"`
	Reason  Reason     `json:"reason,omitempty"`
	At      *time.Time `json:"at,omitempty"`
}

// Disclose gives the campaigns a person was meant by. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, of site.Site, contactID uuid.UUID, language string, give account.Disclosure) error {
	var rows []struct {
		Recipient `bun:",extend"`
		Channel   Channel
		Texts     map[string]Text `bun:"type:jsonb"`
	}
	err := q.NewRaw(`SELECT r.*, c.channel, c.texts FROM campaign_recipient r JOIN campaign c ON c.site_id = r.site_id AND c.id = r.campaign_id
		WHERE r.site_id = ?0 AND (r.contact_id = ?1 OR r.contact_id IN (SELECT id FROM contact m WHERE m.site_id = ?0 AND m.merged_into = ?1)) ORDER BY r.campaign_id, r.contact_id`, of.ID, contactID).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read mailings")
	}
	for _, r := range rows {
		item := mailingItem{r.Channel, r.Texts[pick(r.Texts, language, of.Language)].Subject, r.Address, r.State, r.Reason, r.SettledAt}
		if err := give(SectionMailings, item); err != nil {
			return err
		}
	}
	return nil
}
