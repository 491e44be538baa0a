package wsapi

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// A connection in the hands of net/http keeps two buffers of 4 KiB. Terminals are mostly idle, so theirs are small, and
// frames that are ready together are gathered outside of them and leave in one write.
const (
	readBuffer    = 256
	writeBuffer   = 512
	gatherMost    = 64 << 10         // one write is not larger; a larger buffer is not kept
	writeDeadline = 10 * time.Second // a peer that takes nothing for so long is gone
)

// wire is the network connection of one terminal.
type wire struct {
	net.Conn
	early []byte // what net/http has read beyond the handshake
	now   func() time.Time

	mu     sync.Mutex
	gather *[]byte // what waits for uncork; nil: nothing is held back
}

var gathers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		w.early = w.early[n:]
		return n, nil
	}
	return w.Conn.Read(p)
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gather == nil {
		return w.send(p)
	}
	*w.gather = append(*w.gather, p...)
	if len(*w.gather) >= gatherMost {
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// cork holds back what is written until uncork.
func (w *wire) cork() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gather = gathers.Get().(*[]byte)
}

func (w *wire) uncork() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.flush()
	if cap(*w.gather) <= 2*gatherMost {
		gathers.Put(w.gather)
	}
	w.gather = nil
	return err
}

func (w *wire) flush() error {
	held := *w.gather
	*w.gather = held[:0]
	if len(held) == 0 {
		return nil
	}
	_, err := w.send(held)
	return err
}

func (w *wire) send(p []byte) (int, error) {
	if err := w.SetWriteDeadline(w.now().Add(writeDeadline)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

// slimWriter is a ResponseWriter whose Hijack hands out a wire with small buffers.
type slimWriter struct {
	http.ResponseWriter
	now  func() time.Time
	wire *wire // after Hijack
}

func (w *slimWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h, ok := w.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("this connection cannot be upgraded: use HTTP/1.1")
	}
	conn, rw, err := h.Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := rw.Reader.Peek(rw.Reader.Buffered()) // it is buffered: there is nothing to fail
	w.wire = &wire{Conn: conn, early: append([]byte(nil), early...), now: w.now}
	return w.wire, bufio.NewReadWriter(bufio.NewReaderSize(w.wire, readBuffer), bufio.NewWriterSize(w.wire, writeBuffer)), nil
}
