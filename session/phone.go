package session

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// PhoneID is of a contact phone. Below 2^53.
type PhoneID int64

// Phone is one of a client's contact phones. The first is where passcodes go.
type Phone struct {
	ID       PhoneID
	Number   string    // E.164; masked in an event that was read from the journal
	Since    time.Time // zero: it came with the client (M9)
	By       Means     // what signed its registration; 0: the questionnaire
	Verified bool      // a passcode that was sent to it has come back
	Sent     int       // passcodes until then
}

// Quarantine is the time after a change of the phone that passcodes go to: it is the master key.
type Quarantine struct {
	Until time.Time // the phone registers no WEB-token before
	By    Means     // what signed the change: sessions that a number gets by a WEB-token are for non-trading orders only
}

// PhoneAction says what becomes of a client's contact phones.
type PhoneAction string

// The actions.
const (
	AddPhone     PhoneAction = "add"
	ReplacePhone PhoneAction = "replace"
	PrimaryPhone PhoneAction = "primary" // passcodes go to it from now on
	RemovePhone  PhoneAction = "remove"
)

// PhoneChange is the content of the order «Контактные телефоны».
type PhoneChange struct {
	Action  PhoneAction
	Phone   PhoneID // which: to replace, to make primary, to remove
	Number  string  // E.164: to add, or to replace by
	Primary bool    // the added one becomes primary too
	Old     string  // the number of Phone, as it was when the order was submitted: the order says by itself what it is about
}

// Kind is 210.
func (PhoneChange) Kind() DocumentKind { return KindContactPhones }

func (c PhoneChange) content() []string {
	primary := ""
	if c.Primary {
		primary = "primary"
	}
	return []string{string(c.Action), number(c.Phone), c.Number, primary, c.Old}
}

// ReadPhones asks for the client's contact phones. Result: ContactPhones.
type ReadPhones struct{ Login LoginID }

// ContactPhones are the client's contact phones, the primary one first.
type ContactPhones struct {
	Phones     []Phone
	Quarantine Quarantine
}

// Events of the contact phones.
type (
	PhoneAdded   struct{ Phone Phone }
	PhoneRemoved struct {
		ID    PhoneID
		Phone string // masked
	}

	// PhoneChanged tells that passcodes go to another phone from now on.
	PhoneChanged struct {
		ID         PhoneID
		Phone      string // masked; empty: none is left
		Quarantine Quarantine
	}
)

func (ReadPhones) command()   {}
func (ContactPhones) result() {}
func (PhoneAdded) event()     {}
func (PhoneRemoved) event()   {}
func (PhoneChanged) event()   {}

// Phone is the number that passcodes go to; empty: none.
func (s State) Phone() string {
	if len(s.Phones) == 0 {
		return ""
	}
	return s.Phones[0].Number
}

func (s State) phone(id PhoneID) (Phone, bool) {
	i := slices.IndexFunc(s.Phones, func(p Phone) bool { return p.ID == id })
	if i < 0 {
		return Phone{}, false
	}
	return s.Phones[i], true
}

func (s State) withoutPhone(id PhoneID) []Phone {
	return slices.DeleteFunc(slices.Clone(s.Phones), func(p Phone) bool { return p.ID == id })
}

// phoneAdded puts a phone behind the others: where passcodes go is said by PhoneChanged.
func (s State) phoneAdded(e PhoneAdded) State {
	s.Phones = append(s.withoutPhone(e.Phone.ID), e.Phone)
	return s
}

// phoneRemoved ends the passcodes that were sent to it.
func (s State) phoneRemoved(e PhoneRemoved) State {
	if len(s.Phones) > 0 && s.Phones[0].ID == e.ID {
		s.Passcodes = nil
	}
	s.Phones = s.withoutPhone(e.ID)
	return s
}

// phoneChanged ends the passcodes that were sent to the old phone; the counters stay.
func (s State) phoneChanged(e PhoneChanged) State {
	if first, ok := s.phone(e.ID); ok {
		s.Phones = append([]Phone{first}, s.withoutPhone(e.ID)...)
	}
	s.Passcodes, s.Quarantine = nil, e.Quarantine
	return s
}

