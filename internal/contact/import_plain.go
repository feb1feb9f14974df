package contact

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
)

// plainNames are the columns' names in English, French and Norwegian, as headerKey makes them.
var plainNames = invert(map[target]string{
	toTitle:                "title salutation prefix civilite titre tittel",
	toFirst:                "firstname givenname forename prenom fornavn",
	toMiddle:               "middlename additionalname deuxiemeprenom mellomnavn",
	toLast:                 "lastname surname familyname nom nomdefamille etternavn",
	toSuffix:               "suffix suffixe suffiks",
	toFull:                 "name fullname displayname nomcomplet navn fulltnavn",
	toCompany:              "company companyname organization organisation organizationname organisationname societe entreprise firma bedrift organisasjon organisasjonsnavn",
	toKind:                 "kind contactkind contacttype typedecontact kontakttype slag",
	toOrganizationKind:     "organizationkind organisationkind organizationtype organisationtype typedorganisation organisasjonstype",
	toRecognised:           "recognised recognized reconnu godkjent",
	toBirth:                "birthdate birthday dateofbirth born datedenaissance naissance anniversaire fodselsdato fodselsdag bursdag",
	toLanguage:             "language langue sprak",
	toColor:                "color colour couleur farge",
	toNote:                 "note notes comment comments remark remarks remarque remarques commentaire commentaires merknad merknader notat notater kommentar",
	toEmail:                "email emails emailaddress mail courriel adressecourriel adresseemail adressemail adressedemessagerie adresseelectronique mel epost epostadresse",
	toPhone:                "phone phonenumber telephone telephonenumber tel fixe telephonefixe telefon telefonnummer tlf landline",
	toMobile:               "mobile mobilephone mobilenumber cell cellphone portable telephoneportable telephonemobile telmobile mobil mobiltelefon mobilnummer",
	toStreet:               "address street streetaddress addressline line adresse rue voie gate gatevei gateadresse vei adresselinje",
	toPostcode:             "postcode postalcode zip zipcode codepostal cp postnummer postnr",
	toCity:                 "city town ville commune localite by poststed sted",
	toRegion:               "region state province county stateprovince departement deptregion fylke",
	toCountry:              "country countryregion countrycode pays paysregion codepays land landregion landomrade landkode",
	toConsent:              "consent contactconsent consentement consentementcontact samtykke kontaktsamtykke",
	toConsentDate:          "consentdate consentgiven dateconsentement dateduconsentement samtykkedato datoforsamtykke",
	toID:                   "carnetid idcarnet",
	toSubdivision:          "regioncode codederegion coderegion regionskode isoregion",
	toNumber:               "contactnumber numerodecontact kontaktnummer",
	toFax:                  "fax telecopie faks",
	toTypes:                "operationaltypes typesoperationnels driftstyper",
	toFunction:             "function fonction funksjon",
	toNature:               "nature art",
	toValidUntil:           "validuntil valablejusquau gyldigtil",
	toAmbassador:           "ambassador ambassadeur ambassador",
	toIBAN:                 "iban",
	toOtherEmails:          "otheremails autresemails andreeposter",
	toOtherPhones:          "otherphones autrestelephones andretelefoner",
	toDelivery:             "deliveryaddress adressedelivraison leveringsadresse",
	toBilling:              "billingaddress adressedefacturation fakturaadresse",
	toReferences:           "references referanser",
	toAdministrativeNumber: "administrativenumber numeroadministratif organisasjonsnummer siret",
	// What a book keeps by itself, and the column that a file of refused rows has.
	toIgnored: "listed repertorie oppfort source origine kilde createdat creele opprettet changedat modifiele endret importproblem problemedimport importproblem",
	toGroups:  "group groups groupe groupes gruppe grupper category categories categorie kategori kategorier labels libelles etiketter etiquettes",
})

func invert(names map[target]string) map[string]target {
	all := map[string]target{}
	for to, list := range names {
		for name := range strings.FieldsSeq(list) {
			all[name] = to
		}
	}
	return all
}

// plainColumn says what one of our own names means. A number behind it ("Address 2") tells the order.
func plainColumn(key string) (column, bool) {
	to, ok := plainNames[key]
	if !ok {
		key = strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, key)
		to, ok = plainNames[key]
	}
	return column{to: to}, ok
}

