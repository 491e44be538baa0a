package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

const pin, wrongPIN = "739184", "739185"

// holder is a client with a WEB-token on his device, and a terminal to use it from.
type holder struct {
	*world
	sid   string
	x     *terminal
	token *device
	pause time.Duration // between two texts
	hear  func(frame)   // gets all that comes; nil: nobody does
}

// say sends a command over the holder's terminal.
func (h *holder) say(name string, params map[string]any) frame {
	h.t.Helper()
	f, err := h.x.call(h.t.Context(), name, params, h.hear)
	if err != nil {
		h.t.Errorf("%s: %v", name, err)
	}
	if h.hear != nil {
		h.hear(f)
	}
	return f
}

// bySMS opens a session by SMS.
func (h *holder) bySMS() {
	h.t.Helper()
	h.say("getSecuritySessionCode", nil)
	if f := enter(h.t, h.x, codeIn(h.nextText())); f.text("result.success") != "true" {
		h.t.Fatalf("no session by SMS: %s", f.raw)
	}
}

// connected registers a WEB-token as the terminal does (M14, M15), and ends the session that was needed for it.
func connected(w *world, login, password string, pause time.Duration) *holder {
	w.t.Helper()
	h := &holder{world: w, sid: w.login(login, password), pause: pause}
	h.x = w.connect(h.sid)
	h.bySMS()
	h.register()
	h.say("closeSecuritySession", map[string]any{"all": true})
	return h
}

func (h *holder) register() {
	h.t.Helper()
	h.token = newDevice()
	challenge, begun := h.token.begin(h.say)
	if h.token.Token == 0 {
		h.t.Fatalf("not begun: %s", begun.raw)
	}
	order := h.token.protect(h.say, challenge, pin)
	time.Sleep(h.pause)
	f := h.say("submitCps", map[string]any{"docId": 190, "data": order, "safetyTypeId": 3})
	text, fingerprint := h.nextText(), f.text("result.document.data.fingerprint")
	if fingerprint == "" || !strings.Contains(text, fingerprint) {
		h.t.Fatalf("the order %s, the text %q", f.raw, text)
	}
	f = h.say("signCps", map[string]any{"id": f.number("result.document.id"), "validationKey": codeIn(text)})
	if f.text("result.success") != "true" {
		h.t.Fatalf("not signed: %s", f.raw)
	}
}

// held runs a test with a holder, on both databases, in a bubble.
func held(t *testing.T, do func(t *testing.T, h *holder), args ...string) {
	t.Helper()
	onEach(t, func(t *testing.T, w *world) {
		h := connected(w, "demo", "demo", 2*time.Minute)
		defer h.x.drop()
		do(t, h)
	}, args...)
}

