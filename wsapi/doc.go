// Package wsapi is the gateway: everything that speaks to Vakhta from outside comes through here.
//
// A door unwraps what a client sent, the catalogue finds the command, the command asks the core, the door wraps the
// answer. A command is declared once and served at every door:
//
//	browser, robot, SDK
//	    │ ["putTradeOrder", {…}, "c5"]             │ q={"cmd":"putTradeOrder","params":{…},"SID":"…"}
//	    ▼                                          ▼
//	 terminal.go (WebSocket)                    door.go (HTTP v1)
//	    └──────────────► catalogue.go ◄────────────┘
//	                          │ func(ctx, *Caller, P) (R, error)
//	                          ▼
//	                   Config.Ask ──► the client's actor
//
// Operators have a door and a catalogue of their own, desk.go; what they do is written into the audit before and after.
//
// An order that a WEB-token has signed comes as the text that was signed; strict.go reads it, into the same parameters and for
// the same command. A PIN is evaluated in webtoken.go, behind the commit that counts it.
//
// The way back over the socket, which no HTTP client has:
//
//	Attach ──► terminal.push ──► events (numbered), sessions, orders ──► outbox.go ──► one write
//	market.go, once a second ──► quotes ─────────────────────────────────┘
//
// Who owns what: a terminal has one goroutine that reads, one that works while commands are waiting, one that writes
// while frames are waiting, and none of the last two when it is idle; the first then listens, with a stack of 2 KB.
// Whoever pushes never waits: when the outbox is full, the terminal is closed with a code that says "come back". A command
// waits for the events that it caused, so that they come before its reply. One sweeper looks after all terminals:
// keepAlive, pings, dead peers.
//
// The wire is described on /api/docs, which is made from the declarations, as is frontend/src/wire.ts.
package wsapi

//go:generate go run ./gen ../frontend/src/wire.ts
