package contact

import (
	"slices"
	"strings"

	"carnet/internal/field"
)

// target is what a column is about.
type target int

const (
	toNothing target = iota // means nothing to us; told once
	toIgnored               // known to say nothing of use
	toTitle
	toFirst
	toMiddle
	toLast
	toSuffix
	toFull // a whole name, of a person or an organization
	toCompany
	toKind
	toOrganizationKind
	toRecognised
	toBirth
	toLanguage
	toColor
	toNote
	toEmail
	toPhone
	toMobile
	toFax
	toPhoneLabel // Google's: whether the phone of the same number is mobile
	toStreet
	toPostcode
	toCity
	toRegion
	toCountry
	toSubdivision // an ISO 3166-2 code
	toDelivery    // a whole address in one cell
	toBilling
	toGroups
	toTypes
	toFunction
	toNature
	toValidUntil
	toAdministrativeNumber
	toIBAN
	toAmbassador
	toOtherEmails
	toOtherPhones
	toReferences // "source: number; ..."
	toReference  // a number alone; the column's name is its source
	toNumber     // our own contact number: never written, only matched by
	toID         // our own id, of a file that we exported
	toConsent
	toConsentDate
	toLabels
	toAnswer
	targets
)

// identifies tells whether a row can be a contact by this alone.
func identifies(to target) bool {
	switch to {
	case toFirst, toLast, toFull, toCompany, toEmail, toID:
		return true
	}
	return false
}

// single tells whether only one column can be about this.
func single(c column) bool {
	switch c.to {
	case toNothing, toIgnored, toEmail, toPhone, toMobile, toPhoneLabel, toStreet, toGroups, toTypes, toOtherEmails, toOtherPhones, toReferences, toReference, toLabels:
		return false
	}
	return c.nth == 0
}

// column is a column of the file.
type column struct {
	header  string
	to      target
	nth     int               // which e-mail, phone or address
	field   *field.Definition // of toAnswer
	set     *LabelSet         // of toLabels
	purpose *ConsentPurpose   // of toConsent and toConsentDate
}

// targetName is a target under the API's name, which is the export's where there is one.
type targetName struct {
	to         target
	name       string
	en, fr, nb string // when it is no column of an export
}

// targetNames lists what a column can be mapped to, in the order in which it is offered. Custom
// fields, label sets and consent purposes come beside them, with their id or code behind the name.
var targetNames = []targetName{
	{toTitle, "title", "", "", ""},
	{toFirst, "firstName", "", "", ""},
	{toMiddle, "middleName", "Middle name", "Deuxième prénom", "Mellomnavn"},
	{toLast, "lastName", "", "", ""},
	{toSuffix, "suffix", "Name suffix", "Suffixe du nom", "Navnetillegg"},
	{toFull, "fullName", "Full name", "Nom complet", "Fullt navn"},
	{toCompany, "company", "Company or organization", "Société ou organisation", "Firma eller organisasjon"},
	{toKind, "kind", "", "", ""},
	{toOrganizationKind, "organizationKind", "", "", ""},
	{toRecognised, "recognised", "", "", ""},
	{toEmail, "email", "", "", ""},
	{toOtherEmails, "otherEmails", "", "", ""},
	{toPhone, "phone", "", "", ""},
	{toMobile, "mobile", "", "", ""},
	{toPhoneLabel, "phoneLabel", "What the phone before or after it is", "Genre du téléphone voisin", "Hva telefonen ved siden av er"},
	{toFax, "fax", "", "", ""},
	{toOtherPhones, "otherPhones", "", "", ""},
	{toStreet, "address", "Street and address lines", "Rue et lignes d’adresse", "Gate og adresselinjer"},
	{toPostcode, "postcode", "", "", ""},
	{toCity, "city", "", "", ""},
	{toRegion, "region", "Region", "Région", "Fylke"},
	{toCountry, "country", "", "", ""},
	{toSubdivision, "subdivision", "", "", ""},
	{toDelivery, "deliveryAddress", "", "", ""},
	{toBilling, "billingAddress", "", "", ""},
	{toBirth, "birthDate", "", "", ""},
	{toLanguage, "language", "", "", ""},
	{toGroups, "groups", "", "", ""},
	{toTypes, "types", "", "", ""},
	{toFunction, "function", "", "", ""},
	{toNature, "nature", "", "", ""},
	{toValidUntil, "validUntil", "", "", ""},
	{toAdministrativeNumber, "administrativeNumber", "", "", ""},
	{toIBAN, "iban", "", "", ""},
	{toAmbassador, "ambassador", "", "", ""},
	{toColor, "color", "", "", ""},
	{toNote, "note", "", "", ""},
	{toReferences, "references", "References, each with its source", "Références, chacune avec sa source", "Referanser, hver med sin kilde"},
	{toReference, "reference", "Reference; the column’s name is its source", "Référence ; le nom de la colonne est sa source", "Referanse; kolonnens navn er kilden"},
	{toNumber, "number", "Contact number, to match by", "Numéro de contact, pour retrouver", "Kontaktnummer, å kjenne igjen på"},
	{toID, "id", "", "", ""},
}

