package session

import (
	"slices"
	"testing"
	"time"
)

const (
	oldNumber = "+79031111111"
	newNumber = "+79032222222"
	thirdOne  = "+491511234567"
)

var added = PhoneChange{Action: AddPhone, Number: newNumber}

func numbers(s State) []string {
	var all []string
	for _, p := range s.Phones {
		all = append(all, p.Number)
	}
	return all
}

func TestAnImportedPhoneWorksAtOnceAndIsVerifiedByItsFirstPasscode(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	phones := func() ContactPhones { return c.do(ReadPhones{Login: l}).(ContactPhones) }
	same(t, "before", phones().Phones, []Phone{{ID: 1, Number: oldNumber}})
	c.open(l)
	same(t, "after", phones().Phones, []Phone{{ID: 1, Number: oldNumber, Verified: true}})
	same(t, "no quarantine", phones().Quarantine, Quarantine{})
	c.refuses(ReadPhones{Login: l + 1}, UnknownLogin)
}

func TestAnAddedPhoneIsAContactPhoneAndPasscodesGoWhereTheyWent(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d := c.signed(l, added)
	fresh := Phone{ID: PhoneID(c.id), Number: newNumber, Since: c.now, By: SMS}
	same(t, "told", the[PhoneAdded](c).Phone, fresh)
	same(t, "phones", c.state.Phones, []Phone{{ID: 1, Number: oldNumber, Verified: true}, fresh})
	same(t, "the next passcode goes to", c.nextPhone(l), oldNumber)
	same(t, "the old number is told", c.notices, []SendText{{
		To: oldNumber, About: d.Content, Phone: "+7903•••2222", ExpiresAt: d.ChangedAt.Add(24 * time.Hour),
	}})
}

func TestTheNewPrimaryPhoneGetsThePasscodesAndIsInQuarantine(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.signed(l, added)
	c.forget()
	code := c.request(l)
	d := c.signed(l, PhoneChange{Action: PrimaryPhone, Phone: c.state.Phones[1].ID})
	q := Quarantine{Until: d.ChangedAt.Add(24 * time.Hour), By: SMS}
	same(t, "told", the[PhoneChanged](c), PhoneChanged{ID: c.state.Phones[0].ID, Phone: "+7903•••2222", Quarantine: q})
	same(t, "quarantine", c.do(ReadPhones{Login: l}).(ContactPhones).Quarantine, q)
	same(t, "numbers", numbers(c.state), []string{newNumber, oldNumber})
	c.refuses(EnterPasscode{Login: l, Code: code}, NoPasscode)
	same(t, "the old number is told", c.notices[0].To, oldNumber)
	same(t, "the next passcode goes to", c.nextPhone(l), newNumber)
	c.refuses(SubmitDocument{Login: l, Content: PhoneChange{Action: PrimaryPhone, Phone: c.state.Phones[0].ID}}, NothingToDo)
}

func TestAPhoneThatIsAddedAsPrimaryIsBothAtOnce(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.signed(l, PhoneChange{Action: AddPhone, Number: newNumber, Primary: true})
	same(t, "numbers", numbers(c.state), []string{newNumber, oldNumber})
	same(t, "verified before anything came back", c.state.Phones[0].Verified, false)
	same(t, "told", c.notices[0].To, oldNumber)
}

func TestAReplacedPhoneIsToldThatItIsNone(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.signed(l, added)
	second := c.state.Phones[1].ID
	c.forget()
	c.signed(l, PhoneChange{Action: ReplacePhone, Phone: second, Number: thirdOne})
	same(t, "numbers", numbers(c.state), []string{oldNumber, thirdOne})
	same(t, "nothing changed for passcodes", len(all[PhoneChanged](c)), 0)
	same(t, "removed", the[PhoneRemoved](c), PhoneRemoved{ID: second, Phone: "+7903•••2222"})
	same(t, "notices", []string{c.notices[0].To, c.notices[1].To}, []string{oldNumber, newNumber})
	c.forget()
	c.signed(l, PhoneChange{Action: ReplacePhone, Phone: 1, Number: newNumber})
	same(t, "numbers", numbers(c.state), []string{newNumber, thirdOne})
	same(t, "notices", len(c.notices), 1)
	same(t, "to", c.notices[0].To, oldNumber)
	same(t, "about", c.notices[0].Phone, "+7903•••2222")
}

