package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

const (
	tick   = time.Microsecond // the smallest step of the core's time
	noCode = "999999"         // never sent: the passcodes of the tests count up from 000000
)

// tb is what the tests and rapid have in common.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// trader is one client of the broker, with the world around him: a clock that only the test moves, and what an actor
// would do between the core and the journal.
type trader struct {
	tb
	policy   Policy
	state    State
	now      time.Time
	id       int64
	told     []Event  // since forget
	effects  []Effect // of the last command
	sid      string   // the last one that was given out
	code     string   // the last one that was sent
	compared int      // passcodes
	orders   map[OrderID]Order
	papers   map[DocumentID]Document
	tokens   map[TokenID]Token
	notices  []SendText // since forget
	masters  group
}

func newTrader(t tb) *trader {
	return &trader{
		tb: t, policy: DefaultPolicy(), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), orders: map[OrderID]Order{}, papers: map[DocumentID]Document{},
		tokens: map[TokenID]Token{}, masters: group{"m1"},
		state: State{
			Client: 7, Phones: []Phone{{ID: 1, Number: "+79031111111"}},
			Profile: &Profile{Client: 7, Code: "100001", Kind: "person", Name: "Пётр Ильин", Login: "ilyin", Language: "ru"},
		},
	}
}

func digest(purpose, secret string) Sealed {
	sum := sha256.Sum256([]byte(purpose + "\x00" + secret))
	return sum[:]
}

func (c *trader) moment() Moment {
	m := Moment{
		Now: c.now, ID: c.id, Digest: digest, OPRF: c.masters,
		Matches: func(purpose, secret string, sealed Sealed) bool {
			if purpose == "passcode" {
				c.compared++
			}
			return bytes.Equal(digest(purpose, secret), sealed)
		},
	}
	binary.BigEndian.PutUint64(m.Entropy[:], uint64(c.id)) // the passcode is the id: no two are the same
	binary.BigEndian.PutUint64(m.Entropy[24:], uint64(c.id))
	return m
}

// try does what an actor does: the alarm first, then the command, then its events.
func (c *trader) try(cmd Command) (Result, error) {
	if at, ok := Deadline(c.state); ok && !at.After(c.now) {
		c.take(Tick{})
	}
	return c.take(cmd)
}

func (c *trader) take(cmd Command) (Result, error) {
	c.id++
	out, err := c.policy.Decide(c.state, cmd, c.moment())
	if err != nil {
		return nil, err
	}
	for _, e := range out.Events {
		if e, ok := e.(OrderEvent); ok {
			c.orders[e.Subject()] = c.orders[e.Subject()].Apply(e, c.now)
		}
		if e, ok := e.(DocumentEvent); ok {
			c.papers[e.Subject()] = c.papers[e.Subject()].Apply(e, c.now)
		}
		if e, ok := e.(TokenEvent); ok {
			c.tokens[e.Subject()] = c.tokens[e.Subject()].Apply(e)
		}
		c.state = Apply(c.state, e)
	}
	c.told, c.effects = append(c.told, out.Events...), out.Effects
	for _, e := range out.Effects {
		switch text, ok := e.(SendText); {
		case ok && text.Code == "":
			c.notices = append(c.notices, text)
		case ok:
			c.code = text.Code
		}
	}
	if in, ok := out.Result.(LoggedIn); ok {
		c.sid = in.SID
	}
	return out.Result, nil
}

func (c *trader) do(cmd Command) Result {
	c.Helper()
	result, err := c.try(cmd)
	if err != nil {
		c.Fatalf("%T was refused: %v", cmd, err)
	}
	return result
}

// refuses is for a command that must be refused and must change nothing.
func (c *trader) refuses(cmd Command, reason Reason) *Refusal {
	c.Helper()
	c.alarm()
	before := c.state
	result, err := c.try(cmd)
	var no *Refusal
	if !errors.As(err, &no) {
		c.Fatalf("%T was not refused, but answered %+v", cmd, result)
	}
	if no.Reason != reason {
		c.Fatalf("%T was refused as %s, not as %s", cmd, no.Reason, reason)
	}
	if no.Error() == "" || no.Next == "" {
		c.Errorf("the refusal %s does not say what is wrong and what to do next", reason)
	}
	if !reflect.DeepEqual(before, c.state) {
		c.Errorf("the refusal %s changed the state", reason)
	}
	return no
}

func (c *trader) alarm() {
	if at, ok := Deadline(c.state); ok && !at.After(c.now) {
		c.take(Tick{})
	}
}

