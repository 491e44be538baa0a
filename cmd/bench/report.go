package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

func (b *bench) heading(out io.Writer) {
	how := ""
	if b.Quick {
		how = " quick: figures are rough"
	}
	_, _ = fmt.Fprintf(out, "vakhta bench %s, %d cores, %s; rounds: %d, windows: %v; server, loader and database share the cores.%s\n\n",
		time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.Version(), b.Rounds, b.Window, how)
}

// printOrders shows medians over the rounds; behind a ratio its least and its greatest.
func printOrders(out io.Writer, rows []*row) {
	_, _ = fmt.Fprint(out, "Order → durable acknowledgement, closed loop: each client has one order on its way\n\n")
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "\t\tacks/s\tp50 ms\tp99 ms\tCPU µs\tdatabase µs\tlast fill\tof bare\t(least–most)\t")
	for _, r := range rows {
		title := fmt.Sprintf("%s, %d", r.store, r.clients)
		for _, x := range []struct {
			title, name string
			cells       []*cell
		}{{title, "vakhta", r.product}, {"", "accept + fill", r.fill}, {"", "accept", r.accept}} {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.0f\t%.2f\t%.2f\t%.0f\t%.0f\t", x.title, x.name, median(x.cells, (*cell).rate),
				median(x.cells, (*cell).p50), median(x.cells, (*cell).p99),
				median(x.cells, func(c *cell) float64 { return c.perOrder(c.cpu) }),
				median(x.cells, func(c *cell) float64 { return c.perOrder(c.database) }))
			if x.name == "vakhta" {
				behind := median(x.cells, func(c *cell) float64 { return c.behind.Seconds() })
				_, _ = fmt.Fprintf(w, "+%.2f s\t\t\t\n", behind)
				continue
			}
			of := ratio(r.product, x.cells)
			_, _ = fmt.Fprintf(w, "\t%.2f\t(%.2f–%.2f)\t\n", of.median, of.least, of.most)
		}
	}
	_ = w.Flush()
	_, _ = fmt.Fprint(out, "\n  CPU, database: time per order of the server (of the loop that is bare), and of PostgreSQL's processes.\n"+
		"  last fill: how long after the last acknowledgement the exchange was still busy with the fills.\n"+
		"  of bare: vakhta's acks/s, divided by this loop's.\n\n")
}
