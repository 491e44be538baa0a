package persistence

import (
	"errors"
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
		if s := h.load(t, p.Client); s.Phone != c.Phone || s.Version != 0 || *s.Profile != want || s.Client != p.Client {
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
		if s.Phone != c.Phone || s.Version != 2 || s.SMS.Failures != 1 {
			t.Errorf("the state is %+v", s)
		}
		if events := must(h.Events(t.Context(), id, 0, 10))(t); len(events) != 2 {
			t.Errorf("the numbers have a gap: %+v", events)
		}
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
				for _, err := range server.Commit(t.Context(), batch) {
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
