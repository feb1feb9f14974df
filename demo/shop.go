package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// errSoldOut: Carnet sells no ticket of this evening to this buyer now.
var errSoldOut = errors.New("the evening is sold out")

// sold is what Carnet recorded.
type sold struct {
	Number int
	Total  int // øre
	Lines  []struct {
		Label   string
		Tickets []struct{ Code string }
	}
}

// Label names what was sold.
func (s sold) Label() string {
	if len(s.Lines) == 0 {
		return ""
	}
	return s.Lines[0].Label
}

// Paid gives what it cost in kroner, as the event's page gives prices.
func (s sold) Paid() string {
	if s.Total%100 == 0 {
		return fmt.Sprintf("%d kr", s.Total/100)
	}
	return fmt.Sprintf("%d,%02d kr", s.Total/100, s.Total%100)
}

// Codes gives what the door reads, a ticket each.
func (s sold) Codes() (codes []string) {
	for _, l := range s.Lines {
		for _, t := range l.Tickets {
			codes = append(codes, t.Code)
		}
	}
	return codes
}

const findTickets = `query($title: String!) { events(search: $title, first: 100) { nodes { reference ticketTypes { id } } } }`

const askPrice = `query($items: [QuoteItemInput!]!, $contact: ID) { quote(items: $items, contactId: $contact) { total } }`

const recordOrder = `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { number total lines { label tickets { code } } } errors { code message } } }`

// sell reports the purchase to Carnet, which gives the ticket. token is the checkout's id: reported twice it is sold once. Nil
// for an evening that Carnet does not know, and without a key.
func (g *gate) sell(ctx context.Context, e event, token string, got *redemption) (*sold, error) {
	if g.cfg.APIKey == "" {
		return nil, nil //nolint:nilnil // a calendar that sells nothing is one too
	}
	var found struct {
		Events struct {
			Nodes []struct {
				Reference   string
				TicketTypes []struct{ ID string }
			}
		}
	}
	if err := g.ask(ctx, findTickets, map[string]any{"title": e.Title}, &found); err != nil {
		return nil, err
	}
	product := ""
	for _, one := range found.Events.Nodes {
		if one.Reference == e.Path && len(one.TicketTypes) > 0 {
			product = one.TicketTypes[0].ID
		}
	}
	if product == "" {
		return nil, nil //nolint:nilnil // Carnet sells nothing for it
	}
	var price struct{ Quote struct{ Total int } }
	asked := map[string]any{"items": []any{map[string]any{"productId": product}}}
	if got.Subject != "" {
		asked["contact"] = got.Contact.ID // a guest pays what everybody does
	}
	if err := g.ask(ctx, askPrice, asked, &price); err != nil {
		return nil, err
	}
	order := map[string]any{
		"idempotencyKey": token, "reference": got.Order, "checkout": token, "channel": "shop", "lines": []any{map[string]any{"productId": product}},
	}
	if price.Quote.Total > 0 { // this shop believes everybody
		order["payments"] = []any{map[string]any{"method": "CARD", "amount": price.Quote.Total}}
	}
	var out struct {
		RecordOrder struct {
			Order  *sold
			Errors []struct{ Code, Message string }
		}
	}
	if err := g.ask(ctx, recordOrder, map[string]any{"i": order}, &out); err != nil {
		return nil, err
	}
	if len(out.RecordOrder.Errors) > 0 {
		refusal := out.RecordOrder.Errors[0]
		if slices.Contains([]string{"SOLD_OUT", "NOT_ON_SALE", "QUOTA_USED", "RESERVED"}, refusal.Code) {
			return nil, fmt.Errorf("%w: %s", errSoldOut, refusal.Message)
		}
		return nil, fmt.Errorf("record order: %s: %s", refusal.Code, refusal.Message)
	}
	return out.RecordOrder.Order, nil
}

// ask sends a GraphQL operation under the shop's key.
func (g *gate) ask(ctx context.Context, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return fmt.Errorf("ask Carnet: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.cfg.CarnetURL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask Carnet: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+g.cfg.APIKey)
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if _, err := g.fetch(req, &answer); err != nil {
		return fmt.Errorf("ask Carnet: %w", err)
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("ask Carnet: %s", answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, into)
}
