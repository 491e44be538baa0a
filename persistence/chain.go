package persistence

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"

	"vakhta/session"
)

// A chain is made of rows that each carry the hash of the row before; the hash of the last one stands beside them. So a
// row that is changed, removed or moved no longer fits the next one. The row has the hash before it, not its own, so that
// the chain can be checked from any row on: old ones are pruned from the front.
//
// What is hashed begins with the kind of the chain, and every text stands behind its length: no two different rows are
// the same bytes. These bytes never change; another form of them gets another kind.
const (
	eventChain = "vakhta event 1\n"
	auditChain = "vakhta audit 1\n"
)

// eventHash is the hash of one event's row, of all that it holds, as it is stored.
func eventHash(prev session.Hash, client, seq, at int64, name, data string) session.Hash {
	var room [1024]byte // most rows need no more
	b := append(room[:0], eventChain...)
	b = append(b, prev[:]...)
	b = appendNumber(b, client)
	b = appendNumber(b, seq)
	b = appendNumber(b, at)
	b = appendText(b, name)
	b = appendText(b, data)
	return sha256.Sum256(b)
}

func appendNumber(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func appendText(b []byte, text string) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
	return append(b, text...)
}

// chainRow is what the rows of all chains have. The hash is that of the row if it stood at seq and hung on prev.
type chainRow interface {
	place() (seq, at int64)
	link() []byte // nil: from before there was a chain
	hash(seq int64, prev session.Hash) session.Hash
}

// eventRow is an event as it is stored.
type eventRow struct {
	Client int64  `db:"client_id"`
	Seq    int64  `db:"seq"`
	At     int64  `db:"at"`
	Type   string `db:"type"`
	Data   string `db:"data"`
	Prev   []byte `db:"prev"`
}

const eventColumns = `client_id, seq, at, type, data, prev`

func (r *eventRow) place() (seq, at int64) { return r.Seq, r.At }
func (r *eventRow) link() []byte           { return r.Prev }

func (r *eventRow) hash(seq int64, prev session.Hash) session.Hash {
	return eventHash(prev, r.Client, seq, r.At, r.Type, r.Data)
}

// auditRow is a note as it is stored.
type auditRow struct {
	Seq      int64          `db:"seq"`
	At       int64          `db:"at"`
	Client   sql.NullInt64  `db:"client_id"`
	Operator sql.NullString `db:"operator"`
	Type     string         `db:"type"`
	Data     string         `db:"data"`
	Prev     []byte         `db:"prev"`
}

const auditColumns = `seq, at, client_id, operator, type, data, prev`

func (r *auditRow) place() (seq, at int64) { return r.Seq, r.At }
func (r *auditRow) link() []byte           { return r.Prev }

func (r *auditRow) hash(seq int64, prev session.Hash) session.Hash {
	b := append([]byte(auditChain), prev[:]...)
	b = appendNumber(b, seq)
	b = appendNumber(b, r.At)
	b = append(b, bit(r.Client.Valid), bit(r.Operator.Valid)) // nobody is not the empty name
	b = appendNumber(b, r.Client.Int64)
	b = appendText(b, r.Operator.String)
	b = appendText(b, r.Type)
	b = appendText(b, r.Data)
	return sha256.Sum256(b)
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// own is the hash of a row as it stands.
func own(r chainRow) session.Hash {
	seq, _ := r.place()
	return r.hash(seq, toHash(r.link()))
}

// toHash reads a column: NULL is the zero hash, which the first row of every chain hangs on.
func toHash(column []byte) (h session.Hash) {
	copy(h[:], column)
	return h
}

// nullHash is a hash as the client's row has it, where NULL is zero.
func nullHash(h *session.Hash) any {
	if *h == (session.Hash{}) {
		return nil
	}
	return h[:]
}
