package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
)

// complains checks that a problem says what is wrong and what to do next.
func complains(t *testing.T, f frame, reason string) {
	t.Helper()
	if f.text("reason") != reason || f.text("error") == "" || f.text("error") != f.text("errMsg") || f.text("next") == "" || f.text("code") == "" {
		t.Errorf("no clear error %s: %s", reason, f.raw)
	}
}

func usable(t *testing.T, x *terminal) {
	t.Helper()
	if f := ask(t, x, "getSidInfo", nil); f.text("result.user_id") != "100001" {
		t.Errorf("the socket is of no use any more: %s", f.raw)
	}
}

// nextOf waits for a frame of that name.
func nextOf(t *testing.T, x *terminal, name string) frame {
	t.Helper()
	for {
		f, err := x.next(t.Context())
		if err != nil {
			t.Fatalf("no %s: %v", name, err)
		}
		if f.name == name {
			return f
		}
	}
}

func TestAFrameThatIsBinaryTooLargeOrNoUTF8IsAnsweredAndTheSocketStaysUsable(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		x := w.sockets(1)[0]
		defer x.drop()
		for _, c := range []struct {
			kind   websocket.MessageType
			text   string
			reason string
		}{
			{websocket.MessageBinary, `["getSidInfo"]`, "bad_frame"},
			{websocket.MessageText, `["getSidInfo", {"x": "` + strings.Repeat("x", 33<<10) + `"}]`, "too_large"},
			{websocket.MessageText, `["getSidInfo", {"x": "` + strings.Repeat("x", 900<<10) + `"}]`, "too_large"},
			{websocket.MessageText, strings.Repeat("[", 30<<10), "bad_json"},
			{websocket.MessageText, "[\"getSidInfo\", {\"x\": \"\xff\xfe\"}]", "bad_json"},
			{websocket.MessageText, "", "bad_json"},
		} {
			if err := x.ws.Write(t.Context(), c.kind, []byte(c.text)); err != nil {
				t.Fatal(err)
			}
			complains(t, nextOf(t, x, "error"), c.reason)
			usable(t, x)
		}
	})
}

func TestWhoSendsNothingButNonsenseIsSentAwayForGood(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		x := w.sockets(1)[0]
		for range 200 {
			if x.send("nonsense") != nil {
				break
			}
		}
		synctest.Wait()
		all, end := x.take()
		if closeCode(end) != 4501 || len(all) < 100 {
			t.Errorf("after %d frames: %v", len(all), end)
		}
	})
}

func TestAPageOfAnotherSiteCannotConnect(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		sid := w.login("demo", "demo")
		for origin, welcome := range map[string]bool{
			"": true, here: true, "https://evil.example": false, "null": false, here + ".evil.example": false, "garbage": false,
		} {
			header := http.Header{"Cookie": {"SID=" + sid}}
			if origin != "" {
				header.Set("Origin", origin)
			}
			ws, answer, err := websocket.Dial(t.Context(), "ws://127.0.0.1/ws", &websocket.DialOptions{HTTPClient: w.door, HTTPHeader: header}) //nolint:bodyclose // the library reads it
			if (err == nil) != welcome || !welcome && answer.StatusCode != http.StatusForbidden {
				t.Errorf("origin %q: %v", origin, err)
			}
			if err == nil {
				_ = ws.CloseNow()
			}
		}
	})
}

func TestAPageOfAnotherSiteCannotUseTheBrowsersCookie(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		cookie := "SID=" + w.login("demo", "demo")
		logout := url.Values{"q": {`{"cmd":"logout"}`}}.Encode()
		logIn := url.Values{"q": {`{"cmd":"authByLogin","params":{"login":"second","password":"second"}}`}}.Encode()
		for name, f := range map[string]frame{
			"cross-site POST":          w.request("POST", "/api/", strings.NewReader(logout), "Content-Type", formType, "Cookie", cookie, "Sec-Fetch-Site", "cross-site"),
			"POST of an older browser": w.request("POST", "/api/", strings.NewReader(logout), "Content-Type", formType, "Cookie", cookie, "Origin", "https://evil.example"),
			"login by another site":    w.request("POST", "/api/", strings.NewReader(logIn), "Content-Type", formType, "Sec-Fetch-Site", "cross-site"),
			"login by another's GET":   w.request("GET", "/api/?"+logIn, nil, "Sec-Fetch-Site", "cross-site"),
			"login form":               w.request("POST", "/api/check-login-password", strings.NewReader("login=second&password=second"), "Content-Type", formType, "Origin", "https://evil.example"),
		} {
			if f.text("reason") != "cross_origin" {
				t.Errorf("%s: %s", name, f.raw)
			}
			complains(t, f, "cross_origin")
		}
		complains(t, w.request("GET", "/api/?"+logout, nil, "Cookie", cookie), "need_post")

		read := "/api/?" + url.Values{"q": {`{"cmd":"getSidInfo"}`}}.Encode()
		if f := w.request("GET", read, nil, "Cookie", cookie); f.text("user_id") != "100001" {
			t.Errorf("the cookie does not even read: %s", f.raw)
		}
		if f := w.request("POST", "/api/", strings.NewReader(logout), "Content-Type", formType, "Cookie", cookie, "Sec-Fetch-Site", "same-origin"); f.text("success") != "true" {
			t.Errorf("our own page cannot log out: %s", f.raw)
		}
	})
}

