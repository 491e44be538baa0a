package actors

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"vakhta/session"
)

// What a terminal actor and its client actor tell each other.
type (
	// attach asks to be told every event after since; a negative since means: from now on.
	attach struct {
		login session.LoginID
		since int64
	}
	attached struct {
		seq int64
		err error
	}
	// detach says that the terminal is gone; announced: on purpose, as when its tab is closed.
	detach struct{ announced bool }
	// orphaned says that the client actor is gone.
	orphaned struct{}
	// told has events in order; all terminals of a client get the same slice.
	told struct{ events []session.Numbered }
	// leave comes from the gateway: the connection has ended.
	leave struct{ announced bool }
	// again says that it is time to look for the client actor anew.
	again struct{}
)

// Between two looks for a client actor that cannot be reached, and how often before the terminal is told to come back.
const (
	againAfter = 250 * time.Millisecond
	mostAgain  = 40
)

// terminal is the actor of one connection. It stands between the client actor, which it finds again when that is
// replaced, and the socket, on which it never waits.
type terminal struct {
	d *Directory
	connection

	home      *actor.PID // the client actor; nil: between two of them
	seq       int64      // the last event pushed; -1: not attached yet
	tries     int32
	waits     bool // to look for the client actor anew
	announced bool // it leaves on purpose
}

// connection is a terminal actor's first message.
type connection struct {
	client  session.ClientID
	login   session.LoginID
	push    func([]session.Numbered) bool
	goodbye func(session.Goodbye)
	ready   chan<- attached // gets the first answer; nil afterwards
}

// Attach connects a terminal to its client's events. Every event after seq is pushed, in order and without gaps; push
// must not block and returns false when it cannot take more, which ends the connection as Slow. Leave is to be called
// once, when the connection has ended. Errors are those of Ask.
func (d *Directory) Attach(ctx context.Context, client session.ClientID, login session.LoginID,
	push func([]session.Numbered) bool, goodbye func(session.Goodbye),
) (seq int64, leaves func(announced bool), err error) {
	ready := make(chan attached, 1)
	d.terminals.Add(1)
	pid := d.system.Root.Spawn(d.terminalProps)
	d.system.Root.Send(pid, &connection{client: client, login: login, push: push, goodbye: goodbye, ready: ready})
	leaves = func(announced bool) { d.system.Root.Send(pid, &leave{announced}) }
	select {
	case got := <-ready:
		return got.seq, leaves, got.err
	case <-ctx.Done():
		leaves(false)
		return 0, nil, ctx.Err()
	}
}

func (t *terminal) Receive(ctx actor.Context) {
	defer func() {
		if r := recover(); r != nil {
			t.d.cfg.Log.Error("a terminal actor panicked", "client", t.client, "panic", r, "stack", string(debug.Stack()))
			t.end(ctx, session.Unavailable)
		}
	}()
	switch m := ctx.Message().(type) {
	case *connection:
		t.connection, t.seq = *m, -1
		t.lookForHome(ctx)
	case *again:
		t.lookForHome(ctx)
	case *orphaned:
		t.home = nil
		t.tryAgain(ctx)
	case *attached:
		t.attached(ctx, m)
	case *told:
		t.tell(ctx, m.events)
	case session.Goodbye:
		t.end(ctx, m)
	case *leave:
		t.announced = m.announced
		ctx.Stop(ctx.Self())
	case *actor.Stopping: // after a panic too
		if t.home != nil {
			ctx.Request(t.home, &detach{t.announced})
			t.d.forget(t.client, ctx.Self())
		}
	case *actor.Stopped:
		t.d.terminals.Add(-1)
	}
}

// lookForHome finds the client actor and asks to be attached to it. To ask twice does no harm.
func (t *terminal) lookForHome(ctx actor.Context) {
	t.waits = false
	if t.home == nil {
		t.home = t.d.find(t.client, func(r *resident) { r.terminals = append(r.terminals, ctx.Self()) })
	}
	if t.home == nil { // the server is being stopped
		t.end(ctx, session.Draining)
		return
	}
	ctx.Request(t.home, &attach{login: t.login, since: t.seq})
}

// tryAgain lets a moment pass, for the client actor's successor to come or for the journal to come back.
func (t *terminal) tryAgain(ctx actor.Context) {
	if t.waits {
		return
	}
	t.waits = true
	if t.tries++; t.tries > mostAgain {
		t.end(ctx, session.Unavailable)
		return
	}
	root, self := t.d.system.Root, ctx.Self()
	wait := againAfter
	if t.tries == 1 {
		wait = 0
	}
	time.AfterFunc(wait, func() { root.Send(self, &again{}) })
}

func (t *terminal) attached(ctx actor.Context, got *attached) {
	switch {
	case t.ready != nil:
		t.ready <- *got
		t.ready = nil
		if got.err != nil {
			ctx.Stop(ctx.Self())
			return
		}
		t.seq = got.seq
	case errors.As(got.err, new(*session.Refusal)):
		t.end(ctx, session.GoodbyeLogin)
		return
	case got.err != nil:
		t.tryAgain(ctx)
		return
	}
	t.tries = 0
}

// tell pushes what the socket has not had yet.
func (t *terminal) tell(ctx actor.Context, events []session.Numbered) {
	for len(events) > 0 && events[0].Seq <= t.seq {
		events = events[1:]
	}
	if len(events) == 0 {
		return
	}
	t.seq = events[len(events)-1].Seq
	if !t.push(events) {
		t.end(ctx, session.Slow)
	}
}

// end says goodbye.
func (t *terminal) end(ctx actor.Context, why session.Goodbye) {
	ctx.Stop(ctx.Self())
	if t.ready != nil {
		t.ready <- attached{err: session.ErrUnavailable}
		t.ready = nil
	} else {
		t.goodbye(why)
	}
}
