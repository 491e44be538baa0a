package session

import (
	"fmt"
	"slices"
	"time"
)

// The WEB-token: a key pair whose private part stays on one device, encrypted under a key that needs the PIN and the server's
// keyed function of the PIN, which is counted before it is evaluated. What it protects against and what not stands in the README,
// the protocol on the page of the API. Here is what a token is and how events change it; registration is in webtoken_register.go,
// opening in webtoken_open.go, every end in webtoken_end.go, the signed bytes in webtoken_bytes.go.

// TokenID is of a WEB-token. Below 2^53.
type TokenID int64

// Bytes of the protocol, in values that nobody can change.
type (
	PublicKey string // P-256, uncompressed: 65 bytes
	Point     string // ristretto255: 32 bytes
	Nonce     string // a challenge: 32 random bytes
	Signature string // ECDSA P-256 with SHA-256, r‖s: 64 bytes
)

// TokenKeys are the public parts of a token's keys.
type TokenKeys struct {
	S PublicKey // signs; its private part needs the PIN
	D PublicKey // the device: keeps strangers out of the counters
	R PublicKey // the ratchet: replaced at each opening, so that a copy becomes stale
}

// TokenStatus is where a WEB-token stands.
type TokenStatus string

// The life of a WEB-token: pending → active → one of the last three, or pending → revoked.
const (
	TokenIsPending TokenStatus = "pending" // it waits for the signature of the order that connects it
	TokenIsActive  TokenStatus = "active"
	TokenIsLocked  TokenStatus = "locked"          // too many PINs that no opening has followed
	TokenIsRevoked TokenStatus = "revoked"         // End says why
	TokenIsCloned  TokenStatus = "clone_suspected" // a stale copy was used
)

// The protocol's numbers. They are no policy: the database checks the counters against them, too.
const (
	TokenAttempts         = 5  // PINs before an opening
	TokenFailures         = 50 // PINs that no opening has followed, in the token's life
	TokenEvaluationsADay  = 30 // PINs in 24 h, right or wrong
	tokenRegistrations    = 3  // begun in 24 h
	tokenEvaluations      = 3  // different PINs while it is pending
	tokenChallenges       = 4
	tokenPendingLifetime  = 10 * time.Minute
	tokenChallengeLife    = 60 * time.Second
	tokenChallengeSpacing = time.Second // on the average
)

// Token is one WEB-token. A pending or active one stands in the State; each is kept as a row for ever, without its secrets
// once it has ended.
type Token struct {
	ID          TokenID
	Client      ClientID
	Status      TokenStatus
	End         TokenEnd
	Keys        TokenKeys
	Fingerprint string // of its registration, as in «7F3A-91C2»
	Seed        Sealed // of its OPRF key; without it no PIN can be tried
	Master      string // id of the master key that belongs to the seed
	CreatedAt   time.Time
	ExpiresAt   time.Time // of a pending one
	ChangedAt   time.Time
	UsedAt      time.Time   // it opened a session
	Attempts    int         // PINs that may be tried before an opening
	Failures    int         // PINs that no opening has followed
	Evaluated   []time.Time // PINs in the last 24 h
	Challenges  []Challenge // at most 4; of an active token at most one has a Point: the current one
}

// Challenge is what a login has to sign next.
type Challenge struct {
	Nonce     Nonce
	Login     LoginID
	ExpiresAt time.Time
	Point     Point     // the blinded PIN that was evaluated for it; empty: none
	Next      PublicKey // the ratchet key of the opening that used it; empty: none did
	Session   SessionID // that it opened
}

// Tokens are a client's WEB-tokens.
type Tokens struct {
	Pending *Token
	Active  *Token
	Begun   []time.Time // registrations in the last 24 h
	Last    EndedToken  // the last active one that has ended
}

// EndedToken is what is left of a token in the State, so that its device can be told what has become of it.
type EndedToken struct {
	ID     TokenID
	Status TokenStatus
	End    TokenEnd
}

