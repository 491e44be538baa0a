package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that the run has started itself, so that it can be killed.
type process struct {
	program string
	args    []string

	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
	exit  error         // how, then
	said  *tail
}

// newProcess picks the addresses, which stay the same over all starts.
func newProcess(ctx context.Context, program string, flags []string) (p *process, url, admin string, err error) {
	var at [2]string
	for i := range at {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, "", "", err
		}
		defer l.Close()
		at[i] = l.Addr().String()
	}
	args := append([]string{"serve", "--listen", at[0], "--admin-listen", at[1], "--dev-phone", "--log-level", "error"}, flags...)
	return &process{program: program, args: args}, "http://" + at[0], "http://" + at[1], nil
}

const startsWithin = 2 * time.Minute

// start returns when the server listens.
func (p *process) start(ctx context.Context) error {
	p.cmd = exec.Command(p.program, p.args...) //nolint:gosec,noctx // this very program; it outlives the context, to be asked what it has
	p.cmd.SysProcAttr = aside()
	p.said, p.ended = newTail("listening on "), make(chan struct{})
	p.cmd.Stderr = p.said
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	go func(ended chan<- struct{}) {
		p.exit = p.cmd.Wait()
		close(ended)
	}(p.ended)
	late := time.NewTimer(startsWithin)
	defer late.Stop()
	select {
	case <-p.said.found:
		return nil
	case <-p.ended:
		return fmt.Errorf("the server did not start: %w: %s", p.exit, p.said)
	case <-late.C:
		return fmt.Errorf("the server does not listen after %v: %s", startsWithin, p.said)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// stop ends the server and tells what it complained of.
func (p *process) stop() error {
	_ = p.signal(syscall.SIGCONT)
	_ = p.signal(syscall.SIGTERM)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-p.ended:
		if p.exit != nil {
			return fmt.Errorf("the server ended: %w: %s", p.exit, p.said)
		}
		return nil
	case <-late.C:
		p.kill()
		return fmt.Errorf("the server did not end by itself: %s", p.said)
	}
}

// complaints are what it has said besides that it listens.
func (p *process) complaints() (lines []string) {
	for line := range strings.Lines(p.said.String()) {
		if !strings.Contains(line, "listening on ") && len(lines) < mostErrors {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// tail keeps the end of what a process says, and looks for a word in it.
type tail struct {
	mu    sync.Mutex
	text  []byte
	word  []byte
	found chan struct{} // closed when the word has come
}

const tailKept = 4 << 10

func newTail(word string) *tail { return &tail{word: []byte(word), found: make(chan struct{})} }

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if t.word != nil && bytes.Contains(t.text, t.word) {
		t.word = nil
		close(t.found)
	}
	t.text = t.text[max(0, len(t.text)-tailKept):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// get reads a page of the server.
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

// gauge is what the server says of itself on its admin listener.
type gauge struct{ cpuSeconds, memoryMiB float64 }

const gaugeWithin = 900 * time.Millisecond

var errNoGauge = errors.New("the admin listener does not tell CPU and memory of its process")

func readGauge(ctx context.Context, admin string) (g gauge, err error) {
	ctx, cancel := context.WithTimeout(ctx, gaugeWithin)
	defer cancel()
	page, err := get(ctx, admin+"/metrics")
	if err != nil {
		return g, err
	}
	for line := range strings.Lines(string(page)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		value, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
		case name == "process_cpu_seconds_total":
			g.cpuSeconds = value
		case name == "process_resident_memory_bytes":
			g.memoryMiB = value / (1 << 20)
		}
	}
	if g.memoryMiB == 0 {
		return g, errNoGauge
	}
	return g, nil
}

// mostSockets is how many files this process may have open.
func mostSockets() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	limit.Cur = limit.Max // Go does so when it starts; again, if it was lowered since
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	return int(min(limit.Cur, 1<<20))
}
