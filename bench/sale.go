package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// saleEvents is how many events tickets are sold for at once. Orders of one event wait for each other: its places are counted.
const saleEvents = 50

const recordOrder = `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id } errors { code message } } }`

// orders measures orders of two tickets, paid by card, by contacts of the book, beside the statements that an order takes.
func (s *server) orders(ctx context.Context, o options, _ string) (rows []row, err error) {
	pool, err := pgxpool.New(ctx, "host="+s.socket+" port=5432 user=carnet dbname=carnet pool_max_conns=4")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	defer func() { err = errors.Join(err, s.clearSales(ctx, pool)) }()
	products := make([]string, saleEvents)
	for i := range products {
		err := pool.QueryRow(ctx, `WITH e AS (INSERT INTO event (site_id, id, name, starts_at, ends_at, state, capacity)
				VALUES ($1, gen_random_uuid(), 'bench', now() + interval '7 days', now() + interval '8 days', 'published', 1000000) RETURNING site_id, id)
			INSERT INTO product (site_id, id, kind, name, event_id, price) SELECT site_id, gen_random_uuid(), 'ticket', 'bench ' || $2::int, id, 12000 FROM e RETURNING id`,
			s.site, i+1).Scan(&products[i])
		if err != nil {
			return nil, fmt.Errorf("make what is sold: %w", err)
		}
	}
	w := work{
		name:  "orders of two tickets, paid",
		query: recordOrder,
		variables: func(i int, rnd *rand.Rand) map[string]any {
			return map[string]any{"i": map[string]any{
				"idempotencyKey": fmt.Sprint("bench ", i, " ", rnd.Uint64()), "channel": "bench", "buyer": map[string]any{"contactId": s.ids[rnd.IntN(len(s.ids))]},
				"lines":    []any{map[string]any{"productId": products[rnd.IntN(len(products))], "quantity": 2}},
				"payments": []any{map[string]any{"method": "CARD", "amount": 24000}},
			}}
		},
		sql: []string{s.orderSQL()},
	}
	r, err := s.beside(ctx, w, o)
	return []row{r}, err
}

// orderSQL is an order as the program writes it, of any contact for any of the events.
func (s *server) orderSQL() string {
	return strings.NewReplacer("SITE", "'"+s.site+"'", "CONTACTS", fmt.Sprint(len(s.ids)), "EVENTS", fmt.Sprint(saleEvents)).Replace(`\set c random(1, CONTACTS)
\set p random(1, EVENTS)
INSERT INTO site_counter (site_id, name, value) VALUES (SITE, 'order', 1) ON CONFLICT (site_id, name) DO UPDATE SET value = site_counter.value + 1 RETURNING value AS number \gset
BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended(random()::text, 0));
SELECT id AS contact FROM contact WHERE site_id = SITE AND number = :c FOR NO KEY UPDATE \gset
SELECT count(*) FROM membership WHERE site_id = SITE AND contact_id = :contact AND starts_on <= current_date AND (ends_on IS NULL OR ends_on >= current_date);
SELECT id AS product, event_id AS event FROM product WHERE site_id = SITE AND name = 'bench ' || :p AND event_id IS NOT NULL \gset
SELECT count(*) FROM product_price WHERE site_id = SITE AND product_id = :product;
SELECT count(*) FROM quota WHERE site_id = SITE AND product_id = :product;
UPDATE event SET taken = taken + 2 WHERE site_id = SITE AND id = :event;
UPDATE product SET taken = taken + 2 WHERE site_id = SITE AND id = :product;
INSERT INTO sale_order (site_id, id, number, idempotency_key, request_sha256, buyer_id, payer_id, channel, currency, total, ordered_at, actor_kind) VALUES (SITE, gen_random_uuid(), :number, gen_random_uuid()::text, '\x00', :contact, :contact, 'bench', 'NOK', 24000, now(), 'system') RETURNING id AS sale \gset
INSERT INTO order_line (site_id, id, order_id, position, product_id, attendee_id, label, quantity, unit_price) VALUES (SITE, gen_random_uuid(), :sale, 0, :product, :contact, 'bench', 2, 12000) RETURNING id AS line \gset
INSERT INTO ticket (site_id, id, line_id, product_id, event_id, contact_id, code) SELECT SITE, gen_random_uuid(), :line, :product, :event, :contact, gen_random_uuid()::text FROM generate_series(1, 2);
INSERT INTO ledger_account (site_id, id, kind) VALUES (SITE, gen_random_uuid(), 'revenue') ON CONFLICT DO NOTHING;
INSERT INTO ledger_account (site_id, id, kind, method) VALUES (SITE, gen_random_uuid(), 'money', 'card') ON CONFLICT DO NOTHING;
INSERT INTO ledger_account (site_id, id, kind, contact_id) VALUES (SITE, gen_random_uuid(), 'receivable', :contact) RETURNING id AS owes \gset
SELECT gen_random_uuid() AS first, gen_random_uuid() AS second \gset
INSERT INTO ledger_entry (site_id, transaction_id, account_id, amount, kind, order_id) VALUES (SITE, :first, (SELECT id FROM ledger_account WHERE site_id = SITE AND kind = 'revenue'), -24000, 'order', :sale), (SITE, :first, :owes, 24000, 'order', :sale);
INSERT INTO payment (site_id, id, order_id, payer_id, direction, method, amount, idempotency_key, request_sha256, at, actor_kind) VALUES (SITE, gen_random_uuid(), :sale, :contact, 'in', 'card', 24000, gen_random_uuid()::text, '\x00', now(), 'system');
INSERT INTO ledger_entry (site_id, transaction_id, account_id, amount, kind, order_id) VALUES (SITE, :second, :owes, -24000, 'payment', :sale), (SITE, :second, (SELECT id FROM ledger_account WHERE site_id = SITE AND kind = 'money' AND method = 'card'), 24000, 'payment', :sale);
UPDATE sale_order SET paid = 24000 WHERE site_id = SITE AND id = :sale;
COMMIT;`)
}

// clearSales takes away what was sold and who bought it.
func (s *server) clearSales(ctx context.Context, pool *pgxpool.Pool) error {
	for _, statement := range []string{
		"DELETE FROM sale_order WHERE site_id = $1 AND channel = 'bench'",
		"DELETE FROM product WHERE site_id = $1 AND name LIKE 'bench %' AND event_id IS NOT NULL",
		"DELETE FROM event WHERE site_id = $1 AND name = 'bench'",
		"DELETE FROM ledger_account a WHERE site_id = $1 AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.site_id = a.site_id AND e.account_id = a.id)",
		"DELETE FROM contact_sale WHERE site_id = $1 AND orders = 0 AND tickets = 0 AND NOT subscriber AND NOT organizer",
	} {
		if _, err := pool.Exec(ctx, statement, s.site); err != nil {
			return fmt.Errorf("take away what was sold: %w", err)
		}
	}
	return nil
}
