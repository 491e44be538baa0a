package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is the log's Merkle tree as far as it has been read: the roots of its whole parts, the greatest first.
type tree struct {
	size  int64
	parts []tlog.Hash
}

// add answers the hashes that are stored with the entry: its own, and those of the parts that it completes.
func (t *tree) add(leaf tlog.Hash) (made []tlog.Hash) {
	made = append(made, leaf)
	t.parts = append(t.parts, leaf)
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.parts) - 1
		whole := tlog.NodeHash(t.parts[last-1], t.parts[last])
		t.parts = append(t.parts[:last-1], whole)
		made = append(made, whole)
	}
	t.size++
	return made
}

func (t *tree) root() tlog.Hash {
	last := len(t.parts) - 1
	h := t.parts[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.parts[i], h)
	}
	return h
}

// claim is a signed tree head that the log must be able to show.
type claim struct {
	treeHead

	what string
}

type logRow struct {
	Number int64         `db:"number"`
	Hashes []byte        `db:"hashes"`
	At     sql.NullInt64 `db:"at"`
	Entry  []byte        `db:"heads"`
}

// logWalk goes along the entries.
type logWalk struct {
	v      *verifier
	trees  [2]tree // by the entries as far as they are kept, and by the stored hashes: one of the two may have been changed
	lost   bool    // an entry is gone with its hash: no root can be computed any more
	claims map[int64][]claim
	kept   int64          // the first entry that is kept; -1: none yet
	oldest bool           // all entries that were kept so far are old enough to be pruned
	last   int64          // instant of the last entry that is kept
	heads  map[int64]bool // the sizes of which a tree head is kept
	must   int64          // from this one on all entries must be kept
	batch  []recorded
}

// recorded is a record with the entry that it stands in.
type recorded struct {
	headRecord

	entry int64
}

const theLog = "log"

func (v *verifier) log(ctx context.Context) error {
	size, signed, kept, err := v.treeHeads(ctx)
	if err != nil {
		return err
	}
	v.out.TreeHead, v.out.Entries = signed, size
	w := &logWalk{v: v, claims: map[int64][]claim{}, heads: map[int64]bool{}, kept: -1, oldest: true, must: size}
	w.claim(size, signed, "the tree head", true)
	for _, r := range kept {
		w.heads[r.Size] = true
		w.claim(r.Size, r.Head, fmt.Sprintf("the kept tree head of %d entries", r.Size), true)
	}
	for i, head := range v.with.TreeHeads {
		w.claim(-1, head, fmt.Sprintf("the given tree head %d", i+1), false)
	}
	if size > 0 {
		w.mustKeep(1)
	}
	if err := w.walk(ctx, size); err != nil {
		return err
	}
	w.finish(size)
	return nil
}

// treeHeads reads the newest one and those that are kept. The log may grow between the two: then the newest is read again.
func (v *verifier) treeHeads(ctx context.Context) (size int64, signed string, kept []headRow, err error) {
	read := func() error {
		size, signed, err = v.j.signedHead(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	}
	if err := read(); err != nil {
		return 0, "", nil, err
	}
	if kept, err = v.j.keptHeads(ctx); err != nil {
		return 0, "", nil, err
	}
	if n := len(kept); n > 0 && kept[n-1].Size > size { // or its tail is cut off
		err = read()
	}
	return size, signed, kept, err
}

// claim opens a signed tree head; size is what stands beside it, or -1.
func (w *logWalk) claim(size int64, signed, what string, ours bool) {
	if size == 0 && signed == "" {
		return
	}
	h, err := w.v.j.keys.openTreeHead(signed)
	switch {
	case err != nil:
		w.v.fault(theLog, "head forged: %s: %v", what, err)
		return
	case size >= 0 && h.size != size:
		w.v.fault(theLog, "head forged: %s is that of %d entries, not of %d", what, h.size, size)
	}
	if ours && h.at.UnixMicro() > w.v.prunable {
		w.must = min(w.must, h.size-1)
	}
	w.claims[h.size] = append(w.claims[h.size], claim{h, what})
}

// walk reads the entries from the first one on. Those that are pruned still have their hashes.
func (w *logWalk) walk(ctx context.Context, size int64) error {
	for next := int64(0); next < size; {
		rows, err := w.v.j.logPage(ctx, next, size)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := w.missing(ctx, next, r.Number); err != nil {
				return err
			}
			if err := w.entry(ctx, r); err != nil {
				return err
			}
			next = r.Number + 1
		}
		if len(rows) < verifyPage {
			if err := w.missing(ctx, next, size); err != nil {
				return err
			}
			next = size
		}
	}
	return w.look(ctx)
}

