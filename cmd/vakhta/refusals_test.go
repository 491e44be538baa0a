package main

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

// ledger takes notes, or fails.
type ledger struct {
	mu     sync.Mutex
	notes  []session.Note
	writes int
	broken bool
}

func (l *ledger) note(_ context.Context, notes []session.Note) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writes++; l.broken {
		return errors.New("the database is gone")
	}
	l.notes = append(l.notes, notes...)
	return nil
}

func (l *ledger) breaks(broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = broken
}

// took are the notes since it was asked last, and how often somebody has tried to write.
func (l *ledger) took() (notes []session.Note, writes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	notes, writes = l.notes, l.writes
	l.notes, l.writes = nil, 0
	return notes, writes
}

// refusing runs the refusals inside a bubble.
func refusing(t *testing.T, test func(t *testing.T, l *ledger, r *refusals, log *logbook)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, log := &ledger{}, &logbook{}
		r := startRefusals(l.note, clock, slog.New(slog.NewTextHandler(log, nil)))
		test(t, l, r, log)
		r.finish()
	})
}

func outOfScope() *session.Refusal { return &session.Refusal{Reason: session.OutOfScope} }

func TestEqualRefusalsOfASecondAreOneNote(t *testing.T) {
	refusing(t, func(t *testing.T, l *ledger, r *refusals, _ *logbook) {
		begin := clock()
		for i := range 100 {
			r.take(session.ClientID(1+i%2), session.SubmitOrder{}, outOfScope())
			r.take(1, session.EnterPasscode{Code: "123456"}, &session.Refusal{Reason: session.NoPasscode})
			r.take(1, session.SubmitOrder{}, &session.Refusal{Reason: session.UnknownTicker}) // protects nothing
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Second)
		notes, writes := l.took()
		if len(notes) != 3 || writes != 1 {
			t.Fatalf("in %d writes: %+v", writes, notes)
		}
		for i, want := range []session.Note{
			{At: begin, Client: 1, Data: map[string]string{"command": "EnterPasscode", "reason": "no_passcode", "count": "100"}},
			{At: begin, Client: 1, Data: map[string]string{"command": "SubmitOrder", "reason": "out_of_scope", "count": "50"}},
			{At: begin.Add(5 * time.Millisecond), Client: 2, Data: map[string]string{"command": "SubmitOrder", "reason": "out_of_scope", "count": "50"}},
		} {
			got := notes[i]
			if got.Type != session.NoteRefused || !got.At.Equal(want.At) || got.Client != want.Client || got.Operator != "" || len(got.Data) != 3 {
				t.Errorf("note %d is %+v, not %+v", i, got, want)
			}
			for name, value := range want.Data {
				if got.Data[name] != value {
					t.Errorf("note %d is %+v, not %+v", i, got, want)
				}
			}
		}
		time.Sleep(time.Hour)
		if _, writes := l.took(); writes != 0 {
			t.Error("it writes when there is nothing to write")
		}
		r.take(1, session.SubmitOrder{}, outOfScope())
	})
}

func TestWhatAnOperatorIsRefusedTheDeskHasWrittenDown(t *testing.T) {
	refusing(t, func(t *testing.T, l *ledger, r *refusals, _ *logbook) {
		refusal := &session.Refusal{Reason: session.NotIdentified}
		for _, c := range []session.Command{
			session.AttemptVoice{},
			session.SettleVoice{},
			session.ProposeDocument{},
			session.ConfirmDocument{},
			session.DeclineDocument{},
			session.CloseSessions{Operator: true},
			session.CloseSessions{},
		} {
			r.take(1, c, refusal)
		}
		time.Sleep(2 * time.Second)
		if notes, _ := l.took(); len(notes) != 1 || notes[0].Data["command"] != "CloseSessions" || notes[0].Data["count"] != "1" {
			t.Errorf("the notes are %+v", notes)
		}
	})
}

func TestRefusalsThatCannotBeWrittenAreWrittenLaterAndNotForgotten(t *testing.T) {
	refusing(t, func(t *testing.T, l *ledger, r *refusals, log *logbook) {
		l.breaks(true)
		begin := clock()
		for range 100 {
			r.take(7, session.SubmitOrder{}, outOfScope())
			time.Sleep(time.Second)
		}
		if notes, writes := l.took(); len(notes) != 0 || writes > 25 {
			t.Errorf("%d notes in %d writes", len(notes), writes)
		}
		l.breaks(false)
		time.Sleep(10 * time.Second)
		if notes, _ := l.took(); len(notes) != 1 || notes[0].Data["count"] != "100" || !notes[0].At.Equal(begin) {
			t.Errorf("the notes are %+v", notes)
		}
		says(t, log.String(), "level=ERROR", "written into the audit again")
	})
}

func TestMoreRefusalsThanThereIsRoomForAreCounted(t *testing.T) {
	refusing(t, func(t *testing.T, l *ledger, r *refusals, _ *logbook) {
		l.breaks(true)
		for i := range 10 * mostRefusals {
			r.take(session.ClientID(1+i), session.SubmitOrder{}, outOfScope())
			if i%mostRefusals == 0 {
				time.Sleep(2 * time.Second)
			}
		}
		l.breaks(false)
		time.Sleep(10 * time.Second)
		notes, _ := l.took()
		if len(notes) != mostRefusals+1 {
			t.Fatalf("there are %d notes", len(notes))
		}
		if n := notes[mostRefusals]; n.Type != session.NoteLost || n.Client != 0 || n.Data["count"] != strconv.Itoa(9*mostRefusals) {
			t.Errorf("the last note is %+v", n)
		}
		r.take(1, session.SubmitOrder{}, outOfScope())
		time.Sleep(2 * time.Second)
		if notes, _ := l.took(); len(notes) != 1 {
			t.Errorf("the notes are %+v", notes)
		}
	})
}

func TestTheLastRefusalsAreWrittenAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		r := startRefusals(l.note, clock, slog.New(slog.NewTextHandler(&logbook{}, nil)))
		r.take(7, session.SubmitOrder{}, outOfScope())
		r.finish()
		if notes, _ := l.took(); len(notes) != 1 {
			t.Errorf("the notes are %+v", notes)
		}
	})
}
