// Package campaign sends what is written once to many people: to the members of a segment, to a selection, or to an organization's
// people (P-21), by e-mail, by text message or into inboxes (P-22); also what is written to one contact (S-57).
//
// Who gets it is decided when the sending begins and kept: everybody who is meant is a row, also those who are left out, with the
// reason. A consent that is withdrawn meanwhile still counts, until the message to that person is under way.
//
// Nothing is sent twice. Before a message leaves, its row is marked as being sent, and after the answer what became of it; both are
// commits of their own. A message whose answer nobody heard, because the process died or the line broke after the last byte, is
// uncertain: it may have arrived. A person decides whether it is sent again. One line carries one message at a
// time, so a killed process leaves at most one uncertain message a line. The database keeps any address from being written to twice in
// one campaign.
//
// A campaign is a job, worked on in portions: between two messages it may be paused, cancelled or taken over by another process.
package campaign

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/inbox"
	"carnet/internal/job"
	"carnet/internal/message"
	"carnet/internal/sale"
	"carnet/internal/secret"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/sms"
)

// Status is how far a campaign is.
type Status string

// The statuses. The last two are ends.
const (
	Draft     Status = "draft"
	Queued    Status = "queued" // waits for its time, or its turn
	Sending   Status = "sending"
	Paused    Status = "paused"
	Done      Status = "done"
	Cancelled Status = "cancelled"
)

