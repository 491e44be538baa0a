package persistence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/mod/sumdb/tlog"
)

// errLogForged stops the notary: it signs nothing that goes on from a log which is not the one it has signed.
var errLogForged = errors.New("the log is not the one that its signed tree head stands for: run «vakhta audit verify»")

// appendEntry puts the records on the log and signs its new tree head; before is the size that it had. The row of the tree
// head makes two nodes append one after the other, each to what the other has left: the log has no branches.
func (j *Journal) appendEntry(ctx context.Context, now time.Time, records []headRecord) (before int64, head treeHead, signed string, err error) {
	err = j.in(ctx, func(tx *sqlx.Tx) error {
		var stored headRow
		err := tx.GetContext(ctx, &stored, `UPDATE notary SET size = size + 1 WHERE one = 1 RETURNING size, head`)
		if err != nil {
			return err
		}
		before = stored.Size - 1
		last, err := j.checkHead(ctx, tx, before, stored.Head)
		if err != nil {
			return err
		}
		at := now
		if at.Before(last.at) {
			at = last.at // clocks of nodes differ; the log does not go back in time
		}
		head = treeHead{size: stored.Size, at: at}
		if head.root, err = appendLeaf(ctx, tx, before, at.UnixMicro(), encodeEntry(at.UnixMicro(), records)); err != nil {
			return err
		}
		if signed, err = j.keys.sign(head); err != nil {
			return err
		}
		if err := keepHead(ctx, tx, last, stored.Head, head, signed); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE notary SET head = ? WHERE one = 1`), signed)
		return err
	})
	if err != nil {
		return 0, treeHead{}, "", fmt.Errorf("put the heads on record: %w", err)
	}
	return before, head, signed, nil
}

// checkHead opens the signed tree head and compares it with the hashes that are stored.
func (j *Journal) checkHead(ctx context.Context, tx *sqlx.Tx, size int64, signed string) (treeHead, error) {
	if size == 0 && signed == "" {
		return treeHead{}, nil
	}
	head, err := j.keys.openTreeHead(signed)
	if err != nil {
		return treeHead{}, fmt.Errorf("%w: %w", errLogForged, err)
	}
	root, err := tlog.TreeHash(size, logHashes(ctx, tx))
	switch {
	case errors.Is(err, errNoHash) || err == nil && (head.size != size || head.root != root):
		return treeHead{}, errLogForged
	}
	return head, err
}

func appendLeaf(ctx context.Context, tx *sqlx.Tx, number, at int64, entry []byte) (root tlog.Hash, err error) {
	made, err := tlog.StoredHashes(number, entry, logHashes(ctx, tx))
	if err != nil {
		return tlog.Hash{}, err
	}
	var hashes []byte
	for _, h := range made {
		hashes = append(hashes, h[:]...)
	}
	_, err1 := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO notary_entry (number, at, heads) VALUES (?, ?, ?)`), number, at, entry)
	if err1 != nil {
		return tlog.Hash{}, err1
	}
	_, err2 := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO notary_hash (number, hashes) VALUES (?, ?)`), number, hashes)
	if err2 != nil {
		return tlog.Hash{}, err2
	}
	return tlog.TreeHash(number+1, logHashes(ctx, tx))
}

// keepHead keeps the first tree head, and the last one of each day.
func keepHead(ctx context.Context, tx *sqlx.Tx, last treeHead, lastSigned string, head treeHead, signed string) error {
	size := last.size
	switch {
	case size == 0:
		size, lastSigned = head.size, signed
	case sameDay(last.at, head.at):
		return nil
	}
	_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO notary_kept (size, head) VALUES (?, ?) ON CONFLICT DO NOTHING`), size, lastSigned)
	return err
}

func sameDay(a, b time.Time) bool {
	const day = 24 * time.Hour
	return a.Truncate(day).Equal(b.Truncate(day))
}

var errNoHash = errors.New("a hash of the log is not there")

// logHashes reads hashes of the tree. The entry that completes a part of the tree has its hash: first that of the entry
// itself, then those of ever greater parts.
func logHashes(ctx context.Context, db sqlx.ExtContext) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		if len(indexes) == 0 {
			return nil, nil
		}
		numbers, levels := make([]int64, len(indexes)), make([]int, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			numbers[i], levels[i] = (n+1)<<level-1, level
		}
		query, args, err := sqlx.In(`SELECT number, hashes FROM notary_hash WHERE number IN (?)`, slices.Compact(slices.Sorted(slices.Values(numbers))))
		if err != nil {
			return nil, err
		}
		var rows []hashRow
		if err := sqlx.SelectContext(ctx, db, &rows, db.Rebind(query), args...); err != nil {
			return nil, err
		}
		found := make(map[int64][]byte, len(rows))
		for _, r := range rows {
			found[r.Number] = r.Hashes
		}
		all := make([]tlog.Hash, len(indexes))
		for i, number := range numbers {
			at := levels[i] * tlog.HashSize
			if len(found[number]) < at+tlog.HashSize {
				return nil, fmt.Errorf("entry %d: %w", number, errNoHash)
			}
			copy(all[i][:], found[number][at:])
		}
		return all, nil
	}
}

type hashRow struct {
	Number int64  `db:"number"`
	Hashes []byte `db:"hashes"`
}

// headRow is a signed tree head and the size that stands beside it.
type headRow struct {
	Size int64  `db:"size"`
	Head string `db:"head"`
}

// keptHeads are the first tree head and the last one of each day.
func (j *Journal) keptHeads(ctx context.Context) (rows []headRow, err error) {
	err = j.read.SelectContext(ctx, &rows, `SELECT size, head FROM notary_kept ORDER BY size`)
	return rows, err
}

// signedHead reads the present tree head; an empty one if the log has no entry yet.
func (j *Journal) signedHead(ctx context.Context) (size int64, signed string, err error) {
	var row headRow
	if err := j.read.GetContext(ctx, &row, `SELECT size, head FROM notary WHERE one = 1`); err != nil {
		return 0, "", fmt.Errorf("read the tree head: %w", err)
	}
	return row.Size, row.Head, nil
}
