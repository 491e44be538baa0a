package wsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"vakhta/session"
)

// problem is why a command was not carried out, as it goes over the wire. Published clients look at error, at errMsg
// or at both; reason, next, until and retryAfter are ours.
type problem struct {
	ID         rawID          `json:"id,omitempty" ts:"-"` // of the request, on the socket
	Success    *bool          `json:"success,omitempty" ts:"-"`
	Error      string         `json:"error"`
	ErrMsg     string         `json:"errMsg"`
	Code       int            `json:"code"`
	Reason     session.Reason `json:"reason"`
	Next       string         `json:"next,omitempty"`
	Until      instant        `json:"until,omitzero"`
	RetryAfter int64          `json:"retryAfter,omitempty" doc:"Seconds."`
	Left       *int           `json:"attemptsLeft,omitempty"`
	More       *bool          `json:"isAttemptAvailable,omitempty"`
	Cmd        string         `json:"cmd,omitempty"`
	status     int            // of HTTP; 0: 200
}

// The codes of the public API that we use.
const (
	codeQuery   = 1
	codeJSON    = 2
	codeCommand = 3
	codeParams  = 5
	codeAccess  = 12
	codeBadCode = 14
)

// The door's own reasons; the core has the others.
const (
	badJSON        session.Reason = "bad_json"          // not JSON, or too deep
	badFrame       session.Reason = "bad_frame"         // JSON, but no frame or envelope
	tooLarge       session.Reason = "too_large"         //
	unknownCommand session.Reason = "unknown_command"   //
	notServed      session.Reason = "not_served"        // of the public API, but not here
	badParams      session.Reason = "bad_params"        // Error says which
	postOnly       session.Reason = "need_post"         //
	crossOrigin    session.Reason = "cross_origin"      // another site sent it through this browser
	otherLogin     session.Reason = "other_login"       // the connection belongs to somebody else
	weakPassword   session.Reason = "weak_password"     //
	deskFailed     session.Reason = "desk_login_failed" // which of the three was wrong is not told
	unknownClient  session.Reason = "unknown_client"    // at the desk
	noVoice        session.Reason = "no_voice"          // at the desk
	wrongPasscode  session.Reason = "wrong_passcode"    // of openSecuritySession
	busy           session.Reason = "busy"              // too many logins are waiting
	draining       session.Reason = "draining"          // the server is being stopped
	unavailable    session.Reason = "unavailable"       // the journal cannot be reached
	timedOut       session.Reason = "timeout"           // it is not known whether the command was carried out
	internal       session.Reason = "internal"          //
)

