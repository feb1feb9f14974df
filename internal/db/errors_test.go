package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
)

// Errors of a real server become what a caller can mend, by either pool, and never tell the cause.
func TestMapError(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	_, err := d.Bun.ExecContext(t.Context(), `
		CREATE TABLE parent (id int PRIMARY KEY);
		CREATE TABLE child (
			id     int PRIMARY KEY,
			parent int REFERENCES parent,
			name   varchar(5) NOT NULL DEFAULT 'x' CONSTRAINT child_name_check CHECK (name <> ''),
			small  smallint,
			doc    jsonb,
			key    uuid,
			day    date);
		INSERT INTO child (id) VALUES (1)`)
	require.NoError(t, err)

	cases := map[string]struct {
		statement  string
		code       fault.Code
		reason     string
		constraint string
	}{
		"taken":             {"INSERT INTO child (id) VALUES (1)", fault.Conflict, "TAKEN", "child_pkey"},
		"unknown reference": {"INSERT INTO child (id, parent) VALUES (2, 7)", fault.BadInput, "UNKNOWN_REFERENCE", "child_parent_fkey"},
		"check":             {"INSERT INTO child (id, name) VALUES (2, '')", fault.BadInput, "INVALID", "child_name_check"},
		"not null":          {"INSERT INTO child (id, name) VALUES (2, NULL)", fault.BadInput, "REQUIRED", ""},
		"too long":          {"INSERT INTO child (id, name) VALUES (2, 'longer')", fault.BadInput, "TOO_LONG", ""},
		"out of range":      {"INSERT INTO child (id, small) VALUES (2, 70000)", fault.BadInput, "OUT_OF_RANGE", ""},
		"bad bytes":         {"INSERT INTO child (id, name) VALUES (2, '\xff')", fault.BadInput, "INVALID_TEXT", ""},
		"nul in jsonb":      {`INSERT INTO child (id, doc) VALUES (2, '"\u0000"')`, fault.BadInput, "INVALID_TEXT", ""},
		"no uuid":           {"INSERT INTO child (id, key) VALUES (2, 'nonsense')", fault.BadInput, "INVALID", ""},
		"no date":           {"INSERT INTO child (id, day) VALUES (2, 'someday')", fault.BadInput, "INVALID", ""},
		"day out of range":  {"INSERT INTO child (id, day) VALUES (2, '2026-02-30')", fault.BadInput, "OUT_OF_RANGE", ""},
		"year out of range": {"SELECT '-1199-02-15 14:13:20+00:00'::timestamptz", fault.BadInput, "OUT_OF_RANGE", ""},
		"timeout":           {"SET statement_timeout = 1; SELECT pg_sleep(10)", fault.TooComplex, "", ""},
		"our mistake":       {"SELECT secret_column FROM child", fault.Internal, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, byBun := d.Bun.ExecContext(t.Context(), c.statement)
			_, byPool := d.Pool.Exec(t.Context(), c.statement)
			for _, err := range []error{byBun, byPool} {
				require.Error(t, err)
				mapped := db.MapError(err, "save a child")
				var known *fault.Error
				require.ErrorAs(t, mapped, &known)
				require.Equal(t, c.code, known.Code, err)
				require.Equal(t, c.reason, known.Reason, err)
				require.Equal(t, c.constraint, db.ConstraintName(mapped))
				require.NotContains(t, known.Message, "child", "the message is for people")
				require.NotContains(t, known.Message, "secret_column")
				require.ErrorContains(t, mapped, "save a child", "the log knows what was being done")
				require.ErrorIs(t, mapped, err)
			}
		})
	}
}

