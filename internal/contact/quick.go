package contact

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// NewPerson is a person to add, and what comes with it.
type NewPerson struct {
	Change
	OrganizationID *uuid.UUID // the organization that the person becomes a member of (S-111); nil: none
	UseAddress     bool       // the person takes that organization's address (S-112)
	QuickForm      bool       // what the site makes mandatory on its quick form must be given (S-109, G-33)
	Account        bool       // makes an end user's account too, and mails that it is there (S-110)
}

// CreatePerson adds a person, with membership and account, all or nothing. Needs an operator.
func (s *Service) CreatePerson(ctx context.Context, in NewPerson) (Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	r := &Record{SiteID: a.SiteID, Kind: KindPerson, Source: sourceOf(a)}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := in.start(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if err := s.createPerson(ctx, tx, of, r, in, author(a)); err != nil {
			return err
		}
		if in.OrganizationID == nil {
			return nil
		}
		_, err = s.linkAs(ctx, tx, of, LinkMember, r.ID, *in.OrganizationID, AffiliationChange{}, author(a))
		return err
	})
	if err != nil {
		return nil, err
	}
	return Of(r), nil
}

// createPerson checks and inserts a person, and makes the account.
func (s *Service) createPerson(ctx context.Context, tx bun.IDB, of site.Site, r *Record, in NewPerson, by Author) error {
	if in.UseAddress && in.OrganizationID != nil {
		in.AddressOf = &in.OrganizationID
	}
	r.Listed = listedAtFirst(of)
	list := in.missing(of)
	if err := s.create(ctx, tx, of, r, in.Change, by); err != nil {
		more, mendable := fault.Mendable(err)
		if !mendable {
			return err
		}
		list = append(list, more...)
	}
	if err := list.Err(); err != nil || !in.Account {
		return err
	}
	return s.Invite(ctx, tx, of.ID, r.ID, r.Email, cmp.Or(r.Language, of.Language))
}

// start takes the locks that the whole needs: those who write links take turns.
func (in *NewPerson) start(ctx context.Context, tx bun.IDB, siteID uuid.UUID) (site.Site, error) {
	if in.OrganizationID == nil {
		return holdSite(ctx, tx, siteID)
	}
	of, err := startLinking(ctx, tx, siteID)
	if err != nil {
		return of, err
	}
	return of, checkOrganization(ctx, tx, siteID, *in.OrganizationID)
}

// missing names what must be given and is not. Who uses an organization's address is not asked for one.
func (in *NewPerson) missing(of site.Site) fault.List {
	v := checker{}
	need := func(value *string, message string, path ...string) {
		if value == nil || strings.TrimSpace(*value) == "" {
			v.add(fault.Required, path, "%s", message)
		}
	}
	if in.Account {
		need(in.Email, "an account needs an e-mail address, which is its login", "email")
	}
	if !in.QuickForm {
		return v.list
	}
	const message = "this site asks for it"
	for _, f := range of.QuickRequired {
		switch f {
		case site.QuickTitle:
			need(in.Title, message, "title")
		case site.QuickLastName:
			need(in.LastName, message, "lastName")
		case site.QuickFirstName:
			need(in.FirstName, message, "firstName")
		case site.QuickMobile:
			need(in.Mobile, message, "mobile")
		case site.QuickEmail:
			if !in.Account { // which asks already
				need(in.Email, message, "email")
			}
		case site.QuickCountry, site.QuickPostcode, site.QuickCity:
			if in.AddressOf == nil {
				need(map[site.QuickField]*string{site.QuickCountry: in.Country, site.QuickPostcode: in.Postcode, site.QuickCity: in.City}[f], message, "address", string(f))
			}
		}
	}
	return v.list
}
