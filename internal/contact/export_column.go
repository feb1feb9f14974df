package contact

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/site"
)

// exported is a contact on its way out, with what is kept beside it.
type exported struct {
	*Record
	groups     []*Group
	references []Reference
	labels     []*offered
	consents   map[consentKey]*Consent // of all contacts of the chunk
	exportKnowledge
}

// exportKnowledge is what all contacts of an export are written with.
type exportKnowledge struct {
	words    exportWords
	language string
	actor    site.Actor            // whose rights decide what can be read
	options  map[uuid.UUID]*Option // functions and natures, archived ones too
	zone     *time.Location
}

// exportColumn is an attribute that a table of contacts can have. Its labels are names that an import
// knows, so that a file can come back.
type exportColumn struct {
	name       string // the API's name of the attribute
	en, fr, nb string
	value      func(x *exported) string
}

// exportColumns lists every column in the order of the file: the one place to add an attribute.
// Custom fields follow them, as answers.<field id>.
var exportColumns = []exportColumn{
	{"id", "Carnet ID", "ID Carnet", "Carnet-ID", func(x *exported) string { return x.ID.String() }},
	{"number", "Contact number", "Numéro de contact", "Kontaktnummer", func(x *exported) string { return strconv.FormatInt(x.Number, 10) }},
	{"kind", "Contact type", "Type de contact", "Kontakttype", func(x *exported) string { return x.words.kinds[x.Kind] }},
	{"title", "Title", "Civilité", "Tittel", func(x *exported) string { return x.Title }},
	{"lastName", "Last name", "Nom", "Etternavn", func(x *exported) string { return x.LastName }},
	{"firstName", "First name", "Prénom", "Fornavn", func(x *exported) string { return x.FirstName }},
	{"name", "Organization", "Organisation", "Organisasjon", func(x *exported) string { return x.Name }},
	{"organizationKind", "Organization type", "Type d’organisation", "Organisasjonstype", func(x *exported) string {
		if x.OrganizationKind == nil {
			return ""
		}
		return x.words.organizationKinds[*x.OrganizationKind]
	}},
	{"recognised", "Recognised", "Reconnu", "Godkjent", func(x *exported) string { return x.words.yesNo(x.Recognised) }},
	{"company", "Company", "Société", "Firma", func(x *exported) string { return x.Company }},
	{"email", "E-mail", "E-mail", "E-post", func(x *exported) string { return x.Email }},
	{"phone", "Phone", "Téléphone", "Telefon", func(x *exported) string { return x.Phone }},
	{"mobile", "Mobile", "Portable", "Mobil", func(x *exported) string { return x.Mobile }},
	{"address1", "Address line 1", "Adresse 1", "Adresse 1", func(x *exported) string { return x.line(0) }},
	{"address2", "Address line 2", "Adresse 2", "Adresse 2", func(x *exported) string { return x.line(1) }},
	{"address3", "Address line 3", "Adresse 3", "Adresse 3", func(x *exported) string { return x.line(2) }},
	{"postcode", "Postcode", "Code postal", "Postnummer", func(x *exported) string { return x.Postcode }},
	{"city", "City", "Ville", "Poststed", func(x *exported) string { return x.City }},
	{"country", "Country", "Pays", "Land", func(x *exported) string { return x.Country }},
	{"subdivision", "Region code", "Code de région", "Regionskode", func(x *exported) string { return x.Subdivision }},
	{"birthDate", "Birth date", "Date de naissance", "Fødselsdato", func(x *exported) string { return dayCell(x.ShownBirthDate(x.actor)) }},
	{"language", "Language", "Langue", "Språk", func(x *exported) string { return x.Language }},
	{"color", "Colour", "Couleur", "Farge", func(x *exported) string { return x.Color }},
	{"groups", "Groups", "Groupes", "Grupper", func(x *exported) string { return groupCell(x.groups) }},
	{"types", "Operational types", "Types opérationnels", "Driftstyper", func(x *exported) string { return x.typeCell() }},
	{"function", "Function", "Fonction", "Funksjon", func(x *exported) string { return x.option(x.FunctionID) }},
	{"nature", "Nature", "Nature", "Art", func(x *exported) string { return x.option(x.NatureID) }},
	{"validUntil", "Valid until", "Valable jusqu’au", "Gyldig til", func(x *exported) string { return dayCell(x.ValidUntil) }},
	{"administrativeNumber", "Administrative number", "Numéro administratif", "Organisasjonsnummer", func(x *exported) string { return x.AdministrativeNumber }},
	{"iban", "IBAN", "IBAN", "IBAN", func(x *exported) string { return x.ShownIBAN(x.actor) }},
	{"ambassador", "Ambassador", "Ambassadeur", "Ambassadør", func(x *exported) string { return x.words.yesNo(&x.Ambassador) }},
	{"fax", "Fax", "Fax", "Faks", func(x *exported) string { return x.Fax }},
	{"otherEmails", "Other e-mails", "Autres e-mails", "Andre e-poster", func(x *exported) string { return ways(x.OtherEmails) }},
	{"otherPhones", "Other phones", "Autres téléphones", "Andre telefoner", func(x *exported) string { return ways(x.OtherPhones) }},
	{"deliveryAddress", "Delivery address", "Adresse de livraison", "Leveringsadresse", func(x *exported) string { return x.DeliveryAddress.cell() }},
	{"billingAddress", "Billing address", "Adresse de facturation", "Fakturaadresse", func(x *exported) string { return x.BillingAddress.cell() }},
	{"references", "References", "Références", "Referanser", func(x *exported) string { return referenceCell(x.references) }},
	{"note", "Note", "Note", "Merknad", func(x *exported) string { return x.ShownNote(x.actor) }},
	{"listed", "Listed", "Répertorié", "Oppført", func(x *exported) string { return x.words.yesNo(&x.Listed) }},
	{"source", "Source", "Origine", "Kilde", func(x *exported) string { return string(x.Source) }},
	{"createdAt", "Created at", "Créé le", "Opprettet", func(x *exported) string { return x.CreatedAt.UTC().Format(time.RFC3339) }},
	{"updatedAt", "Changed at", "Modifié le", "Endret", func(x *exported) string { return x.UpdatedAt.UTC().Format(time.RFC3339) }},
}

