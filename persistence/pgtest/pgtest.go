// Package pgtest gives a test a real PostgreSQL.
//
//	url := pgtest.New(t)     // a fresh database of its own, dropped when the test ends
//
//	c := pgtest.Private(t)   // a server of its own, for a test that takes it away
//	c.Stop(); c.Start()      // unreachable, then back with the same URL and the same data
//
// The server is the one that TEST_DATABASE_URL names, if it is set. Otherwise it is a throw-away cluster made of the
// installed binaries: unix socket only, in a directory of its own, with fsync on as in production. The first test of
// the process that asks starts it, all of them share it, and it is gone when the process is gone, however that ended:
// nothing has to be called. A machine without PostgreSQL fails the test and names the line to type; no test is skipped.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	_ "github.com/lib/pq" // the driver "postgres"
)

// shared is the cluster of this test process. An error stays: the tests after the first fail at once, in the same words.
var shared struct {
	sync.Mutex
	cluster *Cluster
	err     error
}

// New makes an empty database for this test and returns its URL for lib/pq. The cleanup drops it, open connections or
// not.
func New(t testing.TB) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + rand.Text()
	if err := execute(server, `CREATE DATABASE "`+name+`"`); err != nil {
		t.Fatalf("make a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, `DROP DATABASE "`+name+`" WITH (FORCE)`); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	return server.JoinPath("..", name).String()
}

// Stop ends the shared cluster and waits until it is gone: for a TestMain that looks at what its tests left behind.
// A later New starts another one.
func Stop() {
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster != nil {
		shared.cluster.remove()
		shared.cluster = nil
	}
}

// server is the address to make databases at: the one in the environment, or the shared cluster.
func server() (*url.URL, error) {
	if named := os.Getenv("TEST_DATABASE_URL"); named != "" {
		address, err := url.Parse(named)
		if err != nil || address.Scheme != "postgres" && address.Scheme != "postgresql" {
			return nil, fmt.Errorf("TEST_DATABASE_URL is not an address of the form " +
				"postgres://user:password@host/database?sslmode=disable: correct or unset it") // its text may hold a password
		}
		return address, nil
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.err = newCluster()
	}
	if shared.err != nil {
		return nil, shared.err
	}
	return shared.cluster.address(), nil
}

func execute(server *url.URL, statement string) error {
	db, err := sql.Open("postgres", server.String())
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), statement)
	return err
}
