package persistence

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vakhta/session"
)

// AuditExport says what to export.
type AuditExport struct {
	Now    time.Time
	Client session.ClientID // 0: everybody
	Since  time.Time        // zero: from the beginning
}

// TreeHeadPrefix is the line with which every signed tree head begins.
const TreeHeadPrefix = notaryName + "\n"

// The lines of an export. The texts of the rows stand in them exactly as they are hashed.
type (
	exportHead struct {
		Kind     string   `json:"kind"`
		Format   int      `json:"format"`
		Time     string   `json:"time"`
		Keys     []string `json:"verifier_keys"`
		TreeHead string   `json:"tree_head,omitempty"`
	}
	exportClient struct {
		Kind    string `json:"kind"`
		ID      int64  `json:"id"`
		Code    string `json:"code"`
		Version int64  `json:"version"`
		Head    string `json:"head,omitempty"`
	}
	exportRow struct {
		Kind     string  `json:"kind"`
		Client   *int64  `json:"client,omitempty"`
		Operator *string `json:"operator,omitempty"`
		Seq      int64   `json:"seq"`
		Micros   int64   `json:"at"`
		Time     string  `json:"time"`
		Type     string  `json:"type"`
		Data     string  `json:"data"`
		Prev     string  `json:"prev,omitempty"` // none: from before the chain
		Hash     string  `json:"hash,omitempty"`
	}
	exportEntry struct {
		Kind   string         `json:"kind"`
		Number int64          `json:"number"`
		Leaf   tlog.Hash      `json:"leaf"`
		Time   string         `json:"time,omitempty"`
		Entry  string         `json:"entry,omitempty"` // base64; none: pruned, or not asked for
		Heads  []exportRecord `json:"heads,omitempty"`
		Proof  []tlog.Hash    `json:"proof,omitempty"` // that the tree head has the entry
	}
	exportRecord struct {
		Client int64  `json:"client"` // 0: the notes
		Seq    int64  `json:"seq"`
		Head   string `json:"head"`
	}
	exportTreeHead struct {
		Kind string `json:"kind"`
		Note string `json:"note"`
	}
)

// ExportAudit writes the chains, the log and its signed tree heads, as lines of JSON. It works while others write: then
// the chains may be newer than the log.
func (j *Journal) ExportAudit(ctx context.Context, to io.Writer, what AuditExport) error {
	x := &exporter{j: j, what: what, out: bufio.NewWriter(to)}
	x.lines = json.NewEncoder(x.out)
	x.lines.SetEscapeHTML(false)
	for _, step := range []func(context.Context) error{x.begin, x.clients, x.events, x.notes, x.entries, x.treeHeads} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("export the audit: %w", err)
		}
	}
	return x.out.Flush()
}

type exporter struct {
	j     *Journal
	what  AuditExport
	out   *bufio.Writer
	lines *json.Encoder
	size  int64
	since int64 // unix µs
}

func (x *exporter) begin(ctx context.Context) error {
	if !x.what.Since.IsZero() {
		x.since = x.what.Since.UnixMicro()
	}
	keys, err := x.j.keys.VerifierKeys()
	if err != nil {
		return err
	}
	head := exportHead{Kind: "vakhta audit", Format: 1, Time: x.what.Now.Format(time.RFC3339Nano), Keys: keys}
	if x.size, head.TreeHead, err = x.j.signedHead(ctx); err != nil {
		return err
	}
	return x.lines.Encode(head)
}

func (x *exporter) clients(ctx context.Context) error {
	from, to := x.ids()
	for after := from; ; {
		var page []struct {
			besideRow

			Code string `db:"code"`
		}
		err := x.j.read.SelectContext(ctx, &page, x.j.read.Rebind(`SELECT c.client_id, c.version, c.head, p.code
			FROM client c JOIN profile p ON p.client_id = c.client_id
			WHERE c.client_id > ? AND c.client_id <= ? ORDER BY c.client_id LIMIT ?`), after, to, verifyPage)
		if err != nil {
			return err
		}
		for _, c := range page {
			line := exportClient{Kind: "client", ID: c.Client, Code: c.Code, Version: c.Last, Head: hex.EncodeToString(c.Head)}
			if err := x.lines.Encode(line); err != nil {
				return err
			}
			after = c.Client
		}
		if len(page) < verifyPage {
			return nil
		}
	}
}

