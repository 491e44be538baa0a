package wsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"vakhta/session"
)

// trader is a client in a session that he has opened by WEB-token, which may trade.
func trader(t *testing.T, door string) *device {
	t.Helper()
	h := newHouse(t)
	h.core.policy.WebTokenTrades = true
	return h.device(door, h.ready("demo")).register().open()
}

// orders are those that the core has of the client.
func (f *fakeCore) orders(id session.ClientID) []session.Order {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clients[id].orders
}

func TestASignedOrderIsTheOneThatItsPayloadAsksFor(t *testing.T) {
	for _, door := range doors {
		t.Run(door, func(t *testing.T) {
			d := trader(t, door)
			params := d.signed("77", buying).with(fields{"user_order_id": 77})
			got := d.must("putTradeOrder", params)
			again := d.must("putTradeOrder", d.signed("77", buying).with(fields{"user_order_id": "77"}))
			orders := d.h.core.orders(1)
			if len(orders) != 1 || got["order_id"] != float64(orders[0].ID) || again["order_id"] != got["order_id"] {
				t.Fatalf("%v then %v: %v", got, again, orders)
			}
			unsigned, err := decodeOrder(buying)
			if err != nil || orders[0].Ticket != unsigned.ticket() {
				t.Errorf("%+v is not what %s asks for", orders[0].Ticket, buying)
			}
			x := orders[0].Signed
			if x == nil || x.Payload != buying || base64url(x.Bytes) != params["sigS"] || !d.s.public.Verifies(x.Message(1, "77"), x.Bytes) {
				t.Errorf("the order is kept with %+v", x)
			}
			other := strings.Replace(buying, `"qty":10`, `"qty": 10`, 1) // the same to read, but other bytes
			if got := d.ask("putTradeOrder", d.signed("77", other).with(fields{"user_order_id": 77})); got["reason"] != "order_conflict" {
				t.Errorf("another order under the same id: %v", got)
			}

			cancelling := fmt.Sprintf(`{"order_id":%d}`, orders[0].ID)
			if got := d.ask("delTradeOrder", d.signed("77", cancelling)); got["reason"] != "bad_signature" {
				t.Errorf("a cancellation signed as an order: %v", got)
			}
			if got := d.must("delTradeOrder", d.signed("", cancelling)); got["order_id"] != float64(orders[0].ID) {
				t.Errorf("cancelled: %v", got)
			}
			if o := d.h.core.orders(1)[0]; o.Status != session.StatusCancelling || o.Withdrawn == nil || o.Withdrawn.Payload != cancelling {
				t.Errorf("the order is %s with %+v", o.Status, o.Withdrawn)
			}
		})
	}
}

func TestANonTradingOrderIsSignedByTheWebToken(t *testing.T) {
	for _, door := range doors {
		t.Run(door, func(t *testing.T) {
			d := trader(t, door)
			texts := len(d.h.core.texts)
			submitted := d.say("submitCps", byToken)
			document, _ := submitted["document"].(map[string]any)
			if submitted["code"] != nil || document["status"] != "drafted" || len(d.h.core.texts) != texts {
				t.Fatalf("submitted: %v", submitted)
			}
			id := fmt.Sprintf("%.0f", document["id"])
			payload := `{"id":` + id + `,"docId":210,"data":{"action":"add","phone":"+7 903 555-44-33"}}`
			own := fields{"id": document["id"]}
			for name, params := range map[string]fields{
				"bad_params of another id":        d.signed(id, strings.Replace(payload, id, "7", 1)).with(own),
				"bad_params of both signatures":   d.signed(id, payload).with(fields{"id": document["id"], "validationKey": "123456"}),
				"bad_params of no payload":        d.signed(id, payload).with(fields{"id": document["id"], "payload": nil}),
				"bad_params of a name too much":   d.signed(id, strings.Replace(payload, `"phone"`, `"primry":true,"phone"`, 1)).with(own),
				"bad_params of a name of 193":     d.signed(id, strings.Replace(payload, `"phone"`, `"safetyTypeId":3,"phone"`, 1)).with(own),
				"bad_params of a name twice":      d.signed(id, strings.Replace(payload, `"action"`, `"action":"remove","action"`, 1)).with(own),
				"bad_params of an order to trade": d.signed(id, buying).with(own),
				"bad_document of another phone":   d.signed(id, strings.Replace(payload, "33", "34", 1)).with(own),
				"bad_document of another kind":    d.signed(id, `{"id":`+id+`,"docId":193,"data":{"safetyTypeId":3}}`).with(own),
				"bad_signature of another id":     d.signed("7", payload).with(own),
				"bad_signature of none":           d.signed(id, payload).with(fields{"id": document["id"], "sigS": nil}),
				"need_token_signature of a code":  {"id": document["id"], "validationKey": "123456"},
			} {
				reason, _, _ := strings.Cut(name, " ")
				if got := d.ask("signCps", params); got["reason"] != reason {
					t.Errorf("%s: %v", name, got)
				}
			}
			signed := d.signed(id, payload)
			got := d.must("signCps", fields{"id": document["id"], "payload": payload, "signature": signed["sigS"]})
			document, _ = got["document"].(map[string]any)
			if got["success"] != true || document["status"] != "accepted" || document["safety_type_id"] != 7.0 {
				t.Errorf("signed: %v", got)
			}
			kept := d.h.core.clients[1].documents
			if x := kept[len(kept)-1].Signature; x == nil || x.Payload != payload {
				t.Errorf("the order is kept with %+v", x)
			}
			number, content, err := DocumentPayload(payload, fakePhone)
			if err != nil || fmt.Sprint(number) != id || content != (session.PhoneChange{Action: session.AddPhone, Number: newPhone}) {
				t.Errorf("read later: %v %v %v", number, content, err)
			}
		})
	}
}

