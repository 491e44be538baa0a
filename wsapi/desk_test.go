package wsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/hotp"

	"vakhta/session"
)

// fakeStaff are the operators and the audit, in memory.
type fakeStaff struct {
	core *fakeCore

	mu     sync.Mutex
	all    map[session.OperatorID]session.OperatorAccount
	notes  []session.Note
	deaf   int   // the audit takes no note after so many; 0: it takes all
	broken error // what every question is answered by
	voice  string
	takes  time.Duration // to find an account
}

const (
	bothSecrets = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U" // abcdefghijklmnopqrst
	spokenWord  = "ромашка"
)

func fakeHash(password string) string {
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		panic(err)
	}
	return hash
}

func newStaff() *fakeStaff {
	f := &fakeStaff{all: map[session.OperatorID]session.OperatorAccount{}, voice: fakeHash(spokenWord)}
	for id, login := range map[session.OperatorID]string{1: "anna", 2: "boris"} {
		f.all[id] = session.OperatorAccount{
			Operator: session.Operator{ID: id, Login: login, Name: "Operator " + login}, Hash: fakeHash(login + " password"), Secret: []byte("abcdefghijklmnopqrst"),
		}
	}
	return f
}

func (f *fakeStaff) desk() Desk {
	return Desk{
		Account: f.Account, Operator: f.Operator, Update: f.Update, Note: f.Note,
		Digest:  func(purpose, secret string) session.Sealed { return session.Sealed(purpose + "|" + secret) },
		Matches: func(purpose, secret string, d session.Sealed) bool { return string(d) == purpose+"|"+secret },
		FindClients: func(_ context.Context, text string, _ int) ([]session.FoundClient, error) {
			p, err := f.find(text)
			return []session.FoundClient{{Profile: p, Phone: "+79031111111"}}, err
		},
		FindClient: func(_ context.Context, code string) (session.Profile, error) { return f.find(code) },
		VoiceHash:  func(context.Context, session.ClientID) (string, error) { return f.voice, f.broken },
		NameKey:    strings.ToLower,
		Proposals: func(context.Context, int) ([]session.Proposal, error) {
			f.core.mu.Lock()
			defer f.core.mu.Unlock()
			s := f.core.clients[1].state
			var all []session.Proposal
			for _, d := range s.Drafts {
				all = append(all, session.Proposal{Profile: *s.Profile, Document: d})
			}
			return all, f.broken
		},
	}
}

func (f *fakeStaff) find(code string) (session.Profile, error) {
	f.core.mu.Lock()
	defer f.core.mu.Unlock()
	for _, c := range f.core.clients {
		if c.state.Profile.Code == code {
			return *c.state.Profile, f.broken
		}
	}
	return session.Profile{}, session.ErrUnknownClient
}

func (f *fakeStaff) Account(_ context.Context, login string) (session.OperatorAccount, error) {
	time.Sleep(f.takes)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.all {
		if a.Login == login {
			return a, f.broken
		}
	}
	return session.OperatorAccount{}, session.ErrUnknownOperator
}

func (f *fakeStaff) Operator(_ context.Context, id session.OperatorID) (session.Operator, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a, ok := f.all[id]; ok {
		return a.Operator, f.broken
	}
	return session.Operator{}, session.ErrUnknownOperator
}

func (f *fakeStaff) Update(_ context.Context, id session.OperatorID, change func(session.Operator) (session.Operator, error)) (session.Operator, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.all[id]
	o, err := change(a.Operator)
	if err = errors.Join(err, f.broken); err == nil {
		a.Operator = o
		f.all[id] = a
	}
	return o, err
}

var errDeaf = errors.New("the audit takes nothing")

func (f *fakeStaff) Note(_ context.Context, notes []session.Note) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deaf > 0 && len(f.notes) >= f.deaf {
		return errDeaf
	}
	f.notes = append(f.notes, notes...)
	return nil
}

// noted are the types of the notes since the last call.
func (f *fakeStaff) noted() (types []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range f.notes {
		types = append(types, n.Type)
	}
	f.notes = nil
	return types
}

// office is a house with a desk.
type office struct {
	*house

	staff *fakeStaff
}

func newOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	o := &office{staff: newStaff()}
	o.house = newHouse(t, append([]func(*Config){func(cfg *Config) { cfg.Desk = o.staff.desk() }}, change...)...)
	o.staff.core = o.core
	return o
}

func (o *office) ask(sid, command, params string, headers ...string) reply {
	o.t.Helper()
	r := o.request("POST", "/desk/api/"+command, params, headers...)
	r.Header.Set("Content-Type", "application/json")
	if sid != "" {
		r.Header.Set("Cookie", deskCookie+"="+sid)
	}
	return o.do(r)
}

func shown(at time.Time) string {
	code, err := hotp.GenerateCode(bothSecrets, uint64(at.Unix()/authenticatorPeriod))
	if err != nil {
		panic(err)
	}
	return code
}

func (o *office) tryDesk(login, password, code string) reply {
	o.t.Helper()
	return o.ask("", "deskLogin", fmt.Sprintf(`{"login":%q,"password":%q,"code":%q}`, login, password, code))
}

// onDuty logs an operator in by a new code of the authenticator and returns the SID.
func (o *office) onDuty(login string) string {
	o.t.Helper()
	time.Sleep(authenticatorPeriod * time.Second)
	return o.loggedIn(login)
}

func (o *office) loggedIn(login string) string {
	o.t.Helper()
	r := o.tryDesk(login, login+" password", shown(time.Now()))
	cookie, err := http.ParseSetCookie(r.header.Get("Set-Cookie"))
	if r.status != 200 || err != nil {
		o.t.Fatalf("no login: %d %s %v", r.status, r.body, err)
	}
	return cookie.Value
}

const callerSays = `{"client":"100001","name":"client 100001","code":"100001","voicePassword":"` + spokenWord + `"}`

const proposal = `{"client":"100001","docId":"210","data":{"action":"add","phone":"+79034444444","primary":1},"reason":"lost"}`

func TestEachActOfAnOperatorIsWrittenDownBeforeAndAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna, boris := o.onDuty("anna"), o.onDuty("boris")
		o.staff.noted()
		var id string
		loud := strings.Replace(callerSays, `"voicePassword":"`+spokenWord, `"voicePassword":"`+strings.ToUpper(spokenWord), 1)
		for _, step := range []struct{ sid, command, params, reason, noted string }{
			{anna, "deskFind", `{"query":"100001"}`, "", "desk.find desk.find.done"},
			{anna, "deskFind", `{"query":"10"}`, "bad_params", ""},
			{anna, "deskClient", `{"client":"100001"}`, "", "desk.client desk.client.done"},
			{anna, "deskClient", `{"client":"7"}`, "unknown_client", ""},
			{anna, "deskSubmit", proposal, "not_identified", "desk.submit desk.submit.refused"},
			{anna, "deskVerify", strings.Replace(callerSays, spokenWord, "x", 1), "", "desk.verify desk.verify.done"},
			{anna, "deskVerify", loud, "", "desk.verify desk.verify.done"},
			{anna, "deskSubmit", strings.Replace(proposal, "lost", " ", 1), "reason_missing", ""},
			{anna, "deskSubmit", proposal, "", "desk.submit desk.submit.done"},
			{anna, "deskConfirm", `{"client":"100001","id":$}`, "self_confirmation", "desk.confirm desk.confirm.refused"},
			{boris, "deskPending", `{}`, "", ""},
			{boris, "deskConfirm", `{"client":"100001","id":$}`, "", "desk.confirm desk.confirm.done"},
			{boris, "deskDecline", `{"client":"100001","id":$}`, "unknown_document", "desk.decline desk.decline.refused"},
			{boris, "deskCloseSessions", `{"client":"100001","reason":"he asked"}`, "", "desk.close_sessions desk.close_sessions.done"},
			{boris, "deskRevokeToken", `{"client":"100001","reason":" "}`, "reason_missing", ""},
			{boris, "deskRevokeToken", `{"client":"100001","reason":"he asked"}`, "no_web_token", "desk.revoke_token desk.revoke_token.refused"},
			{boris, "deskLogout", `{}`, "", "operator.logout"},
		} {
			got := o.ask(step.sid, step.command, strings.ReplaceAll(step.params, "$", id))
			reason, _ := got.json["reason"].(string)
			if reason != step.reason {
				t.Errorf("%s %s: %d %s", step.command, step.params, got.status, got.body)
			}
			if document, ok := got.json["document"].(map[string]any); ok {
				id = fmt.Sprint(int64(document["id"].(float64)))
			}
			for _, n := range o.staff.notes {
				who := map[string]string{anna: "anna", boris: "boris"}[step.sid]
				if n.Operator != who || n.At.IsZero() || strings.HasPrefix(n.Type, "desk.") && n.Type[:9] != "desk.find" && n.Client != 1 {
					t.Errorf("%s is noted as %+v", step.command, n)
				}
				if text, err := json.Marshal(n); err != nil || strings.Contains(string(text), spokenWord) || strings.Contains(string(text), "4444444") {
					t.Errorf("the note tells too much: %s %v", text, err)
				}
				if strings.HasSuffix(n.Type, ".refused") && n.Data["reason"] != step.reason {
					t.Errorf("%s was refused for %v", step.command, n.Data)
				}
			}
			if noted := strings.Join(o.staff.noted(), " "); noted != step.noted {
				t.Errorf("%s is noted as %q", step.command, noted)
			}
		}
	})
}