func TestThePhoneThatPasscodesGoToIsNotRemoved(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.refuses(SubmitDocument{Login: l, Content: PhoneChange{Action: RemovePhone, Phone: 1}}, LastPhone)
	c.signed(l, added)
	c.refuses(SubmitDocument{Login: l, Content: PhoneChange{Action: RemovePhone, Phone: 1}}, PrimaryStays)
	c.forget()
	c.signed(l, PhoneChange{Action: RemovePhone, Phone: c.state.Phones[1].ID})
	same(t, "numbers", numbers(c.state), []string{oldNumber})
	same(t, "both are told", []string{c.notices[0].To, c.notices[1].To}, []string{oldNumber, newNumber})
	same(t, "about", c.notices[0].Phone, "+7903•••2222")
	same(t, "passcodes go where they went", len(all[PhoneChanged](c)), 0)
}

func TestAPhoneOrderThatMakesNoSenseIsRefusedAtOnce(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	for want, orders := range map[Reason][]PhoneChange{
		BadDocument: {
			{Action: "burn", Phone: 1},
			{},
			{Action: RemovePhone, Phone: 1, Number: newNumber},
			{Action: PrimaryPhone, Phone: 1, Primary: true},
			{Action: AddPhone, Phone: 1, Number: newNumber},
			{Action: ReplacePhone, Phone: 1, Number: newNumber, Primary: true},
		},
		UnknownPhone: {{Action: RemovePhone, Phone: 2}, {Action: PrimaryPhone}, {Action: ReplacePhone, Phone: 9, Number: newNumber}},
		PhoneNeedsCountry: {
			{Action: AddPhone},
			{Action: AddPhone, Number: "89032222222"},
			{Action: AddPhone, Number: "+7 903 222-22-22"},
			{Action: AddPhone, Number: "+0903222222"},
			{Action: AddPhone, Number: "+79032222222\n"},
			{Action: AddPhone, Number: "+123456"},
			{Action: AddPhone, Number: "+12345678901234567"},
			{Action: ReplacePhone, Phone: 1, Number: "нет"},
		},
		PhoneLooksAlike: {{Action: AddPhone, Number: "+79039991111"}, {Action: ReplacePhone, Phone: 1, Number: "+79038881111"}},
		PhoneKnown:      {{Action: AddPhone, Number: oldNumber}, {Action: ReplacePhone, Phone: 1, Number: oldNumber}},
	} {
		for _, order := range orders {
			c.refuses(SubmitDocument{Login: l, Content: order}, want)
		}
	}
	for i := range mostPhones - 1 {
		c.state = Apply(c.state, PhoneAdded{Phone{ID: PhoneID(100 + i), Number: thirdOne + number(i)}})
	}
	c.refuses(SubmitDocument{Login: l, Content: added}, TooManyPhones)
	c.draft(l, PhoneChange{Action: ReplacePhone, Phone: 1, Number: newNumber})
}

func TestAChangedPhoneEndsThePasscodesOfTheOldOneAndKeepsTheCounters(t *testing.T) {
	s := State{
		Phones: []Phone{{ID: 1, Number: oldNumber}, {ID: 2, Number: newNumber}}, SMS: SMSMeans{Failures: 4, Row: 2},
		Passcodes: []Passcode{{Login: 1, Purpose: OpenSession, TriesLeft: 3}},
	}
	changed := Apply(s, PhoneChanged{ID: 2, Phone: MaskPhone(newNumber)})
	if changed.Phone() != newNumber || len(changed.Passcodes) != 0 || changed.SMS.Failures != 4 || changed.SMS.Row != 2 {
		t.Errorf("after a changed phone: %+v", changed)
	}
	removed := Apply(s, PhoneRemoved{ID: 1})
	if removed.Phone() != newNumber || len(removed.Passcodes) != 0 {
		t.Errorf("after the primary one was removed: %+v", removed)
	}
	if kept := Apply(s, PhoneRemoved{ID: 2}); len(kept.Passcodes) != 1 {
		t.Errorf("after another one was removed: %+v", kept)
	}
}

