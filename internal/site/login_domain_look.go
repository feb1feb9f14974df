package site

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"carnet/internal/fault"
)

// LoginDomains is how login domains are looked at. The program binds it.
type LoginDomains struct {
	// Client asks addresses that staff typed; package outbound has it.
	Client *http.Client
	// Resolver asks the DNS; nil: the system's.
	Resolver *net.Resolver
}

// LoginDomainPath is where the server tells by which name it was asked.
const LoginDomainPath = "/.well-known/carnet-login-domain"

// Reached is what stands at LoginDomainPath.
type Reached struct {
	Host   string `json:"host"`   // the request's Host header, as it came through the proxy
	Server string `json:"server"` // the server's public address
}

const lookPatience = 10 * time.Second

// look finds out what is wrong with a site's login domain; server is this one's address.
func (l LoginDomains) look(ctx context.Context, of Site, server string) error {
	ctx, done := context.WithTimeout(ctx, lookPatience)
	defer done()
	if err := l.proven(ctx, of); err != nil {
		return err
	}
	return l.reaches(ctx, of, server)
}

func (l LoginDomains) proven(ctx context.Context, of Site) error {
	name, text := of.LoginDomainRecord()
	if name == "" {
		return nil
	}
	resolver := l.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	found, err := resolver.LookupTXT(ctx, name)
	var unknown *net.DNSError
	if err != nil && (!errors.As(err, &unknown) || !unknown.IsNotFound) {
		return unreachable("the DNS does not answer for %s; try again in a minute", name)
	}
	if !slices.Contains(found, text) {
		return fault.Invalid(fault.NoRecord, []string{"domain"}, "the DNS has no TXT record %s with the text %s; make it where your domain is managed. It can take an hour until it is seen", name, text)
	}
	return nil
}

func unreachable(text string, args ...any) error {
	return fault.Invalid(fault.Unreachable, []string{"domain"}, text, args...)
}

func (l LoginDomains) reaches(ctx context.Context, of Site, server string) error {
	address := of.LoginURL() + LoginDomainPath
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fault.Wrap(err, "ask login domain")
	}
	resp, err := l.Client.Do(req)
	if err != nil {
		return unreachable("%s cannot be reached: %s. Lead its name to the proxy before this server, and give the proxy a certificate for it", of.LoginURL(), short(err))
	}
	defer resp.Body.Close()
	var at Reached
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, 4<<10)).Decode(&at) != nil || at.Server != server {
		return fault.Invalid(fault.OtherServer, []string{"domain"}, "something else than this server answers at %s (status %d); let the proxy pass everything on to %s", address, resp.StatusCode, server)
	}
	if !strings.EqualFold(at.Host, of.LoginDomain) {
		return fault.Invalid(fault.WrongHost, []string{"domain"}, "the proxy calls this server %s; let it pass the Host header on as it came, %s", clip(at.Host), of.LoginDomain)
	}
	return nil
}

// short gives why an address was not reached, without what net/http puts around it.
func short(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return clip(err.Error())
}

// clip keeps what others said to a length that fits a message.
func clip(text string) string {
	if len(text) > 200 {
		return strings.ToValidUTF8(text[:200], "") + "…"
	}
	return strings.ToValidUTF8(text, "")
}
