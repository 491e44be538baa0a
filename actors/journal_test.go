package actors

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vakhta/session"
)

// fate is what becomes of one commit of one client.
type fate int

const (
	carriedOut fate = iota
	refused         // fails, and has not happened
	answerLost      // fails, and has happened
)

var errBroken = errors.New("the connection is broken")

// memory is a journal without a disk. It is honest: it checks versions, numbers of events, orders and their ids, and
// panics when it is given what no journal could keep.
type memory struct {
	mu      sync.Mutex
	rows    map[session.ClientID]*row
	orders  map[session.OrderID]session.Order
	papers  map[session.DocumentID]session.Document
	userIDs map[string]session.OrderID // of "client|id"
	texts   []session.Text
	nextID  int64
	batches [][]session.ClientID
	loads   int

	// Faults. What comes before a commit may sleep.
	before func(batch []session.Change)
	fate   func(session.Change) fate
	watch  func(session.Change) // sees everything that is written
}

func (m *memory) delay(before func(batch []session.Change)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = before
}

func (m *memory) fail(how func(session.Change) fate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fate = how
}

type row struct {
	state    session.State
	wake     time.Time
	password string
	events   []session.Numbered
}

func newMemory(clients int) *memory {
	m := &memory{
		rows: map[session.ClientID]*row{}, orders: map[session.OrderID]session.Order{}, papers: map[session.DocumentID]session.Document{},
		userIDs: map[string]session.OrderID{}, nextID: 1000,
	}
	for i := range clients {
		id := session.ClientID(i + 1)
		profile := &session.Profile{Client: id, Code: fmt.Sprint(100_000 + i), Kind: "person", Name: "Иван", Login: fmt.Sprint("demo", i), Language: "ru"}
		m.rows[id] = &row{state: session.State{Client: id, Profile: profile, Phones: []session.Phone{{ID: 1, Number: "+79031111111"}}}}
	}
	return m
}

// view is the journal as one process sees it: after its crash nothing of it comes through any more.
type view struct {
	*memory
	dead atomic.Bool
}

func (v *view) check(ctx context.Context) error {
	if v.dead.Load() {
		return errBroken
	}
	return ctx.Err()
}

func (v *view) Load(ctx context.Context, id session.ClientID) (session.State, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.check(ctx); err != nil {
		return session.State{}, err
	}
	v.loads++
	r := v.rows[id]
	if r == nil {
		return session.State{}, session.ErrUnknownClient
	}
	return r.state, nil
}

