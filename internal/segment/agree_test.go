package segment

import (
	"context"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"carnet/internal/contact"
	"carnet/internal/db/dbtest"
	"carnet/internal/live"
	"carnet/internal/segment/index"
)

func TestMain(m *testing.M) {
	// A check is a site with a history; a hundred of them, rapid's own number, would take minutes.
	_ = flag.Set("rapid.checks", "25") // the flag is there, and what the command line says comes after
	os.Exit(dbtest.Main(m))
}

// D-02, D-03: random rules over random contacts, and random changes by plain SQL. After every step the index,
// SQL and the replayed stream hold the same contacts. Each check draws ten rules: -rapid.checks=1000 is the long run.
func TestCompilersAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		b := w.newBook(r, t.Context(), 14)
		for _, who := range b.contacts { // an answer to begin with makes those that come changes
			sql, args := b.answered(r, who)
			b.exec(r, sql, args...)
		}
		rules := make([]Rule, 10)
		for i := range rules {
			rules[i] = b.rule(r, 3)
		}
		b.agree(r, rules, 12)
	})
}

// followed is a rule whose stream is replayed.
type followed struct {
	rule Rule
	sub  *Subscription
	set  map[uuid.UUID]bool
	read live.LSN // where the log stood when all members were read for a resync: what is told up to there shows in them
}

// agree follows rules through random changes.
func (b *book) agree(t *rapid.T, rules []Rule, steps int) {
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	b.caught(t, ctx)
	all := make([]*followed, 0, len(rules)+len(b.segments))
	for _, id := range b.segments {
		rules = append(rules, Rule{Segment: ptr(id)})
	}
	for i, r := range rules {
		sub, err := b.watcher.Rule(ctx, r)
		if stored := i - len(rules) + len(b.segments); stored >= 0 {
			sub, err = b.watcher.Segment(ctx, b.segments[stored])
		}
		require.NoError(t, err)
		defer sub.Close()
		first, err := sub.Next(ctx)
		require.NoError(t, err)
		all = append(all, &followed{rule: r, sub: sub, set: b.bySQL(t, ctx, r)})
		require.Len(t, all[i].set, first.Count)
	}
	for range steps {
		b.change(t)
		b.caught(t, ctx)
		at, err := live.CurrentLSN(ctx, b.db.Pool)
		require.NoError(t, err)
		for _, f := range all {
			want := b.bySQL(t, ctx, f.rule)
			if both, s := b.indexOf(t, ctx, f.rule); both.indexed {
				require.NotNil(t, s, "the index was dropped")
				require.Equal(t, want, setOf(s.Find(both.expr)), "index and SQL differ: %s", f.rule.JSON())
				require.Equal(t, len(want), s.Count(both.expr))
				b.listsAgree(t, ctx, s, f.rule)
			}
			f.replay(t, ctx, want, at)
		}
	}
}

