package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// The servers that terminals come to.
const (
	handler = "coder in the handler"
	leanest = "coder lean"
)

// terminals is what came out for many terminals that trade nothing, on SQLite.
type terminals struct {
	count   int
	arrived weight // of the product, after logins and openings in one process, above what it had empty

	opening map[string][]float64 // CPU µs each, group by group
	hostile *hostile
	visits  map[string][]*visit
}

// visit is one process of a server: all terminals come, sit still, and come back after a storm.
type visit struct {
	empty, full weight
	storm       *storm // nil: not of interest
}

// storm is the cut of all connections, and their return.
type storm struct {
	cpu, took time.Duration // until the last has resumed
	failed    int64         // attempts
}

// terminals measures scenarios 1, 2, 5 and 7.
func (b *bench) terminals(ctx context.Context) (t *terminals, err error) {
	dir := filepath.Join(b.dir, "terminals")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	c, err := newCredentials(dir, "sqlite:"+filepath.Join(dir, "vakhta.db"))
	if err != nil {
		return nil, err
	}
	all := newCrowd(b.Terminals)
	if err := all.importInto(ctx, b.Vakhta, dir, c); err != nil {
		return nil, err
	}
	t = &terminals{count: b.Terminals, opening: map[string][]float64{}, visits: map[string][]*visit{}}
	if err := b.open(ctx, t, c, all); err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	kinds := []struct {
		name  string
		crowd crowd
		start func() (*server, error)
	}{
		{vakhta, all, func() (*server, error) { return b.startProduct(ctx, c) }},
		{handler, numbered(len(all), product{}), func() (*server, error) { return b.startAnchor(ctx, "coder") }},
		{leanest, numbered(len(all), product{}), func() (*server, error) { return b.startAnchor(ctx, "lean") }},
		{central, numbered(len(all), centrifugal{}), func() (*server, error) { return b.startAnchor(ctx, "centrifuge") }},
	}
	rounds := min(b.Rounds, mostVisits)
	for i := range rounds {
		for j := range kinds {
			k := kinds[(i+j)%len(kinds)]
			server, err := k.start()
			if err != nil {
				return nil, err
			}
			v, err := b.visit(ctx, k.name, &contender{k.name, server, k.crowd})
			if err = errors.Join(err, server.stop()); err != nil {
				return nil, fmt.Errorf("%s: %w", k.name, err)
			}
			t.visits[k.name] = append(t.visits[k.name], v)
			b.progress("%d terminals, round %d of %d: %s has %.0f B each", t.count, i+1, rounds, k.name, v.each(t.count, weight.resident))
		}
	}
	t.hostile, err = b.hostile(ctx, c, all)
	return t, err
}

// mostVisits are enough: memory is steady.
const mostVisits = 3

// How many come at the same time: when they open, and after a storm, where the kernel's queue has 4096 places.
const (
	inFlight = 64
	inStorm  = 1000
)

// open has everybody log in and ask for a passcode; then, measured, connect with the SID and open the session with the
// passcode. The anchors' terminals only connect. All take turns group by group.
func (b *bench) open(ctx context.Context, t *terminals, c credentials, all crowd) (err error) {
	connects := func(address string) func(*client) error {
		return func(x *client) error { return x.connect(ctx, address) }
	}
	lean, err := b.startAnchor(ctx, "lean")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lean.stop()) }()
	centrifuge, err := b.startAnchor(ctx, "centrifuge")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, centrifuge.stop()) }()
	p, err := b.startProduct(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		all.close()
		err = errors.Join(err, p.stop())
	}()
	empty, err := p.weigh(ctx)
	if err != nil {
		return err
	}
	b.progress("%d terminals log in and open their sessions", len(all))
	if err := each(all, logins, func(x *client) error { return x.logIn(ctx, p.url) }); err != nil {
		return err
	}
	opens := func(x *client) error {
		if err := x.connect(ctx, p.address()); err != nil {
			return err
		}
		return x.openSession()
	}
	for i, group := range slices.Collect(slices.Chunk(all, group)) {
		if err := group.askForCodes(ctx, p); err != nil {
			return err
		}
		turns := []opener{
			{contender{vakhta, p, group}, opens},
			{contender{leanest, lean, numbered(len(group), product{})}, connects(lean.address())},
			{contender{central, centrifuge, numbered(len(group), centrifugal{})}, connects(centrifuge.address())},
		}
		for j := range turns {
			o := turns[(i+j)%len(turns)]
			each, err := o.cpuEach(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w; the server said: %s", o.name, err, o.server.stderr)
			}
			t.opening[o.name] = append(t.opening[o.name], each)
		}
		for _, anchor := range turns[1:] {
			anchor.crowd.close()
		}
	}
	full, err := p.weigh(ctx)
	t.arrived = weight{rss: full.rss - empty.rss}
	if err == nil && b.Profile != "" {
		err = p.save(ctx, "/debug/pprof/heap", filepath.Join(b.Profile, "terminals.pprof"))
	}
	return err
}

// opener is a group of terminals that come to a server.
type opener struct {
	contender

	do func(*client) error
}

// cpuEach is what the server has used, in microseconds.
func (o *opener) cpuEach(ctx context.Context) (float64, error) {
	used := o.server.spent()
	if err := each(o.crowd, inFlight, o.do); err != nil {
		return 0, err
	}
	if err := pause(ctx, calm); err != nil {
		return 0, err
	}
	return float64((o.server.spent() - used).Nanoseconds()) / 1000 / float64(len(o.crowd)), nil
}

// calm is how long a server has for what it does behind its last answer.
const calm = 100 * time.Millisecond

