package persistence

import "vakhta/session"

// pgArguments are the parameters of the commit: one array for each column of each kind of row. A lane keeps them for its next
// batch: arrays that have grown once cost no memory any more.
type pgArguments struct{ changes, events, orders, moves, texts, profiles, documents, tokens columns }

func newPGArguments() *pgArguments {
	return &pgArguments{
		changes:   newColumns(pgInt8, pgInt8, pgInt8, pgInt8, pgBool, pgText, pgBytea, pgBytea),
		events:    newColumns(pgInt8, pgInt8, pgInt8, pgInt8, pgText, pgText, pgBytea),
		orders:    newColumns(pgInt8, pgInt8, pgInt8, pgText, pgBool, pgText, pgText),
		moves:     newColumns(pgInt8, pgInt8, pgInt8, pgBool, pgText, pgText),
		texts:     newColumns(pgInt8, pgInt8, pgInt8, pgBytea, pgInt8, pgInt8, pgBytea),
		profiles:  newColumns(pgInt8, pgInt8, pgText, pgText),
		documents: newColumns(pgInt8, pgInt8, pgInt8, pgBool, pgText),
		tokens:    newColumns(pgInt8, pgInt8, pgInt8, pgText, pgBytea, pgInt8, pgInt8, pgInt8, pgInt8, pgInt8, pgText),
	}
}

// all are in the order in which the statement numbers them.
func (r *pgArguments) all() []columns {
	return []columns{r.changes, r.events, r.orders, r.moves, r.texts, r.profiles, r.documents, r.tokens}
}

// args are good until the next call.
func (r *pgArguments) args(batch []*packed) []any {
	var args []any
	for _, rows := range r.all() {
		rows.clear()
	}
	for i, p := range batch {
		n := int64(i + 1)
		r.changes.add(p.client, p.was, p.becomes, nullInt(p.wake), p.attended, p.state, pgNullHash(&p.prev), pgNullHash(&p.head))
		for i := range p.events {
			e := &p.events[i]
			r.events.add(n, p.client, e.seq, e.at, e.name, e.data, &e.prev)
		}
		for _, o := range p.orders {
			r.orders.add(n, p.client, o.id, null(o.userID), o.open, o.status, o.payload)
		}
		for _, o := range p.moves {
			r.moves.add(n, p.client, o.id, o.open, o.status, o.payload)
		}
		for _, t := range p.texts {
			r.texts.add(n, p.client, t.seq, t.phone, t.at, t.expires, t.body)
		}
		if p.password != "" || p.phones != "" {
			r.profiles.add(n, p.client, null(p.password), null(p.phones))
		}
		for _, d := range p.documents {
			r.documents.add(n, p.client, d.id, d.waits, d.payload)
		}
		for _, t := range p.tokens {
			r.tokens.add(n, p.client, t.id, t.state, t.sPub, t.attempts, t.failures, t.day, t.created, t.changed, t.payload)
		}
	}
	for _, rows := range r.all() {
		for _, column := range rows {
			args = append(args, column.bytes())
		}
	}
	return args
}

type columns []*pgArray

func newColumns(elements ...uint32) columns {
	c := make(columns, len(elements))
	for i, element := range elements {
		c[i] = newPGArray(element)
	}
	return c
}

func (c columns) clear() {
	for _, column := range c {
		column.clear()
	}
}

// add appends one row. Its values have the types of the columns; nil is NULL.
func (c columns) add(values ...any) {
	for i, value := range values {
		switch v := value.(type) {
		case nil:
			c[i].null()
		case int64:
			c[i].int(v)
		case bool:
			c[i].bool(v)
		case string:
			c[i].text(v)
		case []byte:
			c[i].raw(v)
		case *session.Hash: // a pointer costs no allocation here
			c[i].raw(v[:])
		}
	}
}

func pgNullHash(h *session.Hash) any {
	if *h == (session.Hash{}) {
		return nil
	}
	return h
}
