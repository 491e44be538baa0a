package session

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAnHonestClientIsNeverTakenForACopy lets a browser with two tabs open sessions while messages and replies are lost, late,
// doubled and overtaken, tabs crash at every step, PINs are wrong and the server's clock steps. After all that it opens again.
func TestAnHonestClientIsNeverTakenForACopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWire(t)
		for n := 16 * (1 + dice.Draw(t, "steps, in sixteens")); n > 0 && w.state.Tokens.Active != nil; n-- {
			w.step(w.tab())
		}
		w.heals()
	})
}

// TestAStaleCopyNeverOpens adds a thief with a copy of the browser's store, a login and the PIN or none. He need not do what a
// browser does, or in its order.
func TestAStaleCopyNeverOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWire(t)
		for n := 8 * (1 + dice.Draw(t, "steps, in eights")); n > 0 && w.state.Tokens.Active != nil; n-- {
			switch n := dice.Draw(t, "who"); {
			case n < 20:
				w.step(w.tab())
			case n < 22:
				w.copies()
			default:
				w.steals()
			}
		}
	})
}

// wire is what lies between a client's browsers and the server, and the server's books as they must be.
type wire struct {
	*trader
	t       *rapid.T
	disk    *disk
	tabs    []*tab
	holder  *tab // of the Web Lock
	thief   *thief
	under   []message // way; each may arrive any number of times, in any order, or never
	made    int       // keys, points and steps, for their names
	tried   []Challenge
	opened  int // openings
	since   int // PINs since the last of them
	instant []time.Time
	before  int // PINs that no opening had followed when the run began
}

// disk is a browser's record of the token.
type disk struct{ r, pend keyPair }

// message is on its way to the server. keys are the ratchet keys of whoever sent it, at that time; of the thief's, those that
// have signed it.
type message struct {
	from  *tab // nil: the thief
	phase int  // of the tab: a reply to what it does not wait for any more is dropped
	keys  []PublicKey
	cmd   Command
}

// phases of an opening in a tab. Between any two of them it may crash.
type phase int

const (
	idle       phase = iota
	asking           // holds the lock, waits for a challenge
	challenged       // has it
	evaluating       // waits for the evaluation
	counted          // has it
	settled          // has written which ratchet key it is
	kept             // has unwrapped S and written the next ratchet key
	opening          // waits for the session
	open             // has it
)

// tab is a tab of the honest browser. What it has in memory goes with it when it crashes.
type tab struct {
	login   LoginID
	at      phase
	waits   int // number of the phase
	nonce   Nonce
	right   bool // the PIN
	matched RatchetKey
	next    keyPair
	sent    message // the one that is waited for
}

var laptop = [2]keyPair{pair("model S"), pair("model D")}

func newWire(t *rapid.T) *wire {
	w := &wire{trader: newTrader(t), t: t, disk: &disk{r: pair("model R")}}
	w.id++
	token := Token{
		ID: 5, Client: 7, Status: TokenIsPending, Keys: TokenKeys{laptop[0].public, laptop[1].public, w.disk.r.public}, Seed: Sealed("seed"), Master: "m1",
	}
	for _, e := range []Event{TokenBegun{token}, TokenRegistered{ID: 5, At: w.now}} {
		w.state = Apply(w.state, e)
	}
	for range 2 {
		w.tabs = append(w.tabs, &tab{login: w.terminal()})
	}
	if dice.Draw(t, "one login")%2 == 0 {
		w.tabs[1].login = w.tabs[0].login
	}
	// The limits of the day and of the life are far: some runs begin near them.
	active := w.state.Tokens.Active
	active.Failures = max(0, 4*dice.Draw(t, "failures in fours")-76)
	w.before = active.Failures
	for range max(0, 4*dice.Draw(t, "evaluations in fours")-96) {
		w.instant = append(w.instant, w.now)
	}
	active.Evaluated = slices.Clone(w.instant)
	return w
}

func (w *wire) name() string {
	w.made++
	return "model " + number(w.made)
}

// tab is one of the two, most often the one that holds the lock: the other can only wait for it.
func (w *wire) tab() *tab {
	if n := dice.Draw(w.t, "tab"); w.holder == nil || n < 6 {
		return w.tabs[n%2]
	}
	return w.holder
}

