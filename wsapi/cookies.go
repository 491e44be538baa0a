package wsapi

import (
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// sidCookies are the names under which published clients keep the SID; the first is the one that is set.
var sidCookies = []string{"SID", "SIDBETA"}

func cookieSID(r *http.Request) string {
	for _, name := range sidCookies {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return c.Value
		}
	}
	return ""
}

func querySID(query url.Values) string {
	if sid := query.Get("SID"); sid != "" {
		return sid
	}
	return query.Get("sid")
}

// setCookies keeps the SID in the browser after a login and takes it away after a logout.
func (g *Gateway) setCookies(w http.ResponseWriter, r *http.Request, c *Caller) {
	switch {
	case c.opened != nil:
		age := 0 // until the browser is closed
		if c.keep {
			age = int(g.Policy.LoginRemember.Seconds())
		}
		g.setCookie(w, r, "SID", c.opened.SID, age)
		g.setCookie(w, r, "uid", strconv.FormatInt(clientCode(c.opened.Profile), 10), age)
	case c.closed && (cookieSID(r) == c.sid):
		for _, name := range append([]string{"uid"}, sidCookies...) {
			if _, err := r.Cookie(name); err == nil {
				g.setCookie(w, r, name, "", -1)
			}
		}
	}
}

func (g *Gateway) setCookie(w http.ResponseWriter, r *http.Request, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // over plain HTTP, as on loopback, a Secure cookie would not come back
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: g.secure(r),
	})
}

// secure tells whether the client reaches us by TLS.
func (g *Gateway) secure(r *http.Request) bool {
	return g.public != nil && g.public.Scheme == "https" || g.byTLS(r)
}

// byTLS tells whether this request came by TLS, here or at a proxy of ours.
func (g *Gateway) byTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && within(at.Addr().Unmap(), g.TrustedProxies) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}
