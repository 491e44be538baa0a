package wsapi

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

const handshake = "GET /ws HTTP/1.1\r\nHost: vakhta.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

// fromClient is a frame, whose mask is zeros.
func fromClient(op byte, text string) string {
	return string([]byte{op, byte(0x80 | len(text)), 0, 0, 0, 0}) + text
}

// bare is a connection whose every byte is the test's. What is read of it comes without the answer to the handshake.
type bare struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (h *house) bare(begin string) *bare {
	h.t.Helper()
	conn := h.pipes.dial()
	h.t.Cleanup(func() { _ = conn.Close() })
	b := &bare{h.t, conn, bufio.NewReader(conn)}
	go b.say(handshake + begin)
	res, err := http.ReadResponse(b.r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		h.t.Fatalf("%v %v", res, err)
	}
	_ = res.Body.Close()
	return b
}

func (b *bare) say(bytes string) { _, _ = b.Write([]byte(bytes)) }

func (b *bare) expect(bytes string) {
	b.t.Helper()
	var seen strings.Builder
	_ = b.SetReadDeadline(time.Now().Add(time.Minute))
	for !strings.Contains(seen.String(), bytes) {
		c, err := b.r.ReadByte()
		if err != nil {
			b.t.Fatalf("%v after %q", err, seen.String())
		}
		seen.WriteByte(c)
	}
}

func TestAFrameThatComesTogetherWithTheHandshakeIsNotLost(t *testing.T) {
	newHouse(t).bare(fromClient(0x81, `["getServerTime",{},1]`)).expect(`["reply",{"id":1,"result":{"time":`)
}

func TestHoweverFramesAreCutAndMixedWithPingsTheyAreAnswered(t *testing.T) {
	const ping, pong, text = 0x89, 0x8A, 0x81
	ask := func(id string) string { return fromClient(text, `["getServerTime",{},`+id+`]`) }
	for name, parts := range map[string][]string{
		"a ping alone":              {fromClient(ping, "body"), ask("1"), fromClient(ping, "body"), ask("2")},
		"a ping and a frame":        {fromClient(ping, "body") + ask("1"), fromClient(ping, "body") + ask("2")},
		"a frame and a ping":        {ask("1") + fromClient(ping, "body"), ask("2") + fromClient(ping, "body")},
		"a ping and half a header":  {fromClient(ping, "body") + ask("1")[:1], ask("1")[1:], fromClient(ping, "body") + ask("2")[:3], ask("2")[3:]},
		"half a ping":               {fromClient(ping, "body")[:7], fromClient(ping, "body")[7:], ask("1"), ask("2"), fromClient(ping, "body")},
		"pongs that nobody wants":   {fromClient(pong, ""), fromClient(pong, "") + fromClient(pong, "x") + ask("1"), ask("2")[:9], ask("2")[9:]},
		"all at once":               {fromClient(pong, "") + ask("1") + fromClient(ping, "body") + ask("2")},
		"a ping between two pieces": {fromClient(0x01, `["getServerTime",`), fromClient(ping, "body"), fromClient(0x80, `{},1]`), ask("2")},
		"byte for byte":             strings.Split(fromClient(ping, "body")+ask("1")+fromClient(ping, "body")+ask("2"), ""),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				b := h.bare("")
				b.expect("userData")
				go func() {
					for _, p := range parts {
						b.say(p)
						time.Sleep(100 * time.Millisecond)
					}
				}()
				for _, id := range []string{"1", "2"} {
					b.expect(`["reply",{"id":` + id + `,"result":{"time":`)
				}
				b.expect("keepAlive") // long after frameWithin: the end of a frame is the end of its deadline
				go b.say(ask("3"))
				b.expect(`["reply",{"id":3,`)
			})
		})
	}
}

func TestAfterAPingThereIsNobodyInsideOfTheLibrary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		b := h.bare("")
		b.expect("userData")
		for _, control := range []byte{0x89, 0x8A} {
			go b.say(fromClient(control, "body"))
			if control == 0x89 {
				b.expect("\x8a\x04body")
			}
			synctest.Wait()
			if t := h.g.everybody()[0]; t.wire.between.Load() || len(t.wire.reads) == 0 {
				h.t.Errorf("after %x the reader does not listen", control)
			}
		}
	})
}

func TestWhoBeginsAFrameAndDoesNotEndItIsCutOff(t *testing.T) {
	frame := fromClient(0x81, `["getServerTime",{},1]`)
	for _, n := range []int{1, 2, 6, 7, len(frame) - 1} {
		synctest.Test(t, func(t *testing.T) {
			b := newHouse(t).bare("")
			b.expect("userData")
			began := time.Now()
			go b.say(frame[:n])
			_, err := io.Copy(io.Discard, b.r)
			if took := time.Since(began); err != nil || took != frameWithin {
				t.Errorf("%d bytes: after %v, %v", n, took, err)
			}
		})
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
	if err := w.writeAll(slices.Repeat([][]byte{[]byte("frame")}, 100)); err != nil || conn.writes != 1 || conn.all.String() != strings.Repeat("\x81\x05frame", 100) {
		t.Errorf("%d writes, %v", conn.writes, err)
	}
	conn.writes = 0
	if err := w.writeAll(slices.Repeat([][]byte{make([]byte, 2<<10), ping}, 100)); err != nil || conn.writes != 4 || conn.all.Len() != 700+100*(2<<10+4+2) {
		t.Errorf("%d writes of %d bytes, %v", conn.writes, conn.all.Len(), err)
	}
}

func TestAFrameOfWhateverLengthIsWhatTheLibraryWouldMake(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 127, 1<<16 - 1, 1 << 16, 1 << 20} {
		here, there := net.Pipe()
		text := bytes.Repeat([]byte("7"), n)
		go func() { _, _ = here.Write(appendFrame(nil, text)); _ = here.Close() }()
		w := &wire{Conn: there, reads: make(chan struct{}, 1)}
		got, err := io.ReadAll(w)
		if want := madeByTheLibrary(t, text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %.20q of %d, want %.20q of %d, %v", n, got, len(got), want, len(want), err)
		}
	}
}

// madeByTheLibrary is a frame as the library's own Write makes it.
func madeByTheLibrary(t *testing.T, text []byte) []byte {
	t.Helper()
	conn := &counted{}
	w := &hijacked{ResponseWriter: httptest.NewRecorder(), conn: conn}
	r := httptest.NewRequest(http.MethodGet, "/ws", nil)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
	} {
		r.Header.Set(name, value)
	}
	ws, err := websocket.Accept(w, r, nil)
	if err == nil {
		err = ws.Write(t.Context(), websocket.MessageText, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return conn.all.Bytes()
}

type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(strings.NewReader("")), bufio.NewWriter(h.conn)), nil
}
