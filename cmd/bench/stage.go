package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// store is a kind of database. The product and the anchors each have one of their own, in the same place.
type store interface {
	// create makes an empty database and returns its URL, as vakhta takes it.
	create(ctx context.Context, name string) (url string, err error)
	// open is for looking into a database.
	open(url string) (*sql.DB, error)
	// committer writes the product's rows for an order, plain one row only.
	committer(ctx context.Context, url string, r rows) (committer, error)
	plain(ctx context.Context, url, row string) (committer, error)
	// writers is how many batches may be on their way at once, as in the product.
	writers() int
	// spent is the CPU time of the database's own processes.
	spent() time.Duration
	close() error
}

// newStore starts what has to be started.
func newStore(ctx context.Context, name, dir string) (store, error) {
	if name == "postgres" {
		return startPostgres(ctx, dir)
	}
	return sqliteStore{dir}, nil
}

// storeOf is for an anchor, which has the URL of a database that is there.
func storeOf(name string) (store, error) {
	switch name {
	case "postgres":
		return &postgresStore{}, nil
	case "sqlite":
		return sqliteStore{}, nil
	default:
		return nil, fmt.Errorf("there is no store %q", name)
	}
}

// contender is a server with its clients.
type contender struct {
	name   string
	server *server
	crowd  crowd
}

// The product, and the anchors that take orders.
const (
	vakhta  = "vakhta"
	bare    = "bare loop"
	central = "centrifuge"
)

// stage is one database with everything that takes turns on it.
type stage struct {
	bench *bench
	store store
	turns []*contender
}

// newStage starts the product and the anchors, and lets everybody arrive.
func (b *bench) newStage(ctx context.Context, name string) (_ *stage, err error) {
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL, as another user, has its directory in it
		return nil, err
	}
	s := &stage{bench: b}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.store, err = newStore(ctx, name, dir); err != nil {
		return nil, err
	}
	n := slices.Max(b.Clients)
	if err := s.addProduct(ctx, dir, newCrowd(n)); err != nil {
		return nil, err
	}
	// The bare loop writes into the product's tables; centrifuge makes its own.
	imported, err := s.prepare(ctx, dir, "bare", newCrowd(n))
	if err != nil {
		return nil, err
	}
	if err := s.addAnchor(ctx, bare, "orders", name, imported.database, numbered(n, product{})); err != nil {
		return nil, err
	}
	empty, err := s.store.create(ctx, "centrifuge")
	if err != nil {
		return nil, err
	}
	return s, s.addAnchor(ctx, central, "centrifuge", name, empty, numbered(n, centrifugal{}))
}

func (s *stage) addProduct(ctx context.Context, dir string, all crowd) error {
	c, err := s.prepare(ctx, dir, "product", all)
	if err != nil {
		return err
	}
	server, err := s.bench.startProduct(ctx, c)
	if err != nil {
		return err
	}
	s.turns = append(s.turns, &contender{vakhta, server, all})
	s.bench.progress("%s: %d clients log in and open their sessions", filepath.Base(dir), len(all))
	if err := all.arrive(ctx, server); err != nil {
		return fmt.Errorf("%w; the server said: %s", err, server.stderr)
	}
	return nil
}

func (s *stage) addAnchor(ctx context.Context, name, kind, store, database string, all crowd) error {
	server, err := s.bench.startAnchor(ctx, kind, "-store", store, "-database", database)
	if err != nil {
		return err
	}
	s.turns = append(s.turns, &contender{name, server, all})
	return each(all, logins, func(c *client) error { return c.connect(ctx, server.address()) })
}

// prepare makes a database with the product's tables and all clients. It has a key of its own.
func (s *stage) prepare(ctx context.Context, dir, name string, all crowd) (credentials, error) {
	url, err := s.store.create(ctx, name)
	if err != nil {
		return credentials{}, err
	}
	dir = filepath.Join(dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return credentials{}, err
	}
	c, err := newCredentials(dir, url)
	if err != nil {
		return credentials{}, err
	}
	return c, all.importInto(ctx, s.bench.Vakhta, dir, c)
}

// numbered clients are those of an anchor, which knows them by their numbers and by nothing else.
func numbered(n int, speaks dialect) crowd {
	all := make(crowd, n)
	for i := range all {
		all[i] = &client{login: "number " + strconv.Itoa(i), sid: strconv.Itoa(i), speaks: speaks}
	}
	return all
}

func (s *stage) close() (err error) {
	for _, c := range s.turns {
		c.crowd.close()
		err = errors.Join(err, c.server.stop())
	}
	if s.store != nil {
		err = errors.Join(err, s.store.close())
	}
	return err
}
