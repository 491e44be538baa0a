package wsapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"vakhta/session"
)

const (
	newPhone    = "+79035554433" // never to be told
	replacing   = `{"docId":210,"data":{"action":"replace","phoneId":1,"phone":"` + newPhone + `"},"safetyTypeId":3}`
	adding      = `{"docId":210,"data":{"action":"add","phone":"` + newPhone + `"}}`
	disconnect  = `{"docId":193,"data":{"safetyTypeId":3}}`
	wrongAnyway = "000000"
)

// ready is a client who has a security session and may ask for a password at once.
func (h *house) ready(name string) (sid string) {
	h.t.Helper()
	sid = h.login(name)
	h.open(sid)
	return sid
}

// submit drafts an order over HTTP and returns its id.
func (h *house) submit(sid, params string) (id string) {
	h.t.Helper()
	got := h.call(sid, "submitCps", params)
	document, ok := got.json["document"].(map[string]any)
	if !ok {
		h.t.Fatalf("no draft: %s", got.body)
	}
	return fmt.Sprintf("%.0f", document["id"])
}

func (h *house) sign(sid, id, code string) reply {
	h.t.Helper()
	return h.call(sid, "signCps", fmt.Sprintf(`{"id":%s,"validationKey":%q}`, id, code))
}

// wrong is a code that is not the one that was sent.
func (h *house) wrong() string {
	if h.core.code() == wrongAnyway {
		return "000001"
	}
	return wrongAnyway
}

func TestAPhoneIsReplacedByASignedOrderOverHTTP(t *testing.T) {
	h := newHouse(t)
	sid := h.ready("demo")
	got := h.call(sid, "submitCps", replacing)
	code, _ := got.json["code"].(map[string]any)
	document, _ := got.json["document"].(map[string]any)
	if document["status"] != "drafted" || document["docId"] != 210.0 || document["safety_type_id"] != 0.0 || document["expiresAt"] == nil {
		t.Errorf("the draft: %s", got.body)
	}
	if code["number"] != 1.0 || code["phone"] != "+7903•••1111" || code["delay"] != 30.0 || code["isSent"] != true {
		t.Errorf("its password: %s", got.body)
	}
	id := fmt.Sprintf("%.0f", document["id"])

	got = h.sign(sid, id, h.wrong())
	texts, _ := got.json["texts"].(map[string]any)
	document, _ = got.json["document"].(map[string]any)
	if got.json["success"] != false || got.json["isAttemptAvailable"] != true || got.json["attemptsLeft"] != 2.0 ||
		texts["error"] != "the one-time password is wrong: 2 more tries" || document["status"] != "drafted" {
		t.Errorf("a wrong password is a normal reply: %s", got.body)
	}

	got = h.sign(sid, id, h.core.code())
	document, _ = got.json["document"].(map[string]any)
	if got.json["success"] != true || document["status"] != "accepted" || document["safety_type_id"] != 3.0 || document["expiresAt"] != nil {
		t.Errorf("the right one: %s", got.body)
	}
	if again := h.sign(sid, id, h.core.code()); again.body != got.body {
		t.Errorf("the reply was lost, and is another one now: %s", again.body)
	}
	got = h.call(sid, "getContactPhones", `{}`)
	phones, _ := got.json["phones"].([]any)
	phone, _ := phones[0].(map[string]any)
	if len(phones) != 1 || phone["phone"] != "+7903•••4433" || phone["primary"] != true || phone["verified"] != false ||
		phone["safety_type_id"] != 3.0 || phone["since"] == nil || got.json["quarantineUntil"] == nil {
		t.Errorf("the phones: %s", got.body)
	}
	if to := h.core.texts[len(h.core.texts)-1]; to.To != "+79031111111" || to.Text != "a notice" {
		t.Errorf("the old number was not told: %v", to)
	}
}

