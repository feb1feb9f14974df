package account_test

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	publicURL = "https://carnet.example"
	shop      = "https://shop.example"
	otherShop = "https://other-shop.example"
)

// clock is a time that tests move.
type clock struct {
	sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.Lock(); defer c.Unlock(); return c.at }
func (c *clock) add(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.at = c.at.Add(d)
}

// world is a server with two sites whose contact management is on.
type world struct {
	t       *testing.T
	db      *db.DB
	sites   *site.Service
	fields  *field.Service
	sealer  *secret.Sealer
	service *account.Service
	clock   *clock
	net     *internet
	client  *http.Client // that asks providers
	log     *logged
	site    site.Site
	secret  string
	other   site.Site

	mu    sync.Mutex
	mails []account.Mail
}

func newWorld(t *testing.T) *world {
	t.Helper()
	d := dbtest.New(t)
	sealer, err := secret.NewSealer(strings.Repeat("k", 40))
	require.NoError(t, err)
	w := &world{t: t, db: d, sites: site.New(d, sealer), fields: field.New(d), clock: &clock{at: time.Now().Truncate(time.Minute)}, log: new(logged)}
	w.net, w.client = newInternet()
	w.sealer = sealer
	w.service = w.process()
	w.site, w.secret = w.newSite("club", shop, otherShop)
	w.other, _ = w.newSite("venue", shop)
	return w
}

// process is a server of the world's database.
func (w *world) process() *account.Service {
	return account.New(account.Config{
		DB: w.db, Sites: w.sites, Sealer: w.sealer, Key: strings.Repeat("k", 40), PublicURL: publicURL, Book: book{}, Mail: w.deliver,
		AllowLoopback: true, Outbound: w.client, Now: w.clock.now, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
}

func (w *world) newSite(publicID string, origins ...string) (site.Site, string) {
	w.t.Helper()
	of, _, plain, err := w.sites.Create(w.t.Context(), site.NewSite{PublicID: publicID, Name: publicID, TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@" + publicID + ".example", Name: "Owner", Password: "long enough"})
	require.NoError(w.t, err)
	on := true
	list := []site.Origin{}
	for _, o := range origins {
		list = append(list, site.Origin{Origin: o})
	}
	of, err = w.sites.Update(w.staff(of), site.Update{ContactManagement: &on, Origins: &list})
	require.NoError(w.t, err)
	return of, plain
}

func (w *world) staff(of site.Site) context.Context {
	return site.WithActor(w.t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: uuid.New(), Book: true})
}

// visitor is a page of the first site at an origin.
func (w *world) visitor(origin string) context.Context { return w.visitorOf(w.site, origin) }

func (w *world) visitorOf(of site.Site, origin string) context.Context {
	w.t.Helper()
	a, err := w.sites.Visitor(w.t.Context(), of.PublicID, origin)
	require.NoError(w.t, err)
	return site.WithActor(w.t.Context(), a)
}

func (w *world) deliver(_ context.Context, _ bun.IDB, m account.Mail) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mails = append(w.mails, m)
	return nil
}

// mail gives the newest mail to an address.
func (w *world) mail(to string) account.Mail {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.mails) - 1; i >= 0; i-- {
		if strings.EqualFold(w.mails[i].To, to) {
			return w.mails[i]
		}
	}
	w.t.Fatalf("no mail to %s", to)
	return account.Mail{}
}

func (w *world) count(table string) int {
	w.t.Helper()
	n, err := w.db.Bun.NewSelect().TableExpr(table).Count(w.t.Context())
	require.NoError(w.t, err)
	return int(n)
}

// answers gives what the only contact answered.
func (w *world) answers() field.Answers {
	w.t.Helper()
	var text string
	require.NoError(w.t, w.db.Bun.NewSelect().TableExpr("contact").ColumnExpr("answers::text").Scan(w.t.Context(), &text))
	out := field.Answers{}
	require.NoError(w.t, json.Unmarshal([]byte(text), &out))
	return out
}

// browser is a widget: its key and its attempt.
type browser struct {
	w        *world
	key      *ecdsa.PrivateKey
	verifier string
	attempt  account.Attempt
	origin   string
}

func (w *world) browser() *browser {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(w.t, err)
	b := &browser{w: w, key: key, verifier: secret.Random(), origin: shop}
	sum := sha256.Sum256([]byte(b.verifier))
	b.attempt = account.Attempt{ID: secret.Random(), Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), JKT: b.jkt()}
	return b
}

