package session

import (
	"slices"
	"time"

	"pgregory.net/rapid"
)

// What the witness of property_test.go may do next: time passes, a command comes, or an event that no policy allows.

// moveClock moves it by anything between nothing and a month, to the next deadline, or a little back.
func (x *witness) moveClock() {
	next, ok := Deadline(x.state)
	switch dice.Draw(x.t, "clock") {
	default:
		x.late(time.Duration(rapid.IntRange(0, 120).Draw(x.t, "seconds")) * time.Second)
	case 0, 1, 3:
		x.late(time.Duration(rapid.IntRange(0, 600).Draw(x.t, "minutes")) * time.Minute)
	case 2:
		if ok && next.After(x.now) {
			x.now = next
		}
	case 4, 5:
		if x.state.SMS.BlockedUntil.After(x.now) {
			x.now = x.state.SMS.BlockedUntil
		}
	case 6:
		x.late(-time.Duration(rapid.IntRange(0, 7200).Draw(x.t, "seconds back")) * time.Second)
	case 7:
		x.late(time.Duration(dice.Draw(x.t, "days")) * 24 * time.Hour)
	}
}

// anyLogin is a login, seldom one that is not.
func (x *witness) anyLogin() LoginID {
	n := dice.Draw(x.t, "login")
	if n == 31 || len(x.state.Logins) == 0 {
		return 1 << 52
	}
	return x.state.Logins[n%len(x.state.Logins)].ID
}

