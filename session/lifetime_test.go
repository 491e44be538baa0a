package session

import (
	"testing"
	"time"
)

func TestASessionEndsAfterFiveHours(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	opened := c.now
	at(t, "ExpiresAt", c.session(l).ExpiresAt, opened.Add(5*time.Hour))
	c.pass(5*time.Hour - tick)
	if c.session(l) == nil {
		t.Fatal("the session ended early")
	}
	c.pass(tick)
	same(t, "the end", the[SessionClosed](c).Reason, Expired)
	c.refuses(SubmitOrder{Login: l, Ticket: buy(1), Instrument: sber}, NoSession)
}

func TestAnOrderAtTheLastInstantStillExtends(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.pass(5*time.Hour - tick)
	c.order(l)
	at(t, "ExpiresAt", c.session(l).ExpiresAt, c.now.Add(5*time.Hour))
}

func TestAnOrderAtFourHoursMovesTheEndToNineHours(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	opened := c.now
	c.pass(4 * time.Hour)
	c.order(l)
	at(t, "ExpiresAt", the[SessionExtended](c).ExpiresAt, opened.Add(9*time.Hour))
	c.pass(5*time.Hour - tick)
	same(t, "sessions closed early", len(all[SessionClosed](c)), 0)
	c.pass(tick)
	same(t, "the end", the[SessionClosed](c).Reason, Expired)
	at(t, "the end", c.now, opened.Add(9*time.Hour))
}

func TestTheCapEndsASessionAfterADayAndNeverShortensIt(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	opened := c.now
	for _, x := range []struct{ at, ends time.Duration }{
		{4 * time.Hour, 9 * time.Hour},
		{8 * time.Hour, 13 * time.Hour},
		{12 * time.Hour, 17 * time.Hour},
		{16 * time.Hour, 21 * time.Hour},
		{19*time.Hour - tick, 24*time.Hour - tick},
		{19 * time.Hour, 24 * time.Hour},
		{20 * time.Hour, 24 * time.Hour},
		{24*time.Hour - tick, 24 * time.Hour},
	} {
		c.pass(opened.Add(x.at).Sub(c.now))
		c.order(l)
		at(t, "after an order at "+x.at.String(), c.session(l).ExpiresAt, opened.Add(x.ends))
	}
	same(t, "extensions", len(all[SessionExtended](c)), 6)
	c.pass(tick)
	same(t, "the end", the[SessionClosed](c).Reason, CapReached)
}

func TestACapBelowTheLifetimeIsTheLifetime(t *testing.T) {
	c := newTrader(t)
	c.policy.SessionCap = 10 * time.Minute
	l := c.terminal()
	x := c.open(l)
	at(t, "ExpiresAt", x.ExpiresAt, c.now.Add(10*time.Minute))
	at(t, "WarnAt", x.WarnAt, c.now.Add(5*time.Minute))
	c.pass(10 * time.Minute)
	same(t, "the end", the[SessionClosed](c).Reason, CapReached)
}

func TestAClockThatWasSetBackShortensNothing(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	ends := c.session(l).ExpiresAt
	c.late(-time.Hour)
	c.order(l)
	at(t, "ExpiresAt", c.session(l).ExpiresAt, ends)
	same(t, "extensions", len(all[SessionExtended](c)), 0)
}

func TestTheClientIsWarnedFifteenFiveAndOneMinuteBefore(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	ends := c.session(l).ExpiresAt
	for _, left := range []time.Duration{15 * time.Minute, 5 * time.Minute, time.Minute} {
		c.forget()
		c.pass(ends.Add(-left).Sub(c.now) - tick)
		nothing(c)
		c.pass(tick)
		w := the[SessionExpiring](c)
		same(t, "Left", w.Left, left)
		same(t, "Session", w.Session, c.session(l).ID)
		at(t, "ExpiresAt", w.ExpiresAt, ends)
	}
	c.forget()
	c.pass(time.Minute)
	same(t, "warnings at the end", len(all[SessionExpiring](c)), 0)
	the[SessionClosed](c)
}

