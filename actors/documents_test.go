package actors

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

const (
	firstNumber  = "+79031111111" // that every client is imported with
	secondNumber = "+79032222222"
	thirdNumber  = "+4915112345678"
)

var (
	anna  = session.Officer{ID: 31, Name: "Анна"}
	boris = session.Officer{ID: 32, Name: "Борис"}

	addSecond = session.PhoneChange{Action: session.AddPhone, Number: secondNumber}
)

// draft submits a non-trading order as soon as a passcode may be sent for it.
func (p *person) draft(what session.Content) session.DocumentTaken {
	p.w.Helper()
	for {
		result, err := p.try(session.SubmitDocument{Login: p.login, Content: what})
		if refusal := new(session.Refusal); errors.As(err, &refusal) && !refusal.Until.IsZero() {
			time.Sleep(time.Until(refusal.Until))
			continue
		}
		if err != nil {
			p.w.Fatalf("no draft: %v", err)
		}
		return result.(session.DocumentTaken)
	}
}

func (p *person) signing(d session.DocumentTaken, code string) session.SignDocument {
	return session.SignDocument{Login: p.login, ID: d.Document.ID, Code: code}
}

// sign signs by the last passcode.
func (p *person) sign(d session.DocumentTaken) session.Document {
	p.w.Helper()
	checked := p.do(p.signing(d, p.code())).(session.SignatureChecked)
	if !checked.OK {
		p.w.Fatal("the right passcode did not sign")
	}
	return checked.Document
}

// calls has an operator check the voice password.
func (p *person) calls(by session.Officer) {
	p.w.Helper()
	p.do(session.AttemptVoice{By: by})
	if !p.do(session.SettleVoice{By: by, OK: true}).(session.VoiceChecked).OK {
		p.w.Fatal("the right voice password was not accepted")
	}
}

func (p *person) proposed(by session.Officer, what session.Content) session.Document {
	p.w.Helper()
	p.calls(by)
	return p.do(session.ProposeDocument{By: by, Content: what, Reason: "он потерял телефон"}).(session.DocumentTaken).Document
}

// phones are the contact phones that the journal has.
func (w *world) phones(client session.ClientID) (numbers []string) {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	for _, p := range w.journal.rows[client].state.Phones {
		numbers = append(numbers, p.Number)
	}
	return numbers
}

// paper is a document as its row has it.
func (w *world) paper(id session.DocumentID) session.Document {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return w.journal.papers[id]
}

// notices are the numbers that were told of something.
func (w *world) notices() (to []string) {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	for _, t := range w.journal.texts {
		if t.Purpose == "" {
			to = append(to, t.To)
		}
	}
	return to
}

func list(w *world, what string, got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("%s: %q, not %q", what, got, want)
	}
}

func TestADocumentIsDraftedSignedAndAcceptedAndOnlyTheSignatureExtends(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		screens := []*screen{p.attach(), n.logIn(1).attach()}
		opened := time.Now()
		p.open()
		time.Sleep(time.Hour)
		before := w.version(1)

		draft := p.draft(addSecond)
		equal(w, "the row", w.paper(draft.Document.ID), draft.Document)
		equal(w, "drafted", draft.Document.Status, session.DocumentIsDrafted)
		list(w, "phones", w.phones(1), firstNumber)
		missed := p.do(p.signing(draft, p.wrong())).(session.SignatureChecked)
		equal(w, "signed by a wrong passcode", missed.OK, false)
		equal(w, "tries left", missed.Left, 2)
		equal(w, "names", names(w.events(1)[before:]), "DocumentDrafted PasscodeSent AttemptFailed")
		time.Sleep(time.Minute)

		before = w.version(1)
		signed := p.sign(draft)
		equal(w, "names", names(w.events(1)[before:]), "DocumentSigned PhoneAdded DocumentAccepted SessionExtended")
		extended, _ := last[session.SessionExtended](w, w.events(1))
		equal(w, "the end", extended.ExpiresAt, opened.Add(time.Hour+time.Minute+5*time.Hour).UTC())
		equal(w, "extended", count[session.SessionExtended](w.events(1)), 1)
		want := draft.Document
		want.Status, want.SignedBy, want.ChangedAt = session.DocumentIsAccepted, session.SMS, time.Now().UTC()
		equal(w, "the answer", signed, want)
		equal(w, "the row", w.paper(draft.Document.ID), want)
		list(w, "phones", w.phones(1), firstNumber, secondNumber)
		list(w, "told", w.notices(), firstNumber)
		for _, s := range screens {
			s.isComplete(1)
		}
		p.refuses(p.signing(session.DocumentTaken{}, p.code()), session.UnknownDocument)
	})
}

