package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// postgresBatch writes a batch in one statement and one round trip. It has none of the product's checks.
const postgresBatch = `WITH moved AS (UPDATE client t SET version = c.becomes, wake = c.wake, attended = true, state = c.state, head = c.head
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $17::bytea[]) AS c(client_id, becomes, state, wake, head) WHERE t.client_id = c.client_id),
	told AS (INSERT INTO event (client_id, seq, at, type, data, prev)
		SELECT * FROM unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $18::bytea[])),
	ordered AS (INSERT INTO orders (client_id, order_id, user_order_id, open, status, payload)
		SELECT o.client_id, o.order_id, o.user_order_id, true, 'received', o.payload
		FROM unnest($10::bigint[], $11::bigint[], $12::text[], $13::text[]) AS o(client_id, order_id, user_order_id, payload))
	UPDATE orders t SET open = false, status = 'filled', payload = f.payload
		FROM unnest($14::bigint[], $15::bigint[], $16::text[]) AS f(client_id, order_id, payload)
		WHERE t.client_id = f.client_id AND t.order_id = f.order_id`

// postgresSettings are the product's, for connections that commit.
var postgresSettings = url.Values{
	"binary_parameters": {"yes"}, "plan_cache_mode": {"force_generic_plan"},
	"enable_hashjoin": {"off"}, "enable_mergejoin": {"off"}, "enable_seqscan": {"off"},
}

type postgresCommitter struct {
	rows

	db    *sql.DB
	batch *sql.Stmt
}

func (s *postgresStore) committer(ctx context.Context, database string, r rows) (committer, error) {
	db, stmt, err := s.prepare(ctx, database, postgresBatch)
	return &postgresCommitter{rows: r, db: db, batch: stmt}, err
}

// prepare opens a database for writers that commit with one statement.
func (s *postgresStore) prepare(ctx context.Context, database, statement string) (*sql.DB, *sql.Stmt, error) {
	u, err := url.Parse(database)
	if err != nil {
		return nil, nil, err
	}
	query := u.Query()
	maps.Copy(query, postgresSettings)
	u.RawQuery = query.Encode()
	db, err := s.open(u.String())
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxIdleConns(s.writers())
	stmt, err := db.PrepareContext(ctx, statement)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, stmt, nil
}

func (c *postgresCommitter) close() error { return c.db.Close() }

func (c *postgresCommitter) commit(ctx context.Context, batch []*change) error {
	var (
		clients = arrays("client_id int, becomes int, state text, wake int")
		events  = arrays("client_id int, seq int, at int, type text, data text")
		orders  = arrays("client_id int, order_id int, user_order_id text, payload text")
		fills   = arrays("client_id int, order_id int, payload text")
		heads   = arrays("head bytea")
		prevs   = arrays("prev bytea")
		at      = time.Now().UnixMicro()
	)
	for _, x := range batch {
		heads.add(c.Hash)
		prevs.add(c.Hash)
		switch x.kind {
		case orderAccepted:
			clients.add(x.client, x.becomes, c.State, c.Wake)
			events.add(x.client, x.becomes-1, at, "order.accepted", c.Accepted)
			events.add(x.client, x.becomes, at, "session.extended", c.Extended)
			prevs.add(c.Hash)
			orders.add(x.client, x.order, strconv.FormatInt(x.number, 10), c.Received)
		case orderFilled:
			clients.add(x.client, x.becomes, c.State, c.Wake)
			events.add(x.client, x.becomes, at, "order.filled", c.Filled)
			fills.add(x.client, x.order, c.Done)
		case sessionExpired:
			clients.add(x.client, x.becomes, c.Ended, c.EndedWake)
			events.add(x.client, x.becomes, at, "session.closed", c.Closed)
		}
	}
	args := slices.Concat(clients.bytes(), events.bytes(), orders.bytes(), fills.bytes(), heads.bytes(), prevs.bytes())
	_, err := c.batch.ExecContext(ctx, args...)
	return err
}

// postgresPlain writes one row for an order.
type postgresPlain struct {
	db    *sql.DB
	batch *sql.Stmt
	row   string
}

func (s *postgresStore) plain(ctx context.Context, database, row string) (committer, error) {
	db, err := s.open(database)
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE plain (order_id bigint PRIMARY KEY, client_id bigint NOT NULL, payload text NOT NULL)`)
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	c := &postgresPlain{row: row}
	c.db, c.batch, err = s.prepare(ctx, database, `INSERT INTO plain (order_id, client_id, payload)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])`)
	return c, err
}

func (c *postgresPlain) close() error { return c.db.Close() }

func (c *postgresPlain) commit(ctx context.Context, batch []*change) error {
	orders := arrays("order_id int, client_id int, payload text")
	for _, x := range batch {
		orders.add(x.order, x.client, c.row)
	}
	_, err := c.batch.ExecContext(ctx, orders.bytes()...)
	return err
}

// columns are the arrays of one kind of row.
type columns []*array

func arrays(list string) columns {
	var all columns
	for column := range strings.SplitSeq(list, ",") {
		element := uint32(20)
		switch {
		case strings.HasSuffix(column, "text"):
			element = 25
		case strings.HasSuffix(column, "bytea"):
			element = 17
		}
		all = append(all, newArray(element))
	}
	return all
}

func (c columns) add(values ...any) {
	for i, value := range values {
		switch v := value.(type) {
		case int64:
			c[i].int(v)
		case string:
			c[i].text(v)
		case []byte:
			c[i].text(string(v))
		}
	}
}

func (c columns) bytes() []any {
	all := make([]any, len(c))
	for i, a := range c {
		all[i] = a.bytes()
	}
	return all
}

// array is one in PostgreSQL's binary form.
type array struct {
	b []byte
	n uint32
}

func newArray(element uint32) *array {
	a := &array{b: make([]byte, 0, 4<<10)}
	for _, word := range []uint32{1, 0, element, 0, 1} { // dimensions, nulls, type, length, first index
		a.b = binary.BigEndian.AppendUint32(a.b, word)
	}
	return a
}

func (a *array) int(v int64) {
	a.b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(a.b, 8), uint64(v))
	a.n++
}

func (a *array) text(v string) {
	a.b = append(binary.BigEndian.AppendUint32(a.b, uint32(len(v))), v...)
	a.n++
}

func (a *array) bytes() []byte {
	binary.BigEndian.PutUint32(a.b[12:], a.n)
	return a.b
}
