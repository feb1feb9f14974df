package segment

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/field"
	"carnet/internal/indicator"
	"carnet/internal/live"
	"carnet/internal/site"
)

// world is a database whose changes are followed, as the program follows them.
type world struct {
	db      *db.DB
	feed    *live.Feed
	indexes *Indexes
	watcher *Watcher
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return follow(t, dbtest.New(t))
}

// follow follows a database; some handlers hear of a commit before the watcher.
func follow(t *testing.T, d *db.DB, before ...live.Handler) *world {
	t.Helper()
	w := &world{db: d}
	log := slog.New(slog.DiscardHandler)
	life, stop := context.WithCancel(t.Context())
	w.indexes = NewIndexes(life, w.db, log)
	w.watcher = NewWatcher(life, w.db, log, w.indexes)
	w.feed = live.NewFeed(live.Config{URL: w.db.URL(), Publication: "carnet", Logger: log}, append(before, w.watcher)...)
	w.indexes.Feed = w.feed
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = w.feed.Run(life)
	}()
	t.Cleanup(func() { stop(); <-ended })
	<-w.feed.ReadyC()
	return w
}

// caught waits until everything committed has been applied.
func (w *world) caught(t require.TestingT, ctx context.Context) {
	at, err := live.CurrentLSN(ctx, w.db.Pool)
	require.NoError(t, err)
	require.NoError(t, w.feed.Wait(ctx, at))
}

// book is a site with some of everything that rules ask for.
type book struct {
	*world
	ctx        context.Context //nolint:containedctx // with the actor
	site       site.Site
	contacts   []uuid.UUID
	groups     []uuid.UUID
	sets       []uuid.UUID
	labels     []uuid.UUID // two of each set
	options    []uuid.UUID // a function, a nature
	purposes   []uuid.UUID
	segments   []uuid.UUID // stored; the second refers to the first
	plans      []uuid.UUID
	fields     map[string]uuid.UUID
	indicators []*indicator.Definition
	choices    map[string][]uuid.UUID
}

// countries, cities and so on: few, so that contacts share them.
var (
	cities    = []string{"", "oslo", "bodo", "bodo nord", "tromso"}
	postcodes = []string{"", "0150", "8001", "8006", "SW1A 1AA"}
	countries = []string{"", "NO", "FR", "SE"}
	languages = []string{"", "nb", "fr", "NB"}
	colors    = []string{"", "#ff0000", "#00ff00"}
	dates     = []string{"1950-01-31", "1984-02-29", "2000-02-28", "2008-03-01", "2026-11-26", "2026-12-31"}
	moments   = []string{"2026-11-01 00:00:00+00", "2026-11-25 22:59:59+00", "2026-11-25 23:00:00.5+00", "2026-11-26 12:00:00+05:30"}
	channels  = []string{"email", "sms", "post", "phone"}
	numbers   = []float64{0, 0.000001, -0.000001, 0.1, 0.3, -0.3, 1, 2, -7, 1000, 0.123456789012345, 999999999999999, -999999999999999}
	texts     = map[string][]string{"phone": {"+4722334455", "+33142685300"}, "url": {"https://a.example/b?c=%22", "http://xn--d.example"}, "country": {"NO", "FR"}, "long_text": {`one\ntwo \"three\"`, "x"}}
)

