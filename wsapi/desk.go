package wsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"vakhta/session"
)

// The door of the operators' desk: POST /desk/api/{command}, the parameters as a JSON body. Its commands are a catalogue
// of their own, for who comes through it is an operator and no client. It answers with status 200, but for 401 without a
// login, 403 for another site's page and 429.

// Desk is what the operators' desk needs of its neighbours. Fields without a remark must be set.
type Desk struct {
	// Account finds an operator by login name, Operator by id. session.ErrUnknownOperator if there is none.
	Account  func(ctx context.Context, loginName string) (session.OperatorAccount, error)
	Operator func(ctx context.Context, id session.OperatorID) (session.Operator, error)

	// Update replaces an operator by what change makes of him, which it may ask more than once.
	Update func(ctx context.Context, id session.OperatorID, change func(session.Operator) (session.Operator, error)) (session.Operator, error)

	// Digest and Matches are those of session.Moment.
	Digest  func(purpose, secret string) session.Sealed
	Matches func(purpose, secret string, digest session.Sealed) bool

	// FindClients finds those whom an operator may mean, FindClient the one with a code, VoiceHash what his voice password is
	// compared with; empty: he has none. NameKey is the same for all spellings of a name, or of a voice password, that people
	// hear as one.
	FindClients func(ctx context.Context, text string, limit int) ([]session.FoundClient, error)
	FindClient  func(ctx context.Context, code string) (session.Profile, error)
	VoiceHash   func(ctx context.Context, client session.ClientID) (string, error)
	NameKey     func(name string) string

	// Proposals wait for a second operator, over all clients, the oldest first.
	Proposals func(ctx context.Context, limit int) ([]session.Proposal, error)

	// Note writes rows of the audit, durably.
	Note func(ctx context.Context, notes []session.Note) error

	Demo func(at time.Time) ([]DemoOperator, error) // nil: there are none
}

// DemoOperator is one whom everybody may be, with what his authenticator shows.
type DemoOperator struct {
	Login    string `json:"login"`
	Name     string `json:"name"`
	Password string `json:"password"`
	Code     string `json:"code"`
}

// desk is the gateway's side of it.
type desk struct {
	Desk
	commands *catalogue

	// Lines of their own for the same slots: no crowd of clients keeps operators out, and no crowd before their own door
	// keeps those who are in from their work.
	logins, calls *passwords

	strangers        forgetful[session.Operator]
	unknown, blocked crowd // of login names
}

func newDesk(g *Gateway) *desk {
	d := &desk{Desk: g.Desk, commands: newDeskCatalogue(g), logins: newPasswords(g), calls: newPasswords(g)}
	d.logins.slots, d.calls.slots = g.passwords.slots, g.passwords.slots
	return d
}

// newDeskCatalogue declares all commands of the desk. The gateway may be nil for those who only read the declarations.
func newDeskCatalogue(g *Gateway) *catalogue {
	cat := &catalogue{byName: map[string]*command{}}
	g.declareDeskLogin(cat)
	g.declareDeskClients(cat)
	g.declareDeskActs(cat)
	return cat
}

func (g *Gateway) hasDesk() bool { return g.Desk.Account != nil }

const deskCookie = "DESK"

// deskAPI serves one command.
func (g *Gateway) deskAPI(w http.ResponseWriter, r *http.Request) {
	if !g.hasDesk() {
		http.NotFound(w, r)
		return
	}
	c := g.caller(r)
	result, err := g.deskCall(w, r, c)
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	status := http.StatusOK
	if err != nil {
		p := explain(err, g.Now())
		if status = deskStatus(p); status == http.StatusTooManyRequests {
			h.Set("Retry-After", strconv.FormatInt(max(1, p.RetryAfter), 10))
		}
		result = p
	}
	g.setDeskCookie(w, r, c)
	w.WriteHeader(status)
	_, _ = w.Write(append(appendJSON(nil, result), '\n')) //nolint:gosec,nolintlint // JSON, called so, without < and >: gosec sees a page, or not; who has gone does not read it
}

func deskStatus(p *problem) int {
	switch {
	case p.Reason == session.NotOperator:
		return http.StatusUnauthorized
	case p.Reason == crossOrigin:
		return http.StatusForbidden
	case p.status != 0:
		return p.status
	}
	return http.StatusOK
}

