package session

import (
	"reflect"
	"testing"
	"time"
)

func TestTheNewTokenReplacesTheOldOneAndClosesItsSessionsUnderAllLogins(t *testing.T) {
	c := newTrader(t)
	desk, phone, sms := c.opened(), c.terminal(), c.opened()
	old := c.connected(desk, "old")
	elsewhere := old.copied(phone) // the same profile under another login: the ratchet is handed over
	old.open()
	elsewhere.r = old.r
	elsewhere.open()
	c.open(desk)
	fresh := c.begun(desk, "new")
	draft, code := c.draft(desk, fresh.connect())
	gone := c.session(phone).ID
	c.forget()
	c.sign(desk, draft.ID, code)
	same(t, "the old one", the[TokenEnded](c), TokenEnded{ID: old.token, Status: TokenIsRevoked, End: TokenReplaced, At: c.now})
	same(t, "its session", the[SessionClosed](c), SessionClosed{Login: phone, Session: gone, Reason: TokenRevoked})
	same(t, "SMS sessions stay", []bool{c.session(desk) != nil, c.session(sms) != nil}, []bool{true, true})
	same(t, "the active one", c.active().ID, fresh.token)
	same(t, "the last one", c.do(ReadMeans{Login: desk}).(MeansStatus).Token.Last, EndedToken{ID: old.token, Status: TokenIsRevoked, End: TokenReplaced})
	shredded(t, c, old.token)
	c.refuses(ChallengeToken{Login: phone, Token: old.token}, TokenElsewhere)
	c.refuses(ChallengeToken{Login: phone, Token: 1}, TokenElsewhere)
	fresh.open()
}

func TestTheClientRevokesHisTokenInAnySession(t *testing.T) {
	c, d := tokenTrader(t)
	c.refuses(RevokeToken{Login: d.login, Token: d.token}, NoSession)
	c.refuses(RevokeToken{Login: 1 << 50, Token: d.token}, UnknownLogin)
	d.open()
	gone := c.session(d.login).ID
	other := c.opened()
	c.refuses(RevokeToken{Login: other, Token: 1}, TokenElsewhere)
	c.do(RevokeToken{Login: other, Token: d.token})
	same(t, "told", c.told, []Event{
		TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenClosedByClient, At: c.now},
		SessionClosed{Login: d.login, Session: gone, Reason: TokenRevoked},
	})
	same(t, "the session of another means", c.session(other) != nil, true)
	shredded(t, c, d.token)
	c.refuses(RevokeToken{Login: other, Token: d.token}, TokenGone)
	c.refuses(ChallengeToken{Login: d.login, Token: d.token}, TokenGone)
}

func TestTheClientRevokesHisTokenFromItsOwnSessionUnsigned(t *testing.T) {
	c, d := tokenTrader(t)
	d.open()
	c.do(RevokeToken{Login: d.login, Token: d.token})
	same(t, "its session", c.session(d.login), nil)
}

func TestTheClientRevokesARegistrationUnderWay(t *testing.T) {
	c, old := tokenTrader(t)
	l := c.opened()
	d := c.begun(l, "new")
	draft, _ := c.draft(l, d.connect())
	c.forget()
	c.do(RevokeToken{Login: l, Token: d.token})
	same(t, "told", c.told, []Event{
		TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenClosedByClient, At: c.now}, DocumentCancelled{ID: draft.ID, End: DocumentWithdrawn},
	})
	same(t, "the active one stays", c.active().ID, old.token)
}

func TestOneOperatorRevokesWhateverTokenThereIs(t *testing.T) {
	c, d := tokenTrader(t)
	pending := c.begun(c.opened(), "new")
	d.open()
	c.forget()
	c.refuses(RevokeToken{Operator: true, By: anna}, ReasonMissing)
	c.do(RevokeToken{Operator: true, By: anna, Reason: " украден ноутбук "})
	same(t, "told first", c.told[0], Event(OperatorActed{By: anna, Act: ActRevokeToken, Reason: "украден ноутбук"}))
	for _, id := range []TokenID{pending.token, d.token} {
		same(t, "why", c.tokens[id].End, TokenClosedByOperator)
		shredded(t, c, id)
	}
	same(t, "its session", the[SessionClosed](c).Login, d.login)
	c.refuses(RevokeToken{Operator: true, By: anna, Reason: "ещё раз"}, NoToken)
	c.refuses(ChallengeToken{Login: d.login, Token: d.token}, TokenGone)
}

func TestTheCommandLineRevokesAfterARestoredDatabase(t *testing.T) {
	c, d := tokenTrader(t)
	c.do(RevokeToken{Operator: true, End: TokenDatabaseRewound})
	same(t, "told", c.told, []Event{TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenDatabaseRewound, At: c.now}})
}

func TestADisconnectedTokenClosesItsSessionsWhicheverMeansSigned(t *testing.T) {
	for _, by := range []Means{SMS, WebToken} {
		c, d := tokenTrader(t)
		l := c.opened()
		d.open()
		c.forget()
		if by == SMS {
			c.signed(l, Disconnect{Means: WebToken})
		} else {
			d.document(Disconnect{Means: WebToken})
		}
		same(t, "why", the[TokenEnded](c), TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenDisconnected, At: c.now})
		same(t, "its session", the[SessionClosed](c).Login, d.login)
		same(t, "SMS works on", c.session(l) != nil, true)
		c.refuses(SubmitDocument{Login: l, Content: Disconnect{Means: WebToken}}, NothingToDo)
	}
}