func TestWhatCannotBeUnderstoodOverHTTPGetsAClearError(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		q := func(text string) string { return "/api/?" + url.Values{"q": {text}}.Encode() }
		for name, c := range map[string]struct {
			f      frame
			reason string
		}{
			"no q":             {w.get("/api/"), "bad_frame"},
			"no JSON":          {w.get(q(`{"cmd":`)), "bad_json"},
			"no object":        {w.get(q(`["getSidInfo"]`)), "bad_frame"},
			"no command":       {w.get(q(`{"params":{}}`)), "bad_frame"},
			"unknown command":  {w.get(q(`{"cmd":"noSuchCommand"}`)), "unknown_command"},
			"deep JSON":        {w.get(q(`{"cmd":"x","params":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`)), "bad_json"},
			"wrong types":      {w.get(q(`{"cmd":["x"]}`)), "bad_frame"},
			"params no object": {w.get(q(`{"cmd":"authByLogin","params":7}`)), "bad_params"},
			"a channel":        {w.get(q(`{"cmd":"quotes","params":["SBER"]}`)), "not_served"},
			"another door":     {w.post("/api/v2/cmd/getSidInfo", nil), "not_served"},
			"a large body":     {w.post("/api/", url.Values{"q": {strings.Repeat("x", 100<<10)}}), "too_large"},
			"no login":         {w.post("/api/check-login-password", nil), "bad_params"},
			"unknown SID":      {w.get(q(`{"cmd":"getAuthInfo","SID":"` + strings.Repeat("A", 43) + `"}`)), "unknown_login"},
			"no SID":           {w.get(q(`{"cmd":"getAuthInfo"}`)), "unknown_login"},
			"another mode":     {w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {"demo"}, "mode": {"sms"}}), "not_served"},
		} {
			complains(t, c.f, c.reason)
			if c.f.name != "200" {
				t.Errorf("%s: the status is %s", name, c.f.name)
			}
		}
		for path, status := range map[string]string{"/no/such/page": "404", "/dev/phone": "200", "/healthz": "200", "/readyz": "200", "/api/docs": "200"} {
			if f := w.get(path); f.name != status {
				t.Errorf("%s: %s", path, f.name)
			}
		}
	})
}

func TestWithoutDemoThereIsNoDevelopmentPhone(t *testing.T) {
	w := newWorld(t, "")
	w.settings()
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start() // makes the key
		w.stop()
		w.args = w.args[1:]
		w.start()
		defer w.stop()
		for _, path := range []string{"/dev/phone", "/dev/phone/messages"} {
			if f := w.get(path); f.name != "404" {
				t.Errorf("%s: %s", path, f.name)
			}
		}
		sid := w.login("demo", "demo")
		x := w.connect(sid)
		defer x.drop()
		ask(t, x, "events", map[string]any{"since": 0})
		ask(t, x, "getSecuritySessionCode", nil)
		if f := nextOf(t, x, "passcode.failed"); f.text("reason") != "not_delivered" {
			t.Errorf("nobody tells that the password cannot come: %s", f.raw)
		}
	})
}

func TestTheSIDIsKeptInACookieThatNoScriptReads(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		form := url.Values{"login": {"demo"}, "password": {"demo"}, "rememberMe": {"1"}}
		answer, err := w.door.PostForm(here+"/api/check-login-password", form)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		cookies := map[string]*http.Cookie{}
		for _, c := range answer.Cookies() {
			cookies[c.Name] = c
		}
		if c := cookies["SID"]; c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge <= 0 {
			t.Errorf("the cookie is %v", c)
		}
		if cookies["uid"] == nil {
			t.Error("there is no cookie uid")
		}
	})
}
