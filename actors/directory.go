package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/eventstream"

	"vakhta/session"
)

// Journal is where the clients' states, events and orders are kept.
type Journal interface {
	// Load returns session.ErrUnknownClient if there is no such client.
	Load(ctx context.Context, client session.ClientID) (session.State, error)
	// Commit tells of each change what became of it.
	Commit(ctx context.Context, batch []session.Change) []session.Committed
	NextIDs(ctx context.Context, n int64) (first int64, err error)

	Events(ctx context.Context, client session.ClientID, since int64, limit int) ([]session.Numbered, error)
	Orders(ctx context.Context, client session.ClientID, activeOnly bool, limit int) ([]session.Order, error)
	// Order and OrderByUserID return nil if there is none.
	Order(ctx context.Context, client session.ClientID, id session.OrderID) (*session.Order, error)
	OrderByUserID(ctx context.Context, client session.ClientID, id string) (*session.Order, error)
	UserOrderIDs(ctx context.Context, client session.ClientID) ([]string, error)

	// Document returns nil if there is none. Documents and History are the newest before a number, newest first; 0: of all.
	Document(ctx context.Context, client session.ClientID, id session.DocumentID) (*session.Document, error)
	Documents(ctx context.Context, client session.ClientID, before session.DocumentID, limit int) ([]session.Document, error)
	History(ctx context.Context, client session.ClientID, before int64, limit int) ([]session.Numbered, error)

	// Due and Attended are for the sweeper: clients after the given one, in order.
	Due(ctx context.Context, now time.Time, after session.ClientID, limit int) ([]session.Due, error)
	Attended(ctx context.Context, after session.ClientID, limit int) ([]session.Due, error)
	Prune(ctx context.Context, before time.Time, limit int) (int64, error)
}

// Config is what a Directory is made of. The fields without a default must be set.
type Config struct {
	Policy     session.Policy
	Journal    Journal
	Committers int // 1 by default; 2 pay on PostgreSQL

	Digest  func(purpose, secret string) session.Sealed
	Matches func(purpose, secret string, digest session.Sealed) bool
	OPRF    session.OPRF // of WEB-tokens

	// Compose words a text in the client's language.
	Compose func(to session.Profile, text session.SendText) string
	// Instrument knows what can be traded; the zero one means: not this.
	Instrument func(ticker string) session.Instrument
	// Texted and Routed are told after the commit of a text and of an order. They do not block.
	Texted func()
	Routed func(session.Order)
	// Refused is told of every command that is refused. It does not block. May be nil.
	Refused func(session.ClientID, session.Command, *session.Refusal)

	Log *slog.Logger

	Idle    time.Duration // an actor without terminals and work is put away after this, and up to half as much again; 2 min by default
	Reload  time.Duration // how long the terminals of a loaded client have to come back before they count as gone; 10 s by default
	Sweep   time.Duration // between two looks for clients that are due; 15 s by default
	Visitor bool          // this directory is not the clients' home: no sweeping, no terminals to wait for
}

// Directory finds the actor of a client, or spawns it.
type Directory struct {
	cfg     Config
	system  *actor.ActorSystem
	answers *actor.PID
	writers *writers
	ids     ids
	serial  atomic.Uint64 // of asks and of actors
	closed  atomic.Bool
	shards  [64]shard
	sweeper sync.WaitGroup
	stop    context.CancelFunc

	workers       *workers
	clientProps   *actor.Props
	terminalProps *actor.Props
	terminals     atomic.Int64 // that run
}

// shard is a part of the directory under one lock.
type shard struct {
	mu        sync.Mutex
	residents map[session.ClientID]*resident
}

// resident is a client actor that runs, with those who are told when it has gone. The engine could do that too, for 600
// bytes each.
type resident struct {
	pid       *actor.PID
	asks      []waiting // not answered yet
	terminals []*actor.PID
}

type waiting struct {
	id    uint64
	reply chan<- answered
}

// errGone answers an ask that was certainly not carried out, because the actor has stopped.
var errGone = errors.New("the client's actor was put away")

// mostTries bounds the times that one ask finds an actor that is being put away or was overtaken.
const mostTries = 8

// New starts a directory. Stop ends it.
func New(cfg Config) *Directory {
	cfg.Committers = max(1, cfg.Committers)
	defaultTo(&cfg.Idle, 2*time.Minute)
	defaultTo(&cfg.Reload, 10*time.Second)
	defaultTo(&cfg.Sweep, 15*time.Second)
	d := &Directory{cfg: cfg, system: actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
		return slog.New(quiet{cfg.Log.Handler()})
	}))}
	// The engine's own listener to undelivered messages starts goroutines that nobody can stop. Here nobody listens:
	// whoever waits for an actor is told of its end by the directory.
	d.system.EventStream = eventstream.NewEventStream()
	d.workers = newWorkers()
	d.clientProps = d.props(func() actor.Actor { return &client{d: d} })
	d.terminalProps = d.props(func() actor.Actor { return &terminal{d: d} })
	for i := range d.shards {
		d.shards[i].residents = map[session.ClientID]*resident{}
	}
	d.ids.reserve = cfg.Journal.NextIDs
	d.answers, _ = d.system.ProcessRegistry.Add(answers{d}, "answers")
	d.writers = newWriters(cfg.Committers, cfg.Journal.Commit, d.system.Root.Send)
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	if !cfg.Visitor {
		d.sweeper.Go(func() { d.sweep(ctx) })
	}
	return d
}

