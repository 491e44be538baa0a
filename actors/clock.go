package actors

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"vakhta/session"
)

// now is the only clock of the package.
func now() time.Time { return session.Instant(time.Now()) }

// idBlock is how many ids are taken from the journal at once: one round trip in ten thousand commands.
const idBlock = 10_000

// ids gives out fresh ids from blocks.
type ids struct {
	reserve   func(ctx context.Context, n int64) (first int64, err error)
	mu        sync.Mutex
	next, end int64
}

// fresh waits for as long as an actor may; the time spent behind others who ask the journal counts too.
func (i *ids) fresh() (int64, error) {
	deadline := time.Now().Add(loadTimeout)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.next == i.end {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		first, err := i.reserve(ctx, idBlock)
		if err != nil {
			return 0, err
		}
		i.next, i.end = first, first+idBlock
	}
	i.next++
	return i.next - 1, nil
}

// moment is the world as one decision may see it.
func (d *Directory) moment() (session.Moment, error) {
	id, err := d.ids.fresh()
	if err != nil {
		return session.Moment{}, err
	}
	m := session.Moment{Now: now(), ID: id, Digest: d.cfg.Digest, Matches: d.cfg.Matches, OPRF: d.cfg.OPRF}
	_, _ = rand.Read(m.Entropy[:]) // never fails: it ends the program instead
	return m, nil
}
