package session

import "strings"

// PhoneChanged tells that passcodes go to another phone from now on: an import has changed the questionnaire (M9).
type PhoneChanged struct {
	Phone  string // masked; empty: none is left
	Number string // E.164: for the state, never told or written with the event
}

func (PhoneChanged) event() {}

// phoneChanged ends the passcodes that were sent to the old phone; the counters stay.
func (s State) phoneChanged(e PhoneChanged) State {
	s.Phone, s.Passcodes = e.Number, nil
	return s
}

// MaskPhone leaves of a phone what its owner needs to recognise it: +79031111111 becomes +7903•••1111.
func MaskPhone(phone string) string {
	if len(phone) < 9 {
		return strings.Repeat("•", len(phone))
	}
	return phone[:len(phone)-7] + "•••" + phone[len(phone)-4:]
}
