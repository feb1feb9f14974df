package db_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
)

type thing struct {
	bun.BaseModel `bun:"table:thing"`

	ID      uuid.UUID
	Name    string
	MadeAt  time.Time
	Tags    []string `bun:"type:text[],array"`
	Details map[string]string
}

// Rows are the same either way; values never become part of a kept text, whatever stands in them.
func TestCollect(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	ids := []uuid.UUID{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())}
	_, err := d.Bun.ExecContext(t.Context(), `CREATE TABLE thing (id uuid, name text, made_at timestamptz, tags text[], details jsonb);
		INSERT INTO thing VALUES (?, ?, '2026-01-02T03:04:05Z', '{a,b}', '{"k": "v"}'), (?, ?, '2026-01-03T00:00:00Z', '{}', NULL)`, ids[0], `it's "a" ? $1 \ LIKE`, ids[1], "plain")
	require.NoError(t, err)
	pooled, err := db.Open(t.Context(), db.Config{URL: d.URL(), ReplicationURL: otherWay(t, d.URL())})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pooled.Close()) })
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		d    *db.DB
		plan db.Plan
	}{{d, db.Kept}, {d, db.Replanned}, {d, db.Single}, {pooled, db.Kept}, {pooled, db.Replanned}} {
		d, plan := c.d, c.plan
		for what, q := range map[string]*bun.SelectQuery{
			"text":  d.Bun.NewSelect().Model((*thing)(nil)).Where("name = ?", `it's "a" ? $1 \ LIKE`),
			"time":  d.Bun.NewSelect().Model((*thing)(nil)).Where("made_at = ?", made),
			"id":    d.Bun.NewSelect().Model((*thing)(nil)).Where("id = ?", ids[0]),
			"ids":   d.Bun.NewSelect().Model((*thing)(nil)).Where("id = ANY (?::uuid[])", db.IDs(ids)).Order("made_at").Limit(1),
			"texts": d.Bun.NewSelect().Model((*thing)(nil)).Where("name = ANY (?::text[])", db.Texts{`it's "a" ? $1 \ LIKE`, "{,}"}),
			"like":  d.Bun.NewSelect().Model((*thing)(nil)).Where("name LIKE ?", "it's%"),
		} {
			rows, err := db.Collect[thing](t.Context(), d, q, plan)
			require.NoError(t, err, what)
			require.Len(t, rows, 1, what)
			require.Equal(t, ids[0], rows[0].ID, what)
			require.True(t, made.Equal(rows[0].MadeAt), what)
			require.Equal(t, []string{"a", "b"}, rows[0].Tags, what)
			require.Equal(t, map[string]string{"k": "v"}, rows[0].Details, what)
		}
		some, err := db.Collect[thing](t.Context(), d, d.Bun.NewSelect().Model((*thing)(nil)).Column("name").Where("id = ?", ids[1]), plan)
		require.NoError(t, err)
		require.Equal(t, "plain", some[0].Name)
		require.Zero(t, some[0].ID, "a column that was not read stays zero")

		_, err = db.Collect[thing](t.Context(), d, d.Bun.NewSelect().Model((*thing)(nil)).Where("name = ?", "a\x00b"), plan)
		require.Equal(t, fault.BadInput, fault.CodeOf(db.MapError(err, "read")))
	}
	// Behind a pooler nothing is prepared, by whatever way: the next statement may have another connection.
	var name string
	require.NoError(t, pooled.Pool.QueryRow(t.Context(), "SELECT name FROM thing WHERE id = $1 AND $2::bytea = 'x' AND made_at > $3 AND name <> ALL ($4::text[])", ids[1], []byte("x"), made, []string{"y"}).Scan(&name))
	require.Equal(t, "plain", name)
	var kept int
	require.NoError(t, pooled.Pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&kept))
	require.Zero(t, kept)
	for i := range 40 { // more values, no more texts
		_, err := db.Collect[thing](t.Context(), d, d.Bun.NewSelect().Model((*thing)(nil)).Where("name = ?", uuid.NewString()), db.Kept)
		require.NoError(t, err, i)
	}
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&kept))
	require.Less(t, kept, 10)
}

// otherWay is another address of the same database.
func otherWay(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	q := u.Query()
	q.Set("application_name", "feed")
	u.RawQuery = q.Encode()
	return u.String()
}

// A transaction's hot queries do the same from a kept plan, whatever stands in their values, and a pooler, which may
// give each transaction another connection, is told nothing to keep.
func TestKeptInTransaction(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	_, err := d.Bun.ExecContext(t.Context(), `CREATE TABLE thing (id uuid, name text, made_at timestamptz DEFAULT '2026-01-02T03:04:05Z', tags text[], details jsonb)`)
	require.NoError(t, err)
	pooled, err := db.Open(t.Context(), db.Config{URL: d.URL(), ReplicationURL: otherWay(t, d.URL())})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pooled.Close()) })
	const odd = `it's "a" ? $1 \ ?0 LIKE`
	for _, c := range []struct {
		d    *db.DB
		kept int
	}{{d, 3}, {pooled, 0}} {
		var kept int
		require.NoError(t, c.d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for range 2 {
				one := &thing{ID: uuid.Must(uuid.NewV7()), Name: odd, Tags: []string{odd, "{,}"}, Details: map[string]string{odd: odd}}
				if err := c.d.ExecKept(ctx, tx, tx.NewInsert().Model(one).ExcludeColumn("made_at").Returning("NULL")); err != nil {
					return err
				}
				if err := c.d.ExecKept(ctx, tx, tx.NewUpdate().Model(one).Set("name = name || ?", "!").Where("id = ?", one.ID)); err != nil {
					return err
				}
				var found []*thing
				if err := c.d.SelectKept(ctx, tx, tx.NewSelect().Model((*thing)(nil)).Where("id = ? AND name = ?", one.ID, odd+"!"), &found); err != nil {
					return err
				}
				require.Len(t, found, 1)
				one.Name, one.MadeAt = odd+"!", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
				require.True(t, one.MadeAt.Equal(found[0].MadeAt))
				found[0].MadeAt = one.MadeAt
				require.Equal(t, one, found[0])
			}
			return tx.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(ctx, &kept)
		}))
		require.Equal(t, c.kept, kept)
		err := c.d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			var found []*thing
			return c.d.SelectKept(ctx, tx, tx.NewSelect().Model((*thing)(nil)).Where("name = ?", "a\x00b"), &found)
		})
		require.Equal(t, fault.BadInput, fault.CodeOf(err))
	}
}
