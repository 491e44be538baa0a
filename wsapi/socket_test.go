package wsapi

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"vakhta/session"
)

const anOrder = `{"instr_name":"SBER","action_id":1,"order_type_id":2,"limit_price":300,"qty":10}`

func TestWithoutAGoodSIDTheSocketShowsPublicDataOnly(t *testing.T) {
	h := newHouse(t)
	for _, sid := range []string{"", "nonsense", strings.Repeat("A", 43)} {
		s := h.dial(sid)
		if user := s.expect("userData"); user.json["isDemo"] != true || user.json["mode"] != "demo" || user.json["login"] != "" {
			t.Fatalf("userData %s", user.data)
		}
		for _, channel := range []string{"sessions", "session", "orders"} {
			s.send(fmt.Sprintf(`[%q]`, channel))
			if f := s.next(); string(f.data) != "[]" {
				t.Errorf("%s shows %s", channel, f.data)
			}
		}
		s.send(`["putTradeOrder", ` + anOrder + `]`)
		if f := s.expect("error"); f.json["code"] != 12.0 || f.json["cmd"] != "putTradeOrder" {
			t.Errorf("an order: %s", f.data)
		}
		if f, _ := s.ask("events", `{}`); f.json["code"] != 12.0 {
			t.Errorf("events: %s", f.data)
		}
		s.send(`["quotes",["SBER"]]`)
		if f := s.expect("q"); f.json["c"] != "SBER" || f.json["init"] != 1.0 {
			t.Errorf("a quote: %s", f.data)
		}
	}
}

func TestLoggingInOverTheSocketMakesItTheLogins(t *testing.T) {
	h := newHouse(t)
	s := h.connect("")
	s.send(`["sessions"]`)
	s.expect("sessions")
	got, before := s.ask("authByLogin", `{"login":"demo","password":"demo"}`)
	if !slices.Equal(before, []string{"userData"}) || result(got)["SID"] == nil {
		t.Fatalf("%v %s", before, got.data)
	}
	if f := s.expect("sessions"); f.seq() == 0 {
		t.Errorf("the list that it had asked for before: %+v", f)
	}
	if got, _ := s.ask("getSafetyTypes", `{}`); got.json["result"] == nil {
		t.Errorf("%s", got.data)
	}
	if got, _ := s.ask("authByLogin", `{"login":"second","password":"second"}`); got.json["reason"] != "other_login" {
		t.Errorf("another client on the same connection: %s", got.data)
	}
	before1 := result(got)["SID"]
	if got, _ = s.ask("authByLogin", `{"login":"demo","password":"demo"}`); result(got)["SID"] == nil || result(got)["SID"] == before1 {
		t.Errorf("logging in again: %s", got.data)
	}
	if got, _ = s.ask("getSafetyTypes", `{}`); got.json["result"] == nil {
		t.Errorf("%s", got.data)
	}
}

func TestFramesThatCannotBeUnderstoodAreAnsweredAndTheSocketStays(t *testing.T) {
	h := newHouse(t)
	s := h.connect(h.login("demo"))
	for text, reason := range map[string]string{
		`[not json`:              "bad_json",
		`{"cmd":"quotes"}`:       "bad_frame",
		`[]`:                     "bad_frame",
		`[1]`:                    "bad_frame",
		`["quotes", [], "1", 2]`: "bad_frame",
		`["quotes", [], {}]`:     "bad_frame",
		`["quotes", [], "` + strings.Repeat("x", 200) + `"]`: "bad_frame",
		"[\"\xff\"]": "bad_json",
		strings.Repeat("[", 50) + strings.Repeat("]", 50): "bad_json",
		`["noSuchCommand"]`:                           "unknown_command",
		`["orderbook",["SBER"]]`:                      "not_served",
		`["portfolio"]`:                               "not_served",
		`["quotes",["TSLA"]]`:                         "unknown_ticker",
		`["events",{"since":"x"}]`:                    "bad_params",
		`["x","` + strings.Repeat("y", 40<<10) + `"]`: "too_large",
	} {
		s.send(text)
		f := s.expect("error")
		if f.json["reason"] != reason || f.json["error"] != f.json["errMsg"] || f.json["next"] == nil {
			t.Errorf("%.60s: %s", text, f.data)
		}
	}
	if err := s.ws.Write(t.Context(), websocket.MessageBinary, []byte(`["quotes"]`)); err != nil {
		t.Fatal(err)
	}
	if f := s.expect("error"); f.json["reason"] != "bad_frame" {
		t.Errorf("a binary frame: %s", f.data)
	}
	if got, _ := s.ask("getServerTime", `{}`); result(got)["time"] == nil {
		t.Errorf("afterwards: %s", got.data)
	}
}

