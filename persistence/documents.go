package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"vakhta/session"
)

// documentQuery reads documents by their rows.
type documentQuery struct {
	Client  session.ClientID `db:"client_id"`
	Payload string           `db:"payload"`
}

func (q documentQuery) decode() (session.Document, error) {
	d, err := decodeDocument(q.Client, q.Payload)
	if err != nil {
		return session.Document{}, fmt.Errorf("client %d: %w", q.Client, err)
	}
	return d, nil
}

// Document reads one of a client's non-trading orders; nil if there is none.
func (j *Journal) Document(ctx context.Context, client session.ClientID, id session.DocumentID) (*session.Document, error) {
	var row documentQuery
	err := j.read.GetContext(ctx, &row, j.read.Rebind(
		`SELECT client_id, payload FROM document WHERE client_id = ? AND document_id = ?`), client, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read a document: %w", err)
	}
	d, err := row.decode()
	return &d, err
}

// Documents reads a client's non-trading orders before that id, 0 for all, the newest first.
func (j *Journal) Documents(ctx context.Context, client session.ClientID, before session.DocumentID, limit int) ([]session.Document, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return j.documents(ctx, `client_id = ? AND document_id < ? ORDER BY document_id DESC LIMIT ?`, client, before, limit)
}

// Proposals reads the operators' orders that wait for a second operator, over all clients, the oldest first.
func (j *Journal) Proposals(ctx context.Context, limit int) ([]session.Proposal, error) {
	var rows []struct {
		profileRow

		Payload string `db:"payload"`
	}
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT `+profileColumns+`, d.payload FROM document d JOIN profile p ON p.client_id = d.client_id
		WHERE d.waits ORDER BY d.document_id LIMIT ?`), limit)
	if err != nil {
		return nil, fmt.Errorf("read what waits for a second operator: %w", err)
	}
	all := make([]session.Proposal, len(rows))
	for i, r := range rows {
		d, err := decodeDocument(r.Client, r.Payload)
		if err != nil {
			return nil, fmt.Errorf("client %d: %w", r.Client, err)
		}
		all[i] = session.Proposal{Profile: r.profile(), Document: d}
	}
	return all, nil
}

func (j *Journal) documents(ctx context.Context, which string, args ...any) ([]session.Document, error) {
	var rows []documentQuery
	if err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT client_id, payload FROM document WHERE `+which), args...); err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	all := make([]session.Document, 0, len(rows))
	for _, r := range rows {
		d, err := r.decode()
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// notHistory are events that say nothing about a client's security, or say it again and again.
var notHistory = []string{
	"login.seen", "terminal.attached", "terminal.gone", "session.extended", "session.expiring", "password.attempted", "voice.attempted",
	"token.challenged",
}

// History reads a client's events that concern security before that number, 0 for all, the newest first.
func (j *Journal) History(ctx context.Context, client session.ClientID, before int64, limit int) ([]session.Numbered, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return j.events(ctx, `client_id = ? AND seq < ? AND type NOT LIKE 'order.%' AND type NOT IN (`+
		"'"+strings.Join(notHistory, "', '")+"'"+`) ORDER BY seq DESC LIMIT ?`, client, before, limit)
}
