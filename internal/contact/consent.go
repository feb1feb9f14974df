package contact

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ConsentChannel is a way to reach a person.
type ConsentChannel string

// The channels. Any stands for all four at once, in the ledger only: what holds now is kept by channel.
const (
	ChannelAny   ConsentChannel = "any"
	ChannelEmail ConsentChannel = "email"
	ChannelSMS   ConsentChannel = "sms"
	ChannelPost  ConsentChannel = "post"
	ChannelPhone ConsentChannel = "phone"
)

// channels are those that Any stands for.
var channels = []ConsentChannel{ChannelEmail, ChannelSMS, ChannelPost, ChannelPhone}

// Channels are the ways to reach a person, without Any.
func Channels() []ConsentChannel { return slices.Clone(channels) }

// each gives the channels that one stands for.
func (c ConsentChannel) each() []ConsentChannel {
	if c == ChannelAny {
		return channels
	}
	return []ConsentChannel{c}
}

// ConsentState is what was said.
type ConsentState string

// The states. Who never said anything has none. Pending stands in the ledger only, and counts as nothing until a link is used.
const (
	ConsentPending   ConsentState = "pending"
	ConsentGiven     ConsentState = "given"
	ConsentWithdrawn ConsentState = "withdrawn"
)

// ConsentSource is the door a consent came through.
type ConsentSource string

// The sources.
const (
	ConsentByStaff        ConsentSource = "staff"
	ConsentByAPI          ConsentSource = "api"
	ConsentByImport       ConsentSource = "import"
	ConsentByRegistration ConsentSource = "registration"
	ConsentAtCheckout     ConsentSource = "checkout"
	ConsentInProfile      ConsentSource = "profile"
	ConsentByLink         ConsentSource = "link"        // to unsubscribe, of a message
	ConsentInPreferences  ConsentSource = "preferences" // the preference page, or its widget
	ConsentByComplaint    ConsentSource = "complaint"   // a mailbox told that the person takes a message for spam
)

// Consent is what holds now for one purpose and channel.
type Consent struct {
	bun.BaseModel `bun:"table:consent"`

	SiteID    uuid.UUID `bun:",pk,type:uuid"`
	ContactID uuid.UUID `bun:",pk,type:uuid"`
	PurposeID uuid.UUID `bun:",pk,type:uuid"`
	Channel   ConsentChannel
	State     ConsentState
	EntryID   uuid.UUID
	Since     time.Time
}

// ConsentEntry is a line of the ledger.
type ConsentEntry struct {
	bun.BaseModel `bun:"table:consent_entry"`

	SiteID          uuid.UUID `bun:",pk"`
	ID              uuid.UUID `bun:",pk"`
	ContactID       uuid.UUID
	PurposeID       uuid.UUID
	Channel         ConsentChannel
	State           ConsentState
	WordingVersion  *int // nil: nothing of ours was shown
	WordingLanguage *string
	At              time.Time  // when it was said; of one that was confirmed: when it was
	AskedAt         *time.Time // of one that was confirmed: when it was said
	RecordedAt      time.Time  `bun:",nullzero"`
	Source          ConsentSource
	ActorKind       site.Kind
	ActorID         *uuid.UUID
	ActorName       string
	Note            string
}

// ConsentsOf gives what holds now for many contacts at once, in the order of purposes and channels;
// for lists within lists. Needs a viewer.
func (s *Service) ConsentsOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]*Consent, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	var rows []*Consent
	err = s.db.Bun.NewSelect().Model(&rows).Join("JOIN consent_purpose AS p ON p.site_id = consent.site_id AND p.id = consent.purpose_id").
		Where("consent.site_id = ? AND consent.contact_id IN (?)", a.SiteID, bun.List(contacts)).
		OrderExpr("p.position, p.id, array_position(ARRAY['email', 'sms', 'post', 'phone'], consent.channel::text)").Scan(ctx)
	if err != nil {
		return nil, db.MapError(err, "read consents of contacts")
	}
	out := map[uuid.UUID][]*Consent{}
	for _, row := range rows {
		out[row.ContactID] = append(out[row.ContactID], row)
	}
	return out, nil
}

// ConsentPage is a page of the ledger, newest first.
type ConsentPage struct {
	Entries []*ConsentEntry
	More    bool
}

// ConsentHistory gives the ledger of a contact, as it was written down, newest first, after an
// entry's id. Needs a viewer.
func (s *Service) ConsentHistory(ctx context.Context, id uuid.UUID, first int, after string) (ConsentPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return ConsentPage{}, err
	}
	if first < 1 || first > MaxPage {
		return ConsentPage{}, fault.Invalid(fault.InvalidValue, []string{"first"}, "ask for 1 to %d entries", MaxPage)
	}
	rows := []*ConsentEntry{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?0 AND "+family, a.SiteID, id).Order("id DESC").Limit(int64(first) + 1)
	if after != "" {
		last, err := uuid.Parse(after)
		if err != nil {
			return ConsentPage{}, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		q = q.Where("id < ?", last)
	}
	if err := q.Scan(ctx); err != nil {
		return ConsentPage{}, db.MapError(err, "read consent ledger")
	}
	return ConsentPage{Entries: rows[:min(len(rows), first)], More: len(rows) > first}, nil
}