func TestAClientThatSendsNothingButNonsenseIsSentAway(t *testing.T) {
	h := newHouse(t)
	s := h.connect("")
	go func() {
		for range 2 * errorsMost {
			if s.ws.Write(t.Context(), websocket.MessageText, []byte(`nonsense`)) != nil {
				return
			}
		}
	}()
	if code := s.closed(); code != 4501 {
		t.Errorf("closed with %d", code)
	}
}

func TestAFrameOfAMegabyteEndsTheConnection(t *testing.T) {
	h := newHouse(t)
	s := h.connect("")
	go func() { _ = s.ws.Write(t.Context(), websocket.MessageText, make([]byte, 2<<20)) }()
	if code := s.closed(); code != websocket.StatusMessageTooBig {
		t.Errorf("closed with %d", code)
	}
}

func TestTheEventsOfACommandComeBeforeItsReplyEvenWhenTheyAreLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.core.delay = 700 * time.Millisecond
		sid := h.login("demo")
		h.open(sid)
		s := h.connect(sid)
		s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
		time.Sleep(10 * time.Second)
		for range 3 {
			_, before := s.ask("putTradeOrder", anOrder)
			if !slices.Equal(before, []string{"order.accepted", "session.extended"}) {
				t.Fatalf("before the reply came %v", before)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestEventsAreInOrderWithoutGapsWhileManyConnectionsWork(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	const connections, orders = 4, 25
	var all sync.WaitGroup
	for i := range connections {
		s := h.connect(sid)
		s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
		all.Go(func() {
			for n := range orders {
				s.send(fmt.Sprintf(`["putTradeOrder",{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":1,"user_order_id":"%d-%d"},%d]`, i, n, n))
			}
		})
		all.Go(func() {
			var last int64
			mine := map[string]bool{}
			for replies := 0; replies < orders; {
				f, err := s.read()
				switch {
				case err != nil:
					t.Error(err)
					return
				case f.name == "reply":
					replies++
					order, _ := result(f)["order"].(map[string]any)
					if !mine[fmt.Sprint(order["userOrderId"])] {
						t.Errorf("the reply %s came before its event", f.data)
					}
				default:
					if last != 0 && f.seq() != last+1 {
						t.Errorf("event %d after %d", f.seq(), last)
					}
					last = f.seq()
					if order, ok := f.json["order"].(map[string]any); ok {
						mine[fmt.Sprint(order["userOrderId"])] = true
					}
				}
			}
		})
	}
	all.Wait()
}

func TestAReplayGoesOverIntoLiveEventsWithoutGapOrDoubling(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	order := func(n int) {
		h.core.happened(1, session.SubmitOrder{Login: h.loginOf(sid), Instrument: fakeInstruments[0], Ticket: session.Ticket{
			UserOrderID: fmt.Sprint(n), Ticker: "SBER", Side: session.Buy, Type: session.Market, Quantity: session.One, Expiration: session.Day,
		}})
	}
	for n := range 200 {
		order(n)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 1000; n < 1700; n++ {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
				order(n)
			}
		}
	}()
	var last int64
	for range 8 { // the connection is lost again and again, and resumed by number
		s := h.connect(sid)
		s.send(fmt.Sprintf(`["events",{"since":%d},1]`, last))
		for live := -1; live < 20; {
			f := s.next()
			switch {
			case f.name == "reply" && int64(result(f)["seq"].(float64)) != last:
				t.Fatalf("the reply says %s after %d", f.data, last)
			case f.name == "reply":
				live = 0
				continue
			case f.seq() != last+1:
				t.Fatalf("event %d after %d", f.seq(), last)
			case live >= 0:
				live++
			}
			last = f.seq()
		}
		_ = s.ws.CloseNow()
	}
	close(stop)
	<-done
}

func TestWhoHasMissedTooMuchIsToldToTakeAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s := h.connect(sid)
		for range 600 {
			h.core.happened(1, session.RequestPasscode{Login: h.loginOf(sid)})
			h.core.mu.Lock()
			h.core.clients[1].state.SMS = session.SMSMeans{}
			h.core.mu.Unlock()
			h.core.happened(1, session.EnterPasscode{Login: h.loginOf(sid), Code: h.core.code()})
		}
		synctest.Wait() // or what is still on its way would be new
		got, before := s.ask("events", `{"since":1}`)
		if !slices.Equal(before, []string{"resync"}) || result(got)["seq"] != float64(h.core.version(1)) {
			t.Errorf("%v %s", before, got.data)
		}
		if got, before = s.ask("events", `{"since":999999}`); !slices.Equal(before, []string{"resync"}) {
			t.Errorf("from the future: %v %s", before, got.data)
		}
	})
}