func TestTheRequestAroundASignedOrderHasNothingElse(t *testing.T) {
	for _, door := range doors {
		t.Run(door, func(t *testing.T) {
			d := trader(t, door)
			whole := d.signed("77", buying).with(fields{"user_order_id": 77})
			for name, params := range map[string]fields{
				"a parameter beside it":         whole.with(fields{"qty": 10}),
				"an unknown name beside it":     whole.with(fields{"curr": "RUR"}),
				"the id in another case":        whole.with(fields{"user_order_id": nil, "userOrderId": 77}),
				"another id":                    whole.with(fields{"user_order_id": 78}),
				"no id":                         whole.with(fields{"user_order_id": nil}),
				"an id that is an empty string": whole.with(fields{"user_order_id": ""}),
				"no signature":                  whole.with(fields{"sigS": nil}),
				"an empty signature":            whole.with(fields{"sigS": ""}),
				"half a signature":              whole.with(fields{"sigS": blinded(1)}),
				"a signature and no payload":    whole.with(fields{"payload": nil}),
				"a signature beside an order":   {"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1, "sigS": whole["sigS"]},
				"another case":                  whole.with(fields{"payload": nil, "Payload": buying}),
				"a payload that is an object":   whole.with(fields{"payload": json.RawMessage(buying)}),
				"the payload of a cancellation": d.signed("77", `{"order_id":7}`).with(fields{"user_order_id": 77}),
				"the payload of a document":     d.signed("77", `{"id":77,"docId":193,"data":{"safetyTypeId":3}}`).with(fields{"user_order_id": 77}),
			} {
				if got := d.ask("putTradeOrder", params); got["reason"] != "bad_params" || got["code"] != 5.0 || got["next"] == nil {
					t.Errorf("%s: %v", name, got)
				}
			}
			twice := strings.Replace(whole.text(), `{`, `{"payload":"{}",`, 1)
			if got := d.say("putTradeOrder", twice); got["reason"] != "bad_params" {
				t.Errorf("two payloads: %v", got)
			}
			for name, params := range map[string]fields{
				"the payload of an order":  d.signed("", buying),
				"the payload by its alias": d.signed("", `{"id":7}`),
				"an id that has no place":  d.signed("", `{"order_id":7}`).with(fields{"user_order_id": 7}),
				"the id beside it":         d.signed("", `{"order_id":7}`).with(fields{"order_id": 7}),
			} {
				if got := d.ask("delTradeOrder", params); got["reason"] != "bad_params" {
					t.Errorf("%s: %v", name, got)
				}
			}
			if orders := d.h.core.orders(1); len(orders) != 0 {
				t.Errorf("accepted: %v", orders)
			}
			if got := d.must("putTradeOrder", whole); got["order_id"] == nil {
				t.Errorf("the whole one: %v", got)
			}
		})
	}
}

func TestASignedPayloadIsReadStrictly(t *testing.T) {
	for _, c := range []struct{ payload, want string }{
		{buying, ""},
		{" \n" + buying + "\t ", ""},
		{`{"\u0071ty":1` + rest("1"), ""},
		{`{"qty":0.00000001` + rest("1"), ""},
		{`{"qty":1,"stop_price":1.5e1` + rest("1"), ""},
		{`{"qty":1,"user_order_id":"ключ"` + rest("1"), ""},
		{``, "no JSON"},
		{`null`, "no JSON object"},
		{`[` + buying + `]`, "no JSON object"},
		{`"x"`, "no JSON object"},
		{`7`, "no JSON object"},
		{buying + `}`, "no JSON"},
		{buying + buying, "no JSON"},
		{buying + ` x`, "no JSON"},
		{"\ufeff" + buying, "no JSON"},
		{`{"qty":1,}`, "no JSON"},
		{"{\"qty\":1\xff}", "no JSON"},
		{`{"qty":1`, "no JSON"},
		{`{}`, "payload has no instr_name"},
		{`{"qty":1` + rest("x"), "no JSON"},
		{`{"qty":1,"qty":1` + rest("1"), "payload has qty twice"},
		{`{"qty":1,"q\u0074y":2` + rest("1"), "payload has qty twice"},
		{`{"qty":1,"quantity":2` + rest("1"), `payload has "quantity"`},
		{`{"QTY":1` + rest("1"), `payload has "QTY"`},
		{`{"qty":1,"note":""` + rest("1"), `payload has "note"`},
		{`{"qty":1,"payload":"{}"` + rest("1"), `payload has "payload"`},
		{`{"qty":1,"":0` + rest("1"), `payload has ""`},
		{`{"qty":"1"` + rest("1"), "qty is no number"},
		{`{"qty":null` + rest("1"), "qty is no number"},
		{`{"qty":true` + rest("1"), "qty is no number"},
		{`{"qty":{}` + rest("1"), "qty is no number"},
		{`{"qty":0.000000001` + rest("1"), "qty: "},
		{`{"qty":1` + rest(`"1"`), "action_id is no number"},
		{`{"qty":1` + rest(`1.0`), "action_id: 1.0 is no whole number"},
		{`{"qty":1` + rest(`1e0`), "action_id: 1e0 is no whole number"},
		{`{"qty":1` + rest(`-0`), "action_id: -0 is no whole number"},
		{`{"qty":1` + rest(`99999999999999999`), "action_id: 99999999999999999 is no whole number"},
		{`{"qty":1` + rest(`true`), "action_id is no number"},
		{`{"qty":1,"user_order_id":1.0` + rest("1"), "user_order_id: 1.0 is no whole number"},
		{`{"qty":1,"user_order_id":true` + rest("1"), "user_order_id is no text"},
		{`{"qty":1,"user_order_id":[1]` + rest("1"), "user_order_id is no text"},
		{`{"qty":1,"user_order_id":"\ud800"` + rest("1"), "user_order_id is no text"},
		{strings.Replace(buying, `"SBER"`, `7`, 1), "instr_name is no text"},
		{strings.Replace(buying, `"SBER"`, `""`, 1), "payload has no instr_name"},
		{strings.Replace(buying, `"SBER"`, `["SBER"]`, 1), "instr_name is no text"},
		{buying + strings.Repeat(" ", payloadMost), "longer than 4096 bytes"},
		{strings.Repeat(`{"a":`, 20) + `1` + strings.Repeat(`}`, 20), "no JSON"},
	} {
		ticket, err := OrderPayload(c.payload)
		switch {
		case c.want == "" && (err != nil || ticket.Ticker != "SBER"):
			t.Errorf("%s: %v %v", c.payload, ticket, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || ticket != session.Ticket{}):
			t.Errorf("%.80s is refused for «%v», want «%s»", c.payload, err, c.want)
		}
	}
}

// rest is the rest of an order that buys SBER.
func rest(action string) string {
	return `,"instr_name":"SBER","action_id":` + action + `,"order_type_id":1}`
}

func TestASignedNonTradingOrderIsReadStrictly(t *testing.T) {
	for payload, want := range map[string]string{
		`{"id":7,"docId":193,"data":{"safetyTypeId":7}}`:                                     "",
		`{"data":{"phoneId":1,"action":"remove"},"docId":210,"id":7}`:                        "",
		`{"id":7,"docId":210,"data":{"action":"add","phone":"+79035554433","primary":true}}`: "",
		`{"id":7,"docId":193}`:                                                          "payload has no data",
		`{"docId":193,"data":{"safetyTypeId":7}}`:                                       "payload has no id",
		`{"id":7,"docId":193,"data":[]}`:                                                "data is no JSON object",
		`{"id":7,"docId":193,"data":"{}"}`:                                              "data is no JSON object",
		`{"id":7,"docId":193,"data":{"safetyTypeId":7,"safetyTypeId":3}}`:               "data has safetyTypeId twice",
		`{"id":7,"docId":193,"data":{"safetyTypeId":7,"x":{"y":1,"y":1}}}`:              `data has "x"`,
		`{"id":7,"docId":193,"data":{"safety_type_id":7}}`:                              `data has "safety_type_id"`,
		`{"id":7,"docId":193,"data":{"safetyTypeId":7},"safetyTypeId":7}`:               `payload has "safetyTypeId"`,
		`{"id":7,"docId":193,"data":{"safetyTypeId":7,"action":"add"}}`:                 "data has what an order with docId 193 does not have",
		`{"id":7,"docId":210,"data":{"action":"add","phone":"+7903","safetyTypeId":3}}`: "data has what an order with docId 210 does not have",
		`{"id":7,"docId":210,"data":{"action":"remove","phoneId":1,"oldPhone":"+7"}}`:   "data has what an order with docId 210 does not have",
		`{"id":7,"docId":210,"data":{"action":"add","phone":"+7903","primary":1}}`:      "primary is neither true nor false",
		`{"id":7,"docId":210,"data":{"action":"add","phone":79035554433}}`:              "phone is no text",
		`{"id":7,"docId":210,"data":{"action":"add","phone":"89035554433"}}`:            "country code",
		`{"id":7,"docId":4,"data":{"action":"add"}}`:                                    "no order with docId 4",
		`{"id":7,"docId":190,"data":{"tokenId":1,"sPub":"AA"}}`:                         "sPub: these are not 65 bytes",
		`{"order_id":7}`: `payload has "order_id"`,
		buying:           `payload has "instr_name"`,
	} {
		id, content, err := DocumentPayload(payload, fakePhone)
		switch {
		case want == "" && (err != nil || id != 7 || content == nil):
			t.Errorf("%s: %v %v %v", payload, id, content, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s is refused for «%v», want «%s»", payload, err, want)
		}
	}
	if id, err := CancelPayload(`{"order_id":7}`); id != 7 || err != nil {
		t.Errorf("a cancellation: %v %v", id, err)
	}
	for _, payload := range []string{`{"id":7}`, `{"order_id":"7"}`, `{"order_id":7,"id":7}`, `{"id":7,"docId":193,"data":{"safetyTypeId":7}}`, buying, `{}`} {
		if id, err := CancelPayload(payload); err == nil {
			t.Errorf("%s cancels %d", payload, id)
		}
	}
}

// FuzzPayload: whatever is signed, it is refused with a reason or read as every other reader of JSON reads it; no text is
// two different orders.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{
		buying, `{"order_id":7}`, `{"id":7,"docId":193,"data":{"safetyTypeId":7}}`,
		`{"id":7,"docId":210,"data":{"action":"add","phone":"+79035554433"}}`, `{"id":7,"docId":190,"data":{"sPub":""}}`,
		`{"qty":1,"q\u0074y":2` + rest("1"), `{"qty":"1"` + rest(`1.0`), `{"qty":1e1` + rest("1"), `{}`, `[]`, "{\"a\":\"\xff\"}",
	} {
		f.Add(seed)
	}
	f.Add(`{"instr_name":"","action_id":0,"order_type_id":0,"qty":0}`)
	f.Fuzz(func(t *testing.T, payload string) {
		ticket, err1 := OrderPayload(payload)
		cancels, err2 := CancelPayload(payload)
		id, content, err3 := DocumentPayload(payload, fakePhone)
		kinds := 0
		for _, err := range []error{err1, err2, err3} {
			var refusal *session.Refusal
			switch {
			case err == nil:
				kinds++
			case !errors.As(err, &refusal) || refusal.Next == "" || refusal.Message == "":
				t.Errorf("%q: %v", payload, err)
			}
		}
		if kinds > 1 {
			t.Errorf("%q is several orders: %v, %v, %v", payload, ticket, cancels, content)
		}
		if err1 == nil {
			if p, err := decodeOrder(payload); err != nil || p.ticket() != ticket {
				t.Errorf("%q is %+v when it is signed, and %+v %v when not", payload, ticket, p.ticket(), err)
			}
		}
		if err3 == nil {
			var p signedDocument
			err := decodeParams(json.RawMessage(payload), fieldsOf(reflect.TypeFor[signedDocument]()), reflect.ValueOf(&p).Elem())
			if loose, e := contentOf(p.Kind, p.Data, fakePhone); err != nil || e != nil || p.ID != id || loose != content {
				t.Errorf("%q is %+v when it is signed, and %+v %v %v when not", payload, content, loose, err, e)
			}
		}
		if kinds == 1 && names(t, json.NewDecoder(strings.NewReader(payload))) != different(t, payload) {
			t.Errorf("%q has a name twice", payload)
		}
	})
}

