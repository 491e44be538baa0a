package persistence

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"vakhta/session"
)

// packed is a change as the rows that it makes.
type packed struct {
	client, was, becomes int64
	prev, head           session.Hash // before and after
	wake                 int64        // 0: none
	attended             bool
	state                string
	events               []packedEvent
	orders               []packedOrder // new ones
	moves                []packedOrder // what became of old ones
	documents            []packedDocument
	tokens               []packedToken
	texts                []packedText
	password             string // empty: unchanged
	phones               string // empty: unchanged
	err                  error  // what became of the change
}

// rare tells whether there are rows that trading does not make.
func (p *packed) rare() bool {
	return len(p.texts) > 0 || len(p.documents) > 0 || len(p.tokens) > 0 || p.password != "" || p.phones != ""
}

type packedEvent struct {
	prev       session.Hash
	seq, at    int64
	name, data string
}

type packedOrder struct {
	id              int64
	userID          string // empty: NULL
	open            bool
	status, payload string
}

type packedDocument struct {
	id      int64
	waits   bool
	payload string
}

type packedToken struct {
	id                      int64
	state                   string
	sPub                    []byte
	attempts, failures, day int64
	created, changed        int64
	payload                 string
}

type packedText struct {
	seq, at, expires int64
	phone, body      []byte
}

var errTwice = errors.New("the client stands twice in one batch: fold his changes into one")

// Commit writes a batch in one transaction and tells of each change what became of it. A client stands at most once in a
// batch.
func (j *Journal) Commit(ctx context.Context, changes []session.Change) []session.Committed {
	all := make([]*packed, len(changes))
	batch := make([]*packed, 0, len(changes))
	for i, c := range changes {
		all[i] = j.pack(c)
		if all[i].err == nil {
			batch = append(batch, all[i])
		}
	}
	// Two committers that take their rows in the same order never wait for each other in a circle.
	slices.SortStableFunc(batch, func(a, b *packed) int { return cmp.Compare(a.client, b.client) })
	batch = slices.DeleteFunc(batch, func() func(*packed) bool {
		last := int64(-1)
		return func(p *packed) bool {
			twice := p.client == last
			if last = p.client; twice {
				p.err = errTwice
			}
			return twice
		}
	}())
	if len(batch) > 0 {
		j.batches.commit(ctx, batch)
		j.heads.committed(batch)
	}
	came := make([]session.Committed, len(all))
	for i, p := range all {
		if came[i].Err = p.err; p.err == nil {
			came[i].Head = p.head
		}
	}
	return came
}

func (j *Journal) pack(c session.Change) *packed {
	p := &packed{
		client: int64(c.State.Client), was: c.Was, becomes: c.State.Version, prev: c.State.Head, head: c.State.Head,
		wake: roundDown(c.Wake), attended: c.State.Attended(), password: c.Password,
	}
	fail := func(err error) *packed {
		p.err = fmt.Errorf("change of client %d: %w", c.State.Client, err)
		return p
	}
	p.state = encodeState(c.State)
	for _, e := range c.Events {
		name, data, err := encodeEvent(e.Event)
		if err != nil {
			return fail(err)
		}
		row := packedEvent{prev: p.head, seq: e.Seq, at: e.At.UnixMicro(), name: name, data: data}
		p.events = append(p.events, row)
		p.head = eventHash(row.prev, p.client, row.seq, row.at, name, data)
		switch e.Event.(type) { //nolint:gochecksumtype // no other touches the phones
		case session.PhoneAdded, session.PhoneRemoved, session.PhoneChanged:
			p.phones = packPhones(c.State.Phones)
		default:
		}
	}
	for _, d := range c.Documents {
		payload, err := encodeDocument(d)
		if err != nil {
			return fail(err)
		}
		waits := d.Status == session.DocumentIsDrafted && d.Login == 0
		p.documents = append(p.documents, packedDocument{id: int64(d.ID), waits: waits, payload: payload})
	}
	if err := p.packTokens(c.Tokens); err != nil {
		return fail(err)
	}
	if p.err = p.packOrders(c.Orders); p.err != nil {
		return p
	}
	for _, t := range c.Texts {
		body, err := j.sealText(c.State.Client, t)
		if err != nil {
			return fail(err)
		}
		p.texts = append(p.texts, packedText{
			seq: t.Seq, at: t.At.UnixMicro(), expires: t.ExpiresAt.UnixMicro(), phone: j.keys.Digest(phoneDigest, t.To), body: body,
		})
	}
	return p
}

