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

	states forgetful[session.State]
}

// forgetful remembers something of names, and only of so many.
type forgetful[S any] struct {
	mu sync.Mutex
	of map[string]S
}

const strangersMost = 4096

// change replaces what is remembered of a name by what do makes of it, unless it refuses.
func (f *forgetful[S]) change(name string, do func(S) (S, error)) (S, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := do(f.of[name])
	if err != nil {
		return now, err
	}
	if f.of == nil {
		f.of = map[string]S{}
	}
	if _, in := f.of[name]; !in && len(f.of) >= strangersMost {
		for other := range f.of { // any one: the map has no order
			delete(f.of, other)
			break
		}
	}
	f.of[name] = now
	return now, nil
}

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

func (s *strangers) decide(name string, c session.Command, now time.Time) (result session.Result, err error) {
	_, err = s.states.change(s.key(name), func(state session.State) (session.State, error) {
		out, err := s.policy.Decide(state, c, session.Moment{Now: session.Instant(now)})
		for _, e := range out.Events {
			state = session.Apply(state, e)
		}
		result = out.Result
		return state, err
	})
	return result, err
}
