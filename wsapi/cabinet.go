package wsapi

import (
	"context"
	"fmt"
	"time"

	"vakhta/session"
)

// The client's cabinet: contact phones, non-trading orders and their signatures, the history of what concerns security.
type (
	phoneRow struct {
		ID       session.PhoneID `json:"id"`
		Phone    string          `json:"phone" doc:"Masked."`
		Primary  bool            `json:"primary" doc:"Passwords by SMS go to it."`
		Verified bool            `json:"verified" doc:"A password that was sent to it has been entered."`
		Since    instant         `json:"since" null:"yes" doc:"Null: it came with the client's questionnaire."`
		By       session.Means   `json:"safety_type_id" doc:"What signed its registration; 0: the questionnaire."`
	}
	contactPhones struct {
		Phones     []phoneRow `json:"phones"`
		Quarantine instant    `json:"quarantineUntil" null:"yes" doc:"The phone that passwords go to was changed: it registers no WEB-token before."`
	}
	// documentData is what a non-trading order asks for; each kind has some of the fields.
	documentData struct {
		Action  session.PhoneAction `json:"action,omitempty" doc:"Of 210: add, replace, primary, remove."`
		PhoneID session.PhoneID     `json:"phoneId,omitempty" also:"phone_id" doc:"Of 210: which, to replace, to make primary, to remove."`
		Phone   string              `json:"phone,omitempty" also:"tel number" doc:"Of 210: the new number, from the country code. In what comes back: the number that the order is about, masked."`
		Old     string              `json:"oldPhone,omitempty" doc:"Of 210, in what comes back: the number that is replaced, masked."`
		Primary bool                `json:"primary,omitempty" doc:"Of 210: the added phone becomes primary too."`
		Means   session.Means       `json:"safetyTypeId,omitempty" also:"safety_type_id" doc:"Of 193: what to disconnect; of 365: what to restore."`

		Token       session.TokenID `json:"tokenId,omitempty" doc:"Of 190."`
		Challenge   rawNonce        `json:"challenge,omitempty" doc:"Of 190: that of webTokenBegin. It does not come back."`
		S           rawKey          `json:"sPub,omitempty" doc:"Of 190: the public key of the token."`
		D           rawKey          `json:"dPub,omitempty" doc:"Of 190: that of the device. It does not come back."`
		R           rawKey          `json:"rPub,omitempty" doc:"Of 190: the first ratchet key. It does not come back."`
		SigS        rawSignature    `json:"sigS,omitempty" doc:"Of 190: the signature of WT1/register by S. It does not come back."`
		SigD        rawSignature    `json:"sigD,omitempty" doc:"Of 190: the same by D. It does not come back."`
		Fingerprint string          `json:"fingerprint,omitempty" doc:"Of 190, in what comes back: as the SMS has it."`
	}
	documentRow struct {
		ID        session.DocumentID     `json:"id"`
		Kind      session.DocumentKind   `json:"docId" doc:"190 connect a WEB-token, 210 contact phones, 193 disconnect a means, 365 restore a means."`
		Status    session.DocumentStatus `json:"status" doc:"drafted, accepted or cancelled."`
		Data      documentData           `json:"data"`
		DraftedAt instant                `json:"draftedAt"`
		ChangedAt instant                `json:"changedAt"`
		ExpiresAt instant                `json:"expiresAt" null:"yes" doc:"To be signed before; null: it waits no more."`
		Login     session.LoginID        `json:"loginId" doc:"0: an operator submitted it."`
		Operator  string                 `json:"operator" doc:"His name."`
		Confirmed string                 `json:"confirmedBy" doc:"The second operator's name."`
		Reason    string                 `json:"reason" doc:"That the operator gave."`
		SignedBy  session.Means          `json:"safety_type_id" doc:"3 SMS, 6 voice password, 7 WEB-token; 0: not signed."`
		End       session.DocumentEnd    `json:"end" doc:"Why it was cancelled: replaced, expired, withdrawn, declined."`
	}
	submitCpsParams struct {
		Kind  session.DocumentKind `json:"docId" also:"doc_id" need:"yes" doc:"190 connect a WEB-token, 210 contact phones, 193 disconnect a means."`
		Data  documentData         `json:"data" need:"yes"`
		Means session.Means        `json:"safetyTypeId" also:"safety_type_id" doc:"How it is to be signed. 3: SMS; 7: WEB-token, in a session that it has opened."`
	}
	submittedCps struct {
		Document documentRow    `json:"document"`
		Code     *codeRequested `json:"code" doc:"The password that signs it; null: the WEB-token does."`
	}
	cpsID struct {
		ID session.DocumentID `json:"id" also:"orderId cpsId" need:"yes"`
	}
	signCpsParams struct {
		ID  session.DocumentID `json:"id" also:"orderId cpsId" need:"yes"`
		Key string             `json:"validationKey" also:"validation_key code" doc:"The six digits."`

		Payload string       `json:"payload" doc:"Instead of the digits: the JSON text of {id, docId, data}, as the WEB-token has signed it. It is read strictly."`
		SigS    rawSignature `json:"sigS" also:"signature" doc:"The signature of WT1/order by S."`
	}
	// signedDocument is what a WEB-token signs of a non-trading order.
	signedDocument struct {
		ID   session.DocumentID   `json:"id" need:"yes"`
		Kind session.DocumentKind `json:"docId" need:"yes"`
		Data documentData         `json:"data" need:"yes"`
	}
	signedCps struct {
		Success  bool        `json:"success"`
		More     bool        `json:"isAttemptAvailable"`
		Left     int         `json:"attemptsLeft"`
		Until    instant     `json:"blockedUntil,omitzero"`
		Texts    texts       `json:"texts"`
		Document documentRow `json:"document"`
	}
	documentReply struct {
		Document documentRow `json:"document"`
	}
	cpsHistoryParams struct {
		Before session.DocumentID `json:"before" doc:"The oldest id of the page before; without it, the newest."`
	}
	draftRow struct {
		Document documentRow  `json:"document"`
		Pending  *pendingCode `json:"pending" doc:"A password that was sent to sign it and may be entered."`
	}
	cpsHistory struct {
		Documents []documentRow `json:"documents" doc:"The newest first."`
		Drafts    []draftRow    `json:"drafts" doc:"Those that wait: of this login, and of operators."`
		RepeatAt  instant       `json:"repeatAt" null:"yes" doc:"A password may be asked for from then on; null: now."`
	}
	securityHistoryParams struct {
		Before int64 `json:"before" doc:"The lowest seq of the page before; without it, the newest."`
	}
	historyRow struct {
		Seq   int64   `json:"seq"`
		At    instant `json:"at"`
		Event string  `json:"event"`
		Data  any     `json:"data"`
	}
	securityHistory struct {
		Events []historyRow `json:"events" doc:"The newest first."`
	}
)

