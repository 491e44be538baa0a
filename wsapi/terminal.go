package wsapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"vakhta/session"
)

// terminal is one WebSocket connection. Its reader ends it: whatever goes wrong closes the connection, and the reader
// notices. While nothing comes the reader is a goroutine of 2 KB that listens; see wire.listen.
type terminal struct {
	g       *Gateway
	ws      *websocket.Conn
	wire    wire
	number  int64
	address string
	agent   string

	lastRead  atomic.Int64 // unix nanoseconds
	lastWrite atomic.Int64
	lastPing  time.Time // the sweeper's

	mu    sync.Mutex
	who   *session.Identity // nil: nobody is logged in here
	sid   string
	leave func(announced bool) // nil: it is not attached, or has left

	outbox     [][]byte // see outbox.go
	outboxSize int
	writing    bool
	room       chan struct{}

	jobs    []job // see work.go
	working bool
	rested  time.Time // since then it does not
	space   chan struct{}
	recent  []remembered

	feed feed // see feed.go

	ending  *farewell // see farewell.go
	closing bool
	gone    bool

	errors   int // protocol errors since errorsAt
	errorsAt time.Time
}

const (
	frameMost  = 32 << 10 // a frame of a client
	frameSkip  = 1 << 20  // a larger one is answered with an error; beyond this the connection is closed
	errorsMost = 100      // protocol errors in a minute

	frameWithin = 30 * time.Second // a frame that has begun must end: it holds a buffer
)

// serve runs a terminal until its connection ends. sid may be empty, or not good: then nobody is logged in.
func (t *terminal) serve(c *Caller) {
	switch err := t.attach(context.Background(), c); {
	case err == nil || isGone(err):
		t.say(writeFrame("userData", t.userData(), t.g.Now(), 0))
	default:
		t.g.Log.Warn("a terminal was not attached", "terminal", t.number, "error", err)
		t.end(byeUnavailable)
	}
	go t.listen()
}

// listen waits for something to come, and reads it. Then a fresh goroutine listens: the stack of this one has grown.
func (t *terminal) listen() {
	_ = t.wire.listen() // a connection that is lost is something to read, too
	for more := true; more; more = t.holdsMore() {
		if err := t.readFrame(); err != nil && !errors.Is(err, errPaused) {
			t.finish()
			return
		}
	}
	go t.listen()
}

// holdsMore tells whether another frame has begun to come. When the connection is being closed the library reads too, and
// whoever wants to know waits for its turn there.
func (t *terminal) holdsMore() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closing || t.wire.holds()
}

func (t *terminal) readFrame() error {
	now := t.g.Now()
	t.lastRead.Store(now.UnixNano())
	_ = t.wire.SetReadDeadline(now.Add(frameWithin)) // a connection that is broken is noticed by the read
	t.wire.between.Store(true)
	kind, r, err := t.ws.Reader(context.Background())
	t.wire.between.Store(false)
	if err == nil {
		err = t.readText(kind, r)
	}
	_ = t.wire.SetReadDeadline(time.Time{})
	return err
}

func (t *terminal) readText(kind websocket.MessageType, r io.Reader) error {
	buffer := frames.Get().(*[]byte) // only now: an idle terminal has none
	defer frames.Put(buffer)
	text, err := readAll(r, (*buffer)[:0])
	switch {
	case errors.Is(err, errTooLarge):
		t.protest(door(tooLarge, "the frame is larger than %d bytes", "send less at once", frameMost))
	case err != nil:
		return err
	case kind == websocket.MessageBinary:
		t.protest(door(badFrame, "the frame is binary", "send text frames with JSON"))
	default:
		t.take(text)
	}
	return nil
}

var frames = sync.Pool{New: func() any { b := make([]byte, frameMost); return &b }}

var errTooLarge = errors.New("too large")

// readAll reads a frame into the buffer, and what does not fit into nothing.
func readAll(r io.Reader, into []byte) ([]byte, error) {
	for {
		n, err := r.Read(into[len(into):cap(into)])
		into = into[:len(into)+n]
		switch {
		case errors.Is(err, io.EOF):
			return into, nil
		case err != nil:
			return nil, err
		case len(into) == cap(into):
			rest, err := io.Copy(io.Discard, r)
			if err == nil && rest > 0 {
				err = errTooLarge
			}
			return into, err
		}
	}
}

// take turns a frame into a job.
func (t *terminal) take(text []byte) {
	r, err := readFrame(text)
	if err != nil {
		t.protest(err)
		return
	}
	cmd, err := t.g.commands.find(r.name)
	if err != nil {
		t.say(t.refusal(r, err))
		return
	}
	t.enqueue(job{cmd: cmd, request: r})
}

// protest answers what could not be understood. Somebody who sends nothing else is not a client.
func (t *terminal) protest(err error) {
	t.g.meters.protocol.Inc()
	t.say(t.refusal(request{}, err))
	now := t.g.Now()
	if now.Sub(t.errorsAt) > time.Minute {
		t.errors, t.errorsAt = 0, now
	}
	if t.errors++; t.errors > errorsMost {
		t.end(byeProtocol)
	}
}

// refusal is the frame that says why not: a reply to who gave an id, an error to who did not.
func (t *terminal) refusal(r request, err error) []byte {
	now := t.g.Now()
	p := *explain(err, now)
	if r.id != nil {
		p.ID = r.id
		return writeFrame("reply", p, now, 0)
	}
	p.Cmd = r.name
	return writeFrame("error", p, now, 0)
}

func (r request) copied() request {
	r.params = append(json.RawMessage(nil), r.params...)
	r.id = append(rawID(nil), r.id...)
	return r
}

func (t *terminal) isGone() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.gone
}

func (t *terminal) loginID() session.LoginID {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.who == nil {
		return 0
	}
	return t.who.Login.ID
}

// finish is the end of the connection, whoever ended it.
func (t *terminal) finish() {
	t.mu.Lock()
	t.gone = true
	closing := t.closing
	t.outbox, t.jobs = nil, nil
	t.makeRoom()
	t.makeSpace()
	t.feed.wake()
	t.mu.Unlock()
	t.g.market.forget(t)
	t.depart(false)
	if !closing {
		_ = t.ws.CloseNow()
	}
	t.g.exit(t)
}

// depart tells the client's actor, once, that this terminal is gone.
func (t *terminal) depart(announced bool) {
	t.mu.Lock()
	leave := t.leave
	t.leave = nil
	t.mu.Unlock()
	if leave != nil {
		leave(announced)
	}
}
