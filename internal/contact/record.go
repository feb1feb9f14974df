// Package contact is the book: persons and organizations, groups, search, history, trash, import,
// export and the demo data.
//
// Every exported method of Service is one transaction and asks the actor of the context; helpers
// take bun.IDB and compose inside one. Every change of a record writes a history entry in the same
// transaction. Nothing is announced from here: subscribers hear of a change from the database's
// log, after its commit.
package contact

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// Kind is whether a contact is a natural or a legal person (S-07).
type Kind string

// The kinds.
const (
	KindPerson       Kind = "person"
	KindOrganization Kind = "organization"
)

// OrganizationKind is one of P-09.
type OrganizationKind string

// The organization kinds.
const (
	School        OrganizationKind = "school"
	Association   OrganizationKind = "association"
	PublicService OrganizationKind = "public_service"
	Club          OrganizationKind = "club"
	Company       OrganizationKind = "company"
)

// Source is the door a contact first came through.
type Source string

// The sources.
const (
	FromStaff        Source = "staff"
	FromAPI          Source = "api"
	FromImport       Source = "import"
	FromRegistration Source = "registration"
	FromCheckout     Source = "checkout"
	FromSeed         Source = "seed"
)

// OperationalType is what a contact is to the running of the site, beside being its public (S-08 to S-14).
type OperationalType string

// The operational types, in the order in which they are kept and shown.
const (
	Guide    OperationalType = "guide"
	Supplier OperationalType = "supplier"
	Partner  OperationalType = "partner"
	Producer OperationalType = "producer"
	Support  OperationalType = "support"
)

// OperationalTypes lists them.
var OperationalTypes = []OperationalType{Guide, Supplier, Partner, Producer, Support}

// Record is a contact as stored, person or organization.
type Record struct {
	bun.BaseModel `bun:"table:contact,alias:contact"`

	SiteID           uuid.UUID `bun:",pk,type:uuid"` // bulk updates need the type
	ID               uuid.UUID `bun:",pk,type:uuid"`
	Number           int64
	Kind             Kind
	Title            string
	FirstName        string
	LastName         string
	BirthDate        *time.Time `bun:"type:date"`
	Company          string
	Name             string
	OrganizationKind *OrganizationKind
	Recognised       *bool
	Email            string
	EmailKey         string
	Phone            string
	Mobile           string
	Language         string
	AddressLines     string // lines joined by \n
	Postcode         string
	City             string
	Country          string
	Subdivision      string     // region or department of the address, ISO 3166-2
	AddressOf        *uuid.UUID `bun:"type:uuid"` // the organization whose address this is a copy of (S-112)
	Color            string
	Note             string
	Answers          field.Answers `bun:"type:jsonb"`
	Listed           bool
	Source           Source

	Types                []OperationalType `bun:"type:text[],array"`
	FunctionID           *uuid.UUID        `bun:"type:uuid"`
	NatureID             *uuid.UUID        `bun:"type:uuid"`
	ValidUntil           *time.Time        `bun:"type:date"` // the last valid day
	AdministrativeNumber string
	IBAN                 string `bun:"iban"` // without spaces; see ShownIBAN
	Ambassador           bool
	PreferredMeans       *Means // by which to speak to it (S-45)
	OnlyPreferredMeans   bool   // and by no other
	DoNotContact         bool   // by none at all
	Fax                  string
	OtherEmails          []Labelled `bun:"type:jsonb"`
	OtherPhones          []Labelled `bun:"type:jsonb"`
	Reach                []string   `bun:"type:text[],array"` // every address in small letters and every number as E.164
	DeliveryAddress      *Address   `bun:"type:jsonb"`
	BillingAddress       *Address   `bun:"type:jsonb"`
	Seats                []Seat     `bun:"type:jsonb"`

	NLast      string
	NFirst     string
	NCity      string
	NCompany   string
	NAnswers   map[string]string `bun:"type:jsonb"` // text answers, folded
	NSound     string            // how the name sounds, and
	NAddress   string            // where it is: keys that twins share
	Search     string
	CreatedAt  time.Time  `bun:",nullzero"`
	UpdatedAt  time.Time  `bun:",nullzero"`
	DeletedAt  *time.Time `bun:",nullzero"`
	MergedInto *uuid.UUID `bun:"type:uuid"` // the contact it became part of; then it is in no list

	// What a Query with Columns reads besides, or instead of what is above.
	GroupIDs []uuid.UUID `bun:"-"` // nil: not read
	SalesKey string      `bun:"-"` // the place in a list by sales
	Stored   []byte      `bun:"-"` // the answers as the database writes them; Answers is then nil
}

// DisplayName is what lists call the record: "SURNAME First name", else what is known of it.
func (r *Record) DisplayName() string {
	if r.Kind == KindOrganization {
		return r.Name
	}
	name := strings.TrimSpace(strings.ToUpper(r.LastName) + " " + r.FirstName)
	if name == "" {
		return r.Email
	}
	return name
}

