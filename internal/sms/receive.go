package sms

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Where providers tell what became of messages, and what people answered.
const (
	ReportsPath = "/v1/sms/reports/"
	RepliesPath = "/v1/sms/replies/"
)

// maxTold is far above what providers tell.
const maxTold = 64 << 10

// Ref names the message that a report is about: a campaign's to a contact.
type Ref struct{ Site, Campaign, Contact uuid.UUID }

// ReadReport reads what a provider tells at a message's address; final is false while it says nothing that lasts. NotFound for an address
// that is not ours, Forbidden for one of Twilio's without its signature.
func (s *Service) ReadReport(r *http.Request, token string) (ref Ref, report Report, final bool, err error) {
	payload, ok := s.Links.Open(token)
	if !ok || len(payload) != 49 {
		return ref, report, false, fault.New(fault.NotFound, "this address is not one of ours")
	}
	copy(ref.Site[:], payload[1:17])
	copy(ref.Campaign[:], payload[17:33])
	copy(ref.Contact[:], payload[33:])
	if payload[0] != 't' {
		values, err := told(r)
		if err != nil {
			return ref, report, false, err
		}
		report, final = readGatewayReport(values)
		return ref, report, final, nil
	}
	if err := s.checkTwilio(r, ref.Site); err != nil {
		return ref, report, false, err
	}
	report, final = readTwilioReport(r.PostForm)
	return ref, report, final, nil
}

// told reads what a gateway says, however it says it.
func told(r *http.Request) (map[string]string, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxTold)
	out := map[string]string{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		body, err := io.ReadAll(r.Body)
		var values map[string]any
		if err == nil {
			err = json.Unmarshal(body, &values)
		}
		if err != nil {
			return nil, fault.New(fault.BadInput, "this is no JSON object")
		}
		for name, v := range values {
			if text, is := v.(string); is {
				out[name] = text
			}
		}
	} else if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.BadInput, "this form cannot be read")
	}
	for name, values := range r.Form {
		out[name] = values[0]
	}
	for name, values := range r.URL.Query() {
		out[name] = values[0]
	}
	return out, nil
}

// checkTwilio refuses what Twilio has not signed with the token of the site's account.
func (s *Service) checkTwilio(r *http.Request, siteID uuid.UUID) error {
	r.Body = http.MaxBytesReader(nil, r.Body, maxTold)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.BadInput, "this form cannot be read")
	}
	row, err := s.read(r.Context(), siteID)
	if err != nil {
		return err
	}
	if row != nil && row.Provider == Twilio {
		token, err := s.open(row)
		if err != nil {
			return err
		}
		if signed(token, s.PublicURL+r.URL.RequestURI(), r.PostForm, r.Header.Get("X-Twilio-Signature")) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "this is not signed with the token of the site's account at Twilio")
}

// stops are the words by which people stop messages, folded: those that Twilio itself knows, and those of our languages.
var stops = []string{"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "arret", "stopp", "avslutt", "avmeld"}

// Hear takes what somebody answered to a site's texts, as Twilio tells it. Who says stop withdraws for every purpose; withdrawn is how many
// consents that ended. Forbidden without Twilio's signature.
func (s *Service) Hear(r *http.Request, of site.Site) (withdrawn int, err error) {
	if err := s.checkTwilio(r, of.ID); err != nil {
		return 0, err
	}
	word := strings.Trim(fold.Text(r.PostForm.Get("Body")), " .!")
	if r.PostForm.Get("OptOutType") != "STOP" && !slices.Contains(stops, word) {
		return 0, nil
	}
	return s.stop(r.Context(), of.ID, r.PostForm.Get("From"))
}

func (s *Service) stop(ctx context.Context, siteID uuid.UUID, number string) (int, error) {
	if number == "" {
		return 0, nil
	}
	return s.Contacts.StopTexts(ctx, siteID, number)
}
