package wsapi

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"vakhta/session"
)

type (
	deskLoginParams struct {
		Login    string `json:"login" need:"yes"`
		Password string `json:"password" need:"yes"`
		Code     string `json:"code" need:"yes" doc:"The six digits that the authenticator shows."`
	}
	deskOperator struct {
		ID    session.OperatorID `json:"id"`
		Login string             `json:"login"`
		Name  string             `json:"name"`
	}
	deskWho struct {
		Operator   deskOperator `json:"operator"`
		ExpiresAt  instant      `json:"expiresAt" doc:"The login ends then, if it is not used before."`
		ServerTime instant      `json:"serverTime"`
	}
)

func (g *Gateway) declareDeskLogin(cat *catalogue) {
	declare(cat, "deskLogin", 0, "logs an operator in; the login is kept in a cookie", g.deskLogin)
	declare(cat, "deskWho", needOperator|quietly, "tells who is logged in", g.deskWho)
	declare(cat, "deskLogout", needOperator, "ends the login", g.deskLogout)
}

// deskLogin opens a desk. A wrong password, a wrong or repeated code and an unknown login name are answered alike.
func (g *Gateway) deskLogin(ctx context.Context, c *Caller, p deskLoginParams) (deskWho, error) {
	name, err := loginName(loginParams{Login: p.Login, Password: p.Password})
	if err != nil {
		return deskWho{}, err
	}
	err = g.desk.line.inLine(ctx, g.LoginKey(name), c.address, func() error {
		// A try that was counted is settled even when the operator does not wait for it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
		defer cancel()
		return g.openDesk(ctx, c, name, p)
	})
	if err != nil {
		return deskWho{}, err
	}
	return g.deskWho(ctx, c, nothing{})
}

// openDesk counts a try, then compares password and code, then settles it. It is asked in line.
func (g *Gateway) openDesk(ctx context.Context, c *Caller, name string, p deskLoginParams) error {
	known, err := g.desk.Account(ctx, name)
	switch {
	case errors.Is(err, session.ErrUnknownOperator):
		return g.strangeOperator(ctx, c, name, p)
	case err != nil:
		return unreachable(err)
	}
	attempt := func(o session.Operator) (session.Operator, error) {
		return g.Policy.AttemptOperator(o, session.Instant(g.Now()))
	}
	if _, err := g.desk.Update(ctx, known.ID, attempt); err != nil {
		return unreachable(err)
	}
	// Only now: both may have been changed before the try was counted.
	if known, err = g.desk.Account(ctx, name); err != nil {
		return unreachable(err)
	}
	right, err := g.desk.line.compare(ctx, p.Password, known.Hash)
	if err != nil {
		return err
	}
	step, shown := authenticatorStep(known.Secret, p.Code, g.Now())
	proof := session.OperatorProof{OK: right && shown, Step: step, Epoch: known.Epoch, Address: c.address}
	return g.settleDesk(ctx, c, known.ID, proof)
}

// settleDesk gives the SID to who has proved right. The login that the browser had before ends with it.
func (g *Gateway) settleDesk(ctx context.Context, c *Caller, id session.OperatorID, proof session.OperatorProof) error {
	moment := session.Moment{Now: session.Instant(g.Now()), Digest: g.desk.Digest, Matches: g.desk.Matches}
	_, _ = rand.Read(moment.Entropy[:]) // never fails: it ends the program instead
	var sid string
	o, err := g.desk.Update(ctx, id, func(was session.Operator) (o session.Operator, _ error) {
		o = was
		if c.operator != nil && c.operator.ID == id {
			o = o.CloseDesk(c.desk.ID)
		}
		if o, sid = g.Policy.OpenDesk(o, proof, moment); sid == "" {
			return was, nil
		}
		return o, nil
	})
	if err != nil {
		return unreachable(err)
	}
	if sid == "" {
		refused := g.Policy.RefuseOperator(o)
		if err := g.noteOf(ctx, o.Login, "operator.login.refused", 0, words("address", c.address, "attemptsLeft", refused.Left)); err != nil {
			return unreachable(err)
		}
		return wrongProof(refused, g.Now())
	}
	// Before the SID is told: a login that is not in the audit is nobody's.
	if err := g.noteOf(ctx, o.Login, "operator.login", 0, words("address", c.address)); err != nil {
		return unreachable(err)
	}
	at, _ := o.Desk(o.LastDesk)
	c.operator, c.desk, c.deskSID = &o, at, sid
	return nil
}

