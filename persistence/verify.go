package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"vakhta/session"
)

// Verification says what to verify against.
type Verification struct {
	Now  time.Time
	Kept time.Duration // how long events are kept: older ones may have been pruned

	// TreeHeads are signed tree heads that were kept elsewhere: the log must go on from each of them.
	TreeHeads []string
}

// Verified is what was checked, and what is wrong.
type Verified struct {
	Clients  int64
	Events   int64 // of them
	Bare     int64 // so many are from before the chain: nothing is known of them
	Notes    int64 // rows of the audit
	Entries  int64 // of the log
	Pruned   int64 // so many of them are no longer kept, and only their hashes are checked
	Records  int64 // heads in the entries
	TreeHead string
	Faults   []Fault
}

// Fault is one thing that is wrong.
type Fault struct{ Where, What string }

func (f Fault) String() string { return f.Where + ": " + f.What }

// pruneSlack is how much older than allowed an event may be and still be there, or younger and be gone: it is pruned once
// an hour, by clocks that may differ.
const pruneSlack = 2 * time.Hour

// Verify checks every chain, the log of the notary and everything that it has put on record. It may take long, reads in
// pages, and works while others write.
func (j *Journal) Verify(ctx context.Context, with Verification) (Verified, error) {
	v := &verifier{
		j: j, with: with, prunable: with.Now.Add(pruneSlack - with.Kept).UnixMicro(),
		known: map[int64]known{}, suspects: map[int64]*suspect{}, names: map[int64]string{},
	}
	for _, step := range []func(context.Context) error{v.clients, v.notes, v.log, v.judge} {
		if err := step(ctx); err != nil {
			return Verified{}, fmt.Errorf("verify the audit: %w", err)
		}
	}
	return v.out, nil
}

// verifier gathers in two passes: over the rows, and over the log. What is wrong is judged at the end, by both.
type verifier struct {
	j        *Journal
	with     Verification
	prunable int64 // unix µs
	out      Verified

	known    map[int64]known
	suspects map[int64]*suspect
	names    map[int64]string
}

// known is what is remembered of every chain.
type known struct {
	first int64 // the rows before this one were pruned, as it seems
	good  int64 // up to here the log agrees
}

// suspect is a chain that does not fit, or that the log contradicts.
type suspect struct {
	walk   *walk
	beyond span
	record map[int64]session.Hash // what the log has of the rows before the breaks

	differs []span // (last row that agrees, row of which the log has another hash)
	cut     int64  // the log has seen this row, which lies beyond the last
	last    int64  // as the row beside the chain has it
	gone    bool   // nothing stands beside the chain any more
	young   []span // rows that are gone and were not old enough to be pruned
}

func (v *verifier) suspect(id int64) *suspect {
	s := v.suspects[id]
	if s == nil {
		s = &suspect{record: map[int64]session.Hash{}}
		v.suspects[id] = s
	}
	return s
}

func (v *verifier) fault(where, what string, args ...any) {
	v.out.Faults = append(v.out.Faults, Fault{where, fmt.Sprintf(what, args...)})
}

// besideRow is what stands beside a client's events.
type besideRow struct {
	Client int64  `db:"client_id"`
	Last   int64  `db:"version"`
	Head   []byte `db:"head"`
}

const verifyPage = 1000

// clients walks along the events of all clients, many at once. Only where they do not fit he is looked at alone, once
// more: it may be that somebody has just written.
func (v *verifier) clients(ctx context.Context) error {
	for after := int64(0); ; {
		var page []besideRow
		err := v.j.read.SelectContext(ctx, &page, v.j.read.Rebind(
			`SELECT client_id, version, head FROM client WHERE client_id > ? ORDER BY client_id LIMIT ?`), after, verifyPage)
		if err != nil {
			return err
		}
		to := int64(math.MaxInt64)
		if len(page) == verifyPage {
			to = page[len(page)-1].Client
		}
		orders := map[int64]bool{}
		again, err := v.page(ctx, page, after, to, orders)
		if err != nil {
			return err
		}
		for _, id := range again {
			if err := v.again(ctx, v.j.eventsOf(id)); err != nil {
				return err
			}
		}
		if err := v.documents(ctx, orders, after, to); err != nil {
			return err
		}
		v.out.Clients += int64(len(page))
		if after = to; to == math.MaxInt64 {
			return nil
		}
	}
}

// page walks along the events of the clients of a page, and names those that must be looked at again; those whose events
// tell of documents are noted in orders.
func (v *verifier) page(ctx context.Context, page []besideRow, after, to int64, orders map[int64]bool) (again []int64, err error) {
	w, i := newWalk(v.prunable), 0
	doubt := func(id int64) {
		if len(again) == 0 || again[len(again)-1] != id {
			again = append(again, id)
		}
	}
	finish := func(client int64) { // all clients before this one
		for ; i < len(page) && page[i].Client < client; i++ {
			if w.end(page[i].Last, page[i].Head); !w.fits() {
				doubt(page[i].Client)
			}
			v.walked(page[i].Client, w)
			w = newWalk(v.prunable)
		}
	}
	err = v.j.eachEvent(ctx, after, to, func(r *eventRow) {
		finish(r.Client)
		if strings.HasPrefix(r.Type, "document.") {
			orders[r.Client] = true
		}
		if i < len(page) && page[i].Client == r.Client && r.Seq <= page[i].Last {
			w.add(r)
		} else {
			doubt(r.Client)
		}
	})
	finish(math.MaxInt64)
	return again, err
}

