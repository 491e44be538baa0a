package session

import (
	"time"
)

// A WEB-token is registered from a security session that was opened by SMS (M14, M15): it is begun with its public keys, the
// PIN is evaluated once to encrypt the private one, and the order «Подключить WEB-токен» connects it when it is signed by SMS.

// KindConnectToken is the docId of the order «Подключить WEB-токен».
const KindConnectToken DocumentKind = 190

// ConnectToken asks that a pending WEB-token becomes the client's one. It is proved by both keys, and signed by SMS.
type ConnectToken struct {
	Token       TokenID
	Challenge   Nonce
	Keys        TokenKeys
	SigS, SigD  Signature // of the header and the keys
	Fingerprint string    // made by the server: it tells this registration from any other
}

// Kind is 190.
func (ConnectToken) Kind() DocumentKind { return KindConnectToken }

func (c ConnectToken) content() []string {
	return []string{
		number(c.Token), string(c.Challenge), string(c.Keys.S), string(c.Keys.D), string(c.Keys.R), string(c.SigS), string(c.SigD), c.Fingerprint,
	}
}

type (
	// BeginToken begins a registration; the one that was under way ends. Result: TokenOffered.
	BeginToken struct {
		Login LoginID
		Keys  TokenKeys
	}

	// EvaluatePIN counts a PIN, blinded, so that the door may evaluate it. Result: PINCounted.
	EvaluatePIN struct {
		Login     LoginID
		Token     TokenID
		Challenge Nonce
		Point     Point
		SigD      Signature
		SigR      Signature // of an active token
		SigNext   Signature // by the R of an opening that was not acknowledged, if there was one
	}
)

// TokenOffered tells what the registration has to be signed with.
type TokenOffered struct {
	Token     TokenID
	Challenge Nonce
	ExpiresAt time.Time
}

// PINCounted allows the evaluation of one blinded PIN: it is committed that it counts.
type PINCounted struct {
	Token   TokenID
	Seed    Sealed
	Master  string
	Point   Point
	Left    int // attempts before an opening
	Matched RatchetKey
	Cloned  bool // a stale copy was used: nothing is evaluated, the token has ended
}

// RatchetKey says which of the device's two ratchet keys is the one that the server has.
type RatchetKey string

// The ratchet keys of a device.
const (
	RatchetNow  RatchetKey = "r"
	RatchetNext RatchetKey = "pend" // the reply to the opening before was lost
)

func (BeginToken) command()  {}
func (EvaluatePIN) command() {}
func (TokenOffered) result() {}
func (PINCounted) result()   {}

// OPRF is the server's keyed function of a blinded PIN (RFC 9497, ristretto255-SHA512). The core asks it only what it needs to
// decide; who evaluates does so after the commit.
type OPRF interface {
	Active() string         // id of the master key for new tokens
	Has(master string) bool // it is in the key file
	Good(b Point) bool      // it is a point of the group, and not its identity
	Evaluate(seed Sealed, master string, token TokenID, b Point) (Point, error)
}

// mayRegister says whether this login may register a WEB-token now. It is asked at each step: the session may have ended,
// and the phone may have been changed.
func (s State) mayRegister(own Login, now time.Time) error {
	switch q := s.Quarantine; {
	case own.Session == nil:
		return refuse(NoSession, "you need to open a security session by SMS", "open one, then connect the WEB-token")
	case own.Session.Means != SMS:
		return refuse(NeedSMSSession, "a WEB-token is connected in a security session that was opened by SMS", "open one by SMS, then connect the WEB-token")
	case q.Until.After(now):
		return refuse(PhoneQuarantine, "the phone was changed a short while ago", "connect the WEB-token when the day is over").until(q.Until)
	}
	return nil
}

func (p Policy) beginToken(s State, c BeginToken, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.mayRegister(own, m.Now); err != nil {
		return Outcome{}, err
	}
	if begun := within24h(s.Tokens.Begun, m.Now); len(begun) >= tokenRegistrations {
		return Outcome{}, refuse(TooManyTokens, "%d registrations were begun today", "wait", tokenRegistrations).until(begun[0].Add(day))
	}
	if err := c.Keys.good(); err != nil {
		return Outcome{}, err
	}
	challenge := Challenge{Nonce: Nonce(secretOf(m, "WT1/challenge")), Login: own.ID, ExpiresAt: m.Now.Add(tokenPendingLifetime)}
	t := Token{
		ID: TokenID(m.ID), Client: s.Client, Status: TokenIsPending, Keys: c.Keys, Seed: Sealed(secretOf(m, "WT1/seed")), Master: m.OPRF.Active(),
		CreatedAt: m.Now, ChangedAt: m.Now, ExpiresAt: challenge.ExpiresAt, Challenges: []Challenge{challenge},
	}
	return Outcome{
		Events: append(s.endPending(TokenReplaced, m.Now), TokenBegun{t}),
		Result: TokenOffered{Token: t.ID, Challenge: challenge.Nonce, ExpiresAt: challenge.ExpiresAt},
	}, nil
}