// ids are those of the clients: after the first, up to the second.
func (x *exporter) ids() (after, to int64) {
	if x.what.Client != 0 {
		return int64(x.what.Client) - 1, int64(x.what.Client)
	}
	return 0, math.MaxInt64
}

func (x *exporter) events(ctx context.Context) error {
	after, to := x.ids()
	var failed error
	err := x.j.eachEvent(ctx, after, to, func(r *eventRow) {
		if r.At >= x.since && failed == nil {
			line := exported("event", r, r.Type, r.Data)
			line.Client = &r.Client
			failed = x.lines.Encode(line)
		}
	})
	if failed != nil {
		return failed
	}
	return err
}

func exported(kind string, r chainRow, name, data string) exportRow {
	seq, at := r.place()
	line := exportRow{Kind: kind, Seq: seq, Micros: at, Time: micros(at).time().Format(time.RFC3339Nano), Type: name, Data: data}
	if r.link() != nil {
		hash := own(r)
		line.Prev, line.Hash = hex.EncodeToString(r.link()), hex.EncodeToString(hash[:])
	}
	return line
}

func (x *exporter) notes(ctx context.Context) error {
	for from := int64(1); ; {
		page, err := x.j.auditChain().rows(ctx, from, math.MaxInt64, chainPage)
		if err != nil {
			return err
		}
		for _, row := range page {
			r := row.(*auditRow)
			from = r.Seq + 1
			if r.At < x.since || x.what.Client != 0 && r.Client.Int64 != int64(x.what.Client) {
				continue
			}
			line := exported("note", r, r.Type, r.Data)
			if r.Client.Valid {
				line.Client = &r.Client.Int64
			}
			if r.Operator.Valid {
				line.Operator = &r.Operator.String
			}
			if err := x.lines.Encode(line); err != nil {
				return err
			}
		}
		if len(page) < chainPage {
			return nil
		}
	}
}

// entries writes every entry, or the leaf of one that is not kept or not asked for; of one client only those that have a
// head of his, with the proof that they are in the log.
func (x *exporter) entries(ctx context.Context) error {
	for next := int64(0); next < x.size; {
		page, err := x.j.logPage(ctx, next, x.size)
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := x.entry(ctx, r); err != nil {
				return err
			}
			next = r.Number + 1
		}
		if len(page) < verifyPage {
			return nil
		}
	}
	return nil
}

func (x *exporter) entry(ctx context.Context, r logRow) error {
	line := exportEntry{Kind: "entry", Number: r.Number, Leaf: tlog.Hash(toHash(r.Hashes))}
	kept, his := r.At.Valid && r.At.Int64 >= x.since, x.what.Client == 0
	if kept {
		line.Time, line.Entry = micros(r.At.Int64).time().Format(time.RFC3339Nano), base64.StdEncoding.EncodeToString(r.Entry)
		_, records, err := decodeEntry(r.Entry)
		if err != nil {
			return fmt.Errorf("entry %d: %w: run «vakhta audit verify»", r.Number, err)
		}
		for _, rec := range records {
			his = his || rec.chain == int64(x.what.Client)
			line.Heads = append(line.Heads, exportRecord{Client: rec.chain, Seq: rec.seq, Head: hex.EncodeToString(rec.head[:])})
		}
	}
	switch {
	case !his:
		return nil
	case x.what.Client != 0:
		proof, err := tlog.ProveRecord(x.size, r.Number, logHashes(ctx, x.j.read))
		if err != nil {
			return fmt.Errorf("entry %d: %w: run «vakhta audit verify»", r.Number, err)
		}
		line.Proof = proof
	}
	return x.lines.Encode(line)
}

func (x *exporter) treeHeads(ctx context.Context) error {
	rows, err := x.j.keptHeads(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := x.lines.Encode(exportTreeHead{Kind: "tree_head", Note: r.Head}); err != nil {
			return err
		}
	}
	return nil
}
