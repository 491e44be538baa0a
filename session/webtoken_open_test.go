package session

import (
	"testing"
	"time"
)

// tokenTrader is a client with an active WEB-token and, under that login, no open session.
func tokenTrader(t tb) (*trader, *device) {
	c := newTrader(t)
	d := c.connected(c.opened(), "laptop")
	c.do(CloseSessions{Operator: true, All: true})
	c.forget()
	return c, d
}

func TestASessionIsOpenedByAChallengeAPINAndASignature(t *testing.T) {
	c, d := tokenTrader(t)
	registered := c.active()
	c.pass(time.Hour)
	issued := d.ask()
	same(t, "issued", issued, TokenChallengeIssued{Challenge: d.challenge, ExpiresAt: c.now.Add(time.Minute), Left: 5})
	same(t, "bytes of the challenge", len(d.challenge), 32)
	told := TokenChallenged{ID: d.token, Challenge: Challenge{Nonce: d.challenge, Login: d.login, ExpiresAt: issued.ExpiresAt}}
	same(t, "told", the[TokenChallenged](c), told)
	c.pass(30 * time.Second)
	b := point("b")
	counted := c.do(d.try(b)).(PINCounted)
	same(t, "to be evaluated", counted, PINCounted{Token: d.token, Seed: registered.Seed, Master: "m1", Point: b, Left: 4, Matched: RatchetNow})
	evaluated := PINEvaluated{ID: d.token, Login: d.login, Challenge: d.challenge, Point: b, Left: 4, At: c.now, ExpiresAt: c.now.Add(time.Minute)}
	same(t, "counted before", the[PINEvaluated](c), evaluated)
	same(t, "counters", []int{c.active().Attempts, c.active().Failures, len(c.active().Evaluated)}, []int{4, 1, 1})
	d.settle(counted.Matched)
	c.pass(time.Minute - tick)
	c.forget()
	proof := d.proof()
	proved := c.do(proof).(TokenProved)
	s := *c.session(d.login)
	same(t, "the session", s, Session{
		ID: SessionID(c.id), Means: WebToken, OpenedAt: c.now, ExpiresAt: c.now.Add(5 * time.Hour), CapAt: c.now.Add(24 * time.Hour),
		WarnAt: c.now.Add(5*time.Hour - 15*time.Minute),
	})
	same(t, "the answer", *proved.Login.Session, s)
	same(t, "told", c.told, []Event{
		SessionOpened{Login: d.login, Session: s},
		TokenOpened{ID: d.token, Login: d.login, Session: s.ID, Challenge: d.challenge, Next: proof.Next, At: c.now},
	})
	want := registered
	want.Keys.R, want.UsedAt, want.Evaluated = proof.Next, c.now, []time.Time{evaluated.At}
	want.Challenges = []Challenge{{Nonce: d.challenge, Login: d.login, ExpiresAt: evaluated.ExpiresAt, Point: b, Next: proof.Next, Session: s.ID}}
	same(t, "the token", c.active(), want)
	same(t, "its row", c.tokens[d.token], want)
}

func TestAChallengeIsRefusedWhereThereIsNoToken(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.refuses(ChallengeToken{Login: l, Token: 5}, NoToken)
	c.refuses(ChallengeToken{Login: 1 << 50, Token: 5}, UnknownLogin)
	d := c.begun(l, "laptop")
	c.refuses(ChallengeToken{Login: l, Token: d.token}, NoToken)
}