// M14 to M18 from start to end.
func TestAWebTokenOpensASessionByItsPIN(t *testing.T) {
	held(t, func(t *testing.T, h *holder) {
		f, right := h.token.open(h.say, wrongPIN)
		if right || f.text("result.attemptsLeft") != "4" {
			t.Errorf("a wrong PIN: %v %s", right, f.raw)
		}
		f, right = h.token.open(h.say, pin)
		if !right || f.text("result.success") != "true" || f.text("result.sessions.0.safety_type_id") != "7" || f.text("result.sessions.0.expire") != "18000" {
			t.Fatalf("the right one: %v %s", right, f.raw)
		}
		order := h.say("putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1})
		if order.text("reason") != "out_of_scope" {
			t.Errorf("a trading order: %s", order.raw)
		}
		time.Sleep(3 * time.Hour)
		if f := h.signPhone("+79035554433"); f.text("result.success") != "true" || f.text("result.document.safety_type_id") != "7" {
			t.Errorf("a non-trading order: %s", f.raw)
		}
		if f := h.say("getSecuritySessions", nil); f.text("result.0.expire") != "18000" {
			t.Errorf("extended: %s", f.raw)
		}
	})
}

// signPhone adds a contact phone by an order that is signed by the WEB-token.
func (h *holder) signPhone(number string) frame {
	data := map[string]any{"action": "add", "phone": number}
	drafted := h.say("submitCps", map[string]any{"docId": 210, "data": data, "safetyTypeId": 7})
	id := drafted.text("result.document.id")
	text, err := json.Marshal(map[string]any{"id": drafted.number("result.document.id"), "docId": 210, "data": data})
	if err != nil {
		h.t.Fatal(err)
	}
	return h.say("signCps", map[string]any{"id": id, "payload": string(text), "sigS": h.token.Sign(id, string(text), h.session())})
}

// session is the id of the holder's open session.
func (h *holder) session() session.SessionID {
	return session.SessionID(h.say("getSecuritySessions", nil).number("result.0.id"))
}

func TestAfterFiveWrongPINsTheTokenIsLocked(t *testing.T) {
	held(t, func(t *testing.T, h *holder) {
		for left := 4; left >= 0; left-- {
			if f, right := h.token.open(h.say, wrongPIN); right || f.text("result.attemptsLeft") != strconv.Itoa(left) {
				t.Errorf("with %d left: %s", left, f.raw)
			}
		}
		if f, _ := h.token.open(h.say, pin); f.text("reason") != "web_token_tries" {
			t.Errorf("the sixth: %s", f.raw)
		}
		time.Sleep(time.Minute)
		if f, _ := h.token.open(h.say, pin); f.text("reason") != "web_token_locked" {
			t.Errorf("a minute later: %s", f.raw)
		}
		if text := h.nextText(); !strings.Contains(text, "слишком много неверных ПИН-кодов") {
			t.Errorf("the client's phone is told %q", text)
		}
		h.bySMS()
		h.register()
		if f, right := h.token.open(h.say, pin); !right || f.text("result.success") != "true" {
			t.Errorf("a new one: %s", f.raw)
		}
	})
}

func TestACopyOfTheBrowsersProfileIsNoticedEvenWithTheRightPIN(t *testing.T) {
	held(t, func(t *testing.T, h *holder) {
		thief := h.token.copied()
		h.token.open(h.say, pin)
		f, right := thief.open(h.say, pin)
		if right || f.text("reason") != "web_token_cloned" {
			t.Errorf("the copy: %v %s", right, f.raw)
		}
		if text := h.nextText(); !strings.Contains(text, "замечена его копия") {
			t.Errorf("the client's phone is told %q", text)
		}
		if f := h.say("getSecuritySessions", nil); f.text("result.#") != "0" {
			t.Errorf("the session that the token had opened: %s", f.raw)
		}
		if f, _ := h.token.open(h.say, pin); f.text("reason") != "web_token_cloned" {
			t.Errorf("the owner: %s", f.raw)
		}
	})
}

func TestTwoHundredParallelEvaluationsNeverExceedTheAttempts(t *testing.T) {
	held(t, func(t *testing.T, h *holder) {
		w := h.world
		sid := w.login("demo", "demo") // another login: the device's keys are all that matters
		var mu sync.Mutex
		var all sync.WaitGroup
		came := map[string]int{}
		for range 20 {
			x := w.connect(sid)
			all.Go(func() {
				defer x.drop()
				own := h.token.copied()
				say := func(name string, params map[string]any) frame { return ask(t, x, name, params) }
				for tries := 0; tries < 10; {
					f, _ := own.open(say, wrongPIN)
					outcome := f.text("reason")
					switch {
					case f.text("result.e") != "":
						outcome = "evaluated"
					case outcome == "too_early", outcome == "web_token_challenge": // another connection was quicker
						time.Sleep(100 * time.Millisecond)
						continue
					}
					tries++
					mu.Lock()
					came[outcome]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if came["evaluated"] != 5 || came["web_token_tries"]+came["web_token_locked"] != 195 {
			t.Errorf("%v", came)
		}
	})
}

func TestOrdersInAWebTokenSessionAreSignedAndCanBeVerified(t *testing.T) {
	held(t, func(t *testing.T, h *holder) {
		h.token.open(h.say, pin)
		in := h.session()
		plain := map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 2, "limit_price": 1, "qty": 10, "user_order_id": "a-1"}
		if f := h.say("putTradeOrder", plain); f.text("reason") != "need_token_signature" {
			t.Errorf("without a signature: %s", f.raw)
		}
		payload := `{"instr_name":"SBER","action_id":1,"order_type_id":2,"limit_price":1,"qty":10,"expiration_id":3,"user_order_id":"a-1"}`
		order := map[string]any{"payload": payload, "user_order_id": "a-1", "sigS": h.token.Sign("a-1", payload, in)}
		f := h.say("putTradeOrder", order)
		id := f.number("result.order_id")
		if id == 0 {
			t.Fatalf("signed: %s", f.raw)
		}
		order["sigS"] = h.token.Sign("a-1", payload, in) // another signature of the same bytes
		if f := h.say("putTradeOrder", order); f.number("result.order_id") != id {
			t.Errorf("the same once more: %s", f.raw)
		}
		order["payload"] = strings.Replace(payload, ":10,", ":20,", 1)
		if f := h.say("putTradeOrder", order); f.text("reason") != "order_conflict" {
			t.Errorf("another under the same id: %s", f.raw)
		}
		order["user_order_id"], order["payload"] = "a-2", strings.Replace(payload, "a-1", "a-2", 1)
		if f := h.say("putTradeOrder", order); f.text("reason") != "bad_signature" {
			t.Errorf("a signature of another: %s", f.raw)
		}
		cancel := fmt.Sprintf(`{"order_id":%d}`, id)
		if f := h.say("delTradeOrder", map[string]any{"order_id": id}); f.text("reason") != "need_token_signature" {
			t.Errorf("a cancellation without a signature: %s", f.raw)
		}
		if f := h.say("delTradeOrder", map[string]any{"payload": cancel, "sigS": h.token.Sign("", cancel, in)}); f.text("reason") != "" {
			t.Errorf("a cancellation: %s", f.raw)
		}
		if f := h.signPhone("+79035554433"); f.text("result.success") != "true" {
			t.Errorf("a non-trading order: %s", f.raw)
		}
		if code, said := h.run("orders", "verify", "100001"); code != 0 || said != "client 100001: signatures by WEB-token that are good, of orders and of registrations: 4\n" {
			t.Errorf("verified: %d %s", code, said) // the connection, the order, its end, the phone
		}
		was, becomes := base64.StdEncoding.EncodeToString([]byte(payload)), base64.StdEncoding.EncodeToString([]byte(strings.Replace(payload, ":10,", ":20,", 1)))
		if _, err := openDatabase(t, h.base).ExecContext(t.Context(), `UPDATE orders SET payload = replace(payload, '`+was+`', '`+becomes+`')`); err != nil {
			t.Fatal(err)
		}
		if code, said := h.run("orders", "verify", "100001"); code != 1 || !strings.Contains(said, fmt.Sprintf("order %d: what was signed is changed", id)) {
			t.Errorf("tampered with: %d %s", code, said)
		}
	}, "--web-token-scope", "all")
}

func TestTheEngineerRevokesAllTokens(t *testing.T) {
	held(t, func(t *testing.T, h *holder) {
		h.token.open(h.say, pin)
		if code, said := h.run("webtoken", "revoke-all"); code != 2 || !strings.Contains(said, "--reason") {
			t.Errorf("without a reason: %d %s", code, said)
		}
		if code, said := h.run("webtoken", "revoke-all", "--reason", "restored"); code != 0 || !strings.Contains(said, "of 1 clients") {
			t.Errorf("%d %s", code, said)
		}
		synctest.Wait()
		if f, _ := h.token.open(h.say, pin); f.text("reason") == "" {
			f, _ = h.token.open(h.say, pin) // the server's actor was overtaken by the command, and learns of it now
			if f.text("reason") != "web_token_revoked" {
				t.Errorf("the token: %s", f.raw)
			}
		}
		if f := h.say("getSecuritySessions", nil); f.text("result.#") != "0" {
			t.Errorf("its session: %s", f.raw)
		}
		if all := strings.Join(h.audit(), "\n"); !strings.Contains(all, "engineer.revoke_token") || !strings.Contains(all, "restored") {
			t.Errorf("the audit: %s", all)
		}
		if code, said := h.run("webtoken", "revoke", "100001"); code != 2 || !strings.Contains(said, "--reason") {
			t.Errorf("one without a reason: %d %s", code, said)
		}
		if code, said := h.run("webtoken", "revoke", "100001", "--reason", "lost laptop"); code != 1 || !strings.Contains(said, "no WEB-token") {
			t.Errorf("once more: %d %s", code, said)
		}
	})
}

// The engineer's command is the first to see that the token's time is over, and has the client told as the server would.
func TestATokenWhoseLockIsDueIsLockedByTheNextCommandWhoeverRunsIt(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		h := connected(w, "demo", "demo", 2*time.Minute)
		for range 5 {
			h.token.open(h.say, wrongPIN)
		}
		h.x.drop()
		w.stop()
		time.Sleep(2 * time.Minute)
		if code, said := w.run("clients", "unblock", "100001"); code != 0 {
			t.Errorf("%d %s", code, said)
		}
		w.start()
		if text := w.nextText(); !strings.Contains(text, "слишком много неверных ПИН-кодов") {
			t.Errorf("the client's phone is told %q", text)
		}
	})
}
