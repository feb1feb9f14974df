package segment

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/db/dbtest"
	"carnet/internal/site"
)

func civil(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

// The boundaries of relative dates, with the ends of short months and weeks that begin on Monday.
func TestRelativeDates(t *testing.T) {
	t.Parallel()
	last := func(n int, unit string) RelativeDate { return RelativeDate{Last: &n, Unit: unit} }
	next := func(n int, unit string) RelativeDate { return RelativeDate{Next: &n, Unit: unit} }
	yes := true
	this := func(unit string) RelativeDate { return RelativeDate{This: &yes, Unit: unit} }
	for _, c := range []struct {
		today    string
		relative RelativeDate
		want     string
	}{
		{"2026-03-15", last(1, "DAY"), "2026-03-15 2026-03-15"},
		{"2026-03-15", last(30, "DAY"), "2026-02-14 2026-03-15"},
		{"2026-03-15", last(2, "WEEK"), "2026-03-02 2026-03-15"},
		{"2026-03-15", last(1, "MONTH"), "2026-02-16 2026-03-15"},
		{"2026-03-31", last(1, "MONTH"), "2026-03-01 2026-03-31"},
		{"2026-01-31", last(2, "MONTH"), "2025-12-01 2026-01-31"},
		{"2028-02-29", last(1, "YEAR"), "2027-03-01 2028-02-29"},
		{"2026-03-15", last(100, "YEAR"), "1926-03-16 2026-03-15"},
		{"2026-03-15", next(7, "DAY"), "2026-03-15 2026-03-21"},
		{"2026-03-15", next(1, "WEEK"), "2026-03-15 2026-03-21"},
		{"2026-03-15", next(1, "MONTH"), "2026-03-15 2026-04-14"},
		{"2026-01-31", next(1, "MONTH"), "2026-01-31 2026-02-27"},
		{"2026-12-31", next(13, "MONTH"), "2026-12-31 2028-01-30"},
		{"2028-02-29", next(1, "YEAR"), "2028-02-29 2029-02-27"},
		{"2026-03-15", this("DAY"), "2026-03-15 2026-03-15"},
		{"2026-03-15", this("WEEK"), "2026-03-09 2026-03-15"}, // a Sunday
		{"2026-03-16", this("WEEK"), "2026-03-16 2026-03-22"}, // a Monday
		{"2028-02-10", this("MONTH"), "2028-02-01 2028-02-29"},
		{"2026-12-31", this("YEAR"), "2026-01-01 2026-12-31"},
	} {
		from, to := (&DateLeaf{Relative: &c.relative}).days(civil(c.today))
		require.Equal(t, c.want, from.Format(time.DateOnly)+" "+to.Format(time.DateOnly), "%s: %s", c.today, Rule{Date: &DateLeaf{Relative: &c.relative}}.JSON())
	}
}

// Birthdays over the end of the year, and of those who were born on 29 February.
func TestBirthdayRanges(t *testing.T) {
	t.Parallel()
	next := func(n int) BirthdayLeaf { return BirthdayLeaf{Next: &n} }
	this := func(unit string) BirthdayLeaf { return BirthdayLeaf{This: &unit} }
	february := 2
	for _, c := range []struct {
		today string
		leaf  BirthdayLeaf
		want  []monthDays
	}{
		{"2026-02-28", this("DAY"), []monthDays{{228, 229}}},
		{"2028-02-28", this("DAY"), []monthDays{{228, 228}}},
		{"2028-02-29", this("DAY"), []monthDays{{229, 229}}},
		{"2026-03-01", this("DAY"), []monthDays{{301, 301}}},
		{"2026-02-27", next(2), []monthDays{{227, 229}}},
		{"2026-02-27", next(1), []monthDays{{227, 227}}},
		{"2026-12-31", this("WEEK"), []monthDays{{1228, 1231}, {101, 103}}},
		{"2026-12-31", next(60), []monthDays{{1231, 1231}, {101, 229}}}, // to 28 February 2027
		{"2026-03-10", next(366), []monthDays{{310, 1231}, {101, 310}}},
		{"2026-02-10", this("MONTH"), []monthDays{{201, 229}}},
		{"2026-06-10", BirthdayLeaf{Month: &february}, []monthDays{{201, 231}}},
	} {
		require.Equal(t, c.want, c.leaf.ranges(civil(c.today)), "%s: %s", c.today, Rule{Birthday: &c.leaf}.JSON())
	}
}

// What the SQL of the leaves about days finds is what their days say, in the site's time zone and at any hour of
// its day; and the opposite finds all the others.
func TestDayLeavesFindTheirDays(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	of, _, _, err := site.New(d, nil).Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Pacific/Auckland", Language: "en", Country: "NZ"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	// A contact for each day of four years, made in the first and changed in the last moment of it; one without days.
	_, err = d.Pool.Exec(t.Context(), `INSERT INTO contact (site_id, id, number, kind, last_name, n_last, birth_date, valid_until, created_at, updated_at)
		SELECT $1::uuid, gen_random_uuid(), row_number() OVER (), 'person', day::date::text, 'x', day, day, day::timestamp AT TIME ZONE 'Pacific/Auckland',
			(day + interval '1 day' - interval '1 microsecond')::timestamp AT TIME ZONE 'Pacific/Auckland' FROM generate_series('2024-01-01'::timestamp, '2027-12-31', '1 day') AS day
		UNION ALL SELECT $1::uuid, gen_random_uuid(), 9999, 'person', 'none', 'x', NULL, NULL, '1900-01-01', '1900-01-01'`, of.ID)
	require.NoError(t, err)
	const all = 4*365 + 1 + 1
	read := func(now time.Time, r Rule) map[string]bool {
		where, err := compile(t.Context(), d.Bun, of, now, r)
		require.NoError(t, err)
		var days []string
		require.NoError(t, where.Where(d.Bun.NewSelect().Table("contact").Column("last_name")).Scan(t.Context(), &days))
		out := map[string]bool{}
		for _, day := range days {
			out[day] = true
		}
		return out
	}
	two, thirty := 2, 30
	yes, week := true, "WEEK"
	for _, clock := range []string{"2024-02-29T00:00:00", "2025-02-28T23:59:59", "2025-12-30T12:00:00", "2026-03-31T00:00:00", "2026-04-05T23:30:00"} { // the last: summer time ends
		now, err := time.ParseInLocation("2006-01-02T15:04:05", clock, of.Location())
		require.NoError(t, err)
		today := of.Day(now)
		holds := map[string]func(day time.Time) bool{}
		rules := map[string]Rule{}
		for _, column := range []string{"CREATED_AT", "UPDATED_AT", "BIRTH_DATE", "VALID_UNTIL"} {
			for _, relative := range []RelativeDate{{Last: &thirty, Unit: "DAY"}, {Last: &two, Unit: "MONTH"}, {Next: &two, Unit: "WEEK"}, {This: &yes, Unit: "WEEK"}, {This: &yes, Unit: "YEAR"}} {
				leaf := &DateLeaf{Column: column, Relative: &relative}
				from, to := leaf.days(today)
				name := string(Rule{Date: leaf}.JSON())
				rules[name], holds[name] = Rule{Date: leaf}, func(day time.Time) bool { return !day.Before(*from) && !day.After(*to) }
			}
		}
		for _, leaf := range []*BirthdayLeaf{{This: &week}, {Next: &thirty}, {Month: &two}} {
			name := string(Rule{Birthday: leaf}.JSON())
			rules[name], holds[name] = Rule{Birthday: leaf}, func(day time.Time) bool {
				for _, r := range leaf.ranges(today) {
					if n := int(day.Month())*100 + day.Day(); r.from <= n && n <= r.to {
						return true
					}
				}
				return false
			}
		}
		for name, rule := range rules {
			found, others := read(now, rule), read(now, Rule{Not: &rule})
			require.NotEmpty(t, found, "%s: %s", clock, name)
			require.Len(t, others, all-len(found), "%s: %s", clock, name)
			for day := civil("2024-01-01"); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
				require.Equal(t, holds[name](day), found[day.Format(time.DateOnly)], "%s: %s on %s", clock, name, day.Format(time.DateOnly))
			}
			require.True(t, others["none"], "%s: %s, without a day", clock, name)
		}
	}
}

