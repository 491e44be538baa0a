package actors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"vakhta/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inWorld runs a test in a bubble, where time is real and takes none.
func inWorld(t *testing.T, clients int, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) { test(newWorld(t, clients)) })
}

// world is the journal and who works on it.
type world struct {
	testing.TB
	journal *memory
	policy  session.Policy

	mu       sync.Mutex
	compared map[string]int // passcodes with what was entered, by digest
	log      bytes.Buffer
}

func newWorld(t testing.TB, clients int) *world {
	return &world{TB: t, journal: newMemory(clients), policy: session.DefaultPolicy(), compared: map[string]int{}}
}

func (w *world) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

func digest(purpose, secret string) session.Sealed {
	sum := sha256.Sum256([]byte(purpose + "|" + secret))
	return sum[:]
}

func (w *world) matches(purpose, secret string, sealed session.Sealed) bool {
	if purpose == "passcode" {
		w.mu.Lock()
		w.compared[string(sealed)]++
		w.mu.Unlock()
	}
	return bytes.Equal(digest(purpose, secret), sealed)
}

var sber = session.Instrument{Ticker: "SBER", Name: "Сбербанк", Currency: "RUB", PriceStep: session.One / 100, Lot: session.One}

// node is one server.
type node struct {
	*Directory
	w    *world
	view *view
}

func (w *world) start(settings ...func(*Config)) *node {
	n := &node{w: w, view: &view{memory: w.journal}}
	cfg := Config{
		Policy: w.policy, Journal: n.view, Digest: digest, Matches: w.matches,
		Compose: compose,
		Instrument: func(ticker string) session.Instrument {
			if ticker == sber.Ticker {
				return sber
			}
			return session.Instrument{}
		},
		Texted: func() {}, Routed: func(session.Order) {},
		Log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, set := range settings {
		set(&cfg)
	}
	n.Directory = New(cfg)
	return n
}

// compose leaves of a passcode the code, and of a notice the number that it is about.
func compose(_ session.Profile, text session.SendText) string {
	if text.Code == "" {
		return "notice " + text.Phone
	}
	return text.Code
}

func visitor(c *Config) { c.Visitor = true }

// stop ends the server politely.
func (n *node) stop() {
	n.w.Helper()
	if err := n.Stop(n.w.Context()); err != nil {
		n.w.Errorf("the directory did not stop: %v", err)
	}
}

// crash ends the server like kill -9: from now on nothing of it reaches the journal or anybody.
func (n *node) crash() {
	n.view.dead.Store(true)
	_ = n.Stop(n.w.Context())
}

// person is a client who is logged in.
type person struct {
	*node
	client session.ClientID
	login  session.LoginID
	sid    string
}

func (n *node) logIn(client session.ClientID) *person {
	n.w.Helper()
	p := &person{node: n, client: client}
	attempt := p.do(session.AttemptPassword{}).(session.PasswordAttempt)
	in := p.do(session.SettleLogin{OK: true, Epoch: attempt.Epoch}).(session.LoggedIn)
	p.login, p.sid = in.Login, in.SID
	return p
}

// at is the same person at another server.
func (p *person) at(n *node) *person {
	return &person{node: n, client: p.client, login: p.login, sid: p.sid}
}

func (p *person) try(c session.Command) (session.Result, error) {
	answer, err := p.Ask(context.Background(), p.client, c)
	return answer.Result, err
}

func (p *person) do(c session.Command) session.Result {
	p.w.Helper()
	result, err := p.try(c)
	if err != nil {
		p.w.Fatalf("%T: %v\n%s", c, err, p.w.log.String())
	}
	return result
}

// refuses is for a command that must be refused.
func (p *person) refuses(c session.Command, why session.Reason) *session.Refusal {
	p.w.Helper()
	result, err := p.try(c)
	refusal := new(session.Refusal)
	if !errors.As(err, &refusal) || refusal.Reason != why {
		p.w.Fatalf("%T was not refused as %s: %+v, %v", c, why, result, err)
	}
	return refusal
}

// code is the last passcode that was sent to the client.
func (p *person) code() string {
	p.w.journal.mu.Lock()
	defer p.w.journal.mu.Unlock()
	for _, t := range slices.Backward(p.w.journal.texts) {
		if t.Client == p.client && t.Purpose != "" {
			return t.Body
		}
	}
	p.w.Fatal("no passcode was sent")
	return ""
}

// wrong is six digits that were not sent.
func (p *person) wrong() string {
	if code := p.code(); code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + p.code()[1:]
}

func (p *person) enter(code string) session.PasscodeChecked {
	p.w.Helper()
	return p.do(session.EnterPasscode{Login: p.login, Code: code}).(session.PasscodeChecked)
}

func (p *person) open() session.Session {
	p.w.Helper()
	p.do(session.RequestPasscode{Login: p.login})
	checked := p.enter(p.code())
	if !checked.OK {
		p.w.Fatal("the right passcode was not accepted")
	}
	return *checked.Login.Session
}

func buy(userID string) session.Ticket {
	return session.Ticket{
		UserOrderID: userID, Ticker: "SBER", Side: session.Buy, Type: session.Market, Quantity: 10 * session.One,
		Expiration: session.UntilCancel,
	}
}

func (p *person) order(userID string) session.OrderTaken {
	p.w.Helper()
	return p.do(session.SubmitOrder{Login: p.login, Ticket: buy(userID)}).(session.OrderTaken)
}

// pending is a command whose answer is still to come.
type pending struct {
	p      *person
	done   chan struct{}
	result session.Result
	err    error
}

// begin asks and returns when the actor has the command, without waiting for the answer.
func (p *person) begin(c session.Command) *pending {
	x := &pending{p: p, done: make(chan struct{})}
	go func() {
		defer close(x.done)
		x.result, x.err = p.try(c)
	}()
	synctest.Wait()
	return x
}

func (x *pending) waits() bool {
	synctest.Wait()
	select {
	case <-x.done:
		return false
	default:
		return true
	}
}

func (x *pending) answer() (session.Result, error) {
	<-x.done
	return x.result, x.err
}

// screen is a terminal, as the gateway has it.
type screen struct {
	w     *world
	view  *view
	leave func(announced bool)

	mu     sync.Mutex
	since  int64
	events []session.Numbered
	byes   []session.Goodbye
	full   bool // it does not read any more
	broken string
}

func (s *screen) push(events []session.Numbered) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view.dead.Load() {
		return true
	}
	if s.full {
		return false
	}
	for _, e := range events {
		if last := s.since + int64(len(s.events)); e.Seq != last+1 {
			s.broken = fmt.Sprintf("event %d came after %d", e.Seq, last)
		}
		s.events = append(s.events, e)
	}
	return true
}

