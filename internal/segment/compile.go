package segment

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

// textColumns is the allow-list of text attributes: the SQL that is compared, the kind of contact
// that has it, and how a value is folded the same way.
var textColumns = map[string]struct {
	sql  string
	kind contact.Kind
	fold func(string) string
}{
	"FIRST_NAME": {"contact.n_first", contact.KindPerson, fold.Text},
	"LAST_NAME":  {"contact.n_last", contact.KindPerson, fold.Text},
	"NAME":       {"contact.n_last", contact.KindOrganization, fold.Text},
	"COMPANY":    {"contact.n_company", "", fold.Text},
	"EMAIL":      {"contact.email_key", "", lower},
	"PHONE":      {"contact.phone", "", compact},
	"MOBILE":     {"contact.mobile", "", compact},
	"LANGUAGE":   {"lower(contact.language)", "", lower},
	"POSTCODE":   {"lower(contact.postcode)", "", lower},
	"CITY":       {"contact.n_city", "", fold.Text},
	"COUNTRY":    {"contact.country", "", upper},
}

func lower(s string) string   { return strings.ToLower(strings.TrimSpace(s)) }
func upper(s string) string   { return strings.ToUpper(strings.TrimSpace(s)) }
func compact(s string) string { return strings.Join(strings.Fields(s), "") }

// inBook is what every segment is limited to on a day of the site's.
func inBook(today time.Time) contact.Condition {
	return contact.And(contact.Condition{SQL: "contact.deleted_at IS NULL AND contact.listed"}, contact.ValidOn(today))
}

// nobody is the condition of what is broken.
var nobody = contact.Condition{SQL: "FALSE"}

// compiler turns one rule into SQL. Every node is NULL-free, so that NOT means the complement.
type compiler struct {
	*vocabulary
	list fault.List
}

// Compile turns a checked rule into SQL over the contacts of a site that segments hold at a moment:
// listed, valid on the site's day, and not in the trash. It refuses groups, labels, fields, options, choices
// and segments that the site does not have.
func Compile(ctx context.Context, q bun.IDB, of site.Site, now time.Time, r Rule) (contact.Condition, error) {
	c, err := compile(ctx, q, of, now, r)
	if err != nil {
		return contact.Condition{}, err
	}
	return contact.And(inBook(of.Day(now)), c), nil
}

// compile is Compile over all contacts, whether segments hold them or not.
func compile(ctx context.Context, q bun.IDB, of site.Site, now time.Time, r Rule) (contact.Condition, error) {
	v, err := readVocabulary(ctx, q, of, now, nil, nil, &r)
	if err != nil {
		return contact.Condition{}, err
	}
	out, broken := v.compile(&r, nil)
	return out, broken.Err()
}

// compiled is who is in a segment, or under a rule, by both compilers. linked and nested say what else moves them.
type compiled struct {
	where   contact.Condition // nobody, while the rule names what is not there
	expr    index.Expr
	indexed bool // whether expr says what where does
	linked  bool // it reads links, or a segment that it refers to does: a changed contact may move those it is linked with
	nested  bool // it refers to segments
}

// compileSegment compiles a stored segment.
func (v *vocabulary) compileSegment(in *stored) (compiled, fault.List) {
	where, broken := v.members(in)
	out := v.compiled(where, &in.rule)
	out.expr, out.indexed = v.membersExpr(in)
	return out, broken
}

// compileRule compiles a rule that is not stored.
func (v *vocabulary) compileRule(r *Rule) (compiled, fault.List) {
	where, broken := v.compile(r, nil)
	out := v.compiled(contact.And(inBook(v.today), where), r)
	out.expr, out.indexed = v.ruleExpr(r, broken)
	return out, broken
}

func (v *vocabulary) compiled(where contact.Condition, r *Rule) compiled {
	return compiled{where: where, linked: v.some(r, (*Rule).readsLinks), nested: r.names("segment")}
}