// TokenStanding is what a client may know about his WEB-token.
type TokenStanding struct {
	ID          TokenID // 0: none is connected
	Fingerprint string
	Left        int // PINs that may be tried
	Last        EndedToken
}

func (x Tokens) standing() TokenStanding {
	if x.Active == nil {
		return TokenStanding{Last: x.Last}
	}
	return TokenStanding{ID: x.Active.ID, Fingerprint: x.Active.Fingerprint, Left: x.Active.Attempts, Last: x.Last}
}

// TokenEvent is an event of one token, which it changes too.
//
//sumtype:decl
type TokenEvent interface {
	Event
	Subject() TokenID
}

// Events of a WEB-token.
type (
	TokenBegun      struct{ Token Token }
	TokenChallenged struct {
		ID        TokenID
		Challenge Challenge
	}
	// PINEvaluated tells that a PIN was tried. Whether it was right, only an opening shows.
	PINEvaluated struct {
		ID        TokenID
		Login     LoginID
		Challenge Nonce
		Point     Point
		Left      int // attempts
		At        time.Time
		ExpiresAt time.Time // of the challenge
	}
	TokenRegistered struct {
		ID          TokenID
		Fingerprint string
		At          time.Time
	}
	TokenOpened struct {
		ID        TokenID
		Login     LoginID
		Session   SessionID
		Challenge Nonce
		Next      PublicKey
		At        time.Time
	}
	TokenEnded struct {
		ID     TokenID
		Status TokenStatus
		End    TokenEnd
		At     time.Time
	}
)

func (TokenBegun) event()      {}
func (TokenChallenged) event() {}
func (PINEvaluated) event()    {}
func (TokenRegistered) event() {}
func (TokenOpened) event()     {}
func (TokenEnded) event()      {}

func (e TokenBegun) Subject() TokenID      { return e.Token.ID }
func (e TokenChallenged) Subject() TokenID { return e.ID }
func (e PINEvaluated) Subject() TokenID    { return e.ID }
func (e TokenRegistered) Subject() TokenID { return e.ID }
func (e TokenOpened) Subject() TokenID     { return e.ID }
func (e TokenEnded) Subject() TokenID      { return e.ID }

// Apply is the token after one of its events. It never writes into what the older one still shares.
func (t Token) Apply(e TokenEvent) Token {
	switch e := e.(type) {
	case TokenBegun:
		return e.Token
	case TokenChallenged:
		t.Challenges = append(t.roomForOne(e.Challenge.Login, e.Challenge.issuedAt()), e.Challenge)
	case PINEvaluated:
		t = t.evaluated(e)
	case TokenRegistered:
		t.Status, t.Fingerprint, t.ExpiresAt, t.ChangedAt = TokenIsActive, e.Fingerprint, time.Time{}, e.At
		t.Attempts, t.Evaluated, t.Challenges = TokenAttempts, nil, nil
	case TokenOpened:
		t.Attempts, t.Failures, t.Keys.R, t.UsedAt = TokenAttempts, max(0, t.Failures-1), e.Next, e.At
		t.Challenges = slices.Clone(t.Challenges)
		for i := range t.Challenges {
			if x := &t.Challenges[i]; x.Nonce == e.Challenge {
				x.Next, x.Session = e.Next, e.Session
			}
		}
	case TokenEnded:
		t.Status, t.End, t.ChangedAt = e.Status, e.End, e.At
		t.Seed, t.Challenges, t.Evaluated = nil, nil, nil
	default:
		panic(fmt.Sprintf("session: %T is no event of a WEB-token", e))
	}
	return t
}

// evaluated binds the challenge to the blinded PIN; of an active token it supersedes every other challenge.
func (t Token) evaluated(e PINEvaluated) Token {
	i := slices.IndexFunc(t.Challenges, func(x Challenge) bool { return x.Nonce == e.Challenge })
	current := Challenge{Nonce: e.Challenge, Login: e.Login}
	if i >= 0 {
		current = t.Challenges[i]
	}
	current.Point, current.ExpiresAt = e.Point, e.ExpiresAt
	t.Challenges = []Challenge{current}
	t.Evaluated = append(within24h(t.Evaluated, e.At), e.At)
	if t.Status == TokenIsActive {
		t.Attempts, t.Failures = e.Left, t.Failures+1
	}
	return t
}