func (g *Gateway) declareCabinet(cat *catalogue) {
	declare(cat, "getContactPhones", needLogin, "contact phones, the one that passwords go to first", g.getContactPhones)
	declare(cat, "submitCps", needLogin|needPost, "submits a non-trading order and sends the password that signs it, unless the WEB-token does; needs an open security session", g.submitCps)
	declare(cat, "getCpsCode", needLogin|needPost, "sends a further password for a non-trading order; needs an open security session", g.getCpsCode)
	declare(cat, "signCps", needLogin|needPost, "signs a non-trading order, which takes effect; needs an open security session", g.signCps)
	declare(cat, "cancelCps", needLogin|needPost, "withdraws a non-trading order, or declines an operator's", g.cancelCps)
	declare(cat, "getClientCpsHistory", needLogin, "non-trading orders, and those that wait for a signature", g.getClientCpsHistory)
	declare(cat, "getSecurityHistory", needLogin, "what has happened to the client's security", g.getSecurityHistory)
}

func phoneRows(phones []session.Phone) []phoneRow {
	rows := make([]phoneRow, len(phones))
	for i, p := range phones {
		rows[i] = phoneRow{p.ID, session.MaskPhone(p.Number), i == 0, p.Verified, instant(p.Since), p.By}
	}
	return rows
}

// quarantine is null when it is over.
func quarantine(q session.Quarantine, now time.Time) instant {
	if q.Until.After(now) {
		return instant(q.Until)
	}
	return instant{}
}

func (g *Gateway) getContactPhones(ctx context.Context, c *Caller, _ nothing) (contactPhones, error) {
	r, err := ask[session.ContactPhones](ctx, c, session.ReadPhones{Login: c.login()})
	return contactPhones{phoneRows(r.Phones), quarantine(r.Quarantine, g.Now())}, err
}

