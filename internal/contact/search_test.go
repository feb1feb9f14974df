package contact_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
)

// A page by name is read in arms, every other list by one condition: both find the same contacts, in any
// direction and page by page, whatever was typed.
func TestSearchFindsTheSameEitherWay(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's dice
	syllables := []string{"du", "pont", "an", "Ån", "berg", "n", "-", " ", "’", "sen", "ØD"}
	name := func() string {
		out := ""
		for range 1 + rnd.IntN(4) {
			out += syllables[rnd.IntN(len(syllables))]
		}
		return strings.Trim(out, " ") + []string{"", "o", "du"}[rnd.IntN(3)] + "n"
	}
	for i := range 100 {
		var c contact.Change
		last, first, company, email := name(), name(), name(), fmt.Sprintf("%s.%d@example.no", []string{"info", "du_pont", "an", "bergan"}[rnd.IntN(4)], i%60)
		kind := contact.KindPerson
		switch rnd.IntN(4) {
		case 0:
			kind, c = contact.KindOrganization, contact.Change{Name: &last, Email: &email}
		case 1:
			c = contact.Change{FirstName: &first, Company: &company, Email: &email}
		default:
			c = contact.Change{FirstName: &first, LastName: &last, Email: &email}
		}
		if rnd.IntN(5) == 0 {
			c.References = &[]contact.Reference{{Source: "club", ExternalID: fmt.Sprintf("AN-%d", i)}}
		}
		_, err := b.contacts.Create(b.manager(), kind, c)
		require.NoError(t, err)
	}
	last, first := "Bergpontn Dupontn", "Pontn" // found by three words of one pattern
	_, err := b.contacts.Create(b.manager(), contact.KindPerson, contact.Change{FirstName: &first, LastName: &last})
	require.NoError(t, err)
	typed := []string{"an-1", "an.1", "info", "an.1@", "*@example.no", "du_*", "*an, *du", "du, a", "*", "7", "du pont an", "du*n*", "*u*nt", "*pontn", "*pont*", "*don", "*bergan*", "*dun", "*sen*", "*anan*", "*ontdu*", "*nobody"}
	for range 60 {
		text := ""
		for range 1 + rnd.IntN(3) {
			text += syllables[rnd.IntN(len(syllables))][:1]
			text += []string{"", "", "*", " ", "u", "n", "an", "pont", "berg", ","}[rnd.IntN(10)]
		}
		if strings.TrimSpace(text) != "" {
			typed = append(typed, text)
		}
	}
	all := 200
	some := 7
	for _, text := range typed {
		one, err := b.contacts.List(b.manager(), contact.Query{Search: text, Order: contact.ByNumber, First: &all})
		require.NoError(t, err, "%q", text)
		want := []int64{}
		slices.SortFunc(one.Records, func(a, b *contact.Record) int {
			return slices.Compare([]string{a.NLast, a.NFirst, a.ID.String()}, []string{b.NLast, b.NFirst, b.ID.String()})
		})
		for _, r := range one.Records {
			want = append(want, r.Number)
		}
		for _, down := range []bool{false, true} {
			got := []int64{}
			q := contact.Query{Search: text, First: &some, Down: down}
			for {
				page, err := b.contacts.List(b.manager(), q)
				require.NoError(t, err, "%q", text)
				for _, r := range page.Records {
					got = append(got, r.Number)
				}
				if !page.Next {
					break
				}
				after := page.Cursor(page.Records[len(page.Records)-1])
				q.After = &after
			}
			if down {
				slices.Reverse(got)
			}
			require.Equal(t, want, got, "%q, down %v", text, down)
		}
		suggested, err := b.contacts.Suggest(b.manager(), text, 20, nil)
		require.NoError(t, err)
		require.Len(t, suggested, min(20, len(want)), "%q", text)
		for _, c := range suggested {
			require.Contains(t, want, c.Number, "%q", text)
		}
	}
}

