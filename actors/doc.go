// Package actors remembers and performs what package session decides.
//
//	Ask ──► Directory ──► client actor ──► Decide ──► writer ──► journal
//	            │             │  ▲                       │
//	            │             │  └────── committed ──────┘
//	            │             ├──► terminal actors ──► push (the gateway's sockets)
//	            │             └──► pokes: texts, venue
//	            └ finds or spawns; a sweeper wakes who is due
//
// There is one client actor per client. It owns the client's state, timer, attempt counters and device bindings, and walks
// one path for every command: decide, commit, tell the terminals, poke the drainers, answer. While a commit is on its way
// further commands are decided on the working copy and folded into the next commit; their answers wait for it. So nothing
// that a terminal or a caller hears can be lost by a crash.
//
// Whoever else writes the same client (another node, the command line) moves the version of the row. The actor that is
// behind learns it from its next commit, or from the sweeper, and stops itself; the next message finds a fresh one, loaded
// from the row.
package actors