func TestTheEventsOfASignedOrderComeBeforeItsReply(t *testing.T) {
	h := newHouse(t)
	sid := h.ready("demo")
	s := h.connect(sid)
	s.ask("events", fmt.Sprintf(`{"since":%d}`, h.core.version(1)))
	got, before := s.ask("submitCps", replacing)
	if !slices.Equal(before, []string{"document.drafted", "passcode.sent"}) {
		t.Fatalf("%v then %s", before, got.data)
	}
	id := fmt.Sprintf("%.0f", result(got)["document"].(map[string]any)["id"])
	got, before = s.ask("signCps", fmt.Sprintf(`{"id":%s,"validationKey":%q}`, id, h.wrong()))
	if !slices.Equal(before, []string{"attempt.failed"}) || result(got)["success"] != false {
		t.Fatalf("%v then %s", before, got.data)
	}
	got, before = s.ask("signCps", fmt.Sprintf(`{"id":%s,"validationKey":%q}`, id, h.core.code()))
	want := []string{"document.signed", "phone.added", "phone.removed", "phone.changed", "document.accepted", "session.extended"}
	if !slices.Equal(before, want) || result(got)["success"] != true {
		t.Fatalf("%v then %s", before, got.data)
	}
	h.core.happened(1, session.Unblock{}) // so that the next password may be asked for
	h.core.mu.Lock()
	h.core.clients[1].state.SMS = session.SMSMeans{}
	h.core.mu.Unlock()
	got, _ = s.ask("submitCps", disconnect)
	id = fmt.Sprintf("%.0f", result(got)["document"].(map[string]any)["id"])
	s.send(`["sessions"]`)
	s.expect("sessions")
	got, before = s.ask("signCps", fmt.Sprintf(`{"id":%s,"validationKey":%q}`, id, h.core.code()))
	want = []string{"document.signed", "means.disconnected", "session.closed", "document.accepted", "sessions"}
	if !slices.Equal(before, want) || result(got)["success"] != true {
		t.Fatalf("%v then %s", before, got.data)
	}
}

func TestParametersOfTheCabinetAreReadWhateverTheClientMakesOfThem(t *testing.T) {
	for _, params := range []string{
		replacing,
		`{"docId":"210","data":{"action":"replace","phoneId":"1","phone":"` + newPhone + `"},"safetyTypeId":"3"}`,
		`{"doc_id":210.0,"data":{"action":"replace","phone_id":1.0,"tel":"+7 903 555-44-33"},"safety_type_id":3.0}`,
		`{"DOCID":210,"Data":{"ACTION":"replace","PhoneId":1,"number":"` + newPhone + `","primary":"False","unknown":{}},"x":[1]}`,
		`{"docId":193,"docId":210,"data":{},"data":{"action":"replace","phoneId":1,"phone":"` + newPhone + `","safetyTypeId":null},"safetyTypeId":""}`,
	} {
		h := newHouse(t)
		sid := h.ready("demo")
		id := h.submit(sid, params)
		for _, name := range []string{"id", "orderId", "cpsId", "ORDERID"} {
			for _, key := range []string{"validationKey", "validation_key", "code"} {
				got := h.call(sid, "signCps", fmt.Sprintf(`{%q:%q,%q:"x"}`, name, id, key))
				if got.json["reason"] != "bad_passcode" {
					t.Errorf("%s and %s: %s", name, key, got.body)
				}
			}
		}
		if got := h.call(sid, "getCpsCode", `{"cpsId":`+id+`}`); got.json["reason"] != "too_early" {
			t.Errorf("getCpsCode: %s", got.body)
		}
		if got := h.sign(sid, id, h.core.code()); got.json["success"] != true {
			t.Errorf("%s: %s", params, got.body)
		}
		got := h.call(sid, "getClientCpsHistory", `{"before":"`+id+`"}`)
		if documents, _ := got.json["documents"].([]any); len(documents) != 0 || got.json["documents"] == nil {
			t.Errorf("nothing is before the first one: %s", got.body)
		}
		if got := h.core.clients[1].state.Phone(); got != newPhone {
			t.Errorf("%s makes the phone %s", params, got)
		}
	}
}

