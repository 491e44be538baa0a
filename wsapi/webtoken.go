package wsapi

import (
	"context"
	"fmt"
	"time"

	"vakhta/session"
)

// The WEB-token over the wire. What is checked, and in which order, the core decides; what this door adds is that a PIN is
// evaluated behind the commit that counts it, and never before.
type (
	tokenBeginParams struct {
		S rawKey `json:"sPub" need:"yes" doc:"The key that signs: P-256, 65 bytes uncompressed, in base64url."`
		D rawKey `json:"dPub" need:"yes" doc:"The key of the device."`
		R rawKey `json:"rPub" need:"yes" doc:"The first ratchet key."`
	}
	tokenBegunReply struct {
		Token     session.TokenID  `json:"tokenId"`
		Challenge rawNonce         `json:"challenge"`
		Client    session.ClientID `json:"clientId" doc:"As it stands in the signed messages."`
		Login     session.LoginID  `json:"loginId" doc:"As it stands in the signed messages."`
		ExpiresAt instant          `json:"expiresAt"`
	}
	tokenEvaluateParams struct {
		Token     session.TokenID `json:"tokenId" need:"yes"`
		Challenge rawNonce        `json:"challenge" need:"yes"`
		B         rawPoint        `json:"b" need:"yes" doc:"The blinded PIN: a point of ristretto255, 32 bytes in base64url."`
		SigD      rawSignature    `json:"sigD" need:"yes" doc:"Of WT1/evaluate-register or WT1/evaluate-open, by D."`
		SigR      rawSignature    `json:"sigR" doc:"The same by R, of a token that is connected."`
		SigNext   rawSignature    `json:"sigRPend" doc:"The same by the ratchet key of an opening whose reply was lost, if there was one."`
	}
	tokenEvaluated struct {
		E       rawPoint           `json:"e"`
		Left    int                `json:"attemptsLeft"`
		Matched session.RatchetKey `json:"matched" doc:"r or pend: which ratchet key the server has; empty while the token is not connected."`
	}
	tokenID struct {
		Token session.TokenID `json:"tokenId" need:"yes"`
	}
	tokenChallengeReply struct {
		Challenge rawNonce         `json:"challenge"`
		Client    session.ClientID `json:"clientId" doc:"As it stands in the signed messages."`
		Login     session.LoginID  `json:"loginId" doc:"As it stands in the signed messages."`
		ExpiresAt instant          `json:"expiresAt"`
		Left      int              `json:"attemptsLeft"`
		Failures  int              `json:"failuresSinceLastSuccess"`
	}
)

func (g *Gateway) declareToken(cat *catalogue) {
	declare(cat, "webTokenBegin", needLogin|needPost, "begins the registration of a WEB-token; needs a security session opened by SMS", paced(g, g.webTokenBegin))
	declare(cat, "webTokenEvaluate", needLogin|needPost, "counts a PIN, then evaluates it, blinded as it is", paced(g, g.webTokenEvaluate))
	declare(cat, "webTokenChallenge", needLogin|needPost, "gives what the opening of a security session by WEB-token has to sign", paced(g, g.webTokenChallenge))
	declare(cat, "webTokenRevoke", needLogin|needPost, "disconnects the WEB-token at once; needs an open security session", paced(g, g.webTokenRevoke))
}

// pace counts a login's messages of one second: each costs a few verifications of signatures, good or not. The opening itself is
// not held up: its PIN is counted already.
type pace struct {
	second   int64
	messages int
}

const paceMost = 20

func (g *Gateway) pace(c *Caller) error {
	now := g.Now()
	_, err := g.paces.change(fmt.Sprint(c.login()), func(p pace) (pace, error) {
		if p.second != now.Unix() {
			p = pace{second: now.Unix()}
		}
		if p.messages++; p.messages > paceMost {
			sorry := door(session.TooEarly, "more than %d messages of the WEB-token in a second", "wait a second", paceMost)
			sorry.Until = now.Truncate(time.Second).Add(time.Second)
			return p, sorry
		}
		return p, nil
	})
	return err
}

