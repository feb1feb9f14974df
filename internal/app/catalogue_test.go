package app_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/contact"
	"carnet/internal/db/dbtest"
	"carnet/internal/privacy"
)

// global are the tables that are not a tenant's, each with the reason in its migration.
var global = []string{"site", "http_session", "dpop_proof", "signing_key", "river_job", "river_leader", "river_queue", "river_notification", "bun_migrations", "bun_migration_locks"}

// keysQuery lists every primary, unique and foreign key and unique index of the tables with its first column.
const keysQuery = `
SELECT c.relname AS table, k.conname AS key, (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = k.conkey[1]) AS first
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND k.contype IN ('p', 'u', 'f')
UNION ALL
SELECT c.relname, i.relname, (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = x.indkey[0])
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND x.indisunique`

// Every tenant table's primary, unique and foreign keys begin with site_id, so no row can point into
// another site.
func TestTenantKeysBeginWithTheSite(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	rows, err := d.Pool.Query(t.Context(), keysQuery)
	require.NoError(t, err)
	defer rows.Close()
	seen := map[string]int{}
	for rows.Next() {
		var table, key, first string
		require.NoError(t, rows.Scan(&table, &key, &first))
		seen[table]++
		if !in(global, table) {
			require.Equal(t, "site_id", first, "table %s, key %s", table, key)
		}
	}
	require.NoError(t, rows.Err())
	require.Greater(t, len(seen), 20)

	var tables []string
	require.NoError(t, d.Bun.NewRaw(`SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'`).Scan(t.Context(), &tables))
	for _, table := range tables {
		require.Positive(t, seen[table], "table %s has no key", table)
	}
}

func in(list []string, one string) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return false
}

// contactsQuery lists the columns that name a contact: by a foreign key, or by their name.
const contactsQuery = `
SELECT c.relname || '.' || a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[2]
WHERE k.contype = 'f' AND k.confrelid = 'contact'::regclass
UNION
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attname LIKE '%contact\_id' ORDER BY 1`

// Whatever refers to a contact goes along in a merge, or stays for a stated reason.
func TestMergeKnowsEveryTable(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	a, err := app.New(t.Context(), config(), d)
	require.NoError(t, err)
	moves := map[string]bool{}
	for _, m := range a.Contacts.Movers() {
		moves[m.Table+"."+m.Column] = true
	}
	var columns []string
	require.NoError(t, d.Bun.NewRaw(contactsQuery).Scan(t.Context(), &columns))
	require.Greater(t, len(columns), 15)
	for _, column := range columns {
		table, _, _ := strings.Cut(column, ".")
		require.True(t, moves[column] != (contact.Staying[table] != ""), "%s has a mover, or stands in contact.Staying with a reason; not both", column)
		delete(moves, column)
	}
	require.Empty(t, moves, "movers of columns that there are not")
}

// personsQuery lists the columns that name contacts or accounts: by a foreign key, or by their name.
const personsQuery = `
SELECT c.relname || '.' || a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[2]
WHERE k.contype = 'f' AND k.confrelid IN ('contact'::regclass, 'account'::regclass)
UNION
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attname ~ '(contact|account)_ids?$' ORDER BY 1`

// GDPR art. 15: whatever refers to a contact or an account is in the file about oneself, or is left out for a stated reason.
func TestDisclosureKnowsEveryTable(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var columns []string
	require.NoError(t, d.Bun.NewRaw(personsQuery).Scan(t.Context(), &columns))
	require.Greater(t, len(columns), 30)
	seen := map[string]bool{}
	for _, column := range columns {
		table, _, _ := strings.Cut(column, ".")
		seen[table] = true
		require.True(t, (privacy.Disclosed[table] != "") != (privacy.Withheld[table] != ""), "%s is in privacy.Disclosed, or in privacy.Withheld with a reason; not both", column)
	}
	for _, list := range []map[string]string{privacy.Disclosed, privacy.Withheld} {
		for table := range list {
			require.True(t, seen[table], "%s refers to nobody", table)
		}
	}
}

// Issue 7, GDPR art. 17: whatever names a contact, an account or an address is written by an erasure, or keeps an id of nobody for a stated reason.
func TestErasureKnowsEveryTable(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var columns []string
	require.NoError(t, d.Bun.NewRaw(personsQuery).Scan(t.Context(), &columns))
	erased := privacy.ErasedTables()
	for _, column := range columns {
		table, _, _ := strings.Cut(column, ".")
		require.True(t, erased[table] != (privacy.Kept[table] != ""), "%s has a step of an erasure, or stands in privacy.Kept with a reason; not both", column)
	}
	var addressed []string // staff's own are their employer's business
	require.NoError(t, d.Bun.NewRaw(`SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
		AND a.attname IN ('email', 'email_key', 'address', 'address_key', 'recipient', 'recipient_key', 'guest', 'answers') AND c.relname NOT IN ('staff', 'staff_invitation')`).Scan(t.Context(), &addressed))
	require.NotEmpty(t, addressed)
	for _, table := range addressed {
		require.True(t, erased[table], table)
	}
}
