package wsapi

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

// eachDoor runs a test with a device that is logged in and has a security session by SMS.
func eachDoor(t *testing.T, test func(t *testing.T, d *device)) {
	t.Helper()
	for _, door := range doors {
		t.Run(door, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, func(cfg *Config) { cfg.Policy.WebTokenTrades = true })
				h.core.policy.WebTokenTrades = true
				test(t, h.device(door, h.ready("demo")))
			})
		})
	}
}

func TestAWebTokenIsRegisteredAndOpensASession(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		began := d.begin()
		if began["clientId"] != float64(d.client) || began["loginId"] != float64(d.login) || began["expiresAt"] == nil {
			t.Errorf("begun: %v", began)
		}
		got := d.must("webTokenEvaluate", d.pending(1))
		if len(binaryOf(got["e"])) != 32 || got["attemptsLeft"] != 2.0 || got["matched"] != "" {
			t.Errorf("evaluated: %v", got)
		}
		d.h.clearSending()
		submitted := d.must("submitCps", d.order())
		document, _ := submitted["document"].(map[string]any)
		data, _ := document["data"].(map[string]any)
		fingerprint := d.header().Fingerprint(session.TokenKeys{S: d.s.public, D: d.d.public, R: d.r.public})
		if len(data) != 3 || data["tokenId"] != float64(d.token) || data["sPub"] != base64url(d.s.public) ||
			data["fingerprint"] != fingerprint {
			t.Errorf("the order tells %v", data)
		}
		if code, _ := submitted["code"].(map[string]any); code["isSent"] != true {
			t.Errorf("its password: %v", submitted["code"])
		}
		signed := d.must("signCps", fields{"id": document["id"], "validationKey": d.h.core.code()})
		if signed["success"] != true {
			t.Fatalf("signed: %v", signed)
		}
		if want := []string{"document.signed", "token.registered", "document.accepted"}; d.socket != nil && !slices.Equal(d.before, want) {
			t.Errorf("told before the reply: %v", d.before)
		}

		challenged := d.challenged()
		if challenged["attemptsLeft"] != 5.0 || challenged["failuresSinceLastSuccess"] != 0.0 ||
			challenged["loginId"] != float64(d.login) || challenged["clientId"] != 1.0 {
			t.Errorf("challenged: %v", challenged)
		}
		got = d.must("webTokenEvaluate", d.active(1))
		if len(binaryOf(got["e"])) != 32 || got["attemptsLeft"] != 4.0 || got["matched"] != "r" {
			t.Errorf("evaluated: %v", got)
		}
		opening := d.opening()
		opened := d.must("openSecuritySession", opening)
		rows, _ := opened["sessions"].([]any)
		if opened["success"] != true || opened["attemptsLeft"] != 5.0 || len(rows) != 1 {
			t.Fatalf("opened: %v", opened)
		}
		row, _ := rows[0].(map[string]any)
		if row["id"] != opened["id"] || row["safety_type_id"] != 7.0 || row["key_current"] != "WEB-token" || row["expire"] != 18000.0 {
			t.Errorf("the session: %v", row)
		}
		if want := []string{"session.closed", "session.opened", "token.opened"}; d.socket != nil && !slices.Equal(d.before, want) {
			t.Errorf("told before the reply: %v", d.before)
		}
		if again := d.must("openSecuritySession", opening); again["id"] != opened["id"] {
			t.Errorf("the reply was lost, and is another one now: %v", again)
		}
	})
}

func TestAPINOfALostReplyIsEvaluatedAgainAndCountsOnce(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		d.register().challenged()
		first := d.must("webTokenEvaluate", d.active(1))
		again := d.must("webTokenEvaluate", d.active(1)) // with new signatures
		if again["e"] != first["e"] || again["attemptsLeft"] != 4.0 || d.h.core.state(1).Tokens.Active.Attempts != 4 {
			t.Errorf("%v then %v", first, again)
		}
		d.must("openSecuritySession", d.opening()) // whose reply is lost: the device has two ratchet keys
		d.challenged()
		if got := d.must("webTokenEvaluate", d.active(1)); got["matched"] != "pend" {
			t.Errorf("the server has the new one: %v", got)
		}
	})
}

