package wsapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

func auth(name, password string) string {
	return fmt.Sprintf(`{"login":%q,"password":%q,"rememberMe":null,"viewOnlyMode":false}`, name, password)
}

func TestAnUnknownLoginNameIsAnsweredLikeAWrongPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		for try := range 7 {
			known := h.call("", "authByLogin", auth("demo", "wrong"))
			unknown := h.call("", "authByLogin", auth("nobody", "wrong"))
			if known.body != unknown.body || known.status != unknown.status || known.header.Get("Retry-After") != unknown.header.Get("Retry-After") {
				t.Errorf("try %d: %d %s\n and %d %s", try+1, known.status, known.body, unknown.status, unknown.body)
			}
			want := map[bool]string{true: "wrong_password", false: "password_blocked"}[try < 5]
			if known.json["reason"] != want || known.json["code"] != 12.0 || (known.status == 429) != (try >= 5) {
				t.Errorf("try %d: %d %s", try+1, known.status, known.body)
			}
		}
		blocked := h.call("", "authByLogin", auth("demo", "demo"))
		if blocked.header.Get("Retry-After") != "900" || blocked.json["retryAfter"] != 900.0 {
			t.Errorf("blocked: %v %s", blocked.header, blocked.body)
		}
		time.Sleep(15 * time.Minute)
		if got := h.call("", "authByLogin", auth("demo", "demo")); got.json["success"] != true {
			t.Errorf("after the block: %s", got.body)
		}
		if got := h.call("", "authByLogin", auth("NOBODY", "wrong")); got.json["attemptsLeft"] != 4.0 {
			t.Errorf("nobody after the block: %s", got.body)
		}
	})
}

