package wsapi

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// A connection in the hands of net/http keeps two buffers of 4 KiB. Terminals are mostly idle, so theirs are small: what has
// come is kept here, and what is said is put together outside of them.
const (
	firstBuffer   = 256              // the usual frame of a client
	libraryReads  = 16               // out of the first buffer: the least that bufio makes
	libraryWrites = 128              // a pong or a farewell, whole
	writeDeadline = 10 * time.Second // a peer that takes nothing for so long is gone
)

// wire is the network connection of one terminal.
type wire struct {
	net.Conn
	now func() time.Time

	reads chan struct{}     // full while somebody reads: the library's Close may, beside the one who listens
	early []byte            // read and not yet taken: by net/http, beyond the handshake, or into first
	first [firstBuffer]byte // what listen has read

	between  atomic.Bool   // the reader is between two frames of the client; see pause
	buffered *bufio.Reader // the library's
	paused   bool
}

// listen waits until the peer has sent something, and keeps it for Read. It needs so little stack that a goroutine which
// does nothing else stays at the 2 KB that it began with; one that waited inside of the library would stay at 8. That took
// an idle client from 28.2 to 20.7 KB (of 10,000, on SQLite), and costs no processor time that could be measured.
func (w *wire) listen() error {
	w.reads <- struct{}{}
	defer func() { <-w.reads }()
	if len(w.early) > 0 {
		return nil
	}
	n, err := w.Conn.Read(w.first[:])
	w.early = w.first[:n]
	return err
}

func (w *wire) Read(p []byte) (int, error) {
	w.reads <- struct{}{}
	defer func() { <-w.reads }()
	switch {
	case len(w.early) > 0:
		n := copy(p, w.early)
		w.early = w.early[n:]
		return n, nil
	case w.paused:
		w.paused = false
		return 0, errPaused
	}
	return w.Conn.Read(p)
}

// errPaused ends a read of the library between two frames.
var errPaused = errors.New("nothing has come yet")

// pause is called by the library when it has read a ping or a pong. It would go on waiting for a frame of the client. If
// nothing of it has come yet, the next Read ends the wait instead, and the reader listens again.
func (w *wire) pause() {
	w.paused = w.between.Load() && !w.holds()
}

// holds tells whether something has come that is not taken yet.
func (w *wire) holds() bool { return len(w.early) > 0 || w.buffered.Buffered() > 0 }

// Write writes all at once, so that what several write, each in whole frames, does not mingle.
func (w *wire) Write(p []byte) (int, error) {
	if err := w.SetWriteDeadline(w.now().Add(writeDeadline)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

// slimWriter is a ResponseWriter whose Hijack hands out the wire, with small buffers.
type slimWriter struct {
	http.ResponseWriter
	wire *wire
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
	w.wire.Conn, w.wire.early = conn, append([]byte(nil), early...)
	w.wire.reads, w.wire.buffered = make(chan struct{}, 1), bufio.NewReaderSize(w.wire, libraryReads)
	return w.wire, bufio.NewReadWriter(w.wire.buffered, bufio.NewWriterSize(w.wire, libraryWrites)), nil
}
