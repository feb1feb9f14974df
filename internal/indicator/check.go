package indicator

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
)

// Change is what is to be written to an indicator; nil = unchanged.
type Change struct {
	Name, Icon                 *string
	ProductIDs, EventIDs       *[]uuid.UUID
	Kinds, Channels            *[]string
	Period                     *Period
	Days, StartMonth, StartDay **int
	Bands                      *[]Band // the whole list; a band without an id is a new one
	Position                   *int
	Archived                   *bool
}

var channelPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// checker gathers what is to be mended.
type checker struct{ list fault.List }

func (c *checker) add(reason string, path []string, format string, args ...any) {
	c.list = append(c.list, fault.Invalid(reason, path, format, args...))
}

// apply writes the change into an indicator and checks it; what is given for one period only goes with another.
func (in Change) apply(d *Definition, now time.Time) error {
	c := &checker{}
	bands := d.Bands
	set(&d.Name, in.Name)
	set(&d.Icon, in.Icon)
	set(&d.ProductIDs, in.ProductIDs)
	set(&d.EventIDs, in.EventIDs)
	set(&d.Kinds, in.Kinds)
	set(&d.Channels, in.Channels)
	set(&d.Bands, in.Bands)
	if in.Period != nil && *in.Period != d.Period {
		d.Period, d.Days, d.StartMonth, d.StartDay = *in.Period, nil, nil, nil
	}
	set(&d.Days, in.Days)
	set(&d.StartMonth, in.StartMonth)
	set(&d.StartDay, in.StartDay)
	if in.Archived != nil && *in.Archived != (d.ArchivedAt != nil) {
		d.ArchivedAt = nil
		if *in.Archived {
			d.ArchivedAt = &now
		}
	}
	c.name(d)
	c.what(d)
	c.period(d)
	c.bands(d, bands)
	return c.list.Err()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// text holds a text to what one line may be.
func (c *checker) text(text *string, what string, path ...string) {
	*text = strings.TrimSpace(*text)
	switch {
	case *text == "":
		c.add(fault.Required, path, "%s", what)
	case !utf8.ValidString(*text) || strings.ContainsRune(*text, 0):
		c.add(fault.InvalidText, path, "this text is not valid UTF-8")
	case utf8.RuneCountInString(*text) > maxName:
		c.add(fault.TooLong, path, "at most %d characters", maxName)
	}
}

func (c *checker) name(d *Definition) {
	c.text(&d.Name, "an indicator needs a name", "name")
	d.NameKey = fold.Text(d.Name)
	if !slices.Contains(Icons, d.Icon) {
		c.add(fault.InvalidValue, []string{"icon"}, "the icons are %s", strings.Join(Icons, ", "))
	}
}

// what checks what is counted, but not whether it is there.
func (c *checker) what(d *Definition) {
	if !slices.Contains(measures, d.Measure) {
		c.add(fault.InvalidValue, []string{"measure"}, "there is no such measure")
	}
	for _, one := range []struct {
		path string
		ids  *[]uuid.UUID
	}{{"productIds", &d.ProductIDs}, {"eventIds", &d.EventIDs}} {
		*one.ids = list(c, *one.ids, one.path)
	}
	d.Kinds, d.Channels = list(c, d.Kinds, "kinds"), list(c, d.Channels, "channels")
	possible := Kinds
	switch d.Measure {
	case Tickets:
		possible = []string{"ticket"}
	case Visits:
		possible = []string{"ticket", "resource"}
	}
	for i, kind := range d.Kinds {
		if !slices.Contains(possible, kind) {
			c.add(fault.InvalidValue, []string{"kinds", strconv.Itoa(i)}, "this measure counts %s only", strings.ToUpper(strings.Join(possible, ", ")))
		}
	}
	if len(d.EventIDs) > 0 && len(d.Kinds) > 0 && !slices.Contains(d.Kinds, "ticket") {
		c.add(fault.InvalidValue, []string{"eventIds"}, "of events there are tickets, which the kinds leave out")
	}
	for i, channel := range d.Channels {
		if !channelPattern.MatchString(channel) {
			c.add(fault.InvalidValue, []string{"channels", strconv.Itoa(i)}, "a channel is a word of small letters, digits and underscores, with at most 40 characters")
		}
	}
}

// list holds a list to its length, and to each thing once.
func list[T comparable](c *checker, given []T, path string) []T {
	if len(given) > MaxNamed {
		c.add(fault.TooLong, []string{path}, "name at most %d", MaxNamed)
		return given[:MaxNamed]
	}
	for i, one := range given {
		if slices.Index(given, one) < i {
			c.add(fault.Duplicate, []string{path, strconv.Itoa(i)}, "this is named twice")
		}
	}
	if given == nil {
		return []T{}
	}
	return given
}

func (c *checker) period(d *Definition) {
	day := func(n *int) int {
		if n == nil {
			return 1
		}
		return *n
	}
	switch d.Period {
	case Ever:
	case Days:
		if d.Days == nil {
			c.add(fault.Required, []string{"days"}, "say how many days, today among them")
		} else if *d.Days < 1 || *d.Days > MaxDays {
			c.add(fault.InvalidNumber, []string{"days"}, "a period has 1 to %d days", MaxDays)
		}
	case Year:
		month, on := day(d.StartMonth), day(d.StartDay)
		if month < 1 || month > 12 {
			c.add(fault.InvalidNumber, []string{"startMonth"}, "a month is 1 to 12")
		} else if last := time.Date(2001, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); on < 1 || on > last {
			c.add(fault.InvalidNumber, []string{"startDay"}, "that month has the days 1 to %d in every year", last)
		}
		d.StartMonth, d.StartDay = &month, &on
	default:
		c.add(fault.InvalidValue, []string{"period"}, "there is no such period")
	}
	if d.Period != Days && d.Days != nil {
		c.add(fault.InvalidValue, []string{"days"}, "days are said of the period LAST_DAYS only")
	}
	if d.Period != Year && (d.StartMonth != nil || d.StartDay != nil) {
		c.add(fault.InvalidValue, []string{"startMonth"}, "a beginning is said of the period YEAR only")
	}
}

// bands checks the bands, and gives new ones an id.
func (c *checker) bands(d *Definition, before []Band) {
	if len(d.Bands) > MaxBands {
		c.add(fault.TooLong, []string{"bands"}, "at most %d bands", MaxBands)
		return
	}
	labels, ids := map[string]bool{}, map[uuid.UUID]bool{}
	for i := range d.Bands {
		b := &d.Bands[i]
		path := func(name string) []string { return []string{"bands", strconv.Itoa(i), name} }
		c.text(&b.Label, "a band needs a name", path("label")...)
		if key := fold.Text(b.Label); b.Label != "" && labels[key] {
			c.add(fault.Duplicate, path("label"), "another band is called so")
		} else {
			labels[key] = true
		}
		switch {
		case b.From < 0 || b.From > maxValue:
			c.add(fault.InvalidNumber, path("from"), "a band begins between 0 and %d", int64(maxValue))
		case i > 0 && b.From <= d.Bands[i-1].From:
			c.add(fault.InvalidNumber, path("from"), "bands go upwards: this one begins above %d", d.Bands[i-1].From)
		}
		switch {
		case b.ID == uuid.Nil:
			b.ID = uuid.Must(uuid.NewV7())
		case ids[b.ID] || !slices.ContainsFunc(before, func(have Band) bool { return have.ID == b.ID }):
			c.add(fault.Unknown, path("id"), "the indicator has no band with this id, or it is listed twice")
		}
		ids[b.ID] = true
	}
	if d.Bands == nil {
		d.Bands = []Band{}
	}
}

// there holds what is named to what the site has, which then cannot go before the transaction ends.
func there(ctx context.Context, tx bun.IDB, d *Definition) error {
	c := &checker{}
	for _, one := range []struct {
		table, path string
		ids         []uuid.UUID
	}{{"product", "productIds", d.ProductIDs}, {"event", "eventIds", d.EventIDs}} {
		if len(one.ids) == 0 {
			continue
		}
		var found []uuid.UUID
		err := tx.NewSelect().Table(one.table).Column("id").Where("site_id = ? AND id IN (?)", d.SiteID, bun.List(one.ids)).Order("id").For("KEY SHARE").Scan(ctx, &found)
		if err != nil {
			return db.MapError(err, "look for what an indicator names")
		}
		for i, id := range one.ids {
			if !slices.Contains(found, id) {
				c.add(fault.Unknown, []string{one.path, strconv.Itoa(i)}, "the site has no %s with the id %s", one.table, id)
			}
		}
	}
	return c.list.Err()
}
