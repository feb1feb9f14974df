package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/site"
)

// Ground is why somebody was erased: one of GDPR art. 17(1), or the site's own rule. A word, since what is typed could name somebody.
type Ground string

// The grounds.
const (
	Requested Ground = "request"
	Withdrew  Ground = "withdrawn" // their consent
	Needless  Ground = "needless"  // the data are not needed any more
	Unlawful  Ground = "unlawful"
	Retained  Ground = "retention" // for as long as the site's rule says
)

var grounds = []Ground{Requested, Withdrew, Needless, Unlawful}

// Proof tells that somebody was erased. It holds nothing personal about them.
type Proof struct {
	bun.BaseModel `bun:"table:erasure,alias:erasure"`

	SiteID     uuid.UUID           `bun:",pk" json:"siteId"`
	ID         uuid.UUID           `bun:",pk" json:"id"`
	ContactID  uuid.UUID           `json:"contactId"` // stays without a person
	Number     int64               `json:"number"`
	Ground     Ground              `json:"ground"`
	RequestID  *uuid.UUID          `json:"requestId,omitempty"`
	At         time.Time           `json:"at"`
	ActorKind  site.Kind           `json:"actorKind"`
	ActorID    *uuid.UUID          `json:"actorId,omitempty"`
	ActorName  string              `json:"actorName"`
	ContactIDs []uuid.UUID         `bun:"contact_ids,type:uuid[],array" json:"contactIds"`
	AccountIDs []uuid.UUID         `bun:"account_ids,type:uuid[],array" json:"accountIds"`
	Hashes     [][]byte            `bun:"type:bytea[],array" json:"emailHashes"`
	Deeds      []account.EraseDeed `bun:"type:jsonb" json:"tables"`
}

// ByName tells who did it.
func (p *Proof) ByName() string { return p.ActorName }

// Records is how many records were one by then.
func (p *Proof) Records() int { return len(p.ContactIDs) }

// Accounts is how many accounts were closed.
func (p *Proof) Accounts() int { return len(p.AccountIDs) }

// Addresses is how many addresses are kept as hashes.
func (p *Proof) Addresses() int { return len(p.Hashes) }

// hashes gives the keyed hash of each address.
func (s *Service) hashes(emails []string) [][]byte {
	out := make([][]byte, len(emails))
	for i, e := range emails {
		out[i] = s.erasing.Hashes.Digest(e)
	}
	return out
}

// lastOf gives the newest proof of a contact. NotFound.
func (s *Service) lastOf(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID) (*Proof, error) {
	out := new(Proof)
	err := q.NewSelect().Model(out).Where("site_id = ? AND contact_id = ?", siteID, contactID).Order("id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "erasure", "read erasure")
	}
	return out, nil
}
