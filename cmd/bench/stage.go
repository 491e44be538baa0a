package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// store is a kind of database. The product and the bare loop each have one of their own, in the same place.
type store interface {
	// create makes an empty database and returns its URL, as vakhta takes it.
	create(ctx context.Context, name string) (url string, err error)
	// open is for looking into a database.
	open(url string) (*sql.DB, error)
	// committer writes the bare loop's changes.
	committer(ctx context.Context, url string, f forms) (committer, error)
	// writers is how many batches may be on their way at once, as in the product.
	writers() int
	// spent is the CPU time of the database's own processes.
	spent() time.Duration
	close() error
}

func (b *bench) newStore(ctx context.Context, name, dir string) (store, error) {
	if name == "postgres" {
		return startPostgres(ctx, dir)
	}
	return sqliteStore{dir}, nil
}

// newStage imports the clients, starts the server, lets everybody arrive and makes the bare loop after the server's rows.
func (b *bench) newStage(ctx context.Context, name string) (_ *stage, err error) {
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL, as another user, has its directory in it
		return nil, err
	}
	s := &stage{bench: b, crowd: newCrowd(slices.Max(b.Clients))}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.store, err = b.newStore(ctx, name, dir); err != nil {
		return nil, err
	}
	product, err := s.prepare(ctx, dir, "product")
	if err != nil {
		return nil, err
	}
	if s.server, err = b.startServer(ctx, product); err != nil {
		return nil, err
	}
	b.progress("%s: %d clients log in and open their sessions", name, len(s.crowd))
	if err := s.crowd.arrive(ctx, s.server); err != nil {
		return nil, fmt.Errorf("%w; the server said: %s", err, s.server.stderr)
	}
	forms, err := s.forms(ctx, product.database)
	if err != nil {
		return nil, err
	}
	anchor, err := s.prepare(ctx, dir, "bare")
	if err != nil {
		return nil, err
	}
	s.bare, err = newBare(ctx, s.store, anchor.database, forms)
	return s, err
}

// prepare makes a database with the product's tables and all clients.
func (s *stage) prepare(ctx context.Context, dir, name string) (credentials, error) {
	url, err := s.store.create(ctx, name)
	if err != nil {
		return credentials{}, err
	}
	c, err := newCredentials(dir, url)
	if err != nil {
		return credentials{}, err
	}
	return c, s.crowd.importInto(ctx, s.bench.Vakhta, dir, c)
}

func (s *stage) close() (err error) {
	s.crowd.close()
	if s.server != nil {
		err = s.server.stop()
	}
	if s.bare != nil {
		err = errors.Join(err, s.bare.close())
	}
	if s.store != nil {
		err = errors.Join(err, s.store.close())
	}
	return err
}
