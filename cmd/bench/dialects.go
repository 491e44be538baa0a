package main

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// dialect is what a kind of server understands, and what it says.
type dialect interface {
	// hello is what a client says first; nothing: the server greets by itself.
	hello() []byte
	// order appends the frame of a market order: the client's request with this number, and its order with that.
	order(to []byte, request, number int) []byte
	// hear tells what the server said, and to which request.
	hear(message []byte) (said, int)
}

type said int

const (
	saidElse said = iota
	saidHello
	saidReply
	saidRefusal
	saidFill   // or whatever is pushed once for an order
	saidClosed // the security session
	saidPing
)

// product is the dialect of vakhta, and of the anchors that repeat its frames.
type product struct{}

func (product) hello() []byte { return nil }

func (product) order(to []byte, request, number int) []byte {
	to = append(to, `["putTradeOrder",{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":10,"expiration_id":1,"user_order_id":`...)
	to = strconv.AppendInt(to, int64(number), 10)
	to = strconv.AppendInt(append(to, `},"`...), int64(request), 10)
	return append(to, `"]`...)
}

var (
	vakhtaReply   = []byte(`["reply",`)
	vakhtaFill    = []byte(`["order.filled",`)
	vakhtaClosed  = []byte(`["session.closed",`)
	vakhtaHello   = []byte(`["userData",`)
	vakhtaError   = []byte(`["error",`)
	vakhtaSomeone = []byte(`"isDemo":false`)
)

func (product) hear(message []byte) (said, int) {
	switch {
	case bytes.HasPrefix(message, vakhtaReply):
		return repliedTo(message)
	case bytes.HasPrefix(message, vakhtaFill):
		return saidFill, 0
	case bytes.HasPrefix(message, vakhtaClosed):
		return saidClosed, 0
	case bytes.HasPrefix(message, vakhtaError):
		return saidRefusal, 0
	case !bytes.HasPrefix(message, vakhtaHello):
		return saidElse, 0
	case bytes.Contains(message, vakhtaSomeone):
		return saidHello, 0
	default:
		return saidRefusal, 0 // it was greeted as nobody
	}
}

// repliedTo reads the beginning of a reply, as it usually is, and all of it otherwise.
func repliedTo(message []byte) (said, int) {
	if rest, ok := bytes.CutPrefix(message, []byte(`["reply",{"id":"`)); ok {
		id, rest, _ := bytes.Cut(rest, []byte(`"`))
		if n, err := strconv.Atoi(string(id)); err == nil && bytes.HasPrefix(rest, []byte(`,"result":`)) {
			return saidReply, n
		}
	}
	var parts []json.RawMessage
	var reply struct {
		ID     int             `json:"id,string"`
		Result json.RawMessage `json:"result"`
	}
	if json.Unmarshal(message, &parts) != nil || len(parts) < 2 || json.Unmarshal(parts[1], &reply) != nil || reply.Result == nil {
		return saidRefusal, reply.ID
	}
	return saidReply, reply.ID
}

// centrifugal is the JSON protocol of centrifuge. It may put several messages into a frame, one a line.
type centrifugal struct{}

func (centrifugal) hello() []byte { return []byte(`{"id":1,"connect":{}}`) }

func (centrifugal) order(to []byte, request, number int) []byte {
	to = strconv.AppendInt(append(to, `{"id":`...), int64(request)+1, 10) // the first one was hello
	to = append(to, `,"rpc":{"method":"putTradeOrder","data":`...)
	to = append(to, `{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":10,"expiration_id":1,"user_order_id":`...)
	return append(strconv.AppendInt(to, int64(number), 10), `}}}`...)
}

func (centrifugal) hear(message []byte) (said, int) {
	if bytes.HasPrefix(message, []byte(`{"push":{"channel":`)) {
		return saidFill, 0
	}
	if len(message) == len(`{}`) {
		return saidPing, 0
	}
	rest, ok := bytes.CutPrefix(message, []byte(`{"id":`))
	id, rest, more := bytes.Cut(rest, []byte(`,"`))
	n, err := strconv.Atoi(string(id))
	switch {
	case !ok || !more || err != nil:
		return saidElse, 0
	case bytes.HasPrefix(rest, []byte(`rpc":`)):
		return saidReply, n - 1
	case bytes.HasPrefix(rest, []byte(`connect":`)):
		return saidHello, 0
	default:
		return saidRefusal, n - 1
	}
}
