package persistence

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jmoiron/sqlx"
)

// Backup writes a copy of the database into a new file while the server works. Only its owner may read it. The master
// keys are not in it.
func (j *Journal) Backup(ctx context.Context, file string) error {
	return j.dialect.backup(ctx, j.read, file)
}

func backupSQLite(ctx context.Context, read *sqlx.DB, file string) error {
	// SQLite writes into an empty file; made here it replaces nothing and is nobody else's to read.
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w: name a file that does not exist yet, in a directory that vakhta may write", err)
	}
	defer f.Close()
	_, err = read.ExecContext(ctx, `VACUUM INTO ?`, file)
	if err := errors.Join(err, f.Sync()); err != nil {
		_ = os.Remove(file) // half a backup is worse than none
		return fmt.Errorf("backup into %s: %w", file, err)
	}
	return nil
}

func backupPostgres(context.Context, *sqlx.DB, string) error {
	return errors.New("a PostgreSQL database is backed up with its own tools: pg_dump --format=custom --file=vakhta.dump")
}
