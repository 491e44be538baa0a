package session

import (
	"strings"
	"testing"
	"time"
)

var (
	anna  = Officer{ID: 1, Name: "Анна Л."}
	boris = Officer{ID: 2, Name: "Борис К."}
)

// calls is a trader whom Anna has on the phone, identified.
func calls(t tb) *trader {
	c := newTrader(t)
	c.identify(anna)
	c.forget()
	return c
}

func (c *trader) identify(by Officer) VoiceChecked {
	c.Helper()
	c.do(AttemptVoice{By: by})
	return c.do(SettleVoice{By: by, OK: true}).(VoiceChecked)
}

func (c *trader) propose(by Officer, what Content) Document {
	c.Helper()
	return c.do(ProposeDocument{By: by, Content: what, Reason: "звонок клиента"}).(DocumentTaken).Document
}

func TestARightVoicePasswordIdentifiesTheClientForAQuarterOfAnHour(t *testing.T) {
	c := newTrader(t)
	c.refuses(ProposeDocument{By: anna, Content: added, Reason: "звонок"}, NotIdentified)
	checked := c.identify(anna)
	same(t, "answer", checked, VoiceChecked{OK: true, Until: c.now.Add(15 * time.Minute), Left: 3})
	same(t, "told before the comparison", the[VoiceAttempted](c), VoiceAttempted{By: anna, Tries: 1, Left: 2})
	same(t, "told", the[VoiceVerified](c), VoiceVerified{By: anna, Until: checked.Until})
	c.refuses(ProposeDocument{By: boris, Content: added, Reason: "звонок"}, NotIdentified)
	at(t, "on the card", c.do(ReadCard{By: anna}).(Card).VerifiedUntil, checked.Until)
	at(t, "on another's card", c.do(ReadCard{By: boris}).(Card).VerifiedUntil, time.Time{})
	c.pass(15 * time.Minute)
	c.refuses(ProposeDocument{By: anna, Content: added, Reason: "звонок"}, NotIdentified)
}

func TestThreeWrongVoicePasswordsNeedTwoOperators(t *testing.T) {
	c := newTrader(t)
	for left := 2; left >= 0; left-- {
		c.do(AttemptVoice{By: anna})
		same(t, "answer", c.do(SettleVoice{By: anna}), Result(VoiceChecked{Left: left}))
	}
	same(t, "told", all[AttemptFailed](c)[2], AttemptFailed{Means: VoicePassword, Left: 0})
	same(t, "told", the[MeansBlocked](c), MeansBlocked{Means: VoicePassword})
	c.refuses(AttemptVoice{By: anna}, VoiceBlocked)
	c.refuses(AttemptVoice{By: boris}, VoiceBlocked)
	same(t, "tries left on the card", c.do(ReadCard{By: anna}).(Card).VoiceLeft, 0)
	d := c.propose(anna, Restore{Means: VoicePassword})
	c.refuses(AttemptVoice{By: boris}, VoiceBlocked)
	c.do(ConfirmDocument{By: boris, ID: d.ID})
	same(t, "told", the[MeansUnblocked](c), MeansUnblocked{VoicePassword})
	same(t, "two operators vouch for him", c.papers[d.ID].SignedBy, Means(0))
	c.refuses(ProposeDocument{By: boris, Content: Restore{Means: VoicePassword}, Reason: "звонок"}, NotIdentified)
	same(t, "OK", c.identify(anna).OK, true)
}

func TestTriesThatAreNotSettledStayCounted(t *testing.T) {
	c := newTrader(t)
	for range 3 {
		c.do(AttemptVoice{By: anna})
	}
	c.refuses(AttemptVoice{By: boris}, VoiceBlocked)
	same(t, "the last of them was right", c.do(SettleVoice{By: anna, OK: true}).(VoiceChecked).OK, true)
	c.do(AttemptVoice{By: boris})
	c.do(Unblock{})
	same(t, "tries: the engineer restores no voice password", c.state.Voice.Tries, 1)
}

func TestACallIsKeptForAFewOperatorsOnly(t *testing.T) {
	c := newTrader(t)
	for i := range 6 {
		c.identify(Officer{ID: OperatorID(i + 1)})
	}
	c.identify(Officer{ID: 6})
	same(t, "calls", len(c.state.Voice.Calls), mostCalls)
	same(t, "the first is over", c.do(ReadCard{By: Officer{ID: 1}}).(Card).VerifiedUntil.IsZero(), true)
	same(t, "the last is not", c.do(ReadCard{By: Officer{ID: 6}}).(Card).VerifiedUntil.IsZero(), false)
}

