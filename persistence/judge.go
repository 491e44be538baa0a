package persistence

import (
	"context"
	"fmt"
	"slices"

	"vakhta/session"
)

// judgement says what was done to one chain.
type judgement struct {
	*suspect

	v    *verifier
	name string // of the chain
	row  string // what its rows are called

	changed []int64 // rows that are named already
}

func (j *judgement) judge(ctx context.Context, c chain) error {
	if j.gone {
		j.isGone()
		return nil
	}
	var explained []int64
	if j.walk != nil {
		for _, g := range j.walk.gaps {
			j.v.fault(j.name, "removed: %s", j.rows(g))
		}
		if j.beyond != (span{}) {
			j.v.fault(j.name, "%s: beyond the last one, which is %d", j.rows(j.beyond), j.walk.last)
		}
		if len(j.walk.breaks) > 0 {
			if err := j.breaks(ctx, c); err != nil {
				return err
			}
			explained = j.walk.breaks
		}
	}
	for _, y := range merged(j.young) {
		j.v.fault(j.name, "removed: %s, which were not old enough to be pruned", j.rows(y))
	}
	j.rewritten(explained)
	if j.cut > 0 {
		j.v.fault(j.name, "tail cut off after %s %d: the log has seen %d", j.row, j.last, j.cut)
	}
	return nil
}

func (j *judgement) isGone() {
	switch {
	case j.beyond != (span{}):
		j.v.fault(j.name, "removed; %s still stand", j.rows(j.beyond))
	case j.cut > 0:
		j.v.fault(j.name, "removed: the log has seen %s %d", j.row, j.cut)
	default:
		j.v.fault(j.name, "its head was removed")
	}
}

func (j *judgement) rows(s span) string {
	if s.from == s.to {
		return fmt.Sprintf("%s %d", j.row, s.from)
	}
	return fmt.Sprintf("%ss %d-%d", j.row, s.from, s.to)
}

func (j *judgement) change(seq int64) {
	if !slices.Contains(j.changed, seq) {
		j.changed = append(j.changed, seq)
		j.v.fault(fmt.Sprintf("%s %s %d", j.name, j.row, seq), "changed")
	}
}

// breaks finds out of each pair of rows that does not fit which of the two is wrong.
func (j *judgement) breaks(ctx context.Context, c chain) error {
	last, head, err := c.beside(ctx)
	if err != nil {
		return err
	}
	rows, err := c.around(ctx, j.walk.breaks)
	if err != nil {
		return err
	}
	pairs, left := swaps(rows, j.walk.breaks, last, head)
	for _, p := range pairs {
		j.v.fault(j.name, "swapped: %ss %d and %d", j.row, p.a, p.b)
	}
	for _, k := range left {
		before := rows[k-1]
		if last == 0 {
			j.v.fault(j.name, "head forged: there is no %s yet", j.row)
			continue
		}
		if before == nil || before.link() == nil { // the first of the chain hangs on something
			j.change(k)
			continue
		}
		stands := head
		if k <= last && rows[k] != nil {
			stands = rows[k].link()
		}
		is := own(before)
		recorded, known := j.record[k-1]
		switch {
		case known && recorded == is && k > last:
			j.v.fault(j.name, "head forged: it is not that of %s %d", j.row, last)
		case known && recorded == is:
			j.change(k)
		case known:
			j.change(k - 1)
		case k > last && slices.Contains(j.changed, last): // that is why
		case k > last:
			j.v.fault(j.name, "%s %d changed, or head forged: the log has not seen it yet", j.row, last)
		case stands == nil, j.onlyLink(rows, k, is, last, head):
			j.change(k)
		default:
			j.change(k - 1)
		}
	}
	return nil
}

// onlyLink tells whether the row k would fit the next one if it hung on the one before as that is.
func (j *judgement) onlyLink(rows map[int64]chainRow, k int64, before session.Hash, last int64, head []byte) bool {
	next := head
	if k < last {
		if rows[k+1] == nil {
			return false
		}
		next = rows[k+1].link()
	}
	return rows[k] != nil && rows[k].hash(k, before) == toHash(next)
}

// rewritten is a chain that fits, and is not the one that is on record. What its rows have told already is not said again.
func (j *judgement) rewritten(explained []int64) {
	for _, d := range j.differs {
		if slices.Contains(explained, d.to+1) || slices.Contains(j.changed, d.to) {
			continue
		}
		j.v.fault(j.name, "%s: changed, and the chain made anew: the log has another hash of %s %d", j.rows(span{d.from + 1, d.to}), j.row, d.to)
		return
	}
}

func merged(all []span) (out []span) {
	slices.SortFunc(all, func(a, b span) int { return int(a.from - b.from) })
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}
