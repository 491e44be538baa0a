package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// sample is what the product writes and says: the anchors repeat it to the byte, with other ids.
type sample struct {
	Rows   rows
	Frames frames
}

// rows are those of an order.
type rows struct {
	Wake  int64
	State string // of a client with one login and an open session
	Hash  []byte // of an event: the bare loop has no chain, but its rows have the room for it

	Accepted, Extended, Filled string // events
	Received, Done             string // the order's payload, before and after

	EndedWake     int64
	Ended, Closed string // the client behind the end of his session, and that event; only for scenario 4
}

// frames are those of a terminal: its greeting, the reply to `events`, and all that an order causes.
type frames struct {
	Greeting, Events, Accepted, Extended, Reply, Filled string
	Closed                                              string // only for scenario 4

	Order int64 // its id, as it stands in the frames
}

// sample starts a product with one client, who submits two orders, and looks what has become of them: a limit far from
// the market stays as it was received, and a market order is filled.
func (b *bench) sample(ctx context.Context) (s *sample, err error) {
	dir := filepath.Join(b.dir, "sample")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	store := sqliteStore{dir}
	url, err := store.create(ctx, "sample")
	if err != nil {
		return nil, err
	}
	c, err := newCredentials(dir, url)
	if err != nil {
		return nil, err
	}
	one := newCrowd(1)
	if err := one.importInto(ctx, b.Vakhta, dir, c); err != nil {
		return nil, err
	}
	server, err := b.startProduct(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() {
		one.close()
		err = errors.Join(err, server.stop())
	}()
	if err := one.arrive(ctx, server); err != nil {
		return nil, fmt.Errorf("%w; the server said: %s", err, server.stderr)
	}
	const rests = `{"instr_name":"SBER","action_id":1,"order_type_id":2,"limit_price":1,"qty":10,"expiration_id":1,"user_order_id":0}`
	if _, err := one[0].ask("putTradeOrder", rests); err != nil {
		return nil, err
	}
	s = &sample{}
	if err := s.Frames.hear(ctx, server.address(), one[0].sid); err != nil {
		return nil, fmt.Errorf("frames of the product: %w", err)
	}
	return s, s.Rows.read(ctx, store, url)
}

// hear lets a second terminal submit a market order, and keeps what it is told.
func (f *frames) hear(ctx context.Context, address, sid string) error {
	s, err := dial(ctx, address, "/ws?SID="+sid)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	for _, x := range []struct {
		say, begin string
		into       *string
	}{
		{"", `["userData",`, &f.Greeting},
		{`["events",{"since":0},"1"]`, `["reply",`, &f.Events},
		{string(product{}.order(nil, 2, 1)), `["order.accepted",`, &f.Accepted},
		{"", `["session.extended",`, &f.Extended},
		{"", `["reply",`, &f.Reply},
		{"", `["order.filled",`, &f.Filled},
	} {
		if x.say != "" {
			if err := s.write(opText, []byte(x.say)); err != nil {
				return err
			}
		}
		for *x.into == "" {
			frame, err := s.read()
			if err != nil {
				return fmt.Errorf("waiting for %s…: %w", x.begin, err)
			}
			if bytes.HasPrefix(frame, []byte(x.begin)) {
				*x.into = string(frame)
			}
		}
	}
	var parts []json.RawMessage
	var order struct {
		ID int64 `json:"order_id"`
	}
	if err := json.Unmarshal([]byte(f.Filled), &parts); err != nil {
		return err
	}
	err = json.Unmarshal(parts[1], &order)
	f.Order = order.ID
	return err
}

func (r *rows) read(ctx context.Context, s store, database string) error {
	db, err := s.open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, look := range []struct {
		query string
		into  []any
	}{
		{`SELECT payload FROM orders WHERE status = 'filled'`, []any{&r.Done}},
		{`SELECT payload FROM orders WHERE status = 'working'`, []any{&r.Received}},
		{`SELECT data FROM event WHERE type = 'order.filled'`, []any{&r.Filled}},
		{`SELECT data FROM event WHERE type = 'order.accepted' ORDER BY seq DESC LIMIT 1`, []any{&r.Accepted}},
		{`SELECT data FROM event WHERE type = 'session.extended' ORDER BY seq DESC LIMIT 1`, []any{&r.Extended}},
		{`SELECT wake, state, head FROM client WHERE client_id = (SELECT client_id FROM orders WHERE status = 'filled')`, []any{&r.Wake, &r.State, &r.Hash}},
	} {
		if err := lookFor(ctx, db, look.query, look.into...); err != nil {
			return err
		}
	}
	return nil
}

// lookFor waits for the exchange.
func lookFor(ctx context.Context, db *sql.DB, query string, into ...any) error {
	for began := time.Now(); ; {
		err := db.QueryRowContext(ctx, query).Scan(into...)
		if err == nil {
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("%s: %w", query, err)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// write puts the sample where an anchor can read it.
func (s *sample) write(file string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func readSample(file string) (*sample, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &sample{}
	return s, json.Unmarshal(text, s)
}

// template is a frame without the order's id.
type template [][]byte

func (f *frames) template(frame string) template {
	return bytes.Split([]byte(frame), []byte(strconv.FormatInt(f.Order, 10)))
}

func (t template) append(to []byte, order int64) []byte {
	for i, part := range t {
		if i > 0 {
			to = strconv.AppendInt(to, order, 10)
		}
		to = append(to, part...)
	}
	return to
}
