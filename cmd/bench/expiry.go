package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// expiry is what came out of scenario 4: until the last of many terminals has been told that its session is closed.
type expiry struct {
	count         int
	product, bare []*ending
}

type ending struct{ took, cpu time.Duration }

// expiry has all sessions of the product end at one instant: the server is stopped while they run out, and goes on when
// all are due. The bare loop is told when to begin.
func (b *bench) expiry(ctx context.Context) (x *expiry, err error) {
	dir := filepath.Join(b.dir, "expiry")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	s := &stage{bench: b, store: sqliteStore{dir}}
	all := newCrowd(b.Terminals)
	credentials, err := s.prepare(ctx, dir, "product", all)
	if err != nil {
		return nil, err
	}
	imported, err := s.prepare(ctx, dir, "bare", newCrowd(b.Terminals))
	if err != nil {
		return nil, err
	}
	lifetime := 10*time.Second + time.Duration(len(all))*2*time.Millisecond // for the opening; below it nobody is pinged, and no session warns
	p, err := b.startProduct(ctx, credentials, "--session-lifetime", lifetime.String(),
		"--passcode-repeats", "1ms", "--passcodes-per-hour", "100", "--passcodes-per-day", "100", "--phone-per-day", "100")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	defer all.close()
	b.progress("%d terminals log in, for all sessions to end at once", len(all))
	if err := each(all, logins, func(c *client) error { return c.logIn(ctx, p.url) }); err != nil {
		return nil, err
	}
	x = &expiry{count: len(all)}
	for i := range min(b.Rounds, mostVisits) {
		e, err := p.endAll(ctx, all, lifetime)
		if err != nil {
			return nil, fmt.Errorf("%w; the server said: %s", err, p.stderr)
		}
		x.product = append(x.product, e)
		if err := b.sampleEnding(ctx, s.store, credentials.database, all[0]); err != nil {
			return nil, err
		}
		all.close() // there are not enough sockets for both
		if e, err = b.bareEnding(ctx, imported.database, len(all)); err != nil {
			return nil, fmt.Errorf("the bare loop: %w", err)
		}
		x.bare = append(x.bare, e)
		b.progress("all %d sessions end, round %d: %v, the bare loop %v", len(all), i+1, x.product[i].took, e.took)
	}
	return x, nil
}

// endAll opens everybody's session and has them all end at once.
func (s *server) endAll(ctx context.Context, all crowd, lifetime time.Duration) (*ending, error) {
	for group := range slices.Chunk(all, group) {
		if err := group.askForCodes(ctx, s); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	err := each(all, inFlight, func(c *client) error {
		if err := c.connect(ctx, s.address()); err != nil {
			return err
		}
		return c.openSession()
	})
	if err != nil {
		return nil, err
	}
	opened := time.Now()
	err = each(all, inFlight, func(c *client) error {
		err := c.resume()
		c.closed.Store(nil) // of the round before, which it was told now
		return err
	})
	if err = errors.Join(err, pause(ctx, calm)); err != nil {
		return nil, err
	}
	if took := time.Since(began); took > lifetime-time.Second {
		return nil, fmt.Errorf("all were open after %v, when the first sessions end already: this machine is too busy for this", took)
	}
	if err := s.process.Process.Signal(syscall.SIGSTOP); err != nil {
		return nil, err
	}
	waited := pause(ctx, time.Until(opened.Add(lifetime+time.Second)))
	e, err := s.ends(ctx, all, func() error { return s.process.Process.Signal(syscall.SIGCONT) })
	return e, errors.Join(waited, err)
}

// ends begins, and waits until the last terminal has been told.
func (s *server) ends(ctx context.Context, all crowd, begin func() error) (*ending, error) {
	began, used := time.Now(), s.spent()
	if err := begin(); err != nil {
		return nil, err
	}
	for all.closed() < len(all) {
		if time.Since(began) > patience {
			return nil, fmt.Errorf("%d of %d were not told of the end in %v", len(all)-all.closed(), len(all), patience)
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return nil, err
		}
	}
	took := time.Since(began)
	if err := pause(ctx, calm); err != nil {
		return nil, err
	}
	return &ending{took, s.spent() - used}, nil
}

// bareEnding is the same work without anything else.
func (b *bench) bareEnding(ctx context.Context, database string, n int) (e *ending, err error) {
	s, err := b.startAnchor(ctx, "orders", "-store", "sqlite", "-database", database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	all := numbered(n, product{})
	defer all.close()
	if err := each(all, inFlight, func(c *client) error { return c.connect(ctx, s.address()) }); err != nil {
		return nil, err
	}
	if err := pause(ctx, calm); err != nil {
		return nil, err
	}
	return s.ends(ctx, all, func() error { return all[0].socket.write(opText, []byte(`["expire",{},"1"]`)) })
}

// sampleEnding keeps for the bare loop what the product has written and said at the end of a session.
func (b *bench) sampleEnding(ctx context.Context, s store, database string, c *client) error {
	db, err := s.open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := readSample(b.sampleFile)
	if err != nil {
		return err
	}
	f.Frames.Closed = *c.closed.Load()
	const query = `SELECT c.state, COALESCE(c.wake, 0), e.data FROM client c JOIN event e USING (client_id)
		WHERE e.type = 'session.closed' AND e.seq = c.version LIMIT 1`
	if err := lookFor(ctx, db, query, &f.Rows.Ended, &f.Rows.EndedWake, &f.Rows.Closed); err != nil {
		return err
	}
	return f.write(b.sampleFile)
}

// closed is how many have been told that their session is.
func (all crowd) closed() (n int) {
	for _, c := range all {
		if c.closed.Load() != nil {
			n++
		}
	}
	return n
}

func (x *expiry) outcome() outcome {
	took := func(all []*ending) (values []float64) {
		for _, e := range all {
			values = append(values, e.took.Seconds())
		}
		return values
	}
	return outcome{endOfAll, fmt.Sprintf("sqlite, %d sessions", x.count), ratio(took(x.product), took(x.bare))}
}

func (x *expiry) print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "%d sessions end at one instant (sqlite), until the last terminal has been told\n\n", x.count)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "\ttook, round by round\tCPU\t")
	for _, row := range []struct {
		name string
		all  []*ending
	}{{vakhta, x.product}, {bare, x.bare}} {
		var took, cpu []string
		for _, e := range row.all {
			took, cpu = append(took, fmt.Sprintf("%.0f ms", e.took.Seconds()*1000)), append(cpu, fmt.Sprintf("%.0f ms", e.cpu.Seconds()*1000))
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t\n", row.name, strings.Join(took, ", "), strings.Join(cpu, ", "))
	}
	_ = w.Flush()
	_, _ = fmt.Fprintln(out)
}
