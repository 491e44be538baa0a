package actors

import (
	"context"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"vakhta/session"
)

// mostPerCommit bounds a batch; beyond it a row costs no less.
const mostPerCommit = 512

// commitTimeout bounds one commit. After it nobody knows what came of it, and the actors load their rows again.
const commitTimeout = 10 * time.Second

// committed tells a client actor what came of its change.
type committed struct{ session.Committed }

// order of work for a writer.
type writeOrder struct {
	change session.Change
	from   *actor.PID
}

// writers commit the changes of many clients in groups: while one batch is being committed the next one gathers. There
// is no lingering. A client actor has at most one change here at a time, so that no batch has a client twice.
type writers struct {
	commit func(ctx context.Context, batch []session.Change) []session.Committed
	tell   func(to *actor.PID, message any)

	mu      sync.Mutex
	came    *sync.Cond
	queue   []writeOrder
	closing bool
	done    sync.WaitGroup
}

// newWriters starts n committers. All but the first work only on a backlog of more than one full batch.
func newWriters(n int, commit func(context.Context, []session.Change) []session.Committed, tell func(*actor.PID, any)) *writers {
	w := &writers{commit: commit, tell: tell}
	w.came = sync.NewCond(&w.mu)
	for i := range n {
		threshold := 1
		if i > 0 {
			threshold = mostPerCommit
		}
		w.done.Go(func() { w.run(threshold) })
	}
	return w
}

func (w *writers) write(change session.Change, from *actor.PID) {
	w.mu.Lock()
	w.queue = append(w.queue, writeOrder{change, from})
	w.mu.Unlock()
	w.came.Broadcast()
}

// close returns when everything that was given to write is written.
func (w *writers) close() {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	w.came.Broadcast()
	w.done.Wait()
}

// take waits for work; none is the end.
func (w *writers) take(threshold int) []writeOrder {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) < threshold && !w.closing {
		w.came.Wait()
	}
	n := min(len(w.queue), mostPerCommit)
	batch := w.queue[:n:n]
	if w.queue = w.queue[n:]; len(w.queue) == 0 {
		w.queue = nil // keeps nobody's state alive
	}
	return batch
}

func (w *writers) run(threshold int) {
	for batch := w.take(threshold); len(batch) > 0; batch = w.take(threshold) {
		changes := make([]session.Change, len(batch))
		for i, o := range batch {
			changes[i] = o.change
		}
		ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
		came := w.commit(ctx, changes)
		cancel()
		for i, o := range batch {
			w.tell(o.from, &committed{came[i]})
		}
	}
}
