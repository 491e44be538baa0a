package session

import "time"

// Session is an open security session: the right to submit orders until ExpiresAt (M4).
type Session struct {
	ID        SessionID
	Means     Means
	OpenedAt  time.Time
	ExpiresAt time.Time
	CapAt     time.Time // ExpiresAt is never later than this
	WarnAt    time.Time // the next warning; zero: none is left
	Limited   bool      // for non-trading orders only: it was opened through a number in quarantine
}

// CloseReason says why a security session was closed.
type CloseReason string

// The reasons why a security session is closed.
const (
	Expired          CloseReason = "expired"
	CapReached       CloseReason = "cap_reached"
	LeftTerminal     CloseReason = "left_terminal"
	TerminalAbsent   CloseReason = "terminal_gone"
	ClosedByClient   CloseReason = "closed_by_client"
	ClosedByOperator CloseReason = "closed_by_operator"
	Replaced         CloseReason = "replaced"
	MeansGone        CloseReason = "means_disconnected" // the means that opened it is good no longer
	TokenRevoked     CloseReason = "token_revoked"      // or locked, or a copy of it was noticed
	LoginEnded       CloseReason = "login_ended"
)

type (
	// ReadSessions asks for the open security sessions of all the client's logins. Result: Sessions.
	ReadSessions struct{}

	// CloseSessions closes one session, or all, or all but the own one. Result: Closed.
	CloseSessions struct {
		Login    LoginID // who asks
		Operator bool    // the operator asks, not the client
		By       Officer // at the desk; nobody: on the command line
		Reason   string  // that the desk gives
		ID       SessionID
		All      bool
		Others   bool
	}

	// Tick does what is due by Moment.Now: warnings, expiries, graces, idle logins. Early, late and repeated ones are
	// harmless. Result: Done.
	Tick struct{}
)

// Sessions are the logins that have an open security session.
type Sessions struct{ Logins []Login }

// Closed tells how many sessions were closed.
type Closed struct{ Sessions int }

// Events of a security session.
type (
	SessionOpened struct {
		Login   LoginID
		Session Session
	}
	SessionExtended struct {
		Login     LoginID
		Session   SessionID
		ExpiresAt time.Time
		WarnAt    time.Time
	}
	SessionExpiring struct {
		Login     LoginID
		Session   SessionID
		ExpiresAt time.Time
		Left      time.Duration
		WarnAt    time.Time // the next warning
	}
	SessionClosed struct {
		Login   LoginID
		Session SessionID
		Reason  CloseReason
	}
)

func (ReadSessions) command()  {}
func (CloseSessions) command() {}
func (Tick) command()          {}
func (Sessions) result()       {}
func (Closed) result()         {}
func (SessionOpened) event()   {}
func (SessionExtended) event() {}
func (SessionExpiring) event() {}
func (SessionClosed) event()   {}

// open is what happens when a means has proved right for a login: a session, which replaces the one that is open.
func (p Policy) open(s State, l Login, by Means, m Moment) (Session, []Event) {
	capAt := m.Now.Add(p.SessionCap)
	x := Session{ID: SessionID(m.ID), Means: by, OpenedAt: m.Now, ExpiresAt: p.end(m.Now, capAt), CapAt: capAt}
	x.Limited = by == SMS && s.Quarantine.By == WebToken && s.Quarantine.Until.After(m.Now)
	x.WarnAt = p.nextWarning(x.ExpiresAt, m.Now)
	var events []Event
	if l.Session != nil {
		events = append(events, SessionClosed{Login: l.ID, Session: l.Session.ID, Reason: Replaced})
	}
	return x, append(events, SessionOpened{Login: l.ID, Session: x})
}

func (p Policy) end(now, capAt time.Time) time.Time {
	if end := now.Add(p.SessionLifetime); end.Before(capAt) {
		return end
	}
	return capAt
}

// extend raises what is left of a session to its full lifetime (M5), never beyond the cap and never to less.
func (p Policy) extend(l Login, now time.Time) []Event {
	x := l.Session
	end := p.end(now, x.CapAt)
	if !end.After(x.ExpiresAt) {
		return nil
	}
	return []Event{SessionExtended{Login: l.ID, Session: x.ID, ExpiresAt: end, WarnAt: p.nextWarning(end, now)}}
}

