package site

import (
	"context"

	"github.com/uptrace/bun"
	"golang.org/x/text/currency"

	"carnet/internal/fault"
)

// What a site decides about its sales. That members and organizers sign in is no setting (T-24).

// ReasonPriced refuses another currency while there are prices or orders.
const ReasonPriced = "PRICED"

// sales writes a change of it into the row; the currency is changeCurrency's.
func (in *Update) sales(row *Site) {
	set(&row.OrganizersView, in.OrganizersView)
	set(&row.OrganizersEdit, in.OrganizersEdit)
	set(&row.OrganizersCancel, in.OrganizersCancel)
	set(&row.SpendMedium, in.SpendMedium)
	set(&row.SpendLarge, in.SpendLarge)
	set(&row.AssiduityDays, in.AssiduityDays)
}

// changeCurrency sets the currency. Prices and sums are kept without it, so it stays once there are any.
func (s *Service) changeCurrency(ctx context.Context, tx bun.Tx, row *Site, to *string) error {
	if to == nil || *to == row.Currency {
		return nil
	}
	unit, err := currency.ParseISO(*to)
	if err != nil || unit.String() != *to {
		return fault.Invalid(fault.InvalidValue, []string{"currency"}, "give an ISO 4217 code, for example NOK")
	}
	priced, err := s.Priced(ctx, tx, row.ID)
	if err != nil {
		return err
	}
	if priced {
		return &fault.Error{Code: fault.Conflict, Reason: ReasonPriced, Path: []string{"currency"}, Message: "there are prices or orders in " + row.Currency + " already: the currency stays"}
	}
	row.Currency = *to
	return nil
}

func (s *Site) checkSales() (list fault.List) {
	const most = 1_000_000_000_000
	if s.SpendMedium < 1 || s.SpendMedium > most {
		list = append(list, fault.Invalid(fault.InvalidNumber, []string{"spendMedium"}, "give a sum above zero, in minor units"))
	}
	if s.SpendLarge <= s.SpendMedium || s.SpendLarge > most {
		list = append(list, fault.Invalid(fault.InvalidNumber, []string{"spendLarge"}, "large begins above medium"))
	}
	if s.AssiduityDays < 1 || s.AssiduityDays > 3660 {
		list = append(list, fault.Invalid(fault.InvalidNumber, []string{"assiduityDays"}, "the period has 1 to 3660 days"))
	}
	return list
}
