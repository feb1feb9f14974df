package sms

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// What people answer to a site's texts. Who says stop withdraws for every purpose; all else is only counted as heard.

// RepliesPath is where providers tell what people answered: Twilio at the site's public id, signed; a gateway below it, at an address that
// nobody else is given.
const RepliesPath = "/v1/sms/replies/"

func (s *Service) repliesURL(row *Account, of site.Site) string {
	address := s.PublicURL + RepliesPath + of.PublicID
	if row.Provider == Gateway {
		address += "/" + s.repliesToken(row)
	}
	return address
}

// repliesToken is what a gateway proves itself by. It is another one once the account was removed and set up anew.
func (s *Service) repliesToken(row *Account) string {
	return base64.RawURLEncoding.EncodeToString(s.Links.Digest("replies\x00" + row.SiteID.String() + row.RepliesKey.String()))
}

// stops are the words by which people stop messages, folded: those that Twilio itself knows, and those of our languages.
var stops = []string{"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "arret", "stopp", "avslutt", "avmeld"}

func saysStop(text string) bool {
	return slices.Contains(stops, strings.Trim(fold.Text(text), " .!"))
}

// HearTwilio takes what somebody answered, as Twilio tells it; withdrawn is how many consents that ended. Forbidden without Twilio's signature.
func (s *Service) HearTwilio(r *http.Request, of site.Site) (withdrawn int, err error) {
	if err := s.checkTwilio(r, of.ID); err != nil {
		return 0, err
	}
	return s.hear(r.Context(), of, r.PostForm.Get("From"), r.PostForm.Get("OptOutType") == "STOP" || saysStop(r.PostForm.Get("Body")))
}

// The names by which gateways give who answered, and what.
var (
	fromNames = []string{"from", "sender", "msisdn", "originator"}
	textNames = []string{"text", "message", "body"}
)

// HearGateway is HearTwilio for a gateway. NotFound for an address that is not the site's; BadInput when it does not say who answered.
func (s *Service) HearGateway(r *http.Request, of site.Site, token string) (withdrawn int, err error) {
	row, err := s.read(r.Context(), of.ID)
	if err != nil {
		return 0, err
	}
	if row == nil || row.Provider != Gateway || !hmac.Equal([]byte(token), []byte(s.repliesToken(row))) {
		return 0, fault.New(fault.NotFound, "this address is not one of ours")
	}
	values, err := told(r)
	if err != nil {
		return 0, err
	}
	from := named(values, fromNames)
	if from == "" {
		return 0, fault.New(fault.BadInput, "say who answered, as from, and what, as text")
	}
	return s.hear(r.Context(), of, from, saysStop(named(values, textNames)))
}

func named(values map[string]string, names []string) string {
	for _, name := range names {
		if values[name] != "" {
			return values[name]
		}
	}
	return ""
}

func (s *Service) hear(ctx context.Context, of site.Site, from string, stop bool) (withdrawn int, err error) {
	if _, err := s.DB.Bun.NewRaw("UPDATE sms_account SET heard_at = ? WHERE site_id = ?", s.now(), of.ID).Exec(ctx); err != nil {
		return 0, db.MapError(err, "note an answer")
	}
	if !stop {
		return 0, nil
	}
	for _, number := range numbersOf(from, of.Country) {
		n, err := s.Contacts.StopTexts(ctx, of.ID, number)
		if err != nil {
			return withdrawn, err
		}
		withdrawn += n
	}
	return withdrawn, nil
}

// numbersOf gives the numbers that a gateway may mean, E.164: many leave the plus out, and some the country.
func numbersOf(from, country string) (out []string) {
	from = strings.TrimSpace(from) // an unescaped plus in an address is a space
	if rest, is := strings.CutPrefix(from, "00"); is {
		from = "+" + rest
	}
	for _, text := range []string{from, "+" + strings.TrimPrefix(from, "+")} {
		n, err := phonenumbers.Parse(text, country)
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			continue
		}
		if number := phonenumbers.Format(n, phonenumbers.E164); !slices.Contains(out, number) {
			out = append(out, number)
		}
	}
	return out
}
