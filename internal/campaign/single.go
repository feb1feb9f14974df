package campaign

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// Single is a message to one contact (S-57). It is sent as a campaign of one, with all that holds for campaigns, and stands in the contact's
// mailings, not among the campaigns.
type Single struct {
	ContactID uuid.UUID
	Channel   Channel
	Purpose   *uuid.UUID // nil: what concerns this person, which asks for no consent
	Text      Text
}

const (
	longestName = 60  // how much of a text names a message without a subject
	nameless    = "–" // one of which nothing is left once its merge fields are filled in
)

// single makes the campaign of a message, checked, and the message as its contact gets it, without a frame: its beginning names the campaign.
func (s *Service) single(ctx context.Context, in Single) (c *Campaign, m Message, of site.Site, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, m, of, err
	}
	if of, err = site.Of(ctx, s.DB.Bun, a); err != nil {
		return nil, m, of, err
	}
	person := new(contact.Record)
	if err := s.DB.Bun.NewSelect().Model(person).Where("site_id = ? AND id = ? AND deleted_at IS NULL", a.SiteID, in.ContactID).Scan(ctx); err != nil {
		return nil, m, of, db.Missing(err, "contact", "read contact")
	}
	language := site.NearestLanguage(person.Language, of.Language)
	now := s.now()
	c = &Campaign{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Name: nameless, Channel: in.Channel, PurposeID: in.Purpose, Single: true,
		Texts: map[string]Text{language: in.Text}, Target: Target{ContactIDs: []uuid.UUID{in.ContactID}}, Status: Queued, SendAt: &now, Version: 1,
	}
	c.by(a)
	change := DraftChange{Name: c.Name, Channel: c.Channel, Purpose: c.PurposeID, Texts: c.Texts, Target: c.Target}
	if err := s.check(ctx, a, &change); err != nil {
		return nil, m, of, atText(err, language)
	}
	fields, err := field.All(ctx, s.DB.Bun, of.ID, false)
	if err != nil {
		return nil, m, of, err
	}
	t, err := newTemplate(language, in.Text, s.by(c.Channel).markdown())
	if err != nil {
		return nil, m, of, err
	}
	m = t.fill(values(person, of, fields, language))
	c.Name = cut(cmp.Or(m.Subject, cut(oneLine(m.Text), longestName), nameless), maxSubject)
	return c, m, of, nil
}

// atText brings the paths of what stands against a campaign's text to those of a message that has one.
func atText(err error, language string) error {
	list, is := fault.Mendable(err)
	if !is {
		return err
	}
	for _, one := range list {
		if len(one.Path) == 3 && one.Path[0] == "texts" && one.Path[1] == language {
			one.Path = one.Path[2:]
		}
	}
	return list
}

// SendSingle sends a message to one contact, in the background. Needs an operator. Mendable: also the reason why the contact cannot be
// reached by the channel, at channel.
func (s *Service) SendSingle(ctx context.Context, in Single) (*Campaign, error) {
	c, _, _, err := s.single(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.by(c.Channel).ready(ctx, c.SiteID); err != nil {
		return nil, err
	}
	who, err := s.meant(ctx, site.ActorOf(ctx), c)
	if err != nil {
		return nil, err
	}
	var reason Reason
	if err := s.DB.Bun.NewRaw("SELECT reason FROM (?) AS who", who).Scan(ctx, &reason); err != nil {
		return nil, db.Missing(err, "contact", "read contact")
	}
	if reason != "" {
		return nil, fault.Invalid(strings.ToUpper(string(reason)), []string{"channel"}, "this contact cannot be reached so: %s", reason.says())
	}
	return c, s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(c).Returning("*").Exec(ctx); err != nil {
			return db.MapError(err, "insert message")
		}
		return s.Jobs.InsertAt(ctx, tx, campaignJob{c.SiteID, c.ID}, *c.SendAt)
	})
}

// says gives a reason for people.
func (r Reason) says() string {
	switch r {
	case NoAddress:
		return "no e-mail address is known"
	case NoPhone:
		return "no phone number is known"
	case NoMobile:
		return "no mobile number is known"
	case NoAccount:
		return "they have no account"
	case NoConsent:
		return "they have not agreed to the purpose by this channel"
	case Bounced:
		return "the address or number reaches nobody"
	case NoContact:
		return "they are not to be written to"
	case OtherMeans:
		return "they are to be reached by another means only"
	}
	return string(r)
}

// PreviewSingle gives a message as its contact would get it. Needs an operator. Mendable like SendSingle, but for whether it can be sent.
func (s *Service) PreviewSingle(ctx context.Context, in Single) (Message, error) {
	c, m, of, err := s.single(ctx, in)
	if err != nil {
		return m, err
	}
	return s.framed(ctx, c.Channel, of, pick(c.Texts, of.Language, of.Language), m, c.PurposeID)
}
