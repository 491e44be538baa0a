package session

import "time"

// A session is opened by WEB-token in three messages (M18): a challenge; the PIN, counted and evaluated, by which the device
// decrypts its private key; the opening, signed by that key, which proves that the PIN was right.

type (
	// ChallengeToken asks for something to sign. Result: TokenChallengeIssued.
	ChallengeToken struct {
		Login LoginID
		Token TokenID
	}

	// OpenByToken opens a security session. Result: TokenProved.
	OpenByToken struct {
		Login     LoginID
		Token     TokenID
		Challenge Nonce
		Next      PublicKey // the ratchet key from now on
		SigS      Signature
	}
)

// TokenChallengeIssued answers ChallengeToken.
type TokenChallengeIssued struct {
	Challenge Nonce
	ExpiresAt time.Time
	Left      int // attempts
	Failures  int // PINs since the last opening
}

// TokenProved answers an opening.
type TokenProved struct{ Login Login }

func (ChallengeToken) command()      {}
func (OpenByToken) command()         {}
func (TokenChallengeIssued) result() {}
func (TokenProved) result()          {}

func (p Policy) challengeToken(s State, c ChallengeToken, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	t, err := s.Tokens.active(c.Token)
	if err != nil {
		return Outcome{}, err
	}
	if at := t.nextChallengeAt(own.ID, m.Now); at.After(m.Now) {
		return Outcome{}, refuse(TooEarly, "too many challenges were asked for", "wait a few seconds").until(at)
	}
	x := Challenge{Nonce: Nonce(secretOf(m, "WT1/challenge")), Login: own.ID, ExpiresAt: m.Now.Add(tokenChallengeLife)}
	return Outcome{
		Events: []Event{TokenChallenged{ID: t.ID, Challenge: x}},
		Result: TokenChallengeIssued{Challenge: x.Nonce, ExpiresAt: x.ExpiresAt, Left: t.Attempts, Failures: TokenAttempts - t.Attempts},
	}, nil
}

// nextChallengeAt paces a login by its own challenges: another one of the client, perhaps a stranger's, holds up only itself.
func (t Token) nextChallengeAt(login LoginID, now time.Time) (at time.Time) {
	var issued []time.Time
	for _, x := range t.Challenges {
		if x.Point == "" && x.Login == login && !x.issuedAt().After(now) { // or the clock was put back
			issued = append(issued, x.issuedAt())
		}
	}
	if n := len(issued); n >= tokenChallenges-1 {
		at = issued[0].Add(time.Duration(n) * tokenChallengeSpacing)
	}
	return at
}

// challenge is one of this login that is not over, whatever became of it.
func (t Token) challenge(login LoginID, nonce Nonce, now time.Time) (Challenge, error) {
	for _, x := range t.Challenges {
		if x.Nonce == nonce && x.Login == login && x.ExpiresAt.After(now) {
			return x, nil
		}
	}
	return Challenge{}, errChallengeOver
}

func (s State) evaluateActive(own Login, c EvaluatePIN, m Moment) (Outcome, error) {
	t, err := s.Tokens.active(c.Token)
	if err != nil {
		return Outcome{}, err
	}
	x, err := t.challenge(own.ID, c.Challenge, m.Now)
	if err == nil && (x.Session != 0 || x.Point != "" && x.Point != c.Point) {
		err = errChallengeOver // one challenge, one PIN
	}
	if err != nil {
		return Outcome{}, err
	}
	message := TokenHeader{s.Client, t.ID, own.ID, c.Challenge}.EvaluateActive(c.Point)
	if err := c.evaluable(t, message, m); err != nil {
		return Outcome{}, err
	}
	counted := PINCounted{Token: t.ID, Seed: t.Seed, Master: t.Master, Point: c.Point, Left: t.Attempts}
	switch {
	case c.SigR == "": // no sign of a copy
		return Outcome{}, refuse(BadSignature, "sigR is missing: the device signs by its ratchet key too", "sign b with R, and send sigR")
	case t.Keys.R.Verifies(message, c.SigR):
		counted.Matched = RatchetNow
	case t.Keys.R.Verifies(message, c.SigNext):
		counted.Matched = RatchetNext
	default:
		return Outcome{
			Events: s.endToken(t, TokenIsCloned, "", m.Now), Effects: s.tokenNotice(TokenIsCloned, m.Now), Result: PINCounted{Token: t.ID, Cloned: true},
		}, nil
	}
	if x.Point == c.Point {
		return Outcome{Result: counted}, nil
	}
	today := within24h(t.Evaluated, m.Now)
	switch {
	case t.Attempts <= 0 || t.Failures >= TokenFailures:
		return Outcome{}, refuse(NoTokenTries, "no PIN may be tried any more", "open a security session by SMS and connect a new WEB-token")
	case len(today) >= TokenEvaluationsADay:
		return Outcome{}, refuse(TokenDayLimit, "%d PINs were tried in 24 hours", "wait, or open a security session by SMS", TokenEvaluationsADay).
			until(today[0].Add(day))
	}
	counted.Left--
	return Outcome{Events: []Event{PINEvaluated{
		ID: t.ID, Login: own.ID, Challenge: c.Challenge, Point: c.Point, Left: counted.Left, At: m.Now, ExpiresAt: m.Now.Add(tokenChallengeLife),
	}}, Result: counted}, nil
}

