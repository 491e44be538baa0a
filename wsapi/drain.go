package wsapi

import (
	"context"

	"vakhta/session"
)

// Drain ends the service politely: no new command is begun, those in flight are answered, and every terminal is told to
// come back. It returns when that is done, or when ctx is; then the rest is cut off.
func (g *Gateway) Drain(ctx context.Context) {
	g.mu.Lock()
	if !g.draining {
		g.draining = true
		close(g.stopped)
	}
	done := make(chan struct{})
	g.idle = done
	all := make([]*terminal, 0, len(g.terminals))
	for _, t := range g.terminals {
		all = append(all, t)
	}
	g.settled()
	g.mu.Unlock()
	for _, t := range all {
		t.goodbye(session.Draining)
	}
	select {
	case <-done:
	case <-ctx.Done():
		for _, t := range all {
			t.wire.Close()
		}
	}
}

// settled tells whoever drains that nothing is left. g.mu is held.
func (g *Gateway) settled() {
	if g.idle != nil && g.calls == 0 && len(g.terminals) == 0 {
		close(g.idle)
		g.idle = nil
	}
}

var errDraining = door(draining, "the server is being stopped", "come back in a moment")

// beginCall counts an HTTP command in, unless the server is being stopped.
func (g *Gateway) beginCall() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining {
		return errDraining
	}
	g.calls++
	return nil
}

func (g *Gateway) endCall() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls--
	g.settled()
}

// enter gives a terminal its number; false: the server is being stopped.
func (g *Gateway) enter(t *terminal) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining {
		return false
	}
	g.number++
	t.number = g.number
	g.terminals[t.number] = t
	g.meters.connections.Inc()
	if !g.sweeping {
		g.sweeping = true
		go g.sweep()
	}
	return true
}

func (g *Gateway) exit(t *terminal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.terminals, t.number)
	g.meters.connections.Dec()
	g.settled()
}

// connected is the live terminal of that number, if it belongs to the login.
func (g *Gateway) connected(number int64, of session.LoginID) *terminal {
	g.mu.Lock()
	t := g.terminals[number]
	g.mu.Unlock()
	if t == nil || t.loginID() != of {
		return nil
	}
	return t
}
