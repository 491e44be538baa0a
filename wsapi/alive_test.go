package wsapi

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"vakhta/session"
)

func TestAQuietConnectionIsKeptAliveAndASilentPeerIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		s := h.connect(h.login("demo"))
		began := time.Now()
		for range 5 { // reading answers the pings
			if f := s.expect("keepAlive"); string(f.data) != "[]" {
				t.Errorf("keepAlive %s", f.data)
			}
		}
		if took := time.Since(began); took < 5*keepAliveAfter || took > 5*(keepAliveAfter+sweepEvery) {
			t.Errorf("five took %v", took)
		}
		if h.core.attached(1) != 1 {
			t.Error("the terminal is gone")
		}
		time.Sleep(deadAfter + 3*sweepEvery) // nobody reads, and so nobody answers the pings
		if h.core.attached(1) != 0 {
			t.Error("a silent peer was not noticed")
		}
	})
}

func TestAfterTheServerStoodStillPeersHaveTheTimeToAnswer(t *testing.T) {
	for _, stood := range []bool{true, false} {
		here, there := net.Pipe()
		x := &terminal{g: newHouse(t).g, wire: wire{Conn: here, now: time.Now}, writing: true}
		now := time.Now()
		x.lastRead.Store(now.Add(-deadAfter).UnixNano())
		x.lastWrite.Store(now.UnixNano())
		x.look(now, stood, nil)
		_ = there.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, err := there.Read(make([]byte, 1)); errors.Is(err, io.EOF) == stood {
			t.Errorf("stood still %v: %v", stood, err)
		}
		if asked := len(x.outbox) == 1; asked != stood {
			t.Errorf("stood still %v: asked whether it is there %v", stood, asked)
		}
	}
}

func TestTheEndOfASessionIsPushedAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		opened := time.Now()
		s := h.connect(sid)
		s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
		s.send(`["sessions"]`)
		if rows := s.expect("sessions"); !strings.Contains(string(rows.data), `"expire":18000`) {
			t.Errorf("sessions %s", rows.data)
		}
		var warned []float64
		for {
			f := s.next()
			switch f.name {
			case "session.expiring":
				warned = append(warned, f.json["left"].(float64))
			case "session.closed":
				if f.json["reason"] != "expired" || time.Since(opened) != 5*time.Hour || !slices.Equal(warned, []float64{900, 300, 60}) {
					t.Errorf("%s after %v, warnings %v", f.data, time.Since(opened), warned)
				}
				if rows := s.expect("sessions"); string(rows.data) != "[]" || rows.seq() != f.seq() {
					t.Errorf("sessions %s at %d", rows.data, rows.seq())
				}
				return
			}
		}
	})
}

func TestPricesAreFullFirstAndThenWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		s := h.connect("")
		s.send(`["quotes",["SBER","AAPL"]]`)
		first, second := s.expect("q"), s.expect("q")
		if first.json["init"] != 1.0 || first.json["n"] != 1.0 || first.json["bbp"] == nil || first.json["min_step"] != 0.01 || second.json["c"] != "AAPL" {
			t.Errorf("%s %s", first.data, second.data)
		}
		for n := range 5 { // AAPL stands still
			f := s.expect("q")
			if f.json["c"] != "SBER" || f.json["n"] != float64(n+2) || f.json["ltp"] == nil || f.json["init"] != nil || f.json["op"] != nil {
				t.Errorf("%s", f.data)
			}
		}
		late := h.connect("")
		late.send(`["quotes","SBER"]`)
		if f := late.expect("q"); f.json["n"] != 6.0 || f.json["init"] != 1.0 {
			t.Errorf("who comes later sees %s", f.data)
		}
		if a, b := s.expect("q"), late.expect("q"); string(a.data) != string(b.data) {
			t.Errorf("%s and %s", a.data, b.data)
		}
		s.send(`["quotes",["AAPL"]]`)
		for f := s.next(); f.json["c"] != "AAPL"; f = s.next() {
		}
		s.ask("unsubscribe", `["quotes"]`)
		late.ask("quotes", `[]`)
		time.Sleep(3 * time.Second)
		h.g.market.mu.Lock()
		defer h.g.market.mu.Unlock()
		if h.g.market.ticking || len(h.g.market.boards) != 0 {
			t.Error("the market ticks for nobody")
		}
	})
}