func TestParallelRightLoginsNeverLockAnybodyOut(t *testing.T) {
	h := newHouse(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got := h.call("", "authByLogin", auth("demo", "demo")); got.json["success"] != true {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	all.Wait()
}

func TestManyLoginsAtOnceAreToldToComeLater(t *testing.T) {
	h := newHouse(t)
	for range comparedAtOnce { // both slots are taken
		h.g.passwords.slots <- struct{}{}
	}
	var all sync.WaitGroup
	answers := make(chan reply, 200)
	for i := range 100 {
		all.Go(func() { answers <- h.call("", "authByLogin", auth(fmt.Sprint("nobody", i), "x")) })
	}
	busy := 0
	for range 100 - waitingMost - comparedAtOnce {
		if got := <-answers; got.status == 429 && got.header.Get("Retry-After") != "" && got.json["reason"] == "busy" {
			busy++
		}
	}
	if busy != 100-waitingMost-comparedAtOnce {
		t.Errorf("%d were told to come later", busy)
	}
	for range comparedAtOnce {
		<-h.g.passwords.slots
	}
	all.Wait()
	close(answers)
	for got := range answers {
		if got.json["reason"] != "wrong_password" {
			t.Errorf("one that has waited: %d %s", got.status, got.body)
		}
	}
}

func TestNeitherOneLoginNameNorOneAddressCanTakeAllPlaces(t *testing.T) {
	h := newHouse(t)
	p, ctx := h.g.passwords, t.Context()
	from := func(n int) string { return fmt.Sprintf("192.0.2.%d", n) }
	var all sync.WaitGroup
	stop := make(chan struct{})
	for i := range waitingForName {
		all.Go(func() {
			_ = p.inLine(ctx, "demo", from(i/waitingFrom), func() error { <-stop; return nil })
		})
	}
	for p.waitingNow() < waitingForName {
		time.Sleep(time.Millisecond)
	}
	at := func(name, address string) error { return p.inLine(ctx, name, address, func() error { return nil }) }
	if err := at("demo", from(9)); !errors.Is(err, errBusy) {
		t.Errorf("one more for the name: %v", err)
	}
	if err := at("second", from(0)); !errors.Is(err, errBusy) {
		t.Errorf("one more from the address: %v", err)
	}
	if err := at("second", from(9)); err != nil {
		t.Errorf("another from elsewhere: %v", err)
	}
	close(stop)
	all.Wait()
}

func TestLoggingInWithALiveSIDGivesItANewOneAndKeepsTheSession(t *testing.T) {
	h := newHouse(t)
	old := h.login("demo")
	h.open(old)
	got := h.do(h.request("POST", "/api/check-login-password", "login=demo&password=demo", "Cookie", "SID="+old))
	if got.json["isSecuritySessionOpened"] != true || got.json["SID"] == old {
		t.Errorf("%s", got.body)
	}
	if got := h.call(old, "getSidInfo", `{}`); got.json["SID"] != nil {
		t.Errorf("the old SID still lives: %s", got.body)
	}
	got = h.do(h.request("POST", "/api/check-login-password", "login=second&password=second", "Cookie", "SID="+got.json["SID"].(string)))
	if got.json["isSecuritySessionOpened"] != false || got.json["userId"] != 100002.0 {
		t.Errorf("another client with the same browser: %s", got.body)
	}
}

func TestAPasswordIsChangedByWhoKnowsTheOldOne(t *testing.T) {
	h := newHouse(t)
	sid, other := h.login("demo"), h.login("demo")
	for params, reason := range map[string]string{
		`{"oldPassword":"demo","newPassword":"short"}`:          "weak_password",
		`{"oldPassword":"wrong","newPassword":"long enough 1"}`: "wrong_password",
		`{"newPassword":"long enough 1"}`:                       "bad_params",
	} {
		if got := h.call(sid, "changePassword", params); got.json["reason"] != reason {
			t.Errorf("%s: %s", params, got.body)
		}
	}
	thief := h.connect(sid)
	got := h.call(sid, "changePassword", `{"oldPassword":"demo","newPassword":"long enough 1"}`)
	renewed, ok := got.json["SID"].(string)
	if !ok || renewed == sid || !strings.Contains(got.header.Get("Set-Cookie"), renewed) {
		t.Errorf("%s %v", got.body, got.header)
	}
	if h.call(renewed, "getSidInfo", `{}`).json["SID"] == nil || h.call(other, "getSidInfo", `{}`).json["SID"] != nil {
		t.Error("the own login must stay and the other one end")
	}
	if h.call(sid, "getSidInfo", `{}`).json["SID"] != nil || thief.closed() != byeSuperseded.Code {
		t.Error("whoever had the old SID must be out")
	}
	if got := h.call("", "authByLogin", auth("demo", "long enough 1")); got.json["success"] != true {
		t.Errorf("the new password: %s", got.body)
	}
}

func TestATryIsSettledEvenIfTheClientDoesNotWait(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := &Caller{g: h.g}
	h.core.takes = 20 * time.Millisecond
	go func() { time.Sleep(5 * time.Millisecond); cancel() }()
	if _, err := h.g.authByLogin(ctx, c, loginParams{Login: "demo", Password: "demo"}); err != nil {
		t.Errorf("%v", err)
	}
	h.core.mu.Lock()
	defer h.core.mu.Unlock()
	if tries := h.core.clients[1].state.Password.Tries; tries != 0 {
		t.Errorf("%d tries are counted", tries)
	}
}

func TestADeviceIsCalledWhatItSaysButNotMore(t *testing.T) {
	c := &Caller{agent: "Robot/1.0\n"}
	for label, want := range map[string]string{
		"":                        "Robot/1.0",
		" Chromium,\x00 Linux ":   "Chromium, Linux",
		strings.Repeat("я", 1000): strings.Repeat("я", 64),
	} {
		if got := c.device(label); got != want {
			t.Errorf("%q: %q", label, got)
		}
	}
}

func TestStrangersAreRememberedUpToABound(t *testing.T) {
	s := strangers{policy: session.DefaultPolicy(), key: strings.ToLower}
	for i := range strangersMost + 100 {
		if err := s.attempt(fmt.Sprint(i), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.states.of) != strangersMost {
		t.Errorf("%d are remembered", len(s.states.of))
	}
}

func (p *passwords) waitingNow() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting
}

func TestANewSIDEndsTheConnectionsOfWhoeverHasTheOldOne(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	thief := h.connect(sid)
	h.call(sid, "authByLogin", `{"login":"demo","password":"demo"}`)
	if code := thief.closed(); code != byeSuperseded.Code {
		t.Errorf("the thief's connection was closed with %d", code)
	}
}

func TestALinkCannotLogABrowserIn(t *testing.T) {
	h := newHouse(t)
	got := h.do(h.request("GET", "/api/?q="+url.QueryEscape(`{"cmd":"authByLogin","params":{"login":"demo","password":"demo"}}`), ""))
	if got.json["SID"] == nil || got.header.Get("Set-Cookie") != "" {
		t.Errorf("%s, cookies %q", got.body, got.header.Values("Set-Cookie"))
	}
}
