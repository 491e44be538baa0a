package session

import (
	"testing"
	"time"
)

func TestEachPINCountsUntilAnOpeningAndTheClientIsToldHowManyAreLeft(t *testing.T) {
	c, d := tokenTrader(t)
	for n := range 4 {
		issued := d.ask()
		same(t, "issued", [2]int{issued.Left, issued.Failures}, [2]int{5 - n, n})
		same(t, "counted", c.do(d.try(point(d.fresh()))).(PINCounted).Left, 4-n)
		same(t, "the client's", c.do(ReadMeans{Login: d.login}).(MeansStatus).Token.Left, 4-n)
	}
	d.open()
	issued := d.ask()
	same(t, "after an opening", [2]int{issued.Left, issued.Failures}, [2]int{5, 0})
	same(t, "of its life four stay", c.active().Failures, 4)
}

func TestTheFifthUnprovenPINLocksWhenItsChallengeIsOver(t *testing.T) {
	c, d := tokenTrader(t)
	d.open()
	gone := c.session(d.login).ID
	for range 5 {
		c.pass(10 * time.Second)
		d.evaluate()
	}
	c.forget()
	lock := c.now.Add(time.Minute)
	due, _ := Deadline(c.state)
	at(t, "the next alarm", due, lock)
	c.pass(30 * time.Second)
	d.ask()
	c.refuses(d.try(point("sixth")), NoTokenTries)
	c.pass(30*time.Second - tick)
	same(t, "ended before its time", len(all[TokenEnded](c)), 0)
	c.pass(tick)
	same(t, "told", c.told[1:], []Event{
		TokenEnded{ID: d.token, Status: TokenIsLocked, At: lock}, SessionClosed{Login: d.login, Session: gone, Reason: TokenRevoked},
	})
	same(t, "the phone is told, too", c.notices, []SendText{{To: oldNumber, Token: TokenIsLocked, ExpiresAt: lock.Add(24 * time.Hour)}})
	shredded(t, c, d.token)
	c.refuses(ChallengeToken{Login: d.login, Token: d.token}, TokenLocked)
	c.refuses(d.proof(), TokenLocked)
	same(t, "the client's", c.do(ReadMeans{Login: d.login}).(MeansStatus).Token.Last, EndedToken{ID: d.token, Status: TokenIsLocked})
}

func TestWithoutAPhoneALockTellsTheTerminalsOnly(t *testing.T) {
	c, d := tokenTrader(t)
	for range 5 {
		d.evaluate()
	}
	c.state.Phones = nil
	c.pass(time.Minute)
	same(t, "told", the[TokenEnded](c).Status, TokenIsLocked)
	same(t, "texts", len(c.notices), 0)
}

func TestTheFifthPINThatProvesRightInTimeLocksNothing(t *testing.T) {
	c, d := tokenTrader(t)
	for range 5 {
		d.evaluate()
	}
	c.pass(time.Minute - tick)
	c.do(d.proof())
	d.settle(RatchetNext)
	same(t, "attempts", c.active().Attempts, 5)
	c.pass(time.Hour)
	same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
	d.open()
}

func TestTheLockWaitsForNoChallengeButTheCurrentOne(t *testing.T) {
	c, d := tokenTrader(t)
	for range 5 {
		d.evaluate()
	}
	c.pass(50 * time.Second)
	d.ask() // asking keeps nothing open
	c.pass(10 * time.Second)
	same(t, "told", the[TokenEnded](c).Status, TokenIsLocked)
}

func TestALateAlarmLocksBeforeALateProofIsLookedAt(t *testing.T) {
	c, d := tokenTrader(t)
	for range 5 {
		d.evaluate()
	}
	proof := d.proof()
	c.late(time.Minute)
	c.refuses(proof, TokenLocked)
}

func TestATokenWithATryLeftIsNeverLocked(t *testing.T) {
	c, d := tokenTrader(t)
	for range 4 {
		d.evaluate()
	}
	c.pass(23 * time.Hour)
	same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
	d.open()
}

func TestFiftyUnprovenPINsAreAllThatATokenHasInItsLife(t *testing.T) {
	c, d := tokenTrader(t)
	for range 16 { // three that nothing follows, then one that opens
		for range 3 {
			d.evaluate()
		}
		d.open()
		c.pass(8 * time.Hour)
	}
	d.evaluate()
	same(t, "of its life", c.active().Failures, TokenFailures-1)
	d.ask()
	same(t, "attempts", c.active().Attempts, 4)
	d.open() // the fiftieth, and it opens
	same(t, "of its life", c.active().Failures, TokenFailures-1)
	d.evaluate()
	same(t, "of its life", c.active().Failures, TokenFailures)
	d.ask()
	c.refuses(d.try(point("51st")), NoTokenTries)
	c.forget()
	c.pass(time.Minute)
	same(t, "told", the[TokenEnded](c).Status, TokenIsLocked)
}

func TestAnOpeningTakesBackItsOwnPINOnly(t *testing.T) {
	c, d := tokenTrader(t)
	for range 100 {
		c.pass(time.Hour)
		d.open()
	}
	same(t, "of its life", c.active().Failures, 0)
	d.evaluate()
	d.open()
	same(t, "of its life", c.active().Failures, 1)
}

func TestThe31stPINOf24HoursIsRefusedAlthough30Succeeded(t *testing.T) {
	c, d := tokenTrader(t)
	first := c.now
	for range 30 {
		d.open()
		c.pass(time.Minute)
	}
	d.ask()
	e := d.try(point("31st"))
	no := c.refuses(e, TokenDayLimit)
	at(t, "Until", no.Until, first.Add(24*time.Hour))
	same(t, "attempts", c.active().Attempts, 5)
	same(t, "of its life", c.active().Failures, 0)
	c.do(Attend{Login: d.login})
	c.pass(no.Until.Sub(c.now) - tick)
	d.ask()
	c.refuses(d.try(point("too early")), TokenDayLimit)
	c.pass(tick)
	c.do(d.try(point("in time")))
	same(t, "of the last 24 hours", len(c.active().Evaluated), 30)
}

func TestARepeatedEvaluationIsAnsweredThoughNoTryIsLeft(t *testing.T) {
	c, d := tokenTrader(t)
	for range 29 {
		d.open()
	}
	d.ask()
	e := d.try(point("30th"))
	first := c.do(e)
	same(t, "of the last 24 hours", len(c.active().Evaluated), 30)
	same(t, "the answer", c.do(e), first)
	c.do(d.proof())
}

func TestTheCountersOfATokenAreItsOwn(t *testing.T) {
	c, d := tokenTrader(t)
	for range 4 {
		d.evaluate()
	}
	c.open(d.login)
	fresh := c.connected(d.login, "new")
	same(t, "counters", []int{c.active().Attempts, c.active().Failures, len(c.active().Evaluated)}, []int{5, 0, 0})
	fresh.open()
}