func (s *screen) goodbye(why session.Goodbye) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.view.dead.Load() {
		s.byes = append(s.byes, why)
	}
}

func (p *person) tryAttach() (*screen, error) {
	s := &screen{w: p.w, view: p.view}
	s.mu.Lock() // the number is known before the first event is looked at
	defer s.mu.Unlock()
	seq, leave, err := p.Attach(context.Background(), p.client, p.login, s.push, s.goodbye)
	s.since, s.leave = seq, leave
	return s, err
}

func (p *person) attach() *screen {
	p.w.Helper()
	s, err := p.tryAttach()
	if err != nil {
		p.w.Fatalf("the terminal was not attached: %v\n%s", err, p.w.log.String())
	}
	return s
}

// seen are the events on the screen, all in order.
func (s *screen) seen() []session.Numbered {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != "" {
		s.w.Errorf("%s", s.broken)
	}
	return slices.Clone(s.events)
}

func (s *screen) goodbyes() []session.Goodbye {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.byes)
}

// has all events up to the version of the journal.
func (s *screen) isComplete(client session.ClientID) {
	s.w.Helper()
	seen := s.seen()
	if got, want := s.since+int64(len(seen)), s.w.version(client); got != want {
		s.w.Errorf("the terminal has the events up to %d of %d: %s", got, want, names(seen))
	}
}

// names tells events in short, as in «SessionOpened OrderAccepted».
func names(events []session.Numbered) string {
	var all []string
	for _, e := range events {
		all = append(all, strings.TrimPrefix(fmt.Sprintf("%T", e.Event), "session."))
	}
	return strings.Join(all, " ")
}

func (w *world) version(client session.ClientID) int64 {
	synctest.Wait()
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return w.journal.rows[client].state.Version
}

// events are all that the journal has of a client.
func (w *world) events(client session.ClientID) []session.Numbered {
	synctest.Wait()
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return slices.Clone(w.journal.rows[client].events)
}

// last is the newest event of its kind.
func last[E session.Event](w *world, events []session.Numbered) (e E, at time.Time) {
	w.Helper()
	for _, n := range slices.Backward(events) {
		if e, ok := n.Event.(E); ok {
			return e, n.At
		}
	}
	w.Fatalf("there is no %T among: %s", e, names(events))
	return e, at
}

func count[E session.Event](events []session.Numbered) (n int) {
	for _, e := range events {
		if _, ok := e.Event.(E); ok {
			n++
		}
	}
	return n
}

func equal[T comparable](w *world, what string, got, want T) {
	w.Helper()
	if got != want {
		w.Errorf("%s: %v, not %v", what, got, want)
	}
}

// gate holds commits up until it is opened.
type gate struct{ open chan struct{} }

func (w *world) hold() *gate {
	g := &gate{open: make(chan struct{})}
	w.journal.delay(func([]session.Change) { <-g.open })
	return g
}

// release lets everything through, from the commit that waits on.
func (g *gate) release() { close(g.open) }