// compile turns a rule into SQL over all contacts. above are the segments, outermost first, whose rule it is part of.
// A rule that names what is not there is true of nobody as a whole: a leaf alone that is true of nobody would be
// true of everybody under not.
func (v *vocabulary) compile(r *Rule, above []*stored) (contact.Condition, fault.List) {
	if s := v.measure(r, above); len(s.broken) > 0 {
		return nobody, s.broken
	}
	c := compiler{vocabulary: v}
	out := c.node(*r, nil)
	if len(c.list) > 0 {
		return nobody, c.list
	}
	return out, nil
}

func (c *compiler) unknown(path []string, format string, args ...any) contact.Condition {
	c.list = append(c.list, fault.Invalid(fault.Unknown, slices.Clone(path), format, args...))
	return nobody
}

func (c *compiler) node(r Rule, path []string) contact.Condition {
	switch {
	case r.All != nil:
		return contact.And(c.nodes(*r.All, append(path, "all"))...)
	case r.Any != nil:
		return contact.Or(c.nodes(*r.Any, append(path, "any"))...)
	case r.Not != nil:
		inner := c.node(*r.Not, append(path, "not"))
		return contact.Condition{SQL: "NOT (" + inner.SQL + ")", Args: inner.Args}
	case r.Kind != nil:
		return contact.Condition{SQL: "contact.kind = ?", Args: []any{strings.ToLower(*r.Kind)}}
	case r.Status != nil:
		return status(*r.Status)
	case r.Group != nil:
		return c.group(*r.Group, append(path, "group"))
	case r.Label != nil:
		return c.label(*r.Label, append(path, "label"))
	case r.LabelSet != nil:
		return c.labelSet(r.LabelSet, append(path, "labelSet", "id"))
	case r.Color != nil:
		return contact.Condition{SQL: "contact.color = ?", Args: []any{*r.Color}}
	case r.Text != nil:
		col := textColumns[r.Text.Column]
		match := compareText(col.sql, r.Text.Op, r.Text.Value, col.fold)
		if col.kind != "" {
			match = contact.And(contact.Condition{SQL: "contact.kind = ?", Args: []any{col.kind}}, match)
		}
		return match
	case r.Date != nil:
		return c.date(r.Date)
	case r.Field != nil:
		return c.field(r.Field, append(path, "field"))
	case r.Consent != nil:
		return c.consent(r.Consent, append(path, "consent"))
	case r.Search != nil:
		return contact.Search(*r.Search, c.site)
	case r.Segment != nil:
		return c.segment(*r.Segment, append(path, "segment"))
	case r.Affiliation != nil:
		return c.affiliation(r.Affiliation, append(path, "affiliation"))
	case r.Role != nil:
		return c.role(*r.Role)
	}
	if one, is := c.criteria(r); is {
		return one
	}
	if one, is := c.salesLeaf(r, path); is {
		return one
	}
	return c.record(r, path)
}

func (c *compiler) nodes(list []Rule, path []string) []contact.Condition {
	out := make([]contact.Condition, len(list))
	for i, r := range list {
		out[i] = c.node(r, append(slices.Clone(path), strconv.Itoa(i)))
	}
	return out
}

func (c *compiler) group(id uuid.UUID, path []string) contact.Condition {
	if !c.groups[id] {
		return c.unknown(path, "the site has no group with the id %s", id)
	}
	return contact.Condition{SQL: `EXISTS (SELECT 1 FROM contact_group_member m
		WHERE m.site_id = contact.site_id AND m.contact_id = contact.id AND m.group_id = ?)`, Args: []any{id}}
}

