package actors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"vakhta/session"
)

// What others tell a client actor.
type (
	// begin is its first message.
	begin struct{ client session.ClientID }
	// ask has a command carried out; the answer goes to the sender.
	ask struct {
		id      uint64
		command session.Command
	}
	answered struct {
		client session.ClientID
		id     uint64
		answer session.Answer
		err    error
	}
	// alarm says that the instant that the actor waited for has come.
	alarm struct{ generation uint64 }
	// putAway asks the actor to end as soon as nothing is on its way.
	putAway struct{}
)

// loadTimeout bounds what an actor reads from the journal at once.
const loadTimeout = 5 * time.Second

// client is the actor of one client. It alone decides for him.
type client struct {
	d    *Directory
	id   session.ClientID
	self *actor.PID

	state   session.State // as decided: with what is not committed yet; its Head is that of what is
	durable int64         // the version that the journal has
	broken  error         // why the actor ends: the state cannot be loaded, may not be written any more, or is put away

	flight *fold // on its way to the journal
	next   *fold // gathers meanwhile

	terminals []device
	orders    map[session.OrderID]session.Order // open, or changed and not committed yet
	userIDs   map[uint64]struct{}               // the hash of every user order id of the client; nil: not loaded yet

	timer      *time.Timer
	wakeAt     time.Time
	generation uint64
	loadedAt   time.Time // the terminals that were there before have Reload from then on to come back; zero: settled
	idleAt     time.Time // to be put away then
	leaving    bool
}

// stopOnPanic is the supervision of client and terminal actors: the next message finds a fresh one, from the row.
var stopOnPanic = actor.NewOneForOneStrategy(0, 0, func(any) actor.Directive { return actor.StopDirective })

var errPanicked = errors.New("the client's actor panicked")

// props serve all actors of a kind, which learn from their first message who they are: props of its own would weigh half
// as much as an idle actor.
func (d *Directory) props(produce func() actor.Actor) *actor.Props {
	return actor.PropsFromProducer(produce, actor.WithMailbox(actor.UnboundedLockfree()), actor.WithGuardian(stopOnPanic), actor.WithDispatcher(d.workers))
}

func (c *client) Receive(ctx actor.Context) {
	defer func() {
		if r := recover(); r != nil {
			c.d.cfg.Log.Error("a client actor panicked", "client", c.id, "panic", r, "stack", string(debug.Stack()))
			c.broken = errPanicked
			panic(r) // the supervision stops it
		}
	}()
	switch m := ctx.Message().(type) {
	case *begin:
		c.begin(m.client, ctx.Self())
		return // a message of who had it spawned follows, and he shall hear it if the state cannot be loaded
	case *ask:
		c.ask(m, ctx.Sender())
	case *committed:
		c.committed(m.Committed)
	case *attach:
		c.attach(m, ctx.Sender())
	case *detach:
		c.detach(ctx.Sender(), m.announced)
	case *alarm:
		c.alarm(m.generation)
	case *wake:
		c.wake(m)
	case *putAway:
		c.leaving = true
	case *actor.Stopping:
		c.stopping()
		return
	case *actor.Stopped:
		c.d.gone(c.id, c.self, outward(c.broken))
		return
	default:
		return // of the engine's own
	}
	c.proceed(ctx)
}

// proceed is the end of every message: what gathered goes to the journal, the alarm is set, and who is of no more use ends.
func (c *client) proceed(ctx actor.Context) {
	if c.leaving && c.broken == nil && c.flight == nil && c.next == nil {
		c.broken = errGone
	}
	if c.broken != nil {
		ctx.Stop(c.self)
		return
	}
	c.submit()
	c.arm()
}

func (c *client) begin(id session.ClientID, self *actor.PID) {
	c.id, c.self = id, self
	c.state, c.broken = read(func(ctx context.Context) (session.State, error) { return c.d.cfg.Journal.Load(ctx, id) })
	c.durable = c.state.Version
	c.touch()
	if !c.d.cfg.Visitor && c.state.Attended() {
		c.loadedAt = now()
	}
}

