package session

import (
	"testing"
	"time"
)

// signing is a client in a session that his WEB-token has opened, which is good for trading orders too.
func signing(t tb) (*trader, *device) {
	c, d := tokenTrader(t)
	c.policy.WebTokenTrades = true
	d.open()
	c.forget()
	return c, d
}

const payload = `{"user_order_id":"77","instr_name":"SBER","comment":"купить"}`

// order is one that the token has signed.
func (d *device) order() SubmitOrder {
	ticket := buy(1)
	ticket.UserOrderID = "77"
	return SubmitOrder{Login: d.login, Ticket: ticket, Instrument: sber, Signed: d.sign("77", payload)}
}

func TestAnOrderInAWebTokenSessionIsKeptWithItsVeryBytesAndItsSignature(t *testing.T) {
	c, d := signing(t)
	c.pass(time.Hour)
	submit := d.order()
	o := c.do(submit).(OrderTaken).Order
	s := c.session(d.login)
	want := TokenSignature{Token: d.token, Login: d.login, Session: s.ID, Payload: payload, Bytes: submit.Signed.SigS, Salt: o.Signed.Salt}
	same(t, "the signature", *o.Signed, want)
	same(t, "in the row", *c.orders[o.ID].Signed, want)
	same(t, "means and session", []any{o.Means, o.Session}, []any{WebToken, s.ID})
	same(t, "it can be checked for ever", d.s.public.Verifies(o.Signed.Message(7, o.UserOrderID), o.Signed.Bytes), true)
	at(t, "extended to five hours", the[SessionExtended](c).ExpiresAt, c.now.Add(5*time.Hour))
}

func TestAnOrderInAWebTokenSessionIsRefusedUnlessTheTokenHasSignedItsVeryBytes(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*trader, *device, *SubmitOrder)
		reason Reason
	}{
		"not signed":                   {func(_ *trader, _ *device, o *SubmitOrder) { o.Signed = Signed{} }, NeedTokenSignature},
		"a payload without signature":  {func(_ *trader, _ *device, o *SubmitOrder) { o.Signed.SigS = "" }, BadSignature},
		"a signature without payload":  {func(_ *trader, _ *device, o *SubmitOrder) { o.Signed.Payload = "" }, BadSignature},
		"one byte changed":             {func(_ *trader, _ *device, o *SubmitOrder) { o.Signed.Payload += " " }, BadSignature},
		"another user order id":        {func(_ *trader, _ *device, o *SubmitOrder) { o.Ticket.UserOrderID = "78" }, BadSignature},
		"signed as a cancellation":     {func(_ *trader, d *device, o *SubmitOrder) { o.Signed = d.sign("", payload) }, BadSignature},
		"signed without an id":         {func(_ *trader, d *device, o *SubmitOrder) { o.Ticket.UserOrderID, o.Signed = "", d.sign("", payload) }, BadOrder},
		"signed by D":                  {func(_ *trader, d *device, o *SubmitOrder) { d.s = d.d; o.Signed = d.sign("77", payload) }, BadSignature},
		"signed by another token":      {func(_ *trader, d *device, o *SubmitOrder) { d.token++; o.Signed = d.sign("77", payload) }, BadSignature},
		"signed in the session before": {func(c *trader, d *device, o *SubmitOrder) { d.open() }, BadSignature},
		"signed under another login": {
			func(_ *trader, d *device, o *SubmitOrder) {
				other := d.copied(d.c.terminal())
				other.open()
				o.Login = other.login
			}, BadSignature,
		},
		"in another's session of another means": {
			func(c *trader, d *device, o *SubmitOrder) { o.Login = c.opened() }, BadSignature,
		},
		"in a session by SMS": {
			func(c *trader, d *device, o *SubmitOrder) { c.open(d.login); o.Signed = d.sign("77", payload) }, BadSignature,
		},
		"an order that is none": {func(_ *trader, _ *device, o *SubmitOrder) { o.Ticket.Quantity = 0 }, BadOrder},
		"without a session":     {func(c *trader, d *device, o *SubmitOrder) { c.do(CloseSessions{Login: d.login, All: true}) }, NoSession},
		"out of its scope":      {func(c *trader, _ *device, _ *SubmitOrder) { c.policy.WebTokenTrades = false }, OutOfScope},
	} {
		t.Run(name, func(t *testing.T) {
			c, d := signing(t)
			submit := d.order()
			x.change(c, d, &submit)
			c.refuses(submit, x.reason)
			same(t, "orders", len(c.orders), 0)
		})
	}
}

