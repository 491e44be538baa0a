package actors

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"vakhta/session"
)

func TestIdleActorsGoAndComeBack(t *testing.T) {
	inWorld(t, 10, func(w *world) {
		n := w.start()
		defer n.stop()
		var all []*person
		for id := range 10 {
			all = append(all, n.logIn(session.ClientID(id+1)))
		}
		all[0].open()
		terminal := all[1].attach()
		equal(w, "residents", n.Residents(), 10)
		time.Sleep(3*time.Minute + time.Second)
		equal(w, "residents", n.Residents(), 1)
		for _, p := range all {
			p.do(session.Identify{SID: p.sid})
		}
		equal(w, "residents", n.Residents(), 10)
		all[0].order("1")
		all[1].open()
		terminal.isComplete(2)
	})
}

func TestADeadlineIsNotMissedByAnActorThatWasPutAway(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		time.Sleep(7 * time.Second)
		n := w.start()
		defer n.stop()
		time.Sleep(15*time.Minute - 4*time.Second) // 3 s after a quarter of an hour, and 4 s before a sweep
		p := n.logIn(1)
		opened := time.Now()
		p.open()
		time.Sleep(time.Hour)
		equal(w, "residents", n.Residents(), 0)
		time.Sleep(30 * time.Hour)
		seen := w.events(1)
		equal(w, "events", names(seen),
			"PasswordAttempted LoginOpened PasscodeSent SessionOpened SessionExpiring SessionExpiring SessionExpiring SessionClosed LoginClosed")
		for i, after := range []time.Duration{4*time.Hour + 45*time.Minute, 4*time.Hour + 55*time.Minute, 4*time.Hour + 59*time.Minute, 5 * time.Hour, 24 * time.Hour} {
			equal(w, "at", seen[4+i].At, opened.Add(after).UTC())
		}
		equal(w, "residents", n.Residents(), 0)
	})
}

func TestAnUnknownClientIsLookedUpOnce(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := &person{node: n, client: 404}
		_, err := p.try(session.ReadSessions{})
		equal(w, "error", err, session.ErrUnknownClient)
		equal(w, "loads", w.journal.loads, 1)
		synctest.Wait()
		equal(w, "residents", n.Residents(), 0)
	})
}

func TestAnAskEndsWithItsContextAndTheCommandIsCarriedOut(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		commits := w.hold()
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		_, err := n.Ask(ctx, 1, submit(p, "1"))
		equal(w, "error", err, context.DeadlineExceeded)
		commits.release()
		equal(w, "repeated", p.order("1").Repeated, true)
	})
}

func TestStopReturnsWhileEverybodyGoesOnAsking(t *testing.T) {
	inWorld(t, 20, func(w *world) {
		n := w.start()
		w.journal.delay(func([]session.Change) { time.Sleep(3 * time.Millisecond) })
		p := n.logIn(1)
		p.open()
		var all sync.WaitGroup
		taken := make([]int, 40)
		for robot := range taken {
			all.Go(func() {
				for {
					_, err := p.try(submit(p, ""))
					if err != nil {
						equal(w, "error", err, session.ErrUnavailable)
						return
					}
					taken[robot]++
				}
			})
		}
		time.Sleep(50 * time.Millisecond)
		begun := time.Now()
		n.stop()
		if took := time.Since(begun); took > 20*time.Millisecond {
			w.Errorf("the directory stopped after %v", took)
		}
		all.Wait()
		sum := 0
		for _, n := range taken {
			sum += n
		}
		equal(w, "orders", len(w.journal.ordersOf(1)), sum)
		n.stop() // a second time does no harm
	})
}

func TestStopGivesUpWithItsContext(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		p := n.logIn(1)
		w.journal.delay(func([]session.Change) { time.Sleep(commitTimeout) })
		p.begin(session.RequestPasscode{Login: p.login})
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if err := n.Stop(ctx); err == nil {
			w.Error("the directory says that it has stopped")
		}
		time.Sleep(time.Minute)
	})
}

func TestFreshIDsAreUniqueOverBlocksAndServers(t *testing.T) {
	journal := newMemory(0)
	var mu sync.Mutex
	seen := map[int64]bool{}
	var all sync.WaitGroup
	for range 2 {
		i := ids{reserve: (&view{memory: journal}).NextIDs}
		for range 4 {
			all.Go(func() {
				for range 3 * idBlock / 4 {
					id, err := i.fresh()
					mu.Lock()
					if err != nil || seen[id] {
						t.Errorf("id %d, error %v", id, err)
					}
					seen[id] = true
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
}

func TestWritersGatherABatchWhileAnotherIsCommittedAndFlushWhenTheyAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batches []int
		told := 0
		w := newWriters(1, func(_ context.Context, batch []session.Change) []session.Committed {
			time.Sleep(time.Millisecond)
			batches = append(batches, len(batch))
			return make([]session.Committed, len(batch))
		}, func(*actor.PID, any) { told++ })
		w.write(session.Change{}, nil)
		synctest.Wait()
		for range 1000 {
			w.write(session.Change{}, nil)
		}
		w.close()
		if len(batches) != 3 || batches[0] != 1 || batches[1] != mostPerCommit || batches[2] != 1000-mostPerCommit {
			t.Errorf("batches of %v", batches)
		}
		if told != 1001 {
			t.Errorf("%d changes were answered", told)
		}
	})
}
