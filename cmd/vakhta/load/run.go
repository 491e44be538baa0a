package load

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config is what a run needs of its surroundings.
type Config struct {
	URL   string // of the server; empty: the run starts one of its own
	Admin string // of its admin listener; may be empty

	// Program and Flags are for a server of its own.
	Program string
	Flags   []string
	Store   string

	// Book opens the server's own list of orders; nil: they are not verified.
	Book func(ctx context.Context) (Book, error)
	// From are the addresses that terminals connect from, in turns; none: as the system likes.
	From []net.IP
	// Profile takes the server's CPU profile over all steps behind the first one; nil: none is taken.
	Profile  func(profile []byte) error
	Progress io.Writer
}

// Book is the server's own list of orders.
type Book interface {
	// Orders yields the orders of the client with that login name: his own id, and the server's.
	Orders(ctx context.Context, login string, yield func(userOrderID string, id int64)) error
	Close() error
}

// run is a scenario being carried out.
type run struct {
	Config
	scenario *Scenario
	address  string // of the server
	began    time.Time

	terminals []*terminal
	good      []*terminal // those that behave well
	hostile   []*terminal
	phones    *phones
	server    *process // nil: it was there before

	record    *record
	connected atomic.Int64
	live      context.Context // ends with the run
	living    sync.WaitGroup  // what keeps terminals connected
	step      atomic.Pointer[string]
	frozen    atomic.Int64 // the server was frozen until then, unix nanoseconds
	version   atomic.Pointer[string]

	watchesExpiry bool
	orderIDs      string // all of the run's begin so
	missed        int    // orders that were due while nobody was there; the trading step's

	mu      sync.Mutex
	result  *Result
	cpu     float64 // seconds that the server has spent, over all its processes
	lastCPU float64 // as its process says
}

// Check tells what keeps a scenario from being carried out, before anything is begun.
func (c Config) Check(s *Scenario) error {
	if need, most := s.Terminals+200, mostSockets(); need > most {
		return fmt.Errorf("%d terminals need %d open files, and this process may have %d: raise it (ulimit -n), or take fewer terminals",
			s.Terminals, need, most)
	}
	switch {
	case c.URL != "" && (s.has(kill) || s.has(freeze)):
		return errors.New("the scenario kills or freezes the server: leave out --url, so that the run starts one of its own")
	case c.Profile != nil && c.URL != "" && c.Admin == "":
		return errors.New("a profile comes from the server's admin listener: name it with --admin")
	case c.Profile != nil && (s.has(kill) || len(s.Steps) < 2):
		return errors.New("a profile is of the steps behind the first one, of a server that lives on: take another scenario")
	}
	return nil
}

// Run carries out a scenario and returns what it has measured, also when it fails on the way, as far as it came. There is no
// result only when its own server does not start.
func Run(ctx context.Context, c Config, s *Scenario) (*Result, error) {
	r := &run{Config: c, scenario: s, record: newRecord(), began: now(), watchesExpiry: s.has(expire), orderIDs: rand.Text()[:8] + "-"}
	r.result = &Result{
		Scenario: s.Name, Text: s.Text, Began: r.began, Terminals: s.Terminals,
		Server: Server{Store: c.Store, Own: c.URL == "", Cores: runtime.NumCPU()}, Failures: []string{}, Errors: []Error{},
	}
	if c.URL == "" {
		if err := r.startServer(ctx); err != nil {
			return nil, err
		}
	} else if len(s.Flags) > 0 && c.Progress != nil {
		_, _ = fmt.Fprintf(c.Progress, "the scenario expects the server to run with %s\n", strings.Join(s.Flags, " "))
	}
	err := r.carryOut(ctx)
	if r.server != nil {
		if stopped := r.server.stop(); stopped != nil {
			r.fail("%v", stopped)
		}
		for _, line := range r.server.complaints() {
			r.record.trouble("the server said: " + line)
		}
	}
	r.close(err)
	return r.result, nil
}

func (r *run) startServer(ctx context.Context) (err error) {
	if r.server, r.URL, r.Admin, err = newProcess(ctx, r.Program, append(slices.Clone(r.Flags), r.scenario.Flags...)); err != nil {
		return err
	}
	if err = r.server.start(ctx); err != nil {
		r.server.kill()
	}
	return err
}

