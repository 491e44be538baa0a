package persistence

import (
	"context"
	"fmt"
	"slices"

	"vakhta/session"
)

// Deliver puts a text on the development phone.
func (j *Journal) Deliver(ctx context.Context, d session.Delivered) error {
	_, err := j.write.ExecContext(ctx, j.write.Rebind(`INSERT INTO delivered (phone, body, at) VALUES (?, ?, ?)`), d.To, d.Text, d.At.UnixMicro())
	if err != nil {
		return fmt.Errorf("deliver to the development phone: %w", err)
	}
	return nil
}

// Delivered reads the newest texts on the development phone, newest last.
func (j *Journal) Delivered(ctx context.Context, limit int) ([]session.Delivered, error) {
	var rows []struct {
		Phone string `db:"phone"`
		Body  string `db:"body"`
		At    micros `db:"at"`
	}
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT phone, body, at FROM delivered ORDER BY delivered_id DESC LIMIT ?`), limit)
	if err != nil {
		return nil, fmt.Errorf("read the development phone: %w", err)
	}
	slices.Reverse(rows)
	all := make([]session.Delivered, len(rows))
	for i, r := range rows {
		all[i] = session.Delivered{To: r.Phone, Text: r.Body, At: r.At.time()}
	}
	return all, nil
}
