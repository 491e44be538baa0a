package persistence

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vakhta/session"
)

// pair is a key pair of a browser.
type pair struct {
	private *ecdsa.PrivateKey
	public  session.PublicKey
}

func newPair(t testing.TB) pair {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	return pair{key, session.PublicKey(must(key.PublicKey.Bytes())(t))}
}

// sign is what WebCrypto makes: r‖s.
func (p pair) sign(t testing.TB, message []byte) session.Signature {
	t.Helper()
	sum := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, p.private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	var out [64]byte
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return session.Signature(out[:])
}

// signer is a client with his WEB-token.
type signer struct {
	client  session.ClientID
	token   session.TokenID
	s, d, r pair
}

func newSigner(t testing.TB, s session.State, token session.TokenID) signer {
	t.Helper()
	return signer{s.Client, token, newPair(t), newPair(t), newPair(t)}
}

func (x signer) keys() session.TokenKeys {
	return session.TokenKeys{S: x.s.public, D: x.d.public, R: x.r.public}
}

func (x signer) signed(t testing.TB, id, payload string) *session.TokenSignature {
	t.Helper()
	signed := session.TokenSignature{Token: x.token, Login: 17, Session: 18, Payload: payload}
	signed.Bytes = x.s.sign(t, signed.Message(x.client, id))
	return &signed
}

// connection are the events of a registration, by the order with that id.
func (x signer) connection(t testing.TB, s session.State, order session.DocumentID) []session.Event {
	t.Helper()
	token := pending(s, x.token)
	token.Keys = x.keys()
	h := session.TokenHeader{Client: x.client, Token: x.token, Login: 17, Challenge: token.Challenges[0].Nonce}
	d := submitted(s, order)
	d.Content = session.ConnectToken{
		Token: x.token, Challenge: h.Challenge, Keys: x.keys(), SigS: x.s.sign(t, h.Register(x.keys())), SigD: x.d.sign(t, h.Register(x.keys())),
		Fingerprint: h.Fingerprint(x.keys()),
	}
	return []session.Event{
		begun(token),
		drafted(d),
		session.DocumentSigned{ID: order, Means: session.SMS},
		registered(x.token),
		session.DocumentAccepted{ID: order},
	}
}

func (x signer) order(t testing.TB, s session.State, id session.OrderID) session.Order {
	t.Helper()
	o := newOrder(s, id, fmt.Sprint("mine", id))
	o.Means = session.WebToken
	o.Signed = x.signed(t, o.UserOrderID, fmt.Sprintf(`{"user_order_id": %q, "qty": "10", "ticker": "SBER"}`, o.UserOrderID))
	return o
}

// says are the gateway's readers, as far as these tests need them.
func says() Payloads {
	var p struct {
		UserOrderID string `json:"user_order_id"`
		Ticker      string `json:"ticker"`
		Order       int64  `json:"order_id"`
		ID          int64  `json:"id"`
	}
	read := func(x *session.TokenSignature, ok func() bool) error {
		p.UserOrderID, p.Ticker, p.Order, p.ID = "", "", 0, 0
		if err := json.Unmarshal([]byte(x.Payload), &p); err != nil || !ok() {
			return errors.New("another order")
		}
		return nil
	}
	return Payloads{
		Order: func(o session.Order) error {
			return read(o.Signed, func() bool { return p.UserOrderID == o.UserOrderID && p.Ticker == o.Ticker })
		},
		Withdrawal: func(o session.Order) error { return read(o.Withdrawn, func() bool { return p.Order == int64(o.ID) }) },
		Document:   func(d session.Document) error { return read(d.Signature, func() bool { return p.ID == int64(d.ID) }) },
	}
}

// archive is a client who has signed: two orders (5001 and 5002, both withdrawn), a non-trading order (6002), and by SMS
// the one that connected his token 4001 (6001).
func (h *house) archive(t *testing.T) (session.State, signer) {
	t.Helper()
	s := h.client(t)
	x := newSigner(t, s, 4001)
	events := x.connection(t, s, 6001)
	first, second := x.order(t, s, 5001), x.order(t, s, 5002)
	off := submitted(s, 6002)
	off.Content = session.Disconnect{Means: session.SMS}
	events = append(events, session.OrderAccepted{Order: first}, session.OrderAccepted{Order: second}, drafted(off), session.DocumentSigned{
		ID: 6002, Means: session.WebToken, Signature: x.signed(t, "6002", `{"id": 6002, "docId": 193, "data": {}}`),
	}, session.DocumentAccepted{ID: 6002})
	s = h.mustCommit(t, change(s, events...))[0]
	var ends []session.Event
	c := change(s)
	for _, o := range []session.Order{first, second} {
		e := session.OrderCancelling{ID: o.ID, Signed: x.signed(t, "", fmt.Sprintf(`{"order_id": %d}`, o.ID))}
		ends = append(ends, e)
		c.Orders = append(c.Orders, session.OrderChange{Order: o.Apply(e, noon)})
	}
	orders := c.Orders
	c = change(s, ends...)
	c.Orders = orders
	return h.mustCommit(t, c)[0], x
}

