package persistence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vakhta/session"
)

// What a client has signed by his WEB-token is held against four places: the row that it stands in, the row of the token, the
// order that connected the token, and the chain of events as far as it is kept.

// Payloads hold what was signed against the row that it stands in. How a payload is read is the gateway's; all are needed.
type Payloads struct {
	Order      func(session.Order) error // Signed asks for this very order
	Withdrawal func(session.Order) error // Withdrawn asks for the end of this one
	Document   func(session.Document) error
}

// Signatures is what was verified of one client.
type Signatures struct {
	Good     int // so many fit
	Unsigned int // orders in sessions that a WEB-token had opened, which it did not sign: right only where the policy lets that go
	Faults   []Fault
}

// Signatures verifies everything that the client has signed by his WEB-tokens, and the orders that connected them. It works while
// others write.
func (j *Journal) Signatures(ctx context.Context, client session.ClientID, says Payloads) (Signatures, error) {
	v := &signatures{
		j: j, client: client, says: says,
		told: map[string]signatureRow{}, begun: map[session.TokenID]session.PublicKey{}, tokens: map[session.TokenID]knownToken{},
	}
	// The events first: what they tell of stands in a row then, and not yet all that stands in a row.
	for _, step := range []func(context.Context) error{v.events, v.orders, v.documents} {
		if err := step(ctx); err != nil {
			return Signatures{}, fmt.Errorf("verify the signatures of client %d: %w", client, err)
		}
	}
	for _, where := range slices.Sorted(maps.Keys(v.told)) {
		v.fault(where, errors.New("removed"))
	}
	return v.out, nil
}

type signatures struct {
	j      *Journal
	client session.ClientID
	says   Payloads
	out    Signatures

	told   map[string]signatureRow // by the events, and not yet found in a row
	begun  map[session.TokenID]session.PublicKey
	tokens map[session.TokenID]knownToken
}

// knownToken is the public key of a token as three places have it.
type knownToken struct {
	row       session.PublicKey // empty: the row is removed
	begun     session.PublicKey // by its first event; empty: pruned
	connected session.PublicKey // by the accepted order; empty: there is none
}

// signed is one signature with all that it is judged by.
type signed struct {
	client    session.ClientID
	id        string // that was signed with it
	signature session.TokenSignature
	told      *signatureRow // by its event; nil: pruned
	says      func() error
}

func (v *signatures) fault(where string, why error) {
	v.out.Faults = append(v.out.Faults, Fault{where, why.Error()})
}

// found takes what the events tell of a signature.
func (v *signatures) found(where string) *signatureRow {
	told, ok := v.told[where]
	if !ok {
		return nil
	}
	delete(v.told, where)
	return &told
}

func (v *signatures) settle(where string, why error) {
	if why != nil {
		v.fault(where, why)
		return
	}
	v.out.Good++
}

func orderPlace[N ~int64](id N) string      { return fmt.Sprintf("order %d", id) }
func withdrawalPlace[N ~int64](id N) string { return fmt.Sprintf("cancellation of order %d", id) }
func documentPlace[N ~int64](id N) string   { return fmt.Sprintf("non-trading order %d", id) }

// events gathers what the chain tells. Whether the chain itself is sound, audit verify says.
func (v *signatures) events(ctx context.Context) error {
	for after := int64(0); ; {
		var page []eventRow
		err := v.j.read.SelectContext(ctx, &page, v.j.read.Rebind(`SELECT `+eventColumns+` FROM event WHERE client_id = ? AND seq > ?
			AND type IN ('order.accepted', 'order.cancelling', 'document.signed', 'token.begun') ORDER BY seq LIMIT ?`), v.client, after, verifyPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			v.event(r)
		}
		after = page[len(page)-1].Seq
	}
}

func (v *signatures) event(r eventRow) {
	var said struct {
		ID     int64         `json:"i"`
		Signed *signatureRow `json:"sg"`
		S      []byte        `json:"s"`
	}
	if json.Unmarshal([]byte(r.Data), &said) != nil { // a fault of the chain
		return
	}
	var where string
	switch r.Type {
	case "token.begun":
		v.begun[session.TokenID(said.ID)] = session.PublicKey(said.S)
	case "order.accepted":
		where = orderPlace(said.ID)
	case "order.cancelling":
		where = withdrawalPlace(said.ID)
	case "document.signed":
		where = documentPlace(said.ID)
	}
	if said.Signed != nil {
		v.told[where] = *said.Signed
	}
}

