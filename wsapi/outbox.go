package wsapi

import (
	"math"
	"sync"
)

// The outbox takes frames without waiting. A goroutine writes them, which lives only while there are some.
const (
	outboxFrames = 512     // some seconds of a busy market, or of a busy robot's events
	outboxBytes  = 2 << 20 // a slow terminal may cost no more than this; a picture of a thousand orders fits

	gatherMost = 64 << 10 // beyond it a write costs no less; a much larger buffer is not kept
)

// ping stands in the outbox for a ping frame.
var ping = []byte(nil)

// pingFrame is a whole WebSocket ping without a body. The library's own waits for the answer.
var pingFrame = []byte{0x89, 0x00}

// put appends a frame to the outbox. t.mu is held.
func (t *terminal) put(frame []byte) {
	if t.gone || t.closing {
		return
	}
	t.outbox = append(t.outbox, frame)
	t.outboxSize += len(frame)
	if !t.writing {
		t.writing = true
		go t.write()
	}
}

func (t *terminal) full() bool { return len(t.outbox) >= outboxFrames || t.outboxSize >= outboxBytes }

// busy leaves room for what is pushed: a terminal is not slow because it asked for much.
func (t *terminal) busy() bool {
	return len(t.outbox) >= outboxFrames/2 || t.outboxSize >= outboxBytes/2
}

// say puts frames into the outbox, waiting for room: for the terminal's own commands, which answer what it asked.
func (t *terminal) say(frames ...[]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range frames {
		for t.busy() && !t.gone && !t.cutOff() {
			t.waitForRoom()
		}
		t.put(f)
	}
}

func (t *terminal) waitForRoom() {
	if t.room == nil {
		t.room = make(chan struct{})
	}
	room := t.room
	t.mu.Unlock()
	<-room // the writer ends within its deadline, one way or the other
	t.mu.Lock()
}

// makeRoom wakes whoever waits for room. t.mu is held.
func (t *terminal) makeRoom() {
	if t.room != nil {
		close(t.room)
		t.room = nil
	}
}

// write empties the outbox into the connection, and ends.
func (t *terminal) write() {
	for {
		t.mu.Lock()
		batch := t.outbox
		t.outbox, t.outboxSize = nil, 0
		t.makeRoom()
		if len(batch) == 0 || t.gone {
			t.writing = false
			t.settle()
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		if t.wire.writeAll(batch) != nil {
			t.wire.Close() // the reader sees it, and tidies up
		}
		if batch[len(batch)-1] != nil { // a page does not see pings
			t.lastWrite.Store(t.g.Now().UnixNano())
		}
	}
}

// writeAll lets frames that are ready together leave in one write, or in few. It puts them together itself: the library
// would take four locks for each, and a fiftieth of the processor time of an order.
func (w *wire) writeAll(batch [][]byte) (err error) {
	gather := gathers.Get().(*[]byte)
	b := (*gather)[:0]
	for i, text := range batch {
		if text == nil {
			b = append(b, pingFrame...)
		} else {
			b = appendFrame(b, text)
		}
		if len(b) >= gatherMost || i == len(batch)-1 {
			if _, err = w.Write(b); err != nil {
				break
			}
			b = b[:0]
		}
	}
	if cap(b) <= 2*gatherMost {
		*gather = b
		gathers.Put(gather)
	}
	return err
}

var gathers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// appendFrame makes a text frame of a server, whole and without a mask.
func appendFrame(b, text []byte) []byte {
	const wholeText, twoBytes, eightBytes = 0x81, 126, 127
	switch n := len(text); {
	case n < twoBytes:
		b = append(b, wholeText, byte(n))
	case n <= math.MaxUint16:
		b = append(b, wholeText, twoBytes, byte(n>>8), byte(n))
	default:
		b = append(b, wholeText, eightBytes, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n)) // no outbox holds more
	}
	return append(b, text...)
}
