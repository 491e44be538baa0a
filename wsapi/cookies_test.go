package wsapi

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func cookiesOf(r reply) map[string]*http.Cookie {
	all := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		all[c.Name] = c
	}
	return all
}

func TestTheLoginFormOfThePublicAPISetsCookies(t *testing.T) {
	h := newHouse(t)
	for name, r := range map[string]*http.Request{
		"fields in the body":  h.request("POST", "/api/check-login-password", "login=demo&password=demo&rememberMe=1"),
		"fields in the query": h.request("POST", "/api/check-login-password?login=demo&password=demo&remember_me=1", ""),
		"mode regular":        h.request("POST", "/api/check-login-password", "login=demo&password=demo&mode=regular&getAccounts=true&rememberMe=1"),
	} {
		t.Run(name, func(t *testing.T) {
			got := h.do(r)
			cookies := cookiesOf(got)
			if got.status != 200 || got.json["success"] != true || got.json["userId"] != 100001.0 {
				t.Fatalf("%d %s", got.status, got.body)
			}
			sid := cookies["SID"]
			if sid == nil || sid.Value != got.json["SID"] || !sid.HttpOnly || sid.SameSite != http.SameSiteLaxMode || sid.Secure || sid.MaxAge != 14*24*3600 {
				t.Errorf("the cookie is %v", sid)
			}
			if uid := cookies["uid"]; uid == nil || uid.Value != "100001" {
				t.Errorf("the cookie is %v", uid)
			}
		})
	}
}

func TestAFailedLoginSetsNoCookie(t *testing.T) {
	h := newHouse(t)
	for body, reason := range map[string]string{
		"login=demo&password=wrong":                         "wrong_password",
		"login=demo&password=demo&mode=sms":                 "not_served",
		"login=demo":                                        "bad_params",
		"login=" + strings.Repeat("x", 200) + "&password=y": "bad_params",
	} {
		got := h.do(h.request("POST", "/api/check-login-password", body))
		if got.json["reason"] != reason || got.json["SID"] != nil || len(cookiesOf(got)) > 0 {
			t.Errorf("%s: %s", body, got.body)
		}
	}
}

func TestLoggingOutTakesTheCookiesAway(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	got := h.do(h.request("POST", "/api/", "q="+url.QueryEscape(`{"cmd":"logout"}`), "Cookie", "SID="+sid+"; uid=100001"))
	cookies := cookiesOf(got)
	if got.json["success"] != true || cookies["SID"] == nil || cookies["SID"].MaxAge != -1 || cookies["uid"].MaxAge != -1 {
		t.Errorf("%s %v", got.body, cookies)
	}
	if got := h.call(sid, "getSidInfo", `{}`); got.json["SID"] != nil {
		t.Errorf("the SID still lives: %s", got.body)
	}
}

func TestCookiesAreSecureBehindTLS(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		public, remote, proto string
		want                  bool
	}{
		"plain":                    {"", "127.0.0.1:5", "", false},
		"a public URL with https":  {"https://vakhta.example", "127.0.0.1:5", "", true},
		"a proxy of ours says so":  {"", "10.1.2.3:5", "https", true},
		"somebody else says so":    {"", "192.0.2.1:5", "https", false},
		"a proxy of ours, no TLS":  {"", "10.1.2.3:5", "http", false},
		"a public URL without TLS": {"http://vakhta.example", "127.0.0.1:5", "", false},
	} {
		h := newHouse(t, func(cfg *Config) { cfg.PublicURL, cfg.TrustedProxies = c.public, trusted })
		r := h.request("POST", "/api/", "", "X-Forwarded-Proto", c.proto)
		r.RemoteAddr = c.remote
		if h.g.secure(r) != c.want {
			t.Errorf("%s: want %v", name, c.want)
		}
	}
}

func TestAnAddressIsBelievedOnlyFromProxiesOfOurs(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		remote, want string
		forwarded    []string
	}{
		{"192.0.2.1:5", "192.0.2.1", nil},
		{"192.0.2.1:5", "192.0.2.1", []string{"6.6.6.6"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"198.51.100.7"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"6.6.6.6, 198.51.100.7, 10.0.0.2"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"6.6.6.6", "198.51.100.7"}},
		{"10.0.0.1:5", "10.0.0.1", []string{"nonsense"}},
		{"[::ffff:10.0.0.1]:5", "198.51.100.7", []string{"198.51.100.7"}},
		{"pipe", "", nil},
	} {
		if got := clientAddress(c.remote, c.forwarded, trusted); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