func (v *signatures) orders(ctx context.Context) error {
	for after := session.OrderID(0); ; {
		page, err := v.j.orderRows(ctx, `client_id = ? AND order_id > ? ORDER BY order_id LIMIT ?`, v.client, after, verifyPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			o, err := r.order()
			if err != nil {
				v.found(orderPlace(r.ID))
				v.fault(orderPlace(r.ID), errChangedRow)
				continue
			}
			if err := v.order(ctx, o); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

var (
	errChangedRow = errors.New("its row is changed")
	errTakenAway  = errors.New("its signature is removed")
)

func (v *signatures) order(ctx context.Context, o session.Order) error {
	if o.Signed == nil && o.Means == session.WebToken {
		v.out.Unsigned++
	}
	err := v.signature(ctx, orderPlace(o.ID), o.UserOrderID, o.Signed, func() error {
		if o.Signed.Login != o.Login || o.Signed.Session != o.Session {
			return errors.New("it was signed in another session than the one that it stands in")
		}
		return v.says.Order(o)
	})
	if err != nil {
		return err
	}
	return v.signature(ctx, withdrawalPlace(o.ID), "", o.Withdrawn, func() error { return v.says.Withdrawal(o) })
}

func (v *signatures) signature(ctx context.Context, where, id string, x *session.TokenSignature, says func() error) error {
	told := v.found(where)
	switch {
	case x == nil && told != nil:
		v.fault(where, errTakenAway)
		return nil
	case x == nil:
		return nil
	}
	t, err := v.token(ctx, x.Token)
	if err != nil {
		return err
	}
	v.settle(where, signed{client: v.client, id: id, signature: *x, told: told, says: says}.judge(t))
	return nil
}

func (v *signatures) documents(ctx context.Context) error {
	rows, err := v.j.payloads(ctx, int64(v.client))
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		where := documentPlace(id)
		d, err := decodeDocument(v.client, rows[id])
		if err != nil || d.ID != id {
			v.found(where)
			v.fault(where, errChangedRow)
			continue
		}
		if c, ok := d.Content.(session.ConnectToken); ok {
			t, err := v.token(ctx, c.Token)
			if err != nil {
				return err
			}
			v.settle(where, judgeConnection(d, c, t))
		}
		if (d.SignedBy == session.WebToken) != (d.Signature != nil) {
			v.found(where)
			v.fault(where, errTakenAway)
			continue
		}
		err = v.signature(ctx, where, fmt.Sprint(d.ID), d.Signature, func() error {
			if d.Signature.Login != d.Login || d.Status != session.DocumentIsAccepted {
				return errors.New("it was signed by another login, or has not taken effect")
			}
			return v.says.Document(d)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// token reads a token when it is met: it may be younger than what was read before.
func (v *signatures) token(ctx context.Context, id session.TokenID) (knownToken, error) {
	if t, ok := v.tokens[id]; ok {
		return t, nil
	}
	t := knownToken{begun: v.begun[id]}
	var row [][]byte
	err := v.j.read.SelectContext(ctx, &row, v.j.read.Rebind(`SELECT s_pub FROM web_token WHERE client_id = ? AND token_id = ?`), v.client, id)
	if err != nil {
		return t, err
	}
	for _, s := range row {
		t.row = session.PublicKey(s)
	}
	documents, err := v.j.payloads(ctx, int64(v.client))
	if err != nil {
		return t, err
	}
	for _, payload := range documents {
		d, _ := decodeDocument(v.client, payload) // one that cannot be read connects nothing
		if c, ok := d.Content.(session.ConnectToken); ok && c.Token == id && d.Status == session.DocumentIsAccepted {
			t.connected = c.Keys.S
		}
	}
	v.tokens[id] = t
	return t, nil
}

// same wants the places to agree that are always there.
func (t knownToken) same() error {
	switch {
	case t.row == "":
		return errors.New("the row of its WEB-token is removed")
	case t.begun != "" && t.begun != t.row:
		return errors.New("the public key of its WEB-token is not the one that the registration began with")
	default:
		return nil
	}
}

// judge says what is wrong with a signature; nil: nothing is.
func (x signed) judge(t knownToken) error {
	if err := t.same(); err != nil {
		return err
	}
	switch {
	case t.connected == "":
		return errors.New("no accepted order has connected its WEB-token")
	case t.connected != t.row:
		return errors.New("the public key of its WEB-token is not the one that the order has which connected it")
	case x.told != nil && !x.told.of(x.signature):
		return errors.New("what was signed is changed, or its signature: the event tells of another")
	case !t.row.Verifies(x.signature.Message(x.client, x.id), x.signature.Bytes):
		return errors.New("the signature is not of this, or not by its WEB-token")
	}
	if err := x.says(); err != nil {
		return fmt.Errorf("what was signed is not what the row says: %w", err)
	}
	return nil
}

// judgeConnection is of the order by which a token was connected: both of its keys have signed it.
func judgeConnection(d session.Document, c session.ConnectToken, t knownToken) error {
	if err := t.same(); err != nil {
		return err
	}
	h := session.TokenHeader{Client: d.Client, Token: c.Token, Login: d.Login, Challenge: c.Challenge}
	switch message := h.Register(c.Keys); {
	case c.Keys.S != t.row:
		return errors.New("the public key is not that of the WEB-token's row")
	case !c.Keys.S.Verifies(message, c.SigS), !c.Keys.D.Verifies(message, c.SigD):
		return errors.New("a signature is not of this registration, or not by its keys")
	case h.Fingerprint(c.Keys) != c.Fingerprint:
		return errors.New("the fingerprint is not that of the registration, and the client was told it")
	default:
		return nil
	}
}