// Valid tells whether the record is valid on a day of the site's (G-09): the last day still is.
func (r *Record) Valid(today time.Time) bool {
	return r.ValidUntil == nil || !today.After(*r.ValidUntil)
}

// Age gives whole years at a day, nil without a birth date (S-32).
func (r *Record) Age(today time.Time) *int {
	if r.BirthDate == nil {
		return nil
	}
	years := today.Year() - r.BirthDate.Year()
	if today.Month() < r.BirthDate.Month() || today.Month() == r.BirthDate.Month() && today.Day() < r.BirthDate.Day() {
		years--
	}
	return &years
}

// fold computes the columns that search and sorting read.
func (r *Record) fold() {
	r.EmailKey = strings.ToLower(r.Email)
	r.NCity, r.NCompany = fold.Text(r.City), fold.Text(r.Company)
	r.NAnswers = foldAnswers(r.Answers)
	r.complete()
	if r.Kind == KindOrganization {
		r.NLast, r.NFirst = fold.Text(r.Name), ""
	} else {
		r.NLast, r.NFirst = fold.Text(r.LastName), fold.Text(r.FirstName)
	}
	r.NSound, r.NAddress = soundKey(r.Kind, r.NLast, r.NFirst), r.addressKey()
	r.Reach = r.reach()
	r.Search = r.searched()
}

// searched is what patterns are looked up in before they are compared with names and addresses: these, and
// nothing else, since each run of three letters is an entry of an index.
func (r *Record) searched() string {
	words := []string{r.NLast, r.NFirst, r.NCompany}
	for _, way := range r.Reach {
		if strings.Contains(way, "@") {
			words = append(words, way)
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// complete makes lists that were never written empty ones: the database keeps no NULL for them.
func (r *Record) complete() {
	if r.Types == nil {
		r.Types = []OperationalType{}
	}
	if r.OtherEmails == nil {
		r.OtherEmails = []Labelled{}
	}
	if r.OtherPhones == nil {
		r.OtherPhones = []Labelled{}
	}
	if r.Seats == nil {
		r.Seats = []Seat{}
	}
}

// reach gives every way to reach the contact, each once: e-mail addresses as compared, numbers as E.164.
func (r *Record) reach() []string {
	ways := []string{r.EmailKey, r.Phone, r.Mobile, r.Fax}
	for _, e := range r.OtherEmails {
		ways = append(ways, strings.ToLower(e.Value))
	}
	for _, p := range r.OtherPhones {
		ways = append(ways, p.Value)
	}
	slices.Sort(ways)
	ways = slices.DeleteFunc(slices.Compact(ways), func(s string) bool { return s == "" })
	return ways
}

// foldAnswers keeps what text comparison reads. Choices' ids are strings too and do no harm.
func foldAnswers(answers field.Answers) map[string]string {
	out := map[string]string{}
	for id, v := range answers {
		var s string
		if json.Unmarshal(v, &s) == nil {
			out[id] = fold.Text(s)
		}
	}
	return out
}

// Contact is a Person or an Organization.
type Contact interface {
	IsContact()
	Row() *Record
}

// Person is a natural person.
type Person struct{ *Record }

// Organization is a legal person.
type Organization struct{ *Record }

// IsContact marks a Person as a Contact.
func (Person) IsContact() {}

// Row gives the record.
func (p Person) Row() *Record { return p.Record }

// IsContact marks an Organization as a Contact.
func (Organization) IsContact() {}

// Row gives the record.
func (o Organization) Row() *Record { return o.Record }

// Of gives a record as what it is.
func Of(r *Record) Contact {
	if r.Kind == KindOrganization {
		return Organization{r}
	}
	return Person{r}
}

// All gives records as what they are.
func All(rows []*Record) []Contact {
	out := make([]Contact, len(rows))
	for i, r := range rows {
		out[i] = Of(r)
	}
	return out
}

// Service answers for the book.
type Service struct {
	db          *db.DB
	now         func() time.Time
	uploadLimit int64 // bytes
	importBatch int   // rows
	imports     background
	movers      []Mover
	rules       Rules          // nil: exports take no rule
	links       *secret.Signer // nil: exports have no link
	fields      *field.Service
	groups      site.Cache[groupBook]
	sites       site.Cache[site.Site]

	// Invite makes an end user's account for a contact and writes the mail that says so, in the caller's
	// transaction. Package account has it; the program binds it.
	Invite func(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, email, language string) error
}

// New makes the service.
func New(d *db.DB) *Service {
	return &Service{db: d, now: time.Now, movers: slices.Clone(movers), uploadLimit: MaxUpload, importBatch: batchRows, fields: field.New(d)}
}