func (b *book) bySQL(t *rapid.T, ctx context.Context, r Rule) map[uuid.UUID]bool {
	where, err := Compile(ctx, b.db.Bun, b.site, time.Now(), r)
	require.NoError(t, err, "%s", r.JSON())
	var ids []uuid.UUID
	require.NoError(t, where.Where(b.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ?", b.site.ID)).Scan(ctx, &ids))
	return setOf(ids)
}

// listsAgree holds the count of a list, whoever else it has in it, to what SQL finds.
func (b *book) listsAgree(t *rapid.T, ctx context.Context, s *siteIndex, r Rule) {
	v, err := readVocabulary(ctx, b.db.Bun, b.site, time.Now(), s.kept(), nil, &r)
	require.NoError(t, err)
	expr, _ := (&compiler{vocabulary: v}).expr(r)
	where, broken := v.compile(&r, nil)
	require.Empty(t, broken)
	for _, among := range []contact.Among{{Unlisted: true}, {Invalid: true}, {Unlisted: true, Invalid: true}} {
		q := where.Where(b.db.Bun.NewSelect().Model((*contact.Record)(nil)).Where("contact.site_id = ? AND contact.deleted_at IS NULL", b.site.ID))
		if !among.Unlisted {
			q = q.Where("contact.listed")
		}
		if !among.Invalid {
			q = contact.ValidOn(v.today).Where(q)
		}
		want, err := q.Count(ctx)
		require.NoError(t, err)
		all := index.All(v.among(among), expr)
		require.Equal(t, int(want), s.Count(all), "the index and SQL differ of %+v: %s", among, r.JSON())
		some := slices.Concat(b.contacts[:len(b.contacts)/2], b.contacts[:1], []uuid.UUID{uuid.New()}) // one of them twice, one that is not there
		want, err = q.Where("contact.id IN (?)", bun.List(some)).Count(ctx)
		require.NoError(t, err)
		require.Equal(t, int(want), s.CountOf(all, some), "the index and SQL differ of some, of %+v: %s", among, r.JSON())
	}
}

func (b *book) indexOf(t *rapid.T, ctx context.Context, r Rule) (compiled, *siteIndex) {
	in := b.indexes.of(ctx, b.site)
	for in == nil && ctx.Err() == nil { // a busy machine may be slower than a question's patience
		in = b.indexes.of(ctx, b.site)
	}
	v, err := readVocabulary(ctx, b.db.Bun, b.site, time.Now(), in.kept(), nil, &r)
	require.NoError(t, err)
	who, broken := v.compileRule(&r)
	require.Empty(t, broken)
	return who, in
}

func setOf(ids []uuid.UUID) map[uuid.UUID]bool {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// replay applies the events until they have led to the set, which the log shows at a position, and holds each to what it says.
func (f *followed) replay(t *rapid.T, ctx context.Context, want map[uuid.UUID]bool, at live.LSN) {
	for len(f.set) != len(want) || slices.ContainsFunc(keysOf(want), func(id uuid.UUID) bool { return !f.set[id] }) {
		e, err := f.sub.Next(ctx)
		require.NoError(t, err, "the stream does not lead to what SQL holds: %s", f.rule.JSON())
		if e.Version <= f.read {
			continue
		}
		if e.Resync {
			f.set, f.read = want, at
			continue
		}
		for _, id := range e.Entered {
			require.False(t, f.set[id], "entered twice: %s", f.rule.JSON())
			f.set[id] = true
		}
		for _, id := range e.Left {
			require.True(t, f.set[id], "left without being in: %s", f.rule.JSON())
			delete(f.set, id)
		}
		for _, id := range e.Updated {
			require.True(t, f.set[id], "updated without being in: %s", f.rule.JSON())
		}
		require.Len(t, f.set, e.Count, "the event of %s: %s", e.Version, f.rule.JSON())
	}
}

func keysOf(set map[uuid.UUID]bool) (ids []uuid.UUID) {
	for id := range set {
		ids = append(ids, id)
	}
	return ids
}

// rule draws a rule.
func (b *book) rule(t *rapid.T, depth int) Rule {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "node") > 0 {
		switch rapid.IntRange(0, 2).Draw(t, "op") {
		case 0:
			inner := b.rule(t, depth-1)
			return Rule{Not: &inner}
		default:
			list := make([]Rule, rapid.IntRange(0, 3).Draw(t, "parts"))
			for i := range list {
				list[i] = b.rule(t, depth-1)
			}
			if rapid.Bool().Draw(t, "all") {
				return Rule{All: &list}
			}
			return Rule{Any: &list}
		}
	}
	return b.leaf(t)
}

// leaf draws a rule without parts.
func (b *book) leaf(t *rapid.T) Rule {
	yes := rapid.Bool().Draw(t, "yes")
	word := func(list ...string) *string {
		w := pick(t, list, "word")
		return &w
	}
	switch rapid.IntRange(0, 37).Draw(t, "leaf") {
	case 29, 30:
		return Rule{Status: word("PROSPECT", "CUSTOMER", "SUBSCRIBER", "ATTENDEE", "ORGANIZER")}
	case 31:
		return Rule{Plan: ptr(pick(t, b.plans, "plan"))}
	case 32, 33:
		return Rule{Sales: salesLeaf(t)}
	case 34:
		if yes {
			return Rule{Channel: word("shop", "phone")}
		}
		return Rule{ChildProduct: ptr(rapid.Bool().Draw(t, "child"))}
	case 35, 36, 37:
		return Rule{Indicator: b.indicator(t)}
	case 25, 26, 27, 28:
		return Rule{Field: b.field(t)}
	case 21:
		return Rule{Birthday: birthdayLeaf(t)}
	case 22:
		from, to := "01", "8003"
		return Rule{Postcode: &PostcodeLeaf{Country: "NO", From: &from, To: &to}}
	case 23:
		return Rule{Account: &yes}
	case 24:
		return Rule{Segment: ptr(pick(t, b.segments, "segment"))}
	case 0:
		return Rule{Kind: word("PERSON", "ORGANIZATION")}
	case 1:
		return Rule{Status: word("USER", "PROSPECT")}
	case 2, 3:
		return Rule{Group: ptr(pick(t, b.groups, "group"))}
	case 4:
		return Rule{Label: ptr(pick(t, b.labels, "label"))}
	case 5:
		return Rule{LabelSet: &LabelSetLeaf{ID: pick(t, b.sets, "set"), Any: yes}}
	case 6:
		return Rule{Color: word(colors...)}
	case 7, 8:
		return Rule{Text: b.text(t)}
	case 9:
		return Rule{Date: date(t)}
	case 10, 11, 12, 13:
		return Rule{Field: b.field(t)}
	case 14:
		return Rule{Consent: b.consentLeaf(t)}
	case 15:
		from := rapid.IntRange(0, 80).Draw(t, "from")
		l := &AgeLeaf{From: &from}
		if yes {
			l = &AgeLeaf{To: ptr(from)}
		}
		return Rule{Age: l}
	case 16:
		return Rule{Type: word("GUIDE", "SUPPLIER")}
	case 17:
		if yes {
			return Rule{Function: &b.options[0]}
		}
		return Rule{Nature: &b.options[1]}
	case 18:
		return Rule{Ambassador: &yes}
	case 19:
		return Rule{Valid: &yes}
	default:
		return Rule{Email: word("a@b.example", "x@y.example")}
	}
}

func ptr[T any](v T) *T { return &v }

func (b *book) text(t *rapid.T) *TextLeaf {
	columns := map[string][]string{"CITY": append([]string{"\u0301"}, cities...), "POSTCODE": append([]string{"\u00c9"}, postcodes...), "COUNTRY": countries, "LANGUAGE": languages, "EMAIL": {"a@b"}, "PHONE": {"+47"}, "FIRST_NAME": {"p"}, "NAME": {"p1"}, "LAST_NAME": {"p"}, "COMPANY": {"x"}}
	l := &TextLeaf{Column: pick(t, []string{"CITY", "CITY", "POSTCODE", "COUNTRY", "LANGUAGE", "EMAIL", "PHONE", "FIRST_NAME", "NAME", "LAST_NAME", "COMPANY"}, "column")}
	l.Op = pick(t, []string{"EQUALS", "PREFIX", "CONTAINS", "EMPTY"}, "op")
	if l.Op != "EMPTY" {
		v := pick(t, slices.DeleteFunc(slices.Clone(columns[l.Column]), func(s string) bool { return s == "" }), "value")
		if l.Op != "EQUALS" {
			v = v[:min(len(v), 2)]
		}
		l.Value = &v
	}
	return l
}

func date(t *rapid.T) *DateLeaf {
	l := &DateLeaf{Column: pick(t, []string{"CREATED_AT", "UPDATED_AT", "BIRTH_DATE", "VALID_UNTIL", "FIRST_PURCHASE", "LAST_PURCHASE", "SUBSCRIBED_UNTIL"}, "column")}
	if rapid.Bool().Draw(t, "relative") {
		l.Relative = &RelativeDate{Unit: pick(t, []string{"DAY", "WEEK", "MONTH", "YEAR"}, "unit")}
		switch n := pick(t, []int{1, 3, 60}, "units"); rapid.IntRange(0, 2).Draw(t, "way") {
		case 0:
			l.Relative.Last = &n
		case 1:
			l.Relative.Next = &n
		default:
			l.Relative.This = ptr(true)
		}
		return l
	}
	days := append([]string{"2026-11-01", "2026-11-25"}, dates...)
	from, to := pick(t, days, "from"), pick(t, days, "to")
	if from > to {
		from, to = to, from
	}
	l.From, l.To = ends(t, from, to)
	return l
}

func salesLeaf(t *rapid.T) *SalesLeaf {
	l := &SalesLeaf{Measure: pick(t, []string{"ORDERS", "SPENT", "TICKETS", "PASSES", "BOOKINGS", "ASSIDUITY"}, "measure")}
	bounds := []int64{0, 1, 2, 50, 100, 2500, 5_000_000_000}
	from, to := pick(t, bounds, "from"), pick(t, bounds, "to")
	l.From, l.To = ends(t, min(from, to), max(from, to))
	return l
}

func (b *book) indicator(t *rapid.T) *IndicatorLeaf {
	d := pick(t, b.indicators, "indicator")
	if len(d.Bands) > 0 && rapid.Bool().Draw(t, "band") {
		return &IndicatorLeaf{ID: d.ID, Band: ptr(pick(t, d.Bands, "which").ID)}
	}
	bounds := []int64{0, 1, 2, 3, 30, 2500}
	l := &IndicatorLeaf{ID: d.ID}
	from, to := pick(t, bounds, "from"), pick(t, bounds, "to")
	l.From, l.To = ends(t, min(from, to), max(from, to))
	return l
}

// ends draws a range that is open at one end, or at none.
func ends[T any](t *rapid.T, from, to T) (*T, *T) {
	switch rapid.IntRange(0, 2).Draw(t, "ends") {
	case 0:
		return &from, nil
	case 1:
		return nil, &to
	default:
		return &from, &to
	}
}

func birthdayLeaf(t *rapid.T) *BirthdayLeaf {
	switch rapid.IntRange(0, 2).Draw(t, "birthday") {
	case 0:
		return &BirthdayLeaf{This: ptr(pick(t, []string{"DAY", "WEEK", "MONTH"}, "this"))}
	case 1:
		return &BirthdayLeaf{Next: ptr(pick(t, []int{1, 60, 366}, "next"))}
	}
	return &BirthdayLeaf{Month: ptr(pick(t, []int{2, 12}, "month"))}
}

func (b *book) field(t *rapid.T) *FieldLeaf {
	yes := rapid.Bool().Draw(t, "yes")
	switch rapid.IntRange(0, 9).Draw(t, "test") {
	case 5, 6:
		l := &FieldNumber{}
		from, to := pick(t, numbers, "from"), pick(t, numbers, "to")
		l.From, l.To = ends(t, min(from, to), max(from, to))
		return &FieldLeaf{ID: b.fields["number"], Number: l}
	case 7, 8:
		d := date(t) // its column does not matter
		return &FieldLeaf{ID: b.fields["date"], Date: &FieldDate{From: d.From, To: d.To, Relative: d.Relative}}
	case 9:
		label := pick(t, []string{"phone", "url", "country", "long_text"}, "field")
		l := &FieldText{Op: pick(t, []string{"EQUALS", "PREFIX", "CONTAINS", "EMPTY"}, "op")}
		if l.Op != "EMPTY" {
			l.Value = ptr(pick(t, texts[label], "value"))
		}
		return &FieldLeaf{ID: b.fields[label], Text: l}
	case 0:
		return &FieldLeaf{ID: b.fields[pick(t, slices.Sorted(maps.Keys(b.fields)), "field")], Answered: &yes}
	case 1:
		return &FieldLeaf{ID: b.fields["yes_no"], YesNo: &yes}
	case 2:
		return &FieldLeaf{ID: b.fields["checkbox"], Checked: &yes}
	}
	label := pick(t, []string{"one", "many"}, "field")
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom(b.choices[label]), 1, 2, rapid.ID[uuid.UUID]).Draw(t, "choices")
	switch rapid.IntRange(0, 2).Draw(t, "of") {
	case 0:
		return &FieldLeaf{ID: b.fields[label], AnyOf: &ids}
	case 1:
		return &FieldLeaf{ID: b.fields[label], AllOf: &ids}
	}
	return &FieldLeaf{ID: b.fields[label], NoneOf: &ids}
}

func (b *book) consentLeaf(t *rapid.T) *ConsentLeaf {
	l := &ConsentLeaf{State: pick(t, []string{"GIVEN", "WITHDRAWN", "NONE"}, "state")}
	if rapid.Bool().Draw(t, "named purpose") {
		l.Purpose = ptr(pick(t, b.purposes, "purpose"))
	}
	if rapid.Bool().Draw(t, "named channel") {
		l.Channel = ptr(pick(t, []string{"ANY", "EMAIL", "SMS"}, "channel"))
	}
	return l
}

// The index reads days as they are printed, whatever form the server is set up to print them in.
func TestDaysOfOtherStyles(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var name string
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&name))
	for _, set := range []string{"datestyle = 'SQL, DMY'", "timezone = 'Asia/Kolkata'"} {
		_, err := d.Pool.Exec(t.Context(), "ALTER DATABASE "+name+" SET "+set)
		require.NoError(t, err)
	}
	w := follow(t, d) // its connections are new
	b := w.newBook(t, t.Context(), 4)
	b.exec(t, "UPDATE contact SET birth_date = '2000-02-28', created_at = '2026-11-25 23:30:00+00' WHERE site_id = $1 AND id = $2", b.site.ID, b.contacts[0])
	w.caught(t, b.ctx)
	rule := Rule{All: &[]Rule{
		{Date: &DateLeaf{Column: "BIRTH_DATE", From: ptr("2000-02-28"), To: ptr("2000-02-28")}},
		{Date: &DateLeaf{Column: "CREATED_AT", From: ptr("2026-11-26"), To: ptr("2026-11-26")}}, // in Oslo it is past midnight
	}}
	holds := func() {
		t.Helper()
		var in *siteIndex
		for in == nil && t.Context().Err() == nil {
			in = w.indexes.of(b.ctx, b.site)
		}
		v, err := readVocabulary(b.ctx, d.Bun, b.site, time.Now(), in.kept(), nil, &rule)
		require.NoError(t, err)
		who, _ := v.compileRule(&rule)
		require.True(t, who.indexed)
		require.Equal(t, []uuid.UUID{b.contacts[0]}, in.Find(who.expr))
	}
	holds() // as it was read
	b.exec(t, "UPDATE contact SET note = 'x' WHERE site_id = $1 AND id = $2", b.site.ID, b.contacts[0])
	w.caught(t, b.ctx)
	holds() // as the log brings it
}