// signatures wants so many good ones, and these faults.
func (h *house) signatures(t *testing.T, client session.ClientID, good int, want ...string) {
	t.Helper()
	got := must(h.Signatures(t.Context(), client, says()))(t)
	var faults []string
	for _, f := range got.Faults {
		faults = append(faults, f.String())
	}
	if !slices.Equal(faults, want) || got.Good != good {
		t.Errorf("%d fit, not %d, and the faults are\n%s\nnot\n%s", got.Good, good, strings.Join(faults, "\n"), strings.Join(want, "\n"))
	}
}

// alterOrder changes an order's row behind the journal's back.
func (h *house) alterOrder(t *testing.T, o session.Order, alter func(*session.Order)) {
	t.Helper()
	alter(&o)
	h.exec(t, `UPDATE orders SET payload = ? WHERE client_id = ? AND order_id = ?`, orderPayload(o), o.Client, o.ID)
}

const (
	changedText = ": what was signed is changed, or its signature: the event tells of another"
	notOfThis   = ": the signature is not of this, or not by its WEB-token"
	notTheRow   = ": what was signed is not what the row says: another order"
)

// tampering is what somebody does to the rows, and what is found of it: while the events are kept, and when they are pruned.
type tampering struct {
	name         string
	do           func(t *testing.T, h *house, s session.State, x signer, orders [2]session.Order)
	kept, pruned []string
	good         [2]int // that are left, out of 6
}