func defaultTo(value *time.Duration, by time.Duration) {
	if *value == 0 {
		*value = by
	}
}

// Ask has a command carried out by its client's actor. The answer comes when everything that it tells is committed.
// Errors: *session.Refusal, session.ErrUnknownClient, session.ErrUnavailable, the context's.
func (d *Directory) Ask(ctx context.Context, client session.ClientID, c session.Command) (session.Answer, error) {
	for range mostTries {
		got := d.ask(ctx, client, c)
		if !errors.Is(got.err, errGone) {
			return got.answer, got.err
		}
	}
	return session.Answer{}, session.ErrUnavailable
}

func (d *Directory) ask(ctx context.Context, client session.ClientID, c session.Command) answered {
	id, reply := d.serial.Add(1), make(chan answered, 1)
	pid := d.find(client, func(r *resident) { r.asks = append(r.asks, waiting{id, reply}) })
	if pid == nil {
		return answered{err: session.ErrUnavailable}
	}
	d.system.Root.RequestWithCustomSender(pid, &ask{id: id, command: c}, d.answers)
	select {
	case got := <-reply:
		return got
	case <-ctx.Done():
		d.settle(answered{client: client, id: id})
		return answered{err: ctx.Err()}
	}
}

// find returns the client's actor, spawned if need be, and does something to its entry under the lock. It is nil when
// the directory is being stopped.
func (d *Directory) find(client session.ClientID, then func(*resident)) *actor.PID {
	s := d.shard(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.closed.Load() {
		return nil
	}
	r := s.residents[client]
	if r == nil {
		name := fmt.Sprintf("client/%d/%d", client, d.serial.Add(1))
		pid, err := d.system.Root.SpawnNamed(d.clientProps, name)
		if err != nil {
			d.cfg.Log.Error("cannot spawn a client actor", "client", client, "error", err)
			return nil
		}
		d.system.Root.Send(pid, &begin{client})
		r = &resident{pid: pid}
		s.residents[client] = r
	}
	if then != nil {
		then(r)
	}
	return r.pid
}

func (d *Directory) shard(client session.ClientID) *shard {
	return &d.shards[uint64(client)%uint64(len(d.shards))]
}

// gone is called by a client actor as the last thing it does: what it has not answered it never will.
func (d *Directory) gone(client session.ClientID, pid *actor.PID, why error) {
	s := d.shard(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.residents[client]
	if r == nil || !r.pid.Equal(pid) {
		return
	}
	delete(s.residents, client)
	for _, ask := range r.asks {
		ask.reply <- answered{err: why}
	}
	for _, terminal := range r.terminals {
		d.system.Root.Send(terminal, &orphaned{})
	}
}

// forget is called by a terminal actor that ends.
func (d *Directory) forget(client session.ClientID, terminal *actor.PID) {
	s := d.shard(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.residents[client]; r != nil {
		r.terminals = slices.DeleteFunc(r.terminals, terminal.Equal)
	}
}

// settle hands an answer to who waits for it, if he still does.
func (d *Directory) settle(got answered) {
	s := d.shard(got.client)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.residents[got.client]
	if r == nil {
		return
	}
	if i := slices.IndexFunc(r.asks, func(w waiting) bool { return w.id == got.id }); i >= 0 {
		r.asks[i].reply <- got
		if r.asks = slices.Delete(r.asks, i, i+1); len(r.asks) == 0 {
			r.asks = nil
		}
	}
}

// answers is the process that client actors answer to. It has no mailbox: it hands the answer over at once.
type answers struct{ d *Directory }

func (a answers) SendUserMessage(_ *actor.PID, message any) {
	if got, ok := actor.UnwrapEnvelopeMessage(message).(*answered); ok {
		a.d.settle(*got)
	}
}

func (answers) SendSystemMessage(*actor.PID, any) {}
func (answers) Stop(*actor.PID)                   {}

// Residents is the number of client actors that run.
func (d *Directory) Residents() (n int) {
	for i := range d.shards {
		s := &d.shards[i]
		s.mu.Lock()
		n += len(s.residents)
		s.mu.Unlock()
	}
	return n
}

// Stop takes no more commands, lets every actor finish what it has, commits it, and ends them all. Terminals that are
// still connected are told that the server drains. It returns early with the context's error; what was acknowledged is
// committed in any case.
func (d *Directory) Stop(ctx context.Context) error {
	if d.closed.Swap(true) {
		return nil
	}
	d.stop()
	d.sweeper.Wait()
	d.each(func(pid *actor.PID) { d.system.Root.Send(pid, &putAway{}) })
	var err error
	for err == nil && (d.Residents() > 0 || d.terminals.Load() > 0) {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			err = fmt.Errorf("%d client actors have not finished: %w", d.Residents(), ctx.Err())
		}
	}
	d.writers.close()
	d.system.Shutdown()
	d.workers.stop()
	return err
}

func (d *Directory) each(f func(*actor.PID)) {
	for i := range d.shards {
		s := &d.shards[i]
		s.mu.Lock()
		for _, r := range s.residents {
			f(r.pid)
		}
		s.mu.Unlock()
	}
}

// quiet keeps the engine's chatter out of the log; it would show messages, and so secrets, too.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }
