package persistence

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Config says which journal to open.
type Config struct {
	URL      string   // "sqlite:FILE" or "postgres://user@host/database?sslmode=…"
	Password string   // of the PostgreSQL user; empty: as the URL has it
	Keys     *Keyring // master keys

	// Committers is how many batches PostgreSQL may commit at once; 0: 2. SQLite has one writer.
	Committers int

	// AsItIs opens a database to look at it: one that is not of this program's version is refused instead of migrated, and
	// no key is noted.
	AsItIs bool
}

// Journal keeps what was decided. All methods may be called from many goroutines.
type Journal struct {
	dialect dialect
	keys    *Keyring
	read    *sqlx.DB // for queries
	write   *sqlx.DB // for everything small that is written; in SQLite the one connection that writes
	batches committer
	heads   *heads // that the notary has not put on record yet
}

// committer writes a packed batch: sorted by client, each client once. It settles every change of it.
type committer interface {
	commit(ctx context.Context, batch []*packed)
	close() error
}

// Open connects, migrates the database under a lock (unless it is to stay as it is) and checks that the master keys are those that it was made with.
func Open(ctx context.Context, cfg Config) (*Journal, error) {
	if cfg.Keys == nil || len(cfg.Keys.keys) == 0 {
		return nil, errors.New("the journal needs a master key: name the file with --master-key-file")
	}
	d, err := dialectOf(cfg.URL)
	if err != nil {
		return nil, err
	}
	if err := d.migrate(ctx, cfg); err != nil {
		return nil, err
	}
	read, write, err := d.open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	j := &Journal{dialect: d, keys: cfg.Keys, read: read, write: write, heads: newHeads()}
	if err := j.prepare(ctx, cfg.AsItIs); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if j.batches, err = d.committer(ctx, cfg, write); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func (j *Journal) prepare(ctx context.Context, asItIs bool) error {
	if asItIs {
		return j.checkMasterKeys(ctx, j.read)
	}
	if err := j.noteMasterKeys(ctx); err != nil {
		return err
	}
	return j.foldNames(ctx)
}

// Close ends the connections. A commit that is under way is finished first by database/sql.
func (j *Journal) Close() error {
	var err error
	if j.batches != nil {
		err = j.batches.close()
	}
	if j.write != j.read {
		err = errors.Join(err, j.write.Close())
	}
	return errors.Join(err, j.read.Close())
}

// Ping tells whether the database answers.
func (j *Journal) Ping(ctx context.Context) error {
	var one int
	return j.read.GetContext(ctx, &one, `SELECT 1`)
}

// dialectOf chooses by the scheme. It repeats nothing of the URL, which may hold a password.
func dialectOf(url string) (dialect, error) {
	switch scheme, _, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		return sqlite, nil
	case "postgres", "postgresql":
		return postgres, nil
	default:
		return dialect{}, errors.New("the database URL is none that is known: give sqlite:FILE or postgres://user@host/database?sslmode=…")
	}
}

// NextIDs reserves n ids that were never given out before; first is the first of them. They are below 2^53.
func (j *Journal) NextIDs(ctx context.Context, n int64) (first int64, err error) {
	const limit = 1 << 53
	if n < 1 || n >= limit {
		return 0, fmt.Errorf("a block of %d ids: ask for at least one", n)
	}
	err = j.write.GetContext(ctx, &first, j.write.Rebind(
		`UPDATE id_block SET next = next + ? WHERE one = 1 AND next + ? < ? RETURNING next - ?`), n, n, int64(limit), n)
	if err != nil {
		return 0, fmt.Errorf("reserve ids: %w", err)
	}
	return first, nil
}

// in is a transaction of the writing pool. In SQLite it has the writer's lock from the start.
func (j *Journal) in(ctx context.Context, do func(*sqlx.Tx) error) error {
	tx, err := j.write.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // the first error tells more
		return err
	}
	return tx.Commit()
}