func TestAPINIsRefusedNotCountedAndShredsNothing(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*trader, *device, *EvaluatePIN)
		reason Reason
	}{
		"of no login":                       {func(_ *trader, _ *device, e *EvaluatePIN) { e.Login = 1 << 50 }, UnknownLogin},
		"of another token":                  {func(_ *trader, _ *device, e *EvaluatePIN) { e.Token = 1 }, TokenElsewhere},
		"without a challenge":               {func(_ *trader, _ *device, e *EvaluatePIN) { e.Challenge = "" }, ChallengeOver},
		"from another login":                {func(c *trader, d *device, e *EvaluatePIN) { d.login = c.opened(); *e = d.try(e.Point) }, ChallengeOver},
		"a minute late":                     {func(c *trader, _ *device, _ *EvaluatePIN) { c.pass(time.Minute) }, ChallengeOver},
		"under a missing master key":        {func(c *trader, _ *device, _ *EvaluatePIN) { c.masters = group{"m2"} }, ServerKeyMissing},
		"at the identity":                   {func(_ *trader, d *device, e *EvaluatePIN) { *e = d.try(identity) }, BadToken},
		"at no point":                       {func(_ *trader, d *device, e *EvaluatePIN) { *e = d.try(e.Point[:31]) }, BadToken},
		"without sigD":                      {func(_ *trader, _ *device, e *EvaluatePIN) { e.SigD = "" }, BadSignature},
		"by a stranger":                     {func(_ *trader, d *device, e *EvaluatePIN) { d.d, d.r = pair("x"), pair("y"); *e = d.try(e.Point) }, BadSignature},
		"signed by S":                       {func(_ *trader, d *device, e *EvaluatePIN) { d.d = d.s; *e = d.try(e.Point) }, BadSignature},
		"signed for another point":          {func(_ *trader, d *device, e *EvaluatePIN) { *e = d.try(point("x")); e.Point = point("b") }, BadSignature},
		"signed as of a pending one":        {func(_ *trader, d *device, e *EvaluatePIN) { e.SigD = d.setPIN(e.Point).SigD }, BadSignature},
		"without a ratchet key's signature": {func(_ *trader, _ *device, e *EvaluatePIN) { e.SigR = "" }, BadSignature},
		"by a stranger with the copy":       {func(_ *trader, d *device, e *EvaluatePIN) { e.SigD, e.SigR = "", "" }, BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c, d := tokenTrader(t)
			d.ask()
			e := d.try(point("b"))
			x.change(c, d, &e)
			c.refuses(e, x.reason)
			same(t, "PINs that were counted", len(all[PINEvaluated](c)), 0)
			same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
			same(t, "attempts", c.active().Attempts, 5)
		})
	}
}

func TestAnOpeningIsRefusedUnlessEverythingIsProved(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*trader, *device, *OpenByToken)
		reason Reason
	}{
		"of no login":             {func(_ *trader, _ *device, o *OpenByToken) { o.Login = 1 << 50 }, UnknownLogin},
		"of another token":        {func(_ *trader, _ *device, o *OpenByToken) { o.Token = 1 }, TokenElsewhere},
		"for another challenge":   {func(_ *trader, d *device, o *OpenByToken) { d.ask(); *o = d.proof() }, ChallengeOver},
		"from another login":      {func(c *trader, d *device, o *OpenByToken) { d.login = c.opened(); *o = d.proof() }, ChallengeOver},
		"a minute after the PIN":  {func(c *trader, _ *device, _ *OpenByToken) { c.pass(time.Minute) }, ChallengeOver},
		"with a key that is none": {func(_ *trader, d *device, o *OpenByToken) { d.pend.public = "key"; *o = d.proof() }, BadToken},
		"with the ratchet key of before": {
			func(_ *trader, d *device, o *OpenByToken) { d.pend = d.r; *o = d.proof() }, BadToken,
		},
		"with D for the ratchet": {func(_ *trader, d *device, o *OpenByToken) { d.pend = d.d; *o = d.proof() }, BadToken},
		"with S for the ratchet": {func(_ *trader, d *device, o *OpenByToken) { d.pend = d.s; *o = d.proof() }, BadToken},
		"unsigned":               {func(_ *trader, _ *device, o *OpenByToken) { o.SigS = "" }, BadSignature},
		"signed by D":            {func(_ *trader, d *device, o *OpenByToken) { d.s = d.d; *o = d.proof() }, BadSignature},
		"signed for another ratchet key": {
			func(_ *trader, _ *device, o *OpenByToken) { o.Next = pair("x").public }, BadSignature,
		},
		"signed on another device": {
			func(_ *trader, d *device, o *OpenByToken) { d.d = pair("x"); *o = d.proof() }, BadSignature,
		},
		"signed for another challenge": {
			func(_ *trader, d *device, o *OpenByToken) { d.challenge = "x"; o.SigS = d.proof().SigS }, BadSignature,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, d := tokenTrader(t)
			d.evaluate()
			proof := d.proof()
			x.change(c, d, &proof)
			c.refuses(proof, x.reason)
			same(t, "sessions", len(all[SessionOpened](c)), 0)
			same(t, "the ratchet", c.active().Keys.R, pair("laptop R").public)
		})
	}
}

