package session

import (
	"fmt"
	"slices"
	"time"
)

// Moment is everything about the outside world that a decision may depend on.
type Moment struct {
	Now     time.Time // UTC, whole microseconds, no monotonic part
	ID      int64     // a fresh id, below 2^53, never given out before
	Entropy [32]byte  // passcodes and SIDs are derived from it; used for one decision only

	// Digest is a keyed one-way function; the core never sees the key. Matches tells, in constant time, whether digest
	// came from the same purpose and secret, under whichever key it was made.
	Digest  func(purpose, secret string) Sealed
	Matches func(purpose, secret string, digest Sealed) bool

	OPRF OPRF // of WEB-tokens
}

// Instant brings a time into the form that Moment.Now has: UTC, whole microseconds, no monotonic part.
func Instant(t time.Time) time.Time { return t.Truncate(time.Microsecond).UTC() }

// Command asks for something to be done for one client. The commands stand in the file of the thing they concern.
//
//sumtype:decl
type Command interface{ command() }

// Event tells what has happened to one client, in the past tense. It carries absolute instants, so that a changed
// Policy never rewrites the past, and nothing secret except Sealed digests, which are never written beside it.
//
//sumtype:decl
type Event interface{ event() }

// Effect is what the world must do because of a decision. It is written in the same transaction as the events.
//
//sumtype:decl
type Effect interface{ effect() }

// Result is what a command that was carried out answers.
//
//sumtype:decl
type Result interface{ result() }

// Outcome is what a decision comes to. No events means that nothing changes.
type Outcome struct {
	Events  []Event
	Effects []Effect
	Result  Result
}

// Answer is a Result with the number of the client's event that it is true at.
type Answer struct {
	Seq    int64
	Result Result
}

// Numbered is an event with its number: per client, from 1, without gaps.
type Numbered struct {
	Seq   int64
	At    time.Time
	Event Event
}

// Done is the answer of a command that has nothing more to say.
type Done struct{}

func (Done) result() {}

// Decide says what comes of a command: the events that happen, the effects they have on the world, and the answer. It
// changes nothing itself. A command that makes no sense now returns a *Refusal. Tick must come first when Deadline(s)
// has passed: Decide itself looks at no alarm but its own.
func (p Policy) Decide(s State, c Command, m Moment) (Outcome, error) {
	switch c := c.(type) {
	case AttemptPassword:
		return p.attemptPassword(s, m)
	case SettleLogin:
		return p.settleLogin(s, c, m)
	case SettlePasswordChange:
		return p.settlePasswordChange(s, c, m)
	case SetPassword:
		return changePassword(s, c.Hash, 0), nil
	case Identify:
		return p.identify(s, c, m)
	case Logout:
		return logout(s, c)
	case Attend:
		return attend(s, c)
	case Detach:
		return p.detach(s, c, m)
	case LeaveTerminal:
		return p.leaveTerminal(s, c, m)
	case Recover:
		return p.recover(s, c)
	case ReadMeans:
		return p.readMeans(s, c, m)
	case ReadSessions:
		return readSessions(s), nil
	case RequestPasscode:
		return p.requestPasscode(s, c, m)
	case EnterPasscode:
		return p.enterPasscode(s, c, m)
	case ReportTextFailed:
		return reportTextFailed(s, c)
	case Unblock:
		return unblock(s, m)
	case CloseSessions:
		return closeSessions(s, c)
	case ReadPhones:
		return p.readPhones(s, c)
	case SubmitDocument:
		return p.submitDocument(s, c, m)
	case RequestSignature:
		return p.requestSignature(s, c, m)
	case SignDocument:
		return p.signDocument(s, c, m)
	case CancelDocument:
		return cancelDocument(s, c, m)
	case ReadDrafts:
		return p.readDrafts(s, c, m)
	case AttemptVoice:
		return p.attemptVoice(s, c)
	case SettleVoice:
		return p.settleVoice(s, c, m)
	case ReadCard:
		return p.readCard(s, c, m), nil
	case ProposeDocument:
		return p.proposeDocument(s, c, m)
	case ConfirmDocument:
		return p.confirmDocument(s, c, m)
	case DeclineDocument:
		return declineDocument(s, c, m)
	case BeginToken:
		return p.beginToken(s, c, m)
	case EvaluatePIN:
		return p.evaluatePIN(s, c, m)
	case ChallengeToken:
		return p.challengeToken(s, c, m)
	case OpenByToken:
		return p.openByToken(s, c, m)
	case RevokeToken:
		return p.revokeToken(s, c, m)
	case SubmitOrder:
		return p.submitOrder(s, c, m)
	case CancelOrder:
		return p.cancelOrder(s, c, m)
	case ReportExecution:
		return reportExecution(c, m)
	case Tick:
		return p.tick(s, m), nil
	case ReadOrders, ReadEvents, ReadDocuments, ReadHistory:
		panic(fmt.Sprintf("session: %T is answered by the actor, which has the rows", c))
	default:
		panic(fmt.Sprintf("session: no decision for the command %T", c))
	}
}

