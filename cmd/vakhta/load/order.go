package load

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// order is one that waits for its acknowledgement.
type order struct {
	number   int       // from 1
	intended time.Time // when it was to be sent
	sent     bool      // on this connection
	before   bool      // on an earlier one
	later    bool      // it was put off
}

// submit sends an order that was to be sent at some moment. Without a connection it is sent when there is one.
func (t *terminal) submit(intended time.Time) {
	t.run.record.happened(func(n *tally) { n.sent++ })
	t.mu.Lock()
	defer t.mu.Unlock()
	t.orders++
	t.open = append(t.open, order{number: t.orders, intended: intended})
	t.send(&t.open[len(t.open)-1])
}

// send needs t.mu. An order that was sent before has the same id: it is the same order.
func (t *terminal) send(o *order) {
	if t.socket == nil || o.sent || !t.ready.Load() {
		return
	}
	if o.before {
		t.run.record.repeat()
	}
	o.sent = true
	_ = t.socket.write(opText, t.orderFrame(o.number)) // a broken connection is noticed by its reader
}

// orderFrame needs t.mu. An order in a session that was opened by WEB-token is signed by it.
func (t *terminal) orderFrame(number int) []byte {
	id := t.run.userOrderID(number)
	order := fmt.Appendf(make([]byte, 0, 160), `{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":10,"expiration_id":1,"user_order_id":%q}`, id)
	if t.signs != nil {
		order = fmt.Appendf(nil, `{"payload":%q,"user_order_id":%q,"sigS":%q}`, order, id, t.signs.Sign(id, string(order), t.session))
	}
	return fmt.Appendf(make([]byte, 0, len(order)+32), `["putTradeOrder",%s,"o%d"]`, order, number)
}

var (
	orderReply  = []byte(`["reply",{"id":"o`)
	orderIDKey  = []byte(`"order_id":`)
	orderResult = []byte(`,"result":`)
)

// takeOrder takes the answer to an order: its number stands in the request's id.
func (t *terminal) takeOrder(frame []byte) {
	arrived := now()
	digits, rest, _ := bytes.Cut(frame[len(orderReply):], []byte{'"'})
	number, _ := strconv.Atoi(string(digits))
	id, reason := int64(0), ""
	if bytes.HasPrefix(rest, orderResult) {
		id = numberAfter(rest, orderIDKey)
	}
	if id == 0 {
		reason = reasonIn(rest)
	}
	t.mu.Lock()
	i := slices.IndexFunc(t.open, func(o order) bool { return o.number == number })
	switch {
	case i < 0:
		twice := id != 0 && number > 0 && number <= len(t.listed) && t.listed[number-1] != 0 && t.listed[number-1] != id
		t.mu.Unlock()
		if twice {
			t.run.record.happened(func(n *tally) { n.doubled++ })
		}
		t.run.trouble(t, "an answer to no order that waits for one")
		return
	case slices.Contains(passing, reason):
		t.putOff(&t.open[i])
		t.mu.Unlock()
		t.run.trouble(t, "order put off: "+reason)
		return
	}
	intended, another := t.open[i].intended, t.another
	t.open = slices.Delete(t.open, i, i+1)
	if id != 0 {
		t.listed = append(t.listed, make([]int64, max(0, number-len(t.listed)))...)
		t.listed[number-1] = id
	}
	t.mu.Unlock()
	if id == 0 {
		t.run.record.happened(func(n *tally) { n.refused++ })
		t.run.trouble(t, "order refused: "+reason)
	} else {
		t.run.record.waited(acknowledged, arrived.Sub(intended))
	}
	if another != nil {
		another()
	}
}

// passing are the reasons after which an order is sent again under its id: nobody knows whether it was accepted.
var passing = []string{"unavailable", "timeout", "busy"}

const again = time.Second

// putOff needs t.mu.
func (t *terminal) putOff(o *order) {
	number := o.number
	o.before, o.later = true, true
	time.AfterFunc(again, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if i := slices.IndexFunc(t.open, func(o order) bool { return o.number == number && o.later }); i >= 0 {
			t.open[i].sent, t.open[i].later = false, false
			t.send(&t.open[i])
		}
	})
}
