package actors

import (
	"context"
	"time"

	"vakhta/session"
)

const (
	sweepPage     = 1000
	attendedEvery = time.Minute
	pruneEvery    = time.Hour
	prunePage     = 10_000
)

// wake tells a client actor that it may have something to do, and which version the journal has.
type wake struct {
	version int64
	due     bool // the journal has a wake that has come
}

// sweep wakes the clients that are due before the next sweep. Somebody else who writes makes his client due. At the start
// and now and then it wakes those whose terminals are connected as well: their actors may have ended with the last server,
// or with the journal when it could not be reached.
func (d *Directory) sweep(ctx context.Context) {
	tick := time.NewTicker(d.cfg.Sweep)
	defer tick.Stop()
	var attended time.Time
	for pruned := now(); ; {
		t := now()
		if t.Sub(attended) >= attendedEvery && d.wakeAll(ctx, false, d.cfg.Journal.Attended) {
			attended = t
		}
		d.wakeAll(ctx, true, func(ctx context.Context, after session.ClientID, limit int) ([]session.Due, error) {
			return d.cfg.Journal.Due(ctx, t.Add(d.cfg.Sweep), after, limit)
		})
		if t.Sub(pruned) >= pruneEvery {
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

// wakeAll tells whether it could read all pages.
func (d *Directory) wakeAll(ctx context.Context, due bool, page func(context.Context, session.ClientID, int) ([]session.Due, error)) bool {
	var after session.ClientID
	for ctx.Err() == nil {
		clients, err := page(ctx, after, sweepPage)
		if err != nil && ctx.Err() == nil {
			d.cfg.Log.Error("cannot look for clients that are due; trying again", "error", err)
		}
		for _, c := range clients {
			d.poke(c.Client, &wake{version: c.Version, due: due})
			after = c.Client
		}
		if len(clients) < sweepPage {
			return err == nil
		}
	}
	return false
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
