// Package indicator holds the indicators that a site defines itself (S-26, S-50, S-51): what is to be counted of each contact's
// sales, in which period, and in which bands.
//
// Values are the database's alone. contact_indicator_refresh (migration 0063) counts anew whomever a sale touches, in the sale's
// transaction; Passed finds for whom something follows from the passing of days alone, and a job counts everybody when what is
// counted has changed (Recounts). Bands are read out of a value when it is shown or compared, so other bands ask for no count.
//
// Nothing takes a value as input (S-51).
package indicator

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Limits.
const (
	MaxIndicators = 20 // of a site, archived ones not counted
	MaxNamed      = 50 // products, or events, or channels, that one names
	MaxBands      = 6
	MaxDays       = 3660 // of a period
	maxName       = 100
	maxValue      = 1_000_000_000_000 // where a band begins at most
)

// Measure is what is counted. It never changes: rules compare with numbers of its unit.
type Measure string

// The measures. Orders, money and the last purchase are the buyer's; tickets and visits are theirs who attend.
const (
	Orders       Measure = "orders"        // that stand, and of which something that counts was not given back
	Tickets      Measure = "tickets"       // that were not given back
	Spent        Measure = "spent"         // minor units, less what went back
	Visits       Measure = "visits"        // used tickets and attended bookings, of nothing that was cancelled
	LastPurchase Measure = "last_purchase" // days since the last order
)

var measures = []Measure{Orders, Tickets, Spent, Visits, LastPurchase}

// Period is which days count.
type Period string

// The periods.
const (
	Ever Period = "ever"
	Days Period = "days" // the last ones, today among them
	Year Period = "year" // the one that today lies in, from the day on which the site has years, or seasons, begin
)

// Icons are what an indicator is shown by; the admin draws them.
var Icons = []string{
	"chart", "ticket", "coins", "calendar", "clock", "star", "heart", "trophy", "users", "baby", "music", "drama", "film", "dumbbell", "palette", "utensils", "graduation", "gift", "flag", "megaphone",
}

// Kinds are the kinds of product, in the words of package sale.
var Kinds = []string{"ticket", "pass", "membership", "resource"}

// Definition is an indicator.
type Definition struct {
	bun.BaseModel `bun:"table:indicator,alias:indicator"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	Name       string
	NameKey    string
	Icon       string
	Measure    Measure
	ProductIDs []uuid.UUID `bun:"product_ids,array"` // of these only; empty: of all
	EventIDs   []uuid.UUID `bun:"event_ids,array"`
	Kinds      []string    `bun:",array"`
	Channels   []string    `bun:",array"`
	Period     Period
	Days       *int
	StartMonth *int
	StartDay   *int
	Bands      []Band `bun:"type:jsonb"` // upwards
	Position   int
	ArchivedAt *time.Time
	DeletedAt  *time.Time
	CreatedAt  time.Time `bun:",nullzero"`
	UpdatedAt  time.Time `bun:",nullzero"`
}

// Band is a range of values: from where it begins up to the next.
type Band struct {
	ID    uuid.UUID `json:"id"`
	Label string    `json:"label"`
	From  int64     `json:"from"`
}

// Band finds a band by its id.
func (d *Definition) Band(id uuid.UUID) (Band, bool) {
	at := slices.IndexFunc(d.Bands, func(b Band) bool { return b.ID == id })
	if at < 0 {
		return Band{}, false
	}
	return d.Bands[at], true
}

// BandOf gives the band that a value lies in; nil when there is none, or no value.
func (d *Definition) BandOf(value *int64) *Band {
	if value == nil {
		return nil
	}
	for _, b := range slices.Backward(d.Bands) {
		if *value >= b.From {
			return &b
		}
	}
	return nil
}

// Range is a band's, both ends included; without an end in the last one.
func (d *Definition) Range(b Band) (from int64, to *int64) {
	for _, next := range d.Bands {
		if next.From > b.From {
			last := next.From - 1
			return b.From, &last
		}
	}
	return b.From, nil
}

// Value reads what is stored of a contact on a day of the site's; kept is 0 for who has nothing. Who never bought has no days since.
func (d *Definition) Value(kept int64, today time.Time) *int64 {
	if d.Measure != LastPurchase {
		return &kept
	}
	if kept == 0 {
		return nil
	}
	since := max(dayOf(today)-kept, 0)
	return &since
}

// Kept gives the range of what is stored that a range of values means on a day of the site's, both ends included, and whether who
// has nothing lies in it.
func (d *Definition) Kept(from, to *int64, today time.Time) (least, most *int64, nothing bool) {
	if d.Measure != LastPurchase {
		return from, to, from == nil || *from == 0
	}
	if from != nil && *from > 0 { // an order may be dated tomorrow
		day := dayOf(today) - *from
		most = &day
	}
	if to != nil {
		day := dayOf(today) - *to
		least = &day
	}
	return least, most, false
}

// dayOf counts days from 1970-01-01.
func dayOf(day time.Time) int64 { return day.Unix() / 86400 }

// Service answers for indicators.
type Service struct {
	db    *db.DB
	jobs  queue
	known site.Cache[[]*Definition]
	now   func() time.Time

	// Named gives the names of segments whose rules name an indicator, some of them where there are many. Package segment, above, knows.
	Named func(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) ([]string, error)
	// Forget takes an indicator that is shown no more out of the orders of saved views, and one that goes out of columns too.
	Forget func(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, goes bool) error
}
