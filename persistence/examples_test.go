package persistence

import (
	"slices"
	"strings"
	"time"

	"vakhta/session"
)

var annaOfficer = session.Officer{ID: 31, Name: "Анна Смирнова"}

// fullState fills every field of a state, whatever its events were.
func fullState(s session.State) session.State {
	s.Phones = []session.Phone{
		{ID: 7001, Number: "+79031111111", Since: noon, By: session.SMS, Verified: true, Sent: 1},
		{ID: 1, Number: "+4915112345678"},
	}
	s.Quarantine = session.Quarantine{Until: noon.Add(24 * time.Hour), By: session.WebToken}
	s.Password = session.Password{Epoch: 2, Tries: 3, BlockedUntil: noon.Add(time.Minute)}
	s.SMS = session.SMSMeans{
		Failures: 4, BlockedUntil: noon.Add(time.Hour), Locked: true, Disconnected: true, Row: 2, Sent: []time.Time{noon, noon.Add(time.Second)},
	}
	s.Voice = session.Voice{Tries: 2, Calls: []session.Call{{Operator: 31, Until: noon.Add(15 * time.Minute)}}}
	s.Passcodes = []session.Passcode{{
		Login: 17, Purpose: session.OpenSession, Number: 2, Digest: session.Sealed("1digest"), ExpiresAt: noon.Add(5 * time.Minute), TriesLeft: 3,
	}}
	s.Drafts = fullDocuments(s.Client)
	pending, active := fullToken(s.Client), fullToken(s.Client)
	pending.ID, pending.Status = 4002, session.TokenIsPending
	s.Tokens = session.Tokens{
		Pending: &pending, Active: &active, Begun: []time.Time{noon, noon.Add(time.Minute)},
		Last: session.EndedToken{ID: 3999, Status: session.TokenIsRevoked, End: session.TokenReplaced},
	}
	s.Logins = []session.Login{fullLogin(), {ID: 18, Opened: noon, LastSeen: noon, Lifetime: time.Hour, SID: session.Sealed("1other")}}
	return s
}

func fullLogin() session.Login {
	x := fullSession()
	return session.Login{
		ID: 17, Label: "Chromium, «Linux»", Address: "192.0.2.1", SID: session.Sealed("1sid"), Opened: noon, LastSeen: noon.Add(time.Minute),
		Lifetime: 24 * time.Hour, Attended: true, LeaveBy: noon.Add(10 * time.Second), Session: &x,
	}
}

func fullSession() session.Session {
	return session.Session{
		ID: 9001, Means: session.SMS, OpenedAt: noon, ExpiresAt: noon.Add(5 * time.Hour), CapAt: noon.Add(24 * time.Hour),
		WarnAt: noon.Add(4*time.Hour + 45*time.Minute), Limited: true,
	}
}

// example is n bytes that stand in a row in base64 of their own.
func example(c byte, n int) string { return strings.Repeat(string(rune(c)), n) }

func fullKeys() session.TokenKeys {
	return session.TokenKeys{S: session.PublicKey(example('S', 65)), D: session.PublicKey(example('D', 65)), R: session.PublicKey(example('R', 65))}
}

// fullToken is an active WEB-token, every field filled.
func fullToken(client session.ClientID) session.Token {
	return session.Token{
		ID: 4001, Client: client, Status: session.TokenIsActive, End: session.TokenReplaced, Keys: fullKeys(), Fingerprint: "7F3A-91C2",
		Seed: session.Sealed(example('e', 32)), Master: "1", CreatedAt: noon, ExpiresAt: noon.Add(10 * time.Minute), ChangedAt: noon.Add(time.Second),
		UsedAt: noon.Add(time.Hour), Attempts: 3, Failures: 4, Evaluated: []time.Time{noon, noon.Add(time.Minute)},
		Challenges: []session.Challenge{{
			Nonce: session.Nonce(example('N', 32)), Login: 17, ExpiresAt: noon.Add(time.Minute), Point: session.Point(example('P', 32)),
			Next: session.PublicKey(example('R', 65)), Session: 9001,
		}},
	}
}

func fullSignature(payload string) *session.TokenSignature {
	return &session.TokenSignature{Token: 4001, Login: 17, Session: 9001, Payload: payload, Bytes: session.Signature(example('G', 64)), Salt: [16]byte{4, 5, 6}}
}

