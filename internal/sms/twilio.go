package sms

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the signature that Twilio prescribes
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"carnet/internal/message"
)

// TwilioURL is Twilio's address.
const TwilioURL = "https://api.twilio.com"

// twilio speaks to Twilio's Messages resource. Its own SDK is generated for all of Twilio's products and many times this program's size;
// this is one request.
type twilio struct {
	client  *http.Client
	base    string
	account string // the account's SID
	token   string
	sender  string // a number or name, or a messaging service's SID
}

// isService tells whether a sender is a messaging service, which picks one of its numbers.
func isService(sender string) bool { return twilioService.MatchString(sender) }

// Replies tells that Twilio tells us what people answer, where the site has set it so.
func (p *twilio) Replies() bool { return true }

// message is what Twilio answers: the message, or what stands against it.
type twilioMessage struct {
	SID          string `json:"sid"`
	Status       any    `json:"status"` // a word; of an error, the HTTP status
	ErrorCode    *int   `json:"error_code"`
	ErrorMessage string `json:"error_message"`
	Code         int    `json:"code"`
	Message      string `json:"message"`
}

// Send posts a message.
func (p *twilio) Send(ctx context.Context, t Text) Outcome {
	form := url.Values{"To": {t.To}, "Body": {t.Body}}
	if isService(p.sender) {
		form.Set("MessagingServiceSid", p.sender)
	} else {
		form.Set("From", p.sender)
	}
	if t.Callback != "" {
		form.Set("StatusCallback", t.Callback)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+"/2010-04-01/Accounts/"+url.PathEscape(p.account)+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		return outcome(message.Barred, err)
	}
	req.SetBasicAuth(p.account, p.token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	a, failed := exchange(p.client, req)
	if failed != nil {
		return *failed
	}
	return readTwilio(a)
}

// Twilio's error codes that are the number's fault, and those that are the account's.
// https://www.twilio.com/docs/api/errors
var (
	twilioNoSuch = []int{21211, 21214, 21217, 21614, 30005, 30006}
	twilioBarred = []int{20003, 20404, 21212, 21606, 21603, 21659, 21660, 21701, 21703, 30002}
)

func readTwilio(a answer) Outcome {
	var m twilioMessage
	readable := json.Unmarshal(a.body, &m) == nil
	problem := fmt.Errorf("Twilio answers %d: %s", a.status, a.says()) //nolint:staticcheck // a name
	if readable && m.Message != "" {
		problem = fmt.Errorf("Twilio, error %d: %s", m.Code, m.Message) //nolint:staticcheck // a name
	}
	switch {
	case a.status >= 200 && a.status < 300 && readable && (m.ErrorCode != nil && *m.ErrorCode != 0 || m.Status == "failed" || m.Status == "undelivered"):
		code := 0
		if m.ErrorCode != nil {
			code = *m.ErrorCode
		}
		return outcome(twilioFate(code), fmt.Errorf("Twilio, error %d: %s", code, m.ErrorMessage)) //nolint:staticcheck // a name
	case a.status >= 200 && a.status < 300 && readable && m.SID != "":
		out := outcome(message.Accepted, nil)
		out.ID = m.SID
		return out
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
		out := outcome(message.Away, problem)
		out.Wait = a.wait()
		return out
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden, a.status == http.StatusNotFound:
		return outcome(message.Barred, problem)
	case a.status >= 400 && a.status < 500:
		return outcome(twilioFate(m.Code), problem)
	}
	return outcome(message.Unknown, problem) // it may have sent it
}

func twilioFate(code int) message.Fate {
	switch {
	case slices.Contains(twilioNoSuch, code):
		return message.NoSuch
	case slices.Contains(twilioBarred, code):
		return message.Barred
	}
	return message.Refused
}

// signed tells whether a request to an address comes from who has the token.
// https://www.twilio.com/docs/usage/security#validating-requests
func signed(token, address string, form url.Values, signature string) bool {
	var b strings.Builder
	b.WriteString(address)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			b.WriteString(name + v)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(b.String()))
	given, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// readTwilioReport reads a status callback; false: the message is still on its way.
func readTwilioReport(form url.Values) (Report, bool) {
	switch form.Get("MessageStatus") {
	case "delivered", "read":
		return Report{Delivered: true}, true
	case "undelivered", "failed":
		code := form.Get("ErrorCode")
		return Report{Dead: code == "30005" || code == "30006", Problem: "Twilio, error " + code}, true
	}
	return Report{}, false
}