// deskCall finds out what is asked, and by whom, and has it done.
func (g *Gateway) deskCall(w http.ResponseWriter, r *http.Request, c *Caller) (any, error) {
	if err := g.beginCall(); err != nil {
		return nil, err
	}
	defer g.endCall()
	if g.protect.Check(r) != nil {
		return nil, errCrossOrigin
	}
	cmd, err := g.desk.commands.find(r.PathValue("command"))
	if err != nil {
		return nil, err
	}
	params, err := readJSON(w, r)
	if err != nil {
		return nil, err
	}
	if cookie, err := r.Cookie(deskCookie); err == nil {
		c.sid = cookie.Value
	}
	if err := g.identifyOperator(r.Context(), c, cmd.has(quietly)); err != nil {
		return nil, err
	}
	return g.carryOut(r.Context(), cmd, c, params)
}

// readJSON reads parameters from the body. A form cannot send it: its type would be another one.
func readJSON(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, door(badFrame, "the body is not said to be JSON", "send Content-Type: application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost))
	var tooMuch *http.MaxBytesError
	switch {
	case errors.As(err, &tooMuch):
		return nil, door(tooLarge, "the body is larger than %d bytes", "send less at once", bodyMost)
	case err != nil:
		return nil, door(badFrame, "the body cannot be read", "send it again")
	}
	if err := checkJSON(body); err != nil && len(bytes.TrimSpace(body)) > 0 {
		return nil, door(badJSON, "Bad json: %v", `send {"name": value, …}`, err)
	}
	return body, nil
}

// identifyOperator finds out who a SID belongs to. Nobody, and no error, if it is not good any more. What is asked
// quietly, by a page without anybody before it, does not keep a login from being idle.
func (g *Gateway) identifyOperator(ctx context.Context, c *Caller, quietly bool) error {
	id, _, ok := session.ParseDeskSID(c.sid)
	if !ok {
		return nil
	}
	moment := session.Moment{Now: session.Instant(g.Now()), Digest: g.desk.Digest, Matches: g.desk.Matches}
	was, err := g.desk.Operator(ctx, id)
	if errors.Is(err, session.ErrUnknownOperator) {
		return nil
	} else if err != nil {
		return unreachable(err)
	}
	var at session.Desk
	see := func(o session.Operator) (session.Operator, error) {
		o, at, err = g.Policy.SeeDesk(o, c.sid, moment)
		return o, err
	}
	now, err := see(was)
	if before, _ := was.Desk(at.ID); err == nil && !quietly && before.LastSeen != at.LastSeen {
		now, err = g.desk.Update(ctx, id, see)
	}
	var gone *session.Refusal
	switch {
	case err == nil:
		c.operator, c.desk = &now, at
	case !errors.As(err, &gone):
		return unreachable(err)
	}
	return nil
}

// unreachable is what an error of the journal means to an operator. What is wrong stands in the log.
func unreachable(err error) error {
	if err == nil || isAnswer(err) {
		return err
	}
	return errors.Join(session.ErrUnavailable, err)
}

func (g *Gateway) setDeskCookie(w http.ResponseWriter, r *http.Request, c *Caller) {
	value, age := c.deskSID, 0 // until the browser is closed
	switch {
	case c.deskSID != "":
	case c.closed:
		age = -1
	default:
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // over plain HTTP, as on loopback, a Secure cookie would not come back
		Name: deskCookie, Value: value, Path: "/desk", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: g.secure(r),
	})
}

// deskPage is the page of the desk.
func (g *Gateway) deskPage(w http.ResponseWriter, r *http.Request) {
	if !g.hasDesk() {
		http.NotFound(w, r)
		return
	}
	g.page(w, r, "desk.html")
}

// demoOperators shows what the demo's authenticators show.
func (g *Gateway) demoOperators(w http.ResponseWriter, r *http.Request) {
	if g.Desk.Demo == nil || !g.hasPhone(r) {
		http.NotFound(w, r)
		return
	}
	all, err := g.Desk.Demo(g.Now())
	if err != nil {
		g.Log.Error("the demo operators cannot be shown", "error", err)
		http.Error(w, "the demo operators cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(all) //nolint:gosec // these passwords are for everybody; who has gone does not read them
}
