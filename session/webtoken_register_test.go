package session

import (
	"testing"
	"time"
)

func TestAWebTokenIsBegunGetsItsPINAndIsConnectedByAnOrder(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d := c.device(l, "laptop")
	offered := d.begin()
	begun := the[TokenBegun](c).Token
	same(t, "the token", begun, Token{
		ID: TokenID(c.id), Client: 7, Status: TokenIsPending, Keys: d.keys(), Seed: begun.Seed, Master: "m1", CreatedAt: c.now, ChangedAt: c.now,
		ExpiresAt: c.now.Add(10 * time.Minute), Challenges: []Challenge{{Nonce: offered.Challenge, Login: l, ExpiresAt: c.now.Add(10 * time.Minute)}},
	})
	same(t, "bytes of its seed and its challenge", []int{len(begun.Seed), len(offered.Challenge)}, []int{32, 32})
	same(t, "seed and challenge differ", string(begun.Seed) != string(offered.Challenge), true)
	same(t, "the offer", offered, TokenOffered{Token: begun.ID, Challenge: begun.Challenges[0].Nonce, ExpiresAt: begun.ExpiresAt})

	b := point("b")
	counted := c.do(d.setPIN(b)).(PINCounted)
	same(t, "to be evaluated", counted, PINCounted{Token: d.token, Seed: begun.Seed, Master: "m1", Point: b, Left: 2})
	same(t, "counted before", the[PINEvaluated](c), PINEvaluated{
		ID: d.token, Login: l, Challenge: d.challenge, Point: b, Left: 2, At: c.now, ExpiresAt: begun.ExpiresAt,
	})
	c.pass(time.Minute)
	draft, code := c.draft(l, d.connect())
	content := draft.Content.(ConnectToken)
	same(t, "the fingerprint", content.Fingerprint, d.header(d.challenge).Fingerprint(d.keys()))
	same(t, "the text names", c.effects[0].(SendText).About, Content(content))
	same(t, "still no token", c.do(ReadMeans{Login: l}).(MeansStatus).Token, TokenStanding{})
	c.pass(time.Minute)
	c.forget()
	same(t, "accepted", c.sign(l, draft.ID, code).Document.Status, DocumentIsAccepted)
	same(t, "told", the[TokenRegistered](c), TokenRegistered{ID: d.token, Fingerprint: content.Fingerprint, At: c.now})
	same(t, "extended", len(all[SessionExtended](c)), 1)
	want := begun
	want.Status, want.Fingerprint, want.ExpiresAt = TokenIsActive, content.Fingerprint, time.Time{}
	want.ChangedAt, want.Attempts, want.Challenges = c.now, 5, nil
	same(t, "the active token", c.active(), want)
	same(t, "its row", c.tokens[d.token], want)
	same(t, "none is pending", c.state.Tokens.Pending, nil)
	same(t, "the client's", c.do(ReadMeans{Login: l}).(MeansStatus).Token, TokenStanding{ID: d.token, Fingerprint: content.Fingerprint, Left: 5})
	same(t, "on the card", c.do(ReadCard{By: anna}).(Card).Token.ID, d.token)
	same(t, "a session that SMS has opened stays", c.session(l).Means, SMS)
}

func TestAWebTokenIsRegisteredFromAnSMSSessionOfItsOwnLoginOnly(t *testing.T) {
	c := newTrader(t)
	c.policy.SharedSessions = true
	l, other := c.terminal(), c.opened()
	begin := BeginToken{Login: l, Keys: c.device(l, "laptop").keys()}
	c.refuses(begin, NoSession)
	c.refuses(BeginToken{Login: 1 << 50, Keys: begin.Keys}, UnknownLogin)
	d := c.connected(other, "old")
	d.open()
	c.refuses(BeginToken{Login: other, Keys: begin.Keys}, NeedSMSSession)
	c.open(l)
	c.do(begin)
}

func TestKeysThatAreNoneOrNotDifferentBeginNothing(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	good := c.device(l, "laptop").keys()
	for _, keys := range []TokenKeys{{}, {good.S, good.D, ""}, {good.S, good.S, good.R}, {good.S, good.D, good.R[:33]}} {
		c.refuses(BeginToken{Login: l, Keys: keys}, BadToken)
	}
	same(t, "registrations that count", len(c.state.Tokens.Begun), 0)
}

func TestThreeRegistrationsMayBeBegunIn24Hours(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d := c.device(l, "laptop")
	first := c.now
	for range 3 {
		d.begin()
		c.pass(time.Minute)
	}
	no := c.refuses(BeginToken{Login: l, Keys: d.keys()}, TooManyTokens)
	at(t, "Until", no.Until, first.Add(24*time.Hour))
	c.policy.SessionLifetime, c.policy.SessionCap = 48*time.Hour, 48*time.Hour
	c.open(l)
	c.pass(no.Until.Sub(c.now) - tick)
	c.refuses(BeginToken{Login: l, Keys: d.keys()}, TooManyTokens)
	c.pass(tick)
	d.begin()
	same(t, "the old ones are forgotten", len(c.state.Tokens.Begun), 3)
}

