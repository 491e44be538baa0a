package main

import (
	"context"
	"fmt"
	"sync"
)

// change is what one commit makes of one client. centrifuge's is an order only.
type change struct {
	kind kind

	client  int64
	becomes int64 // version
	order   int64
	number  int64 // of the order, the client's own
	durable chan error
}

// kind of change: an order's acceptance (client, two events, order), its fill (client, event, order again), or the end of
// a session (client, event).
type kind int

const (
	orderAccepted kind = iota
	orderFilled
	sessionExpired
)

// committer writes a batch in one transaction. No client is in two batches at once.
type committer interface {
	commit(ctx context.Context, batch []*change) error
	close() error
}

// mostPerCommit is the product's.
const mostPerCommit = 512

// groupCommit gathers changes into batches, as the product does: while one is being committed the next one gathers.
type groupCommit struct {
	to committer

	mu      sync.Mutex
	came    *sync.Cond
	queue   []*change
	closing bool
	done    sync.WaitGroup
}

func newGroupCommit(to committer, writers int) *groupCommit {
	g := &groupCommit{to: to}
	g.came = sync.NewCond(&g.mu)
	for i := range writers {
		g.done.Go(func() { g.run(i) })
	}
	return g
}

// write returns when the change is durable.
func (g *groupCommit) write(c *change) error {
	c.durable = make(chan error, 1)
	g.mu.Lock()
	g.queue = append(g.queue, c)
	g.mu.Unlock()
	g.came.Broadcast()
	return <-c.durable
}

// run is one writer. All but the first work on a backlog only.
func (g *groupCommit) run(writer int) {
	for batch := g.take(writer); len(batch) > 0; batch = g.take(writer) {
		err := g.to.commit(context.Background(), batch)
		if err != nil {
			err = fmt.Errorf("the anchor's commit: %w", err)
		}
		for _, c := range batch {
			c.durable <- err
		}
	}
}

func (g *groupCommit) take(writer int) []*change {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.closing && (len(g.queue) == 0 || writer > 0 && len(g.queue) < mostPerCommit) {
		g.came.Wait()
	}
	n := min(len(g.queue), mostPerCommit)
	batch := g.queue[:n:n]
	g.queue = g.queue[n:]
	return batch
}

// close writes what is waiting.
func (g *groupCommit) close() error {
	g.mu.Lock()
	g.closing = true
	g.mu.Unlock()
	g.came.Broadcast()
	g.done.Wait()
	return g.to.close()
}
