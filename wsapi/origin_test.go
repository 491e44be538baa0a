package wsapi

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestAPageOfAnotherSiteCannotUseTheCookie(t *testing.T) {
	h := newHouse(t, func(cfg *Config) { cfg.PublicURL = "https://vakhta.example" })
	sid := h.login("demo")
	q := func(cmd string) string { return "q=" + url.QueryEscape(fmt.Sprintf(`{"cmd":%q}`, cmd)) }
	cookie := []string{"Cookie", "SID=" + sid}
	for name, c := range map[string]struct {
		method, cmd string
		headers     []string
		reason      any
	}{
		"our page posts":                        {"POST", "getSecuritySessionCode", []string{"Sec-Fetch-Site", "same-origin"}, nil},
		"our page posts, as proxies see it":     {"POST", "getSafetyTypes", []string{"Origin", "https://vakhta.example", "Sec-Fetch-Site", "cross-site"}, nil},
		"another site posts":                    {"POST", "logout", []string{"Sec-Fetch-Site", "cross-site"}, "cross_origin"},
		"a subdomain posts":                     {"POST", "logout", []string{"Sec-Fetch-Site", "same-site"}, "cross_origin"},
		"another site posts, in an old browser": {"POST", "logout", []string{"Origin", "https://evil.example"}, "cross_origin"},
		"a link of another site":                {"GET", "logout", []string{"Sec-Fetch-Site", "cross-site"}, "need_post"},
		"our own link":                          {"GET", "logout", nil, "need_post"},
		"reading by GET":                        {"GET", "getSafetyTypes", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path, body := "/api/?"+q(c.cmd), ""
			if c.method == "POST" {
				path, body = "/api/", q(c.cmd)
			}
			got := h.do(h.request(c.method, path, body, append(cookie, c.headers...)...))
			if got.status != 200 || got.json["reason"] != c.reason {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestAPageOfAnotherSiteCannotLogABrowserIn(t *testing.T) {
	h := newHouse(t)
	q := "q=" + url.QueryEscape(`{"cmd":"authByLogin","params":{"login":"demo","password":"demo"}}`)
	for name, got := range map[string]reply{
		"by a form":      h.do(h.request("POST", "/api/", q, "Sec-Fetch-Site", "cross-site")),
		"by a link":      h.do(h.request("GET", "/api/?"+q, "", "Sec-Fetch-Site", "cross-site")),
		"by the old way": h.do(h.request("POST", "/api/check-login-password", "login=demo&password=demo", "Origin", "https://evil.example")),
	} {
		if got.json["reason"] != "cross_origin" || len(cookiesOf(got)) > 0 {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	if got := h.do(h.request("GET", "/api/?"+q, "")); got.json["success"] != true {
		t.Errorf("a robot: %s", got.body)
	}
}

func TestASIDThatWasSentOnPurposeMayUseGET(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	q := "q=" + url.QueryEscape(fmt.Sprintf(`{"cmd":"logout","SID":%q}`, sid))
	if got := h.do(h.request("GET", "/api/?"+q, "")); got.json["success"] != true {
		t.Errorf("%s", got.body)
	}
}

func TestOnlyOurOwnPagesMayConnect(t *testing.T) {
	h := newHouse(t, func(cfg *Config) { cfg.PublicURL = "https://vakhta.example" })
	for origin, want := range map[string]int{
		"":                         101,
		"http://vakhta.test":       101,
		"https://vakhta.example":   101,
		"http://vakhta.example":    403, // the public one is https
		"https://evil.example":     403,
		"https://vakhta.test.evil": 403,
		"null":                     403,
	} {
		var headers []string
		if origin != "" {
			headers = []string{"Origin", origin}
		}
		if res := h.try("/", headers...); res.status != want {
			t.Errorf("%s: %v", origin, res)
		}
	}
	got := h.do(h.request("GET", "/ws", ""))
	if got.status != 426 || !strings.Contains(got.body, "WebSocket") {
		t.Errorf("without an upgrade: %d %s", got.status, got.body)
	}
}