func TestANewRegistrationReplacesTheOneUnderWayWithItsOrderAndItsCode(t *testing.T) {
	c := newTrader(t)
	l, other := c.opened(), c.opened()
	d := c.begun(l, "laptop")
	draft, code := c.draft(l, d.connect())
	c.forget()
	phone := c.device(other, "phone")
	phone.begin()
	same(t, "told", c.told[:2], []Event{
		TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenReplaced, At: c.now}, DocumentCancelled{ID: draft.ID, End: DocumentReplaced},
	})
	same(t, "the pending one", c.state.Tokens.Pending.ID, phone.token)
	same(t, "passcodes", len(c.state.Passcodes), 0)
	same(t, "drafts", len(c.state.Drafts), 0)
	c.refuses(SignDocument{Login: l, ID: draft.ID, Code: code}, UnknownDocument)
	c.refuses(d.setPIN(point("late")), NoToken)
	c.refuses(SubmitDocument{Login: l, Content: d.connect()}, NoToken)
	shredded(t, c, d.token)
	same(t, "a token that was never active is not «the last one»", c.state.Tokens.Last, EndedToken{})
}

// shredded: of a token that has ended nothing is left with which a PIN could be tried.
func shredded(t *testing.T, c *trader, id TokenID) {
	t.Helper()
	row := c.tokens[id]
	if row.Status == TokenIsActive || row.Status == TokenIsPending || row.Seed != nil || row.Challenges != nil {
		t.Errorf("the row of the ended token is %+v", row)
	}
	same(t, "it stands in the state", c.state.Tokens.Find(id), nil)
}

func TestAPendingTokensPINIsRefusedAndNotCounted(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*trader, *device, *EvaluatePIN)
		reason Reason
	}{
		"of no login":                {func(_ *trader, _ *device, e *EvaluatePIN) { e.Login = 1 << 50 }, UnknownLogin},
		"of another token":           {func(_ *trader, _ *device, e *EvaluatePIN) { e.Token++ }, NoToken},
		"for another challenge":      {func(_ *trader, _ *device, e *EvaluatePIN) { e.Challenge = "x" }, ChallengeOver},
		"from another login":         {func(c *trader, d *device, e *EvaluatePIN) { d.login = c.opened(); *e = d.setPIN(e.Point) }, ChallengeOver},
		"under a missing master key": {func(c *trader, _ *device, _ *EvaluatePIN) { c.masters = group{"m2"} }, ServerKeyMissing},
		"at the identity":            {func(_ *trader, d *device, e *EvaluatePIN) { *e = d.setPIN(identity) }, BadToken},
		"at no point":                {func(_ *trader, d *device, e *EvaluatePIN) { *e = d.setPIN("b") }, BadToken},
		"unsigned":                   {func(_ *trader, _ *device, e *EvaluatePIN) { e.SigD = "" }, BadSignature},
		"signed for another point":   {func(_ *trader, d *device, e *EvaluatePIN) { e.SigD = d.setPIN(point("other")).SigD }, BadSignature},
		"signed by R":                {func(_ *trader, d *device, e *EvaluatePIN) { d.d = d.r; e.SigD = d.setPIN(e.Point).SigD }, BadSignature},
		"signed as of an active one": {func(_ *trader, d *device, e *EvaluatePIN) { e.SigD = d.try(e.Point).SigD }, BadSignature},
		"ten minutes late":           {func(c *trader, _ *device, _ *EvaluatePIN) { c.pass(10 * time.Minute) }, NoToken},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTrader(t)
			d := c.device(c.opened(), "laptop")
			d.begin()
			e := d.setPIN(point("b"))
			x.change(c, d, &e)
			c.refuses(e, x.reason)
			same(t, "PINs that were counted", len(all[PINEvaluated](c)), 0)
		})
	}
}

func TestAPendingTokensPINMayBeSetThreeTimes(t *testing.T) {
	c := newTrader(t)
	d := c.device(c.opened(), "laptop")
	d.begin()
	for _, left := range []int{2, 1, 0} {
		e := d.setPIN(point(d.fresh()))
		first := c.do(e).(PINCounted)
		same(t, "left", first.Left, left)
		c.forget()
		same(t, "the same point once more", c.do(e), Result(first))
		nothing(c)
	}
	c.refuses(d.setPIN(point(d.fresh())), NoTokenTries)
	c.signed(d.login, d.connect())
	same(t, "evaluations of the active token", len(c.active().Evaluated), 0)
}

