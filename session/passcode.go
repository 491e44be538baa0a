package session

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Purpose is what a passcode is good for.
type Purpose string

// OpenSession is the purpose of a passcode that opens a security session.
const OpenSession Purpose = "session"

// Passcode is a one-time password that was sent and may still be entered.
type Passcode struct {
	Login     LoginID
	Purpose   Purpose
	Number    int    // the client sees it as «Код №2»
	Digest    Sealed // bound to client, login and purpose
	ExpiresAt time.Time
	TriesLeft int
}

// SMSMeans counts what has to do with passcodes by SMS over all logins and all passcodes.
type SMSMeans struct {
	Failures     int       // consecutive
	BlockedUntil time.Time //
	Locked       bool      // until another means succeeds or the operator unblocks it
	Disconnected bool      // by an order of the client, or by an operator
	Row          int       // passcodes sent since the last success
	Sent         []time.Time
}

type (
	// ReadMeans asks for the means of authentication and their status. Result: MeansStatus.
	ReadMeans struct{ Login LoginID }

	// RequestPasscode asks for a one-time password by SMS that opens a session (M3). Result: PasscodeRequested.
	RequestPasscode struct{ Login LoginID }

	// EnterPasscode opens a security session, if the code is right (M3). Result: PasscodeChecked.
	EnterPasscode struct {
		Login LoginID
		Code  string
	}

	// ReportTextFailed tells that a passcode could not be sent. Result: Done.
	ReportTextFailed struct {
		Login   LoginID
		Purpose Purpose
		Number  int
		Reason  TextFailure
	}

	// Unblock is the engineer's: the counters of wrong passwords and passcodes start anew, those of sending stay. What two
	// operators must restore, a disconnected SMS or a blocked voice password, stays as it is. Result: Done.
	Unblock struct{}
)

// TextFailure says why a text was not sent.
type TextFailure string

// The reasons why a text is not sent.
const (
	PhoneLimit   TextFailure = "phone_limit"   // too many texts to this phone today, over all clients
	NotDelivered TextFailure = "not_delivered" // the operator refused it, or it is not known whether it went out
)

// MeansStatus is what a client may know about his means.
type MeansStatus struct {
	Phone        string    // masked; empty: SMS is not registered
	BlockedUntil time.Time // SMS is blocked until then
	Locked       bool      // SMS is blocked until it is unblocked
	Disconnected bool      // SMS is disconnected
	AttemptsLeft int       // before SMS is blocked; 0 when it is
	RepeatAt     time.Time // a passcode may be asked for from then on; zero: now
	Pending      Passcode  // one that may be entered; Number 0: none
	Token        TokenStanding
}

// PasscodeRequested answers a request for a passcode.
type PasscodeRequested struct {
	Phone      string // masked
	Number     int
	SentAt     time.Time
	ExpiresAt  time.Time
	RepeatAt   time.Time
	Repeatable bool // by the limits of the hour and the day a further one may be asked for at RepeatAt
}

// PasscodeChecked answers an entered passcode.
type PasscodeChecked struct {
	OK           bool
	Login        Login     // with the new session
	Left         int       // tries left, of this passcode and before the block, whichever is less
	BlockedUntil time.Time // this failure blocked SMS until then
	Locked       bool      // or until it is unblocked
}

// Events of passcodes and of the means of authentication.
type (
	PasscodeSent struct {
		Login     LoginID
		Purpose   Purpose
		Number    int
		Phone     string // masked
		Digest    Sealed
		At        time.Time
		RepeatAt  time.Time
		ExpiresAt time.Time
		Tries     int
	}
	PasscodeFailed struct {
		Login   LoginID
		Purpose Purpose
		Reason  TextFailure
	}
	AttemptFailed struct {
		Means   Means
		Login   LoginID // of a passcode
		Purpose Purpose // of a passcode
		Left    int
	}
	MeansBlocked struct {
		Means Means
		Until time.Time // zero: until it is unblocked
	}
	MeansUnblocked struct{ Means Means }
)