// consent reads the current consents, which have a row only for what was once said.
func (c *compiler) consent(l *ConsentLeaf, path []string) contact.Condition {
	purpose := c.contact
	if l.Purpose != nil {
		if purpose = *l.Purpose; !c.purposes[purpose] {
			return c.unknown(append(path, "purpose"), "the site has no consent purpose with the id %s", purpose)
		}
	}
	said := func(state string) contact.Condition {
		sql, args := `EXISTS (SELECT 1 FROM consent k
			WHERE k.site_id = contact.site_id AND k.contact_id = contact.id AND k.purpose_id = ?`, []any{purpose}
		if l.Channel != nil && *l.Channel != "ANY" {
			sql, args = sql+" AND k.channel = ?", append(args, strings.ToLower(*l.Channel))
		}
		if state != "" {
			sql, args = sql+" AND k.state = ?", append(args, state)
		}
		return contact.Condition{SQL: sql + ")", Args: args}
	}
	not := func(of contact.Condition) contact.Condition {
		return contact.Condition{SQL: "NOT " + of.SQL, Args: of.Args}
	}
	switch l.State {
	case "GIVEN":
		return said("given")
	case "WITHDRAWN":
		return contact.And(said("withdrawn"), not(said("given")))
	default: // NONE
		return not(said(""))
	}
}

func (c *compiler) label(id uuid.UUID, path []string) contact.Condition {
	set, known := c.labels[id]
	if !known {
		return c.unknown(path, "the site has no label with the id %s", id)
	}
	return contact.Condition{SQL: `EXISTS (SELECT 1 FROM contact_label m
		WHERE m.site_id = contact.site_id AND m.contact_id = contact.id AND m.set_id = ? AND m.label_id = ?)`, Args: []any{set, id}}
}

