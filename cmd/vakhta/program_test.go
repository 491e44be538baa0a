package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence/pgtest"
)

// pipes is a listener without a network, so that time can move in a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// world is the whole program in one process, with a client's view of it.
type world struct {
	t    testing.TB
	dir  string
	args []string // of serve, without those of the database
	base string   // the database's URL
	key  string
	log  *logbook

	program *program
	line    *pipes
	door    *http.Client
	texts   int // that were read
}

const here = "http://127.0.0.1"

// thrifty are the flags that make hashing passwords quick.
var thrifty = []string{"--password-memory", "8", "--password-passes", "1"}

// newWorld is to be called outside of a bubble: it makes a database of its own.
func newWorld(t testing.TB, database string, args ...string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), args: append(append([]string{"--demo"}, thrifty...), args...), log: &logbook{}}
	w.base, w.key = "sqlite:"+filepath.Join(w.dir, "vakhta.db"), filepath.Join(w.dir, "master.key")
	if database != "" {
		w.base = database
	}
	return w
}

// served runs a test against the whole program in a bubble, on SQLite.
func served(t *testing.T, test func(t *testing.T, w *world), args ...string) {
	t.Helper()
	servedFrom(t, "", test, args)
}

// onEach does so on each database.
func onEach(t *testing.T, test func(t *testing.T, w *world), args ...string) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { servedFrom(t, "", test, args) })
	t.Run("postgres", func(t *testing.T) { servedFrom(t, pgtest.New(t), test, args) })
}

func servedFrom(t *testing.T, database string, test func(t *testing.T, w *world), args []string) {
	t.Helper()
	w := newWorld(t, database, args...)
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		test(t, w)
	})
}

// on is the part of a command line that names the database.
func (w *world) on(args ...string) []string {
	return append(args, "--database-url", w.base, "--master-key-file", w.key)
}

// settings are those that the command line makes.
func (w *world) settings() (s settings) {
	w.t.Helper()
	rest, err := parse("serve", w.on(w.args...), streams{err: io.Discard}, func(f *flag.FlagSet) { s.flags(f) })
	if err != nil || len(rest) > 0 {
		w.t.Fatalf("settings: %v %v", rest, err)
	}
	return s
}

// start starts the program on a new listener.
func (w *world) start() {
	w.t.Helper()
	w.line = newPipes()
	w.door = &http.Client{Transport: &http.Transport{DialContext: w.line.dial}}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if w.program, err = startOn(w.t.Context(), []net.Listener{w.line}, w.settings(), log); err != nil {
		w.t.Fatalf("start: %v", err)
	}
}

// stop lets the program finish.
func (w *world) stop() {
	w.t.Helper()
	w.door.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := w.program.stop(ctx); err != nil {
		w.t.Errorf("stop: %v", err)
	}
}

// crash leaves what a kill -9 would leave: the files as they are at this instant.
func (w *world) crash() {
	w.t.Helper()
	file, ok := strings.CutPrefix(w.base, "sqlite:")
	if !ok {
		w.t.Fatal("only SQLite can crash in a test's process")
	}
	after := file + "-after"
	for _, suffix := range []string{"", "-wal"} {
		if text, err := os.ReadFile(file + suffix); err == nil {
			if err := os.WriteFile(after+suffix, text, 0o600); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.base = "sqlite:" + after
}

// run carries out another command line on the same database.
func (w *world) run(args ...string) (code int, out string) {
	var b bytes.Buffer
	code = run(context.Background(), w.on(args...), streams{in: strings.NewReader(""), out: &b, err: &b})
	return code, b.String()
}

const formType = "application/x-www-form-urlencoded"

// get and post ask over HTTP; an answer's name is its status.
func (w *world) get(path string) frame { return w.request(http.MethodGet, path, nil) }

func (w *world) post(path string, form url.Values) frame {
	return w.request(http.MethodPost, path, strings.NewReader(form.Encode()), "Content-Type", formType)
}

// request asks over HTTP, with headers: name, value, name, value.
func (w *world) request(method, path string, body io.Reader, headers ...string) frame {
	w.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, here+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := w.door.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	f := frame{name: answer.Status[:3], at: time.Now(), raw: string(text)}
	f.data, _ = decodeJSON(text)
	return f
}

// login is a login by name and password: the SID.
func (w *world) login(name, password string) string {
	w.t.Helper()
	f := w.post("/api/check-login-password", url.Values{"login": {name}, "password": {password}})
	sid := f.text("SID")
	if sid == "" {
		w.t.Fatalf("no login for %s: %s", name, f.raw)
	}
	return sid
}

func (w *world) connect(sid string) *terminal {
	w.t.Helper()
	x, err := dial(context.Background(), w.door, here, sid)
	if err != nil {
		w.t.Fatalf("connect: %v", err)
	}
	return x
}

// came are the texts on the development phone, the newest first: all of them, or those to one number.
func (w *world) came(to string) (all []string) {
	w.t.Helper()
	messages, _ := w.get("/dev/phone/messages").data.([]any)
	for _, m := range slices.Backward(messages) {
		if f := (frame{data: m}); to == "" || f.text("to") == to {
			all = append(all, f.text("text"))
		}
	}
	if len(all) == 0 {
		w.t.Fatalf("nothing has come to the development phone %s", to)
	}
	return all
}

// textTo is the newest text to a number.
func (w *world) textTo(to string) string { return w.came(to)[0] }

// lastCode is the newest passcode on the development phone; digits: on that phone. A notice has none.
func (w *world) lastCode(digits string) string {
	w.t.Helper()
	to := ""
	if digits != "" {
		to = "+" + digits
	}
	for _, text := range w.came(to) {
		if code := codeIn(text); code != "" {
			return code
		}
	}
	w.t.Fatalf("no passcode has come to the development phone %s", to)
	return ""
}

// nextText is the next one that comes to the development phone. It waits, in a bubble too.
func (w *world) nextText() string {
	w.t.Helper()
	for range 1000 {
		if all, _ := w.get("/dev/phone/messages").data.([]any); len(all) > w.texts {
			w.texts++
			return frame{data: all[w.texts-1]}.text("text")
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatal("nothing comes to the development phone")
	return ""
}

// codeIn is the passcode in a text: what stands behind its number, for a phone may have six digits in a row too.
func codeIn(text string) string {
	if found := passcode.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

var passcode = regexp.MustCompile(`\d: (\d{6})\b`)

// otherThan is a passcode that is wrong.
func otherThan(code string) string {
	wrong := []byte(code)
	wrong[5] = '0' + (wrong[5]-'0'+1)%10
	return string(wrong)
}

// logbook is a log that several goroutines write.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
