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

// growth is how the costs of a client and of an order go with the number of clients, on SQLite.
type growth struct {
	rate   int // orders a second, over all clients
	points []point
}

// point is what came out for one number of clients, each in a fresh process.
type point struct {
	clients int
	each    float64 // bytes of the server's memory, after garbage collection
	order   *cell
}

// How the clients trade: first each of them twice, because the first orders of a client find nothing ready.
const (
	growthRate = 1000
	growthWarm = 2000
	steadied   = 4 // windows: there is only one round
)

func (b *bench) growth(ctx context.Context) (g growth, err error) {
	g.rate = growthRate
	for _, n := range b.Growth {
		p, err := b.point(ctx, n)
		if err != nil {
			return g, fmt.Errorf("%d clients: %w", n, err)
		}
		b.progress("%d clients: %.0f B each, %.0f µs an order", n, p.each, p.order.cpuEach())
		g.points = append(g.points, p)
	}
	return g, nil
}

func (b *bench) point(ctx context.Context, n int) (p point, err error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("growth-%d", n))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return p, err
	}
	c, err := newCredentials(dir, "sqlite:"+filepath.Join(dir, "vakhta.db"))
	if err != nil {
		return p, err
	}
	all := newCrowd(n)
	if err := all.importInto(ctx, b.Vakhta, dir, c); err != nil {
		return p, err
	}
	server, err := b.startProduct(ctx, c)
	if err != nil {
		return p, err
	}
	defer func() {
		all.close()
		err = errors.Join(err, server.stop())
	}()
	empty, err := server.weigh(ctx)
	if err != nil {
		return p, err
	}
	if err := all.arrive(ctx, server); err != nil {
		return p, fmt.Errorf("%w; the server said: %s", err, server.stderr)
	}
	full, err := server.weigh(ctx)
	if err != nil {
		return p, err
	}
	p = point{clients: n, each: (full.rss - empty.rss) / float64(n)}
	if _, err := openedLoop(ctx, all, growthWarm, time.Duration(2*n)*time.Second/growthWarm); err != nil {
		return p, err
	}
	used := server.spent()
	if p.order, err = openedLoop(ctx, all, growthRate, steadied*b.Window); err != nil {
		return p, err
	}
	err = pause(ctx, calm)
	p.order.cpu = server.spent() - used
	return p, err
}

func (g growth) print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "Growth (sqlite): the cost of a client and of an order, by the number of clients, at %d orders a second in all\n\n", g.rate)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "clients\tRSS each\tof the first\tCPU µs an order\tof the first\tp50 ms\tp99 ms\t")
	first := g.points[0]
	for _, p := range g.points {
		cpu, of := p.order.cpuEach(), first.order.cpuEach()
		_, _ = fmt.Fprintf(w, "%d\t%.0f B\t%.2f\t%.0f\t%.2f\t%.2f\t%.2f\t\n", p.clients, p.each, p.each/first.each, cpu, cpu/of, p.order.p50(), p.order.p99())
	}
	_ = w.Flush()
	_, _ = fmt.Fprint(out, "\n  RSS each: of the server, after garbage collection, behind all logins and openings in the same process.\n\n")
}
