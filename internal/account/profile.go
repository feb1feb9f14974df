package account

import (
	"context"

	"github.com/uptrace/bun"

	"carnet/internal/field"
)

// Address is a postal address.
type Address struct {
	Lines                   []string // up to three
	Postcode, City, Country string
}

// Profile is what an end user sees and changes of their own record (T-58, T-59).
type Profile struct {
	FirstName, LastName, Mobile, Language string
	Address                               Address
	Follows                               bool // the address is an organization's, and changed there
	Answers                               []field.Shown
}

// ProfileChange is a change of one's own record; nil stays.
type ProfileChange struct {
	FirstName, LastName, Mobile, Language *string
	Lines                                 *[]string
	Postcode, City, Country               *string
	Answers                               []field.Answer
}

// Profile gives the caller's own record.
func (s *Service) Profile(ctx context.Context, language string) (Profile, error) {
	a, row, err := s.mine(ctx)
	if err != nil {
		return Profile{}, err
	}
	return s.book.Profile(ctx, s.db.Bun, a.SiteID, row.ContactID, language)
}

// SaveProfile changes the caller's own record. Of the site's questions those of the profile may be answered, and the required ones
// must be in the end (T-54).
func (s *Service) SaveProfile(ctx context.Context, c ProfileChange) error {
	a, row, err := s.mine(ctx)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return s.book.SaveProfile(ctx, tx, a.SiteID, row.ContactID, c)
	})
}
