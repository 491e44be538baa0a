package session

import (
	"errors"
	"slices"
	"time"
)

// What the server of webtoken_model_test.go may do at all, held against books of its own; and the thief.

// serve is the server: a message is decided in one piece, and what it does is what the rules allow.
func (w *wire) serve(m message) (Result, error) {
	was := w.state.Tokens.Active
	w.forget()
	w.alarm() // time is nobody's doing
	w.account(message{}, was)
	was = w.state.Tokens.Active
	w.forget()
	result, err := w.take(m.cmd)
	w.account(m, was)
	if no := (*Refusal)(nil); errors.As(err, &no) && !slices.Contains(refusals, no.Reason) {
		w.Fatalf("%T was refused: %s", m.cmd, no.Reason)
	}
	if r, ok := result.(PINCounted); ok && !r.Cloned {
		e := m.cmd.(EvaluatePIN)
		if !slices.ContainsFunc(w.tried, func(x Challenge) bool { return x.Nonce == e.Challenge && x.Point == r.Point }) || r.Point != e.Point {
			w.Fatalf("evaluated and not counted: %+v", r)
		}
	}
	return result, err
}

// refusals are what a message may be refused for. A bad signature is none of them: each is good, and whoever signs by a ratchet
// key of before is not refused but noticed.
var refusals = []Reason{TooEarly, ChallengeOver, NoTokenTries, TokenDayLimit, TokenLocked, TokenCloned}

func (w *wire) account(m message, was *Token) {
	for _, e := range w.told {
		switch e := e.(type) {
		case PINEvaluated:
			w.mayEvaluate(e, m, was)
		case TokenOpened:
			w.mayOpen(e, m, was)
		case TokenEnded:
			w.mayEnd(e, m, was)
		}
	}
}

func (w *wire) mayEvaluate(e PINEvaluated, m message, was *Token) {
	if !slices.Contains(m.keys, was.Keys.R) {
		w.Fatalf("a PIN was evaluated for a stale copy: %+v", e)
	}
	for _, x := range w.tried {
		if x.Nonce == e.Challenge {
			w.Fatalf("two PINs for one challenge: %+v, %+v", x, e)
		}
	}
	w.tried = append(w.tried, Challenge{Nonce: e.Challenge, Login: e.Login, Point: e.Point})
	w.instant = append(w.instant, w.now)
	w.since++
	day := 0
	for _, at := range w.instant { // the clock may have been set back by a minute or two
		if at.After(w.now.Add(-24*time.Hour + time.Hour)) {
			day++
		}
	}
	life := w.before + len(w.tried) - w.opened
	if w.since > 5 || life > 50 || day > 30 {
		w.Fatalf("%d PINs since the last opening, %d of its life, %d in a day", w.since, life, day)
	}
}

func (w *wire) mayOpen(e TokenOpened, m message, was *Token) {
	o, keys := m.cmd.(OpenByToken), m.keys
	if m.from == nil { // what he has by now: he may have copied once more since he signed
		keys = w.thief.publicKeys()
	}
	last := w.tried[len(w.tried)-1]
	switch {
	case last.Nonce != e.Challenge || last.Login != o.Login || last.Session != 0:
		w.Fatalf("opened by a challenge that is not the current one: %+v", e)
	case !slices.Contains(keys, was.Keys.R):
		w.Fatalf("a stale copy has opened: %+v", e)
	case w.state.Tokens.Active.Attempts != 5 || w.state.Tokens.Active.Keys.R != o.Next:
		w.Fatalf("after an opening: %+v", w.state.Tokens.Active)
	}
	w.tried[len(w.tried)-1].Session = e.Session
	w.opened++
	w.since = 0
}

// mayEnd: a copy is noticed only when there is one, a token is locked only when its tries are used up.
func (w *wire) mayEnd(e TokenEnded, m message, was *Token) {
	switch e.Status {
	case TokenIsCloned:
		if w.thief == nil {
			w.Fatalf("an honest client was taken for a copy: %+v", m.cmd)
		}
		if slices.Contains(m.keys, was.Keys.R) {
			w.Fatalf("whoever has the right key was taken for a copy: %+v", m.cmd)
		}
	case TokenIsLocked:
		life := w.before + len(w.tried) - w.opened
		if w.since < 5 && life < 50 || w.now.Before(w.instant[len(w.instant)-1].Add(time.Minute)) {
			w.Fatalf("locked after %d PINs, %d of its life", w.since, life)
		}
	case TokenIsPending, TokenIsActive, TokenIsRevoked:
		w.Fatalf("nobody has done this: %+v", e)
	}
	if w.state.Tokens.Active != nil {
		w.Fatalf("a token that has ended is active: %+v", e)
	}
}

