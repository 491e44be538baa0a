package persistence

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"vakhta/session"
)

var commitCases = []conformance{
	{"every state and every event comes back as it was", func(t *testing.T, h *house) {
		s := h.client(t)
		c := change(s, everyEvent(s.Client)...)
		c.State = fullState(c.State)
		want := h.mustCommit(t, c)[0]
		if got := h.load(t, s.Client); !reflect.DeepEqual(got, want) {
			t.Errorf("the state came back as\n%+v, not\n%+v", got, want)
		}
		events := must(h.Events(t.Context(), s.Client, 0, 1000))(t)
		for i, e := range events {
			want := c.Events[i]
			want.Event = asTold(want.Event)
			if !reflect.DeepEqual(e, want) {
				t.Errorf("the event came back as\n%+v, not\n%+v", e, want)
			}
		}
		if len(events) != len(c.Events) {
			t.Errorf("%d events came back, not %d", len(events), len(c.Events))
		}
	}},
	{"a fenced change fails alone", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		h.mustCommit(t, change(all[1], seen(1)))
		errs := h.commit(t, change(all[2], seen(2)), change(all[1], seen(3), accepted(all[1], 7, "x")), change(all[0], seen(4)))
		if errs[0] != nil || !errors.Is(errs[1], session.ErrFenced) || errs[2] != nil {
			t.Errorf("the errors are %v", errs)
		}
		if s := h.load(t, all[1].Client); s.Version != 1 {
			t.Errorf("the fenced client has version %d", s.Version)
		}
		if n := h.count(t, `SELECT count(*) FROM event`) + h.count(t, `SELECT count(*) FROM orders`); n != 3 {
			t.Errorf("there are %d rows, not 3", n)
		}
	}},
	{"every event hangs on the hash of the one before, and the client's row has that of the last", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, seen(1), accepted(s, 1, "a")))[0]
		s = h.mustCommit(t, change(s))[0]
		s = h.mustCommit(t, change(h.load(t, s.Client), seen(2)))[0]
		c := Client{Code: s.Profile.Code, Kind: "person", Name: s.Profile.Name, Login: s.Profile.Login, Phone: "+79032222222", Language: "ru"}
		must(h.Import(t.Context(), []Client{c}, true))(t)
		s = h.mustCommit(t, change(h.load(t, s.Client), seen(3)))[0]
		var rows []eventRow
		if err := h.read.SelectContext(t.Context(), &rows, `SELECT `+eventColumns+` FROM event ORDER BY seq`); err != nil {
			t.Fatal(err)
		}
		var head session.Hash
		for _, r := range rows {
			if len(r.Prev) != len(head) || toHash(r.Prev) != head {
				t.Errorf("event %d hangs on %x, not on %x", r.Seq, r.Prev, head)
			}
			head = own(&r)
		}
		if len(rows) != 7 || head != s.Head || head != h.load(t, s.Client).Head {
			t.Errorf("after %d events the head is %x, not %x", len(rows), s.Head, head)
		}
	}},
	{"a change that hangs on another history is fenced, whatever its version", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		for i, s := range all {
			s = h.mustCommit(t, change(s, accepted(s, 1, "known")))[0]
			right := s.Head
			for _, head := range []session.Hash{{}, {1}} {
				s.Head = head
				errs := h.commit(t, change(s, seen(1)))
				if !errors.Is(errs[0], session.ErrFenced) {
					t.Errorf("the error is %v", errs[0])
				}
				// And the careful statement.
				if errs := h.commit(t, change(s, accepted(s, 2, "known"))); !errors.Is(errs[0], session.ErrFenced) {
					t.Errorf("the error is %v", errs[0])
				}
			}
			s.Head = right
			if errs := h.commit(t, change(s, accepted(s, 2, "known"))); !errors.Is(errs[0], session.ErrDouble) {
				t.Errorf("the error is %v", errs[0])
			}
			if i == 0 { // one from before the chain
				h.exec(t, `UPDATE client SET head = NULL`)
				s.Head = session.Hash{}
			}
			h.mustCommit(t, change(s, seen(2)))
		}
	}},
	{"a change of a client who does not exist is fenced", func(t *testing.T, h *house) {
		if err := h.commit(t, change(session.State{Client: 999}, seen(1)))[0]; !errors.Is(err, session.ErrFenced) {
			t.Errorf("the error is %v", err)
		}
	}},
	{"a doubled user order id fails alone, with all of its change", func(t *testing.T, h *house) {
		all := h.clients(t, 40)
		h.mustCommit(t, change(all[20], accepted(all[20], 1, "mine")))
		var batch []session.Change
		for i := range all {
			s := h.load(t, all[i].Client)
			c := change(s, seen(1), accepted(s, session.OrderID(100+i), "mine"))
			c.Texts = []session.Text{text(s, c.State.Version)}
			c.Password = "$new"
			batch = append(batch, c)
		}
		for i, err := range h.commit(t, batch...) {
			if i == 20 != errors.Is(err, session.ErrDouble) || i != 20 && err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		}
		s := h.load(t, all[20].Client)
		if s.Version != 1 {
			t.Errorf("the client with the double has version %d", s.Version)
		}
		if n := h.count(t, `SELECT count(*) FROM event WHERE client_id = ?`, s.Client); n != 1 {
			t.Errorf("he has %d events", n)
		}
		if n := h.count(t, `SELECT count(*) FROM outbox WHERE client_id = ?`, s.Client); n != 0 {
			t.Errorf("he has %d texts", n)
		}
		if c := must(h.Credential(t.Context(), s.Profile.Login))(t); c.Hash == "$new" {
			t.Error("his password was changed")
		}
		// Once more, while the committer is careful; and a stale double is fenced.
		h.mustCommit(t, change(s, accepted(s, 300, "another")))
		errs := h.commit(t, change(s, accepted(s, 301, "mine")), change(h.load(t, all[0].Client), seen(1)))
		if !errors.Is(errs[0], session.ErrFenced) || errs[1] != nil {
			t.Errorf("the errors are %v", errs)
		}
	}},
	{"any of several new orders may be the double", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, accepted(s, 1, "a"), accepted(s, 2, ""), accepted(s, 3, "")))[0]
		for _, events := range [][]session.Event{
			{accepted(s, 4, ""), accepted(s, 5, "b"), accepted(s, 6, "a")},
			{accepted(s, 4, "a"), accepted(s, 5, "b")},
			{accepted(s, 4, "c"), accepted(s, 5, "c")},
		} {
			if err := h.commit(t, change(s, events...))[0]; !errors.Is(err, session.ErrDouble) {
				t.Errorf("the error is %v", err)
			}
		}
		h.mustCommit(t, change(s, accepted(s, 4, ""), accepted(s, 5, "b"), accepted(s, 6, "c")))
		if n := h.count(t, `SELECT count(*) FROM orders`); n != 6 {
			t.Errorf("there are %d orders, not 6", n)
		}
	}},
	{"another client's user order ids are his own", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		h.mustCommit(t, change(all[0], accepted(all[0], 1, "same")), change(all[1], accepted(all[1], 2, "same")))
	}},
	{"a row that the database will not take fails alone", func(t *testing.T, h *house) {
		all := h.clients(t, 5)
		h.exec(t, `INSERT INTO event (client_id, seq, at, type, data) VALUES (?, 1, 0, 'x', '{}')`, all[2].Client)
		var batch []session.Change
		for i, s := range all {
			batch = append(batch, change(s, accepted(s, session.OrderID(i+1), "x")))
		}
		for i, err := range h.commit(t, batch...) {
			if (err != nil) != (i == 2) || errors.Is(err, session.ErrFenced) || errors.Is(err, session.ErrDouble) {
				t.Errorf("change %d: %v", i, err)
			}
		}
		if s := h.load(t, all[2].Client); s.Version != 0 || h.count(t, `SELECT count(*) FROM orders`) != 4 {
			t.Errorf("half of the failed change was written")
		}
	}},
	{"a client who stands twice in a batch is refused the second time", func(t *testing.T, h *house) {
		s := h.client(t)
		errs := h.commit(t, change(s, seen(1)), change(s, seen(2)))
		if errs[0] != nil || !errors.Is(errs[1], errTwice) {
			t.Errorf("the errors are %v", errs)
		}
	}},
	{"a new password stands beside the change", func(t *testing.T, h *house) {
		s := h.client(t)
		c := change(s, session.PasswordChanged{})
		c.Password = "$argon2id$new"
		h.mustCommit(t, c)
		if got := must(h.Credential(t.Context(), s.Profile.Login))(t); got.Hash != c.Password || got.Client != s.Client {
			t.Errorf("the credential is %+v", got)
		}
	}},
	{"events are paged by number", func(t *testing.T, h *house) {
		s := h.client(t)
		for i := range 10 {
			s = h.mustCommit(t, change(s, seen(int64(i))))[0]
		}
		events := must(h.Events(t.Context(), s.Client, 3, 4))(t)
		if len(events) != 4 || events[0].Seq != 4 || events[3].Seq != 7 || events[0].At != noon {
			t.Errorf("the page is %+v", events)
		}
	}},
	{"two journals that commit the same clients neither wait in a circle nor both win", twoCommitters},
	{"a commit that is given up before it began changes nothing", func(t *testing.T, h *house) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := h.client(t)
		if err := h.Commit(ctx, []session.Change{change(s, seen(1))})[0].Err; err == nil {
			t.Error("it was committed")
		}
		h.mustCommit(t, change(s, seen(1)))
	}},
	{"an empty batch is nothing", func(t *testing.T, h *house) {
		if errs := h.commit(t); len(errs) != 0 {
			t.Errorf("the errors are %v", errs)
		}
	}},
}

