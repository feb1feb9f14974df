package account

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Attempt is a widget's try to sign in: what a code will be bound to.
type Attempt struct {
	ID        string // the widget's own, 43 characters of base64url
	Challenge string // S256 challenge (RFC 7636)
	JKT       string // SHA-256 thumbprint of the widget's key (RFC 7638)
}

var base64url43 = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// check refuses malformed values; paths lead into the input's attempt.
func (a Attempt) check() error {
	var list fault.List
	for _, part := range []struct{ name, value string }{{"id", a.ID}, {"challenge", a.Challenge}, {"jkt", a.JKT}} {
		if !base64url43.MatchString(part.value) {
			list = append(list, fault.Invalid(fault.InvalidValue, []string{"attempt", part.name}, "give 43 characters of base64url: 32 bytes"))
		}
	}
	return list.Err()
}

// Client is where a request comes from, for limits and for the list of sessions.
type Client struct {
	IP        string // empty: unknown, no limit per address of the network
	UserAgent string
	// Server is the address that was asked, where that is a site's login domain, and SiteID the site: links and redirect addresses begin with it, and
	// nothing of other sites is answered there.
	Server string
	SiteID uuid.UUID
	// SignedOut hears that the caller's own session was ended; may be nil.
	SignedOut func()
}

// serves tells whether a site is answered for where the request was sent to.
func (c Client) serves(siteID uuid.UUID) bool { return c.SiteID == uuid.Nil || c.SiteID == siteID }

type clientKey struct{}

// WithClient puts the request's origin in the network into the context.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

func clientOf(ctx context.Context) Client {
	c, _ := ctx.Value(clientKey{}).(Client)
	return c
}

// limit is how often something may be tried per window.
type limit struct {
	name string
	max  int
	per  time.Duration
}

// The limits. Those per mailbox keep codes and passwords from being guessed and mailboxes from being
// flooded; those per network keep one client from trying many addresses.
var (
	signInPerAddress  = limit{"sign-in/address", 20, 15 * time.Minute}
	signInPerClient   = limit{"sign-in/client", 100, 15 * time.Minute}
	mailPerAddress    = limit{"mail/address", 5, 15 * time.Minute}
	mailPerClient     = limit{"mail/client", 60, 15 * time.Minute}
	confirmPerAddress = limit{"confirm/address", 30, 15 * time.Minute}
	confirmPerClient  = limit{"confirm/client", 200, 15 * time.Minute}
	socialPerClient   = limit{"social/client", 100, 15 * time.Minute}
	passkeyPerClient  = limit{"passkey/client", 200, 15 * time.Minute}
	checkoutPerClient = limit{"checkout/client", 100, 15 * time.Minute}
	redeemPerSite     = limit{"redeem/site", 3000, time.Minute}
)

// takeBoth counts a try against an address of a site and against the client.
func (s *Service) takeBoth(ctx context.Context, address, client limit, siteID uuid.UUID, emailKey string) error {
	if err := s.takeClient(ctx, client, siteID); err != nil {
		return err
	}
	return s.take(ctx, address, siteID, emailKey, shortAddress(emailKey))
}

// takeClient counts a try at a site against the client. A client of IPv6 is its /64, which one subscriber holds. It is shown shorter still.
func (s *Service) takeClient(ctx context.Context, l limit, siteID uuid.UUID) error {
	ip, err := netip.ParseAddr(clientOf(ctx).IP)
	if err != nil {
		return nil
	}
	ip = ip.Unmap()
	bits, shownBits := 32, 24
	if ip.Is6() {
		bits, shownBits = 64, 48
	}
	prefix, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return nil
	}
	shown, _ := ip.WithZone("").Prefix(shownBits) // shorter than one that could be had
	return s.take(ctx, l, siteID, prefix.String(), shown.String())
}

// shortAddress is a mailbox as the site's owner finds it among the throttles: a***@example.org. What is no address is not shown.
func shortAddress(email string) string {
	if site.CheckEmail(email, "email") != nil {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(email)
	return string(first) + "***" + email[strings.LastIndexByte(email, '@'):]
}

// take counts a try of who at a site. RateLimited when the window is used up. The key is a keyed hash: buckets
// hold no addresses, but for what is shown of them.
func (s *Service) take(ctx context.Context, l limit, siteID uuid.UUID, who, shown string) error {
	start := s.now().Truncate(l.per)
	count, err := s.db.CountTry(ctx, db.Bucket{
		SiteID: siteID, Key: l.name + "/" + b64.EncodeToString(s.mac("rate", siteID.String(), who)[:16]),
		WindowStart: start, WindowEnd: start.Add(l.per), Most: l.max, Shown: shown,
	})
	if err != nil {
		return err
	}
	if count > l.max {
		wait := start.Add(l.per).Sub(s.now()).Round(time.Minute) + time.Minute
		return fault.New(fault.RateLimited, "too many tries; try again in %d minutes", int(wait.Minutes()))
	}
	return nil
}