func TestDocumentsAndHistoryAreReadAsTheyAreWrittenDown(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		first := p.sign(p.draft(addSecond))
		second := p.draft(session.PhoneChange{Action: session.PrimaryPhone, Phone: w.journal.rows[1].state.Phones[1].ID})
		p.order("1")
		commits := w.hold()
		signature := p.begin(p.signing(second, p.code()))
		documents, history := p.begin(session.ReadDocuments{}), p.begin(session.ReadHistory{})
		if !documents.waits() || !history.waits() {
			w.Error("they are answered from what is not written down")
		}
		w.journal.delay(nil)
		commits.release()
		checked, err := signature.answer()
		equal(w, "error", err, nil)
		got, _ := documents.answer()
		want := []session.Document{checked.(session.SignatureChecked).Document, first}
		if !reflect.DeepEqual(got.(session.Documents).Documents, want) {
			w.Errorf("the documents are\n%+v, not\n%+v", got, want)
		}
		got, _ = history.answer()
		told := got.(session.History).Events
		equal(w, "the newest", names(told[:4]), "DocumentAccepted PhoneChanged DocumentSigned PasscodeSent")
		equal(w, "orders", count[session.OrderAccepted](told), 0)
		page := p.do(session.ReadHistory{Before: told[2].Seq}).(session.History).Events
		equal(w, "the next page", page[0].Seq, told[3].Seq)
		older := p.do(session.ReadDocuments{Before: second.Document.ID}).(session.Documents).Documents
		equal(w, "the older ones", len(older), 1)
	})
}

func TestADraftSurvivesACrashAndIsSignedByThePasscodeThatWasSent(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		p := n.logIn(1)
		p.open()
		draft := p.draft(session.PhoneChange{Action: session.ReplacePhone, Phone: 1, Number: secondNumber})
		texts := len(w.journal.texts)
		n.crash()
		n = w.start()
		defer n.stop()
		p = p.at(n)
		equal(w, "drafts", len(p.do(session.ReadDrafts{Login: p.login}).(session.Drafts).Drafts), 1)
		signed := p.sign(draft)
		equal(w, "the row", w.paper(draft.Document.ID), signed)
		list(w, "phones", w.phones(1), secondNumber)
		list(w, "told", w.notices(), firstNumber)
		equal(w, "texts since", len(w.journal.texts)-texts, 1)
		p.request() // goes to the new number
		equal(w, "passcodes go", w.journal.texts[len(w.journal.texts)-1].To, secondNumber)
	})
}

func TestASignatureWhoseReplyWasLostIsAnsweredAlikeAndDoneOnce(t *testing.T) {
	for name, lose := range map[string]func(w *world, n *node, p *person, sign session.Command) *node{
		"the answer of the journal": func(w *world, n *node, p *person, sign session.Command) *node {
			w.journal.fail(func(session.Change) fate { return answerLost })
			_, err := p.try(sign)
			equal(w, "the answer", err, session.ErrUnavailable)
			w.journal.fail(nil)
			synctest.Wait() // the actor ends; whoever asks it meanwhile hears the same
			return n
		},
		"the commit": func(w *world, n *node, p *person, sign session.Command) *node {
			w.journal.fail(func(session.Change) fate { return refused })
			_, err := p.try(sign)
			equal(w, "the answer", err, session.ErrUnavailable)
			w.journal.fail(nil)
			synctest.Wait() // the actor ends; whoever asks it meanwhile hears the same
			list(w, "phones", w.phones(1), firstNumber)
			return n
		},
		"the server": func(w *world, n *node, p *person, sign session.Command) *node {
			p.do(sign)
			n.crash()
			return w.start()
		},
		"the actor": func(_ *world, n *node, p *person, sign session.Command) *node {
			p.do(sign)
			time.Sleep(time.Hour)
			return n
		},
	} {
		inWorld(t, 1, func(w *world) {
			n := w.start()
			p := n.logIn(1)
			p.open()
			draft := p.draft(addSecond)
			sign := p.signing(draft, p.code())
			n = lose(w, n, p, sign)
			defer n.stop()
			p = p.at(n)
			again := p.do(sign).(session.SignatureChecked)
			if !again.OK || again.Login.Session == nil {
				w.Errorf("%s was lost: the answer is %+v", name, again)
			}
			equal(w, name+" was lost: the document", again.Document, w.paper(draft.Document.ID))
			once := p.do(sign).(session.SignatureChecked)
			equal(w, name+" was lost: the document", once.Document, again.Document)
			equal(w, name+" was lost: signed", count[session.DocumentSigned](w.events(1)), 1)
			equal(w, name+" was lost: failed", count[session.AttemptFailed](w.events(1)), 0)
			list(w, name+" was lost: phones", w.phones(1), firstNumber, secondNumber)
			list(w, name+" was lost: told", w.notices(), firstNumber)
			// To another login it is nothing that waits.
			other := n.logIn(1)
			other.refuses(session.SignDocument{Login: other.login, ID: draft.Document.ID, Code: sign.Code}, session.UnknownDocument)
		})
	}
}

