package wsapi

import (
	"fmt"
	"slices"
	"testing"
)

func TestAClientLogsInOpensASessionAndSubmitsAnOrder(t *testing.T) {
	h := newHouse(t)
	sid := h.login("demo")
	s := h.dial(sid)
	user := s.expect("userData")
	if user.json["isDemo"] != false || user.json["login"] != "demo" || user.json["clientCode"] != "100001" {
		t.Fatalf("userData %s", user.data)
	}
	if got, _ := s.ask("events", `{"since":0}`); result(got)["seq"] != float64(h.core.version(1)) {
		t.Fatalf("events %s", got.data)
	}
	got, before := s.ask("getSecuritySessionCode", `{}`)
	if !slices.Equal(before, []string{"passcode.sent"}) || result(got)["channel"] != "sms" {
		t.Fatalf("%v then %s", before, got.data)
	}
	got, before = s.ask("checkSecuritySessionCode", `{"validationKey":"000000"}`)
	if !slices.Equal(before, []string{"attempt.failed"}) || result(got)["success"] != false || result(got)["attemptsLeft"] != 2.0 {
		t.Fatalf("%v then %s", before, got.data)
	}
	s.send(`["sessions"]`)
	if f := s.expect("sessions"); string(f.data) != "[]" {
		t.Fatalf("sessions %s", f.data)
	}
	got, before = s.ask("checkSecuritySessionCode", fmt.Sprintf(`{"validationKey":%q}`, h.core.code()))
	if !slices.Equal(before, []string{"session.opened", "sessions"}) || result(got)["success"] != true {
		t.Fatalf("%v then %s", before, got.data)
	}
	s.send(`["orders"]`)
	s.expect("orders")
	got, before = s.ask("putTradeOrder", `{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":10,"user_order_id":77}`)
	if want := []string{"order.accepted", "session.extended", "sessions", "orders"}; !slices.Equal(before, want) {
		t.Fatalf("before the reply came %v, want %v", before, want)
	}
	if result(got)["order_id"] == nil {
		t.Fatalf("put %s", got.data)
	}
}