// names counts those of a JSON text as they stand there, different as a map has them.
func names(t *testing.T, d *json.Decoder) (n int) {
	t.Helper()
	first, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	for first == json.Delim('{') && d.More() {
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		n += 1 + names(t, d)
	}
	if first == json.Delim('{') {
		_, _ = d.Token()
	}
	return n
}

func different(t *testing.T, text string) int {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	n := len(all)
	for _, value := range all {
		if value[0] == '{' {
			n += different(t, string(value))
		}
	}
	return n
}

func TestBytesOfTheProtocolHaveOneSpelling(t *testing.T) {
	whole := base64url(blinded(200))
	for text, ok := range map[string]bool{
		whole:                            true,
		whole + "=":                      false,
		whole[:42]:                       false,
		whole + "A":                      false,
		whole[:42] + "J":                 false, // the same 32 bytes, with bits that stand for nothing
		whole[:20] + "\n" + whole[20:]:   false,
		whole[:20] + "\r\n" + whole[20:]: false,
		" " + whole:                      false,
		strings.ReplaceAll(base64url(blinded(255)), "_", "/"): false,
		strings.Repeat("A", 43):                               true,
		"":                                                    false,
	} {
		var b rawPoint
		if got := b.spelled(text); got != ok {
			t.Errorf("%q is taken: %v", text, got)
		}
	}
	var p tokenEvaluateParams
	for name, text := range map[string]string{
		"challenge": `{"tokenId":1,"challenge":"AA","b":"x","sigD":"x"}`,
		"b":         `{"tokenId":1,"challenge":"` + whole + `","b":7,"sigD":"x"}`,
		"sigD":      `{"tokenId":1,"challenge":"` + whole + `","b":"` + whole + `","sigD":"` + whole + `"}`,
	} {
		err := decodeParams(json.RawMessage(text), fieldsOf(reflect.TypeOf(p)), reflect.ValueOf(&p).Elem())
		if err == nil || !strings.HasPrefix(err.Error(), name+": these are not") {
			t.Errorf("%s is refused for %v", name, err)
		}
	}
}

// FuzzRaw: a text that is taken is the very one that its bytes are told by.
func FuzzRaw(f *testing.F) {
	for _, n := range []int{0, 31, 32, 33, 64, 65} {
		f.Add(base64url(make([]byte, n)))
	}
	f.Add(base64url(blinded(200))[:42] + "J")
	f.Add("\n" + base64url(blinded(200)))
	f.Fuzz(func(t *testing.T, text string) {
		var (
			p rawPoint
			s rawSignature
			k rawKey
		)
		for _, r := range []interface {
			binary
			json.Marshaler
		}{&p, &s, &k} {
			if !r.spelled(text) {
				continue
			}
			if told, err := r.MarshalJSON(); err != nil || string(told) != `"`+text+`"` || len(text) != (r.size()*8+5)/6 {
				t.Errorf("%q is told as %s %v", text, told, err)
			}
		}
	})
}
