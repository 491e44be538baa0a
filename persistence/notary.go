package persistence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"vakhta/session"
)

// NotaryConfig is what a notary is made of.
type NotaryConfig struct {
	Now func() time.Time
	Log *slog.Logger
}

const (
	gatherFor    = time.Second      // from the first head that has changed to the entry that has them all
	notaryRetry  = 5 * time.Second  // after an entry that could not be written
	catchUpEvery = 15 * time.Minute // to look for what other processes have written
	tellEvery    = time.Hour        // to put a tree head into the server's log, where who rules the database cannot take it back

	notaryTimeout = 10 * time.Second // of one entry
	headsAtOnce   = 10_000           // in one entry
	catchUpPage   = 5_000
)

// Notary puts on record, in one log for the installation, how far each chain has come, and signs it. What is on record
// cannot be changed or cut off unnoticed, not even by who rules the database. It wakes only when something has changed.
type Notary struct {
	journal *Journal
	cfg     NotaryConfig
	stop    context.CancelFunc
	done    chan struct{}

	seen   map[int64]int64 // of the chains that went on record since the table notary_seen was brought up to date
	head   treeHead        // the last one that this notary has made
	signed string
	failed error // the last entry could not be written
}

// StartNotary starts the notary. Stop ends it.
func (j *Journal) StartNotary(cfg NotaryConfig) *Notary {
	ctx, stop := context.WithCancel(context.Background())
	n := &Notary{journal: j, cfg: cfg, stop: stop, done: make(chan struct{}), seen: map[int64]int64{}}
	j.heads.gather(true)
	go n.run(ctx)
	return n
}

// Stop puts on record what there is and ends the notary. It comes after everything that writes has ended.
func (n *Notary) Stop() {
	n.stop()
	<-n.done
}

func (n *Notary) run(ctx context.Context) {
	defer close(n.done)
	defer n.journal.heads.gather(false)
	catchUp, tell := time.NewTicker(catchUpEvery), time.NewTicker(tellEvery)
	defer catchUp.Stop()
	defer tell.Stop()
	n.catchUp(ctx)
	var gathered <-chan time.Time
	for {
		select {
		case <-n.journal.heads.came:
			if gathered == nil {
				gathered = time.After(gatherFor)
			}
		case <-gathered:
			gathered = nil
			if !n.record(ctx) {
				gathered = time.After(notaryRetry)
			}
		case <-catchUp.C:
			n.catchUp(ctx)
		case <-tell.C:
			n.tell()
		case <-ctx.Done():
			n.finish(context.WithoutCancel(ctx))
			return
		}
	}
}

func (n *Notary) finish(ctx context.Context) {
	if n.record(ctx) {
		n.noteSeen(ctx)
	}
	n.tell()
}

// record writes what has moved, in as many entries as that needs. What moves meanwhile waits for the next second: while clients
// trade there is always something, and each entry is a commit that theirs wait for. What could not be written is kept for the
// next time.
func (n *Notary) record(ctx context.Context) bool {
	for full := true; full; {
		records := n.journal.heads.take(headsAtOnce)
		full = len(records) == headsAtOnce
		if len(records) > 0 && !n.write(ctx, records) {
			return false
		}
	}
	return true
}

func (n *Notary) write(ctx context.Context, records []headRecord) bool {
	within, cancel := context.WithTimeout(ctx, notaryTimeout)
	before, head, signed, err := n.journal.appendEntry(within, n.cfg.Now(), records)
	cancel()
	if err != nil {
		n.journal.heads.moved(records...)
		n.complain(err)
		return false
	}
	if n.failed != nil {
		n.cfg.Log.Info("the notary works again")
		n.failed = nil
	}
	had := n.head.size
	n.head, n.signed = head, signed
	if before < had {
		clear(n.seen)
		n.cut(ctx, had, before)
	}
	for _, r := range records {
		n.seen[r.chain] = r.seq
	}
	return true
}

// complain tells of a fault once, and of another one again.
func (n *Notary) complain(err error) {
	if n.failed == nil || errors.Is(err, errLogForged) != errors.Is(n.failed, errLogForged) {
		n.cfg.Log.Error("the notary cannot put the audit's heads on record; trying again", "error", err)
	}
	n.failed = err
}

