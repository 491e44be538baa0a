package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
)

var postgres = dialect{
	name:  "postgres",
	goose: goose.DialectPostgres,

	connect: func(ctx context.Context, cfg Config) (*sql.DB, error) {
		db, err := openPostgres(cfg, 4, nil)
		if err != nil {
			return nil, err
		}
		if err := db.PingContext(ctx); err != nil {
			return nil, errors.Join(explain(err), db.Close())
		}
		return db.DB, nil
	},
	alone: alonePostgres,
	open: func(_ context.Context, cfg Config) (read, write *sqlx.DB, err error) {
		db, err := openPostgres(cfg, postgresConnections, url.Values{"binary_parameters": {"yes"}}) // one round trip less
		return db, db, err
	},
	committer: newPostgresCommitter,

	serialize: `SELECT pg_advisory_xact_lock(` + textsLock + `)`,
	prune:     `DELETE FROM event WHERE ctid = ANY (ARRAY(SELECT ctid FROM event WHERE at < ? LIMIT ?))`,
	backup:    backupPostgres,
}

const (
	// For everything but the commits, which have connections of their own.
	postgresConnections = 8
	defaultCommitters   = 2

	// Advisory locks: any two numbers that nobody else in the database takes.
	migrationLock = `8236401774001`
	textsLock     = `8236401774002`
)

func openPostgres(cfg Config, connections int, settings url.Values) (*sqlx.DB, error) {
	address, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("the database URL cannot be read: it has the form postgres://user@host:5432/database?sslmode=…, " +
			"with special characters written as %XX")
	}
	if cfg.Password != "" {
		address.User = url.UserPassword(address.User.Username(), cfg.Password)
	}
	query := address.Query()
	for _, d := range []struct{ name, value string }{
		{"sslmode", "require"}, {"connect_timeout", "10"}, {"application_name", "vakhta"},
	} {
		if !query.Has(d.name) {
			query.Set(d.name, d.value)
		}
	}
	maps.Copy(query, settings)
	address.RawQuery = query.Encode()
	connector, err := pq.NewConnector(address.String())
	if err != nil {
		return nil, fmt.Errorf("the database URL: %w", err)
	}
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// explain says what to do about a database that cannot be reached. Errors of the driver never hold the password.
func explain(err error) error {
	next := "check that PostgreSQL runs and that host and port of the database URL are right"
	var refused *pq.Error
	switch {
	case errors.Is(err, pq.ErrSSLNotSupported):
		next = "if the way to it is private, add sslmode=disable to the database URL"
	case errors.As(err, &refused):
		switch refused.Code.Class() {
		case "28":
			next = "check user and password"
		case "3D":
			next = "create the database, or correct its name in the database URL"
		case "53", "57":
			next = "wait until it accepts connections"
		default:
			next = "see the log of PostgreSQL"
		}
	}
	return fmt.Errorf("the database cannot be reached: %w: %s", err, next)
}

// alonePostgres takes a lock of the session, on a connection of its own.
func alonePostgres(ctx context.Context, db *sql.DB) (release func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(`+migrationLock+`)`); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+migrationLock+`)`)
		_ = conn.Close()
	}, nil
}
