package actors

import (
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

func TestAnOrderAtFourHoursMovesTheEndToNineHoursAfterTheOpening(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		terminal := p.attach()
		opened := time.Now()
		equal(w, "the end", p.open().ExpiresAt, opened.Add(5*time.Hour).UTC())
		time.Sleep(4 * time.Hour)
		p.order("1")
		extended, _ := last[session.SessionExtended](w, terminal.seen())
		equal(w, "the end", extended.ExpiresAt, opened.Add(9*time.Hour).UTC())

		time.Sleep(5*time.Hour - time.Microsecond)
		equal(w, "closed too early", count[session.SessionClosed](terminal.seen()), 0)
		p.order("2") // in the last microsecond
		time.Sleep(5 * time.Hour)
		closed, at := last[session.SessionClosed](w, terminal.seen())
		equal(w, "the reason", closed.Reason, session.Expired)
		equal(w, "closed", at, opened.Add(14*time.Hour-time.Microsecond).UTC())
		p.refuses(session.SubmitOrder{Login: p.login, Ticket: buy("3")}, session.NoSession)
		terminal.isComplete(1)
	})
}

func TestExpiryIsPushedAtExactlyTheDeadlineAfterThreeWarnings(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		terminal := p.attach()
		time.Sleep(3*time.Second + 7*time.Microsecond)
		opened := time.Now()
		p.open()
		before := len(terminal.seen())
		time.Sleep(5 * time.Hour)
		seen := terminal.seen()[before:]
		equal(w, "events", names(seen), "SessionExpiring SessionExpiring SessionExpiring SessionClosed")
		for i, left := range []time.Duration{15 * time.Minute, 5 * time.Minute, time.Minute, 0} {
			equal(w, "at", seen[i].At, opened.Add(5*time.Hour-left).UTC())
			if warning, ok := seen[i].Event.(session.SessionExpiring); ok {
				equal(w, "left", warning.Left, left)
			}
		}
	})
}

func TestNoOrderCarriesASessionBeyondItsCapOf24Hours(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		terminal := p.attach()
		opened := time.Now()
		p.open()
		for range 5 {
			time.Sleep(4 * time.Hour)
			p.order("")
		}
		extended, _ := last[session.SessionExtended](w, terminal.seen())
		equal(w, "the end", extended.ExpiresAt, opened.Add(24*time.Hour).UTC())
		time.Sleep(3 * time.Hour)
		p.order("")
		time.Sleep(time.Hour)
		closed, at := last[session.SessionClosed](w, terminal.seen())
		equal(w, "the reason", closed.Reason, session.CapReached)
		equal(w, "closed", at, opened.Add(24*time.Hour).UTC())
	})
}

func TestALostTerminalHasFiveMinutesAndOneThatLeavesTenSeconds(t *testing.T) {
	for announced, grace := range map[bool]time.Duration{true: 10 * time.Second, false: 5 * time.Minute} {
		inWorld(t, 1, func(w *world) {
			n := w.start()
			defer n.stop()
			witness := n.logIn(1).attach() // another login of the same client
			p := n.logIn(1)
			terminal := p.attach()
			p.open()
			time.Sleep(time.Minute)
			left := time.Now()
			terminal.leave(announced)
			time.Sleep(grace - time.Microsecond)
			equal(w, "closed too early", count[session.SessionClosed](witness.seen()), 0)
			time.Sleep(time.Microsecond)
			closed, at := last[session.SessionClosed](w, witness.seen())
			equal(w, "the reason", closed.Reason, session.TerminalAbsent)
			equal(w, "closed", at, left.Add(grace).UTC())
		})
	}
}

func TestAReloadKeepsTheSession(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		old := p.attach()
		p.open()
		old.leave(true)
		time.Sleep(10*time.Second - time.Microsecond)
		terminal := p.attach()
		time.Sleep(time.Hour)
		equal(w, "closed", count[session.SessionClosed](w.events(1)), 0)
		terminal.isComplete(1)
	})
}

// The new page's connection may come before the old one's end, while a commit is on its way.
func TestATerminalThatIsBeingAttachedCountsWhenTheOldOneLeaves(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		old := p.attach()
		p.open()
		commits := w.hold()
		order := p.begin(session.SubmitOrder{Login: p.login, Ticket: buy("1")})
		attached := make(chan *screen)
		go func() { attached <- p.attach() }()
		time.Sleep(time.Millisecond)
		old.leave(true)
		time.Sleep(time.Millisecond)
		commits.release()
		terminal := <-attached
		_, err := order.answer()
		equal(w, "the order", err, nil)
		time.Sleep(time.Hour)
		equal(w, "closed", count[session.SessionClosed](w.events(1)), 0)
		terminal.leave(true)
		time.Sleep(10 * time.Second)
		closed, _ := last[session.SessionClosed](w, w.events(1))
		equal(w, "the reason", closed.Reason, session.TerminalAbsent)
	})
}