var kinds = map[string]Kind{
	"person": KindPerson, "personne": KindPerson, "individual": KindPerson, "particulier": KindPerson, "privatperson": KindPerson,
	"organization": KindOrganization, "organisation": KindOrganization, "organisasjon": KindOrganization, "company": KindOrganization,
	"entreprise": KindOrganization, "bedrift": KindOrganization,
}

func kindOf(text string) (Kind, bool) {
	kind, ok := kinds[headerKey(text)]
	return kind, ok
}

var organizationKinds = map[string]OrganizationKind{
	"school": School, "ecole": School, "etablissementscolaire": School, "skole": School,
	"association": Association, "forening": Association,
	"publicservice": PublicService, "servicepublic": PublicService, "offentlig": PublicService, "offentligtjeneste": PublicService,
	"club": Club, "klubb": Club, "idrettslag": Club,
	"company": Company, "entreprise": Company, "societe": Company, "bedrift": Company, "firma": Company,
}

var yesNoWords = map[string]bool{
	"yes": true, "y": true, "true": true, "1": true, "x": true, "oui": true, "o": true, "vrai": true, "ja": true, "j": true,
	"✓": true, "✔": true, "no": false, "n": false, "false": false, "0": false, "non": false, "faux": false, "nei": false, "–": false, "-": false,
}

func yesNoOf(text string) (yes, ok bool) {
	yes, ok = yesNoWords[fold.Text(text)]
	return yes, ok
}

// Words between a first name and the surname's last word that belong to the surname.
var particles = map[string]bool{
	"de": true, "du": true, "des": true, "la": true, "le": true, "da": true, "di": true, "del": true, "von": true, "van": true,
	"den": true, "der": true, "zu": true, "af": true, "av": true, "ten": true, "ter": true,
}

// splitName takes a whole name apart: at a comma, else before the last word and its particles.
func splitName(full string) (first, last string) {
	if last, first, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(first), strings.TrimSpace(last)
	}
	words := strings.Fields(full)
	if len(words) == 1 {
		return "", full
	}
	at := len(words) - 1
	for at > 1 && particles[fold.Text(words[at-1])] {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

// parseDay reads a day as people and programs write it: 1987-04-30, 30.04.1987, 30/4/1987, 4/30/1987
// (dayFirst settles which, where both could be). known is false for a day without a year ("--04-30").
func parseDay(text string, dayFirst bool) (day time.Time, known, ok bool) {
	if strings.HasPrefix(text, "--") {
		return time.Time{}, false, true
	}
	text, _, _ = strings.Cut(text, " ") // a time of day says nothing
	layouts := []string{"2006-1-2", "2006/1/2", "20060102", "2.1.2006", "2-1-2006"}
	if dayFirst {
		layouts = append(layouts, "2/1/2006", "1/2/2006")
	} else {
		layouts = append(layouts, "1/2/2006", "2/1/2006")
	}
	for _, layout := range layouts {
		if day, err := time.Parse(layout, text); err == nil {
			return day, true, true
		}
	}
	return time.Time{}, false, false
}

// spoken are the languages that site speaks, in which people may name languages and countries.
var spoken = []language.Tag{language.English, language.French, language.Norwegian}

// languageTag reads a BCP 47 tag, or a language's name in one of the spoken languages.
func languageTag(text string) string {
	if tag, ok := languageNames()[fold.Text(text)]; ok {
		return tag
	}
	return text
}

var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, in := range spoken {
		namer := display.Languages(in)
		for _, code := range languageCodes {
			names[fold.Text(namer.Name(language.MustParse(code)))] = code
		}
	}
	names["norwegian"], names["norvegien"], names["norsk"] = "nb", "nb", "nb"
	return names
})

// countryCode reads an ISO 3166 code, or a country's name in one of the spoken languages.
func countryCode(text string) (string, bool) {
	if upper := strings.ToUpper(text); countryPattern.MatchString(upper) {
		if upper == "UK" {
			return "GB", true
		}
		return upper, true
	}
	code, ok := countryNames()[headerKey(text)]
	return code, ok
}

