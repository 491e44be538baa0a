package main

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence/pgtest"
	"vakhta/session"
)

// TestACodeIsRefusedWhereverItDoesNotBelongExactlyLikeAWrongOne: a code is good for one client, one login, one purpose and one
// order. Everywhere else it is answered by the words, the shape and the events of any wrong one, and is counted as that;
// afterwards the right one still does what it was sent for.
func TestACodeIsRefusedWhereverItDoesNotBelongExactlyLikeAWrongOne(t *testing.T) {
	for name, database := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, database(), "--passcode-tries", "1000", "--sms-block-every", "10000", "--passcode-repeats", "1ms",
				"--passcodes-per-hour", "1000", "--passcodes-per-day", "1000", "--phone-per-day", "1000")
			synctest.Test(t, func(t *testing.T) {
				w.t = t
				w.start()
				defer w.stop()
				m := &matrix{world: w, watchers: map[string]*terminal{}, left: map[*sentCode]int{}, missed: map[string]int{}}
				m.sendCodes()
				m.enterEverywhere()
				m.enterWhereNothingWaits()
				m.everyCodeStillWorks()
				for _, x := range m.all {
					x.drop()
				}
			})
		})
	}
}

// matrix has codes of two clients, two logins each, for a session and for an order each; and codes that are of no use any
// more.
type matrix struct {
	*world
	watchers map[string]*terminal // hear a client's events
	all      []*terminal
	logins   []*cabinet
	sent     []*sentCode // each is right at some entrance
	dead     []string    // of orders that were replaced and withdrawn
	gone     []string    // those orders
	left     map[*sentCode]int
	missed   map[string]int // by client
}

// cabinet is one login of a client.
type cabinet struct {
	client, sid string
	phone       string // that its order adds
	x           *terminal
	opens       *sentCode
	signs       *sentCode
	order       string
}

// sentCode is a code that was sent and may be entered.
type sentCode struct{ code string }

// entrance is where a code may be entered.
type entrance struct {
	name   string
	client string
	right  *sentCode
	enter  func(code string) frame
}

func (m *matrix) connectAs(client string) *cabinet {
	c := &cabinet{client: client, sid: m.login(client, client)}
	c.x = m.connect(c.sid)
	m.all = append(m.all, c.x)
	return c
}

func (m *matrix) sendCodes() {
	for _, client := range []string{"demo", "second"} {
		watcher := m.connectAs(client)
		ask(m.t, watcher.x, "events", map[string]any{"since": 0})
		m.watchers[client] = watcher.x
		for _, phone := range []string{"+79035554433", "+79035554434"} {
			c := m.connectAs(client)
			c.phone = phone
			m.logins = append(m.logins, c)
		}
	}
	for _, c := range m.logins {
		m.request(c, "getSecuritySessionCode", nil)
		enter(m.t, c.x, m.lastCode(""))
	}
	for _, c := range m.logins {
		m.submit(c)
		m.dead, m.gone = append(m.dead, c.signs.code), append(m.gone, c.order) // the next one replaces it
		m.submit(c)
		m.dead, m.gone = append(m.dead, c.signs.code), append(m.gone, c.order)
		ask(m.t, c.x, "cancelCps", map[string]any{"id": c.order})
		m.submit(c)
		c.opens = &sentCode{m.request(c, "getSecuritySessionCode", nil)}
		m.sent = append(m.sent, c.signs, c.opens)
	}
	m.heard() // all this is not looked at
}

// request asks for a code and reads it from the phone.
func (m *matrix) request(c *cabinet, name string, params any) string {
	m.t.Helper()
	time.Sleep(time.Second)
	f := ask(m.t, c.x, name, params)
	if f.text("error") != "" {
		m.t.Fatalf("%s: %s", name, f.raw)
	}
	synctest.Wait()
	if id := f.text("result.document.id"); id != "" {
		c.order = id
	}
	return m.lastCode("")
}

// submit drafts an order: the same that the login had before, and that one of the other client has.
func (m *matrix) submit(c *cabinet) {
	m.t.Helper()
	code := m.request(c, "submitCps", map[string]any{"docId": 210, "data": map[string]any{"action": "add", "phone": c.phone}})
	c.signs = &sentCode{code}
}