// Campaign is what is sent to many. The counts are of committed work.
type Campaign struct {
	bun.BaseModel `bun:"table:campaign"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	Name       string
	Channel    Channel
	PurposeID  *uuid.UUID      // nil: what a contract needs, which asks for no consent
	Texts      map[string]Text `bun:"type:jsonb"` // by language
	Target     Target          `bun:"type:jsonb"`
	OfferID    *uuid.UUID      // what it tells of; who may not have it is left out
	Single     bool            // written to one contact, from its record
	Status     Status
	Problem    string // why it paused by itself, or what it waits for
	SendAt     *time.Time
	Total      int
	LeftOut    int
	Sent       int // the other side has it; those that were delivered too
	Delivered  int
	Failed     int
	Uncertain  int
	Opened     int // of those who agreed to be measured
	Clicked    int
	ActorKind  site.Kind
	ActorID    *uuid.UUID
	ActorName  string
	Access     site.Access
	Version    int
	CreatedAt  time.Time `bun:",nullzero"`
	UpdatedAt  time.Time `bun:",nullzero"`
	StartedAt  *time.Time
	FinishedAt *time.Time
}

// Over tells whether nothing more will happen by itself.
func (c *Campaign) Over() bool { return c.Status == Done || c.Status == Cancelled }

// Config is what a Service needs.
type Config struct {
	DB       *db.DB
	Sites    *site.Service
	Contacts *contact.Service
	Segments *segment.Service
	Sales    *sale.Service
	Mail     *message.Service
	Texts    *sms.Service
	Inbox    *inbox.Service
	Jobs     *job.Queue
	Links    *secret.Signer // of the addresses in messages
	Returns  *secret.Signer // of the marks by which we know what comes back
	Measures *secret.Signer // of the addresses by which we know what is opened and followed
	// ReturnAddress is where mail servers write when a message is not delivered; empty: to the sender.
	ReturnAddress string
	PublicURL     string
	Lines         int     // to the mail server at once; 0: 4
	Rate          float64 // messages a second at most; 0: as many as the server takes
	TextLines     int     // text messages under way at once; 0: 4
	TextRate      float64 // text messages a second at most; 0: as many as the provider takes
}

// Service answers for campaigns.
type Service struct {
	Config
	now     func() time.Time
	working sync.Map // ids of the campaigns that a job of this process is at
}

// New makes the service and tells the queue how its jobs are done.
func New(cfg Config) *Service {
	s := &Service{Config: cfg, now: time.Now}
	if s.Lines == 0 {
		s.Lines = 4
	}
	if s.TextLines == 0 {
		s.TextLines = 4
	}
	job.Handle(s.Jobs, s.work)
	return s
}

// DraftChange is a draft as it is to be.
type DraftChange struct {
	ID      *uuid.UUID // nil: a new one
	Version int        // of the draft that was read; 0 of a new one
	Name    string
	Channel Channel // empty: e-mail
	Purpose *uuid.UUID
	Offer   *uuid.UUID
	Texts   map[string]Text
	Target  Target

	Template *uuid.UUID     // whose texts are copied, when there are no others
	Matching *contact.Query // all that it finds now are picked; instead of a target
}

type checker struct{ list fault.List }

func (v *checker) add(reason string, path []string, format string, args ...any) {
	v.list = append(v.list, fault.Invalid(reason, path, format, args...))
}

// Save writes a draft. Needs a manager. Conflict when somebody else has written it meanwhile, or when it is no draft any more.
func (s *Service) Save(ctx context.Context, in DraftChange) (*Campaign, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if in.Template != nil && len(in.Texts) == 0 {
		if in.Texts, err = s.textsOfTemplate(ctx, a.SiteID, *in.Template); err != nil {
			return nil, err
		}
		for language, t := range in.Texts {
			if in.Channel == SMS { // which has no subject
				in.Texts[language] = Text{Body: t.Body}
			}
		}
	}
	if err := s.check(ctx, a, &in); err != nil {
		return nil, err
	}
	c := &Campaign{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Name: in.Name, Channel: in.Channel, PurposeID: in.Purpose, OfferID: in.Offer, Texts: in.Texts, Target: in.Target,
		Status: Draft, Version: 1,
	}
	c.by(a)
	return c, s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if in.ID == nil {
			if _, err := tx.NewInsert().Model(c).Returning("*").Exec(ctx); err != nil {
				return db.MapError(err, "insert campaign")
			}
			return s.pick(ctx, tx, a, c, in.Matching)
		}
		was, err := lock(ctx, tx, a.SiteID, *in.ID)
		switch {
		case err != nil:
			return err
		case was.Status != Draft:
			return fault.New(fault.Conflict, "this campaign is no draft any more; copy it to write another")
		case was.Version != in.Version:
			return fault.New(fault.Conflict, "somebody has changed this draft meanwhile; read it again")
		}
		c.ID, c.Version = was.ID, was.Version+1
		if in.Matching == nil && in.Target.Matched != nil {
			c.Target = was.Target // as it was found
		}
		if _, err = tx.NewUpdate().Model(c).Column("name", "channel", "purpose_id", "offer_id", "texts", "target", "version").Set("updated_at = now()").WherePK().Returning("*").Exec(ctx); err != nil {
			return db.MapError(err, "update campaign")
		}
		return s.pick(ctx, tx, a, c, in.Matching)
	})
}

// name trims and checks what staff call a campaign or a template.
func (v *checker) name(name *string) {
	*name = strings.TrimSpace(*name)
	switch {
	case *name == "":
		v.add(fault.Required, []string{"name"}, "give it a name")
	case utf8.RuneCountInString(*name) > 200 || !utf8.ValidString(*name) || strings.ContainsRune(*name, 0):
		v.add(fault.TooLong, []string{"name"}, "a name has at most 200 characters")
	}
}

func (c *Campaign) by(a site.Actor) {
	c.ActorKind, c.ActorName, c.Access, c.ActorID = a.Kind, a.Name, a.Access, nil
	if a.ID != uuid.Nil {
		c.ActorID = &a.ID
	}
}

func (s *Service) check(ctx context.Context, a site.Actor, in *DraftChange) error {
	var v checker
	if in.Channel == "" {
		in.Channel = Email
	}
	v.name(&in.Name)
	fields, err := field.All(ctx, s.DB.Bun, a.SiteID, false)
	if err != nil {
		return err
	}
	checkTexts(&v, s.by(in.Channel), in.Texts, vocabulary{fields, in.Offer != nil})
	if err := s.checkOffer(ctx, a, &v, in.Offer); err != nil {
		return err
	}
	if in.Purpose != nil {
		known, err := s.DB.Bun.NewSelect().Model((*contact.ConsentPurpose)(nil)).Where("site_id = ? AND id = ? AND archived_at IS NULL", a.SiteID, *in.Purpose).Exists(ctx)
		if err != nil {
			return db.MapError(err, "read purpose")
		}
		if !known {
			v.add(fault.Unknown, []string{"purposeId"}, "the site has no purpose with this id")
		}
	}
	if err := s.checkTarget(ctx, a, &v, in); err != nil {
		return err
	}
	return v.list.Err()
}

// ByID gives one campaign. Needs a manager.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Campaign, error) {
	return byID[Campaign](ctx, s, id, "campaign")
}

// Query says which campaigns; empty entries say nothing.
type Query struct {
	Search   string // words in the name or a subject, whatever their case and accents
	Statuses []Status
	First    int
	After    string
}

// searchedText is SQL of what campaigns are found by: the name, and the subject in each language.
const searchedText = "name || ' ' || coalesce((SELECT string_agg(t.value ->> 'subject', ' ') FROM jsonb_each(texts) t), '')"

// List gives the site's campaigns, newest first. Needs a manager.
func (s *Service) List(ctx context.Context, in Query) (Page[Campaign], error) {
	return newest[Campaign](ctx, s, func(q *bun.SelectQuery) (*bun.SelectQuery, error) {
		q = q.Where("NOT single")
		if len(in.Statuses) > 0 {
			q = q.Where("status IN (?)", bun.List(in.Statuses))
		}
		return db.Searched(q, in.Search, searchedText)
	}, in.First, in.After, "campaigns")
}

// Delete removes a draft. Needs a manager. What was sent stays in people's histories: Conflict.
func (s *Service) Delete(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := lock(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		if c.Status != Draft {
			return fault.New(fault.Conflict, "what was sent stays in people's histories; only a draft can be deleted")
		}
		_, err = tx.NewDelete().Model(c).WherePK().Exec(ctx)
		return db.MapError(err, "delete campaign")
	})
}

func lock(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Campaign, error) {
	c := new(Campaign)
	err := tx.NewSelect().Model(c).Where("site_id = ? AND id = ?", siteID, id).For("UPDATE").Scan(ctx)
	return c, db.Missing(err, "campaign", "lock campaign")
}