func TestAnOrderThatConnectsATokenIsRefusedUnlessEverythingIsProved(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*trader, *device, *SubmitDocument)
		reason Reason
	}{
		"no session":               {func(c *trader, _ *device, s *SubmitDocument) { c.do(CloseSessions{Login: s.Login, All: true}) }, NoSession},
		"of no login":              {func(_ *trader, _ *device, s *SubmitDocument) { s.Login = 1 << 50 }, UnknownLogin},
		"signed by WEB-token":      {func(_ *trader, _ *device, s *SubmitDocument) { s.By = WebToken }, NeedSMSSession},
		"in quarantine":            {func(c *trader, _ *device, _ *SubmitDocument) { c.state.Quarantine.Until = c.now.Add(tick) }, PhoneQuarantine},
		"another token":            {with(func(_ *device, x *ConnectToken) { x.Token++ }), NoToken},
		"another challenge":        {with(func(_ *device, x *ConnectToken) { x.Challenge = "x" }), ChallengeOver},
		"another login's":          {func(c *trader, _ *device, s *SubmitDocument) { s.Login = c.opened() }, ChallengeOver},
		"before the PIN":           {func(_ *trader, d *device, s *SubmitDocument) { d.begin(); s.Content = d.connect() }, BadToken},
		"another S":                {with(func(d *device, x *ConnectToken) { d.s = pair("x"); *x = d.connect() }), BadToken},
		"another D":                {with(func(d *device, x *ConnectToken) { d.d = pair("x"); *x = d.connect() }), BadToken},
		"another R":                {with(func(d *device, x *ConnectToken) { d.r = pair("x"); *x = d.connect() }), BadToken},
		"without sigS":             {with(func(_ *device, x *ConnectToken) { x.SigS = "" }), BadSignature},
		"without sigD":             {with(func(_ *device, x *ConnectToken) { x.SigD = "" }), BadSignature},
		"the signatures exchanged": {with(func(_ *device, x *ConnectToken) { x.SigS, x.SigD = x.SigD, x.SigS }), BadSignature},
		"signed for another login": {with(func(d *device, x *ConnectToken) { d.login++; x.SigS = d.connect().SigS }), BadSignature},
		"ten minutes late":         {func(c *trader, _ *device, _ *SubmitDocument) { c.pass(10 * time.Minute) }, NoToken},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTrader(t)
			d := c.begun(c.opened(), "laptop")
			s := SubmitDocument{Login: d.login, Content: d.connect()}
			x.change(c, d, &s)
			c.refuses(s, x.reason)
			same(t, "texts", len(all[PasscodeSent](c)), 0)
		})
	}
}

func with(change func(*device, *ConnectToken)) func(*trader, *device, *SubmitDocument) {
	return func(_ *trader, d *device, s *SubmitDocument) {
		x := s.Content.(ConnectToken)
		change(d, &x)
		s.Content = x
	}
}

func TestNoOperatorConnectsATokenForAClient(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	c.identify(anna)
	c.refuses(ProposeDocument{By: anna, Content: d.connect(), Reason: "звонок"}, BadDocument)
}

func TestTheFingerprintIsTheServersAndNotTheClients(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	content := d.connect()
	content.Fingerprint = "0000-0000"
	draft, _ := c.draft(d.login, content)
	same(t, "the fingerprint", draft.Content.(ConnectToken).Fingerprint, d.header(d.challenge).Fingerprint(d.keys()))
}

func TestTheCodeIsBoundToEverythingThatTheOrderSays(t *testing.T) {
	base := ConnectToken{5, "challenge", TokenKeys{"S", "D", "R"}, "sigS", "sigD", "7F3A-91C2"}
	seen := map[Purpose]string{Document{Content: base}.signing(): "the same"}
	for name, change := range map[string]func(*ConnectToken){
		"token":       func(c *ConnectToken) { c.Token++ },
		"challenge":   func(c *ConnectToken) { c.Challenge = "x" },
		"S":           func(c *ConnectToken) { c.Keys.S = "x" },
		"D":           func(c *ConnectToken) { c.Keys.D = "x" },
		"R":           func(c *ConnectToken) { c.Keys.R = "x" },
		"sigS":        func(c *ConnectToken) { c.SigS = "x" },
		"sigD":        func(c *ConnectToken) { c.SigD = "x" },
		"fingerprint": func(c *ConnectToken) { c.Fingerprint = "x" },
	} {
		twin := base
		change(&twin)
		p := Document{Content: twin}.signing()
		if other, taken := seen[p]; taken {
			t.Errorf("another %s and %s have one code", name, other)
		}
		seen[p] = name
	}
	same(t, "its number", base.Kind(), DocumentKind(190))
}