func TestAnOperatorDisconnectsATokenAlone(t *testing.T) {
	c, d := tokenTrader(t)
	same(t, "status", c.propose(anna, Disconnect{Means: WebToken}).ID != 0, true)
	same(t, "why", the[TokenEnded](c).End, TokenDisconnected)
	shredded(t, c, d.token)
}

func TestAnEndedTokenIsAnsweredByWhatHasBecomeOfIt(t *testing.T) {
	for want, last := range map[Reason]EndedToken{
		TokenLocked:    {5, TokenIsLocked, ""},
		TokenCloned:    {5, TokenIsCloned, ""},
		TokenElsewhere: {5, TokenIsRevoked, TokenReplaced},
		TokenGone:      {5, TokenIsRevoked, TokenDisconnected},
		NoToken:        {6, TokenIsRevoked, TokenReplaced},
	} {
		c := newTrader(t)
		l := c.opened()
		c.state.Tokens.Last = last
		c.refuses(ChallengeToken{Login: l, Token: 5}, want)
		c.refuses(EvaluatePIN{Login: l, Token: 5}, want)
		c.refuses(OpenByToken{Login: l, Token: 5}, want)
		c.refuses(RevokeToken{Login: l, Token: 5}, want)
	}
}

func TestANewTokenAfterALockIsConnectedBySMS(t *testing.T) {
	c, d := tokenTrader(t)
	for range 5 {
		d.evaluate()
	}
	c.pass(time.Minute)
	c.open(d.login)
	fresh := c.connected(d.login, "new")
	fresh.open()
	same(t, "the last one", c.state.Tokens.Last, EndedToken{ID: d.token, Status: TokenIsLocked})
	c.refuses(ChallengeToken{Login: d.login, Token: d.token}, TokenLocked)
}

func TestAnEventKnowsItsToken(t *testing.T) {
	for _, e := range []TokenEvent{
		TokenBegun{Token{ID: 5}}, TokenChallenged{ID: 5}, PINEvaluated{ID: 5}, TokenRegistered{ID: 5}, TokenOpened{ID: 5}, TokenEnded{ID: 5},
	} {
		same(t, "the token", e.Subject(), 5)
	}
	panics(t, func() { Token{}.Apply(nil) })
}

func TestATokenKeepsItsListsToItself(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	base := Token{ID: 5, Status: TokenIsActive}
	for i := range 3 { // so that there is room for a fourth
		base = base.Apply(TokenChallenged{ID: 5, Challenge: Challenge{Nonce: Nonce(number(i)), ExpiresAt: now.Add(tokenChallengeLife)}})
		base.Evaluated = append(base.Evaluated, now)
	}
	challenged := func(n Nonce) Token {
		return base.Apply(TokenChallenged{ID: 5, Challenge: Challenge{Nonce: n, ExpiresAt: now.Add(tokenChallengeLife)}})
	}
	one, other := challenged("d"), challenged("e")
	same(t, "challenges", []Nonce{one.Challenges[3].Nonce, other.Challenges[3].Nonce}, []Nonce{"d", "e"})
	opened := base.Apply(TokenOpened{ID: 5, Challenge: "1", Session: 9})
	same(t, "the session of the older token's challenge", base.Challenges[1].Session, 0)
	same(t, "and of the newer", opened.Challenges[1].Session, 9)
	tried := func(at time.Time) Token {
		return base.Apply(PINEvaluated{ID: 5, Challenge: "1", Point: "b", Left: 4, At: at})
	}
	one, other = tried(now.Add(1)), tried(now.Add(2))
	same(t, "evaluations", []time.Time{one.Evaluated[3], other.Evaluated[3]}, []time.Time{now.Add(1), now.Add(2)})
	same(t, "the older token's", len(base.Evaluated), 3)
}

// TestTheFullestTokensKeepTheStateSmall: the state is written with each commit and stays in memory for each client.
func TestTheFullestTokensKeepTheStateSmall(t *testing.T) {
	c, d := tokenTrader(t)
	empty := weight(reflect.ValueOf(c.state)) - weight(reflect.ValueOf(c.state.Tokens))
	for range TokenEvaluationsADay {
		d.open()
	}
	desk := c.opened()
	fresh := c.device(desk, "new")
	for range tokenRegistrations - 1 {
		fresh.begin()
	}
	for range tokenEvaluations {
		c.do(fresh.setPIN(point(fresh.fresh())))
	}
	tokens := weight(reflect.ValueOf(c.state.Tokens))
	for range 10 {
		if _, err := c.try(ChallengeToken{Login: desk, Token: d.token}); err != nil {
			c.pass(time.Second)
		}
	}
	same(t, "challenges, one of them used", len(c.active().Challenges), tokenChallenges)
	c.draft(desk, fresh.connect())
	full := weight(reflect.ValueOf(c.state.Tokens))
	draft := weight(reflect.ValueOf(c.state.Drafts))
	t.Logf("without tokens %d bytes; the tokens %d, with all challenges %d, the order that waits %d", empty, tokens, full, draft)
	if full > 2000 || draft > 600 {
		t.Errorf("the tokens are %d bytes, and the order that waits %d", full, draft)
	}
}

// weight is how many bytes of content a value has: strings and bytes by their length, instants and numbers by eight.
func weight(v reflect.Value) (sum int) {
	if _, ok := reflect.TypeAssert[time.Time](v); ok {
		return 8
	}
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			sum = weight(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			sum += weight(field)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Len()
		}
		for i := range v.Len() {
			sum += weight(v.Index(i))
		}
	case reflect.Bool:
		return 1
	default:
		return 8
	}
	return sum
}