func (j *Journal) logPage(ctx context.Context, from, size int64) (rows []logRow, err error) {
	err = j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT h.number, h.hashes, e.at, e.heads
		FROM notary_hash h LEFT JOIN notary_entry e ON e.number = h.number
		WHERE h.number >= ? AND h.number < ? ORDER BY h.number LIMIT ?`), from, size, verifyPage)
	return rows, err
}

// missing are numbers without hashes: perhaps the entries are still there.
func (w *logWalk) missing(ctx context.Context, from, to int64) error {
	for number := from; number < to; number++ {
		var r logRow
		err := w.v.j.read.GetContext(ctx, &r, w.v.j.read.Rebind(`SELECT number, at, heads FROM notary_entry WHERE number = ?`), number)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			w.v.fault(theLog, "removed: %s", entries(number, to-1))
			w.lost = true
			return nil
		case err != nil:
			return err
		}
		if err := w.entry(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func entries(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d", from)
	}
	return fmt.Sprintf("entries %d-%d", from, to)
}

func (w *logWalk) entry(ctx context.Context, r logRow) error {
	if !r.At.Valid {
		w.v.out.Pruned++
		if w.kept >= 0 && !w.oldest {
			w.v.fault(theLog, "removed: entry %d", r.Number)
		}
	}
	stored, changed := tlog.Hash(toHash(r.Hashes)), false
	leaf := stored
	if r.At.Valid {
		leaf = tlog.RecordHash(r.Entry)
		if w.kept < 0 {
			w.kept = r.Number
		}
		w.oldest = w.oldest && r.At.Int64 < w.v.prunable
		at, records, err := decodeEntry(r.Entry)
		if changed = err != nil || at != r.At.Int64 || at < w.last; !changed {
			if w.last != 0 && !sameDay(micros(w.last).time(), micros(at).time()) {
				w.mustKeep(r.Number)
			}
			w.last = at
		}
		for _, rec := range records {
			w.batch = append(w.batch, recorded{rec, r.Number})
		}
	}
	if w.trees[0].size == r.Number {
		changed = changed || leaf != stored
		made := [2]string{joined(w.trees[0].add(leaf)), joined(w.trees[1].add(stored))}
		changed = changed || made[0] != string(r.Hashes) && made[1] != string(r.Hashes)
		w.compare()
	}
	if changed {
		w.v.fault(fmt.Sprintf("%s entry %d", theLog, r.Number), "changed, or its hashes")
	}
	if len(w.batch) >= lookAtOnce {
		return w.look(ctx)
	}
	return nil
}

// mustKeep: the tree head of so many entries was the last one of its day, or the first of all.
func (w *logWalk) mustKeep(size int64) {
	if !w.heads[size] {
		w.v.fault(theLog, "removed: the kept tree head of %d entries", size)
	}
}

// compare holds the root against the tree heads of this size.
func (w *logWalk) compare() {
	size := w.trees[0].size
	for _, c := range w.claims[size] {
		if c.root != w.trees[0].root() && c.root != w.trees[1].root() {
			w.v.fault(theLog, "%s, of %s, does not stand for the first %d entries: head forged, or one of them changed with its hashes",
				c.what, c.at.Format("2006-01-02T15:04:05Z"), c.size)
		}
	}
	delete(w.claims, size)
}

func joined(hashes []tlog.Hash) string {
	var b strings.Builder
	for _, h := range hashes {
		b.Write(h[:])
	}
	return b.String()
}

func (w *logWalk) finish(size int64) {
	first := w.kept
	if first < 0 {
		first = size
	}
	if first > w.must {
		w.v.fault(theLog, "removed: %s, not old enough to be pruned", entries(w.must, first-1))
	}
	for n, claims := range w.claims {
		for _, c := range claims {
			switch {
			case n > size:
				w.v.fault(theLog, "tail cut off: %s, of %s, has seen %d entries, and there are %d", c.what, c.at.Format("2006-01-02T15:04:05Z"), n, size)
			case n == 0 || !w.lost:
				w.v.fault(theLog, "head forged: %s is of %d entries", c.what, n)
			}
		}
	}
}

const lookAtOnce = 500

// look holds the records of some entries against the rows as they are now.
func (w *logWalk) look(ctx context.Context) error {
	for len(w.batch) > 0 {
		n := min(len(w.batch), lookAtOnce)
		if err := w.v.records(ctx, w.batch[:n]); err != nil {
			return err
		}
		w.batch = w.batch[n:]
	}
	w.batch = w.batch[:0:0]
	return nil
}

// records compares: first how far the chains are, then the rows after those on record, which have their hashes.
func (v *verifier) records(ctx context.Context, batch []recorded) error {
	v.out.Records += int64(len(batch))
	beside, err := v.beside(ctx, batch)
	if err != nil {
		return err
	}
	links, err := v.links(ctx, batch)
	if err != nil {
		return err
	}
	for _, r := range batch {
		v.record(r, beside, links)
	}
	return nil
}

type rowKey struct{ chain, seq int64 }

func (v *verifier) record(r recorded, beside map[int64]besideRow, links map[rowKey][]byte) {
	if s := v.suspects[r.chain]; s != nil && s.walk != nil && slices.Contains(s.walk.breaks, r.seq+1) {
		s.record[r.seq] = r.head
	}
	k := v.known[r.chain]
	if r.since > v.prunable && k.first > r.from+1 {
		s := v.suspect(r.chain)
		if s.young = append(s.young, span{r.from + 1, min(r.seq, k.first-1)}); len(s.young) > mostFaults {
			s.young = merged(s.young)
		}
	}
	b, there := beside[r.chain]
	if !there || b.Last < r.seq {
		s := v.suspect(r.chain)
		s.gone, s.cut, s.last = s.gone || !there, max(s.cut, r.seq), b.Last
		return
	}
	stands, kept := links[rowKey{r.chain, r.seq + 1}]
	if b.Last == r.seq {
		stands, kept = b.Head, true
	}
	switch {
	case !kept: // pruned; or removed, then the walk along the rows has seen it
	case toHash(stands) == r.head:
		if s := v.suspects[r.chain]; s == nil || len(s.differs) == 0 {
			k.good = max(k.good, r.seq)
			v.known[r.chain] = k
		}
	default:
		s := v.suspect(r.chain)
		if len(s.differs) < mostFaults {
			s.differs = append(s.differs, span{max(k.good, k.first-1), r.seq})
		}
	}
}

func (v *verifier) beside(ctx context.Context, batch []recorded) (map[int64]besideRow, error) {
	found := map[int64]besideRow{}
	var ids []any
	for _, r := range batch {
		if _, twice := found[r.chain]; !twice {
			found[r.chain] = besideRow{}
			ids = append(ids, r.chain)
		}
	}
	clear(found)
	var rows []besideRow
	err := v.j.read.SelectContext(ctx, &rows, v.j.read.Rebind(`SELECT client_id, version, head FROM client
		WHERE client_id IN (`+strings.TrimSuffix(strings.Repeat("?,", len(ids)), ",")+`)`), ids...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		found[r.Client] = r
	}
	c := v.j.auditChain()
	last, head, err := c.beside(ctx)
	switch {
	case err == nil:
		found[auditHead] = besideRow{Last: last, Head: head}
	case !errors.Is(err, sql.ErrNoRows):
		return nil, err
	}
	return found, nil
}

func (v *verifier) links(ctx context.Context, batch []recorded) (map[rowKey][]byte, error) {
	found := map[rowKey][]byte{}
	var events, notes []any
	for _, r := range batch {
		if r.chain == auditHead {
			notes = append(notes, r.seq+1)
		} else {
			events = append(events, r.chain, r.seq+1)
		}
	}
	if len(events) > 0 {
		var rows []eventRow
		err := v.j.read.SelectContext(ctx, &rows, v.j.read.Rebind(`WITH k (c, s) AS (VALUES `+
			strings.TrimSuffix(strings.Repeat("(CAST(? AS bigint), CAST(? AS bigint)),", len(events)/2), ",")+`)
			SELECT e.client_id, e.seq, e.prev FROM k JOIN event e ON e.client_id = k.c AND e.seq = k.s`), events...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[rowKey{r.Client, r.Seq}] = r.Prev
		}
	}
	if len(notes) > 0 {
		var rows []auditRow
		err := v.j.read.SelectContext(ctx, &rows, v.j.read.Rebind(`SELECT seq, prev FROM audit
			WHERE seq IN (`+strings.TrimSuffix(strings.Repeat("?,", len(notes)), ",")+`)`), notes...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[rowKey{auditHead, r.Seq}] = r.Prev
		}
	}
	return found, nil
}
