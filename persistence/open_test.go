package persistence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence/pgtest"
	"vakhta/session"
)

var openCases = []conformance{
	{"what was written is there when the journal is opened again", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, seen(1)))[0]
		if err := h.open(t).Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if got := must(h.open(t).Load(t.Context(), s.Client))(t); got.Version != 1 {
			t.Errorf("the version is %d", got.Version)
		}
	}},
	{"a database of a newer version is left alone", func(t *testing.T, h *house) {
		h.exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, ?)`, true)
		h.refuses(t, h.cfg, "was migrated by a newer vakhta")
	}},
	{"another master key is refused", func(t *testing.T, h *house) {
		cfg := h.cfg
		cfg.Keys = must(parseKeyring("other.key", []byte("1:"+strings.Repeat("ab", 32))))(t)
		h.refuses(t, cfg, "is not the one that the database was written under")
	}},
	{"a master key that is missing is named", func(t *testing.T, h *house) {
		cfg := h.cfg
		cfg.Keys = must(parseKeyring("other.key", []byte("2:"+strings.Repeat("ab", 32))))(t)
		h.refuses(t, cfg, `under the master key "1", which is not in other.key`)
	}},
	{"several programs may open a new database at once", func(t *testing.T, h *house) {
		cfg := h.cfg
		cfg.URL = h.database.url(t)
		var work sync.WaitGroup
		for range 4 {
			work.Go(func() {
				j, err := Open(t.Context(), cfg)
				if err != nil {
					t.Error(err)
					return
				}
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
	}},
}

func (h *house) refuses(t *testing.T, cfg Config, want string) {
	t.Helper()
	refusesToOpen(t, cfg, want)
}

func refusesToOpen(t *testing.T, cfg Config, want string) {
	t.Helper()
	j, err := Open(t.Context(), cfg)
	if err == nil {
		_ = j.Close()
		t.Fatal("it was opened")
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %q, without %q", err, want)
	}
}

func TestAJournalThatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("this is no database, but long enough to look like one: "+strings.Repeat("x", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := testKeys(t)
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{URL: "mysql://x", Keys: keys}, "give sqlite:FILE or postgres://"},
		{Config{URL: "sqlite:" + dir + "/none/x.db", Keys: keys}, "name a file in a directory that vakhta may write"},
		{Config{URL: "sqlite:" + dir, Keys: keys}, "name a file in a directory that vakhta may write"},
		{Config{URL: "sqlite:", Keys: keys}, "names no file"},
		{Config{URL: "sqlite:" + file, Keys: keys}, "file is not a database"},
		{Config{URL: "sqlite:" + dir + "/x.db"}, "--master-key-file"},
		{Config{URL: "postgres://u:secret@127.0.0.1:1/db?sslmode=disable", Keys: keys}, "check that PostgreSQL runs"},
		{Config{URL: "postgres://u:sec%ret@127.0.0.1:1/db", Keys: keys}, "cannot be read"},
	} {
		refusesToOpen(t, c.cfg, c.want)
		if _, err := Open(t.Context(), c.cfg); strings.Contains(err.Error(), "sec") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x.db")); err == nil {
		t.Error("a database was made without a master key")
	}
}

func TestAnUnreachableDatabaseIsUsedAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Private(t)
	h := newHouse(t, database{"postgres", func(testing.TB) string { return cluster.URL() }})
	all := h.clients(t, 3)
	h.mustCommit(t, change(all[0], seen(1)), change(all[1], seen(1)))
	cluster.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := h.Ping(ctx); err == nil {
		t.Error("it answers")
	}
	for i, err := range errorsOf(h.Commit(ctx, []session.Change{change(all[1], seen(2)), change(all[2], seen(1))})) {
		if err == nil || errors.Is(err, session.ErrFenced) || errors.Is(err, session.ErrDouble) {
			t.Errorf("change %d: %v", i, err)
		}
	}
	refusesToOpen(t, h.cfg, "the database cannot be reached")
	cluster.Start()
	for range 100 { // connections that were broken are noticed one by one
		if h.Ping(ctx) == nil {
			break
		}
	}
	s := h.load(t, all[2].Client)
	if s.Version != 0 {
		t.Errorf("a change was written that was said not to be: version %d", s.Version)
	}
	h.mustCommit(t, change(h.load(t, all[1].Client), seen(3)), change(s, seen(1)))
	if s := h.load(t, all[0].Client); s.Version != 1 {
		t.Errorf("what was durable is lost: version %d", s.Version)
	}
}

func TestAFullDiskFailsTheBatchAndLeavesNothingHalfWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, databases[0])
	all := h.clients(t, 50)
	h.exec(t, `PRAGMA wal_checkpoint(TRUNCATE)`)
	pages := h.count(t, `PRAGMA page_count`)
	var most int
	if err := h.write.GetContext(t.Context(), &most, `PRAGMA max_page_count = `+itoa(pages+8)); err != nil {
		t.Fatal(err)
	}
	full := false
	for round := 0; round < 50 && !full; round++ {
		var batch []session.Change
		for i, s := range all {
			batch = append(batch, change(s, accepted(s, session.OrderID(1000*round+i+1), itoa(round))))
		}
		for i, came := range h.Commit(t.Context(), batch) {
			err := came.Err
			switch {
			case err == nil && !full:
				all[i] = batch[i].State
				all[i].Head = came.Head
			case err == nil || !strings.Contains(err.Error(), "full"):
				t.Fatalf("round %d, change %d: %v", round, i, err)
			default:
				full = true
			}
		}
	}
	if !full {
		t.Fatal("the disk never was full")
	}
	for _, s := range all {
		if got := h.load(t, s.Client); got.Version != s.Version {
			t.Errorf("client %d has version %d, not %d", s.Client, got.Version, s.Version)
		}
	}
	events, orders, versions := h.count(t, `SELECT count(*) FROM event`), h.count(t, `SELECT count(*) FROM orders`),
		h.count(t, `SELECT sum(version) FROM client`)
	if events != versions || orders != versions {
		t.Errorf("%d events and %d orders stand beside versions of %d in all", events, orders, versions)
	}
	h.exec(t, `PRAGMA max_page_count = 1000000`)
	h.mustCommit(t, change(all[0], seen(1)))
}

func TestABackupIsAWholeDatabaseAndReplacesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, databases[0])
	s := h.client(t)
	s = h.mustCommit(t, change(s, seen(1)))[0]
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := h.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if err := h.Backup(t.Context(), file); err == nil || !strings.Contains(err.Error(), "does not exist yet") {
		t.Errorf("the error is %v", err)
	}
	cfg := h.cfg
	cfg.URL = "sqlite:" + file
	j, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if got := must(j.Load(t.Context(), s.Client))(t); got.Version != 1 {
		t.Errorf("the version is %d", got.Version)
	}
	pg := newHouse(t, databases[1])
	if err := pg.Backup(t.Context(), file+"2"); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("the error is %v", err)
	}
}

func TestTheDatabaseFileIsItsOwnersOnly(t *testing.T) {
	h := newHouse(t, databases[0])
	h.client(t)
	files, err := filepath.Glob(strings.TrimPrefix(h.cfg.URL, "sqlite:") + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("the files are %q, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the mode of %s is %v, %v", file, info.Mode(), err)
		}
	}
}

func TestAFileNameMayHoldAnything(t *testing.T) {
	cfg := Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "a b?c#d%e.db"), Keys: testKeys(t)}
	j, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(strings.TrimPrefix(cfg.URL, "sqlite:")); err != nil {
		t.Error(err)
	}
}

func TestTheJournalWorksInsideABubbleOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(t.Context(), Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "journal.db"), Keys: testKeys(t)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Import(t.Context(), []Client{imported("1", "one", "")}, false); err != nil {
			t.Fatal(err)
		}
		p := must(j.FindClient(t.Context(), "1"))(t)
		s := must(j.Load(t.Context(), p.Client))(t)
		begin := time.Now()
		time.Sleep(4 * time.Hour)
		if err := j.Commit(t.Context(), []session.Change{change(s, seen(1))})[0].Err; err != nil {
			t.Error(err)
		}
		if spent := time.Since(begin); spent != 4*time.Hour {
			t.Errorf("four hours took %v", spent)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Without its lock on the file the next program that looks into the database takes itself for the only one, and removes
// the log under the server: what it then acknowledges is gone after a crash.
func TestTheServerHoldsItsLockOnTheDatabaseFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "v.db")
	journal, err := Open(t.Context(), Config{URL: "sqlite:" + file, Keys: testKeys(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = journal.Close() })
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	inode := info.Sys().(*syscall.Stat_t).Ino
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatalf("this system does not tell of its locks: %v", err)
	}
	if !strings.Contains(string(locks), fmt.Sprintf(":%d ", inode)) {
		t.Errorf("no lock is held on the file with the inode %d:\n%s", inode, locks)
	}
}
