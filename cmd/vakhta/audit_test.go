package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"vakhta/persistence/pgtest"
)

// sound wants nothing to be wrong with the audit, as the command line sees it. What the server said has signed tree heads.
func sound(t *testing.T, flags []string, serverLog string) (said string) {
	t.Helper()
	args := append([]string{"audit", "verify"}, flags...)
	if strings.Contains(serverLog, "signed tree head") {
		file := filepath.Join(t.TempDir(), "server.log")
		if err := os.WriteFile(file, []byte(serverLog), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--checkpoint", file)
	}
	said = runs(t, 0, args...)
	says(t, said, "nothing is wrong")
	return said
}

// onBoth are the flags of a database of either kind with the demo in it, where two clients have done something and the
// notary has seen all of it.
func onBoth(t *testing.T, test func(t *testing.T, database string, flags []string, serverLog string)) {
	t.Helper()
	for name, database := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "v.db"), "postgres": pgtest.New(t)} {
		t.Run(name, func(t *testing.T) {
			flags := append(withKey(t), "--database-url", database)
			p := newProcess(t, append(append(append(flags, "--demo"), thrifty...), tireless...)...)
			p.start()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for _, r := range []*robot{newRobot(t, p.url, "demo", "demo", "+79031111111"), newRobot(t, p.url, "second", "second", "+79032222222")} {
				for refused := false; !refused && ctx.Err() == nil; {
					r.step(ctx, func(ctx context.Context) error {
						reply, err := r.call(ctx, "putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1})
						refused = reply.text("reason") == "no_security_session"
						return err
					})
				}
				for len(r.answers) < 10 && ctx.Err() == nil {
					r.step(ctx, r.submit)
				}
				r.hangUp()
				time.Sleep(1500 * time.Millisecond) // so that the log has several entries
			}
			if code := p.terminate(); code != 0 {
				t.Fatalf("exit %d", code)
			}
			test(t, database, flags, p.said.String())
		})
	}
}