func TestNothingIsOpenedWithoutAPIN(t *testing.T) {
	c, d := tokenTrader(t)
	c.refuses(d.proof(), ChallengeOver)
	d.ask()
	c.refuses(d.proof(), ChallengeOver)
	d.open()
	d.ask()
	c.refuses(d.proof(), ChallengeOver) // there is a current challenge: that of the opening before
}

func TestTheSamePointIsEvaluatedAgainUncountedAndAnotherIsNot(t *testing.T) {
	c, d := tokenTrader(t)
	d.ask()
	e := d.try(point("b"))
	first := c.do(e)
	c.forget()
	c.pass(time.Minute - tick)
	same(t, "the answer", c.do(e), first)
	nothing(c)
	c.refuses(d.try(point("another")), ChallengeOver)
	c.do(d.proof())
	c.refuses(e, ChallengeOver)
	same(t, "PINs that count", len(c.active().Evaluated), 1)
}

func TestAChallengeIsOverWhenAPINIsCountedForAnother(t *testing.T) {
	c, d := tokenTrader(t)
	first, other := d.ask().Challenge, d.copied(c.terminal())
	late := d.try(point("late"))
	d.evaluate()
	proof := d.proof()
	c.refuses(late, ChallengeOver)
	other.evaluate()
	c.refuses(proof, ChallengeOver)
	c.refuses(late, ChallengeOver)
	same(t, "challenges", len(c.active().Challenges), 1)
	same(t, "the first is none of them", c.active().Challenges[0].Nonce != first, true)
	c.do(other.proof())
}

func TestALateEvaluationAfterANewerOpeningChangesNothing(t *testing.T) {
	c, d := tokenTrader(t)
	d.ask()
	late := d.try(point("late"))
	d.open()
	c.refuses(late, ChallengeOver)
	d.ask()
	again := d.try(point("again"))
	c.do(again)
	c.do(d.proof())
	d.settle(RatchetNext)
	c.refuses(again, ChallengeOver) // signed by a ratchet key of before, and for a challenge that is used
	same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
	d.open()
}

func TestALateOpeningAfterANewerPINChangesNothing(t *testing.T) {
	c, d := tokenTrader(t)
	d.evaluate()
	late := d.proof()
	same(t, "the server has", d.evaluate().Matched, RatchetNow)
	c.refuses(late, ChallengeOver)
	c.do(d.proof())
	d.settle(RatchetNext)
	c.refuses(late, ChallengeOver)
	d.open()
}

func TestARepeatedOpeningIsAnsweredAgainWhileItsSessionIsOpen(t *testing.T) {
	c, d := tokenTrader(t)
	d.evaluate()
	proof := d.proof()
	first := c.do(proof)
	d.pend = pair("another")
	another := d.proof()
	c.refuses(another, ChallengeOver)
	c.forget()
	c.pass(time.Hour)
	same(t, "the answer", c.do(proof), first)
	nothing(c)
	c.refuses(another, ChallengeOver)
	c.do(CloseSessions{Login: d.login, All: true})
	c.refuses(proof, ChallengeOver)
}

