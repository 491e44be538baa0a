package wsapi

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/alexedwards/argon2id"

	"vakhta/session"
)

// passwords compares passwords, which is slow on purpose. Few at once, some waiting, the others are told to come later.
// Those for one login name wait for one another: otherwise many right ones at the same moment would be counted as many
// tries before the first of them is known to be right.
type passwords struct {
	g         *Gateway
	strangers strangers
	params    argon2id.Params
	slots     chan struct{}

	mu        sync.Mutex
	waiting   int
	addresses map[string]int   // waiting, by the network of the client
	lines     map[string]*line // by login name
}

type line struct {
	waiting int
	turn    chan struct{}
}

const (
	comparedAtOnce = 2
	waitingMost    = 64 // and those that are being compared
	waitingForName = 32 // so that one name cannot use up all places
	waitingFrom    = 16 // nor one address
	longestName    = 128
	longestSecret  = 512
	shortestSecret = 8
)

func newPasswords(g *Gateway) *passwords {
	p := &passwords{
		g: g, slots: make(chan struct{}, comparedAtOnce), lines: map[string]*line{}, addresses: map[string]int{},
		params: argon2id.Params{
			Memory: g.Policy.PasswordMemory, Iterations: g.Policy.PasswordPasses, Parallelism: 1, SaltLength: 16, KeyLength: 32,
		},
	}
	p.strangers.policy, p.strangers.key = g.Policy, g.LoginKey
	return p
}

var errBusy = door(busy, "too many logins at this moment", "try again in a second")

// inLine waits for the turn of a login name and does something in it.
func (p *passwords) inLine(ctx context.Context, name, address string, do func() error) error {
	from := network(address)
	p.mu.Lock()
	l := p.lines[name]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
	}
	if p.waiting >= waitingMost+comparedAtOnce || l.waiting >= waitingForName || from != "" && p.addresses[from] >= waitingFrom {
		p.mu.Unlock()
		return errBusy
	}
	p.waiting++
	p.addresses[from]++
	l.waiting++
	p.lines[name] = l
	p.mu.Unlock()
	p.g.meters.logins.Inc()
	defer p.leave(name, from, l)
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// network is the address itself, or the part of an IPv6 address that its owner cannot choose.
func network(address string) string {
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() {
		if prefix, err := a.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address
}

func (p *passwords) leave(name, from string, l *line) {
	p.g.meters.logins.Dec()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if p.addresses[from]--; p.addresses[from] == 0 {
		delete(p.addresses, from)
	}
	if l.waiting--; l.waiting == 0 {
		delete(p.lines, name)
	}
}

// slowly does something in one of the slots.
func (p *passwords) slowly(ctx context.Context, do func() error) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *passwords) compare(ctx context.Context, password, hash string) (ok bool, err error) {
	err = p.slowly(ctx, func() error {
		ok, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	if err != nil && ctx.Err() == nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return ok, err
}

// proof is what became of a try: the client, and what to settle it with.
type proof struct {
	client session.ClientID
	ok     bool
	epoch  int
}

// try counts one try of a password, then compares it. It is asked in line.
func (p *passwords) try(ctx context.Context, c *Caller, name, password string) (proof, error) {
	known, err := p.g.Credential(ctx, name)
	if err != nil {
		return proof{}, err
	}
	attempt, err := askFor[session.PasswordAttempt](ctx, c, known.Client, session.AttemptPassword{})
	if err != nil {
		return proof{}, err
	}
	// Only now: the password may have been changed before the try was counted.
	if known, err = p.g.Credential(ctx, name); err != nil {
		return proof{}, err
	}
	ok, err := p.compare(ctx, password, known.Hash)
	return proof{client: known.Client, ok: ok, epoch: attempt.Epoch}, err
}

// stranger does for a login name that nobody has what is done for one that somebody has.
func (p *passwords) stranger(ctx context.Context, name, password string) error {
	if err := p.strangers.attempt(name, p.g.Now()); err != nil {
		return err
	}
	if _, err := p.compare(ctx, password, p.dummy()); err != nil {
		return err
	}
	return wrongPassword(p.strangers.refuse(name, p.g.Now()), p.g.Now())
}

// dummy is a hash that no password has, as expensive as the others.
func (p *passwords) dummy() string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", p.params.Memory, p.params.Iterations,
		strings.Repeat("A", 22), strings.Repeat("A", 43))
}

func (p *passwords) hash(ctx context.Context, password string) (hash string, err error) {
	err = p.slowly(ctx, func() error {
		hash, err = argon2id.CreateHash(password, &p.params)
		return err
	})
	return hash, err
}

func unknown(err error) bool { return errors.Is(err, session.ErrUnknownClient) }
