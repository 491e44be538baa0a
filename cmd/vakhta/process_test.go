package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vakhta/persistence"
	"vakhta/persistence/pgtest"
)

// process is the server as a process of its own, so that it can be killed.
type process struct {
	t    *testing.T
	args []string
	url  string

	cmd   *exec.Cmd
	said  *logbook
	ready chan string // gets the line that it is listening
	ended chan struct{}
}

// newProcess is not started yet. The address is free, and stays the same over all starts.
func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	p := &process{t: t, url: "http://" + address, said: &logbook{}}
	p.args = append([]string{"serve", "--listen", address}, args...)
	t.Cleanup(func() {
		p.kill()
		for _, fault := range []string{"DATA RACE", "panic", "fatal error", "did not come before"} {
			if strings.Contains(p.said.String(), fault) {
				t.Errorf("the server had a %s", fault)
			}
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", p.said)
		}
	})
	return p
}

// launch starts the process and does not wait for it.
func (p *process) launch() {
	p.t.Helper()
	p.cmd = exec.Command("vakhta", p.args...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.ready, p.ended = make(chan string, 1), make(chan struct{})
	go p.follow(stderr, p.ready, p.ended)
}

func (p *process) follow(stderr io.Reader, ready chan<- string, ended chan<- struct{}) {
	defer close(ended)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		_, _ = io.WriteString(p.said, lines.Text()+"\n")
		if at, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			ready <- at
		}
	}
}

// start starts the process and waits until it listens.
func (p *process) start() {
	p.t.Helper()
	p.launch()
	select {
	case at := <-p.ready:
		if at != p.url {
			p.t.Fatalf("it listens on %s, not on %s", at, p.url)
		}
	case <-p.ended:
		p.t.Fatalf("it ended at once: %s", p.said)
	case <-time.After(time.Minute):
		p.t.Fatalf("it does not come up: %s", p.said)
	}
}

// kill is kill -9.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	_ = p.cmd.Wait()
	p.cmd = nil
}

// terminate asks the process to end and returns its exit status.
func (p *process) terminate() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("it does not end: %s", p.said)
	}
	err := p.cmd.Wait()
	p.cmd = nil
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	p.t.Fatal(err)
	return -1
}

// fails runs a command line that must fail within seconds, and returns what it said.
func fails(t *testing.T, status int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, "vakhta", args...).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != status {
		t.Errorf("%v: %v, not exit %d: %s", args, err, status, said)
	}
	if strings.Contains(string(said), "panic") || strings.Contains(string(said), "goroutine") {
		t.Errorf("it panics: %s", said)
	}
	return string(said)
}

// onSQLite are the flags of a fresh SQLite file with a master key.
func onSQLite(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	return append(withKey(t), "--database-url", "sqlite:"+filepath.Join(dir, "vakhta.db"))
}

func withKey(t *testing.T) []string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "master.key")
	if _, err := persistence.CreateKeyring(key); err != nil {
		t.Fatal(err)
	}
	return []string{"--master-key-file", key}
}

func TestAStoppedServerTellsTerminalsToComeBackAndLosesNothing(t *testing.T) {
	flags := append(append(onSQLite(t), thrifty...), tireless...)
	p := newProcess(t, append(flags, "--demo")...)
	p.start()
	r := newRobot(t, p.url, "demo", "demo", "+79031111111")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !r.open {
		r.step(ctx, r.openSession)
	}
	for range 20 {
		r.step(ctx, r.submit)
	}
	open := r.line
	if code := p.terminate(); code != 0 {
		t.Errorf("exit %d: %s", code, p.said)
	}
	_, err := open.next(ctx)
	for err == nil {
		_, err = open.next(ctx)
	}
	if closeCode(err) != 4000 {
		t.Errorf("the terminal was told %v", err)
	}
	r.hangUp()
	p.start()
	r.settle(ctx)
	if len(r.orders) != 20 {
		t.Errorf("%d orders", len(r.orders))
	}
}

func TestTheSameCommandOnTheSameFileStartsAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vakhta.db")
	p := newProcess(t, "--database-url", "sqlite:"+file, "--demo")
	for range 2 {
		p.start()
		answer, err := http.Get(p.url + "/readyz")
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%v %v", answer, err)
		} else {
			_ = answer.Body.Close()
		}
		if code := p.terminate(); code != 0 {
			t.Errorf("exit %d", code)
		}
	}
	if info, err := os.Stat(file + ".key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the master key of the demo: %v %v", info, err)
	}
}

func TestADatabaseThatGoesAwayIsToldAndNothingIsLostWhenItIsBack(t *testing.T) {
	c := pgtest.Private(t)
	p := newProcess(t, append(append(withKey(t), "--database-url", c.URL(), "--dev-phone"), append(thrifty, tireless...)...)...)
	all := importRobots(t, p)
	p.start()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r := all[0]
	for len(r.answers) < 5 {
		r.step(ctx, r.submit)
	}
	c.Stop()
	reply, err := r.line.call(ctx, "putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1}, r.hear)
	if err != nil {
		t.Fatal(err)
	}
	complains(t, reply, "unavailable")
	if code := run(ctx, []string{"health", "--url", p.url + "/readyz"}, streams{out: p.said, err: p.said}); code != 1 {
		t.Error("the server says that it is ready")
	}
	if code := run(ctx, []string{"health", "--url", p.url + "/healthz"}, streams{out: p.said, err: p.said}); code != 0 {
		t.Error("the server says that it is dead")
	}
	for gone := time.Now(); time.Since(gone) < time.Second; {
		r.step(ctx, r.submit)
	}
	c.Start()
	for before := len(r.answers); len(r.answers) < before+5 && ctx.Err() == nil; {
		r.step(ctx, r.submit)
	}
	r.settle(ctx)
	if code := p.terminate(); code != 0 {
		t.Errorf("exit %d", code)
	}
	look(t, c.URL(), all[:1])
}
