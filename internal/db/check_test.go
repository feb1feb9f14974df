package db_test

import (
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
)

// openURL opens a server of somebody else's and gives the error.
func openURL(t *testing.T, address string) error {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: address, Logger: quiet()})
	if err == nil {
		require.NoError(t, d.Close())
	}
	return err
}

// with gives an address with another user or database.
func with(t *testing.T, address, role, database string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	if role != "" {
		u.User = url.UserPassword(role, "s3cret")
	}
	if database != "" {
		u.Path = "/" + database
	}
	return u.String()
}

// D-12: the embedded server is used when no address is given, and keeps what was written.
func TestOpenEmbedded(t *testing.T) {
	t.Parallel()
	data := tempDir(t)
	d, err := db.Open(t.Context(), db.Config{Data: data, Logger: quiet()})
	require.NoError(t, err)
	require.NotNil(t, d.Server())
	require.Equal(t, d.URL(), d.ReplicationURL())
	_, err = d.Bun.ExecContext(t.Context(), "CREATE TABLE kept AS SELECT 'Æ'::text AS name")
	require.NoError(t, err)
	require.NoError(t, d.Close())

	d, err = db.Open(t.Context(), db.Config{Data: data, Logger: quiet()})
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	var name string
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT name FROM kept").Scan(&name))
	require.Equal(t, "Æ", name)
	require.DirExists(t, filepath.Join(data, "postgres", "data"))
}

// Settings, extensions and rights that are missing: all are named at once, each with its mend.
func TestUnfitServer(t *testing.T) {
	t.Parallel()
	p := start(t, tempDir(t), map[string]string{"fsync": "off", "wal_level": "replica", "max_replication_slots": "0"})
	query(t, p.URL(), `CREATE ROLE "weak one" LOGIN`)
	query(t, p.URL(), "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

	err := openURL(t, p.URL())
	var unfit *db.UnfitError
	require.ErrorAs(t, err, &unfit)
	require.Len(t, unfit.Problems, 2)
	require.ErrorContains(t, err, `"carnet" at `)
	require.ErrorContains(t, err, "wal_level is replica: as a superuser run `ALTER SYSTEM SET wal_level = 'logical'`")
	require.ErrorContains(t, err, "ALTER SYSTEM SET max_replication_slots = 10")

	err = openURL(t, with(t, p.URL(), "weak one", ""))
	require.ErrorAs(t, err, &unfit)
	require.ErrorContains(t, err, "GRANT CREATE ON DATABASE \"carnet\" TO \"weak one\"")
	require.ErrorContains(t, err, "GRANT CREATE ON SCHEMA public TO \"weak one\"")
	require.ErrorContains(t, err, "ALTER ROLE \"weak one\" REPLICATION")
	require.ErrorContains(t, err, "CREATE EXTENSION pg_trgm")
	require.ErrorContains(t, err, "CREATE EXTENSION btree_gin")
	require.NotContains(t, err.Error(), "s3cret")

	require.ErrorContains(t, openURL(t, with(t, p.URL(), "", "latin")), "encoding is LATIN1")
	require.ErrorContains(t, openURL(t, with(t, p.URL(), "", "absent")), "CREATE DATABASE \"absent\"")
	err = openURL(t, with(t, p.URL(), "stranger", ""))
	require.ErrorContains(t, err, "check the role and the password")
	require.NotContains(t, err.Error(), "s3cret")
}

// An ordinary role with the rights that Check asks for is enough.
func TestFitWithoutSuperuser(t *testing.T) {
	t.Parallel()
	p := start(t, tempDir(t), map[string]string{"fsync": "off"})
	query(t, p.URL(), "CREATE ROLE app LOGIN REPLICATION; GRANT CREATE ON DATABASE carnet TO app; GRANT CREATE ON SCHEMA public TO app")
	require.NoError(t, openURL(t, with(t, p.URL(), "app", "")))
}

// The change feed must lead to the same database.
func TestReplicationElsewhere(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	err := db.Check(t.Context(), d.URL(), with(t, d.URL(), "", "postgres"))
	require.ErrorContains(t, err, "CARNET_DATABASE_REPLICATION_URL leads to another database")
	err = db.Check(t.Context(), d.URL(), with(t, d.URL(), "", "absent"))
	require.ErrorContains(t, err, "the change feed cannot connect")
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())

	err = openURL(t, "postgres://carnet:s3cret@"+address+"/book")
	require.ErrorContains(t, err, `"book" at `+address)
	require.ErrorContains(t, err, "CARNET_DATABASE_URL")
	require.NotContains(t, err.Error(), "s3cret")

	err = openURL(t, "postgres://carnet:s3cret@127.0.0.1:port/book")
	require.ErrorContains(t, err, "database address")
	require.NotContains(t, err.Error(), "s3cret")
}

// A server that says it is version 14 is refused with the mend, and asked nothing more.
func TestOldServer(t *testing.T) {
	t.Parallel()
	address := oldServer(t)
	err := openURL(t, "postgres://carnet@"+address+"/book?sslmode=disable&default_query_exec_mode=simple_protocol")
	require.ErrorContains(t, err, "it is PostgreSQL 14 and carnet needs 15 or newer")
	require.ErrorContains(t, err, "pg_upgrade")
}

// oldServer answers one client's first query as version 14 would.
func oldServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return // the test ended
		}
		defer conn.Close() //nolint:errcheck // the client has what it wanted
		backend := pgproto3.NewBackend(conn, conn)
		if _, err := backend.ReceiveStartupMessage(); err != nil {
			return
		}
		backend.Send(&pgproto3.AuthenticationOk{})
		backend.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
		backend.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if backend.Flush() != nil {
			return
		}
		if _, err := backend.Receive(); err != nil {
			return
		}
		const int4, boolean, text = 23, 16, 25
		fields := make([]pgproto3.FieldDescription, 4)
		for i, oid := range []uint32{int4, boolean, text, text} {
			fields[i] = pgproto3.FieldDescription{Name: []byte(strconv.Itoa(i)), DataTypeOID: oid, DataTypeSize: -1, TypeModifier: -1}
		}
		backend.Send(&pgproto3.RowDescription{Fields: fields})
		backend.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("140011"), []byte("f"), []byte("book"), []byte("carnet")}})
		backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		_ = backend.Flush() // a client that left is noticed by the test
	}()
	return listener.Addr().String()
}
