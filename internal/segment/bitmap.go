package segment

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/segment/index"
)

// The second compiler: a rule as an expression over the site's index. It and the first (compile.go) mean
// the same contacts, which TestCompilersAgree holds them to. Leaves that compare what every contact has
// another of, as names and addresses, the index does not know: such a rule is SQL's alone.

// ruleExpr turns a rule into an expression over the contacts that segments hold, nobody when it is broken; false
// when some leaf is SQL's alone. The rule has been compiled to SQL before, which checks it.
func (v *vocabulary) ruleExpr(r *Rule, broken fault.List) (index.Expr, bool) {
	if len(broken) > 0 {
		return index.Any(), true
	}
	e, is := (&compiler{vocabulary: v}).expr(*r)
	return index.All(v.bookExpr(), e), is
}

// bookExpr is inBook.
func (v *vocabulary) bookExpr() index.Expr { return v.among(contact.Among{}) }

// among is whom a list has that nothing narrows.
func (v *vocabulary) among(who contact.Among) index.Expr {
	book := index.Yes
	if who.Unlisted {
		book = index.Kept
	}
	expr := index.Has(index.Attr{Name: index.Book}, book)
	if who.Invalid {
		return expr
	}
	return index.All(expr, v.validExpr())
}

func (c *compiler) expr(r Rule) (index.Expr, bool) {
	switch {
	case r.All != nil:
		parts, is := c.exprs(*r.All)
		return index.All(parts...), is
	case r.Any != nil:
		parts, is := c.exprs(*r.Any)
		return index.Any(parts...), is
	case r.Not != nil:
		part, is := c.expr(*r.Not)
		return index.Not(part), is
	case r.Kind != nil:
		return one(index.Kind, strings.ToLower(*r.Kind)), true
	case r.Status != nil:
		return statusExpr(*r.Status), true
	case r.Group != nil:
		return one(index.Group, r.Group.String()), true
	case r.Label != nil:
		return index.Has(index.Attr{Name: index.Label, Of: c.labels[*r.Label]}, r.Label.String()), true
	case r.LabelSet != nil:
		return unless(!r.LabelSet.Any, index.Some(index.Attr{Name: index.Label, Of: r.LabelSet.ID})), true
	case r.Color != nil:
		return equals(index.Color, *r.Color), true
	case r.Text != nil:
		return textExpr(r.Text)
	case r.Date != nil:
		return index.Within(dateNumbers[r.Date.Column], between(r.Date.days(c.today))), true
	case r.Birthday != nil:
		return c.birthdayExpr(r.Birthday), true
	case r.Postcode != nil:
		l := r.Postcode
		return index.All(one(index.Country, l.Country), index.Among(index.Attr{Name: index.Postcode}, func(s string) bool { return l.holds(plainCode(s)) })), true
	case r.Account != nil:
		return unless(!*r.Account, index.Some(index.Attr{Name: index.Account})), true
	case r.Segment != nil:
		return c.membersExpr(c.segments[*r.Segment])
	case r.Field != nil:
		return c.fieldExpr(r.Field)
	case r.Consent != nil:
		return c.consentExpr(r.Consent), true
	case r.Age != nil:
		return c.ageExpr(r.Age), true
	case r.Type != nil:
		return one(index.Type, strings.ToLower(*r.Type)), true
	case r.Function != nil:
		return one(index.Function, r.Function.String()), true
	case r.Nature != nil:
		return one(index.Nature, r.Nature.String()), true
	case r.Ambassador != nil:
		return unless(!*r.Ambassador, one(index.Ambassador, "t")), true
	case r.Valid != nil:
		return unless(!*r.Valid, c.validExpr()), true
	case r.Indicator != nil:
		return c.indicatorExpr(r.Indicator), true
	}
	return salesExpr(r)
}

func (c *compiler) exprs(list []Rule) ([]index.Expr, bool) {
	parts, all := make([]index.Expr, len(list)), true
	for i, r := range list {
		var is bool
		if parts[i], is = c.expr(r); !is {
			all = false
		}
	}
	return parts, all
}

func one(attr, value string) index.Expr { return index.Has(index.Attr{Name: attr}, value) }

func unless(not bool, e index.Expr) index.Expr {
	if not {
		return index.Not(e)
	}
	return e
}

// equals finds the contacts with a value, or with none when it is empty.
func equals(attr, value string) index.Expr {
	if value == "" {
		return index.Not(index.Some(index.Attr{Name: attr}))
	}
	return one(attr, value)
}

// indexedTexts are the text attributes of which the index has the values; of the others it knows only
// whether there is one.
var indexedTexts = map[string]string{"LANGUAGE": index.Language, "POSTCODE": index.Postcode, "CITY": index.City, "COUNTRY": index.Country}