func (w *world) newBook(t require.TestingT, ctx context.Context, people int) *book {
	b := &book{world: w, fields: map[string]uuid.UUID{}, choices: map[string][]uuid.UUID{}}
	of, owner, _, err := site.New(w.db, nil).Create(ctx, site.NewSite{PublicID: "s-" + uuid.NewString()[:8], Name: "Club", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: uuid.NewString() + "@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	b.site = of
	b.ctx = site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	contacts, fields := contact.New(w.db), field.New(w.db)
	for i := range people {
		kind, name := contact.KindPerson, fmt.Sprintf("P%d", i)
		change := contact.Change{LastName: &name}
		if i%4 == 3 {
			kind, change = contact.KindOrganization, contact.Change{Name: &name}
		}
		made, err := contacts.Create(b.ctx, kind, change)
		require.NoError(t, err)
		b.contacts = append(b.contacts, made.Row().ID)
	}
	id := func(sql string, args ...any) uuid.UUID {
		made := uuid.Must(uuid.NewV7())
		b.exec(t, sql, append([]any{of.ID, made}, args...)...)
		return made
	}
	for i := range 3 {
		b.groups = append(b.groups, id("INSERT INTO contact_group (site_id, id, name, name_key) VALUES ($1, $2, $3, $3)", fmt.Sprint(i)))
	}
	for i := range 2 {
		set := id("INSERT INTO label_set (site_id, id, name, name_key, kinds, audiences, position) VALUES ($1, $2, $3, $3, '{person,organization}', '{buyer}', 1)", fmt.Sprint(i))
		b.sets = append(b.sets, set)
		for j := range 2 {
			b.labels = append(b.labels, id("INSERT INTO label (site_id, id, set_id, name, name_key, color, position) VALUES ($1, $2, $3, $4, $4, '#000000', 1)", set, fmt.Sprint(j)))
		}
	}
	for i := range 2 {
		b.plans = append(b.plans, id("INSERT INTO product (site_id, id, kind, name, price, for_child) VALUES ($1, $2, 'membership', $3, 1, $4)", fmt.Sprint(i), i == 0))
	}
	for _, list := range []string{"function", "nature"} {
		b.options = append(b.options, id("INSERT INTO contact_option (site_id, id, list, name, name_key, position) VALUES ($1, $2, $3, 'x', 'x', 1)", list))
	}
	purposes, err := contact.PurposesOf(ctx, w.db.Bun, of.ID)
	require.NoError(t, err)
	for _, p := range purposes {
		b.purposes = append(b.purposes, p.ID)
	}
	unlimited := field.Unlimited
	for _, d := range []field.Definition{
		{Type: "yes_no", Label: "yes_no"}, {Type: "checkbox", Label: "checkbox"}, {Type: "text", Label: "text"},
		{Type: "dropdown", Label: "one", Choices: []field.Choice{{Label: "a"}, {Label: "b"}, {Label: "c"}}},
		{Type: "dropdown", Label: "many", Multiple: &unlimited, Choices: []field.Choice{{Label: "a"}, {Label: "b"}, {Label: "c"}}},
		{Type: "number", Label: "number"}, {Type: "date", Label: "date"}, {Type: "phone", Label: "phone"}, {Type: "url", Label: "url"},
		{Type: "country", Label: "country"}, {Type: "long_text", Label: "long_text"},
	} {
		d.OnProfile = true
		made, err := fields.Create(b.ctx, d)
		require.NoError(t, err)
		b.fields[d.Label] = made.ID
		for _, choice := range made.Choices {
			b.choices[d.Label] = append(b.choices[d.Label], choice.ID)
		}
	}
	b.indicators = b.newIndicators(t)
	stored := func(name string, r Rule) {
		b.segments = append(b.segments, id("INSERT INTO segment (site_id, id, name, name_key, rule) VALUES ($1, $2, $3, $3, $4)", name, string(r.JSON())))
	}
	stored("grouped", Rule{Group: &b.groups[0]})
	stored("not grouped", Rule{Not: &Rule{Segment: &b.segments[0]}})
	return b
}

// newIndicators defines some of each measure by plain SQL; nobody has a value yet.
func (b *book) newIndicators(t require.TestingT) []*indicator.Definition {
	for i, of := range []string{"'orders', 'ever', NULL, '{}'", "'spent', 'ever', NULL, '{phone}'", "'last_purchase', 'days', 400, '{}'", "'last_purchase', 'ever', NULL, '{shop}'"} {
		bands := fmt.Sprintf(`[{"id": "%s", "label": "none", "from": 0}, {"id": "%s", "label": "some", "from": 2}, {"id": "%s", "label": "many", "from": 60}]`, uuid.New(), uuid.New(), uuid.New())
		if i == 1 {
			bands = "[]"
		}
		b.exec(t, "INSERT INTO indicator (site_id, id, name, name_key, icon, position, bands, measure, period, days, channels) VALUES ($1, $2, $3, $3, 'star', $4, $5::text::jsonb, "+of+")",
			b.site.ID, uuid.Must(uuid.NewV7()), fmt.Sprint(i), i, bands)
	}
	all, err := indicator.All(b.ctx, b.db.Bun, b.site.ID)
	require.NoError(t, err)
	return all
}

func (b *book) exec(t require.TestingT, sql string, args ...any) {
	_, err := b.db.Pool.Exec(b.ctxOr(), sql, args...)
	require.NoError(t, err, sql)
}

func (b *book) ctxOr() context.Context {
	if b.ctx == nil {
		return context.Background()
	}
	return b.ctx
}

// change makes one random transaction by plain SQL (D-03).
func (b *book) change(t *rapid.T) {
	err := pgx.BeginFunc(b.ctx, b.db.Pool, func(tx pgx.Tx) error {
		for range rapid.IntRange(1, 3).Draw(t, "statements") {
			sql, args := b.statement(t)
			if _, err := tx.Exec(b.ctx, sql, args...); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
	require.NoError(t, err)
}

func pick[T any](t *rapid.T, list []T, what string) T { return rapid.SampledFrom(list).Draw(t, what) }

func (b *book) statement(t *rapid.T) (string, []any) {
	who := pick(t, b.contacts, "contact")
	row := func(set string, args ...any) (string, []any) {
		return "UPDATE contact SET " + set + " WHERE site_id = $1 AND id = $2", append([]any{b.site.ID, who}, args...)
	}
	switch rapid.IntRange(0, 38).Draw(t, "change") {
	case 33, 34, 35, 36, 37, 38:
		return b.sale(t, who)
	case 0:
		return row("n_city = $3, city = $3", pick(t, cities, "city"))
	case 1:
		return row("postcode = $3, country = $4", pick(t, postcodes, "postcode"), pick(t, countries, "country"))
	case 2:
		return row("language = $3", pick(t, languages, "language"))
	case 3:
		return row("color = $3", pick(t, colors, "color"))
	case 4:
		return row("birth_date = nullif($3::text, '')::date", pick(t, append(dates, ""), "birth"))
	case 5:
		return row("valid_until = nullif($3::text, '')::date", pick(t, append(dates, ""), "until"))
	case 6:
		return row("updated_at = $3::text::timestamptz", pick(t, moments, "updated"))
	case 7:
		return row("created_at = $3::text::timestamptz", pick(t, moments, "created"))
	case 8:
		return row("listed = $3", rapid.Bool().Draw(t, "listed"))
	case 9:
		return row("deleted_at = CASE WHEN $3 THEN now() END", rapid.Bool().Draw(t, "deleted"))
	case 10:
		return row("ambassador = $3", rapid.Bool().Draw(t, "ambassador"))
	case 11:
		return row("function_id = $3, nature_id = $4", optional(t, b.options[0]), optional(t, b.options[1]))
	case 12:
		return row("types = $3", rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"guide", "supplier", "support"}), 0, 3, rapid.ID[string]).Draw(t, "types"))
	case 13:
		mail := pick(t, []string{"", "a@b.example"}, "email")
		return row("email = $3, email_key = $3, phone = $4", mail, pick(t, []string{"", "+4722334455"}, "phone"))
	case 14:
		return "INSERT INTO contact_group_member (site_id, group_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", []any{b.site.ID, pick(t, b.groups, "group"), who}
	case 15:
		return "DELETE FROM contact_group_member WHERE site_id = $1 AND group_id = $2", []any{b.site.ID, pick(t, b.groups, "group")}
	case 16:
		i := rapid.IntRange(0, len(b.labels)-1).Draw(t, "label")
		return "INSERT INTO contact_label (site_id, contact_id, label_id, set_id, exclusive) VALUES ($1, $2, $3, $4, false) ON CONFLICT DO NOTHING", []any{b.site.ID, who, b.labels[i], b.sets[i/2]}
	case 17:
		return "DELETE FROM contact_label WHERE site_id = $1 AND contact_id = $2", []any{b.site.ID, who}
	case 18: // a row that moves to another contact, as merges move them
		return `UPDATE contact_group_member m SET contact_id = $2 WHERE m.site_id = $1 AND m.contact_id = $3
			AND NOT EXISTS (SELECT 1 FROM contact_group_member o WHERE o.site_id = $1 AND o.contact_id = $2 AND o.group_id = m.group_id)`,
			[]any{b.site.ID, who, pick(t, b.contacts, "from")}
	case 19:
		return b.consent(t, who)
	case 20:
		return b.account(t, who)
	case 21:
		return "DELETE FROM account WHERE site_id = $1 AND contact_id = $2", []any{b.site.ID, who}
	case 22:
		return `INSERT INTO segment_member (site_id, segment_id, contact_id, excluded) VALUES ($1, $2, $3, $4)
			ON CONFLICT (site_id, segment_id, contact_id) DO UPDATE SET excluded = EXCLUDED.excluded`, []any{b.site.ID, pick(t, b.segments, "segment"), who, rapid.Bool().Draw(t, "excluded")}
	case 23:
		return "DELETE FROM segment_member WHERE site_id = $1 AND contact_id = $2", []any{b.site.ID, who}
	case 24:
		return `UPDATE segment_member m SET contact_id = $2 WHERE m.site_id = $1 AND m.contact_id = $3
			AND NOT EXISTS (SELECT 1 FROM segment_member o WHERE o.site_id = $1 AND o.contact_id = $2 AND o.segment_id = m.segment_id)`,
			[]any{b.site.ID, who, pick(t, b.contacts, "from")}
	case 25: // to somebody without one
		return `UPDATE account a SET contact_id = $2 WHERE a.site_id = $1 AND a.contact_id = $3
			AND NOT EXISTS (SELECT 1 FROM account o WHERE o.site_id = $1 AND o.contact_id = $2)`, []any{b.site.ID, who, pick(t, b.contacts, "from")}
	case 26:
		return `UPDATE consent c SET contact_id = $2 WHERE c.site_id = $1 AND c.contact_id = $3
			AND NOT EXISTS (SELECT 1 FROM consent o WHERE o.site_id = $1 AND o.contact_id = $2 AND o.purpose_id = c.purpose_id AND o.channel = c.channel)`,
			[]any{b.site.ID, who, pick(t, b.contacts, "from")}
	case 27:
		return `UPDATE segment_member m SET segment_id = $3 WHERE m.site_id = $1 AND m.contact_id = $2
			AND NOT EXISTS (SELECT 1 FROM segment_member o WHERE o.site_id = $1 AND o.contact_id = $2 AND o.segment_id = $3)`, []any{b.site.ID, who, pick(t, b.segments, "to")}
	default:
		return b.answered(t, who)
	}
}

// answered gives somebody other answers.
func (b *book) answered(t *rapid.T, who uuid.UUID) (string, []any) {
	return `UPDATE contact SET answers = $3::text::jsonb, n_answers = (SELECT coalesce(jsonb_object_agg(key, lower(value)), '{}') FROM jsonb_each_text($3::text::jsonb))
		WHERE site_id = $1 AND id = $2`, []any{b.site.ID, who, b.answers(t)}
}

func optional(t *rapid.T, id uuid.UUID) any {
	if rapid.Bool().Draw(t, "some") {
		return id
	}
	return nil
}

// consent writes the ledger and what holds, as the service would.
func (b *book) consent(t *rapid.T, who uuid.UUID) (string, []any) {
	return `WITH e AS (INSERT INTO consent_entry (site_id, id, contact_id, purpose_id, channel, state, at, source, actor_kind)
		VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, now(), 'staff', 'system') RETURNING *)
		INSERT INTO consent (site_id, contact_id, purpose_id, channel, state, entry_id, since) SELECT site_id, contact_id, purpose_id, channel, state, id, at FROM e
		ON CONFLICT (site_id, contact_id, purpose_id, channel) DO UPDATE SET state = EXCLUDED.state, entry_id = EXCLUDED.entry_id`,
		[]any{b.site.ID, who, pick(t, b.purposes, "purpose"), pick(t, channels, "channel"), pick(t, []string{"given", "withdrawn"}, "state")}
}

func (b *book) account(t *rapid.T, who uuid.UUID) (string, []any) {
	name := uuid.NewString()
	return `INSERT INTO account (site_id, id, subject, email, email_key, contact_id) VALUES ($1, gen_random_uuid(), $2, $2, $2, $3)
		ON CONFLICT (site_id, contact_id) DO UPDATE SET disabled_at = CASE WHEN $4 THEN now() END`, []any{b.site.ID, name, who, rapid.Bool().Draw(t, "disabled")}
}

// sale draws a change of what somebody bought or holds, which triggers bring into contact_sale; or of that row itself.
func (b *book) sale(t *rapid.T, who uuid.UUID) (string, []any) {
	switch rapid.IntRange(0, 8).Draw(t, "sale") {
	case 7: // as a merge moves rows
		return "UPDATE sale_order SET buyer_id = $2 WHERE site_id = $1 AND buyer_id = $3", []any{b.site.ID, who, pick(t, b.contacts, "from")}
	case 8: // what was changed by psql
		return "UPDATE contact_indicator SET value = $3 WHERE site_id = $1 AND contact_id = $2 AND indicator_id = $4", []any{b.site.ID, who, pick(t, []int{1, 2, 90, 20000, 20800}, "value"), pick(t, b.indicators, "which").ID}
	case 0, 1:
		return `WITH o AS (INSERT INTO sale_order (site_id, id, number, idempotency_key, request_sha256, buyer_id, channel, currency, total, ordered_at, actor_kind)
			SELECT $1, gen_random_uuid(), coalesce(max(number), 0) + 1, gen_random_uuid()::text, '', $2, $3, 'EUR', $4, $5::text::timestamptz, 'system' FROM sale_order WHERE site_id = $1 RETURNING id)
			INSERT INTO order_line (site_id, id, order_id, position, product_id, label, quantity, unit_price) SELECT $1, gen_random_uuid(), id, 1, $6, 'x', 1, $4 FROM o`,
			[]any{b.site.ID, who, pick(t, []string{"shop", "phone"}, "channel"), pick(t, []int{0, 50, 2500, 2_000_000_000}, "total"), pick(t, moments, "ordered"), pick(t, b.plans, "product")}
	case 2:
		return "UPDATE sale_order SET state = 'cancelled' WHERE site_id = $1 AND buyer_id = $2", []any{b.site.ID, who}
	case 3:
		return "INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on, ends_on) VALUES ($1, gen_random_uuid(), $2, $3, current_date, current_date + nullif($4, 0))",
			[]any{b.site.ID, who, pick(t, b.plans, "plan"), pick(t, []int{0, 2, 40}, "days")}
	case 4:
		return "DELETE FROM membership WHERE site_id = $1 AND contact_id = $2", []any{b.site.ID, who}
	case 5: // as a merge moves rows
		return "UPDATE membership SET contact_id = $2 WHERE site_id = $1 AND contact_id = $3", []any{b.site.ID, who, pick(t, b.contacts, "from")}
	default: // what tickets, passes and events come to
		return `INSERT INTO contact_sale (site_id, contact_id, attendee, organizer, tickets, passes, bookings, due, attended, spent) VALUES ($1, $2, $3, NOT $3, $4, $4, $5, $4, $5, 7000000000)
			ON CONFLICT (site_id, contact_id) DO UPDATE SET attendee = EXCLUDED.attendee, organizer = EXCLUDED.organizer, tickets = EXCLUDED.tickets, passes = EXCLUDED.passes,
			bookings = EXCLUDED.bookings, due = EXCLUDED.due, attended = EXCLUDED.attended, spent = EXCLUDED.spent`,
			[]any{b.site.ID, who, rapid.Bool().Draw(t, "attendee"), pick(t, []int{0, 2, 3}, "due"), pick(t, []int{0, 1, 2}, "attended")}
	}
}

// answers draws answers to some of the fields, of the forms that they are stored in.
func (b *book) answers(t *rapid.T) string {
	out := ""
	add := func(label, value string) {
		if rapid.Bool().Draw(t, label) {
			if out != "" {
				out += ", "
			}
			out += `"` + b.fields[label].String() + `": ` + value
		}
	}
	add("yes_no", pick(t, []string{"true", "false"}, "yes_no answer"))
	add("checkbox", pick(t, []string{"true", "false"}, "checkbox answer"))
	add("text", pick(t, []string{`"plain"`, `"a \"quote\", {and} [more]"`, `"` + b.choices["one"][0].String() + `"`}, "text answer"))
	add("number", field.FormatNumber(pick(t, numbers, "number answer")))
	add("date", `"`+pick(t, dates, "date answer")+`"`)
	for _, label := range []string{"phone", "url", "country", "long_text"} {
		add(label, `"`+pick(t, texts[label], label+" answer")+`"`)
	}
	add("one", `"`+pick(t, b.choices["one"], "choice").String()+`"`)
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(b.choices["many"]), 1, 3, rapid.ID[uuid.UUID]).Draw(t, "choices")
	many := ""
	for i, id := range list {
		if i > 0 {
			many += ", "
		}
		many += `"` + id.String() + `"`
	}
	add("many", "["+many+"]")
	return "{" + out + "}"
}
