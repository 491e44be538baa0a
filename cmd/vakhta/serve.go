package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"vakhta/actors"
	"vakhta/actors/texts"
	"vakhta/actors/venue"
	"vakhta/frontend"
	"vakhta/persistence"
	"vakhta/session"
	"vakhta/wsapi"
)

// serve runs the server until the context ends, then lets it finish.
func serve(ctx context.Context, args []string, io streams) error {
	var s settings
	rest, err := parse("serve", args, io, s.flags)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%w: serve takes no argument %q", errUsage, rest[0])
	}
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: s.LogLevel}))
	p, err := start(ctx, s, log)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(io.err, "listening on %s\n", p.url)
	if s.Demo {
		_, _ = fmt.Fprintf(io.err, "the operators' desk: %s/desk, its demo operators and their codes: %s/dev/operators\n", p.url, p.url)
	}
	select {
	case <-ctx.Done():
		log.Info("stopping: terminals are told to come back, commits are finished")
	case err = <-p.failed:
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.DrainTimeout)
	defer cancel()
	return errors.Join(err, p.stop(ending))
}

// program is the server, put together.
type program struct {
	url       string
	journal   *persistence.Journal
	directory *actors.Directory
	texts     *texts.Drainer
	exchange  *venue.Exchange
	gateway   *wsapi.Gateway
	refusals  *refusals
	notary    *persistence.Notary
	servers   []*http.Server
	failed    chan error // what ended a listener before its time
}

// start puts the server together. It is ready when start returns.
func start(ctx context.Context, s settings, log *slog.Logger) (*program, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	listeners, err := listen(ctx, s.Listen, s.AdminListen)
	if err != nil {
		return nil, err
	}
	return startOn(ctx, listeners, s, log)
}

// startOn serves on listeners that are open: the public one and, if there is a second, the one for the operator.
func startOn(ctx context.Context, listeners []net.Listener, s settings, log *slog.Logger) (_ *program, err error) {
	p := &program{url: "http://" + listeners[0].Addr().String(), failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			for _, l := range listeners {
				_ = l.Close()
			}
		}
	}()
	keys, err := s.Database.keys(s.Demo, log)
	if err != nil {
		return nil, err
	}
	if p.journal, err = s.Database.open(ctx, keys); err != nil {
		return nil, err
	}
	if s.Demo {
		if err := importDemoClients(ctx, p.journal, s.Policy); err != nil {
			return nil, errors.Join(err, p.journal.Close())
		}
		if err := addDemoOperators(ctx, p.journal, s.Policy); err != nil {
			return nil, errors.Join(err, p.journal.Close())
		}
	} else if err := disableDemoOperators(ctx, p.journal, log); err != nil {
		return nil, errors.Join(err, p.journal.Close())
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	p.assemble(s, keys, registry, log)
	handlers := []http.Handler{p.gateway.Handler(), p.gateway.AdminHandler(registry)}
	for i, l := range listeners {
		p.serve(l, handlers[i], log)
	}
	return p, nil
}