func (b *bench) visit(ctx context.Context, name string, c *contender) (v *visit, err error) {
	defer c.crowd.close()
	arrive := func(x *client) error { return x.connect(ctx, c.server.address()) }
	if _, events := c.crowd[0].speaks.(product); events {
		arrive = func(x *client) error {
			if err := x.connect(ctx, c.server.address()); err != nil {
				return err
			}
			return x.resume()
		}
	}
	v = &visit{}
	if v.empty, err = c.server.weigh(ctx); err != nil {
		return nil, err
	}
	if err := each(c.crowd, inFlight, arrive); err != nil {
		return nil, fmt.Errorf("%w; the server said: %s", err, c.server.stderr)
	}
	if v.full, err = c.server.weigh(ctx); err != nil {
		return nil, err
	}
	if name == vakhta || name == leanest {
		v.storm, err = c.storm(ctx, arrive)
	}
	return v, err
}

// storm cuts all connections and has everybody come back at once. Who fails tries again.
func (c *contender) storm(ctx context.Context, arrive func(*client) error) (*storm, error) {
	const tries = 5
	began, used := time.Now(), c.server.spent()
	c.crowd.close()
	var failed atomic.Int64
	err := each(c.crowd, inStorm, func(x *client) (err error) {
		for range tries {
			if err = arrive(x); err == nil || ctx.Err() != nil {
				return err
			}
			failed.Add(1)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("storm: %w; the server said: %s", err, c.server.stderr)
	}
	took := time.Since(began)
	if err := pause(ctx, calm); err != nil {
		return nil, err
	}
	return &storm{c.server.spent() - used, took, failed.Load()}, nil
}

func (v *visit) each(n int, of func(weight) float64) float64 {
	return (of(v.full) - of(v.empty)) / float64(n)
}

func (t *terminals) each(name string, of func(weight) float64) (all []float64) {
	for _, v := range t.visits[name] {
		all = append(all, v.each(t.count, of))
	}
	return all
}

func (t *terminals) storms(name string, of func(*storm) float64) (all []float64) {
	for _, v := range t.visits[name] {
		all = append(all, of(v.storm))
	}
	return all
}

func (t *terminals) outcomes() []outcome {
	where := fmt.Sprintf("%d terminals", t.count)
	rss := func(name string) []float64 { return t.each(name, weight.resident) }
	cpu := func(s *storm) float64 { return s.cpu.Seconds() }
	took := func(s *storm) float64 { return s.took.Seconds() }
	return []outcome{
		{idleOfCoder, where, ratio(rss(vakhta), rss(handler))},
		{idleOfCentrifuge, where, ratio(rss(vakhta), rss(central))},
		{openOfLean, where, ratio(t.opening[vakhta], t.opening[leanest])},
		{openOfCentrifuge, where, ratio(t.opening[vakhta], t.opening[central])},
		{stormCPU, where, ratio(t.storms(vakhta, cpu), t.storms(leanest, cpu))},
		{stormTime, where, ratio(t.storms(vakhta, took), t.storms(leanest, took))},
		t.hostile.outcome(),
	}
}

func (t *terminals) print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "%d terminals that trade nothing (sqlite): memory each, CPU to open, and the return after a storm\n\n", t.count)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "\tRSS each\t(least–most)\tof it Go's\tlive heap\tstacks\tgoroutines\topen µs\t(least–most)\tstorm CPU\tstorm took\tfailed\t")
	for _, name := range []string{vakhta, handler, leanest, central} {
		rss := over(t.each(name, weight.resident))
		_, _ = fmt.Fprintf(w, "%s\t%.0f B\t(%.0f–%.0f)\t%.0f B\t%.0f B\t%.0f B\t%.2f\t", name, rss.median, rss.least, rss.most,
			over(t.each(name, func(x weight) float64 { return x.runtime })).median, over(t.each(name, func(x weight) float64 { return x.heap })).median,
			over(t.each(name, func(x weight) float64 { return x.stacks })).median, over(t.each(name, func(x weight) float64 { return x.goroutines })).median)
		if opening := t.opening[name]; len(opening) > 0 {
			o := over(opening)
			_, _ = fmt.Fprintf(w, "%.0f\t(%.0f–%.0f)\t", o.median, o.least, o.most)
		} else {
			_, _ = fmt.Fprint(w, "\t\t")
		}
		if t.visits[name][0].storm == nil {
			_, _ = fmt.Fprint(w, "\t\t\t\n")
			continue
		}
		_, _ = fmt.Fprintf(w, "%.2f s\t%.2f s\t%.0f\t\n", over(t.storms(name, func(s *storm) float64 { return s.cpu.Seconds() })).median,
			over(t.storms(name, func(s *storm) float64 { return s.took.Seconds() })).median,
			over(t.storms(name, func(s *storm) float64 { return float64(s.failed) })).most)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(out, "\n  RSS each: after garbage collection, %d rounds, each with fresh processes; the product's clients come back to their sessions.\n"+
		"  In the product's first process, behind all logins and openings, it was %.0f B each.\n"+
		"  of it Go's: with the room for garbage to come; what Go does not have is SQLite's.\n"+
		"  open: CPU of the server each, %d in flight; the product connects by SID, checks the passcode and commits the session;\n"+
		"  coder lean greets; centrifuge connects and subscribes. %d groups.\n"+
		"  storm: all connections are cut, %d at once connect, are greeted and ask for events since the last number.\n"+
		"  %v\n\n",
		len(t.visits[vakhta]), t.arrived.rss/float64(t.count), inFlight, len(t.opening[vakhta]), inStorm, t.hostile)
}