// fullDocuments are one of each kind, every field filled, whoever heard of such documents.
func fullDocuments(client session.ClientID) []session.Document {
	full := session.Document{
		ID: 6001, Client: client, Status: session.DocumentIsCancelled, DraftedAt: noon, ChangedAt: noon.Add(time.Second),
		ExpiresAt: noon.Add(30 * time.Minute), Login: 17, Session: 9001, Operator: annaOfficer,
		Reason: `he has lost it: "{\N}", 'so' he says`, SignedBy: session.SMS, Confirmed: session.Officer{ID: 32, Name: "Борис Ё"},
		End: session.DocumentDeclined, Salt: [16]byte{1, 2, 3}, Signature: fullSignature(`{"id":6001,"docId":193,"data":{"why":"«потерян»"}}`),
	}
	var all []session.Document
	for i, content := range []session.Content{
		session.PhoneChange{Action: session.ReplacePhone, Phone: 7001, Number: "+79032222222", Primary: true, Old: "+79031111111"},
		session.Disconnect{Means: session.SMS},
		session.Restore{Means: session.VoicePassword},
		session.ConnectToken{
			Token: 4001, Challenge: session.Nonce(example('N', 32)), Keys: fullKeys(), SigS: session.Signature(example('s', 64)),
			SigD: session.Signature(example('d', 64)), Fingerprint: "7F3A-91C2",
		},
	} {
		full.ID, full.Content = session.DocumentID(6001+i), content
		all = append(all, full)
	}
	return all
}

func fullOrder(client session.ClientID) session.Order {
	return session.Order{
		Ticket: session.Ticket{
			UserOrderID: "77", Ticker: "SBER", Side: session.SellShort, Type: session.StopLimit, Quantity: 10 * session.One,
			LimitPrice: 30_012_000_000, StopPrice: 29_900_000_000, Expiration: session.UntilCancel,
		},
		ID: 5001, Client: client, Login: 17, Session: 9001, Means: session.SMS, Currency: "RUR",
		AcceptedAt: noon, ChangedAt: noon.Add(time.Second), GoodTill: noon.Add(8 * time.Hour), Status: session.StatusRejected,
		Leaves: 4 * session.One, Reason: "no such paper",
		Fills:  []session.Fill{{ID: "x1", Quantity: 6 * session.One, Price: 30_012_000_000, At: noon.Add(time.Second)}},
		Signed: fullSignature("{\"user_order_id\":\"77\", \"instr_name\":\"SBER\"}\xff"), Withdrawn: fullSignature(`{"order_id":5001}`),
	}
}

