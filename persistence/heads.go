package persistence

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"vakhta/session"
)

// headRecord is what the notary puts on record of one chain: the hash of its row seq.
type headRecord struct {
	chain int64 // the client, or auditHead
	from  int64 // the rows after this one are new
	seq   int64
	since int64 // unix µs of the first new one; 0: not known
	head  session.Hash
}

// auditHead stands where a client's id stands: no client has it.
const auditHead int64 = 0

// heads gathers the chains that have moved until the notary takes them: what moves twice stands there once. Without a
// notary nothing is gathered.
type heads struct {
	mu    sync.Mutex
	on    bool
	moves map[int64]headRecord
	came  chan struct{} // has room for one: it wakes the notary
}

func newHeads() *heads { return &heads{moves: map[int64]headRecord{}, came: make(chan struct{}, 1)} }

func (h *heads) gather(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.on = on; !on {
		clear(h.moves)
	}
}

func (h *heads) moved(records ...headRecord) {
	h.mu.Lock()
	for _, r := range records {
		h.add(r)
	}
	some := len(h.moves) > 0
	h.mu.Unlock()
	if some {
		h.wake()
	}
}

// committed takes what a batch has moved.
func (h *heads) committed(batch []*packed) {
	h.mu.Lock()
	if h.on {
		for _, p := range batch {
			if p.err == nil && len(p.events) > 0 {
				h.add(headRecord{chain: p.client, from: p.was, seq: p.becomes, since: p.events[0].at, head: p.head})
			}
		}
	}
	some := len(h.moves) > 0
	h.mu.Unlock()
	if some {
		h.wake()
	}
}

func (h *heads) wake() {
	select {
	case h.came <- struct{}{}:
	default:
	}
}

func (h *heads) add(r headRecord) {
	if !h.on {
		return
	}
	if was, ok := h.moves[r.chain]; ok {
		if was.seq > r.seq {
			was, r = r, was
		}
		if was.from < r.from {
			r.from, r.since = was.from, was.since
		}
	}
	h.moves[r.chain] = r
}

// take answers at most so many, in order, and forgets them.
func (h *heads) take(most int) []headRecord {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]headRecord, 0, min(len(h.moves), most))
	for chain, r := range h.moves {
		if len(all) == most {
			break
		}
		all = append(all, r)
		delete(h.moves, chain)
	}
	slices.SortFunc(all, func(a, b headRecord) int { return cmp.Compare(a.chain, b.chain) })
	return all
}

// An entry of the log is these bytes: the kind, the instant, and of each chain, by its number, how far it is from the one
// before, the row, how many rows are new, how long before the entry the first of them was written (plus one; 0: not
// known), and the hash. The numbers are varints. These bytes never change; another form of them gets another kind.
const entryKind = "vakhta heads 1\n"

func encodeEntry(at int64, records []headRecord) []byte {
	b := append(make([]byte, 0, len(entryKind)+16+48*len(records)), entryKind...)
	b = binary.AppendUvarint(b, uint64(at))
	last := int64(0)
	for _, r := range records {
		ago := uint64(0)
		if r.since != 0 {
			ago = uint64(max(at-r.since, 0)) + 1
		}
		b = binary.AppendUvarint(b, uint64(r.chain-last))
		b = binary.AppendUvarint(b, uint64(r.seq))
		b = binary.AppendUvarint(b, uint64(r.seq-r.from))
		b = binary.AppendUvarint(b, ago)
		b = append(b, r.head[:]...)
		last = r.chain
	}
	return b
}

var errEntry = errors.New("it is not of the form of an entry")

func decodeEntry(b []byte) (at int64, records []headRecord, err error) {
	if len(b) < len(entryKind) || string(b[:len(entryKind)]) != entryKind {
		return 0, nil, errEntry
	}
	b = b[len(entryKind):]
	number := func() int64 {
		n, size := binary.Uvarint(b)
		if size <= 0 || int64(n) < 0 {
			b, err = nil, errEntry
			return 0
		}
		b = b[size:]
		return int64(n)
	}
	at = number()
	chain := int64(0)
	for len(b) > 0 {
		chain += number()
		r := headRecord{chain: chain, seq: number()}
		r.from = r.seq - number()
		if ago := number(); ago > 0 {
			r.since = at - (ago - 1)
		}
		if len(b) < len(r.head) {
			return 0, nil, errEntry
		}
		b = b[copy(r.head[:], b):]
		records = append(records, r)
	}
	return at, records, err
}
