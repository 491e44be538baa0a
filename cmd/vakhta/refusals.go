package main

import (
	"cmp"
	"context"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"vakhta/session"
)

const (
	refusalsEvery = time.Second
	refusalsRetry = 5 * time.Second
	refusalsWrite = 5 * time.Second // no longer than this

	// mostRefusals are different ones of a second: a stranger who tries many login names shall not fill the database.
	mostRefusals = 256
)

// refusals brings refused security decisions into the audit: equal ones of a second as one row that says how many, once a
// second. Whoever reports one does not wait.
type refusals struct {
	note func(context.Context, []session.Note) error
	now  func() time.Time
	log  *slog.Logger

	mu      sync.Mutex
	counted map[refused]*tally
	lost    tally // that there was no room for

	came chan struct{} // has room for one
	stop context.CancelFunc
	done chan struct{}
}

type refused struct {
	client  session.ClientID
	command string
	reason  session.Reason
}

type tally struct {
	since time.Time
	count int
}

// startRefusals starts it; finish ends it.
func startRefusals(note func(context.Context, []session.Note) error, now func() time.Time, log *slog.Logger) *refusals {
	ctx, stop := context.WithCancel(context.Background())
	r := &refusals{
		note: note, now: now, log: log, stop: stop, counted: map[refused]*tally{}, came: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go r.run(ctx)
	return r
}

// take is told of every refusal. Of the command only the name is kept: its fields may be secrets. What an operator was
// refused the desk has written down, with his name.
func (r *refusals) take(client session.ClientID, c session.Command, refusal *session.Refusal) {
	if refusal.Reason.Audited() && !ofOperator(c) {
		r.add(refused{client, reflect.TypeOf(c).Name(), refusal.Reason}, tally{r.now(), 1})
		select {
		case r.came <- struct{}{}:
		default:
		}
	}
}

func ofOperator(c session.Command) bool {
	switch c := c.(type) { //nolint:gochecksumtype // the others are not an operator's
	case session.AttemptVoice, session.SettleVoice, session.ProposeDocument, session.ConfirmDocument, session.DeclineDocument:
		return true
	case session.CloseSessions:
		return c.Operator
	default:
		return false
	}
}

func (r *refusals) add(what refused, t tally) {
	r.mu.Lock()
	defer r.mu.Unlock()
	had := r.counted[what]
	switch {
	case had != nil:
	case len(r.counted) < mostRefusals:
		had = &tally{since: t.since}
		r.counted[what] = had
	default:
		had = &r.lost
	}
	if had.count == 0 || t.since.Before(had.since) {
		had.since = t.since
	}
	had.count += t.count
}

func (r *refusals) run(ctx context.Context) {
	defer close(r.done)
	var due <-chan time.Time
	var failing bool
	for {
		select {
		case <-r.came:
			if due == nil {
				due = time.After(refusalsEvery)
			}
		case <-due:
			due = nil
			err := r.write(ctx)
			switch {
			case err != nil && !failing:
				r.log.Error("refusals cannot be written into the audit; trying again", "error", err)
			case err == nil && failing:
				r.log.Info("refusals are written into the audit again")
			}
			if failing = err != nil; failing {
				due = time.After(refusalsRetry)
			}
		case <-ctx.Done():
			if err := r.write(context.WithoutCancel(ctx)); err != nil {
				r.log.Error("the last refusals are not in the audit", "error", err)
			}
			return
		}
	}
}

// finish writes what there is. It comes after everything that refuses has ended.
func (r *refusals) finish() {
	r.stop()
	<-r.done
}

// write takes what was counted, and gives it back when it cannot be written.
func (r *refusals) write(ctx context.Context) error {
	r.mu.Lock()
	counted, lost := r.counted, r.lost
	r.counted, r.lost = map[refused]*tally{}, tally{}
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, refusalsWrite)
	defer cancel()
	err := r.note(ctx, refusalNotes(counted, lost))
	if err == nil {
		return nil
	}
	for what, t := range counted {
		r.add(what, *t)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if lost.count > 0 {
		r.lost = tally{since: lost.since, count: r.lost.count + lost.count}
	}
	return err
}

func refusalNotes(counted map[refused]*tally, lost tally) []session.Note {
	notes := make([]session.Note, 0, len(counted)+1)
	for what, t := range counted {
		notes = append(notes, session.Note{At: t.since, Client: what.client, Type: session.NoteRefused, Data: map[string]string{
			"command": what.command, "reason": string(what.reason), "count": strconv.Itoa(t.count),
		}})
	}
	slices.SortFunc(notes, func(a, b session.Note) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Data["reason"], b.Data["reason"]))
	})
	if lost.count > 0 {
		notes = append(notes, session.Note{At: lost.since, Type: session.NoteLost, Data: map[string]string{"count": strconv.Itoa(lost.count)}})
	}
	return notes
}
