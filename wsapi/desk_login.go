package wsapi

import (
	"cmp"
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
	err = g.desk.logins.inLine(ctx, g.LoginKey(name), c.address, func() error {
		// A try that was counted is settled even when the operator does not wait for it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
		defer cancel()
		return g.openDesk(ctx, c, name, p)
	})
	var refusal *session.Refusal
	if errors.As(err, &refusal) && refusal.Reason == session.DeskBlocked {
		err = cmp.Or(g.noteCrowd(ctx, c, &g.desk.blocked, "blockedNames"), err)
	}
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
	right, err := g.desk.logins.compare(ctx, p.Password, known.Hash)
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

// crowd counts tries that the audit is told of now and then only, so that whoever tries many login names does not fill it. What
// is typed for a login name is not told: it may be a password.
type crowd struct {
	mu    sync.Mutex
	tries int       // that the audit was not told of
	last  time.Time // when it was told
}

const crowdToldEvery = 10 * time.Second

// told counts a try, and is how many the audit is to be told of now.
func (c *crowd) told(now time.Time) (tries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tries++; now.Sub(c.last) < crowdToldEvery {
		return 0
	}
	tries, c.tries, c.last = c.tries, 0, now
	return tries
}

// noteCrowd counts a refused login of a kind.
func (g *Gateway) noteCrowd(ctx context.Context, c *Caller, of *crowd, kind string) error {
	tries := of.told(g.Now())
	if tries == 0 {
		return nil
	}
	return unreachable(g.noteOf(ctx, "", "operator.login.refused", 0, words("address", c.address, kind, tries)))
}

// strangeOperator does for a login name that no operator has what is done for one that somebody has: its tries are counted
// by the same rules.
func (g *Gateway) strangeOperator(ctx context.Context, c *Caller, name string, p deskLoginParams) error {
	counted, err := g.desk.strangers.change(g.LoginKey(name), func(o session.Operator) (session.Operator, error) {
		return g.Policy.AttemptOperator(o, session.Instant(g.Now()))
	})
	if err != nil {
		return err
	}
	if _, err := g.desk.logins.compare(ctx, p.Password, g.desk.logins.dummy()); err != nil {
		return err
	}
	authenticatorStep(make([]byte, 20), p.Code, g.Now())
	if err := g.noteCrowd(ctx, c, &g.desk.unknown, "unknownNames"); err != nil {
		return err
	}
	return wrongProof(g.Policy.RefuseOperator(counted), g.Now())
}