// heals: nothing is lost any more. If a PIN may still be tried, the client opens with it.
func (w *wire) heals() {
	x := w.tabs[0]
	for _, y := range w.tabs {
		w.crash(y)
	}
	if dice.Draw(w.t, "what is late never comes")%2 == 0 {
		w.under = nil
	}
	w.alarm()
	t := w.state.Tokens.Active
	if t == nil || t.Attempts == 0 || t.Failures >= 50 || len(within24h(t.Evaluated, w.now)) >= 30 {
		return
	}
	before := w.opened
	for range 20 {
		if w.opened > before && x.at == idle {
			break
		}
		if x.waits == 0 {
			w.goOn(x)
			if x.at == evaluating {
				x.right = true
			}
			continue
		}
		result, err := w.serve(x.sent)
		if no := (*Refusal)(nil); errors.As(err, &no) && no.Reason == TooEarly { // by the challenges of before
			w.pass(no.Until.Sub(w.now))
			result, err = w.serve(x.sent)
		}
		if err != nil {
			w.Fatalf("it does not open again: %T was refused: %v", x.sent.cmd, err)
		}
		w.reply(x, result, nil)
	}
	if w.opened != before+1 || w.disk.r.public != w.state.Tokens.Active.Keys.R {
		w.Fatalf("it does not open again: %+v, the server has %+v", *x, w.state.Tokens.Active)
	}
}

// thief has a copy of the store and a login: the client's own, or another. Once a right PIN was evaluated for him he has S.
// He forgets nothing that he has had.
type thief struct {
	login  LoginID
	keys   []keyPair // of the ratchet, copied or made
	knows  bool      // the PIN
	s      bool
	nonces []Nonce
}

func (w *wire) copies() {
	if w.thief == nil {
		w.thief = &thief{login: w.tabs[dice.Draw(w.t, "whose login")%2].login, knows: dice.Draw(w.t, "knows the PIN") < 28}
	}
	if w.disk.pend.private != nil {
		w.thief.keys = append(w.thief.keys, w.disk.pend)
	}
	w.thief.keys = append(w.thief.keys, w.disk.r)
}

// steals is a step of the thief. Whatever he has signed may arrive later, and more than once.
func (w *wire) steals() {
	x := w.thief
	if x == nil {
		return
	}
	m := message{}
	switch n := dice.Draw(w.t, "thief"); {
	case n < 8 || len(x.nonces) == 0:
		m.cmd = ChallengeToken{Login: x.login, Token: 5}
	case n < 18:
		h, r, pend := TokenHeader{7, 5, x.login, oneOf(w, x.nonces)}, oneOf(w, x.keys), oneOf(w, x.keys)
		m.cmd, m.keys = sealed(h, r, pend, point(w.name())), []PublicKey{r.public, pend.public}
	case n < 28 && x.s:
		h, next := TokenHeader{7, 5, x.login, oneOf(w, x.nonces)}, pair(w.name())
		m.cmd = proof(h, next.public)
		x.keys = append(x.keys, next)
	default:
		w.arrives(w.tabs[0])
		return
	}
	if dice.Draw(w.t, "sent later") < 8 {
		w.under = append(w.under, m)
		return
	}
	result, _ := w.serve(m)
	switch r := result.(type) {
	case TokenChallengeIssued:
		x.nonces = append(x.nonces, r.Challenge)
	case PINCounted:
		x.s = x.s || x.knows && !r.Cloned
	}
}

func (x *thief) publicKeys() (all []PublicKey) {
	for _, k := range x.keys {
		all = append(all, k.public)
	}
	return all
}

// oneOf is one of what the thief has, most often the newest.
func oneOf[T any](w *wire, all []T) T {
	if n := dice.Draw(w.t, "which of his"); n < 10 {
		return all[n%len(all)]
	}
	return all[len(all)-1]
}
