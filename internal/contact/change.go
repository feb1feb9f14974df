package contact

import (
	"maps"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// Change is what is to be written to a record; nil = unchanged. On creation nil = empty.
type Change struct {
	Title, FirstName, LastName, Company *string
	Name                                *string
	OrganizationKind                    **OrganizationKind
	Recognised                          **bool
	BirthDate                           **time.Time
	Email, Phone, Mobile, Fax, Language *string
	AddressChange                       // the main address
	Delivery, Billing                   *AddressChange
	AddressOf                           **uuid.UUID // the organization whose address to use; inner nil = none
	OtherEmails, OtherPhones            *[]Labelled
	Color, Note                         *string
	Listed, Ambassador                  *bool
	PreferredMeans                      **Means
	OnlyPreferredMeans, DoNotContact    *bool
	Types                               *[]OperationalType
	FunctionID, NatureID                **uuid.UUID
	ValidUntil                          **time.Time
	AdministrativeNumber, IBAN          *string
	Seats                               *[]Seat
	References                          *[]Reference // the whole set
	GroupIDs                            *[]uuid.UUID // the whole set
	LabelIDs                            *[]uuid.UUID // the whole set
	Answers                             []field.Answer
	stored                              field.Answers // validated already, written over those of the record; nil takes one away
}

var (
	colorPattern   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
)

// IsColor tells whether a text is a colour as the book keeps it: #rrggbb in small letters.
func IsColor(s string) bool { return colorPattern.MatchString(s) }

// apply writes the change into r and checks the result. It gives every error at once. country is
// that of phone numbers without a prefix, unless the contact's own is known.
func (c Change) apply(r *Record, defs []*field.Definition, country string, today time.Time) error {
	v := checker{}
	before := *r
	v.text(&r.Title, c.Title, 50, "title")
	v.text(&r.FirstName, c.FirstName, 200, "firstName")
	v.text(&r.LastName, c.LastName, 200, "lastName")
	v.text(&r.Company, c.Company, 200, "company")
	v.text(&r.Name, c.Name, 200, "name")
	v.text(&r.Email, c.Email, 254, "email")
	v.mainAddress(r, c.AddressChange)
	v.furtherAddress(&r.DeliveryAddress, c.Delivery, "deliveryAddress")
	v.furtherAddress(&r.BillingAddress, c.Billing, "billingAddress")
	v.text(&r.Language, c.Language, 35, "language")
	v.text(&r.Color, c.Color, 7, "color")
	v.text(&r.Note, c.Note, 10000, "note")
	assign(&r.OrganizationKind, c.OrganizationKind)
	assign(&r.Recognised, c.Recognised)
	assign(&r.BirthDate, c.BirthDate)
	assign(&r.Listed, c.Listed)
	if r.AddressOf != nil && !sameAddress(&before, r) {
		v.add(fault.FollowsAddress, []string{"address"}, "this is the address of an organization; change it there, or stop using it first")
	}
	assign(&r.Ambassador, c.Ambassador)
	v.means(r, c)
	assign(&r.FunctionID, c.FunctionID)
	assign(&r.NatureID, c.NatureID)
	assign(&r.ValidUntil, c.ValidUntil)
	v.text(&r.AdministrativeNumber, c.AdministrativeNumber, 50, "administrativeNumber")
	v.iban(&r.IBAN, c.IBAN)
	v.types(r, c.Types)
	v.seats(r, c.Seats)
	if r.Country != "" {
		country = r.Country
	}
	v.phone(&r.Phone, c.Phone, country, "phone")
	v.phone(&r.Mobile, c.Mobile, country, "mobile")
	v.phone(&r.Fax, c.Fax, country, "fax")
	v.otherEmails(r, c.OtherEmails)
	v.otherPhones(r, c.OtherPhones, country)
	v.values(r, c, today)
	v.kind(r)
	answers, err := c.answers(r, defs, country)
	if more, ok := fault.Mendable(err); ok {
		v.list = append(v.list, more...)
	}
	if err := v.list.Err(); err != nil {
		return err
	}
	r.Answers = answers
	r.fold()
	return nil
}

func assign[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (c Change) answers(r *Record, defs []*field.Definition, country string) (field.Answers, error) {
	if r.Answers == nil {
		r.Answers = field.Answers{}
	}
	answers := r.Answers.Clone()
	maps.Copy(answers, c.stored)
	maps.DeleteFunc(answers, func(_ string, v field.Value) bool { return v == nil })
	return field.Apply(defs, answers, c.Answers, country)
}

// checker gathers errors.
type checker struct{ list fault.List }

func (v *checker) add(reason string, path []string, format string, args ...any) {
	v.list = append(v.list, fault.Invalid(reason, path, format, args...))
}

func (v *checker) text(to *string, from *string, limit int, path ...string) {
	if from == nil {
		return
	}
	s := strings.TrimSpace(*from)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		v.add(fault.InvalidText, path, "this text is not valid UTF-8")
	case utf8.RuneCountInString(s) > limit:
		v.add(fault.TooLong, path, "at most %d characters; this has %d", limit, utf8.RuneCountInString(s))
	default:
		*to = s
	}
}

func (v *checker) values(r *Record, c Change, today time.Time) {
	if c.Email != nil && r.Email != "" {
		if err := site.CheckEmail(r.Email, "email"); err != nil {
			more, _ := fault.Mendable(err)
			v.list = append(v.list, more...)
		}
	}
	if c.Language != nil && r.Language != "" {
		if _, err := language.Parse(r.Language); err != nil {
			v.add(fault.InvalidValue, []string{"language"}, "give a BCP 47 tag, for example fr or fr-BE")
		}
	}
	if c.Color != nil && r.Color != "" && !colorPattern.MatchString(r.Color) {
		v.add(fault.InvalidColor, []string{"color"}, "give a colour as #rrggbb in small letters")
	}
	if c.BirthDate != nil && r.BirthDate != nil && (r.BirthDate.After(today) || r.BirthDate.Year() < 1850) {
		v.add(fault.InvalidDate, []string{"birthDate"}, "a birth date lies between 1850 and today")
	}
	if c.ValidUntil != nil && r.ValidUntil != nil && (r.ValidUntil.Year() < 1900 || r.ValidUntil.Year() > 9999) {
		v.add(fault.InvalidDate, []string{"validUntil"}, "the last valid day lies between 1900 and 9999")
	}
}

// kind holds the record to what its kind needs and may have.
func (v *checker) kind(r *Record) {
	if r.Kind == KindOrganization {
		if r.Name == "" {
			v.add(fault.Required, []string{"name"}, "an organization needs a name")
		}
		if r.FirstName+r.LastName+r.Title+r.Company != "" || r.BirthDate != nil || r.FunctionID != nil {
			v.add(fault.WrongType, []string{"lastName"}, "an organization has no personal attributes")
		}
		if r.Recognised != nil && (r.OrganizationKind == nil || *r.OrganizationKind != Club) {
			v.add(fault.WrongType, []string{"recognised"}, "only a club is recognised or not")
		}
		return
	}
	if r.FirstName+r.LastName+r.Email == "" {
		v.add(fault.Required, []string{"lastName"}, "give a name or an e-mail address")
	}
	if r.Name != "" || r.OrganizationKind != nil || r.Recognised != nil {
		v.add(fault.WrongType, []string{"name"}, "a person has no attributes of an organization")
	}
}