func TestTheSameRequestIdIsCarriedOutOnce(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	s := h.connect(sid)
	ask := func(id string) heard {
		s.send(`["putTradeOrder",` + anOrder + `,` + id + `]`)
		return s.expect("reply")
	}
	first := ask(`"a"`)
	if again := ask(`"a"`); string(again.data) != string(first.data) {
		t.Errorf("%s then %s", first.data, again.data)
	}
	if other := ask(`1`); result(other)["order_id"] == result(first)["order_id"] || other.json["id"] != 1.0 {
		t.Errorf("another id: %s", other.data)
	}
	for n := range repliesKept {
		ask(fmt.Sprint(n + 2))
	}
	if late := ask(`"a"`); result(late)["order_id"] == result(first)["order_id"] {
		t.Errorf("only the last %d are kept: %s", repliesKept, late.data)
	}
}

func TestRepliesAreKeptForAMinuteAndThoseToOrdersWithAnIDOfTheClientNotAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s := h.connect(sid)
		ask := func(order, id string) float64 {
			s.send(`["putTradeOrder",` + order + `,` + id + `]`)
			return result(s.expect("reply"))["order_id"].(float64)
		}
		kept := func() (n int) {
			for _, x := range h.g.everybody() {
				n += len(x.recent)
			}
			return n
		}
		first := ask(anOrder, `"a"`)
		s.expect("keepAlive") // which is earlier
		if ask(anOrder, `"a"`) != first || kept() != 1 {
			t.Errorf("within a minute it is the same order; %d are kept", kept())
		}
		s.expect("keepAlive")
		s.expect("keepAlive")
		if kept() != 0 || ask(anOrder, `"a"`) == first {
			t.Errorf("%d are kept", kept())
		}
		named := strings.Replace(anOrder, "{", `{"user_order_id":77,`, 1)
		second := ask(named, `"b"`)
		if kept() != 1 || ask(named, `"b"`) != second {
			t.Errorf("%d are kept", kept())
		}
	})
}

func TestATerminalThatDoesNotReadIsClosedAndTheOthersAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		slow, quick := h.connect(sid), h.connect(sid)
		since := fmt.Sprintf(`{"since":%d}`, h.core.version(1))
		slow.ask("events", since)
		quick.ask("events", since)
		for n := range 3 * outboxFrames {
			h.core.happened(1, session.SubmitOrder{Login: h.loginOf(sid), Instrument: fakeInstruments[0], Ticket: session.Ticket{
				UserOrderID: fmt.Sprint(n), Ticker: "SBER", Side: session.Buy, Type: session.Market, Quantity: session.One, Expiration: session.Day,
			}})
			for quick.expectSeq() < h.core.version(1) {
			}
		}
		if got, _ := quick.ask("getServerTime", `{}`); got.json["result"] == nil {
			t.Errorf("the quick one: %s", got.data)
		}
		time.Sleep(writeDeadline + 6*time.Second)
		if h.core.attached(1) != 1 {
			t.Errorf("%d terminals are left", h.core.attached(1))
		}
	})
}

func TestASlowTerminalThatReadsAgainIsToldToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		h.open(sid)
		s := h.connect(sid)
		s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
		for n := range 3 * outboxFrames {
			h.core.happened(1, session.SubmitOrder{Login: h.loginOf(sid), Instrument: fakeInstruments[0], Ticket: session.Ticket{
				UserOrderID: fmt.Sprint(n), Ticker: "SBER", Side: session.Buy, Type: session.Market, Quantity: session.One, Expiration: session.Day,
			}})
		}
		time.Sleep(time.Second)
		if code := s.closed(); code != 4001 {
			t.Errorf("closed with %d", code)
		}
	})
}