func TestWhatCannotBeSubmittedOrSignedIsAClearError(t *testing.T) {
	h := newHouse(t)
	sid, other, guest := h.ready("demo"), h.ready("second"), h.login("demo")
	h.clearSending()
	id := h.submit(sid, adding)
	for name, c := range map[string]struct {
		sid, cmd, params, text, reason string
		code                           float64
	}{
		"no kind":                         {sid, "submitCps", `{"data":{"action":"add"}}`, "docId is missing", "bad_params", 5},
		"no data":                         {sid, "submitCps", `{"docId":210,"data":[]}`, "data is missing", "bad_params", 5},
		"data that is a text":             {sid, "submitCps", `{"docId":210,"data":"add"}`, "no JSON object", "bad_params", 5},
		"data that is a list":             {sid, "submitCps", `{"docId":210,"data":[1]}`, "no JSON object", "bad_params", 5},
		"half a phone id":                 {sid, "submitCps", `{"docId":210,"data":{"action":"remove","phoneId":1.5}}`, "phoneId: ", "bad_params", 5},
		"a list for a phone":              {sid, "submitCps", `{"docId":210,"data":{"action":"add","phone":["+7"]}}`, "phone is no single value", "bad_params", 5},
		"primary that is none":            {sid, "submitCps", `{"docId":210,"data":{"action":"add","phone":"+7","primary":"perhaps"}}`, "primary: ", "bad_params", 5},
		"another kind":                    {sid, "submitCps", `{"docId":191,"data":{"x":1}}`, "docId 191", "not_served", 3},
		"a WEB-token that nobody began":   {sid, "submitCps", `{"docId":190,"data":{"x":1}}`, "no such registration", "no_web_token", 12},
		"a key that is none":              {sid, "submitCps", `{"docId":190,"data":{"sPub":"AA="}}`, "sPub: these are not 65 bytes", "bad_params", 5},
		"another signature":               {sid, "submitCps", `{"docId":210,"data":{"x":1},"safetyTypeId":4}`, "safetyTypeId 4", "not_served", 3},
		"a WEB-token in no session of it": {sid, "submitCps", byToken, "opened by WEB-token", "bad_signature", 14},
		"no action":                       {sid, "submitCps", `{"docId":210,"data":{"x":1}}`, "action", "bad_document", 5},
		"an action that is none":          {sid, "submitCps", `{"docId":210,"data":{"action":"steal"}}`, `"steal"`, "bad_document", 5},
		"a phone that is not his":         {sid, "submitCps", `{"docId":210,"data":{"action":"primary","phoneId":77}}`, "no contact phone 77", "unknown_phone", 5},
		"the last phone":                  {sid, "submitCps", `{"docId":210,"data":{"action":"remove","phoneId":1}}`, "only contact phone", "last_phone", 5},
		"the primary one again":           {sid, "submitCps", `{"docId":210,"data":{"action":"primary","phoneId":1}}`, "already", "nothing_to_do", 5},
		"the same phone":                  {sid, "submitCps", `{"docId":210,"data":{"action":"add","phone":"+79031111111"}}`, "already", "phone_known", 5},
		"a phone without its country":     {sid, "submitCps", `{"docId":210,"data":{"action":"add","phone":89031111111}}`, "country", "phone_needs_country", 5},
		"no phone at all":                 {sid, "submitCps", `{"docId":210,"data":{"action":"add"}}`, "international format", "phone_needs_country", 5},
		"a number of another action":      {sid, "submitCps", `{"docId":210,"data":{"action":"remove","phoneId":1,"phone":"` + newPhone + `"}}`, "by its id", "bad_document", 5},
		"primary of another action":       {sid, "submitCps", `{"docId":210,"data":{"action":"replace","phoneId":1,"phone":"` + newPhone + `","primary":1}}`, "adds a phone", "bad_document", 5},
		"an id of another action":         {sid, "submitCps", `{"docId":210,"data":{"action":"add","phoneId":1,"phone":"` + newPhone + `"}}`, "no id yet", "bad_document", 5},
		"a means that nobody has":         {sid, "submitCps", `{"docId":193,"data":{"safetyTypeId":7}}`, "no WEB-token", "nothing_to_do", 5},
		"a means that is none":            {sid, "submitCps", `{"docId":193,"data":{"safetyTypeId":5}}`, "means 5", "bad_document", 5},
		"what only the broker does":       {sid, "submitCps", `{"docId":365,"data":{"safetyTypeId":3}}`, "broker", "bad_document", 5},
		"a session of another login":      {guest, "submitCps", adding, "security session", "no_security_session", 12},
		"too early":                       {sid, "submitCps", adding, "a moment ago", "too_early", 2},
		"no id":                           {sid, "signCps", `{"validationKey":"123456"}`, "id is missing", "bad_params", 5},
		"no code":                         {sid, "signCps", `{"id":` + id + `,"validationKey":""}`, "validationKey is missing", "bad_params", 5},
		"a payload that is none":          {sid, "signCps", `{"id":` + id + `,"payload":"x"}`, "payload is no JSON", "bad_params", 5},
		"an id that is none":              {sid, "signCps", `{"id":"x","validationKey":"123456"}`, "id: ", "bad_params", 5},
		"a code that is none":             {sid, "signCps", `{"id":` + id + `,"validationKey":"12345x"}`, "six digits", "bad_passcode", 14},
		"an order that never was":         {sid, "signCps", `{"id":7,"validationKey":"123456"}`, "no order 7", "unknown_document", 5},
		"an order of another client":      {other, "signCps", `{"id":` + id + `,"validationKey":"123456"}`, "no order", "unknown_document", 5},
		"an order of another login":       {guest, "signCps", `{"id":` + id + `,"validationKey":"123456"}`, "no order", "unknown_document", 5},
		"a code of another login's":       {guest, "getCpsCode", `{"id":` + id + `}`, "no order", "unknown_document", 5},
		"withdrawn by another login":      {guest, "cancelCps", `{"id":` + id + `}`, "no order", "unknown_document", 5},
		"withdrawn by another client":     {other, "cancelCps", `{"id":` + id + `}`, "no order", "unknown_document", 5},
		"no order to withdraw":            {sid, "cancelCps", `{}`, "id is missing", "bad_params", 5},
		"a page before nothing":           {sid, "getClientCpsHistory", `{"before":"x"}`, "before: ", "bad_params", 5},
		"a page of events before what":    {sid, "getSecurityHistory", `{"before":{"x":1}}`, "before is no single value", "bad_params", 5},
	} {
		t.Run(name, func(t *testing.T) {
			got := h.call(c.sid, c.cmd, c.params)
			text, _ := got.json["error"].(string)
			if got.status != 200 || got.json["reason"] != c.reason || got.json["code"] != c.code || !strings.Contains(text, c.text) ||
				got.json["errMsg"] != text || got.json["next"] == nil {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	if n := len(h.core.clients[1].state.Drafts); n != 1 {
		t.Errorf("%d drafts are left of the one", n)
	}
}

// clearSending lets every client ask for a password again at once.
func (h *house) clearSending() {
	h.core.mu.Lock()
	defer h.core.mu.Unlock()
	for _, c := range h.core.clients {
		c.state.SMS.Sent, c.state.SMS.Row = nil, 0
	}
}

func TestAMeansThatIsDisconnectedIsShownAndSendsNothing(t *testing.T) {
	h := newHouse(t)
	sid := h.ready("demo")
	if got := h.sign(sid, h.submit(sid, disconnect), h.core.code()); got.json["success"] != true {
		t.Fatalf("%s", got.body)
	}
	got := h.call(sid, "getSafetyTypes", `{}`).body
	if !strings.Contains(got, `"status":"disconnected","status_id":0,"phone":"+7903•••1111","attemptsLeft":0,"blockedUntil":null,"disconnected":true`) {
		t.Errorf("the means: %s", got)
	}
	for cmd, reason := range map[string]string{"getSecuritySessionCode": "sms_disconnected", "submitCps": "no_security_session"} {
		if got := h.call(sid, cmd, adding); got.json["reason"] != reason || got.json["code"] == 0.0 || got.json["next"] == nil {
			t.Errorf("%s: %s", cmd, got.body)
		}
	}
}

// Nothing of the cabinet is for strangers, and a page of another site cannot have the browser change anything.
func TestTheCabinetIsForWhoIsLoggedInOnly(t *testing.T) {
	h := newHouse(t)
	cookie := h.login("demo")
	for cmd, changes := range map[string]bool{
		"submitCps": true, "getCpsCode": true, "signCps": true, "cancelCps": true,
		"getContactPhones": false, "getClientCpsHistory": false, "getSecurityHistory": false,
	} {
		for _, stranger := range []string{"", strings.Repeat("A", 43)} {
			if got := h.call(stranger, cmd, `{}`); got.json["reason"] != "unknown_login" || got.json["code"] != 12.0 {
				t.Errorf("%s for a stranger: %s", cmd, got.body)
			}
		}
		q := "/api/?" + url.Values{"q": {`{"cmd":"` + cmd + `"}`}}.Encode()
		got := h.do(h.request("GET", q, "", "Cookie", "SID="+cookie))
		if refused := got.json["reason"] == "need_post"; refused != changes {
			t.Errorf("%s by GET and cookie: %s", cmd, got.body)
		}
		if got, _ := h.connect("").ask(cmd, `{}`); got.json["reason"] != "unknown_login" {
			t.Errorf("%s on a stranger's socket: %s", cmd, got.data)
		}
	}
}

func TestTheSameSubmissionIsCarriedOutOnceOnASocket(t *testing.T) {
	h := newHouse(t)
	s := h.connect(h.ready("demo"))
	s.send(`["submitCps",` + adding + `,"a"]`)
	first := s.expect("reply")
	s.send(`["submitCps",` + adding + `,"a"]`)
	if again := s.expect("reply"); string(again.data) != string(first.data) || first.json["error"] != nil {
		t.Errorf("%s then %s", first.data, again.data)
	}
	if n := len(h.core.texts); n != 2 {
		t.Errorf("%d texts were sent: one opens the session, one signs", n)
	}
}

func TestTheHistoryShowsWhatWaitsAndWhatWas(t *testing.T) {
	h := newHouse(t)
	sid := h.ready("demo")
	h.call(sid, "cancelCps", `{"id":`+h.submit(sid, adding)+`}`)
	h.clearSending()
	id := h.submit(sid, replacing)
	h.sign(sid, id, h.wrong())
	got := h.call(sid, "getClientCpsHistory", `{}`)
	documents, _ := got.json["documents"].([]any)
	drafts, _ := got.json["drafts"].([]any)
	if len(documents) != 2 || len(drafts) != 1 || got.json["repeatAt"] == nil {
		t.Fatalf("%s", got.body)
	}
	newest, oldest := documents[0].(map[string]any), documents[1].(map[string]any)
	if newest["status"] != "drafted" || oldest["status"] != "cancelled" || oldest["end"] != "withdrawn" || oldest["expiresAt"] != nil {
		t.Errorf("%s", got.body)
	}
	draft := drafts[0].(map[string]any)
	pending, _ := draft["pending"].(map[string]any)
	if pending["number"] != 1.0 || pending["attemptsLeft"] != 2.0 || draft["document"].(map[string]any)["id"] != newest["id"] {
		t.Errorf("the draft: %s", got.body)
	}

	got = h.call(sid, "getSecurityHistory", `{}`)
	events, _ := got.json["events"].([]any)
	last, _ := events[0].(map[string]any)
	if data, _ := last["data"].(map[string]any); last["event"] != "attempt.failed" || data["left"] != 2.0 ||
		!strings.HasPrefix(data["purpose"].(string), "document ") || last["seq"] != float64(h.core.version(1)) {
		t.Errorf("%s", got.body)
	}
	got = h.call(sid, "getSecurityHistory", fmt.Sprintf(`{"before":"%.0f"}`, last["seq"]))
	if older, _ := got.json["events"].([]any); len(older) != len(events)-1 {
		t.Errorf("the page before: %s", got.body)
	}
}

func TestAClientSeesAndDeclinesWhatAnOperatorIsAboutToDo(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	anna := session.Officer{ID: 7, Name: "Anna"}
	h.core.happened(1, session.AttemptVoice{By: anna})
	h.core.happened(1, session.SettleVoice{By: anna, OK: true})
	h.core.happened(1, session.ProposeDocument{
		By: anna, Reason: "he has called", Content: session.PhoneChange{Action: session.AddPhone, Number: newPhone},
	})
	got := h.call(sid, "getClientCpsHistory", `{}`)
	drafts, _ := got.json["drafts"].([]any)
	if len(drafts) != 1 {
		t.Fatalf("%s", got.body)
	}
	draft, _ := drafts[0].(map[string]any)
	document, _ := draft["document"].(map[string]any)
	if document["operator"] != "Anna" || document["reason"] != "he has called" || document["loginId"] != 0.0 || draft["pending"] != nil {
		t.Errorf("the client sees %s", got.body)
	}
	id := fmt.Sprintf("%.0f", document["id"])
	if got := h.call(sid, "getCpsCode", `{"id":`+id+`}`); got.json["reason"] != "unknown_document" {
		t.Errorf("a password for it: %s", got.body)
	}
	if got := h.sign(sid, id, "000000"); got.json["reason"] != "unknown_document" {
		t.Errorf("signed by the client: %s", got.body)
	}
	got = h.call(sid, "cancelCps", `{"id":"`+id+`"}`)
	document, _ = got.json["document"].(map[string]any)
	if document["status"] != "cancelled" || document["end"] != "declined" || document["expiresAt"] != nil {
		t.Errorf("declined: %s", got.body)
	}
}

// TestNoDoorTellsAWholeNumber: neither a new one nor an old one, in no reply, problem or event.
func TestNoDoorTellsAWholeNumber(t *testing.T) {
	h := newHouse(t)
	sid := h.ready("demo")
	s := h.connect(sid)
	told := &strings.Builder{}
	keep := func(r reply) reply {
		fmt.Fprintln(told, r.body)
		return r
	}
	for _, params := range []string{adding, strings.ReplaceAll(replacing, "4433", "4434")} {
		h.clearSending()
		id := h.submit(sid, params)
		keep(h.call(sid, "submitCps", params))
		keep(h.sign(sid, id, h.wrong()))
		keep(h.sign(sid, id, h.core.code()))
		for _, cmd := range []string{"getContactPhones", "getClientCpsHistory", "getSecurityHistory", "getSafetyTypes", "getSecuritySessionCode"} {
			keep(h.call(sid, cmd, `{}`))
		}
	}
	s.send(`["events",{"since":1},1]`)
	for f := s.next(); f.name != "reply"; f = s.next() {
		fmt.Fprintln(told, string(f.data))
	}
	for _, number := range []string{"9031111111", "9035554433", "9035554434"} {
		if at := strings.Index(told.String(), number); at >= 0 {
			t.Errorf("%s is told: …%s", number, told.String()[max(0, at-200):at+len(number)])
		}
	}
	for _, masked := range []string{"+7903•••1111", "+7903•••4433", "document.accepted", "phone.added"} {
		if !strings.Contains(told.String()+fmt.Sprint(h.call(sid, "getSecurityHistory", `{}`)), masked) {
			t.Errorf("nothing was looked at: no %s", masked)
		}
	}
}
