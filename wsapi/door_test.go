package wsapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vakhta/session"
)

func TestEveryWayToSendASIDIsAccepted(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	q := url.QueryEscape(`{"cmd":"getSidInfo"}`)
	explicit := url.QueryEscape(fmt.Sprintf(`{"cmd":"getSidInfo","SID":%q}`, sid))
	for name, r := range map[string]*http.Request{
		"in q, by GET":           h.request("GET", "/api/?q="+explicit, ""),
		"in q, by POST":          h.request("POST", "/api/", "q="+explicit),
		"without the last slash": h.request("POST", "/api", "q="+explicit),
		"in the query":           h.request("GET", "/api/?q="+q+"&sid="+sid, ""),
		"by cookie":              h.request("GET", "/api/?q="+q, "", "Cookie", "SID="+sid),
		"by the beta cookie":     h.request("POST", "/api/", "q="+q, "Cookie", "SIDBETA="+sid),
		"with a second params":   h.request("GET", "/api/?params=%7B%7D&q="+explicit, ""),
	} {
		t.Run(name, func(t *testing.T) {
			got := h.do(r)
			if got.status != 200 || got.json["SID"] != sid || got.json["user_id"] != 100001.0 {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestASIDThatIsNotGoodIsNobody(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	forged := sid[:42] + "A"
	if forged == sid {
		forged = sid[:42] + "E"
	}
	for _, bad := range []string{"", "nonsense", forged, strings.Repeat("A", 43)} {
		if got := h.call(bad, "getSidInfo", `{}`); got.body != `{"SID":null,"user_id":null}` {
			t.Errorf("getSidInfo with %q: %s", bad, got.body)
		}
		got := h.call(bad, "getSecuritySessions", `{}`)
		if got.status != 200 || got.json["code"] != 12.0 || got.json["reason"] != "unknown_login" || !strings.Contains(got.json["errMsg"].(string), "SID") {
			t.Errorf("getSecuritySessions with %q: %s", bad, got.body)
		}
	}
}

func TestPublishedClientsAreUnderstood(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	h.call(sid, "putTradeOrder", anOrder)
	for name, c := range map[string]struct{ cmd, params, want string }{
		"PHP sends an empty array":             {"getSecuritySessions", `[]`, `[{"id":`},
		"Python sends null":                    {"getSecuritySessions", `null`, `[{"id":`},
		"a command in another case":            {"GETsecuritySESSIONS", `{}`, `[{"id":`},
		"numbers as strings":                   {"putTradeOrder", `{"instr_name":"SBER","action_id":"1","order_type_id":"2","qty":"10","limit_price":"300.12"}`, `{"order_id":`},
		"Python's floats and None":             {"putTradeOrder", `{"instr_name":"SBER","action_id":1.0,"order_type_id":1,"qty":1.0,"limit_price":0,"stop_price":null,"expiration_id":1,"user_order_id":null}`, `{"order_id":`},
		"unknown fields, and ticker":           {"putTradeOrder", `{"ticker":"sber","side":"buy","margin":false,"action_id":3,"order_type_id":1,"qty":1}`, `{"order_id":`},
		"PHP asks for the active ones":         {"getNotifyOrderJson", `{"active":true}`, `{"result":{"orders":{"key":"%demo","order":[{"id":`},
		"Python's True":                        {"getNotifyOrderJson", `{"active_only":"True"}`, `{"result":{"orders":{"key":"%demo","order":[{"id":`},
		"tickers with plus":                    {"getStockQuotesJson", `{"tickers":"SBER+AAPL"}`, `{"result":{"q":[{"c":"SBER"`},
		"tickers with a comma":                 {"getStockQuotesJson", `{"tickers":"AAPL,SBER"}`, `{"result":{"q":[{"c":"AAPL"`},
		"tickers as a list":                    {"getStockQuotesJson", `{"tickers":["AAPL"]}`, `{"result":{"q":[{"c":"AAPL"`},
		"the last of a repeated name":          {"getStockQuotesJson", `{"tickers":"X","tickers":"SBER"}`, `{"result":{"q":[{"c":"SBER"`},
		"a signature over the SID is refused":  {"openSecuritySession", `{"safetyTypeId":7,"signature":"abc","message":"x"}`, `{"error":"a signature over the SID`},
		"type 4 opens nothing":                 {"openSecuritySession", `{"safetyTypeId":4,"validationKey":null}`, `{"error":"safetyTypeId 4 opens no`},
		"a command of the API that is no more": {"getOPQ", `{}`, `{"error":"there is no command`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := h.call(sid, c.cmd, c.params); got.status != 200 || !strings.HasPrefix(got.body, c.want) {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestBothGenerationsOfSecuritySessionCommandsOpenASession(t *testing.T) {
	for _, c := range []struct{ request, open, params string }{
		{"getSecuritySessionCode", "checkSecuritySessionCode", `{"validationKey":%q}`},
		{"getSecuritySms", "openSecuritySession", `{"safetyTypeId":3,"validationKey":%q}`},
		{"getSecuritySessionCode", "openSecuritySession", `{"safetyTypeId":"3","validationKey":%q}`},
	} {
		h := newHouse(t)
		sid := h.login("demo")
		if got := h.call(sid, c.request, `{"telegram_only":false,"push_only":false}`); got.json["isSent"] != true || got.json["delay"] != 30.0 {
			t.Fatalf("%s: %s", c.request, got.body)
		}
		got := h.call(sid, c.open, fmt.Sprintf(c.params, h.core.code()))
		rows, _ := got.json["sessions"].([]any)
		if got.json["success"] != true || len(rows) != 1 || got.json["id"] == nil {
			t.Fatalf("%s: %s", c.open, got.body)
		}
		row := rows[0].(map[string]any)
		if row["safety_type_id"] != 3.0 || row["expire"] != 18000.0 || strings.HasSuffix(row["start_datetime"].(string), "Z") {
			t.Errorf("the session is %v", row)
		}
	}
}

func TestAWrongPasscodeIsANormalReplyAndForOlderCommandsAnError(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.call(sid, "getSecuritySessionCode", `{}`)
	wrong := "000000"
	if h.core.code() == wrong {
		wrong = "000001"
	}
	got := h.call(sid, "checkSecuritySessionCode", fmt.Sprintf(`{"validationKey":%q}`, wrong))
	if got.json["success"] != false || got.json["isAttemptAvailable"] != true || got.json["attemptsLeft"] != 2.0 || got.json["error"] != nil {
		t.Errorf("check: %s", got.body)
	}
	if sessions, there := got.json["sessions"]; !there || sessions != nil {
		t.Errorf("sessions must be null: %s", got.body)
	}
	got = h.call(sid, "openSecuritySession", fmt.Sprintf(`{"safetyTypeId":3,"validationKey":%q}`, wrong))
	if got.json["code"] != 14.0 || got.json["success"] != false || got.json["attemptsLeft"] != 1.0 || got.json["error"] != got.json["errMsg"] {
		t.Errorf("open: %s", got.body)
	}
}

func TestRefusalsCarryCodeReasonAndWhatToDo(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	order := `{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":1}`
	got := h.call(sid, "putTradeOrder", order)
	if got.json["code"] != 12.0 || got.json["reason"] != "no_security_session" || !strings.Contains(got.json["errMsg"].(string), "security session") || got.json["next"] == nil {
		t.Errorf("without a session: %s", got.body)
	}
	h.call(sid, "getSecuritySessionCode", `{}`)
	got = h.call(sid, "getSecuritySessionCode", `{}`)
	if got.json["reason"] != "too_early" || got.json["retryAfter"] == nil || !strings.HasSuffix(got.json["until"].(string), "Z") || got.status != 200 {
		t.Errorf("too early: %d %s", got.status, got.body)
	}
	h.core.broken = session.ErrUnavailable
	if got = h.call(sid, "putTradeOrder", order); got.json["reason"] != "unavailable" || got.json["code"] != 1.0 {
		t.Errorf("without a journal: %s", got.body)
	}
}

func TestBadInputIsAClearError(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	put := func(fields string) string {
		return `{"cmd":"putTradeOrder","SID":"` + sid + `","params":{"instr_name":"SBER","action_id":1,"order_type_id":2,"limit_price":300,` + fields + `}}`
	}
	for name, c := range map[string]struct{ q, text, reason string }{
		"no JSON":                 {`{"cmd":`, "Bad json", "bad_json"},
		"JSON that is no command": {`[1]`, "q is no command", "bad_frame"},
		"no command":              {`{}`, "q is no command", "bad_frame"},
		"deep JSON":               {strings.Repeat(`{"cmd":`, 40) + "1" + strings.Repeat("}", 40), "nested", "bad_json"},
		"an unknown command":      {`{"cmd":"makeMeRich"}`, "there is no command", "unknown_command"},
		"a channel":               {`{"cmd":"events"}`, "is a channel", "not_served"},
		"params that are none":    {`{"cmd":"putTradeOrder","SID":"` + sid + `","params":"buy"}`, "no JSON object", "bad_params"},
		"no quantity":             {put(`"x":1`), "qty is missing", "bad_params"},
		"zero":                    {put(`"qty":0`), "above zero", "bad_order"},
		"a negative quantity":     {put(`"qty":-1`), "above zero", "bad_order"},
		"no number":               {put(`"qty":"ten"`), "qty: ", "bad_params"},
		"an object":               {put(`"qty":{}, "q":1`), "qty is missing", "bad_params"},
		"a list for a number":     {put(`"qty":[1]`), "qty is no single value", "bad_params"},
		"too exact a number":      {put(`"qty":1.123456789`), "qty: ", "bad_params"},
		"half a lot":              {put(`"qty":1.5`), "lot", "bad_order"},
		"too exact a price":       {put(`"qty":1,"limit_price":300.123`), "step", "bad_order"},
		"a huge number":           {put(`"qty":1e300`), "qty: ", "bad_params"},
		"infinity":                {put(`"qty":"Infinity"`), "qty: ", "bad_params"},
		"half an action":          {put(`"qty":1,"action_id":1.5`), "action_id: ", "bad_params"},
		"an action that is none":  {put(`"qty":1,"action_id":9`), "action_id 9", "bad_order"},
		"an unknown ticker":       {put(`"qty":1,"instr_name":"TSLA"`), "TSLA", "unknown_ticker"},
		"a bool that is none":     {`{"cmd":"getNotifyOrderJson","SID":"` + sid + `","params":{"active_only":"perhaps"}}`, "active_only: ", "bad_params"},
		"a code that is none":     {`{"cmd":"checkSecuritySessionCode","SID":"` + sid + `","params":{"validationKey":"abc"}}`, "", "no_passcode"},
	} {
		t.Run(name, func(t *testing.T) {
			got := h.do(h.request("POST", "/api/", url.Values{"q": {c.q}}.Encode()))
			if got.status != 200 || got.json["reason"] != c.reason || !strings.Contains(got.json["error"].(string), c.text) || got.json["errMsg"] != got.json["error"] || got.json["next"] == nil {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestABodyThatIsTooLargeIsAClearError(t *testing.T) {
	h := newHouse(t)
	if got := h.do(h.request("POST", "/api/", "q="+strings.Repeat("x", 70_000))); got.status != 200 || got.json["reason"] != "too_large" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := h.do(h.request("POST", "/api/", "q=%zz")); got.json["reason"] != "bad_frame" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := h.do(h.request("POST", "/api/v2/cmd/getSecuritySessions", "cmd=getSecuritySessions")); got.json["reason"] != "not_served" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestARepeatedOrderGetsTheSameAcknowledgement(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	h.open(sid)
	params := `{"instr_name":"SBER","action_id":1,"order_type_id":2,"limit_price":300,"qty":1,"user_order_id":%s}`
	first := h.call(sid, "putTradeOrder", fmt.Sprintf(params, `77`))
	again := h.call(sid, "putTradeOrder", fmt.Sprintf(params, `"77"`))
	if first.json["order_id"] == nil || first.json["order_id"] != again.json["order_id"] {
		t.Errorf("%s then %s", first.body, again.body)
	}
	order := again.json["order"].(map[string]any)
	if order["userOrderId"] != 77.0 || order["stat"] != 1.0 || order["p"] != 300.0 || order["aon"] != 0.0 || again.json["warning"] != "" {
		t.Errorf("the order is %v", order)
	}
	text := h.call(sid, "putTradeOrder", fmt.Sprintf(params, `"apiv2:160810000002"`))
	if text.json["order"].(map[string]any)["userOrderId"] != "apiv2:160810000002" {
		t.Errorf("an id in words: %s", text.body)
	}
	id := fmt.Sprintf("%.0f", first.json["order_id"])
	if got := h.call(sid, "delTradeOrder", `{"order_id":`+id+`}`); got.body != `{"order_id":`+id+`}` {
		t.Errorf("cancel: %s", got.body)
	}
}