func TestAPINIsEvaluatedOnlyAfterItIsCommittedThatItCounts(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		d.register().challenged()
		core := d.h.core
		before := core.oprf.count()
		for name, params := range map[string]fields{
			"another device":      d.active(1).with(fields{"sigD": newKey().sign(d.header().EvaluateActive(blinded(1)))}),
			"no signature":        d.active(1).with(fields{"sigD": nil}),
			"no PIN":              d.active(1).with(fields{"b": identity}),
			"another challenge":   d.active(1).with(fields{"challenge": session.Nonce(blinded(7))}),
			"a token of nobody's": d.active(1).with(fields{"tokenId": 7}),
		} {
			if got := d.ask("webTokenEvaluate", params); got["error"] == nil {
				t.Errorf("%s: %v", name, got)
			}
		}
		core.oprf.watch = func() {
			if left := core.state(1).Tokens.Active.Attempts; left != 4 {
				t.Errorf("evaluated with %d attempts left", left)
			}
		}
		params := d.active(1)
		core.mu.Lock()
		core.broken = session.ErrUnavailable
		core.mu.Unlock()
		if got := d.ask("webTokenEvaluate", params); got["error"] == nil {
			t.Errorf("the journal is gone: %v", got)
		}
		if n := core.oprf.count() - before; n != 0 {
			t.Fatalf("%d evaluations of what was not counted", n)
		}
		core.mu.Lock()
		core.broken = nil
		core.mu.Unlock()
		d.must("webTokenEvaluate", params)
		if n := core.oprf.count() - before; n != 1 {
			t.Errorf("%d evaluations of one PIN", n)
		}
	})
}

func TestAFaultOfTheFunctionTellsNothingAndTheTryStaysCounted(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		d.register().challenged()
		d.h.core.oprf.broken = true
		if got := d.ask("webTokenEvaluate", d.active(1)); got["reason"] != "internal" || got["e"] != nil {
			t.Errorf("%v", got)
		}
		if left := d.h.core.state(1).Tokens.Active.Attempts; left != 4 {
			t.Errorf("%d attempts left", left)
		}
		if log := d.h.log.String(); !strings.Contains(log, "out of order") {
			t.Errorf("the log: %s", log)
		}
	})
}

func TestAStaleCopyEndsTheTokenAndNothingIsEvaluated(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		d.register()
		stale := d.r
		d.open()
		d.r = stale
		before, version := d.h.core.oprf.count(), d.h.core.version(1)
		d.challenged()
		got := d.ask("webTokenEvaluate", d.active(1))
		if got["reason"] != "web_token_cloned" || got["code"] != 12.0 || got["next"] == nil {
			t.Errorf("told: %v", got)
		}
		if n := d.h.core.oprf.count() - before; n != 0 {
			t.Errorf("%d evaluations", n)
		}
		want := []string{"token.challenged", "token.cloned", "session.closed"}
		if names := d.h.core.last(1, version); !slices.Equal(names, want) {
			t.Errorf("committed: %v", names)
		}
		if d.socket != nil && !slices.Equal(d.before, want[1:]) {
			t.Errorf("told before the reply: %v", d.before)
		}
		if got := d.ask("webTokenChallenge", fields{"tokenId": d.token}); got["reason"] != "web_token_cloned" {
			t.Errorf("later: %v", got)
		}
	})
}

func TestASignatureOverTheSIDOpensNothing(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		d.register().must("closeSecuritySession", fields{"all": true})
		d.challenged()
		d.must("webTokenEvaluate", d.active(1))
		for _, means := range []int{7, 8, 3} {
			for _, more := range []fields{{}, d.opening()} { // nor beside what would open one
				params := fields{}.with(more).with(fields{"safetyTypeId": means, "signature": "MEUCIQ==", "message": d.sid})
				got := d.ask("openSecuritySession", params)
				told, _ := got["error"].(string)
				next, _ := got["next"].(string)
				if got["reason"] != "not_served" || !strings.Contains(told, "a signature over the SID is a constant") ||
					!strings.Contains(next, "webTokenChallenge") {
					t.Errorf("%v: %v", params, got)
				}
			}
		}
		if got := d.ask("openSecuritySession", fields{"safetyTypeId": 8}); got["reason"] != "not_served" {
			t.Errorf("safetyTypeId 8: %v", got)
		}
		if d.h.core.state(1).Logins[0].Session != nil {
			t.Error("a session is open")
		}
	})
}

func TestWhatAnOpeningLacksIsNamed(t *testing.T) {
	h := newHouse(t)
	d := h.device(doors[0], h.ready("demo")).register()
	d.challenged()
	whole := d.opening()
	for _, name := range []string{"tokenId", "challenge", "rNextPub", "sigS"} {
		got := d.ask("openSecuritySession", whole.with(fields{name: nil}))
		if told, _ := got["error"].(string); got["reason"] != "bad_params" || !strings.Contains(told, name) {
			t.Errorf("without %s: %v", name, got)
		}
	}
}

