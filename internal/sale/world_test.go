package sale_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/sale"
	"carnet/internal/site"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// world is a site that sells, and who asks.
type world struct {
	t     *testing.T
	db    *db.DB
	sales *sale.Service
	book  *contact.Service
	site  site.Site
	staff context.Context //nolint:containedctx // the owner's, with the actor
	key   context.Context //nolint:containedctx // a shop's
	since int64           // the transaction that mark began
}

// mark begins what is looked for later: rows written or locked from now on.
func (w *world) mark() {
	w.t.Helper()
	require.NoError(w.t, w.db.Pool.QueryRow(w.t.Context(), "SELECT pg_current_xact_id()::text::bigint").Scan(&w.since))
}

// orderOf is an order of one of a product.
func orderOf(key string, buyer, product uuid.UUID) sale.RecordOrder {
	return sale.RecordOrder{IdempotencyKey: key, Buyer: of(buyer), Lines: lines(sale.OrderedLine{ProductID: product, Quantity: 1})}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	d := dbtest.New(t)
	sites := site.New(d, nil)
	of, owner, _, err := sites.Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: "olga@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	w := &world{t: t, db: d, book: contact.New(d), site: of}
	w.book.AddMovers(sale.Movers...)
	w.sales = sale.New(d, sites, contact.NewBook(w.book))
	w.staff = site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	w.key = site.WithActor(t.Context(), site.Actor{Kind: site.KindAPIKey, Access: site.AccessOperator, SiteID: of.ID, ID: uuid.Must(uuid.NewV7()), Name: "shop", Book: true})
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.db.Pool.Exec(w.t.Context(), sql, args...)
	require.NoError(w.t, err)
}

// row inserts a row of the site by its columns and gives its id.
func (w *world) row(sql string, args ...any) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(sql, append([]any{w.site.ID, id}, args...)...)
	return id
}

func (w *world) person(first, last string) uuid.UUID {
	w.t.Helper()
	made, err := w.book.Create(w.staff, contact.KindPerson, contact.Change{FirstName: &first, LastName: &last})
	require.NoError(w.t, err)
	return made.Row().ID
}

// event makes a published event in a week with this many places; below zero: no limit.
func (w *world) event(name string, capacity int) uuid.UUID {
	w.t.Helper()
	starts := time.Now().AddDate(0, 0, 7)
	return w.row("INSERT INTO event (site_id, id, name, starts_at, ends_at, state, capacity) VALUES ($1, $2, $3, $4, $5, 'published', nullif($6, -1))", name, starts, starts.Add(2*time.Hour), capacity)
}

func (w *world) ticket(event uuid.UUID, price int) uuid.UUID {
	w.t.Helper()
	return w.row("INSERT INTO product (site_id, id, kind, name, event_id, price) VALUES ($1, $2, 'ticket', 'Adult', $3, $4)", event, price)
}

func (w *world) plan(name string, price, months int) uuid.UUID {
	w.t.Helper()
	return w.row("INSERT INTO product (site_id, id, kind, name, price, months) VALUES ($1, $2, 'membership', $3, $4, $5)", name, price, months)
}

func (w *world) group(name string, members ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	id := w.row("INSERT INTO contact_group (site_id, id, name, name_key) VALUES ($1, $2, $3, lower($3))", name)
	for _, m := range members {
		w.exec("INSERT INTO contact_group_member (site_id, group_id, contact_id) VALUES ($1, $2, $3)", w.site.ID, id, m)
	}
	return id
}

// count reads a number.
func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.Pool.QueryRow(w.t.Context(), sql, append([]any{w.site.ID}, args...)...).Scan(&n))
	return n
}

func of(id uuid.UUID) sale.Party { return sale.Party{ContactID: &id} }

func lines(list ...sale.OrderedLine) []sale.OrderedLine { return list }

func ptr[T any](v T) *T { return &v }
