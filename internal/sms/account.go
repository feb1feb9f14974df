package sms

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/nyaruka/phonenumbers"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/message"
	"carnet/internal/outbound"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// ProviderName names who carries a site's texts.
type ProviderName string

// The providers.
const (
	Twilio  ProviderName = "twilio"
	Gateway ProviderName = "gateway"
)

// Account is how a site sends texts, as far as it may be read: its secret is not.
type Account struct {
	bun.BaseModel `bun:"table:sms_account"`

	SiteID     uuid.UUID `bun:",pk"`
	Provider   ProviderName
	Sender     string
	Secret     []byte // sealed
	SecretHint string
	Account    string
	URL        string
	Method     string
	Headers    []Header `bun:"type:jsonb"`
	Body       string
	Taken      string
	ChangedBy  string
	ChangedAt  time.Time
	RepliesURL string `bun:"-"` // what Twilio is to tell answers to
}

func (a *Account) place() string { return "sms_account/" + a.SiteID.String() }

// Config is what a Service needs.
type Config struct {
	DB        *db.DB
	Sealer    *secret.Sealer
	Links     *secret.Signer // of the addresses that reports come to
	Contacts  *contact.Service
	PublicURL string
	TwilioURL string // stands for Twilio's address in tests; empty: Twilio's own
	// AllowLoopback lets gateways be on this machine, for tests and the demo.
	AllowLoopback bool
}

// Service answers for sites' text messages.
type Service struct {
	Config
	client *http.Client
	now    func() time.Time
}

// New makes the service.
func New(cfg Config) *Service {
	if cfg.TwilioURL == "" {
		cfg.TwilioURL = TwilioURL
	}
	return &Service{Config: cfg, client: outbound.Client(cfg.AllowLoopback), now: time.Now}
}

// AccountOf gives how the site sends texts; nil when it does not. Needs a manager.
func (s *Service) AccountOf(ctx context.Context) (*Account, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row, err := s.read(ctx, a.SiteID)
	if err != nil || row == nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	row.RepliesURL = s.PublicURL + RepliesPath + of.PublicID
	return row, err
}

// Ready tells whether a site can send texts. The caller has the right.
func (s *Service) Ready(ctx context.Context, siteID uuid.UUID) (bool, error) {
	row, err := s.read(ctx, siteID)
	return row != nil, err
}

func (s *Service) read(ctx context.Context, siteID uuid.UUID) (*Account, error) {
	row := new(Account)
	err := s.DB.Bun.NewSelect().Model(row).Where("site_id = ?", siteID).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // most sites have none
	}
	return row, db.MapError(err, "read SMS account")
}

// AccountChange is how a site is to send texts. An empty secret leaves the stored one as it is, when the provider stays.
type AccountChange struct {
	Provider ProviderName
	Sender   string
	Account  string
	Secret   string
	Request
}

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

// Save sets how the site sends texts. Needs a manager. Mendable.
func (s *Service) Save(ctx context.Context, in AccountChange) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	in.Sender, in.Account, in.Secret, in.URL = strings.TrimSpace(in.Sender), strings.TrimSpace(in.Account), strings.TrimSpace(in.Secret), strings.TrimSpace(in.URL)
	if list := s.check(&in); len(list) > 0 {
		return list
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		was := new(Account)
		err := tx.NewSelect().Model(was).Where("site_id = ?", a.SiteID).For("UPDATE").Scan(ctx)
		if err != nil && !db.NoRows(err) {
			return db.MapError(err, "read SMS account")
		}
		row := &Account{
			SiteID: a.SiteID, Provider: in.Provider, Sender: in.Sender, Account: in.Account, URL: in.URL, Method: in.Method, Headers: in.Headers,
			Body: in.Body, Taken: in.Taken, ChangedBy: a.Name, ChangedAt: s.now(),
		}
		same := err == nil && was.Provider == row.Provider && was.Account == row.Account && sameHost(was.URL, row.URL)
		switch {
		case in.Secret != "":
			row.Secret, row.SecretHint = s.Sealer.Seal([]byte(in.Secret), row.place()), in.Secret[max(len(in.Secret)-4, len(in.Secret)/2):]
		case same:
			row.Secret, row.SecretHint = was.Secret, was.SecretHint
		}
		if row.Secret == nil && (row.Provider == Twilio || in.uses("{secret}")) {
			return fault.Invalid(fault.Required, []string{"secret"}, "give the secret: it was stored for another account or address, or never")
		}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (site_id) DO UPDATE").
			Set("provider = EXCLUDED.provider, sender = EXCLUDED.sender, secret = EXCLUDED.secret, secret_hint = EXCLUDED.secret_hint, account = EXCLUDED.account").
			Set("url = EXCLUDED.url, method = EXCLUDED.method, headers = EXCLUDED.headers, body = EXCLUDED.body, taken = EXCLUDED.taken").
			Set("changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at").Exec(ctx)
		return db.MapError(err, "save SMS account")
	})
}