// pending is the registration that is under way, begun by this login and answered to its challenge.
func (s State) pending(login LoginID, id TokenID, challenge Nonce, now time.Time) (Token, Challenge, error) {
	t := s.Tokens.Pending
	if t == nil || t.ID != id || len(t.Challenges) == 0 || !s.pendingUntil().After(now) {
		return Token{}, Challenge{}, refuse(NoToken, "no such registration of a WEB-token is under way", "begin it again")
	}
	x := t.Challenges[0]
	if x.Nonce != challenge || x.Login != login {
		return Token{}, Challenge{}, errChallengeOver
	}
	return *t, x, nil
}

var errChallengeOver = refuse(ChallengeOver, "this challenge is over, or belongs to another login", "begin again")

func (p Policy) evaluatePIN(s State, c EvaluatePIN, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	if t := s.Tokens.Pending; t != nil && t.ID == c.Token {
		return s.evaluatePending(own, c, m)
	}
	return s.evaluateActive(own, c, m)
}

// evaluable is what an evaluation needs, whatever is to come of it.
func (c EvaluatePIN) evaluable(t Token, message []byte, m Moment) error {
	switch {
	case !m.OPRF.Has(t.Master):
		return refuse(ServerKeyMissing, "the server has not the key that this WEB-token was made with", "call the broker; an SMS opens a session meanwhile")
	case !m.OPRF.Good(c.Point):
		return refuse(BadToken, "b is no blinded PIN", "send 32 bytes: a point of ristretto255 that is not its identity")
	case !t.Keys.D.Verifies(message, c.SigD):
		return errBadSignature
	}
	return nil
}

func (s State) evaluatePending(own Login, c EvaluatePIN, m Moment) (Outcome, error) {
	t, x, err := s.pending(own.ID, c.Token, c.Challenge, m.Now)
	if err != nil {
		return Outcome{}, err
	}
	if !x.ExpiresAt.After(m.Now) {
		return Outcome{}, errChallengeOver
	}
	h := TokenHeader{s.Client, t.ID, own.ID, c.Challenge}
	if err := c.evaluable(t, h.EvaluatePending(c.Point), m); err != nil {
		return Outcome{}, err
	}
	left := tokenEvaluations - len(t.Evaluated)
	counted := PINCounted{Token: t.ID, Seed: t.Seed, Master: t.Master, Point: c.Point, Left: left}
	if x.Point == c.Point {
		return Outcome{Result: counted}, nil
	}
	if left <= 0 {
		return Outcome{}, refuse(NoTokenTries, "the PIN of this registration was changed too often", "begin the registration again")
	}
	counted.Left--
	return Outcome{Events: []Event{PINEvaluated{
		ID: t.ID, Login: own.ID, Challenge: c.Challenge, Point: c.Point, Left: counted.Left, At: m.Now, ExpiresAt: x.ExpiresAt,
	}}, Result: counted}, nil
}

// checkConnect says whether the order may be drafted, and signed, by this login now.
func (s State) checkConnect(own Login, c ConnectToken, now time.Time) error {
	if err := s.mayRegister(own, now); err != nil {
		return err
	}
	t, x, err := s.pending(own.ID, c.Token, c.Challenge, now)
	if err != nil {
		return err
	}
	h := TokenHeader{s.Client, t.ID, own.ID, c.Challenge}
	switch {
	case x.Point == "":
		return refuse(BadToken, "no PIN was set", "evaluate it first: webTokenEvaluate")
	case c.Keys != t.Keys:
		return refuse(BadToken, "these are not the keys that the registration was begun with", "send those, or begin again")
	case !c.Keys.S.Verifies(h.Register(c.Keys), c.SigS), !c.Keys.D.Verifies(h.Register(c.Keys), c.SigD):
		return errBadSignature
	}
	return nil
}

// connect is what happens when the order is signed: the token that was there before ends, and this one is the client's.
func (s State) connect(c ConnectToken, m Moment) []Event {
	var events []Event
	if old := s.Tokens.Active; old != nil {
		events = s.endToken(*old, TokenIsRevoked, TokenReplaced, m.Now)
	}
	return append(events, TokenRegistered{ID: c.Token, Fingerprint: c.Fingerprint, At: m.Now})
}