func (b *browser) jkt() string {
	thumb, err := (&jose.JSONWebKey{Key: &b.key.PublicKey}).Thumbprint(crypto.SHA256)
	require.NoError(b.w.t, err)
	return base64.RawURLEncoding.EncodeToString(thumb)
}

// claims of a proof.
type claims map[string]any

// proof signs a proof; changes overwrite claims, nil removes one.
func (b *browser) proof(method, url, access string, changes claims) string {
	b.w.t.Helper()
	c := claims{"jti": secret.Random(), "htm": method, "htu": url, "iat": b.w.clock.now().Unix(), "nonce": b.w.service.Nonce()}
	if access != "" {
		sum := sha256.Sum256([]byte(access))
		c["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return b.sign("dpop+jwt", c)
}

func (b *browser) sign(typ string, c claims) string {
	b.w.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: b.key}, (&jose.SignerOptions{EmbedJWK: true}).WithType(jose.ContentType(typ)))
	require.NoError(b.w.t, err)
	payload, err := json.Marshal(c)
	require.NoError(b.w.t, err)
	signed, err := signer.Sign(payload)
	require.NoError(b.w.t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(b.w.t, err)
	return compact
}

func (b *browser) exchange(code string) (account.Tokens, error) {
	return b.w.service.Exchange(b.w.t.Context(), account.Exchange{Site: b.w.site.PublicID, Code: code, Verifier: b.verifier, Origin: b.origin, JKT: b.jkt()})
}

func (b *browser) refresh(token string) (account.Tokens, error) {
	return b.w.service.Refresh(b.w.t.Context(), account.Refresh{Site: b.w.site.PublicID, Token: token, Origin: b.origin, JKT: b.jkt()})
}

func (b *browser) actor(access string) (site.Actor, error) {
	return b.w.service.Authenticate(b.w.t.Context(), access, b.jkt(), b.origin)
}

// signUp signs up and proves the mailbox; it gives the code to exchange.
func (b *browser) signUp(email, password string) string {
	b.w.t.Helper()
	ctx := b.w.visitor(b.origin)
	require.NoError(b.w.t, b.w.service.SignUp(ctx, account.SignUp{Attempt: b.attempt, Email: email, Password: password, FirstName: "Ada", LastName: "Lovelace"}))
	code, err := b.confirm(email, b.w.mail(email).Data["code"])
	require.NoError(b.w.t, err)
	return code
}

// signIn signs in by mail; it gives the code to exchange.
func (b *browser) signIn(email string) string {
	b.w.t.Helper()
	require.NoError(b.w.t, b.w.service.RequestEmailCode(b.w.visitor(b.origin), account.RequestEmailCode{Attempt: b.attempt, Email: email}))
	code, err := b.confirm(email, b.w.mail(email).Data["code"])
	require.NoError(b.w.t, err)
	return code
}

func (b *browser) confirm(email, code string) (string, error) {
	return b.w.service.ConfirmEmailCode(b.w.visitor(b.origin), account.ConfirmEmailCode{Attempt: b.attempt, Email: email, Code: code})
}

// session signs up and exchanges the code.
func (b *browser) session(email, password string) account.Tokens {
	b.w.t.Helper()
	tokens, err := b.exchange(b.signUp(email, password))
	require.NoError(b.w.t, err)
	return tokens
}

// as gives the context of a signed-in end user.
func (b *browser) as(tokens account.Tokens) context.Context {
	b.w.t.Helper()
	a, err := b.actor(tokens.Access)
	require.NoError(b.w.t, err)
	return site.WithActor(b.w.t.Context(), a)
}

// reason gives the reason of an error the user can mend, else its code.
func reason(err error) string {
	if list, ok := fault.Mendable(err); ok {
		return list[0].Reason
	}
	if err == nil {
		return ""
	}
	return string(fault.CodeOf(err))
}

// reasons gives path and reason of everything that can be mended.
func reasons(err error) map[string]string {
	out := map[string]string{}
	list, _ := fault.Mendable(err)
	for _, e := range list {
		out[strings.Join(e.Path, ".")] = e.Reason
	}
	return out
}

// book is a contact book of the least size over the real table.
type book struct{ account.Book } // what accounts need of it here

func (book) Match(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p account.Person) (uuid.UUID, error) {
	emailKey := site.EmailKey(p.Email)
	var ids []uuid.UUID
	err := tx.NewRaw(`SELECT id FROM contact c WHERE site_id = ?0 AND email_key = ?1 AND deleted_at IS NULL
		AND NOT EXISTS (SELECT FROM account a WHERE a.site_id = ?0 AND a.contact_id = c.id)`, siteID, emailKey).Scan(ctx, &ids)
	if err != nil || len(ids) != 1 {
		return uuid.Nil, err
	}
	return ids[0], nil
}

func (book) Known(ctx context.Context, tx bun.IDB, siteID uuid.UUID, emailKey string) (bool, error) {
	return tx.NewSelect().TableExpr("contact").Where("site_id = ? AND email_key = ? AND deleted_at IS NULL", siteID, emailKey).Exists(ctx)
}

func (book) Enter(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, p account.Person, surface string) (uuid.UUID, error) {
	answers, err := json.Marshal(p.Answers)
	if err != nil {
		return uuid.Nil, err
	}
	if p.Answers == nil {
		answers = []byte("{}")
	}
	if contactID == uuid.Nil {
		contactID = uuid.Must(uuid.NewV7())
		_, err = tx.NewRaw(`INSERT INTO contact (site_id, id, number, kind, first_name, last_name, email, email_key, source, listed)
			SELECT ?0, ?1, coalesce(max(number), 0) + 1, 'person', ?2, ?3, ?4, ?5, ?6, ?7 FROM contact WHERE site_id = ?0`,
			siteID, contactID, p.FirstName, p.LastName, p.Email, site.EmailKey(p.Email), surface, p.Consent).Exec(ctx)
		if err != nil {
			return uuid.Nil, err
		}
	}
	_, err = tx.NewRaw(`UPDATE contact SET answers = answers || ?2, first_name = coalesce(nullif(?3, ''), first_name),
		last_name = coalesce(nullif(?4, ''), last_name) WHERE site_id = ?0 AND id = ?1`, siteID, contactID, string(answers), p.FirstName, p.LastName).Exec(ctx)
	return contactID, err
}

func (book) Read(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) (account.Person, error) {
	var row struct {
		Number                     int64
		FirstName, LastName, Email string
		Answers                    field.Answers `bun:"type:jsonb"`
	}
	err := tx.NewSelect().TableExpr("contact").Column("number", "first_name", "last_name", "email", "answers").
		Where("site_id = ? AND id = ?", siteID, contactID).Scan(ctx, &row)
	if err != nil {
		return account.Person{}, db.Missing(err, "contact", "read contact")
	}
	groups := []account.Group{}
	err = tx.NewRaw(`SELECT g.id, g.name FROM contact_group g JOIN contact_group_member m ON m.site_id = g.site_id AND m.group_id = g.id
		WHERE m.site_id = ? AND m.contact_id = ? ORDER BY g.name`, siteID, contactID).Scan(ctx, &groups)
	return account.Person{
		ID: contactID, Number: row.Number, Email: row.Email, FirstName: row.FirstName, LastName: row.LastName,
		DisplayName: strings.TrimSpace(row.LastName + " " + row.FirstName), Answers: row.Answers, Groups: groups,
	}, err
}

func (book) Tell(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, e account.Event) error {
	a := site.ActorOf(ctx)
	_, err := tx.NewRaw(`INSERT INTO contact_history (site_id, id, contact_id, actor_kind, actor_name, surface, action, changes, account_id) VALUES (?, ?, ?, ?, ?, ?, ?, '{}', ?)`,
		siteID, uuid.Must(uuid.NewV7()), contactID, a.Kind, a.Name, cmp.Or(e.Surface, a.Surface()), "account_"+string(e.Kind), e.AccountID).Exec(ctx)
	return err
}

func (book) Hold(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, _ bool) (account.Person, error) {
	return book{}.Read(ctx, tx, siteID, contactID)
}