func (g *Gateway) content(kind session.DocumentKind, d documentData) (session.Content, error) {
	return contentOf(kind, d, g.PhoneNumber)
}

// contentOf is what the order asks for, with the number in the international format (M12). What of it makes no sense, the
// core says.
func contentOf(kind session.DocumentKind, d documentData, phoneNumber func(string) (string, error)) (session.Content, error) {
	switch kind {
	case session.KindConnectToken:
		return session.ConnectToken{
			Token: d.Token, Challenge: d.Challenge.is(), Keys: session.TokenKeys{S: d.S.is(), D: d.D.is(), R: d.R.is()}, SigS: d.SigS.is(), SigD: d.SigD.is(),
		}, nil
	case session.KindContactPhones:
		change := session.PhoneChange{Action: d.Action, Phone: d.PhoneID, Primary: d.Primary}
		if d.Phone != "" {
			number, err := phoneNumber(d.Phone)
			if err != nil {
				return nil, err
			}
			change.Number = number
		}
		return change, nil
	case session.KindDisconnect:
		return session.Disconnect{Means: d.Means}, nil
	case session.KindRestore:
		return session.Restore{Means: d.Means}, nil
	default:
		return nil, door(notServed, "no order with docId %d is taken here", "send 190 connect a WEB-token, 210 contact phones or 193 disconnect a means", kind)
	}
}

// DocumentPayload is the non-trading order that a WEB-token that has signed this payload asks for, as signCps reads it.
func DocumentPayload(payload string, phoneNumber func(string) (string, error)) (session.DocumentID, session.Content, error) {
	var p signedDocument
	if err := readPayload(payload, &p); err != nil {
		return 0, nil, err
	}
	d := p.Data
	switch p.Kind {
	case session.KindContactPhones:
		d = documentData{Action: d.Action, PhoneID: d.PhoneID, Phone: d.Phone, Primary: d.Primary}
	case session.KindDisconnect, session.KindRestore:
		d = documentData{Means: d.Means}
	}
	if d != p.Data { // it would be signed, and be of no effect
		return 0, nil, unclear("data has what an order with docId %d does not have", p.Kind)
	}
	content, err := contentOf(p.Kind, d, phoneNumber)
	return p.ID, content, err
}

func dataOf(c session.Content) documentData {
	switch c := c.(type) {
	case session.PhoneChange:
		data := documentData{Action: c.Action, PhoneID: c.Phone, Phone: session.MaskPhone(c.About()), Primary: c.Primary}
		if c.Action == session.ReplacePhone {
			data.Old = session.MaskPhone(c.Old)
		}
		return data
	case session.Disconnect:
		return documentData{Means: c.Means}
	case session.Restore:
		return documentData{Means: c.Means}
	case session.ConnectToken:
		return documentData{Token: c.Token, S: rawKey(c.Keys.S), Fingerprint: c.Fingerprint}
	case nil:
		return documentData{}
	default:
		panic(fmt.Sprintf("wsapi: %T has no form on the wire", c))
	}
}

func documentRowOf(d session.Document) documentRow {
	row := documentRow{
		ID: d.ID, Status: d.Status, Data: dataOf(d.Content), DraftedAt: instant(d.DraftedAt), ChangedAt: instant(d.ChangedAt),
		Login: d.Login, Operator: d.Operator.Name, Confirmed: d.Confirmed.Name, Reason: d.Reason, SignedBy: d.SignedBy, End: d.End,
	}
	if d.Content != nil {
		row.Kind = d.Content.Kind()
	}
	if d.Status == session.DocumentIsDrafted {
		row.ExpiresAt = instant(d.ExpiresAt)
	}
	return row
}

func documentRows(all []session.Document) []documentRow {
	rows := make([]documentRow, len(all))
	for i, d := range all {
		rows[i] = documentRowOf(d)
	}
	return rows
}