// Apply is the state after one event. It is total: it never fails, whatever the event, and knows no Policy.
func Apply(s State, e Event) State {
	s.Version++
	switch e := e.(type) {
	case PasswordAttempted:
		s.Password.Tries, s.Password.BlockedUntil = e.Tries, e.BlockedUntil
	case PasswordChanged:
		s.Password = Password{Epoch: s.Password.Epoch + 1}
	case LoginOpened:
		s.Password.Tries, s.Password.BlockedUntil = 0, time.Time{}
		s.Logins = append(slices.Clip(s.Logins), e.Login)
	case LoginRenewed:
		s.Password.Tries, s.Password.BlockedUntil = 0, time.Time{}
		return s.alter(e.Login.ID, func(l *Login) {
			l.Label, l.Address, l.SID, l.Lifetime, l.LastSeen = e.Login.Label, e.Login.Address, e.Login.SID, e.Login.Lifetime, e.Login.LastSeen
		})
	case LoginSeen:
		return s.alter(e.Login, func(l *Login) { l.LastSeen = e.At })
	case LoginClosed:
		return s.without(e.Login)
	case TerminalAttached:
		return s.alter(e.Login, func(l *Login) { l.Attended, l.LeaveBy = true, time.Time{} })
	case TerminalGone:
		return s.alter(e.Login, func(l *Login) { l.Attended, l.LeaveBy, l.LastSeen = false, e.ClosesAt, e.At })
	case PasscodeSent:
		return s.passcodeSent(e)
	case PasscodeFailed:
		s.Passcodes = without(s.Passcodes, e.Login, e.Purpose)
	case AttemptFailed:
		return s.attemptFailed(e)
	case PhoneAdded:
		return s.phoneAdded(e)
	case PhoneRemoved:
		return s.phoneRemoved(e)
	case PhoneChanged:
		return s.phoneChanged(e)
	case DocumentDrafted:
		s.Drafts = append(slices.Clip(s.Drafts), e.Document)
	case DocumentSigned:
		return s.documentSigned(e)
	case DocumentCancelled:
		return s.withoutDraft(e.ID)
	case DocumentAccepted, OperatorActed:
		// They tell; what has changed is told by other events.
	case TokenBegun, TokenChallenged, PINEvaluated, TokenRegistered, TokenOpened, TokenEnded:
		token, _ := e.(TokenEvent)
		s.Tokens = s.Tokens.apply(token)
	case VoiceAttempted:
		s.Voice.Tries = e.Tries
	case VoiceVerified:
		return s.voiceVerified(e)
	case MeansDisconnected:
		if e.Means == SMS {
			s.SMS.Disconnected, s.Passcodes = true, nil
		}
	case MeansBlocked:
		if e.Means == SMS {
			s.SMS.BlockedUntil, s.SMS.Locked, s.Passcodes = e.Until, e.Until.IsZero(), nil
		}
	case MeansUnblocked:
		switch e.Means {
		case SMS:
			s.SMS.Failures, s.SMS.BlockedUntil, s.SMS.Locked, s.SMS.Disconnected = 0, time.Time{}, false, false
		case LoginPassword:
			s.Password.Tries, s.Password.BlockedUntil = 0, time.Time{}
		case VoicePassword:
			s.Voice.Tries = 0
		case WebToken, APIKey:
		}
	case SessionOpened:
		return s.sessionOpened(e)
	case SessionExtended:
		return s.alterSession(e.Login, e.Session, func(x *Session) { x.ExpiresAt, x.WarnAt = e.ExpiresAt, e.WarnAt })
	case SessionExpiring:
		return s.alterSession(e.Login, e.Session, func(x *Session) { x.WarnAt = e.WarnAt })
	case SessionClosed:
		return s.alter(e.Login, func(l *Login) { l.Session, l.LeaveBy = nil, time.Time{} })
	case OrderAccepted, OrderWorking, OrderFilled, OrderCancelling, OrderCancelled, OrderExpired, OrderRejected:
		// Orders are rows of their own: see Order.Apply.
	default:
		panic(fmt.Sprintf("session: no state after the event %T", e))
	}
	return s
}

// after is the state after all of the events.
func (s State) after(events []Event) State {
	for _, e := range events {
		s = Apply(s, e)
	}
	return s
}