// assemble lets the parts know each other, by the functions that they need of one another.
func (p *program) assemble(s settings, keys *persistence.Keyring, registry prometheus.Registerer, log *slog.Logger) {
	p.notary = p.journal.StartNotary(persistence.NotaryConfig{Now: clock, Log: log})
	p.refusals = startRefusals(p.journal.Note, clock, log)
	p.directory = actors.New(actors.Config{
		Policy: s.Policy, Journal: p.journal, Committers: s.Database.committers(),
		Digest: keys.Digest, Matches: keys.Matches, OPRF: keys,
		Compose: texts.Compose, Instrument: venue.Instrument,
		Texted: func() { p.texts.Poke() }, Routed: func(o session.Order) { p.exchange.Route(o) }, Refused: p.refusals.take,
		Log: log,
	})
	deliver := func(ctx context.Context, t session.Text) error {
		return p.journal.Deliver(ctx, session.Delivered{To: t.To, Text: t.Body, At: clock()})
	}
	if !s.Demo && !s.DevPhone {
		deliver = func(context.Context, session.Text) error { return errNoOperator }
	}
	p.texts = texts.Start(texts.Config{
		Outbox: p.journal, Send: deliver, Ask: p.directory.Ask, Policy: s.Policy, Now: clock, Log: log,
	})
	p.exchange = venue.Start(venue.Config{Seed: s.PaperSeed, Orders: p.journal, Ask: p.directory.Ask, Now: clock, Log: log})
	gateway := wsapi.Config{
		Ask: p.directory.Ask, Attach: p.directory.Attach, Credential: p.journal.Credential, LoginKey: persistence.LoginKey, PhoneNumber: phoneNumber,
		OPRF: keys, Desk: p.desk(keys, s.Demo), Policy: s.Policy, Instruments: venue.Instruments,
		Quote: func(ticker string, at time.Time) (session.Quote, bool) { return venue.Quote(s.PaperSeed, ticker, at) },
		Ready: p.journal.Ping, Files: frontend.Files(), PublicURL: s.PublicURL, TrustedProxies: s.TrustedProxies,
		Log: log, Metrics: registry, Version: version,
	}
	if s.Demo || s.DevPhone {
		gateway.Delivered = func(ctx context.Context) ([]session.Delivered, error) { return p.journal.Delivered(ctx, shownOnPhone) }
	}
	p.gateway = wsapi.New(gateway)
}

// clock is the program's; the actors have their own.
func clock() time.Time {
	return session.Instant(time.Now()) //nolint:forbidigo // the one place where the program looks at the clock
}

// shownOnPhone is how many texts the development phone shows.
const shownOnPhone = 1000

var errNoOperator = errors.New("no SMS operator is configured: start with --dev-phone to read texts on the page /dev/phone")

func (p *program) serve(l net.Listener, h http.Handler, log *slog.Logger) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	p.servers = append(p.servers, server)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.failed <- fmt.Errorf("the listener on %s failed: %w", l.Addr(), err)
		}
	}()
}

// stop drains: terminals are told to come back, what was begun is finished and committed. Requests that do not come to
// an end are cut off in time for the actors.
func (p *program) stop(ctx context.Context) error {
	polite := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		polite, cancel = context.WithTimeout(ctx, deadline.Sub(clock())/2)
		defer cancel()
	}
	p.gateway.Drain(polite)
	var errs []error
	for _, server := range p.servers {
		if server.Shutdown(polite) != nil {
			errs = append(errs, server.Close())
		}
	}
	p.exchange.Stop()
	p.texts.Stop()
	errs = append(errs, p.directory.Stop(ctx))
	p.refusals.finish()
	p.notary.Stop()
	errs = append(errs, p.journal.Close())
	return errors.Join(errs...)
}

// listen opens the addresses that are not empty.
func listen(ctx context.Context, addresses ...string) ([]net.Listener, error) {
	var all []net.Listener
	for _, address := range addresses {
		if address == "" {
			continue
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			for _, opened := range all {
				_ = opened.Close()
			}
			return nil, fmt.Errorf("cannot listen on %s: %w; is another server running there? choose another with --listen", address, err)
		}
		all = append(all, l)
	}
	return all, nil
}

// check refuses what would be dangerous.
func (s *settings) check() error {
	if err := s.Policy.Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return fmt.Errorf("%w: --listen %s is no address like 127.0.0.1:8080", errUsage, s.Listen)
	}
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	if (s.Demo || s.DevPhone) && !loopback && !s.DemoAnywhere {
		return fmt.Errorf("--demo and --dev-phone let everybody who reaches %s log in and read texts: listen on 127.0.0.1, or add --demo-off-loopback", s.Listen)
	}
	return nil
}

// health asks a server whether it is ready: the health check of a container that has no curl.
func health(ctx context.Context, args []string, io streams) error {
	var url string
	if _, err := parse("health", args, io, func(f *flag.FlagSet) {
		f.StringVar(&url, "url", "http://127.0.0.1:8080/readyz", "`URL` to ask")
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}
