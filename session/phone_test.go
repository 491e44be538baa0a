package session

import "testing"

func TestAChangedPhoneEndsThePasscodesOfTheOldOneAndKeepsTheCounters(t *testing.T) {
	s := State{
		Phone: "+79031111111", SMS: SMSMeans{Failures: 4, Row: 2},
		Passcodes: []Passcode{{Login: 1, Purpose: OpenSession, TriesLeft: 3}},
	}
	s = Apply(s, PhoneChanged{Phone: MaskPhone("+79032222222"), Number: "+79032222222"})
	if s.Phone != "+79032222222" || len(s.Passcodes) != 0 || s.SMS.Failures != 4 || s.SMS.Row != 2 {
		t.Errorf("after a changed phone: %+v", s)
	}
}