func TestAPhoneIsRegisteredByTwoOperatorsAndTheOldNumberIsTold(t *testing.T) {
	c := calls(t)
	primary := PhoneChange{Action: AddPhone, Number: newNumber, Primary: true}
	d := c.propose(anna, primary)
	same(t, "proposed", d, Document{
		ID: DocumentID(c.id), Client: 7, Salt: d.Salt, Content: primary, Status: DocumentIsDrafted, DraftedAt: c.now, ChangedAt: c.now,
		ExpiresAt: c.now.Add(30 * time.Minute), Operator: anna, Reason: "звонок клиента",
	})
	same(t, "numbers until then", numbers(c.state), []string{oldNumber})
	same(t, "on the card", c.do(ReadCard{By: boris}).(Card).Drafts, []Document{d})
	no := c.refuses(ConfirmDocument{By: anna, ID: d.ID}, SelfConfirmation)
	same(t, "says what to do", no.Next, "ask another operator")
	c.refuses(ConfirmDocument{By: Officer{ID: anna.ID, Name: "another session"}, ID: d.ID}, SelfConfirmation)
	got := c.do(ConfirmDocument{By: boris, ID: d.ID}).(DocumentTaken).Document
	want := d
	want.Status, want.SignedBy, want.Confirmed, want.ChangedAt = DocumentIsAccepted, VoicePassword, boris, c.now
	same(t, "answer", got, want)
	same(t, "signed", the[DocumentSigned](c), DocumentSigned{ID: d.ID, Means: VoicePassword, Confirmed: boris})
	same(t, "numbers", numbers(c.state), []string{newNumber, oldNumber})
	same(t, "the old number is told", c.notices, []SendText{{
		To: oldNumber, About: primary, Phone: "+7903•••2222", Operator: true, ExpiresAt: c.now.Add(24 * time.Hour),
	}})
	same(t, "quarantine", c.state.Quarantine, Quarantine{Until: c.now.Add(24 * time.Hour), By: VoicePassword})
	c.forget()
	same(t, "the reply was lost", c.do(ConfirmDocument{By: boris, ID: d.ID, Prior: &got}), Result(DocumentTaken{Document: got}))
	nothing(c)
	c.refuses(ConfirmDocument{By: anna, ID: d.ID, Prior: &got}, UnknownDocument)
}

func TestTheFirstPhoneOfAClientBecomesPrimary(t *testing.T) {
	c := calls(t)
	c.state.Phones = nil
	d := c.propose(anna, added)
	c.do(ConfirmDocument{By: boris, ID: d.ID})
	same(t, "passcodes go to", c.state.Phone(), newNumber)
	same(t, "nobody is told", len(c.notices), 0)
}

func TestAProposalThatNobodyConfirmsExpires(t *testing.T) {
	c := calls(t)
	d := c.propose(anna, added)
	c.pass(30 * time.Minute)
	same(t, "told", the[DocumentCancelled](c), DocumentCancelled{ID: d.ID, End: DocumentExpired})
	expired := c.papers[d.ID]
	c.refuses(ConfirmDocument{By: boris, ID: d.ID, Prior: &expired}, DocumentTooLate)
	c.refuses(ConfirmDocument{By: boris, ID: 99}, UnknownDocument)
}

func TestAnotherOperatorDeclinesAndTheOwnOneWithdraws(t *testing.T) {
	c := calls(t)
	for by, want := range map[Officer]DocumentEnd{boris: DocumentDeclined, anna: DocumentWithdrawn} {
		d := c.propose(anna, added)
		c.forget()
		got := c.do(DeclineDocument{By: by, ID: d.ID}).(DocumentTaken).Document
		same(t, "end", got.End, want)
		same(t, "told", the[DocumentCancelled](c), DocumentCancelled{ID: d.ID, End: want, By: by})
	}
	c.refuses(DeclineDocument{By: boris, ID: 99}, UnknownDocument)
	l := c.opened()
	own, _ := c.draft(l, added)
	c.refuses(DeclineDocument{By: boris, ID: own.ID}, UnknownDocument)
	c.refuses(ConfirmDocument{By: boris, ID: own.ID}, UnknownDocument)
}

func TestOneProposalWaitsForAClient(t *testing.T) {
	c := calls(t)
	first := c.propose(anna, added)
	second := c.propose(anna, PhoneChange{Action: AddPhone, Number: thirdOne})
	same(t, "told", the[DocumentCancelled](c), DocumentCancelled{ID: first.ID, End: DocumentReplaced, By: anna})
	c.identify(boris)
	c.refuses(ProposeDocument{By: boris, Content: added, Reason: "звонок"}, DocumentWaits)
	c.do(ConfirmDocument{By: boris, ID: second.ID})
	c.propose(boris, added)
}