func TestASignatureThatComesTwiceAtOnceIsDoneOnce(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		sign := p.signing(p.draft(addSecond), p.code())
		commits := w.hold()
		first, second := p.begin(sign), p.begin(sign)
		for _, x := range []*pending{first, second} {
			if !x.waits() {
				w.Error("it is answered before it is written down")
			}
		}
		w.journal.delay(nil)
		commits.release()
		for _, x := range []*pending{first, second} {
			result, err := x.answer()
			if err != nil || !result.(session.SignatureChecked).OK {
				w.Errorf("the answer is %+v, %v", result, err)
			}
		}
		equal(w, "signed", count[session.DocumentSigned](w.events(1)), 1)
	})
}

func TestADraftThatNobodySignsExpiresOnTimeAndItsPasscodeIsGoodForNothing(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		terminal := p.attach()
		p.open()
		draft := p.draft(addSecond)
		drafted := time.Now()
		time.Sleep(15*time.Minute - time.Microsecond)
		equal(w, "cancelled too early", count[session.DocumentCancelled](terminal.seen()), 0)
		p.do(session.RequestSignature{Login: p.login, ID: draft.Document.ID}) // in the last microsecond
		time.Sleep(time.Microsecond)
		cancelled, at := last[session.DocumentCancelled](w, terminal.seen())
		equal(w, "cancelled", cancelled, session.DocumentCancelled{ID: draft.Document.ID, End: session.DocumentExpired})
		equal(w, "at", at, drafted.Add(15*time.Minute).UTC())
		p.refuses(p.signing(draft, p.code()), session.UnknownDocument)
		list(w, "phones", w.phones(1), firstNumber)
	})
}

func TestADraftExpiresOnTimeThoughItsActorWasPutAway(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		time.Sleep(7 * time.Second) // no sweep at the instant of the alarm
		n := w.start()
		defer n.stop()
		desk := &person{node: n, client: 1} // nobody is logged in
		draft := desk.proposed(anna, addSecond)
		proposed := time.Now()
		time.Sleep(10 * time.Minute)
		equal(w, "residents", n.Residents(), 0)
		time.Sleep(20*time.Minute + time.Hour)
		equal(w, "residents", n.Residents(), 0)
		cancelled, at := last[session.DocumentCancelled](w, w.events(1))
		equal(w, "cancelled", cancelled, session.DocumentCancelled{ID: draft.ID, End: session.DocumentExpired})
		equal(w, "at", at, proposed.Add(30*time.Minute).UTC())
		equal(w, "the end", w.paper(draft.ID).End, session.DocumentExpired)
		desk.refuses(session.ConfirmDocument{By: boris, ID: draft.ID}, session.DocumentTooLate)
		list(w, "phones", w.phones(1), firstNumber)
	})
}

func TestADraftExpiresThoughNoServerWasThere(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		draft := (&person{node: n, client: 1}).proposed(anna, addSecond)
		n.crash()
		time.Sleep(30 * time.Minute)
		n = w.start()
		defer n.stop()
		desk := &person{node: n, client: 1}
		desk.refuses(session.ConfirmDocument{By: boris, ID: draft.ID}, session.DocumentTooLate) // the same command finds it expired
		equal(w, "the end", w.paper(draft.ID).End, session.DocumentExpired)
		list(w, "phones", w.phones(1), firstNumber)
	})
}