func paced[P, R any](g *Gateway, f func(context.Context, *Caller, P) (R, error)) func(context.Context, *Caller, P) (R, error) {
	return func(ctx context.Context, c *Caller, p P) (R, error) {
		if err := g.pace(c); err != nil {
			var none R
			return none, err
		}
		return f(ctx, c, p)
	}
}

func (g *Gateway) webTokenBegin(ctx context.Context, c *Caller, p tokenBeginParams) (tokenBegunReply, error) {
	r, err := ask[session.TokenOffered](ctx, c, session.BeginToken{
		Login: c.login(), Keys: session.TokenKeys{S: p.S.is(), D: p.D.is(), R: p.R.is()},
	})
	if err != nil {
		return tokenBegunReply{}, err
	}
	return tokenBegunReply{r.Token, rawNonce(r.Challenge), c.client(), c.login(), instant(r.ExpiresAt)}, nil
}

// webTokenEvaluate: when ask returns, the try is committed. Only from here on may anybody learn something of the PIN.
func (g *Gateway) webTokenEvaluate(ctx context.Context, c *Caller, p tokenEvaluateParams) (tokenEvaluated, error) {
	counted, err := ask[session.PINCounted](ctx, c, session.EvaluatePIN{
		Login: c.login(), Token: p.Token, Challenge: p.Challenge.is(), Point: p.B.is(),
		SigD: p.SigD.is(), SigR: p.SigR.is(), SigNext: p.SigNext.is(),
	})
	switch {
	case err != nil:
		return tokenEvaluated{}, err
	case counted.Cloned: // that is committed too
		return tokenEvaluated{}, session.ErrTokenCloned
	}
	e, err := g.OPRF.Evaluate(counted.Seed, counted.Master, counted.Token, counted.Point)
	if err != nil {
		return tokenEvaluated{}, fmt.Errorf("evaluate a PIN of WEB-token %d: %w", counted.Token, err)
	}
	return tokenEvaluated{rawPoint(e), counted.Left, counted.Matched}, nil
}

func (g *Gateway) webTokenChallenge(ctx context.Context, c *Caller, p tokenID) (tokenChallengeReply, error) {
	r, err := ask[session.TokenChallengeIssued](ctx, c, session.ChallengeToken{Login: c.login(), Token: p.Token})
	if err != nil {
		return tokenChallengeReply{}, err
	}
	return tokenChallengeReply{rawNonce(r.Challenge), c.client(), c.login(), instant(r.ExpiresAt), r.Left, r.Failures}, nil
}

func (g *Gateway) webTokenRevoke(ctx context.Context, c *Caller, p tokenID) (success, error) {
	_, err := ask[session.Done](ctx, c, session.RevokeToken{Login: c.login(), Token: p.Token})
	return success{err == nil}, err
}

var errSignedSID = door(notServed,
	"a signature over the SID is a constant: whoever has seen it once could open sessions with it, so it opens none here",
	"sign a challenge: webTokenChallenge, webTokenEvaluate, then safetyTypeId 7 with tokenId, challenge, rNextPub and sigS; or open by SMS: safetyTypeId 3")

// openByToken replies as an opening by SMS does.
func (g *Gateway) openByToken(ctx context.Context, c *Caller, p openParams) (codeChecked, error) {
	if p.Token == 0 || p.Challenge == "" || p.Next == "" || p.SigS == "" {
		return codeChecked{}, door(badParams, "of tokenId, challenge, rNextPub and sigS one is missing", "send all four: see webTokenChallenge")
	}
	r, err := ask[session.TokenProved](ctx, c, session.OpenByToken{
		Login: c.login(), Token: p.Token, Challenge: p.Challenge.is(), Next: p.Next.is(), SigS: p.SigS.is(),
	})
	if err != nil {
		return codeChecked{}, err
	}
	return codeChecked{
		Success: true, More: true, Left: session.TokenAttempts, ID: r.Login.Session.ID,
		Sessions: sessionRows([]session.Login{r.Login}, c.who.Profile, g.Now()),
	}, nil
}

// tokenEnded is what has become of a WEB-token, for its device.
type tokenEnded string

const (
	endedByLock    tokenEnded = "locked"
	endedByCopy    tokenEnded = "cloned"
	endedByNewer   tokenEnded = "replaced"
	endedByRevoker tokenEnded = "revoked"
)

