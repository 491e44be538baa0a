package session

// Hash names an event and everything before it: each event's row carries the hash of the one before.
type Hash [32]byte

// Committed is what became of one change. Err is nil: it is durable, and Head is the hash of the client's last event,
// for State.Head; ErrFenced or ErrDouble: nothing of it was written; any other: it is not known.
type Committed struct {
	Head Hash
	Err  error
}
