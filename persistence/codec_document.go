package persistence

import (
	"encoding/json"
	"fmt"
	"strings"

	"vakhta/session"
)

// The rows of non-trading orders, contact phones and operators' acts.
type (
	documentRow struct {
		ID        session.DocumentID     `json:"i"`
		Status    session.DocumentStatus `json:"st"`
		Salt      []byte                 `json:"h,omitempty"`
		Content   contentRow             `json:"k"`
		DraftedAt micros                 `json:"a"`
		ChangedAt micros                 `json:"c"`
		ExpiresAt micros                 `json:"x"`
		Login     session.LoginID        `json:"l,omitempty"`
		Session   session.SessionID      `json:"s,omitempty"`
		Operator  officerRow             `json:"o,omitzero"`
		Reason    string                 `json:"r,omitempty"`
		SignedBy  session.Means          `json:"m,omitempty"`
		Signature *signatureRow          `json:"sg,omitempty"`
		Confirmed officerRow             `json:"cf,omitzero"`
		End       session.DocumentEnd    `json:"e,omitempty"`
	}
	// contentRow has the fields of all kinds.
	contentRow struct {
		Kind    session.DocumentKind `json:"k"`
		Means   session.Means        `json:"m,omitempty"`
		Action  session.PhoneAction  `json:"a,omitempty"`
		Phone   session.PhoneID      `json:"p,omitempty"`
		Number  string               `json:"n,omitempty"`
		Primary bool                 `json:"f,omitempty"`
		Old     string               `json:"o,omitempty"`
		Token   *connectRow          `json:"t,omitempty"`
	}
	officerRow struct {
		ID   session.OperatorID `json:"i"`
		Name string             `json:"n"`
	}
	phoneRow struct {
		ID       session.PhoneID `json:"i"`
		Number   string          `json:"n"`
		Since    micros          `json:"s,omitempty"`
		By       session.Means   `json:"b,omitempty"`
		Verified bool            `json:"v,omitempty"`
		Sent     int             `json:"c,omitempty"`
	}
	quarantineRow struct {
		Until micros        `json:"u,omitempty"`
		By    session.Means `json:"b,omitempty"`
	}
	voiceRow struct {
		Tries int       `json:"t,omitempty"`
		Calls []callRow `json:"c,omitempty"`
	}
	callRow struct {
		Operator session.OperatorID `json:"o"`
		Until    micros             `json:"u"`
	}
)

// The rows of their events. No whole phone number stands in one; the digest ties a document's row to the chain of events.
type (
	documentDrafted struct {
		Document documentRow `json:"d"`
		Digest   []byte      `json:"h"`
	}
	documentSigned struct {
		ID        session.DocumentID `json:"i"`
		Means     session.Means      `json:"m,omitempty"`
		Confirmed officerRow         `json:"cf,omitzero"`
		Signature *signatureRow      `json:"sg,omitempty"`
	}
	documentAccepted struct {
		ID session.DocumentID `json:"i"`
	}
	documentCancelled struct {
		ID  session.DocumentID  `json:"i"`
		End session.DocumentEnd `json:"e"`
		By  officerRow          `json:"o,omitzero"`
	}
	phoneAdded struct {
		Phone phoneRow `json:"p"`
	}
	phoneRemoved struct {
		ID    session.PhoneID `json:"i"`
		Phone string          `json:"p"`
	}
	phoneChanged struct {
		ID         session.PhoneID `json:"i,omitempty"`
		Phone      string          `json:"p"`
		Quarantine quarantineRow   `json:"q,omitzero"`
	}
	meansDisconnected struct {
		Means session.Means `json:"m"`
	}
	voiceAttempted struct {
		By    officerRow `json:"o"`
		Tries int        `json:"t"`
		Left  int        `json:"n"`
	}
	voiceVerified struct {
		By    officerRow `json:"o"`
		Until micros     `json:"u"`
	}
	operatorActed struct {
		By     officerRow          `json:"o"`
		Act    session.OperatorAct `json:"a"`
		Reason string              `json:"r"`
	}
)