// smsProved notes a passcode that came back: the counters start anew, and the phone has proved that it is read.
func (s State) smsProved() State {
	s.SMS = SMSMeans{Sent: s.SMS.Sent}
	if len(s.Phones) > 0 && !s.Phones[0].Verified {
		s.Phones = slices.Clone(s.Phones)
		s.Phones[0].Verified, s.Phones[0].Sent = true, 0
	}
	return s
}

// mostPhones keeps the State small.
const mostPhones = 5

// check wants an order that says what it does and nothing besides: the text that asks for its signature is made of it.
func (c PhoneChange) check() error {
	switch c.Action {
	case AddPhone, ReplacePhone:
	case PrimaryPhone, RemovePhone:
		if c.Number != "" {
			return refuse(BadDocument, "this order names a contact phone by its id", "leave the number out")
		}
	default:
		return refuse(BadDocument, "the action %.16q is none", "send add, replace, primary or remove", c.Action)
	}
	switch {
	case c.Action == AddPhone && c.Phone != 0:
		return refuse(BadDocument, "a phone that is added has no id yet", "leave the id out")
	case c.Action != AddPhone && c.Primary:
		return refuse(BadDocument, "only the order that adds a phone may make it the primary one too", "send another order with the action primary")
	}
	return nil
}

func (s State) checkPhoneChange(c PhoneChange) error {
	if err := c.check(); err != nil {
		return err
	}
	old, known := s.phone(c.Phone)
	named := c.Action != AddPhone
	switch {
	case named && !known:
		return refuse(UnknownPhone, "there is no contact phone %d", "take an id from getContactPhones", c.Phone)
	case c.Action == PrimaryPhone && old.Number == s.Phone():
		return refuse(NothingToDo, "passwords go to this phone already", "nothing is to be done")
	case c.Action == RemovePhone && len(s.Phones) == 1:
		return refuse(LastPhone, "this is the only contact phone: without it no password by SMS could be sent", "add another first, or replace it")
	case c.Action == RemovePhone && old.Number == s.Phone(): // no other becomes the key without being named
		return refuse(PrimaryStays, "passwords go to this phone", "make another phone the primary one first, or replace this one")
	case c.Action == PrimaryPhone || c.Action == RemovePhone:
		return nil
	case !e164(c.Number):
		return refuse(PhoneNeedsCountry, "%.32q is no phone number in the international format", "begin with the country code, for example +79031111111", c.Number)
	case slices.ContainsFunc(s.Phones, func(p Phone) bool { return p.Number == c.Number }):
		return refuse(PhoneKnown, "this number is one of the contact phones already", "choose it among the contact phones")
	case slices.ContainsFunc(s.Phones, func(p Phone) bool { return MaskPhone(p.Number) == MaskPhone(c.Number) }):
		// Who signs or confirms sees masks: he would take the one for the other.
		return refuse(PhoneLooksAlike, "masked, this number looks like one of the contact phones", "remove that one first, or take another number")
	case c.Action == AddPhone && len(s.Phones) >= mostPhones:
		return refuse(TooManyPhones, "there are %d contact phones, and not more than %d may be", "remove or replace one", len(s.Phones), mostPhones)
	}
	return nil
}

// e164 is the last look at a number that the door has brought into this form.
func e164(number string) bool {
	return len(number) >= 8 && len(number) <= 16 && number[0] == '+' && number[1] != '0' && strings.Trim(number[1:], "0123456789") == ""
}

