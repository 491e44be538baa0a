package actors

import (
	"context"
	"time"

	"vakhta/session"
)

const (
	sweepPage  = 1000
	pruneEvery = time.Hour
	prunePage  = 10_000
)

// wake tells a client actor that it may have something to do, and which version the journal has.
type wake struct{ version int64 }

// sweep wakes the clients that are due before the next sweep, and those whose terminals are connected: their actors ended
// with the last server, or run and learn here that somebody else has written.
func (d *Directory) sweep(ctx context.Context) {
	tick := time.NewTicker(d.cfg.Sweep)
	defer tick.Stop()
	for pruned := now(); ; {
		d.wakeAll(ctx, d.cfg.Journal.Attended)
		d.wakeAll(ctx, func(ctx context.Context, after session.ClientID, limit int) ([]session.Due, error) {
			return d.cfg.Journal.Due(ctx, now().Add(d.cfg.Sweep), after, limit)
		})
		if t := now(); t.Sub(pruned) >= pruneEvery {
			d.prune(ctx, t)
			pruned = t
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Directory) wakeAll(ctx context.Context, page func(context.Context, session.ClientID, int) ([]session.Due, error)) {
	var after session.ClientID
	for ctx.Err() == nil {
		due, err := page(ctx, after, sweepPage)
		if err != nil && ctx.Err() == nil {
			d.cfg.Log.Error("cannot look for clients that are due; trying again", "error", err)
		}
		for _, c := range due {
			d.poke(c.Client, &wake{version: c.Version})
			after = c.Client
		}
		if len(due) < sweepPage {
			return
		}
	}
}

// poke sends a message that may be lost.
func (d *Directory) poke(client session.ClientID, message any) {
	d.find(client, func(r *resident) { d.system.Root.Send(r.pid, message) })
}

func (d *Directory) prune(ctx context.Context, t time.Time) {
	for ctx.Err() == nil {
		n, err := d.cfg.Journal.Prune(ctx, t.Add(-d.cfg.Policy.EventsKept), prunePage)
		if err != nil {
			d.cfg.Log.Error("cannot remove old events; trying again in an hour", "error", err)
		}
		if n < prunePage {
			return
		}
	}
}
