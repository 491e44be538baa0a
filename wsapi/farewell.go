package wsapi

import (
	"strconv"

	"github.com/coder/websocket"

	"vakhta/session"
)

// farewell is how the server ends a connection. Codes below 4500 mean: come back.
type farewell struct {
	Code   websocket.StatusCode `json:"code"`
	Reason string               `json:"reason"`
	Doc    string               `json:"-"`
	abrupt bool                 // what is still to be written, or to be answered, is dropped
	rest   *session.Refusal     // what commands get that have not begun yet
}

// All farewells.
var (
	byeLeft        = &farewell{Code: websocket.StatusNormalClosure, Reason: "goodbye", Doc: "the terminal said that it leaves", rest: errClosing}
	byeDraining    = &farewell{Code: 4000, Reason: "come back", Doc: "the server is being stopped", rest: errDraining}
	byeSlow        = &farewell{Code: 4001, Reason: "too slow", Doc: "the terminal does not read what it is sent: it resumes by number", abrupt: true, rest: errClosing}
	byeSuperseded  = &farewell{Code: 4002, Reason: "superseded", Doc: "the login has a new SID: connect with it", rest: errClosing}
	byeUnavailable = &farewell{Code: 4003, Reason: "unavailable", Doc: "the server cannot reach its journal now", rest: errClosing}
	byeLogin       = &farewell{Code: 4500, Reason: "login ended", Doc: "this login has ended: log in again", rest: door(session.UnknownLogin, "this login has ended", "log in again")}
	byeProtocol    = &farewell{Code: 4501, Reason: "too many errors", Doc: "too many frames that could not be understood", rest: errClosing}
)

// errClosing keeps the reason of a stopping server: it says that the command was not begun, and that another connection
// will do.
var errClosing = door(draining, "this connection is being closed", "send it again on another one")

var farewells = []*farewell{byeLeft, byeDraining, byeSlow, byeSuperseded, byeUnavailable, byeLogin, byeProtocol}

// goodbye is what the client's actor calls to end the connection, after the last event that it pushed.
func (t *terminal) goodbye(why session.Goodbye) {
	switch why {
	case session.Draining:
		t.end(byeDraining)
	case session.Slow:
		t.end(byeSlow)
	case session.GoodbyeLogin:
		t.end(byeLogin)
	case session.Unavailable:
		t.end(byeUnavailable)
	default:
		t.g.Log.Error("a goodbye that nobody knows", "goodbye", string(why))
		t.end(byeUnavailable)
	}
}

// end ends the connection, once the running command is answered and everything is written. It does not wait.
func (t *terminal) end(how *farewell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.endNow(how)
}

// endNow is end when t.mu is held already.
func (t *terminal) endNow(how *farewell) {
	if t.gone || t.ending != nil && (!how.abrupt || t.ending.abrupt) {
		return
	}
	t.ending = how
	t.g.meters.closes.WithLabelValues(strconv.Itoa(int(how.Code))).Inc()
	if how.abrupt {
		t.outbox, t.outboxSize, t.jobs = nil, 0, nil
		t.makeRoom()
		t.makeSpace()
	}
	if how != byeDraining { // of a stopping server: the client's actor still pushes what the running command waits for
		t.feed.wake()
	}
	t.settle()
}

// cutOff tells whether nothing more is to be written. t.mu is held.
func (t *terminal) cutOff() bool { return t.ending != nil && t.ending.abrupt }

// settle closes the connection when it is to end and nothing is left to do. t.mu is held.
func (t *terminal) settle() {
	if t.ending == nil || t.closing || t.gone || t.writing || len(t.outbox) > 0 || t.working && !t.ending.abrupt {
		return
	}
	t.closing = true
	go func(how *farewell) {
		_ = t.ws.Close(how.Code, how.Reason) // waits some seconds for the peer to agree, then closes all the same
	}(t.ending)
}
