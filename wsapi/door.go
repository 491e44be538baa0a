package wsapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The door for HTTP, version 1 of the public API: GET or POST /api/ with q={"cmd":…,"params":…,"SID":…}. It answers with
// status 200 whatever happens, but for 429.

// envelope is what q holds.
type envelope struct {
	Cmd    string          `json:"cmd"`
	Params json.RawMessage `json:"params"`
	SID    string          `json:"SID"`
}

const bodyMost = 64 << 10

func (g *Gateway) v1(w http.ResponseWriter, r *http.Request) {
	c := g.caller(r)
	cmd, params, err := g.unwrap(w, r, c)
	if err != nil {
		g.meters.protocol.Inc()
		g.wrap(w, r, c, nil, err)
		return
	}
	result, err := g.call(r, c, cmd, params)
	g.wrap(w, r, c, result, err)
}

func (g *Gateway) caller(r *http.Request) *Caller {
	return &Caller{
		g: g, agent: strings.Clone(r.UserAgent()[:min(len(r.UserAgent()), 256)]),
		address: clientAddress(r.RemoteAddr, r.Header.Values("X-Forwarded-For"), g.TrustedProxies),
	}
}

// unwrap reads q and finds the command. A SID in q or in the query was sent on purpose; one in a cookie was sent by the
// browser, whoever made it do so.
func (g *Gateway) unwrap(w http.ResponseWriter, r *http.Request, c *Caller) (*command, json.RawMessage, error) {
	form, err := readForm(w, r)
	if err != nil {
		return nil, nil, err
	}
	q := form.Get("q")
	if q == "" {
		return nil, nil, door(badFrame, "there is no q in the request", `send q={"cmd": …, "params": …}, in the query or as a form`)
	}
	if err := checkJSON([]byte(q)); err != nil {
		return nil, nil, door(badJSON, "Bad json: %v", `send q={"cmd": …, "params": …}`, err)
	}
	var e envelope
	if err := json.Unmarshal([]byte(q), &e); err != nil || e.Cmd == "" {
		return nil, nil, door(badFrame, "q is no command", `send q={"cmd": …, "params": …}`)
	}
	if c.sid = e.SID; c.sid == "" {
		c.sid = querySID(r.URL.Query())
	}
	cmd, err := g.commands.find(e.Cmd)
	return cmd, e.Params, err
}

// readForm joins the query and the body; the body counts.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form := url.Values{}
	if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost))
		var tooMuch *http.MaxBytesError
		switch {
		case errors.As(err, &tooMuch):
			return nil, door(tooLarge, "the body is larger than %d bytes", "send less at once", bodyMost)
		case err != nil:
			return nil, door(badFrame, "the body cannot be read", "send it again")
		}
		if form, err = url.ParseQuery(string(body)); err != nil {
			return nil, door(badFrame, "the body is no form", "encode it as application/x-www-form-urlencoded")
		}
	}
	for name, values := range r.URL.Query() {
		if _, in := form[name]; !in {
			form[name] = values
		}
	}
	return form, nil
}

// call carries a command out, if it may come this way.
func (g *Gateway) call(r *http.Request, c *Caller, cmd *command, params json.RawMessage) (any, error) {
	if err := g.beginCall(); err != nil {
		return nil, err
	}
	defer g.endCall()
	ambient := c.sid == ""
	if ambient {
		c.sid = cookieSID(r)
	}
	if err := g.guard(r, cmd, ambient && c.sid != ""); err != nil {
		return nil, err
	}
	if err := c.identify(r.Context()); err != nil {
		return nil, err
	}
	return g.carryOut(r.Context(), cmd, c, params)
}

var errCrossOrigin = door(crossOrigin, "a page of another site sent this", "open the terminal itself, or set --public-url")

// guard keeps pages of other sites from using a browser's cookie, or from logging it in.
func (g *Gateway) guard(r *http.Request, cmd *command, ambient bool) error {
	guarded := cmd.has(needOwnPage) || ambient && cmd.has(needPost)
	if ambient && cmd.has(needPost) && r.Method != http.MethodPost {
		return door(postOnly, "%s changes something: with a cookie it needs POST", "send it by POST, or put the SID into q", cmd.name)
	}
	if !guarded {
		return nil
	}
	asPost := *r // the check lets every GET pass, and some of ours log in
	asPost.Method = http.MethodPost
	if g.protect.Check(&asPost) != nil {
		return errCrossOrigin
	}
	return nil
}

// wrap answers: cookies, if the command opened or closed a login, then the result or the problem.
func (g *Gateway) wrap(w http.ResponseWriter, r *http.Request, c *Caller, result any, err error) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	status := http.StatusOK
	if err != nil {
		p := explain(err, g.Now())
		if p.status != 0 {
			status = p.status
			h.Set("Retry-After", strconv.FormatInt(max(1, p.RetryAfter), 10))
		}
		result = p
	} else if r.Method == http.MethodPost { // a link from elsewhere must not log a browser in
		g.setCookies(w, r, c)
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(appendJSON(nil, result), '\n')) //nolint:gosec,nolintlint // JSON, called so, without < and >: gosec sees a page, or not; who has gone does not read it
}

// checkLoginPassword is the public API's login form: fields in the body or, from older clients, in the query.
func (g *Gateway) checkLoginPassword(w http.ResponseWriter, r *http.Request) {
	c := g.caller(r)
	form, err := readForm(w, r)
	if err != nil {
		g.wrap(w, r, c, nil, err)
		return
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	params, err := json.Marshal(fields)
	if err != nil {
		g.wrap(w, r, c, nil, err)
		return
	}
	cmd, err := g.commands.find("authByLogin")
	if err != nil {
		g.wrap(w, r, c, nil, err)
		return
	}
	result, err := g.call(r, c, cmd, params)
	g.wrap(w, r, c, result, err)
}

// notThisDoor answers the doors of the public API that are not built yet.
func (g *Gateway) notThisDoor(w http.ResponseWriter, r *http.Request) {
	g.wrap(w, r, g.caller(r), nil, door(notServed, "this door of the API is not served here yet", `send q={"cmd": …, "params": …} to /api/, see /api/docs`))
}
