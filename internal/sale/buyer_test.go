package sale_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/sale"
)

// shown is what the book has of a contact.
type shown struct {
	First, Last, Email, Phone, Lines, Postcode, City, Country, Company, Source string
}

func (w *world) record(id uuid.UUID) (out shown) {
	w.t.Helper()
	require.NoError(w.t, w.db.Pool.QueryRow(w.t.Context(), "SELECT first_name, last_name, email, phone, address_lines, postcode, city, country, company, source FROM contact WHERE site_id = $1 AND id = $2", w.site.ID, id).
		Scan(&out.First, &out.Last, &out.Email, &out.Phone, &out.Lines, &out.Postcode, &out.City, &out.Country, &out.Company, &out.Source))
	return out
}

// P-02, C-04, C-05, C-06, C-18, C-19, C-20: whoever buys a pass, or books what the public may book, is in the book by it, with what the
// shop knows; a later purchase under the same address makes nobody new and tells what is new, but writes no known name over, and
// nothing of a record with an account.
func TestBuyersEnterTheBook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := w.row("INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ($1, $2, 'pass', 'Drop-in', 10000, 1)")
	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 500)")
	slot := w.row("INSERT INTO slot (site_id, id, product_id, starts_at, ends_at, capacity) VALUES ($1, $2, $3, now() + interval '1 day', now() + interval '25 hours', 9)", court)
	buy := func(ctx context.Context, key string, who sale.Buyer, line sale.OrderedLine) *sale.Order {
		t.Helper()
		line.Quantity = 1
		o, err := w.sales.RecordOrder(ctx, sale.RecordOrder{IdempotencyKey: key, Buyer: sale.Party{Person: &who}, Lines: lines(line)})
		require.NoError(t, err)
		return o
	}
	people := func() int { return w.count("SELECT count(*) FROM contact WHERE site_id = $1") }
	ada := buy(w.key, "1", sale.Buyer{
		Email: "ada@post.example", FirstName: "Ada", LastName: "Lovelace", Phone: "41 23 45 67", Company: "Engines", AddressLines: "Storgata 1\nOppgang B", Postcode: "0155", City: "Oslo", Country: "NO",
	}, sale.OrderedLine{ProductID: pass})
	require.Equal(t, shown{"Ada", "Lovelace", "ada@post.example", "+4741234567", "Storgata 1\nOppgang B", "0155", "Oslo", "NO", "Engines", "checkout"}, w.record(*ada.BuyerID))
	require.Equal(t, 1, w.count("SELECT passes FROM contact_sale WHERE site_id = $1 AND contact_id = $2", *ada.BuyerID))

	again := buy(w.key, "2", sale.Buyer{Email: "ADA@post.example", FirstName: "Ada", LastName: "Lovelace", Postcode: "5003", City: "Bergen", Country: "NO"}, sale.OrderedLine{ProductID: court, SlotID: &slot})
	require.Equal(t, *ada.BuyerID, *again.BuyerID, "the match is on the address")
	require.Equal(t, shown{"Ada", "Lovelace", "ada@post.example", "+4741234567", "", "5003", "Bergen", "NO", "Engines", "checkout"}, w.record(*ada.BuyerID))
	require.Equal(t, 1, people())
	require.Equal(t, 1, w.count("SELECT bookings FROM contact_sale WHERE site_id = $1 AND contact_id = $2", *ada.BuyerID))

	// A family's mailbox is not one person's (G-24), and no name is written over.
	bo := buy(w.key, "3", sale.Buyer{Email: "ada@post.example", FirstName: "Bo", LastName: "Byron"}, sale.OrderedLine{ProductID: pass})
	require.NotEqual(t, *ada.BuyerID, *bo.BuyerID)
	require.Equal(t, 2, people())

	// What the owner of an account said stays, whatever is bought under their address.
	first, last, email := "Cy", "Owner", "cy@post.example"
	made, err := w.book.Create(w.staff, contact.KindPerson, contact.Change{FirstName: &first, LastName: &last, Email: &email})
	require.NoError(t, err)
	cy := made.Row().ID
	w.exec(`INSERT INTO account (site_id, id, subject, email, email_key, contact_id, proven_at, password_hash, language) VALUES ($1, $2, $3, $4, $4, $5, now(), '', 'en')`, w.site.ID, uuid.Must(uuid.NewV7()), uuid.NewString(), email, cy)
	before := w.record(cy)
	bought := buy(w.key, "4", sale.Buyer{Email: email, FirstName: "Cy", LastName: "Owner", City: "Elsewhere", Country: "SE"}, sale.OrderedLine{ProductID: pass})
	require.Equal(t, cy, *bought.BuyerID)
	require.Equal(t, before, w.record(cy))
	require.Equal(t, 3, people())
}

// C-18, C-19: whoever is new and buys several things at once is one contact.
func TestNewBuyerAtOnceIsOneContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := w.row("INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ($1, $2, 'pass', 'Drop-in', 10000, 1)")
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			_, err := w.sales.RecordOrder(w.key, sale.RecordOrder{
				IdempotencyKey: strconv.Itoa(i), Buyer: sale.Party{Person: &sale.Buyer{Email: "ada@post.example", FirstName: "Ada", LastName: "Lovelace"}}, Lines: lines(sale.OrderedLine{ProductID: pass, Quantity: 1}),
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, w.count("SELECT count(*) FROM contact WHERE site_id = $1"))
}
