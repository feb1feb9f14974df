package db

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const connectPatience = 15 * time.Second

// requiredExtensions are what the schema's indexes need; both come with PostgreSQL's contrib.
var requiredExtensions = []string{"pg_trgm", "btree_gin"}

// UnfitError says why Carnet cannot run on a server. Each problem names its mend.
type UnfitError struct {
	Server   string // host, port and database, without credentials
	Problems []string
}

// Error lists the problems, one a line.
func (e *UnfitError) Error() string {
	return fmt.Sprintf("the PostgreSQL database %s is not fit for carnet:\n  - %s", e.Server, strings.Join(e.Problems, "\n  - "))
}

// Check verifies that the database at url can hold Carnet and that the change feed can be read at
// replicationURL. It changes nothing. What is unfit comes as an *UnfitError with every problem at
// once; a server that cannot be reached is an error that names it, never with the password.
func Check(ctx context.Context, url, replicationURL string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, connectPatience, fmt.Errorf("no answer within %s", connectPatience))
	defer cancel()
	pool, err := poolConfig(url)
	if err != nil {
		return err
	}
	cfg := pool.ConnConfig
	server := serverName(&cfg.Config)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return unreachableError(server, cfg.Database, err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the connection is of no further use

	c := &check{conn: conn, unfit: UnfitError{Server: server}}
	// A server of the wrong kind is not asked more: its catalogue may be another. And a replication
	// connection would only repeat, less clearly, what is already known to be wrong.
	groups := [][]func(context.Context) error{
		{c.server},
		{c.encoding, c.rights, c.extensions, c.capacity},
		{func(ctx context.Context) error { return c.replication(ctx, replicationURL) }},
	}
	for _, group := range groups {
		for _, step := range group {
			if err := step(ctx); err != nil {
				return fmt.Errorf("check the PostgreSQL database %s: %w", server, err)
			}
		}
		if len(c.unfit.Problems) > 0 {
			return &c.unfit
		}
	}
	return nil
}

// check gathers the problems of one server.
type check struct {
	conn     *pgx.Conn
	database string
	role     string
	unfit    UnfitError
}

func (c *check) problem(format string, args ...any) {
	c.unfit.Problems = append(c.unfit.Problems, fmt.Sprintf(format, args...))
}

// server checks the version and that this is no read replica.
func (c *check) server(ctx context.Context) error {
	var version int
	var replica bool
	err := c.conn.QueryRow(ctx, `
		SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_database()::text, current_user::text`).
		Scan(&version, &replica, &c.database, &c.role)
	if err != nil {
		return err
	}
	if major := version / 10000; major < minMajor {
		c.problem("it is PostgreSQL %d and carnet needs %d or newer: upgrade the server (pg_upgrade), or leave CARNET_DATABASE_URL empty to use carnet's own", major, minMajor)
	}
	if replica {
		c.problem("it is a read replica: set CARNET_DATABASE_URL to the primary server")
	}
	return nil
}

// encoding checks that every text fits.
func (c *check) encoding(ctx context.Context) error {
	var encoding string
	err := c.conn.QueryRow(ctx, "SELECT pg_encoding_to_char(encoding)::text FROM pg_database WHERE datname = current_database()").Scan(&encoding)
	if err != nil {
		return err
	}
	if encoding != "UTF8" {
		c.problem("its encoding is %s: make another one with `CREATE DATABASE carnet ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0`", encoding)
	}
	return nil
}

// rights checks that the role may make the schema and the publication, and read the change feed.
func (c *check) rights(ctx context.Context) error {
	var createInDatabase, createInSchema, replicate bool
	// Managed services lend replication by membership of a role of theirs instead of the attribute.
	err := c.conn.QueryRow(ctx, `
		SELECT has_database_privilege(current_database(), 'CREATE'),
		       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
		       r.rolsuper OR r.rolreplication OR EXISTS (
		           SELECT FROM pg_roles g
		           WHERE g.rolname IN ('rds_replication', 'cloudsqlsuperuser', 'azure_pg_admin')
		             AND pg_has_role(current_user, g.oid, 'MEMBER'))
		FROM pg_roles r WHERE r.rolname = current_user`).
		Scan(&createInDatabase, &createInSchema, &replicate)
	if err != nil {
		return err
	}
	role := pgx.Identifier{c.role}.Sanitize()
	if !createInDatabase {
		c.problem("the role %s may not create in it: as a superuser run `GRANT CREATE ON DATABASE %s TO %s`", c.role, c.quoted(), role)
	}
	if !createInSchema {
		c.problem("the role %s may not create tables: as a superuser, in this database, run `GRANT CREATE ON SCHEMA public TO %s`", c.role, role)
	}
	if !replicate {
		c.problem("the role %s may not read the change feed: as a superuser run `ALTER ROLE %s REPLICATION`", c.role, role)
	}
	return nil
}