// sameHost tells whether two addresses are of one machine: a stored secret goes to no other unless it is typed anew.
func sameHost(a, b string) bool {
	one, errOne := url.Parse(a)
	other, errOther := url.Parse(b)
	return errOne == nil && errOther == nil && one.Host == other.Host && one.Scheme == other.Scheme
}

// uses tells whether a place stands anywhere in the request.
func (r Request) uses(place string) bool {
	for _, h := range r.Headers {
		if strings.Contains(h.Value, place) {
			return true
		}
	}
	return strings.Contains(r.URL, place) || strings.Contains(r.Body, place)
}

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

// Remove forgets how the site sends texts. Needs a manager. NotFound.
func (s *Service) Remove(ctx context.Context) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	res, err := s.DB.Bun.NewDelete().Model((*Account)(nil)).Where("site_id = ?", a.SiteID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete SMS account")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "the site sends no text messages")
	}
	return nil
}

// Try sends a text to a number, now. Needs a manager. Mendable: INVALID_PHONE; Conflict says what the provider said against it.
func (s *Service) Try(ctx context.Context, number, text string) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	if err != nil {
		return err
	}
	n, err := phonenumbers.Parse(number, of.Country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return fault.Invalid(fault.InvalidPhone, []string{"to"}, "give a number with its country's prefix, for example +47 912 34 567")
	}
	if utf8.RuneCountInString(text) == 0 || Measure(text).Parts > MaxParts {
		return fault.Invalid(fault.TooLong, []string{"text"}, "a text has 1 to %d parts", MaxParts)
	}
	way, err := s.Open(ctx, a.SiteID)
	if err != nil {
		return err
	}
	out := way.Send(ctx, Text{To: phonenumbers.Format(n, phonenumbers.E164), Body: text})
	if out.Fate != message.Accepted {
		return fault.New(fault.Conflict, "it was not taken: %s", message.Short(out.Problem))
	}
	return nil
}

// MaxParts is how many parts a text has at most.
const MaxParts = 10

// Way is how one site's texts go.
type Way struct {
	Provider
	s      *Service
	siteID uuid.UUID
	name   ProviderName
}

// Open gives a site's way. Conflict when it has none. The caller has the right.
func (s *Service) Open(ctx context.Context, siteID uuid.UUID) (*Way, error) {
	row, err := s.read(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fault.New(fault.Conflict, "the site cannot send text messages yet; a manager sets it up under Settings > Text messages")
	}
	key, err := s.open(row)
	if err != nil {
		return nil, err
	}
	way := &Way{s: s, siteID: siteID, name: row.Provider}
	if row.Provider == Twilio {
		way.Provider = &twilio{client: s.client, base: s.TwilioURL, account: row.Account, token: key, sender: row.Sender}
	} else {
		way.Provider = &gateway{client: s.client, Request: Request{row.URL, row.Method, row.Headers, row.Body, row.Taken}, sender: row.Sender, secret: key}
	}
	return way, nil
}

func (s *Service) open(row *Account) (string, error) {
	if row.Secret == nil {
		return "", nil
	}
	key, err := s.Sealer.Open(row.Secret, row.place())
	return string(key), fault.Wrap(err, "open SMS secret")
}
