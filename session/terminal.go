package session

import (
	"slices"
	"time"
)

type (
	// Attend tells that a terminal is connected under the login. Result: Done.
	Attend struct{ Login LoginID }

	// Detach tells that the login's last terminal is gone. Result: Done.
	Detach struct {
		Login     LoginID
		Announced bool // it said that it leaves: the tab was closed; otherwise the connection was lost
	}

	// LeaveTerminal tells that a terminal which is not connected any more had left on purpose: the beacon of a closed
	// tab that came after the end of its connection. Result: Done.
	LeaveTerminal struct{ Login LoginID }

	// Recover tells that none of these logins' terminals has come back since the client's state was loaded.
	// Result: Done.
	Recover struct {
		Absent []LoginID
		Loaded time.Time // the grace began then
	}
)

// Events of the terminals of one login: the first one came, the last one went.
type (
	TerminalAttached struct{ Login LoginID }
	TerminalGone     struct {
		Login    LoginID
		At       time.Time
		ClosesAt time.Time // the session closes then, unless a terminal comes back; zero: none is open
	}
)

func (Attend) command()         {}
func (Detach) command()         {}
func (LeaveTerminal) command()  {}
func (Recover) command()        {}
func (TerminalAttached) event() {}
func (TerminalGone) event()     {}

func attend(s State, c Attend) (Outcome, error) {
	l, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Result: Done{}}
	if !l.Attended {
		out.Events = []Event{TerminalAttached{Login: l.ID}}
	}
	return out, nil
}

// terminalGone gives the session of a login the grace to see a terminal come back (M6).
func terminalGone(l Login, at time.Time, grace time.Duration) Event {
	gone := TerminalGone{Login: l.ID, At: at}
	if l.Session != nil {
		gone.ClosesAt = at.Add(grace)
	}
	return gone
}

func (p Policy) detach(s State, c Detach, m Moment) (Outcome, error) {
	out := Outcome{Result: Done{}}
	if l, ok := s.Login(c.Login); ok && l.Attended {
		grace := p.LostGrace
		if c.Announced {
			grace = p.LeaveGrace
		}
		out.Events = []Event{terminalGone(l, m.Now, grace)}
	}
	return out, nil
}

func (p Policy) leaveTerminal(s State, c LeaveTerminal, m Moment) (Outcome, error) {
	out := Outcome{Result: Done{}}
	if l, ok := s.Login(c.Login); ok && l.LeaveBy.After(m.Now.Add(p.LeaveGrace)) {
		out.Events = []Event{terminalGone(l, m.Now, p.LeaveGrace)}
	}
	return out, nil
}

func (p Policy) recover(s State, c Recover) (Outcome, error) {
	out := Outcome{Result: Done{}}
	for _, l := range s.Logins {
		if l.Attended && slices.Contains(c.Absent, l.ID) {
			out.Events = append(out.Events, terminalGone(l, c.Loaded, p.LostGrace))
		}
	}
	return out, nil
}
