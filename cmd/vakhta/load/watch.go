package load

import (
	"context"
	"fmt"
	"time"
)

// watch takes the figures of each second and tells how it goes.
func (r *run) watch(ctx context.Context) {
	first, lastAt := r.look(ctx), 0.0
	lastCPU := first.cpuSeconds
	r.result.Timeline = []Second{{MemoryMiB: first.memoryMiB}} // before anybody has come
	for next := now().Add(time.Second); ctx.Err() == nil; next = next.Add(time.Second) {
		sleepUntil(ctx, next)
		s := Second{At: r.since(), Terminals: int(r.connected.Load())}
		r.record.tick(&s)
		g := r.look(ctx)
		s.MemoryMiB, s.CPU = g.memoryMiB, (g.cpuSeconds-lastCPU)/(s.At-lastAt)
		lastCPU, lastAt = g.cpuSeconds, s.At
		r.result.Timeline = append(r.result.Timeline, s) // nobody else's until the run is over
		r.tell(s)
	}
}

func (r *run) since() float64 { return now().Sub(r.began).Seconds() }

// look reads what the server says of itself: memory, none while it is down, and the CPU seconds that it has spent over all its
// processes.
func (r *run) look(ctx context.Context) gauge {
	var g gauge
	if r.Admin != "" {
		g, _ = readGauge(ctx, r.Admin) // of a server that is down there is none
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if g.memoryMiB != 0 {
		if g.cpuSeconds < r.lastCPU { // another process
			r.lastCPU = 0
		}
		r.cpu += g.cpuSeconds - r.lastCPU
		r.lastCPU = g.cpuSeconds
	}
	return gauge{r.cpu, g.memoryMiB}
}

// tellEvery is in seconds. A log that somebody reads later is not filled up.
const tellEvery = 5

// tell writes the line of progress.
func (r *run) tell(s Second) {
	if r.Progress == nil || len(r.result.Timeline)%tellEvery != 1 {
		return
	}
	doing := "settling"
	if line := r.step.Load(); line != nil {
		doing = *line
	}
	latency := ""
	if s.Acknowledged > 0 {
		latency = fmt.Sprintf("  p50 %.1f  p99 %.1f ms", s.P50, s.P99)
	}
	_, _ = fmt.Fprintf(r.Progress, "%02d:%02d  %-22s %6d terminals  %6d orders/s%s  errors %d  %.0f MiB\n",
		int(s.At)/60, int(s.At)%60, doing, s.Terminals, s.Acknowledged, latency, r.record.counted().errors, s.MemoryMiB)
}