// nextWarning is the instant of the first warning that is still to come. One that is not shorter than the lifetime never
// is: its instant is over when the end is set.
func (p Policy) nextWarning(end, now time.Time) (at time.Time) {
	for _, w := range p.Warnings {
		if t := end.Add(-w); t.After(now) {
			at, _ = earliest(at, t)
		}
	}
	return at
}

func readSessions(s State) Outcome {
	var open Sessions
	for _, l := range s.Logins {
		if l.Session != nil {
			open.Logins = append(open.Logins, l)
		}
	}
	return Outcome{Result: open}
}

func closeSessions(s State, c CloseSessions) (Outcome, error) {
	var events []Event
	reason := ClosedByOperator
	switch {
	case !c.Operator:
		if _, err := s.login(c.Login); err != nil {
			return Outcome{}, err
		}
		reason = ClosedByClient
	case c.By != Officer{}:
		why, err := GoodReason(c.Reason)
		if err != nil {
			return Outcome{}, err
		}
		events = []Event{OperatorActed{By: c.By, Act: ActCloseSessions, Reason: why}}
	}
	before := len(events)
	for _, l := range s.Logins {
		if l.Session != nil && (c.All || c.Others && l.ID != c.Login || l.Session.ID == c.ID) {
			events = append(events, SessionClosed{Login: l.ID, Session: l.Session.ID, Reason: reason})
		}
	}
	closed := len(events) - before
	if closed == 0 && !c.All && !c.Others {
		return Outcome{}, refuse(UnknownSession, "no security session with id %d is open", "take an id from getSecuritySessions", c.ID)
	}
	return Outcome{Events: events, Result: Closed{Sessions: closed}}, nil
}

// closeOpenedBy closes the sessions that the means has opened.
func (s State) closeOpenedBy(means Means, why CloseReason) (events []Event) {
	for _, l := range s.Logins {
		if l.Session != nil && l.Session.Means == means {
			events = append(events, SessionClosed{Login: l.ID, Session: l.Session.ID, Reason: why})
		}
	}
	return events
}

// Deadline is the next instant worth waking for.
func Deadline(s State) (at time.Time, ok bool) {
	for _, l := range s.Logins {
		at, _ = earliest(at, l.deadline())
	}
	for _, d := range s.Drafts {
		at, _ = earliest(at, d.ExpiresAt)
	}
	at, _ = earliest(at, s.tokenDeadline())
	return at, !at.IsZero()
}

func (l Login) deadline() (at time.Time) {
	if l.Session != nil {
		at, _ = earliest(l.Session.ExpiresAt, l.Session.WarnAt, l.LeaveBy)
	}
	if !l.Attended {
		at, _ = earliest(at, l.LastSeen.Add(l.Lifetime))
	}
	return at
}

func (p Policy) tick(s State, m Moment) Outcome {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(m.Now) }
	out := Outcome{Result: Done{}}
	for _, l := range s.Logins {
		idle := !l.Attended && due(l.LastSeen.Add(l.Lifetime))
		switch x := l.Session; {
		case x == nil:
		case due(x.ExpiresAt), due(l.LeaveBy):
			out.Events = append(out.Events, SessionClosed{Login: l.ID, Session: x.ID, Reason: l.ending()})
			l.Session = nil
		case due(x.WarnAt) && !idle:
			// A late warning says what is left now, and stands for those that it missed.
			out.Events = append(out.Events, SessionExpiring{
				Login: l.ID, Session: x.ID, ExpiresAt: x.ExpiresAt,
				Left: x.ExpiresAt.Sub(m.Now), WarnAt: p.nextWarning(x.ExpiresAt, m.Now),
			})
		}
		if idle {
			out.Events = append(out.Events, closeLogin(l, LoginIdle)...)
		}
	}
	for _, d := range s.Drafts {
		if due(d.ExpiresAt) {
			out.Events = append(out.Events, DocumentCancelled{ID: d.ID, End: DocumentExpired})
		}
	}
	events, effects := s.after(out.Events).dueTokens(m.Now)
	out.Events, out.Effects = append(out.Events, events...), effects
	return out
}

// ending is why a session ends at its first deadline.
func (l Login) ending() CloseReason {
	switch x := l.Session; {
	case !l.LeaveBy.IsZero() && l.LeaveBy.Before(x.ExpiresAt):
		return TerminalAbsent
	case x.ExpiresAt.Equal(x.CapAt):
		return CapReached
	default:
		return Expired
	}
}