func TestATerminalThatDoesNotComeBackAfterACrashHasTheGraceFromTheLoad(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		old := w.start()
		p := old.logIn(1)
		p.attach()
		p.open()
		old.crash()
		time.Sleep(time.Hour)
		loaded := time.Now()
		n := w.start()
		defer n.stop()
		time.Sleep(5*time.Minute - time.Microsecond)
		equal(w, "closed too early", count[session.SessionClosed](w.events(1)), 0)
		time.Sleep(time.Microsecond)
		n.logIn(1) // waits for the actor
		closed, at := last[session.SessionClosed](w, w.events(1))
		equal(w, "the reason", closed.Reason, session.TerminalAbsent)
		equal(w, "closed", at, loaded.Add(5*time.Minute).UTC())
	})
}

func TestATerminalThatComesBackAfterACrashKeepsTheSession(t *testing.T) {
	for _, away := range []time.Duration{0, 9 * time.Second, 4 * time.Minute} {
		inWorld(t, 1, func(w *world) {
			old := w.start()
			p := old.logIn(1)
			p.attach()
			p.open()
			old.crash()
			n := w.start()
			defer n.stop()
			time.Sleep(away)
			p = p.at(n)
			terminal := p.attach()
			time.Sleep(time.Hour)
			equal(w, "closed", count[session.SessionClosed](w.events(1)), 0)
			noticed := 0
			if away > 10*time.Second {
				noticed = 1
			}
			equal(w, "noticed that it was gone", count[session.TerminalGone](w.events(1)), noticed)
			p.order("1")
			terminal.isComplete(1)
		})
	}
}

func TestAGraceThatHadBegunBeforeACrashEndsOnTime(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		old := w.start()
		p := old.logIn(1)
		p.open()
		terminal := p.attach()
		left := time.Now()
		terminal.leave(true)
		time.Sleep(4 * time.Second)
		old.crash()
		n := w.start()
		defer n.stop()
		time.Sleep(time.Minute)
		_, at := last[session.SessionClosed](w, w.events(1))
		equal(w, "closed", at, left.Add(10*time.Second).UTC())
	})
}

func TestASessionWithoutTerminalsIsLeftAloneByACrash(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		old := w.start()
		p := old.logIn(1)
		p.open()
		old.crash()
		n := w.start()
		defer n.stop()
		time.Sleep(4 * time.Hour)
		ordered := time.Now()
		p.at(n).order("1")
		time.Sleep(5 * time.Hour)
		_, at := last[session.SessionClosed](w, w.events(1))
		equal(w, "closed", at, ordered.Add(5*time.Hour).UTC())
	})
}

// What has no need of the journal does not fail with it.
func TestASessionEndsOnTimeWhenNoIDsAreToBeHad(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		witness := n.logIn(1).attach()
		p := n.logIn(1)
		terminal := p.attach()
		p.open()
		n.ids.mu.Lock()
		n.ids.next, n.ids.end = 0, 0
		n.ids.reserve = (&view{memory: w.journal}).failing().NextIDs
		n.ids.mu.Unlock()
		_, err := p.try(session.SubmitOrder{Login: p.login, Ticket: buy("1")})
		equal(w, "an order", err, session.ErrUnavailable)
		terminal.leave(true)
		left := time.Now()
		time.Sleep(10 * time.Second)
		_, at := last[session.SessionClosed](w, witness.seen())
		equal(w, "closed", at, left.Add(10*time.Second).UTC())
	})
}

// A commit that fails takes with it that the terminal has left; the sweeper finds a client whose terminals are nowhere.
func TestALeaveThatIsLostWithItsCommitBecomesALostTerminal(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		terminal := p.attach()
		w.journal.fail(func(session.Change) fate { return refused })
		terminal.leave(true)
		time.Sleep(time.Second)
		synctest.Wait()
		w.journal.fail(nil)
		time.Sleep(attendedEvery + 15*time.Second + 5*time.Minute)
		closed, _ := last[session.SessionClosed](w, w.events(1))
		equal(w, "the reason", closed.Reason, session.TerminalAbsent)
	})
}
