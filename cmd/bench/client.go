package main

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// client is one client with one terminal. One goroutine at a time asks; another one reads until the connection ends.
type client struct {
	code, login, phone string
	speaks             dialect

	sid     string
	socket  *socket
	answers chan answer
	ended   chan struct{} // closed when the connection is
	reason  error         // why, then

	requests int
	orders   int                    // submitted; the last one's user order id
	filled   atomic.Int64           // orders that the exchange has filled
	closed   atomic.Pointer[string] // the frame that says that the session is; nil: it is not
	passcode string                 // the last one
	frame    []byte
	seen     int // number of the last event that it was told of

	open atomic.Pointer[openLoop] // that takes the replies; nil: answers does
	mu   sync.Mutex
	due  map[int]time.Time // requests of the open loop, and when each of them was to be sent
}

// answer is what the server said to a request, and when it was read.
type answer struct {
	said    said
	request int
	frame   []byte
	at      time.Time
}

// patience is how long an answer may take. Whoever waits longer measures nothing any more.
const patience = 30 * time.Second

// connect opens the client's terminal. It returns when the server has greeted it as somebody who is logged in.
func (c *client) connect(ctx context.Context, address string) (err error) {
	if c.socket, err = dial(ctx, address, "/ws?SID="+c.sid); err != nil {
		return err
	}
	c.answers, c.ended = make(chan answer, 1), make(chan struct{})
	c.requests = 0
	go c.read(c.socket)
	if hello := c.speaks.hello(); hello != nil {
		if err := c.socket.write(opText, hello); err != nil {
			return err
		}
	}
	greeting, err := c.next()
	if err == nil && greeting.said != saidHello {
		err = fmt.Errorf("%s was greeted as nobody: %.200s", c.login, greeting.frame)
	}
	return err
}

// close cuts the connection, and returns when its reader has ended.
func (c *client) close() {
	if c.socket != nil {
		c.socket.close()
		<-c.ended
	}
}

// read hands answers on and counts fills.
func (c *client) read(from *socket) {
	defer close(c.ended)
	for {
		frame, err := from.read()
		if err != nil {
			c.reason = err
			return
		}
		now := time.Now()
		for more := true; more; {
			var message []byte
			message, frame, more = bytes.Cut(frame, []byte("\n"))
			if err := c.take(message, now); err != nil {
				c.reason = err
				return
			}
		}
	}
}

func (c *client) take(message []byte, now time.Time) error {
	switch kind, request := c.speaks.hear(message); kind {
	case saidElse:
	case saidFill:
		c.filled.Add(1)
	case saidClosed:
		if c.closed.Load() == nil {
			frame := string(message)
			c.closed.Store(&frame)
		}
	case saidPing:
		return c.socket.write(opText, []byte("{}"))
	case saidHello, saidReply, saidRefusal:
		a := answer{said: kind, request: request, at: now}
		if open := c.open.Load(); open != nil {
			open.take(c, a, message)
			return nil
		}
		a.frame = bytes.Clone(message)
		select {
		case c.answers <- a:
		default:
			return fmt.Errorf("nobody waits for this: %.200s", message)
		}
	}
	return nil
}

func (c *client) next() (answer, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case a := <-c.answers:
		return a, nil
	case <-c.ended:
		return answer{}, fmt.Errorf("the connection of %s ended: %w", c.login, c.reason)
	case <-late.C:
		return answer{}, fmt.Errorf("%s was not answered in %v", c.login, patience)
	}
}

// ask sends a command of the product and waits for the reply that bears its id.
func (c *client) ask(name, params string) (answer, error) {
	c.requests++
	c.frame = fmt.Appendf(c.frame[:0], `["%s",%s,"%d"]`, name, params, c.requests)
	return c.send()
}

// submit sends a market order and returns how long its acknowledgement took.
func (c *client) submit() (time.Duration, error) {
	began := time.Now()
	c.makeOrder()
	a, err := c.send()
	return a.at.Sub(began), err
}

func (c *client) makeOrder() {
	c.requests++
	c.orders++
	c.frame = c.speaks.order(c.frame[:0], c.requests, c.orders)
}

func (c *client) send() (answer, error) {
	if err := c.socket.write(opText, c.frame); err != nil {
		return answer{}, err
	}
	a, err := c.next()
	if err == nil && (a.said != saidReply || a.request != c.requests) {
		err = fmt.Errorf("%s asked %.200s and was told %.300s", c.login, c.frame, a.frame)
	}
	return a, err
}