func endedOf(t session.EndedToken) tokenEnded {
	switch {
	case t.ID == 0:
		return ""
	case t.Status == session.TokenIsLocked:
		return endedByLock
	case t.Status == session.TokenIsCloned:
		return endedByCopy
	case t.End == session.TokenReplaced:
		return endedByNewer
	default:
		return endedByRevoker
	}
}

// endedWords are for people; whoever has a language words the code.
var endedWords = map[tokenEnded]string{
	"":             "not connected",
	endedByLock:    "locked: too many wrong PINs",
	endedByCopy:    "ended: a copy of it was noticed",
	endedByNewer:   "replaced by one on another device",
	endedByRevoker: "disconnected",
}

// tokenType is the WEB-token among the means.
func tokenType(t session.TokenStanding) safetyType {
	ended := endedOf(t.Last)
	row := safetyType{
		Means: session.WebToken, Name: "Web-Token", Description: "Key on this device, under a PIN", Status: endedWords[ended],
		TokenID: &t.ID, Fingerprint: &t.Fingerprint, EndedToken: &t.Last.ID, Ended: &ended, AttemptsLeft: &t.Left,
	}
	switch {
	case t.ID == 0:
	case t.Left == 0:
		row.Status, row.Enabled = "no PIN may be tried any more", true // the last one may still be proved right
	default:
		row.Status, row.Enabled, row.StatusID = t.Fingerprint, true, 1
	}
	return row
}

// The events of a WEB-token. Of its keys, challenges and blinded PINs none tells anything.
type (
	tokenBegun struct {
		Token session.TokenID `json:"tokenId"`
		Login session.LoginID `json:"login"`
	}
	tokenChallenged struct {
		Token session.TokenID `json:"tokenId"`
		Login session.LoginID `json:"login"`
	}
	pinEvaluated struct {
		Token session.TokenID `json:"tokenId"`
		Login session.LoginID `json:"login"`
		Left  int             `json:"left" doc:"PINs that may be tried. Whether this one was right, only token.opened shows."`
	}
	tokenRegistered struct {
		Token       session.TokenID `json:"tokenId"`
		Fingerprint string          `json:"fingerprint"`
	}
	tokenOpened struct {
		Token session.TokenID   `json:"tokenId"`
		Login session.LoginID   `json:"login"`
		ID    session.SessionID `json:"id"`
	}
	tokenRevoked struct {
		Token  session.TokenID  `json:"tokenId"`
		Reason session.TokenEnd `json:"reason" doc:"replaced, expired, phone_changed, closed_by_client, closed_by_operator, disconnected, restored"`
	}
	tokenLocked struct {
		Token session.TokenID `json:"tokenId"`
	}
	tokenCloned struct {
		Token session.TokenID `json:"tokenId"`
	}
)

func tokenEvent(e session.TokenEvent) (name string, data any) {
	switch e := e.(type) {
	case session.TokenBegun:
		begun := tokenBegun{Token: e.Token.ID}
		for _, x := range e.Token.Challenges {
			begun.Login = x.Login
		}
		return "token.begun", begun
	case session.TokenChallenged:
		return "token.challenged", tokenChallenged{e.ID, e.Challenge.Login}
	case session.PINEvaluated:
		return "token.evaluated", pinEvaluated{e.ID, e.Login, e.Left}
	case session.TokenRegistered:
		return "token.registered", tokenRegistered{e.ID, e.Fingerprint}
	case session.TokenOpened:
		return "token.opened", tokenOpened{e.ID, e.Login, e.Session}
	case session.TokenEnded:
		return tokenEnding(e)
	default:
		panic(fmt.Sprintf("wsapi: %T has no form on the wire", e))
	}
}

func tokenEnding(e session.TokenEnded) (name string, data any) {
	switch e.Status {
	case session.TokenIsLocked:
		return "token.locked", tokenLocked{e.ID}
	case session.TokenIsCloned:
		return "token.cloned", tokenCloned{e.ID}
	default:
		return "token.revoked", tokenRevoked{e.ID, e.End}
	}
}
