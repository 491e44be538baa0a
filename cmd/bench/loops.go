package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// closedLoop keeps clients busy for a while, each with one order at a time.
func closedLoop(ctx context.Context, all crowd, window time.Duration) (*cell, error) {
	took := make([][]time.Duration, len(all))
	began := time.Now()
	var g errgroup.Group
	for i, c := range all {
		g.Go(func() error {
			for time.Since(began) < window && ctx.Err() == nil {
				t, err := c.submit()
				if err != nil {
					return err
				}
				took[i] = append(took[i], t)
			}
			return nil
		})
	}
	err := errors.Join(g.Wait(), ctx.Err())
	c := &cell{span: time.Since(began), latencies: newHistogram()}
	for _, t := range slices.Concat(took...) {
		c.add(t)
	}
	return c, err
}

// openLoop sends orders at a steady rate, whatever has become of those before. The latency of an order counts from when
// it was to be sent: what the server holds up is not forgiven because the clients were held up with it.
type openLoop struct {
	mu       sync.Mutex
	cell     *cell
	refused  error
	answered atomic.Int64
}

func openedLoop(ctx context.Context, all crowd, rate int, window time.Duration) (*cell, error) {
	l := &openLoop{cell: &cell{span: window, latencies: newHistogram()}}
	for _, c := range all {
		c.due = map[int]time.Time{}
		c.open.Store(l)
	}
	defer func() {
		for _, c := range all {
			c.open.Store(nil)
		}
	}()
	sent, err := l.pace(ctx, all, rate, window)
	if err != nil {
		return nil, err
	}
	for began := time.Now(); l.answered.Load() < sent; {
		if time.Since(began) > patience {
			return nil, fmt.Errorf("%d of %d orders were not answered in %v", sent-l.answered.Load(), sent, patience)
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return nil, err
		}
	}
	return l.cell, l.refused
}

// pace has a thread of its own: the runtime's timers are late by up to a millisecond.
func (l *openLoop) pace(ctx context.Context, all crowd, rate int, window time.Duration) (sent int64, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const exact = 1 // ns
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, exact, 0, 0, 0)
	began := time.Now()
	for ; ; sent++ {
		after := time.Duration(sent) * time.Second / time.Duration(rate)
		if after >= window || ctx.Err() != nil {
			return sent, ctx.Err()
		}
		due := began.Add(after)
		for left := time.Until(due); left > 0; left = time.Until(due) {
			t := unix.NsecToTimespec(left.Nanoseconds())
			_ = unix.Nanosleep(&t, nil) // whoever wakes it early
		}
		if err := all[int(sent)%len(all)].submitDue(due); err != nil {
			return sent, err
		}
	}
}

func (c *client) submitDue(due time.Time) error {
	c.makeOrder()
	c.mu.Lock()
	c.due[c.requests] = due
	c.mu.Unlock()
	return c.socket.write(opText, c.frame)
}

func (l *openLoop) take(c *client, a answer, message []byte) {
	c.mu.Lock()
	due, ok := c.due[a.request]
	delete(c.due, a.request)
	c.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok || a.said != saidReply {
		l.refused = fmt.Errorf("%s submitted an order and was told %.300s", c.login, message)
	}
	l.cell.add(a.at.Sub(due))
	l.answered.Add(1)
}

func newHistogram() *hdrhistogram.Histogram {
	const digits = 3
	return hdrhistogram.New(1, (2 * patience).Microseconds(), digits)
}

func pause(ctx context.Context, span time.Duration) error {
	select {
	case <-time.After(span):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