func TestTheAuditFindsWhatWasDoneBehindTheServersBack(t *testing.T) {
	onBoth(t, func(t *testing.T, database string, flags []string, serverLog string) {
		said := sound(t, flags, serverLog)
		says(t, said, "2 clients", "6 notes of refusals", "compared with 1 tree heads", "key of the notary: vakhta-audit+", "signed tree head:\n\nvakhta-audit\n")
		head := filepath.Join(t.TempDir(), "head")
		if err := os.WriteFile(head, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		db := openDatabase(t, database)
		const client = ` WHERE client_id = 1001`
		var last int64
		scan(t, db, []any{&last}, `SELECT version FROM client`+client)
		exec := func(queries ...string) {
			t.Helper()
			for _, query := range queries {
				if _, err := db.ExecContext(t.Context(), query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
		}
		for _, c := range []struct {
			name  string
			does  []string
			back  []string
			finds string
		}{
			{
				"an edited row",
				[]string{`UPDATE event SET at = at + 1` + client + ` AND seq = 7`},
				[]string{`UPDATE event SET at = at - 1` + client + ` AND seq = 7`},
				"client 100001 event 7: changed",
			},
			{
				"a removed row",
				[]string{`CREATE TABLE was AS SELECT * FROM event` + client + ` AND seq = 7`, `DELETE FROM event` + client + ` AND seq = 7`},
				[]string{`INSERT INTO event SELECT * FROM was`, `DROP TABLE was`},
				"client 100001: removed: event 7",
			},
			{
				"swapped rows", []string{
					`UPDATE event SET seq = -7` + client + ` AND seq = 7`, `UPDATE event SET seq = 7` + client + ` AND seq = 12`, `UPDATE event SET seq = 12` + client + ` AND seq = -7`,
				}, []string{
					`UPDATE event SET seq = -7` + client + ` AND seq = 7`, `UPDATE event SET seq = 7` + client + ` AND seq = 12`, `UPDATE event SET seq = 12` + client + ` AND seq = -7`,
				}, "client 100001: swapped: events 7 and 12",
			},
			{
				"a forged head",
				[]string{`CREATE TABLE was AS SELECT head FROM client` + client, `UPDATE client SET head = (SELECT prev FROM event` + client + ` AND seq = 7)` + client},
				[]string{`UPDATE client SET head = (SELECT head FROM was)` + client, `DROP TABLE was`},
				fmt.Sprintf("client 100001: head forged: it is not that of event %d", last),
			},
			{
				"a truncated tail", []string{
					`CREATE TABLE was AS SELECT * FROM event` + client + ` AND seq > 20`, `CREATE TABLE head_was AS SELECT head FROM client` + client,
					`UPDATE client SET version = 20, head = (SELECT prev FROM event` + client + ` AND seq = 21)` + client, `DELETE FROM event` + client + ` AND seq > 20`,
				}, []string{
					`INSERT INTO event SELECT * FROM was`, fmt.Sprintf(`UPDATE client SET version = %d, head = (SELECT head FROM head_was)`, last) + client,
					`DROP TABLE was`, `DROP TABLE head_was`,
				}, fmt.Sprintf("client 100001: tail cut off after event 20: the log has seen %d", last),
			},
			{
				"a note that is gone",
				[]string{`CREATE TABLE was AS SELECT * FROM audit WHERE seq = 1`, `DELETE FROM audit WHERE seq = 1`},
				[]string{`INSERT INTO audit SELECT * FROM was`, `DROP TABLE was`},
				"audit: removed: row 1",
			},
			{
				"a forged tree head",
				[]string{`CREATE TABLE was AS SELECT head FROM notary`, `UPDATE notary SET head = (SELECT head FROM notary_kept)`},
				[]string{`UPDATE notary SET head = (SELECT head FROM was)`, `DROP TABLE was`},
				"log: head forged: the tree head is that of 1 entries",
			},
		} {
			t.Run(c.name, func(t *testing.T) {
				exec(c.does...)
				said := runs(t, 1, append([]string{"audit", "verify"}, flags...)...)
				says(t, said, c.finds, "things are wrong")
				if strings.Contains(said, "nothing is wrong") {
					t.Error("and yet nothing is wrong")
				}
				exec(c.back...)
			})
		}
		args := append([]string{"audit", "verify", "--checkpoint", head}, flags...)
		says(t, runs(t, 0, args...), "nothing is wrong")
		exec(`DELETE FROM notary_hash`, `DELETE FROM notary_entry`, `DELETE FROM notary_kept`, `UPDATE notary SET size = 0, head = ''`)
		sound(t, flags, "") // nobody could tell
		says(t, runs(t, 1, args...), "log: tail cut off: the given tree head 1")
		says(t, runs(t, 1, append([]string{"audit", "verify", "--checkpoint", flags[1]}, flags...)...), "no signed tree head in")
	})
}

func TestNothingIsWrongWithTheAuditWhateverTheServerAndTheCommandLineDo(t *testing.T) {
	onBoth(t, func(t *testing.T, database string, flags []string, serverLog string) {
		args := append(append(flags, "--demo"), thrifty...)
		p := newProcess(t, append(args, tireless...)...)
		p.start()
		r := newRobot(t, p.url, "demo", "demo", "+79031111111")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r.number = 1000 // beyond those of the robot before
		for len(r.answers) < 5 && ctx.Err() == nil {
			r.step(ctx, r.submit)
		}
		file := filepath.Join(t.TempDir(), "update.csv")
		if err := os.WriteFile(file, []byte("code,kind,name,login,phone\n100002,company,Second,second,+79035550002\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		runs(t, 0, append([]string{"clients", "import", file, "--update"}, flags...)...)
		sound(t, flags, serverLog)
		runs(t, 0, append([]string{"clients", "unblock", "100002"}, flags...)...)
		runs(t, 0, append([]string{"clients", "close-sessions", "100001"}, flags...)...)
		sound(t, flags, serverLog)
		for before := len(r.answers); len(r.answers) < before+5 && ctx.Err() == nil; {
			r.step(ctx, r.submit)
		}
		p.kill()
		sound(t, flags, serverLog)
		p.start()
		r.hangUp()
		if code := p.terminate(); code != 0 {
			t.Errorf("exit %d", code)
		}
		sound(t, flags, serverLog+p.said.String())
		behind := int64(-1)
		scan(t, openDatabase(t, database), []any{&behind}, `SELECT count(*) FROM client c LEFT JOIN notary_seen s ON s.client_id = c.client_id WHERE c.version > coalesce(s.seq, 0)`)
		if behind != 0 {
			t.Errorf("the notary has not seen all of %d clients", behind)
		}
	})
}

func TestTheNotaryTellsItsTreeHeadOnceAnHourAndAtTheEnd(t *testing.T) {
	w := newWorld(t, "")
	heads := 0
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		w.login("demo", "demo")
		time.Sleep(3*time.Hour + time.Minute)
		heads = len(findTreeHeads(w.log.String()))
		w.stop()
	})
	if heads != 3 || len(findTreeHeads(w.log.String())) != 4 {
		t.Errorf("%d tree heads were told, and then %d", heads, len(findTreeHeads(w.log.String())))
	}
}

func TestTreeHeadsAreFoundInAnyText(t *testing.T) {
	const head = "vakhta-audit\n7\nAAAA\n2026-11-21T12:00:00Z\n\n— vakhta-audit AAAA\n— other BBBB\n"
	for text, want := range map[string]int{
		"": 0, "vakhta-audit\n": 0, "vakhta-audit\n7\nAAAA\n": 0, "vakhta-audit\n7\n\n": 0, head: 1, "x\n" + head + "y\n" + head: 2,
		fmt.Sprintf("time=x msg=\"signed tree head\" head=%q\nx head=\"broken\n", head): 1,
	} {
		found := findTreeHeads(text)
		if len(found) != want || want > 0 && found[0] != head {
			t.Errorf("in %q found is %q", text, found)
		}
	}
}

// An export is checked here as somebody would who has nothing but its description in README.md.
func TestAnExportCanBeCheckedWithoutThisProgram(t *testing.T) {
	onBoth(t, func(t *testing.T, _ string, flags []string, _ string) {
		file := filepath.Join(t.TempDir(), "audit.jsonl")
		says(t, runs(t, 0, append([]string{"audit", "export", file}, flags...)...), file)
		says(t, runs(t, 1, append([]string{"audit", "export", file}, flags...)...), "does not exist yet")
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file: %v %v", info, err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkExport(t, text)
		one := []byte(runs(t, 0, append([]string{"audit", "export", "--client", "100002"}, flags...)...))
		if bytes.Contains(one, []byte(`"client":1001,"seq":1,"at"`)) || len(one) >= len(text) {
			t.Error("another client is in the export of one")
		}
		checkExport(t, one)
		if late := runs(t, 0, append([]string{"audit", "export", "--since", "2999-01-01"}, flags...)...); strings.Contains(late, `"kind":"event"`) {
			t.Errorf("there are events of the future: %s", late)
		}
		says(t, runs(t, 2, append([]string{"audit", "export", "--since", "yesterday"}, flags...)...), "2026-11-21")
		says(t, runs(t, 1, append([]string{"audit", "export", "--client", "404"}, flags...)...), "no such client")
	})
}

// exportLine is any line of an export.
type exportLine struct {
	Kind     string      `json:"kind"`
	Keys     []string    `json:"verifier_keys"`
	TreeHead string      `json:"tree_head"`
	ID       int64       `json:"id"`
	Version  int64       `json:"version"`
	Head     string      `json:"head"`
	Client   *int64      `json:"client"`
	Operator *string     `json:"operator"`
	Seq      int64       `json:"seq"`
	At       int64       `json:"at"`
	Type     string      `json:"type"`
	Data     string      `json:"data"`
	Prev     string      `json:"prev"`
	Hash     string      `json:"hash"`
	Number   int64       `json:"number"`
	Leaf     tlog.Hash   `json:"leaf"`
	Entry    []byte      `json:"entry"`
	Proof    []tlog.Hash `json:"proof"`
	Heads    []struct {
		Client int64  `json:"client"`
		Seq    int64  `json:"seq"`
		Head   string `json:"head"`
	} `json:"heads"`
}

func checkExport(t *testing.T, text []byte) {
	t.Helper()
	heads, hashes, kinds := map[int64]string{}, map[[2]int64]string{}, map[string]int{}
	var size int64
	var root tlog.Hash
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (all []tlog.Hash, err error) {
		for _, i := range at {
			all = append(all, stored[i])
		}
		return all, nil
	})
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var l exportLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		kinds[l.Kind]++
		switch l.Kind {
		case "vakhta audit":
			v, err := note.NewVerifier(l.Keys[0])
			if err != nil {
				t.Fatal(err)
			}
			signed, err := note.Open([]byte(l.TreeHead), note.VerifierList(v))
			if err != nil {
				t.Fatal(err)
			}
			var hash string
			if n, err := fmt.Sscanf(signed.Text, "vakhta-audit\n%d\n%s\n", &size, &hash); n != 2 {
				t.Fatal(err)
			}
			if root, err = tlog.ParseHash(hash); err != nil {
				t.Fatal(err)
			}
		case "event":
			if before := hashes[[2]int64{*l.Client, l.Seq - 1}]; l.Seq > 1 && l.Prev != before || hashOf(t, "vakhta event 1\n", l) != l.Hash {
				t.Errorf("the chain of %d breaks at %d", *l.Client, l.Seq)
			}
			heads[*l.Client], hashes[[2]int64{*l.Client, l.Seq}] = l.Hash, l.Hash
		case "note":
			if hashOf(t, "vakhta audit 1\n", l) != l.Hash {
				t.Errorf("the note %d has another hash", l.Seq)
			}
			hashes[[2]int64{0, l.Seq}] = l.Hash
		case "entry":
			if tlog.RecordHash(l.Entry) != l.Leaf {
				t.Errorf("the entry %d has another hash", l.Number)
			}
			for _, h := range l.Heads {
				if known, ok := hashes[[2]int64{h.Client, h.Seq}]; ok && known != h.Head {
					t.Errorf("the log has another hash of row %d of %d", h.Seq, h.Client)
				}
			}
			if l.Proof != nil {
				if err := tlog.CheckRecord(l.Proof, size, root, l.Number, l.Leaf); err != nil {
					t.Errorf("the entry %d is not in the log: %v", l.Number, err)
				}
				continue
			}
			made, err := tlog.StoredHashesForRecordHash(l.Number, l.Leaf, read)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, made...)
		}
	}
	if stored != nil {
		if got, err := tlog.TreeHash(size, read); err != nil || got != root {
			t.Errorf("the tree head stands for another log: %v", err)
		}
	}
	for _, kind := range []string{"vakhta audit", "client", "event", "note", "entry"} {
		if kinds[kind] == 0 {
			t.Errorf("there is no line of the kind %s: %v", kind, kinds)
		}
	}
}

