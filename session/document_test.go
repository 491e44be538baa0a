package session

import (
	"encoding/hex"
	"testing"
	"time"
)

// draft submits a document as soon as a passcode may be sent for it, and returns that passcode.
func (c *trader) draft(l LoginID, content Content) (Document, string) {
	c.Helper()
	if at, _ := c.policy.repeatAt(c.state.SMS, c.now); !at.IsZero() {
		c.pass(at.Sub(c.now))
	}
	return c.do(SubmitDocument{Login: l, Content: content}).(DocumentTaken).Document, c.code
}

func (c *trader) sign(l LoginID, id DocumentID, code string) SignatureChecked {
	c.Helper()
	return c.do(SignDocument{Login: l, ID: id, Code: code}).(SignatureChecked)
}

// signed is a document of the client that has taken effect.
func (c *trader) signed(l LoginID, content Content) Document {
	c.Helper()
	d, code := c.draft(l, content)
	checked := c.sign(l, d.ID, code)
	if !checked.OK {
		c.Fatalf("the right passcode did not sign: %+v", checked)
	}
	return checked.Document
}

// nextPhone is where a passcode goes that is asked for now.
func (c *trader) nextPhone(l LoginID) string {
	c.Helper()
	c.request(l)
	return c.effects[0].(SendText).To
}

func TestADocumentIsDraftedSignedAndAccepted(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	session := c.session(l).ID
	c.pass(time.Hour)
	d, code := c.draft(l, added)
	same(t, "draft", d, Document{
		ID: DocumentID(c.id), Client: 7, Salt: d.Salt, Content: added, Status: DocumentIsDrafted, DraftedAt: c.now, ChangedAt: c.now,
		ExpiresAt: c.now.Add(15 * time.Minute), Login: l, Session: session,
	})
	same(t, "told", the[DocumentDrafted](c).Document, d)
	text := c.effects[0].(SendText)
	same(t, "the text names", text.About, Content(added))
	same(t, "the number, masked", text.Phone, "+7903•••2222")
	same(t, "a draft extends", len(all[SessionExtended](c)), 0)
	c.pass(time.Minute)
	c.forget()
	checked := c.sign(l, d.ID, code)
	want := d
	want.Status, want.ChangedAt, want.SignedBy = DocumentIsAccepted, c.now, SMS
	same(t, "answer", checked.Document, want)
	same(t, "as its events tell it", c.papers[d.ID], want)
	same(t, "signed", the[DocumentSigned](c), DocumentSigned{ID: d.ID, Means: SMS})
	same(t, "accepted", the[DocumentAccepted](c), DocumentAccepted{d.ID})
	at(t, "extended to five hours", the[SessionExtended](c).ExpiresAt, c.now.Add(5*time.Hour))
	same(t, "drafts", len(c.state.Drafts), 0)
	same(t, "passcodes", len(c.state.Passcodes), 0)
	same(t, "sent in a row", c.state.SMS.Row, 0)
}

func TestADocumentNeedsAnOpenSessionWhenItIsSubmittedAndWhenItIsSigned(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	c.refuses(SubmitDocument{Login: l, Content: added}, NoSession)
	c.refuses(SubmitDocument{Login: l + 1, Content: added}, UnknownLogin)
	c.open(l)
	d, code := c.draft(l, added)
	c.do(CloseSessions{Login: l, All: true})
	c.refuses(SignDocument{Login: l, ID: d.ID, Code: code}, NoSession)
	same(t, "comparisons", c.compared, 1)
	c.open(l)
	same(t, "OK", c.sign(l, d.ID, code).OK, true)
}

func TestAWrongCodeOfADocumentCountsAsAnyOther(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d, code := c.draft(l, added)
	for left := 2; left >= 0; left-- {
		missed := c.sign(l, d.ID, noCode)
		same(t, "answer", missed, SignatureChecked{PasscodeChecked: PasscodeChecked{Left: left}, Document: d})
	}
	same(t, "told", all[AttemptFailed](c)[2], AttemptFailed{Means: SMS, Login: l, Purpose: d.signing(), Left: 0})
	c.refuses(SignDocument{Login: l, ID: d.ID, Code: code}, NoPasscode)
	c.refuses(SignDocument{Login: l, ID: d.ID, Code: "12"}, NoPasscode)
	same(t, "failures in a row", c.state.SMS.Failures, 3)
	c.pass(c.policy.PasscodeRepeats[0])
	again := c.do(RequestSignature{Login: l, ID: d.ID}).(PasscodeRequested)
	same(t, "number", again.Number, 2)
	c.sign(l, d.ID, noCode)
	blocked := c.sign(l, d.ID, noCode)
	at(t, "the fifth blocks until", blocked.BlockedUntil, c.now.Add(15*time.Minute))
	c.refuses(SignDocument{Login: l, ID: d.ID, Code: code}, SMSBlocked)
	c.refuses(SubmitDocument{Login: l, Content: added}, SMSBlocked)
	c.refuses(RequestSignature{Login: l, ID: d.ID}, SMSBlocked)
}

