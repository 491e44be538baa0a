package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	modernc "modernc.org/sqlite"

	"vakhta/session"
)

// The statements of a change. The first moves the client's row, if nobody else has and if its order is new.
const (
	sqliteMove = `UPDATE client SET version = ?3, wake = ?4, attended = ?5, state = ?6, head = ?9 WHERE client_id = ?1 AND version = ?2
		AND head IS ?8 AND NOT EXISTS (SELECT 1 FROM orders WHERE client_id = ?1 AND user_order_id = ?7)`
	sqliteOwned    = `SELECT EXISTS (SELECT 1 FROM client WHERE client_id = ? AND version = ? AND head IS ?)`
	sqliteKnown    = `SELECT EXISTS (SELECT 1 FROM orders WHERE client_id = ? AND user_order_id = ?)`
	sqliteEvent    = `INSERT INTO event (client_id, seq, at, type, data, prev) VALUES (?, ?, ?, ?, ?, ?)`
	sqliteOrder    = `INSERT INTO orders (client_id, order_id, user_order_id, open, status, payload) VALUES (?, ?, ?, ?, ?, ?)`
	sqliteReorder  = `UPDATE orders SET open = ?3, status = ?4, payload = ?5 WHERE client_id = ?1 AND order_id = ?2`
	sqliteText     = `INSERT INTO outbox (client_id, seq, status, phone, at, expires_at, body) VALUES (?, ?, 'pending', ?, ?, ?, ?)`
	sqliteProfile  = `UPDATE profile SET password_hash = coalesce(?2, password_hash), phones = coalesce(?3, phones) WHERE client_id = ?1`
	sqliteDocument = `INSERT INTO document (client_id, document_id, waits, payload) VALUES (?, ?, ?, ?)
		ON CONFLICT (client_id, document_id) DO UPDATE SET waits = excluded.waits, payload = excluded.payload`
	sqliteToken = `INSERT INTO web_token (client_id, token_id, state, s_pub, attempts_left, ` +
		`lifetime_failures, day_evaluations, created, changed, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (client_id, token_id) DO UPDATE SET state = excluded.state, attempts_left = excluded.attempts_left,
			lifetime_failures = excluded.lifetime_failures, day_evaluations = excluded.day_evaluations, changed = excluded.changed,
			payload = excluded.payload`
)

type sqliteCommitter struct {
	db    *sqlx.DB
	stmts []*sql.Stmt

	move, owned, known, event, order, reorder, text, profile, document, token *sql.Stmt
}

func newSQLiteCommitter(ctx context.Context, _ Config, write *sqlx.DB) (committer, error) {
	c := &sqliteCommitter{db: write}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&c.move, sqliteMove},
		{&c.owned, sqliteOwned},
		{&c.known, sqliteKnown},
		{&c.event, sqliteEvent},
		{&c.order, sqliteOrder},
		{&c.reorder, sqliteReorder},
		{&c.text, sqliteText},
		{&c.profile, sqliteProfile},
		{&c.document, sqliteDocument},
		{&c.token, sqliteToken},
	} {
		stmt, err := write.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // lives as long as the committer: see close
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare the commit: %w", err), c.close())
		}
		*s.stmt = stmt
		c.stmts = append(c.stmts, stmt)
	}
	return c, nil
}

func (c *sqliteCommitter) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// commit writes the batch. When a row is one that the database will not take, its change must fall alone: the batch is
// taken back and each change committed by itself.
func (c *sqliteCommitter) commit(ctx context.Context, batch []*packed) {
	err := c.try(ctx, batch)
	if err == nil {
		return
	}
	if len(batch) > 1 && refusedRow(err) {
		for i := range batch {
			batch[i].err = nil
			c.commit(ctx, batch[i:i+1])
		}
		return
	}
	for _, p := range batch {
		p.err = fmt.Errorf("commit: %w", err)
	}
}

// refusedRow tells whether the error is about what was to be written, and not about the disk or the file.
func refusedRow(err error) bool {
	const (
		constraint, tooBig, mismatch = 19, 18, 20
		primary                      = 0xff
	)
	var e *modernc.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & primary
	return code == constraint || code == tooBig || code == mismatch
}

