package contact_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// P-19: the mass refund keeps what all batches promise (TestBatchActionsConform). Five have paid for an event; one of these was there.
func init() {
	sales := func(d *db.DB, contacts *contact.Service) *sale.Service {
		return sale.New(d, site.New(d, nil), contact.NewBook(contacts))
	}
	contact.FurtherExamples = append(contact.FurtherExamples, contact.FurtherExample{
		Name:    contact.BatchRefund,
		Empty:   func(d *db.DB, _ *contact.Batches) func() contact.FurtherBatch { return sales(d, nil).NewRefundBatch },
		Changed: 4, Failed: 3, // who was there, and the trash
		Prepare: func(t *testing.T, d *db.DB, ctx context.Context, contacts *contact.Service, living []uuid.UUID) contact.FurtherBatch {
			a := site.ActorOf(ctx)
			event, ticket := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
			exec := func(sql string, args ...any) {
				_, err := d.Pool.Exec(t.Context(), sql, args...)
				require.NoError(t, err)
			}
			starts := time.Now().AddDate(0, 0, 7)
			exec("INSERT INTO event (site_id, id, name, starts_at, ends_at, state) VALUES ($1, $2, 'Faust', $3, $4, 'published')", a.SiteID, event, starts, starts.Add(time.Hour))
			exec("INSERT INTO product (site_id, id, kind, name, event_id, price) VALUES ($1, $2, 'ticket', 'Adult', $3, 5000)", a.SiteID, ticket, event)
			s := sales(d, contacts)
			for i, id := range living[:5] {
				_, err := s.RecordOrder(ctx, sale.RecordOrder{
					IdempotencyKey: strconv.Itoa(i), Buyer: sale.Party{ContactID: &id}, Lines: []sale.OrderedLine{{ProductID: ticket, Quantity: 1}},
					Payments: []sale.OrderPayment{{Method: sale.Card, Amount: 5000}},
				})
				require.NoError(t, err)
			}
			exec("UPDATE ticket SET state = 'used', used_at = now() WHERE site_id = $1 AND contact_id = $2", a.SiteID, living[0])
			return &sale.RefundBatch{EventID: &event, ToCredit: true}
		},
	})
}

// C-21 to C-24: so does the conversion to members. Three hold the plan already.
func init() {
	contact.FurtherExamples = append(contact.FurtherExamples, contact.FurtherExample{
		Name: contact.BatchMember,
		Empty: func(d *db.DB, _ *contact.Batches) func() contact.FurtherBatch {
			return sale.New(d, site.New(d, nil), contact.NewBook(nil)).NewMemberBatch
		},
		Changed: 5, Failed: 2, // the trash
		Prepare: func(t *testing.T, d *db.DB, ctx context.Context, _ *contact.Service, living []uuid.UUID) contact.FurtherBatch {
			a, plan := site.ActorOf(ctx), uuid.Must(uuid.NewV7())
			_, err := d.Pool.Exec(t.Context(), "INSERT INTO product (site_id, id, kind, name, price, months) VALUES ($1, $2, 'membership', 'Friends', 5000, 12)", a.SiteID, plan)
			require.NoError(t, err)
			for _, id := range living[:3] {
				_, err := d.Pool.Exec(t.Context(), "INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on) VALUES ($1, gen_random_uuid(), $2, $3, current_date - 9)", a.SiteID, id, plan)
				require.NoError(t, err)
			}
			return &sale.MemberBatch{PlanID: plan}
		},
	})
}