func TestAQuarantineThatBeginsBetweenSubmittingAndSigningRefusesTheSignature(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	draft, code := c.draft(d.login, d.connect())
	until := c.now.Add(24 * time.Hour)
	c.state.Quarantine = Quarantine{Until: until, By: SMS}
	before := c.compared
	no := c.refuses(SignDocument{Login: d.login, ID: draft.ID, Code: code}, PhoneQuarantine)
	at(t, "Until", no.Until, until)
	same(t, "comparisons", c.compared, before)
	same(t, "the active token", c.state.Tokens.Active, nil)
}

func TestAChangeOfThePhoneEndsTheRegistrationUnderWay(t *testing.T) {
	c := newTrader(t)
	l, other := c.opened(), c.opened()
	d := c.begun(l, "laptop")
	draft, code := c.draft(l, d.connect())
	c.signed(other, added)
	same(t, "another contact phone alone ends nothing", c.state.Tokens.Pending != nil, true)
	c.forget()
	c.signed(other, PhoneChange{Action: PrimaryPhone, Phone: c.state.Phones[1].ID})
	same(t, "told", the[TokenEnded](c), TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenPhoneChanged, At: c.now})
	same(t, "its order", the[DocumentCancelled](c).ID, draft.ID)
	c.refuses(SignDocument{Login: l, ID: draft.ID, Code: code}, UnknownDocument)
	c.refuses(BeginToken{Login: l, Keys: d.keys()}, PhoneQuarantine)
	shredded(t, c, d.token)
}

func TestTheOrderThatConnectsATokenIsSignedInItsOwnSMSSession(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	draft, code := c.draft(d.login, d.connect())
	c.refuses(SignDocument{Login: c.opened(), ID: draft.ID, Code: code}, UnknownDocument)
	c.do(CloseSessions{Login: d.login, All: true})
	c.refuses(SignDocument{Login: d.login, ID: draft.ID, Code: code}, NoSession)
	c.open(d.login)
	c.refuses(SignDocument{Login: d.login, ID: draft.ID, Signed: d.sign(number(draft.ID), "{}"), Content: d.connect()}, NeedSMSSession)
	same(t, "a wrong code counts", c.sign(d.login, draft.ID, noCode).Left, 2)
	same(t, "the right one", c.sign(d.login, draft.ID, code).OK, true)
}

func TestALostReplyToTheSignatureThatConnectedATokenIsRepeated(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	signed := c.signed(d.login, d.connect())
	c.forget()
	again := c.do(SignDocument{Login: d.login, ID: signed.ID, Code: c.code, Prior: &signed}).(SignatureChecked)
	same(t, "the same answer", again.Document, signed)
	nothing(c)
	same(t, "the active token", c.active().ID, d.token)
}

func TestARegistrationEndsAfterTenMinutesOrWithTheOrderThatWaits(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d := c.begun(l, "laptop")
	c.pass(10*time.Minute - tick)
	nothingEnded := func() { same(t, "ended", len(all[TokenEnded](c)), 0) }
	nothingEnded()
	draft, code := c.draft(l, d.connect())
	c.pass(15*time.Minute - tick)
	nothingEnded()
	c.pass(tick)
	same(t, "the order", the[DocumentCancelled](c), DocumentCancelled{ID: draft.ID, End: DocumentExpired})
	same(t, "the token", the[TokenEnded](c), TokenEnded{ID: d.token, Status: TokenIsRevoked, End: TokenExpired, At: c.now})
	c.refuses(SignDocument{Login: l, ID: draft.ID, Code: code}, UnknownDocument)
	shredded(t, c, d.token)

	d = c.begun(l, "laptop")
	c.forget()
	c.pass(10 * time.Minute)
	same(t, "without an order", the[TokenEnded](c).End, TokenExpired)
	c.refuses(SubmitDocument{Login: l, Content: d.connect()}, NoToken)
}

func TestTheOrderMayWaitLongerThanItsChallengeButNothingElseIsTakenThen(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	c.pass(9 * time.Minute)
	draft, code := c.draft(d.login, d.connect())
	c.pass(2 * time.Minute)
	c.refuses(d.setPIN(point("another PIN")), ChallengeOver)
	c.refuses(SubmitDocument{Login: d.login, Content: d.connect()}, ChallengeOver)
	c.do(SignDocument{Login: d.login, ID: draft.ID, Code: code})
	same(t, "the active token", c.active().ID, d.token)
}

func TestAnOrderThatIsGivenUpTakesItsRegistrationAlongWhenItsTimeIsOver(t *testing.T) {
	c := newTrader(t)
	d := c.begun(c.opened(), "laptop")
	c.pass(9 * time.Minute)
	draft, _ := c.draft(d.login, d.connect())
	c.pass(2 * time.Minute)
	c.do(CancelDocument{Login: d.login, ID: draft.ID})
	c.refuses(SubmitDocument{Login: d.login, Content: d.connect()}, NoToken)
	same(t, "the token", the[TokenEnded](c).End, TokenExpired)
}
