package wsapi

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAFrameThatComesTogetherWithTheHandshakeIsNotLost(t *testing.T) {
	h := newHouse(t)
	conn := h.pipes.dial()
	defer conn.Close()
	text := `["getServerTime",{},1]`
	go func() {
		_, _ = conn.Write([]byte("GET /ws HTTP/1.1\r\nHost: vakhta.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" +
			"\x81" + string([]byte{byte(0x80 | len(text))}) + "\x00\x00\x00\x00" + text))
	}()
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", res, err)
	}
	_ = res.Body.Close()
	var seen strings.Builder
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	for !strings.Contains(seen.String(), `["reply",{"id":1,"result":{"time":`) {
		b, err := r.ReadByte()
		if err != nil {
			t.Fatalf("%v after %q", err, seen.String())
		}
		seen.WriteByte(b)
	}
}

// counted counts the writes of a connection.
type counted struct {
	net.Conn
	writes int
	all    bytes.Buffer
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes++
	return c.all.Write(p)
}
func (c *counted) SetWriteDeadline(time.Time) error { return nil }

func TestFramesThatAreReadyTogetherLeaveInOneWrite(t *testing.T) {
	conn := &counted{}
	w := &wire{Conn: conn, now: time.Now}
	w.cork()
	for range 100 {
		_, _ = w.Write([]byte("frame"))
	}
	if err := w.uncork(); err != nil || conn.writes != 1 || conn.all.String() != strings.Repeat("frame", 100) {
		t.Errorf("%d writes, %v", conn.writes, err)
	}
	w.cork()
	for range 100 {
		_, _ = w.Write(make([]byte, 2<<10))
	}
	if err := w.uncork(); err != nil || conn.writes != 1+4 || conn.all.Len() != 500+200<<10 {
		t.Errorf("%d writes of %d bytes, %v", conn.writes, conn.all.Len(), err)
	}
	if _, err := w.Write([]byte("alone")); err != nil || conn.writes != 6 {
		t.Errorf("%d writes, %v", conn.writes, err)
	}
}