func TestTheAuditKeepsOfAPhoneTheLastFourDigitsWhereverItStands(t *testing.T) {
	for query, want := range map[string]string{
		"+79033334455":                 "+•••••••4455",
		"8 (903) 333-44-55":            "• (•••) •••-44-55",
		"Демидов +7 903 333-44-55 дом": "Демидов +• ••• •••-44-55 дом",
		"79033334455, 79033334456":     "•••••••••••, •••••••4456",
		"9033334":                      "•••3334",
		"٩٠٣٣٣٣٤٤٥٥":                   "••••••٤٤٥٥",
		"903/333/44/55":                "•••/•••/44/55",
		"Демидов Пётр":                 "Демидов Пётр",
		"100001":                       "100001",
		"дом 12 кв 345678":             "дом 12 кв 345678",
		"":                             "",
	} {
		if got := masked(query); got != want {
			t.Errorf("of %q the audit keeps %q, not %q", query, got, want)
		}
	}
}

func TestAClientWhoVanishesMeanwhileIsNoLoginThatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna := o.onDuty("anna")
		o.ask(anna, "deskVerify", callerSays)
		o.staff.noted()
		o.core.broken = session.ErrUnknownClient
		for command, params := range map[string]string{
			"deskClient": `{"client":"100001"}`, "deskVerify": callerSays, "deskSubmit": proposal,
			"deskConfirm": `{"client":"100001","id":1}`, "deskDecline": `{"client":"100001","id":1}`,
			"deskCloseSessions": `{"client":"100001","reason":"he asked"}`, "deskRevokeToken": `{"client":"100001","reason":"he asked"}`,
		} {
			got := o.ask(anna, command, params)
			if got.json["reason"] != "unknown_client" || strings.Contains(got.body, "authByLogin") {
				t.Errorf("%s: %s", command, got.body)
			}
			if noted := o.staff.noted(); len(noted) != 2 || !strings.HasSuffix(noted[1], session.ActRefused) {
				t.Errorf("%s is noted as %q", command, noted)
			}
		}
	})
}

func TestWhatCannotBeWrittenDownIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna := o.onDuty("anna")
		o.ask(anna, "deskVerify", callerSays)
		o.staff.deaf = 1
		o.core.asked = nil
		for command, params := range map[string]string{
			"deskFind": `{"query":"100001"}`, "deskClient": `{"client":"100001"}`, "deskVerify": callerSays, "deskSubmit": proposal,
			"deskConfirm": `{"client":"100001","id":1}`, "deskCloseSessions": `{"client":"100001","reason":"he asked"}`,
			"deskRevokeToken": `{"client":"100001","reason":"he asked"}`,
		} {
			if got := o.ask(anna, command, params); got.json["reason"] != "unavailable" || strings.Contains(got.body, errDeaf.Error()) {
				t.Errorf("%s: %s", command, got.body)
			}
		}
		if len(o.core.asked) != 0 {
			t.Errorf("done was %T", o.core.asked)
		}
		time.Sleep(authenticatorPeriod * time.Second)
		if got := o.tryDesk("boris", "boris password", shown(time.Now())); got.json["reason"] != "unavailable" || got.header.Get("Set-Cookie") != "" {
			t.Errorf("a login: %s", got.body)
		}
	})
}

