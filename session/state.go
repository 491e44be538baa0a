package session

import (
	"slices"
	"time"
)

// Ids are below 2^53, so that they survive a JavaScript number.
type (
	ClientID  int64
	LoginID   int64
	SessionID int64
	OrderID   int64
)

// Means is a means of authentication; the numbers are the public API's safety_type_id.
type Means int

// The means of authentication.
const (
	SMS           Means = 3
	LoginPassword Means = 4
	VoicePassword Means = 6
	WebToken      Means = 7
	APIKey        Means = 14
)

// State is everything that one client has, but for his orders, which are rows of their own. It is a value: Apply never
// writes into what an older State still shares.
type State struct {
	Client     ClientID
	Profile    *Profile // read with the State, never written with it
	Version    int64    // the number of the client's last event
	Head       Hash     // of the last event that the journal has: read with the State, given back by a commit
	Phones     []Phone  // passcodes go to the first; none: no SMS means
	Quarantine Quarantine
	Password   Password
	SMS        SMSMeans
	Voice      Voice
	Passcodes  []Passcode // pending, at most one per login and purpose
	Drafts     []Document // that wait for a signature: at most one per login, and one of an operator
	Tokens     Tokens
	Logins     []Login
}

// Profile is what is known about a client beside his State: it changes only by import.
type Profile struct {
	Client   ClientID
	Code     string // the client code, as in «100001»
	Kind     string // "person" or "company"
	Name     string // full name or company name
	Login    string // the login name
	Email    string
	Language string // "ru" or "en"
}

// Login returns the live login with that id.
func (s State) Login(id LoginID) (Login, bool) {
	for _, l := range s.Logins {
		if l.ID == id {
			return l, true
		}
	}
	return Login{}, false
}

// Attended tells whether a terminal is connected under any of the client's logins, as far as the journal knows.
func (s State) Attended() bool {
	return slices.ContainsFunc(s.Logins, func(l Login) bool { return l.Attended })
}

func (s State) login(id LoginID) (Login, error) {
	if l, ok := s.Login(id); ok {
		return l, nil
	}
	return Login{}, refuse(UnknownLogin, "this login has ended", "log in again")
}

// alter is s with one login changed; s keeps its own.
func (s State) alter(id LoginID, change func(*Login)) State {
	for i := range s.Logins {
		if s.Logins[i].ID == id {
			s.Logins = slices.Clone(s.Logins)
			change(&s.Logins[i])
			break
		}
	}
	return s
}

func (s State) without(id LoginID) State {
	s.Logins = slices.DeleteFunc(slices.Clone(s.Logins), func(l Login) bool { return l.ID == id })
	s.Passcodes = slices.DeleteFunc(slices.Clone(s.Passcodes), func(p Passcode) bool { return p.Login == id })
	return s
}

func (s State) alterSession(login LoginID, id SessionID, change func(*Session)) State {
	return s.alter(login, func(l *Login) {
		if l.Session != nil && l.Session.ID == id {
			x := *l.Session
			change(&x)
			l.Session = &x
		}
	})
}

const day = 24 * time.Hour

// within24h are those of the instants that are less than a day before now.
func within24h(all []time.Time, now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(all), func(t time.Time) bool { return !t.After(now.Add(-day)) })
}

// earliest is the first of the instants that are set.
func earliest(all ...time.Time) (at time.Time, ok bool) {
	for _, t := range all {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}
