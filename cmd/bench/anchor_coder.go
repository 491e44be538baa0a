package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// newCoder is coder/websocket as its examples use it: the loop stays in the HTTP handler, and the connection keeps the
// buffers of net/http. It greets, and answers every frame.
func newCoder(_ context.Context, o anchorOptions) (anchor, error) {
	greeting, reply := []byte(o.sample.Frames.Greeting), []byte(o.sample.Frames.Events)
	serve := func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = ws.CloseNow() }()
		for say := greeting; ; say = reply {
			if err := ws.Write(r.Context(), websocket.MessageText, say); err != nil {
				return
			}
			if _, _, err := ws.Read(r.Context()); err != nil {
				return
			}
		}
	}
	return anchor{http.HandlerFunc(serve), func() error { return nil }}, nil
}

// newLean does the same at the price of performance.md's «What buys most» 1.
func newLean(_ context.Context, o anchorOptions) (anchor, error) {
	greeting, reply := []byte(o.sample.Frames.Greeting), []byte(o.sample.Frames.Events)
	serve := lean(func(c *leanConn, _ string) {
		for say := greeting; c.say(say) == nil; say = reply {
			if c.hear(func([]byte) {}) != nil {
				return
			}
		}
	})
	return anchor{serve, func() error { return nil }}, nil
}

// leanConn is a WebSocket without anything that an idle connection does not need.
type leanConn struct {
	ws   *websocket.Conn
	wire *leanWire
	mu   sync.Mutex // of frames that leave together
}

// lean upgrades and returns from the handler, so that net/http lets go of the request; serve goes on by itself, with
// nothing of the request but its SID.
func lean(serve func(c *leanConn, sid string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		slim := &leanWriter{ResponseWriter: w}
		ws, err := websocket.Accept(slim, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
		if err != nil {
			return
		}
		c := &leanConn{ws: ws, wire: slim.wire}
		sid := strings.Clone(r.URL.Query().Get("SID"))
		go func() {
			defer func() { _ = c.ws.CloseNow() }()
			serve(c, sid)
		}()
	})
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// hear waits for one frame. It is good until take returns.
func (c *leanConn) hear(take func(frame []byte)) error {
	_, r, err := c.ws.Reader(context.Background())
	if err != nil {
		return err
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	take(b.Bytes())
	return nil
}

// say sends frames in one write.
func (c *leanConn) say(frames ...[]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wire.held = buffers.Get().(*bytes.Buffer)
	c.wire.held.Reset()
	for _, f := range frames {
		if err := c.ws.Write(context.Background(), websocket.MessageText, f); err != nil {
			return err
		}
	}
	held := c.wire.held
	c.wire.held = nil
	_, err := c.wire.Write(held.Bytes())
	buffers.Put(held)
	return err
}

// leanWire holds back what is written until all frames are there. Pongs and closing frames, which the library writes
// by itself, would be held back with them: nobody pings here.
type leanWire struct {
	net.Conn
	held *bytes.Buffer
}

func (w *leanWire) Write(p []byte) (int, error) {
	if w.held != nil {
		return w.held.Write(p)
	}
	return w.Conn.Write(p)
}

// leanWriter is a ResponseWriter whose Hijack hands out small buffers in place of net/http's 4 + 4 KiB.
type leanWriter struct {
	http.ResponseWriter
	wire *leanWire
}

func (w *leanWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.ResponseWriter.(http.Hijacker).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.wire = &leanWire{Conn: conn}
	if early := rw.Reader.Buffered(); early > 0 {
		return nil, nil, errors.Join(errors.New("the client did not wait for the handshake"), conn.Close())
	}
	return w.wire, bufio.NewReadWriter(bufio.NewReaderSize(conn, 256), bufio.NewWriterSize(w.wire, 512)), nil
}
