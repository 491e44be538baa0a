package session

import (
	"slices"
	"time"
)

// Voice counts the tries of the voice password, which the client says to an operator (M11). Each is counted before it is
// compared; when none is left, two operators must restore it.
type Voice struct {
	Tries int // since the last success; the one that is being compared is included
	Calls []Call
}

// Call is the time in which an operator has somebody on the phone who has proved to be the client.
type Call struct {
	Operator OperatorID
	Until    time.Time
}

// As every slow secret the voice password is compared outside: see AttemptPassword.
type (
	// AttemptVoice asks for leave to compare the client's voice password once. Result: Done.
	AttemptVoice struct{ By Officer }

	// SettleVoice tells what the comparison said. Result: VoiceChecked.
	SettleVoice struct {
		By Officer
		OK bool
	}
)

// VoiceChecked answers a check of the voice password.
type VoiceChecked struct {
	OK    bool
	Until time.Time // the operator may act for the client until then
	Left  int       // tries left
}

// Events of the voice password.
type (
	VoiceAttempted struct {
		By    Officer
		Tries int
		Left  int
	}
	VoiceVerified struct {
		By    Officer
		Until time.Time
	}
)

func (AttemptVoice) command() {}
func (SettleVoice) command()  {}
func (VoiceChecked) result()  {}
func (VoiceAttempted) event() {}
func (VoiceVerified) event()  {}

func (p Policy) voiceLeft(s State) int { return max(0, max(1, p.VoiceTries)-s.Voice.Tries) }

func (p Policy) attemptVoice(s State, c AttemptVoice) (Outcome, error) {
	left := p.voiceLeft(s)
	if left == 0 {
		return Outcome{}, refuse(VoiceBlocked, "the voice password was wrong too often",
			"have the client show his papers in the office; then one operator restores the voice password and a second confirms")
	}
	return Outcome{Events: []Event{VoiceAttempted{By: c.By, Tries: s.Voice.Tries + 1, Left: left - 1}}, Result: Done{}}, nil
}

func (p Policy) settleVoice(s State, c SettleVoice, m Moment) (Outcome, error) {
	if c.OK {
		until := m.Now.Add(p.CallLifetime)
		return Outcome{
			Events: []Event{VoiceVerified{By: c.By, Until: until}},
			Result: VoiceChecked{OK: true, Until: until, Left: max(1, p.VoiceTries)},
		}, nil
	}
	left := p.voiceLeft(s)
	out := Outcome{Events: []Event{AttemptFailed{Means: VoicePassword, Left: left}}, Result: VoiceChecked{Left: left}}
	if left == 0 {
		out.Events = append(out.Events, MeansBlocked{Means: VoicePassword})
	}
	return out, nil
}

// voiceVerified keeps the call of each operator, and forgets those that are over.
func (s State) voiceVerified(e VoiceVerified) State {
	s.Voice.Tries = 0
	s.Voice.Calls = slices.DeleteFunc(slices.Clone(s.Voice.Calls), func(c Call) bool { return c.Operator == e.By.ID })
	s.Voice.Calls = append(s.Voice.Calls, Call{Operator: e.By.ID, Until: e.Until})
	if n := len(s.Voice.Calls) - mostCalls; n > 0 {
		s.Voice.Calls = s.Voice.Calls[n:]
	}
	return s
}

// mostCalls keeps the State small: nobody speaks with more operators at once.
const mostCalls = 4

// verifiedUntil is zero when the operator does not have the client on the phone.
func (s State) verifiedUntil(by Officer, now time.Time) time.Time {
	for _, c := range s.Voice.Calls {
		if c.Operator == by.ID && c.Until.After(now) {
			return c.Until
		}
	}
	return time.Time{}
}

func (s State) identified(by Officer, now time.Time) error {
	if s.verifiedUntil(by, now).IsZero() {
		return refuse(NotIdentified, "it is not known that this is the client", "ask for his full name, client code and voice password first")
	}
	return nil
}
