package persistence

import (
	"database/sql"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vakhta/session"
)

// theNotary is one that does nothing by itself.
func (h *house) theNotary(t testing.TB) *Notary {
	h.heads.gather(true)
	h.at = noon
	return &Notary{
		journal: h.Journal, seen: map[int64]int64{},
		cfg: NotaryConfig{Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)), Now: func() time.Time { return h.at }},
	}
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (h *house) verify(t testing.TB, treeHeads ...string) Verified {
	t.Helper()
	v, err := h.Verify(t.Context(), Verification{Now: noon.Add(time.Hour), Kept: 90 * 24 * time.Hour, TreeHeads: treeHeads})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// reports wants exactly these faults.
func (h *house) reports(t testing.TB, want ...string) {
	t.Helper()
	var got []string
	for _, f := range h.verify(t).Faults {
		got = append(got, f.String())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found is\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// tampered is a database with three clients, 20 events each, 20 notes and a log; the last five of each are not on record
// yet if unseen.
func tampered(t *testing.T, h *house, unseen bool) (clients []session.State) {
	t.Helper()
	n := h.theNotary(t)
	clients = h.clients(t, 3)
	for i := range 20 {
		var batch []session.Change
		for _, s := range clients {
			batch = append(batch, change(s, accepted(s, session.OrderID(1000*int64(s.Client)+int64(i)), "")))
		}
		clients = h.mustCommit(t, batch...)
		if err := h.Note(t.Context(), []session.Note{aNote(i)}); err != nil {
			t.Fatal(err)
		}
		h.at = noon.Add(time.Duration(i) * time.Second)
		if i < 15 || !unseen {
			if !n.record(t.Context()) {
				t.Fatal("nothing was put on record")
			}
		}
	}
	h.reports(t)
	return clients
}

func aNote(i int) session.Note {
	n := session.Note{At: noon, Type: "operator.verified", Operator: "anna", Client: 5, Data: map[string]string{"n": strconv.Itoa(i), "a": "b"}}
	switch i % 3 {
	case 1:
		n.Client = 0
	case 2:
		n.Operator, n.Data = "", nil
	}
	return n
}

var auditCases = []conformance{
	{"nothing is wrong in an empty database", func(t *testing.T, h *house) {
		h.reports(t)
		h.theNotary(t).catchUp(t.Context())
		h.reports(t)
	}},
	{"notes are numbered and chained over all who write them", func(t *testing.T, h *house) {
		other := h.open(t)
		done := make(chan error)
		for _, j := range []*Journal{h.Journal, other} {
			go func() {
				for i := range 20 {
					if err := j.Note(t.Context(), []session.Note{aNote(i), aNote(i + 1)}); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if v := h.verify(t); v.Notes != 80 || len(v.Faults) > 0 {
			t.Errorf("found is %+v", v)
		}
		var many []session.Note
		for i := range 1234 {
			many = append(many, aNote(i))
		}
		if err := h.Note(t.Context(), many); err != nil {
			t.Error(err)
		}
		if v := h.verify(t); v.Notes != 1314 || len(v.Faults) > 0 {
			t.Errorf("found is %+v", v)
		}
	}},
	{"what was done to the rows is found and named", func(t *testing.T, h *house) {
		all := tampered(t, h, false)
		code, id := all[1].Profile.Code, int64(all[1].Client)
		client, event := "client "+code, "client "+code+" event "
		for _, c := range []struct {
			name  string
			do    func()
			finds []string
		}{
			{"an edited row", func() { h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq = 7`, id) }, []string{event + "7: changed"}},
			{"an edited instant", func() { h.exec(t, `UPDATE event SET at = at - 1 WHERE client_id = ? AND seq = 7`, id) }, []string{event + "7: changed"}},
			{"an edited type", func() { h.exec(t, `UPDATE event SET type = 'x' WHERE client_id = ? AND seq = 7`, id) }, []string{event + "7: changed"}},
			{"an edited hash", func() { h.exec(t, `UPDATE event SET prev = ? WHERE client_id = ? AND seq = 7`, make([]byte, 32), id) }, []string{event + "7: changed"}},
			{"a hash that was removed", func() { h.exec(t, `UPDATE event SET prev = NULL WHERE client_id = ? AND seq = 7`, id) }, []string{event + "7: changed"}},
			{"an edited first row", func() { h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq = 1`, id) }, []string{event + "1: changed"}},
			{"the first row's hash", func() { h.exec(t, `UPDATE event SET prev = ? WHERE client_id = ? AND seq = 1`, []byte("x"), id) }, []string{event + "1: changed"}},
			{"an edited last row", func() { h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq = 20`, id) }, []string{event + "20: changed"}},
			{"two edited rows", func() { h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq IN (7, 8)`, id) }, []string{event + "7: changed", event + "8: changed"}},
			{"a removed row", func() { h.exec(t, `DELETE FROM event WHERE client_id = ? AND seq = 7`, id) }, []string{client + ": removed: event 7"}},
			{"removed rows", func() { h.exec(t, `DELETE FROM event WHERE client_id = ? AND seq BETWEEN 12 AND 14`, id) }, []string{client + ": removed: events 12-14"}},
			{
				"removed first rows", func() { h.exec(t, `DELETE FROM event WHERE client_id = ? AND seq < 4`, id) },
				[]string{client + ": removed: events 1-3, which were not old enough to be pruned"},
			},
			{
				"all rows removed", func() { h.exec(t, `DELETE FROM event WHERE client_id = ?`, id) },
				[]string{client + ": removed: events 1-20, which were not old enough to be pruned"},
			},
			{"removed last rows", func() { h.exec(t, `DELETE FROM event WHERE client_id = ? AND seq > 18`, id) }, []string{client + ": removed: events 19-20"}},
			{
				"a row in the place of another", func() {
					h.exec(t, `UPDATE event SET data = (SELECT data FROM event e WHERE e.client_id = event.client_id AND e.seq = 9) WHERE client_id = ? AND seq = 4`, id)
				},
				[]string{event + "4: changed"},
			},
			{"swapped contents", func() { h.swap(t, id, 4, 9, false) }, []string{client + ": swapped: events 4 and 9"}},
			{"swapped neighbours", func() { h.swap(t, id, 4, 5, false) }, []string{client + ": swapped: events 4 and 5"}},
			{"swapped rows", func() { h.swap(t, id, 4, 9, true) }, []string{client + ": swapped: events 4 and 9"}},
			{"swapped neighbouring rows", func() { h.swap(t, id, 4, 5, true) }, []string{client + ": swapped: events 4 and 5"}},
			{"swapped first and last rows", func() { h.swap(t, id, 1, 20, true) }, []string{client + ": swapped: events 1 and 20"}},
			{
				"rows swapped between clients", func() {
					h.exec(t, `UPDATE event SET data = (SELECT data FROM event e WHERE e.client_id = ? AND e.seq = 4) WHERE client_id = ? AND seq = 4`, all[0].Client, id)
				},
				[]string{event + "4: changed"},
			},
			{
				"a forged head", func() {
					h.exec(t, `UPDATE client SET head = ? WHERE client_id = ?`, []byte(strings.Repeat("x", 32)), id)
				},
				[]string{client + ": head forged: it is not that of event 20"},
			},
			{
				"a head that was removed", func() { h.exec(t, `UPDATE client SET head = NULL WHERE client_id = ?`, id) },
				[]string{client + ": head forged: it is not that of event 20"},
			},
			{"a forged version", func() { h.exec(t, `UPDATE client SET version = 22 WHERE client_id = ?`, id) }, []string{client + ": removed: events 21-22"}},
			{"a truncated tail", func() { h.truncate(t, id, 15) }, []string{client + ": tail cut off after event 15: the log has seen 20"}},
			{"a version put back", func() { h.exec(t, `UPDATE client SET version = 15 WHERE client_id = ?`, id) }, []string{
				client + ": events 16-20: beyond the last one, which is 15", client + ": head forged: it is not that of event 15",
				client + ": tail cut off after event 15: the log has seen 20",
			}},
			{"a chain made anew", func() { h.remake(t, id, 7) }, []string{client + ": event 7: changed, and the chain made anew: the log has another hash of event 7"}},
			{"a removed client", func() {
				h.exec(t, `DELETE FROM event WHERE client_id = ?`, id)
				h.exec(t, `DELETE FROM client WHERE client_id = ?`, id)
			}, []string{client + ": removed: the log has seen event 20"}},
			{"a removed row of a client", func() { h.exec(t, `DELETE FROM client WHERE client_id = ?`, id) }, []string{client + ": removed; events 1-20 still stand"}},

			{"an edited note", func() { h.exec(t, `UPDATE audit SET operator = 'boris' WHERE seq = 7`) }, []string{"audit row 7: changed"}},
			{"a note without its operator", func() { h.exec(t, `UPDATE audit SET operator = NULL WHERE seq = 7`) }, []string{"audit row 7: changed"}},
			{"a note about nobody", func() { h.exec(t, `UPDATE audit SET client_id = NULL WHERE seq = 7`) }, []string{"audit row 7: changed"}},
			{"a removed note", func() { h.exec(t, `DELETE FROM audit WHERE seq = 7`) }, []string{"audit: removed: row 7"}},
			{"removed first notes", func() { h.exec(t, `DELETE FROM audit WHERE seq < 4`) }, []string{"audit: removed: rows 1-3"}},
			{"swapped notes", func() {
				h.exec(t, `UPDATE audit SET seq = -1 WHERE seq = 4`)
				h.exec(t, `UPDATE audit SET seq = 4 WHERE seq = 10`)
				h.exec(t, `UPDATE audit SET seq = 10 WHERE seq = -1`)
			}, []string{"audit: swapped: rows 4 and 10"}},
			{
				"a forged head of the notes", func() { h.exec(t, `UPDATE audit_head SET head = ?`, []byte(strings.Repeat("x", 32))) },
				[]string{"audit: head forged: it is not that of row 20"},
			},
			{"a truncated tail of the notes", func() {
				var prev []byte
				scan(t, h.write.DB, `SELECT prev FROM audit WHERE seq = 16`, nil, &prev)
				h.exec(t, `DELETE FROM audit WHERE seq > 15`)
				h.exec(t, `UPDATE audit_head SET seq = 15, head = ?`, prev)
			}, []string{"audit: tail cut off after row 15: the log has seen 20"}},
			{"a head of the notes that was removed", func() { h.exec(t, `DELETE FROM audit_head`) }, []string{"audit: removed: the log has seen row 20"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				back := h.keep(t)
				c.do()
				h.reports(t, c.finds...)
				back()
			})
		}
		h.reports(t)
	}},
}

func scan(t testing.TB, db *sql.DB, query string, args []any, into ...any) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(into...); err != nil {
		t.Fatal(err)
	}
}

// keep copies the tables of the audit; back puts them back.
func (h *house) keep(t testing.TB) (back func()) {
	tables := []string{"event", "client", "audit", "audit_head", "notary", "notary_entry", "notary_hash", "notary_kept"}
	for _, table := range tables {
		h.exec(t, `DROP TABLE IF EXISTS kept_`+table)
		h.exec(t, `CREATE TABLE kept_`+table+` AS SELECT * FROM `+table)
	}
	return func() {
		for _, table := range tables {
			h.exec(t, `DELETE FROM `+table)
			h.exec(t, `INSERT INTO `+table+` SELECT * FROM kept_`+table)
			h.exec(t, `DROP TABLE kept_`+table)
		}
	}
}

// swap exchanges what two events say or, whole, their numbers.
func (h *house) swap(t testing.TB, client, a, b int64, whole bool) {
	if whole {
		h.exec(t, `UPDATE event SET seq = -1 WHERE client_id = ? AND seq = ?`, client, a)
		h.exec(t, `UPDATE event SET seq = ? WHERE client_id = ? AND seq = ?`, a, client, b)
		h.exec(t, `UPDATE event SET seq = ? WHERE client_id = ? AND seq = -1`, b, client)
		return
	}
	var say [2]string
	for i, seq := range []int64{a, b} {
		scan(t, h.write.DB, h.write.Rebind(`SELECT data FROM event WHERE client_id = ? AND seq = ?`), []any{client, seq}, &say[i])
	}
	h.exec(t, `UPDATE event SET data = ? WHERE client_id = ? AND seq = ?`, say[1], client, a)
	h.exec(t, `UPDATE event SET data = ? WHERE client_id = ? AND seq = ?`, say[0], client, b)
}

// truncate cuts the tail off, as if it had never been.
func (h *house) truncate(t testing.TB, client, last int64) {
	h.exec(t, `UPDATE client SET version = ?, head = (SELECT prev FROM event e WHERE e.client_id = client.client_id AND e.seq = ?)
		WHERE client_id = ?`, last, last+1, client)
	h.exec(t, `DELETE FROM event WHERE client_id = ? AND seq > ?`, client, last)
}

// remake changes an event and gives all later ones the hashes that fit.
func (h *house) remake(t testing.TB, client, seq int64) {
	h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq = ?`, client, seq)
	rows := must(h.eventsOf(client).rows(t.Context(), seq, 1000, 1000))(t)
	head := toHash(rows[0].link())
	for _, r := range rows {
		n, _ := r.place()
		h.exec(t, `UPDATE event SET prev = ? WHERE client_id = ? AND seq = ?`, head[:], client, n)
		head = r.hash(n, head)
	}
	h.exec(t, `UPDATE client SET head = ? WHERE client_id = ?`, head[:], client)
}

func TestAForgedHeadBeforeTheFirstRowIsFound(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, d)
			h.at = noon
			code := h.clients(t, 1)[0].Profile.Code
			h.reports(t)
			forged := []byte(strings.Repeat("x", 32))
			h.exec(t, `UPDATE audit_head SET head = ?`, forged)
			h.exec(t, `UPDATE client SET head = ?`, forged)
			h.reports(t, "audit: head forged: there is no row yet", "client "+code+": head forged: there is no event yet")
		})
	}
}
