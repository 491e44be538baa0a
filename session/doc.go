// Package session is the domain of Vakhta: logins, one-time passwords, attempts and blocks, security sessions, orders, and
// the signed orders and operators' acts by which a client changes what secures him.
//
// It decides and does nothing else. A command and the state of one client come in, events, effects and an answer go out:
//
//	           Moment (now, fresh id, entropy, digest, OPRF)
//	              │
//	Command ──► Decide ──► Events ──► Apply ──► State
//	   State ──►  │  │       └─ numbered, journaled, told to every terminal of the client
//	   Policy ──► │  └─────► Effects: rows for the world (a text to send, an order to route)
//	              └────────► Result, or a *Refusal, which changes nothing
//
// The package has no clock, no randomness, no context, no database and imports nothing but the standard library.
// Whoever runs it (package actors) commits events, effects and the new state in one transaction and only then tells
// anybody. Deadline says when Tick is due next.
//
// Each thing with a life has a file, in which stands everything that can happen to it: login.go, passcode.go,
// terminal.go, lifetime.go (of a security session), order.go, document.go (a non-trading order; its signature in document_sign.go), phone.go,
// webtoken.go (with webtoken_register.go, webtoken_open.go, webtoken_end.go and the bytes that are signed, webtoken_bytes.go),
// proposal.go (what two operators do for a client), voice.go (the voice password), operator.go (an operator's own account).
// Policy has every number that a broker may choose; those of the WEB-token's protocol stand in webtoken.go.
package session
