package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// build makes the parent module's program, with the flags of `make build`, whose cached packages are then taken.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "vakhta")
	compile := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-o", program, "./cmd/vakhta") //nolint:gosec // our own words
	compile.Dir = filepath.Join("..", "..")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build vakhta: %w\n%s", err, text)
	}
	return program, nil
}

// server is the product or an anchor, in a process of its own.
type server struct {
	process *exec.Cmd
	url     string // of terminals
	admin   string // of metrics and profiles
	stderr  *tail
	ended   chan error // how, once
}

// credentials name a database and the file with its master keys.
type credentials struct{ database, keys string }

func (c credentials) flags() []string {
	return []string{"--database-url", c.database, "--master-key-file", c.keys}
}

func newCredentials(dir, database string) (credentials, error) {
	var key [32]byte
	_, _ = rand.Read(key[:])
	c := credentials{database: database, keys: filepath.Join(dir, "master.key")}
	return c, os.WriteFile(c.keys, []byte("1:"+base64.StdEncoding.EncodeToString(key[:])+"\n"), 0o600)
}

// startProduct returns when the product is ready.
func (b *bench) startProduct(ctx context.Context, c credentials, flags ...string) (*server, error) {
	admin, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", admin, "--dev-phone", "--log-level", "warn"}, c.flags()...)
	s, err := launch(ctx, b.Vakhta, append(args, flags...)...)
	if err != nil {
		return nil, err
	}
	s.admin = "http://" + admin
	return s, nil
}

// launch starts a program and waits until it says where it listens.
func launch(ctx context.Context, program string, args ...string) (*server, error) {
	process := exec.CommandContext(context.WithoutCancel(ctx), program, args...) //nolint:gosec // what is measured, or ourselves
	process.SysProcAttr = aside(syscall.SIGKILL)
	s := &server{process: process, stderr: newTail("listening on "), ended: make(chan error, 1)}
	process.Stderr = s.stderr
	if err := process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- process.Wait() }()
	select {
	case s.url = <-s.stderr.found:
		return s, nil
	case err := <-s.ended:
		return nil, fmt.Errorf("the server did not start: %w: %s", err, s.stderr)
	}
}

// aside is for processes that are stopped in their turn when the run is interrupted, and not by the Ctrl-C itself, and
// that end when this process is killed.
func aside(whenKilled syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenKilled}
}

// spent is the CPU time that it has used.
func (s *server) spent() time.Duration { return spent(s.process.Process.Pid) }

func (s *server) address() string { return strings.TrimPrefix(s.url, "http://") }

// stop ends the server and tells what it complained of.
func (s *server) stop() error {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("the server ended: %w: %s", err, s.stderr)
		}
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("the server did not end: %s", s.stderr), s.process.Process.Kill())
	}
}

// get reads one page of the server.
func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s: %.200s", url, answer.Status, body)
	}
	return body, err
}

// metrics are those of the server that have no labels.
func (s *server) metrics(ctx context.Context) (map[string]float64, error) {
	page, err := get(ctx, s.admin+"/metrics")
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for line := range strings.Lines(string(page)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			all[name] = value
		}
	}
	return all, nil
}

// collect has the server collect its garbage.
func (s *server) collect(ctx context.Context) error {
	_, err := get(ctx, s.admin+"/debug/pprof/heap?gc=1")
	return err
}

// save writes a page of the admin listener, such as a profile, into a file.
func (s *server) save(ctx context.Context, page, file string) error {
	text, err := get(ctx, s.admin+page)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