func TestARepeatedSignedOrderIsAcknowledgedOnlyWithTheSameBytes(t *testing.T) {
	c, d := signing(t)
	submit := d.order()
	first := c.do(submit).(OrderTaken).Order
	c.pass(time.Hour)
	c.forget()
	submit.Prior = &first
	same(t, "the answer", c.do(submit), Result(OrderTaken{Order: first, Repeated: true}))
	nothing(c)
	twin := submit
	twin.Signed = d.sign("77", payload+" ")
	c.refuses(twin, OrderConflict)
	twin.Signed = Signed{}
	c.refuses(twin, OrderConflict)
	c.do(CloseSessions{Login: d.login, All: true})
	same(t, "when the session is over", c.do(submit).(OrderTaken).Repeated, true)
}

func TestACancellationInAWebTokenSessionIsSignedToo(t *testing.T) {
	c, d := signing(t)
	o := c.do(d.order()).(OrderTaken).Order
	cancel := CancelOrder{Login: d.login, ID: o.ID, Prior: &o}
	c.refuses(cancel, NeedTokenSignature)
	cancel.Signed = d.sign("77", `{"order_id":5}`)
	c.refuses(cancel, BadSignature)
	cancel.Signed = d.sign("", `{"order_id":5}`)
	c.do(cancel)
	kept := c.orders[o.ID]
	same(t, "of the cancellation", kept.Withdrawn.Payload, `{"order_id":5}`)
	same(t, "of the order", kept.Signed.Payload, payload)
	same(t, "both can be checked", []bool{
		d.s.public.Verifies(kept.Withdrawn.Message(7, ""), kept.Withdrawn.Bytes), d.s.public.Verifies(kept.Signed.Message(7, "77"), kept.Signed.Bytes),
	}, []bool{true, true})
}

func TestThePolicyMayLetTheSignatureGo(t *testing.T) {
	c, d := signing(t)
	c.policy.WebTokenUnsigned = true
	unsigned := d.order()
	unsigned.Signed, unsigned.Ticket.UserOrderID = Signed{}, ""
	same(t, "signed", c.do(unsigned).(OrderTaken).Order.Signed, nil)
	bad := d.order()
	bad.Signed.Payload += " "
	c.refuses(bad, BadSignature) // what is signed is signed right
	same(t, "signed", c.do(d.order()).(OrderTaken).Order.Signed != nil, true)
}

func TestAWebTokenSessionIsNeverLentToAnotherLogin(t *testing.T) {
	c, d := signing(t)
	c.policy.SharedSessions, c.policy.WebTokenUnsigned = true, true
	other := c.terminal()
	c.refuses(SubmitOrder{Login: other, Ticket: buy(1), Instrument: sber}, NoSession)
	c.refuses(SubmitDocument{Login: other, Content: added}, NoSession)
	c.refuses(RevokeToken{Login: other, Token: d.token}, NoSession)
	c.order(d.login)
}

func TestByDefaultAWebTokenSessionIsForNonTradingOrdersOnly(t *testing.T) {
	c, d := signing(t)
	c.policy = DefaultPolicy()
	o := d.order()
	c.refuses(o, OutOfScope)
	same(t, "accepted", d.document(added).Status, DocumentIsAccepted)
}

// document is one that the token signs, from submitting to the end.
func (d *device) document(content Content) Document {
	d.c.Helper()
	draft := d.c.do(SubmitDocument{Login: d.login, Content: content, By: WebToken}).(DocumentTaken).Document
	sign := SignDocument{Login: d.login, ID: draft.ID, Signed: d.sign(number(draft.ID), payload), Content: content}
	return d.c.do(sign).(SignatureChecked).Document
}

func TestADocumentIsSignedByTheTokenWithoutASMS(t *testing.T) {
	c, d := signing(t)
	c.pass(time.Hour)
	taken := c.do(SubmitDocument{Login: d.login, Content: added, By: WebToken}).(DocumentTaken)
	same(t, "a passcode", taken.Passcode, PasscodeRequested{})
	same(t, "texts", len(c.effects), 0)
	id := taken.Document.ID
	signed := d.sign(number(id), payload)
	checked := c.do(SignDocument{Login: d.login, ID: id, Signed: signed, Content: added}).(SignatureChecked)
	want := TokenSignature{Token: d.token, Login: d.login, Session: c.session(d.login).ID, Payload: payload, Bytes: signed.SigS}
	want.Salt = checked.Document.Signature.Salt
	if want.Salt == [16]byte{} {
		t.Error("no salt")
	}
	same(t, "the signature", *checked.Document.Signature, want)
	same(t, "means", checked.Document.SignedBy, WebToken)
	same(t, "the row", c.papers[id], checked.Document)
	same(t, "told", *the[DocumentSigned](c).Signature, want)
	at(t, "extended", the[SessionExtended](c).ExpiresAt, c.now.Add(5*time.Hour))
	same(t, "the counters of SMS stay", c.state.SMS.Row, 0)
}