func (c *compiler) labelSet(l *LabelSetLeaf, path []string) contact.Condition {
	if !c.sets[l.ID] {
		return c.unknown(path, "the site has no label set with the id %s", l.ID)
	}
	has := contact.Condition{SQL: `EXISTS (SELECT 1 FROM contact_label m
		WHERE m.site_id = contact.site_id AND m.contact_id = contact.id AND m.set_id = ?)`, Args: []any{l.ID}}
	if l.Any {
		return has
	}
	return contact.Condition{SQL: "NOT " + has.SQL, Args: has.Args}
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func compareText(sql, op string, value *string, fold func(string) string) contact.Condition {
	v := ""
	if value != nil {
		v = fold(*value)
	}
	switch op {
	case "EQUALS":
		return contact.Condition{SQL: sql + " = ?", Args: []any{v}}
	case "PREFIX":
		return contact.Prefix(sql, v)
	case "CONTAINS":
		return contact.Condition{SQL: sql + " LIKE ?", Args: []any{"%" + likeEscaper.Replace(v) + "%"}}
	case "MATCHES":
		return contact.Matches(sql, *value, fold)
	default: // EMPTY
		return contact.Condition{SQL: sql + " = ''"}
	}
}

func (c *compiler) field(l *FieldLeaf, path []string) contact.Condition {
	d, known := c.fields[l.ID]
	if !known {
		return c.unknown(append(path, "id"), "the site has no custom field with the id %s", l.ID)
	}
	id := l.ID.String()
	wrong := func(test, typ string) (contact.Condition, bool) {
		if d.Type == typ {
			return contact.Condition{}, false
		}
		c.list = append(c.list, fault.Invalid(fault.WrongType, append(slices.Clone(path), test), "%q is of another type", d.Label))
		return contact.Condition{SQL: "FALSE"}, true
	}
	switch {
	case l.Answered != nil:
		has := contact.Condition{SQL: "jsonb_exists(contact.answers, ?)", Args: []any{id}}
		if *l.Answered {
			return has
		}
		return contact.Condition{SQL: "NOT " + has.SQL, Args: has.Args}
	case l.YesNo != nil:
		if bad, is := wrong("yesNo", "yes_no"); is {
			return bad
		}
		return holds(id, strconv.FormatBool(*l.YesNo))
	case l.Checked != nil:
		if bad, is := wrong("checked", "checkbox"); is {
			return bad
		}
		if *l.Checked {
			return holds(id, "true")
		}
		inner := holds(id, "true") // a box that was never shown is not ticked
		return contact.Condition{SQL: "NOT (" + inner.SQL + ")", Args: inner.Args}
	case l.Text != nil:
		if !d.IsText() {
			bad, _ := wrong("text", "text")
			return bad
		}
		folded := fold.Text
		if d.Type == "phone" {
			folded = compact
		}
		return compareText("coalesce(contact.n_answers ->> '"+id+"', '')", l.Text.Op, l.Text.Value, folded)
	case l.Number != nil:
		if bad, is := wrong("number", "number"); is {
			return bad
		}
		return numberAnswer(id, l.Number)
	case l.Date != nil:
		if bad, is := wrong("date", "date"); is {
			return bad
		}
		return dayAnswer(id, l.Date, c.today)
	}
	if bad, is := wrong("anyOf", "dropdown"); is {
		return bad
	}
	return c.choices(d, l, path)
}

// numberAnswer compares as jsonb does, which compares numbers exactly and never fails, whatever the answer holds.
func numberAnswer(id string, l *FieldNumber) contact.Condition {
	answer := "contact.answers -> '" + id + "'"
	parts := []contact.Condition{{SQL: "jsonb_typeof(" + answer + ") = 'number'"}}
	if l.From != nil {
		parts = append(parts, contact.Condition{SQL: answer + " >= ?::jsonb", Args: []any{field.FormatNumber(*l.From)}})
	}
	if l.To != nil {
		parts = append(parts, contact.Condition{SQL: answer + " <= ?::jsonb", Args: []any{field.FormatNumber(*l.To)}})
	}
	all := contact.And(parts...)
	return contact.Condition{SQL: "coalesce(" + all.SQL + ", FALSE)", Args: all.Args}
}

// dayAnswer compares days as texts, whose order is theirs.
func dayAnswer(id string, l *FieldDate, today time.Time) contact.Condition {
	from, to := l.days(today)
	answer := "(contact.answers ->> '" + id + "') COLLATE \"C\""
	parts := []contact.Condition{{SQL: "jsonb_typeof(contact.answers -> '" + id + "') = 'string'"}}
	if from != nil {
		parts = append(parts, contact.Condition{SQL: answer + " >= ?", Args: []any{from.Format(time.DateOnly)}})
	}
	if to != nil {
		parts = append(parts, contact.Condition{SQL: answer + " <= ?", Args: []any{to.Format(time.DateOnly)}})
	}
	all := contact.And(parts...)
	return contact.Condition{SQL: "coalesce(" + all.SQL + ", FALSE)", Args: all.Args}
}

// days gives the range of a DateLeaf.
func (l *FieldDate) days(today time.Time) (from, to *time.Time) {
	return (&DateLeaf{From: l.From, To: l.To, Relative: l.Relative}).days(today)
}

// holds finds an answer by containment, which the GIN index serves.
func holds(id, jsonValue string) contact.Condition {
	return contact.Condition{SQL: "contact.answers @> ?::jsonb", Args: []any{`{"` + id + `":` + jsonValue + `}`}}
}

// choices compares a dropdown, whether it was answered with one choice or with a list.
func (c *compiler) choices(d *field.Definition, l *FieldLeaf, path []string) contact.Condition {
	ids, test := l.AnyOf, "anyOf"
	if l.AllOf != nil {
		ids, test = l.AllOf, "allOf"
	} else if l.NoneOf != nil {
		ids, test = l.NoneOf, "noneOf"
	}
	var each []contact.Condition
	for i, choice := range *ids {
		if !slices.ContainsFunc(d.Choices, func(have field.Choice) bool { return have.ID == choice }) {
			each = append(each, c.unknown(append(slices.Clone(path), test, strconv.Itoa(i)), "%q has no choice with the id %s", d.Label, choice))
			continue
		}
		quoted := `"` + choice.String() + `"`
		each = append(each, contact.Or(holds(d.ID.String(), quoted), holds(d.ID.String(), "["+quoted+"]")))
	}
	switch test {
	case "allOf":
		return contact.And(each...)
	case "noneOf":
		any := contact.Or(each...)
		return contact.Condition{SQL: "NOT (" + any.SQL + ")", Args: any.Args}
	}
	return contact.Or(each...)
}
