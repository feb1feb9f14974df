package sale

import "carnet/internal/contact"

// Movers are what a merge moves in the tables of sales. The triggers of contact_sale follow by themselves. What became of a ticket or an
// event since does not keep a merge from being undone; what became of orders, balances and quotas does, for the books cannot tell any
// more whose it was.
var Movers = []contact.Mover{
	{Name: "orders", Table: "sale_order", Column: "buyer_id"},
	{Name: "orders", Table: "sale_order", Column: "payer_id"},
	{Name: "orders", Table: "order_line", Column: "attendee_id", Alone: true},
	{Name: "tickets", Table: "ticket", Column: "contact_id", Alone: true},
	{Name: "memberships", Table: "membership", Column: "contact_id", Alone: true},
	{Name: "passes", Table: "pass", Column: "contact_id", Alone: true},
	{Name: "bookings", Table: "booking", Column: "contact_id", Alone: true},
	{Name: "payments", Table: "payment", Column: "payer_id"},
	{Name: "balances", Table: "ledger_account", Column: "contact_id"},
	{Name: "balances", Table: "balance_change", Column: "contact_id"},
	{Name: "events", Table: "event", Column: "organizer_id", Alone: true},
	{Name: "products", Table: "product", Column: "supplier_id", Alone: true},
	{
		Name: "events", Table: "event_contact", Column: "contact_id",
		Beside: "EXISTS (SELECT FROM event_contact s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.event_id = m.event_id AND s.role = m.role)",
	},
	{ // what both used of one quota is not added up: it may be more than it allows
		Name: "quotas", Table: "quota_use", Column: "contact_id",
		Beside: "EXISTS (SELECT FROM quota_use s WHERE s.site_id = m.site_id AND s.contact_id = ?1 AND s.quota_id = m.quota_id AND s.period_on = m.period_on)",
	},
}
