package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pquerna/otp/totp"
)

// atDesk is a browser at the operators' desk.
type atDesk struct {
	*world

	sid    string
	cookie *http.Cookie // that was set last
}

func (w *world) atDesk() *atDesk { return &atDesk{world: w} }

// ask sends a command; an answer's name is its status.
func (d *atDesk) ask(command string, params map[string]any, headers ...string) frame {
	d.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, here+"/desk/api/"+command, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if d.sid != "" {
		r.Header.Set("Cookie", "DESK="+d.sid)
	}
	answer, err := d.door.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		d.cookie, d.sid = c, c.Value
	}
	f := frame{name: answer.Status[:3], at: time.Now(), raw: string(text)}
	f.data, _ = decodeJSON(text)
	return f
}

// code is what a demo operator's authenticator shows now.
func code(t testing.TB, login string) string {
	t.Helper()
	for _, d := range demoOperators {
		if d.login == login {
			code, err := totp.GenerateCode(d.secret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
	}
	t.Fatalf("there is no demo operator %s", login)
	return ""
}

func passwordOf(login string) string { return login + "-at-the-desk" }

func (d *atDesk) try(login, password, code string) frame {
	d.t.Helper()
	return d.ask("deskLogin", map[string]any{"login": login, "password": password, "code": code})
}

// operator is a browser in which a demo operator is logged in. It waits for a code that was not used.
func (w *world) operator(login string) *atDesk {
	w.t.Helper()
	time.Sleep(30 * time.Second)
	d := w.atDesk()
	if f := d.try(login, passwordOf(login), code(w.t, login)); f.name != "200" || f.text("operator.login") != login || d.sid == "" {
		w.t.Fatalf("no login for %s: %s %s", login, f.name, f.raw)
	}
	return d
}

// demanded has a command carried out, and wants it to be.
func (d *atDesk) demand(command string, params map[string]any) frame {
	d.t.Helper()
	f := d.ask(command, params)
	if f.name != "200" || f.text("reason") != "" {
		d.t.Fatalf("%s: %s %s", command, f.name, f.raw)
	}
	return f
}

func (d *atDesk) refused(reason, command string, params map[string]any) {
	d.t.Helper()
	if f := d.ask(command, params); f.text("reason") != reason || f.text("next") == "" {
		d.t.Errorf("%s: %s %s, and not %s", command, f.name, f.raw, reason)
	}
}

func TestAnOperatorLogsInByPasswordAndCodeAndOut(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		anna := w.operator("anna")
		if c := anna.cookie; c.Name != "DESK" || len(c.Value) != 43 || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/desk" {
			t.Errorf("the cookie is %+v", c)
		}
		who := anna.demand("deskWho", nil)
		if who.text("operator.name") != "Анна Смирнова" || who.text("expiresAt") == "" || who.text("serverTime") == "" {
			t.Errorf("who: %s", who.raw)
		}
		gone := *anna
		anna.demand("deskLogout", nil)
		if anna.sid != "" || anna.cookie.MaxAge >= 0 {
			t.Error("the cookie stays")
		}
		for name, d := range map[string]*atDesk{"without a cookie": anna, "with the old one": &gone} {
			if f := d.ask("deskWho", nil); f.name != "401" || f.text("reason") != "not_operator" || f.text("next") == "" {
				t.Errorf("%s: %s %s", name, f.name, f.raw)
			}
		}
	})
}

func TestACodeOpensTheDeskOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		w.operator("anna")
		used := code(t, "anna")
		d := w.atDesk()
		if f := d.try("anna", passwordOf("anna"), used); f.text("reason") != "desk_login_failed" {
			t.Errorf("the same code again: %s", f.raw)
		}
		time.Sleep(30 * time.Second)
		if f := d.try("anna", passwordOf("anna"), used); f.text("reason") != "desk_login_failed" {
			t.Errorf("the same code a step later: %s", f.raw)
		}
		now := code(t, "anna")
		time.Sleep(30 * time.Second)
		if f := d.try("anna", passwordOf("anna"), now[:3]+" "+now[3:]); f.name != "200" || f.text("operator.login") != "anna" {
			t.Errorf("the code of the step before: %s", f.raw)
		}
		w.operator("boris")
		old := code(t, "boris")
		time.Sleep(time.Minute)
		if f := d.try("boris", passwordOf("boris"), old); f.text("reason") != "desk_login_failed" {
			t.Errorf("a code that is two steps old: %s", f.raw)
		}
		for _, bad := range []string{"000000", "12345", "1234567", "абвгде", " "} {
			if f := w.atDesk().try("boris", passwordOf("boris"), bad); f.text("reason") == "" {
				t.Errorf("the code %q opens the desk: %s", bad, f.raw)
			}
		}
	})
}