// everyEvent has one example of each type of event, every field filled.
func everyEvent(client session.ClientID) []session.Event {
	login := fullLogin()
	return []session.Event{
		session.PasswordAttempted{Tries: 5, Left: 1, BlockedUntil: noon.Add(15 * time.Minute)},
		session.PasswordChanged{},
		session.LoginOpened{Login: login, Failed: 2},
		session.LoginRenewed{Login: login},
		session.LoginSeen{Login: 17, At: noon},
		session.LoginClosed{Login: 18, Reason: session.LoggedOut},
		session.TerminalAttached{Login: 17},
		session.TerminalGone{Login: 17, At: noon, ClosesAt: noon.Add(10 * time.Second)},
		session.PasscodeSent{
			Login: 17, Purpose: session.OpenSession, Number: 2, Phone: "+7903•••1111", Digest: session.Sealed("1digest"), At: noon,
			RepeatAt: noon.Add(30 * time.Second), ExpiresAt: noon.Add(5 * time.Minute), Tries: 3,
		},
		session.PasscodeFailed{Login: 17, Purpose: session.OpenSession, Reason: session.PhoneLimit},
		session.AttemptFailed{Means: session.SMS, Login: 17, Purpose: session.OpenSession, Left: 2},
		session.MeansBlocked{Means: session.SMS, Until: noon.Add(time.Hour)},
		session.MeansUnblocked{Means: session.SMS},
		session.MeansDisconnected{Means: session.SMS},
		session.PhoneAdded{Phone: session.Phone{ID: 7002, Number: "+79032222222", Since: noon, By: session.SMS, Verified: true, Sent: 2}},
		session.PhoneRemoved{ID: 7001, Phone: "+7903•••1111"},
		session.PhoneChanged{
			ID: 7002, Phone: "+7903•••2222", Quarantine: session.Quarantine{Until: noon.Add(24 * time.Hour), By: session.WebToken},
		},
		session.DocumentDrafted{Document: fullDocuments(client)[0]},
		session.DocumentSigned{
			ID: 6001, Means: session.VoicePassword, Confirmed: session.Officer{ID: 32, Name: "Борис Ё"},
			Signature: fullSignature(`{"id":6001,"docId":193}`),
		},
		session.DocumentAccepted{ID: 6001},
		session.DocumentCancelled{ID: 6001, End: session.DocumentDeclined, By: annaOfficer},
		session.TokenBegun{Token: fullToken(client)},
		session.TokenChallenged{ID: 4001, Challenge: fullToken(client).Challenges[0]},
		session.PINEvaluated{
			ID: 4001, Login: 17, Challenge: session.Nonce(example('N', 32)), Point: session.Point(example('P', 32)), Left: 4, At: noon,
			ExpiresAt: noon.Add(time.Minute),
		},
		session.TokenRegistered{ID: 4001, Fingerprint: "7F3A-91C2", At: noon},
		session.TokenOpened{
			ID: 4001, Login: 17, Session: 9001, Challenge: session.Nonce(example('N', 32)), Next: session.PublicKey(example('R', 65)), At: noon,
		},
		session.TokenEnded{ID: 4001, Status: session.TokenIsRevoked, End: session.TokenDisconnected, At: noon},
		session.VoiceAttempted{By: annaOfficer, Tries: 2, Left: 1},
		session.VoiceVerified{By: annaOfficer, Until: noon.Add(15 * time.Minute)},
		session.OperatorActed{By: annaOfficer, Act: session.ActCloseSessions, Reason: "he asked for it"},
		session.SessionOpened{Login: 17, Session: fullSession()},
		session.SessionExtended{Login: 17, Session: 9001, ExpiresAt: noon.Add(5 * time.Hour), WarnAt: noon.Add(4 * time.Hour)},
		session.SessionExpiring{Login: 17, Session: 9001, ExpiresAt: noon.Add(time.Hour), Left: 15 * time.Minute, WarnAt: noon.Add(time.Minute)},
		session.SessionClosed{Login: 17, Session: 9001, Reason: session.Expired},
		session.OrderAccepted{Order: fullOrder(client)},
		session.OrderWorking{ID: 5001},
		session.OrderCancelling{ID: 5001, Signed: fullSignature(`{"order_id":5001}`)},
		session.OrderFilled{ID: 5001, Fill: fullOrder(client).Fills[0], Leaves: 4 * session.One},
		session.OrderCancelled{ID: 5001, Leaves: 4 * session.One},
		session.OrderExpired{ID: 5001, Leaves: 4 * session.One},
		session.OrderRejected{ID: 5001, Reason: "no such paper"},
	}
}

// asTold is the event as the journal tells it: no digest and no whole phone ever stands in its row, and of a document
// neither the client, whose event it is. Of a WEB-token no seed, no challenge, no point and no other key than S; of what it has
// signed not the payload.
func asTold(e session.Event) session.Event {
	switch e := any(e).(type) { // any: most events have none
	case session.LoginOpened:
		e.Login.SID = nil
		return e
	case session.LoginRenewed:
		e.Login.SID = nil
		return e
	case session.PasscodeSent:
		e.Digest = nil
		return e
	case session.PhoneAdded:
		e.Phone.Number = session.MaskPhone(e.Phone.Number)
		return e
	case session.DocumentDrafted:
		e.Document.Client, e.Document.Salt, e.Document.Signature = 0, [16]byte{}, unsaid(e.Document.Signature)
		switch c := e.Document.Content.(type) {
		case session.PhoneChange:
			c.Number, c.Old = session.MaskPhone(c.Number), session.MaskPhone(c.Old)
			e.Document.Content = c
		case session.ConnectToken:
			e.Document.Content = session.ConnectToken{Token: c.Token, Keys: session.TokenKeys{S: c.Keys.S}, Fingerprint: c.Fingerprint}
		}
		return e
	case session.DocumentSigned:
		e.Signature = unsaid(e.Signature)
		return e
	case session.OrderAccepted:
		e.Order.Signed, e.Order.Withdrawn = unsaid(e.Order.Signed), unsaid(e.Order.Withdrawn)
		return e
	case session.OrderCancelling:
		e.Signed = unsaid(e.Signed)
		return e
	}
	return tokenAsTold(e)
}

