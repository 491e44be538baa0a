package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// forms are rows that the product has written: the bare loop writes the same again and again, to the byte.
type forms struct {
	wake  int64
	state string // of a client with one login and an open session
	hash  []byte // of an event: the bare loop has no chain, but its rows have the room for it

	accepted, extended, filled string // events
	received, done             string // the order's payload, before and after
}

// forms has the first client submit two orders and looks into the database what has become of them: a limit far from the
// market, which stays as it was received, and a market order, which is filled.
func (s *stage) forms(ctx context.Context, database string) (f forms, err error) {
	first := s.crowd[0]
	const rests = `{"instr_name":"SBER","action_id":1,"order_type_id":2,"limit_price":1,"qty":10,"expiration_id":1,"user_order_id":0}`
	if _, err := first.ask("putTradeOrder", rests); err != nil {
		return f, err
	}
	if _, err := first.submit(); err != nil {
		return f, err
	}
	db, err := s.store.open(database)
	if err != nil {
		return f, err
	}
	defer db.Close()
	for _, look := range []struct {
		query string
		into  []any
	}{
		{`SELECT payload FROM orders WHERE status = 'filled'`, []any{&f.done}},
		{`SELECT payload FROM orders WHERE status = 'working'`, []any{&f.received}},
		{`SELECT data FROM event WHERE type = 'order.filled'`, []any{&f.filled}},
		{`SELECT data FROM event WHERE type = 'order.accepted' ORDER BY seq DESC LIMIT 1`, []any{&f.accepted}},
		{`SELECT data FROM event WHERE type = 'session.extended' ORDER BY seq DESC LIMIT 1`, []any{&f.extended}},
		{`SELECT wake, state, head FROM client WHERE client_id = (SELECT client_id FROM orders WHERE status = 'filled')`, []any{&f.wake, &f.state, &f.hash}},
	} {
		if err := lookFor(ctx, db, look.query, look.into...); err != nil {
			return f, err
		}
	}
	return f, nil
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
