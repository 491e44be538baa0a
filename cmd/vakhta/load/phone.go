package load

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
	"time"
)

// phones are the server's development phone: what was sent to whom. It is read while somebody waits.
type phones struct {
	read func(ctx context.Context) ([]byte, error)

	mu      sync.Mutex
	waiting map[string]chan string // by number
	last    map[string]time.Time   // when the last text that was used was sent, by the server's clock
	before  time.Time              // texts until then are of somebody else
	reading bool
}

type message struct {
	To, Text string
	At       time.Time
}

var passcode = regexp.MustCompile(`№\d+: (\d{6})\b|No\. \d+: (\d{6})\b`)

func newPhones(ctx context.Context, read func(ctx context.Context) ([]byte, error)) (*phones, error) {
	p := &phones{read: read, waiting: map[string]chan string{}, last: map[string]time.Time{}}
	texts, err := p.texts(ctx)
	for _, m := range texts {
		if m.At.After(p.before) {
			p.before = m.At
		}
	}
	return p, err
}

func (p *phones) texts(ctx context.Context) (all []message, err error) {
	page, err := p.read(ctx)
	if err == nil {
		err = json.Unmarshal(page, &all)
	}
	if err != nil {
		err = fmt.Errorf("one-time passwords cannot be read: is it a test server with --dev-phone? %w", err)
	}
	return all, err
}

// expect is called before the code is asked for: the next text to this number has it.
func (p *phones) expect(ctx context.Context, number string) <-chan string {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := make(chan string, 1)
	p.waiting[number] = code
	if !p.reading {
		p.reading = true
		go p.follow(ctx)
	}
	return code
}

const readPhoneEvery = 100 * time.Millisecond

func (p *phones) follow(ctx context.Context) {
	for ; ; sleep(ctx, readPhoneEvery) {
		texts, err := p.texts(ctx) // while the server is being started again there are none
		p.mu.Lock()
		if err == nil {
			p.handOut(texts)
		}
		if len(p.waiting) == 0 || ctx.Err() != nil {
			p.reading = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
	}
}

func (p *phones) handOut(texts []message) {
	for _, m := range texts {
		to, found := p.waiting[m.To], passcode.FindStringSubmatch(m.Text)
		if to != nil && found != nil && m.At.After(p.before) && m.At.After(p.last[m.To]) {
			p.last[m.To] = m.At
			delete(p.waiting, m.To)
			to <- found[1] + found[2]
		}
	}
}

// wait waits for the code.
func (p *phones) wait(ctx context.Context, code <-chan string) (string, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case c := <-code:
		return c, nil
	case <-late.C:
		return "", fmt.Errorf("the one-time password: %w", errLate)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