func TestAnActWhoseEndCannotBeWrittenDownHasHappenedAndTheLogSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna := o.onDuty("anna")
		o.ask(anna, "deskVerify", callerSays)
		o.staff.noted()
		o.staff.deaf = 1
		if got := o.ask(anna, "deskSubmit", proposal); got.json["document"] == nil {
			t.Errorf("%s", got.body)
		}
		if said := o.log.String(); !strings.Contains(said, "level=ERROR") || !strings.Contains(said, "desk.submit") || !strings.Contains(said, "anna") {
			t.Errorf("the log: %s", said)
		}
	})
}

func TestAnActOfWhichNobodyKnowsTheEndIsNotedAsThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna := o.onDuty("anna")
		o.staff.noted()
		o.core.broken = session.ErrUnavailable
		if got := o.ask(anna, "deskCloseSessions", `{"client":"100001","reason":"he asked"}`); got.json["reason"] != "unavailable" || got.status != 200 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if noted := o.staff.noted(); !slices.Equal(noted, []string{"desk.close_sessions", "desk.close_sessions.unknown"}) {
			t.Errorf("noted is %q", noted)
		}
		o.staff.broken = errors.New("dial tcp 192.0.2.1: refused")
		for _, command := range []string{"deskFind", "deskWho", "deskPending", "deskLogout"} {
			if got := o.ask(anna, command, `{"query":"100001"}`); got.json["reason"] != "unavailable" || strings.Contains(got.body, "192.0.2.1") {
				t.Errorf("%s: %s", command, got.body)
			}
		}
		if got := o.tryDesk("anna", "anna password", "000000"); got.json["reason"] != "unavailable" {
			t.Errorf("a login: %s", got.body)
		}
	})
}

func TestLoginsOfOperatorsAreNotedButNotWhatWasTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.onDuty("anna")
		if noted := o.staff.noted(); !slices.Equal(noted, []string{"operator.login"}) {
			t.Errorf("a good one is noted as %q", noted)
		}
		o.tryDesk("anna", "secret-1", "000000")
		for i := range 50 {
			o.tryDesk(fmt.Sprint("secret-2-", i), "secret-3", "000000")
		}
		time.Sleep(crowdToldEvery)
		o.tryDesk("secret-2", "secret-3", "000000")
		text, err := json.Marshal(o.staff.notes)
		if err != nil || strings.Contains(string(text), "secret") || strings.Contains(string(text), "000000") {
			t.Errorf("the notes: %s %v", text, err)
		}
		var tries int
		for _, n := range o.staff.notes[1:] {
			more, _ := strconv.Atoi(n.Data["unknownNames"])
			tries += more
		}
		if n := len(o.staff.notes); n != 3 || tries != 51 || o.staff.notes[0].Operator != "anna" || o.staff.notes[1].Operator != "" {
			t.Errorf("%d notes of %d tries: %s", n, tries, text)
		}
	})
}

func TestNoCrowdKeepsOperatorsFromTheirWork(t *testing.T) {
	o := newOffice(t)
	anna := o.loggedIn("anna")
	stop := make(chan struct{})
	var all sync.WaitGroup
	crowd := func(p *passwords) {
		for i := range waitingMost + comparedAtOnce {
			all.Go(func() {
				_ = p.inLine(t.Context(), fmt.Sprint("somebody", i), "", func() error { <-stop; return nil })
			})
		}
		for p.waitingNow() < waitingMost+comparedAtOnce {
			time.Sleep(time.Millisecond)
		}
	}
	crowd(o.g.passwords)
	if got := o.call("", "authByLogin", auth("demo", "demo")); got.status != 429 {
		t.Errorf("a client: %d %s", got.status, got.body)
	}
	if got := o.tryDesk("boris", "boris password", shown(time.Now())); got.status != 200 || got.json["operator"] == nil {
		t.Errorf("an operator: %d %s", got.status, got.body)
	}
	crowd(o.g.desk.logins)
	if got := o.tryDesk("boris", "boris password", shown(time.Now())); got.status != 429 {
		t.Errorf("an operator behind a crowd at the desk's own door: %d %s", got.status, got.body)
	}
	if got := o.ask(anna, "deskVerify", callerSays); got.status != 200 || got.json["success"] != true {
		t.Errorf("an operator who is in: %d %s", got.status, got.body)
	}
	close(stop)
	all.Wait()
}