func TestAPhoneThatWasChangedByWebTokenOpensForADaySessionsOfTheWebTokensScope(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	day := Quarantine{Until: c.now.Add(24 * time.Hour), By: WebToken}
	c.state = Apply(c.state, PhoneChanged{ID: 1, Phone: MaskPhone(oldNumber), Quarantine: day})
	same(t, "limited", c.open(l).Limited, true)
	c.refuses(SubmitOrder{Login: l, Ticket: buy(1), Instrument: sber}, OutOfScope)
	c.signed(l, added)
	c.policy.WebTokenTrades = true
	c.order(l)
	c.policy.WebTokenTrades = false
	c.pass(24 * time.Hour)
	c.do(Attend{Login: l})
	same(t, "limited the day after", c.open(l).Limited, false)
	c.order(l)
}

func TestAnImportChangesThePhoneOfTheQuestionnaireAndNoOther(t *testing.T) {
	apply := func(s State, was, number string) State {
		for _, e := range s.Questionnaire(was, number, 50) {
			s = Apply(s, e)
		}
		return s
	}
	first := Phone{ID: 1, Number: oldNumber}
	own := Phone{ID: 7, Number: thirdOne, By: SMS}
	for _, c := range []struct {
		title       string
		have        []Phone
		was, number string
		want        []string
	}{
		{"another number", []Phone{first}, oldNumber, newNumber, []string{newNumber}},
		{"the first number", nil, "", newNumber, []string{newNumber}},
		{"none any more", []Phone{first, own}, oldNumber, "", []string{thirdOne}},
		{"beside one of the client's own", []Phone{own, first}, oldNumber, newNumber, []string{newNumber, thirdOne}},
		{"one that the client has made his own", []Phone{own, first}, oldNumber, thirdOne, []string{thirdOne}},
		{"the only one", []Phone{first}, oldNumber, "", nil},
		{"none any more, and it was not the primary one", []Phone{own, first}, oldNumber, "", []string{thirdOne}},
		{"after the client has removed it", []Phone{own}, oldNumber, newNumber, []string{newNumber, thirdOne}},
	} {
		if got := numbers(apply(State{Phones: c.have}, c.was, c.number)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v instead of %v", c.title, got, c.want)
		}
	}
}

func TestAMaskedPhoneStaysAsItIs(t *testing.T) {
	same(t, "masked twice", MaskPhone(MaskPhone(oldNumber)), "+7903•••1111")
}

func TestAnOrderSaysByItselfWhatItIsAbout(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.signed(l, added)
	second := c.state.Phones[1].ID
	for _, order := range []struct{ asked, want PhoneChange }{
		{PhoneChange{Action: ReplacePhone, Phone: second, Number: thirdOne}, PhoneChange{Action: ReplacePhone, Phone: second, Number: thirdOne, Old: newNumber}},
		{PhoneChange{Action: RemovePhone, Phone: second}, PhoneChange{Action: RemovePhone, Phone: second, Old: newNumber}},
		{PhoneChange{Action: PrimaryPhone, Phone: second, Old: "+70000000000"}, PhoneChange{Action: PrimaryPhone, Phone: second, Old: newNumber}},
	} {
		d, _ := c.draft(l, order.asked)
		same(t, "the order", d.Content, Content(order.want))
		same(t, "the text names", c.effects[0].(SendText).Phone, MaskPhone(order.want.About()))
	}
}

func TestANumberFromWhichNothingComesBackGetsFewPasscodes(t *testing.T) {
	c := newTrader(t)
	c.policy.PasscodesPerHour, c.policy.PasscodesPerDay = 100, 100
	l := c.opened()
	c.signed(l, PhoneChange{Action: AddPhone, Number: newNumber, Primary: true})
	for range 3 {
		c.request(l)
	}
	c.pass(48 * time.Hour)
	l = c.terminal()
	c.refuses(RequestPasscode{Login: l}, PhoneUnproved)
	c.identify(anna)
	back := c.propose(anna, PhoneChange{Action: PrimaryPhone, Phone: 1})
	c.do(ConfirmDocument{By: boris, ID: back.ID})
	c.open(l)
}

func TestAQuarantineIsNotWashedOffByAFurtherChange(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	day := Quarantine{Until: c.now.Add(24 * time.Hour), By: WebToken}
	c.state = Apply(c.state, PhoneChanged{ID: 1, Phone: MaskPhone(oldNumber), Quarantine: day})
	c.signed(l, PhoneChange{Action: AddPhone, Number: newNumber, Primary: true})
	same(t, "quarantine", c.state.Quarantine, Quarantine{Until: c.now.Add(24 * time.Hour), By: WebToken})
	same(t, "limited", c.open(l).Limited, true)
}