// roomForOne are the challenges that stay when one more comes: those that are over go, then the oldest that was issued only. The
// current one stays, over or not: by it a lock is decided.
func (t Token) roomForOne(login LoginID, now time.Time) []Challenge {
	live := slices.DeleteFunc(slices.Clone(t.Challenges), func(x Challenge) bool { return x.Point == "" && !x.ExpiresAt.After(now) })
	if len(live) >= tokenChallenges {
		i := slices.IndexFunc(live, func(x Challenge) bool { return x.Point == "" && x.Login == login })
		if i < 0 {
			i = max(0, slices.IndexFunc(live, func(x Challenge) bool { return x.Point == "" })) // there is one, unless an event never came from Decide
		}
		live = slices.Delete(live, i, i+1)
	}
	return live
}

// issuedAt is of a challenge that no PIN was evaluated for.
func (x Challenge) issuedAt() time.Time { return x.ExpiresAt.Add(-tokenChallengeLife) }

// current is the challenge for which a PIN was evaluated last.
func (t Token) current() (Challenge, bool) {
	i := slices.IndexFunc(t.Challenges, func(x Challenge) bool { return x.Point != "" })
	if i < 0 {
		return Challenge{}, false
	}
	return t.Challenges[i], true
}

// apply puts a token after one of its events where it belongs.
func (x Tokens) apply(e TokenEvent) Tokens {
	var t Token
	was := x.Find(e.Subject())
	if was != nil {
		t = *was
	}
	t = t.Apply(e)
	if x.Pending != nil && x.Pending.ID == t.ID {
		x.Pending = nil
	}
	if x.Active != nil && x.Active.ID == t.ID {
		x.Active = nil
	}
	switch t.Status {
	case TokenIsPending:
		x.Pending = &t
	case TokenIsActive:
		x.Active = &t
	case TokenIsLocked, TokenIsRevoked, TokenIsCloned:
		if was != nil && was.Status == TokenIsActive {
			x.Last = EndedToken{ID: t.ID, Status: t.Status, End: t.End}
		}
	}
	if e, ok := e.(TokenBegun); ok {
		x.Begun = append(within24h(x.Begun, e.Token.CreatedAt), e.Token.CreatedAt)
	}
	return x
}

// Find is the pending or active token with that id, or nil.
func (x Tokens) Find(id TokenID) *Token {
	for _, t := range []*Token{x.Pending, x.Active} {
		if t != nil && t.ID == id {
			return t
		}
	}
	return nil
}

// active is the token with that id, or the reason why there is none.
func (x Tokens) active(id TokenID) (Token, error) {
	if x.Active != nil && x.Active.ID == id {
		return *x.Active, nil
	}
	switch last := x.Last; {
	case last.ID == id && last.Status == TokenIsLocked:
		return Token{}, refuse(TokenLocked, "too many wrong PINs: the WEB-token is locked", connectAnew)
	case last.ID == id && last.Status == TokenIsCloned:
		return Token{}, ErrTokenCloned
	case last.ID == id && last.End != TokenReplaced:
		return Token{}, refuse(TokenGone, "this WEB-token was disconnected", connectAnew)
	case last.ID == id, x.Active != nil:
		return Token{}, refuse(TokenElsewhere, "this WEB-token was replaced by one on another device", connectAnew)
	default:
		return Token{}, refuse(NoToken, "no WEB-token is connected", connectAnew)
	}
}

const connectAnew = "open a security session by SMS and connect a new one"

// ErrTokenCloned refuses everything to a token that has ended because of a copy, and the evaluation that has shown it.
var ErrTokenCloned = refuse(TokenCloned, "a copy of this WEB-token was noticed: it is good no longer", connectAnew)
