package main

import (
	"net/url"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence/pgtest"
)

func TestTwoHundredParallelWrongPasscodesCompareThreePerPasscodeAndBlockAfterFive(t *testing.T) {
	for name, database := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.New(t) },
	} {
		w := newWorld(t, database())
		t.Run(name, func(t *testing.T) {
			w.t = t
			synctest.Test(t, func(t *testing.T) {
				w.t = t
				w.start()
				defer w.stop()
				all := w.sockets(20)
				ask(t, all[0], "getSecuritySessionCode", nil)
				code := codeIn(w.nextText())
				first := guessInParallel(t, all, code)
				if first["compared"] != 3 || first["no_passcode"] != 197 {
					t.Errorf("of the first passcode: %v", first)
				}
				if f := enter(t, all[5], code); f.text("reason") != "no_passcode" {
					t.Errorf("the right one after all tries: %s", f.raw)
				}

				time.Sleep(time.Minute)
				ask(t, all[1], "getSecuritySessionCode", nil)
				code = codeIn(w.nextText())
				second := guessInParallel(t, all, code)
				if second["compared"] != 2 || second["sms_blocked"] != 198 {
					t.Errorf("of the second passcode: %v", second)
				}
				if f := enter(t, all[5], code); f.text("reason") != "sms_blocked" {
					t.Errorf("the right one after the block: %s", f.raw)
				}
				for _, x := range all {
					x.drop()
				}
			})
		})
	}
}

// sockets opens connections of one login: they share its passcode.
func (w *world) sockets(n int) (all []*terminal) {
	sid := w.login("demo", "demo")
	for range n {
		all = append(all, w.connect(sid))
	}
	return all
}

func ask(t testing.TB, x *terminal, name string, params any) frame {
	t.Helper()
	f, err := x.call(t.Context(), name, params, nil)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return f
}

func enter(t testing.TB, x *terminal, code string) frame {
	t.Helper()
	return ask(t, x, "checkSecuritySessionCode", map[string]any{"validationKey": code})
}

// guessInParallel enters ten wrong passcodes on each connection, and counts what came of them.
func guessInParallel(t *testing.T, all []*terminal, code string) map[string]int {
	var mu sync.Mutex
	var done sync.WaitGroup
	came := map[string]int{}
	right, _ := strconv.Atoi(code)
	for i, x := range all {
		done.Go(func() {
			for j := range 10 {
				wrong := strconv.Itoa(1_000_000 + (right+1+10*i+j)%1_000_000)[1:]
				f := enter(t, x, wrong)
				outcome := f.text("reason")
				if outcome == "" && f.text("result.success") == "false" {
					outcome = "compared"
				}
				mu.Lock()
				came[outcome]++
				mu.Unlock()
			}
		})
	}
	done.Wait()
	return came
}

func TestTwoHundredParallelWrongPasswordsCompareFive(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		var mu sync.Mutex
		var done sync.WaitGroup
		came := map[string]int{}
		for i := range 200 {
			done.Go(func() {
				f := w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {"wrong" + strconv.Itoa(i)}})
				mu.Lock()
				came[f.name+" "+f.text("reason")]++
				mu.Unlock()
			})
		}
		done.Wait()
		if came["200 wrong_password"] != 5 || came["429 password_blocked"]+came["429 busy"] != 195 {
			t.Errorf("%v", came)
		}
		if f := w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {"demo"}}); f.text("reason") != "password_blocked" {
			t.Errorf("the right one after the block: %s", f.raw)
		}
	})
}

// What a stranger does at the door must not lock the owner's trading.
func TestABlockedLoginNameDoesNotTouchAnOpenSession(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		x := w.sockets(1)[0]
		ask(t, x, "getSecuritySessionCode", nil)
		enter(t, x, codeIn(w.nextText()))
		for range 7 {
			w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {"wrong"}})
		}
		order := map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1}
		if f := ask(t, x, "putTradeOrder", order); f.text("result.order_id") == "" {
			t.Errorf("the owner cannot trade: %s", f.raw)
		}
		x.drop()
	})
}