func TestTheClientMayStopWhatAnOperatorIsAboutToDo(t *testing.T) {
	c := calls(t)
	d := c.propose(anna, added)
	l := c.terminal()
	same(t, "he sees it", len(c.do(ReadDrafts{Login: l}).(Drafts).Drafts), 1)
	c.refuses(SignDocument{Login: l, ID: d.ID, Code: noCode}, UnknownDocument)
	same(t, "end", c.do(CancelDocument{Login: l, ID: d.ID}).(DocumentTaken).Document.End, DocumentDeclined)
	declined := c.papers[d.ID]
	c.refuses(ConfirmDocument{By: boris, ID: d.ID, Prior: &declined}, UnknownDocument)
}

func TestWhatProtectsTakesEffectAtOnceAndNeedsNoVoicePassword(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	got := c.propose(boris, Disconnect{Means: SMS})
	same(t, "status", got.Status, DocumentIsAccepted)
	same(t, "signed by nothing that the client has said", got.SignedBy, Means(0))
	same(t, "closed", the[SessionClosed](c).Reason, MeansGone)
	c.refuses(RequestPasscode{Login: l}, SMSDisconnected)
	c.identify(anna)
	d := c.propose(anna, Restore{Means: SMS})
	c.refuses(RequestPasscode{Login: l}, SMSDisconnected)
	c.do(ConfirmDocument{By: boris, ID: d.ID})
	c.open(l)
}

func TestAnOperatorClosesSessionsWithAReason(t *testing.T) {
	c := newTrader(t)
	c.opened()
	c.refuses(CloseSessions{Operator: true, By: anna, All: true}, ReasonMissing)
	same(t, "closed", c.do(CloseSessions{Operator: true, By: anna, All: true, Reason: " украден телефон "}), Result(Closed{Sessions: 1}))
	same(t, "told", the[OperatorActed](c), OperatorActed{By: anna, Act: ActCloseSessions, Reason: "украден телефон"})
	same(t, "closed by", the[SessionClosed](c).Reason, ClosedByOperator)
	same(t, "closed again", c.do(CloseSessions{Operator: true, By: anna, All: true, Reason: "ещё раз"}), Result(Closed{}))
	c.refuses(CloseSessions{Operator: true, By: anna, ID: 99, Reason: "одна"}, UnknownSession)
}

func TestAReasonIsOneLineOfText(t *testing.T) {
	c := calls(t)
	for reason, want := range map[string]Reason{
		"": ReasonMissing, " \t ": ReasonMissing, strings.Repeat("ы", 301): BadDocument, "a\nb": BadDocument, "\xff": BadDocument,
		"a\u202eb": BadDocument, "a\u200bb": BadDocument,
	} {
		c.refuses(ProposeDocument{By: anna, Content: added, Reason: reason}, want)
	}
	c.do(ProposeDocument{By: anna, Content: added, Reason: strings.Repeat("ы", 300)})
}

func TestWhatAnOperatorCannotAskFor(t *testing.T) {
	c := calls(t)
	c.refuses(ProposeDocument{By: anna, Content: Restore{Means: WebToken}, Reason: "x"}, BadDocument)
	c.refuses(ProposeDocument{By: anna, Content: Disconnect{Means: APIKey}, Reason: "x"}, BadDocument)
	d := c.propose(anna, added)
	c.state.Phones = append(c.state.Phones, Phone{ID: 9, Number: newNumber})
	c.refuses(ConfirmDocument{By: boris, ID: d.ID}, PhoneKnown)
}

func TestThePasswordIsRestoredByTwoOperators(t *testing.T) {
	c := calls(t)
	for range c.policy.PasswordTries {
		c.do(AttemptPassword{})
	}
	c.refuses(AttemptPassword{}, PasswordBlocked)
	d := c.propose(anna, Restore{Means: LoginPassword})
	c.do(ConfirmDocument{By: boris, ID: d.ID})
	c.do(AttemptPassword{})
}

func TestTheCardShowsTheClientAsHeIs(t *testing.T) {
	c := calls(t)
	c.opened()
	card := c.do(ReadCard{By: anna}).(Card)
	same(t, "profile", card.Profile, *c.state.Profile)
	same(t, "phones", card.Phones, c.state.Phones)
	same(t, "logins", card.Logins, c.state.Logins)
	same(t, "SMS", card.SMS, c.state.SMS)
}
