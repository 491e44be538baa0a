package actors

import (
	"errors"
	"time"

	"vakhta/session"
)

// attacks are what somebody tries who has almost all that is needed. Whether it works is nobody's business here: the
// witness knows what may. q is another login of the same client.
var attacks = []func(s *scene, p, q *person, n int){
	func(s *scene, p, _ *person, n int) { // a passcode that is too old
		if id, ok := s.submits(p, n); ok {
			time.Sleep(passcodeLives)
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, n int) { // an order that is too old, with a fresh passcode
		if id, ok := s.submits(p, n); ok {
			time.Sleep(draftLives - time.Minute)
			s.try(p, session.RequestSignature{Login: p.login, ID: id})
			time.Sleep(time.Minute)
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, n int) { // a session that was closed
		if id, ok := s.submits(p, n); ok {
			s.try(p, session.CloseSessions{Login: p.login, All: true})
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, n int) { // a login that has ended
		if id, ok := s.submits(p, n); ok {
			s.try(p, session.CloseSessions{Login: p.login, Others: true})
			s.try(p, session.Logout{Login: p.login})
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, q *person, n int) { // another login, with the right passcode
		if id, ok := s.submits(p, n); ok {
			s.signs(q, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, q *person, n int) { // the passcodes of two orders, each for the other
		first, ok1 := s.submits(p, n)
		second, ok2 := s.submits(q, n+11)
		if ok1 && ok2 {
			s.signs(p, first, s.sentFor(q.login, second))
			s.signs(q, second, s.sentFor(p.login, first))
		}
	},
	func(s *scene, p, _ *person, n int) { // the passcodes of an order and of a session, each for the other
		s.try(p, session.RequestPasscode{Login: p.login})
		if id, ok := s.submits(p, n); ok {
			s.signs(p, id, s.sentFor(p.login, 0))
			s.try(p, session.EnterPasscode{Login: p.login, Code: s.sentFor(p.login, id)})
		}
	},
	func(s *scene, p, q *person, _ int) { // the passcode that opens a session of another login
		s.try(p, session.RequestPasscode{Login: p.login})
		s.try(q, session.RequestPasscode{Login: q.login})
		s.try(p, session.EnterPasscode{Login: p.login, Code: s.sentFor(q.login, 0)})
		s.try(q, session.EnterPasscode{Login: q.login, Code: s.sentFor(p.login, 0)})
	},
	func(s *scene, p, _ *person, n int) { // a passcode that was tried too often
		if id, ok := s.submits(p, n); ok {
			for range passcodeTries {
				s.signs(p, id, s.noCode())
			}
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, n int) { // a passcode that a newer one has replaced
		if id, ok := s.submits(p, n); ok {
			old := s.sentFor(p.login, id)
			s.try(p, session.RequestSignature{Login: p.login, ID: id})
			s.signs(p, id, old)
		}
	},
	func(s *scene, p, _ *person, n int) { // an order that a newer one has replaced, perhaps by an equal one
		first, ok1 := s.submits(p, n)
		second, ok2 := s.submits(p, n+n%2)
		if ok1 && ok2 {
			s.signs(p, first, s.sentFor(p.login, first))
			s.signs(p, second, s.sentFor(p.login, first))
			s.signs(p, first, s.sentFor(p.login, second))
		}
	},
	func(s *scene, p, _ *person, n int) { // an order that was withdrawn
		if id, ok := s.submits(p, n); ok {
			s.try(p, session.CancelDocument{Login: p.login, ID: id})
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, n int) { // a signature that comes again and again, at once
		if id, ok := s.submits(p, n); ok {
			code := s.sentFor(p.login, id)
			for range 3 {
				s.playing.Go(func() { s.signs(p, id, code) })
			}
		}
	},
	func(s *scene, p, q *person, n int) { // a passcode that went to a number which is the primary one no longer
		if id, ok := s.submits(p, n); ok {
			primary := session.PhoneChange{Action: session.AddPhone, Number: s.number(n), Primary: true}
			if taken, ok := s.try(q, session.SubmitDocument{Login: q.login, Content: primary}); ok {
				other := taken.(session.DocumentTaken).Document.ID
				s.signs(q, other, s.sentFor(q.login, other))
			}
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, n int) { // while SMS is blocked
		if id, ok := s.submits(p, n); ok {
			s.fail(p)
			s.try(p, session.RequestSignature{Login: p.login, ID: id})
			s.signs(p, id, s.sentFor(p.login, id))
		}
	},
	func(s *scene, p, _ *person, _ int) { // while SMS is disconnected
		s.try(p, session.ProposeDocument{By: anna, Content: session.Disconnect{Means: session.SMS}, Reason: "stolen"})
		s.openSession(p)
	},
	func(s *scene, p, _ *person, n int) { // by one operator alone
		if id, ok := s.proposes(p, anna, n); ok {
			s.try(p, session.ConfirmDocument{By: anna, ID: id})
		}
	},
	func(s *scene, p, _ *person, n int) { // by a second operator who comes too late
		if id, ok := s.proposes(p, boris, n); ok {
			time.Sleep(proposalLives)
			s.try(p, session.ConfirmDocument{By: anna, ID: id})
		}
	},
	func(s *scene, p, _ *person, n int) { // after the client has hung up
		s.call(p, anna, true)
		time.Sleep(callLives)
		s.confirms(p, anna, boris, n)
	},
	func(s *scene, p, _ *person, n int) { // by an operator who listens to another's call
		s.call(p, anna, true)
		s.confirms(p, boris, anna, n)
	},
	func(s *scene, p, _ *person, n int) { // for a caller who does not know the voice password
		s.call(p, boris, false)
		s.confirms(p, boris, anna, n)
	},
	func(s *scene, p, _ *person, n int) { // for one who goes on guessing it
		for range voiceTries + 1 {
			s.call(p, anna, false)
		}
		s.confirms(p, anna, boris, n)
	},
	func(s *scene, p, _ *person, n int) { // though it was declined
		if id, ok := s.proposes(p, anna, n); ok {
			s.try(p, session.DeclineDocument{By: boris, ID: id})
			s.try(p, session.ConfirmDocument{By: boris, ID: id})
		}
	},
	func(s *scene, p, _ *person, n int) { // an operator's order signed by the client alone
		if id, ok := s.proposes(p, anna, n); ok {
			s.try(p, session.RequestSignature{Login: p.login, ID: id})
			s.signs(p, id, s.anyCode(0))
		}
	},
	func(s *scene, p, _ *person, n int) { // a client's order confirmed by operators alone
		if id, ok := s.submits(p, n); ok {
			s.call(p, anna, true)
			s.try(p, session.ConfirmDocument{By: anna, ID: id})
			s.try(p, session.ConfirmDocument{By: boris, ID: id})
		}
	},
}

// submits tries once more with what was missing.
func (s *scene) submits(p *person, n int) (session.DocumentID, bool) {
	submit := session.SubmitDocument{Login: p.login, Content: s.content(n, false)}
	taken, err := s.books.ask(p, submit)
	if refusal := new(session.Refusal); errors.As(err, &refusal) {
		switch refusal.Reason { //nolint:exhaustive // nothing helps against the others
		case session.SMSBlocked, session.SMSDisconnected:
			s.try(p, session.Unblock{})
		case session.NoSession:
			s.openSession(p)
		default:
			return 0, false
		}
		return s.taken(p, submit)
	}
	if err != nil {
		return 0, false
	}
	return taken.(session.DocumentTaken).Document.ID, true
}

func (s *scene) proposes(p *person, by session.Officer, n int) (session.DocumentID, bool) {
	s.call(p, by, true)
	return s.taken(p, session.ProposeDocument{By: by, Content: s.content(n, true), Reason: "it is needed"})
}

func (s *scene) confirms(p *person, by, second session.Officer, n int) {
	if id, ok := s.taken(p, session.ProposeDocument{By: by, Content: s.content(n, true), Reason: "it is needed"}); ok {
		s.try(p, session.ConfirmDocument{By: second, ID: id})
	}
}

func (s *scene) taken(p *person, c session.Command) (session.DocumentID, bool) {
	taken, ok := s.try(p, c)
	if !ok {
		return 0, false
	}
	return taken.(session.DocumentTaken).Document.ID, true
}

func (s *scene) signs(p *person, id session.DocumentID, code string) {
	s.try(p, session.SignDocument{Login: p.login, ID: id, Code: code})
}