func (r *run) carryOut(ctx context.Context) error {
	target, err := url.Parse(r.URL)
	if err != nil {
		return err
	}
	r.address = target.Host
	if r.phones, err = newPhones(ctx, func(ctx context.Context) ([]byte, error) { return get(ctx, r.URL+"/dev/phone/messages") }); err != nil {
		return err
	}
	r.people()
	live, end := context.WithCancel(ctx)
	r.live = live
	r.living.Go(func() { r.watch(live) })
	err = r.performAll(live)
	if err == nil {
		r.settle(live)
		err = r.lookAround(live)
	}
	end()
	for _, t := range r.terminals {
		t.disconnect()
	}
	r.living.Wait()
	if ctx.Err() == nil {
		err = errors.Join(err, r.verify(ctx))
	}
	return err
}

func (r *run) performAll(ctx context.Context) error {
	var profiling errgroup.Group
	for i, x := range r.scenario.Steps {
		if i == 1 && r.Profile != nil {
			profiling.Go(func() error { return r.profile(ctx) })
		}
		if err := r.perform(ctx, x); err != nil {
			return fmt.Errorf("%s: %w", x.line, err)
		}
	}
	return profiling.Wait()
}

// profile has the server look where its time goes, for as long as the steps have been given.
func (r *run) profile(ctx context.Context) error {
	span := time.Second
	for _, x := range r.scenario.Steps[1:] {
		span += x.span
	}
	profile, err := get(ctx, fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", r.Admin, int(span.Seconds())))
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return r.Profile(profile)
}

// people makes the terminals. Those who have a token are spread over them evenly; the hostile ones are the first, and have none.
func (r *run) people() {
	from := r.From
	if len(from) == 0 {
		from = []net.IP{nil}
	}
	dialers, clients := make([]*net.Dialer, len(from)), make([]*http.Client, len(from))
	for i, ip := range from {
		dialers[i] = &net.Dialer{}
		if ip != nil {
			dialers[i].LocalAddr = &net.TCPAddr{IP: ip}
		}
		clients[i] = &http.Client{Transport: &http.Transport{DialContext: dialers[i].DialContext, MaxConnsPerHost: loginsEach}}
	}
	for i := range r.scenario.Terminals {
		c := ClientNumber(i)
		r.terminals = append(r.terminals, &terminal{
			run: r, login: c.Login, phone: c.Phone, dialer: dialers[i%len(from)], http: clients[i%len(from)], back: make(chan struct{}, 1),
			tokens: falls(i, r.scenario.Tokens),
		})
	}
	next := 0
	for _, as := range []manner{slow, half, garbage} {
		for range int(r.scenario.Hostile[as] * float64(len(r.terminals))) {
			r.terminals[next].as, r.terminals[next].tokens = as, false
			next++
		}
	}
	r.hostile, r.good = r.terminals[:next], r.terminals[next:]
	r.result.Hostile = next
}

// falls tells whether the i-th of many is of a share that is spread evenly.
func falls(i int, share float64) bool { return int(float64(i+1)*share) > int(float64(i)*share) }

// Client is one that a load test logs in.
type Client struct{ Code, Name, Login, Phone string }

// MostClients is how many there can be: each has a phone of its own.
const MostClients = 1_000_000

const codeBegins = "LOAD"

// IsClient tells whether a client with that code is one of a load test.
func IsClient(code string) bool { return strings.HasPrefix(code, codeBegins) }

// ClientNumber is the i-th client of every load test.
func ClientNumber(i int) Client {
	return Client{
		Code: fmt.Sprintf("%s%06d", codeBegins, i), Name: fmt.Sprintf("Load test %d", i), Login: fmt.Sprintf("load%06d", i), Phone: fmt.Sprintf("+7903%07d", 1_000_000+i),
	}
}

// userOrderID is different in every run.
func (r *run) userOrderID(number int) string { return r.orderIDs + strconv.Itoa(number) }

// orderNumber is the number of an order of this run; 0: it is of another one.
func (r *run) orderNumber(userOrderID string) int {
	digits, own := strings.CutPrefix(userOrderID, r.orderIDs)
	n, err := strconv.Atoi(digits)
	if !own || err != nil {
		return 0
	}
	return n
}

func (r *run) fail(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.result.Failures) < mostErrors {
		r.result.Failures = append(r.result.Failures, fmt.Sprintf(format, args...))
	}
}

