package site

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// EmbedEventKind is what was done about the embed's keys, limits, login domain and widgets of others.
type EmbedEventKind string

// The kinds.
const (
	SecretMade       EmbedEventKind = "secret_made"
	SecretRevoked    EmbedEventKind = "secret_revoked"
	SigningKeyMade   EmbedEventKind = "signing_key_made"
	ThrottleReleased EmbedEventKind = "throttle_released"

	ThirdPartySaved   EmbedEventKind = "third_party_saved"
	ThirdPartyRemoved EmbedEventKind = "third_party_removed"

	LoginDomainSet      EmbedEventKind = "login_domain_set"
	LoginDomainVerified EmbedEventKind = "login_domain_verified"
	LoginDomainLost     EmbedEventKind = "login_domain_lost" // its proof is gone
	LoginDomainRemoved  EmbedEventKind = "login_domain_removed"
)

// EmbedEvent says who did what about them.
type EmbedEvent struct {
	bun.BaseModel `bun:"table:embed_event"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Kind      EmbedEventKind
	What      string // a secret's last characters, a key's id, a limit's name, a domain, a widget's tag
	ActorID   uuid.UUID
	ActorName string
	At        time.Time `bun:",nullzero"`
}

// NoteEmbed writes an event in the caller's transaction.
func NoteEmbed(ctx context.Context, tx bun.IDB, by Actor, kind EmbedEventKind, what string) error {
	row := EmbedEvent{SiteID: by.SiteID, ID: uuid.Must(uuid.NewV7()), Kind: kind, What: what, ActorID: by.ID, ActorName: by.Name}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return db.MapError(err, "note embed event")
}

// EmbedEvents gives the newest 50 events. Needs an owner.
func (s *Service) EmbedEvents(ctx context.Context) ([]EmbedEvent, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return nil, err
	}
	rows := []EmbedEvent{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(50).Scan(ctx)
	return rows, db.MapError(err, "read embed events")
}

// limitOf is the limit that a bucket's key begins with, as in mail/address.
func limitOf(key string) string {
	parts := strings.SplitN(key, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}
