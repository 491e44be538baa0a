package persistence

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"vakhta/session"
)

// The rows of documents hang on no chain of their own: each is held against the events that tell of it. The first of them
// has the digest of everything that was signed.

// paper is what the events say of a document.
type paper struct {
	digest   []byte // nil: the event of its draft was pruned
	document session.Document
	signed   *signatureRow // by the WEB-token
}

// documents holds against their events the documents of clients up to one: of those whose events tell of some, and of those
// who have some.
func (v *verifier) documents(ctx context.Context, clients map[int64]bool, after, to int64) error {
	var have []int64
	err := v.j.read.SelectContext(ctx, &have, v.j.read.Rebind(`SELECT DISTINCT client_id FROM document WHERE client_id > ? AND client_id <= ?`), after, to)
	if err != nil {
		return err
	}
	for _, id := range have {
		clients[id] = true
	}
	for id := range clients {
		if err := v.documentsOf(ctx, id); err != nil && !errors.Is(err, sql.ErrNoRows) { // a client without a row is a fault of his chain
			return err
		}
	}
	return nil
}

var errBusyClient = errors.New("a client has new events again and again: verify once more")

// documentsOf compares at one version of the client.
func (v *verifier) documentsOf(ctx context.Context, client int64) error {
	beside := v.j.eventsOf(client).beside
	for range 100 {
		before, _, err := beside(ctx)
		if err != nil {
			return err
		}
		said, err := v.j.papers(ctx, client)
		if err != nil {
			return err
		}
		rows, err := v.j.payloads(ctx, client)
		if err != nil {
			return err
		}
		after, _, err := beside(ctx)
		if err != nil {
			return err
		}
		if after == before {
			v.compare(client, v.name(ctx, client), said, rows)
			return nil
		}
	}
	return errBusyClient
}

// papers applies the events to the documents that they tell of. An event that cannot be read is a fault of the chain.
func (j *Journal) papers(ctx context.Context, client int64) (map[session.DocumentID]paper, error) {
	var rows []eventRow
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(
		`SELECT `+eventColumns+` FROM event WHERE client_id = ? AND type LIKE 'document.%' ORDER BY seq`), client)
	all := map[session.DocumentID]paper{}
	for _, r := range rows {
		read, err := decodeEvent(r.Type, r.Data)
		e, ok := read.(session.DocumentEvent)
		if err != nil || !ok {
			continue
		}
		p := all[e.Subject()]
		var draft documentDrafted
		if _, first := e.(session.DocumentDrafted); first && json.Unmarshal([]byte(r.Data), &draft) == nil {
			p.digest = draft.Digest
		}
		var signed documentSigned
		if _, ok := e.(session.DocumentSigned); ok && json.Unmarshal([]byte(r.Data), &signed) == nil {
			p.signed = signed.Signature
		}
		p.document = p.document.Apply(e, micros(r.At).time())
		all[e.Subject()] = p
	}
	return all, err
}

func (j *Journal) payloads(ctx context.Context, client int64) (map[session.DocumentID]string, error) {
	var rows []struct {
		ID      session.DocumentID `db:"document_id"`
		Payload string             `db:"payload"`
	}
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(`SELECT document_id, payload FROM document WHERE client_id = ?`), client)
	all := map[session.DocumentID]string{}
	for _, r := range rows {
		all[r.ID] = r.Payload
	}
	return all, err
}

func (v *verifier) compare(id int64, client string, said map[session.DocumentID]paper, rows map[session.DocumentID]string) {
	for number, payload := range rows {
		d, err := decodeDocument(session.ClientID(id), payload)
		p, told := said[number]
		switch {
		case err != nil || d.ID != number:
			v.fault(client, "order %d: its row is changed", number)
		case !told && d.DraftedAt.UnixMicro() > v.prunable:
			v.fault(client, "order %d: nobody has submitted it", number)
		case p.digest != nil && !fits(d, p):
			v.fault(client, "order %d: what was signed is changed", number)
		case told && (d.Status != p.document.Status || d.SignedBy != p.document.SignedBy || d.Confirmed != p.document.Confirmed || d.End != p.document.End ||
			!sameSignature(d.Signature, p.signed)):
			v.fault(client, "order %d: what has become of it is changed", number)
		}
	}
	for number, p := range said {
		if _, there := rows[number]; !there && p.digest != nil {
			v.fault(client, "order %d: removed", number)
		}
	}
}

func sameSignature(x *session.TokenSignature, told *signatureRow) bool {
	if x == nil || told == nil {
		return x == nil && told == nil
	}
	return told.of(*x)
}

// fits tells whether a document is the one whose digest its event has.
func fits(d session.Document, p paper) bool {
	digest := d.Digest()
	return bytes.Equal(p.digest, digest[:])
}
