package session

import "time"

// What crosses between the packages around the core: the actors, which decide and remember, the journal, which keeps, and
// the gateway, which translates.

// Change is everything that one commit does to one client. It happens as a whole or not at all.
type Change struct {
	Was       int64 // the version that the change saw, with the hash State.Head; State.Version is the one that it makes
	State     State
	Wake      time.Time // the client's nearest deadline; zero: none
	Events    []Numbered
	Orders    []OrderChange
	Documents []Document // as they are now
	Tokens    []Token    // as they are now
	Texts     []Text
	Password  string // PHC string of a new password; empty: unchanged
}

// Hash names a row and everything before it: each event's row carries the hash of the one before, and so does each row
// of the audit.
type Hash [32]byte

// Committed is what became of one change. Err is nil: it is durable, and Head is the hash of the client's last event,
// for State.Head; ErrFenced or ErrDouble: nothing of it was written; any other: it is not known.
type Committed struct {
	Head Hash
	Err  error
}

// OrderChange is an order's new row, or what becomes of its old one.
type OrderChange struct {
	Order Order
	New   bool
}

// Text is an SMS on its way. The number of the event that it belongs to makes it unique for its client.
type Text struct {
	Client    ClientID
	Seq       int64
	To        string // E.164
	Body      string
	At        time.Time
	ExpiresAt time.Time // not to be sent after this

	// What to report when it fails; a Purpose that is empty: it is a notice, which no limit holds back.
	Login   LoginID
	Purpose Purpose
	Number  int
}

// WakeStep is how coarse the journal's wakes are: rounded down, so that they are never late.
const WakeStep = 15 * time.Minute

// Due is a client who may have something to do.
type Due struct {
	Client  ClientID
	Version int64 // as the journal has it: an actor that is behind has been overtaken by somebody else
}

// Credential is what the door needs to compare a password.
type Credential struct {
	Client ClientID
	Hash   string // PHC string, argon2id
}

// Delivered is a text that has reached the development phone.
type Delivered struct {
	To   string
	Text string
	At   time.Time
}

// Quote is what a ticker is worth at one second.
type Quote struct {
	Instrument Instrument
	At         time.Time
	Last       Decimal
	Bid        Decimal
	Ask        Decimal
	Open       Decimal // of the day: the change is counted from it
}

// Goodbye tells a terminal why the server ends its connection.
type Goodbye string

// The goodbyes. A terminal comes back after all but the last.
const (
	Draining     Goodbye = "draining"    // the server is being stopped
	Slow         Goodbye = "slow"        // the terminal does not read; it resumes by number
	Unavailable  Goodbye = "unavailable" // the journal cannot be reached
	GoodbyeLogin Goodbye = "login_ended"
)
