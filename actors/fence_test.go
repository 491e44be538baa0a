package actors

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

func TestOfTwoActorsForOneClientOneWritesAndTheOtherComesBackFromTheRow(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		one, two := w.start(visitor), w.start(visitor)
		defer one.stop()
		defer two.stop()
		p := one.logIn(1)
		q := p.at(two)
		p.open()
		q.do(session.ReadSessions{}) // both have an actor now
		loads := w.journal.loads
		p.order("1")
		equal(w, "repeated", q.order("1").Repeated, true)
		q.order("2")
		equal(w, "repeated", p.order("2").Repeated, true)
		equal(w, "orders", len(w.journal.ordersOf(1)), 2)
		equal(w, "loads", w.journal.loads-loads, 2)
	})
}

func TestTwoDirectoriesAcknowledgeNoOrderTwice(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		w.journal.delay(func([]session.Change) { time.Sleep(time.Duration(1+rand.N(3)) * time.Millisecond) })
		nodes := []*node{w.start(visitor), w.start(visitor)}
		p := nodes[0].logIn(1)
		p.open()
		var mu sync.Mutex
		taken := map[string]int{} // acknowledged as new
		ids := map[string]session.OrderID{}
		var all sync.WaitGroup
		for robot := range 8 {
			all.Go(func() {
				for i := range 25 {
					id := fmt.Sprint(robot/2, "-", i) // two robots send the same orders
					result, err := p.at(nodes[robot%2]).try(submit(p, id))
					if err != nil {
						continue // nobody knows: the other robot, or nobody, has it acknowledged
					}
					mu.Lock()
					order := result.(session.OrderTaken)
					if !order.Repeated {
						taken[id]++
					}
					if known, ok := ids[id]; ok && known != order.Order.ID {
						w.Errorf("the order %s has the ids %d and %d", id, known, order.Order.ID)
					}
					ids[id] = order.Order.ID
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for id, times := range taken {
			if times > 1 {
				w.Errorf("the order %s was acknowledged as new %d times", id, times)
			}
		}
		kept := map[session.OrderID]bool{}
		for _, o := range w.journal.ordersOf(1) {
			kept[o.ID] = true
		}
		for id, order := range ids {
			if !kept[order] {
				w.Errorf("the order %s was acknowledged and is not in the journal", id)
			}
		}
		equal(w, "accepted", count[session.OrderAccepted](w.events(1)), len(kept))
		for _, n := range nodes {
			n.stop()
		}
	})
}

func TestWhatAVisitorWritesIsToldToTheTerminalsBeforeLong(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		home := w.start()
		defer home.stop()
		p := home.logIn(1)
		p.open()
		terminal := p.attach()
		desk := w.start(visitor)
		p.at(desk).do(session.CloseSessions{Operator: true, All: true})
		desk.stop()
		time.Sleep(15 * time.Second)
		closed, _ := last[session.SessionClosed](w, terminal.seen())
		equal(w, "the reason", closed.Reason, session.ClosedByOperator)
		terminal.isComplete(1)
		p.open()
		p.order("1")
		terminal.isComplete(1)
		equal(w, "goodbyes", len(terminal.goodbyes()), 0)
	})
}

func TestARobotThatOnlyAsksLearnsOfAVisitorToo(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		home := w.start()
		defer home.stop()
		p := home.logIn(1)
		p.open()
		desk := w.start(visitor)
		p.at(desk).do(session.SetPassword{Hash: "new"})
		desk.stop()
		for range 4 * 60 {
			time.Sleep(time.Second)
			_, _ = p.try(session.Identify{SID: p.sid})
		}
		p.refuses(session.Identify{SID: p.sid}, session.UnknownLogin)
	})
}

// However often the actor is replaced, its terminal is one of its terminals, and one only.
func TestATerminalThatIsAttachedAgainAndAgainIsAttachedOnce(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		home, desk := w.start(), w.start(visitor)
		defer home.stop()
		defer desk.stop()
		p := home.logIn(1)
		p.open()
		terminal := p.attach()
		w.journal.delay(func([]session.Change) { time.Sleep(time.Duration(rand.N(5)) * time.Millisecond) })
		for i := range 20 {
			p.at(desk).order("")
			p.order("") // fenced first
			if i%3 == 0 {
				p.at(desk).begin(submit(p, ""))
				p.begin(submit(p, ""))
			}
			time.Sleep(time.Duration(rand.N(300)) * time.Millisecond)
		}
		time.Sleep(time.Second)
		p.order("")
		terminal.isComplete(1)
		w.journal.delay(nil)
		terminal.leave(true)
		time.Sleep(10 * time.Second)
		closed, _ := last[session.SessionClosed](w, w.events(1))
		equal(w, "the reason", closed.Reason, session.TerminalAbsent)
	})
}

func TestAnActorThatIsOvertakenLetsItsOrdersBeTriedAgain(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		one, two := w.start(visitor), w.start(visitor)
		defer one.stop()
		defer two.stop()
		p := one.logIn(1)
		p.open()
		commits := w.hold()
		asked := []*pending{p.begin(submit(p, "")), p.begin(submit(p, "")), p.at(two).begin(submit(p, "")), p.at(two).begin(submit(p, ""))}
		w.journal.delay(nil)
		commits.release()
		for _, x := range asked {
			_, err := x.answer()
			equal(w, "the answer", err, nil)
		}
		synctest.Wait()
		equal(w, "orders", len(w.journal.ordersOf(1)), len(asked))
	})
}

// A visitor draws attention by a wake that has come already. The home puts it right, or it would look again for ever.
func TestTheWakeOfAVisitorIsPutRight(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		home := w.start()
		defer home.stop()
		p := home.logIn(1)
		desk := w.start(visitor)
		p.at(desk).do(session.SetPassword{Hash: "new"})
		desk.stop()
		time.Sleep(time.Minute)
		due, err := (&view{memory: w.journal}).Due(t.Context(), time.Now(), 0, 10)
		equal(w, "an error", err, nil)
		equal(w, "clients that are due", len(due), 0)
	})
}
