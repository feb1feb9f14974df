package sms

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"carnet/internal/fault"
	"carnet/internal/outbound"
)

// Reasons of a refused account.
const (
	ReasonSender  = "INVALID_SENDER"
	ReasonAccount = "INVALID_TWILIO_ACCOUNT"
	ReasonHeader  = "INVALID_HEADER"
	ReasonNoPlace = "MISSING_PLACEHOLDER"
)

var (
	twilioAccount = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	twilioService = regexp.MustCompile(`^MG[0-9a-f]{32}$`)
	senderNumber  = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
	senderName    = regexp.MustCompile(`^[A-Za-z0-9 &._-]{1,11}$`)
	headerName    = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")
)

func (s *Service) check(in *AccountChange) (list fault.List) {
	add := func(reason, field, format string, args ...any) {
		list = append(list, fault.Invalid(reason, []string{field}, format, args...))
	}
	switch {
	case in.Sender == "":
		add(fault.Required, "sender", "say who the texts come from: a number, or a name of at most eleven letters and digits")
	case !senderNumber.MatchString(in.Sender) && !senderName.MatchString(in.Sender) && (in.Provider != Twilio || !twilioService.MatchString(in.Sender)):
		add(ReasonSender, "sender", "a sender is a number, a name of at most eleven letters and digits or, at Twilio, a messaging service (MG...)")
	}
	if utf8.RuneCountInString(in.Secret) > 500 {
		add(fault.TooLong, "secret", "a secret has at most 500 characters")
	}
	if in.Provider == Twilio {
		in.Request = Request{Headers: []Header{}}
		if !twilioAccount.MatchString(in.Account) {
			add(ReasonAccount, "accountSid", "the account SID from Twilio's console begins with AC and has 34 characters")
		}
		return list
	}
	in.Account = ""
	if in.Headers == nil {
		in.Headers = []Header{}
	}
	if reason, problem := s.checkURL(in.URL); reason != "" {
		add(reason, "url", "%s", problem)
	}
	switch in.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut:
	default:
		add(fault.InvalidValue, "method", "the method is GET, POST or PUT")
	}
	for _, h := range in.Headers {
		if !headerName.MatchString(h.Name) || len(h.Value) > 2000 || h.Value != headerEscape(h.Value) || strings.EqualFold(h.Name, "Host") || strings.EqualFold(h.Name, "Content-Length") {
			add(ReasonHeader, "headers", "the header %q cannot be sent", h.Name)
		}
	}
	if len(in.Headers) > 20 {
		add(fault.TooLong, "headers", "at most 20 headers")
	}
	if len(in.Body) > 10_000 {
		add(fault.TooLong, "body", "the body has at most 10,000 characters")
	}
	if len(in.Taken) > 200 {
		add(fault.TooLong, "taken", "this has at most 200 characters")
	}
	for _, place := range []string{"{to}", "{text}"} {
		if !in.uses(place) {
			add(ReasonNoPlace, "body", "the request must hold %s somewhere", place)
		}
	}
	return list
}

// checkURL says what is wrong with a gateway's address; no reason when nothing is. Where a name leads is checked whenever it is dialled.
func (s *Service) checkURL(text string) (reason, problem string) {
	u, err := url.Parse(fill(text, map[string]string{"to": "x", "text": "x", "from": "x", "callback": "x", "secret": "x"}, url.QueryEscape))
	if err != nil || u.Hostname() == "" || len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' }) {
		return fault.InvalidURL, "give the gateway's address, for example https://sms.example/send"
	}
	before, _, _ := strings.Cut(text, "?")
	if strings.ContainsAny(strings.SplitN(strings.TrimPrefix(strings.TrimPrefix(before, "https://"), "http://"), "/", 2)[0], "{}") || u.User != nil || u.Fragment != "" {
		return fault.InvalidURL, "an address has no password and no fragment, and its machine is always the same"
	}
	if outbound.CheckScheme(u, s.AllowLoopback) != nil {
		return fault.InvalidURL, "the address must begin with https://"
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && outbound.CheckAddress(ip, s.AllowLoopback) != nil {
		return fault.PrivateAddress, "this is an address within a network: messages go to public addresses only"
	}
	return "", ""
}