func textExpr(l *TextLeaf) (index.Expr, bool) {
	column := textColumns[l.Column]
	attr, known := indexedTexts[l.Column]
	switch {
	case !known && l.Op == "EMPTY":
		empty := index.Not(one(index.Filled, strings.TrimPrefix(column.sql, "contact.")))
		if column.kind != "" {
			empty = index.All(one(index.Kind, string(column.kind)), empty)
		}
		return empty, true
	case !known:
		return index.Any(), false
	case l.Op == "EMPTY":
		return equals(attr, ""), true
	}
	v := column.fold(*l.Value)
	if v == "" && l.Op != "EQUALS" && l.Op != "MATCHES" { // it folds to nothing, with which everything begins
		return index.All(), true
	}
	switch l.Op {
	case "EQUALS":
		return equals(attr, v), true
	case "PREFIX":
		return index.Among(index.Attr{Name: attr}, func(s string) bool { return strings.HasPrefix(s, v) }), true
	case "CONTAINS":
		return index.Among(index.Attr{Name: attr}, func(s string) bool { return strings.Contains(s, v) }), true
	default: // MATCHES has rules of its own
		return index.Any(), false
	}
}

var dateNumbers = map[string]string{"CREATED_AT": index.CreatedAt, "UPDATED_AT": index.UpdatedAt, "BIRTH_DATE": index.BirthDate, "VALID_UNTIL": index.ValidUntil,
	"FIRST_PURCHASE": index.FirstPurchase, "LAST_PURCHASE": index.LastPurchase, "SUBSCRIBED_UNTIL": index.SubscribedUntil}

// between gives a range of days, either end of which may be open.
func between(from, to *time.Time) index.Range {
	r := index.Range{From: index.UpTo(0).From, To: index.From(0).To}
	if from != nil {
		r.From = index.Day(*from)
	}
	if to != nil {
		r.To = index.Day(*to)
	}
	return r
}

func (c *compiler) birthdayExpr(l *BirthdayLeaf) index.Expr {
	var ranges []index.Range
	for _, r := range l.ranges(c.today) {
		ranges = append(ranges, index.Range{From: int64(r.from), To: int64(r.to)})
	}
	return index.Within(index.Birthday, ranges...)
}

func (c *compiler) fieldExpr(l *FieldLeaf) (index.Expr, bool) {
	attr := index.Attr{Name: index.Field, Of: l.ID}
	switch {
	case l.Answered != nil:
		return unless(!*l.Answered, index.Has(attr, index.Answered)), true
	case l.YesNo != nil:
		return index.Has(attr, strconv.FormatBool(*l.YesNo)), true
	case l.Checked != nil:
		return unless(!*l.Checked, index.Has(attr, "true")), true
	case l.Text != nil:
		return index.Any(), false
	case l.Number != nil:
		r := index.Range{From: index.UpTo(0).From, To: index.From(0).To}
		if l.Number.From != nil {
			r.From = index.Ordinal(*l.Number.From)
		}
		if l.Number.To != nil {
			r.To = index.Ordinal(*l.Number.To)
		}
		return index.Within(index.AnswerNumber(l.ID), r), true
	case l.Date != nil:
		return index.Within(index.AnswerDay(l.ID), between(l.Date.days(c.today))), true
	}
	of := func(ids []uuid.UUID) []index.Expr {
		parts := make([]index.Expr, len(ids))
		for i, id := range ids {
			parts[i] = index.Has(attr, id.String())
		}
		return parts
	}
	switch {
	case l.AllOf != nil:
		return index.All(of(*l.AllOf)...), true
	case l.NoneOf != nil:
		return index.Not(index.Any(of(*l.NoneOf)...)), true
	}
	return index.Any(of(*l.AnyOf)...), true
}

func (c *compiler) consentExpr(l *ConsentLeaf) index.Expr {
	purpose := c.contact
	if l.Purpose != nil {
		purpose = *l.Purpose
	}
	channels := []string{"email", "sms", "post", "phone"}
	if l.Channel != nil && *l.Channel != "ANY" {
		channels = []string{strings.ToLower(*l.Channel)}
	}
	said := func(states ...string) index.Expr {
		var parts []index.Expr
		for _, channel := range channels {
			for _, state := range states {
				parts = append(parts, index.Has(index.Attr{Name: index.Consent + channel, Of: purpose}, state))
			}
		}
		return index.Any(parts...)
	}
	switch l.State {
	case "GIVEN":
		return said("given")
	case "WITHDRAWN":
		return index.All(said("withdrawn"), index.Not(said("given")))
	default: // NONE
		return index.Not(said("given", "withdrawn"))
	}
}

func (c *compiler) ageExpr(l *AgeLeaf) index.Expr {
	born := between(nil, nil)
	if l.From != nil {
		born.To = index.Day(yearsBefore(c.today, *l.From))
	}
	if l.To != nil {
		born.From = index.Day(yearsBefore(c.today, *l.To+1)) + 1
	}
	return index.Within(index.BirthDate, born)
}

// yearsBefore counts as PostgreSQL does: 29 February becomes the 28th in other years.
func yearsBefore(day time.Time, years int) time.Time {
	y, m, d := day.Date()
	if m == time.February && d == 29 && time.Date(y-years, m, d, 0, 0, 0, 0, time.UTC).Month() != m {
		d = 28
	}
	return time.Date(y-years, m, d, 0, 0, 0, 0, time.UTC)
}

// validExpr is contact.ValidOn.
func (v *vocabulary) validExpr() index.Expr {
	return index.Not(index.Within(index.ValidUntil, index.UpTo(index.Day(v.today)-1)))
}
