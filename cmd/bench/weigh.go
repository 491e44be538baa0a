package main

import (
	"context"
	"errors"
	"time"
)

// weight is what a server holds in memory after its garbage was collected: all of it; what Go has of the system, with
// the room that it keeps for garbage to come; in that, live objects and stacks. What Go does not have is SQLite's.
type weight struct{ rss, runtime, heap, stacks, goroutines float64 }

func (w weight) resident() float64 { return w.rss }

// weigh waits until the server has given back what it does not need: the runtime does that in its own time.
func (s *server) weigh(ctx context.Context) (w weight, err error) {
	const looks, apart, still = 60, 250 * time.Millisecond, 8
	same := 0
	for range looks {
		if err := errors.Join(s.collect(ctx), pause(ctx, apart)); err != nil {
			return w, err
		}
		m, err := s.metrics(ctx)
		if err != nil {
			return w, err
		}
		now := weight{
			rss: m["process_resident_memory_bytes"], runtime: m["go_memstats_sys_bytes"] - m["go_memstats_heap_released_bytes"],
			heap: m["go_memstats_heap_alloc_bytes"], stacks: m["go_memstats_stack_inuse_bytes"], goroutines: m["go_goroutines"],
		}
		if now.rss == 0 {
			return w, errors.New("the server does not tell its size: process_resident_memory_bytes is missing in its metrics")
		}
		if same++; w.rss == 0 || now.rss < 0.99*w.rss {
			w, same = now, 0
		}
		if same == still {
			break
		}
	}
	return w, nil
}
