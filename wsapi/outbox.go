package wsapi

import (
	"context"

	"github.com/coder/websocket"
)

// The outbox takes frames without waiting. A goroutine writes them, which lives only while there are some.
const (
	outboxFrames = 512     // some seconds of a busy market, or of a busy robot's events
	outboxBytes  = 2 << 20 // a slow terminal may cost no more than this; a picture of a thousand orders fits
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
		if t.writeAll(batch) != nil {
			t.wire.Close() // the reader sees it, and tidies up
		}
		if batch[len(batch)-1] != nil { // a page does not see pings
			t.lastWrite.Store(t.g.Now().UnixNano())
		}
	}
}

func (t *terminal) writeAll(batch [][]byte) (err error) {
	t.wire.cork()
	for _, frame := range batch {
		if frame == nil {
			_, err = t.wire.Write(pingFrame)
		} else {
			err = t.ws.Write(context.Background(), websocket.MessageText, frame)
		}
		if err != nil {
			break
		}
	}
	if e := t.wire.uncork(); err == nil {
		err = e
	}
	return err
}
