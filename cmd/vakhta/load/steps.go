package load

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// about says which waiting a step is about.
var about = map[verb][]kind{
	arrive: {openingToken, openingSMS}, trade: {acknowledged}, resume: {resuming}, expire: {expiring},
}

// perform carries out a step, and what happens in the meantime.
func (r *run) perform(ctx context.Context, x step) error {
	r.step.Store(&x.line)
	defer r.step.Store(nil)
	s := Step{Line: x.line, Began: r.since()}
	began, before := r.record.beginStep(), r.look(ctx)
	g, during := errgroup.WithContext(ctx) // what fails in the meantime ends the step
	for _, y := range x.meantime {
		g.Go(func() error {
			sleep(during, y.at)
			if during.Err() != nil {
				return during.Err()
			}
			from := r.since()
			err := r.act(ctx, y)
			r.mu.Lock()
			r.result.Steps = append(r.result.Steps, Step{Line: y.line, Began: from, Ended: r.since()})
			r.mu.Unlock()
			return err
		})
	}
	g.Go(func() error { return r.act(during, x) })
	err := g.Wait()
	s.Ended = r.since()
	after := r.look(ctx)
	s.CPUSeconds, s.MemoryMiB = after.cpuSeconds-before.cpuSeconds, after.memoryMiB
	r.record.endStep(&s, began, about[x.verb]...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.verb == trade && s.Acknowledged > 0 {
		s.PerSecond = float64(s.Acknowledged) / (s.Ended - s.Began)
		s.CPUMicros = 1e6 * s.CPUSeconds / float64(s.Acknowledged)
	}
	r.result.Steps = append(r.result.Steps, s)
	return err
}

func (r *run) act(ctx context.Context, x step) error {
	switch x.verb {
	case arrive:
		return r.everybody(ctx, r.terminals, x.span, arrivingMost, func(t *terminal) error {
			if err := t.arrive(ctx); err != nil {
				return fmt.Errorf("%s: %w", t.login, err)
			}
			return nil
		})
	case trade:
		if x.by > 0 {
			return r.tradeInLoop(ctx, x.by, x.span)
		}
		return r.tradeAtRate(ctx, x.rate, x.span)
	case idle:
		sleep(ctx, x.span)
		return ctx.Err()
	case drop:
		for i, t := range r.good {
			if falls(i, x.share) {
				t.disconnect()
			}
		}
		return nil
	case resume:
		return r.resumeAll(ctx, x.span)
	case expire:
		return r.expireAll(ctx, x.span)
	case kill:
		r.server.kill()
		return r.server.start(ctx)
	case freeze:
		return r.freeze(ctx, x.span)
	default:
		return fmt.Errorf("%s is not carried out", x.verb)
	}
}

const (
	arrivingMost = 256 // at once: the development phone shows the thousand newest texts
	loginsEach   = 8   // connections at once from one address: the server lets 16 wait
	resumingMost = 1 << 20
)

// everybody does something with all terminals, evenly over a span of time if one is given.
func (r *run) everybody(ctx context.Context, all []*terminal, over time.Duration, atOnce int, do func(*terminal) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, began := 0, now(); i < len(all) && ctx.Err() == nil; i++ {
		sleepUntil(ctx, began.Add(over*time.Duration(i)/time.Duration(len(all))))
		g.Go(func() error { return do(all[i]) })
	}
	return g.Wait()
}

func sleepUntil(ctx context.Context, moment time.Time) {
	if span := moment.Sub(now()); span > 0 {
		sleep(ctx, span)
	}
}

// tradeAtRate is the open loop: an order is due whether or not the last one was acknowledged, and its latency is counted from
// the moment when it was due. Otherwise a server that stands still would be asked nothing and have nothing to answer for.
func (r *run) tradeAtRate(ctx context.Context, rate float64, span time.Duration) error {
	type due struct {
		t  *terminal
		at time.Time
	}
	queue := make(chan due, int(rate)+1)
	var senders errgroup.Group
	for range sendersAtOnce {
		senders.Go(func() error {
			for d := range queue {
				d.t.submit(d.at)
			}
			return nil
		})
	}
	began, next := now(), 0
	for i := 0; float64(i) < rate*span.Seconds() && ctx.Err() == nil; i++ {
		at := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		sleepUntil(ctx, at)
		next = r.nextHere(next)
		if next < 0 {
			r.missed++
			continue
		}
		select {
		case queue <- due{r.good[next], at}:
		case <-ctx.Done():
		}
	}
	close(queue)
	_ = senders.Wait()
	return ctx.Err()
}

// nextHere is the next one who is meant to be here; -1: nobody is.
func (r *run) nextHere(last int) int {
	for i := range r.good {
		if next := (max(last, 0) + 1 + i) % len(r.good); r.good[next].isWanted() {
			return next
		}
	}
	return -1
}

// sendersAtOnce keeps one connection that does not take a frame from holding up the others.
const sendersAtOnce = 16

// tradeInLoop is the closed loop: each terminal has one order on its way.
func (r *run) tradeInLoop(ctx context.Context, n int, span time.Duration) error {
	var here []*terminal
	for _, t := range r.good {
		if t.isWanted() && len(here) < n {
			here = append(here, t)
		}
	}
	if len(here) < n {
		return fmt.Errorf("of %d terminals %d are here", n, len(here))
	}
	ends := now().Add(span)
	for _, t := range here {
		t.mu.Lock()
		t.another = func() {
			if at := now(); at.Before(ends) && ctx.Err() == nil {
				t.submit(at)
			}
		}
		t.mu.Unlock()
		t.submit(now())
	}
	sleepUntil(ctx, ends)
	r.settle(ctx)
	for _, t := range here {
		t.mu.Lock()
		t.another = nil
		t.mu.Unlock()
	}
	return ctx.Err()
}

func (r *run) resumeAll(ctx context.Context, over time.Duration) error {
	var away []*terminal
	for _, t := range r.good {
		if !t.isWanted() {
			away = append(away, t)
		}
	}
	return r.everybody(ctx, away, over, resumingMost, func(t *terminal) error {
		t.connect()
		if err := t.wait(ctx, patience); err != nil {
			return fmt.Errorf("%s: %w", t.login, err)
		}
		return nil
	})
}

// expireAll waits until every session has ended.
func (r *run) expireAll(ctx context.Context, within time.Duration) error {
	for began := now(); ; sleep(ctx, 20*time.Millisecond) {
		left := 0
		for _, t := range r.good {
			t.mu.Lock()
			if !t.ended {
				left++
			}
			t.mu.Unlock()
		}
		switch {
		case left == 0:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case now().Sub(began) > within:
			return fmt.Errorf("%d sessions are still open after %v", left, within)
		}
	}
}

// freeze stops the server's process, as a machine does that is moved: afterwards all is due at once.
func (r *run) freeze(ctx context.Context, span time.Duration) error {
	if err := r.server.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	sleep(ctx, span)
	r.frozen.Store(now().UnixNano())
	return r.server.signal(syscall.SIGCONT)
}