func (m *matrix) entrances() (all []entrance) {
	for i, c := range m.logins {
		at := func(name string, right *sentCode, enter func(code string) frame) {
			all = append(all, entrance{fmt.Sprintf("%s by login %d of %s", name, i, c.client), c.client, right, enter})
		}
		http := func(command, params string) func(string) frame {
			return func(code string) frame {
				q := fmt.Sprintf(`{"cmd":%q,"SID":%q,"params":{%s"validationKey":%q}}`, command, c.sid, params, code)
				return m.post("/api/", url.Values{"q": {q}})
			}
		}
		at("checkSecuritySessionCode", c.opens, func(code string) frame { return enter(m.t, c.x, code) })
		at("checkSecuritySessionCode over HTTP", c.opens, http("checkSecuritySessionCode", ""))
		at("openSecuritySession", c.opens, http("openSecuritySession", ""))
		at("signCps", c.signs, func(code string) frame { return m.sign(c, c.order, code) })
		at("signCps over HTTP", c.signs, http("signCps", `"id":`+c.order+`,`))
	}
	return all
}

func (m *matrix) sign(c *cabinet, order, code string) frame {
	return ask(m.t, c.x, "signCps", map[string]any{"id": order, "validationKey": code})
}

// nobodys is a code that was never sent.
func (m *matrix) nobodys() string {
	for n := 0; ; n++ {
		code := fmt.Sprintf("%06d", n)
		if !slices.Contains(m.dead, code) && !slices.ContainsFunc(m.sent, func(s *sentCode) bool { return s.code == code }) {
			return code
		}
	}
}

func (m *matrix) enterEverywhere() {
	entered := 0
	for _, e := range m.entrances() {
		want, told := m.miss(e, m.nobodys())
		foreign := slices.Clone(m.dead)
		for _, s := range m.sent {
			if s != e.right {
				foreign = append(foreign, s.code)
			}
		}
		for _, code := range foreign {
			if code == e.right.code { // one in a million
				continue
			}
			entered++
			got, heard := m.miss(e, code)
			if got != want || heard != told {
				m.t.Errorf("%s: a code that belongs elsewhere is answered\n%s %s\nand a wrong one\n%s %s", e.name, got, heard, want, told)
			}
		}
	}
	if entered < 250 {
		m.t.Errorf("only %d codes were entered", entered)
	}
}

var (
	counters = regexp.MustCompile(`"attemptsLeft":\d+|"left":\d+|\d+ more tries`)
	asked    = regexp.MustCompile(`"id":"r\d+"|"wstm=[^"]*"`)
)

// without takes out what differs from one request to the next.
func without(raw string) string {
	return asked.ReplaceAllString(counters.ReplaceAllString(raw, "N"), "")
}

// miss enters a code that does not fit. It must be counted: the passcode has one try less, and so has the client.
func (m *matrix) miss(e entrance, code string) (answer, told string) {
	m.t.Helper()
	f := e.enter(code)
	m.left[e.right]++
	m.missed[e.client]++
	left, _ := field(f.data, "attemptsLeft")
	if result, ok := field(f.data, "result"); ok {
		left, _ = field(result, "attemptsLeft")
	}
	if fmt.Sprint(left) != fmt.Sprint(1000-m.left[e.right]) {
		m.t.Fatalf("%s: %d tries should be left: %s", e.name, 1000-m.left[e.right], f.raw)
	}
	events := m.heard()
	if n := len(events[e.client]); n != 1 || len(events) != 1 {
		m.t.Errorf("%s: not one event, of this client only: %v", e.name, events)
	}
	return without(f.raw), without(strings.Join(events[e.client], ""))
}

// heard is what the watchers have heard since they were last asked.
func (m *matrix) heard() map[string][]string {
	synctest.Wait()
	all := map[string][]string{}
	for client, x := range m.watchers {
		frames, _ := x.take()
		for _, f := range frames {
			if f.isEvent() {
				all[client] = append(all[client], f.raw)
			}
		}
	}
	return all
}