func hashOf(t *testing.T, kind string, l exportLine) string {
	t.Helper()
	prev, err := hex.DecodeString(l.Prev)
	if err != nil {
		t.Fatal(err)
	}
	number := func(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }
	text := func(b []byte, s string) []byte { return append(number(b, int64(len(s))), s...) }
	b := append([]byte(kind), prev...)
	if strings.Contains(kind, "event") {
		b = number(b, *l.Client)
	}
	b = number(number(b, l.Seq), l.At)
	if strings.Contains(kind, "audit") {
		var client int64
		var operator string
		flags := []byte{0, 0}
		if l.Client != nil {
			flags[0], client = 1, *l.Client
		}
		if l.Operator != nil {
			flags[1], operator = 1, *l.Operator
		}
		b = text(number(append(b, flags...), client), operator)
	}
	sum := sha256.Sum256(text(text(b, l.Type), l.Data))
	return hex.EncodeToString(sum[:])
}

func TestAnAuditCommandThatMakesNoSenseIsAnsweredWithWhatToDo(t *testing.T) {
	flags := onSQLite(t)
	made(t, flags[3], flags[1])
	for args, status := range map[string]int{"audit": 2, "audit dance": 2, "audit verify now": 2, "audit export a b": 2, "audit verify --checkpoint /no/such/file": 1} {
		said := runs(t, status, append(strings.Fields(args), flags...)...)
		if status == 2 {
			says(t, said, "vakhta audit: ")
		} else {
			says(t, said, "/no/such/file")
		}
	}
	says(t, runs(t, 0, append([]string{"audit", "verify"}, flags...)...), "0 clients, 0 events", "nothing is wrong")
}
