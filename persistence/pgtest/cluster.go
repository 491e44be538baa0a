package pgtest

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// Cluster is a PostgreSQL server of one test.
type Cluster struct {
	t     testing.TB // nil for the shared one
	bin   string     // where initdb and pg_ctl are
	dir   string     // data, socket and log
	owner *syscall.Credential

	keeper *exec.Cmd      // the shell that runs cluster.sh; nil while stopped
	leash  io.WriteCloser // its input: see cluster.sh
}

// Private starts a cluster for this test alone, whatever TEST_DATABASE_URL says. The cleanup removes it.
func Private(t testing.TB) *Cluster {
	t.Helper()
	c, err := newCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.remove)
	c.t = t
	return c
}

// URL names an empty database of the cluster. It stays the same over Stop and Start.
func (c *Cluster) URL() string { return c.address().String() }

// Stop takes the server away at once, as a crash would: connections break, nothing is flushed, data files stay.
func (c *Cluster) Stop() {
	if c.keeper != nil {
		c.end("keep\n")
	}
}

// Start brings a stopped server back; it recovers from its log first. To be called from the goroutine of the test.
func (c *Cluster) Start() {
	c.t.Helper()
	if c.keeper != nil {
		return
	}
	if err := c.start(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *Cluster) address() *url.URL {
	query := url.Values{"host": {c.dir}, "port": {"5432"}, "sslmode": {"disable"}}
	return &url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: query.Encode()}
}

func newCluster() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "vakhta-pgtest-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, dir: dir}
	if err := errors.Join(c.dropRoot(), c.start()); err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

// dropRoot hands the cluster to the user postgres when the tests run as root, as whom PostgreSQL refuses to run.
func (c *Cluster) dropRoot() error {
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("%w: the tests run as root and PostgreSQL does not; add that user or run them as another", err)
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	c.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.dir, int(uid), int(gid))
}

//go:embed cluster.sh
var script string

// start returns when the server accepts connections.
func (c *Cluster) start() error {
	keeper := exec.CommandContext(context.Background(), "sh", "-c", script) //nolint:gosec // our own text, embedded
	keeper.Dir = c.dir
	keeper.Env = append(os.Environ(), "BIN="+c.bin, "DIR="+c.dir, "LC_ALL=C")
	// A session of its own, so that Ctrl-C reaches the tests only and the keeper lives to clean up after them.
	keeper.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner, Setsid: true}
	leash, err1 := keeper.StdinPipe()
	answer, err2 := keeper.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if err := keeper.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL in %s: %w", c.dir, err)
	}
	c.keeper, c.leash = keeper, leash
	if line, err := bufio.NewReader(answer).ReadString('\n'); line != "ready\n" {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.end("keep\n")
		return fmt.Errorf("PostgreSQL of %s did not start in %s (%w); its log:\n%s", c.bin, c.dir, err, log)
	}
	return nil
}

// end says the last word to the keeper and waits for it. Its exit status is of no interest: the directory is.
func (c *Cluster) end(word string) {
	_, _ = io.WriteString(c.leash, word)
	_ = c.leash.Close()
	_ = c.keeper.Wait()
	c.keeper = nil
}

func (c *Cluster) remove() {
	if c.keeper != nil {
		c.end("")
	}
	_ = os.RemoveAll(c.dir) // there still, if the cluster was stopped or never started
}

// packaged is where Debian installs the servers, one beside the other and outside PATH.
var packaged = "/usr/lib/postgresql/*/bin/initdb"

// binaries finds the newest installed PostgreSQL: a packaged one, else the one in PATH.
func binaries() (string, error) {
	found, _ := filepath.Glob(packaged)
	if len(found) > 0 {
		newest := slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) })
		return filepath.Dir(newest), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no PostgreSQL on this machine and TEST_DATABASE_URL is not set; " +
			"type: apt-get install -y postgresql")
	}
	return filepath.Dir(initdb), nil
}

// major is the 15 of /usr/lib/postgresql/15/bin/initdb.
func major(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}