func TestAnExtensionStartsTheWarningsAnew(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.pass(5*time.Hour - 3*time.Minute)
	same(t, "warnings", len(all[SessionExpiring](c)), 2)
	c.order(l)
	at(t, "WarnAt", c.session(l).WarnAt, c.now.Add(5*time.Hour-15*time.Minute))
	c.forget()
	c.pass(5*time.Hour - tick)
	same(t, "warnings", len(all[SessionExpiring](c)), 3)
}

func TestOnlyWarningsShorterThanTheLifetimeAreGiven(t *testing.T) {
	for _, x := range []struct {
		lifetime time.Duration
		want     []time.Duration
	}{
		{15*time.Minute + tick, []time.Duration{15 * time.Minute, 5 * time.Minute, time.Minute}},
		{15 * time.Minute, []time.Duration{5 * time.Minute, time.Minute}},
		{5 * time.Minute, []time.Duration{time.Minute}},
		{time.Minute, nil},
	} {
		c := newTrader(t)
		c.policy.SessionLifetime = x.lifetime
		c.opened()
		c.pass(x.lifetime)
		var got []time.Duration
		for _, w := range all[SessionExpiring](c) {
			got = append(got, w.Left)
		}
		same(t, "warnings of a session of "+x.lifetime.String(), got, x.want)
		the[SessionClosed](c)
	}
}

func TestWarningsNeedNoOrder(t *testing.T) {
	c := newTrader(t)
	c.policy.Warnings = []time.Duration{time.Minute, 15 * time.Minute, -time.Minute, 0, 5 * time.Minute}
	c.opened()
	c.pass(5 * time.Hour)
	same(t, "warnings", len(all[SessionExpiring](c)), 3)
	c = newTrader(t)
	c.policy.Warnings = nil
	c.opened()
	c.pass(5 * time.Hour)
	same(t, "warnings", len(all[SessionExpiring](c)), 0)
}

func TestALateTickGivesOneWarningThatSaysWhatIsLeftNow(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.late(5*time.Hour - 3*time.Minute)
	c.do(Tick{})
	same(t, "Left", the[SessionExpiring](c).Left, 3*time.Minute)
	at(t, "the next", c.session(l).WarnAt, c.now.Add(2*time.Minute))
	c.forget()
	c.do(Tick{})
	nothing(c)
}

func TestAVeryLateTickClosesWithoutAWarning(t *testing.T) {
	c := newTrader(t)
	c.opened()
	c.late(1000 * time.Hour)
	c.do(Tick{})
	same(t, "the end", the[SessionClosed](c).Reason, Expired)
	same(t, "warnings", len(all[SessionExpiring](c)), 0)
	same(t, "logins closed: a terminal is still connected", len(all[LoginClosed](c)), 0)
}

func TestALateTickNamesTheEndOfTheSessionBeforeThatOfTheLogin(t *testing.T) {
	c := newTrader(t)
	l := c.login()
	c.open(l)
	c.forget()
	c.late(48 * time.Hour)
	c.do(Tick{})
	same(t, "the end of the session", the[SessionClosed](c).Reason, Expired)
	same(t, "the end of the login", the[LoginClosed](c).Reason, LoginIdle)
}

func TestEarlyAndRepeatedTicksAreHarmless(t *testing.T) {
	c := newTrader(t)
	c.do(Tick{})
	c.opened()
	c.do(Tick{})
	c.pass(4 * time.Hour)
	c.do(Tick{})
	nothing(c)
}

func TestALoginThatIsIdleBeforeItsSessionEndsTakesTheSessionAlong(t *testing.T) {
	c := newTrader(t)
	c.policy.LoginIdle = 5*time.Hour - 10*time.Minute // after the first warning is due, if the tick is late
	l := c.login()
	c.open(l)
	c.forget()
	c.late(c.policy.LoginIdle)
	c.do(Tick{})
	same(t, "the session", the[SessionClosed](c).Reason, LoginEnded)
	same(t, "events: no warning for a session that ends", len(c.told), 2)
}

func TestASecondOpeningReplacesTheSession(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	first := c.session(l).ID
	c.pass(time.Hour)
	second := c.open(l)
	closed := the[SessionClosed](c)
	same(t, "the reason", closed.Reason, Replaced)
	same(t, "the closed one", closed.Session, first)
	at(t, "ExpiresAt", second.ExpiresAt, c.now.Add(5*time.Hour))
	at(t, "CapAt", second.CapAt, c.now.Add(24*time.Hour))
	same(t, "open sessions", len(c.do(ReadSessions{}).(Sessions).Logins), 1)
}

