package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// client is one client with one terminal. One goroutine at a time asks; another one reads until the connection ends.
type client struct {
	code, login, phone string

	sid     string
	socket  *socket
	answers chan answer
	ended   chan struct{} // closed when the connection is
	reason  error         // why, then

	requests int
	orders   int          // submitted; the last one's user order id
	filled   atomic.Int64 // orders that the exchange has filled
	frame    []byte
}

// answer is what the server said to a request, and when it was read.
type answer struct {
	frame []byte
	at    time.Time
}

// patience is how long an answer may take. Whoever waits longer measures nothing any more.
const patience = 30 * time.Second

// connect opens the client's terminal. It returns when the server has greeted it as somebody who is logged in.
func (c *client) connect(ctx context.Context, address string) (err error) {
	if c.socket, err = dial(ctx, address, "/ws?SID="+c.sid); err != nil {
		return err
	}
	c.answers, c.ended = make(chan answer, 1), make(chan struct{})
	go c.read()
	greeting, err := c.next()
	if err == nil && !bytes.Contains(greeting.frame, []byte(`"isDemo":false`)) {
		err = fmt.Errorf("the client %s was greeted as nobody: %.200s", c.login, greeting.frame)
	}
	return err
}

func (c *client) close() {
	if c.socket != nil {
		c.socket.close()
	}
}

var filled, answered = []byte(`["order.filled",`), [][]byte{[]byte(`["reply",`), []byte(`["userData",`), []byte(`["error",`)}

// read hands answers on and counts fills.
func (c *client) read() {
	defer close(c.ended)
	for {
		frame, err := c.socket.read()
		if err != nil {
			c.reason = err
			return
		}
		if bytes.HasPrefix(frame, filled) {
			c.filled.Add(1)
			continue
		}
		for _, kind := range answered {
			if bytes.HasPrefix(frame, kind) {
				c.answers <- answer{bytes.Clone(frame), time.Now()}
			}
		}
	}
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

// ask sends a command and waits for the reply that bears its id.
func (c *client) ask(name, params string) (answer, error) {
	c.requests++
	id := strconv.Itoa(c.requests)
	c.frame = fmt.Appendf(c.frame[:0], `["%s",%s,"%s"]`, name, params, id)
	if err := c.socket.write(opText, c.frame); err != nil {
		return answer{}, err
	}
	a, err := c.next()
	if err != nil {
		return answer{}, err
	}
	if err := good(a.frame, id); err != nil {
		return answer{}, fmt.Errorf("%s of %s: %w", name, c.login, err)
	}
	return a, nil
}

// good tells whether a frame is the reply to the request with this id, and no refusal.
func good(frame []byte, id string) error {
	usual := append(append([]byte(`["reply",{"id":"`), id...), `","result":`...)
	if bytes.HasPrefix(frame, usual) {
		return nil
	}
	var parts []json.RawMessage
	var reply struct {
		ID     string          `json:"id"`
		Result json.RawMessage `json:"result"`
	}
	err := json.Unmarshal(frame, &parts)
	if err == nil && len(parts) > 1 {
		err = json.Unmarshal(parts[1], &reply)
	}
	if err == nil && (reply.ID != id || reply.Result == nil) {
		err = errors.New("refused")
	}
	if err != nil {
		return fmt.Errorf("%w: the server said %.300s", err, frame)
	}
	return nil
}

// submit sends a market order and returns how long its acknowledgement took.
func (c *client) submit() (time.Duration, error) {
	c.orders++
	params := `{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":10,"expiration_id":1,"user_order_id":` + strconv.Itoa(c.orders) + `}`
	began := time.Now()
	a, err := c.ask("putTradeOrder", params)
	return a.at.Sub(began), err
}
