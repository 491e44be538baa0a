package persistence

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"vakhta/session"
)

// A text's row: pending → sending → sent | failed, and unknown after a crash in between. Only pending ones are ever given
// to the wire, and they are `sending` in a commit of their own before it sees them: what may have been sent is never
// sent again by itself. In the last three the body is wiped.
type outboxRow struct {
	Client  int64  `db:"client_id"`
	Seq     int64  `db:"seq"`
	At      micros `db:"at"`
	Expires micros `db:"expires_at"`
	Body    []byte `db:"body"`
}

const (
	outboxQuery = `SELECT client_id, seq, at, expires_at, body FROM outbox WHERE `
	phoneWindow = 24 * time.Hour
)

func (j *Journal) openText(r outboxRow) (session.Text, error) {
	t := session.Text{Client: session.ClientID(r.Client), Seq: r.Seq, At: r.At.time(), ExpiresAt: r.Expires.time()}
	plain, err := j.keys.Open(r.Body, textAAD(r.Client, r.Seq))
	if err != nil {
		return t, fmt.Errorf("text %d of client %d: %w", r.Seq, r.Client, err)
	}
	var row textRow
	if err := json.Unmarshal(plain, &row); err != nil {
		return t, fmt.Errorf("text %d of client %d: not readable", r.Seq, r.Client) // its words may hold the passcode
	}
	t.To, t.Body, t.Login, t.Purpose, t.Number = row.To, row.Body, row.Login, row.Purpose, row.Number
	return t, nil
}

// ClaimTexts takes up to limit pending texts, oldest first. The claimed ones are to be sent now, and nobody else gets
// them. The refused ones are over: they expired, their phone has had its texts of the last 24 hours (over all clients),
// or they cannot be read any more; To is empty then.
func (j *Journal) ClaimTexts(ctx context.Context, limit, perPhonePerDay int, now time.Time) (claimed, refused []session.Text, err error) {
	var some bool // looking is cheap, and there is mostly nothing
	if err := j.read.GetContext(ctx, &some, `SELECT EXISTS (SELECT 1 FROM outbox WHERE status = 'pending')`); err != nil || !some {
		return nil, nil, err
	}
	err = j.in(ctx, func(tx *sqlx.Tx) error {
		claimed, refused = nil, nil
		if _, err := tx.ExecContext(ctx, j.dialect.serialize); err != nil { // or two would count the same phone at once
			return err
		}
		var rows []outboxRow
		err := tx.SelectContext(ctx, &rows, tx.Rebind(outboxQuery+`status = 'pending' ORDER BY at, client_id, seq LIMIT ?`), limit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			t, unreadable := j.openText(r)
			ok := unreadable == nil && t.ExpiresAt.After(now)
			if ok && t.Purpose != "" { // nothing holds a notice back
				if ok, err = j.phoneHasRoom(ctx, tx, t.To, perPhonePerDay, now); err != nil {
					return err
				}
			}
			if !ok {
				refused = append(refused, t)
				if err := settle(ctx, tx, t, "pending", "failed", now); err != nil {
					return err
				}
				continue
			}
			claimed = append(claimed, t)
			_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET status = 'sending', claimed_at = ? WHERE client_id = ? AND seq = ?`),
				now.UnixMicro(), r.Client, r.Seq)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("claim texts: %w", err)
	}
	return claimed, refused, nil
}

// phoneHasRoom counts every text that was given to the wire, whatever became of it: it may have arrived.
func (j *Journal) phoneHasRoom(ctx context.Context, tx *sqlx.Tx, phone string, limit int, now time.Time) (bool, error) {
	query, args, err := sqlx.In(`SELECT count(*) FROM outbox WHERE phone IN (?) AND claimed_at > ?`,
		j.keys.digests(phoneDigest, phone), now.Add(-phoneWindow).UnixMicro())
	if err != nil {
		return false, err
	}
	var sent int
	err = tx.GetContext(ctx, &sent, tx.Rebind(query), args...)
	return sent < limit, err
}

func settle(ctx context.Context, db sqlx.ExtContext, t session.Text, was, becomes string, now time.Time) error {
	_, err := db.ExecContext(ctx, db.Rebind(`UPDATE outbox SET status = ?, settled_at = ?, body = ?
		WHERE client_id = ? AND seq = ? AND status = ?`), becomes, now.UnixMicro(), []byte{}, t.Client, t.Seq, was)
	return err
}

// SettleText tells what became of a claimed text. Repeating it changes nothing.
func (j *Journal) SettleText(ctx context.Context, t session.Text, sent bool, now time.Time) error {
	status := "failed"
	if sent {
		status = "sent"
	}
	if err := settle(ctx, j.write, t, "sending", status, now); err != nil {
		return fmt.Errorf("settle a text: %w", err)
	}
	return nil
}

// AbandonTexts is for the start, before anything is claimed: texts that a crash left in `sending` may have gone out or
// not. They are given up, and returned so that their clients are told.
func (j *Journal) AbandonTexts(ctx context.Context) (abandoned []session.Text, err error) {
	err = j.in(ctx, func(tx *sqlx.Tx) error {
		abandoned = nil
		if _, err := tx.ExecContext(ctx, j.dialect.serialize); err != nil {
			return err
		}
		var rows []outboxRow
		if err := tx.SelectContext(ctx, &rows, outboxQuery+`status = 'sending' ORDER BY client_id, seq`); err != nil {
			return err
		}
		for _, r := range rows {
			t, _ := j.openText(r) // what cannot be read is given up as well
			abandoned = append(abandoned, t)
			_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET status = 'unknown', body = ? WHERE client_id = ? AND seq = ?`),
				[]byte{}, r.Client, r.Seq)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("give up texts: %w", err)
	}
	return abandoned, nil
}