func TestAnOperatorsDraftIsConfirmedByAnotherWhereverItWasLoadedFrom(t *testing.T) {
	for _, reload := range []func(w *world, n *node) *node{
		func(_ *world, n *node) *node { return n },
		func(w *world, n *node) *node {
			time.Sleep(10 * time.Minute)
			equal(w, "residents", n.Residents(), 1) // of the client who looks on
			return n
		},
		func(w *world, n *node) *node {
			n.crash()
			return w.start()
		},
	} {
		inWorld(t, 1, func(w *world) {
			n := w.start()
			p := n.logIn(1)
			terminal := p.attach()
			draft := p.proposed(anna, session.PhoneChange{Action: session.AddPhone, Number: secondNumber, Primary: true})
			equal(w, "the reason", draft.Reason, "он потерял телефон")
			n = reload(w, n)
			defer n.stop()
			if terminal.view != n.view {
				p = p.at(n)
				terminal = p.attach()
			}
			p.refuses(session.ConfirmDocument{By: anna, ID: draft.ID}, session.SelfConfirmation)
			list(w, "phones", w.phones(1), firstNumber)
			before := w.version(1)
			confirmed := p.do(session.ConfirmDocument{By: boris, ID: draft.ID}).(session.DocumentTaken).Document
			want := draft
			want.Status, want.SignedBy, want.Confirmed = session.DocumentIsAccepted, session.VoicePassword, boris
			want.ChangedAt = time.Now().UTC()
			equal(w, "the answer", confirmed, want)
			equal(w, "the row", w.paper(draft.ID), want)
			equal(w, "names", names(w.events(1)[before:]), "DocumentSigned PhoneAdded PhoneChanged DocumentAccepted")
			list(w, "phones", w.phones(1), secondNumber, firstNumber)
			list(w, "told", w.notices(), firstNumber)
			equal(w, "the answer whose reply was lost", p.do(session.ConfirmDocument{By: boris, ID: draft.ID}), session.Result(session.DocumentTaken{Document: want}))
			p.refuses(session.ConfirmDocument{By: anna, ID: draft.ID}, session.UnknownDocument)
			terminal.isComplete(1)
		})
	}
}

func TestDocumentsOfOneCommitAreWrittenAsTheLastOfThemLeavesThem(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		p.calls(anna)
		commits := w.hold()
		batches := len(w.journal.batches)
		first := p.begin(session.ProposeDocument{By: anna, Content: addSecond, Reason: "1"}) // on its way
		var all []*pending
		for _, c := range []session.Command{
			session.ProposeDocument{By: anna, Content: session.PhoneChange{Action: session.AddPhone, Number: thirdNumber}, Reason: "2"},
			session.ProposeDocument{By: boris, Content: session.Disconnect{Means: session.SMS}, Reason: "3"}, // takes effect at once
			session.CloseSessions{Operator: true, By: anna, Reason: "4", All: true},
		} {
			all = append(all, p.begin(c))
		}
		w.journal.delay(nil)
		commits.release()
		replaced, err := first.answer()
		equal(w, "error", err, nil)
		waits, _ := all[0].answer()
		done, _ := all[1].answer()
		closed, _ := all[2].answer()
		equal(w, "commits", len(w.journal.batches)-batches, 2)
		id := func(r session.Result) session.DocumentID { return r.(session.DocumentTaken).Document.ID }
		equal(w, "the first", w.paper(id(replaced)).End, session.DocumentReplaced)
		equal(w, "the second", w.paper(id(waits)).Status, session.DocumentIsDrafted)
		equal(w, "the third", w.paper(id(done)).Status, session.DocumentIsAccepted)
		equal(w, "the third", w.paper(id(done)), done.(session.DocumentTaken).Document)
		equal(w, "sessions closed by the fourth", closed.(session.Closed).Sessions, 0) // the third closed it
		p.refuses(session.RequestPasscode{Login: p.login}, session.SMSDisconnected)
	})
}

func TestBothNumbersAreToldWhenOneOfThemIsAContactPhoneNoLonger(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		p.sign(p.draft(addSecond))
		second := p.do(session.ReadPhones{Login: p.login}).(session.ContactPhones).Phones[1].ID
		p.sign(p.draft(session.PhoneChange{Action: session.ReplacePhone, Phone: second, Number: thirdNumber}))
		list(w, "told", w.notices(), firstNumber, firstNumber, secondNumber)
		list(w, "phones", w.phones(1), firstNumber, thirdNumber)
	})
}

// What the SMS names is what is signed.
func TestAnOrderThatSaysMoreThanItDoesIsRefused(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		p.sign(p.draft(addSecond))
		second := p.do(session.ReadPhones{Login: p.login}).(session.ContactPhones).Phones[1].ID
		for _, c := range []session.PhoneChange{
			{Action: session.RemovePhone, Phone: second, Primary: true},
			{Action: session.RemovePhone, Phone: second, Number: thirdNumber},
			{Action: session.PrimaryPhone, Phone: second, Primary: true},
			{Action: session.PrimaryPhone, Phone: second, Number: firstNumber},
			{Action: session.ReplacePhone, Phone: second, Number: thirdNumber, Primary: true},
			{Action: session.AddPhone, Phone: second, Number: thirdNumber},
			{Action: "steal", Phone: second},
		} {
			p.refuses(session.SubmitDocument{Login: p.login, Content: c}, session.BadDocument)
			p.calls(anna)
			p.refuses(session.ProposeDocument{By: anna, Content: c, Reason: "?"}, session.BadDocument)
		}
	})
}
