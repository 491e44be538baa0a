package actors

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vakhta/session"
)

// Whatever several people do at once to one client, and however often commits fail, servers crash and others write the
// same row: what was acknowledged is there once, what is told has no gap, and no counter is refilled.
func TestNothingAcknowledgedIsLostAndNothingIsToldTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		script := rapid.SliceOfN(rapid.Custom(drawStep), 5, 70).Draw(rt, "script")
		complaint := ""
		synctest.Test(t, func(t *testing.T) { complaint = play(t, script) })
		if complaint != "" {
			rt.Fatal(complaint)
		}
	})
}

// step is one thing that somebody does, without waiting for what comes of it, and the time until the next one.
type step struct {
	Do   string
	Who  int
	N    int
	Then time.Duration
}

func drawStep(rt *rapid.T) step {
	return step{
		Do: rapid.SampledFrom([]string{
			"order", "order", "order", "order", "cancel", "fill", "request", "wrong", "wrong", "wrong", "right", "right",
			"attach", "attach", "leave", "leave", "logout", "read", "visit", "unblock", "refuse", "lose", "lose", "crash",
		}).Draw(rt, "do"),
		Who: rapid.IntRange(0, 2).Draw(rt, "who"),
		N:   rapid.IntRange(0, 9).Draw(rt, "n"),
		Then: rapid.SampledFrom([]time.Duration{
			0, 0, 0, 500 * time.Microsecond, 3 * time.Millisecond, 40 * time.Second, 7 * time.Minute, 2 * time.Hour,
		}).Draw(rt, "then"),
	}
}

// recorder keeps the first complaint, for rapid to shrink.
type recorder struct {
	testing.TB
	mu    sync.Mutex
	first string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == "" {
		r.first = fmt.Sprintf(format, args...)
	}
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r)
}

// stage is where a script is played.
type stage struct {
	*world
	home    *node
	desk    *node
	asked   sync.WaitGroup
	people  [3]*person
	screens []*screen

	mu       sync.Mutex
	taken    map[session.OrderID]string // acknowledged, with the client's own id
	fresh    map[string]int             // how often an own id was acknowledged as new
	nameless int                        // orders without an own id that were asked for
	missed   int                        // passcodes whose failure was told
	opened   map[session.SessionID]session.LoginID
}

func play(t *testing.T, script []step) string {
	complaints := &recorder{TB: t}
	s := &stage{
		world: newWorld(complaints, 1), taken: map[session.OrderID]string{}, fresh: map[string]int{},
		opened: map[session.SessionID]session.LoginID{},
	}
	defer func() {
		if r := recover(); r != nil && r != any(complaints) {
			panic(r)
		}
	}()
	s.policy.PasscodeRepeats, s.policy.PasscodesPerHour, s.policy.PasscodesPerDay = nil, 1000, 1000
	s.home, s.desk = s.start(), s.start(visitor)
	for i := range s.people {
		s.people[i] = s.home.logIn(1)
		s.people[i].open()
	}
	s.journal.delay(func([]session.Change) { time.Sleep(time.Duration(rand.N(4)) * time.Millisecond) })
	for _, x := range script {
		s.act(x)
		time.Sleep(x.Then)
	}
	s.settle()
	s.check()
	s.home.stop()
	s.desk.stop()
	return complaints.first
}

func (s *stage) act(x step) {
	s.mu.Lock()
	p := s.people[x.Who]
	s.mu.Unlock()
	switch x.Do {
	case "order":
		id := ""
		if x.N > 2 {
			id = fmt.Sprint("own-", x.N)
		} else {
			s.nameless++
		}
		s.async(p, submit(p, id))
	case "cancel":
		s.async(p, session.CancelOrder{Login: p.login, ID: s.anyOrder(x.N)})
	case "fill":
		s.async(p, session.ReportExecution{ID: s.anyOrder(x.N), Execution: session.Execution{
			Kind: session.ExecutionFill, ID: "F", Quantity: 10 * session.One, Price: session.One,
		}})
	case "request":
		s.async(p, session.RequestPasscode{Login: p.login})
	case "wrong":
		for range 1 + x.N {
			s.async(p, session.EnterPasscode{Login: p.login, Code: s.sent(p, true)})
		}
	case "right":
		s.async(p, session.EnterPasscode{Login: p.login, Code: s.sent(p, false)})
	case "attach":
		s.asked.Go(func() {
			if screen, err := p.tryAttach(); err == nil {
				s.mu.Lock()
				s.screens = append(s.screens, screen)
				s.mu.Unlock()
			}
		})
	case "leave":
		s.mu.Lock()
		if len(s.screens) > 0 {
			i := x.N % len(s.screens)
			s.screens[i].leave(x.Who == 0)
			s.screens = append(s.screens[:i:i], s.screens[i+1:]...)
		}
		s.mu.Unlock()
	case "logout":
		s.async(p, session.Logout{Login: p.login})
		s.asked.Go(func() { // and in again, unless the journal is in the way
			if _, err := p.try(session.AttemptPassword{}); err != nil {
				return
			}
			if in, err := p.try(session.SettleLogin{OK: true}); err == nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.people[x.Who] = &person{node: p.node, client: 1, login: in.(session.LoggedIn).Login}
			}
		})
		synctest.Wait()
	case "read":
		s.async(p, session.ReadSessions{})
		s.async(p, session.ReadOrders{})
		s.async(p, session.ReadEvents{Since: int64(x.N)})
	case "visit":
		s.nameless++
		s.async(p.at(s.desk), submit(p, ""))
	case "unblock":
		s.async(p.at(s.desk), session.Unblock{})
	case "refuse", "lose":
		how := map[string]fate{"refuse": refused, "lose": answerLost}[x.Do]
		s.journal.fail(func(session.Change) fate {
			s.journal.fate = nil
			return how
		})
	case "crash":
		s.home.crash()
		s.asked.Wait()
		synctest.Wait()
		s.home, s.screens = s.start(), nil
		for i, p := range s.people {
			s.people[i] = p.at(s.home)
		}
	}
}

