package wsapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
)

// upgrade turns a request into a terminal. The handler returns at once, so that net/http lets go of all that it keeps
// for a request.
func (g *Gateway) upgrade(w http.ResponseWriter, r *http.Request) {
	if !g.ownOrigin(r) {
		http.Error(w, "a page of another site may not connect here: open the terminal itself, or set --public-url", http.StatusForbidden)
		return
	}
	c := g.caller(r)
	c.sid = cookieSID(r)
	if sid := querySID(r.URL.Query()); sid != "" {
		c.sid = sid
	}
	if err := c.identify(r.Context()); err != nil || g.isDraining() {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the server cannot serve terminals now: come back in a moment", http.StatusServiceUnavailable)
		return
	}
	t := &terminal{g: g, address: c.address, agent: c.agent, wire: wire{now: g.Now}}
	ws, err := websocket.Accept(&slimWriter{w, &t.wire}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // the origin was checked above, against more than the library knows
		CompressionMode:    websocket.CompressionDisabled,
		OnPongReceived:     t.heard,
		OnPingReceived:     t.pinged,
	})
	if err != nil {
		g.Log.Debug("no upgrade", "error", err)
		return
	}
	ws.SetReadLimit(frameSkip)
	t.ws = ws
	t.lastRead.Store(g.Now().UnixNano())
	t.lastWrite.Store(g.Now().UnixNano())
	if !g.enter(t) {
		go func() { _ = ws.Close(byeDraining.Code, byeDraining.Reason) }()
		return
	}
	go t.serve(c) //nolint:gosec // a terminal outlives the request that it came by
}

func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// ownOrigin tells whether a browser sent the request from a page of ours. Whoever sends no Origin is no browser.
func (g *Gateway) ownOrigin(r *http.Request) bool {
	text := r.Header.Get("Origin")
	if text == "" {
		return true
	}
	origin, err := url.Parse(text)
	if err != nil || origin.Host == "" {
		return false
	}
	if g.public != nil && strings.EqualFold(origin.Host, g.public.Host) {
		return origin.Scheme == g.public.Scheme
	}
	return strings.EqualFold(origin.Host, r.Host) && (origin.Scheme == "https") == g.byTLS(r)
}

func (g *Gateway) isDraining() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.draining
}
