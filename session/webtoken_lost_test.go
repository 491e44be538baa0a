package session

import (
	"testing"
	"time"
)

// fate is what becomes of a message and its reply.
type fate string

const (
	messageLost fate = "its message lost"
	replyLost   fate = "its reply lost"
)

// what the device does about it.
type recovery string

const (
	sendsAgain  recovery = "sends it again"
	beginsAgain recovery = "begins again"
	reloads     recovery = "is reloaded, with nothing but what it keeps"
	waits       recovery = "begins again when the challenge is over"
)

func TestALostMessageOrReplyIsRecoveredFromAndShredsNothing(t *testing.T) {
	for _, step := range []string{"challenge", "evaluation", "opening"} {
		for _, f := range []fate{messageLost, replyLost} {
			for _, r := range []recovery{sendsAgain, beginsAgain, reloads, waits} {
				t.Run(step+": "+string(f)+", the device "+string(r), func(t *testing.T) {
					c, d := tokenTrader(t)
					d.open() // so that there is a ratchet key of before
					c.forget()
					opened := d.loses(step, f, r)
					same(t, "the session that is open", c.session(d.login).ID, opened.ID)
					same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
					same(t, "attempts", c.active().Attempts, 5)
					same(t, "the ratchet", c.active().Keys.R, d.r.public)
					d.open()
					d.open()
				})
			}
		}
	}
}

// loses opens a session although one message or reply on the way is lost.
func (d *device) loses(step string, f fate, r recovery) Session {
	d.c.Helper()
	send := func(name string, cmd Command) (Result, bool) {
		d.c.Helper()
		if name != step {
			return d.c.do(cmd), true
		}
		if f == replyLost {
			d.c.do(cmd)
		}
		if r == sendsAgain {
			return d.c.do(cmd), true
		}
		return nil, false
	}
	issued, ok := send("challenge", ChallengeToken{Login: d.login, Token: d.token})
	if !ok {
		return d.again(r)
	}
	d.challenge = issued.(TokenChallengeIssued).Challenge
	counted, ok := send("evaluation", d.try(point(d.fresh())))
	if !ok {
		return d.again(r)
	}
	d.settle(counted.(PINCounted).Matched)
	proved, ok := send("opening", d.proof())
	if !ok {
		return d.again(r)
	}
	d.settle(RatchetNext)
	return *proved.(TokenProved).Login.Session
}

func (d *device) again(r recovery) Session {
	d.c.Helper()
	if r == waits {
		d.c.pass(2 * time.Minute)
	}
	d.challenge = "" // a reload forgets it; R and RPend are on the disk
	return d.open()
}

func TestALostReplyToAnOpeningIsFoundOutByTheSecondRatchetKey(t *testing.T) {
	c, d := tokenTrader(t)
	d.evaluate()
	c.do(d.proof())
	counted := d.evaluate()
	same(t, "the server has", counted.Matched, RatchetNext)
	same(t, "so has the device", d.r.public, c.active().Keys.R)
	d.challenge = "" // the page is reloaded before the opening: the kept key is the right one
	same(t, "the server still has", d.evaluate().Matched, RatchetNow)
	c.do(d.proof())
}

func TestAnOpeningThatNeverArrivedIsFoundOutByTheFirstRatchetKey(t *testing.T) {
	c, d := tokenTrader(t)
	d.evaluate()
	d.proof()
	same(t, "the server has", d.evaluate().Matched, RatchetNow)
	same(t, "so has the device", d.r.public, c.active().Keys.R)
	c.do(d.proof())
	same(t, "tokens that ended", len(all[TokenEnded](c)), 0)
}

