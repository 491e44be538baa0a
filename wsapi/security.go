package wsapi

import (
	"context"
	"fmt"
	"time"

	"vakhta/session"
)

type (
	// texts are sentences for the client, as the public API has them.
	texts struct {
		Sent   *string `json:"sent"`
		Error  *string `json:"error"`
		Repeat *string `json:"repeat"`
		Footer *string `json:"footer"`
		Link   *string `json:"link"`
	}
	safetyType struct {
		Means        session.Means `json:"safety_type_id"`
		Name         string        `json:"safety_type"`
		Description  string        `json:"description"`
		Enabled      bool          `json:"enabled"`
		Status       string        `json:"status"`
		StatusID     int           `json:"status_id"`
		Phone        string        `json:"phone,omitempty" doc:"Masked."`
		AttemptsLeft *int          `json:"attemptsLeft,omitempty"`
		BlockedUntil instant       `json:"blockedUntil" null:"yes"`
		Disconnected bool          `json:"disconnected"`
		RepeatAt     instant       `json:"repeatAt" null:"yes" doc:"A password may be asked for from then on; null: now."`
		Pending      *pendingCode  `json:"pending" doc:"A password that was sent and may be entered."`

		TokenID     *session.TokenID `json:"tokenId,omitempty" doc:"Of 7: the WEB-token that is connected; 0: none is."`
		Fingerprint *string          `json:"fingerprint,omitempty" doc:"Of 7: as the order and the SMS had it."`
		EndedToken  *session.TokenID `json:"endedTokenId,omitempty" doc:"Of 7: the last one that has ended."`
		Ended       *tokenEnded      `json:"ended,omitempty" doc:"Of 7: why it has: locked, cloned, revoked, replaced; empty: none has."`
	}
	pendingCode struct {
		Number    int     `json:"number"`
		ExpiresAt instant `json:"expiresAt"`
		TriesLeft int     `json:"attemptsLeft"`
	}
	codeRequested struct {
		Channel    *string `json:"channel"`
		Delay      *int64  `json:"delay" doc:"Seconds until the next may be asked for."`
		Repeatable bool    `json:"isRepeatAvailable"`
		Input      bool    `json:"isInputAvailable"`
		Sent       bool    `json:"isSent"`
		Texts      texts   `json:"texts"`
		Number     int     `json:"number"`
		Phone      string  `json:"phone"`
		ExpiresAt  instant `json:"expiresAt"`
		RepeatAt   instant `json:"repeatAt"`
	}
	enterParams struct {
		Key string `json:"validationKey" also:"validation_key code" need:"yes" doc:"The six digits."`
	}
	codeChecked struct {
		Success  bool              `json:"success"`
		More     bool              `json:"isAttemptAvailable"`
		Left     int               `json:"attemptsLeft"`
		Sessions []sessionRow      `json:"sessions" null:"yes"`
		ID       session.SessionID `json:"id,omitempty"`
		Until    instant           `json:"blockedUntil,omitzero"`
		Texts    texts             `json:"texts"`
	}
	openParams struct {
		Type      session.Means   `json:"safetyTypeId" also:"safety_type_id" doc:"3: SMS, 7: WEB-token."`
		Key       string          `json:"validationKey" also:"validation_key code" doc:"Of 3."`
		Token     session.TokenID `json:"tokenId" doc:"Of 7."`
		Challenge rawNonce        `json:"challenge" doc:"Of 7: the one that the PIN was evaluated for."`
		Next      rawKey          `json:"rNextPub" doc:"Of 7: the device's ratchet key from now on."`
		SigS      rawSignature    `json:"sigS" doc:"Of 7: the signature of WT1/open by S."`
		Signature string          `json:"signature" ts:"-"` // of the published trace
	}
	closeParams struct {
		ID     session.SessionID `json:"id" also:"sessionId session_id"`
		All    bool              `json:"all"`
		Others bool              `json:"others" doc:"All but the own one."`
	}
	closed struct {
		Success bool `json:"success"`
		Closed  int  `json:"closed"`
	}
)

func (g *Gateway) declareSecurity(cat *catalogue) {
	declare(cat, "getSafetyTypes", needLogin, "means of authentication and their status", g.getSafetyTypes)
	declare(cat, "getSecuritySessions", needLogin, "open security sessions of all the client's logins", g.getSecuritySessions)
	declare(cat, "getSecuritySessionCode getSecuritySms", needLogin|needPost, "sends a one-time password by SMS", g.getSecuritySessionCode)
	declare(cat, "checkSecuritySessionCode", needLogin|needPost, "opens a security session, if the password is right", g.checkSecuritySessionCode)
	declare(cat, "openSecuritySession", needLogin|needPost, "the same, as older clients ask for it, where a wrong password is an error; or by WEB-token", g.openSecuritySession)
	declare(cat, "closeSecuritySession", needLogin|needPost, "closes one session, all, or all others", g.closeSecuritySession)
}