func TestATerminalThatSaysThatItLeavesIsGoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s := h.connect(sid)
		s.send(`["leaveTerminal"]`)
		if code := s.closed(); code != websocket.StatusNormalClosure {
			t.Errorf("closed with %d", code)
		}
		h.goneFor(10 * time.Second)
	})
}

func TestABeaconEndsTheTerminalThatItNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s := h.dial(sid)
		number := s.expect("userData").json["terminal"].(float64)
		stranger := h.login("second")
		if got := h.call(stranger, "leaveTerminal", fmt.Sprintf(`{"terminal":%.0f}`, number)); got.json["success"] != true || h.core.attached(1) != 1 {
			t.Errorf("a stranger: %s", got.body)
		}
		h.call(sid, "leaveTerminal", fmt.Sprintf(`{"terminal":%.0f}`, number))
		s.closed()
		h.goneFor(10 * time.Second)
	})
}

func TestABeaconThatComesAfterTheEndOfItsConnectionShortensTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s := h.dial(sid)
		number := s.expect("userData").json["terminal"].(float64)
		_ = s.ws.CloseNow()
		time.Sleep(time.Second)
		h.goneFor(5 * time.Minute)
		h.call(sid, "leaveTerminal", fmt.Sprintf(`{"terminal":%.0f}`, number))
		h.goneFor(10 * time.Second)
	})
}

// goneFor checks what the client's last event says: his terminal is gone, and his session closes after the grace.
func (h *house) goneFor(grace time.Duration) {
	h.t.Helper()
	synctest.Wait()
	h.core.mu.Lock()
	defer h.core.mu.Unlock()
	events := h.core.clients[1].events
	gone, ok := events[len(events)-1].Event.(session.TerminalGone)
	if !ok || gone.ClosesAt.Sub(gone.At) != grace {
		h.t.Errorf("the last event is %+v, want a grace of %v", events[len(events)-1].Event, grace)
	}
}

func TestLoggingOutEndsTheConnectionBehindItsReply(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	s, other := h.connect(sid), h.connect(sid)
	s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
	got, before := s.ask("logout", `{}`)
	if !slices.Equal(before, []string{"session.closed", "login.closed"}) || result(got)["success"] != true {
		t.Errorf("%v %s", before, got.data)
	}
	if code := s.closed(); code != 4500 {
		t.Errorf("closed with %d", code)
	}
	if code := other.closed(); code != 4500 {
		t.Errorf("the other one: closed with %d", code)
	}
}

func TestDrainingAnswersWhatIsInFlightAndTellsTerminalsToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s, idle := h.connect(sid), h.connect("")
		s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
		h.core.takes = time.Second
		s.send(`["putTradeOrder",` + anOrder + `,"first"]`)
		synctest.Wait()
		s.send(`["putTradeOrder",` + anOrder + `,"second"]`)
		synctest.Wait()
		drained := make(chan struct{})
		go func() { defer close(drained); h.g.Drain(t.Context()) }()
		s.expect("order.accepted")
		s.expect("session.extended")
		if f := s.expect("reply"); f.json["id"] != "first" || f.json["result"] == nil {
			t.Errorf("the order in flight: %s", f.data)
		}
		if f := s.expect("reply"); f.json["id"] != "second" || f.json["reason"] != "draining" {
			t.Errorf("the order behind it: %s", f.data)
		}
		if code := s.closed(); code != 4000 {
			t.Errorf("closed with %d", code)
		}
		if code := idle.closed(); code != 4000 {
			t.Errorf("the idle one: closed with %d", code)
		}
		<-drained
		if got := h.call(sid, "getSafetyTypes", `{}`); got.json["reason"] != "draining" {
			t.Errorf("afterwards: %s", got.body)
		}
		if got := h.do(h.request("GET", "/readyz", "")); got.status != 503 {
			t.Errorf("afterwards it is ready: %s", got.body)
		}
	})
}