// The SQL of a range of postcodes finds what the leaf says.
func TestPostcodeRanges(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	of, _, _, err := site.New(d, nil).Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	codes := []string{"", " ", "0", "0001", "0999", "1299", "1300", "12 99", "10001", "75001", "75", "7", "77999", "78000", "SW1A 1AA", "sw3-4xy", "SW4 0AA", "S", "Ø123", "1011 AB"}
	for i, code := range codes {
		_, err := d.Pool.Exec(t.Context(), `INSERT INTO contact (site_id, id, number, kind, last_name, n_last, postcode, country) VALUES ($1, $2, $3, 'person', 'x', 'x', $4, 'NO')`, of.ID, uuid.New(), i+1, code)
		require.NoError(t, err)
	}
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"0001", "1299", []string{"0001", "0999", "1299", "12 99", "10001", "1011 AB", "Ø123"}},
		{"75", "77", []string{"75001", "75", "77999"}},
		{"", "0999", []string{"0", "0001", "0999"}},
		{"77 999", "", []string{"77999", "78000", "SW1A 1AA", "sw3-4xy", "SW4 0AA", "S"}},
		{"sw1", "SW3", []string{"SW1A 1AA", "sw3-4xy"}},
		{"1011AB", "1011AB", []string{"1011 AB"}},
	} {
		leaf := &PostcodeLeaf{Country: "NO"}
		if c.from != "" {
			leaf.From = &c.from
		}
		if c.to != "" {
			leaf.To = &c.to
		}
		where, err := compile(t.Context(), d.Bun, of, time.Now(), Rule{Postcode: leaf})
		require.NoError(t, err)
		var found []string
		require.NoError(t, where.Where(d.Bun.NewSelect().Table("contact").Column("postcode")).Scan(t.Context(), &found))
		require.ElementsMatch(t, c.want, found, fmt.Sprint(c))
		for _, code := range codes {
			require.Equal(t, contains(c.want, code), leaf.holds(plainCode(code)), "%v: %q", c, code)
		}
	}
}

func contains(list []string, one string) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return false
}

// A rule knows whether the day alone moves contacts under it.
func TestRelativeRules(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		`{"date":{"column":"CREATED_AT","from":"2026-01-01"}}`:                           false,
		`{"any":[{"kind":"PERSON"},{"not":{"text":{"column":"CITY","op":"EMPTY"}}}]}`:    false,
		`{"all":[{"date":{"column":"CREATED_AT","relative":{"last":30,"unit":"DAY"}}}]}`: true,
		`{"birthday":{"month":2}}`: false, `{"not":{"birthday":{"next":2}}}`: true,
		`{"any":[{"kind":"PERSON"},{"age":{"from":18}}]}`: true,
		`{"role":"MEMBER"}`: true,
		`{"not":{"field":{"id":"0190b0a5-0000-7000-8000-000000000000","date":{"relative":{"next":7,"unit":"DAY"}}}}}`: true,
		`{"field":{"id":"0190b0a5-0000-7000-8000-000000000000","date":{"from":"2026-01-01"}}}`:                        false,
		`{"valid":true}`: true,
	} {
		r, err := Parse([]byte(raw))
		require.NoError(t, err)
		require.Equal(t, want, r.relative(), raw)
	}
}
