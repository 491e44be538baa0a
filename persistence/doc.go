// Package persistence is the journal: it keeps what was decided, in SQLite (one file, the default) or in PostgreSQL.
//
//	[]session.Change ──► pack ──► batch: rows, sorted by client ──► committer ──► one error per change
//	                     codec     state · events · orders · texts    one transaction
//
//	session.State ◄── Load ── client ⋈ profile             (client_id, version) is the fence
//	events, orders, texts, wake ◄── small queries, the same text on both databases
//
// A batch carries changes of many clients; each stands or falls alone. The row of the client is moved from the version
// that the change saw to the one that it makes; events, orders and texts are written only for rows that moved. What did
// not move belongs to somebody else (session.ErrFenced) or holds a user order id that is known (session.ErrDouble). Any
// other error means: not known, it may be durable or not.
//
// There is one implementation. A dialect owns what the two databases say differently: how to connect, the commit of a
// batch (sqlite_commit.go, postgres_commit.go), the migrations. The rows are the price of a commit, so they are few and
// small: own structs with short names, instants as microseconds, no profile (codec*.go, with golden files of old rows).
//
// Secrets: digests (SIDs, passcodes) stand in the state row only, never in an event; texts are encrypted until they are
// settled, then wiped. Both under master keys (keyring.go) that live in a file beside the database, not in it; the
// database knows a check value of each (masterkey.go) and is not opened with others.
package persistence