// extensions checks that each is there or can be made by this role.
func (c *check) extensions(ctx context.Context) error {
	for _, name := range requiredExtensions {
		var installed, available, creatable bool
		err := c.conn.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1),
			       EXISTS (SELECT FROM pg_available_extensions WHERE name = $1),
			       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
			       OR has_database_privilege(current_database(), 'CREATE') AND EXISTS (
			           SELECT FROM pg_available_extension_versions WHERE name = $1 AND trusted)`, name).
			Scan(&installed, &available, &creatable)
		switch {
		case err != nil:
			return err
		case installed:
		case !available:
			c.problem("the extension %s is not installed on the server: install PostgreSQL's contrib modules there (Debian: `apt install postgresql-contrib`)", name)
		case !creatable:
			c.problem("the extension %s is missing: as a superuser, in this database, run `CREATE EXTENSION %s`", name, name)
		}
	}
	return nil
}

// capacity checks that the change feed can be had: the WAL level, a free slot, a free sender.
func (c *check) capacity(ctx context.Context) error {
	var level string
	var slots, slotsUsed, senders, sendersUsed int
	err := c.conn.QueryRow(ctx, `
		SELECT current_setting('wal_level'),
		       current_setting('max_replication_slots')::int, (SELECT count(*) FROM pg_replication_slots),
		       current_setting('max_wal_senders')::int, (SELECT count(*) FROM pg_stat_replication)`).
		Scan(&level, &slots, &slotsUsed, &senders, &sendersUsed)
	if err != nil {
		return err
	}
	const restart = "then restart PostgreSQL"
	if level != "logical" {
		c.problem("wal_level is %s: as a superuser run `ALTER SYSTEM SET wal_level = 'logical'`, %s", level, restart)
	}
	if slotsUsed >= slots {
		c.problem("all %d replication slots are in use: as a superuser run `ALTER SYSTEM SET max_replication_slots = %d`, %s (or drop unused ones, see pg_replication_slots)",
			slots, max(10, 2*slots), restart)
	}
	if sendersUsed >= senders {
		c.problem("all %d WAL senders are in use: as a superuser run `ALTER SYSTEM SET max_wal_senders = %d`, %s",
			senders, max(10, 2*senders), restart)
	}
	return nil
}

// replication connects as the change feed will and checks that it is the same database.
func (c *check) replication(ctx context.Context, url string) error {
	cfg, err := replicationConfig(url)
	if err != nil {
		return fmt.Errorf("replication: %w", err)
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		c.problem("the change feed cannot connect to %s (%s): the server must accept role %s with replication=database; behind a pooler set CARNET_DATABASE_REPLICATION_URL to the server itself",
			serverName(cfg), plainReason(err), cfg.User)
		return nil
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the connection is of no further use
	results, err := conn.Exec(ctx, "IDENTIFY_SYSTEM").ReadAll()
	if err != nil {
		return fmt.Errorf("IDENTIFY_SYSTEM: %w", err)
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) < 4 {
		return errors.New("IDENTIFY_SYSTEM gave an unexpected answer")
	}
	system, database := string(results[0].Rows[0][0]), string(results[0].Rows[0][3])
	var here string
	if err := c.conn.QueryRow(ctx, "SELECT system_identifier::text FROM pg_control_system()").Scan(&here); err != nil {
		here = system // some managed services hide it; then only the names are compared
	}
	if system != here || database != c.database {
		c.problem("CARNET_DATABASE_REPLICATION_URL leads to another database (%s): it must be the one of CARNET_DATABASE_URL", serverName(cfg))
	}
	return nil
}

func (c *check) quoted() string { return pgx.Identifier{c.database}.Sanitize() }

// serverName names a database for people: host, port and name, no credentials.
func serverName(cfg *pgconn.Config) string {
	host := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	if strings.HasPrefix(cfg.Host, "/") {
		host = cfg.Host
	}
	return fmt.Sprintf("%q at %s", cfg.Database, host)
}

// unreachableError explains a failed connection with its mend.
func unreachableError(server, database string, err error) error {
	var pg *pgconn.PgError
	mend := "check that PostgreSQL runs there and that CARNET_DATABASE_URL names it"
	if errors.As(err, &pg) {
		switch pg.Code {
		case "28P01", "28000":
			mend = "check the role and the password in CARNET_DATABASE_URL, and pg_hba.conf on the server"
		case "3D000":
			mend = fmt.Sprintf("create it with `CREATE DATABASE %s ENCODING 'UTF8' TEMPLATE template0`", pgx.Identifier{database}.Sanitize())
		case "53300":
			mend = "the server has no free connection: raise max_connections there, or end idle ones"
		}
	}
	return fmt.Errorf("cannot open the PostgreSQL database %s: %s: %w", server, mend, err)
}

// plainReason gives what the server said, or the last cause of a connection that failed.
func plainReason(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Message
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err.Error()
}
