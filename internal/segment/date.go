package segment

import (
	"strings"
	"time"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

// MaxRelativeDays is how far from today a relative date reaches at most: a hundred years.
const MaxRelativeDays = 36_500

// dateColumns is the allow-list of date attributes: days as they are, or moments, which are compared
// with days of the site's time zone.
var dateColumns = map[string]struct {
	sql    string
	moment bool
	sales  bool // of contact_sale
}{
	"CREATED_AT":  {sql: "contact.created_at", moment: true},
	"UPDATED_AT":  {sql: "contact.updated_at", moment: true},
	"BIRTH_DATE":  {sql: "contact.birth_date"},
	"VALID_UNTIL": {sql: "contact.valid_until"},

	"FIRST_PURCHASE":   {sql: "s.first_on", sales: true},
	"LAST_PURCHASE":    {sql: "s.last_on", sales: true},
	"SUBSCRIBED_UNTIL": {sql: "s.subscribed_until", sales: true},
}

// DateLeaf compares a date attribute with days of the site's time zone, both included: fixed ones, or
// days that are counted from today. Who has no such date is never in the range.
type DateLeaf struct {
	Column   string        `json:"column"`
	From     *string       `json:"from,omitempty"`
	To       *string       `json:"to,omitempty"`
	Relative *RelativeDate `json:"relative,omitempty"` // instead of from and to
}

// RelativeDate is a range of days around today; exactly one of Last, Next and This is given.
//
// Last n and Next n hold today and reach to the same day n units away, which is not among them: on
// 15 March the last month is 16 February to 15 March, the next one 15 March to 14 April, and the last 30
// days are today and the 29 before. Where that month is shorter its last day stands for the same day, so
// on 31 March the last month begins on 1 March. This is the whole calendar day, week, month or year that
// today lies in, with what is still to come of it. Weeks begin on Monday (ISO 8601).
type RelativeDate struct {
	Last *int   `json:"last,omitempty"`
	Next *int   `json:"next,omitempty"`
	This *bool  `json:"this,omitempty"`
	Unit string `json:"unit"` // DAY, WEEK, MONTH, YEAR
}

// unitDays is how long a unit is at least, for the limit.
var unitDays = map[string]float64{"DAY": 1, "WEEK": 7, "MONTH": 365.0 / 12, "YEAR": 365}

func (c *ruleCheck) date(l *DateLeaf, path []string) {
	c.word(l.Column, append(path, "column"), "CREATED_AT", "UPDATED_AT", "BIRTH_DATE", "VALID_UNTIL", "FIRST_PURCHASE", "LAST_PURCHASE", "SUBSCRIBED_UNTIL")
	c.days(l.From, l.To, l.Relative, path)
}

// days checks a range of days: fixed ones, or days that are counted from today.
func (c *ruleCheck) days(from, to *string, relative *RelativeDate, path []string) {
	if relative != nil {
		if from != nil || to != nil {
			c.add(fault.InvalidValue, append(path, "relative"), "give from and to, or relative, not both")
		}
		c.relative(relative, append(path, "relative"))
		return
	}
	if from == nil && to == nil {
		c.add(fault.Required, append(path, "from"), "give from, to, or both, or relative")
	}
	for _, end := range []struct {
		name string
		day  *string
	}{{"from", from}, {"to", to}} {
		if end.day == nil {
			continue
		}
		if d, err := time.Parse(time.DateOnly, *end.day); err != nil || d.Year() < 1 || d.Year() > 9999 {
			c.add(fault.InvalidDate, append(path, end.name), "give a day as YYYY-MM-DD")
		}
	}
	if from != nil && to != nil && *from > *to {
		c.add(fault.InvalidDate, append(path, "to"), "the range ends before it begins")
	}
}

func (c *ruleCheck) relative(r *RelativeDate, path []string) {
	c.word(r.Unit, append(path, "unit"), "DAY", "WEEK", "MONTH", "YEAR")
	given := 0
	for _, n := range []struct {
		name  string
		count *int
	}{{"last", r.Last}, {"next", r.Next}} {
		if n.count == nil {
			continue
		}
		given++
		if *n.count < 1 || float64(*n.count)*unitDays[r.Unit] > MaxRelativeDays {
			c.add(fault.InvalidValue, append(path, n.name), "give at least 1, and no more than %d days or 100 years", MaxRelativeDays)
		}
	}
	if r.This != nil {
		if given++; !*r.This {
			c.add(fault.InvalidValue, append(path, "this"), "this is true, or left out; put what is not so under not")
		}
	}
	if given != 1 {
		c.add(fault.InvalidValue, path, "give exactly one of last, next, this; there are %d", given)
	}
}

// days gives the first and the last day of the range, both included, as midnights UTC; nil = open. today is
// the site's day, as site.Site.Day gives it.
func (l *DateLeaf) days(today time.Time) (from, to *time.Time) {
	if l.Relative != nil {
		first, last := l.Relative.days(today)
		return &first, &last
	}
	day := func(text *string) *time.Time {
		if text == nil {
			return nil
		}
		d, _ := time.Parse(time.DateOnly, *text) // checked by Parse
		return &d
	}
	return day(l.From), day(l.To)
}

func (r *RelativeDate) days(today time.Time) (from, to time.Time) {
	switch {
	case r.Last != nil:
		return shift(today, -*r.Last, r.Unit).AddDate(0, 0, 1), today
	case r.Next != nil:
		return today, shift(today, *r.Next, r.Unit).AddDate(0, 0, -1)
	default:
		return calendar(today, r.Unit)
	}
}

// shift gives the same day n units away; a month that lacks it gives its last day, as PostgreSQL's intervals do.
func shift(day time.Time, n int, unit string) time.Time {
	switch unit {
	case "DAY":
		return day.AddDate(0, 0, n)
	case "WEEK":
		return day.AddDate(0, 0, 7*n)
	case "YEAR":
		n *= 12
	}
	first := time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}

// calendar gives the first and the last day of the calendar unit that a day lies in.
func calendar(day time.Time, unit string) (from, to time.Time) {
	switch unit {
	case "WEEK":
		from = day.AddDate(0, 0, -(int(day.Weekday())+6)%7) // Monday is the first
		return from, from.AddDate(0, 0, 6)
	case "MONTH":
		from = day.AddDate(0, 0, 1-day.Day())
		return from, from.AddDate(0, 1, -1)
	case "YEAR":
		from = time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(1, 0, -1)
	default:
		return day, day
	}
}

// date compares with whole days, moments in the site's time zone.
func (c *compiler) date(l *DateLeaf) contact.Condition {
	column := dateColumns[l.Column]
	bound := func(day time.Time) any {
		if !column.moment {
			return day.Format(time.DateOnly)
		}
		return c.site.Start(day)
	}
	from, to := l.days(c.today)
	var parts []string
	var args []any
	if from != nil {
		parts, args = append(parts, column.sql+" >= ?"), append(args, bound(*from))
	}
	if to != nil {
		parts, args = append(parts, column.sql+" < ?"), append(args, bound(to.AddDate(0, 0, 1)))
	}
	if column.sales {
		return sold(strings.Join(parts, " AND "), args...)
	}
	return contact.Condition{SQL: "coalesce(" + strings.Join(parts, " AND ") + ", FALSE)", Args: args}
}