func TestADocumentIsRefusedUnlessTheTokenHasSignedWhatItAsksFor(t *testing.T) {
	other := PhoneChange{Action: AddPhone, Number: thirdOne}
	for name, x := range map[string]struct {
		change func(*trader, *device, *SignDocument)
		reason Reason
	}{
		"not signed":            {func(_ *trader, _ *device, s *SignDocument) { s.Signed = Signed{} }, NeedTokenSignature},
		"by a code":             {func(_ *trader, _ *device, s *SignDocument) { s.Signed, s.Code = Signed{}, "000000" }, NeedTokenSignature},
		"signed for another id": {func(_ *trader, d *device, s *SignDocument) { s.Signed = d.sign(number(s.ID+1), payload) }, BadSignature},
		"one byte changed":      {func(_ *trader, _ *device, s *SignDocument) { s.Signed.Payload += " " }, BadSignature},
		"another content":       {func(_ *trader, _ *device, s *SignDocument) { s.Content = other }, BadDocument},
		"no content":            {func(_ *trader, _ *device, s *SignDocument) { s.Content = nil }, BadDocument},
		"in the next session":   {func(_ *trader, d *device, _ *SignDocument) { d.open() }, BadSignature},
		"from another login":    {func(c *trader, _ *device, s *SignDocument) { s.Login = c.opened() }, UnknownDocument},
		"without a session":     {func(c *trader, d *device, _ *SignDocument) { c.do(CloseSessions{Login: d.login, All: true}) }, NoSession},
		"in a session by SMS":   {func(c *trader, d *device, s *SignDocument) { c.open(d.login); s.Signed = d.sign(number(s.ID), payload) }, BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c, d := signing(t)
			draft := c.do(SubmitDocument{Login: d.login, Content: added, By: WebToken}).(DocumentTaken).Document
			sign := SignDocument{Login: d.login, ID: draft.ID, Signed: d.sign(number(draft.ID), payload), Content: added}
			x.change(c, d, &sign)
			c.refuses(sign, x.reason)
			same(t, "phones", numbers(c.state), []string{oldNumber})
		})
	}
	c := newTrader(t)
	c.refuses(SubmitDocument{Login: c.opened(), Content: added, By: WebToken}, BadSignature)
}

func TestInAWebTokenSessionNoCodeIsSentForADocument(t *testing.T) {
	c, d := signing(t)
	c.refuses(SubmitDocument{Login: d.login, Content: added, By: SMS}, NeedTokenSignature)
	c.refuses(SubmitDocument{Login: d.login, Content: added}, NeedTokenSignature)
	draft := c.do(SubmitDocument{Login: d.login, Content: added, By: WebToken}).(DocumentTaken).Document
	c.refuses(RequestSignature{Login: d.login, ID: draft.ID}, NeedTokenSignature)
	c.policy.WebTokenUnsigned = true
	c.do(RequestSignature{Login: d.login, ID: draft.ID})
	checked := c.sign(d.login, draft.ID, c.code)
	same(t, "signed by", checked.Document.SignedBy, SMS)
	same(t, "signature", checked.Document.Signature, nil)
}

func TestAPhoneThatWasChangedByTokenIsInItsQuarantine(t *testing.T) {
	c, d := signing(t)
	c.policy.WebTokenTrades = false
	changed := d.document(PhoneChange{Action: AddPhone, Number: newNumber, Primary: true})
	same(t, "quarantine", c.state.Quarantine, Quarantine{Until: changed.ChangedAt.Add(24 * time.Hour), By: WebToken})
	same(t, "the old number is told", c.notices[0].To, oldNumber)
	l := c.terminal()
	same(t, "limited", c.open(l).Limited, true)
	c.refuses(SubmitOrder{Login: l, Ticket: buy(1), Instrument: sber}, OutOfScope)
	c.refuses(BeginToken{Login: l, Keys: c.device(l, "thief's").keys()}, PhoneQuarantine)
}