func toContentRow(c session.Content) contentRow {
	row := contentRow{Kind: c.Kind()}
	switch c := c.(type) {
	case session.PhoneChange:
		row.Action, row.Phone, row.Number, row.Primary, row.Old = c.Action, c.Phone, c.Number, c.Primary, c.Old
	case session.Disconnect:
		row.Means = c.Means
	case session.Restore:
		row.Means = c.Means
	case session.ConnectToken:
		row.Token = toConnectRow(c)
	default:
		panic(fmt.Sprintf("persistence: no row for a document about %T", c))
	}
	return row
}

func (r contentRow) content() (session.Content, error) {
	switch r.Kind {
	case session.KindContactPhones:
		return session.PhoneChange{Action: r.Action, Phone: r.Phone, Number: r.Number, Primary: r.Primary, Old: r.Old}, nil
	case session.KindDisconnect:
		return session.Disconnect{Means: r.Means}, nil
	case session.KindRestore:
		return session.Restore{Means: r.Means}, nil
	case session.KindConnectToken:
		return r.Token.content(), nil
	default:
		return nil, fmt.Errorf("the document's kind %d is not known: it was written by a newer vakhta", r.Kind)
	}
}

func toDocumentRow(d session.Document) documentRow {
	return documentRow{
		ID: d.ID, Status: d.Status, Salt: d.Salt[:], Content: toContentRow(d.Content), DraftedAt: toMicros(d.DraftedAt), ChangedAt: toMicros(d.ChangedAt),
		ExpiresAt: toMicros(d.ExpiresAt), Login: d.Login, Session: d.Session, Operator: officerRow(d.Operator), Reason: d.Reason,
		SignedBy: d.SignedBy, Signature: toSignatureRow(d.Signature), Confirmed: officerRow(d.Confirmed), End: d.End,
	}
}

func (r documentRow) document() (session.Document, error) {
	content, err := r.Content.content()
	d := session.Document{
		ID: r.ID, Content: content, Status: r.Status, DraftedAt: r.DraftedAt.time(), ChangedAt: r.ChangedAt.time(),
		ExpiresAt: r.ExpiresAt.time(), Login: r.Login, Session: r.Session, Operator: session.Officer(r.Operator), Reason: r.Reason,
		SignedBy: r.SignedBy, Signature: r.Signature.signature(), Confirmed: session.Officer(r.Confirmed), End: r.End,
	}
	copy(d.Salt[:], r.Salt)
	return d, err
}

// encodeDocument and decodeDocument are of a document's own row, with everything that was signed.
func encodeDocument(d session.Document) (string, error) {
	text, err := json.Marshal(toDocumentRow(d))
	return string(text), err
}

func decodeDocument(client session.ClientID, text string) (session.Document, error) {
	var row documentRow
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return session.Document{}, fmt.Errorf("document row: %w", err)
	}
	d, err := row.document()
	d.Client = client
	return d, err
}

func toPhoneRow(p session.Phone) phoneRow {
	return phoneRow{ID: p.ID, Number: p.Number, Since: toMicros(p.Since), By: p.By, Verified: p.Verified, Sent: p.Sent}
}

func (r phoneRow) phone() session.Phone {
	return session.Phone{ID: r.ID, Number: r.Number, Since: r.Since.time(), By: r.By, Verified: r.Verified, Sent: r.Sent}
}

func toQuarantineRow(q session.Quarantine) quarantineRow {
	return quarantineRow{Until: toMicros(q.Until), By: q.By}
}

func (r quarantineRow) quarantine() session.Quarantine {
	return session.Quarantine{Until: r.Until.time(), By: r.By}
}

func toCallRow(c session.Call) callRow {
	return callRow{Operator: c.Operator, Until: toMicros(c.Until)}
}

func (r callRow) call() session.Call {
	return session.Call{Operator: r.Operator, Until: r.Until.time()}
}

func toVoiceRow(v session.Voice) voiceRow {
	return voiceRow{Tries: v.Tries, Calls: each(v.Calls, toCallRow)}
}

func (r voiceRow) voice() session.Voice {
	return session.Voice{Tries: r.Tries, Calls: each(r.Calls, callRow.call)}
}

