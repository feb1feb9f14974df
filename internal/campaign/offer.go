package campaign

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// offer is what a campaign tells of, with what it costs those who are being written to. Nil: there is none.
type offer struct {
	*sale.Reserved
	of    site.Site
	costs map[uuid.UUID]int64
}

// offerOf reads the offer of a campaign; nil for none.
func (s *Service) offerOf(ctx context.Context, of site.Site, id *uuid.UUID) (*offer, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // documented: there is none
	}
	reserved, err := s.Sales.Reserved(ctx, of.ID, *id)
	if err != nil {
		return nil, err
	}
	return &offer{Reserved: reserved, of: of}, nil
}

// price reads what it costs each of these.
func (o *offer) price(ctx context.Context, contacts []uuid.UUID) (err error) {
	if o == nil {
		return nil
	}
	o.costs, err = o.Costs(ctx, contacts)
	return err
}

// tell adds what merge fields of the offer stand for with somebody.
func (o *offer) tell(said map[string]string, in string, who uuid.UUID) {
	if o == nil {
		return
	}
	said["offer.name"], said["offer.type"], said["offer.product"] = o.Name, o.Type, o.About()
	if o.EndsOn != nil {
		said["offer.until"] = o.EndsOn.Format(dayLayouts[site.NearestLanguage(in, "en")])
	}
	if usual, priced := o.Price(); priced {
		cost, known := o.costs[who]
		if !known {
			cost = usual
		}
		said["offer.price"] = money(cost, o.of.Currency, in)
	}
}

// dayLayouts are how a day is written.
var dayLayouts = map[string]string{"en": "2 January 2006", "fr": "02/01/2006", "nb": "02.01.2006"}

// money writes minor units as a sum, in a language's way: 1,200.50 EUR.
func money(minor int64, code, in string) string {
	digits := 2
	if unit, err := currency.ParseISO(code); err == nil {
		digits, _ = currency.Standard.Rounding(unit)
	}
	amount := float64(minor)
	for range digits {
		amount /= 10
	}
	return message.NewPrinter(language.Make(in)).Sprint(number.Decimal(amount, number.Scale(digits))) + " " + code
}

// checkOffer refuses an offer that the site does not have, or that nobody may have any more.
func (s *Service) checkOffer(ctx context.Context, a site.Actor, v *checker, id *uuid.UUID) error {
	if id == nil {
		return nil
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	if err != nil {
		return err
	}
	o, err := s.Sales.Reserved(ctx, a.SiteID, *id)
	switch {
	case err != nil && fault.CodeOf(err) == fault.NotFound:
		v.add(fault.Unknown, []string{"offerId"}, "the site has no offer with this id")
		return nil
	case err != nil:
		return err
	case o.ArchivedAt != nil || o.EndsOn != nil && o.EndsOn.Before(of.Day(s.now())):
		v.add(fault.InvalidValue, []string{"offerId"}, "the offer %s is over", o.Name)
	}
	return nil
}

// mayHave is SQL that holds for whoever may have the offer of a campaign now: whom it is reserved for, while there are any and on the days
// on which it holds.
func (s *Service) mayHave(ctx context.Context, a site.Actor, c *Campaign) (any, error) {
	if c.OfferID == nil {
		return bun.Safe("TRUE"), nil
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	if err != nil {
		return nil, err
	}
	o, err := s.Sales.Reserved(ctx, a.SiteID, *c.OfferID)
	if err != nil {
		return nil, err
	}
	var who contact.Condition
	switch {
	case !o.ToBeHad(of.Day(s.now())):
		return bun.Safe("FALSE"), nil
	case o.SegmentID != nil:
		who, err = s.Segments.ConditionOf(ctx, *o.SegmentID)
	default:
		who = contact.Condition{
			SQL:  "EXISTS (SELECT FROM contact_group_member m WHERE m.site_id = contact.site_id AND m.contact_id = contact.id AND m.group_id = ?)",
			Args: []any{*o.GroupID},
		}
	}
	return bun.SafeQuery(who.SQL, who.Args...), err
}
