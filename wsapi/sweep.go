package wsapi

import (
	"context"
	"time"
)

// One goroutine looks after all terminals, while there are any.
const (
	sweepEvery     = 5 * time.Second
	keepAliveAfter = 50 * time.Second // of silence on our side
	pingAfter      = 30 * time.Second // of silence on the other side
	deadAfter      = 90 * time.Second // three pings without an answer
)

func (g *Gateway) sweep() {
	clock := time.NewTicker(sweepEvery)
	defer clock.Stop()
	for last := g.Now(); ; {
		select {
		case <-clock.C:
		case <-g.stopped:
			return
		}
		all := g.everybody()
		if g.restsNow() {
			return
		}
		now := g.Now()
		stood := now.Sub(last) > 2*sweepEvery
		last = now
		keepAlive := writeFrame("keepAlive", []struct{}{}, now, 0)
		for _, t := range all {
			t.look(now, stood, keepAlive)
			t.forget(now)
		}
	}
}

// restsNow tells that there is nobody: then the sweeper ends.
func (g *Gateway) restsNow() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sweeping = len(g.terminals) > 0
	return !g.sweeping
}

func (g *Gateway) everybody() []*terminal {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*terminal, 0, len(g.terminals))
	for _, t := range g.terminals {
		all = append(all, t)
	}
	return all
}

// look keeps a quiet connection alive, asks a quiet peer whether it is still there, and ends a dead one: but not when it was we
// who stood still, as a machine does that is moved.
func (t *terminal) look(now time.Time, stood bool, keepAlive []byte) {
	heard, said := time.Unix(0, t.lastRead.Load()), time.Unix(0, t.lastWrite.Load())
	switch silence := now.Sub(heard); {
	case silence >= deadAfter && !stood && !t.choked():
		t.wire.Close()
		return
	case silence >= pingAfter && now.Sub(t.lastPing) >= pingAfter:
		t.lastPing = now
		t.hear(ping)
	}
	if now.Sub(said) >= keepAliveAfter {
		t.hear(keepAlive)
	}
}

// choked tells whether it is the gateway that does not read: too much is waiting to be done.
func (t *terminal) choked() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.space != nil
}

// heard and pinged note that the peer is alive; they are called while the reader reads.
func (t *terminal) heard(context.Context, []byte) {
	t.lastRead.Store(t.g.Now().UnixNano())
	t.wire.pause()
}

func (t *terminal) pinged(ctx context.Context, body []byte) bool {
	t.heard(ctx, body)
	return true
}