// async has a command asked, and remembers what was promised.
func (s *stage) async(p *person, c session.Command) {
	s.asked.Go(func() {
		result, err := p.try(c)
		if err != nil {
			if !errors.As(err, new(*session.Refusal)) && !errors.Is(err, session.ErrUnavailable) {
				s.Errorf("%T: %v", c, err)
			}
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		switch r := result.(type) {
		case session.OrderTaken:
			s.taken[r.Order.ID] = r.Order.UserOrderID
			if _, submits := c.(session.SubmitOrder); submits && !r.Repeated && r.Order.UserOrderID != "" {
				s.fresh[r.Order.UserOrderID]++
			}
		case session.PasscodeChecked:
			if r.OK {
				s.opened[r.Login.Session.ID] = r.Login.ID
			} else {
				s.missed++
			}
		}
	})
}

func (s *stage) anyOrder(n int) session.OrderID {
	all := s.journal.ordersOf(1)
	if len(all) == 0 {
		return 0
	}
	return all[n%len(all)].ID
}

// sent is the login's last passcode, or one that is as wrong as can be.
func (s *stage) sent(p *person, wrong bool) string {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	code := "000000"
	for _, t := range s.journal.texts {
		if t.Login == p.login && t.Purpose == session.OpenSession {
			code = t.Body
		}
	}
	if wrong {
		return string('0'+(code[0]-'0'+1)%10) + code[1:]
	}
	return code
}

// settle lets everything come to rest.
func (s *stage) settle() {
	s.asked.Wait()
	s.journal.delay(nil)
	s.journal.fail(nil)
	time.Sleep(time.Minute) // whoever was overtaken has learnt it
	synctest.Wait()
}

func (s *stage) check() {
	for _, screen := range s.screens {
		if len(screen.goodbyes()) == 0 {
			screen.isComplete(1)
		} else {
			screen.seen()
		}
	}
	accepted := map[session.OrderID]int{}
	own := map[string]int{}
	open := map[session.LoginID]session.SessionID{}
	everOpened := map[session.SessionID]session.LoginID{}
	tries := map[session.LoginID]int{}
	failures, missed := 0, 0
	var blockedUntil time.Time
	all := s.events(1)
	for i, n := range all {
		equal(s.world, "the number", n.Seq, int64(i)+1)
		switch e := n.Event.(type) {
		case session.OrderAccepted:
			accepted[e.Order.ID]++
			own[e.Order.UserOrderID]++
			if open[e.Order.Login] != e.Order.Session {
				s.Errorf("event %d: an order by a session that is not open", n.Seq)
			}
		case session.PasscodeSent:
			tries[e.Login] = 0
		case session.AttemptFailed:
			missed++
			failures++
			if tries[e.Login]++; tries[e.Login] > 3 {
				s.Errorf("event %d: a passcode was tried %d times", n.Seq, tries[e.Login])
			}
			if n.At.Before(blockedUntil) {
				s.Errorf("event %d: a passcode was compared while SMS was blocked", n.Seq)
			}
			if failures%5 == 0 {
				if _, ok := all[i+1].Event.(session.MeansBlocked); !ok {
					s.Errorf("event %d: the failure %d did not block", n.Seq, failures)
				}
			}
		case session.MeansBlocked:
			blockedUntil = e.Until
		case session.MeansUnblocked:
			failures, blockedUntil = 0, time.Time{}
		case session.SessionOpened:
			if open[e.Login] != 0 {
				s.Errorf("event %d: the login %d has two sessions", n.Seq, e.Login)
			}
			open[e.Login], everOpened[e.Session.ID] = e.Session.ID, e.Login
			failures = 0
		case session.SessionClosed:
			delete(open, e.Login)
		}
	}
	if own[""] > s.nameless {
		s.Errorf("%d orders came of %d", own[""], s.nameless)
	}
	kept := s.journal.ordersOf(1)
	equal(s.world, "orders", len(kept), len(accepted))
	for _, o := range kept {
		equal(s.world, "times that an order was accepted", accepted[o.ID], 1)
	}
	for id, userID := range s.taken {
		equal(s.world, "times that an acknowledged order is there", accepted[id], 1)
		if userID != "" {
			equal(s.world, "orders with the own id "+userID, own[userID], 1)
		}
	}
	for id, times := range s.fresh {
		if times > 1 {
			s.Errorf("the order %s was acknowledged as new %d times", id, times)
		}
	}
	for id, login := range s.opened {
		equal(s.world, "the login of a session that was acknowledged", everOpened[id], login)
	}
	if s.missed > missed {
		s.Errorf("%d failures were told and %d counted", s.missed, missed)
	}
}
