package persistence

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vakhta/session"
)

// model is what the journal should know of a client, in memory.
type model struct {
	state  session.State
	events []session.Numbered
	orders map[session.OrderID]session.Order
	papers map[session.DocumentID]session.Document
	tokens map[session.TokenID]session.Token
	texts  int
	hash   string
}

func (m *model) knows(userOrderID string) bool {
	for _, o := range m.orders {
		if o.UserOrderID == userOrderID {
			return true
		}
	}
	return false
}

// take is what a commit should come to.
func (m *model) take(c session.Change) error {
	seen := map[string]bool{}
	var double bool
	for _, o := range c.Orders {
		id := o.Order.UserOrderID
		if !o.New || id == "" {
			continue
		}
		if seen[id] {
			return session.ErrDouble
		}
		seen[id] = true
		double = double || m.knows(id)
	}
	switch {
	case c.Was != m.state.Version:
		return session.ErrFenced
	case double:
		return session.ErrDouble
	}
	m.state, m.texts = c.State, m.texts+len(c.Texts)
	m.events = append(m.events, c.Events...)
	for _, o := range c.Orders {
		m.orders[o.Order.ID] = o.Order
	}
	for _, d := range c.Documents {
		m.papers[d.ID] = d
	}
	for _, x := range c.Tokens {
		m.tokens[x.ID] = x
	}
	if c.Password != "" {
		m.hash = c.Password
	}
	return nil
}

// Both databases come to what the model comes to, whatever is thrown at them.
func TestRandomBatchesComeOutAsTheModelSays(t *testing.T) {
	t.Parallel()
	houses := []*house{newHouse(t, databases[0]), newHouse(t, databases[1])}
	var lastOrder session.OrderID
	rapid.Check(t, func(rt *rapid.T) {
		models := make([]map[session.ClientID]*model, len(houses))
		var ids []session.ClientID
		for i, h := range houses {
			models[i] = map[session.ClientID]*model{}
			ids = ids[:0]
			for _, s := range h.clients(t, 5) {
				ids = append(ids, s.Client)
				models[i][s.Client] = &model{
					state: s, orders: map[session.OrderID]session.Order{}, papers: map[session.DocumentID]session.Document{},
					tokens: map[session.TokenID]session.Token{}, hash: "$argon2id$" + s.Profile.Code,
				}
			}
		}
		for range rapid.IntRange(1, 6).Draw(rt, "batches") {
			var batch []session.Change
			for _, id := range rapid.Permutation(ids).Draw(rt, "who")[:rapid.IntRange(1, len(ids)).Draw(rt, "size")] {
				batch = append(batch, drawChange(rt, models[0][id], &lastOrder))
			}
			for i, h := range houses {
				came := h.Commit(t.Context(), batch)
				for n, c := range batch {
					c.State.Head = came[n].Head
					if want := models[i][c.State.Client].take(c); !errors.Is(came[n].Err, want) || want == nil && came[n].Err != nil {
						rt.Fatalf("%s: a change came to %v, not %v", h.database.name, came[n].Err, want)
					}
				}
			}
		}
		for i, h := range houses {
			for id, m := range models[i] {
				m.check(t, rt, h, id)
			}
		}
	})
}

func drawChange(rt *rapid.T, m *model, last *session.OrderID) session.Change {
	var events []session.Event
	for range rapid.IntRange(1, 3).Draw(rt, "events") {
		if rapid.Bool().Draw(rt, "is an order") {
			*last++
			userID := rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(rt, "user order id")
			events = append(events, accepted(m.state, *last, userID))
		} else {
			events = append(events, seen(rapid.Int64Range(1, 9).Draw(rt, "login")))
		}
	}
	s := m.state
	if rapid.IntRange(0, 9).Draw(rt, "stale") == 0 {
		s.Version += rapid.SampledFrom([]int64{-1, 1}).Draw(rt, "by")
	}
	c := change(s, events...)
	for _, id := range slices.Sorted(maps.Keys(m.orders)) {
		if o := m.orders[id]; o.Status.Open() && rapid.Bool().Draw(rt, "moves") {
			o.Status = rapid.SampledFrom([]session.OrderStatus{session.StatusWorking, session.StatusCancelling, session.StatusFilled}).Draw(rt, "to")
			c.Orders = append(c.Orders, session.OrderChange{Order: o})
		}
	}
	c.Documents, c.Tokens = m.drawDocuments(rt), m.drawTokens(rt)
	if rapid.Bool().Draw(rt, "has a text") {
		c.Texts = []session.Text{text(s, c.State.Version)}
	}
	if rapid.IntRange(0, 4).Draw(rt, "has a password") == 0 {
		c.Password = rapid.StringMatching(`\$[a-z]{5}`).Draw(rt, "password")
	}
	return c
}

