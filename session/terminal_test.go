package session

import (
	"testing"
	"time"
)

func TestASessionOutlivesItsTerminalByTheGrace(t *testing.T) {
	for _, x := range []struct {
		name      string
		announced bool
		grace     time.Duration
	}{{"announced", true, 10 * time.Second}, {"lost", false, 5 * time.Minute}} {
		t.Run(x.name, func(t *testing.T) {
			c := newTrader(t)
			l := c.opened()
			c.do(Detach{Login: l, Announced: x.announced})
			gone := the[TerminalGone](c)
			same(t, "who", gone.Login, l)
			at(t, "At", gone.At, c.now)
			at(t, "ClosesAt", gone.ClosesAt, c.now.Add(x.grace))
			c.pass(x.grace - tick)
			c.order(l) // an order over HTTP is accepted within the grace, and does not lengthen it
			c.pass(tick)
			same(t, "the end", the[SessionClosed](c).Reason, TerminalAbsent)
			same(t, "logins closed", len(all[LoginClosed](c)), 0)
		})
	}
}

func TestAReloadWithinTheGraceIsNotLeaving(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	ends := c.session(l).ExpiresAt
	c.do(Detach{Login: l, Announced: true})
	c.pass(10*time.Second - tick)
	c.do(Attend{Login: l})
	same(t, "attached", the[TerminalAttached](c).Login, l)
	c.pass(time.Hour)
	at(t, "ExpiresAt", c.session(l).ExpiresAt, ends)
	c.order(l)
}

func TestOnlyTheFirstAndTheLastTerminalAreTold(t *testing.T) {
	c := newTrader(t)
	l := c.login()
	c.forget()
	c.do(Attend{Login: l})
	c.do(Attend{Login: l})
	same(t, "events", c.told, []Event{TerminalAttached{Login: l}})
	same(t, "Attended", c.state.Attended(), true)
	c.forget()
	c.do(Detach{Login: l})
	c.do(Detach{Login: l, Announced: true})
	same(t, "events", c.told, []Event{TerminalGone{Login: l, At: c.now}})
	same(t, "Attended", c.state.Attended(), false)
}

func TestASessionThatExpiresWithinTheGraceExpires(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.pass(5*time.Hour - time.Minute)
	c.do(Detach{Login: l})
	c.pass(5 * time.Minute)
	same(t, "the end", the[SessionClosed](c).Reason, Expired)
	nobody, _ := c.state.Login(l)
	at(t, "nothing is ending any more", nobody.LeaveBy, time.Time{})
}

func TestALateTickNamesTheFirstOfTwoEnds(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.do(Detach{Login: l})
	c.late(10 * time.Hour)
	c.do(Tick{})
	same(t, "the end", the[SessionClosed](c).Reason, TerminalAbsent)
}

func TestTheBeaconOfAClosedTabShortensTheGraceOfALostConnection(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.do(LeaveTerminal{Login: l}) // still connected: it is Detach that tells
	nothing(c)
	c.do(Detach{Login: l})
	c.pass(time.Second)
	c.forget()
	c.do(LeaveTerminal{Login: l})
	at(t, "ClosesAt", the[TerminalGone](c).ClosesAt, c.now.Add(10*time.Second))
	c.pass(time.Second)
	c.do(LeaveTerminal{Login: l}) // a second one lengthens nothing
	same(t, "events", len(c.told), 1)
	c.pass(9 * time.Second)
	same(t, "the end", the[SessionClosed](c).Reason, TerminalAbsent)
}

func TestABeaconLateInTheGraceLengthensNothing(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.do(Detach{Login: l})
	c.pass(5*time.Minute - 10*time.Second)
	c.forget()
	c.do(LeaveTerminal{Login: l})
	nothing(c)
}

func TestASessionWithoutATerminalIsNotTouchedByTheGrace(t *testing.T) {
	c := newTrader(t)
	l := c.login()
	c.open(l)
	c.pass(5*time.Hour - tick)
	c.order(l)
}

func TestANewSessionEndsTheGraceOfTheOldOne(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.do(Detach{Login: l})
	opened := c.enter(l, c.request(l)) // over HTTP
	at(t, "LeaveBy, as answered", opened.Login.LeaveBy, time.Time{})
	c.pass(time.Hour)
	c.order(l)
}

func TestAfterARestartTheAbsentTerminalsHaveTheGraceFromTheLoading(t *testing.T) {
	c := newTrader(t)
	back, absent, idle := c.opened(), c.opened(), c.terminal()
	c.forget()
	c.late(time.Minute) // the server was down
	loaded := c.now
	c.late(time.Minute)
	c.do(Attend{Login: back})
	nothing(c)
	c.do(Recover{Absent: []LoginID{absent, idle, 12345}, Loaded: loaded})
	same(t, "told", c.told, []Event{
		TerminalGone{Login: absent, At: loaded, ClosesAt: loaded.Add(5 * time.Minute)},
		TerminalGone{Login: idle, At: loaded},
	})
	c.do(Recover{Absent: []LoginID{absent, idle}, Loaded: loaded})
	same(t, "events of the second time", len(c.told), 2)
	c.pass(4*time.Minute - tick)
	same(t, "sessions closed", len(all[SessionClosed](c)), 0)
	c.pass(tick)
	closed := the[SessionClosed](c)
	same(t, "closed", closed.Login, absent)
	same(t, "why", closed.Reason, TerminalAbsent)
	c.order(back)
}

func TestARecoveryAfterTheGraceClosesAtOnce(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.late(time.Hour)
	c.do(Recover{Absent: []LoginID{l}, Loaded: c.now.Add(-time.Hour)})
	c.do(Tick{})
	same(t, "the end", the[SessionClosed](c).Reason, TerminalAbsent)
}

func TestAGraceAlreadyBegunSurvivesARestart(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.do(Detach{Login: l, Announced: true})
	c.forget()
	c.do(Recover{Absent: []LoginID{l}, Loaded: c.now})
	nothing(c)
	c.pass(10 * time.Second)
	the[SessionClosed](c)
}
