package wsapi

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"vakhta/session"
)

// Caller is who sent a command, and through which door.
type Caller struct {
	g        *Gateway
	sid      string
	who      *session.Identity // nil: nobody is logged in
	terminal *terminal         // nil: over HTTP
	address  string            // of the device
	agent    string            // what its program calls itself
	seq      int64             // the number that the answers given so far are true at

	after func() // to be done behind the reply, on a socket
	again bool   // the command may be carried out again: the journal knows it by the client's own id

	operator *session.Operator // at the desk; nil: nobody is logged in
	desk     session.Desk      // where he is logged in
	deskSID  string            // that he was given just now

	// What the command asks of the door: HTTP keeps the SID in cookies.
	opened *session.LoggedIn
	keep   bool // «remember me»
	closed bool
}

func (c *Caller) client() session.ClientID { return c.who.Profile.Client }
func (c *Caller) login() session.LoginID   { return c.who.Login.ID }

// ask puts a command to the core for the client who is logged in.
func ask[R session.Result](ctx context.Context, c *Caller, command session.Command) (R, error) {
	return askFor[R](ctx, c, c.client(), command)
}

// askFor puts a command to the core for a client whom the door has found.
func askFor[R session.Result](ctx context.Context, c *Caller, client session.ClientID, command session.Command) (R, error) {
	var none R
	answer, err := c.g.Ask(ctx, client, command)
	if err != nil {
		return none, err
	}
	c.seq = max(c.seq, answer.Seq)
	result, ok := answer.Result.(R)
	if !ok {
		return none, fmt.Errorf("%T was answered by %T, want %T", command, answer.Result, none)
	}
	return result, nil
}

// identify finds out who a SID belongs to. Nobody, and no error, if it is not good any more.
func (c *Caller) identify(ctx context.Context) error {
	client, _, ok := session.ParseSID(c.sid)
	if !ok {
		return nil
	}
	who, err := askFor[session.Identity](ctx, c, client, session.Identify{SID: c.sid})
	switch {
	case err == nil:
		c.who = &who
	case !isGone(err):
		return err
	}
	return nil
}

// may tells whether the caller is somebody who the command is for.
func (c *Caller) may(cmd *command) error {
	switch {
	case cmd.has(needOperator) && c.operator == nil:
		return errNoOperator
	case cmd.has(needSocket) && c.terminal == nil:
		return door(notServed, "%s is a channel", "subscribe over the WebSocket, /ws", cmd.name)
	case cmd.has(needLogin) && c.who == nil && c.sid != "":
		return door(session.UnknownLogin, "this login has ended", "log in again")
	case cmd.has(needLogin) && c.who == nil:
		return errNoLogin
	}
	return nil
}

// device is what a login is called in the client's list: what it calls itself, or its program.
func (c *Caller) device(label string) string {
	if label == "" {
		label = c.agent
	}
	label = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.TrimSpace(label))
	if runes := []rune(label); len(runes) > 64 {
		label = string(runes[:64])
	}
	return label
}

// clientAddress is where a request came from: the nearest hop that is no proxy of ours.
func clientAddress(remote string, forwarded []string, trusted []netip.Prefix) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return "" // a pipe, in tests
	}
	addr := at.Addr().Unmap()
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && within(addr, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr.String()
}

func within(addr netip.Addr, all []netip.Prefix) bool {
	for _, p := range all {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