func TestAChallengeOpensOneSession(t *testing.T) {
	c, d := tokenTrader(t)
	d.evaluate()
	proof := d.proof()
	c.do(proof)
	c.do(CloseSessions{Login: d.login, All: true})
	c.refuses(proof, ChallengeOver)
	d.pend = pair("another")
	c.refuses(d.proof(), ChallengeOver)
	same(t, "sessions", len(all[SessionOpened](c)), 1)
}

func TestAnOpeningReplacesTheSessionOfItsLogin(t *testing.T) {
	c, d := tokenTrader(t)
	first := d.open()
	c.forget()
	second := d.open()
	same(t, "closed", the[SessionClosed](c), SessionClosed{Login: d.login, Session: first.ID, Reason: Replaced})
	same(t, "open", c.session(d.login).ID, second.ID)
	same(t, "a lost reply to the first", c.session(d.login).ID != first.ID, true)
}

func TestASessionByTokenEndsALockOfSMS(t *testing.T) {
	c, d := tokenTrader(t)
	c.state.SMS.Locked, c.state.SMS.Failures = true, 30
	d.open()
	same(t, "SMS", c.state.SMS, SMSMeans{Sent: c.state.SMS.Sent})
}

func TestAtMostFourChallengesAreOpenAndTheCurrentOneIsNotPushedOut(t *testing.T) {
	c, d := tokenTrader(t)
	var issued []Nonce
	for range 5 {
		issued = append(issued, d.ask().Challenge)
		c.pass(2 * time.Second)
	}
	nonces := func() (all []Nonce) {
		for _, x := range c.active().Challenges {
			all = append(all, x.Nonce)
		}
		return all
	}
	same(t, "the oldest is dropped", nonces(), issued[1:])
	d.challenge = issued[0]
	c.refuses(d.try(point("b")), ChallengeOver)
	d.challenge = issued[1]
	c.do(d.try(point("b")))
	current := issued[1]
	for range 5 {
		issued = append(issued, d.ask().Challenge)
		c.pass(2 * time.Second)
	}
	same(t, "the current one stays", nonces(), append([]Nonce{current}, issued[7:]...))
	c.pass(time.Hour)
	last := d.ask().Challenge
	same(t, "what is over goes", nonces(), []Nonce{current, last})
}

func TestAFloodOfChallengesDoesNotPushOutTheOneThatIsUsed(t *testing.T) {
	c, d := tokenTrader(t)
	start := c.now
	flood := ChallengeToken{Login: c.terminal(), Token: d.token}
	for range 3 {
		c.do(flood)
	}
	no := c.refuses(flood, TooEarly)
	at(t, "Until", no.Until, start.Add(3*time.Second))
	d.challenge = d.ask().Challenge // another login is not held up
	for range 20 {
		c.pass(time.Second)
		if _, err := c.policy.Decide(c.state, flood, c.moment()); err == nil {
			c.do(flood)
		}
	}
	c.do(d.try(point("b")))
}

func TestTwoTabsOneAfterTheOtherAreNoCopy(t *testing.T) {
	c, d := tokenTrader(t)
	d.open()
	d.open()
	d.login = c.opened() // the second tab has a login of its own
	d.open()
	same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
}

func TestTwoTabsWithoutTheLockWouldLookLikeACopy(t *testing.T) {
	c, d := tokenTrader(t)
	tab := d.copied(d.login) // both have read R before either opened
	tab.name = "second tab"
	d.ask()
	tab.ask()
	d.c.do(d.try(point("b")))
	c.do(d.proof())
	c.refuses(tab.try(point("c")), ChallengeOver) // the other's challenge is over: that alone ends nothing
	tab.ask()
	same(t, "cloned", c.do(tab.try(point("c"))), Result(PINCounted{Token: d.token, Cloned: true}))
}
