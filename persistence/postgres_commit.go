package persistence

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"vakhta/session"
)

// carefulFor is how long the committer stays careful after a doubled order, so that a robot which repeats old ids cannot
// force a rerun of every batch.
const carefulFor = time.Second

type postgresCommitter struct {
	db           *sqlx.DB
	lanes        chan *lane // the free ones
	started      time.Time
	carefulUntil atomic.Int64 // since started
	brokenAt     atomic.Int64 // since started
}

func newPostgresCommitter(ctx context.Context, cfg Config, _ *sqlx.DB) (committer, error) {
	connections := cfg.Committers
	if connections < 1 {
		connections = defaultCommitters
	}
	db, err := openPostgres(cfg, connections, pgCommitSettings)
	if err != nil {
		return nil, err
	}
	c := &postgresCommitter{db: db, lanes: make(chan *lane, connections), started: time.Now()} //nolint:forbidigo // see since
	first := &lane{rows: newPGArguments()}
	if err := first.connect(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the commit: %w", err), c.close())
	}
	c.lanes <- first
	for range connections - 1 {
		c.lanes <- &lane{rows: newPGArguments()}
	}
	return c, nil
}

func (c *postgresCommitter) close() error { return c.db.Close() }

// since is a span for the committer's own use; no event knows it.
func (c *postgresCommitter) since() time.Duration {
	return time.Since(c.started) //nolint:forbidigo // only a span is measured
}

func (c *postgresCommitter) commit(ctx context.Context, batch []*packed) {
	var err error
	select {
	case l := <-c.lanes:
		defer func() { c.lanes <- l }()
		if err = ctx.Err(); err != nil { // both were ready
			break
		}
		if err = l.ready(ctx, c.db, c.since(), time.Duration(c.brokenAt.Load())); err == nil {
			l.used = c.since()
			c.write(ctx, l, batch)
		}
		if l.conn == nil {
			c.brokenAt.Store(int64(c.since()))
		}
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		for _, p := range batch {
			p.err = fmt.Errorf("commit: %w", err)
		}
	}
}

// write runs the batch. When it holds a doubled order it runs again carefully; when it holds another row that the
// database will not take, each change runs by itself, so that only that one falls.
func (c *postgresCommitter) write(ctx context.Context, l *lane, batch []*packed) {
	args := l.rows.args(batch)
	careful := c.since() < time.Duration(c.carefulUntil.Load())
	err := l.run(ctx, careful, batch, args)
	if isDouble(err) && !careful {
		c.carefulUntil.Store(int64(c.since() + carefulFor))
		err = l.run(ctx, true, batch, args)
	}
	if err != nil && len(batch) > 1 && refusedPGRow(err) {
		for i := range batch {
			c.write(ctx, l, batch[i:i+1])
		}
		return
	}
	for _, p := range batch {
		switch {
		case isDouble(err):
			p.err = session.ErrDouble // committed by somebody else since the statement began
		case err != nil:
			p.err = fmt.Errorf("commit: %w", err)
		}
	}
}

func isDouble(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "23505" && e.Constraint == "orders_user_order_id"
}

// refusedPGRow tells whether the error is about what was to be written: a constraint, or a value that no column takes.
func refusedPGRow(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && (e.Code.Class() == "23" || e.Code.Class() == "22")
}
