package campaign

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Addresses and numbers that reach nobody: those that answered so, or came back so. Nothing more is sent to them.

// rememberDead keeps an address, or a number, that reaches nobody.
func rememberDead(ctx context.Context, tx bun.IDB, siteID uuid.UUID, key, problem string) error {
	_, err := tx.NewRaw("INSERT INTO dead_address (site_id, address_key, problem) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", siteID, key, problem).Exec(ctx)
	return db.MapError(err, "remember dead address")
}

// TryAgain forgets that a contact's e-mail address or mobile number reaches nobody: the next message goes there again. Needs an operator.
// NotFound; Invalid for means of which nothing comes back.
func (s *Service) TryAgain(ctx context.Context, contactID uuid.UUID, means contact.Means) (contact.Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	key, is := map[contact.Means]bun.Ident{contact.MeansEmail: "email_key", contact.MeansSMS: "mobile"}[means]
	if !is {
		return nil, fault.Invalid(fault.InvalidValue, []string{"means"}, "only e-mail addresses and mobile numbers can be known to reach nobody")
	}
	c, err := s.Contacts.ByID(ctx, contactID)
	if err != nil {
		return nil, err
	}
	_, err = s.DB.Bun.NewRaw("DELETE FROM dead_address d USING contact c WHERE c.site_id = ?0 AND c.id = ?1 AND d.site_id = c.site_id AND d.address_key = c.?2 AND d.address_key <> ''",
		a.SiteID, contactID, key).Exec(ctx)
	return c, db.MapError(err, "forget dead address")
}