func TestAWrongPasswordAWrongCodeAndAnUnknownOperatorAreAnsweredAlike(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		time.Sleep(time.Minute)
		if code, out := w.run("operator", "disable", "boris"); code != 0 {
			t.Fatal(out)
		}
		for try := range 7 {
			d := w.atDesk()
			wrongPassword := d.try("anna", "wrong", code(t, "anna"))
			unknown := d.try("nobody", passwordOf("anna"), code(t, "anna"))
			disabled := d.try("boris", passwordOf("boris"), code(t, "boris"))
			for name, f := range map[string]frame{"unknown": unknown, "disabled": disabled} {
				if f.raw != wrongPassword.raw || f.name != wrongPassword.name {
					t.Errorf("try %d, %s: %s %s\n and %s %s", try+1, name, f.name, f.raw, wrongPassword.name, wrongPassword.raw)
				}
			}
			if want := map[bool]string{true: "desk_login_failed", false: "desk_blocked"}[try < 5]; wrongPassword.text("reason") != want ||
				(wrongPassword.name == "429") != (try >= 5) {
				t.Errorf("try %d: %s %s", try+1, wrongPassword.name, wrongPassword.raw)
			}
		}
		if f := w.atDesk().try("anna", passwordOf("anna"), code(t, "anna")); f.text("reason") != "desk_blocked" {
			t.Errorf("the right one during the block: %s", f.raw)
		}
		time.Sleep(15 * time.Minute)
		w.operator("anna")
	})
}

func TestTwoHundredParallelWrongLoginsOfAnOperatorCompareFive(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		var done sync.WaitGroup
		came := map[string]int{}
		right := code(t, "anna")
		for range 200 {
			done.Go(func() {
				f := w.atDesk().try("anna", "wrong", right)
				mu.Lock()
				came[f.name+" "+f.text("reason")]++
				mu.Unlock()
			})
		}
		done.Wait()
		if came["200 desk_login_failed"] != 5 || came["429 desk_blocked"]+came["429 busy"] != 195 {
			t.Errorf("%v", came)
		}
		if f := w.atDesk().try("anna", passwordOf("anna"), right); f.text("reason") != "desk_blocked" {
			t.Errorf("the right one after the block: %s", f.raw)
		}
	})
}

func TestAnIdleDeskIsLeftAndAPageThatAsksByItselfDoesNotKeepIt(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		anna := w.operator("anna")
		for range 4 {
			time.Sleep(25 * time.Minute)
			anna.demand("deskFind", map[string]any{"query": "100001"})
		}
		for range 5 {
			time.Sleep(5 * time.Minute)
			anna.demand("deskPending", nil)
		}
		time.Sleep(5*time.Minute + time.Second)
		if f := anna.ask("deskPending", nil); f.name != "401" {
			t.Errorf("after half an hour of nothing: %s %s", f.name, f.raw)
		}
		anna = w.operator("anna")
		opened := time.Now()
		for time.Since(opened) < 12*time.Hour-20*time.Minute {
			time.Sleep(19 * time.Minute)
			anna.demand("deskFind", map[string]any{"query": "100001"})
		}
		time.Sleep(12*time.Hour - time.Since(opened))
		if f := anna.ask("deskWho", nil); f.name != "401" {
			t.Errorf("after twelve hours: %s %s", f.name, f.raw)
		}
	})
}

func TestAFifthLoginOfAnOperatorEndsTheOldest(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		var all []*atDesk
		for range 5 {
			all = append(all, w.operator("anna"))
		}
		for i, d := range all {
			if f := d.ask("deskWho", nil); (f.name == "401") != (i == 0) {
				t.Errorf("login %d: %s", i+1, f.raw)
			}
		}
		again := all[4].sid
		time.Sleep(30 * time.Second)
		all[4].try("anna", passwordOf("anna"), code(t, "anna"))
		old := &atDesk{world: w, sid: again}
		if f := old.ask("deskWho", nil); f.name != "401" {
			t.Errorf("the login that the browser had before: %s", f.raw)
		}
		if f := all[1].ask("deskWho", nil); f.name != "200" {
			t.Errorf("a browser's own second login has pushed another out: %s", f.raw)
		}
	})
}

