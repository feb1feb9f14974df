package sale_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// checkout is a redeemed one, of an account's or of a guest.
func (w *world) checkout(contact uuid.UUID, signedIn bool) string {
	w.t.Helper()
	jti := uuid.NewString()
	var account *uuid.UUID
	if signedIn {
		id := uuid.Must(uuid.NewV7())
		w.exec(`INSERT INTO account (site_id, id, subject, email, email_key, contact_id, proven_at, password_hash, language) VALUES ($1, $2, $3, $3, $3, $4, now(), '', 'en')`, w.site.ID, id, jti, contact)
		account = &id
	}
	w.exec(`INSERT INTO checkout (site_id, jti, account_id, contact_id, order_ref, nonce, answers, answers_sha256, expires_at, redeemed_at, idempotency_key, redemption)
		VALUES ($1, $2, $3, $4, 'o', 'n', '[]', '', now(), now(), 'k', '{}')`, w.site.ID, jti, account, contact)
	return jti
}

// T-21, T-22: a member who buys for others signs in too, and a member's price and reservation are those of who signed in, not of
// whom they name.
func TestMemberIsKnownBySigningInAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	member, other := w.person("Mia", "Member"), w.person("Ola", "Other")
	plan, event := w.plan("Friends", 0, 12), w.event("Course", -1)
	adult, reserved := w.ticket(event, 10_000), w.ticket(event, 4_000)
	w.price(adult, 7_000, nil, &plan)
	w.exec("UPDATE product SET reserved = true WHERE id = $1", reserved)
	_, err := w.sales.RecordOrder(w.staff, orderOf("plan", member, plan))
	require.NoError(t, err)
	whose := of(other)
	_, err = w.sales.RecordOrder(w.key, sale.RecordOrder{IdempotencyKey: "1", Buyer: of(member), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1, Attendee: &whose})})
	require.Equal(t, []string{"lines.0.productId." + fault.LoginRequired}, reasons(t, err))

	whose = of(member)
	o, err := w.sales.RecordOrder(w.key, sale.RecordOrder{IdempotencyKey: "2", Checkout: w.checkout(other, true), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1, Attendee: &whose})})
	require.NoError(t, err)
	require.Equal(t, int64(10_000), o.Total)
	_, err = w.sales.RecordOrder(w.key, sale.RecordOrder{IdempotencyKey: "3", Checkout: w.checkout(w.person("Bo", "B"), true), Lines: lines(sale.OrderedLine{ProductID: reserved, Quantity: 1, Attendee: &whose})})
	require.Equal(t, []string{"lines.0.productId." + sale.ReasonReserved}, reasons(t, err))
}

// T-21, T-22, T-24: a box office has members before it, and says so with a manager's key; a shop's key cannot, nor can it be said of a
// checkout.
func TestBoxOfficeIdentifies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	member := w.person("Mia", "Member")
	plan, event := w.plan("Friends", 0, 12), w.event("Course", -1)
	adult, reserved := w.ticket(event, 10_000), w.ticket(event, 4_000)
	w.price(adult, 7_000, nil, &plan)
	w.exec("UPDATE product SET reserved = true WHERE id = $1", reserved)
	w.exec("UPDATE site SET login_required = true WHERE id = $1", w.site.ID)
	_, err := w.sales.RecordOrder(w.staff, orderOf("plan", member, plan))
	require.NoError(t, err)
	office := site.WithActor(t.Context(), site.Actor{Kind: site.KindAPIKey, Access: site.AccessManager, SiteID: w.site.ID, ID: uuid.Must(uuid.NewV7()), Name: "box office", Book: true})

	in := sale.RecordOrder{IdempotencyKey: "1", Buyer: of(member), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1}, sale.OrderedLine{ProductID: reserved, Quantity: 1})}
	_, err = w.sales.RecordOrder(office, in)
	require.Equal(t, []string{"lines.0.productId." + fault.LoginRequired, "lines.1.productId." + fault.LoginRequired}, reasons(t, err), "a manager's key by itself identifies nobody")
	in.Identified = true
	_, err = w.sales.RecordOrder(w.key, in)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	o, err := w.sales.RecordOrder(office, in)
	require.NoError(t, err)
	require.Equal(t, int64(11_000), o.Total)
	_, err = w.sales.RecordOrder(office, sale.RecordOrder{IdempotencyKey: "2", Identified: true, Checkout: w.checkout(w.person("Ola", "O"), false), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1})})
	require.Equal(t, []string{"identified." + fault.InvalidValue}, reasons(t, err))
}