func (v *verifier) walked(id int64, w *walk) {
	if id == auditHead {
		v.out.Notes += w.rows
	} else {
		v.out.Events += w.rows
		v.out.Bare += w.bare
	}
	k := v.known[id]
	k.first = w.first
	v.known[id] = k
}

// eachEvent reads the events of all clients after one, up to another, in their order.
func (j *Journal) eachEvent(ctx context.Context, after, to int64, do func(*eventRow)) error {
	for client, seq := after, int64(math.MaxInt64); ; {
		var rows []eventRow
		err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT `+eventColumns+` FROM event
			WHERE (client_id, seq) > (?, ?) AND client_id <= ? ORDER BY client_id, seq LIMIT ?`), client, seq, to, chainPage)
		if err != nil {
			return err
		}
		for i := range rows {
			do(&rows[i])
			client, seq = rows[i].Client, rows[i].Seq
		}
		if len(rows) < chainPage {
			return nil
		}
	}
}

// again looks at one chain by itself. What is wrong now is wrong.
func (v *verifier) again(ctx context.Context, c chain) error {
	prunable := v.prunable
	if c.id == auditHead {
		prunable = 0
	}
	w, beyond, err := c.look(ctx, prunable)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		latest, err := c.latest(ctx)
		if err == nil && latest > 0 {
			s := v.suspect(c.id)
			s.gone, s.beyond = true, span{1, latest}
		}
		return err
	case err != nil:
		return err
	}
	if !w.fits() || beyond != (span{}) {
		s := v.suspect(c.id)
		s.walk, s.beyond = w, beyond
	}
	return nil
}

// notes walks along the audit.
func (v *verifier) notes(ctx context.Context) error {
	c := v.j.auditChain()
	w, beyond, err := c.look(ctx, 0)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		v.suspect(auditHead).gone = true
		return nil
	case err != nil:
		return err
	}
	v.walked(auditHead, w)
	if !w.fits() || beyond != (span{}) {
		return v.again(ctx, c)
	}
	return nil
}

func (j *Journal) eventsOf(client int64) chain {
	return chain{
		id: client,
		rows: func(ctx context.Context, from, to int64, limit int) ([]chainRow, error) {
			var rows []eventRow
			err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT `+eventColumns+` FROM event
				WHERE client_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`), client, from, to, limit)
			return chainRows(rows), err
		},
		beside: func(ctx context.Context) (int64, []byte, error) {
			var row besideRow
			err := j.read.GetContext(ctx, &row, j.read.Rebind(`SELECT client_id, version, head FROM client WHERE client_id = ?`), client)
			return row.Last, row.Head, err
		},
		latest: func(ctx context.Context) (last int64, err error) {
			err = j.read.GetContext(ctx, &last, j.read.Rebind(`SELECT COALESCE(max(seq), 0) FROM event WHERE client_id = ?`), client)
			return last, err
		},
	}
}

func (j *Journal) auditChain() chain {
	return chain{
		id: auditHead,
		rows: func(ctx context.Context, from, to int64, limit int) ([]chainRow, error) {
			var rows []auditRow
			err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT `+auditColumns+` FROM audit
				WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`), from, to, limit)
			return chainRows(rows), err
		},
		beside: func(ctx context.Context) (int64, []byte, error) {
			var row besideRow
			err := j.read.GetContext(ctx, &row, `SELECT seq AS version, head FROM audit_head WHERE one = 1`)
			return row.Last, row.Head, err
		},
		latest: func(ctx context.Context) (last int64, err error) {
			err = j.read.GetContext(ctx, &last, `SELECT COALESCE(max(seq), 0) FROM audit`)
			return last, err
		},
	}
}

func chainRows[R any, P interface {
	*R
	chainRow
}](rows []R) []chainRow {
	all := make([]chainRow, len(rows))
	for i := range rows {
		all[i] = P(&rows[i])
	}
	return all
}

// name is what a chain is called in a fault.
func (v *verifier) name(ctx context.Context, id int64) string {
	if id == auditHead {
		return "audit"
	}
	if v.names[id] == "" {
		var code string
		err := v.j.read.GetContext(ctx, &code, v.j.read.Rebind(`SELECT code FROM profile WHERE client_id = ?`), id)
		if v.names[id] = "client " + code; err != nil {
			v.names[id] = fmt.Sprintf("client with the id %d", id)
		}
	}
	return v.names[id]
}

// judge names what is wrong with the chains, by their rows and by the log.
func (v *verifier) judge(ctx context.Context) error {
	ids := make([]int64, 0, len(v.suspects))
	for id := range v.suspects {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		j := judgement{v: v, suspect: v.suspects[id], name: v.name(ctx, id), row: "event"}
		c := v.j.eventsOf(id)
		if id == auditHead {
			j.row, c = "row", v.j.auditChain()
		}
		if err := j.judge(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
