package persistence

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the tables to the form that this program knows. A database that knows more is left alone.
func (d dialect) migrate(ctx context.Context, cfg Config) error {
	db, err := d.connect(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	dir, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(d.goose, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if cfg.AsItIs {
		return isMigrated(ctx, db, provider)
	}
	release, err := d.alone(ctx, db)
	if err != nil {
		return fmt.Errorf("lock the database to migrate it: %w", err)
	}
	defer release()
	has, knows, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the version of the database: %w", err)
	case has > knows:
		return errNewer(has, knows)
	case has == knows:
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		// Somebody else may have been faster where there is no lock over processes.
		if now, _, again := provider.GetVersions(ctx); again == nil && now == knows {
			return nil
		}
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

func errNewer(has, knows int64) error {
	return fmt.Errorf("the database was migrated by a newer vakhta (it has version %d, this program knows %d): "+
		"start that one, or restore the backup from before the upgrade", has, knows)
}

// isMigrated only looks: goose itself would make its table where there is none.
func isMigrated(ctx context.Context, db *sql.DB, provider *goose.Provider) error {
	sources := provider.ListSources()
	has, knows := int64(0), sources[len(sources)-1].Version
	err := db.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM `+goose.DefaultTablename).Scan(&has)
	switch {
	case err != nil:
		return fmt.Errorf("this is no database that «vakhta serve» has prepared: correct --database-url: %w", err)
	case has > knows:
		return errNewer(has, knows)
	case has < knows:
		return fmt.Errorf("the database is that of an older vakhta (it has version %d, this program knows %d), and this command leaves it as "+
			"it is: take the older vakhta, or have «vakhta serve» migrate it first", has, knows)
	}
	return nil
}