// meansRow is the row of the WEB-token in getSafetyTypes.
func (d *device) meansRow() map[string]any {
	d.h.t.Helper()
	var rows []map[string]any
	err := json.Unmarshal([]byte(d.h.call(d.sid, "getSafetyTypes", `{}`).body), &rows)
	if err != nil || len(rows) != 2 || rows[1]["safety_type_id"] != 7.0 {
		d.h.t.Fatalf("%v %v", rows, err)
	}
	return rows[1]
}

func TestTheMeansTellHowTheWebTokenStands(t *testing.T) {
	eachDoor(t, func(t *testing.T, d *device) {
		check := func(when string, want fields) {
			t.Helper()
			row := d.meansRow()
			for name, value := range want {
				if row[name] != value {
					t.Errorf("%s: %s is %v, want %v", when, name, row[name], value)
				}
			}
		}
		check("without one", fields{
			"enabled": false, "status_id": 0.0, "tokenId": 0.0, "fingerprint": "", "endedTokenId": 0.0, "ended": "", "status": "not connected",
		})
		d.begin()
		check("while one is registered", fields{"enabled": false, "tokenId": 0.0})
		d.register()
		first := float64(d.token)
		check("connected", fields{
			"enabled": true, "status_id": 1.0, "tokenId": first, "attemptsLeft": 5.0, "ended": "",
			"fingerprint": d.h.core.state(1).Tokens.Active.Fingerprint,
		})
		d.challenged()
		d.must("webTokenEvaluate", d.active(2))
		check("after a PIN", fields{"attemptsLeft": 4.0})
		d.s, d.d, d.r = newKey(), newKey(), newKey()
		d.register()
		check("after a newer one", fields{"tokenId": float64(d.token), "endedTokenId": first, "ended": "replaced"})
		d.must("webTokenRevoke", fields{"tokenId": d.token})
		check("disconnected", fields{"enabled": false, "status_id": 0.0, "tokenId": 0.0, "endedTokenId": float64(d.token), "ended": "revoked"})
		for status, ended := range map[session.TokenStatus]string{session.TokenIsLocked: "locked", session.TokenIsCloned: "cloned"} {
			d.h.core.change(1, func(s *session.State) { s.Tokens.Last.Status = status })
			check(ended, fields{"ended": ended})
		}
	})
}

func TestTheLastPINMayStillBeProvedRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		d := h.device(doors[0], h.ready("demo")).register()
		for pin := range 5 {
			d.challenged()
			d.must("webTokenEvaluate", d.active(pin+1))
		}
		if row := d.meansRow(); row["attemptsLeft"] != 0.0 || row["enabled"] != true || row["status_id"] != 0.0 {
			t.Errorf("%v", row)
		}
		if got := d.must("openSecuritySession", d.opening()); got["success"] != true {
			t.Errorf("%v", got)
		}
		if row := d.meansRow(); row["attemptsLeft"] != 5.0 || row["status_id"] != 1.0 {
			t.Errorf("%v", row)
		}
	})
}

func TestASessionOfTheWebTokenTradesOnlyWhereThePolicySaysSo(t *testing.T) {
	h := newHouse(t)
	d := h.device(doors[0], h.ready("demo"))
	trade := func() any { return h.call(d.sid, "getAuthInfo", `{}`).json["trade"] }
	if trade() != true {
		t.Error("not by SMS")
	}
	d.register().open()
	if trade() != false {
		t.Error("by WEB-token")
	}
	h.g.Policy.WebTokenTrades = true
	if trade() != true {
		t.Error("not by WEB-token with the scope of all")
	}
}