func (v *view) Commit(ctx context.Context, batch []session.Change) []session.Committed {
	v.mu.Lock()
	before := v.before
	v.mu.Unlock()
	if before != nil {
		before(batch)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	all := make([]session.Committed, len(batch))
	var ids []session.ClientID
	for i, c := range batch {
		ids = append(ids, c.State.Client)
		if all[i].Err = v.check(ctx); all[i].Err != nil {
			continue
		}
		f := carriedOut
		if v.fate != nil {
			f = v.fate(c)
		}
		if f != refused {
			all[i].Head, all[i].Err = v.write(c)
		}
		if f != carriedOut {
			all[i] = session.Committed{Err: errBroken}
		}
	}
	v.batches = append(v.batches, ids)
	return all
}

// write has a change happen as a whole or not at all.
func (m *memory) write(c session.Change) (session.Hash, error) {
	id := c.State.Client
	r := m.rows[id]
	if r.state.Version != c.Was {
		return session.Hash{}, session.ErrFenced
	}
	if r.state.Head != c.State.Head {
		panic(fmt.Sprintf("client %d: the change of version %d does not hang on its hash", id, c.Was))
	}
	own := map[string]bool{}
	for _, o := range c.Orders {
		if key := userKey(id, o.Order.UserOrderID); o.New && o.Order.UserOrderID != "" {
			if _, double := m.userIDs[key]; double || own[key] {
				return session.Hash{}, session.ErrDouble
			}
			own[key] = true
		}
	}
	for i, e := range c.Events {
		if e.Seq != c.Was+int64(i)+1 {
			panic(fmt.Sprintf("client %d: event %d stands where %d should", id, e.Seq, c.Was+int64(i)+1))
		}
	}
	if c.State.Version != c.Was+int64(len(c.Events)) {
		panic(fmt.Sprintf("client %d: %d events lead from version %d to %d", id, len(c.Events), c.Was, c.State.Version))
	}
	for _, o := range c.Orders {
		if _, known := m.orders[o.Order.ID]; known == o.New || o.Order.Client != id {
			panic(fmt.Sprintf("client %d: order %d: new %v, known %v", id, o.Order.ID, o.New, known))
		}
		m.orders[o.Order.ID] = o.Order
		if o.Order.UserOrderID != "" {
			m.userIDs[userKey(id, o.Order.UserOrderID)] = o.Order.ID
		}
	}
	m.file(c)
	m.post(c)
	for _, e := range c.Events {
		c.State.Head = sha256.Sum256(fmt.Appendf(c.State.Head[:], "%d %T", e.Seq, e.Event))
	}
	r.state, r.wake = c.State, c.Wake.Truncate(15*time.Minute)
	r.events = append(r.events, c.Events...)
	if c.Password != "" {
		r.password = c.Password
	}
	if m.watch != nil {
		m.watch(c)
	}
	return c.State.Head, nil
}

// file wants the documents to be what the change's events make of the old rows, and the state to have those that wait.
func (m *memory) file(c session.Change) {
	id, changed := c.State.Client, map[session.DocumentID]session.Document{}
	for _, n := range c.Events {
		e, ok := n.Event.(session.DocumentEvent)
		if !ok {
			continue
		}
		d, ok := changed[e.Subject()]
		if !ok {
			d, ok = m.papers[e.Subject()]
		}
		if _, drafts := e.(session.DocumentDrafted); drafts == ok || ok && d.Client != id {
			panic(fmt.Sprintf("client %d: event %d, %T, of the document %+v", id, n.Seq, e, d))
		}
		changed[e.Subject()] = d.Apply(e, n.At)
	}
	for _, d := range c.Documents {
		if want, ok := changed[d.ID]; !ok || d != want {
			panic(fmt.Sprintf("client %d: the document is\n%+v, and by its events\n%+v", id, d, want))
		}
		delete(changed, d.ID)
		m.papers[d.ID] = d
	}
	if len(changed) > 0 {
		panic(fmt.Sprintf("client %d: documents that are not written: %+v", id, changed))
	}
	waiting := 0
	for _, d := range m.papers {
		if d.Client != id || d.Status != session.DocumentIsDrafted {
			continue
		}
		waiting++
		if draft, ok := c.State.Draft(d.ID); !ok || draft != d {
			panic(fmt.Sprintf("client %d: of the state waits %+v, and of the rows %+v", id, draft, d))
		}
	}
	if waiting != len(c.State.Drafts) {
		panic(fmt.Sprintf("client %d: %d documents wait, and of the state %+v", id, waiting, c.State.Drafts))
	}
}

// post wants every text to have a number of its own, which is that of an event of the change.
func (m *memory) post(c session.Change) {
	for _, t := range c.Texts {
		if t.Client != c.State.Client || t.Seq <= c.Was || t.Seq > c.State.Version || t.To == "" || !t.ExpiresAt.After(t.At) ||
			slices.ContainsFunc(m.texts, func(x session.Text) bool { return x.Client == t.Client && x.Seq == t.Seq }) {
			panic(fmt.Sprintf("client %d: the change from %d to %d has the text %+v", c.State.Client, c.Was, c.State.Version, t))
		}
		m.texts = append(m.texts, t)
	}
}

func userKey(client session.ClientID, id string) string { return fmt.Sprintf("%d|%s", client, id) }

func (v *view) NextIDs(ctx context.Context, n int64) (int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.nextID += n
	return v.nextID - n, v.check(ctx)
}

func (v *view) Events(ctx context.Context, id session.ClientID, since int64, limit int) ([]session.Numbered, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.rows[id].events
	i, _ := slices.BinarySearchFunc(all, since+1, func(e session.Numbered, seq int64) int { return cmp.Compare(e.Seq, seq) })
	all = all[i:]
	return slices.Clone(all[:min(limit, len(all))]), v.check(ctx)
}

// ordersOf are a client's orders by id.
func (m *memory) ordersOf(id session.ClientID) []session.Order {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []session.Order
	for _, key := range slices.Sorted(maps.Keys(m.orders)) {
		if o := m.orders[key]; o.Client == id {
			all = append(all, o)
		}
	}
	return all
}

func (v *view) Orders(ctx context.Context, id session.ClientID, activeOnly bool, _ int) ([]session.Order, error) {
	all := v.ordersOf(id)
	if activeOnly {
		all = slices.DeleteFunc(all, func(o session.Order) bool { return !o.Status.Open() })
	}
	return all, v.check(ctx)
}

func (v *view) Order(ctx context.Context, client session.ClientID, id session.OrderID) (*session.Order, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if o, ok := v.orders[id]; ok && o.Client == client {
		return &o, v.check(ctx)
	}
	return nil, v.check(ctx)
}

func (v *view) OrderByUserID(ctx context.Context, client session.ClientID, id string) (*session.Order, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if o, ok := v.orders[v.userIDs[userKey(client, id)]]; ok {
		return &o, v.check(ctx)
	}
	return nil, v.check(ctx)
}

func (v *view) UserOrderIDs(ctx context.Context, client session.ClientID) ([]string, error) {
	var ids []string
	for _, o := range v.ordersOf(client) {
		if o.UserOrderID != "" {
			ids = append(ids, o.UserOrderID)
		}
	}
	return ids, v.check(ctx)
}

func (v *view) Document(ctx context.Context, client session.ClientID, id session.DocumentID) (*session.Document, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if d, ok := v.papers[id]; ok && d.Client == client {
		return &d, v.check(ctx)
	}
	return nil, v.check(ctx)
}

func (v *view) Documents(ctx context.Context, client session.ClientID, before session.DocumentID, limit int) ([]session.Document, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []session.Document
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(v.papers))) {
		if d := v.papers[id]; d.Client == client && (before == 0 || id < before) && len(all) < limit {
			all = append(all, d)
		}
	}
	return all, v.check(ctx)
}

