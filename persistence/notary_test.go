package persistence

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vakhta/session"
)

var notaryCases = []conformance{
	{"what was done to the log is found and named", func(t *testing.T, h *house) {
		tampered(t, h, false)
		signed := h.signed(t)
		for _, c := range []struct {
			name  string
			do    func()
			finds []string
		}{
			{"an edited entry", func() { h.exec(t, `UPDATE notary_entry SET heads = ? WHERE number = 7`, encodeEntry(1, nil)) }, []string{"log entry 7: changed, or its hashes"}},
			{"an entry that is none", func() { h.exec(t, `UPDATE notary_entry SET heads = ? WHERE number = 7`, []byte("x")) }, []string{"log entry 7: changed, or its hashes"}},
			{"an edited instant", func() { h.exec(t, `UPDATE notary_entry SET at = at + 1 WHERE number = 7`) }, []string{"log entry 7: changed, or its hashes"}},
			{"an edited hash", func() { h.exec(t, `UPDATE notary_hash SET hashes = ? WHERE number = 7`, make([]byte, 128)) }, []string{"log entry 7: changed, or its hashes"}},
			{"a removed entry", func() { h.exec(t, `DELETE FROM notary_entry WHERE number = 7`) }, []string{"log: removed: entry 7"}},
			{"the first entries removed", func() { h.exec(t, `DELETE FROM notary_entry WHERE number < 4`) }, []string{"log: removed: entries 0-3, not old enough to be pruned"}},
			{"all entries removed", func() { h.exec(t, `DELETE FROM notary_entry`) }, []string{"log: removed: entries 0-19, not old enough to be pruned"}},
			{"removed hashes", func() { h.exec(t, `DELETE FROM notary_hash WHERE number = 7`) }, []string{"log entry 7: changed, or its hashes"}},
			{"an entry removed with its hashes", func() {
				h.exec(t, `DELETE FROM notary_hash WHERE number = 7`)
				h.exec(t, `DELETE FROM notary_entry WHERE number = 7`)
			}, []string{"log: removed: entry 7"}},
			{"the tail removed", func() {
				h.exec(t, `DELETE FROM notary_hash WHERE number > 17`)
				h.exec(t, `DELETE FROM notary_entry WHERE number > 17`)
			}, []string{"log: removed: entries 18-19"}},
			{"a tree head that says less", func() { h.exec(t, `UPDATE notary SET size = 18`) }, []string{
				"log: head forged: the tree head is that of 20 entries, not of 18",
				"log: tail cut off: the tree head, of 2026-11-21T12:00:19Z, has seen 20 entries, and there are 18",
			}},
			{"no tree head", func() { h.exec(t, `UPDATE notary SET head = ''`) }, []string{"log: head forged: the tree head: its signature is not good: malformed note"}},
			{
				"another signature", func() { h.exec(t, `UPDATE notary SET head = ?`, strings.Replace(signed, "\n20\n", "\n21\n", 1)) },
				[]string{"log: head forged: the tree head: its signature is not good: invalid signature for key vakhta-audit"},
			},
		} {
			t.Run(c.name, func(t *testing.T) {
				back := h.keep(t)
				c.do()
				got := faults(h.verify(t))
				for i := range got { // the number of the key is of no interest
					if before, _, ok := strings.Cut(got[i], "vakhta-audit+"); ok {
						got[i] = before + "vakhta-audit"
					}
				}
				if slices.Sort(c.finds); !slices.Equal(got, c.finds) {
					t.Errorf("found is\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(c.finds, "\n"))
				}
				back()
			})
		}
		h.reports(t)
	}},
	{"the whole database put back is found by a tree head from elsewhere", func(t *testing.T, h *house) {
		all := tampered(t, h, false)
		before := h.signed(t)
		back := h.keep(t)
		n := h.theNotary(t)
		h.mustCommit(t, change(all[0], seen(1)))
		if !n.record(t.Context()) {
			t.Fatal("nothing was put on record")
		}
		after := h.signed(t)
		if v := h.verify(t, before, after); len(v.Faults) > 0 {
			t.Errorf("found is %v", v.Faults)
		}
		back()
		h.reports(t)
		got := faults(h.verify(t, before, after))
		if len(got) != 1 || !strings.HasPrefix(got[0], "log: tail cut off: the given tree head 2, of ") || !strings.HasSuffix(got[0], " has seen 21 entries, and there are 20") {
			t.Errorf("found is %v", got)
		}
		h.mustCommit(t, change(all[0], seen(2)))
		n.head = treeHead{} // another process
		if !n.record(t.Context()) {
			t.Fatal("nothing was put on record")
		}
		got = faults(h.verify(t, before, after))
		if len(got) != 1 || !strings.Contains(got[0], "the given tree head 2") || !strings.Contains(got[0], "does not stand for the first 21 entries") {
			t.Errorf("found is %v", got)
		}
	}},
	{"rows that are not on record yet can be told by their hashes only", func(t *testing.T, h *house) {
		all := tampered(t, h, true)
		id, name := int64(all[1].Client), "client "+all[1].Profile.Code
		for _, c := range []struct {
			do    func()
			finds []string
		}{
			{func() { h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq = 17`, id) }, []string{name + " event 17: changed"}},
			{func() { h.exec(t, `UPDATE event SET prev = ? WHERE client_id = ? AND seq = 17`, []byte("x"), id) }, []string{name + " event 17: changed"}},
			{func() { h.exec(t, `UPDATE event SET prev = ? WHERE client_id = ? AND seq = 20`, []byte("x"), id) }, []string{name + " event 20: changed"}},
			{
				func() { h.exec(t, `UPDATE event SET data = '{}' WHERE client_id = ? AND seq = 20`, id) },
				[]string{name + ": event 20 changed, or head forged: the log has not seen it yet"},
			},
			{func() { h.truncate(t, id, 15) }, nil}, // as if it had never been
			{func() { h.truncate(t, id, 14) }, []string{name + ": tail cut off after event 14: the log has seen 15"}},
		} {
			back := h.keep(t)
			c.do()
			h.reports(t, c.finds...)
			back()
		}
	}},
	{"events from before the chain are left alone, and the chain begins after them", func(t *testing.T, h *house) {
		s := h.client(t)
		for range 5 {
			s = h.mustCommit(t, change(s, seen(1)))[0]
		}
		h.exec(t, `UPDATE event SET prev = NULL`)
		h.exec(t, `UPDATE client SET head = NULL`)
		h.reports(t)
		n := h.theNotary(t)
		n.catchUp(t.Context())
		s = h.load(t, s.Client)
		for range 5 {
			s = h.mustCommit(t, change(s, seen(1)))[0]
			n.record(t.Context())
		}
		if v := h.verify(t); len(v.Faults) > 0 || v.Bare != 5 || v.Events != 10 || v.Records != 5 {
			t.Errorf("found is %+v", v)
		}
		name := "client " + s.Profile.Code
		back := h.keep(t)
		h.exec(t, `UPDATE event SET prev = NULL WHERE seq = 6`)
		h.reports(t, name+" event 7: changed") // nobody can tell that event 6 was the first
		back()
		h.exec(t, `UPDATE event SET prev = NULL`)
		h.exec(t, `UPDATE client SET head = NULL`)
		h.reports(t, name+": events 1-6: changed, and the chain made anew: the log has another hash of event 6")
	}},
	{"what was pruned is not missed", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		n := h.theNotary(t)
		begin := noon.Add(-100 * 24 * time.Hour)
		for day := range 100 {
			h.at = begin.Add(time.Duration(day) * 24 * time.Hour)
			for i, s := range all {
				if i == 2 && day > 5 {
					continue
				}
				c := change(s, seen(1), seen(2))
				c.Events[0].At, c.Events[1].At = h.at, h.at.Add(-time.Millisecond) // clocks go back a little
				all[i] = h.mustCommit(t, c)[0]
			}
			if err := h.Note(t.Context(), []session.Note{{At: h.at, Type: "x"}}); err != nil || !n.record(t.Context()) {
				t.Fatal(err)
			}
		}
		h.reports(t)
		for n := int64(1); n > 0; {
			n = must(h.Prune(t.Context(), noon.Add(time.Hour-90*24*time.Hour), 3))(t)
		}
		v := h.verify(t)
		if len(v.Faults) > 0 || v.Pruned != 11 || v.Entries != 100 || v.Events != 2*2*89 || v.Notes != 100 {
			t.Errorf("found is %+v", v)
		}
		if kept := h.count(t, `SELECT count(*) FROM notary_kept`); kept != 99 {
			t.Errorf("%d tree heads are kept", kept)
		}
		back := h.keep(t)
		h.exec(t, `DELETE FROM event WHERE client_id = ? AND seq < 180`, all[1].Client)
		h.reports(t, "client "+all[1].Profile.Code+": removed: events 23-179, which were not old enough to be pruned")
		back()
		h.exec(t, `DELETE FROM notary_entry WHERE number < 60`)
		h.reports(t, "log: removed: entries 11-59, not old enough to be pruned")
	}},
	{"a notary finds what others have written, and puts nothing on record twice", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		h.mustCommit(t, change(all[0], seen(1), seen(2)), change(all[1], seen(1)))
		if err := h.Note(t.Context(), []session.Note{{At: noon, Type: "x"}, {At: noon, Type: "y"}}); err != nil {
			t.Fatal(err)
		}
		n := h.theNotary(t)
		n.catchUp(t.Context())
		n.finish(t.Context())
		if v := h.verify(t); v.Records != 3 || v.Entries != 1 || len(v.Faults) > 0 {
			t.Errorf("found is %+v", v)
		}
		n = h.theNotary(t)
		n.catchUp(t.Context())
		n.finish(t.Context())
		if v := h.verify(t); v.Entries != 1 {
			t.Errorf("there are %d entries", v.Entries)
		}
		h.mustCommit(t, change(all[2], seen(1)))
		other := h.open(t)
		if errs := errorsOf(other.Commit(t.Context(), []session.Change{change(h.load(t, all[0].Client), seen(3), seen(4))})); errs[0] != nil {
			t.Fatal(errs)
		}
		n.catchUp(t.Context())
		n.finish(t.Context())
		if v := h.verify(t); v.Records != 5 || v.Entries != 2 || len(v.Faults) > 0 {
			t.Errorf("found is %+v", v)
		}
	}},
	{"two notaries append to one log", func(t *testing.T, h *house) {
		all := h.clients(t, 4)
		var work sync.WaitGroup
		for i := range 2 {
			own := &house{Journal: h.open(t), at: noon}
			n := own.theNotary(t)
			work.Go(func() {
				s := all[i]
				for range 30 {
					came := own.Commit(t.Context(), []session.Change{change(s, seen(1))})
					if came[0].Err != nil {
						t.Error(came[0].Err)
						return
					}
					s.Version, s.Head = s.Version+1, came[0].Head
					if !n.record(t.Context()) {
						t.Error("nothing was put on record")
					}
				}
			})
		}
		work.Wait()
		if v := h.verify(t); v.Entries != 60 || v.Records != 60 || len(v.Faults) > 0 {
			t.Errorf("found is %+v", v)
		}
	}},
	{"the notary signs nothing after a log that is not the one it has signed", func(t *testing.T, h *house) {
		all := tampered(t, h, false)
		for _, forge := range []string{
			`UPDATE notary SET size = 19`, `UPDATE notary SET head = ''`, `DELETE FROM notary_hash WHERE number = 19`,
			`DELETE FROM notary_hash WHERE number = 15`, `UPDATE notary_hash SET hashes = (SELECT hashes FROM notary_hash WHERE number = 15) WHERE number = 19`,
		} {
			back := h.keep(t)
			n := h.theNotary(t)
			h.exec(t, forge)
			all = h.mustCommit(t, change(h.load(t, all[0].Client), seen(1)), change(h.load(t, all[1].Client), seen(1)))
			if n.record(t.Context()) {
				t.Errorf("it signs after %s", forge)
			}
			back()
			h.heads.take(10)
		}
	}},
	{"a log that became shorter under the notary is noted", func(t *testing.T, h *house) {
		all := tampered(t, h, false)
		n := h.theNotary(t)
		back := h.keep(t)
		h.mustCommit(t, change(all[0], seen(1)))
		n.record(t.Context())
		back()
		h.mustCommit(t, change(all[0], seen(2)))
		n.record(t.Context())
		n.finish(t.Context())
		if n := h.count(t, `SELECT count(*) FROM audit WHERE type = 'notary.log_is_cut'`); n != 1 {
			t.Errorf("it is noted %d times", n)
		}
		h.reports(t)
	}},
	{"one may verify while others write", func(t *testing.T, h *house) {
		all, began := h.clients(t, 20), time.Now()
		n := h.StartNotary(NotaryConfig{Now: time.Now, Log: h.theNotary(t).cfg.Log})
		ctx, stop := context.WithCancel(t.Context())
		var work sync.WaitGroup
		work.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				var batch []session.Change
				for _, s := range all {
					c := change(s, seen(1), seen(2))
					c.Events[0].At, c.Events[1].At = time.Now(), time.Now()
					batch = append(batch, c)
				}
				all = h.mustCommit(t, batch...)
				if err := h.Note(t.Context(), []session.Note{aNote(i)}); err != nil {
					t.Error(err)
				}
			}
		})
		for until := time.Now().Add(3 * time.Second); time.Now().Before(until); {
			v := must(h.Verify(t.Context(), Verification{Now: time.Now(), Kept: 90 * 24 * time.Hour}))(t)
			if len(v.Faults) > 0 {
				t.Errorf("found is %v", v.Faults)
			}
		}
		stop()
		work.Wait()
		n.Stop()
		v := must(h.Verify(t.Context(), Verification{Now: time.Now(), Kept: 90 * 24 * time.Hour}))(t)
		if len(v.Faults) > 0 || v.Records == 0 || h.count(t, `SELECT count(*) FROM client c JOIN notary_seen s ON s.client_id = c.client_id AND s.seq = c.version`) != 20 {
			t.Errorf("found is %+v", v)
		}
		// Each entry is a commit of its own, which the clients' commits wait for.
		if n, most := h.count(t, `SELECT count(*) FROM notary_entry`), int(time.Since(began)/gatherFor)+2; n > most {
			t.Errorf("there are %d entries, and one a second would be %d", n, most)
		}
	}},
}

func (h *house) signed(t testing.TB) string {
	t.Helper()
	_, signed, err := h.signedHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func faults(v Verified) (all []string) {
	for _, f := range v.Faults {
		all = append(all, f.String())
	}
	slices.Sort(all)
	return all
}

func TestAnEntryComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.Int64Range(1, 1<<55).Draw(rt, "at")
		var records []headRecord
		chain := int64(0)
		for range rapid.IntRange(0, 20).Draw(rt, "records") {
			r := headRecord{chain: chain, seq: rapid.Int64Range(1, 1<<53).Draw(rt, "seq")}
			r.from = rapid.Int64Range(0, r.seq).Draw(rt, "from")
			if rapid.Bool().Draw(rt, "known") {
				r.since = rapid.Int64Range(1, at).Draw(rt, "since")
			}
			copy(r.head[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "head"))
			records = append(records, r)
			chain += rapid.Int64Range(1, 1<<40).Draw(rt, "step")
		}
		entry := encodeEntry(at, records)
		gotAt, got, err := decodeEntry(entry)
		if err != nil || gotAt != at || !slices.Equal(got, records) {
			rt.Fatalf("%v came back as %v, %v", records, got, err)
		}
		for i := range entry {
			_, _, _ = decodeEntry(entry[:i]) // nothing worse than an error
		}
	})
}

// Whatever is done by the journal, nothing is wrong; whatever is done behind its back to one row that is on record, is found.
func TestWhateverIsDoneBehindTheJournalsBackIsFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t, databases[0])
	n := h.theNotary(t)
	h.at = noon
	all := h.clients(t, 4)
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(rt, "acts") {
			h.at = h.at.Add(time.Second)
			i := rapid.IntRange(0, 3).Draw(rt, "client")
			switch rapid.IntRange(0, 6).Draw(rt, "act") {
			case 0:
				h.note(t, aNote(i))
			case 1:
				n.finish(t.Context())
				n = h.theNotary(t) // as after a crash
				n.catchUp(t.Context())
			case 2:
				must(h.Import(t.Context(), []Client{{
					Code: all[i].Profile.Code, Kind: "person", Name: "x", Login: all[i].Profile.Login, Language: "ru",
					Phone: "+790322222" + itoa(10+rapid.IntRange(0, 89).Draw(rt, "phone")),
				}}, true))(t)
				all[i] = h.load(t, all[i].Client)
			default:
				events := []session.Event{seen(1), seen(2), seen(3)}[:rapid.IntRange(1, 3).Draw(rt, "events")]
				all[i] = h.mustCommit(t, change(all[i], events...))[0]
			}
			n.record(t.Context())
		}
		n.catchUp(t.Context())
		n.record(t.Context())
		v := h.verify(t)
		if len(v.Faults) > 0 {
			rt.Fatalf("found is %v", v.Faults)
		}
		back := h.keep(t)
		defer back()
		if what := h.tamper(t, rt); len(h.verify(t).Faults) == 0 {
			rt.Fatalf("it is not found: %s", what)
		}
	})
}

func (h *house) note(t testing.TB, notes ...session.Note) {
	t.Helper()
	if err := h.Note(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
}

// tamper does one thing to one row, and says what.
func (h *house) tamper(t testing.TB, rt *rapid.T) (what string) {
	tables := map[string][]string{
		"event": {"client_id", "seq", "at", "type", "data", "prev"}, "audit": {"seq", "at", "client_id", "operator", "type", "data", "prev"},
		"client": {"version", "head"}, "audit_head": {"seq", "head"}, "notary_entry": {"number", "at", "heads"},
		"notary_hash": {"number", "hashes"}, "notary": {"size", "head"}, "notary_kept": {"size", "head"},
	}
	table := rapid.SampledFrom(slices.Sorted(maps.Keys(tables))).Draw(rt, "table")
	which := ` WHERE rowid = (SELECT rowid FROM ` + table + ` ORDER BY rowid LIMIT 1 OFFSET `
	rows := h.count(t, `SELECT count(*) FROM `+table)
	if table == "client" { // he has an event
		which = ` WHERE rowid = (SELECT rowid FROM client WHERE version > 0 ORDER BY rowid LIMIT 1 OFFSET `
		rows = h.count(t, `SELECT count(*) FROM client WHERE version > 0`)
	}
	if rows == 0 {
		return h.tamper(t, rt)
	}
	which += itoa(rapid.IntRange(0, rows-1).Draw(rt, "row")) + `)`
	column := rapid.SampledFrom(append(tables[table], "")).Draw(rt, "column")
	switch column {
	case "":
		what = `DELETE FROM ` + table + which
	case "data", "type", "operator":
		what = `UPDATE ` + table + ` SET ` + column + ` = coalesce(` + column + `, '') || 'x'` + which
	case "prev", "heads", "hashes":
		what = `UPDATE ` + table + ` SET ` + column + ` = randomblob(32)` + which
	case "head":
		what = `UPDATE ` + table + ` SET head = CASE typeof(head) WHEN 'text' THEN 'x' || head ELSE randomblob(32) END` + which
	default:
		what = `UPDATE ` + table + ` SET ` + column + ` = coalesce(` + column + `, 0) + 1000000` + which
	}
	h.exec(t, what)
	return what
}