func unsaid(x *session.TokenSignature) *session.TokenSignature {
	if x == nil {
		return nil
	}
	told := *x
	told.Payload, told.Bytes, told.Salt = "", "", [16]byte{}
	return &told
}

func tokenAsTold(e session.Event) session.Event {
	switch e := any(e).(type) {
	case session.TokenBegun:
		t := e.Token
		return session.TokenBegun{Token: session.Token{
			ID: t.ID, Status: session.TokenIsPending, Keys: session.TokenKeys{S: t.Keys.S}, Master: t.Master, CreatedAt: t.CreatedAt,
			ChangedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, Challenges: []session.Challenge{{Login: t.Challenges[0].Login, ExpiresAt: t.ExpiresAt}},
		}}
	case session.TokenChallenged:
		e.Challenge = session.Challenge{Login: e.Challenge.Login, ExpiresAt: e.Challenge.ExpiresAt}
		return e
	case session.PINEvaluated:
		e.Challenge, e.Point = "", ""
		return e
	case session.TokenOpened:
		e.Challenge, e.Next = "", ""
		return e
	}
	return e
}

// stateOfForm2 and the like leave out what the second form of the rows did not have: the WEB-token.
func stateOfForm2(s session.State) session.State {
	s.Tokens, s.Drafts = session.Tokens{}, slices.Clone(s.Drafts[:3])
	for i := range s.Drafts {
		s.Drafts[i].Signature = nil
	}
	return s
}

func eventOfForm2(e session.Event) session.Event {
	switch e := any(e).(type) {
	case session.DocumentDrafted:
		e.Document.Signature = nil
		return e
	case session.DocumentSigned:
		e.Signature = nil
		return e
	case session.OrderAccepted:
		e.Order = orderOfForm2(e.Order)
		return e
	case session.OrderCancelling:
		e.Signed = nil
		return e
	}
	return e
}

func orderOfForm2(o session.Order) session.Order {
	o.Signed, o.Withdrawn = nil, nil
	return o
}

func documentOfForm2(d session.Document) session.Document {
	d.Signature = nil
	return d
}

// stateOfForm1 and eventOfForm1 leave out what the first form of the rows did not have.
func stateOfForm1(s session.State) session.State {
	s = stateOfForm2(s)
	s.Phones = []session.Phone{{ID: 1, Number: s.Phones[0].Number}}
	s.Quarantine, s.Voice, s.Drafts, s.SMS.Disconnected = session.Quarantine{}, session.Voice{}, nil, false
	s.Logins = slices.Clone(s.Logins)
	for i := range s.Logins {
		s.Logins[i] = loginOfForm1(s.Logins[i])
	}
	return s
}

func eventOfForm1(e session.Event) session.Event {
	switch e := any(eventOfForm2(e)).(type) { // any: most events are as they were
	case session.LoginOpened:
		e.Login = loginOfForm1(e.Login)
		return e
	case session.LoginRenewed:
		e.Login = loginOfForm1(e.Login)
		return e
	case session.SessionOpened:
		e.Session.Limited = false
		return e
	case session.PhoneChanged:
		e.ID, e.Quarantine = 0, session.Quarantine{}
		return e
	default:
		return e.(session.Event)
	}
}

func loginOfForm1(l session.Login) session.Login {
	if l.Session != nil {
		x := *l.Session
		x.Limited = false
		l.Session = &x
	}
	return l
}

func text(s session.State, seq int64) session.Text {
	return session.Text{
		Client: s.Client, Seq: seq, To: "+79031111111", Body: "Код №1: 123456", At: noon, ExpiresAt: noon.Add(5 * time.Minute),
		Login: 17, Purpose: session.OpenSession, Number: 1,
	}
}

// notice is a text that no limit holds back.
func notice(s session.State, seq int64) session.Text {
	return session.Text{
		Client: s.Client, Seq: seq, To: "+79031111111", Body: "Контактный телефон +7903•••1111 удалён.",
		At: noon, ExpiresAt: noon.Add(24 * time.Hour),
	}
}
