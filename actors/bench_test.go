package actors

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vakhta/session"
)

// BenchmarkOrder is one order from the question to the answer: decided, committed to a journal that costs next to
// nothing, pushed to nobody.
func BenchmarkOrder(b *testing.B) {
	for _, clients := range []int{1, 64, 1000} {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			w := newWorld(b, clients)
			n := w.start()
			people := make([]*person, clients)
			for i := range people {
				people[i] = n.logIn(session.ClientID(i + 1))
				people[i].open()
				people[i].order("0")
			}
			var serial atomic.Int64
			var all sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for _, p := range people {
				all.Go(func() {
					for i := serial.Add(1); i <= int64(b.N); i = serial.Add(1) {
						p.order(strconv.FormatInt(i, 10))
					}
				})
			}
			all.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
			n.stop()
		})
	}
}

// BenchmarkIdle tells what an idle client weighs: his actor alone, and with the actor of a connected terminal. His state
// is counted with him, the socket is not.
func BenchmarkIdle(b *testing.B) {
	const clients = 100_000
	for _, terminals := range []bool{false, true} {
		b.Run(fmt.Sprint("terminal=", terminals), func(b *testing.B) {
			for range b.N {
				w := newWorld(b, clients)
				now := session.Instant(time.Now())
				for id, r := range w.journal.rows {
					r.state.Logins = []session.Login{{ID: session.LoginID(id), Opened: now, LastSeen: now, Lifetime: 24 * time.Hour}}
				}
				n := w.start(func(c *Config) { c.Idle, c.Sweep = time.Hour, time.Hour })
				before := heap()
				var all sync.WaitGroup
				var next atomic.Int64
				for range 64 {
					all.Go(func() {
						for id := next.Add(1); id <= clients; id = next.Add(1) {
							p := &person{node: n, client: session.ClientID(id), login: session.LoginID(id)}
							p.do(session.ReadSessions{})
							if !terminals {
								continue
							}
							_, _, err := n.Attach(b.Context(), p.client, p.login,
								func([]session.Numbered) bool { return true }, func(session.Goodbye) {})
							if err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(heap()-before)/clients, "B/client")
				n.stop()
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