func TestWhatIsDoneToAnOperatorOnTheCommandLineHoldsAtOnce(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		anna, boris := w.operator("anna"), w.operator("boris")
		if code, out := w.run("operator", "disable", "anna"); code != 0 {
			t.Fatal(out)
		}
		if f := anna.ask("deskFind", map[string]any{"query": "100001"}); f.name != "401" {
			t.Errorf("who is disabled works on: %s", f.raw)
		}
		var out bytes.Buffer
		args := append(w.on("operator", "reset", "boris"), thrifty...)
		if code := run(t.Context(), args, streams{in: strings.NewReader(horse), out: &out, err: &out}); code != 0 {
			t.Fatal(out.String())
		}
		if f := boris.ask("deskWho", nil); f.name != "401" {
			t.Errorf("who was reset works on: %s", f.raw)
		}
		_, secret, _ := strings.Cut(strings.TrimSpace(out.String()), "\n  secret ")
		shown, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if f := w.atDesk().try("boris", strings.TrimSpace(horse), shown); f.name != "200" || f.text("operator.login") != "boris" {
			t.Errorf("the new password and authenticator: %s", f.raw)
		}
	})
}

func TestOnlyThePageOfTheDeskItselfMayAsk(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		anna := w.operator("anna")
		for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
			for _, command := range []string{"deskWho", "deskLogin", "deskLogout", "deskFind"} {
				if f := anna.ask(command, map[string]any{"query": "100001"}, headers...); f.name != "403" || f.text("reason") != "cross_origin" {
					t.Errorf("%s with %v: %s %s", command, headers, f.name, f.raw)
				}
			}
		}
		for want, headers := range map[string][]string{"": {"Sec-Fetch-Site", "same-origin"}, "bad_frame": {"Content-Type", formType}} {
			if f := anna.ask("deskWho", nil, headers...); f.text("reason") != want {
				t.Errorf("%v: %s", headers, f.raw)
			}
		}
		for path, status := range map[string]string{"/desk/api/deskWho": "404", "/desk/api": "404", "/desk/api/": "404"} {
			if f := w.get(path); f.name != status {
				t.Errorf("GET %s: %s %s", path, f.name, f.raw)
			}
		}
		anna.refused("unknown_command", "authByLogin", nil)
		if f := w.post("/api/", map[string][]string{"q": {`{"cmd":"deskWho"}`}}); f.text("reason") != "unknown_command" {
			t.Errorf("at the clients' door: %s", f.raw)
		}
		sid := w.login("demo", "demo")
		client := &atDesk{world: w, sid: sid}
		if f := client.ask("deskWho", nil); f.name != "401" {
			t.Errorf("with a client's SID: %s", f.raw)
		}
		for _, command := range []string{
			"deskWho", "deskLogout", "deskFind", "deskClient", "deskVerify", "deskSubmit", "deskConfirm", "deskDecline",
			"deskCloseSessions", "deskPending",
		} {
			if f := w.atDesk().ask(command, map[string]any{"client": "100001", "query": "100001"}); f.name != "401" {
				t.Errorf("%s without a login: %s %s", command, f.name, f.raw)
			}
		}
	})
}

func TestNoSecretOfTheDeskIsInTheLogNorInTheDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		secrets := []string{passwordOf("anna"), passwordOf("boris"), "wrong-password-1", "ромашка", "сирень", "903333", "3334455"}
		w.atDesk().try("anna", "wrong-password-1", "903333")
		w.atDesk().try("wrong-password-1", "wrong-password-1", "903333")
		anna := w.operator("anna")
		secrets = append(secrets, anna.sid, code(t, "anna"))
		anna.demand("deskVerify", said("100001", "Демидов Пётр Ильич", "100001", "сирень"))
		anna.call()
		anna.demand("deskFind", map[string]any{"query": "+79033334455"})
		anna.ask("deskSubmit", addPhone("+7903333445x5"))
		anna.demand("deskLogout", nil)
		all := map[string]string{"the log": w.log.String(), "the table operator": w.dump("operator"), "the table audit": w.dump("audit")}
		for _, d := range demoOperators {
			secret, err := decodeSecret(d.secret)
			if err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, d.secret, string(secret), hex.EncodeToString(secret))
		}
		for where, text := range all {
			for _, secret := range secrets {
				if mentions(text, secret) {
					t.Errorf("%s has the secret %q: %s", where, secret, text)
				}
			}
		}
		says(t, all["the table audit"], "desk.find", "+•••••••4455", `"success":"false"`, "operator.login.refused")
	})
}

func TestTheDemoShowsHowToGetToTheDesk(t *testing.T) {
	w := newWorld(t, "")
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		all, _ := w.get("/dev/operators").data.([]any)
		if len(all) != 2 {
			t.Fatalf("%v", all)
		}
		first := frame{data: all[0]}
		if f := w.atDesk().try(first.text("login"), first.text("password"), first.text("code")); f.name != "200" || f.text("operator.login") != "anna" {
			t.Errorf("%s", f.raw)
		}
	})
}
