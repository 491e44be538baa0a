package load

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// socket is a WebSocket from the client's side, as lean as can be: client and server often share the cores, and what the
// client spends, the server cannot. Frames are masked with zeros, which the protocol allows and which changes nothing.
type socket struct {
	conn net.Conn
	in   *bufio.Reader
	buf  []byte // the last frame read

	mu  sync.Mutex // of writing
	out []byte
}

const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xA

	final      = 0x80
	masked     = 0x80
	short      = 125 // longest body whose length stands in the header
	twoBytes   = 126
	eightBytes = 127
	mostFrame  = 1 << 20

	dialWithin  = 30 * time.Second
	writeWithin = 30 * time.Second
)

// errRefused is a handshake that was answered, but not by a WebSocket.
var errRefused = errors.New("the WebSocket was refused")

// dial opens a WebSocket.
func dial(ctx context.Context, d *net.Dialer, address, path string) (_ *socket, err error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = conn.Close()
		}
	}()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	var key [16]byte
	_, _ = rand.Read(key[:])
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", path, address, base64.StdEncoding.EncodeToString(key[:]))
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(conn, 2<<10)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close() // of 101, which has none
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("%w: %s", errRefused, answer.Status)
	}
	return &socket{conn: conn, in: in}, conn.SetDeadline(time.Time{})
}

func (s *socket) close() { _ = s.conn.Close() }

func (s *socket) write(op byte, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = appendHead(s.out[:0], op, len(body))
	s.out = append(s.out, body...)
	return s.send(s.out)
}

// send writes bytes that need not be a frame. A server that does not read for long ends the connection.
func (s *socket) send(raw []byte) error {
	_ = s.conn.SetWriteDeadline(now().Add(writeWithin))
	_, err := s.conn.Write(raw)
	return err
}

func appendHead(to []byte, op byte, size int) []byte {
	to = append(to, final|op)
	switch {
	case size <= short:
		to = append(to, masked|byte(size))
	case size < 1<<16:
		to = binary.BigEndian.AppendUint16(append(to, masked|twoBytes), uint16(size))
	default:
		to = binary.BigEndian.AppendUint64(append(to, masked|eightBytes), uint64(size))
	}
	return append(to, 0, 0, 0, 0)
}

// closed is how the server has ended a connection.
type closed struct {
	code uint16
	why  string
}

func (c closed) Error() string { return fmt.Sprintf("closed with %d %s", c.code, c.why) }

// forGood: the close codes from 4500 on say «do not come back».
func (c closed) forGood() bool { return c.code >= 4500 && c.code < 5000 }

// read returns the next text frame. It is good until the next read. Pings are answered on the way.
func (s *socket) read() ([]byte, error) {
	for {
		op, err := s.frame()
		switch {
		case err != nil:
			return nil, err
		case op == final|opText:
			return s.buf, nil
		case op == final|opPing:
			if err := s.write(opPong, s.buf); err != nil {
				return nil, err
			}
		case op == final|opPong:
		case op == final|opClose && len(s.buf) >= 2:
			return nil, closed{binary.BigEndian.Uint16(s.buf), string(s.buf[2:])}
		default:
			return nil, fmt.Errorf("the server sent a frame of kind %#x", op)
		}
	}
}

// frame reads one frame into s.buf and returns its first byte.
func (s *socket) frame() (byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(s.in, head[:2]); err != nil {
		return 0, err
	}
	op, n := head[0], int(head[1])
	if n > short {
		wide := head[:2]
		if n > twoBytes {
			wide = head[:8]
		}
		if _, err := io.ReadFull(s.in, wide); err != nil {
			return 0, err
		}
		n = 0
		for _, b := range wide {
			n = n<<8 | int(b)
		}
	}
	if n < 0 || n > mostFrame {
		return 0, fmt.Errorf("the server sent a frame of %d bytes", n)
	}
	if cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	s.buf = s.buf[:n]
	_, err := io.ReadFull(s.in, s.buf)
	return op, err
}
