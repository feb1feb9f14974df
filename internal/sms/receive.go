package sms

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/fault"
)

// ReportsPath is where providers tell what became of messages.
const ReportsPath = "/v1/sms/reports/"

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
			in := json.NewDecoder(bytes.NewReader(body))
			in.UseNumber() // some give phone numbers so
			err = in.Decode(&values)
		}
		if err != nil {
			return nil, fault.New(fault.BadInput, "this is no JSON object")
		}
		for name, v := range values {
			switch v := v.(type) {
			case string:
				out[name] = v
			case json.Number:
				out[name] = v.String()
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