// The words of names follow every way of writing: SQL, renaming, merging rows in bulk and deleting. Words that
// nobody has any more are swept, and only those.
func TestWordsFollow(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	ctx := b.manager()
	find := func(text string) []string {
		page, err := b.contacts.List(ctx, contact.Query{Search: text, Among: contact.Among{Unlisted: true}})
		require.NoError(t, err)
		out := []string{}
		for _, r := range page.Records {
			out = append(out, r.DisplayName())
		}
		return out
	}
	terms := func() (out []string) {
		require.NoError(t, b.db.Bun.NewRaw("SELECT term FROM name_term WHERE site_id = ? ORDER BY 1", b.of.ID).Scan(ctx, &out))
		return out
	}
	first, last := "Per Åge", "Dupont"
	made, err := b.contacts.Create(ctx, contact.KindPerson, contact.Change{FirstName: &first, LastName: &last})
	require.NoError(t, err)
	require.Equal(t, []string{"DUPONT Per Åge"}, find("*pont a"+"ge"))
	require.Equal(t, []string{"age", "dupont", "per"}, terms())

	other := "Lumière"
	_, err = b.contacts.Update(ctx, made.Row().ID, contact.Change{LastName: &other})
	require.NoError(t, err)
	require.Empty(t, find("*pont"))
	require.Equal(t, []string{"LUMIÈRE Per Åge"}, find("*miere ag*"))
	require.Equal(t, []string{"LUMIÈRE Per Åge"}, find("ag"))

	require.NoError(t, b.contacts.SweepTerms(ctx))
	require.Equal(t, []string{"age", "lumiere", "per"}, terms(), "nobody is called Dupont")

	_, err = b.db.Pool.Exec(ctx, "UPDATE contact SET n_first = 'kari', first_name = 'Kari' WHERE site_id = $1", b.of.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"LUMIÈRE Kari"}, find("*ri"))
	require.Empty(t, find("per"))
	_, err = b.db.Pool.Exec(ctx, "DELETE FROM contact WHERE site_id = $1", b.of.ID)
	require.NoError(t, err)
	var n int
	require.NoError(t, b.db.Bun.NewRaw("SELECT count(*) FROM contact_word").Scan(ctx, &n))
	require.Zero(t, n)
	require.NoError(t, b.contacts.SweepTerms(ctx))
	require.Empty(t, terms())
}

// Contacts that are inserted many at once have the words that the database says one contact has (S-97).
func TestWordsOfInserted(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	ctx := t.Context()
	_, err := b.db.Pool.Exec(ctx, `INSERT INTO contact (site_id, id, number, kind, name, n_last, n_first, n_company, email, email_key)
		SELECT $1, gen_random_uuid(), row_number() OVER (), 'organization', 'x', last, first, company, mail, mail
		FROM unnest(ARRAY['', 'dupont', 'du pont-moreau', 'o''hara', '(acme)', 'acme acme', repeat('long', 40), 'acme ' || repeat('é', 150)]) AS last,
			unnest(ARRAY['', 'jean-luc', 'jean  jean', 'acme']) AS first, unnest(ARRAY['', 'acme & co', 'dupont']) AS company,
			unnest(ARRAY['', 'dupont@example.org', 'jean.dupont@example.org', 'j_d@jean.org', '.x@example.org', 'co', 'acme@acme', 'x"@y"@z']) AS mail`, b.of.ID)
	require.NoError(t, err)
	for what, sides := range map[string][2]string{
		"words": {
			"SELECT site_id, word, n_last, n_first, contact_id FROM contact_word",
			"SELECT c.site_id, word, c.n_last, c.n_first, c.id FROM contact AS c, contact_words(c.n_last, c.n_first, c.n_company, c.email_key) AS word",
		},
		"terms": {
			"SELECT site_id, term FROM name_term",
			"SELECT DISTINCT c.site_id, left(term, 100) FROM contact AS c, unnest(name_words(c.n_last, c.n_first, c.n_company)) AS term",
		},
	} {
		for _, way := range [][2]string{sides, {sides[1], sides[0]}} {
			var n int
			require.NoError(t, b.db.Pool.QueryRow(ctx, "SELECT count(*) FROM ("+way[0]+" EXCEPT ALL "+way[1]+") AS x").Scan(&n))
			require.Zero(t, n, "%s: %s", what, way[0])
		}
	}
	var n int
	require.NoError(t, b.db.Pool.QueryRow(ctx, "SELECT count(*) FROM contact_word").Scan(&n))
	require.Greater(t, n, 1000)
}