// T-19, T-20: where the site asks for an account, a program sells nothing to a guest, whatever it is, and anything to who signed in; where it
// does not, guests buy.
func TestLoginRequiredForPurchase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Course", -1), 10_000)
	pass := w.row("INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ($1, $2, 'pass', 'Ten', 500, 10)")
	both := lines(sale.OrderedLine{ProductID: adult, Quantity: 1}, sale.OrderedLine{ProductID: pass, Quantity: 1})
	kari, ola := w.person("Kari", "N"), w.person("Ola", "N")
	guest := w.checkout(kari, false)
	w.exec("UPDATE site SET login_required = true WHERE id = $1", w.site.ID)
	for key, in := range map[string]sale.RecordOrder{
		"named":    {Buyer: of(kari)},
		"new":      {Buyer: sale.Party{Person: &sale.Buyer{Email: "new@post.example", LastName: "New"}}},
		"checkout": {Checkout: guest},
	} {
		in.IdempotencyKey, in.Lines = key, both
		_, err := w.sales.RecordOrder(w.key, in)
		require.Equal(t, []string{"lines.0.productId." + fault.LoginRequired, "lines.1.productId." + fault.LoginRequired}, reasons(t, err), key)
	}
	_, err := w.sales.RecordOrder(w.key, sale.RecordOrder{IdempotencyKey: "account", Checkout: w.checkout(ola, true), Lines: both})
	require.NoError(t, err)
	w.exec("UPDATE site SET login_required = false WHERE id = $1", w.site.ID)
	_, err = w.sales.RecordOrder(w.key, sale.RecordOrder{IdempotencyKey: "guest", Checkout: guest, Lines: both})
	require.NoError(t, err)
}

// D-07: a checkout speaks for its buyer once it is redeemed, for one order, and at its own site.
func TestCheckoutIsOneOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Course", -1), 100)
	buy := func(key, checkout string) error {
		_, err := w.sales.RecordOrder(w.key, sale.RecordOrder{IdempotencyKey: key, Checkout: checkout, Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1})})
		return err
	}
	fresh := w.checkout(w.person("Kari", "N"), true)
	w.exec("UPDATE checkout SET redeemed_at = NULL, idempotency_key = NULL, redemption = NULL WHERE jti = $1", fresh)
	require.Equal(t, []string{"checkout." + fault.Unknown}, reasons(t, buy("1", fresh)))
	require.Equal(t, []string{"checkout." + fault.Unknown}, reasons(t, buy("2", uuid.NewString())))
	used := w.checkout(w.person("Ola", "N"), true)
	require.NoError(t, buy("3", used))
	require.Equal(t, []string{"checkout." + sale.ReasonOrderTaken}, reasons(t, buy("4", used)))
	other, _, _, err := site.New(w.db, nil).Create(t.Context(), site.NewSite{PublicID: "other", Name: "Other", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"}, site.NewStaff{Email: "o@other.example", Name: "O", Password: "correct horse battery"})
	require.NoError(t, err)
	w.exec("UPDATE checkout SET site_id = $2, account_id = NULL, contact_id = NULL WHERE jti = $1", fresh, other.ID)
	w.exec("UPDATE checkout SET redeemed_at = now(), idempotency_key = 'k', redemption = '{}' WHERE jti = $1", fresh)
	require.Equal(t, []string{"checkout." + fault.Unknown}, reasons(t, buy("5", fresh)))
	require.Equal(t, 1, w.count("SELECT count(*) FROM sale_order WHERE site_id = $1"))
}
