package main

import (
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vakhta/persistence/pgtest"
)

func TestNoGoroutineIsLeftAfterTheServerHasStopped(t *testing.T) {
	for name, database := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "v.db"), "postgres": pgtest.New(t)} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			w := newWorld(t, database, "--admin-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0")
			w.start()
			all := w.sockets(3)
			ask(t, all[0], "quotes", []string{"SBER"})
			ask(t, all[0], "sessions", nil)
			ask(t, all[0], "orders", nil)
			ask(t, all[0], "events", map[string]any{"since": 0})
			ask(t, all[0], "getSecuritySessionCode", nil)
			enter(t, all[0], codeIn(w.nextText()))
			ask(t, all[0], "putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1})
			all[1].drop()
			w.stop()
			for _, x := range all {
				x.drop()
			}
			goleak.VerifyNone(t, before)
		})
	}
}

// A request that never ends gets half of the time for stopping; the actors have the rest, and nothing is lost.
func TestARequestThatDoesNotEndDoesNotSpoilTheStop(t *testing.T) {
	w := newWorld(t, "")
	w.start()
	x := w.sockets(1)[0]
	slow, err := w.line.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(slow, "POST /api/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nq=")
	}()
	enter(t, x, otherThan("000000")) // the request is being read by now
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if err := w.program.stop(ctx); err != nil {
		t.Errorf("the stop: %v", err)
	}
	if ctx.Err() != nil {
		t.Error("the stop took all of its time")
	}
	x.drop()
}
