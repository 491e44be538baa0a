package persistence

import (
	"context"
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
	release, err := d.alone(ctx, db)
	if err != nil {
		return fmt.Errorf("lock the database to migrate it: %w", err)
	}
	defer release()

	dir, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(d.goose, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	has, knows, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the version of the database: %w", err)
	case has > knows:
		return fmt.Errorf("the database was migrated by a newer vakhta (it has version %d, this program knows %d): "+
			"start that one, or restore the backup from before the upgrade", has, knows)
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
