package wsapi

import (
	"sync"
	"time"

	"vakhta/session"
)

// strangers are login names that nobody has. Their tries are counted by the same rules, by the core itself, so that an
// answer does not tell whether a login name exists. In memory only, and only so many: whoever tries more names than this
// learns nothing about the names that somebody has but that they are still counted.
type strangers struct {
	policy session.Policy
	key    func(loginName string) string

	mu    sync.Mutex
	state map[string]session.State
}

const strangersMost = 4096

// attempt counts a try, or refuses it.
func (s *strangers) attempt(name string, now time.Time) error {
	_, err := s.decide(name, session.AttemptPassword{}, now)
	return err
}

// refuse tells what is left after a try that was counted.
func (s *strangers) refuse(name string, now time.Time) session.PasswordRefused {
	r, err := s.decide(name, session.SettleLogin{}, now)
	if refused, ok := r.(session.PasswordRefused); ok && err == nil {
		return refused
	}
	return session.PasswordRefused{}
}

func (s *strangers) decide(name string, c session.Command, now time.Time) (session.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name = s.key(name)
	state := s.state[name]
	out, err := s.policy.Decide(state, c, session.Moment{Now: session.Instant(now)})
	if err != nil {
		return nil, err
	}
	for _, e := range out.Events {
		state = session.Apply(state, e)
	}
	s.keep(name, state)
	return out.Result, nil
}

func (s *strangers) keep(name string, state session.State) {
	if s.state == nil {
		s.state = map[string]session.State{}
	}
	if _, in := s.state[name]; !in && len(s.state) >= strangersMost {
		for other := range s.state { // any one: the map has no order
			delete(s.state, other)
			break
		}
	}
	s.state[name] = state
}