// enterWhereNothingWaits: without a passcode that could fit nothing is compared and nothing is counted, and nobody learns
// whether there is such an order, whose it is, or whether the code would fit it.
func (m *matrix) enterWhereNothingWaits() {
	a, b, other := m.logins[0], m.logins[1], m.logins[2]
	idle := m.connectAs("demo")
	m.heard()
	operators := m.propose("demo")
	answers := map[string][]string{}
	for _, order := range append(m.gone, b.order, other.order, operators, "7") {
		for _, code := range append(m.dead, a.signs.code, a.opens.code, b.signs.code, other.signs.code, m.nobodys()) {
			text := strings.ReplaceAll(without(m.sign(a, order, code).raw), order, "ID")
			answers[text] = append(answers[text], order+" "+code)
		}
	}
	if len(answers) != 1 {
		m.t.Errorf("orders that are not to be signed are told apart: %v", answers)
	}
	for text := range answers {
		if !strings.Contains(text, `"reason":"unknown_document"`) {
			m.t.Errorf("the answer is %s", text)
		}
	}
	clear(answers)
	for _, code := range append(m.dead, a.signs.code, a.opens.code, m.nobodys()) {
		text := without(enter(m.t, idle.x, code).raw)
		answers[text] = append(answers[text], code)
	}
	if len(answers) != 1 {
		m.t.Errorf("a login that has asked for no code: %v", answers)
	}
	for _, events := range m.heard() {
		m.t.Errorf("something was counted: %v", events)
	}
}

// propose has an operator draft an order.
func (m *matrix) propose(client string) string {
	m.t.Helper()
	credential, err := m.program.journal.Credential(m.t.Context(), client)
	if err != nil {
		m.t.Fatal(err)
	}
	by := session.Officer{ID: 1, Name: "Anna"}
	var answer session.Answer
	for _, command := range []session.Command{
		session.AttemptVoice{By: by},
		session.SettleVoice{By: by, OK: true},
		session.ProposeDocument{By: by, Content: session.Restore{Means: session.LoginPassword}, Reason: "he has called"},
	} {
		if answer, err = m.program.directory.Ask(m.t.Context(), credential.Client, command); err != nil {
			m.t.Fatal(err)
		}
	}
	m.heard()
	taken, _ := answer.Result.(session.DocumentTaken)
	return fmt.Sprint(taken.Document.ID)
}

func (m *matrix) everyCodeStillWorks() {
	for _, client := range []string{"demo", "second"} {
		f := ask(m.t, m.watchers[client], "getSafetyTypes", nil)
		if got := f.number("result.0.attemptsLeft"); got != int64(10_000-m.missed[client]) {
			m.t.Errorf("%s has %d tries left of 10000 after %d", client, got, m.missed[client])
		}
	}
	for i, c := range m.logins {
		if i%2 == 0 {
			m.twice("signing", func() frame { return m.sign(c, c.order, c.signs.code) }, "document.signed")
			m.once("opening", func() frame { return enter(m.t, c.x, c.opens.code) })
		} else {
			m.once("opening", func() frame { return enter(m.t, c.x, c.opens.code) })
			m.twice("signing", func() frame { return m.sign(c, c.order, c.signs.code) }, "document.signed")
		}
	}
}

// once: a passcode is used up.
func (m *matrix) once(what string, do func() frame) {
	m.t.Helper()
	if f := do(); f.text("result.success") != "true" {
		m.t.Errorf("%s with the right code: %s", what, f.raw)
	}
	if f := do(); f.text("reason") != "no_passcode" {
		m.t.Errorf("%s with a used code: %s", what, f.raw)
	}
	m.heard()
}

// twice: the answer to a signature may be lost, and its repetition is answered alike; it happens once.
func (m *matrix) twice(what string, do func() frame, event string) {
	m.t.Helper()
	m.heard()
	first, second := do(), do()
	if first.text("result.success") != "true" || without(first.raw) != without(second.raw) {
		m.t.Errorf("%s: %s then %s", what, first.raw, second.raw)
	}
	if all := fmt.Sprint(m.heard()); strings.Count(all, `"`+event+`"`) != 1 {
		m.t.Errorf("%s: %s", what, all)
	}
}
