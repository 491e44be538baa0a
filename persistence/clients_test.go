package persistence

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"vakhta/session"
)

func imported(code, login, phone string) Client {
	return Client{
		Code: code, Kind: "person", Name: "Иванов Иван", Login: login, Phone: phone, Email: "a@b.c", Language: "ru",
		PasswordHash: "$p" + code, VoiceHash: "$v" + code,
	}
}

var clientCases = []conformance{
	{"an imported client is found by code and login, whatever the case", func(t *testing.T, h *house) {
		c := imported("100001", "Demo", "+79031111111")
		if r := must(h.Import(t.Context(), []Client{c}, false))(t); r != (Report{Added: 1}) {
			t.Errorf("the report is %+v", r)
		}
		p := must(h.FindClient(t.Context(), "100001"))(t)
		want := session.Profile{Client: p.Client, Code: "100001", Kind: "person", Name: "Иванов Иван", Login: "Demo", Email: "a@b.c", Language: "ru"}
		if p != want {
			t.Errorf("found is %+v", p)
		}
		if p := must(h.FindClient(t.Context(), " dEMO"))(t); p != want {
			t.Errorf("by login found is %+v", p)
		}
		if got := must(h.Credential(t.Context(), "DEMO"))(t); got != (session.Credential{Client: p.Client, Hash: "$p100001"}) {
			t.Errorf("the credential is %+v", got)
		}
		if s := h.load(t, p.Client); s.Phone() != c.Phone || s.Version != 0 || *s.Profile != want || s.Client != p.Client {
			t.Errorf("the state is %+v", s)
		}
		if got := must(h.Imported(t.Context(), "100001"))(t); got != c {
			t.Errorf("imported is %+v", got)
		}
	}},
	{"an unknown client is said to be unknown", func(t *testing.T, h *house) {
		_, err1 := h.Load(t.Context(), 5)
		_, err2 := h.Credential(t.Context(), "nobody")
		_, err3 := h.FindClient(t.Context(), "nobody")
		_, err4 := h.Imported(t.Context(), "nobody")
		for _, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, session.ErrUnknownClient) {
				t.Errorf("the error is %v", err)
			}
		}
	}},
	{"an import is all or nothing, and names every client in its way by code", func(t *testing.T, h *house) {
		must(h.Import(t.Context(), []Client{imported("1", "one", ""), imported("2", "two", "")}, false))(t)
		nameless := imported("9", "nine", "")
		nameless.PasswordHash = ""
		_, err := h.Import(t.Context(), []Client{
			imported("3", "three", ""), imported("4", "ONE", ""), imported("2", "other", ""), imported("5", "five", ""),
			imported("5", "six", ""), imported("7", "Three", ""), nameless,
		}, false)
		var conflict *ConflictError
		if !errors.As(err, &conflict) || len(conflict.Conflicts) != 5 {
			t.Fatalf("the error is %v", err)
		}
		for i, want := range []struct{ code, problem string }{
			{"5", "twice"}, {"7", "also that of client 3"}, {"4", "that of client 1"}, {"2", "--update"}, {"9", "needs a password"},
		} {
			if got := conflict.Conflicts[i]; got.Code != want.code || !strings.Contains(got.Problem, want.problem) {
				t.Errorf("conflict %d is %+v, not %+v", i, got, want)
			}
		}
		if n := h.count(t, `SELECT count(*) FROM profile`); n != 2 {
			t.Errorf("there are %d clients", n)
		}
	}},
	{"an import that is repeated changes nothing", func(t *testing.T, h *house) {
		rows := []Client{imported("1", "one", "+79031111111"), imported("2", "two", "")}
		must(h.Import(t.Context(), rows, false))(t)
		for _, update := range []bool{false, true} {
			if r := must(h.Import(t.Context(), rows, update))(t); r != (Report{Unchanged: 2}) {
				t.Errorf("the report is %+v", r)
			}
		}
		if n := h.count(t, `SELECT count(*) FROM event`); n != 0 {
			t.Errorf("there are %d events", n)
		}
	}},
	{"an update keeps hashes that it does not bring", func(t *testing.T, h *house) {
		c := imported("1", "one", "+79031111111")
		must(h.Import(t.Context(), []Client{c, imported("2", "two", "")}, false))(t)
		c.Name, c.Login, c.PasswordHash, c.VoiceHash = "Петров", "uno", "", "$new"
		if r := must(h.Import(t.Context(), []Client{c, imported("2", "two", ""), imported("3", "three", "")}, true))(t); r !=
			(Report{Added: 1, Updated: 1, Unchanged: 1}) {
			t.Errorf("the report is %+v", r)
		}
		c.PasswordHash = "$p1"
		if got := must(h.Imported(t.Context(), "1"))(t); got != c {
			t.Errorf("the client is %+v", got)
		}
		if _, err := h.Credential(t.Context(), "one"); !errors.Is(err, session.ErrUnknownClient) {
			t.Errorf("the old login name gives %v", err)
		}
	}},
	{"a changed phone overtakes whoever holds the state", func(t *testing.T, h *house) {
		c := imported("1", "one", "+79031111111")
		must(h.Import(t.Context(), []Client{c}, false))(t)
		id := must(h.FindClient(t.Context(), "1"))(t).Client
		held := h.load(t, id)
		held = h.mustCommit(t, change(held, session.AttemptFailed{Means: session.SMS, Left: 2}))[0]
		c.Phone = "+79032222222"
		must(h.Import(t.Context(), []Client{c}, true))(t)
		if err := h.commit(t, change(held, seen(1)))[0]; !errors.Is(err, session.ErrFenced) {
			t.Errorf("the error is %v", err)
		}
		s := h.load(t, id)
		if s.Phone() != c.Phone || len(s.Phones) != 1 || s.SMS.Failures != 1 {
			t.Errorf("the state is %+v", s)
		}
		events := must(h.Events(t.Context(), id, 0, 10))(t)
		for i, e := range events {
			if e.Seq != int64(i+1) {
				t.Errorf("the numbers have a gap: %+v", events)
			}
		}
		if s.Version != 4 || len(events) != 4 { // missed, and then the phone: added, removed, changed
			t.Errorf("after %+v the version is %d", events, s.Version)
		}
	}},
	{"an update leaves alone what the client's own order made of his phones, until the questionnaire changes", func(t *testing.T, h *house) {
		c := imported("1", "one", "+79031111111")
		must(h.Import(t.Context(), []Client{c}, false))(t)
		id := must(h.FindClient(t.Context(), "1"))(t).Client
		own := session.Phone{ID: 7001, Number: "+79032222222", Since: noon, By: session.SMS}
		h.mustCommit(t, change(h.load(t, id),
			session.PhoneAdded{Phone: own}, session.PhoneRemoved{ID: 1, Phone: "+7903•••1111"}, session.PhoneChanged{ID: own.ID, Phone: "+7903•••2222"}))
		for i, name := range []string{"Петров", c.Name} {
			c.Name = name
			if r := must(h.Import(t.Context(), []Client{c}, true))(t); r != (Report{Updated: 1}) {
				t.Errorf("the report is %+v", r)
			}
			if s := h.load(t, id); !reflect.DeepEqual(s.Phones, []session.Phone{own}) || s.Version != 3 {
				t.Errorf("after update %d the state is %+v", i, s)
			}
			if got := must(h.Imported(t.Context(), "1"))(t); got != c {
				t.Errorf("imported is %+v", got)
			}
			h.finds(t, "+79032222222", "1")
			h.finds(t, "+79031111111")
		}
		c.Phone = "+79033333333" // now the broker says so
		must(h.Import(t.Context(), []Client{c}, true))(t)
		s := h.load(t, id)
		if len(s.Phones) != 2 || s.Phone() != c.Phone || s.Phones[0].By != 0 || s.Phones[1] != own {
			t.Errorf("the phones are %+v", s.Phones)
		}
		h.finds(t, "+79033333333", "1")
		h.finds(t, "+79032222222", "1")
	}},
	{"an update without a phone takes away the phone of the last import only", func(t *testing.T, h *house) {
		c := imported("1", "one", "+79031111111")
		must(h.Import(t.Context(), []Client{c, imported("2", "two", "+79034444444")}, false))(t)
		id := must(h.FindClient(t.Context(), "1"))(t).Client
		own := session.Phone{ID: 7001, Number: "+79032222222", Since: noon, By: session.SMS}
		h.mustCommit(t, change(h.load(t, id), session.PhoneAdded{Phone: own}))
		c.Phone = ""
		must(h.Import(t.Context(), []Client{c, imported("2", "two", "")}, true))(t)
		if s := h.load(t, id); !reflect.DeepEqual(s.Phones, []session.Phone{own}) {
			t.Errorf("the phones are %+v", s.Phones)
		}
		if _, is := last(must(h.Events(t.Context(), id, 0, 10))(t)).(session.PhoneChanged); !is {
			t.Error("it is not told that passwords go to another phone")
		}
		h.finds(t, "+79031111111")
		h.finds(t, "+79032222222", "1")
		h.finds(t, "+79034444444")
		other := must(h.FindClient(t.Context(), "2"))(t).Client
		if s := h.load(t, other); len(s.Phones) != 0 {
			t.Errorf("the phones are %+v", s.Phones)
		}
	}},
	{"who looks for a phone finds its owners as they are now", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		first, second := all[0].Profile.Code, all[1].Profile.Code
		h.finds(t, "+79031111111", first, second)
		added := session.Phone{ID: 7001, Number: "+79032222222", Since: noon, By: session.SMS}
		s := h.mustCommit(t, change(all[0], session.PhoneAdded{Phone: added}))[0]
		h.finds(t, "+79032222222", first)
		h.finds(t, "8 903 222-22-22", first)
		c := change(s, session.PhoneChanged{ID: added.ID, Phone: "+7903•••2222"}, session.PasswordChanged{})
		c.Password = "$new" // both stand in the profile
		s = h.mustCommit(t, c)[0]
		h.finds(t, "+79032222222", first)
		h.finds(t, "+79031111111", first, second)
		s = h.mustCommit(t, change(s, session.PhoneRemoved{ID: 1, Phone: "+7903•••1111"}))[0]
		h.finds(t, "+79031111111", second)
		c = change(s, session.PasswordChanged{})
		c.Password = "$newer"
		h.mustCommit(t, c)
		h.finds(t, "+79032222222", first)
		fenced := change(all[1], session.PhoneAdded{Phone: added})
		fenced.Was++
		if err := h.commit(t, fenced)[0]; !errors.Is(err, session.ErrFenced) {
			t.Errorf("the error is %v", err)
		}
		h.finds(t, "+79032222222", first)
		if got := must(h.Credential(t.Context(), all[0].Profile.Login))(t); got.Hash != "$newer" {
			t.Errorf("the credential is %+v", got)
		}
	}},
	{"a client without a phone gets one", func(t *testing.T, h *house) {
		must(h.Import(t.Context(), []Client{imported("1", "one", "")}, false))(t)
		s := h.load(t, must(h.FindClient(t.Context(), "1"))(t).Client)
		if s.Phones != nil || s.Phone() != "" {
			t.Errorf("the state is %+v", s)
		}
		c := imported("1", "one", "+79031111111")
		must(h.Import(t.Context(), []Client{c}, true))(t)
		s = h.load(t, s.Client)
		if len(s.Phones) != 1 || s.Phone() != c.Phone || s.Phones[0].ID < 1001 || s.Phones[0].By != 0 {
			t.Errorf("the state is %+v", s)
		}
		h.finds(t, "+79031111111", "1")
	}},
	{"an import beside a working server neither waits in a circle nor loses a change", func(t *testing.T, h *house) {
		var rows []Client
		for i := range 60 {
			rows = append(rows, imported(itoa(1000+(i*37)%60), "login"+itoa(i), "+79031111111"))
		}
		must(h.Import(t.Context(), rows, false))(t)
		server := h.open(t)
		done := make(chan struct{})
		var work sync.WaitGroup
		work.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				var batch []session.Change
				for _, r := range must(server.Clients(t.Context(), "", 60))(t) {
					c := change(must(server.Load(t.Context(), r.Client))(t), session.PasswordChanged{})
					c.Password = "$p" + r.Code
					batch = append(batch, c)
				}
				for _, err := range errorsOf(server.Commit(t.Context(), batch)) {
					if err != nil && !errors.Is(err, session.ErrFenced) {
						t.Error(err)
					}
				}
			}
		})
		for n := range 10 {
			for i := range rows {
				rows[i].Phone, rows[i].Name = "+790322222"+itoa(10+n), "Name "+itoa(n)
			}
			if _, err := h.Import(t.Context(), rows, true); err != nil && !errors.Is(err, errMoved) {
				t.Error(err)
			}
		}
		close(done)
		work.Wait()
		for _, r := range must(h.Clients(t.Context(), "", 60))(t) {
			if n := h.count(t, `SELECT count(*) FROM event WHERE client_id = ?`, r.Client); int64(n) != h.load(t, r.Client).Version {
				t.Errorf("client %s has %d events", r.Code, n)
			}
		}
	}},
	{"clients are listed by code", func(t *testing.T, h *house) {
		must(h.Import(t.Context(), []Client{imported("3", "c", ""), imported("1", "a", "+79031111111"), imported("2", "b", "")}, false))(t)
		s := h.load(t, must(h.FindClient(t.Context(), "1"))(t).Client)
		c := change(s, seen(1))
		c.State = fullState(c.State)
		h.mustCommit(t, c)
		rows := must(h.Clients(t.Context(), "", 2))(t)
		if len(rows) != 2 || rows[0].Code != "1" || rows[1].Code != "2" {
			t.Fatalf("listed are %+v", rows)
		}
		if r := rows[0]; r.Phone != "+79031111111" || r.Logins != 2 || r.Sessions != 1 || !r.Attended || !r.SMSLocked {
			t.Errorf("the first is %+v", r)
		}
		if rows := must(h.Clients(t.Context(), "2", 2))(t); len(rows) != 1 || rows[0].Code != "3" {
			t.Errorf("the second page is %+v", rows)
		}
	}},
}

// finds looks for the clients with a phone, by code.
func (h *house) finds(t *testing.T, phone string, codes ...string) {
	t.Helper()
	var got []string
	for _, f := range must(h.FindClients(t.Context(), phone, 10))(t) {
		got = append(got, f.Profile.Code)
	}
	if !slices.Equal(got, codes) {
		t.Errorf("the phone %s is that of %v, not of %v", phone, got, codes)
	}
}

func last(events []session.Numbered) session.Event { return events[len(events)-1].Event }