func (g *Gateway) getSafetyTypes(ctx context.Context, c *Caller, _ nothing) ([]safetyType, error) {
	s, err := ask[session.MeansStatus](ctx, c, session.ReadMeans{Login: c.login()})
	if err != nil {
		return nil, err
	}
	sms := safetyType{
		Means: session.SMS, Name: "SMS", Description: "One-time password by SMS", AttemptsLeft: &s.AttemptsLeft,
		Phone: s.Phone, BlockedUntil: instant(s.BlockedUntil), RepeatAt: instant(s.RepeatAt), Disconnected: s.Disconnected,
		Pending: pendingOf(s.Pending),
	}
	switch {
	case s.Phone == "":
		sms.Status, sms.AttemptsLeft = "no phone is registered", nil
	case s.Disconnected:
		sms.Status, *sms.AttemptsLeft = "disconnected", 0
	case s.Locked:
		sms.Status, *sms.AttemptsLeft = "blocked until the broker unblocks it", 0
	case !s.BlockedUntil.IsZero():
		sms.Status, *sms.AttemptsLeft = "blocked until "+s.BlockedUntil.UTC().Format(time.RFC3339), 0
	default:
		sms.Status, sms.Enabled, sms.StatusID = s.Phone, true, 1
	}
	return []safetyType{sms, tokenType(s.Token)}, nil
}

func (g *Gateway) getSecuritySessions(ctx context.Context, c *Caller, _ nothing) ([]sessionRow, error) {
	open, err := ask[session.Sessions](ctx, c, session.ReadSessions{})
	return sessionRows(open.Logins, c.who.Profile, g.Now()), err
}

func (g *Gateway) getSecuritySessionCode(ctx context.Context, c *Caller, _ nothing) (codeRequested, error) {
	r, err := ask[session.PasscodeRequested](ctx, c, session.RequestPasscode{Login: c.login()})
	if err != nil {
		return codeRequested{}, err
	}
	return codeOf(r), nil
}

func pendingOf(p session.Passcode) *pendingCode {
	if p.Number == 0 {
		return nil
	}
	return &pendingCode{p.Number, instant(p.ExpiresAt), p.TriesLeft}
}

// codeOf tells that a password is on its way.
func codeOf(r session.PasscodeRequested) codeRequested {
	channel, sent := "sms", fmt.Sprintf("one-time password No. %d was sent to %s", r.Number, r.Phone)
	delay := secondsUntil(r.RepeatAt, r.SentAt)
	return codeRequested{
		Channel: &channel, Delay: &delay, Repeatable: r.Repeatable, Input: true, Sent: true, Texts: texts{Sent: &sent},
		Number: r.Number, Phone: r.Phone, ExpiresAt: instant(r.ExpiresAt), RepeatAt: instant(r.RepeatAt),
	}
}

// checkSecuritySessionCode answers a wrong password by a normal reply, as the public API does.
func (g *Gateway) checkSecuritySessionCode(ctx context.Context, c *Caller, p enterParams) (codeChecked, error) {
	r, err := ask[session.PasscodeChecked](ctx, c, session.EnterPasscode{Login: c.login(), Code: p.Key})
	if err != nil {
		return codeChecked{}, err
	}
	if !r.OK {
		sorry := wrongCode(r)
		return codeChecked{More: r.Left > 0, Left: r.Left, Until: instant(r.BlockedUntil), Texts: texts{Error: &sorry}}, nil
	}
	return codeChecked{
		Success: true, More: true, Left: r.Left, ID: r.Login.Session.ID,
		Sessions: sessionRows([]session.Login{r.Login}, c.who.Profile, g.Now()),
	}, nil
}

func wrongCode(r session.PasscodeChecked) string {
	switch {
	case r.Locked:
		return "the one-time password is wrong: SMS is blocked, call the broker to have it unblocked"
	case !r.BlockedUntil.IsZero():
		return "the one-time password is wrong: SMS is blocked until " + r.BlockedUntil.UTC().Format("2006-01-02 15:04:05 MST")
	case r.Left == 0:
		return "the one-time password is wrong, and that was its last try: ask for a new one"
	default:
		return fmt.Sprintf("the one-time password is wrong: %d more tries", r.Left)
	}
}

// openSecuritySession answers a wrong password by an error that has everything the normal reply has: the clients that
// send it look for an error only.
// By WEB-token it is opened as webtoken.go has it.
func (g *Gateway) openSecuritySession(ctx context.Context, c *Caller, p openParams) (codeChecked, error) {
	switch {
	case p.Signature != "":
		return codeChecked{}, errSignedSID
	case p.Type == session.WebToken:
		return g.openByToken(ctx, c, p)
	case p.Type != session.SMS && p.Type != 0:
		return codeChecked{}, door(notServed, "safetyTypeId %d opens no security session here", "open it by SMS: safetyTypeId 3, or by WEB-token: 7", p.Type)
	case p.Key == "":
		return codeChecked{}, door(badParams, "validationKey is missing", "ask for a password with getSecuritySessionCode, then send it")
	}
	checked, err := g.checkSecuritySessionCode(ctx, c, enterParams{Key: p.Key})
	if err == nil && !checked.Success {
		sorry := refused(door(wrongPasscode, "%s", "enter the password again, or ask for a new one", *checked.Texts.Error), g.Now())
		sorry.Success, sorry.More, sorry.Left = &checked.Success, &checked.More, &checked.Left
		sorry.Until = checked.Until
		return codeChecked{}, problemError{sorry}
	}
	return checked, err
}

func (g *Gateway) closeSecuritySession(ctx context.Context, c *Caller, p closeParams) (closed, error) {
	if p.ID == 0 && !p.All && !p.Others {
		return closed{}, door(badParams, "id is missing", "send id, or all, or others")
	}
	r, err := ask[session.Closed](ctx, c, session.CloseSessions{Login: c.login(), ID: p.ID, All: p.All, Others: p.Others})
	return closed{err == nil, r.Sessions}, err
}
