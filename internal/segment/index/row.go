package index

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/live"
)

// Names of attributes. The first have one value at most.
const (
	Kind       = "kind"
	Color      = "color"
	Language   = "language" // in small letters, as rules compare it
	Country    = "country"
	City       = "city"     // folded
	Postcode   = "postcode" // with ASCII letters small
	Function   = "function"
	Nature     = "nature"
	Ambassador = "ambassador" // "t"

	Book    = "book"     // Yes: listed and not in the trash; Kept: not in the trash
	Type    = "type"     // of operation
	Filled  = "filled"   // the columns of package segment's text attributes that hold something
	Group   = "group"    // ids
	Label   = "label"    // Of is the set: ids
	Account = "account"  // Yes: one that is not disabled
	Field   = "field"    // Of names it: Answered, and "true", "false" or ids of choices
	Consent = "consent " // + channel; Of is the purpose: "given", "withdrawn"
	Hand    = "hand"     // as ByHand writes it
)

// Values of attributes that say no more than that it is so.
const (
	Yes      = "yes"
	Kept     = "kept"
	Disabled = "disabled"
	Answered = "answered"
)

// ByHand is the value that somebody has who was added to a segment by hand, or excluded from it. All segments' are of one
// attribute: most contacts have none of them.
func ByHand(segment uuid.UUID, excluded bool) string {
	if excluded {
		return segment.String() + " excluded"
	}
	return segment.String() + " added"
}

// Numbers: days since 1970-01-01, of the site's time zone where they are moments.
const (
	CreatedAt  = "created_at"
	UpdatedAt  = "updated_at"
	BirthDate  = "birth_date"
	ValidUntil = "valid_until"
	// Birthday is the day of the year, as 100 times the month and the day.
	Birthday = "birthday"
)

// earliest stands for all days before 1 January 0001.
const earliest = -719163

// latest stands for all days after 31 December 9999, and for infinity.
const latest = 2932897

var singles = map[string]bool{Kind: true, Color: true, Language: true, Country: true, City: true, Postcode: true, Function: true, Nature: true, Ambassador: true, Channel: true}

// columns are the columns of contact that are an attribute with one value.
var columns = []struct {
	column string
	attr   Attr
	fold   func(string) string
}{
	{"kind", Attr{Name: Kind}, nil},
	{"color", Attr{Name: Color}, nil},
	{"language", Attr{Name: Language}, strings.ToLower},
	{"country", Attr{Name: Country}, nil},
	{"n_city", Attr{Name: City}, nil},
	{"postcode", Attr{Name: Postcode}, lowerASCII},
	{"function_id", Attr{Name: Function}, nil},
	{"nature_id", Attr{Name: Nature}, nil},
	{"ambassador", Attr{Name: Ambassador}, func(s string) string { return strings.TrimPrefix(s, "f") }},
}

// filled are the columns of which it is known whether they hold something.
var filled = []string{"n_first", "n_last", "n_company", "email_key", "phone", "mobile"}

// row is a row of a table: a change of the feed, or one that was read.
type row interface {
	Value(column string) (live.Value, bool)
}

// text gives a column's text; NULL is empty. It is false when the value is as it was.
func text(r row, column string) (string, bool) {
	v, known := r.Value(column)
	return v.Text, known && v.Kind != live.Unchanged
}

// write brings a contact's own row in, and gives the contact's number.
func (x *Index) write(id uuid.UUID, r row) uint32 {
	o := x.contact(id)
	for i := range columns {
		c := &columns[i]
		if v, known := text(r, c.column); known {
			if c.fold != nil {
				v = c.fold(v)
			}
			x.attribute(c.attr).set(o, v)
		}
	}
	listed, _ := text(r, "listed")
	deleted, _ := text(r, "deleted_at")
	book := x.attribute(Attr{Name: Book})
	book.put(o, Kept, deleted == "")
	book.put(o, Yes, listed == "t" && deleted == "")
	holds := x.attribute(Attr{Name: Filled})
	for _, column := range filled {
		if v, known := text(r, column); known {
			holds.put(o, column, v != "")
		}
	}
	if types, known := text(r, "types"); known {
		x.attribute(Attr{Name: Type}).replace(o, elements(types))
	}
	x.writeDays(o, r)
	if answers, known := text(r, "answers"); known {
		x.writeAnswers(o, answers)
	}
	return o
}

func (x *Index) writeDays(o uint32, r row) {
	for _, name := range [...]string{CreatedAt, UpdatedAt} {
		if v, known := text(r, name); known {
			day, is := dayOfMoment(v, x.zone)
			x.setNumber(x.number(name), o, day, is)
		}
	}
	for _, name := range [...]string{BirthDate, ValidUntil} {
		if v, known := text(r, name); known {
			day, is := dayOfDate(v)
			x.setNumber(x.number(name), o, day, is)
			if name == BirthDate {
				x.setNumber(x.number(Birthday), o, yearday(day), is)
			}
		}
	}
}

// elements reads an array of plain words as PostgreSQL prints it.
func elements(array string) []string {
	inner := strings.Trim(array, "{}")
	if inner == "" {
		return nil
	}
	return strings.Split(inner, ",")
}

// dayOfDate reads a date as PostgreSQL prints it; false for none.
func dayOfDate(s string) (int64, bool) {
	switch {
	case s == "infinity":
		return latest, true
	case s == "-infinity", strings.HasSuffix(s, "BC"):
		return earliest, true
	}
	parts := strings.Split(s, "-")
	if len(parts) != 3 {
		return 0, false
	}
	year, err1 := strconv.Atoi(parts[0])
	month, err2 := strconv.Atoi(parts[1])
	day, err3 := strconv.Atoi(parts[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, false
	}
	return min(Day(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)), latest), true
}

// lowerASCII is what lower() makes of a text whose collation is C.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// dayOfMoment gives the day of a zone on which a moment lies, which PostgreSQL prints as 2026-11-26 16:23:16.5+00.
func dayOfMoment(s string, zone *time.Location) (int64, bool) {
	for _, layout := range [...]string{"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07:00:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return Day(at.In(zone)), true
		}
	}
	return 0, false
}

// Day gives the number of a day, whatever the time of day.
func Day(at time.Time) int64 {
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func yearday(day int64) int64 {
	at := time.Unix(day*86400, 0).UTC()
	return int64(at.Month())*100 + int64(at.Day())
}
