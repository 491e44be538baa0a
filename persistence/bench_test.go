package persistence

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"vakhta/session"
)

// BenchmarkCommit commits batches of changes: a state of about 600 bytes, two events, an order, every tenth a text. Beside
// it, batch by batch in turns, run the same rows without fence and without looking for doubles. Of the whole Commit the
// encoding is told apart.
func BenchmarkCommit(b *testing.B) {
	for _, db := range databases {
		for _, size := range []int{1, 8, 64, 512} {
			b.Run(fmt.Sprintf("%s/%d", db.name, size), func(b *testing.B) { benchmarkCommit(b, db, size) })
		}
	}
}

func benchmarkCommit(b *testing.B, db database, size int) {
	h := &house{database: db, cfg: Config{URL: db.url(b), Keys: testKeys(b), Committers: 1}}
	h.Journal = h.open(b)
	states := h.clients(b, max(2*size, 1000))
	for i := range states {
		states[i].Logins = []session.Login{fullLogin()}
		states[i].Passcodes = fullState(states[i]).Passcodes
	}
	bare, cpu := bareCommit(b, h)
	var id session.OrderID
	at := 0
	draw := func() []session.Change {
		batch := make([]session.Change, size)
		for i := range batch {
			n := at % len(states)
			at++
			id++
			s := states[n]
			c := change(s, accepted(s, id, itoa(int(id))), session.SessionExtended{Login: 17, Session: 9001, ExpiresAt: noon, WarnAt: noon})
			if at%10 == 0 {
				c.Texts = []session.Text{text(s, c.State.Version)}
			}
			batch[i], states[n] = c, c.State
		}
		return batch
	}
	hang := func(rows []*packed) { // the client's next change hangs on what this one makes
		for i, p := range rows {
			states[(at-size+i)%len(states)].Head = p.head
		}
	}
	var packing, ours, theirs time.Duration
	ourCPU, theirCPU := cpu()
	for b.Loop() {
		rows := make([]*packed, size)
		changes := draw()
		begin := time.Now()
		for i, c := range changes {
			rows[i] = h.pack(c)
		}
		packed := time.Now()
		hang(rows)
		h.batches.commit(b.Context(), rows)
		packing, ours = packing+packed.Sub(begin), ours+time.Since(packed)
		for _, p := range rows {
			if p.err != nil {
				b.Fatal(p.err)
			}
		}
		for i, c := range draw() {
			rows[i] = h.pack(c)
		}
		hang(rows)
		begin = time.Now()
		if err := bare(rows); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(begin)
	}
	if a, z := cpu(); a > ourCPU { // the machine may be busy with other things: this tells the work itself
		b.ReportMetric(float64(a-ourCPU)/float64(z-theirCPU), "cpu-ratio")
		b.ReportMetric(float64(a-ourCPU)/1e3/float64(b.N*size), "cpu-µs/change")
	}
	each := func(d time.Duration) float64 { return d.Seconds() * 1e6 / float64(b.N*size) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each(ours), "µs/change")
	b.ReportMetric(each(theirs), "bare-µs/change")
	b.ReportMetric(each(packing), "encode-µs/change")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
	b.ReportMetric(float64(b.N*size)/ours.Seconds(), "changes/s")
}

// bareCommit also answers how to read the processor time (ns) that PostgreSQL has spent for ours and for the bare one.
func bareCommit(b *testing.B, h *house) (commit func([]*packed) error, cpu func() (ours, bare int64)) {
	ctx := b.Context()
	switch c := h.batches.(type) {
	case *postgresCommitter:
		text := strings.Replace(pgFenced, ` AND t.version = c.was
		AND t.head IS NOT DISTINCT FROM c.prev`, ``, 1)
		text = regexp.MustCompile(`(WHERE|AND) \(\w+\.n IN \(SELECT n FROM won\)\) IS TRUE`).ReplaceAllString(text, ``)
		text = regexp.MustCompile(`SELECT n, false FROM generate_series.*`).ReplaceAllString(text, `SELECT 1, false WHERE false`)
		db, err := openPostgres(h.cfg, 1, pgCommitSettings)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = db.Close() })
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			b.Fatal(err)
		}
		l := <-c.lanes
		c.lanes <- l
		var ours, theirs int
		arrays := newPGArguments()
		if err := errors.Join(l.conn.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&ours), db.Get(&theirs, `SELECT pg_backend_pid()`)); err != nil {
			b.Fatal(err)
		}
		return func(rows []*packed) error {
				_, err := losers(ctx, stmt, arrays.args(rows))
				return err
			}, func() (int64, int64) {
				return spent(ours), spent(theirs)
			}
	case *sqliteCommitter:
		move, err := c.db.PrepareContext(ctx, `UPDATE client SET version = ?3, wake = ?4, attended = ?5, state = ?6, head = ?9 WHERE client_id = ?1
			AND ?2 IS NOT NULL AND (?7 IS NULL OR ?7 IS NOT NULL) AND (?8 IS NULL OR ?8 IS NOT NULL)`)
		if err != nil {
			b.Fatal(err)
		}
		bare := *c
		bare.move = move
		return func(rows []*packed) error { return bare.try(ctx, rows) }, func() (int64, int64) { return 0, 0 }
	default:
		b.Fatal("no bare commit for this database")
		return nil, nil
	}
}

// spent is the processor time of a process of this machine; 0 if it is not known.
func spent(pid int) (ns int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err == nil {
		_, _ = fmt.Sscan(string(text), &ns)
	}
	return ns
}