// twoCommitters lets two journals race over the same clients, in opposite orders. Each version is won once.
func twoCommitters(t *testing.T, h *house) {
	all := h.clients(t, 30)
	const rounds = 20
	won := make([]map[session.ClientID]int64, 4)
	var work sync.WaitGroup
	for w := range won {
		won[w] = map[session.ClientID]int64{}
		j := h.open(t)
		work.Go(func() {
			for round := range rounds {
				var batch []session.Change
				for i := range all {
					s, err := j.Load(t.Context(), all[(i*(w+1))%len(all)].Client)
					if err != nil {
						t.Error(err)
						return
					}
					if !containsClient(batch, s.Client) {
						batch = append(batch, change(s, accepted(s, session.OrderID(1+w+4*round+1000*i), fmt.Sprint(round))))
					}
				}
				for i, err := range errorsOf(j.Commit(t.Context(), batch)) {
					switch {
					case err == nil:
						won[w][batch[i].State.Client]++
					case !errors.Is(err, session.ErrFenced) && !errors.Is(err, session.ErrDouble):
						t.Error(err)
					}
				}
			}
		})
	}
	work.Wait()
	for _, s := range all {
		var total int64
		for _, w := range won {
			total += w[s.Client]
		}
		s = h.load(t, s.Client)
		events := must(h.Events(t.Context(), s.Client, 0, 1000))(t)
		if s.Version != total || int64(len(events)) != total || total == 0 {
			t.Errorf("client %d: version %d, %d events, %d changes were won", s.Client, s.Version, len(events), total)
		}
	}
}

func containsClient(batch []session.Change, id session.ClientID) bool {
	for _, c := range batch {
		if c.State.Client == id {
			return true
		}
	}
	return false
}
