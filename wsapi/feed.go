package wsapi

import (
	"context"
	"time"

	"vakhta/session"
)

// feed is how far the events of a client have come on one terminal.
type feed struct {
	pushed int64 // the last event that the client's actor has pushed

	live      bool               // the terminal asked for events
	told      int64              // the last event that it was told
	replaying bool               // it is being told older ones; meanwhile newer ones are held
	held      []session.Numbered //

	sessions *sessionsChannel // nil: it did not ask for them
	orders   *ordersChannel

	awaited int64         // the reply of the running command waits for this number
	reached chan struct{} // closed then
}

// heldMost are the live events that may wait for the end of a replay.
const heldMost = outboxFrames

// awaitMost is how long a reply waits for its events. They are on their way when the answer is; but if they are lost,
// the answer must not be.
const awaitMost = 5 * time.Second

// push takes the client's events. It is called by the client's actor and never waits; false: the terminal is too slow.
func (t *terminal) push(batch []session.Numbered) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone || t.cutOff() {
		return true
	}
	f := &t.feed
	for _, e := range batch {
		if e.Seq <= f.pushed {
			continue
		}
		f.pushed = e.Seq
		t.tell(e)
		f.sessions.apply(e)
		f.orders.apply(e)
	}
	t.showChanges()
	if f.reached != nil && f.pushed >= f.awaited {
		f.wake()
	}
	if t.full() || len(f.held) > heldMost {
		t.endNow(byeSlow)
		return false
	}
	return true
}

// tell tells an event, if the terminal has asked for events, and each once.
func (t *terminal) tell(e session.Numbered) {
	switch f := &t.feed; {
	case f.replaying:
		f.held = append(f.held, e)
	case f.live && e.Seq > f.told:
		f.told = e.Seq
		t.put(eventFrame(e, t.who.Profile))
	}
}

// showChanges sends the channels what has changed in them.
func (t *terminal) showChanges() {
	now := t.g.Now()
	if f := t.feed.sessions; f.changed() {
		t.put(f.frame(now, t.feed.pushed))
	} else if f.isStale() {
		t.begin(job{run: t.readSessions})
	}
	if f := t.feed.orders; f.changed() {
		t.put(f.frame(now, t.feed.pushed))
	} else if f.isStale() {
		t.begin(job{run: t.readOrders})
	}
}

// wake lets the waiting reply go.
func (f *feed) wake() {
	if f.reached != nil {
		close(f.reached)
		f.reached = nil
	}
}

// await waits until the events up to seq are in the outbox, or no more will come.
func (t *terminal) await(seq int64) {
	t.mu.Lock()
	f := &t.feed
	if t.who == nil || f.pushed >= seq || t.gone || t.ending != nil && t.ending != byeDraining {
		t.mu.Unlock()
		return
	}
	reached := make(chan struct{})
	f.awaited, f.reached = seq, reached
	t.mu.Unlock()
	late := time.NewTimer(awaitMost)
	defer late.Stop()
	select {
	case <-reached:
	case <-late.C:
		t.g.Log.Warn("events did not come before the reply", "terminal", t.number, "seq", seq)
	}
}

// attach makes the terminal one of the login's, whose events it gets from then on. An error leaves it as it was.
func (t *terminal) attach(ctx context.Context, c *Caller) error {
	if c.who == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	seq, leave, err := t.g.Attach(ctx, c.client(), c.login(), t.push, t.goodbye)
	if err != nil {
		return err
	}
	t.mu.Lock()
	gone := t.gone
	if !gone {
		t.leave, t.who, t.sid = leave, c.who, c.sid
		t.feed.pushed = max(t.feed.pushed, seq)
	}
	t.mu.Unlock()
	if gone {
		leave(false)
	}
	return nil
}
