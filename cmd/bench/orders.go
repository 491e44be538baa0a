package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"
)

// load is a line of scenario 3: so many clients with one order each, or so many orders a second from all of them.
type load struct {
	clients int
	rate    int // 0: closed loop
}

func (l load) String() string {
	if l.rate > 0 {
		return fmt.Sprintf("%d/s", l.rate)
	}
	return fmt.Sprintf("%d clients", l.clients)
}

// measured is a load on a database: what came out for each of the contenders, round by round.
type measured struct {
	store string
	load  load
	cells map[string][]*cell
}

// orders measures one database under each load.
func (b *bench) orders(ctx context.Context, name string) (all []*measured, err error) {
	s, err := b.newStage(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var loads []load
	for _, n := range b.Clients {
		loads = append(loads, load{clients: n})
	}
	for _, rate := range b.Rates {
		loads = append(loads, load{clients: slices.Max(b.Clients), rate: rate})
	}
	for _, l := range loads {
		m := &measured{store: name, load: l, cells: map[string][]*cell{}}
		if err := s.round(ctx, &measured{load: l, cells: map[string][]*cell{}}, 0, b.Window/2); err != nil { // to warm up
			return nil, err
		}
		stopProfile := s.profile(ctx, fmt.Sprintf("%s-%d-%d.pprof", name, l.clients, l.rate))
		for i := range b.Rounds {
			if err := s.round(ctx, m, i, b.Window); err != nil {
				return nil, err
			}
			p, a := m.cells[vakhta][i], m.cells[bare][i]
			b.progress("%s, %v, round %d of %d: %.0f acks/s, p99 %.2f ms; the bare loop %.0f, %.2f", name, l, i+1, b.Rounds,
				p.rate(), p.p99(), a.rate(), a.p99())
		}
		if err := stopProfile(); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// round lets product and anchors take turns. The order changes, so that none always comes after the same other.
func (s *stage) round(ctx context.Context, m *measured, number int, window time.Duration) error {
	for i := range s.turns {
		c := s.turns[(number+i)%len(s.turns)]
		x, err := s.measure(ctx, c, m.load, window)
		if err != nil {
			return fmt.Errorf("%s under %v: %w; the server said: %s", c.name, m.load, err, c.server.stderr)
		}
		m.cells[c.name] = append(m.cells[c.name], x)
	}
	return nil
}

// measure is one window of orders, and the time until all of them are filled.
func (s *stage) measure(ctx context.Context, c *contender, l load, window time.Duration) (x *cell, err error) {
	server, loader, database := c.server.spent(), spentHere(), s.store.spent()
	if l.rate > 0 {
		x, err = openedLoop(ctx, c.crowd[:l.clients], l.rate, window)
	} else {
		x, err = closedLoop(ctx, c.crowd[:l.clients], window)
	}
	if err != nil {
		return nil, err
	}
	acknowledged := time.Now()
	for filled, submitted := c.crowd.filled(); filled < submitted; filled, submitted = c.crowd.filled() {
		if x.behind = time.Since(acknowledged); x.behind > patience {
			return nil, fmt.Errorf("%d of %d orders were not filled in %v", submitted-filled, submitted, patience)
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return nil, err
		}
	}
	x.cpu, x.loader, x.database = c.server.spent()-server, spentHere()-loader, s.store.spent()-database
	return x, nil
}

// profile takes a CPU profile of the product over all rounds, if one is wanted: in it are also the times in which the
// product waits for its turn.
func (s *stage) profile(ctx context.Context, name string) (stop func() error) {
	if s.bench.Profile == "" {
		return func() error { return nil }
	}
	seconds := max(1, int((3 * s.bench.Window * time.Duration(s.bench.Rounds)).Seconds()))
	var g errgroup.Group
	g.Go(func() error {
		return s.turns[0].server.save(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds), filepath.Join(s.bench.Profile, name))
	})
	return g.Wait
}

// manyClients fill batches of 64 and more; with fewer, a batch is at most as large as they are many.
const manyClients = 512

// outcomes compares what was measured with the targets.
func (m *measured) outcomes() (all []outcome) {
	where := fmt.Sprintf("%s, %v", m.store, m.load)
	add := func(t *target, anchor string, figure func(*cell) float64) {
		all = append(all, outcome{t, where, ratio(of(m.cells[vakhta], figure), of(m.cells[anchor], figure))})
	}
	if m.load.rate > 0 {
		add(p50OfBare, bare, (*cell).p50)
		add(p99OfBare, bare, (*cell).p99)
		if m.load.rate == 5000 {
			all = append(all, outcome{p99Alone, where, over(of(m.cells[vakhta], (*cell).p99))})
		}
		return all
	}
	if m.load.clients >= manyClients {
		add(rateOfBare, bare, (*cell).rate)
		add(rateOfCentrifuge, central, (*cell).rate)
	} else {
		add(fewOfBare, bare, (*cell).rate)
		add(fewOfCentrifuge, central, (*cell).rate)
	}
	switch {
	case m.store != "postgres":
	case m.load.clients >= manyClients:
		add(databaseLarge, bare, (*cell).databaseEach)
	default:
		add(databaseSmall, bare, (*cell).databaseEach)
	}
	return all
}

// printOrders shows medians over the rounds; behind a ratio its least and its greatest.
func printOrders(out io.Writer, all []*measured) {
	_, _ = fmt.Fprint(out, "Order → durable acknowledgement. N clients: closed loop, each has one order on its way;"+
		" N/s: open loop, latency from when it was to be sent\n\n")
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "\t\tacks/s\t(least–most)\tp50 ms\tp99 ms\tp99.9 ms\tCPU µs\tof loader's\tdatabase µs\tlast push\t")
	for _, m := range all {
		title := fmt.Sprintf("%s, %v", m.store, m.load)
		for _, name := range []string{vakhta, bare, central} {
			cells := m.cells[name]
			rate := over(of(cells, (*cell).rate))
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.0f\t(%.0f–%.0f)\t%.2f\t%.2f\t%.2f\t%.0f\t%.2f\t%.0f\t+%.0f ms\t\n",
				title, name, rate.median, rate.least, rate.most,
				median(cells, (*cell).p50), median(cells, (*cell).p99), median(cells, (*cell).p999), median(cells, (*cell).cpuEach),
				median(cells, (*cell).ofLoader), median(cells, (*cell).databaseEach),
				median(cells, func(c *cell) float64 { return 1000 * c.behind.Seconds() }))
			title = ""
		}
	}
	_ = w.Flush()
	_, _ = fmt.Fprint(out, "\n  CPU, database: time per order of the server, and of PostgreSQL's processes;"+
		" of loader's: the server's divided by the clients'.\n"+
		"  last push: how long after the last acknowledgement the last fill was pushed (centrifuge: the last publication).\n\n")
}
