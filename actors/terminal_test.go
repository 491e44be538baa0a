package actors

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

func TestAllTerminalsOfAClientSeeTheSameEventsInOrder(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p, q := n.logIn(1), n.logIn(1)
		terminals := []*screen{p.attach(), p.attach(), q.attach()}
		p.open()
		for range 100 {
			p.order("")
		}
		q.open()
		for _, s := range terminals {
			s.isComplete(1)
		}
	})
}

func TestASlowTerminalIsEndedAndTheOthersGoOn(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		slow, other := p.attach(), p.attach()
		slow.mu.Lock()
		slow.full = true
		slow.mu.Unlock()
		p.open()
		equal(w, "goodbyes", slices.Equal(slow.goodbyes(), []session.Goodbye{session.Slow}), true)
		p.order("1")
		other.isComplete(1)
		equal(w, "goodbyes", len(other.goodbyes()), 0)
		other.leave(true)
		time.Sleep(10 * time.Second)
		equal(w, "closed", count[session.SessionClosed](w.events(1)), 1) // the slow one does not count
	})
}

func TestTheTerminalsOfALoginThatEndsHearWhyAndGoodbye(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p, q := n.logIn(1), n.logIn(1)
		mine, other := p.attach(), q.attach()
		p.open()
		p.do(session.Logout{Login: p.login})
		equal(w, "goodbyes", slices.Equal(mine.goodbyes(), []session.Goodbye{session.GoodbyeLogin}), true)
		seen := mine.seen()
		equal(w, "at the end", names(seen[len(seen)-2:]), "SessionClosed LoginClosed")
		other.isComplete(1)
		equal(w, "goodbyes", len(other.goodbyes()), 0)
		_, err := p.tryAttach()
		equal(w, "attached", errors.As(err, new(*session.Refusal)), true)
		mine.leave(false) // comes late
		q.open()
		other.isComplete(1)
	})
}

func TestADrainTellsTheTerminalsToComeBack(t *testing.T) {
	inWorld(t, 2, func(w *world) {
		n := w.start()
		p, q := n.logIn(1), n.logIn(2)
		terminals := []*screen{p.attach(), p.attach(), q.attach()}
		n.stop()
		for _, s := range terminals {
			equal(w, "goodbyes", slices.Equal(s.goodbyes(), []session.Goodbye{session.Draining}), true)
		}
		_, err := p.tryAttach()
		equal(w, "attached", err, session.ErrUnavailable)
		_, err = p.try(session.ReadSessions{})
		equal(w, "asked", err, session.ErrUnavailable)
		equal(w, "residents", n.Residents(), 0)
		equal(w, "attended", w.journal.rows[1].state.Attended(), true) // the grace is given by the next server
	})
}

func TestATerminalThatCannotBeAttachedHearsWhyAtOnce(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		begun := time.Now()
		_, err := (&person{node: n, client: 404, login: 1}).tryAttach()
		equal(w, "nobody", err, session.ErrUnknownClient)
		_, err = (&person{node: n, client: 1, login: 404}).tryAttach()
		equal(w, "no login", errors.As(err, new(*session.Refusal)), true)
		commits := w.hold()
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		_, _, err = n.Attach(ctx, 1, p.login, func([]session.Numbered) bool { return true }, func(session.Goodbye) {})
		equal(w, "in time", err, context.DeadlineExceeded)
		equal(w, "waited", time.Since(begun), time.Second)
		commits.release()
		synctest.Wait()
		equal(w, "terminals", n.terminals.Load(), 0)
		time.Sleep(time.Second)
		equal(w, "attended", w.journal.rows[1].state.Attended(), false)
	})
}

func TestATerminalGivesUpAJournalThatIsAwayForTenSeconds(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		p := n.logIn(1)
		p.open()
		terminal := p.attach()
		n.view.dead.Store(true)
		terminal.view = &view{}
		_, err := p.try(session.CloseSessions{Login: p.login, All: true})
		equal(w, "the answer", err, session.ErrUnavailable)
		time.Sleep(9 * time.Second)
		equal(w, "goodbyes", len(terminal.goodbyes()), 0)
		time.Sleep(2 * time.Second)
		equal(w, "goodbyes", slices.Equal(terminal.goodbyes(), []session.Goodbye{session.Unavailable}), true)
		n.view.dead.Store(false)
		n.stop()
	})
}

func TestATerminalPushesNothingTwice(t *testing.T) {
	var pushed []int64
	x := &terminal{seq: 5, connection: connection{push: func(events []session.Numbered) bool {
		for _, e := range events {
			pushed = append(pushed, e.Seq)
		}
		return true
	}}}
	for _, told := range [][]session.Numbered{{{Seq: 4}, {Seq: 5}, {Seq: 6}}, {{Seq: 6}}, {{Seq: 6}, {Seq: 7}}, {}, {{Seq: 8}}} {
		x.tell(nil, told)
	}
	if !slices.Equal(pushed, []int64{6, 7, 8}) {
		t.Error(pushed)
	}
}

func TestATerminalWhosePushPanicsIsToldGoodbye(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		var bye session.Goodbye
		_, _, err := n.Attach(w.Context(), 1, p.login, func([]session.Numbered) bool { panic("nil map") }, func(why session.Goodbye) { bye = why })
		equal(w, "attached", err, nil)
		other := p.attach()
		p.open()
		other.isComplete(1)
		equal(w, "goodbye", bye, session.Unavailable)
	})
}