// SendText is a text on its way to a phone: a passcode or, without a code, a notice of what has happened.
type SendText struct {
	Login     LoginID
	Purpose   Purpose
	To        string // E.164
	Code      string
	Number    int
	About     Content     // that the passcode signs, or that has happened; nil: the passcode opens a session
	Phone     string      // masked: the number that About is about
	Operator  bool        // an operator did it
	Token     TokenStatus // of a notice that the WEB-token has ended by itself: locked, or a copy was noticed
	ExpiresAt time.Time
}

func (ReadMeans) command()        {}
func (RequestPasscode) command()  {}
func (EnterPasscode) command()    {}
func (ReportTextFailed) command() {}
func (Unblock) command()          {}
func (MeansStatus) result()       {}
func (PasscodeRequested) result() {}
func (PasscodeChecked) result()   {}
func (PasscodeSent) event()       {}
func (PasscodeFailed) event()     {}
func (AttemptFailed) event()      {}
func (MeansBlocked) event()       {}
func (MeansUnblocked) event()     {}
func (SendText) effect()          {}

const passcodeDigits = 6

// newPasscode makes six digits of 64 random bits: no digit is likelier than another by more than 1e-13.
func newPasscode(entropy [32]byte) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(entropy[:8])%1_000_000)
}

// bound is what a passcode's digest is made of: a code is good for one client, one login and one purpose.
func bound(client ClientID, login LoginID, purpose Purpose, code string) string {
	return fmt.Sprintf("%d|%d|%s|%s", client, login, purpose, code)
}

func (x SMSMeans) usable(now time.Time) error {
	switch {
	case x.Disconnected:
		return refuse(SMSDisconnected, "SMS is disconnected", "call the broker to have it connected again")
	case x.Locked:
		return refuse(SMSBlocked, "too many wrong passwords: SMS is blocked", "call the broker to have it unblocked")
	case x.BlockedUntil.After(now):
		return refuse(SMSBlocked, "too many wrong passwords: SMS is blocked for a while", "wait, then ask for a new password").until(x.BlockedUntil)
	}
	return nil
}

// repeatAt is the first instant at which the rules for sending allow one more passcode, and the rule that speaks
// against an earlier one.
func (p Policy) repeatAt(x SMSMeans, now time.Time) (at time.Time, rule Reason) {
	if n := len(x.Sent); n > 0 && x.Row > 0 && len(p.PasscodeRepeats) > 0 {
		at, rule = x.Sent[n-1].Add(p.PasscodeRepeats[min(x.Row, len(p.PasscodeRepeats))-1]), TooEarly
	}
	for _, limit := range []struct {
		most   int
		within time.Duration
	}{{p.PasscodesPerHour, time.Hour}, {p.PasscodesPerDay, day}} {
		if n := len(x.Sent) - max(1, limit.most); n >= 0 {
			if free := x.Sent[n].Add(limit.within); free.After(at) {
				at, rule = free, TooManyPasscodes
			}
		}
	}
	if !at.After(now) {
		return time.Time{}, ""
	}
	return at, rule
}

func (p Policy) requestPasscode(s State, c RequestPasscode, m Moment) (Outcome, error) {
	l, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	return p.sendPasscode(s, l.ID, OpenSession, nil, m)
}

