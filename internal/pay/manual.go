package pay

import (
	"context"
	"net/http"
)

// Manual moves no money: what is paid and paid back elsewhere, in cash or by a terminal, is written down.
type Manual struct{}

var _ Provider = Manual{}

// Collect refuses: there is no page to pay on.
func (Manual) Collect(context.Context, Collection) (Page, error) {
	return Page{}, &Refused{"the site has no payment provider; set Stripe up, or record the payment"}
}

// PayBack has nothing to do: who writes it down has paid it back.
func (Manual) PayBack(context.Context, PayBack) (PaidBack, error) {
	return PaidBack{State: Moved}, nil
}

// Read refuses: nobody tells anything.
func (Manual) Read([]byte, http.Header) (Event, error) { return Event{}, ErrUnproved }
