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

// explain tells what of a row errors are about: which column, what is wrong, and the value.
func (it *item) explain(err error) ImportProblems {
	list, ok := fault.Mendable(err)
	if !ok {
		return ImportProblems{{Code: notWritten}}
	}
	out := make(ImportProblems, len(list))
	for i, e := range list {
		c, about := it.cellOf(e.Path), strings.Join(e.Path, ".")
		out[i] = ImportProblem{Code: e.Reason, Column: c.header, Text: e.Message}
		if e.Reason == fault.Required && (about == "lastName" || about == "name") {
			out[i].Code = rowNamesNobody
		}
		if about != "iban" { // it is a manager's to read whole
			out[i].Value = shortened(c.text)
		}
		if _, is := sensitiveName(about); is {
			out[i].About = about
		}
	}
	return out
}