// sendPasscode sends a passcode to the client's phone; signs is the document that it is for. Result: PasscodeRequested.
func (p Policy) sendPasscode(s State, login LoginID, purpose Purpose, signs *Document, m Moment) (Outcome, error) {
	if s.Phone() == "" {
		return Outcome{}, refuse(NoPhone, "no phone is registered for passwords by SMS", "register a contact phone with the broker")
	}
	if err := s.SMS.usable(m.Now); err != nil {
		return Outcome{}, err
	}
	if err := p.unproved(s); err != nil {
		return Outcome{}, err
	}
	switch at, rule := p.repeatAt(s.SMS, m.Now); rule {
	case TooEarly:
		return Outcome{}, refuse(rule, "a password was sent a moment ago", "wait before asking for another").until(at)
	case TooManyPasscodes:
		return Outcome{}, refuse(rule, "too many passwords were asked for", "enter the last one, or wait").until(at)
	default:
	}
	code := newPasscode(m.Entropy)
	sent := PasscodeSent{
		Login: login, Purpose: purpose, Number: s.SMS.Row + 1, Phone: MaskPhone(s.Phone()),
		Digest: m.Digest("passcode", bound(s.Client, login, purpose, code)),
		At:     m.Now, ExpiresAt: m.Now.Add(p.PasscodeLifetime), Tries: p.PasscodeTries,
	}
	after := s.passcodeSent(sent)
	repeatAt, rule := p.repeatAt(after.SMS, m.Now)
	sent.RepeatAt = repeatAt
	text := SendText{Login: login, Purpose: purpose, To: s.Phone(), Code: code, Number: sent.Number, ExpiresAt: sent.ExpiresAt}
	if signs != nil {
		text.About = signs.Content
		if c, ok := signs.Content.(PhoneChange); ok {
			text.Phone = MaskPhone(c.About())
		}
	}
	return Outcome{
		Events:  []Event{sent},
		Effects: []Effect{text},
		Result: PasscodeRequested{
			Phone: sent.Phone, Number: sent.Number, SentAt: m.Now, ExpiresAt: sent.ExpiresAt, RepeatAt: repeatAt,
			Repeatable: rule != TooManyPasscodes,
		},
	}, nil
}

// unproved bounds what is sent to a number from which nothing has come back: it may be somebody else's, whose own passcodes
// share its limit.
func (p Policy) unproved(s State) error {
	phone := s.Phones[0]
	if phone.Verified || phone.By == 0 || phone.Sent < max(1, p.UnprovedPasscodes) {
		return nil
	}
	return refuse(PhoneUnproved, "no password that was sent to %s has come back", "check the number; the broker can register another", MaskPhone(phone.Number))
}

// passcodeSent replaces the passcode of the same login and purpose; the counters stay.
func (s State) passcodeSent(e PasscodeSent) State {
	s.Passcodes = append(without(s.Passcodes, e.Login, e.Purpose), Passcode{
		Login: e.Login, Purpose: e.Purpose, Number: e.Number, Digest: e.Digest, ExpiresAt: e.ExpiresAt, TriesLeft: e.Tries,
	})
	s.SMS.Row++
	if len(s.Phones) > 0 && !s.Phones[0].Verified {
		s.Phones = slices.Clone(s.Phones)
		s.Phones[0].Sent++
	}
	s.SMS.Sent = append(within24h(s.SMS.Sent, e.At), e.At)
	return s
}

func without(all []Passcode, login LoginID, purpose Purpose) []Passcode {
	return slices.DeleteFunc(slices.Clone(all), func(p Passcode) bool { return p.Login == login && p.Purpose == purpose })
}

// passcode is the one that may be entered now.
func (s State) passcode(login LoginID, purpose Purpose, now time.Time) (Passcode, bool) {
	for _, p := range s.Passcodes {
		if p.Login == login && p.Purpose == purpose && p.TriesLeft > 0 && p.ExpiresAt.After(now) {
			return p, true
		}
	}
	return Passcode{}, false
}

func (p Policy) enterPasscode(s State, c EnterPasscode, m Moment) (Outcome, error) {
	l, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	missed, err := p.comparePasscode(s, l.ID, OpenSession, c.Code, m)
	switch {
	case err != nil:
		return Outcome{}, err
	case missed != nil:
		return *missed, nil
	}
	x, events := p.open(s, l, SMS, m)
	l.Session, l.LeaveBy = &x, time.Time{}
	return Outcome{Events: events, Result: PasscodeChecked{OK: true, Login: l}}, nil
}

// comparePasscode compares a code with the one that was sent for the purpose; missed is what comes of a wrong one.
func (p Policy) comparePasscode(s State, login LoginID, purpose Purpose, code string, m Moment) (missed *Outcome, err error) {
	if err := s.SMS.usable(m.Now); err != nil {
		return nil, err
	}
	sent, ok := s.passcode(login, purpose, m.Now)
	if !ok {
		return nil, refuse(NoPasscode, "there is no password to compare with: it was used, expired or tried too often", "ask for a new password")
	}
	if len(code) != passcodeDigits || strings.Trim(code, "0123456789") != "" {
		return nil, refuse(BadPasscode, "the password has six digits", "enter the six digits of the SMS")
	}
	if !m.Matches("passcode", bound(s.Client, login, purpose, code), sent.Digest) {
		out := p.passcodeMissed(s, sent, m)
		return &out, nil
	}
	return nil, nil
}

