package persistence

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"vakhta/session"
)

// Note appends to the audit, durably and in one transaction: all of them or none. The row of its head makes everybody who
// appends wait for the one before, whatever process he is.
func (j *Journal) Note(ctx context.Context, notes []session.Note) error {
	if len(notes) == 0 {
		return nil
	}
	rows := make([]auditRow, len(notes))
	for i, n := range notes {
		data, err := json.Marshal(n.Data)
		if err != nil {
			return fmt.Errorf("note for the audit: %w", err)
		}
		if len(n.Data) == 0 {
			data = []byte("{}")
		}
		rows[i] = auditRow{
			At: n.At.UnixMicro(), Type: n.Type, Data: string(data),
			Client:   sql.NullInt64{Int64: int64(n.Client), Valid: n.Client != 0},
			Operator: sql.NullString{String: n.Operator, Valid: n.Operator != ""},
		}
	}
	var moved headRecord
	err := j.in(ctx, func(tx *sqlx.Tx) (err error) {
		moved, err = appendNotes(ctx, tx, rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("note for the audit: %w", err)
	}
	j.heads.moved(moved)
	return nil
}

func appendNotes(ctx context.Context, tx *sqlx.Tx, rows []auditRow) (headRecord, error) {
	var at struct {
		Seq  int64  `db:"seq"`
		Head []byte `db:"head"`
	}
	err := tx.GetContext(ctx, &at, tx.Rebind(`UPDATE audit_head SET seq = seq + ? WHERE one = 1 RETURNING seq, head`), len(rows))
	if err != nil {
		return headRecord{}, err
	}
	head := toHash(at.Head)
	for i := range rows {
		r := &rows[i]
		r.Seq, r.Prev = at.Seq-int64(len(rows)-i-1), slices.Clone(head[:])
		head = own(r)
	}
	err = inChunks(rows, func(some []auditRow) error {
		_, err := tx.NamedExecContext(ctx, `INSERT INTO audit (`+auditColumns+`)
			VALUES (:seq, :at, :client_id, :operator, :type, :data, :prev)`, some)
		return err
	})
	if err != nil {
		return headRecord{}, err
	}
	_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE audit_head SET head = ? WHERE one = 1`), head[:])
	return headRecord{chain: auditHead, from: at.Seq - int64(len(rows)), seq: at.Seq, since: rows[0].At, head: head}, err
}

// inChunks keeps statements below the number of parameters that both databases take.
func inChunks[R any](rows []R, do func([]R) error) error {
	for some := range slices.Chunk(rows, 500) {
		if err := do(some); err != nil {
			return err
		}
	}
	return nil
}
