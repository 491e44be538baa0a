package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// weight is what a server holds in memory after its garbage was collected: all of it; what Go has of the system, with
// the room that it keeps for garbage to come; in that, live objects and stacks. What Go does not have is SQLite's.
type weight struct{ rss, runtime, heap, stacks, goroutines float64 }

// weighed is an idle crowd.
type weighed struct {
	clients     int
	empty, full weight
	arrivalCPU  time.Duration
}

// idle weighs clients who are logged in, have an open session and a terminal, and do nothing.
func (b *bench) idle(ctx context.Context) (w weighed, err error) {
	dir := filepath.Join(b.dir, "idle")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return w, err
	}
	c, err := newCredentials(dir, "sqlite:"+filepath.Join(dir, "vakhta.db"))
	if err != nil {
		return w, err
	}
	crowd := newCrowd(b.Idle)
	if err := crowd.importInto(ctx, b.Vakhta, dir, c); err != nil {
		return w, err
	}
	s, err := b.startServer(ctx, c)
	if err != nil {
		return w, err
	}
	defer func() {
		crowd.close()
		err = errors.Join(err, s.stop())
	}()
	if w.empty, err = s.weigh(ctx); err != nil {
		return w, err
	}
	b.progress("idle: %d clients log in and open their sessions", len(crowd))
	used := spent(s.process.Process.Pid)
	if err := crowd.arrive(ctx, s); err != nil {
		return w, fmt.Errorf("%w; the server said: %s", err, s.stderr)
	}
	w.clients, w.arrivalCPU = len(crowd), spent(s.process.Process.Pid)-used
	if w.full, err = s.weigh(ctx); err != nil || b.Profile == "" {
		return w, err
	}
	return w, s.save(ctx, "/debug/pprof/heap", filepath.Join(b.Profile, "idle.pprof"))
}

// weigh waits until the server has given back what it does not need: the runtime does that in its own time.
func (s *server) weigh(ctx context.Context) (w weight, err error) {
	const looks, apart = 60, 250 * time.Millisecond
	same := 0
	for range looks {
		if err := errors.Join(s.collect(ctx), pause(ctx, apart)); err != nil {
			return w, err
		}
		m, err := s.metrics(ctx)
		if err != nil {
			return w, err
		}
		now := weight{
			rss: m["process_resident_memory_bytes"], runtime: m["go_memstats_sys_bytes"] - m["go_memstats_heap_released_bytes"],
			heap: m["go_memstats_heap_alloc_bytes"], stacks: m["go_memstats_stack_inuse_bytes"], goroutines: m["go_goroutines"],
		}
		if now.rss == 0 {
			return w, errors.New("the server does not tell its size: process_resident_memory_bytes is missing in its metrics")
		}
		if same++; w.rss == 0 || now.rss < 0.99*w.rss {
			w, same = now, 0
		}
		if same == 8 {
			break
		}
	}
	return w, nil
}

func (w weighed) print(out io.Writer) {
	each := func(of func(weight) float64) string {
		return fmt.Sprintf("%.0f B", (of(w.full)-of(w.empty))/float64(w.clients))
	}
	_, _ = fmt.Fprint(out, "Idle clients: logged in, security session open, terminal attached and told events (sqlite)\n\n")
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "clients\tserver's RSS\tRSS each\tof it Go's\tlive heap\tstacks\tgoroutines\tCPU to arrive\t")
	_, _ = fmt.Fprintf(t, "%d\t%.0f → %.0f MiB\t%s\t%s\t%s\t%s\t%.2f\t%d µs\t\n", w.clients, w.empty.rss/(1<<20), w.full.rss/(1<<20),
		each(func(x weight) float64 { return x.rss }), each(func(x weight) float64 { return x.runtime }),
		each(func(x weight) float64 { return x.heap }), each(func(x weight) float64 { return x.stacks }),
		(w.full.goroutines-w.empty.goroutines)/float64(w.clients), w.arrivalCPU.Microseconds()/int64(w.clients))
	_ = t.Flush()
	_, _ = fmt.Fprint(out, "\n  of it Go's: with the room for garbage to come. CPU to arrive: of the server, for login, terminal and session by SMS.\n\n")
}
