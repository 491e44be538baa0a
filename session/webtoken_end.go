package session

import "time"

// How a WEB-token ends: the client, an operator or the engineer revokes it, a newer one replaces it, time locks it or ends its
// registration, a stale copy is noticed. With it end the sessions that it has opened.

// TokenEnd says why a WEB-token was revoked.
type TokenEnd string

// The reasons why a WEB-token is revoked.
const (
	TokenReplaced         TokenEnd = "replaced"      // by a newer one: there is one token, on one device (M17)
	TokenExpired          TokenEnd = "expired"       // nobody signed its order in time
	TokenPhoneChanged     TokenEnd = "phone_changed" // while it was pending
	TokenClosedByClient   TokenEnd = "closed_by_client"
	TokenClosedByOperator TokenEnd = "closed_by_operator"
	TokenDisconnected     TokenEnd = "disconnected" // by a signed order
	TokenDatabaseRewound  TokenEnd = "restored"     // old counters came back with a restored database
)

// RevokeToken ends a token: the client does who has a security session open, or an operator. Result: Done.
type RevokeToken struct {
	Login    LoginID // who asks
	Operator bool    // the operator asks, not the client: whichever token there is
	By       Officer // at the desk; nobody: on the command line
	Reason   string  // that the desk gives
	Token    TokenID
	End      TokenEnd // of an operator: why; empty: TokenClosedByOperator
}

func (RevokeToken) command() {}

func (p Policy) revokeToken(s State, c RevokeToken, m Moment) (Outcome, error) {
	if c.Operator {
		return s.revokeByOperator(c, m)
	}
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	if _, err := p.holder(s, own, nonTrading); err != nil {
		return Outcome{}, err
	}
	if t := s.Tokens.Pending; t != nil && t.ID == c.Token {
		return Outcome{Events: s.endPending(TokenClosedByClient, m.Now), Result: Done{}}, nil
	}
	t, err := s.Tokens.active(c.Token)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Events: s.endToken(t, TokenIsRevoked, TokenClosedByClient, m.Now), Result: Done{}}, nil
}

// revokeByOperator ends what there is. It takes away and gives nothing, so one operator may.
func (s State) revokeByOperator(c RevokeToken, m Moment) (Outcome, error) {
	why := c.End
	if why == "" {
		why = TokenClosedByOperator
	}
	events := s.endPending(why, m.Now)
	if t := s.Tokens.Active; t != nil {
		events = append(events, s.endToken(*t, TokenIsRevoked, why, m.Now)...)
	}
	if len(events) == 0 {
		return Outcome{}, refuse(NoToken, "no WEB-token is connected", "nothing is to be done")
	}
	if (c.By != Officer{}) {
		reason, err := GoodReason(c.Reason)
		if err != nil {
			return Outcome{}, err
		}
		events = append([]Event{OperatorActed{By: c.By, Act: ActRevokeToken, Reason: reason}}, events...)
	}
	return Outcome{Events: events, Result: Done{}}, nil
}

// endToken ends a token; with an active one the sessions end that it has opened.
func (s State) endToken(t Token, status TokenStatus, why TokenEnd, now time.Time) []Event {
	events := []Event{TokenEnded{ID: t.ID, Status: status, End: why, At: now}}
	if t.Status != TokenIsActive {
		return events
	}
	return append(events, s.closeOpenedBy(WebToken, TokenRevoked)...)
}

// endPending ends the registration that is under way, with the order that waits for its signature.
func (s State) endPending(why TokenEnd, now time.Time) []Event {
	t := s.Tokens.Pending
	if t == nil {
		return nil
	}
	events := s.endToken(*t, TokenIsRevoked, why, now)
	if d, ok := s.connecting(t.ID); ok {
		events = append(events, DocumentCancelled{ID: d.ID, End: why.ofOrder()})
	}
	return events
}

// ofOrder is why the order ends that waited to connect the token.
func (why TokenEnd) ofOrder() DocumentEnd {
	switch why {
	case TokenReplaced:
		return DocumentReplaced
	case TokenExpired:
		return DocumentExpired
	case TokenClosedByOperator, TokenDatabaseRewound:
		return DocumentDeclined
	default: // the client did something else instead
		return DocumentWithdrawn
	}
}

// dueTokens is what time does to tokens: a registration that nobody signed ends, a token without tries is locked.
func (s State) dueTokens(now time.Time) (events []Event, effects []Effect) {
	if at := s.pendingUntil(); !at.IsZero() && !at.After(now) {
		events = s.endPending(TokenExpired, now)
	}
	if t := s.Tokens.Active; t != nil {
		if at := t.lockAt(); !at.IsZero() && !at.After(now) {
			events = append(events, s.endToken(*t, TokenIsLocked, "", now)...)
			effects = s.tokenNotice(TokenIsLocked, now)
		}
	}
	return events, effects
}

// lockAt is when an active token is locked unless the PIN proves right before: no further try is left. Zero: it is not near.
func (t Token) lockAt() time.Time {
	if x, ok := t.current(); ok && x.Session == 0 && (t.Attempts == 0 || t.Failures >= TokenFailures) {
		return x.ExpiresAt
	}
	return time.Time{}
}

// tokenNotice tells the client's phone, too: whoever tried his token may sit at his only terminal.
func (s State) tokenNotice(status TokenStatus, now time.Time) []Effect {
	if s.Phone() == "" {
		return nil
	}
	return []Effect{SendText{To: s.Phone(), Token: status, ExpiresAt: now.Add(noticeLifetime)}}
}

// pendingUntil is when the registration that is under way ends: with its challenge, or with the order that waits for its
// signature.
func (s State) pendingUntil() (at time.Time) {
	t := s.Tokens.Pending
	if t == nil {
		return at
	}
	at = t.ExpiresAt
	if d, ok := s.connecting(t.ID); ok && d.ExpiresAt.After(at) {
		at = d.ExpiresAt
	}
	return at
}

// connecting is the order that waits to connect the token.
func (s State) connecting(id TokenID) (Document, bool) {
	for _, d := range s.Drafts {
		if c, ok := d.Content.(ConnectToken); ok && c.Token == id {
			return d, true
		}
	}
	return Document{}, false
}

// tokenDeadline is the next instant at which time does something to a token.
func (s State) tokenDeadline() time.Time {
	at, _ := earliest(s.pendingUntil())
	if t := s.Tokens.Active; t != nil {
		at, _ = earliest(at, t.lockAt())
	}
	return at
}