func TestACodeOfAnotherOrderPurposeOrLoginIsAsWrongAsAnyOther(t *testing.T) {
	c := newTrader(t)
	mine, other := c.opened(), c.opened()
	d, signs := c.draft(mine, added)
	foreign, signsForeign := c.draft(other, PhoneChange{Action: AddPhone, Number: thirdOne})
	opens := c.request(mine)
	for _, code := range []string{signsForeign, opens, noCode} {
		c.state.SMS.Failures = 0
		c.state.Passcodes[0].TriesLeft = 3
		before := c.compared
		missed := c.sign(mine, d.ID, code)
		same(t, "answer", missed, SignatureChecked{PasscodeChecked: PasscodeChecked{Left: 2}, Document: d})
		same(t, "comparisons", c.compared-before, 1)
	}
	c.refuses(SignDocument{Login: mine, ID: foreign.ID, Code: signsForeign}, UnknownDocument)
	c.refuses(RequestSignature{Login: mine, ID: foreign.ID}, UnknownDocument)
	c.refuses(CancelDocument{Login: mine, ID: foreign.ID}, UnknownDocument)
	c.refuses(CancelDocument{Login: 1 << 50, ID: foreign.ID}, UnknownLogin)
	c.refuses(SignDocument{Login: 1 << 50, ID: foreign.ID}, UnknownLogin)
	c.refuses(RequestSignature{Login: 1 << 50, ID: foreign.ID}, UnknownLogin)
	same(t, "the right one", c.sign(mine, d.ID, signs).OK, true)
	same(t, "the code of an order signed meanwhile", c.sign(other, foreign.ID, signs).OK, false)
}

func TestOneLettersDifferenceIsAnotherDocument(t *testing.T) {
	d := Document{ID: 5001, Client: 7, Login: 17, Content: added}
	seen := map[[32]byte]string{d.Digest(): "the same"}
	for title, change := range map[string]func(*Document){
		"id":      func(d *Document) { d.ID++ },
		"salt":    func(d *Document) { d.Salt[15]++ },
		"old":     func(d *Document) { d.Content = PhoneChange{Action: AddPhone, Number: newNumber, Old: oldNumber} },
		"client":  func(d *Document) { d.Client++ },
		"login":   func(d *Document) { d.Login++ },
		"session": func(d *Document) { d.Session++ },
		"reason":  func(d *Document) { d.Reason = "x" },
		"number":  func(d *Document) { d.Content = PhoneChange{Action: AddPhone, Number: thirdOne} },
		"action":  func(d *Document) { d.Content = PhoneChange{Action: ReplacePhone, Number: newNumber} },
		"which":   func(d *Document) { d.Content = PhoneChange{Action: AddPhone, Number: newNumber, Phone: 1} },
		"primary": func(d *Document) { d.Content = PhoneChange{Action: AddPhone, Number: newNumber, Primary: true} },
		"kind":    func(d *Document) { d.Content = Disconnect{Means: SMS} },
		"restore": func(d *Document) { d.Content = Restore{Means: SMS} },
		"means":   func(d *Document) { d.Content = Restore{Means: LoginPassword} },
	} {
		twin := d
		change(&twin)
		if other, taken := seen[twin.Digest()]; taken {
			t.Errorf("another %s and %s have one digest", title, other)
		}
		seen[twin.Digest()] = title
	}
	twin := d
	twin.Status, twin.SignedBy, twin.ChangedAt = DocumentIsAccepted, SMS, time.Now()
	same(t, "what comes of it changes no digest", twin.Digest(), d.Digest())
	sum := d.Digest()
	if p := d.signing(); p != Purpose("document "+hex.EncodeToString(sum[:])) {
		t.Errorf("the purpose is %q", p)
	}
}

func TestFieldsThatTouchEachOtherAreNotTheSameFields(t *testing.T) {
	if string(encode("a", "b", "c")) == string(encode("a", "bc")) || string(encode("a", "b", "")) == string(encode("a", "b")) {
		t.Error("two lists of fields have the same bytes")
	}
	same(t, "one label and a field", encode("WT1", "ё"), []byte("\x00\x00\x00\x03WT1\x00\x00\x00\x02\xd1\x91"))
}

func TestALostReplyToASignatureIsRepeatedAndExtendsNothing(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d := c.signed(l, added)
	c.pass(time.Hour)
	c.forget()
	again := c.do(SignDocument{Login: l, ID: d.ID, Code: c.code, Prior: &d}).(SignatureChecked)
	same(t, "OK", again.OK, true)
	same(t, "document", again.Document, d)
	nothing(c)
	c.refuses(SignDocument{Login: c.login(), ID: d.ID, Code: c.code, Prior: &d}, UnknownDocument)
}

func TestANewDraftReplacesTheOldOneOfItsLogin(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	first, code := c.draft(l, added)
	second, _ := c.draft(l, PhoneChange{Action: AddPhone, Number: thirdOne})
	same(t, "told", the[DocumentCancelled](c), DocumentCancelled{ID: first.ID, End: DocumentReplaced})
	same(t, "drafts", c.state.Drafts, []Document{second})
	same(t, "passcodes", len(c.state.Passcodes), 1)
	c.refuses(SignDocument{Login: l, ID: first.ID, Code: code}, UnknownDocument)
}