// drawDocuments are some that are new, and some that are not.
func (m *model) drawDocuments(rt *rapid.T) (all []session.Document) {
	for _, id := range []session.DocumentID{1, 2, 3} {
		if rapid.IntRange(0, 3).Draw(rt, "has a document") > 0 {
			continue
		}
		d := rapid.SampledFrom([]func(session.State, session.DocumentID) session.Document{submitted, proposed}).Draw(rt, "whose")(m.state, id)
		d.Status = rapid.SampledFrom([]session.DocumentStatus{session.DocumentIsDrafted, session.DocumentIsAccepted}).Draw(rt, "status")
		all = append(all, d)
	}
	return all
}

// drawTokens lets tokens begin, become the active one, which ends the one before, and end; the rows in any order.
func (m *model) drawTokens(rt *rapid.T) (all []session.Token) {
	tokens := maps.Clone(m.tokens)
	to := func(from, to session.TokenStatus) {
		for id, x := range tokens {
			if x.Status == from {
				x.Status, x.Attempts = to, rapid.IntRange(0, session.TokenAttempts).Draw(rt, "attempts")
				tokens[id] = x
				all = append(slices.DeleteFunc(all, func(t session.Token) bool { return t.ID == id }), x)
			}
		}
	}
	for range rapid.IntRange(0, 4).Draw(rt, "steps of tokens") {
		switch rapid.IntRange(0, 3).Draw(rt, "step") {
		case 0:
			to(session.TokenIsPending, session.TokenIsRevoked)
			x := pending(m.state, session.TokenID(len(tokens)+1))
			tokens[x.ID], all = x, append(all, x)
		case 1:
			if slices.ContainsFunc(slices.Collect(maps.Values(tokens)), func(x session.Token) bool { return x.Status == session.TokenIsPending }) {
				to(session.TokenIsActive, session.TokenIsRevoked)
				to(session.TokenIsPending, session.TokenIsActive)
			}
		case 2:
			to(session.TokenIsActive, session.TokenIsLocked)
		case 3:
			to(session.TokenIsActive, session.TokenIsActive)
		}
	}
	return rapid.Permutation(all).Draw(rt, "rows of tokens")
}

func (m *model) check(t *testing.T, rt *rapid.T, h *house, id session.ClientID) {
	s := h.load(t, id)
	if s.Version != m.state.Version {
		rt.Fatalf("%s: client %d has version %d, not %d", h.database.name, id, s.Version, m.state.Version)
	}
	events := must(h.Events(t.Context(), id, 0, 1000))(t)
	if len(events) != len(m.events) || len(events) > 0 && !reflect.DeepEqual(events, m.events) {
		rt.Fatalf("%s: the events are\n%+v, not\n%+v", h.database.name, events, m.events)
	}
	for i, e := range events {
		if e.Seq != int64(i+1) {
			rt.Fatalf("%s: the event at %d has the number %d", h.database.name, i, e.Seq)
		}
	}
	var want []session.Order
	for _, o := range slices.Sorted(maps.Keys(m.orders)) {
		want = append(want, m.orders[o])
	}
	orders := must(h.Orders(t.Context(), id, false, 1000))(t)
	if len(orders) != len(want) || len(want) > 0 && !reflect.DeepEqual(orders, want) {
		rt.Fatalf("%s: the orders are\n%+v, not\n%+v", h.database.name, orders, want)
	}
	var papers, waiting, waits []session.Document
	for _, d := range slices.Sorted(maps.Keys(m.papers)) {
		papers = append(papers, m.papers[d])
		if d := m.papers[d]; d.Login == 0 && d.Status == session.DocumentIsDrafted {
			waiting = append(waiting, d)
		}
	}
	documents := must(h.Documents(t.Context(), id, 0, 1000))(t)
	if slices.Reverse(documents); len(documents) != len(papers) || len(papers) > 0 && !reflect.DeepEqual(documents, papers) {
		rt.Fatalf("%s: the documents are\n%+v, not\n%+v", h.database.name, documents, papers)
	}
	for _, d := range h.waiting(t, 1_000_000) {
		if d.Client == id {
			waits = append(waits, d)
		}
	}
	if !reflect.DeepEqual(waits, waiting) {
		rt.Fatalf("%s: for a second operator wait\n%+v, not\n%+v", h.database.name, waits, waiting)
	}
	lines := h.lines(t, id)
	for i, x := range slices.Sorted(maps.Keys(m.tokens)) {
		if want := m.tokens[x]; len(lines) != len(m.tokens) || lines[i].ID != x || lines[i].State != want.Status || lines[i].Attempts != want.Attempts {
			rt.Fatalf("%s: the tokens are\n%+v, not\n%+v", h.database.name, lines, m.tokens)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM outbox WHERE client_id = ?`, id); n != m.texts {
		rt.Fatalf("%s: there are %d texts, not %d", h.database.name, n, m.texts)
	}
	if c := must(h.Credential(t.Context(), s.Profile.Login))(t); c.Hash != m.hash {
		rt.Fatalf("%s: the hash is %q, not %q", h.database.name, c.Hash, m.hash)
	}
}