// cut: the log is shorter than this very notary has left it. It goes on from what there is, but not in silence.
func (n *Notary) cut(ctx context.Context, had, has int64) {
	n.cfg.Log.Error("the notary's log was cut: an older copy of the database was put in its place, or somebody has removed entries; "+
		"compare with «vakhta audit verify --checkpoint» and this server's log", "had", had, "has", has)
	err := n.journal.Note(ctx, []session.Note{{At: n.cfg.Now(), Type: session.NoteLogIsCut, Data: map[string]string{"had": strconv.FormatInt(had, 10), "has": strconv.FormatInt(has, 10)}}})
	if err != nil {
		n.cfg.Log.Error("cannot note in the audit that the log was cut", "error", err)
	}
}

// tell puts the tree head where the database's owner cannot change it.
func (n *Notary) tell() {
	if n.signed != "" {
		n.cfg.Log.Info("signed tree head of the audit", "entries", n.head.size, "head", n.signed)
	}
}

// catchUp finds the chains that have moved without this process: a command beside the server, another node, or before a
// crash. A chain that another node has put on record already may be found once more; that does no harm.
func (n *Notary) catchUp(ctx context.Context) {
	n.noteSeen(ctx)
	if err := n.findMoved(ctx); err != nil && ctx.Err() == nil {
		n.cfg.Log.Error("the notary cannot look for what others have written; trying again in a quarter of an hour", "error", err)
	}
}

// noteSeen brings the table up to date with what went on record.
func (n *Notary) noteSeen(ctx context.Context) {
	if len(n.seen) == 0 {
		return
	}
	type row struct {
		Chain int64 `db:"chain"`
		Seq   int64 `db:"seq"`
	}
	rows := make([]row, 0, len(n.seen))
	for chain, seq := range n.seen {
		rows = append(rows, row{chain, seq})
	}
	err := inChunks(rows, func(some []row) error {
		_, err := n.journal.write.NamedExecContext(ctx, `INSERT INTO notary_seen (client_id, seq) VALUES (:chain, :seq)
			ON CONFLICT (client_id) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > notary_seen.seq`, some)
		return err
	})
	if err != nil {
		n.cfg.Log.Error("the notary cannot note what it has seen; trying again in a quarter of an hour", "error", err)
		return
	}
	clear(n.seen)
}

// findMoved looks at every client and at the audit.
func (n *Notary) findMoved(ctx context.Context) error {
	for after := auditHead; ; {
		page, err := n.journal.moved(ctx, after, catchUpPage)
		if err != nil {
			return err
		}
		n.journal.heads.moved(page...)
		if len(page) < catchUpPage {
			break
		}
		after = page[len(page)-1].chain
		n.record(ctx)
	}
	r, err := n.journal.auditMoved(ctx)
	if err == nil && r != nil {
		n.journal.heads.moved(*r)
	}
	return err
}

// movedRow is a chain that has moved since it was on record.
type movedRow struct {
	Chain int64  `db:"chain"`
	From  int64  `db:"seen"`
	Seq   int64  `db:"seq"`
	Since int64  `db:"since"`
	Head  []byte `db:"head"`
}

func (r movedRow) record() headRecord {
	return headRecord{chain: r.Chain, from: r.From, seq: r.Seq, since: r.Since, head: toHash(r.Head)}
}

// moved finds clients by id, after the one named.
func (j *Journal) moved(ctx context.Context, after int64, limit int) ([]headRecord, error) {
	var rows []movedRow
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`
		SELECT c.client_id AS chain, COALESCE(s.seq, 0) AS seen, c.version AS seq, COALESCE(e.at, 0) AS since, c.head
		FROM client c LEFT JOIN notary_seen s ON s.client_id = c.client_id
			LEFT JOIN event e ON e.client_id = c.client_id AND e.seq = COALESCE(s.seq, 0) + 1
		WHERE c.client_id > ? AND c.head IS NOT NULL AND c.version > COALESCE(s.seq, 0) ORDER BY c.client_id LIMIT ?`), after, limit)
	if err != nil {
		return nil, fmt.Errorf("find chains that have moved: %w", err)
	}
	return each(rows, movedRow.record), nil
}

func (j *Journal) auditMoved(ctx context.Context) (*headRecord, error) {
	var rows []movedRow
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`
		SELECT 0 AS chain, COALESCE(s.seq, 0) AS seen, h.seq, COALESCE(a.at, 0) AS since, h.head
		FROM audit_head h LEFT JOIN notary_seen s ON s.client_id = ?
			LEFT JOIN audit a ON a.seq = COALESCE(s.seq, 0) + 1
		WHERE h.seq > COALESCE(s.seq, 0)`), auditHead)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0].record()
	return &r, nil
}