func TestADraftEndsAfterAQuarterOfAnHour(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d, _ := c.draft(l, added)
	c.pass(15*time.Minute - tick)
	drafts := c.do(ReadDrafts{Login: l}).(Drafts)
	same(t, "drafts", drafts.Drafts, []Draft{{Document: d}})
	c.pass(tick)
	same(t, "told", the[DocumentCancelled](c), DocumentCancelled{ID: d.ID, End: DocumentExpired})
	same(t, "status", c.papers[d.ID].End, DocumentExpired)
	same(t, "drafts", len(c.do(ReadDrafts{Login: l}).(Drafts).Drafts), 0)
	c.refuses(ReadDrafts{Login: l + 1}, UnknownLogin)
}

func TestADraftCanBeWithdrawn(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d, _ := c.draft(l, added)
	pending := c.do(ReadDrafts{Login: l}).(Drafts)
	same(t, "its passcode", pending.Drafts[0].Pending.Number, 1)
	at(t, "the next may be asked for", pending.RepeatAt, c.now.Add(30*time.Second))
	got := c.do(CancelDocument{Login: l, ID: d.ID}).(DocumentTaken).Document
	same(t, "end", got.End, DocumentWithdrawn)
	same(t, "passcodes", len(c.state.Passcodes), 0)
	c.refuses(CancelDocument{Login: l, ID: d.ID}, UnknownDocument)
}

func TestADraftThatMakesNoSenseAnyMoreIsNotSigned(t *testing.T) {
	c := newTrader(t)
	desk, phone := c.opened(), c.opened()
	d, code := c.draft(desk, added)
	c.state.Phones = append(c.state.Phones, Phone{ID: 99, Number: newNumber})
	before := c.compared
	c.refuses(SignDocument{Login: desk, ID: d.ID, Code: code}, PhoneKnown)
	same(t, "comparisons", c.compared, before)
	c.refuses(SubmitDocument{Login: phone, Content: added}, PhoneKnown)
}

func TestADisconnectedSMSClosesItsSessionsAndSendsNothing(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	other := c.opened()
	c.state = c.state.alterSession(other, c.session(other).ID, func(x *Session) { x.Means = WebToken })
	same(t, "told", c.signed(l, Disconnect{Means: SMS}).Status, DocumentIsAccepted)
	same(t, "told", the[MeansDisconnected](c), MeansDisconnected{SMS})
	same(t, "closed", the[SessionClosed](c).Reason, MeansGone)
	same(t, "extended", len(all[SessionExtended](c)), 0)
	same(t, "the session of another means", c.session(other) != nil, true)
	same(t, "status", c.do(ReadMeans{Login: l}).(MeansStatus).Disconnected, true)
	c.refuses(RequestPasscode{Login: l}, SMSDisconnected)
	c.refuses(EnterPasscode{Login: l, Code: noCode}, SMSDisconnected)
	c.refuses(SubmitDocument{Login: other, Content: Disconnect{Means: SMS}}, NothingToDo)
	c.do(Unblock{})
	c.refuses(RequestPasscode{Login: l}, SMSDisconnected)
	c.identify(anna)
	c.do(ConfirmDocument{By: boris, ID: c.propose(anna, Restore{Means: SMS}).ID})
	c.open(l)
}

func TestAnotherMeansEndsALockAndNoDisconnection(t *testing.T) {
	s := State{SMS: SMSMeans{Locked: true, Disconnected: true, Failures: 30}, Logins: []Login{{ID: 1}}}
	s = Apply(s, SessionOpened{Login: 1, Session: Session{ID: 2, Means: WebToken}})
	same(t, "SMS", s.SMS, SMSMeans{Disconnected: true})
}

func TestWhatAClientCannotAskFor(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.refuses(SubmitDocument{Login: l, Content: Disconnect{Means: WebToken}}, NothingToDo)
	c.refuses(SubmitDocument{Login: l, Content: Disconnect{Means: LoginPassword}}, BadDocument)
	c.refuses(SubmitDocument{Login: l, Content: Restore{Means: SMS}}, BadDocument)
}

func TestADocumentSharesTheLimitsOfSending(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.request(l)
	c.refuses(SubmitDocument{Login: l, Content: added}, TooEarly)
	c.state.Phones = nil
	c.refuses(SubmitDocument{Login: l, Content: added}, NoPhone)
}

func TestEachKindOfDocumentHasItsNumber(t *testing.T) {
	same(t, "disconnect", Disconnect{}.Kind(), DocumentKind(193))
	same(t, "phones", PhoneChange{}.Kind(), DocumentKind(210))
	same(t, "restore", Restore{}.Kind(), DocumentKind(365))
}

func TestWhatNobodyKnowsPanics(t *testing.T) {
	panics(t, func() { _ = State{}.check(nil, true) })
	panics(t, func() { Document{}.Apply(nil, time.Time{}) })
}
