package wsapi

import (
	"context"

	"vakhta/session"
)

// events replays what the terminal has missed and goes on with what happens. Meanwhile live events are held, so that
// there is neither a gap nor a doubling between the two.
func (g *Gateway) events(ctx context.Context, c *Caller, p eventsFrom) (subscribed, error) {
	t := c.terminal
	before := t.hold()
	past, err := ask[session.Events](ctx, c, session.ReadEvents{Since: p.Since})
	if err != nil {
		t.release(before, before >= 0)
		return subscribed{}, err
	}
	if past.Gap {
		t.await(c.seq)
		t.say(writeFrame("resync", subscribed{c.seq}, g.Now(), 0))
		past.Events = nil
	}
	told := c.seq
	for _, e := range past.Events {
		t.say(eventFrame(e, c.who.Profile))
		told = max(told, e.Seq)
	}
	c.after = func() { t.release(told, true) } // behind the reply, which so names the last event before it
	return subscribed{told}, nil
}

// hold keeps live events back. It returns the last one that was told; -1: none is told.
func (t *terminal) hold() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feed.replaying = true
	if !t.feed.live {
		return -1
	}
	return t.feed.told
}

// release tells what was held and is newer, and from then on what comes.
func (t *terminal) release(told int64, live bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := &t.feed
	held := f.held
	f.replaying, f.held, f.live, f.told = false, nil, live, told
	for _, e := range held {
		t.tell(e)
	}
}