// passcodeMissed counts a wrong passcode and blocks SMS when it was one too many (M8).
func (p Policy) passcodeMissed(s State, sent Passcode, m Moment) Outcome {
	left := untilBlock(s.SMS.Failures, p.SMSBlockEvery) - 1
	checked := PasscodeChecked{Left: min(sent.TriesLeft-1, left)}
	events := []Event{AttemptFailed{Means: SMS, Login: sent.Login, Purpose: sent.Purpose, Left: checked.Left}}
	if left == 0 {
		if n := s.SMS.Failures / max(1, p.SMSBlockEvery); n < len(p.SMSBlocks) {
			checked.BlockedUntil = m.Now.Add(p.SMSBlocks[n])
		} else {
			checked.Locked = true
		}
		events = append(events, MeansBlocked{Means: SMS, Until: checked.BlockedUntil})
	}
	return Outcome{Events: events, Result: checked}
}

func (s State) attemptFailed(e AttemptFailed) State {
	if e.Means != SMS {
		return s // the try of a password was counted when it began
	}
	s.SMS.Failures++
	s.Passcodes = slices.Clone(s.Passcodes)
	for i := range s.Passcodes {
		if p := &s.Passcodes[i]; p.Login == e.Login && p.Purpose == e.Purpose {
			p.TriesLeft--
		}
	}
	s.Passcodes = slices.DeleteFunc(s.Passcodes, func(p Passcode) bool { return p.TriesLeft <= 0 })
	return s
}

// sessionOpened uses up the passcode; a success by SMS clears its counters, one by another means ends its lock.
func (s State) sessionOpened(e SessionOpened) State {
	switch {
	case e.Session.Means == SMS:
		s = s.smsProved()
	case s.SMS.Locked:
		s.SMS = SMSMeans{Sent: s.SMS.Sent, Disconnected: s.SMS.Disconnected}
	}
	s.Passcodes = without(s.Passcodes, e.Login, OpenSession)
	return s.alter(e.Login, func(l *Login) { l.Session, l.LeaveBy = &e.Session, time.Time{} })
}

func reportTextFailed(s State, c ReportTextFailed) (Outcome, error) {
	out := Outcome{Result: Done{}}
	for _, p := range s.Passcodes {
		if p.Login == c.Login && p.Purpose == c.Purpose && p.Number == c.Number {
			out.Events = []Event{PasscodeFailed{Login: c.Login, Purpose: c.Purpose, Reason: c.Reason}}
		}
	}
	return out, nil
}

func (p Policy) readMeans(s State, c ReadMeans, m Moment) (Outcome, error) {
	if _, err := s.login(c.Login); err != nil {
		return Outcome{}, err
	}
	status := MeansStatus{Locked: s.SMS.Locked, Disconnected: s.SMS.Disconnected}
	if s.SMS.usable(m.Now) == nil {
		status.AttemptsLeft = untilBlock(s.SMS.Failures, p.SMSBlockEvery)
	}
	if s.Phone() != "" {
		status.Phone = MaskPhone(s.Phone())
	}
	if s.SMS.BlockedUntil.After(m.Now) {
		status.BlockedUntil = s.SMS.BlockedUntil
	}
	status.RepeatAt, _ = p.repeatAt(s.SMS, m.Now)
	status.Pending, _ = s.passcode(c.Login, OpenSession, m.Now)
	status.Token = s.Tokens.standing()
	return Outcome{Result: status}, nil
}

func unblock(s State, m Moment) (Outcome, error) {
	out := Outcome{Result: Done{}}
	if !s.SMS.Disconnected && (s.SMS.Failures > 0 || s.SMS.Locked || s.SMS.BlockedUntil.After(m.Now)) {
		out.Events = append(out.Events, MeansUnblocked{Means: SMS})
	}
	if s.Password.Tries > 0 || s.Password.BlockedUntil.After(m.Now) {
		out.Events = append(out.Events, MeansUnblocked{Means: LoginPassword})
	}
	return out, nil
}