func TestTriesAtTheNameOfABlockedOperatorAreNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		for range 5 {
			o.tryDesk("anna", "wrong", "000000")
		}
		o.staff.noted()
		for range 20 {
			o.tryDesk("anna", "wrong", "000000")
		}
		time.Sleep(crowdToldEvery)
		o.tryDesk("anna", "anna password", shown(time.Now()))
		var tries int
		for _, n := range o.staff.notes {
			more, _ := strconv.Atoi(n.Data["blockedNames"])
			tries += more
		}
		if n := len(o.staff.notes); n != 2 || tries != 21 {
			t.Errorf("%d notes of %d tries: %v", n, tries, o.staff.notes)
		}
	})
}

func TestATryOfAnOperatorIsSettledEvenIfHeDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.staff.takes = 20 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(5 * time.Millisecond); cancel() }()
		p := deskLoginParams{Login: "anna", Password: "anna password", Code: shown(time.Now())}
		if _, err := o.g.deskLogin(ctx, &Caller{g: o.g}, p); err != nil {
			t.Error(err)
		}
		if anna := o.staff.all[1].Operator; anna.Tries != 0 || len(anna.Desks) != 1 {
			t.Errorf("%+v", anna)
		}
	})
}

func TestTheDoorOfTheDeskReadsJSONOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		anna := o.onDuty("anna")
		for params, reason := range map[string]string{
			`{"query":`: "bad_json", `[1]`: "bad_params", `"x"`: "bad_params", strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100): "bad_json",
			`{"query":"` + strings.Repeat("x", bodyMost) + `"}`: "too_large", `{"query":["100001"]}`: "bad_params", "": "bad_params",
		} {
			if got := o.ask(anna, "deskFind", params); got.status != 200 || got.json["reason"] != reason || got.json["next"] == "" {
				t.Errorf("%.40s: %d %s", params, got.status, got.body)
			}
		}
		for params := range map[string]bool{"": true, "{}": true, "null": true, " ": true} {
			if got := o.ask(anna, "deskWho", params); got.status != 200 || got.json["operator"] == nil || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%q: %d %s", params, got.status, got.body)
			}
		}
		time.Sleep(time.Second) // of what was too large the server closes the connection with care
		o.g.Drain(t.Context())
		if got := o.ask(anna, "deskWho", "{}"); got.json["reason"] != "draining" {
			t.Errorf("while the server is stopped: %s", got.body)
		}
	})
}

func TestTheCookieOfTheDeskIsForTLSWhereThereIsTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, func(cfg *Config) { cfg.PublicURL = "https://vakhta.test" })
		got := o.tryDesk("anna", "anna password", shown(time.Now()))
		cookie := got.header.Get("Set-Cookie")
		for _, part := range []string{"DESK=", "Path=/desk;", "HttpOnly", "Secure", "SameSite=Strict"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("%s is missing in %s", part, cookie)
			}
		}
		if o.staff.all[1].Desks[0].SID == nil || strings.Contains(got.body, cookie[5:48]) {
			t.Errorf("the SID is told: %s", got.body)
		}
	})
}

func TestWithoutOperatorsThereIsNoDesk(t *testing.T) {
	h := newHouse(t)
	for _, r := range []*http.Request{
		h.request("GET", "/desk", ""), h.request("POST", "/desk/api/deskWho", "{}"), h.request("GET", "/dev/operators", ""),
	} {
		if got := h.do(r); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", r.URL.Path, got.status, got.body)
		}
	}
}

func TestThePageOfTheAPIListsTheDesk(t *testing.T) {
	o := newOffice(t)
	page := o.do(o.request("GET", "/api/docs", "")).body
	for _, c := range o.g.desk.commands.all {
		if !strings.Contains(page, `id="`+c.name+`"`) {
			t.Errorf("%s is not on the page", c.name)
		}
	}
	if len(o.g.desk.commands.all) != 12 {
		t.Errorf("%d commands", len(o.g.desk.commands.all))
	}
}
