package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"vakhta/session"
)

// terminal is one client with one terminal. Its goroutine connects, reads until the connection ends, and comes back for as
// long as it is meant to be there.
type terminal struct {
	run    *run
	login  string
	phone  string
	dialer *net.Dialer  // of its source address
	http   *http.Client // the same
	tokens bool         // it opens by WEB-token
	as     manner       // empty: it behaves well

	sid   string
	ready atomic.Bool // it has a session and has seen its events

	back chan struct{} // gets a signal whenever it is connected and has what it missed

	mu      sync.Mutex
	over    chan struct{} // closed when its goroutine has ended; nil: it never had one
	wanted  bool          // it is to be connected
	socket  *socket       // nil: it is not
	missing time.Time     // it is wanted, and was not there, since then
	seq     int64         // the last event that it was told
	live    bool          // it has asked for events: from then on none may be missing
	expires time.Time
	ended   bool              // its session has run out
	signs   *Device           // nil: the session was opened by SMS
	session session.SessionID // that signs opened

	asked   int                   // commands
	waiting map[string]chan asked // by their ids
	orders  int                   // given an id
	open    []order               // not acknowledged, oldest first
	listed  []int64               // what the server calls the acknowledged ones, by number - 1; 0: none
	another func()                // in a closed loop: what an acknowledgement sets off
}

// asked is the answer to a command.
type asked struct {
	result  json.RawMessage
	refusal string // the reason
}

// patience is how long an answer may take.
const patience = time.Minute

var errLate = errors.New("no answer in time")

// refused is a command that the server did not carry out.
type refused struct{ command, reason string }

func (r refused) Error() string { return r.command + " was refused: " + r.reason }

// stay keeps the terminal connected until it is not wanted any more.
func (t *terminal) stay(ctx context.Context) {
	for pause := 50 * time.Millisecond; t.isWanted() && ctx.Err() == nil; pause = min(2*pause, 5*time.Second) {
		began := now()
		err := t.connection(ctx)
		var end closed
		switch {
		case !t.isWanted() || ctx.Err() != nil:
			return
		case errors.As(err, &end) && end.forGood():
			t.run.trouble(t, err.Error())
			return
		}
		t.run.trouble(t, "connection lost: "+kindOf(err))
		t.mu.Lock()
		t.missing = now()
		t.mu.Unlock()
		if now().Sub(began) > 5*time.Second {
			pause = 50 * time.Millisecond
		}
		sleep(ctx, pause/2+rand.N(pause)) //nolint:gosec // who comes back when is no secret
	}
}

func (t *terminal) isWanted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wanted
}

// connection is one connection, from its beginning to its end.
func (t *terminal) connection(ctx context.Context) error {
	s, err := dial(ctx, t.dialer, t.run.address, "/ws?SID="+t.sid)
	if err != nil {
		return err
	}
	defer s.close()
	defer context.AfterFunc(ctx, s.close)()
	frame, err := s.read()
	if err != nil {
		return err
	}
	if !bytes.Contains(frame, []byte(`"isDemo":false`)) {
		return errors.New("greeted as nobody")
	}
	t.run.greeted(frame)
	t.mu.Lock()
	if !t.wanted {
		t.mu.Unlock()
		return nil
	}
	t.socket = s
	t.mu.Unlock()
	t.run.connected.Add(1)
	defer t.gone()
	switch {
	case !t.ready.Load():
		t.signal()
	case t.as != "":
		return t.misbehave(ctx, s)
	default:
		go t.resume()
	}
	for {
		frame, err := s.read()
		if err != nil {
			return err
		}
		t.take(frame)
	}
}

func (t *terminal) signal() {
	select {
	case t.back <- struct{}{}:
	default:
	}
}

// wait waits until the terminal is connected and has what it missed.
func (t *terminal) wait(ctx context.Context, within time.Duration) error {
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case <-t.back:
		return nil
	case <-late.C:
		return errLate
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gone: whoever waits for an answer hears that none will come.
func (t *terminal) gone() {
	t.run.connected.Add(-1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.socket, t.live = nil, false
	for id, to := range t.waiting {
		close(to)
		delete(t.waiting, id)
	}
	for i := range t.open {
		t.open[i].before = t.open[i].before || t.open[i].sent
		t.open[i].sent, t.open[i].later = false, false
	}
}

// connect begins to keep the terminal connected, beyond the step that wants it.
func (t *terminal) connect() {
	if t.over != nil {
		<-t.over // it was disconnected, and may not have noticed yet
	}
	over := make(chan struct{})
	t.mu.Lock()
	t.wanted, t.missing, t.over = true, now(), over
	t.mu.Unlock()
	select {
	case <-t.back:
	default:
	}
	t.run.living.Go(func() {
		defer close(over)
		t.stay(t.run.live)
	})
}

// disconnect cuts the connection, without a word.
func (t *terminal) disconnect() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wanted = false
	if t.socket != nil {
		t.socket.close()
	}
}

// resume asks for the events since the last one that was told, and sends what was not acknowledged.
func (t *terminal) resume() {
	t.mu.Lock()
	since, missing := t.seq, t.missing
	t.live = true
	t.mu.Unlock()
	if _, err := t.ask("events", `{"since":`+strconv.FormatInt(since, 10)+`}`); err != nil {
		t.disrupt()
		return
	}
	if t.ready.Swap(true) {
		t.run.record.waited(resuming, now().Sub(missing))
	}
	t.signal()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.open {
		t.send(&t.open[i])
	}
}

// disrupt ends the connection, so that the terminal makes another one.
func (t *terminal) disrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.socket != nil {
		t.socket.close()
	}
}

