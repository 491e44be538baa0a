package persistence

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"vakhta/session"
)

func anna() NewOperator {
	return NewOperator{Login: "Anna", Name: "Анна Смирнова", Hash: "$argon2id$anna", Secret: []byte("20 bytes of a secret")}
}

var operatorCases = []conformance{
	{"an operator is found by his login name, whatever the case, with what proves him", func(t *testing.T, h *house) {
		o := must(h.AddOperator(t.Context(), anna()))(t)
		want := session.OperatorAccount{
			Operator: session.Operator{ID: o.ID, Login: "Anna", Name: "Анна Смирнова"}, Hash: "$argon2id$anna", Secret: []byte("20 bytes of a secret"),
		}
		if got := must(h.OperatorAccount(t.Context(), " aNNA"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("found is %+v", got)
		}
		if got := must(h.Operator(t.Context(), o.ID))(t); !reflect.DeepEqual(got, o) || !reflect.DeepEqual(o, want.Operator) {
			t.Errorf("by id found is %+v", got)
		}
		if n := h.count(t, `SELECT count(*) FROM operator WHERE secret = ?`, []byte("20 bytes of a secret")); n != 0 {
			t.Error("the secret lies open")
		}
	}},
	{"an unknown operator is said to be unknown", func(t *testing.T, h *house) {
		_, err1 := h.OperatorAccount(t.Context(), "nobody")
		_, err2 := h.Operator(t.Context(), 5)
		_, err3 := h.UpdateOperator(t.Context(), 5, func(o session.Operator) (session.Operator, error) { return o, nil })
		for _, err := range []error{err1, err2, err3} {
			if !errors.Is(err, session.ErrUnknownOperator) {
				t.Errorf("the error is %v", err)
			}
		}
	}},
	{"a login name belongs to one operator", func(t *testing.T, h *house) {
		must(h.AddOperator(t.Context(), anna()))(t)
		second := anna()
		second.Login = "ANNA"
		if _, err := h.AddOperator(t.Context(), second); !errors.Is(err, ErrOperatorExists) {
			t.Errorf("the error is %v", err)
		}
		second.Login = "Boris"
		must(h.AddOperator(t.Context(), second))(t)
		if all := must(h.Operators(t.Context()))(t); len(all) != 2 || all[0].Login != "Anna" || all[1].Login != "Boris" {
			t.Errorf("listed are %+v", all)
		}
	}},
	{"everything of an operator comes back", func(t *testing.T, h *house) {
		o := must(h.AddOperator(t.Context(), anna()))(t)
		full := session.Operator{
			ID: o.ID, Login: o.Login, Name: o.Name, Disabled: true, Epoch: 3, Tries: 4, BlockedUntil: noon, LastStep: 59_000_000, LastDesk: 9,
			Desks: []session.Desk{{ID: 8, SID: session.Sealed("digest"), Address: "192.0.2.1", Opened: noon, LastSeen: noon.Add(time.Minute)}},
		}
		for field := range reflect.TypeFor[session.Operator]().Fields() {
			if reflect.ValueOf(full).FieldByIndex(field.Index).IsZero() {
				t.Errorf("%s is not tested", field.Name)
			}
		}
		must(h.UpdateOperator(t.Context(), o.ID, func(session.Operator) (session.Operator, error) { return full, nil }))(t)
		if got := must(h.Operator(t.Context(), o.ID))(t); !reflect.DeepEqual(got, full) {
			t.Errorf("%+v\nis not %+v", got, full)
		}
	}},
	{"no change of an operator is lost, whoever else is at it", func(t *testing.T, h *house) {
		o := must(h.AddOperator(t.Context(), anna()))(t)
		journals := []*Journal{h.Journal, h.open(t)}
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				_, err := journals[i%2].UpdateOperator(t.Context(), o.ID, func(o session.Operator) (session.Operator, error) {
					o.Tries++
					return o, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := must(h.Operator(t.Context(), o.ID))(t); got.Tries != 40 {
			t.Errorf("%d of 40 are counted", got.Tries)
		}
	}},
	{"a change that is refused changes nothing, and one that changes nothing is not written", func(t *testing.T, h *house) {
		o := must(h.AddOperator(t.Context(), anna()))(t)
		no := &session.Refusal{Reason: session.PasswordBlocked}
		_, err := h.UpdateOperator(t.Context(), o.ID, func(o session.Operator) (session.Operator, error) { return o.Disable(), no })
		if !errors.Is(err, no) {
			t.Errorf("the error is %v", err)
		}
		must(h.UpdateOperator(t.Context(), o.ID, func(o session.Operator) (session.Operator, error) { return o, nil }))(t)
		if n := h.count(t, `SELECT count(*) FROM operator WHERE version = 1`); n != 1 {
			t.Error("the row was written")
		}
	}},
	{"a reset gives another password and authenticator and ends the logins", func(t *testing.T, h *house) {
		o := must(h.AddOperator(t.Context(), anna()))(t)
		must(h.UpdateOperator(t.Context(), o.ID, func(o session.Operator) (session.Operator, error) {
			o.Desks = []session.Desk{{ID: 1, SID: session.Sealed("digest"), Opened: noon, LastSeen: noon}}
			return o, nil
		}))(t)
		must(h.ResetOperator(t.Context(), o.ID, "$argon2id$new", []byte("another")))(t)
		got := must(h.OperatorAccount(t.Context(), "anna"))(t)
		if got.Hash != "$argon2id$new" || string(got.Secret) != "another" || len(got.Desks) != 0 || got.Epoch != 1 {
			t.Errorf("the account is %+v", got)
		}
	}},
	{"a sealed secret opens in its own row only", func(t *testing.T, h *house) {
		must(h.AddOperator(t.Context(), anna()))(t)
		thief := anna()
		thief.Login = "thief"
		must(h.AddOperator(t.Context(), thief))(t)
		h.exec(t, `UPDATE operator SET secret = (SELECT secret FROM operator WHERE login_key = 'thief') WHERE login_key = 'anna'`)
		if _, err := h.OperatorAccount(t.Context(), "anna"); !errors.Is(err, errSealed) {
			t.Errorf("the error is %v", err)
		}
	}},
	{"clients are found by what people say of them, whatever the alphabet", func(t *testing.T, h *house) {
		people := []struct{ code, login, name, phone string }{
			{"100", "petr", "Ёлкин Пётр Ильич", "+79031111111"},
			{"1001", "PETROV", "Петров Илья", "+3725123456"},
			{"2001", "straße", "Groß & Söhne GmbH", ""},
			{"3001", "plain", "100% «Ромашка»_ООО", "+15551001234"},
			{"a_b", "x%y", "…", ""},
		}
		var rows []Client
		for _, p := range people {
			c := imported(p.code, p.login, p.phone)
			c.Name = p.name
			rows = append(rows, c)
		}
		must(h.Import(t.Context(), rows, false))(t)
		for query, want := range map[string]string{
			"100": "100 1001 3001", "1001": "1001", "ЕЛКИН": "100", "ёлкин пётр": "100", "петр": "100 1001", "илья петров": "1001",
			"петр петр ильи": "100", "GROSS": "2001", "söhne": "2001", "STRASSE": "2001", "ромашка": "3001", "100%": "3001",
			"_ооо": "3001", "a_b": "a_b", "a%b": "", "x%y": "a_b", "…": "", "+79031111111": "100", "89031111111": "100", "+7903111111": "",
			"+3725123456": "1001", "5123456": "", "3725123456": "1001", `\`: "", "'; --": "", "plain": "3001", "Иванов": "",
		} {
			var got []string
			for _, f := range must(h.FindClients(t.Context(), query, 10))(t) {
				got = append(got, f.Profile.Code)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%q finds %q, not %s", query, got, want)
			}
		}
		if found := must(h.FindClients(t.Context(), "PETROV", 10))(t); len(found) != 1 || found[0].Phone != "+3725123456" ||
			found[0].Profile != *h.load(t, found[0].Profile.Client).Profile {
			t.Errorf("found is %+v", found)
		}
		if found := must(h.FindClients(t.Context(), "100", 2))(t); len(found) != 2 || found[0].Profile.Code != "100" {
			t.Errorf("found are %+v", found)
		}
	}},
	{"names from before there were keys are found, and a changed name by its new key", func(t *testing.T, h *house) {
		c := imported("1", "one", "")
		must(h.Import(t.Context(), []Client{c, imported("2", "two", "")}, false))(t)
		h.exec(t, `UPDATE profile SET name_key = ''`)
		h.open(t)
		if found := must(h.FindClients(t.Context(), "иванов", 10))(t); len(found) != 2 {
			t.Errorf("found are %+v", found)
		}
		c.Name = "Сидоров Сидор"
		must(h.Import(t.Context(), []Client{c}, true))(t)
		if found := must(h.FindClients(t.Context(), "иванов", 10))(t); len(found) != 1 || found[0].Profile.Code != "2" {
			t.Errorf("found are %+v", found)
		}
		if found := must(h.FindClients(t.Context(), "сидор сидоров", 10))(t); len(found) != 1 || found[0].Profile.Code != "1" {
			t.Errorf("found are %+v", found)
		}
		if hash := must(h.VoiceHash(t.Context(), must(h.FindClient(t.Context(), "1"))(t).Client))(t); hash != "$v1" {
			t.Errorf("the voice password is compared with %s", hash)
		}
	}},
	{"proposals wait for a second operator, the oldest first, with whom they are about", func(t *testing.T, h *house) {
		var all []session.State
		for i, s := range h.clients(t, 3) {
			d := session.Document{
				ID: session.DocumentID(100 - i), Client: s.Client, Content: session.Restore{Means: session.SMS}, Status: session.DocumentIsDrafted,
				DraftedAt: noon, ChangedAt: noon, ExpiresAt: noon.Add(time.Hour), Operator: session.Officer{ID: 7, Name: "Анна"}, Reason: "asked",
			}
			if i == 2 { // the client's own waits for his signature only
				d.Login, d.Operator, d.Reason = 5, session.Officer{}, ""
			}
			c := change(s, session.DocumentDrafted{Document: d})
			c.Documents = []session.Document{d}
			all = append(all, h.mustCommit(t, c)[0])
		}
		waiting := must(h.Proposals(t.Context(), 10))(t)
		if len(waiting) != 2 || waiting[0].Document.ID != 99 || waiting[0].Profile != *all[1].Profile || waiting[1].Document.Reason != "asked" {
			t.Errorf("waiting are %+v", waiting)
		}
		if waiting := must(h.Proposals(t.Context(), 1))(t); len(waiting) != 1 {
			t.Errorf("%d are waiting", len(waiting))
		}
	}},
	{"a row of a newer program is not read", func(t *testing.T, h *house) {
		must(h.AddOperator(t.Context(), anna()))(t)
		h.exec(t, `UPDATE operator SET state = '{"f":2}'`)
		if _, err := h.Operators(t.Context()); err == nil {
			t.Error("it is read")
		}
	}},
}

// TestOperators is one suite for both databases.
func TestOperators(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range operatorCases {
				t.Run(c.name, func(t *testing.T) { c.run(t, newHouse(t, db)) })
			}
		})
	}
}
