package persistence

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"vakhta/session"
)

// lane is one connection that commits, with its prepared statements. It is held for good, because a pool would run a
// statement again on another connection when this one breaks: the second run of a commit that had come through finds
// itself fenced, and would say that nothing was written.
type lane struct {
	conn                   *sql.Conn // nil: to be connected
	rows                   *pgArguments
	quick, fenced, careful *sql.Stmt
	used                   time.Duration // since the committer started
}

// idle is after how long a connection is looked at before it is used: it may have been broken since, and then it would
// not be known what became of the commit.
const idle = time.Second

// ready connects, if need be. A connection is also looked at when another one was found broken after its last use.
func (l *lane) ready(ctx context.Context, db *sqlx.DB, now, broken time.Duration) error {
	if l.conn != nil && (now-l.used > idle || l.used <= broken) && l.conn.PingContext(ctx) != nil {
		l.drop()
	}
	if l.conn != nil {
		return nil
	}
	return l.connect(ctx, db)
}

func (l *lane) connect(ctx context.Context, db *sqlx.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	l.conn = conn
	for into, text := range map[**sql.Stmt]string{&l.quick: pgQuick, &l.fenced: pgFenced, &l.careful: pgCareful} {
		if err == nil {
			*into, err = conn.PrepareContext(ctx, text) //nolint:sqlclosecheck // lives as long as the connection
		}
	}
	if err != nil {
		l.drop()
	}
	return err
}

// drop closes the connection, and not only gives it back to the pool.
func (l *lane) drop() {
	_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = l.conn.Close()
	l.conn = nil
}

// run settles the losers. An error of PostgreSQL means that nothing was written; with any other it is not known.
func (l *lane) run(ctx context.Context, careful bool, batch []*packed, args []any) error {
	if l.conn == nil {
		return sql.ErrConnDone
	}
	stmt := l.fenced
	switch {
	case careful:
		stmt = l.careful
	case !slices.ContainsFunc(batch, (*packed).rare):
		stmt, args = l.quick, args[:pgQuickArguments]
	}
	lost, err := losers(ctx, stmt, args)
	if err != nil {
		var refused *pq.Error
		if !errors.As(err, &refused) || ctx.Err() != nil {
			l.drop()
		}
		return err
	}
	for n, err := range lost {
		batch[n].err = err
	}
	return nil
}

func losers(ctx context.Context, stmt *sql.Stmt, args []any) (map[int]error, error) {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lost := map[int]error{}
	for rows.Next() {
		var n int
		var double bool
		if err := rows.Scan(&n, &double); err != nil {
			return nil, err
		}
		lost[n-1] = session.ErrFenced
		if double {
			lost[n-1] = session.ErrDouble
		}
	}
	return lost, rows.Err()
}