// packTokens puts first what makes room: an ended token before the one that is active now, and that one before the next
// that is pending. The database has room for one of each, after every row.
func (p *packed) packTokens(tokens []session.Token) error {
	for _, t := range tokens {
		payload, err := encodeToken(t)
		if err != nil {
			return err
		}
		p.tokens = append(p.tokens, packedToken{
			id: int64(t.ID), state: string(t.Status), sPub: raw(t.Keys.S), attempts: int64(t.Attempts), failures: int64(t.Failures),
			day: int64(len(t.Evaluated)), created: t.CreatedAt.UnixMicro(), changed: t.ChangedAt.UnixMicro(), payload: payload,
		})
	}
	room := map[string]int{string(session.TokenIsActive): 1, string(session.TokenIsPending): 2}
	slices.SortStableFunc(p.tokens, func(a, b packedToken) int { return cmp.Compare(room[a.state], room[b.state]) })
	return nil
}

// packOrders makes one row of each order, whatever happened to it within the change: what is inserted cannot be updated
// by the same statement.
func (p *packed) packOrders(changes []session.OrderChange) error {
	last := make([]session.OrderChange, 0, len(changes))
	at := make(map[session.OrderID]int, len(changes))
	for _, c := range changes {
		if i, ok := at[c.Order.ID]; ok {
			last[i].Order = c.Order
			continue
		}
		at[c.Order.ID] = len(last)
		last = append(last, c)
	}
	var userIDs []string
	for _, c := range last {
		row := packedOrder{
			id: int64(c.Order.ID), userID: c.Order.UserOrderID, open: c.Order.Status.Open(), status: string(c.Order.Status),
			payload: orderPayload(c.Order),
		}
		if !c.New {
			p.moves = append(p.moves, row)
			continue
		}
		if row.userID != "" && slices.Contains(userIDs, row.userID) {
			return session.ErrDouble
		}
		userIDs = append(userIDs, row.userID)
		p.orders = append(p.orders, row)
	}
	return nil
}

// roundDown keeps wakes coarse: an update that leaves the indexed column alone is much cheaper for PostgreSQL. It is never late. Whoever is woken too early looks again.
func roundDown(wake time.Time) int64 {
	if wake.IsZero() {
		return 0
	}
	return wake.UnixMicro() - wake.UnixMicro()%session.WakeStep.Microseconds()
}

const phoneDigest = "phone"

// textRow is what the sealed body of a text holds: everything that tells who is written to, and what.
type textRow struct {
	To      string          `json:"to"`
	Body    string          `json:"b"`
	Login   session.LoginID `json:"l,omitempty"`
	Purpose session.Purpose `json:"p,omitempty"`
	Number  int             `json:"n,omitempty"`
}

func textAAD(client, seq int64) []byte {
	return []byte("text|" + strconv.FormatInt(client, 10) + "|" + strconv.FormatInt(seq, 10))
}

func (j *Journal) sealText(client session.ClientID, t session.Text) ([]byte, error) {
	plain, err := json.Marshal(textRow{To: t.To, Body: t.Body, Login: t.Login, Purpose: t.Purpose, Number: t.Number})
	if err != nil {
		return nil, err
	}
	return j.keys.Seal(plain, textAAD(int64(client), t.Seq)), nil
}
