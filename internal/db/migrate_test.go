package db_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/migrations"
)

// files makes a set of migrations of name and text.
func files(pairs ...string) fstest.MapFS {
	set := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		set[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return set
}

var twoSteps = files(
	"0001_first.up.sql", "CREATE TABLE first (a text DEFAULT 'what?');\n\nINSERT INTO first DEFAULT VALUES;",
	"0001_first.down.sql", "DROP TABLE first;",
	"0002_second.up.sql", "ALTER TABLE first ADD b int;\n-- a comment; with a semicolon\nCREATE INDEX ON first (b);",
	"0002_second.down.sql", "ALTER TABLE first DROP b;")

// objects counts what is in the schema, extensions' own things left out.
func objects(t *testing.T, d *db.DB) (count int) {
	t.Helper()
	err := d.Pool.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
		          AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.objid = c.oid AND p.deptype = 'e'))
		     + (SELECT count(*) FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace
		          AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.objid = f.oid AND p.deptype = 'e'))
		     + (SELECT count(*) FROM pg_type y WHERE y.typnamespace = 'public'::regnamespace AND y.typelem = 0
		          AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.objid = y.oid AND p.deptype = 'e'))
		     + (SELECT count(*) FROM pg_publication)`).Scan(&count)
	require.NoError(t, err)
	return count
}

func pending(t *testing.T, d *db.DB, set fstest.MapFS) int {
	t.Helper()
	n, err := d.Pending(t.Context(), set)
	require.NoError(t, err)
	return n
}

func TestMigrateForwardAndBack(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	require.Equal(t, 2, pending(t, d, twoSteps))
	first := fstest.MapFS{}
	for _, name := range []string{"0001_first.up.sql", "0001_first.down.sql"} {
		first[name] = twoSteps[name]
	}
	require.NoError(t, d.Migrate(t.Context(), first))
	require.Equal(t, 1, pending(t, d, twoSteps))
	require.NoError(t, d.Migrate(t.Context(), twoSteps))
	require.NoError(t, d.Migrate(t.Context(), twoSteps), "nothing left to do")
	require.Zero(t, pending(t, d, twoSteps))
	var text string
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT a FROM first WHERE b IS NULL").Scan(&text))
	require.Equal(t, "what?", text)

	err := d.Migrate(t.Context(), first)
	require.ErrorContains(t, err, "migrated by a newer carnet (it has 0002)")
	require.ErrorContains(t, d.Rollback(t.Context(), first), "newer carnet")

	require.NoError(t, d.Rollback(t.Context(), twoSteps))
	require.Zero(t, objects(t, d))
	require.NoError(t, d.Rollback(t.Context(), twoSteps), "nothing left to undo")
	require.NoError(t, d.Migrate(t.Context(), twoSteps), "and forward again")
}

// The product's own schema, from empty and back.
func TestSchemaForwardAndBack(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	for range 2 {
		require.NoError(t, d.Migrate(t.Context(), migrations.Files))
		require.Positive(t, objects(t, d))
		require.NoError(t, d.Rollback(t.Context(), migrations.Files))
		require.Zero(t, objects(t, d))
	}
}

// Programs that start together take turns: each migration runs once.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	var together errgroup.Group
	for range 4 {
		together.Go(func() error { return d.Migrate(t.Context(), twoSteps) })
	}
	require.NoError(t, together.Wait())
	var rows, noted int
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM first), (SELECT count(*) FROM bun_migrations)").Scan(&rows, &noted))
	require.Equal(t, 1, rows)
	require.Equal(t, 2, noted)
}

// A migration that fails halfway leaves nothing of itself, keeps those before it, and can be
// mended.
func TestMigrationThatFails(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	broken := files(
		"0001_good.up.sql", "CREATE TABLE good ();", "0001_good.down.sql", "DROP TABLE good;",
		"0002_bad.up.sql", "CREATE TABLE half (); SELECT 1/0;", "0002_bad.down.sql", "DROP TABLE half;")
	err := d.Migrate(t.Context(), broken)
	require.ErrorContains(t, err, "0002_bad")
	require.ErrorContains(t, err, "division by zero")
	var good, half *string
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT to_regclass('good')::text, to_regclass('half')::text").Scan(&good, &half))
	require.NotNil(t, good)
	require.Nil(t, half)
	require.Equal(t, 1, pending(t, d, broken))

	broken["0002_bad.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE half ();")}
	require.NoError(t, d.Migrate(t.Context(), broken))

	oneWay := files("0001_good.up.sql", "", "0002_bad.up.sql", "")
	require.ErrorContains(t, d.Rollback(t.Context(), oneWay), "has no .down.sql")
}