func TestEachLoginHasASessionOfItsOwn(t *testing.T) {
	c := newTrader(t)
	desk, phone := c.opened(), c.terminal()
	c.refuses(SubmitOrder{Login: phone, Ticket: buy(1), Instrument: sber}, NoSession)
	c.open(phone)
	open := c.do(ReadSessions{}).(Sessions)
	same(t, "open sessions", len(open.Logins), 2)
	c.do(Logout{Login: desk})
	c.order(phone)
}

func TestSessionsCanBeClosedOneByOneAllOrAllOthers(t *testing.T) {
	for name, x := range map[string]struct {
		close  func(own, other LoginID, c *trader) CloseSessions
		closed int
		reason CloseReason
		ownEnd bool
	}{
		"the own one": {func(own, _ LoginID, c *trader) CloseSessions {
			return CloseSessions{Login: own, ID: c.session(own).ID}
		}, 1, ClosedByClient, true},
		"another": {func(own, other LoginID, c *trader) CloseSessions {
			return CloseSessions{Login: own, ID: c.session(other).ID}
		}, 1, ClosedByClient, false},
		"all others": {func(own, _ LoginID, _ *trader) CloseSessions {
			return CloseSessions{Login: own, Others: true}
		}, 2, ClosedByClient, false},
		"all": {func(own, _ LoginID, _ *trader) CloseSessions {
			return CloseSessions{Login: own, All: true}
		}, 3, ClosedByClient, true},
		"all, by the operator": {func(LoginID, LoginID, *trader) CloseSessions {
			return CloseSessions{Operator: true, All: true}
		}, 3, ClosedByOperator, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTrader(t)
			own, other, _ := c.opened(), c.opened(), c.opened()
			same(t, "Closed", c.do(x.close(own, other, c)).(Closed).Sessions, x.closed)
			closed := all[SessionClosed](c)
			same(t, "events", len(closed), x.closed)
			for _, e := range closed {
				same(t, "the reason", e.Reason, x.reason)
			}
			same(t, "the own one is closed", c.session(own) == nil, x.ownEnd)
			same(t, "logins", len(c.state.Logins), 3)
		})
	}
}

func TestClosingWhatIsNotOpen(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	c.refuses(CloseSessions{Login: l, ID: 12345}, UnknownSession)
	c.refuses(CloseSessions{Login: l}, UnknownSession)
	same(t, "all", c.do(CloseSessions{Login: l, All: true}).(Closed).Sessions, 0)
	same(t, "all others", c.do(CloseSessions{Login: l, Others: true}).(Closed).Sessions, 0)
}

func TestALoginThatHasEndedClosesNobodysSession(t *testing.T) {
	c := newTrader(t)
	gone, l := c.opened(), c.opened()
	c.do(Logout{Login: gone})
	c.refuses(CloseSessions{Login: gone, Others: true}, UnknownLogin)
	c.refuses(CloseSessions{Login: gone, ID: c.session(l).ID}, UnknownLogin)
}

func TestDeadlineIsTheFirstOfAll(t *testing.T) {
	c := newTrader(t)
	if at, ok := Deadline(c.state); ok {
		t.Fatalf("a client without a login has a deadline at %v", at)
	}
	first := c.login()
	next := func(what string, want time.Time) {
		t.Helper()
		got, ok := Deadline(c.state)
		same(t, what+" is a deadline", ok, true)
		at(t, what, got, want)
	}
	idle := c.now.Add(24 * time.Hour)
	next("idle", idle)
	c.do(Attend{Login: first})
	if at, ok := Deadline(c.state); ok {
		t.Fatalf("a login with a terminal has a deadline at %v", at)
	}
	c.open(first)
	next("the first warning", c.now.Add(5*time.Hour-15*time.Minute))
	c.do(Detach{Login: first})
	next("the grace", c.now.Add(5*time.Minute))
	c.pass(5 * time.Minute)
	next("idle since the terminal went", idle)
}
