package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what is measured, and for how long.
type options struct {
	Quick     bool
	Rounds    int
	Window    time.Duration // of one cell in one round
	Clients   []int         // how many at once in the closed loop, one after the other
	Rates     []int         // orders a second in the open loop
	Stores    []string      // none: no orders
	Terminals int           // that trade nothing; 0: none
	Growth    []int         // numbers of clients, one after the other; none: not measured
	Vakhta    string        // the program; empty: the parent module's is built
	Profile   string        // directory for profiles of the product; empty: none
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := start(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// start is the benchmark, or one of the anchors that it has started.
func start(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "anchor" {
		return runAnchor(ctx, args[1:], os.Stderr)
	}
	err := run(ctx, args, os.Stdout, os.Stderr)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	return err
}

func parse(args []string, say io.Writer) (options, error) {
	o := options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(say)
	f.BoolVar(&o.Quick, "quick", false, "under ten minutes: fewer and shorter rounds, fewer terminals, where no other flag says otherwise")
	f.IntVar(&o.Rounds, "rounds", 5, "rounds; in each, product and anchors take turns")
	f.DurationVar(&o.Window, "window", 5*time.Second, "how long each of them runs in a round")
	clients := f.String("clients", "64,1000", "closed loop: how many clients submit orders at once")
	rates := f.String("rates", "2000,5000", "open loop: orders a second, by the greatest number of clients")
	growth := f.String("growth", "", "how memory and CPU grow with the clients, and nothing else: `NUMBERS` of clients with commas")
	stores := f.String("store", "sqlite,postgres", "databases for orders; none: no orders")
	f.IntVar(&o.Terminals, "terminals", 10_000, "terminals that trade nothing: idle, opening, storm; 0: none")
	f.StringVar(&o.Vakhta, "vakhta", "", "`PATH` of the program; otherwise it is built from this repository")
	f.StringVar(&o.Profile, "profile", "", "`DIRECTORY` for profiles of the product: CPU under each load, memory with the terminals")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.Quick {
		given := map[string]bool{}
		f.Visit(func(x *flag.Flag) { given[x.Name] = true })
		unless(given["rounds"], &o.Rounds, 3)
		unless(given["window"], &o.Window, 2*time.Second)
		unless(given["terminals"], &o.Terminals, 2000)
	}
	for _, list := range []struct {
		name, text string
		into       *[]int
	}{{"clients", *clients, &o.Clients}, {"rates", *rates, &o.Rates}, {"growth", *growth, &o.Growth}} {
		if list.text == "" && list.into == &o.Growth {
			continue
		}
		for text := range strings.SplitSeq(list.text, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil || n < 1 {
				return o, fmt.Errorf("-%s %s: %q is no number above zero", list.name, list.text, text)
			}
			*list.into = append(*list.into, n)
		}
	}
	for name := range strings.SplitSeq(*stores, ",") {
		switch name = strings.TrimSpace(name); name {
		case "sqlite", "postgres":
			o.Stores = append(o.Stores, name)
		case "none":
		default:
			return o, fmt.Errorf("-store %s: %q is neither sqlite nor postgres", *stores, name)
		}
	}
	if len(o.Growth) > 0 && slices.Max(o.Growth) > mostSockets {
		return o, fmt.Errorf("-growth: at most %d clients: a process has 20,000 sockets", mostSockets)
	}
	if o.Rounds < 1 || o.Window <= 0 || o.Terminals < 0 || o.Terminals > mostSockets || len(anchors)*slices.Max(o.Clients) > mostSockets {
		return o, fmt.Errorf("rounds and window are above zero, terminals at most %d and clients a quarter of it:"+
			" a process has 20,000 sockets", mostSockets)
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
	if len(b.Growth) > 0 {
		g, err := b.growth(ctx)
		if err == nil {
			g.print(out)
		}
		return err
	}
	return b.measure(ctx, out)
}

func (b *bench) measure(ctx context.Context, out io.Writer) error {
	s, err := b.sample(ctx)
	if err != nil {
		return fmt.Errorf("a sample of the product's rows and frames: %w", err)
	}
	b.sampleFile = filepath.Join(b.dir, "sample.json")
	if err := s.write(b.sampleFile); err != nil {
		return err
	}
	var outcomes []outcome
	var all []*measured
	if b.Terminals > 0 {
		t, err := b.terminals(ctx)
		if err != nil {
			return fmt.Errorf("terminals: %w", err)
		}
		t.print(out)
		x, err := b.expiry(ctx)
		if err != nil {
			return fmt.Errorf("the end of all sessions: %w", err)
		}
		x.print(out)
		outcomes = append(t.outcomes(), x.outcome())
	}
	for _, store := range b.Stores {
		measured, err := b.orders(ctx, store)
		if err != nil {
			return fmt.Errorf("orders on %s: %w", store, err)
		}
		all = append(all, measured...)
	}
	for _, m := range all {
		outcomes = append(outcomes, m.outcomes()...)
	}
	if len(all) > 0 {
		printOrders(out, all)
	}
	slices.SortStableFunc(outcomes, func(a, b outcome) int { return strings.Compare(a.number, b.number) })
	printOutcomes(out, outcomes)
	return nil
}

// bench is one run.
type bench struct {
	options

	dir        string
	sampleFile string
	say        io.Writer // progress
}

func (b *bench) progress(format string, args ...any) {
	_, _ = fmt.Fprintf(b.say, format+"\n", args...)
}