// ask sends a command and waits for its answer.
func (t *terminal) ask(name, params string) (json.RawMessage, error) {
	t.mu.Lock()
	if t.socket == nil {
		t.mu.Unlock()
		return nil, net.ErrClosed
	}
	t.asked++
	id := "c" + strconv.Itoa(t.asked)
	answer := make(chan asked, 1)
	if t.waiting == nil {
		t.waiting = map[string]chan asked{}
	}
	t.waiting[id] = answer
	err := t.socket.write(opText, fmt.Appendf(nil, `["%s",%s,"%s"]`, name, params, id))
	t.mu.Unlock()
	if err != nil {
		return nil, err
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case a, ok := <-answer:
		switch {
		case !ok:
			return nil, net.ErrClosed
		case a.refusal != "":
			return nil, refused{name, a.refusal}
		}
		return a.result, nil
	case <-late.C:
		return nil, fmt.Errorf("%s: %w", name, errLate)
	}
}

var (
	replyBegins  = []byte(`["reply",`)
	errorBegins  = []byte(`["error",`)
	resyncBegins = []byte(`["resync",`)
	closedBegins = []byte(`["session.closed",`)
	numbered     = []byte(`&seq=`)
	expiresAt    = []byte(`"expiresAt":"`)
)

// take is the one place where frames come in.
func (t *terminal) take(frame []byte) {
	switch {
	case bytes.HasPrefix(frame, orderReply):
		t.takeOrder(frame)
	case bytes.HasPrefix(frame, replyBegins):
		t.takeReply(frame)
	case bytes.HasPrefix(frame, errorBegins):
		t.run.trouble(t, "error: "+reasonIn(frame))
	default:
		t.takeEvent(frame)
	}
}

func (t *terminal) takeReply(frame []byte) {
	var parts []json.RawMessage
	var reply struct {
		ID     string          `json:"id"`
		Result json.RawMessage `json:"result"`
		Reason string          `json:"reason"`
	}
	err := json.Unmarshal(frame, &parts)
	if err == nil && len(parts) > 1 {
		err = json.Unmarshal(parts[1], &reply)
	}
	if err != nil {
		t.run.trouble(t, "a reply that cannot be read")
		return
	}
	if reply.Result == nil && reply.Reason == "" {
		reply.Reason = "without a reason"
	}
	t.mu.Lock()
	to := t.waiting[reply.ID]
	delete(t.waiting, reply.ID)
	t.mu.Unlock()
	if to != nil {
		to <- asked{reply.Result, reply.Reason}
	}
}

// takeEvent looks whether the event is the next one.
func (t *terminal) takeEvent(frame []byte) {
	at := bytes.LastIndex(frame, numbered)
	if at < 0 {
		return
	}
	seq := numberAfter(frame[at:], numbered)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case bytes.HasPrefix(frame, resyncBegins) && seq < t.seq: // the server has forgotten what it has told
		t.run.record.happened(func(n *tally) { n.outOfOrder++ })
	case bytes.HasPrefix(frame, resyncBegins) && t.ready.Load():
		t.run.trouble(t, "resync: too many events to resume by number")
	case bytes.HasPrefix(frame, resyncBegins): // an old client
	case t.live && seq != t.seq+1:
		t.run.record.happened(func(n *tally) { n.outOfOrder++ })
	}
	t.seq = seq
	if !t.run.watchesExpiry {
		return
	}
	if _, rest, found := bytes.Cut(frame, expiresAt); found {
		text, _, _ := bytes.Cut(rest, []byte{'"'})
		if when, err := time.Parse(time.RFC3339, string(text)); err == nil {
			t.expires = when
		}
	}
	if bytes.HasPrefix(frame, closedBegins) && t.ready.Load() && !t.ended { // before, it was one that another has replaced
		t.ended = true
		t.run.expired(t.expires)
	}
}

// numberAfter is the number that stands behind a key; 0 if there is none.
func numberAfter(text, key []byte) (n int64) {
	_, rest, _ := bytes.Cut(text, key)
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

func reasonIn(frame []byte) string {
	_, rest, found := bytes.Cut(frame, []byte(`"reason":"`))
	reason, _, _ := bytes.Cut(rest, []byte{'"'})
	if !found {
		return "without a reason"
	}
	return string(reason)
}

// kindOf words an error without what is different in each: addresses, ports.
func kindOf(err error) string {
	var end closed
	switch {
	case errors.As(err, &end):
		return end.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return "cut off"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	default:
		return err.Error()
	}
}