func alteredDocument(alter func(*session.Document)) func(*testing.T, *house, session.State, signer, [2]session.Order) {
	return func(t *testing.T, h *house, s session.State, _ signer, _ [2]session.Order) {
		d := *must(h.Document(t.Context(), s.Client, 6002))(t)
		alter(&d)
		h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6002`, must(encodeDocument(d))(t))
	}
}

var tamperings = []tampering{
	{"nothing", func(*testing.T, *house, session.State, signer, [2]session.Order) {}, nil, nil, [2]int{6, 6}},
	{"the payload of an order is changed", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
		h.alterOrder(t, orders[0], func(o *session.Order) {
			x := *o.Signed
			x.Payload = strings.Replace(x.Payload, `"10"`, `"99"`, 1)
			o.Signed = &x
		})
	}, []string{"order 5001" + changedText}, []string{"order 5001" + notOfThis}, [2]int{5, 5}},
	{"the signature of an order is changed", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
		h.alterOrder(t, orders[0], func(o *session.Order) {
			x := *o.Signed
			x.Bytes = x.Bytes[:63] + session.Signature(x.Bytes[63]^1)
			o.Signed = &x
		})
	}, []string{"order 5001" + changedText}, []string{"order 5001" + notOfThis}, [2]int{5, 5}},
	{"an order says something else than was signed", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
		h.alterOrder(t, orders[0], func(o *session.Order) { o.Ticker = "GAZP" })
	}, []string{"order 5001" + notTheRow}, []string{"order 5001" + notTheRow}, [2]int{5, 5}},
	{
		"signatures are moved to another order", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
			h.alterOrder(t, orders[1], func(o *session.Order) { o.Signed, o.Withdrawn = orders[0].Signed, orders[0].Withdrawn })
		},
		[]string{"order 5002" + changedText, "cancellation of order 5002" + changedText},
		[]string{"order 5002" + notOfThis, "cancellation of order 5002" + notTheRow},
		[2]int{4, 4},
	},
	{
		"a whole row is copied over another", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
			h.exec(t, `UPDATE orders SET payload = ? WHERE order_id = 5002`, orderPayload(orders[0]))
		},
		[]string{"order 5002" + changedText, "cancellation of order 5002" + changedText},
		[]string{"order 5002" + notOfThis, "cancellation of order 5002" + notTheRow},
		[2]int{4, 4},
	},
	{
		"an order is put into another session", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
			h.alterOrder(t, orders[0], func(o *session.Order) { o.Session = 99 })
		},
		[]string{"order 5001: what was signed is not what the row says: it was signed in another session than the one that it stands in"},
		[]string{"order 5001: what was signed is not what the row says: it was signed in another session than the one that it stands in"},
		[2]int{5, 5},
	},
	{"a signature is removed", func(t *testing.T, h *house, _ session.State, _ signer, orders [2]session.Order) {
		h.alterOrder(t, orders[0], func(o *session.Order) { o.Signed = nil })
	}, []string{"order 5001: its signature is removed"}, nil, [2]int{5, 5}},
	{
		"the signature of a document is removed", alteredDocument(func(d *session.Document) { d.Signature = nil }),
		[]string{"non-trading order 6002: its signature is removed"},
		[]string{"non-trading order 6002: its signature is removed"},
		[2]int{5, 5},
	},
	{
		"a document is said to be signed by SMS", alteredDocument(func(d *session.Document) { d.SignedBy = session.SMS }),
		[]string{"non-trading order 6002: its signature is removed"},
		[]string{"non-trading order 6002: its signature is removed"},
		[2]int{5, 5},
	},
	{
		"a signed document is said to be declined", alteredDocument(func(d *session.Document) { d.Status = session.DocumentIsCancelled }),
		[]string{"non-trading order 6002: what was signed is not what the row says: it was signed by another login, or has not taken effect"},
		[]string{"non-trading order 6002: what was signed is not what the row says: it was signed by another login, or has not taken effect"},
		[2]int{5, 5},
	},
	{"an order is removed", func(t *testing.T, h *house, _ session.State, _ signer, _ [2]session.Order) {
		h.exec(t, `DELETE FROM orders WHERE order_id = 5002`)
	}, []string{"cancellation of order 5002: removed", "order 5002: removed"}, nil, [2]int{4, 4}},
	{
		"a row is no row any more", func(t *testing.T, h *house, _ session.State, _ signer, _ [2]session.Order) {
			h.exec(t, `UPDATE orders SET payload = ? WHERE order_id = 5001`, `{"i":"x"}`)
			h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6002`, `{}`)
		},
		[]string{"order 5001: its row is changed", "non-trading order 6002: its row is changed", "cancellation of order 5001: removed"},
		[]string{"order 5001: its row is changed", "non-trading order 6002: its row is changed"},
		[2]int{3, 3},
	},
	{
		"the public key of the token is exchanged, and an order signed anew", func(t *testing.T, h *house, s session.State, _ signer, orders [2]session.Order) {
			forger := newSigner(t, s, 4001)
			h.exec(t, `UPDATE web_token SET s_pub = ?`, []byte(forger.s.public))
			h.alterOrder(t, orders[0], func(o *session.Order) { o.Signed = forger.signed(t, o.UserOrderID, o.Signed.Payload) })
		}, everywhere("the public key of its WEB-token is not the one that the registration began with"),
		append(slices.Clone(everywhere("the public key of its WEB-token is not the one that the order has which connected it")[:4]),
			"non-trading order 6001: the public key is not that of the WEB-token's row",
			"non-trading order 6002: the public key of its WEB-token is not the one that the order has which connected it"),
		[2]int{},
	},
	{"the public key is exchanged in the order too", func(t *testing.T, h *house, s session.State, x signer, _ [2]session.Order) {
		forged := newSigner(t, s, 4001)
		forged.d = x.d
		d := *must(h.Document(t.Context(), s.Client, 6001))(t)
		c := d.Content.(session.ConnectToken)
		c.Keys.S = forged.s.public
		c.SigS = forged.s.sign(t, session.TokenHeader{Client: s.Client, Token: 4001, Login: 17, Challenge: c.Challenge}.Register(c.Keys))
		d.Content = c
		h.exec(t, `UPDATE web_token SET s_pub = ?`, []byte(forged.s.public))
		h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6001`, must(encodeDocument(d))(t))
	}, everywhere("the public key of its WEB-token is not the one that the registration began with"), []string{
		"order 5001" + notOfThis, "cancellation of order 5001" + notOfThis, "order 5002" + notOfThis, "cancellation of order 5002" + notOfThis,
		"non-trading order 6001: a signature is not of this registration, or not by its keys", "non-trading order 6002" + notOfThis,
	}, [2]int{}},
	{
		"the fingerprint is changed", func(t *testing.T, h *house, s session.State, _ signer, _ [2]session.Order) {
			d := *must(h.Document(t.Context(), s.Client, 6001))(t)
			c := d.Content.(session.ConnectToken)
			c.Fingerprint = "0000-0000"
			d.Content = c
			h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6001`, must(encodeDocument(d))(t))
		},
		[]string{"non-trading order 6001: the fingerprint is not that of the registration, and the client was told it"},
		[]string{"non-trading order 6001: the fingerprint is not that of the registration, and the client was told it"},
		[2]int{5, 5},
	},
	{"the row of the token is removed", func(t *testing.T, h *house, _ session.State, _ signer, _ [2]session.Order) {
		h.exec(t, `DELETE FROM web_token`)
	}, everywhere("the row of its WEB-token is removed"), everywhere("the row of its WEB-token is removed"), [2]int{}},
	{
		"the order that connected the token is removed", func(t *testing.T, h *house, _ session.State, _ signer, _ [2]session.Order) {
			h.exec(t, `DELETE FROM document WHERE document_id = 6001`)
		}, slices.Delete(everywhere("no accepted order has connected its WEB-token"), 4, 5),
		slices.Delete(everywhere("no accepted order has connected its WEB-token"), 4, 5),
		[2]int{},
	},
	{"the signature of a non-trading order is of another", func(t *testing.T, h *house, s session.State, x signer, _ [2]session.Order) {
		d := *must(h.Document(t.Context(), s.Client, 6002))(t)
		d.Signature = x.signed(t, "6003", d.Signature.Payload)
		h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6002`, must(encodeDocument(d))(t))
	}, []string{"non-trading order 6002" + changedText}, []string{"non-trading order 6002" + notOfThis}, [2]int{5, 5}},
}

// everywhere is a fault of everything that the token has signed.
func everywhere(fault string) (all []string) {
	for _, where := range []string{
		"order 5001", "cancellation of order 5001", "order 5002", "cancellation of order 5002", "non-trading order 6001", "non-trading order 6002",
	} {
		all = append(all, where+": "+fault)
	}
	return all
}

var signatureCases = []conformance{
	{"whatever is done to what was signed is named, with the order", func(t *testing.T, h *house) {
		for _, c := range tamperings {
			t.Run(c.name, func(t *testing.T) {
				for _, table := range []string{"event", "orders", "document", "web_token"} {
					h.exec(t, `DELETE FROM `+table)
				}
				s, x := h.archive(t)
				var orders [2]session.Order
				for i, id := range []session.OrderID{5001, 5002} {
					orders[i] = *must(h.Order(t.Context(), s.Client, id))(t)
				}
				c.do(t, h, s, x, orders)
				h.signatures(t, s.Client, c.good[0], c.kept...)
				h.exec(t, `DELETE FROM event`)
				h.signatures(t, s.Client, c.good[1], c.pruned...)
			})
		}
	}},
	{"an order that was signed comes back with the very bytes, and so does its cancellation", func(t *testing.T, h *house) {
		s, x := h.archive(t)
		o := must(h.OrderByUserID(t.Context(), s.Client, "mine5001"))(t)
		if !x.s.public.Verifies(o.Signed.Message(s.Client, o.UserOrderID), o.Signed.Bytes) ||
			!x.s.public.Verifies(o.Withdrawn.Message(s.Client, ""), o.Withdrawn.Bytes) {
			t.Errorf("the signatures %+v and %+v are not of it", o.Signed, o.Withdrawn)
		}
		h.reports(t)
	}},
	{"an order of a session that the WEB-token opened, and that it did not sign, is counted", func(t *testing.T, h *house) {
		s := h.client(t)
		o := newOrder(s, 1, "a")
		o.Means = session.WebToken
		h.mustCommit(t, change(s, session.OrderAccepted{Order: o}, accepted(s, 2, "b")))
		if got := must(h.Signatures(t.Context(), s.Client, says()))(t); got.Unsigned != 1 || got.Good != 0 || got.Faults != nil {
			t.Errorf("found are %+v", got)
		}
	}},
	{"a document whose signature was removed or exchanged is found by its events", func(t *testing.T, h *house) {
		s, x := h.archive(t)
		d := *must(h.Document(t.Context(), s.Client, 6002))(t)
		for _, other := range []*session.TokenSignature{nil, x.signed(t, "6003", d.Signature.Payload)} {
			d.Signature = other
			h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6002`, must(encodeDocument(d))(t))
			h.reports(t, "client "+s.Profile.Code+": order 6002: what has become of it is changed")
		}
	}},
	{"an order that connects a token is held against the digest of its event", func(t *testing.T, h *house) {
		s, _ := h.archive(t)
		d := *must(h.Document(t.Context(), s.Client, 6001))(t)
		c := d.Content.(session.ConnectToken)
		c.Keys.R = newPair(t).public
		d.Content = c
		h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 6001`, must(encodeDocument(d))(t))
		h.reports(t, "client "+s.Profile.Code+": order 6001: what was signed is changed")
	}},
}