// Names of the targets that belong to something of the site's own.
const (
	labelsPrefix      = "labels."
	consentPrefix     = "consent."
	consentDatePrefix = "consentDate."
)

// ImportTarget is what a column can be mapped to.
type ImportTarget struct {
	Name  string // as importContacts takes it
	Label string
}

// nameOf gives a column's target under the API's name, "" when it is not read.
func (c column) nameOf() string {
	switch c.to {
	case toAnswer:
		return answerPrefix + c.field.ID.String()
	case toLabels:
		return labelsPrefix + c.set.ID.String()
	case toConsent:
		return consentPrefix + c.purpose.Code
	case toConsentDate:
		return consentDatePrefix + c.purpose.Code
	}
	for _, t := range targetNames {
		if t.to == c.to {
			return t.name
		}
	}
	return ""
}

// targetNamed finds what a column is to be read as; false when there is no such target. "" is none.
func (v *vocabulary) targetNamed(name string) (column, bool) {
	if name == "" {
		return column{to: toIgnored}, true
	}
	for _, t := range targetNames {
		if t.name == name {
			return column{to: t.to}, true
		}
	}
	if id, ok := strings.CutPrefix(name, answerPrefix); ok {
		for _, def := range v.fields {
			if def.ID.String() == id {
				return column{to: toAnswer, field: def}, true
			}
		}
	}
	if id, ok := strings.CutPrefix(name, labelsPrefix); ok {
		for _, set := range v.sets {
			if set.ID.String() == id {
				return column{to: toLabels, set: set}, true
			}
		}
	}
	for _, p := range v.purposes {
		switch name {
		case consentPrefix + p.Code:
			return column{to: toConsent, purpose: p}, true
		case consentDatePrefix + p.Code:
			return column{to: toConsentDate, purpose: p}, true
		}
	}
	return column{}, false
}

// targets gives everything that a column can be mapped to, with its name in a language.
func (v *vocabulary) targets(language string) []*ImportTarget {
	out := make([]*ImportTarget, 0, len(targetNames)+len(v.fields)+len(v.sets)+2*len(v.purposes))
	for _, t := range targetNames {
		label := exportColumn{en: t.en, fr: t.fr, nb: t.nb}.labelIn(language)
		if label == "" {
			at := slices.IndexFunc(exportColumns, func(c exportColumn) bool { return c.name == t.name })
			label = exportColumns[at].labelIn(language)
		}
		out = append(out, &ImportTarget{t.name, label})
	}
	for _, set := range v.sets {
		out = append(out, &ImportTarget{labelsPrefix + set.ID.String(), labelsColumn(set).labelIn(language)})
	}
	for _, p := range v.purposes {
		yes, date := consentColumns(p)
		out = append(out, &ImportTarget{consentPrefix + p.Code, yes.labelIn(language)}, &ImportTarget{consentDatePrefix + p.Code, date.labelIn(language)})
	}
	for _, def := range v.fields {
		out = append(out, &ImportTarget{answerPrefix + def.ID.String(), def.LabelIn(language)})
	}
	return out
}
