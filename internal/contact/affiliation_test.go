package contact_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

func (b *book) linkType(kind contact.LinkKind) uuid.UUID {
	b.t.Helper()
	types, err := b.contacts.LinkTypes(b.operator(), false)
	require.NoError(b.t, err)
	at := slices.IndexFunc(types, func(t *contact.LinkType) bool { return t.Kind == kind })
	require.GreaterOrEqual(b.t, at, 0)
	return types[at].ID
}

func (b *book) persons(n int) []uuid.UUID {
	b.t.Helper()
	ids := make([]uuid.UUID, n)
	for i := range ids {
		name := fmt.Sprintf("P%d", i)
		made, err := b.contacts.Create(b.operator(), contact.KindPerson, contact.Change{LastName: &name})
		require.NoError(b.t, err)
		ids[i] = made.Row().ID
	}
	return ids
}

func reasonOf(err error) string {
	list, ok := fault.Mendable(err)
	if !ok {
		return fmt.Sprint(err)
	}
	return list[0].Reason
}

// Whatever links are made, ended, reopened and removed, those that have not ended never form a circle;
// and a link is refused as one only when it would.
func TestLinksNeverFormACircle(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	parent, people := b.linkType(contact.LinkParent), b.persons(5)
	yesterday := time.Now().AddDate(0, 0, -3)
	past := &yesterday
	var never *time.Time
	type edge struct{ from, to int }
	rapid.Check(t, func(rt *rapid.T) {
		_, err := b.db.Pool.Exec(t.Context(), "DELETE FROM affiliation")
		require.NoError(t, err)
		open, ids := map[edge]bool{}, map[edge]uuid.UUID{}
		for range rapid.IntRange(1, 14).Draw(rt, "steps") {
			e := edge{rapid.IntRange(0, 4).Draw(rt, "from"), rapid.IntRange(0, 4).Draw(rt, "to")}
			if e.from == e.to {
				continue
			}
			circle := reaches(open, func(e edge) (int, int) { return e.from, e.to }, e.to, e.from)
			id, exists := ids[e]
			switch {
			case !exists:
				row, err := b.contacts.CreateAffiliation(b.operator(), parent, people[e.from], people[e.to], contact.AffiliationChange{})
				require.Equal(t, circle, err != nil, "%v over %v: %v", e, open, err)
				if err == nil {
					open[e], ids[e] = true, row.ID
				}
			case open[e] && rapid.Bool().Draw(rt, "remove"):
				_, err := b.contacts.DeleteAffiliation(b.operator(), id)
				require.NoError(t, err)
				delete(open, e)
				delete(ids, e)
			case open[e]:
				_, err := b.contacts.UpdateAffiliation(b.operator(), id, contact.AffiliationChange{Until: &past})
				require.NoError(t, err)
				delete(open, e)
			default:
				_, err := b.contacts.UpdateAffiliation(b.operator(), id, contact.AffiliationChange{Until: &never})
				require.Equal(t, circle, err != nil, "reopen %v over %v: %v", e, open, err)
				if err == nil {
					open[e] = true
				} else {
					require.Equal(t, fault.Cycle, reasonOf(err))
				}
			}
			for i := range people {
				require.False(t, reaches(open, func(e edge) (int, int) { return e.from, e.to }, i, i), "%d is above itself in %v", i, open)
			}
		}
	})
}

// reaches tells whether one step or more lead from a to b.
func reaches[E comparable](edges map[E]bool, ends func(E) (int, int), a, b int) bool {
	seen, queue := map[int]bool{}, []int{a}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for e := range edges {
			from, to := ends(e)
			if from != at {
				continue
			}
			if to == b {
				return true
			}
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return false
}

// Two who link A to B and B to A at the same moment: one of them is refused.
func TestOppositeLinksAtOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	parent := b.linkType(contact.LinkParent)
	for range 10 {
		people := b.persons(2)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i := range errs {
			both.Go(func() {
				_, errs[i] = b.contacts.CreateAffiliation(b.operator(), parent, people[i], people[1-i], contact.AffiliationChange{})
			})
		}
		both.Wait()
		if errs[0] != nil {
			errs[0], errs[1] = errs[1], errs[0]
		}
		require.NoError(t, errs[0])
		require.Equal(t, fault.Cycle, reasonOf(errs[1]))
	}
}

// A contact has at most 200 links to others; the next is refused.
func TestLinksAreLimited(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	parent, member := b.linkType(contact.LinkParent), b.linkType(contact.LinkMember)
	people := b.persons(2)
	_, err := b.db.Pool.Exec(t.Context(), `INSERT INTO contact (site_id, id, number, kind, name) SELECT $1, gen_random_uuid(), 1000 + n, 'organization', 'O' || n FROM generate_series(1, 200) n`, b.of.ID)
	require.NoError(t, err)
	_, err = b.db.Pool.Exec(t.Context(), `INSERT INTO affiliation (site_id, id, type_id, from_id, to_id) SELECT site_id, gen_random_uuid(), $2, $3, id FROM contact WHERE site_id = $1 AND kind = 'organization'`, b.of.ID, member, people[0])
	require.NoError(t, err)
	_, err = b.contacts.CreateAffiliation(b.operator(), parent, people[0], people[1], contact.AffiliationChange{})
	require.Equal(t, fault.TooLong, reasonOf(err))
	_, err = b.contacts.CreateAffiliation(b.operator(), parent, people[1], people[0], contact.AffiliationChange{})
	require.NoError(t, err)
}