// History tells all that is no order's.
func (v *view) History(ctx context.Context, client session.ClientID, before int64, limit int) ([]session.Numbered, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []session.Numbered
	for _, n := range slices.Backward(v.rows[client].events) {
		if _, order := n.Event.(session.OrderEvent); !order && (before == 0 || n.Seq < before) && len(all) < limit {
			all = append(all, n)
		}
	}
	return all, v.check(ctx)
}

func (m *memory) due(after session.ClientID, limit int, which func(*row) bool) []session.Due {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []session.Due
	for _, id := range slices.Sorted(maps.Keys(m.rows)) {
		if r := m.rows[id]; id > after && len(all) < limit && which(r) {
			all = append(all, session.Due{Client: id, Version: r.state.Version})
		}
	}
	return all
}

func (v *view) Due(ctx context.Context, now time.Time, after session.ClientID, limit int) ([]session.Due, error) {
	return v.due(after, limit, func(r *row) bool { return !r.wake.IsZero() && !r.wake.After(now) }), v.check(ctx)
}

func (v *view) Attended(ctx context.Context, after session.ClientID, limit int) ([]session.Due, error) {
	return v.due(after, limit, func(r *row) bool { return r.state.Attended() }), v.check(ctx)
}

func (v *view) Prune(ctx context.Context, _ time.Time, _ int) (int64, error) { return 0, v.check(ctx) }

func (v *view) failing() *view {
	v.dead.Store(true)
	return v
}
