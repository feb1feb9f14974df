package segment

import (
	"strings"
	"time"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

// MaxBirthdayDays is how many days ahead birthdays are looked for at most.
const MaxBirthdayDays = 366

// BirthdayLeaf finds who has their birthday on one of some days, whatever the year; exactly one of its entries
// is given. Who was born on 29 February has it on 28 February in a year without one. Their age, which is
// counted in whole years, rises on 1 March (AgeLeaf).
type BirthdayLeaf struct {
	This  *string `json:"this,omitempty"`  // DAY, WEEK, MONTH: the one that the site's day lies in
	Next  *int    `json:"next,omitempty"`  // within so many days, the site's day being the first
	Month *int    `json:"month,omitempty"` // 1 to 12
}

func (c *ruleCheck) birthday(l *BirthdayLeaf, path []string) {
	given := 0
	if l.This != nil {
		given++
		c.word(*l.This, append(path, "this"), "DAY", "WEEK", "MONTH")
	}
	if l.Next != nil {
		if given++; *l.Next < 1 || *l.Next > MaxBirthdayDays {
			c.add(fault.InvalidValue, append(path, "next"), "give 1 to %d days", MaxBirthdayDays)
		}
	}
	if l.Month != nil {
		if given++; *l.Month < 1 || *l.Month > 12 {
			c.add(fault.InvalidValue, append(path, "month"), "give a month from 1 to 12")
		}
	}
	if given != 1 {
		c.add(fault.InvalidValue, path, "give exactly one of this, next, month; there are %d", given)
	}
}

// monthDays is a range of days of the year, both included, each as 100 times the month plus the day.
type monthDays struct{ from, to int }

// ranges gives the dates of birth that have their birthday on the leaf's days, by month and day: one range, or
// two where the days go over the end of the year. today is the site's day.
func (l *BirthdayLeaf) ranges(today time.Time) []monthDays {
	var from, to time.Time
	switch {
	case l.Month != nil:
		return []monthDays{{*l.Month*100 + 1, *l.Month*100 + 31}}
	case l.Next != nil:
		from, to = today, today.AddDate(0, 0, *l.Next-1)
	default:
		from, to = calendar(today, *l.This)
	}
	number := func(day time.Time) int { return int(day.Month())*100 + day.Day() }
	last := number(to)
	if last == 228 && to.AddDate(0, 0, 1).Month() == time.March {
		last = 229 // a year without 29 February
	}
	if from.Year() == to.Year() {
		return []monthDays{{number(from), last}}
	}
	return []monthDays{{number(from), 1231}, {101, last}}
}

func (c *compiler) birthday(l *BirthdayLeaf) contact.Condition {
	const of = "extract(month FROM contact.birth_date) * 100 + extract(day FROM contact.birth_date) BETWEEN ? AND ?"
	var parts []string
	var args []any
	for _, r := range l.ranges(c.today) {
		parts, args = append(parts, of), append(args, r.from, r.to)
	}
	return contact.Condition{SQL: "coalesce(" + strings.Join(parts, " OR ") + ", FALSE)", Args: args}
}