func TestMapErrorOfOtherKinds(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	require.NoError(t, db.MapError(nil, "x"))

	taken := fault.Invalid("TAKEN", []string{"email"}, "taken")
	require.ErrorIs(t, db.MapError(taken, "x"), taken, "a fault stays what it is")
	require.Equal(t, fault.Internal, fault.CodeOf(db.MapError(io.ErrUnexpectedEOF, "x")))
	require.Empty(t, db.ConstraintName(io.EOF))

	var one int
	byBun := d.Bun.NewSelect().ColumnExpr("1").Where("false").Scan(t.Context(), &one)
	byPool := d.Pool.QueryRow(t.Context(), "SELECT 1 WHERE false").Scan(&one)
	for _, err := range []error{byBun, byPool} {
		require.True(t, db.NoRows(err))
		require.Equal(t, fault.NotFound, fault.CodeOf(db.MapError(err, "x")))
		require.ErrorContains(t, db.Missing(err, "contact", "x"), "no contact with this id")
	}
	require.Equal(t, fault.Internal, fault.CodeOf(db.Missing(io.EOF, "contact", "x")))

	// Text with NUL is the caller's mistake, by either pool and in a transaction.
	_, byBun = d.Bun.NewRaw("SELECT ?", "a\x00b").Exec(t.Context())
	require.Equal(t, fault.BadInput, fault.CodeOf(db.MapError(byBun, "x")), byBun)
	inTx := d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("SELECT ?", "a\x00b").Exec(ctx)
		return err
	})
	require.Equal(t, fault.BadInput, fault.CodeOf(inTx), inTx)
	_, byPool = d.Pool.Exec(t.Context(), "SELECT $1::text", "a\x00b")
	require.Equal(t, fault.BadInput, fault.CodeOf(db.MapError(byPool, "x")), byPool)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Pool.Exec(cancelled, "SELECT 1")
	require.ErrorIs(t, db.MapError(err, "x"), context.Canceled)
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = d.Bun.ExecContext(late, "SELECT pg_sleep(10)")
	require.Equal(t, fault.Internal, fault.CodeOf(db.MapError(err, "x")), err)

	_, err = pgx.Connect(t.Context(), "postgres://x@127.0.0.1:1/x")
	require.ErrorContains(t, db.MapError(err, "x"), "cannot be reached")
	broken := fmt.Errorf("write failed: %w", &net.OpError{Op: "write", Net: "unix", Err: syscall.EPIPE}) // as pgconn tells it
	require.ErrorContains(t, db.MapError(broken, "x"), "cannot be reached")
}

// Two transactions that lock each other out both succeed in the end.
func TestTxRetriesDeadlock(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	_, err := d.Bun.ExecContext(t.Context(), "CREATE TABLE seat (n int PRIMARY KEY, taken int); INSERT INTO seat VALUES (1, 0), (2, 0)")
	require.NoError(t, err)

	var attempts [2]int
	holds := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	done := make(chan error, 2)
	for me := range 2 {
		go func() {
			done <- d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				attempts[me]++
				const take = "UPDATE seat SET taken = taken + 1 WHERE n = ?"
				if _, err := tx.ExecContext(ctx, "SET LOCAL deadlock_timeout = '20ms'"); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, take, 1+me); err != nil {
					return err
				}
				if attempts[me] == 1 {
					close(holds[me])
				}
				<-holds[1-me] // the other has the seat that we want next
				_, err := tx.ExecContext(ctx, take, 2-me)
				return err
			})
		}()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.GreaterOrEqual(t, attempts[0]+attempts[1], 3, "one of them ran again")
	var taken int
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT sum(taken) FROM seat").Scan(&taken))
	require.Equal(t, 4, taken, "each attempt that failed left nothing")
}

func TestTxGivesUpAndKeepsErrors(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	attempts := 0
	err := d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		attempts++
		_, err := tx.ExecContext(ctx, "DO $$ BEGIN RAISE 'again' USING ERRCODE = '40001'; END $$")
		return err
	})
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	require.Equal(t, 5, attempts)

	// A fault of the function is returned as it is, and nothing of the transaction stays.
	mine := fault.Invalid("TOO_MANY", []string{"choices"}, "no more than 20 choices")
	err = d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE half ()"); err != nil {
			return err
		}
		return mine
	})
	list, mendable := fault.Mendable(err)
	require.True(t, mendable)
	require.Equal(t, fault.List{mine}, list)
	require.Zero(t, objects(t, d))

	// So are errors that appear only at the commit.
	_, err = d.Bun.ExecContext(t.Context(), "CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO late VALUES (1)")
	require.NoError(t, err)
	err = d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO late VALUES (1)")
		return err
	})
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	require.Equal(t, "late_n_key", db.ConstraintName(err))

	require.Panics(t, func() {
		_ = d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "CREATE TABLE half ()"); err != nil {
				return err
			}
			panic(errors.New("a bug"))
		})
	})
	var half *string
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT to_regclass('half')::text").Scan(&half))
	require.Nil(t, half, "a panic undoes the transaction")
}