func TestAnUnreachableJournalEndsTerminalsWithComeBack(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	s := h.connect(sid)
	h.core.mu.Lock()
	h.core.broken = session.ErrUnavailable
	h.core.mu.Unlock()
	if got, _ := s.ask("getSecuritySessions", `{}`); got.json["reason"] != "unavailable" {
		t.Errorf("%s", got.data)
	}
	if res := h.try("/ws?SID=" + sid); res.status != http.StatusServiceUnavailable || res.header.Get("Retry-After") == "" {
		t.Errorf("a new one: %v", res)
	}
	if got := h.call(sid, "getSidInfo", `{}`); got.json["reason"] != "unavailable" {
		t.Errorf("nobody may seem to be logged out: %s", got.body)
	}
}

func TestTheOrdersChannelShowsThemAllAndThenWhatChanges(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	placed := h.call(sid, "putTradeOrder", anOrder)
	id := session.OrderID(placed.json["order_id"].(float64))
	s := h.connect(sid)
	s.send(`["orders"]`)
	if f := s.expect("orders"); !strings.Contains(string(f.data), `"stat":1,`) || f.seq() != h.core.version(1) {
		t.Errorf("all: %s", f.data)
	}
	for _, c := range []struct {
		x    session.Execution
		stat string
	}{
		{session.Execution{Kind: session.ExecutionWorking}, `"stat":10,`},
		{session.Execution{Kind: session.ExecutionFill, ID: "x1", Quantity: 4 * session.One, Price: 300 * session.One}, `"stat":12,`},
		{session.Execution{Kind: session.ExecutionFill, ID: "x2", Quantity: 1 * session.One, Price: 29999 * session.One / 100}, `"leaves_qty":5,`},
		{session.Execution{Kind: session.ExecutionCancelled}, `"stat":30,`},
	} {
		h.core.happened(1, session.ReportExecution{ID: id, Execution: c.x})
		f := s.expect("orders")
		if !strings.Contains(string(f.data), c.stat) || f.seq() != h.core.version(1) {
			t.Errorf("want %s, got %s", c.stat, f.data)
		}
	}
	all := h.call(sid, "getNotifyOrderJson", `{}`)
	if !strings.Contains(all.body, `"trade":[{"id":"x1","p":300,"q":4,"v":1200,`) || !strings.Contains(all.body, `{"id":"x2","p":299.99,"q":1,"v":299.99,`) {
		t.Errorf("all: %s", all.body)
	}
	if got := h.call(sid, "getNotifyOrderJson", `{"active_only":1}`); got.body != `{"result":{"orders":{"key":"%demo"}}}` {
		t.Errorf("the active ones: %s", got.body)
	}
}

func TestTheSessionsChannelKnowsTheSessionsOfOtherLogins(t *testing.T) {
	h := newHouse(t)
	old := h.login("demo")
	mine := h.login("demo")
	s := h.connect(mine)
	s.send(`["sessions"]`)
	s.expect("sessions")
	h.open(old) // a login that was there before, and is not in the picture
	f := s.expect("sessions")
	if !strings.Contains(string(f.data), fmt.Sprintf(`"login":%d,`, h.loginOf(old))) {
		t.Errorf("%s", f.data)
	}
	if got, _ := s.ask("closeSecuritySession", `{"others":true}`); result(got)["closed"] != 1.0 {
		t.Errorf("%s", got.data)
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.connect(sid)
	h.core.mu.Lock()
	h.core.broken = fmt.Errorf("a fault")
	h.core.mu.Unlock()
	h.call(sid, "getSafetyTypes", `{}`)
	h.do(h.request("GET", "/api/?q="+url.QueryEscape(`{"cmd":"getSafetyTypes"}`)+"&sid="+sid, ""))
	h.call("", "authByLogin", `{"login":"demo","password":"topsecret"}`)
	log := h.log.String()
	if !strings.Contains(log, "a fault") {
		t.Errorf("a fault must be logged: %s", log)
	}
	for _, secret := range []string{sid, "topsecret"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has a secret: %s", log)
		}
	}
}
