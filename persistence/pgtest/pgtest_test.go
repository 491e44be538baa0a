package pgtest

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	one, two := open(t, New(t)), open(t, New(t))
	mustExec(t, one, `CREATE TABLE only_here (id bigint)`)
	if _, err := two.ExecContext(t.Context(), `SELECT * FROM only_here`); err == nil {
		t.Error("a table of one database is seen in the other")
	}
}

func TestADatabaseEndsWithItsTestUnderAnOpenConnection(t *testing.T) {
	var db *sql.DB
	t.Run("which stays open", func(inner *testing.T) {
		db = open(t, New(inner))
		mustExec(inner, db, `SELECT 1`)
	})
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("the database is still there after its test")
	}
}

func TestTheServerOfTheEnvironmentIsTaken(t *testing.T) {
	c := Private(t)
	t.Setenv("TEST_DATABASE_URL", c.URL())
	db := open(t, New(t))
	var directory string
	err := db.QueryRowContext(t.Context(), `SHOW unix_socket_directories`).Scan(&directory)
	if err != nil || directory != c.dir {
		t.Errorf("the database is on the server of %q (%v), not of %q", directory, err, c.dir)
	}
}

func TestAWrongServerInTheEnvironmentIsNamedWithoutItsPassword(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "mysql://user:s3cret@host/x")
	_, err := server()
	if err == nil || !strings.Contains(err.Error(), "TEST_DATABASE_URL") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error is %v", err)
	}
}

func TestAStoppedServerIsUnreachableAndComesBackWithItsData(t *testing.T) {
	c := Private(t)
	db := open(t, c.URL())
	mustExec(t, db, `CREATE TABLE kept (id bigint)`)
	mustExec(t, db, `INSERT INTO kept VALUES (7)`)

	c.Stop()
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("a stopped server answers")
	}

	c.Start()
	var id int
	if err := db.QueryRowContext(t.Context(), `SELECT id FROM kept`).Scan(&id); err != nil || id != 7 {
		t.Errorf("after the start the row is %d, %v", id, err)
	}
}

func TestTheServerSyncsAsInProduction(t *testing.T) {
	var fsync string
	err := open(t, Private(t).URL()).QueryRowContext(t.Context(), `SHOW fsync`).Scan(&fsync)
	if err != nil || fsync != "on" {
		t.Errorf("fsync is %q, %v", fsync, err)
	}
}

func TestAStoppedSharedClusterLeavesNothingAndTheNextTestHasAnother(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "")
	t.Run("first", func(t *testing.T) { New(t) })
	dir := shared.cluster.dir
	Stop()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	mustExec(t, open(t, New(t)), `SELECT 1`)
}

// The test runs itself a second time as the process that is killed.
func TestAClusterGoesWithItsProcessEvenByKill(t *testing.T) {
	const doomed = "PGTEST_DOOMED"
	if os.Getenv(doomed) != "" {
		fmt.Println("cluster", Private(t).dir)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), doomed+"=1")
	out, err := child.Output()
	if err == nil {
		t.Fatalf("the child was not killed: %s", out)
	}
	dir := ""
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "cluster %s", &dir)
	}
	if dir == "" {
		t.Fatalf("the child did not name its cluster: %s", out)
	}
	for range 200 {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s is still there ten seconds after its process was killed", dir)
}

func TestAMachineWithoutPostgreSQLIsToldWhatToType(t *testing.T) {
	defer func(before string) { packaged = before }(packaged)
	packaged = t.TempDir() + "/*/bin/initdb"
	t.Setenv("PATH", t.TempDir())
	if _, err := newCluster(); err == nil || !strings.Contains(err.Error(), "apt-get install -y postgresql") {
		t.Errorf("the error is %v", err)
	}
}

func TestTheNewestOfSeveralVersionsIsTaken(t *testing.T) {
	defer func(before string) { packaged = before }(packaged)
	root := t.TempDir()
	packaged = root + "/*/bin/initdb"
	for _, version := range []string{"9", "15", "13"} {
		if err := os.MkdirAll(root+"/"+version+"/bin/initdb", 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if bin, err := binaries(); err != nil || bin != root+"/15/bin" {
		t.Errorf("taken is %s, %v", bin, err)
	}
}

func TestAServerThatDoesNotStartShowsItsLog(t *testing.T) {
	defer func(before string) { packaged = before }(packaged)
	root := t.TempDir()
	packaged = root + "/*/bin/initdb"
	if err := os.MkdirAll(root+"/15/bin", 0o755); err != nil {
		t.Fatal(err)
	}
	broken := []byte("#!/bin/sh\necho the disk is full >&2; exit 1\n")
	if err := os.WriteFile(root+"/15/bin/initdb", broken, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := newCluster()
	if err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("the error is %v", err)
	}
}

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
