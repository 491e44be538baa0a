package persistence

import (
	"context"
	"slices"

	"vakhta/session"
)

// walk goes along the rows of one chain, in order, and remembers where they do not fit.
type walk struct {
	prunable int64 // unix µs: rows from before may have been pruned; 0: none may

	first  int64 // those before this one were pruned, as it seems
	last   int64
	oldest bool // all rows so far are from before prunable
	linked bool // the last row is of the chain, not from before it
	hash   session.Hash

	rows   int64
	bare   int64   // from before the chain
	breaks []int64 // the row does not hang on the one before; the number after the last row is the head
	gaps   []span
}

// span is a run of numbers, both ends included.
type span struct{ from, to int64 }

// mostFaults bounds what is remembered of one chain.
const mostFaults = 1000

func newWalk(prunable int64) *walk { return &walk{prunable: prunable, first: 1, oldest: true} }

// gap says that rows are missing, unless they were pruned: then all before them are old.
func (w *walk) gap(from, to int64) {
	switch {
	case w.prunable != 0 && (w.last == 0 || w.oldest):
		w.first = to + 1
	case len(w.gaps) < mostFaults:
		w.gaps = append(w.gaps, span{from, to})
	}
}

func (w *walk) broken(seq int64) {
	if len(w.breaks) < mostFaults {
		w.breaks = append(w.breaks, seq)
	}
}

func (w *walk) add(r chainRow) {
	seq, at := r.place()
	link := r.link()
	switch {
	case seq != w.last+1:
		w.gap(w.last+1, seq-1)
	case w.linked && link == nil, w.linked && toHash(link) != w.hash:
		w.broken(seq)
	case !w.linked && toHash(link) != (session.Hash{}): // the first one of the chain hangs on nothing
		w.broken(seq)
	}
	switch {
	case link != nil:
		w.linked, w.hash = true, own(r)
	case w.linked: // it was removed: the next one tells whether more was done
		w.hash = r.hash(seq, w.hash)
	default:
		w.bare++
	}
	w.last, w.oldest = seq, w.oldest && at < w.prunable
	w.rows++
}

// end compares with what stands beside the rows: the number of the last one and its hash.
func (w *walk) end(last int64, head []byte) {
	switch {
	case w.last < last:
		w.gap(w.last+1, last)
	case w.linked && toHash(head) != w.hash, !w.linked && toHash(head) != (session.Hash{}): // also of a chain without rows
		w.broken(last + 1)
	}
}

func (w *walk) fits() bool { return len(w.breaks) == 0 && len(w.gaps) == 0 }

// chain is where the rows of one chain stand.
type chain struct {
	id   int64
	rows func(ctx context.Context, from, to int64, limit int) ([]chainRow, error)
	// beside is the last row's number and hash as they stand beside the rows.
	beside func(context.Context) (last int64, head []byte, err error)
	// latest is the last row that there is; 0: none.
	latest func(context.Context) (int64, error)
}

const chainPage = 5000

// look walks a whole chain while others write: rows beyond are as new as they may be.
func (c chain) look(ctx context.Context, prunable int64) (w *walk, beyond span, err error) {
	latest, err := c.latest(ctx) // first: afterwards it may only stand farther
	if err != nil {
		return nil, span{}, err
	}
	last, head, err := c.beside(ctx)
	if err != nil {
		return nil, span{}, err
	}
	w = newWalk(prunable)
	for from := int64(1); from <= last; {
		page, err := c.rows(ctx, from, last, chainPage)
		if err != nil {
			return nil, span{}, err
		}
		for _, r := range page {
			w.add(r)
			from, _ = r.place()
			from++
		}
		if len(page) < chainPage {
			break
		}
	}
	w.end(last, head)
	if latest > last {
		beyond = span{last + 1, latest}
	}
	return w, beyond, nil
}

// around reads the rows beside the breaks: enough to see what was done to them.
func (c chain) around(ctx context.Context, breaks []int64) (map[int64]chainRow, error) {
	found := map[int64]chainRow{}
	for _, k := range breaks {
		rows, err := c.rows(ctx, k-2, k+2, chainPage)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			seq, _ := r.place()
			found[seq] = r
		}
	}
	return found, nil
}

// swap is a pair of rows that were put into each other's place.
type swap struct{ a, b int64 }

// swaps finds pairs of rows that fit when they are exchanged: what they say, with the hash that they hang on or without.
func swaps(rows map[int64]chainRow, breaks []int64, last int64, head []byte) (found []swap, left []int64) {
	var near []int64
	for _, k := range breaks {
		near = append(near, k-1, k)
	}
	slices.Sort(near)
	near = slices.DeleteFunc(slices.Compact(near), func(k int64) bool { return rows[k] == nil || rows[k].link() == nil })
	left = slices.Clone(breaks)
	if len(near) > 100 {
		return nil, left // everything is broken: pairs tell nothing
	}
	for i, a := range near {
		for _, b := range near[i+1:] {
			touched := func(k int64) bool { return k == a || k == a+1 || k == b || k == b+1 }
			if slices.ContainsFunc(left, touched) && (fitsSwapped(rows, a, b, false, last, head) || fitsSwapped(rows, a, b, true, last, head)) {
				found = append(found, swap{a, b})
				left = slices.DeleteFunc(left, touched)
			}
		}
	}
	return found, left
}

// fitsSwapped exchanges two rows and looks at the four links that this touches, as far as they are there.
func fitsSwapped(rows map[int64]chainRow, a, b int64, whole bool, last int64, head []byte) bool {
	at := func(seq int64) chainRow {
		switch seq {
		case a:
			return rows[b]
		case b:
			return rows[a]
		}
		return rows[seq]
	}
	link := func(seq int64) []byte {
		r := rows[seq]
		if whole {
			r = at(seq)
		}
		switch {
		case seq == last+1:
			return head
		case r == nil:
			return nil
		}
		return r.link()
	}
	fit := 0
	touched := []int64{a, a + 1, b, b + 1}
	for _, k := range slices.Compact(touched) {
		before, stands := at(k-1), link(k)
		switch {
		case stands == nil || before == nil && k > 1: // pruned, removed, or from before the chain
			continue
		case before == nil && toHash(stands) != (session.Hash{}):
			return false
		case before != nil && before.hash(k-1, toHash(link(k-1))) != toHash(stands):
			return false
		}
		fit++
	}
	return fit > 1
}
