package session

import (
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// The WEB-token in the random walks of property_test.go: what comes next, and what must always be true of it.

// tokenCommand is the next step of a registration or an opening, most often a good one.
func (x *witness) tokenCommand(l LoginID) Command {
	d, n := x.laptop, dice.Draw(x.t, "token command")
	b := point(number(dice.Draw(x.t, "PIN") % 3))
	d.made++
	switch pending, active := x.state.Tokens.Pending, x.state.Tokens.Active; {
	case n < 3 || pending == nil && active == nil && n < 8:
		return BeginToken{Login: l, Keys: d.keys()}
	case n == 3:
		return rapid.SampledFrom([]Command{
			RevokeToken{Login: l, Token: d.token},
			RevokeToken{Operator: true},
			RevokeToken{Operator: true, By: anna, Reason: "украден"},
			SubmitDocument{Login: l, Content: Disconnect{Means: WebToken}},
			ProposeDocument{By: anna, Content: Disconnect{Means: WebToken}, Reason: "звонок"},
		}).Draw(x.t, "end")
	case pending != nil && n < 16:
		first := pending.Challenges[0]
		d.token, d.challenge, d.login = pending.ID, first.Nonce, first.Login
		d.r = x.ratchet[pending.Keys.R]
		draft, drafted := x.state.connecting(d.token)
		switch {
		case first.Point == "" || n < 6:
			return d.setPIN(b)
		case drafted && n < 14:
			return SignDocument{Login: d.login, ID: draft.ID, Code: x.code}
		default:
			return SubmitDocument{Login: d.login, Content: d.connect()}
		}
	case active != nil && (n < 6 || len(active.Challenges) == 0):
		return ChallengeToken{Login: l, Token: active.ID}
	case active != nil:
		return x.activeCommand(*active, b)
	default: // a registration needs a session by SMS
		return rapid.SampledFrom([]Command{
			RequestPasscode{Login: l}, EnterPasscode{Login: l, Code: x.code}, EnterPasscode{Login: l, Code: x.code}, ChallengeToken{Login: l, Token: d.token},
		}).Draw(x.t, "no token")
	}
}

// tokenWaits tells whether a registration or an opening is under way: it is not to be left alone until its time is over.
func (x *witness) tokenWaits() bool {
	if t := x.state.Tokens.Active; t != nil {
		_, live := x.answerable(*t)
		return live
	}
	return x.state.Tokens.Pending != nil
}

// answerable is the newest challenge that may still be answered, or any.
func (x *witness) answerable(t Token) (found Challenge, live bool) {
	for _, c := range t.Challenges {
		if found.Nonce == "" || c.Session == 0 && c.ExpiresAt.After(x.now) {
			found = c
		}
		live = live || c.Session == 0 && c.ExpiresAt.After(x.now)
	}
	return found, live
}

// activeCommand answers a challenge, or uses the session that was opened by one.
func (x *witness) activeCommand(active Token, b Point) Command {
	d, n := x.laptop, dice.Draw(x.t, "answer")
	c, answerable := x.answerable(active)
	d.token, d.challenge, d.login, d.r, d.pend = active.ID, c.Nonce, c.Login, x.ratchet[active.Keys.R], keyPair{}
	own, live := x.state.Login(d.login)
	switch {
	case n == 0 && answerable:
		d.r = pair("stale")
		return d.try(b)
	case n == 1 || c.Point == "":
		return d.try(b)
	case n < 6 || answerable:
		d.pend = pair(d.fresh())
		x.ratchet[d.pend.public] = d.pend
		return d.proof()
	case !live || own.Session == nil || n < 16:
		return ChallengeToken{Login: x.anyLogin(), Token: active.ID}
	case n < 26:
		ticket := buy(1)
		ticket.UserOrderID = d.fresh()
		return SubmitOrder{Login: d.login, Ticket: ticket, Instrument: sber, Signed: d.sign(ticket.UserOrderID, ticket.UserOrderID)}
	case n < 28:
		if o := x.anyOrder(); o != nil {
			return CancelOrder{Login: d.login, ID: o.ID, Prior: o, Signed: d.sign("", number(o.ID))}
		}
		return SubmitDocument{Login: d.login, Content: Disconnect{Means: WebToken}, By: WebToken}
	default:
		for _, draft := range x.state.Drafts {
			if draft.Login == d.login {
				return SignDocument{Login: d.login, ID: draft.ID, Signed: d.sign(number(draft.ID), "{}"), Content: draft.Content}
			}
		}
		return SubmitDocument{Login: d.login, Content: PhoneChange{Action: AddPhone, Number: newNumber + number(n), Primary: true}, By: WebToken}
	}
}

// tokenEvent is any event, of a token that may or may not be, in any status.
func (x *witness) tokenEvent(l LoginID, soon, maybe time.Time) Event {
	id := TokenID(dice.Draw(x.t, "token") % 3)
	status := rapid.SampledFrom([]TokenStatus{TokenIsPending, TokenIsActive, TokenIsLocked, TokenIsRevoked, TokenIsCloned, ""}).Draw(x.t, "status")
	var all []Challenge
	for range dice.Draw(x.t, "challenges") % 6 {
		all = append(all, x.anyChallenge(l, maybe))
	}
	one := x.anyChallenge(l, soon)
	return rapid.SampledFrom([]Event{
		TokenBegun{Token{ID: id, Status: status, ExpiresAt: maybe, CreatedAt: x.now, Challenges: all}},
		TokenBegun{Token{ID: id, Status: TokenIsActive, Challenges: all}},
		TokenChallenged{ID: id, Challenge: one},
		PINEvaluated{ID: id, Login: l, Challenge: one.Nonce, Point: "b", At: maybe, ExpiresAt: soon},
		TokenRegistered{ID: id, At: maybe},
		TokenOpened{ID: id, Login: l, Session: 1, Challenge: one.Nonce, Next: "key", At: maybe},
		TokenEnded{ID: id, Status: status, At: maybe},
		DocumentDrafted{Document{ID: 2, Content: ConnectToken{Token: id}, Login: l, ExpiresAt: soon}},
	}).Draw(x.t, "token event")
}

func (x *witness) anyChallenge(l LoginID, at time.Time) Challenge {
	n := dice.Draw(x.t, "challenge")
	return Challenge{Nonce: Nonce(number(n % 4)), Login: l, ExpiresAt: at, Point: Point([]string{"", "b"}[n/4%2]), Session: SessionID(n / 8 % 2)}
}

func copyTokens(x Tokens) Tokens {
	x.Begun = slices.Clone(x.Begun)
	for _, t := range []**Token{&x.Pending, &x.Active} {
		if *t != nil {
			twin := **t
			twin.Seed, twin.Evaluated, twin.Challenges = slices.Clone(twin.Seed), slices.Clone(twin.Evaluated), slices.Clone(twin.Challenges)
			*t = &twin
		}
	}
	return x
}

// pokeTokens applies events behind the back of a state, so that it shows when two states share a list.
func (x *witness) pokeTokens(s State) {
	Apply(s, TokenBegun{Token{ID: 1 << 50, Status: TokenIsPending, CreatedAt: x.now}})
	for _, t := range []*Token{s.Tokens.Pending, s.Tokens.Active} {
		if t == nil {
			continue
		}
		Apply(s, TokenChallenged{ID: t.ID, Challenge: Challenge{Nonce: "poked", ExpiresAt: x.now}})
		Apply(s, PINEvaluated{ID: t.ID, Challenge: "poked", Point: "poked", At: x.now})
		for _, c := range t.Challenges {
			Apply(s, PINEvaluated{ID: t.ID, Challenge: c.Nonce, Point: "poked", At: x.now})
			Apply(s, TokenOpened{ID: t.ID, Challenge: c.Nonce, Session: 1 << 50, Next: "poked", At: x.now})
		}
	}
}

// signedWell: an order in a session that was opened by WEB-token carries its signature, unless the policy lets that go.
func (x *witness) signedWell(before State, o Order) bool {
	signed, id := o.Signed, o.UserOrderID
	if o.Status == StatusCancelling {
		signed, id = o.Withdrawn, ""
	}
	if signed == nil {
		return x.policy.WebTokenUnsigned
	}
	return before.Tokens.Active != nil && before.Tokens.Active.Keys.S.Verifies(signed.Message(before.Client, id), signed.Bytes)
}

func (x *witness) tokenRulesHold() {
	s := x.state.Tokens
	if t := s.Active; t != nil {
		current := 0
		for _, c := range t.Challenges {
			if c.Point != "" {
				current++
			}
		}
		if t.Status != TokenIsActive || len(t.Seed) == 0 || current > 1 || len(t.Challenges) > tokenChallenges || t.Attempts < 0 ||
			t.Attempts > TokenAttempts || t.Failures < 0 || t.Failures > TokenFailures || len(t.Evaluated) > TokenEvaluationsADay {
			x.t.Fatalf("the active token is %+v", *t)
		}
	}
	if t := s.Pending; t != nil && (t.Status != TokenIsPending || len(t.Seed) == 0 || len(t.Challenges) != 1 || len(t.Evaluated) > tokenEvaluations) {
		x.t.Fatalf("the pending token is %+v", *t)
	}
	for id, row := range x.tokens {
		if t := s.Find(id); t != nil && !reflect.DeepEqual(*t, row) {
			x.t.Fatalf("the row of a token is %+v, and in the state it is %+v", row, *t)
		} else if t == nil && (row.Status == TokenIsPending || row.Status == TokenIsActive || row.Seed != nil) {
			x.t.Fatalf("a token that has ended: %+v", row)
		}
	}
	for _, l := range x.state.Logins {
		if l.Session != nil && l.Session.Means == WebToken && s.Active == nil {
			x.t.Fatalf("the token of the session %+v has ended", *l.Session)
		}
	}
	if slices.ContainsFunc(x.state.Drafts, func(d Document) bool {
		c, ok := d.Content.(ConnectToken)
		return ok && (s.Pending == nil || s.Pending.ID != c.Token)
	}) {
		x.t.Fatalf("an order connects a token that has ended: %+v", x.state.Drafts)
	}
}
