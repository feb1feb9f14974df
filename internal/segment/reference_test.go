package segment

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/db/dbtest"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Whoever refers to a segment depends on it, and whoever refers to these, each named once; a rule of another site does not.
func TestDependents(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	var sites []uuid.UUID
	for _, name := range []string{"club", "theirs"} {
		of, _, _, err := site.New(d, nil).Create(ctx, site.NewSite{PublicID: name, Name: name, TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
			site.NewStaff{Email: name + "@example.test", Name: "Owner", Password: "correct horse battery staple"})
		require.NoError(t, err)
		sites = append(sites, of.ID)
	}
	id := func(n int) uuid.UUID { return uuid.UUID{15: byte(n)} }
	put := func(at uuid.UUID, n int, refers ...int) {
		t.Helper()
		parts := []Rule{}
		for _, to := range refers {
			other := id(to)
			parts = append(parts, Rule{Not: &Rule{Segment: &other}})
		}
		rule, err := json.Marshal(Rule{All: &parts})
		require.NoError(t, err)
		name := fmt.Sprint("segment ", n)
		_, err = d.Pool.Exec(ctx, "INSERT INTO segment (site_id, id, name, name_key, rule) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (site_id, id) DO UPDATE SET rule = excluded.rule",
			at, id(n), name, fold.Text(name), rule)
		require.NoError(t, err)
	}
	here := sites[0]
	put(here, 1)
	put(here, 2, 1)
	put(here, 3, 1, 2, 1)
	put(here, 4, 3)
	put(here, 5)
	put(here, 6, 5)
	put(sites[1], 7, 1)
	depend := func(n int) (names []string) {
		t.Helper()
		rows, err := dependents(ctx, d.Bun, here, id(n))
		require.NoError(t, err)
		for _, row := range rows {
			names = append(names, row.Name)
		}
		return names
	}
	require.Equal(t, []string{"segment 2", "segment 3", "segment 4"}, depend(1))
	require.Equal(t, []string{"segment 4"}, depend(3))
	require.Equal(t, []string{"segment 6"}, depend(5))
	require.Empty(t, depend(4))
	put(here, 1, 4) // a circle that plain SQL closed
	require.Equal(t, []string{"segment 1", "segment 2", "segment 3", "segment 4"}, depend(1))

	by, err := users(ctx, d.Bun, here, []uuid.UUID{id(1), id(2), id(6)})
	require.NoError(t, err)
	require.Len(t, by, 2)
	require.Equal(t, []string{"segment 2", "segment 3"}, []string{by[id(1)][0].Name, by[id(1)][1].Name})
	require.Equal(t, "segment 3", by[id(2)][0].Name)
}