// changePhones is what happens to the contact phones, and who is told: the number that passwords went to until now, and
// the one that is a contact phone no longer.
func (p Policy) changePhones(s State, d Document, c PhoneChange, by Means, m Moment) Outcome {
	old, _ := s.phone(c.Phone)
	fresh := Phone{ID: PhoneID(m.ID), Number: c.Number, Since: m.Now, By: by}
	changed := PhoneChanged{Quarantine: Quarantine{Until: m.Now.Add(p.PhoneQuarantine), By: by}}
	if q := s.Quarantine; q.By == WebToken && q.Until.After(m.Now) { // it is not washed off by changing once more
		changed.Quarantine.By = WebToken
	}
	var events []Event
	add := func(makePrimary bool) {
		events = append(events, PhoneAdded{fresh})
		if makePrimary {
			changed.ID, changed.Phone = fresh.ID, MaskPhone(fresh.Number)
		}
	}
	switch c.Action {
	case AddPhone:
		add(c.Primary || len(s.Phones) == 0)
	case ReplacePhone:
		add(old.Number == s.Phone())
		events = append(events, PhoneRemoved{ID: old.ID, Phone: MaskPhone(old.Number)})
	case PrimaryPhone:
		changed.ID, changed.Phone = old.ID, MaskPhone(old.Number)
	case RemovePhone:
		events = append(events, PhoneRemoved{ID: old.ID, Phone: MaskPhone(old.Number)})
	}
	if changed.ID != 0 {
		events = append(append(events, changed), s.endPending(TokenPhoneChanged, m.Now)...)
	}
	out := Outcome{Events: events}
	told := []string{s.Phone()}
	if gone := c.Action == ReplacePhone || c.Action == RemovePhone; gone && old.Number != s.Phone() {
		told = append(told, old.Number)
	}
	for _, to := range told {
		if to != "" {
			out.Effects = append(out.Effects, SendText{
				To: to, About: c, Phone: MaskPhone(c.About()), Operator: d.Login == 0, ExpiresAt: m.Now.Add(noticeLifetime),
			})
		}
	}
	return out
}

// About is the number that the order is about: the new one, or that of the phone that it names.
func (c PhoneChange) About() string { return cmp.Or(c.Number, c.Old) }

// noticeLifetime is how long it is still worth while to tell.
const noticeLifetime = 24 * time.Hour

func (p Policy) readPhones(s State, c ReadPhones) (Outcome, error) {
	if _, err := s.login(c.Login); err != nil {
		return Outcome{}, err
	}
	return Outcome{Result: ContactPhones{Phones: s.Phones, Quarantine: s.Quarantine}}, nil
}

// Questionnaire is what an import of the client with another phone does: the phone of the last import, was, is one no
// longer, the new one works at once (M9). Empty: none.
func (s State) Questionnaire(was, number string, id PhoneID) []Event {
	var events []Event
	for _, p := range s.Phones {
		if p.Number == was && p.By == 0 && p.Number != number {
			events = append(events, PhoneRemoved{ID: p.ID, Phone: MaskPhone(p.Number)})
		}
	}
	if number == "" {
		return append(events, s.passwordsGoOn(events)...)
	}
	i := slices.IndexFunc(s.Phones, func(p Phone) bool { return p.Number == number })
	if i >= 0 {
		id = s.Phones[i].ID
	} else {
		events = append(events, PhoneAdded{Phone{ID: id, Number: number}})
	}
	return append(events, PhoneChanged{ID: id, Phone: MaskPhone(number), Quarantine: s.Quarantine})
}

// passwordsGoOn tells where passwords go after phones were removed, if that has changed.
func (s State) passwordsGoOn(removed []Event) []Event {
	was := s.Phone()
	s = s.after(removed)
	switch {
	case s.Phone() == was:
		return nil
	case len(s.Phones) == 0:
		return []Event{PhoneChanged{}}
	default:
		return []Event{PhoneChanged{ID: s.Phones[0].ID, Phone: MaskPhone(s.Phone()), Quarantine: s.Quarantine}}
	}
}

// MaskPhone leaves of a phone what its owner needs to recognise it: +79031111111 becomes +7903•••1111. What is masked
// stays as it is: the numbers in events that were read from the journal are.
func MaskPhone(phone string) string {
	switch {
	case strings.Contains(phone, "•"):
		return phone
	case len(phone) < 9:
		return strings.Repeat("•", len(phone))
	}
	return phone[:len(phone)-7] + "•••" + phone[len(phone)-4:]
}
