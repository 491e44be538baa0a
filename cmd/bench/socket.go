package main

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
)

// socket is a WebSocket from the client's side, as lean as can be: client and server share the cores, and what the
// client spends, the server cannot. Frames are masked with zeros, which the protocol allows and which changes nothing.
type socket struct {
	conn net.Conn
	in   *bufio.Reader
	buf  []byte // the last frame read

	mu  sync.Mutex // of writing
	out []byte
}

const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA

	final     = 0x80
	masked    = 0x80
	short     = 125 // longest body whose length stands in the header
	twoBytes  = 126
	mostFrame = 1 << 20
)

// dial opens a WebSocket at an address like 127.0.0.1:8080.
func dial(ctx context.Context, address, path string) (*socket, error) {
	return dialWith(ctx, new(net.Dialer), address, path)
}

func dialWith(ctx context.Context, d *net.Dialer, address, path string) (*socket, error) {
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	var key [16]byte
	_, _ = rand.Read(key[:])
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", path, address, base64.StdEncoding.EncodeToString(key[:]))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	in := bufio.NewReaderSize(conn, 2<<10)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	_ = answer.Body.Close() // of 101, which has none
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, errors.Join(fmt.Errorf("the WebSocket was answered %s", answer.Status), conn.Close())
	}
	return &socket{conn: conn, in: in}, nil
}

func (s *socket) close() { _ = s.conn.Close() }

func (s *socket) write(op byte, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = append(s.out[:0], final|op)
	if len(body) <= short {
		s.out = append(s.out, masked|byte(len(body)))
	} else {
		s.out = binary.BigEndian.AppendUint16(append(s.out, masked|twoBytes), uint16(len(body)))
	}
	s.out = append(append(s.out, 0, 0, 0, 0), body...)
	_, err := s.conn.Write(s.out)
	return err
}

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
		case op == final|opClose && len(s.buf) > 2:
			return nil, fmt.Errorf("the server closed the connection with %d %s", binary.BigEndian.Uint16(s.buf), s.buf[2:])
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
