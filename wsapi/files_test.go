package wsapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"vakhta/session"

	"github.com/prometheus/client_golang/prometheus"
)

func TestPagesAreServedUnderAStrictPolicy(t *testing.T) {
	h := newHouse(t)
	for path, c := range map[string]struct {
		status      int
		text, cache string
	}{
		"/":                    {200, "<title>terminal", "no-cache"},
		"/dev/phone":           {200, "<title>phone", "no-cache"},
		"/assets/main-x1y2.js": {200, "1", "public, max-age=31536000, immutable"},
		"/favicon.svg":         {200, "<svg/>", "no-cache"},
		"/index.html":          {404, "the terminal is at /", ""},
		"/phone.html":          {404, "the terminal is at /", ""},
		"/assets/":             {404, "the terminal is at /", ""},
		"/../secret":           {404, "", ""},
		"/nothing":             {404, "the API at /api/docs", ""},
		"/api/docs":            {200, "putTradeOrder", "no-cache"},
		"/api/docs.css":        {200, "font:", "no-cache"},
		"/healthz":             {200, "ok", "no-store"},
		"/readyz":              {200, "ok", "no-store"},
	} {
		r := h.request("GET", path, "")
		r.Host = "127.0.0.1:8080"
		got := h.do(r)
		if got.status != c.status || !strings.Contains(got.body, c.text) || c.cache != "" && got.header.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %v %.80s", path, got.status, got.header, got.body)
		}
		if got.status == 200 && (got.header.Get("Content-Security-Policy") != policy || got.header.Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

func TestWithoutABuiltTerminalThePageSaysWhatToDo(t *testing.T) {
	h := newHouse(t, func(cfg *Config) { cfg.Files = nil })
	if got := h.do(h.request("GET", "/", "")); got.status != 404 || !strings.Contains(got.body, "make run") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestTheDevelopmentPhoneIsThereOnlyWhenItIsWanted(t *testing.T) {
	h := newHouse(t)
	texts := func(host string) reply {
		r := h.request("GET", "/dev/phone/messages", "")
		r.Host = host
		return h.do(r)
	}
	if got := texts("127.0.0.1:8080"); got.body != "[]" {
		t.Errorf("no texts: %s", got.body)
	}
	h.call(h.login("demo"), "getSecuritySessionCode", `{}`)
	for _, host := range []string{"127.0.0.1:8080", "localhost:8080", "[::1]:8080"} {
		if got := texts(host); !strings.HasPrefix(got.body, `[{"to":"+79031111111","text":"`+h.core.code()+`","at":"20`) {
			t.Errorf("one text at %s: %s", host, got.body)
		}
	}
	if got := texts("evil.example"); got.status != 404 {
		t.Errorf("a name of another site that points here: %d %s", got.status, got.body)
	}
	h = newHouse(t, func(cfg *Config) { cfg.Delivered = nil })
	for _, path := range []string{"/dev/phone", "/dev/phone/messages"} {
		if got := h.do(h.request("GET", path, "")); got.status != 404 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestAServerThatCannotWorkIsNotReady(t *testing.T) {
	h := newHouse(t, func(cfg *Config) { cfg.Ready = func(context.Context) error { return errors.New("no database") } })
	if got := h.do(h.request("GET", "/readyz", "")); got.status != 503 || strings.Contains(got.body, "database") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestTheEngineerSeesFiguresAndProfiles(t *testing.T) {
	figures := prometheus.NewRegistry()
	h := newHouse(t, func(cfg *Config) { cfg.Metrics = figures })
	s := h.connect(h.login("demo"))
	s.ask("getServerTime", `{}`)
	s.send(`nonsense`)
	s.expect("error")
	admin := h.g.AdminHandler(figures)
	for path, want := range map[string]string{
		"/metrics":      `vakhta_commands_total{command="getServerTime",outcome="ok"} 1`,
		"/debug/pprof/": "goroutine",
		"/healthz":      "ok",
		"/readyz":       "ok",
	} {
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %.300s", path, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	admin.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, want := range []string{"vakhta_terminals 1", "vakhta_protocol_errors_total 1", `vakhta_command_seconds_count{command="authByLogin"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is not among the figures", want)
		}
	}
}

func TestThePageOfTheAPIListsEverything(t *testing.T) {
	h := newHouse(t)
	page := h.do(h.request("GET", "/api/docs", "")).body
	for _, c := range h.g.commands.all {
		if !strings.Contains(page, `id="`+c.name+`"`) {
			t.Errorf("%s is not on the page", c.name)
		}
	}
	for _, e := range allEvents {
		if name, _ := wireEvent(e, time.Time{}, session.Profile{}); !strings.Contains(page, "<h3>"+name+"</h3>") {
			t.Errorf("%s is not on the page", name)
		}
	}
	for reason := range codes {
		if !strings.Contains(page, "<td>"+string(reason)+"</td>") {
			t.Errorf("%s is not on the page", reason)
		}
	}
	for _, reason := range constantsOf(t, "../session/lifetime.go", "CloseReason") {
		if !strings.Contains(page, "<code>"+reason+"</code>") {
			t.Errorf("nobody is told that a session may be closed for %s", reason)
		}
	}
	for _, label := range []string{"register", "evaluate-register", "evaluate-open", "open", "order"} {
		if !strings.Contains(page, "<code>WT1/"+label+"</code>") {
			t.Errorf("nobody is told what a WEB-token signs as WT1/%s", label)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "style=") {
		t.Error("the policy forbids scripts and styles in the page")
	}
}

func TestTheTerminalsCopyOfTheWireIsFresh(t *testing.T) {
	var want bytes.Buffer
	if err := TypeScript(&want); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../frontend/src/wire.ts")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want.Bytes()) {
		t.Error("frontend/src/wire.ts is stale: run «go generate ./wsapi»")
	}
}

func TestATerminalThatIsGoneComesOnNoPriceBoard(t *testing.T) {
	h := newHouse(t)
	gone := &terminal{g: h.g, gone: true} // its connection ended while it waited for its turn
	if _, err := h.g.market.watch(gone, []string{"SBER"}); err != nil {
		t.Error(err)
	}
	if n := len(h.g.market.boards); n != 0 {
		t.Errorf("%d boards have it", n)
	}
}