var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{
		"usa": "US", "unitedstatesofamerica": "US", "england": "GB", "scotland": "GB", "wales": "GB", "greatbritain": "GB",
		"angleterre": "GB", "storbritannia": "GB", "grandebretagne": "GB", "holland": "NL", "hollande": "NL", "czechrepublic": "CZ",
	}
	namers := make([]display.Namer, len(spoken))
	for i, in := range spoken {
		namers[i] = display.Regions(in)
	}
	for _, region := range regions() {
		for _, namer := range namers {
			if name := headerKey(namer.Name(region)); name != "" && names[name] == "" {
				names[name] = region.String()
			}
		}
	}
	return names
})

// regions are the countries of ISO 3166.
var regions = sync.OnceValue(func() []language.Region {
	var all []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string([]rune{a, b}))
			if err == nil && region.IsCountry() && region == region.Canonicalize() { // FX is another word for FR
				all = append(all, region)
			}
		}
	}
	return all
})

// countryChoices gives the countries by their names in a language.
func countryChoices(in string) []*ValueChoice {
	namer := display.Regions(language.Make(in))
	var out []*ValueChoice
	for _, region := range regions() {
		if name := namer.Name(region); name != "" {
			out = append(out, &ValueChoice{region.String(), name})
		}
	}
	slices.SortFunc(out, func(a, b *ValueChoice) int { return strings.Compare(fold.Text(a.Label), fold.Text(b.Label)) })
	return out
}

// languageCodes are the languages that a file may call by name.
var languageCodes = []string{"en", "fr", "nb", "nn", "sv", "da", "de", "es", "it", "nl", "pt", "pl", "fi", "is", "se", "ar", "uk", "ru"}

func languageChoices(in string) []*ValueChoice {
	namer := display.Languages(language.Make(in))
	var out []*ValueChoice
	for _, code := range languageCodes {
		out = append(out, &ValueChoice{code, namer.Name(language.MustParse(code))})
	}
	return out
}

// answersOf reads the answers to custom fields: yes or no, text, number, day, country, or choices by their labels with
// semicolons between them.
func (v *vocabulary) answersOf(it *item, d *draft) {
	for _, c := range d.answers {
		a := field.Answer{FieldID: c.field.ID}
		switch c.field.Type {
		case "yes_no", "checkbox":
			yes, ok := yesNoOf(c.text)
			if !ok {
				it.refuse(c.problem(badYesNo))
				continue
			}
			if c.field.Type == "yes_no" {
				a.YesNo = &yes
			} else {
				a.Checked = &yes
			}
		case "dropdown":
			if !it.choose(c, &a) {
				continue
			}
		case "number":
			n, ok := field.ReadNumber(c.text)
			if !ok {
				it.refuse(c.problem(fault.InvalidNumber))
				continue
			}
			a.Number = &n
		case "date":
			day, known, ok := parseDay(c.text, v.dayFirst)
			if !ok || !known {
				it.refuse(c.problem(fault.InvalidDate, "1987-04-30"))
				continue
			}
			is := day.Format(time.DateOnly)
			a.Date = &is
		case "country":
			code, ok := countryCode(c.text)
			if !ok {
				code = c.text // told by the field
			}
			a.Text = &code
		default:
			a.Text = &c.text
		}
		it.change.Answers = append(it.change.Answers, a)
		it.answers = append(it.answers, c)
	}
}

// choose finds the choices that a cell names.
func (it *item) choose(c answerCell, a *field.Answer) bool {
	if choice, ok := choiceOf(c.field, c.text); ok {
		a.ChoiceIDs = append(a.ChoiceIDs, choice.ID)
		return true
	}
	for _, name := range listOf(c.text) {
		choice, ok := choiceOf(c.field, name)
		if !ok {
			it.refuse(c.problemOf(unknownChoice, name, shortenedList(c.field.Choices)...))
			return false
		}
		a.ChoiceIDs = append(a.ChoiceIDs, choice.ID)
	}
	return true
}

// choiceOf finds a choice by its label in any language.
func choiceOf(def *field.Definition, label string) (field.Choice, bool) {
	key := fold.Text(label)
	for _, c := range def.Choices {
		if fold.Text(c.Label) == key {
			return c, true
		}
		for _, t := range c.Translations {
			if t.Label != "" && fold.Text(t.Label) == key {
				return c, true
			}
		}
	}
	return field.Choice{}, false
}

func shortenedList(choices []field.Choice) []string {
	labels := make([]string, 0, 5)
	for i, c := range choices {
		if i == 4 && len(choices) > 5 {
			labels[3] += " …"
			return labels
		}
		labels = append(labels, c.Label)
	}
	return labels
}
