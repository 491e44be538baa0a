package actors

import (
	"context"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"vakhta/session"
)

// device is a terminal that is connected: the binding of a login to a connection. It counts from the moment at which it
// came, and hears from the moment at which that is durable.
type device struct {
	pid   *actor.PID
	login session.LoginID
	hears bool
}

// attach binds a terminal to its login. It is answered when that is durable and hears every event from then on. If the
// actor ends before, there is no answer: the directory tells the terminal of the end, and it looks for the successor.
func (c *client) attach(m *attach, from *actor.PID) {
	answer := func(seq int64, err error) { c.d.system.Root.Send(from, &attached{seq: seq, err: err}) }
	if c.broken != nil {
		answer(0, outward(c.broken))
		return
	}
	_, refused := c.do(session.Attend{Login: m.login})
	if refused == nil && c.device(from) < 0 {
		c.terminals = append(c.terminals, device{pid: from, login: m.login})
	}
	c.whenDurable(func(lost error) {
		i := c.device(from)
		switch {
		case lost != nil:
		case refused != nil:
			answer(0, refused)
		case i < 0: // it left meanwhile
		default:
			if err := c.catchUp(m.since, from); err != nil {
				c.d.cfg.Log.Error("cannot read what a terminal has missed", "client", c.id, "error", err)
				answer(0, session.ErrUnavailable)
				return
			}
			c.terminals[i].hears = true
			answer(c.durable, nil)
		}
	})
}

// catchUp tells a terminal that comes back what it has missed.
func (c *client) catchUp(since int64, to *actor.PID) error {
	for since >= 0 && since < c.durable {
		missed, err := read(func(ctx context.Context) ([]session.Numbered, error) {
			return c.d.cfg.Journal.Events(ctx, c.id, since, mostReplayed)
		})
		if err != nil || len(missed) == 0 {
			return err
		}
		c.d.system.Root.Send(to, &told{missed})
		since = missed[len(missed)-1].Seq
	}
	return nil
}

// device is the place of a terminal among those that are connected; below zero: it is not.
func (c *client) device(pid *actor.PID) int {
	return slices.IndexFunc(c.terminals, func(t device) bool { return t.pid.Equal(pid) })
}

// detach ends the binding of a terminal. When it was the last one of its login the grace begins.
func (c *client) detach(pid *actor.PID, announced bool) {
	i := c.device(pid)
	if i < 0 {
		return
	}
	login := c.terminals[i].login
	c.terminals = slices.Delete(c.terminals, i, i+1)
	c.touch()
	if !c.connected(login) {
		c.tick()
		c.note(session.Detach{Login: login, Announced: announced})
	}
}

func (c *client) connected(login session.LoginID) bool {
	return slices.ContainsFunc(c.terminals, func(t device) bool { return t.login == login })
}

// recoverTerminals gives up waiting for terminals that were connected to an earlier actor of this client.
func (c *client) recoverTerminals() {
	var absent []session.LoginID
	for _, l := range c.state.Logins {
		if l.Attended && !c.connected(l.ID) {
			absent = append(absent, l.ID)
		}
	}
	if len(absent) > 0 {
		c.tick()
		c.note(session.Recover{Absent: absent, Loaded: c.loadedAt})
	}
	c.loadedAt = time.Time{}
}

// tell passes events on to every terminal, and says goodbye to those whose login has ended.
func (c *client) tell(events []session.Numbered) {
	message := &told{events}
	for _, t := range c.terminals {
		if t.hears {
			c.d.system.Root.Send(t.pid, message)
		}
	}
	for _, e := range events {
		if closed, ok := e.Event.(session.LoginClosed); ok {
			c.terminals = slices.DeleteFunc(c.terminals, func(t device) bool {
				if t.login == closed.Login {
					c.d.system.Root.Send(t.pid, session.GoodbyeLogin)
				}
				return t.login == closed.Login
			})
		}
	}
}

// mostReplayed is how many events are read at once; who asks for more takes snapshots instead.
const mostReplayed = 1000

// readEvents answers with the events after a number, up to what is durable now.
func (c *client) readEvents(ctx context.Context, q session.ReadEvents) (session.Result, error) {
	behind := c.durable - q.Since
	switch {
	case behind == 0:
		return session.Events{}, nil
	case behind < 0 || behind > mostReplayed: // a number from the future is one of a journal before it was restored
		return session.Events{Gap: true}, nil
	}
	missed, err := c.d.cfg.Journal.Events(ctx, c.id, q.Since, mostReplayed)
	if int64(len(missed)) != behind { // some are not kept any more
		return session.Events{Gap: true}, err
	}
	return session.Events{Events: missed}, err
}