// TestNothingOfAWebTokenIsToldThatOpensAnything: no event, history or reply of another login tells a challenge, a blinded
// PIN, an evaluation, a signature or a seed.
func TestNothingOfAWebTokenIsToldThatOpensAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		d := h.device(doors[0], h.ready("demo"))
		other := h.connect(h.login("demo"))
		other.ask("events", `{"since":0}`)
		d.begin()
		seed, challenge := string(h.core.state(1).Tokens.Pending.Seed), string(d.challenge)
		d.must("webTokenEvaluate", d.pending(1))
		order := d.order()
		h.clearSending()
		document, _ := d.must("submitCps", order)["document"].(map[string]any)
		d.must("signCps", fields{"id": document["id"], "validationKey": h.core.code()})
		d.challenged()
		active := d.active(1)
		e := d.must("webTokenEvaluate", active)["e"]
		opening := d.opening()
		d.must("openSecuritySession", opening)
		version := h.core.version(1)

		told := &strings.Builder{}
		for seq := int64(0); seq < version; {
			f := other.next()
			fmt.Fprintln(told, f.name, string(f.data))
			seq = max(seq, f.seq())
		}
		for _, cmd := range []string{"getSecurityHistory", "getClientCpsHistory", "getSafetyTypes", "getSecuritySessions"} {
			fmt.Fprintln(told, h.call(d.sid, cmd, `{}`).body)
		}
		for _, name := range []string{"token.begun", "token.evaluated", "token.registered", "token.challenged", "token.opened", `"docId":190`} {
			if !strings.Contains(told.String(), name) {
				t.Errorf("nothing was looked at: no %s", name)
			}
		}
		secrets := map[string]string{
			"the seed": seed, "a challenge": challenge, "the other challenge": string(d.challenge), "a PIN": string(blinded(1)), "e": binaryOf(e),
			"sigD": binaryOf(active["sigD"]), "sigS": binaryOf(opening["sigS"]),
			"the device's key": string(d.d.public), "a ratchet key": string(d.r.public),
		}
		for name, secret := range secrets {
			if secret == "" {
				t.Errorf("%s is not known", name)
			}
			for _, form := range []string{base64url(secret), hex.EncodeToString([]byte(secret)), string(must(json.Marshal(secret)))} {
				if strings.Contains(told.String(), form) || strings.Contains(h.log.String(), form) {
					t.Errorf("%s is told", name)
				}
			}
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTheEndOfAWebTokenIsToldByItsKind(t *testing.T) {
	for status, want := range map[session.TokenStatus]string{
		session.TokenIsRevoked: `token.revoked {"tokenId":5,"reason":"restored"}`,
		session.TokenIsLocked:  `token.locked {"tokenId":5}`,
		session.TokenIsCloned:  `token.cloned {"tokenId":5}`,
	} {
		name, data := wireEvent(session.TokenEnded{ID: 5, Status: status, End: session.TokenDatabaseRewound}, time.Time{}, session.Profile{})
		if got := name + " " + string(must(json.Marshal(data))); got != want {
			t.Errorf("%s: %s", status, got)
		}
	}
}

// The commands of the WEB-token are for who is logged in, and no page of another site sends them through his browser.
func TestTheCommandsOfAWebTokenAreForWhoIsLoggedInOnly(t *testing.T) {
	h := newHouse(t)
	cookie := h.login("demo")
	for _, cmd := range []string{"webTokenBegin", "webTokenEvaluate", "webTokenChallenge", "webTokenRevoke"} {
		if got := h.call("", cmd, `{}`); got.json["reason"] != "unknown_login" {
			t.Errorf("%s for a stranger: %s", cmd, got.body)
		}
		got := h.do(h.request("GET", `/api/?q=%7B%22cmd%22:%22`+cmd+`%22%7D`, "", "Cookie", "SID="+cookie))
		if got.json["reason"] != "need_post" {
			t.Errorf("%s by GET and cookie: %s", cmd, got.body)
		}
		if got, _ := h.connect("").ask(cmd, `{}`); got.json["reason"] != "unknown_login" {
			t.Errorf("%s on a stranger's socket: %s", cmd, got.data)
		}
	}
}

func TestATokenOfAnotherClientIsNobodys(t *testing.T) {
	h := newHouse(t)
	d := h.device(doors[0], h.ready("demo")).register()
	d.challenged()
	other := h.ready("second")
	for cmd, params := range map[string]fields{
		"webTokenChallenge": {"tokenId": d.token}, "webTokenRevoke": {"tokenId": d.token}, "webTokenEvaluate": d.active(1),
		"openSecuritySession": d.opening(),
	} {
		if got := h.call(other, cmd, params.text()); got.json["reason"] != "no_web_token" {
			t.Errorf("%s: %s", cmd, got.body)
		}
	}
	if s := h.core.state(1); s.Tokens.Active.Attempts != 5 {
		t.Errorf("%d attempts are left", s.Tokens.Active.Attempts)
	}
}

func TestALoginSendsOnlySoManyMessagesOfTheTokenASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		sid := h.login("demo")
		for i := range paceMost {
			if f := h.call(sid, "webTokenChallenge", `{"tokenId":1}`); f.json["reason"] == string(session.TooEarly) {
				t.Errorf("message %d: %s", i, f.body)
			}
		}
		if f := h.call(sid, "webTokenRevoke", `{"tokenId":1}`); f.json["reason"] != string(session.TooEarly) {
			t.Errorf("one more: %s", f.body)
		}
		if f := h.call(h.login("demo"), "webTokenChallenge", `{"tokenId":1}`); f.json["reason"] == string(session.TooEarly) {
			t.Errorf("another login of the client is held up: %s", f.body)
		}
		time.Sleep(time.Second)
		if f := h.call(sid, "webTokenChallenge", `{"tokenId":1}`); f.json["reason"] == string(session.TooEarly) {
			t.Errorf("a second later: %s", f.body)
		}
	})
}
