package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"
)

// migrationLock is the advisory lock, per database, that serialises processes which migrate.
const migrationLock = 0x6361726e6574 // "carnet"

// Migrate applies the migrations of files that the database does not have yet, in the order of
// their numbers, each in a transaction of its own that also notes it as applied: a migration is
// either wholly there or not at all. Processes that start together take turns. A database that a
// newer program migrated is refused.
func (d *DB) Migrate(ctx context.Context, files fs.FS) error {
	return d.migrating(ctx, files, func(m *migrations) error {
		for {
			pending, err := m.pending(ctx)
			if err != nil {
				return err
			}
			if len(pending) == 0 {
				return nil
			}
			next := pending[0]
			if next.Up == nil {
				return fmt.Errorf("migration %s has no .up.sql", next)
			}
			// bun runs all it knows of in one go: it is shown the migrations up to the next one.
			err = m.inTransaction(ctx, m.upTo(next.Name), func(one *migrate.Migrator) error {
				_, err := one.Migrate(ctx)
				return err
			})
			if err != nil {
				return fmt.Errorf("migration %s: %w", next, err)
			}
			d.log.Info("migrated", "migration", next.String())
		}
	})
}

// Rollback undoes every migration, the last first, each in a transaction of its own, and removes
// the notes about them: the database is empty again. It deletes all data.
func (d *DB) Rollback(ctx context.Context, files fs.FS) error {
	return d.migrating(ctx, files, func(m *migrations) error {
		for {
			status, err := m.all.MigrationsWithStatus(ctx)
			if err != nil {
				return err
			}
			applied := status.Applied()
			if len(applied) == 0 {
				return m.forget(ctx)
			}
			last := applied[0]
			if last.Down == nil {
				return fmt.Errorf("migration %s has no .down.sql", last)
			}
			err = m.inTransaction(ctx, m.all, func(all *migrate.Migrator) error {
				_, err := all.Rollback(ctx) // one group, which is one migration
				return err
			})
			if err != nil {
				return fmt.Errorf("roll back migration %s: %w", last, err)
			}
			d.log.Info("rolled back", "migration", last.String())
		}
	})
}

// Pending counts the migrations of files that the database does not have yet. It changes nothing.
func (d *DB) Pending(ctx context.Context, files fs.FS) (int, error) {
	found := migrate.NewMigrations()
	if err := found.Discover(files); err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	var noted bool
	if err := d.Bun.QueryRowContext(ctx, "SELECT to_regclass('bun_migrations') IS NOT NULL").Scan(&noted); err != nil {
		return 0, MapError(err, "look for the migrations")
	}
	if !noted {
		return len(found.Sorted()), nil
	}
	status, err := migrate.NewMigrator(d.Bun, found).MigrationsWithStatus(ctx)
	if err != nil {
		return 0, MapError(err, "read the migrations")
	}
	return len(status.Unapplied()), nil
}

// migrations is bun's migrator bound to one connection that holds the lock.
type migrations struct {
	db     *bun.DB
	sorted migrate.MigrationSlice
	all    *migrate.Migrator
}

// migrating runs fn with the lock held. The lock belongs to the connection: should the program die,
// PostgreSQL drops it.
func (d *DB) migrating(ctx context.Context, files fs.FS, fn func(*migrations) error) (err error) {
	found := migrate.NewMigrations()
	if err := found.Discover(files); err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	cfg, err := poolConfig(d.url)
	if err != nil {
		return err
	}
	single := sql.OpenDB(pinnedConnector{stdlib.GetConnector(*cfg.ConnConfig)})
	single.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, single.Close()) }()

	m := &migrations{db: bun.NewDB(single, pgdialect.New()), sorted: found.Sorted()}
	m.all = migrate.NewMigrator(m.db, found)
	// A long migration is no reason to stop it, whatever the role's settings are.
	setup := fmt.Sprintf("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(%d)", int64(migrationLock))
	if _, err := single.ExecContext(ctx, setup); err != nil {
		return fmt.Errorf("take the migration lock: %w", err)
	}
	if err := m.all.Init(ctx); err != nil {
		return fmt.Errorf("prepare the notes about migrations: %w", err)
	}
	missing, err := m.all.MissingMigrations(ctx)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if len(missing) > 0 {
		names := make([]string, len(missing))
		for i, one := range missing {
			names[i] = one.Name
		}
		return fmt.Errorf("the database was migrated by a newer carnet (it has %s): run that version or a newer one", strings.Join(names, ", "))
	}
	return fn(m)
}

// pending gives what is not applied, in order.
func (m *migrations) pending(ctx context.Context) (migrate.MigrationSlice, error) {
	status, err := m.all.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return status.Unapplied(), nil
}

// upTo gives a migrator that knows the migrations up to and with name.
func (m *migrations) upTo(name string) *migrate.Migrator {
	some := migrate.NewMigrations()
	for _, one := range m.sorted {
		some.Add(one)
		if one.Name == name {
			break
		}
	}
	return migrate.NewMigrator(m.db, some)
}

// inTransaction runs a step of the migrator in one transaction: all its statements travel on the
// one connection there is, between our BEGIN and COMMIT.
func (m *migrations) inTransaction(ctx context.Context, migrator *migrate.Migrator, step func(*migrate.Migrator) error) error {
	if _, err := m.db.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	if err := step(migrator); err != nil {
		_, undo := m.db.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(err, undo)
	}
	_, err := m.db.ExecContext(ctx, "COMMIT")
	return err
}

// forget removes bun's own tables.
func (m *migrations) forget(ctx context.Context) error {
	_, err := m.db.ExecContext(ctx, "DROP TABLE bun_migrations, bun_migration_locks")
	return err
}

// pinnedConnector makes connections that may be handed back to database/sql within a transaction:
// migrator and transaction share the only connection. pgx would close it as left behind.
type pinnedConnector struct{ driver.Connector }

func (c pinnedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return pinnedConn{conn.(*stdlib.Conn)}, nil // what pgx's connector always makes
}

type pinnedConn struct{ *stdlib.Conn }

// ResetSession keeps the connection as it is.
func (pinnedConn) ResetSession(context.Context) error { return nil }
