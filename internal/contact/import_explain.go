package contact

import (
	"fmt"
	"strings"

	"carnet/internal/fault"
)

// targetOf says which column an error of a change is about, by its path.
var targetOf = map[string]target{
	"title": toTitle, "firstName": toFirst, "lastName": toLast, "company": toCompany, "name": toFull, "email": toEmail,
	"phone": toPhone, "mobile": toMobile, "fax": toFax, "language": toLanguage, "address.lines": toStreet, "address.postcode": toPostcode,
	"address.city": toCity, "address.country": toCountry, "address.subdivision": toSubdivision, "color": toColor, "note": toNote, "birthDate": toBirth,
	"recognised": toRecognised, "organizationKind": toOrganizationKind, "validUntil": toValidUntil,
	"administrativeNumber": toAdministrativeNumber, "iban": toIBAN, "functionId": toFunction, "natureId": toNature,
	"deliveryAddress": toDelivery, "billingAddress": toBilling, "otherEmails": toOtherEmails, "otherPhones": toOtherPhones,
}

// cellOf finds the cell that an error is about.
func (it *item) cellOf(path []string) cell {
	if len(path) > 1 && path[0] == "answers" {
		var n int
		if _, err := fmt.Sscan(path[1], &n); err == nil && n < len(it.answers) {
			return it.answers[n].cell
		}
		return cell{}
	}
	if to, ok := targetOf[strings.Join(path, ".")]; ok || len(path) == 0 {
		return it.cells[to]
	}
	return it.cells[targetOf[path[0]]]
}

// explain makes errors readable: which column, what is wrong, and the value.
func (it *item) explain(err error) string {
	list, ok := fault.Mendable(err)
	if !ok {
		return "the row could not be written; try to import it again"
	}
	parts := make([]string, 0, len(list))
	for _, e := range list {
		c := it.cellOf(e.Path)
		switch {
		case c.header == "":
			parts = append(parts, e.Message)
		case len(e.Path) == 1 && e.Path[0] == "iban": // it is a manager's to read whole
			parts = append(parts, c.header+": "+e.Message)
		default:
			parts = append(parts, c.header+": "+e.Message+": "+shortened(c.text))
		}
	}
	return strings.Join(parts, "; ")
}