// wrongProof never tells which of the three was wrong.
func wrongProof(r session.OperatorRefused, now time.Time) error {
	refusal := door(deskFailed, "the login name, the password or the code is wrong", "check them, wait for the next code and try again")
	if r.Left == 0 {
		refusal.Next, refusal.Until = "wait until the login name is unblocked, or have it reset", r.BlockedUntil
	}
	p := refused(refusal, now)
	p.Left = &r.Left
	return problemError{p}
}

// authenticatorStep finds the step of RFC 6238 that a code belongs to: this one, the one before it or the next, for no two
// clocks are the same. Authenticators show the code with a space in it.
func authenticatorStep(secret []byte, code string, now time.Time) (step int64, ok bool) {
	digits := strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	key := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	for s := now.Unix()/authenticatorPeriod + 1; s >= now.Unix()/authenticatorPeriod-1; s-- {
		want, err := hotp.GenerateCodeCustom(key, uint64(max(0, s)), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(digits)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

const authenticatorPeriod = 30 // seconds

func (g *Gateway) deskWho(_ context.Context, c *Caller, _ nothing) (deskWho, error) {
	return deskWho{
		Operator:  deskOperator{c.operator.ID, c.operator.Login, c.operator.Name},
		ExpiresAt: instant(g.Policy.DeskEnds(c.desk)), ServerTime: instant(g.Now()),
	}, nil
}

func (g *Gateway) deskLogout(ctx context.Context, c *Caller, _ nothing) (success, error) {
	_, err := g.desk.Update(ctx, c.operator.ID, func(o session.Operator) (session.Operator, error) { return o.CloseDesk(c.desk.ID), nil })
	if err != nil {
		return success{}, unreachable(err)
	}
	c.closed = true
	return success{true}, unreachable(c.note(ctx, "operator.logout", 0, nil))
}

// strangeOperators are login names that no operator has: as strangers, counted in memory by the rules of those that
// somebody has.
type strangeOperators struct {
	mu    sync.Mutex
	state map[string]session.Operator
	tries int       // that the audit was not told of
	last  time.Time // when it was told
}

// strangersToldEvery keeps a crowd of guessed names from filling the audit: what is typed for a login name is not in it
// either, for it may be a password.
const strangersToldEvery = 10 * time.Second

// told counts a try, and is how many the audit is to be told of now.
func (s *strangeOperators) told(now time.Time) (tries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tries++; now.Sub(s.last) < strangersToldEvery {
		return 0
	}
	tries, s.tries, s.last = s.tries, 0, now
	return tries
}

// strangeOperator does for a login name that nobody has what is done for one that somebody has.
func (g *Gateway) strangeOperator(ctx context.Context, c *Caller, name string, p deskLoginParams) error {
	counted, err := g.desk.strangers.attempt(g.LoginKey(name), func(o session.Operator) (session.Operator, error) {
		return g.Policy.AttemptOperator(o, session.Instant(g.Now()))
	})
	if err != nil {
		return err
	}
	if _, err := g.desk.line.compare(ctx, p.Password, g.desk.line.dummy()); err != nil {
		return err
	}
	authenticatorStep(make([]byte, 20), p.Code, g.Now())
	if tries := g.desk.strangers.told(g.Now()); tries > 0 {
		if err := g.noteOf(ctx, "", "operator.login.refused", 0, words("address", c.address, "unknownNames", tries)); err != nil {
			return unreachable(err)
		}
	}
	return wrongProof(g.Policy.RefuseOperator(counted), g.Now())
}

func (s *strangeOperators) attempt(key string, count func(session.Operator) (session.Operator, error)) (session.Operator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counted, err := count(s.state[key])
	if err != nil {
		return counted, err
	}
	if s.state == nil {
		s.state = map[string]session.Operator{}
	}
	if _, in := s.state[key]; !in && len(s.state) >= strangersMost {
		for other := range s.state { // any one: the map has no order
			delete(s.state, other)
			break
		}
	}
	s.state[key] = counted
	return counted, nil
}
