package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// frame is what the server sent over a socket, or an answer over HTTP, whose name is its status.
type frame struct {
	name string
	data any // numbers as json.Number
	seq  int64
	at   time.Time // when it came
	raw  string

	place int // among all that came on a connection
}

func parseFrame(text []byte) (frame, error) {
	var parts []json.RawMessage
	f := frame{at: time.Now(), raw: string(text)}
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 3 {
		return f, fmt.Errorf("the server sent a frame that is no array of three: %s", text)
	}
	var stamp string
	if err := errors.Join(json.Unmarshal(parts[0], &f.name), json.Unmarshal(parts[2], &stamp)); err != nil {
		return f, fmt.Errorf("%w: %s", err, text)
	}
	fields, err := url.ParseQuery(stamp)
	if err != nil || !fields.Has("wstm") {
		return f, fmt.Errorf("the server sent a frame without its time: %s", text)
	}
	f.seq, _ = strconv.ParseInt(fields.Get("seq"), 10, 64)
	f.data, err = decodeJSON(parts[1])
	return f, err
}

func decodeJSON(text []byte) (x any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&x)
	return x, err
}

// field finds a value by its path: result.order.id, sessions.0.id; # is the length of an array. A name stands for the
// instant, too: expires is expiresAt.
func field(x any, path string) (any, bool) {
	for name := range strings.SplitSeq(path, ".") {
		switch at := x.(type) {
		case map[string]any:
			value, ok := at[name]
			if !ok {
				value, ok = at[name+"At"]
			}
			if !ok {
				return nil, false
			}
			x = value
		case []any:
			i, err := strconv.Atoi(name)
			switch {
			case name == "#":
				x = len(at)
			case err != nil || i < 0 || i >= len(at):
				return nil, false
			default:
				x = at[i]
			}
		default:
			return nil, false
		}
	}
	return x, true
}

func (f frame) text(path string) string {
	x, ok := field(f.data, path)
	if !ok || x == nil {
		return ""
	}
	return fmt.Sprint(x)
}

func (f frame) number(path string) int64 {
	n, _ := strconv.ParseInt(f.text(path), 10, 64)
	return n
}

// isEvent tells events from replies, snapshots and channels.
func (f frame) isEvent() bool { return strings.Contains(f.name, ".") }

// terminal is a client's end of a socket.
type terminal struct {
	ws   *websocket.Conn
	came chan struct{}

	mu     sync.Mutex
	frames []frame
	end    error // why nothing more will come
	calls  int
}

// dial opens a socket at a server, http://….
func dial(ctx context.Context, door *http.Client, server, sid string) (*terminal, error) {
	address := "ws" + strings.TrimPrefix(server, "http") + "/ws"
	if sid != "" {
		address += "?SID=" + url.QueryEscape(sid)
	}
	ws, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: door}) //nolint:bodyclose // it has none
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(16 << 20)
	x := &terminal{ws: ws, came: make(chan struct{}, 1)}
	go x.read()
	return x, nil
}

func (x *terminal) read() {
	for {
		_, text, err := x.ws.Read(context.Background())
		var f frame
		if err == nil {
			f, err = parseFrame(text)
		}
		x.mu.Lock()
		if err == nil {
			x.frames = append(x.frames, f)
		}
		x.end = err
		x.mu.Unlock()
		select {
		case x.came <- struct{}{}:
		default:
		}
		if err != nil {
			_ = x.ws.CloseNow()
			return
		}
	}
}

func (x *terminal) send(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return x.ws.Write(ctx, websocket.MessageText, []byte(text))
}

// take returns what came so far, and why nothing more will.
func (x *terminal) take() ([]frame, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := x.frames
	x.frames = nil
	return all, x.end
}

// next waits for one frame.
func (x *terminal) next(ctx context.Context) (frame, error) {
	for {
		x.mu.Lock()
		if len(x.frames) > 0 {
			f := x.frames[0]
			x.frames = x.frames[1:]
			x.mu.Unlock()
			return f, nil
		}
		end := x.end
		x.mu.Unlock()
		if end != nil {
			return frame{}, end
		}
		select {
		case <-x.came:
		case <-ctx.Done():
			return frame{}, ctx.Err()
		}
	}
}

// call sends a command with a fresh id and waits for its reply. The frames before it go to others, if that is not nil.
func (x *terminal) call(ctx context.Context, name string, params any, others func(frame)) (frame, error) {
	x.calls++
	id := "r" + strconv.Itoa(x.calls)
	text, err := json.Marshal([]any{name, params, id})
	if err == nil {
		err = x.send(string(text))
	}
	for err == nil {
		var f frame
		if f, err = x.next(ctx); err == nil {
			switch {
			case f.name == "reply" && f.text("id") == id:
				return f, nil
			case others != nil:
				others(f)
			}
		}
	}
	return frame{}, err
}

// drop cuts the connection, as a lost network does.
func (x *terminal) drop() { _ = x.ws.CloseNow() }

// closeCode is the code with which the server ended a connection; 0: it did not.
func closeCode(err error) int {
	if code := websocket.CloseStatus(err); code > 0 {
		return int(code)
	}
	return 0
}
