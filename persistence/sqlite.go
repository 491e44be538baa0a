package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	modernc "modernc.org/sqlite" // also the driver "sqlite"
)

var sqlite = dialect{
	name:  "sqlite",
	goose: goose.DialectSQLite3,

	connect: func(ctx context.Context, cfg Config) (*sql.DB, error) {
		db, err := openSQLite(ctx, cfg.URL, 1)
		if err != nil {
			return nil, err
		}
		return db.DB, nil
	},
	// SQLite has no lock over processes that outlives a transaction; each migration is a transaction that has the
	// writer's lock from the start, and migrate looks again when it fails.
	alone: func(context.Context, *sql.DB) (func(), error) { return func() {}, nil },

	open: func(ctx context.Context, cfg Config) (read, write *sqlx.DB, err error) {
		if read, err = openSQLite(ctx, cfg.URL, sqliteReaders); err != nil {
			return nil, nil, err
		}
		if write, err = openSQLite(ctx, cfg.URL, 1); err != nil {
			return nil, nil, errors.Join(err, read.Close())
		}
		return read, write, nil
	},
	committer: newSQLiteCommitter,

	serialize: `SELECT 1`,
	prune:     `DELETE FROM event WHERE at < ? AND rowid IN (SELECT rowid FROM event ORDER BY rowid LIMIT ?)`,
	backup:    backupSQLite,
}

const (
	// One connection writes: whoever has to wait for it waits in the queue of its pool, in order. The others read what
	// was committed last, and wait for nobody.
	sqliteReaders = 4

	// Every commit is on the disk before it is answered. Another process (a command beside the server) that holds the
	// writer's lock is waited for.
	sqliteSettings = "_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)"
)

func openSQLite(ctx context.Context, address string, connections int) (*sqlx.DB, error) {
	file := strings.TrimPrefix(address, "sqlite:")
	file = strings.TrimPrefix(file, "//") // sqlite:///var/lib/vakhta.db is meant as it looks
	if err := touch(file); err != nil {
		return nil, err
	}
	db, err := sqlx.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+sqliteSettings)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := answer(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database file %s: %w", file, err), db.Close())
	}
	return db, nil
}

// answer makes the first connection. Where another process is making the same new file, the switch to WAL fails at
// once, whatever the busy_timeout: it is repeated.
func answer(ctx context.Context, db *sqlx.DB) error {
	const busy, pause, tries = 5, 50 * time.Millisecond, 200
	for n := 1; ; n++ {
		err := db.PingContext(ctx)
		var locked *modernc.Error
		if !errors.As(err, &locked) || locked.Code()&0xff != busy || n == tries {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// touch makes the file for its owner only, or finds out in plain words why it cannot be written. One that is there it does
// not open: to close any descriptor of a file ends all locks that the process has on it (POSIX, fcntl), also those of
// SQLite's connections, and then the next program that looks into the database removes the log under them.
func touch(file string) error {
	const next = "name a file in a directory that vakhta may write, as in sqlite:var/vakhta.db"
	if file == "" || strings.Contains(file, ":memory:") {
		return fmt.Errorf("the database URL sqlite:%s names no file: %s", file, next)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, fs.ErrExist):
		err = syscall.Access(file, mayWrite)
		if info, err1 := os.Stat(file); err1 == nil && info.IsDir() {
			err = syscall.EISDIR
		}
	}
	if err != nil {
		return fmt.Errorf("the database file cannot be written: %w: %s", err, next)
	}
	return nil
}

const mayWrite = 2 // W_OK of access(2)
