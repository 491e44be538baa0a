// Package texts sends what stands in the outbox. A row becomes «sending» in a commit of its own before the wire sees it,
// and is never sent again by itself: after a crash in between, the client is told that his password may not arrive.
package texts

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"vakhta/session"
)

// Outbox is where the texts to send are kept.
type Outbox interface {
	// ClaimTexts takes texts for sending. Refused are those that are too late, or too many for their phone.
	ClaimTexts(ctx context.Context, limit, perPhonePerDay int, now time.Time) (claimed, refused []session.Text, err error)
	// SettleText notes what came of a claimed text, and forgets its body.
	SettleText(ctx context.Context, text session.Text, sent bool, now time.Time) error
	// AbandonTexts gives up the texts that were being sent when the last server ended.
	AbandonTexts(ctx context.Context) ([]session.Text, error)
}

// Config is what a Drainer is made of.
type Config struct {
	Outbox Outbox
	Send   func(ctx context.Context, text session.Text) error // to the phone
	Ask    func(ctx context.Context, client session.ClientID, c session.Command) (session.Answer, error)
	Policy session.Policy
	Now    func() time.Time
	Log    *slog.Logger
}

const (
	claimAtOnce = 16              // Stop waits for them
	lookEvery   = 5 * time.Second // for rows whose poke was lost
	sendTimeout = 30 * time.Second
	noteTimeout = 10 * time.Second
)

// Drainer sends texts until it is stopped.
type Drainer struct {
	cfg  Config
	poke chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

// Start starts sending.
func Start(cfg Config) *Drainer {
	ctx, stop := context.WithCancel(context.Background())
	d := &Drainer{cfg: cfg, poke: make(chan struct{}, 1), stop: stop}
	d.done.Go(func() { d.run(ctx) })
	return d
}

// Poke tells that the outbox has something new. It does not block.
func (d *Drainer) Poke() {
	select {
	case d.poke <- struct{}{}:
	default:
	}
}

// Stop returns when the text that is being sent is settled.
func (d *Drainer) Stop() {
	d.stop()
	d.done.Wait()
}

func (d *Drainer) run(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for abandoned := false; ; {
		if !abandoned {
			abandoned = d.abandon()
		}
		for abandoned && ctx.Err() == nil && d.drain() {
		}
		select {
		case <-d.poke:
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// abandon tells the clients whose texts were on their way when the last server ended.
func (d *Drainer) abandon() bool {
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	texts, err := d.cfg.Outbox.AbandonTexts(ctx)
	if err != nil {
		d.cfg.Log.Error("cannot look for texts that were being sent; trying again", "error", err)
		return false
	}
	for _, t := range texts {
		d.report(t, session.NotDelivered)
	}
	return true
}

// drain sends one page of texts and tells whether there may be more. It is not interrupted by Stop: what is claimed must
// be sent and settled, and what is refused reported, or nobody ever will.
func (d *Drainer) drain() bool {
	claimed, refused, err := d.claim()
	if err != nil {
		d.cfg.Log.Error("cannot read the outbox; trying again", "error", err)
		return false
	}
	for _, t := range refused {
		why := session.PhoneLimit
		if !t.ExpiresAt.After(d.cfg.Now()) {
			why = session.NotDelivered
		}
		d.report(t, why)
	}
	for _, t := range claimed {
		d.send(t)
	}
	return len(claimed)+len(refused) > 0
}

func (d *Drainer) claim() (claimed, refused []session.Text, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	return d.cfg.Outbox.ClaimTexts(ctx, claimAtOnce, d.cfg.Policy.PhonePerDay, d.cfg.Now())
}

func (d *Drainer) send(t session.Text) {
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()
	failed := d.cfg.Send(ctx, t)
	if failed != nil {
		d.cfg.Log.Error("a text was not sent", "client", t.Client, "error", failed)
	}
	d.settle(t, failed == nil)
	if failed != nil {
		d.report(t, session.NotDelivered)
	}
}

// settle has a time of its own: the sending may have used up its.
func (d *Drainer) settle(t session.Text, sent bool) {
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	if err := d.cfg.Outbox.SettleText(ctx, t, sent, d.cfg.Now()); err != nil {
		d.cfg.Log.Error("cannot note what came of a text", "client", t.Client, "error", err)
	}
}

func (d *Drainer) report(t session.Text, why session.TextFailure) {
	if t.Purpose == "" { // a notice: nobody waits for it
		d.cfg.Log.Error("a notice was not sent", "client", t.Client, "reason", why)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	_, err := d.cfg.Ask(ctx, t.Client, session.ReportTextFailed{Login: t.Login, Purpose: t.Purpose, Number: t.Number, Reason: why})
	if err != nil {
		d.cfg.Log.Error("cannot tell a client that his text was not sent", "client", t.Client, "error", err)
	}
}