// try needs no context once it has the connection: a commit is short, and one that is broken off helps nobody.
func (c *sqliteCommitter) try(ctx context.Context, batch []*packed) error {
	tx, err := c.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	ctx = context.WithoutCancel(ctx)
	t := &sqliteBatch{ctx: ctx, tx: tx.Tx, own: map[*sql.Stmt]*sql.Stmt{}}
	for _, p := range batch {
		if err := c.write(t, p); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (c *sqliteCommitter) write(t *sqliteBatch, p *packed) error {
	for i, o := range p.orders {
		if i == 0 || o.userID == "" {
			continue // the first one is looked at by the move
		}
		if known, err := t.number(c.known, p.client, o.userID); err != nil {
			return err
		} else if known == 1 {
			return c.why(t, p)
		}
	}
	var first any
	if len(p.orders) > 0 {
		first = null(p.orders[0].userID)
	}
	moved, err := t.exec(c.move, p.client, p.was, p.becomes, nullInt(p.wake), p.attended, p.state, first, nullHash(&p.prev), nullHash(&p.head))
	switch {
	case err != nil:
		return err
	case moved == 0:
		return c.why(t, p)
	}
	for i := range p.events {
		e := &p.events[i]
		if _, err := t.exec(c.event, p.client, e.seq, e.at, e.name, e.data, e.prev[:]); err != nil {
			return err
		}
	}
	for _, o := range p.orders {
		if _, err := t.exec(c.order, p.client, o.id, null(o.userID), o.open, o.status, o.payload); err != nil {
			return err
		}
	}
	for _, o := range p.moves {
		if _, err := t.exec(c.reorder, p.client, o.id, o.open, o.status, o.payload); err != nil {
			return err
		}
	}
	for _, x := range p.texts {
		if _, err := t.exec(c.text, p.client, x.seq, x.phone, x.at, x.expires, x.body); err != nil {
			return err
		}
	}
	if p.password != "" || p.phones != "" {
		if _, err := t.exec(c.profile, p.client, null(p.password), null(p.phones)); err != nil {
			return err
		}
	}
	for _, d := range p.documents {
		if _, err := t.exec(c.document, p.client, d.id, d.waits, d.payload); err != nil {
			return err
		}
	}
	for _, x := range p.tokens { // in their order: what ends makes room for what begins
		_, err := t.exec(c.token, p.client, x.id, x.state, x.sPub, x.attempts, x.failures, x.day, x.created, x.changed, x.payload)
		if err != nil {
			return err
		}
	}
	return nil
}

// why did the row not move: it has another version or hash, or there is none, or the order is known.
func (c *sqliteCommitter) why(t *sqliteBatch, p *packed) error {
	owned, err := t.number(c.owned, p.client, p.was, nullHash(&p.prev))
	if err != nil {
		return err
	}
	p.err = session.ErrFenced
	if owned == 1 {
		p.err = session.ErrDouble
	}
	return nil
}

// sqliteBatch is a transaction with the prepared statements bound to it, each once. They end with it.
type sqliteBatch struct {
	ctx context.Context
	tx  *sql.Tx
	own map[*sql.Stmt]*sql.Stmt
}

func (t *sqliteBatch) bind(s *sql.Stmt) *sql.Stmt {
	bound, ok := t.own[s]
	if !ok {
		bound = t.tx.StmtContext(t.ctx, s)
		t.own[s] = bound
	}
	return bound
}

func (t *sqliteBatch) exec(s *sql.Stmt, args ...any) (int64, error) {
	result, err := t.bind(s).ExecContext(t.ctx, args...) //nolint:sqlclosecheck // see sqliteBatch
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *sqliteBatch) number(s *sql.Stmt, args ...any) (n int64, err error) {
	err = t.bind(s).QueryRowContext(t.ctx, args...).Scan(&n) //nolint:sqlclosecheck // see sqliteBatch
	return n, err
}

func null(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func nullInt(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}
