package wsapi

import (
	"fmt"
	"testing"

	"vakhta/session"
)

// place is where a code is waited for: at a login of a client, for a session or for an order.
type place struct {
	client  session.ClientID
	login   session.LoginID
	purpose session.Purpose
	code    string
	enter   func(code string) reply
}

// places has two clients with two logins each, who wait for a code for a session and for one for an order.
func (h *house) places() (all []place) {
	h.t.Helper()
	for _, name := range []string{"demo", "second"} {
		for range 2 {
			sid := h.ready(name)
			h.clearSending()
			id := h.submit(sid, adding)
			all = append(all, h.newest(sid, func(code string) reply { return h.sign(sid, id, code) }))
			h.clearSending()
			h.call(sid, "getSecuritySessionCode", `{}`)
			all = append(all, h.newest(sid, func(code string) reply {
				return h.call(sid, "checkSecuritySessionCode", fmt.Sprintf(`{"validationKey":%q}`, code))
			}))
			h.clearSending()
		}
	}
	return all
}

// newest is the place that the last code was sent for.
func (h *house) newest(sid string, enter func(string) reply) place {
	client, login, _ := session.ParseSID(sid)
	waiting := h.core.clients[client].state.Passcodes
	return place{client, login, waiting[len(waiting)-1].Purpose, h.core.code(), enter}
}

// replant puts what was kept for one place into another, as who can write into the database might do.
func (f *fakeCore) replant(from, to place) (restore func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := func(p place) *session.Passcode {
		for i, x := range f.clients[p.client].state.Passcodes {
			if x.Login == p.login && x.Purpose == p.purpose {
				return &f.clients[p.client].state.Passcodes[i]
			}
		}
		panic("nothing waits there")
	}
	own := at(to).Digest
	at(to).Digest = at(from).Digest
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		at(to).Digest = own
	}
}

// TestACodeOfAnotherPlaceCostsTheSameWorkAsAWrongOne: one keyed comparison and one event, wherever it comes from, and also
// when its digest was carried to where it is entered.
func TestACodeOfAnotherPlaceCostsTheSameWorkAsAWrongOne(t *testing.T) {
	h := newHouse(t)
	h.core.policy.PasscodeTries, h.core.policy.SMSBlockEvery = 1000, 10_000
	all := h.places()
	try := func(what string, p place, code string) {
		t.Helper()
		compared, version := h.core.compared, h.core.version(p.client)
		got := p.enter(code)
		if got.json["success"] != false || got.json["reason"] != nil {
			t.Fatalf("%s: %s", what, got.body)
		}
		if n := h.core.compared - compared; n != 1 {
			t.Errorf("%s: %d comparisons", what, n)
		}
		if n := h.core.version(p.client) - version; n != 1 {
			t.Errorf("%s: %d events", what, n)
		}
	}
	for i, to := range all {
		try("a wrong one", to, h.unsent(all))
		for j, from := range all {
			if i == j || from.code == to.code {
				continue
			}
			what := fmt.Sprintf("the code of %d %d %.8s for %d %d %.8s", from.client, from.login, from.purpose, to.client, to.login, to.purpose)
			try(what, to, from.code)
			restore := h.core.replant(from, to)
			try(what+", with its digest", to, from.code)
			restore()
		}
	}
	for _, p := range []int{0, 1, 3, 4, 5, 7} { // of two orders of one client that ask for the same, one takes effect
		if got := all[p].enter(all[p].code); got.json["success"] != true {
			t.Errorf("the right one: %s", got.body)
		}
	}
}

// unsent is a code that nobody waits for.
func (h *house) unsent(all []place) string {
	for n := 0; ; n++ {
		code, taken := fmt.Sprintf("%06d", n), false
		for _, p := range all {
			taken = taken || p.code == code
		}
		if !taken {
			return code
		}
	}
}
