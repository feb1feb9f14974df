package sale

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// Payment is money that came in for an order, or went back.
type Payment struct {
	bun.BaseModel `bun:"table:payment,alias:payment"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	OrderID        uuid.UUID
	PayerID        *uuid.UUID // nil once the contact was erased
	Direction      Direction
	Method         Method
	Provider       ProviderName // who moved it
	Amount         int64
	Reference      string // the provider's own
	Reason         string // of a refund
	IdempotencyKey string
	RequestSha256  []byte `bun:"request_sha256"`
	At             time.Time
	ActorKind      site.Kind
	ActorID        *uuid.UUID
	ActorName      string
}

// signed gives the amount, below zero of what went back.
func (p *Payment) signed() int64 {
	if p.Direction == Out {
		return -p.Amount
	}
	return p.Amount
}

// Direction is which way money went.
type Direction string

// The directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Method is how money came or went.
type Method string

// The methods. Credit is the contact's own balance with the site (S-46).
const (
	Cash     Method = "cash"
	Card     Method = "card"
	Transfer Method = "transfer"
	Credit   Method = "credit"
	Other    Method = "other"
)

// digest is the SHA-256 of a request, to tell one from another under the same key.
func digest(request any) ([]byte, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, fault.Wrap(err, "digest request")
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}