// trouble of a hostile terminal is what it wanted.
func (r *run) trouble(t *terminal, what string) {
	if t.as == "" {
		r.record.trouble(what)
	}
}

// greeted learns from a greeting which server it is.
func (r *run) greeted(frame []byte) {
	if r.version.Load() == nil {
		_, rest, _ := strings.Cut(string(frame), `"version":"`)
		version, _, _ := strings.Cut(rest, `"`)
		r.version.Store(&version)
	}
}

// expired: a session has run out; what counts is when it could at the earliest.
func (r *run) expired(at time.Time) {
	if frozen := time.Unix(0, r.frozen.Load()); at.Before(frozen) {
		at = frozen
	}
	r.record.waited(expiring, max(0, now().Sub(at)))
}

// settle waits for the acknowledgements that are due, and for those who are on their way back.
func (r *run) settle(ctx context.Context) {
	for began := now(); r.unanswered()+r.absent() > 0 && now().Sub(began) < patience && ctx.Err() == nil; {
		sleep(ctx, 50*time.Millisecond)
	}
}

// lookAround finds, at the end, who is missing and who has missed something: the last events have no next one that would tell.
func (r *run) lookAround(ctx context.Context) error {
	if n := r.absent(); n > 0 {
		r.fail("%d terminals were not there at the end", n)
	}
	return r.everybody(ctx, r.good, 0, arrivingMost, func(t *terminal) error {
		t.mu.Lock()
		here, seq := t.socket != nil && t.ready.Load(), t.seq
		t.mu.Unlock()
		if !here {
			return nil
		}
		said, err := t.ask("events", `{"since":`+strconv.FormatInt(seq, 10)+`}`)
		if err != nil {
			return fmt.Errorf("%s: %w", t.login, err)
		}
		last := numberAfter(said, []byte(`"seq":`))
		for began := now(); t.heard() < last && now().Sub(began) < comesWithin; {
			sleep(ctx, 10*time.Millisecond) // the last fill may be on its way
		}
		if t.heard() < last {
			r.record.happened(func(n *tally) { n.outOfOrder++ })
		}
		return nil
	})
}

const comesWithin = 5 * time.Second

// heard is the number of the last event.
func (t *terminal) heard() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seq
}

// absent counts those who are meant to be here and are not.
func (r *run) absent() (n int) {
	for _, t := range r.good {
		t.mu.Lock()
		if t.wanted && (t.socket == nil || !t.ready.Load()) {
			n++
		}
		t.mu.Unlock()
	}
	return n
}

func (r *run) unanswered() (n int) {
	for _, t := range r.good {
		n += t.unanswered()
	}
	return n
}

func (t *terminal) unanswered() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.open)
}

// close makes the result of what was recorded.
func (r *run) close(err error) {
	r.record.close(r.result)
	slices.SortFunc(r.result.Steps, func(a, b Step) int { return cmp.Compare(a.Began, b.Began) })
	r.result.Seconds = now().Sub(r.began).Seconds()
	r.result.Server.URL = r.URL
	if v := r.version.Load(); v != nil {
		r.result.Server.Version = *v
	}
	o := &r.result.Orders
	o.Unanswered = r.unanswered()
	unasked := 0
	if o.Verified && o.Unanswered == 0 {
		unasked = o.Listed - o.Acknowledged
	}
	for _, bad := range []struct {
		n    int
		what string
	}{
		{o.Lost, "orders acknowledged, and not in the server's list"},
		{o.Doubled, "orders twice: one order, two ids of the server"},
		{o.OutOfOrder, "events out of order, or missing"},
		{o.Unanswered, "orders never answered"},
		{o.Refused, "orders refused: the errors say why"},
		{unasked, "orders in the server's list that were not acknowledged"},
		{r.missed, "orders due while no terminal was there"},
	} {
		if bad.n > 0 {
			r.fail("%d %s", bad.n, bad.what)
		}
	}
	if o.Sent > 0 && o.Acknowledged == 0 {
		r.fail("no order was acknowledged")
	}
	switch {
	case errors.Is(err, context.Canceled):
		r.fail("interrupted after %.0f s", r.result.Seconds)
	case err != nil:
		r.fail("%v", err)
	}
}
