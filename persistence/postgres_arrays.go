package persistence

// arrays are the parameters of the commit: one array for each column of each kind of row.
func arrays(batch []*packed) []any {
	changes := newColumns(len(batch), pgInt8, pgInt8, pgInt8, pgInt8, pgBool, pgText)
	events := newColumns(2*len(batch), pgInt8, pgInt8, pgInt8, pgInt8, pgText, pgText)
	orders := newColumns(len(batch), pgInt8, pgInt8, pgInt8, pgText, pgBool, pgText, pgText)
	moves := newColumns(0, pgInt8, pgInt8, pgInt8, pgBool, pgText, pgText)
	texts := newColumns(0, pgInt8, pgInt8, pgInt8, pgBytea, pgInt8, pgInt8, pgBytea)
	passwords := newColumns(0, pgInt8, pgInt8, pgText)
	for i, p := range batch {
		n := int64(i + 1)
		changes.add(p.client, p.was, p.becomes, nullInt(p.wake), p.attended, p.state)
		for _, e := range p.events {
			events.add(n, p.client, e.seq, e.at, e.name, e.data)
		}
		for _, o := range p.orders {
			orders.add(n, p.client, o.id, null(o.userID), o.open, o.status, o.payload)
		}
		for _, o := range p.moves {
			moves.add(n, p.client, o.id, o.open, o.status, o.payload)
		}
		for _, t := range p.texts {
			texts.add(n, p.client, t.seq, t.phone, t.at, t.expires, t.body)
		}
		if p.password != "" {
			passwords.add(n, p.client, p.password)
		}
	}
	var args []any
	for _, rows := range []columns{changes, events, orders, moves, texts, passwords} {
		for _, column := range rows {
			args = append(args, column.bytes())
		}
	}
	return args
}

type columns []*pgArray

func newColumns(rows int, elements ...uint32) columns {
	const guess = 16 // bytes of an element
	c := make(columns, len(elements))
	for i, element := range elements {
		c[i] = newPGArray(element, rows*guess)
	}
	return c
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
		}
	}
}
