package account

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// ticketFor is how long a ticket opens a stream.
const ticketFor = 30 * time.Second

// errTicket is what a ticket that is no good, or no more, gets.
var errTicket = fault.New(fault.Unauthenticated, "this ticket is not one of ours, or older than %d seconds; ask for another", int(ticketFor.Seconds()))

// Ticket gives the end user who calls, with a proof, what opens a stream of events in the same session and page: whoever reads a stream by
// fetch need not hold the session's token and key. It is good for half a minute; the stream lives as long as the session.
func (s *Service) Ticket(ctx context.Context) (string, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return "", err
	}
	payload := append(append(make([]byte, 0, 72), a.SiteID[:]...), a.SessionID[:]...)
	payload = binary.BigEndian.AppendUint64(payload, uint64(s.now().Add(ticketFor).Unix())) //nolint:gosec // after 1970
	return b64.EncodeToString(append(payload, s.mac("ticket", string(payload))...)), nil
}

// ByTicket gives the actor of a ticket's session, at a request from a page of an origin. Unauthenticated.
func (s *Service) ByTicket(ctx context.Context, ticket, origin string) (site.Actor, error) {
	raw, err := b64.DecodeString(ticket)
	if err != nil || len(raw) != 72 {
		return site.Actor{}, errTicket
	}
	payload, mac := raw[:40], raw[40:]
	if !hmac.Equal(mac, s.mac("ticket", string(payload))) || s.now().Unix() > int64(binary.BigEndian.Uint64(payload[32:])) { //nolint:gosec // ours, as it was made
		return site.Actor{}, errTicket
	}
	a, err := s.BySession(ctx, site.Actor{SiteID: uuid.UUID(payload[:16]), SessionID: uuid.UUID(payload[16:32])})
	if err == nil && a.Origin != origin {
		err = errTicket
	}
	a.Listening = true
	return a, err
}
