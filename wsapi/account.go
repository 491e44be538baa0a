package wsapi

import (
	"context"

	"vakhta/session"
)

type (
	// userData is the first frame of every connection.
	userData struct {
		IsDemo      bool             `json:"isDemo" doc:"Nobody is logged in here: public data only."`
		Mode        string           `json:"mode"`
		AuthLogin   string           `json:"authLogin"`
		Login       string           `json:"login"`
		ClientLogin string           `json:"clientLogin"`
		ClientCode  string           `json:"clientCode"`
		Name        string           `json:"name"`
		LoginID     session.LoginID  `json:"loginId"`
		ClientID    session.ClientID `json:"clientId" doc:"As it stands in what a WEB-token signs."`
		Terminal    int64            `json:"terminal" doc:"The number of this connection."`
		ServerTime  instant          `json:"serverTime"`
		Language    string           `json:"language"`
		DevPhone    bool             `json:"devPhone" doc:"/dev/phone shows texts."`
		Version     string           `json:"version"`
		Delay       bool             `json:"marketDataDelay"`
	}
	sidInfo struct {
		SID    *string `json:"SID"`
		UserID *int64  `json:"user_id"`
	}
	authInfo struct {
		SessID string `json:"sess_id"`
		Login  string `json:"login"`
		Mode   string `json:"mode"`
		Trade  bool   `json:"trade" doc:"A security session is open in which he may trade."`
	}
	leaveParams struct {
		Terminal int64 `json:"terminal" doc:"The number of the connection, from userData; without it, this one."`
	}
	success struct {
		Success bool `json:"success"`
	}
	passwordChangedTo struct {
		Success bool   `json:"success"`
		SID     string `json:"SID" doc:"The login's new SID; the old one is good no longer."`
	}
	passwordParams struct {
		Old string `json:"oldPassword" also:"old_password" need:"yes"`
		New string `json:"newPassword" also:"new_password" need:"yes" doc:"At least 8 characters."`
	}
)

func (g *Gateway) declareLogin(cat *catalogue) {
	declare(cat, "authByLogin", needOwnPage, "logs in: gives a SID; on a socket, the socket becomes this login's", g.authByLogin)
	declare(cat, "getSidInfo", 0, "tells whose the SID is; null if it is not good", g.getSidInfo)
	declare(cat, "getAuthInfo", needLogin, "tells who is logged in and whether he may trade", g.getAuthInfo)
	declare(cat, "logout", needLogin|needPost, "leaves the terminal: closes the security session and ends the SID", g.logout)
	declare(cat, "leaveTerminal", needLogin|needPost, "the beacon of a closed tab: this terminal has left", g.leaveTerminal)
	declare(cat, "changePassword", needLogin|needPost, "changes the password and ends all other logins", g.changePassword)
}

// userData says who is connected here.
func (t *terminal) userData() userData {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := userData{
		IsDemo: true, Mode: "demo", Terminal: t.number, ServerTime: instant(t.g.Now()), DevPhone: t.g.Delivered != nil,
		Version: t.g.Version,
	}
	if t.who != nil {
		p := t.who.Profile
		d.IsDemo, d.Mode = false, "prod"
		d.AuthLogin, d.Login, d.ClientLogin = p.Login, p.Login, p.Login
		d.ClientCode, d.Name, d.Language, d.LoginID, d.ClientID = p.Code, p.Name, p.Language, t.who.Login.ID, p.Client
	}
	return d
}

func (g *Gateway) getSidInfo(_ context.Context, c *Caller, _ nothing) (sidInfo, error) {
	if c.who == nil {
		return sidInfo{}, nil
	}
	user := clientCode(c.who.Profile)
	return sidInfo{SID: &c.sid, UserID: &user}, nil
}

func (g *Gateway) getAuthInfo(ctx context.Context, c *Caller, _ nothing) (authInfo, error) {
	open, err := ask[session.Sessions](ctx, c, session.ReadSessions{})
	return authInfo{SessID: c.sid, Login: c.who.Profile.Login, Mode: "prod", Trade: g.Policy.MayTrade(c.login(), open.Logins)}, err
}

func (g *Gateway) logout(ctx context.Context, c *Caller, _ nothing) (success, error) {
	_, err := ask[session.Done](ctx, c, session.Logout{Login: c.login()})
	c.closed = err == nil
	return success{c.closed}, err
}

// leaveTerminal ends a connection which says that it leaves. Of one that is gone already it was not known that it had
// left on purpose: the core is told.
func (g *Gateway) leaveTerminal(ctx context.Context, c *Caller, p leaveParams) (success, error) {
	leaving := c.terminal
	if p.Terminal != 0 {
		leaving = g.connected(p.Terminal, c.login())
	}
	if leaving != nil {
		leaving.depart(true)
		leaving.end(byeLeft)
		return success{true}, nil
	}
	_, err := ask[session.Done](ctx, c, session.LeaveTerminal{Login: c.login()})
	return success{err == nil}, err
}

// changePassword gives the login a new SID: by HTTP as a cookie too. Its connections come back with it.
func (g *Gateway) changePassword(ctx context.Context, c *Caller, p passwordParams) (passwordChangedTo, error) {
	switch n := len([]rune(p.New)); {
	case n < shortestSecret:
		return passwordChangedTo{}, door(weakPassword, "the new password has less than %d characters", "choose a longer one", shortestSecret)
	case len(p.New) > longestSecret || len(p.Old) > longestSecret:
		return passwordChangedTo{}, door(weakPassword, "the password is longer than %d bytes", "choose a shorter one", longestSecret)
	}
	name := c.who.Profile.Login
	var renewed session.LoggedIn
	err := g.passwords.inLine(ctx, g.LoginKey(name), c.address, func() (err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
		defer cancel()
		renewed, err = g.replacePassword(ctx, c, name, p)
		return err
	})
	if err != nil {
		return passwordChangedTo{}, err
	}
	c.opened, c.keep = &renewed, c.who.Login.Lifetime > g.Policy.LoginIdle
	return passwordChangedTo{Success: true, SID: renewed.SID}, g.renewed(ctx, c)
}

func (g *Gateway) replacePassword(ctx context.Context, c *Caller, name string, p passwordParams) (session.LoggedIn, error) {
	tried, err := g.passwords.try(ctx, c, name, p.Old)
	if err != nil {
		return session.LoggedIn{}, err
	}
	settle := session.SettlePasswordChange{OK: tried.ok, Epoch: tried.epoch, Login: c.login()}
	if !tried.ok {
		refused, err := ask[session.PasswordRefused](ctx, c, settle)
		if err != nil {
			return session.LoggedIn{}, err
		}
		return session.LoggedIn{}, wrongPassword(refused, g.Now())
	}
	if settle.Hash, err = g.passwords.hash(ctx, p.New); err != nil {
		return session.LoggedIn{}, err
	}
	return ask[session.LoggedIn](ctx, c, settle)
}