func (x *witness) anyOrder() *Order {
	if len(x.orders) == 0 {
		return nil
	}
	var ids []OrderID
	for id := range x.orders {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	o := x.orders[rapid.SampledFrom(ids).Draw(x.t, "order")]
	return &o
}

func (x *witness) command() Command {
	flag := rapid.Bool()
	if len(x.state.Logins) == 0 && flag.Draw(x.t, "log in first") {
		return SettleLogin{OK: true, Epoch: x.state.Password.Epoch, Remember: true}
	}
	if n := dice.Draw(x.t, "of a WEB-token"); n < 8 || n < 24 && x.tokenWaits() {
		return x.tokenCommand(x.anyLogin())
	}
	switch l := x.anyLogin(); dice.Draw(x.t, "command") {
	case 0:
		return AttemptPassword{}
	case 1, 2:
		in := SettleLogin{OK: flag.Draw(x.t, "right"), Epoch: x.state.Password.Epoch, Remember: flag.Draw(x.t, "remember")}
		if flag.Draw(x.t, "renewed") {
			in.Present = l
		}
		return in
	case 3:
		return rapid.SampledFrom([]Command{
			Unblock{},
			Logout{Login: l},
			CloseSessions{Login: l, Others: true},
			CloseSessions{Login: l, ID: 1},
			CloseSessions{Operator: true, All: true},
			SettlePasswordChange{Epoch: x.state.Password.Epoch, Login: l},
			SettlePasswordChange{OK: true, Epoch: x.state.Password.Epoch, Login: l},
			SetPassword{},
		}).Draw(x.t, "seldom")
	case 4:
		return Identify{SID: x.sid}
	case 5, 6:
		return Attend{Login: l}
	case 7:
		return Detach{Login: l, Announced: flag.Draw(x.t, "announced")}
	case 8:
		return LeaveTerminal{Login: l}
	case 9:
		return Recover{Absent: []LoginID{l}, Loaded: x.now.Add(-time.Minute)}
	case 10:
		return rapid.SampledFrom([]Command{ReadMeans{Login: l}, ReadSessions{}, Tick{}}).Draw(x.t, "read")
	case 11, 12:
		return RequestPasscode{Login: l}
	case 13, 14:
		return x.documentCommand(l)
	case 15:
		return ReportTextFailed{Login: l, Purpose: OpenSession, Number: rapid.IntRange(0, 3).Draw(x.t, "number")}
	case 16, 17, 18, 19, 20, 21, 22:
		if n := len(x.state.Passcodes); n > 0 && flag.Draw(x.t, "of the newest passcode") {
			l = x.state.Passcodes[n-1].Login
		}
		return EnterPasscode{Login: l, Code: rapid.SampledFrom([]string{x.code, noCode, noCode, noCode, "12345"}).Draw(x.t, "code")}
	case 23, 24:
		c := CancelOrder{Login: l, Prior: x.anyOrder()}
		if c.Prior != nil {
			c.ID = c.Prior.ID
		}
		return c
	case 25, 26:
		report := ReportExecution{Prior: x.anyOrder(), Execution: Execution{
			Kind: rapid.SampledFrom([]ExecutionKind{1, 2, 2, 2, 3, 4, 5}).Draw(x.t, "kind"), ID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(x.t, "fill"),
			Quantity: Decimal(rapid.IntRange(0, 12).Draw(x.t, "quantity")) * One,
		}}
		if report.Prior != nil {
			report.ID = report.Prior.ID
		}
		return report
	default:
		submit := SubmitOrder{Login: l, Ticket: buy(Decimal(dice.Draw(x.t, "lots") % 4)), Instrument: sber}
		if flag.Draw(x.t, "repeated") {
			if submit.Prior = x.anyOrder(); submit.Prior != nil {
				submit.Ticket = submit.Prior.Ticket
			}
		}
		return submit
	}
}

// documentCommand is about a non-trading order, of the client or of an operator.
func (x *witness) documentCommand(l LoginID) Command {
	phone := PhoneID(1)
	if n := len(x.state.Phones); n > 0 {
		phone = x.state.Phones[dice.Draw(x.t, "phone")%n].ID
	}
	content := rapid.SampledFrom([]Content{
		added,
		PhoneChange{Action: AddPhone, Number: newNumber + number(dice.Draw(x.t, "digits")), Primary: true},
		PhoneChange{Action: RemovePhone, Phone: phone},
		PhoneChange{Action: PrimaryPhone, Phone: phone},
		PhoneChange{Action: ReplacePhone, Phone: phone, Number: thirdOne},
		Disconnect{Means: SMS},
		Restore{Means: SMS},
		Restore{Means: VoicePassword},
	}).Draw(x.t, "content")
	by := rapid.SampledFrom([]Officer{anna, boris}).Draw(x.t, "operator")
	id, prior := DocumentID(1), (*Document)(nil)
	if n := len(x.state.Drafts); n > 0 {
		d := x.state.Drafts[dice.Draw(x.t, "draft")%n]
		id = d.ID
		if d.Login != 0 {
			l = d.Login
		}
	} else if n := len(x.papers); n > 0 {
		for k := range x.papers {
			id = max(id, k)
		}
		d := x.papers[id]
		prior = &d
	}
	return rapid.SampledFrom([]Command{
		SubmitDocument{Login: l, Content: content},
		SubmitDocument{Login: l, Content: content},
		RequestSignature{Login: l, ID: id},
		SignDocument{Login: l, ID: id, Code: x.code, Prior: prior},
		SignDocument{Login: l, ID: id, Code: x.code, Prior: prior},
		SignDocument{Login: l, ID: id, Code: noCode, Prior: prior},
		CancelDocument{Login: l, ID: id},
		ProposeDocument{By: by, Content: content, Reason: "звонок"},
		ProposeDocument{By: by, Content: content, Reason: "звонок"},
		ConfirmDocument{By: by, ID: id, Prior: prior},
		ConfirmDocument{By: by, ID: id, Prior: prior},
		DeclineDocument{By: by, ID: id},
		AttemptVoice{By: by},
		SettleVoice{By: by, OK: true},
		SettleVoice{By: by},
		ReadDrafts{Login: l},
		ReadPhones{Login: l},
		ReadCard{By: by},
	}).Draw(x.t, "document")
}

// event is any event, of a login and a session that may or may not be.
func (x *witness) event() Event {
	x.id++
	l, id, now := x.anyLogin(), SessionID(rapid.IntRange(1, 3).Draw(x.t, "session")), x.now
	soon := x.now.Add(time.Duration(rapid.IntRange(-100, 100).Draw(x.t, "soon")) * time.Minute)
	means := rapid.SampledFrom([]Means{SMS, LoginPassword, WebToken, APIKey, 0}).Draw(x.t, "means")
	maybe := rapid.SampledFrom([]time.Time{{}, now, soon}).Draw(x.t, "instant")
	return rapid.SampledFrom([]Event{
		PasswordAttempted{Tries: 3, BlockedUntil: maybe},
		PasswordChanged{},
		LoginOpened{Login: Login{ID: LoginID(x.id), LastSeen: maybe, Lifetime: 24 * time.Hour}},
		LoginOpened{Login: Login{ID: LoginID(x.id), Session: &Session{ID: id, ExpiresAt: maybe, WarnAt: soon}, LeaveBy: maybe}},
		LoginRenewed{Login: Login{ID: l, LastSeen: maybe, Lifetime: time.Hour}},
		LoginSeen{Login: l, At: maybe},
		LoginClosed{Login: l},
		TerminalAttached{Login: l},
		TerminalGone{Login: l, At: now, ClosesAt: maybe},
		PasscodeSent{Login: l, Purpose: OpenSession, Number: 1, At: soon, ExpiresAt: soon, Tries: 2},
		PasscodeFailed{Login: l, Purpose: OpenSession},
		AttemptFailed{Means: means, Login: l, Purpose: OpenSession},
		MeansBlocked{Means: means, Until: maybe},
		MeansUnblocked{Means: means},
		PhoneAdded{Phone{ID: PhoneID(dice.Draw(x.t, "phone") % 4), Number: newNumber}},
		PhoneRemoved{ID: PhoneID(dice.Draw(x.t, "phone") % 4)},
		PhoneChanged{ID: PhoneID(dice.Draw(x.t, "phone") % 4), Quarantine: Quarantine{Until: maybe, By: means}},
		DocumentDrafted{Document{ID: 1, Content: added, Login: l, ExpiresAt: soon}},
		DocumentSigned{ID: 1, Means: means},
		DocumentAccepted{ID: 1},
		DocumentCancelled{ID: 1},
		MeansDisconnected{Means: means},
		VoiceAttempted{By: anna, Tries: 2},
		VoiceVerified{By: Officer{ID: OperatorID(dice.Draw(x.t, "officer"))}, Until: maybe},
		OperatorActed{By: anna},
		SessionOpened{Login: l, Session: Session{ID: id, Means: means, ExpiresAt: soon, WarnAt: maybe, CapAt: soon}},
		SessionOpened{Login: l, Session: Session{ID: id, Means: means, ExpiresAt: maybe, WarnAt: soon}},
		SessionExtended{Login: l, Session: id, ExpiresAt: soon, WarnAt: maybe},
		SessionExpiring{Login: l, Session: id, WarnAt: maybe},
		SessionClosed{Login: l, Session: id},
		OrderAccepted{Order{ID: 1}},
		OrderWorking{ID: 1},
		OrderCancelling{ID: 1},
		OrderFilled{ID: 1},
		OrderCancelled{ID: 1},
		OrderExpired{ID: 1},
		OrderRejected{ID: 1},
		x.tokenEvent(l, soon, maybe),
		x.tokenEvent(l, soon, maybe),
	}).Draw(x.t, "event")
}
