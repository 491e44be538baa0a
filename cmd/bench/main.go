package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what is measured, and for how long.
type options struct {
	Quick   bool
	Rounds  int
	Window  time.Duration // of one cell in one round
	Clients []int         // how many at once, one after the other
	Stores  []string
	Idle    int    // clients who do nothing; 0: not measured
	Vakhta  string // the program; empty: the parent module's is built
	Profile string // directory for profiles of the server; empty: none
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string, say io.Writer) (options, error) {
	o := options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(say)
	f.BoolVar(&o.Quick, "quick", false, "under a minute: one short round and 1000 idle clients, where no other flag says otherwise")
	f.IntVar(&o.Rounds, "rounds", 5, "rounds; in each, product and anchors take turns")
	f.DurationVar(&o.Window, "window", 4*time.Second, "how long each of them runs in a round")
	clients := f.String("clients", "1,64,1000", "how many clients submit orders at once")
	stores := f.String("store", "sqlite,postgres", "databases")
	f.IntVar(&o.Idle, "idle", 5000, "clients who do nothing, to be weighed; 0: none")
	f.StringVar(&o.Vakhta, "vakhta", "", "`PATH` of the program; otherwise it is built from this repository")
	f.StringVar(&o.Profile, "profile", "", "`DIRECTORY` for profiles of the server: CPU for each number of clients, memory of the idle ones")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.Quick {
		given := map[string]bool{}
		f.Visit(func(x *flag.Flag) { given[x.Name] = true })
		unless(given["rounds"], &o.Rounds, 1)
		unless(given["window"], &o.Window, time.Second)
		unless(given["idle"], &o.Idle, 1000)
	}
	for text := range strings.SplitSeq(*clients, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return o, fmt.Errorf("-clients %s: %q is no number of clients", *clients, text)
		}
		o.Clients = append(o.Clients, n)
	}
	for name := range strings.SplitSeq(*stores, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains([]string{"sqlite", "postgres"}, name) {
			return o, fmt.Errorf("-store %s: %q is neither sqlite nor postgres", *stores, name)
		}
		o.Stores = append(o.Stores, name)
	}
	if o.Rounds < 1 || o.Window <= 0 || o.Idle < 0 || o.Idle > mostSockets || slices.Max(o.Clients) > mostSockets {
		return o, fmt.Errorf("rounds and window are above zero, and clients at most %d: a process has 20,000 sockets", mostSockets)
	}
	return o, nil
}

const mostSockets = 19_000

func unless[T any](given bool, value *T, otherwise T) {
	if !given {
		*value = otherwise
	}
}

// run measures and prints. What it starts and writes on disk is gone when it returns.
func run(ctx context.Context, args []string, out, say io.Writer) (err error) {
	o, err := parse(args, say)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "vakhta-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{options: o, dir: dir, say: say}
	if b.Vakhta == "" {
		if b.Vakhta, err = build(ctx, dir); err != nil {
			return err
		}
	}
	b.heading(out)
	var rows []*row
	for _, store := range o.Stores {
		measured, err := b.orders(ctx, store)
		if err != nil {
			return fmt.Errorf("orders on %s: %w", store, err)
		}
		rows = append(rows, measured...)
	}
	printOrders(out, rows)
	if o.Idle > 0 {
		weighed, err := b.idle(ctx)
		if err != nil {
			return fmt.Errorf("idle clients: %w", err)
		}
		weighed.print(out)
	}
	return nil
}

// bench is one run.
type bench struct {
	options

	dir string
	say io.Writer // progress
}

func (b *bench) progress(format string, args ...any) {
	_, _ = fmt.Fprintf(b.say, format+"\n", args...)
}
