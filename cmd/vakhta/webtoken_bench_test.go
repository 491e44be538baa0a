package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vakhta/persistence/pgtest"
)

// BenchmarkOpeningByWebToken prints what one opening costs the server in CPU time: three commands over a socket, each decided,
// committed and answered, and one PIN evaluated. What the devices compute and send is left out, what they read is not.
func BenchmarkOpeningByWebToken(b *testing.B) {
	for name, database := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.New(b) },
	} {
		for _, clients := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/clients=%d", name, clients), func(b *testing.B) { openings(b, database(), clients) })
		}
	}
}

func openings(b *testing.B, database string, clients int) {
	w := newWorld(b, database, append(tireless, "--log-level", "error")...)
	w.start()
	defer w.stop()
	holders := make(chan *holder, b.N/2+clients) // they take turns: each may send only so much a second
	importMany(w, cap(holders))
	for i := range cap(holders) {
		h := connected(w, fmt.Sprint("holder", i), "correct horse", time.Millisecond)
		defer h.x.drop()
		holders <- h
	}
	var devices atomic.Int64
	var all sync.WaitGroup
	left := atomic.Int64{}
	left.Store(int64(b.N))
	b.ResetTimer()
	before := cpuTime(syscall.RUSAGE_SELF)
	for range clients {
		all.Go(func() {
			runtime.LockOSThread() // its time is the device's
			defer runtime.UnlockOSThread()
			own := cpuTime(syscall.RUSAGE_THREAD)
			for left.Add(-1) >= 0 {
				h := <-holders
				if f, right := h.token.open(h.say, pin); !right || f.text("result.success") != "true" {
					b.Errorf("%s", f.raw)
				}
				holders <- h
			}
			devices.Add(int64(cpuTime(syscall.RUSAGE_THREAD) - own))
		})
	}
	all.Wait()
	server := cpuTime(syscall.RUSAGE_SELF) - before - time.Duration(devices.Load())
	b.ReportMetric(float64(server.Microseconds())/float64(b.N), "server-cpu-µs/op")
	b.StopTimer()
}

// importMany imports clients holder0, holder1 …, all with the password «correct horse», while the server runs.
func importMany(w *world, n int) {
	w.t.Helper()
	file := "code,kind,name,login,password_hash,phone,language\n"
	for i := range n {
		file += fmt.Sprintf("%d,person,Holder,holder%d,\"%s\",+79031113%03d,en\n", i+1, i, aHash, i)
	}
	path := filepath.Join(w.dir, "holders.csv")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if code, said := w.run("clients", "import", path); code != 0 {
		w.t.Fatalf("import: %s", said)
	}
}

func cpuTime(whose int) time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(whose, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