// read asks the journal for something, and waits for as long as an actor may.
func read[T any](from func(ctx context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	return from(ctx)
}

// touch puts off the time at which an actor without terminals is put away; the jitter keeps a crowd from leaving at one
// instant. Questions do not touch: only a load and a commit show that nobody else has written meanwhile.
func (c *client) touch() {
	jitter := rand.N(c.d.cfg.Idle/2 + 1) //nolint:gosec // spreads load, keeps no secret
	c.idleAt = session.Instant(now().Add(c.d.cfg.Idle + jitter))
}

// ask carries out one command, or reads what only the journal has.
func (c *client) ask(m *ask, sender *actor.PID) {
	reply := func(answer session.Answer, err error) {
		c.d.system.Root.Send(sender, &answered{client: c.id, id: m.id, answer: answer, err: err})
	}
	if c.broken != nil {
		reply(session.Answer{}, outward(c.broken))
		return
	}
	if q, ok := m.command.(session.Query); ok {
		c.whenDurable(func(lost error) {
			if lost != nil {
				reply(session.Answer{}, lost)
				return
			}
			reply(c.query(q))
		})
		return
	}
	result, err := c.do(m.command)
	answer := session.Answer{Seq: c.state.Version, Result: result}
	c.whenDurable(func(lost error) {
		if lost != nil {
			answer, err = session.Answer{}, lost
		}
		reply(answer, err)
	})
}

// query answers from the journal, which has everything that was told so far.
func (c *client) query(q session.Query) (session.Answer, error) {
	result, err := read(func(ctx context.Context) (session.Result, error) {
		switch q := q.(type) {
		case session.ReadOrders:
			return c.readOrders(ctx, q)
		case session.ReadEvents:
			return c.readEvents(ctx, q)
		case session.ReadHistory:
			events, err := c.d.cfg.Journal.History(ctx, c.id, q.Before, historyPage)
			return session.History{Events: events}, err
		case session.ReadDocuments:
			documents, err := c.d.cfg.Journal.Documents(ctx, c.id, q.Before, historyPage)
			return session.Documents{Documents: documents}, err
		default:
			panic(fmt.Sprintf("actors: no answer to the query %T", q))
		}
	})
	if err != nil {
		c.d.cfg.Log.Error("cannot read what a client asks for", "client", c.id, "error", err)
		return session.Answer{}, session.ErrUnavailable
	}
	return session.Answer{Seq: c.durable, Result: result}, nil
}

// historyPage is how many documents or events of the past are told at once.
const historyPage = 50

// outward is what the end of an actor looks like to who waits for it.
func outward(why error) error {
	switch {
	case errors.Is(why, session.ErrUnknownClient):
		return session.ErrUnknownClient
	case errors.Is(why, errGone), errors.Is(why, session.ErrFenced), errors.Is(why, session.ErrDouble):
		return errGone // it did not happen: a fresh actor may try
	default:
		return session.ErrUnavailable // nobody knows what came of it
	}
}

// do decides a command on the working copy and takes what comes of it into the next commit.
func (c *client) do(command session.Command) (session.Result, error) {
	c.tick()
	command, err := c.complete(command)
	if err != nil {
		c.d.cfg.Log.Error("cannot read the client's orders or documents", "client", c.id, "error", err)
		return nil, session.ErrUnavailable
	}
	m, err := c.d.moment()
	if err != nil {
		c.d.cfg.Log.Error("cannot reserve ids", "error", err)
		return nil, session.ErrUnavailable
	}
	out, err := c.d.cfg.Policy.Decide(c.state, command, m)
	if err != nil {
		if refusal := new(session.Refusal); c.d.cfg.Refused != nil && errors.As(err, &refusal) {
			c.d.cfg.Refused(c.id, command, refusal)
		}
		return nil, err
	}
	c.take(out, m.Now)
	return out.Result, nil
}

// note takes in what has happened already. It needs neither a fresh id nor the journal, and so cannot fail.
func (c *client) note(command session.Command) {
	m := session.Moment{Now: now()}
	if out, err := c.d.cfg.Policy.Decide(c.state, command, m); err == nil {
		c.take(out, m.Now)
	}
}

// tick does what is due.
func (c *client) tick() {
	if at, ok := session.Deadline(c.state); ok && !at.After(now()) {
		c.note(session.Tick{})
	}
}

// whenDurable runs f as soon as everything decided so far is committed, or with the reason why it never will be.
func (c *client) whenDurable(f func(lost error)) {
	switch {
	case c.next != nil:
		c.next.replies = append(c.next.replies, f)
	case c.flight != nil:
		c.next = &fold{replies: []func(error){f}}
	default:
		f(nil)
	}
}

// wake comes from the sweeper. A version that this actor does not know was written by somebody else; while a change of
// its own is on its way, that one will tell. A wake that was only to draw attention is put right.
func (c *client) wake(m *wake) {
	switch {
	case c.broken != nil:
	case c.flight == nil && m.version > c.state.Version:
		c.broken = session.ErrFenced
	default:
		c.tick()
		if m.due && c.flight == nil && c.next == nil && !c.soon(now()) {
			c.next = &fold{restate: true}
		}
	}
}

// arm sets the one timer of the actor to the nearest thing worth waking for. A timer that is too early does no harm.
func (c *client) arm() {
	at, ok := session.Deadline(c.state)
	if !c.loadedAt.IsZero() {
		if back := c.loadedAt.Add(c.d.cfg.Reload); !ok || back.Before(at) {
			at, ok = back, true
		}
	}
	if len(c.terminals) == 0 && !c.leaving && (!ok || c.idleAt.Before(at)) {
		at, ok = c.idleAt, true
	}
	if !ok || !c.wakeAt.IsZero() && !at.Before(c.wakeAt) {
		return
	}
	if c.timer != nil {
		c.timer.Stop()
	}
	c.generation++
	generation, self, root := c.generation, c.self, c.d.system.Root
	c.wakeAt = at
	c.timer = time.AfterFunc(at.Sub(now()), func() { root.Send(self, &alarm{generation}) })
}

func (c *client) alarm(generation uint64) {
	if generation != c.generation {
		return
	}
	c.timer, c.wakeAt = nil, time.Time{}
	t := now()
	if !c.loadedAt.IsZero() && !t.Before(c.loadedAt.Add(c.d.cfg.Reload)) {
		c.recoverTerminals()
	}
	c.tick()
	if len(c.terminals) == 0 && !t.Before(c.idleAt) {
		if c.soon(t) {
			c.touch()
		} else {
			c.leaving = true
		}
	}
}

// soon tells whether putting the actor away is not worth while, because the sweeper would bring it back.
func (c *client) soon(t time.Time) bool {
	at, ok := session.Deadline(c.state)
	return !c.loadedAt.IsZero() || ok && at.Sub(t) < session.WakeStep+c.d.cfg.Sweep
}

// stopping is the end, after a panic too: everybody is answered whose work will not be committed, or perhaps was.
func (c *client) stopping() {
	if c.timer != nil {
		c.timer.Stop()
	}
	why := outward(c.broken)
	if errors.Is(why, session.ErrUnavailable) {
		c.d.cfg.Log.Error("a client actor ends; the next comes from the row", "client", c.id, "error", c.broken)
	}
	for _, f := range []*fold{c.flight, c.next} {
		if f != nil {
			for _, reply := range f.replies {
				reply(why)
			}
		}
	}
	c.flight, c.next = nil, nil
}