func TestAStaleCopyWithTheRightPINIsNoticedAndNothingIsEvaluated(t *testing.T) {
	c, d := tokenTrader(t)
	copied := d.copied(c.opened())
	d.open()
	other := d.copied(c.terminal())
	d.open()
	other.r = d.r
	other.open()
	gone := []SessionID{c.session(d.login).ID, c.session(other.login).ID}
	c.forget()
	copied.ask()
	got := c.do(copied.try(point("b")))
	same(t, "the answer", got, Result(PINCounted{Token: d.token, Cloned: true}))
	same(t, "told", c.told[1:], []Event{
		TokenEnded{ID: d.token, Status: TokenIsCloned, At: c.now},
		SessionClosed{Login: d.login, Session: gone[0], Reason: TokenRevoked},
		SessionClosed{Login: other.login, Session: gone[1], Reason: TokenRevoked},
	})
	same(t, "the phone is told, too", c.notices, []SendText{{To: oldNumber, Token: TokenIsCloned, ExpiresAt: c.now.Add(24 * time.Hour)}})
	same(t, "an SMS session stays", c.session(copied.login).Means, SMS)
	shredded(t, c, d.token)
	c.refuses(ChallengeToken{Login: d.login, Token: d.token}, TokenCloned)
	c.refuses(d.proof(), TokenCloned)
	c.refuses(copied.try(point("b")), TokenCloned)
	standing := c.do(ReadMeans{Login: d.login}).(MeansStatus).Token
	same(t, "what the client is told", standing, TokenStanding{Last: EndedToken{ID: d.token, Status: TokenIsCloned}})
}

func TestAStaleCopyIsNoticedWhateverTheCountersSay(t *testing.T) {
	for name, change := range map[string]func(*Token){
		"no attempts":    func(t *Token) { t.Attempts = 0 },
		"no life":        func(t *Token) { t.Failures = TokenFailures },
		"no evaluations": func(t *Token) { t.Evaluated = make([]time.Time, TokenEvaluationsADay) },
	} {
		c, d := tokenTrader(t)
		copied := d.copied(c.terminal())
		d.open()
		change(c.state.Tokens.Active)
		copied.ask()
		if got := c.do(copied.try(point("b"))).(PINCounted); !got.Cloned {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestACopyWithTheSecondRatchetKeyOnlyIsStaleWhenThatWasReplaced(t *testing.T) {
	c, d := tokenTrader(t)
	d.evaluate()
	c.do(d.proof())
	copied := d.copied(c.terminal()) // with R and RPend, and RPend is the server's
	d.open()
	copied.ask()
	same(t, "cloned", c.do(copied.try(point("b"))).(PINCounted).Cloned, true)
}

func TestAThiefWhoActsBetweenTwoOpeningsMakesTheOwnerNoticeIt(t *testing.T) {
	c, d := tokenTrader(t)
	d.open()
	thief := d.copied(c.terminal())
	thief.open() // the copy is not yet stale
	c.forget()
	d.ask()
	same(t, "the owner's copy is the stale one", c.do(d.try(point("b"))).(PINCounted).Cloned, true)
	same(t, "the thief's session", c.session(thief.login), nil)
	c.refuses(ChallengeToken{Login: thief.login, Token: thief.token}, TokenCloned)
}

func TestAThiefWhosePINWasCountedBeforeTheOwnersOpeningOpensNothingAfterIt(t *testing.T) {
	c, d := tokenTrader(t)
	thief := d.copied(c.terminal())
	thief.evaluate() // right, and he may use S from now on
	d.open()
	c.refuses(thief.proof(), ChallengeOver)
	thief.pend = keyPair{}
	thief.ask()
	c.refuses(thief.proof(), ChallengeOver) // S alone opens nothing: a PIN must be counted first
	same(t, "cloned", c.do(thief.try(point("b"))).(PINCounted).Cloned, true)
}

func TestAThiefWhoComesBetweenTheOwnersPINAndHisOpeningIsNoticed(t *testing.T) {
	c, d := tokenTrader(t)
	thief := d.copied(c.terminal())
	d.evaluate()
	thief.open()
	c.refuses(d.proof(), ChallengeOver)
	d.ask()
	same(t, "cloned", c.do(d.try(point("b"))).(PINCounted).Cloned, true)
}