// line gives the nth line of the address, empty when it has fewer.
func (x *exported) line(n int) string {
	lines := x.Address().Lines
	if n < len(lines) {
		return lines[n]
	}
	return ""
}

// groupCell writes groups as an import reads them.
func groupCell(groups []*Group) string { return listCell(names(groups)) }

// listCell writes names with semicolons between, or Google's separator where a name holds a semicolon
// itself.
func listCell(list []string) string {
	all := strings.Join(list, "; ")
	if strings.Count(all, ";") >= max(len(list), 1) {
		all = strings.Join(list, " "+googleSeparator+" ") + " " + googleSeparator
	}
	return all
}

// option gives the name of a function or nature in the export's language.
func (x *exported) option(id *uuid.UUID) string {
	if id == nil || x.options[*id] == nil {
		return ""
	}
	o := x.options[*id]
	if name := o.Translations[x.language].Name; name != "" {
		return name
	}
	return o.Name
}

func (x *exported) typeCell() string {
	list := make([]string, len(x.Types))
	for i, t := range x.Types {
		list[i] = x.words.types[t]
	}
	return strings.Join(list, "; ")
}

// ways writes further addresses or numbers, what each is for before it.
func ways(list []Labelled) string {
	cells := make([]string, len(list))
	for i, one := range list {
		cells[i] = one.Value
		if one.Label != "" {
			cells[i] = one.Label + ": " + one.Value
		}
	}
	return strings.Join(cells, "; ")
}

// cell writes an address into one cell, as on an envelope.
func (a *Address) cell() string {
	if a == nil {
		return ""
	}
	return strings.Join(slices.DeleteFunc(append(slices.Clone(a.Lines), strings.TrimSpace(a.Postcode+" "+a.City), a.Country), func(s string) bool { return s == "" }), "\n")
}

func referenceCell(list []Reference) string {
	cells := make([]string, len(list))
	for i, one := range list {
		cells[i] = one.Source + ": " + one.ExternalID
	}
	return strings.Join(cells, "; ")
}

func dayCell(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Format(time.DateOnly)
}

// exportWords are the words of values in a language.
type exportWords struct {
	yes, no           string
	kinds             map[Kind]string
	organizationKinds map[OrganizationKind]string
	types             map[OperationalType]string
	channels          map[ConsentChannel]string
}

// Each of these words is one that an import reads.
var exportLanguages = map[string]exportWords{
	"en": {
		"yes", "no", map[Kind]string{KindPerson: "person", KindOrganization: "organization"},
		map[OrganizationKind]string{School: "school", Association: "association", PublicService: "public service", Club: "club", Company: "company"},
		map[OperationalType]string{Guide: "guide", Supplier: "supplier", Partner: "partner", Producer: "producer", Support: "support"},
		map[ConsentChannel]string{ChannelEmail: "e-mail", ChannelSMS: "SMS", ChannelPost: "post", ChannelPhone: "phone"},
	},
	"fr": {
		"oui", "non", map[Kind]string{KindPerson: "personne", KindOrganization: "organisation"},
		map[OrganizationKind]string{School: "école", Association: "association", PublicService: "service public", Club: "club", Company: "entreprise"},
		map[OperationalType]string{Guide: "guide", Supplier: "fournisseur", Partner: "partenaire", Producer: "producteur", Support: "support"},
		map[ConsentChannel]string{ChannelEmail: "e-mail", ChannelSMS: "SMS", ChannelPost: "courrier", ChannelPhone: "téléphone"},
	},
	"nb": {
		"ja", "nei", map[Kind]string{KindPerson: "person", KindOrganization: "organisasjon"},
		map[OrganizationKind]string{School: "skole", Association: "forening", PublicService: "offentlig tjeneste", Club: "klubb", Company: "bedrift"},
		map[OperationalType]string{Guide: "guide", Supplier: "leverandør", Partner: "partner", Producer: "produsent", Support: "støtte"},
		map[ConsentChannel]string{ChannelEmail: "e-post", ChannelSMS: "SMS", ChannelPost: "post", ChannelPhone: "telefon"},
	},
}

func (w exportWords) yesNo(v *bool) string {
	switch {
	case v == nil:
		return ""
	case *v:
		return w.yes
	}
	return w.no
}

// labelIn gives the column's name in a language.
func (c exportColumn) labelIn(language string) string {
	switch language {
	case "fr":
		return c.fr
	case "nb":
		return c.nb
	}
	return c.en
}

// ExportColumn is a column that an export can have, with its name in a language.
type ExportColumn struct {
	Name    string // as createExport takes it
	Label   string
	FieldID *uuid.UUID // of a custom field
}

// exportLanguage gives the language that is written: the one asked for, the actor's, the site's.
func exportLanguage(asked string, a site.Actor, of site.Site) string {
	if asked == "" {
		asked = a.Language
	}
	return site.NearestLanguage(asked, of.Language)
}
