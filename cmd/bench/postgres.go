package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
)

// postgresStore is a cluster made for this run: a unix socket in its own directory, everything else as it is installed,
// fsync included.
type postgresStore struct {
	dir    string
	server *exec.Cmd
}

func startPostgres(ctx context.Context, dir string) (*postgresStore, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		return nil, errors.New("no PostgreSQL is installed: apt-get install -y postgresql, or leave it out with -store sqlite")
	}
	bin := found[len(found)-1]
	owner, err := postgresUser()
	if err != nil {
		return nil, err
	}
	s := &postgresStore{dir: filepath.Join(dir, "cluster")}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return nil, err
	}
	if owner != nil {
		if err := errors.Join(os.Chown(s.dir, int(owner.Uid), int(owner.Gid)), os.Chmod(filepath.Dir(dir), 0o711)); err != nil { //nolint:gosec // the way to its directory
			return nil, err
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(bin, name), args...) //nolint:gosec // installed programs
		c.Dir, c.Env = s.dir, append(os.Environ(), "LC_ALL=C")
		c.SysProcAttr = aside(syscall.SIGQUIT)
		c.SysProcAttr.Credential = owner
		return c
	}
	data := filepath.Join(s.dir, "data")
	if text, err := command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, text)
	}
	s.server = command("postgres", "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "dynamic_shared_memory_type=mmap")
	log := newTail("")
	s.server.Stderr = log
	if err := s.server.Start(); err != nil {
		return nil, err
	}
	if err := s.wait(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("PostgreSQL did not start: %w", err), s.close(), errors.New(log.String()))
	}
	return s, nil
}

// postgresUser is whom PostgreSQL runs as when we are root, as whom it refuses to run; otherwise nil.
func postgresUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: PostgreSQL does not run as root, and needs that user", err)
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func (s *postgresStore) url(database string) string {
	query := url.Values{"host": {s.dir}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: query.Encode()}).String()
}

func (s *postgresStore) wait(ctx context.Context) (err error) {
	for began := time.Now(); time.Since(began) < patience; {
		var db *sql.DB
		if db, err = s.open(s.url("postgres")); err != nil {
			return err
		}
		if err = errors.Join(db.PingContext(ctx), db.Close()); err == nil {
			return nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return err
}

func (s *postgresStore) create(ctx context.Context, name string) (string, error) {
	db, err := s.open(s.url("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `CREATE DATABASE "`+name+`"`)
	return s.url(name), err
}

func (*postgresStore) open(url string) (*sql.DB, error) { return sql.Open("postgres", url) }

func (*postgresStore) writers() int { return 2 }

// spent counts what the backends have used, so long as they live.
func (s *postgresStore) spent() time.Duration { return spentByChildren(s.server.Process.Pid) }

func (s *postgresStore) close() error {
	_ = s.server.Process.Signal(syscall.SIGQUIT) // at once: its directory is removed next
	_ = s.server.Wait()                          // says that it was told to
	return nil
}
