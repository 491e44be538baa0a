package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// hostile is what came out of scenario 7: the product's orders of those who behave, with the others and without them.
type hostile struct {
	good, bad, rate int
	without, with   []*cell
	cut             int64 // connections of the others that the server has ended
}

// hostile lets one client of a hundred misbehave while the others trade. All have open sessions.
func (b *bench) hostile(ctx context.Context, c credentials, all crowd) (h *hostile, err error) {
	server, err := b.startProduct(ctx, c)
	if err != nil {
		return nil, err
	}
	bad := all[len(all)-max(2, len(all)/100):]
	good := all[:len(all)-len(bad)]
	defer func() {
		good.close()
		err = errors.Join(err, server.stop())
	}()
	err = each(good, inFlight, func(x *client) error {
		if err := x.connect(ctx, server.address()); err != nil {
			return err
		}
		return x.resume()
	})
	if err != nil {
		return nil, fmt.Errorf("%w; the server said: %s", err, server.stderr)
	}
	s := &stage{bench: b, store: sqliteStore{}}
	h = &hostile{good: len(good), bad: len(bad), rate: b.Rates[0]}
	window := func(span time.Duration, into *[]*cell) error {
		x, err := s.measure(ctx, &contender{vakhta, server, good}, load{len(good), h.rate}, span)
		*into = append(*into, x)
		return err
	}
	if err := window(b.Window/2, new([]*cell)); err != nil { // to warm up
		return nil, err
	}
	for i := range b.Rounds {
		if err := window(b.Window, &h.without); err != nil {
			return nil, err
		}
		stop := bad.misbehave(ctx, server.address(), &h.cut)
		err := pause(ctx, b.settled())
		if err == nil {
			err = window(b.Window, &h.with)
		}
		stop()
		if err != nil {
			return nil, fmt.Errorf("with hostile terminals: %w; the server said: %s", err, server.stderr)
		}
		b.progress("%d hostile terminals, round %d of %d: p99 of the others %.2f ms, without them %.2f", h.bad,
			i+1, b.Rounds, h.with[i].p99(), h.without[i].p99())
	}
	return h, nil
}

// settled is when those who read nothing have nothing more that the server could write to them. In a run that is not
// quick it is beyond the product's write deadline, too: then it cuts them off while the others are measured.
func (b *bench) settled() time.Duration {
	if b.Quick {
		return 3 * time.Second
	}
	return 11 * time.Second
}

// misbehave goes on until stop: half of them ask without reading the answers, half send half a frame. Whoever is cut off
// comes again.
func (all crowd) misbehave(ctx context.Context, address string, cut *int64) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var count atomic.Int64
	var done sync.WaitGroup
	for i, c := range all {
		harm := sendHalf
		if i%2 == 0 {
			harm = readNothing
		}
		done.Go(func() {
			for ctx.Err() == nil {
				if s, err := dialWith(ctx, narrow, address, "/ws?SID="+c.sid); err == nil {
					release := context.AfterFunc(ctx, s.close)
					harm(ctx, s)
					release()
					s.close()
					if ctx.Err() == nil {
						count.Add(1)
					}
				}
				_ = pause(ctx, 100*time.Millisecond)
			}
		})
	}
	return func() {
		cancel()
		done.Wait()
		*cut += count.Load()
	}
}

// narrow is a connection that takes little, so that the server soon has to wait for its reader.
var narrow = &net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
	e := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) })
	if e != nil {
		return e
	}
	return err
}}

// readNothing asks for all events, many times at once and then again and again, until it is cut off.
func readNothing(ctx context.Context, s *socket) {
	const atOnce, apart = 100, 100 * time.Millisecond
	ask := []byte(`["events",{"since":0},"1"]`)
	for i := 0; s.write(opText, ask) == nil; i++ {
		if i >= atOnce && pause(ctx, apart) != nil {
			return
		}
	}
}

// sendHalf waits behind the first half of a frame until it is cut off.
func sendHalf(_ context.Context, s *socket) {
	half := append([]byte{final | opText, masked | short, 0, 0, 0, 0}, `["putTradeOrder",{"instr_name"`...)
	if _, err := s.conn.Write(half); err != nil {
		return
	}
	for {
		if _, err := s.read(); err != nil {
			return
		}
	}
}

func (h *hostile) outcome() outcome {
	where := fmt.Sprintf("%d terminals, %d/s", h.good+h.bad, h.rate)
	return outcome{hostileP99, where, ratio(of(h.with, (*cell).p99), of(h.without, (*cell).p99))}
}

func (h *hostile) String() string {
	with, without := over(of(h.with, (*cell).p99)), over(of(h.without, (*cell).p99))
	return fmt.Sprintf("%d of %d terminals ask without reading or send half a frame, while the others submit %d orders/s: p99 %.2f ms (%.2f–%.2f),"+
		" without them %.2f (%.2f–%.2f); the server has cut %d connections off.", h.bad, h.good+h.bad, h.rate,
		with.median, with.least, with.most, without.median, without.least, without.most, h.cut)
}