// codes gives each reason the public API's code; those of passcodes are 2, as its documentation has them.
var codes = map[session.Reason]int{
	session.UnknownLogin: codeAccess, session.PasswordBlocked: codeAccess, session.WrongPassword: codeAccess,
	session.PasswordWasChanged: codeAccess, session.NoSession: codeAccess, session.OutOfScope: codeAccess,
	session.NoPhone: codeJSON, session.SMSBlocked: codeJSON, session.TooEarly: codeJSON, session.TooManyPasscodes: codeJSON,
	session.NoPasscode: codeBadCode, session.BadPasscode: codeBadCode,
	session.UnknownSession: codeParams, session.UnknownTicker: codeParams, session.BadOrder: codeParams,
	session.OrderConflict: codeParams, session.UnknownOrder: codeParams, session.OrderFinished: codeParams,
	session.SMSDisconnected: codeJSON, session.VoiceBlocked: codeAccess, session.NotIdentified: codeAccess, session.SelfConfirmation: codeAccess,
	session.BadDocument: codeParams, session.UnknownDocument: codeParams, session.DocumentTooLate: codeParams,
	session.DocumentWaits: codeParams, session.NothingToDo: codeParams, session.ReasonMissing: codeParams,
	session.UnknownPhone: codeParams, session.PhoneKnown: codeParams, session.LastPhone: codeParams, session.PrimaryStays: codeParams, session.PhoneLooksAlike: codeParams,
	session.PhoneUnproved: codeJSON, session.TooManyPhones: codeParams,
	session.PhoneNeedsCountry: codeParams, session.BadPhone: codeParams, session.PhoneNotMobile: codeParams,
	session.NoToken: codeAccess, session.TokenLocked: codeAccess, session.TokenCloned: codeAccess, session.TokenGone: codeAccess,
	session.TokenElsewhere: codeAccess, session.NeedSMSSession: codeAccess, session.NeedTokenSignature: codeAccess,
	session.PhoneQuarantine: codeAccess,
	session.NoTokenTries:    codeJSON, session.TokenDayLimit: codeJSON, session.TooManyTokens: codeJSON,
	session.ChallengeOver: codeBadCode, session.BadSignature: codeBadCode, session.BadToken: codeParams, session.ServerKeyMissing: codeQuery,
	badJSON: codeJSON, badFrame: codeJSON, postOnly: codeJSON, tooLarge: codeQuery,
	unknownCommand: codeCommand, notServed: codeCommand, badParams: codeParams, weakPassword: codeParams,
	session.NotOperator: codeAccess, session.DeskBlocked: codeAccess, deskFailed: codeAccess, unknownClient: codeParams, noVoice: codeAccess,
	crossOrigin: codeAccess, otherLogin: codeAccess, wrongPasscode: codeBadCode,
	busy: codeQuery, draining: codeQuery, unavailable: codeQuery, timedOut: codeQuery, internal: codeQuery,
}

// statuses are the only exceptions from HTTP 200.
var statuses = map[session.Reason]int{
	session.PasswordBlocked: http.StatusTooManyRequests,
	session.DeskBlocked:     http.StatusTooManyRequests,
	busy:                    http.StatusTooManyRequests,
}

// door makes an error of the door itself: what is wrong, and what to do next.
func door(reason session.Reason, message, next string, args ...any) *session.Refusal {
	return &session.Refusal{Reason: reason, Message: fmt.Sprintf(message, args...), Next: next}
}

var errNoLogin = door(session.UnknownLogin, "you are not logged in: no good SID came with the request", "log in with authByLogin")

var errNoOperator = door(session.NotOperator, "you are not logged in at the desk, or the login has ended", "log in with deskLogin")

// isAnswer says whether an error is an answer for the client, and not a fault that somebody should look at.
func isAnswer(err error) bool {
	var refusal *session.Refusal
	var ready problemError
	return errors.As(err, &refusal) || errors.As(err, &ready)
}

// problemError lets a command answer with more than a Refusal can carry.
type problemError struct{ *problem }

func (p problemError) Error() string { return p.problem.Error }

// explain turns any error into what the client is told.
func explain(err error, now time.Time) *problem {
	var refusal *session.Refusal
	var ready problemError
	switch {
	case errors.As(err, &ready):
		return ready.problem
	case errors.As(err, &refusal):
	case errors.Is(err, session.ErrUnknownClient):
		refusal = errNoLogin
	case errors.Is(err, session.ErrUnavailable):
		refusal = door(unavailable, "%s", "try again in a moment", session.ErrUnavailable)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		refusal = door(timedOut, "the server did not answer in time", "ask again, an order with the same user_order_id")
	default:
		refusal = door(internal, "something went wrong in the server", "try again; if it stays so, tell the broker")
	}
	return refused(refusal, now)
}

func refused(r *session.Refusal, now time.Time) *problem {
	message := r.Message
	if r.Reason == session.UnknownLogin && r != errNoLogin && r != errNoOperator {
		message = "the SID is not good any more: " + message // published clients look for the word SID
	}
	p := &problem{
		Error: message, ErrMsg: message, Code: codes[r.Reason], Reason: r.Reason, Next: r.Next, Until: instant(r.Until),
		status: statuses[r.Reason],
	}
	if !r.Until.IsZero() {
		p.RetryAfter = max(1, secondsUntil(r.Until, now))
	} else if p.status == http.StatusTooManyRequests {
		p.RetryAfter = 1
	}
	return p
}
