package contact

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Limits of a record's lists.
const (
	MaxWays       = 10 // further e-mail addresses, and further numbers
	MaxSeats      = 20
	MaxReferences = 20
)

// Labelled is a further e-mail address or number and what it is for.
type Labelled struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Seat is a place that a contact prefers in a venue (S-52, G-13).
type Seat struct {
	Venue string `json:"venue"`
	Zone  string `json:"zone"`
	Row   string `json:"row"`
	Seat  string `json:"seat"`
	Note  string `json:"note"`
}

// SeatIn gives the place that somebody prefers in a venue, by its name as people compare it; empty: none.
func SeatIn(prefers []Seat, venue string) string {
	key := fold.Text(venue)
	for _, s := range prefers {
		if key == "" || fold.Text(s.Venue) != key {
			continue
		}
		parts := slices.DeleteFunc([]string{s.Zone, s.Row, s.Seat}, func(part string) bool { return part == "" })
		return strings.Join(strings.Fields(strings.Join(parts, " · ")), " ")
	}
	return ""
}

// types keeps operational types each once, in their order.
func (v *checker) types(r *Record, from *[]OperationalType) {
	if from == nil {
		return
	}
	for i, t := range *from {
		if !slices.Contains(OperationalTypes, t) {
			v.add(fault.InvalidValue, []string{"types", strconv.Itoa(i)}, "there is no operational type %q", t)
			return
		}
	}
	r.Types = slices.DeleteFunc(slices.Clone(OperationalTypes), func(t OperationalType) bool { return !slices.Contains(*from, t) })
}

// ways reads further e-mail addresses or numbers. check reads one value; main are those that the
// record has in fields of their own.
func (v *checker) ways(to *[]Labelled, from *[]Labelled, name string, main []string, check func(value string, path ...string) string) {
	if from == nil {
		return
	}
	if len(*from) > MaxWays {
		v.add(fault.TooLong, []string{name}, "at most %d; this has %d", MaxWays, len(*from))
		return
	}
	kept, seen := []Labelled{}, slices.Clone(main)
	for i, given := range *from {
		at := strconv.Itoa(i)
		one := Labelled{Value: check(given.Value, name, at, "value")}
		v.text(&one.Label, &given.Label, 50, name, at, "label")
		if key := strings.ToLower(one.Value); one.Value != "" {
			if slices.Contains(seen, key) {
				v.add(fault.Duplicate, []string{name, at, "value"}, "%s is on this record already", one.Value)
			}
			seen = append(seen, key)
		}
		kept = append(kept, one)
	}
	*to = kept
}

func (v *checker) otherEmails(r *Record, from *[]Labelled) {
	v.ways(&r.OtherEmails, from, "otherEmails", []string{strings.ToLower(r.Email)}, func(value string, path ...string) string {
		value = strings.TrimSpace(value)
		if value == "" {
			v.add(fault.Required, path, "give an e-mail address or take the line out")
		} else if err := site.CheckEmail(value); err != nil {
			more, _ := fault.Mendable(fault.Under(err, path...))
			v.list = append(v.list, more...)
		}
		return value
	})
}

func (v *checker) otherPhones(r *Record, from *[]Labelled, country string) {
	v.ways(&r.OtherPhones, from, "otherPhones", []string{r.Phone, r.Mobile}, func(value string, path ...string) (e164 string) {
		if strings.TrimSpace(value) == "" {
			v.add(fault.Required, path, "give a number or take the line out")
		}
		v.phone(&e164, &value, country, path...)
		return e164
	})
}

// phone reads a number however it is typed and keeps E.164.
func (v *checker) phone(to *string, from *string, country string, path ...string) {
	if from == nil {
		return
	}
	if strings.TrimSpace(*from) == "" {
		*to = ""
		return
	}
	n, err := phonenumbers.Parse(*from, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		v.add(fault.InvalidPhone, path, "this is not a phone number of %s; begin with + and the country's prefix for another country", country)
		return
	}
	*to = phonenumbers.Format(n, phonenumbers.E164)
}

func (v *checker) seats(r *Record, from *[]Seat) {
	if from == nil {
		return
	}
	if len(*from) > MaxSeats {
		v.add(fault.TooLong, []string{"seats"}, "at most %d places; this has %d", MaxSeats, len(*from))
		return
	}
	kept := make([]Seat, len(*from))
	for i, s := range *from {
		at := strconv.Itoa(i)
		v.text(&kept[i].Venue, &s.Venue, 200, "seats", at, "venue")
		v.text(&kept[i].Zone, &s.Zone, 100, "seats", at, "zone")
		v.text(&kept[i].Row, &s.Row, 20, "seats", at, "row")
		v.text(&kept[i].Seat, &s.Seat, 20, "seats", at, "seat")
		v.text(&kept[i].Note, &s.Note, 500, "seats", at, "note")
		if kept[i].Venue == "" {
			v.add(fault.Required, []string{"seats", at, "venue"}, "name the venue or take the place out")
		}
	}
	r.Seats = kept
}
