package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// bare is the anchor: it writes the rows that the product writes, in group commits that come about in the same way, and
// does nothing else. It encodes nothing, decides nothing, checks nothing.
type bare struct {
	forms   forms
	clients []*bareClient
	to      committer

	mu      sync.Mutex
	came    *sync.Cond
	queue   []*change
	closing bool
	done    sync.WaitGroup
}

// bareClient has at most one change on its way.
type bareClient struct {
	id, version int64
	orders      int64
	durable     chan error
}

// change is what one commit makes of one client: the order's acceptance, or its fill.
type change struct {
	client  int64
	becomes int64 // version
	order   int64
	fill    bool
	durable chan<- error
}

// committer writes a batch in one transaction. No client is in it twice.
type committer interface {
	commit(ctx context.Context, batch []*change) error
	close() error
}

// mostPerCommit is the product's.
const mostPerCommit = 512

func newBare(ctx context.Context, s store, database string, f forms) (*bare, error) {
	b := &bare{forms: f}
	b.came = sync.NewCond(&b.mu)
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
		c := &bareClient{durable: make(chan error, 1)}
		if err := rows.Scan(&c.id, &c.version); err != nil {
			return nil, err
		}
		b.clients = append(b.clients, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if b.to, err = s.committer(ctx, database, f); err != nil {
		return nil, err
	}
	for i := range s.writers() {
		b.done.Go(func() { b.run(i) })
	}
	return b, nil
}

// submit returns how long the order's acceptance took to become durable. With fills it then waits for the fill.
func (b *bare) submit(client int, fills bool) (time.Duration, error) {
	c := b.clients[client]
	c.orders++
	began := time.Now()
	err := b.write(c, 2, false)
	took := time.Since(began)
	if err == nil && fills {
		err = b.write(c, 1, true)
	}
	return took, err
}

func (b *bare) write(c *bareClient, events int64, fill bool) error {
	c.version += events
	b.mu.Lock()
	b.queue = append(b.queue, &change{client: c.id, becomes: c.version, order: c.orders, fill: fill, durable: c.durable})
	b.mu.Unlock()
	b.came.Broadcast()
	return <-c.durable
}

// run is one writer: while its batch is being committed the next one gathers. All but the first work on a backlog only.
func (b *bare) run(writer int) {
	for batch := b.take(writer); len(batch) > 0; batch = b.take(writer) {
		err := b.to.commit(context.Background(), batch)
		if err != nil {
			err = fmt.Errorf("bare commit: %w", err)
		}
		for _, c := range batch {
			c.durable <- err
		}
	}
}

func (b *bare) take(writer int) []*change {
	b.mu.Lock()
	defer b.mu.Unlock()
	for !b.closing && (len(b.queue) == 0 || writer > 0 && len(b.queue) < mostPerCommit) {
		b.came.Wait()
	}
	n := min(len(b.queue), mostPerCommit)
	batch := b.queue[:n:n]
	b.queue = b.queue[n:]
	return batch
}

func (b *bare) close() error {
	b.mu.Lock()
	b.closing = true
	b.mu.Unlock()
	b.came.Broadcast()
	b.done.Wait()
	return b.to.close()
}

// orderID is unique over all clients; userID within one.
func (c *change) orderID() int64 { return c.client<<32 | c.order }
func (c *change) userID() string { return strconv.FormatInt(c.order, 10) }
