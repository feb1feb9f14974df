package graph_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/secret"
	"carnet/internal/site"
)

const shopPage = "https://shop.example"

// browser is a widget's page with its key; access is its session's token.
type browser struct {
	t        *testing.T
	s        *apptest.Site
	key      *ecdsa.PrivateKey
	verifier string
	attempt  vars
	access   string
	domain   string           // the login domain that the page loaded the widgets from, if any
	office   *mailtest.Office // where its mails arrive; without one they are read in the outbox
}

// withShop registers a page of the site's.
func withShop(t *testing.T, s *apptest.Site) {
	t.Helper()
	_, err := s.Program.Sites.Update(s.AsOwner(t.Context()), site.Update{Origins: &[]site.Origin{{Origin: shopPage, LandingURL: shopPage + "/welcome"}}})
	require.NoError(t, err)
}

func newBrowser(t *testing.T, s *apptest.Site) *browser {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	thumb, err := (&jose.JSONWebKey{Key: &key.PublicKey}).Thumbprint(crypto.SHA256)
	require.NoError(t, err)
	b := &browser{t: t, s: s, key: key, verifier: secret.Random()}
	b.attempt = vars{"id": secret.Random(), "challenge": sha(b.verifier), "jkt": base64.RawURLEncoding.EncodeToString(thumb)}
	return b
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// header is who calls: the site's page, and whoever is signed in there, with a proof (RFC 9449).
func (b *browser) header(path string) apptest.Header {
	h, server := apptest.Header{"Origin": shopPage, "Carnet-Site": b.s.PublicID}, b.s.Program.URL
	if b.domain != "" {
		h["Host"], server = b.domain, "https://"+b.domain
	}
	claims := map[string]any{"jti": secret.Random(), "htm": "POST", "htu": server + path, "iat": time.Now().Unix(), "nonce": b.s.Program.Accounts.Nonce()}
	if b.access != "" {
		claims["ath"] = sha(b.access)
		h["Authorization"] = "DPoP " + b.access
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: b.key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	require.NoError(b.t, err)
	payload, err := json.Marshal(claims)
	require.NoError(b.t, err)
	signed, err := signer.Sign(payload)
	require.NoError(b.t, err)
	h["DPoP"], err = signed.CompactSerialize()
	require.NoError(b.t, err)
	return h
}

// code sends a mutation that gives a code, exchanges it, and tells what is to be mended.
func (b *browser) code(field, input string, in vars) []string {
	b.t.Helper()
	in["attempt"] = b.attempt
	var out map[string]struct{ Code *string }
	b.access = ""
	at := b.s.Program.Payload(b.t, b.header("/graphql"), `mutation($i: `+input+`!) { `+field+`(input: $i) { code errors { code message path } } }`, vars{"i": in}, &out)
	if len(at) > 0 {
		return at
	}
	body, err := json.Marshal(vars{"site": b.s.PublicID, "code": *out[field].Code, "verifier": b.verifier})
	require.NoError(b.t, err)
	status, answer := b.s.Program.HTTP(b.t, http.MethodPost, "/v1/token", b.header("/v1/token"), "application/json", strings.NewReader(string(body)))
	require.Equal(b.t, http.StatusOK, status, answer)
	var tokens struct {
		Access string `json:"access_token"`
	}
	require.NoError(b.t, json.Unmarshal([]byte(answer), &tokens))
	b.access = tokens.Access
	return at
}

// newest gives the text of the newest mail to an address. The outbox no longer has it once a mail server took it.
func (b *browser) newest(email string) string {
	b.t.Helper()
	if b.office == nil {
		return mailTo(b.t, b.s, email).Text
	}
	require.Eventually(b.t, func() bool { return len(b.office.Mails(email)) > 0 }, time.Minute, 20*time.Millisecond)
	mails := b.office.Mails(email)
	return mails[len(mails)-1]
}

// register signs up with a password and proves the mailbox.
func (b *browser) register(email, first, last, password string) {
	b.t.Helper()
	in := vars{"attempt": b.attempt, "email": email, "firstName": first, "lastName": last, "password": password}
	require.Empty(b.t, b.s.Program.Payload(b.t, b.header("/graphql"), `mutation($i: SignUpInput!) { signUp(input: $i) { mailSent errors { code message path } } }`, vars{"i": in}, nil))
	code := regexp.MustCompile(`(?m)^\d{8}\r?$`).FindString(b.newest(email)) // mail has CRLF
	code = strings.TrimSuffix(code, "\r")
	require.Empty(b.t, b.code("confirmEmailCode", "ConfirmEmailCodeInput", vars{"email": email, "code": code}))
}

func (b *browser) signIn(email, password string) (refused string) {
	b.t.Helper()
	b.access = ""
	r := b.s.Program.Do(b.t, b.header("/graphql"), `mutation($i: SignInInput!) { signIn(input: $i) { code errors { code } } }`, vars{"i": vars{"attempt": b.attempt, "email": email, "password": password}})
	if found := regexp.MustCompile(`WRONG_CREDENTIALS`).FindString(r.Raw); found != "" {
		return found
	}
	require.Empty(b.t, b.code("signIn", "SignInInput", vars{"email": email, "password": password}))
	return ""
}

// me tells whether the session still stands.
func (b *browser) me() bool {
	r := b.s.Program.Do(b.t, b.header("/graphql"), `{ me { email } }`, nil)
	return len(r.Errors) == 0 && strings.Contains(r.Raw, "@")
}

type sentMail struct{ Recipient, Subject, Text string }

// mailTo gives the newest mail to an address.
func mailTo(t *testing.T, s *apptest.Site, email string) sentMail {
	t.Helper()
	var out struct {
		Mails struct{ Nodes []sentMail }
	}
	s.Program.Must(t, s.As(site.Manager), `{ mails(first: 50) { nodes { recipient subject text } } }`, nil, &out)
	for _, m := range out.Mails.Nodes {
		if m.Recipient == email {
			return m
		}
	}
	t.Fatalf("no mail to %s", email)
	return sentMail{}
}

type accountChange struct {
	Action, Surface, ActorName, ActorKind string
	OnBehalf                              bool
	At                                    time.Time
}

type accountBlock struct {
	Email                string
	ProvenAt, DisabledAt *time.Time
	HasPassword          bool
	Identities           []struct{ Provider string }
	SessionCount         int
	CreatedAt            time.Time
	LastChange           *accountChange
}

const blockFields = `{ email provenAt hasPassword identities { provider } sessionCount createdAt disabledAt lastChange { at action actorName actorKind surface onBehalf } }`

// block gives a contact's account as staff see it; nil when there is none.
func block(t *testing.T, s *apptest.Site, id string) *accountBlock {
	t.Helper()
	var out struct {
		Contact struct{ Account *accountBlock }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { ... on Person { account `+blockFields+` } } }`, vars{"i": id}, &out)
	return out.Contact.Account
}

// accountStory gives what a contact's history says of the account, newest first.
func accountStory(t *testing.T, s *apptest.Site, id string) []string {
	t.Helper()
	var out struct {
		Contact struct {
			History struct{ Nodes []accountChange }
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { history { nodes { action actorName actorKind surface onBehalf } } } }`, vars{"i": id}, &out)
	list := []string{}
	for _, e := range out.Contact.History.Nodes {
		if rest, ok := strings.CutPrefix(e.Action, "account_"); ok {
			list = append(list, rest+" "+e.ActorName+" "+e.Surface)
		}
	}
	return list
}

// manage sends one of the staff's mutations about a contact's account and gives what is to be mended.
func manage(t *testing.T, s *apptest.Site, h apptest.Header, mutation, id string) []string {
	t.Helper()
	return s.Program.Payload(t, h, manageQuery(mutation), vars{"i": vars{"contactId": id}}, nil)
}

func manageQuery(mutation string) string {
	if mutation == "startSupportSession" {
		return `mutation($i: StartSupportSessionInput!) { startSupportSession(input: $i) { url errors { code message path } } }`
	}
	return `mutation($i: AccountInput!) { ` + mutation + `(input: $i) { account { email } errors { code message path } } }`
}

// idOf gives the only contact with an address.
func idOf(t *testing.T, s *apptest.Site, email string) string {
	t.Helper()
	ids, names := people(t, s)
	for i, name := range names {
		if strings.HasSuffix(name, " "+email) {
			return ids[i]
		}
	}
	t.Fatalf("nobody has %s", email)
	return ""
}

// change does what changes one's own account, as who is signed in.
func (b *browser) change(field, input string, in vars) []string {
	b.t.Helper()
	in["attempt"] = b.attempt
	return b.s.Program.Payload(b.t, b.header("/graphql"), `mutation($i: `+input+`!) { `+field+`(input: $i) { code errors { code message path } } }`, vars{"i": in}, nil)
}
