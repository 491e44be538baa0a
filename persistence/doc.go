// Package persistence is the journal: it keeps what was decided, in SQLite (one file, the default) or in PostgreSQL.
//
//	[]session.Change ──► pack ──► batch: rows, sorted by client ──► committer ──► what became of each
//	                     codec     state · events · orders · texts    one transaction
//
//	session.State ◄── Load ── client ⋈ profile             (client_id, version, head) is the fence
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
// Events are chained by hashes (chain.go), and so are the notes of the audit (audit.go). The notary (notary.go) puts the
// heads of all chains that have moved into one transparency log (log.go) and signs it; verify*.go, walk.go and judge.go
// find what was done to the rows behind the journal's back.
//
//	Commit, Note ──► heads ──► notary, once a second ──► entry, hashes of the tree, signed tree head
//
// A WEB-token has a row for ever, by whose public key signatures.go verifies what it has signed; how many there may be, and how
// often a PIN may be tried, the table's constraints hold once more (webtokens.go, codec_token.go). The keyed function of a PIN
// is oprf.go.
//
// Secrets: digests (SIDs, passcodes) and the seed of a WEB-token stand in the state row only, never in an event; texts are
// encrypted until they are settled, then wiped. All are of use only with master keys (keyring.go) that live in a file beside
// the database, not in it; the database knows a check value of each (masterkey.go) and is not opened with others.
package persistence
