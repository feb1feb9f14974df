package contact_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/field"
	"carnet/internal/site"
)

// The made-up book is the same each time, valid by the rules of the book, and covers every type and
// mode of field, on every surface.
func TestSeed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	other := newSite(t, b.db, "second")
	var heard []int
	require.NoError(t, b.contacts.Seed(t.Context(), b.of.ID, 2500, func(done int) { heard = append(heard, done) }))
	require.Equal(t, []int{2000, 2500}, heard)
	require.NoError(t, b.contacts.Seed(t.Context(), other.ID, 2000, nil))
	require.NoError(t, b.contacts.Seed(t.Context(), other.ID, 500, nil), "again goes on where the last ended")

	const book = `SELECT count(*), count(DISTINCT number), count(*) FILTER (WHERE kind = 'organization'), count(*) FILTER (WHERE starts_with(search, n_last) AND strpos(search, email_key) > 0),
		count(*) FILTER (WHERE source = 'seed' AND listed), count(DISTINCT country), md5(string_agg(concat_ws('|', first_name, last_name, name, email, phone, mobile, city, note, birth_date, created_at), '/' ORDER BY number))
		FROM contact WHERE site_id = $1`
	var first, second struct {
		all, numbers, organizations, searched, listed, countries int
		digest                                                   string
	}
	require.NoError(t, b.db.Pool.QueryRow(t.Context(), book, b.of.ID).Scan(&first.all, &first.numbers, &first.organizations, &first.searched, &first.listed, &first.countries, &first.digest))
	require.NoError(t, b.db.Pool.QueryRow(t.Context(), book, other.ID).Scan(&second.all, &second.numbers, &second.organizations, &second.searched, &second.listed, &second.countries, &second.digest))
	require.Equal(t, first, second)
	require.Equal(t, []int{2500, 2500, 2500, 2500, 3}, []int{first.all, first.numbers, first.searched, first.listed, first.countries})
	require.InDelta(t, 0.06, float64(first.organizations)/2500, 0.02)

	var entries, members int
	require.NoError(t, b.db.Pool.QueryRow(t.Context(), "SELECT count(*) FROM contact_history WHERE site_id = $1 AND surface = 'seed' AND action = 'created'", b.of.ID).Scan(&entries))
	require.Equal(t, 2500, entries)
	require.NoError(t, b.db.Pool.QueryRow(t.Context(), "SELECT count(*) FROM contact_group_member WHERE site_id = $1", b.of.ID).Scan(&members))
	require.Greater(t, members, 1000)
	groups, err := b.contacts.Groups(b.manager())
	require.NoError(t, err)
	require.Len(t, groups, 12)
	sets, err := b.contacts.LabelSets(b.manager(), false)
	require.NoError(t, err)
	require.Len(t, sets, 3, "created once")
	counts, err := b.contacts.LabelCounts(b.manager())
	require.NoError(t, err)
	for _, set := range sets {
		for _, l := range set.Labels {
			require.Positive(t, counts[l.ID], "nobody is %s of %s", l.Name, set.Name)
		}
	}
	seeded(t, b, other)
}

func seeded(t *testing.T, b *book, of site.Site) {
	t.Helper()
	fields, err := b.fields.List(as(t.Context(), of, site.AccessViewer), true)
	require.NoError(t, err)
	types, modes, surfaces := map[string]bool{}, map[field.Mode]bool{}, map[field.Surface]int{}
	for _, d := range fields {
		types[d.Type] = true
		if d.Type == "dropdown" {
			mode := field.Mode("single")
			if d.Multiple != nil {
				mode = *d.Multiple
			}
			modes[mode] = true
		}
		for _, s := range []field.Surface{field.Registration, field.Checkout, field.Profile} {
			if d.On(s) {
				surfaces[s]++
			}
		}
		if d.Internal() {
			surfaces["internal"]++
		}
		require.NotEqual(t, d.LabelIn("en"), "")
		require.NotEmpty(t, d.Translations["fr"].Label)
		require.NotEmpty(t, d.Translations["nb"].Label)
		var answered int
		require.NoError(t, b.db.Pool.QueryRow(t.Context(), "SELECT count(*) FROM contact WHERE site_id = $1 AND jsonb_exists(answers, $2)", of.ID, d.ID.String()).Scan(&answered))
		require.Greater(t, answered, 800, d.Label)
	}
	require.Len(t, types, 4)
	require.Len(t, modes, 4)
	for _, s := range []field.Surface{field.Registration, field.Checkout, field.Profile, "internal"} {
		require.Positive(t, surfaces[s], s)
	}
	require.Len(t, fields, 7, "created once")
}

// An unknown site is refused; how long a larger book takes is told, not asserted (CARNET_SEED_CONTACTS).
func TestSeedMany(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	require.Error(t, b.contacts.Seed(t.Context(), uuid.New(), 1, nil))
	n := 10_000
	if text := os.Getenv("CARNET_SEED_CONTACTS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	start := time.Now()
	require.NoError(t, b.contacts.Seed(t.Context(), b.of.ID, n, nil))
	t.Logf("%d contacts in %v", n, time.Since(start).Round(time.Millisecond))
	require.Equal(t, contact.FromSeed, b.all()[0].Source)
}
