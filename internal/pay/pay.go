// Package pay moves money at payment providers: it has somebody pay, pays back, and reads what a provider tells. It keeps nothing and
// knows no orders; package sale does. There are two providers: Manual, which moves no money, and Stripe.
//
// Failure. A Refused is a provider's clear no: nothing has moved, and nothing will. After any other error nobody knows whether the
// provider did what it was asked; asking again with the same ID does it once at most.
package pay

import (
	"context"
	"net/http"
)

// Provider moves money. An ID is the caller's own, of one payment or refund, and makes what is asked twice happen once.
type Provider interface {
	// Collect has somebody pay: it gives the page to send them to.
	Collect(ctx context.Context, in Collection) (Page, error)
	// PayBack pays back some or all of what was collected.
	PayBack(ctx context.Context, in PayBack) (PaidBack, error)
	// Read reads what the provider tells us by itself, once it is proved to be the provider that speaks. ErrUnproved.
	Read(body []byte, header http.Header) (Event, error)
}

// Collection is what somebody is to pay.
type Collection struct {
	ID        string
	Site      string // whose it is; comes back in events
	Label     string // what the payer reads
	Amount    int64  // minor units, as ISO 4217 and CLDR count them
	Currency  string // ISO 4217
	ReturnURL string // where the payer comes back to, paid or not
}

// Page is where somebody pays.
type Page struct {
	Reference string // the provider's own number of it
	URL       string
}

// PayBack is what is to go back of a payment.
type PayBack struct {
	ID       string
	Site     string
	Charge   string // the provider's own number of what was collected
	Amount   int64
	Currency string
	Again    bool // it was asked before, and nobody knows what came of it
}

// PaidBack is what a provider answers.
type PaidBack struct {
	Reference string
	State     State
	Problem   string // of Failed: why, in the provider's words
}

// State is how far the provider is.
type State int

// The states.
const (
	Waiting State = iota // the provider will tell
	Moved                // the money has moved
	Failed               // it has not, and will not
)

// Event is what a provider tells.
type Event struct {
	Kind      EventKind
	ID        string // ours, as given to Collect or PayBack; empty: of something that somebody else began
	Site      string
	Reference string // of the page, or of the refund
	Charge    string // what PayBack needs
	State     State
	Amount    int64
	Currency  string
	Problem   string
}

// EventKind is what an event is about.
type EventKind int

// The kinds.
const (
	Other      EventKind = iota // nothing that we follow
	Collected                   // somebody paid, or did not
	BackAtThem                  // money went back, or did not
)

// Refused is a provider's clear no, in words of its own for people.
type Refused struct{ Message string }

func (r *Refused) Error() string { return r.Message }

// ErrUnproved says that what was to be read is not proved to be the provider's: not signed by it, or long ago.
var ErrUnproved = &Refused{"the signature does not prove that this comes from the provider, or it is too old"}
