package main

import (
	"path/filepath"
	"testing"

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
