package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// orderLoop is the bare order loop: it writes the rows that the product writes and pushes the frames that the product
// pushes. It decides nothing, checks nothing and encodes nothing but ids.
type orderLoop struct {
	clients []*bareClient
	commits *groupCommit
	frames  frames

	accepted, extended, reply, filled template
	lastID                            atomic.Int64
}

// bareClient has at most one change on its way; the next one waits.
type bareClient struct {
	id       int64
	terminal atomic.Pointer[leanConn]

	mu              sync.Mutex // of one change
	version, orders int64
}

func newOrders(ctx context.Context, o anchorOptions) (anchor, error) {
	s, err := storeOf(o.store)
	if err != nil {
		return anchor{}, err
	}
	f := o.sample.Frames
	l := &orderLoop{
		frames: f, accepted: f.template(f.Accepted), extended: f.template(f.Extended), reply: f.template(f.Reply), filled: f.template(f.Filled),
	}
	l.lastID.Store(1000)
	if l.clients, err = bareClients(ctx, s, o.database); err != nil {
		return anchor{}, err
	}
	to, err := s.committer(ctx, o.database, o.sample.Rows)
	if err != nil {
		return anchor{}, err
	}
	l.commits = newGroupCommit(to, s.writers())
	return anchor{lean(l.serve), l.commits.close}, nil
}

func bareClients(ctx context.Context, s store, database string) (all []*bareClient, err error) {
	db, err := s.open(database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT client_id, version FROM client ORDER BY client_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := &bareClient{}
		if err := rows.Scan(&c.id, &c.version); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// serve is one terminal.
func (l *orderLoop) serve(c *leanConn, sid string) {
	n, err := strconv.Atoi(sid)
	if err != nil || n < 0 || n >= len(l.clients) || c.say([]byte(l.frames.Greeting)) != nil {
		return
	}
	l.clients[n].terminal.Store(c)
	for {
		var command, request []byte
		err := c.hear(func(frame []byte) {
			name, _, _ := bytes.Cut(frame, []byte(","))
			command, request = bytes.Clone(name), requestID(frame)
		})
		if err != nil {
			return
		}
		switch string(command) {
		case `["putTradeOrder"`:
			err = l.order(c, l.clients[n], request)
		case `["expire"`:
			l.expire()
		default:
			err = c.say(withRequest([]byte(l.frames.Events), "1", request))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "an order was not served:", err)
			return
		}
	}
}

// order is answered when it is durable; its fill is written and pushed behind that.
func (l *orderLoop) order(c *leanConn, who *bareClient, request []byte) error {
	id := l.lastID.Add(1)
	if err := who.change(l.commits, orderAccepted, id); err != nil {
		return err
	}
	err := c.say(l.accepted.append(nil, id), l.extended.append(nil, id), withRequest(l.reply.append(nil, id), "2", request))
	if err != nil {
		return err
	}
	go func() {
		if who.change(l.commits, orderFilled, id) == nil {
			_ = c.say(l.filled.append(nil, id)) // the reader notices when the client is gone
		}
	}()
	return nil
}

func (b *bareClient) change(to *groupCommit, what kind, order int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++ // one for every event
	if what == orderAccepted {
		b.version++
		b.orders++
	}
	return to.write(&change{kind: what, client: b.id, becomes: b.version, order: order, number: b.orders})
}

// expire ends the sessions of all who are there, at one instant.
func (l *orderLoop) expire() {
	for _, who := range l.clients {
		if c := who.terminal.Load(); c != nil {
			go func() {
				if who.change(l.commits, sessionExpired, 0) == nil {
					_ = c.say([]byte(l.frames.Closed))
				}
			}()
		}
	}
}

// requestID is the last element of a frame, a string.
func requestID(frame []byte) []byte {
	frame = bytes.TrimSuffix(frame, []byte(`"]`))
	return bytes.Clone(frame[bytes.LastIndexByte(frame, '"')+1:])
}

// withRequest puts the id of a request into the reply that was made for another.
func withRequest(reply []byte, was string, id []byte) []byte {
	head := `["reply",{"id":"`
	return append(append([]byte(head), id...), reply[len(head)+len(was):]...)
}
