package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/site"
)

// Member tells whether a person, as they typed themselves, holds a membership in force: account.Service.Member. It looks at
// contacts that have an account too, for these are the members who have to sign in (T-21).
func (s *Service) Member(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p account.Person) (bool, error) {
	id, err := s.book.Find(ctx, tx, siteID, p)
	if err != nil || id == uuid.Nil {
		return false, err
	}
	of, err := site.Of(ctx, tx, site.Actor{SiteID: siteID})
	if err != nil {
		return false, err
	}
	plans, err := plansOf(ctx, tx, siteID, []uuid.UUID{id}, s.today(of))
	return len(plans[id]) > 0, err
}
