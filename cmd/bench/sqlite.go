package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
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
	forms
	db                       *sql.DB
	move, event, order, fill *sql.Stmt
}

func (s sqliteStore) committer(ctx context.Context, url string, f forms) (committer, error) {
	db, err := s.open(url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &sqliteCommitter{forms: f, db: db}
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
		put(move, x.client, x.becomes, c.wake, c.state, c.hash)
		if x.fill {
			put(event, x.client, x.becomes, at, "order.filled", c.filled, c.hash)
			put(fill, x.client, x.orderID(), c.done)
		} else {
			put(event, x.client, x.becomes-1, at, "order.accepted", c.accepted, c.hash)
			put(event, x.client, x.becomes, at, "session.extended", c.extended, c.hash)
			put(order, x.client, x.orderID(), x.userID(), c.received)
		}
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}
