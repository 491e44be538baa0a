package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// loop keeps n workers busy for a while, each with one order at a time. submit returns how long its acknowledgement took.
func loop(ctx context.Context, n int, window time.Duration, submit func(worker int) (time.Duration, error)) (*cell, error) {
	all := make([][]time.Duration, n)
	began := time.Now()
	var g errgroup.Group
	for i := range n {
		g.Go(func() error {
			for time.Since(began) < window && ctx.Err() == nil {
				took, err := submit(i)
				if err != nil {
					return err
				}
				all[i] = append(all[i], took)
			}
			return nil
		})
	}
	err := errors.Join(g.Wait(), ctx.Err())
	c := &cell{span: time.Since(began), latencies: slices.Concat(all...)}
	slices.Sort(c.latencies)
	return c, err
}

// stage is one database with everything that takes turns on it.
type stage struct {
	bench  *bench
	store  store
	server *server
	crowd  crowd
	bare   *bare
}

// row is a line of the table: what was measured of one number of clients.
type row struct {
	store   string
	clients int

	product, accept, fill []*cell
}

// orders measures one database with each number of clients.
func (b *bench) orders(ctx context.Context, name string) (rows []*row, err error) {
	s, err := b.newStage(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, n := range b.Clients {
		r := &row{store: name, clients: n}
		if err := s.round(ctx, &row{clients: n}, b.Window/2); err != nil { // to warm up
			return nil, err
		}
		stopProfile := s.profile(ctx, fmt.Sprintf("%s-%d.pprof", name, n))
		for i := range b.Rounds {
			if err := s.round(ctx, r, b.Window); err != nil {
				return nil, err
			}
			b.progress("%s, %d clients, round %d of %d: %.0f acks/s, %.2f of bare", name, n, i+1, b.Rounds,
				r.product[i].rate(), r.product[i].rate()/r.fill[i].rate())
		}
		if err := stopProfile(); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// round lets product and anchors take turns. The order changes, so that none always comes after the same other.
func (s *stage) round(ctx context.Context, r *row, window time.Duration) error {
	turns := []struct {
		measure func() (*cell, error)
		into    *[]*cell
	}{
		{func() (*cell, error) { return s.product(ctx, r.clients, window) }, &r.product},
		{func() (*cell, error) { return s.anchor(ctx, r.clients, window, true) }, &r.fill},
		{func() (*cell, error) { return s.anchor(ctx, r.clients, window, false) }, &r.accept},
	}
	first := len(r.product)
	for i := range turns {
		turn := turns[(first+i)%len(turns)]
		c, err := turn.measure()
		if err != nil {
			return err
		}
		*turn.into = append(*turn.into, c)
	}
	return nil
}

// product is one window of orders through the sockets, and the time until the exchange has filled all of them.
func (s *stage) product(ctx context.Context, n int, window time.Duration) (*cell, error) {
	server, database := spent(s.server.process.Process.Pid), s.store.spent()
	c, err := loop(ctx, n, window, func(i int) (time.Duration, error) { return s.crowd[i].submit() })
	if err != nil {
		return nil, errors.Join(err, fmt.Errorf("the server said: %s", s.server.stderr))
	}
	acknowledged := time.Now()
	for filled, submitted := s.crowd.filled(); filled < submitted; filled, submitted = s.crowd.filled() {
		if c.behind = time.Since(acknowledged); c.behind > patience {
			return nil, fmt.Errorf("%d of %d orders were not filled in %v", submitted-filled, submitted, patience)
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return nil, err
		}
	}
	c.cpu, c.database = spent(s.server.process.Process.Pid)-server, s.store.spent()-database
	return c, nil
}

// anchor is one window of the bare loop.
func (s *stage) anchor(ctx context.Context, n int, window time.Duration, fills bool) (*cell, error) {
	here, database := spentHere(), s.store.spent()
	c, err := loop(ctx, n, window, func(i int) (time.Duration, error) { return s.bare.submit(i, fills) })
	if err != nil {
		return nil, err
	}
	c.cpu, c.database = spentHere()-here, s.store.spent()-database
	return c, nil
}

func pause(ctx context.Context, span time.Duration) error {
	select {
	case <-time.After(span):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// profile takes a CPU profile of the server over all rounds, if one is wanted: in it are also the times in which the
// server waits for its turn.
func (s *stage) profile(ctx context.Context, name string) (stop func() error) {
	if s.bench.Profile == "" {
		return func() error { return nil }
	}
	seconds := max(1, int((3 * s.bench.Window * time.Duration(s.bench.Rounds)).Seconds()))
	var g errgroup.Group
	g.Go(func() error {
		return s.server.save(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds), filepath.Join(s.bench.Profile, name))
	})
	return g.Wait
}
