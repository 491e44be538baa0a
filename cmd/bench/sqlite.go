package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

type sqliteStore struct{ dir string }

func (s sqliteStore) create(_ context.Context, name string) (string, error) {
	return "sqlite:" + filepath.Join(s.dir, name+".db"), nil
}

// open has the settings of the product.
func (sqliteStore) open(url string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:")+"?_txlock=immediate&_pragma=busy_timeout(10000)"+
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)")
}

func (sqliteStore) writers() int         { return 1 }
func (sqliteStore) spent() time.Duration { return 0 } // it is a part of whoever uses it
func (sqliteStore) close() error         { return nil }

const (
	sqliteMove  = `UPDATE client SET version = ?2, wake = ?3, attended = 1, state = ?4, head = ?5 WHERE client_id = ?1`
	sqliteEvent = `INSERT INTO event (client_id, seq, at, type, data, prev) VALUES (?, ?, ?, ?, ?, ?)`
	sqliteOrder = `INSERT INTO orders (client_id, order_id, user_order_id, open, status, payload) VALUES (?, ?, ?, 1, 'received', ?)`
	sqliteFill  = `UPDATE orders SET open = 0, status = 'filled', payload = ?3 WHERE client_id = ?1 AND order_id = ?2`
)

// sqliteCommitter writes row by row with prepared statements, as is the fastest here (journal.md).
type sqliteCommitter struct {
	rows

	db                       *sql.DB
	move, event, order, fill *sql.Stmt
}

func (s sqliteStore) committer(ctx context.Context, url string, f rows) (committer, error) {
	db, err := s.open(url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &sqliteCommitter{rows: f, db: db}
	prepare := func(text string) (stmt *sql.Stmt) {
		if err == nil {
			stmt, err = db.PrepareContext(ctx, text) // closed with the database
		}
		return stmt
	}
	c.move, c.event, c.order, c.fill = prepare(sqliteMove), prepare(sqliteEvent), prepare(sqliteOrder), prepare(sqliteFill)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

func (c *sqliteCommitter) close() error { return c.db.Close() }

func (c *sqliteCommitter) commit(ctx context.Context, batch []*change) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	move, event, order, fill := tx.StmtContext(ctx, c.move), tx.StmtContext(ctx, c.event), tx.StmtContext(ctx, c.order), tx.StmtContext(ctx, c.fill)
	at := time.Now().UnixMicro()
	put := func(s *sql.Stmt, args ...any) {
		if err == nil {
			_, err = s.ExecContext(ctx, args...)
		}
	}
	for _, x := range batch {
		switch x.kind {
		case orderAccepted:
			put(move, x.client, x.becomes, c.Wake, c.State, c.Hash)
			put(event, x.client, x.becomes-1, at, "order.accepted", c.Accepted, c.Hash)
			put(event, x.client, x.becomes, at, "session.extended", c.Extended, c.Hash)
			put(order, x.client, x.order, strconv.FormatInt(x.number, 10), c.Received)
		case orderFilled:
			put(move, x.client, x.becomes, c.Wake, c.State, c.Hash)
			put(event, x.client, x.becomes, at, "order.filled", c.Filled, c.Hash)
			put(fill, x.client, x.order, c.Done)
		case sessionExpired:
			put(move, x.client, x.becomes, c.EndedWake, c.Ended, c.Hash)
			put(event, x.client, x.becomes, at, "session.closed", c.Closed, c.Hash)
		}
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// sqlitePlain writes one row for an order.
type sqlitePlain struct {
	db     *sql.DB
	insert *sql.Stmt
	row    string
}

func (s sqliteStore) plain(ctx context.Context, url, row string) (committer, error) {
	db, err := s.open(url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &sqlitePlain{db: db, row: row}
	if _, err = db.ExecContext(ctx, `CREATE TABLE plain (order_id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, payload TEXT NOT NULL) STRICT`); err == nil {
		c.insert, err = db.PrepareContext(ctx, `INSERT INTO plain (order_id, client_id, payload) VALUES (?, ?, ?)`)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

func (c *sqlitePlain) close() error { return c.db.Close() }

func (c *sqlitePlain) commit(ctx context.Context, batch []*change) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()    // does nothing after the commit
	insert := tx.StmtContext(ctx, c.insert) //nolint:sqlclosecheck // closed with the transaction
	for _, x := range batch {
		if _, err := insert.ExecContext(ctx, x.order, x.client, c.row); err != nil {
			return err
		}
	}
	return tx.Commit()
}
