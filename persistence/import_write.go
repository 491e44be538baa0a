package persistence

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"vakhta/session"
)

func (i *importing) write(ctx context.Context, tx *sqlx.Tx) error {
	// First the states, in the order in which the committers take them, so that nobody waits in a circle.
	slices.SortFunc(i.moves, func(a, b importMove) int { return cmp.Compare(a.id, b.id) })
	for _, m := range i.moves {
		if err := m.write(ctx, tx); err != nil {
			return err
		}
	}
	for _, row := range i.set {
		if err := row.exec(ctx, tx, `UPDATE profile SET kind = :kind, name = :name, login = :login, login_key = :login_key, email = :email,
			language = :language, password_hash = :password_hash, voice_hash = :voice_hash, phone = :phone,
			name_key = :name_key WHERE client_id = :client_id`); err != nil {
			return err
		}
	}
	for _, row := range i.add {
		state := encodeState(session.State{Phones: questionnaire(row.Phone)})
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO client (client_id, version, state) VALUES (?, 0, ?)`), row.ID, state)
		if err != nil {
			return fmt.Errorf("import client %s: %w", row.Code, err)
		}
		if err := row.exec(ctx, tx, `INSERT INTO profile
			(client_id, code, kind, name, login, login_key, email, language, password_hash, voice_hash, phone, phones, name_key) VALUES
			(:client_id, :code, :kind, :name, :login, :login_key, :email, :language, :password_hash, :voice_hash, :phone, :phones, :name_key)`); err != nil {
			return err
		}
	}
	return nil
}

func (row importRow) exec(ctx context.Context, tx *sqlx.Tx, query string) error {
	args := map[string]any{
		"client_id": row.ID, "code": row.Code, "kind": row.Kind, "name": row.Name, "login": row.Login, "login_key": row.Key,
		"email": row.Email, "language": row.Language, "password_hash": row.PasswordHash, "voice_hash": row.VoiceHash,
		"phone": row.Phone, "phones": packPhones(questionnaire(row.Phone)), "name_key": nameKeyOr(row.Name),
	}
	if _, err := tx.NamedExecContext(ctx, query, args); err != nil {
		return fmt.Errorf("import client %s: %w", row.Code, err)
	}
	return nil
}

// write changes the phone under the version, as every change of a state.
func (m importMove) write(ctx context.Context, tx *sqlx.Tx) error {
	var row struct {
		Version int64  `db:"version"`
		State   string `db:"state"`
		Head    []byte `db:"head"`
	}
	if err := tx.GetContext(ctx, &row, tx.Rebind(`SELECT version, state, head FROM client WHERE client_id = ?`), m.id); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	s, err := decodeState(m.id, row.State)
	if err != nil {
		return err
	}
	at := session.Instant(time.Now()) //nolint:forbidigo // an import is started by hand, beside any actor and its clock
	s.Version = row.Version
	events := s.Questionnaire(m.was, m.phone, m.fresh)
	head, rows := toHash(row.Head), make([]eventRow, 0, len(events))
	for _, e := range events {
		s = session.Apply(s, e)
		name, data, err := encodeEvent(e)
		if err != nil {
			return err
		}
		r := eventRow{Client: int64(m.id), Seq: s.Version, At: at.UnixMicro(), Type: name, Data: data, Prev: bytes.Clone(head[:])}
		head, rows = own(&r), append(rows, r)
	}
	state := encodeState(s)
	result, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE client SET version = ?, head = ?, state = ?, wake = ? WHERE client_id = ? AND version = ?`),
		s.Version, nullHash(&head), state, at.UnixMicro(), m.id, row.Version) // due now: a running server looks at the client
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if moved, err := result.RowsAffected(); err != nil || moved == 0 {
		return errors.Join(errMoved, err)
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE profile SET phones = ? WHERE client_id = ?`), packPhones(s.Phones), m.id); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	for _, r := range rows {
		_, err = tx.ExecContext(ctx, tx.Rebind(`INSERT INTO event (client_id, seq, at, type, data, prev) VALUES (?, ?, ?, ?, ?, ?)`),
			r.Client, r.Seq, r.At, r.Type, r.Data, r.Prev)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	return nil
}
