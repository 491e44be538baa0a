package wsapi

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vakhta/session"
)

type (
	loginParams struct {
		Login      string `json:"login" need:"yes"`
		Password   string `json:"password" need:"yes"`
		RememberMe bool   `json:"rememberMe" also:"remember_me" doc:"Keeps the login for two weeks."`
		Label      string `json:"label" doc:"What the device calls itself in the list of logins."`
		Mode       string `json:"mode" ts:"-"`
	}
	loggedIn struct {
		Success     bool            `json:"success"`
		Logged      bool            `json:"logged"`
		SID         string          `json:"SID"`
		SessionOpen bool            `json:"isSecuritySessionOpened"`
		UserID      int64           `json:"userId"`
		UserIDOld   int64           `json:"user_id" ts:"-"`
		Login       string          `json:"login"`
		LoginID     session.LoginID `json:"loginId"`
		ClientCode  string          `json:"clientCode"`
		Real        bool            `json:"real" ts:"-"`
		Account     string          `json:"account_type" ts:"-"`
		Title       string          `json:"account_title" ts:"-"`
	}
)

// authByLogin opens a login, or gives the one that is presented a new SID.
func (g *Gateway) authByLogin(ctx context.Context, c *Caller, p loginParams) (loggedIn, error) {
	name, err := loginName(p)
	if err != nil {
		return loggedIn{}, err
	}
	if c.terminal != nil && c.who != nil && !strings.EqualFold(c.who.Profile.Login, name) {
		return loggedIn{}, door(otherLogin, "this connection belongs to another login name", "log out first, or open another connection")
	}
	var opened session.LoggedIn
	err = g.passwords.inLine(ctx, g.LoginKey(name), c.address, func() error {
		opened, err = g.prove(ctx, c, name, p)
		return err
	})
	if err != nil {
		return loggedIn{}, err
	}
	c.opened, c.keep = &opened, p.RememberMe
	if err := g.become(ctx, c, opened); err != nil {
		return loggedIn{}, err
	}
	return loggedIn{
		Success: true, Logged: true, SID: opened.SID, SessionOpen: opened.Session, UserID: clientCode(opened.Profile),
		UserIDOld: clientCode(opened.Profile), Login: opened.Profile.Login, LoginID: opened.Login,
		ClientCode: opened.Profile.Code, Real: true, Account: "brokerage", Title: opened.Profile.Name,
	}, nil
}

func loginName(p loginParams) (string, error) {
	name := strings.TrimSpace(p.Login)
	switch {
	case p.Mode != "" && !strings.EqualFold(p.Mode, "regular"):
		return "", door(notServed, "the login mode %.16q is not served here", "log in with login and password", p.Mode)
	case len(name) > longestName:
		return "", door(badParams, "login is longer than %d bytes", "correct it", longestName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", door(badParams, "login has characters that no login name has", "correct it")
	case len(p.Password) > longestSecret:
		return "", door(badParams, "password is longer than %d bytes", "correct it", longestSecret)
	}
	return name, nil
}

// prove is asked in line. A try that was counted is settled even when the client does not wait for it.
func (g *Gateway) prove(ctx context.Context, c *Caller, name string, p loginParams) (session.LoggedIn, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	defer cancel()
	tried, err := g.passwords.try(ctx, c, name, p.Password)
	switch {
	case unknown(err):
		return session.LoggedIn{}, g.passwords.stranger(ctx, name, p.Password)
	case err != nil:
		return session.LoggedIn{}, err
	}
	settle := session.SettleLogin{
		OK: tried.ok, Epoch: tried.epoch, Label: c.device(p.Label), Address: c.address, Remember: p.RememberMe,
	}
	if c.who != nil && c.client() == tried.client {
		settle.Present = c.login()
	}
	if tried.ok {
		return askFor[session.LoggedIn](ctx, c, tried.client, settle)
	}
	refused, err := askFor[session.PasswordRefused](ctx, c, tried.client, settle)
	if err != nil {
		return session.LoggedIn{}, err
	}
	return session.LoggedIn{}, wrongPassword(refused, g.Now())
}

// wrongPassword says the same whether the login name is known or not.
func wrongPassword(r session.PasswordRefused, now time.Time) error {
	refusal := door(session.WrongPassword, "the login name or the password is wrong", "check both and try again")
	if r.Left == 0 {
		refusal.Next, refusal.Until = "wait until the login name is unblocked, or call the broker", r.BlockedUntil
	}
	p := refused(refusal, now)
	p.Left = &r.Left
	return problemError{p}
}

// become makes the caller's terminal, if it is one, the login's, and shows it what it had asked for before.
func (g *Gateway) become(ctx context.Context, c *Caller, opened session.LoggedIn) error {
	if c.who != nil && c.login() == opened.Login {
		if err := g.renewed(ctx, c); err != nil {
			return err
		}
	} else if c.terminal != nil {
		c.sid = opened.SID
		if err := c.identify(ctx); err != nil {
			return err
		}
		if err := c.terminal.attach(ctx, c); err != nil {
			return err
		}
	}
	if c.terminal != nil {
		c.terminal.greet()
	}
	return nil
}

// renewed ends all other connections of a login that has a new SID: its owner's come back with it, a thief's do not.
func (g *Gateway) renewed(ctx context.Context, c *Caller) error {
	for _, t := range g.everybody() {
		if t != c.terminal && t.loginID() == c.opened.Login {
			t.end(byeSuperseded)
		}
	}
	t := c.terminal
	if t == nil {
		return nil
	}
	c.sid = c.opened.SID
	err := c.identify(ctx)
	t.mu.Lock()
	t.sid, t.who = c.sid, c.who
	t.mu.Unlock()
	return err
}

// greet tells the terminal whose it is, and shows it what it had asked for before.
func (t *terminal) greet() {
	t.say(writeFrame("userData", t.userData(), t.g.Now(), 0))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.feed.sessions != nil {
		t.begin(job{run: t.readSessions})
	}
	if t.feed.orders != nil {
		t.begin(job{run: t.readOrders})
	}
}
