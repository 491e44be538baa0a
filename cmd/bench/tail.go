package main

import (
	"strings"
	"sync"
)

// tail keeps the last words of a process, and looks for a line among all of them.
type tail struct {
	found chan string // the rest of the first line that begins like this, once
	begin string

	mu   sync.Mutex
	said string
}

const mostSaid = 4 << 10

func newTail(begin string) *tail { return &tail{begin: begin, found: make(chan string, 1)} }

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said += string(p)
	if _, after, ok := strings.Cut("\n"+t.said, "\n"+t.begin); ok && t.begin != "" {
		if line, _, whole := strings.Cut(after, "\n"); whole {
			t.found <- line
			t.begin = ""
		}
	}
	t.said = t.said[max(0, len(t.said)-mostSaid):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.said)
}