func toDocumentDrafted(e session.DocumentDrafted) documentDrafted {
	digest := e.Document.Digest()
	row := documentDrafted{Document: toDocumentRow(e.Document), Digest: digest[:]}
	row.Document.Salt, row.Document.Signature = nil, row.Document.Signature.told()
	c := &row.Document.Content
	c.Number, c.Old, c.Token = session.MaskPhone(c.Number), session.MaskPhone(c.Old), c.Token.told()
	return row
}

func (r documentDrafted) event() (session.DocumentDrafted, error) {
	d, err := r.Document.document()
	return session.DocumentDrafted{Document: d}, err
}

func toDocumentSigned(e session.DocumentSigned) documentSigned {
	return documentSigned{ID: e.ID, Means: e.Means, Confirmed: officerRow(e.Confirmed), Signature: toSignatureRow(e.Signature).told()}
}

func (r documentSigned) event() session.DocumentSigned {
	return session.DocumentSigned{ID: r.ID, Means: r.Means, Confirmed: session.Officer(r.Confirmed), Signature: r.Signature.signature()}
}

func toDocumentAccepted(e session.DocumentAccepted) documentAccepted { return documentAccepted(e) }
func (r documentAccepted) event() session.DocumentAccepted           { return session.DocumentAccepted(r) }

func toDocumentCancelled(e session.DocumentCancelled) documentCancelled {
	return documentCancelled{ID: e.ID, End: e.End, By: officerRow(e.By)}
}

func (r documentCancelled) event() session.DocumentCancelled {
	return session.DocumentCancelled{ID: r.ID, End: r.End, By: session.Officer(r.By)}
}

func toPhoneAdded(e session.PhoneAdded) phoneAdded {
	row := phoneAdded{Phone: toPhoneRow(e.Phone)}
	row.Phone.Number = session.MaskPhone(row.Phone.Number)
	return row
}

func (r phoneAdded) event() session.PhoneAdded { return session.PhoneAdded{Phone: r.Phone.phone()} }

func toPhoneRemoved(e session.PhoneRemoved) phoneRemoved { return phoneRemoved(e) }
func (r phoneRemoved) event() session.PhoneRemoved       { return session.PhoneRemoved(r) }

func toPhoneChanged(e session.PhoneChanged) phoneChanged {
	return phoneChanged{ID: e.ID, Phone: e.Phone, Quarantine: toQuarantineRow(e.Quarantine)}
}

func (r phoneChanged) event() session.PhoneChanged {
	return session.PhoneChanged{ID: r.ID, Phone: r.Phone, Quarantine: r.Quarantine.quarantine()}
}

func toMeansDisconnected(e session.MeansDisconnected) meansDisconnected { return meansDisconnected(e) }

func (r meansDisconnected) event() session.MeansDisconnected {
	return session.MeansDisconnected(r)
}

func toVoiceAttempted(e session.VoiceAttempted) voiceAttempted {
	return voiceAttempted{By: officerRow(e.By), Tries: e.Tries, Left: e.Left}
}

func (r voiceAttempted) event() session.VoiceAttempted {
	return session.VoiceAttempted{By: session.Officer(r.By), Tries: r.Tries, Left: r.Left}
}

func toVoiceVerified(e session.VoiceVerified) voiceVerified {
	return voiceVerified{By: officerRow(e.By), Until: toMicros(e.Until)}
}

func (r voiceVerified) event() session.VoiceVerified {
	return session.VoiceVerified{By: session.Officer(r.By), Until: r.Until.time()}
}

func toOperatorActed(e session.OperatorActed) operatorActed {
	return operatorActed{By: officerRow(e.By), Act: e.Act, Reason: e.Reason}
}

func (r operatorActed) event() session.OperatorActed {
	return session.OperatorActed{By: session.Officer(r.By), Act: r.Act, Reason: r.Reason}
}

// packPhones are the contact phones as an operator searches them: with a space around each.
func packPhones(phones []session.Phone) string {
	var all strings.Builder
	for _, p := range phones {
		all.WriteString(" " + p.Number + " ")
	}
	return all.String()
}