func (g *Gateway) submitCps(ctx context.Context, c *Caller, p submitCpsParams) (submittedCps, error) {
	switch p.Means {
	case session.SMS, session.WebToken:
	case 0:
		p.Means = session.SMS
	default:
		return submittedCps{}, door(notServed, "an order cannot be signed by safetyTypeId %d here", "sign it by SMS: safetyTypeId 3, or by WEB-token: 7", p.Means)
	}
	content, err := g.content(p.Kind, p.Data)
	if err != nil {
		return submittedCps{}, err
	}
	r, err := ask[session.DocumentTaken](ctx, c, session.SubmitDocument{Login: c.login(), Content: content, By: p.Means})
	if err != nil {
		return submittedCps{}, err
	}
	submitted := submittedCps{Document: documentRowOf(r.Document)}
	if r.Passcode.Number != 0 {
		code := codeOf(r.Passcode)
		submitted.Code = &code
	}
	return submitted, nil
}

func (g *Gateway) getCpsCode(ctx context.Context, c *Caller, p cpsID) (codeRequested, error) {
	r, err := ask[session.PasscodeRequested](ctx, c, session.RequestSignature{Login: c.login(), ID: p.ID})
	if err != nil {
		return codeRequested{}, err
	}
	return codeOf(r), nil
}

// signCps answers a wrong password by a normal reply, as checkSecuritySessionCode does.
func (g *Gateway) signCps(ctx context.Context, c *Caller, p signCpsParams) (signedCps, error) {
	sign, err := g.signing(p)
	if err != nil {
		return signedCps{}, err
	}
	sign.Login = c.login()
	r, err := ask[session.SignatureChecked](ctx, c, sign)
	if err != nil {
		return signedCps{}, err
	}
	signed := signedCps{Success: r.OK, More: r.OK || r.Left > 0, Left: r.Left, Document: documentRowOf(r.Document)}
	if !r.OK {
		sorry := wrongCode(r.PasscodeChecked)
		signed.Until, signed.Texts.Error = instant(r.BlockedUntil), &sorry
	}
	return signed, nil
}

// signing is by the password or by the WEB-token.
func (g *Gateway) signing(p signCpsParams) (session.SignDocument, error) {
	sign := session.SignDocument{ID: p.ID, Code: p.Key}
	switch byToken := p.Payload != "" || p.SigS != ""; {
	case byToken && p.Key != "":
		return sign, door(badParams, "validationKey and a signature are given", "send either of them")
	case !byToken && p.Key == "":
		return sign, door(badParams, "validationKey is missing", "send the password, or payload and sigS of the WEB-token")
	case !byToken:
		return sign, nil
	}
	id, content, err := DocumentPayload(p.Payload, g.PhoneNumber)
	if err == nil && id != p.ID {
		err = unclear("id is not that of the payload")
	}
	sign.Content, sign.Signed = content, session.Signed{Payload: p.Payload, SigS: p.SigS.is()}
	return sign, err
}

func (g *Gateway) cancelCps(ctx context.Context, c *Caller, p cpsID) (documentReply, error) {
	r, err := ask[session.DocumentTaken](ctx, c, session.CancelDocument{Login: c.login(), ID: p.ID})
	if err != nil {
		return documentReply{}, err
	}
	return documentReply{documentRowOf(r.Document)}, nil
}

func (g *Gateway) getClientCpsHistory(ctx context.Context, c *Caller, p cpsHistoryParams) (cpsHistory, error) {
	waiting, err := ask[session.Drafts](ctx, c, session.ReadDrafts{Login: c.login()})
	if err != nil {
		return cpsHistory{}, err
	}
	all, err := ask[session.Documents](ctx, c, session.ReadDocuments{Before: p.Before})
	history := cpsHistory{Documents: documentRows(all.Documents), Drafts: []draftRow{}, RepeatAt: instant(waiting.RepeatAt)}
	for _, d := range waiting.Drafts {
		history.Drafts = append(history.Drafts, draftRow{documentRowOf(d.Document), pendingOf(d.Pending)})
	}
	return history, err
}

func (g *Gateway) getSecurityHistory(ctx context.Context, c *Caller, p securityHistoryParams) (securityHistory, error) {
	r, err := ask[session.History](ctx, c, session.ReadHistory{Before: p.Before})
	return securityHistory{historyRows(r.Events, c.who.Profile)}, err
}

func historyRows(events []session.Numbered, of session.Profile) []historyRow {
	rows := make([]historyRow, len(events))
	for i, e := range events {
		name, data := wireEvent(e.Event, e.At, of)
		rows[i] = historyRow{e.Seq, instant(e.At), name, data}
	}
	return rows
}
