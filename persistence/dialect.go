package persistence

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

// dialect is what the two databases say or do differently.
type dialect struct {
	name  string // also the directory of its migrations
	goose goose.Dialect

	// connect opens a pool for the migrations, and tells in clear words why it cannot.
	connect func(context.Context, Config) (*sql.DB, error)
	// alone keeps other processes from migrating at the same time.
	alone func(context.Context, *sql.DB) (release func(), err error)
	// open makes the pools for queries and for small writes; they may be the same.
	open func(context.Context, Config) (read, write *sqlx.DB, err error)
	// committer makes what commits batches.
	committer func(ctx context.Context, cfg Config, write *sqlx.DB) (committer, error)

	// serialize begins a transaction that must not run beside another of its kind.
	serialize string
	// prune deletes events: before, at most so many.
	prune string
	// backup writes a copy into a file while the server works.
	backup func(ctx context.Context, read *sqlx.DB, file string) error
}

func init() {
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
}