// pass lets time pass with every alarm at its instant; late lets it pass with none.
func (c *trader) pass(d time.Duration) {
	c.Helper()
	end := c.now.Add(d)
	for {
		at, ok := Deadline(c.state)
		if !ok || at.After(end) {
			break
		}
		c.now = at
		if c.take(Tick{}); !c.deadlineAhead() {
			c.Fatalf("at %v the alarm goes off again and again", at)
		}
	}
	c.now = end
}

func (c *trader) late(d time.Duration) { c.now = c.now.Add(d) }

func (c *trader) deadlineAhead() bool {
	at, ok := Deadline(c.state)
	return !ok || at.After(c.now)
}

func (c *trader) forget() { c.told, c.notices = nil, nil }

// login logs in by password, as a new login.
func (c *trader) login() LoginID {
	c.Helper()
	return c.settle(SettleLogin{OK: true, Label: "Chromium, Linux", Address: "192.0.2.1"}).(LoggedIn).Login
}

// settle attempts the password and settles it in the current epoch.
func (c *trader) settle(how SettleLogin) Result {
	c.Helper()
	how.Epoch = c.do(AttemptPassword{}).(PasswordAttempt).Epoch
	return c.do(how)
}

// terminal logs in and connects a terminal.
func (c *trader) terminal() LoginID {
	c.Helper()
	l := c.login()
	c.do(Attend{Login: l})
	return l
}

// request asks for a passcode as soon as that is allowed.
func (c *trader) request(l LoginID) string {
	c.Helper()
	_, err := c.try(RequestPasscode{Login: l})
	for no := (*Refusal)(nil); errors.As(err, &no) && no.Until.After(c.now); {
		c.pass(no.Until.Sub(c.now))
		_, err = c.try(RequestPasscode{Login: l})
	}
	if err != nil {
		c.Fatalf("no passcode: %v", err)
	}
	return c.code
}

func (c *trader) enter(l LoginID, code string) PasscodeChecked {
	c.Helper()
	return c.do(EnterPasscode{Login: l, Code: code}).(PasscodeChecked)
}

// miss enters a wrong passcode, and asks for one before when there is none to miss.
func (c *trader) miss(l LoginID) PasscodeChecked {
	c.Helper()
	if _, ok := c.state.passcode(l, OpenSession, c.now); !ok {
		c.request(l)
	}
	return c.enter(l, noCode)
}

func (c *trader) open(l LoginID) Session {
	c.Helper()
	if !c.enter(l, c.request(l)).OK {
		c.Fatalf("the right passcode did not open a session")
	}
	return *c.session(l)
}

// opened is a terminal with an open session.
func (c *trader) opened() LoginID {
	c.Helper()
	l := c.terminal()
	c.open(l)
	c.forget()
	return l
}

// session is the open session of a login, or nil.
func (c *trader) session(l LoginID) *Session {
	login, _ := c.state.Login(l)
	return login.Session
}

var sber = Instrument{Ticker: "SBER", Name: "Сбербанк", Currency: "RUB", PriceStep: One / 100, Lot: 10 * One}

func buy(lots Decimal) Ticket {
	return Ticket{Ticker: "SBER", Side: Buy, Type: Limit, Quantity: lots * sber.Lot, LimitPrice: 300 * One, Expiration: Day}
}

func (c *trader) order(l LoginID) Order {
	c.Helper()
	return c.do(SubmitOrder{Login: l, Ticket: buy(1), Instrument: sber}).(OrderTaken).Order
}

func (c *trader) report(id OrderID, x Execution) {
	c.Helper()
	o := c.orders[id]
	c.do(ReportExecution{ID: id, Execution: x, Prior: &o})
}

// all are the events of one kind that were told since forget.
func all[E Event](c *trader) (found []E) {
	for _, e := range c.told {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}

// the is the one event of that kind that was told since forget.
func the[E Event](c *trader) E {
	c.Helper()
	found := all[E](c)
	if len(found) != 1 {
		c.Fatalf("%d events of type %T instead of one, in %+v", len(found), *new(E), c.told)
	}
	return found[0]
}

func same[T any](t tb, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v instead of %v", what, got, want)
	}
}

// at compares instants by what a clock would show.
func at(t tb, what string, got, want time.Time) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: %v instead of %v (%v off)", what, got, want, got.Sub(want))
	}
}

func nothing(c *trader) {
	c.Helper()
	if len(c.told) > 0 {
		c.Errorf("events where nothing happened: %+v", c.told)
	}
}

func panics(t *testing.T, f func()) (what string) {
	t.Helper()
	defer func() {
		if r := recover(); r == nil {
			t.Error("no panic")
		} else {
			what = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}