func (p Policy) openByToken(s State, c OpenByToken, m Moment) (Outcome, error) {
	l, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	t, err := s.Tokens.active(c.Token)
	if err != nil {
		return Outcome{}, err
	}
	x, ok := t.current()
	switch {
	case !ok || x.Nonce != c.Challenge || x.Login != l.ID:
		return Outcome{}, errChallengeOver
	case x.Session != 0 && x.Next == c.Next && l.Session != nil && l.Session.ID == x.Session: // the reply was lost
		return Outcome{Result: TokenProved{Login: l}}, nil
	case x.Session != 0 || !x.ExpiresAt.After(m.Now):
		return Outcome{}, errChallengeOver
	}
	if err := (TokenKeys{S: t.Keys.S, D: t.Keys.D, R: c.Next}).good(); err != nil {
		return Outcome{}, err
	}
	message := TokenHeader{s.Client, t.ID, l.ID, c.Challenge}.Open(c.Next, t.Keys.D)
	switch {
	case c.Next == t.Keys.R:
		return Outcome{}, refuse(BadToken, "the ratchet key is the one from before", "make a new key pair for each opening")
	case !t.Keys.S.Verifies(message, c.SigS):
		return Outcome{}, errBadSignature
	}
	opened, events := p.open(s, l, WebToken, m)
	l.Session, l.LeaveBy = &opened, time.Time{}
	events = append(events, TokenOpened{ID: t.ID, Login: l.ID, Session: opened.ID, Challenge: c.Challenge, Next: c.Next, At: m.Now})
	return Outcome{Events: events, Result: TokenProved{Login: l}}, nil
}

// Signed is an order's own text with the signature by the WEB-token. Empty: it is not signed.
type Signed struct {
	Payload string
	SigS    Signature
}

var (
	errSignByToken = refuse(NeedTokenSignature, "in this security session each order is signed by the WEB-token",
		"enter the PIN again and sign it, or open a session by SMS")
	errNoTokenSession = refuse(BadSignature, "only in a session that was opened by WEB-token is an order signed by it",
		"open a session by WEB-token, or leave the signature out")
)

// signature is what authorises an order beside the session of the holder: in a session that was opened by WEB-token each order
// is signed by it, unless the policy lets that go. id is the user order id, that of a non-trading order, or empty.
func (p Policy) signature(s State, own, holder Login, id string, signed Signed, m Moment) (*TokenSignature, error) {
	byToken := holder.Session.Means == WebToken
	switch {
	case signed == Signed{} && (!byToken || p.WebTokenUnsigned):
		return nil, nil
	case signed == Signed{}:
		return nil, errSignByToken
	case !byToken || s.Tokens.Active == nil:
		return nil, errNoTokenSession
	}
	t := *s.Tokens.Active
	x := TokenSignature{Token: t.ID, Login: own.ID, Session: holder.Session.ID, Payload: signed.Payload, Bytes: signed.SigS}
	copy(x.Salt[:], secretOf(m, "vakhta/signature/salt"))
	if !t.Keys.S.Verifies(x.Message(s.Client, id), x.Bytes) {
		return nil, errBadSignature
	}
	return &x, nil
}