// step is something that happens to a tab, to a message or to the clock.
func (w *wire) step(x *tab) {
	switch n := dice.Draw(w.t, "step"); {
	case n < 16:
		w.goOn(x)
	case n < 23:
		w.arrives(x)
	case n < 25 && x.at != idle && x.sent.cmd != nil:
		w.under = append(w.under, x.sent) // once more, unchanged
	case n < 26:
		w.crash(x)
	case n < 28:
		w.late(time.Duration(dice.Draw(w.t, "minutes")%8) * 20 * time.Second)
	case n < 29:
		w.late(-time.Duration(dice.Draw(w.t, "back")%4) * 20 * time.Second)
	default:
		w.late(time.Duration(dice.Draw(w.t, "seconds")) * time.Second / 4)
	}
}

// goOn does the next thing that a tab can do by itself.
func (w *wire) goOn(x *tab) {
	h := TokenHeader{7, 5, x.login, x.nonce}
	switch x.at {
	case idle:
		if w.holder == nil {
			w.holder = x
			w.send(x, asking, ChallengeToken{Login: x.login, Token: 5})
		}
	case challenged:
		x.right = dice.Draw(w.t, "PIN") < 28
		w.send(x, evaluating, sealed(h, w.disk.r, w.disk.pend, point(w.name())))
	case counted:
		if x.matched == RatchetNext {
			w.disk.r = w.disk.pend
		}
		w.disk.pend = keyPair{}
		if x.at = settled; !x.right {
			w.crash(x) // «неверный ПИН»
		}
	case settled:
		x.next = pair(w.name())
		w.disk.pend, x.at = x.next, kept
	case kept:
		w.send(x, opening, proof(h, x.next.public))
	case open:
		w.disk.r, w.disk.pend = w.disk.pend, keyPair{}
		w.crash(x) // the end, and the lock is free
	case asking, evaluating, opening:
		w.arrives(x)
	}
}

func sealed(h TokenHeader, r, pend keyPair, b Point) EvaluatePIN {
	m := h.EvaluateActive(b)
	return EvaluatePIN{
		Login: h.Login, Token: 5, Challenge: h.Challenge, Point: b, SigD: laptop[1].sign(m), SigR: r.sign(m), SigNext: pend.sign(m),
	}
}

func proof(h TokenHeader, next PublicKey) OpenByToken {
	return OpenByToken{
		Login: h.Login, Token: 5, Challenge: h.Challenge, Next: next, SigS: laptop[0].sign(h.Open(next, laptop[1].public)),
	}
}

func (w *wire) send(x *tab, at phase, cmd Command) {
	w.made++
	x.at, x.waits = at, w.made
	x.sent = message{from: x, phase: x.waits, keys: []PublicKey{w.disk.r.public, w.disk.pend.public}, cmd: cmd}
	w.under = append(w.under, x.sent)
}

// crash is a crash, a closed tab or an answer that ends the opening: what is on the disk stays, and so do the messages.
func (w *wire) crash(x *tab) {
	if w.holder == x {
		w.holder = nil
	}
	*x = tab{login: x.login}
}

// arrives brings a message to the server, most often the newest of the tab, and the reply back, most often.
func (w *wire) arrives(x *tab) {
	if len(w.under) == 0 {
		return
	}
	w.under = w.under[max(0, len(w.under)-6):] // what is older is lost
	i := slices.IndexFunc(w.under, func(m message) bool { return m.from == x && m.phase == x.waits })
	if n := dice.Draw(w.t, "which"); i < 0 || n < 6 {
		i = n % len(w.under)
	}
	m := w.under[i]
	if dice.Draw(w.t, "doubled") < 24 {
		w.under = slices.Delete(w.under, i, i+1)
	}
	result, err := w.serve(m)
	if m.from != nil && m.from.waits == m.phase && dice.Draw(w.t, "the reply is lost") < 29 {
		w.reply(m.from, result, err)
	}
}

func (w *wire) reply(x *tab, result Result, err error) {
	if no := (*Refusal)(nil); errors.As(err, &no) {
		w.crash(x)
		return
	}
	switch r := result.(type) {
	case TokenChallengeIssued:
		x.nonce, x.at, x.waits, x.sent = r.Challenge, challenged, 0, message{}
	case PINCounted:
		if x.matched, x.at, x.waits, x.sent = r.Matched, counted, 0, (message{}); r.Cloned {
			w.crash(x)
		}
	case TokenProved:
		x.at, x.waits, x.sent = open, 0, message{}
	}
}
