package persistence

import (
	"context"
	"fmt"
	"time"

	"vakhta/session"
)

// Events reads a client's events after the number since, at most limit of them. Old ones may have been pruned: then the
// first is not since+1.
func (j *Journal) Events(ctx context.Context, client session.ClientID, since int64, limit int) ([]session.Numbered, error) {
	return j.events(ctx, `client_id = ? AND seq > ? ORDER BY seq LIMIT ?`, client, since, limit)
}

func (j *Journal) events(ctx context.Context, which string, args ...any) ([]session.Numbered, error) {
	var rows []struct {
		Client session.ClientID `db:"client_id"`
		Seq    int64            `db:"seq"`
		At     micros           `db:"at"`
		Type   string           `db:"type"`
		Data   string           `db:"data"`
	}
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT client_id, seq, at, type, data FROM event WHERE `+which), args...)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]session.Numbered, 0, len(rows))
	for _, r := range rows {
		e, err := decodeEvent(r.Type, r.Data)
		if err != nil {
			return nil, fmt.Errorf("event %d of client %d: %w", r.Seq, r.Client, err)
		}
		events = append(events, session.Numbered{Seq: r.Seq, At: r.At.time(), Event: e})
	}
	return events, nil
}

// Prune deletes events that are older than before, and entries of the notary's log, about limit of each at once: call it
// again until it deletes none. It answers how many it has deleted of what there was more of.
func (j *Journal) Prune(ctx context.Context, before time.Time, limit int) (int64, error) {
	result, err := j.write.ExecContext(ctx, j.write.Rebind(j.dialect.prune), before.UnixMicro(), limit)
	if err != nil {
		return 0, fmt.Errorf("prune events: %w", err)
	}
	events, err := result.RowsAffected()
	if err != nil {
		return 0, err
	}
	// Looks at the oldest ones only: they lie in the order of their instants.
	result, err = j.write.ExecContext(ctx, j.write.Rebind(`DELETE FROM notary_entry WHERE number IN (
		SELECT number FROM (SELECT number, at FROM notary_entry ORDER BY number LIMIT ?) AS oldest WHERE at < ?)`), limit, before.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("prune the log: %w", err)
	}
	entries, err := result.RowsAffected()
	return max(events, entries), err
}

// Due finds clients whose wake has come, in the order of their ids, after the one named. A wake is rounded down to a
// quarter of an hour: some are found too early.
func (j *Journal) Due(ctx context.Context, now time.Time, after session.ClientID, limit int) ([]session.Due, error) {
	return j.due(ctx, `wake <= ? AND client_id > ?`, now.UnixMicro(), after, limit)
}

// Attended finds clients of whom the journal believes that a terminal is connected, in the order of their ids, after the
// one named. At start no terminal is: they are given the grace to come back.
func (j *Journal) Attended(ctx context.Context, after session.ClientID, limit int) ([]session.Due, error) {
	return j.due(ctx, `attended AND client_id > ?`, after, limit)
}

func (j *Journal) due(ctx context.Context, which string, args ...any) ([]session.Due, error) {
	var rows []struct {
		Client  session.ClientID `db:"client_id"`
		Version int64            `db:"version"`
	}
	query := `SELECT client_id, version FROM client WHERE ` + which + ` ORDER BY client_id LIMIT ?`
	if err := j.read.SelectContext(ctx, &rows, j.read.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("find who is due: %w", err)
	}
	all := make([]session.Due, len(rows))
	for i, r := range rows {
		all[i] = session.Due(r)
	}
	return all, nil
}
