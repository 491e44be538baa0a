package wsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"vakhta/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a gateway with the core behind it, and clients in front of it, over pipes: it works inside a bubble of
// testing/synctest as well as outside.
type house struct {
	t      *testing.T
	core   *fakeCore
	g      *Gateway
	server *http.Server
	pipes  *pipes
	client *http.Client
	log    *bytes.Buffer
}

func newHouse(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	h := &house{t: t, core: newFakeCore(), pipes: newPipes(), log: &bytes.Buffer{}}
	cfg := Config{
		Ask: h.core.Ask, Attach: h.core.Attach, Credential: h.core.Credential, LoginKey: strings.ToLower, Policy: h.core.policy,
		PhoneNumber: fakePhone, OPRF: h.core.oprf,
		Instruments: func() []session.Instrument { return fakeInstruments }, Quote: fakeQuote,
		Delivered: func(context.Context) ([]session.Delivered, error) { return h.core.texts, nil },
		Files: fstest.MapFS{
			"index.html":          {Data: []byte("<title>terminal</title>")},
			"phone.html":          {Data: []byte("<title>phone</title>")},
			"assets/main-x1y2.js": {Data: []byte("1")},
			"favicon.svg":         {Data: []byte("<svg/>")},
		},
		Log: slog.New(slog.NewTextHandler(&lockedWriter{w: h.log}, nil)), Metrics: prometheus.NewRegistry(), Version: "test",
	}
	for _, c := range change {
		c(&cfg)
	}
	h.g = New(cfg)
	h.server = &http.Server{Handler: h.g.Handler(), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = h.server.Serve(h.pipes) }()
	h.client = h.browser()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		h.g.Drain(ctx)
		_ = h.server.Close()
		<-done
		h.client.CloseIdleConnections()
		h.core.mu.Lock()
		if h.core.alarm != nil {
			h.core.alarm.Stop()
		}
		h.core.mu.Unlock()
	})
	return h
}

func (h *house) browser() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return h.pipes.dial(), nil },
	}}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// pipes is a network of net.Pipe.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
	case <-p.done:
		far.Close()
	}
	return near
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// reply is an answer over HTTP.
type reply struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

func (h *house) do(r *http.Request) reply {
	h.t.Helper()
	res, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	out := reply{status: res.StatusCode, header: res.Header, body: strings.TrimSpace(string(body))}
	_ = json.Unmarshal(body, &out.json)
	return out
}

func (h *house) request(method, path, body string, headers ...string) *http.Request {
	h.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, "http://vakhta.test"+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// call sends a v1 command by POST, with the SID in q.
func (h *house) call(sid, cmd, params string) reply {
	h.t.Helper()
	q := fmt.Sprintf(`{"cmd":%q,"params":%s,"SID":%q}`, cmd, params, sid)
	return h.do(h.request("POST", "/api/", url.Values{"q": {q}}.Encode()))
}

func (h *house) login(name string) (sid string) {
	h.t.Helper()
	r := h.call("", "authByLogin", fmt.Sprintf(`{"login":%q,"password":%q}`, name, name))
	sid, ok := r.json["SID"].(string)
	if !ok {
		h.t.Fatalf("no login: %s", r.body)
	}
	return sid
}

// open opens a security session over HTTP.
func (h *house) open(sid string) {
	h.t.Helper()
	h.call(sid, "getSecuritySessionCode", `{}`)
	r := h.call(sid, "checkSecuritySessionCode", fmt.Sprintf(`{"validationKey":%q}`, h.core.code()))
	if r.json["success"] != true {
		h.t.Fatalf("no session: %s", r.body)
	}
}

// socket is a terminal's connection, seen from its side.
type socket struct {
	h  *house
	ws *websocket.Conn
	n  int
}

func (h *house) dial(sid string) *socket {
	h.t.Helper()
	ws, res, err := websocket.Dial(h.t.Context(), "ws://vakhta.test/ws?SID="+sid, &websocket.DialOptions{HTTPClient: h.client})
	if err != nil {
		h.t.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	ws.SetReadLimit(16 << 20)
	h.t.Cleanup(func() { _ = ws.CloseNow() })
	return &socket{h: h, ws: ws}
}

// try asks for an upgrade and hangs up.
func (h *house) try(path string, headers ...string) reply {
	h.t.Helper()
	head := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		head.Set(headers[i], headers[i+1])
	}
	ws, res, err := websocket.Dial(h.t.Context(), "ws://vakhta.test"+path, &websocket.DialOptions{HTTPClient: h.client, HTTPHeader: head})
	if err == nil {
		_ = ws.CloseNow()
	}
	if res == nil {
		h.t.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	return reply{status: res.StatusCode, header: res.Header}
}

// connect dials and reads the first frame.
func (h *house) connect(sid string) *socket {
	h.t.Helper()
	s := h.dial(sid)
	s.expect("userData")
	return s
}

func (s *socket) send(text string) {
	s.h.t.Helper()
	if err := s.ws.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		s.h.t.Fatalf("send %s: %v", text, err)
	}
}

// heard is a frame of the server.
type heard struct {
	name string
	data json.RawMessage
	tail string
	json map[string]any
}

func (f heard) seq() int64 {
	var seq int64
	_, after, _ := strings.Cut(f.tail, "&seq=")
	_, _ = fmt.Sscan(after, &seq)
	return seq
}

func (s *socket) read() (heard, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Hour) // of the bubble: outside go test has its own
	defer cancel()
	_, text, err := s.ws.Read(ctx)
	if err != nil {
		return heard{}, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 3 {
		return heard{}, fmt.Errorf("no frame of three: %s", text)
	}
	f := heard{data: parts[1]}
	_ = json.Unmarshal(parts[0], &f.name)
	_ = json.Unmarshal(parts[2], &f.tail)
	_ = json.Unmarshal(parts[1], &f.json)
	return f, nil
}

func (s *socket) next() heard {
	s.h.t.Helper()
	f, err := s.read()
	if err != nil {
		s.h.t.Fatal(err)
	}
	return f
}

// expect reads one frame, which must have that name.
func (s *socket) expect(name string) heard {
	s.h.t.Helper()
	f := s.next()
	if f.name != name {
		s.h.t.Fatalf("got %s %s, want %s", f.name, f.data, name)
	}
	return f
}

// ask sends a command and reads up to its reply. It returns the names of the frames before it, too.
func (s *socket) ask(name, params string) (reply heard, before []string) {
	s.h.t.Helper()
	s.n++
	id := fmt.Sprintf("r%d", s.n)
	s.send(fmt.Sprintf(`[%q, %s, %q]`, name, params, id))
	for {
		f := s.next()
		if f.name == "reply" && f.json["id"] == id {
			return f, before
		}
		before = append(before, f.name)
	}
}

// closed reads to the end and returns the close code.
func (s *socket) closed() websocket.StatusCode {
	s.h.t.Helper()
	for {
		if _, err := s.read(); err != nil {
			s.h.t.Log(err)
			return websocket.CloseStatus(err)
		}
	}
}

func result(f heard) map[string]any {
	r, _ := f.json["result"].(map[string]any)
	return r
}

// expectSeq reads one event and returns its number.
func (s *socket) expectSeq() int64 {
	s.h.t.Helper()
	return s.next().seq()
}

func (h *house) loginOf(sid string) session.LoginID {
	_, login, _ := session.ParseSID(sid)
	return login
}
