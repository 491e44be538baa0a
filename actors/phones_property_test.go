package actors

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vakhta/session"
)

// However logins, passcodes, orders, operators, time and crashes come together: the contact phones never change without a
// full valid path, and the number that passwords went to, or that is a contact phone no longer, is told in the same commit.
func TestNoPhoneChangesWithoutAFullValidPathAndTheOldNumberIsTold(t *testing.T) {
	changes, played := map[string]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		played++
		script := rapid.SliceOfN(rapid.Custom(drawMove), 10, 60).Draw(rt, "script")
		complaint := ""
		synctest.Test(t, func(t *testing.T) {
			var made map[string]int
			made, complaint = playPhones(t, script)
			for path, n := range made {
				changes[path] += n
			}
		})
		if complaint != "" {
			rt.Fatal(complaint)
		}
	})
	t.Log("valid changes:", changes)
	for _, what := range []string{"client", "operators", "add", "replace", "primary", "remove"} {
		if changes[what] == 0 && played >= 100 {
			t.Errorf("of %d scripts none has come to a valid change: %s; %v", played, what, changes)
		}
	}
}

// move is one thing that somebody does, without waiting for the others, and the time until the next one.
type move struct {
	Do   string
	Who  int
	N, M int
	Then time.Duration
}

func drawMove(rt *rapid.T) move {
	return move{
		Do: rapid.SampledFrom([]string{
			"attack", "attack", "attack", "attack", "attack", "attack", "attack", "attack",
			"change", "change", "change", "submit", "submit", "again", "sign", "sign", "foreign", "wrong", "withdraw",
			"open", "open", "open", "request", "enter", "enter foreign", "enter wrong", "logout", "close",
			"voice", "mumble", "desk", "desk", "desk", "propose", "propose", "confirm", "confirm", "decline",
			"unblock", "unblock", "refuse", "lose", "lose", "crash", "fail",
		}).Draw(rt, "do"),
		Who: rapid.IntRange(0, 2).Draw(rt, "who"),
		N:   dice.Draw(rt, "n"),
		M:   dice.Draw(rt, "m"),
		Then: rapid.SampledFrom([]time.Duration{
			0, 0, 0, 500 * time.Microsecond, 3 * time.Millisecond, 20 * time.Millisecond, 20 * time.Millisecond, 40 * time.Second,
			4 * time.Minute, 10 * time.Minute, 16 * time.Minute, 2 * time.Hour,
		}).Draw(rt, "then"),
	}
}

// dice is fair, from 0 to 127; rapid's own numbers prefer the small.
var dice = rapid.Custom(func(rt *rapid.T) (n int) {
	for bit := range 7 {
		if rapid.Bool().Draw(rt, "bit") {
			n |= 1 << bit
		}
	}
	return n
})

// scene is where a script of phones is played.
type scene struct {
	*world
	books      *witness
	home, away *node // two servers, which overtake each other
	playing    sync.WaitGroup
	people     [3]*person // under the lock of the witness
}

var officers = []session.Officer{anna, boris, {ID: 33, Name: "Вера"}}

func playPhones(t *testing.T, script []move) (changes map[string]int, complaint string) {
	complaints := &recorder{TB: t}
	s := &scene{world: newWorld(complaints, 1), books: newWitness(complaints)}
	defer func() {
		if r := recover(); r != nil && r != any(complaints) {
			panic(r)
		}
	}()
	s.policy.PasscodeRepeats, s.policy.PasscodesPerHour, s.policy.PasscodesPerDay = nil, 1000, 1000
	s.journal.rows[1].state.Phones, s.journal.watch = slices.Clone(s.books.present), s.books.watch
	s.home, s.away = s.start(withWords), s.start(withWords, visitor)
	for i := range s.people {
		s.people[i] = s.home.logIn(1)
		s.openSession(s.people[i])
	}
	s.journal.delay(func([]session.Change) { time.Sleep(time.Duration(rand.N(4)) * time.Millisecond) })
	for _, x := range script {
		s.act(x)
		time.Sleep(x.Then)
	}
	s.playing.Wait()
	s.journal.delay(nil)
	s.journal.fail(nil)
	s.home.stop()
	s.away.stop()
	return s.books.changes, complaints.first
}

func withWords(c *Config) { c.Compose = worded }

// try asks, and wants no other errors than those that a client may get.
func (s *scene) try(p *person, c session.Command) (session.Result, bool) {
	result, err := s.books.ask(p, c)
	if err != nil && !errors.As(err, new(*session.Refusal)) && !errors.Is(err, session.ErrUnavailable) {
		s.Errorf("%T: %v", c, err)
	}
	return result, err == nil
}

// act has somebody do something, who does not wait for the others.
func (s *scene) act(x move) {
	s.books.mu.Lock()
	p, q := s.people[x.Who], s.people[(x.Who+1)%len(s.people)]
	s.books.mu.Unlock()
	if x.N%8 == 7 {
		p = p.at(s.away)
	}
	switch x.Do {
	case "refuse", "lose":
		how := map[string]fate{"refuse": refused, "lose": answerLost}[x.Do]
		s.journal.fail(func(session.Change) fate {
			s.journal.fate = nil
			return how
		})
	case "crash":
		s.home.crash()
		s.playing.Wait()
		synctest.Wait()
		s.home = s.start(withWords)
		for i, p := range s.people {
			s.people[i] = p.at(s.home)
		}
	case "attack":
		s.playing.Go(func() { attacks[x.M%len(attacks)](s, p, q, x.N) })
	default:
		s.playing.Go(func() { s.one(x, p) })
		if x.Do == "logout" {
			synctest.Wait()
		}
	}
}

func (s *scene) one(x move, p *person) {
	officer := officers[x.N%len(officers)]
	switch x.Do {
	case "change": // all of it, if nobody comes between
		if id, ok := s.submits(p, x.N); ok {
			s.signs(p, id, s.sentFor(p.login, id))
		}
	case "submit":
		s.submits(p, x.N)
	case "again":
		s.try(p, session.RequestSignature{Login: p.login, ID: s.anyPaper(p.login, x.N)})
	case "sign":
		id := s.anyPaper(p.login, 0)
		s.signs(p, id, s.sentFor(p.login, id))
	case "foreign":
		s.signs(p, s.anyPaper(p.login, x.N%2), s.anyCode(x.N))
	case "wrong":
		s.signs(p, s.anyPaper(p.login, 0), s.noCode())
	case "withdraw":
		s.try(p, session.CancelDocument{Login: p.login, ID: s.anyPaper(session.LoginID(-1), x.N)})
	case "open":
		s.openSession(p)
	case "request":
		s.try(p, session.RequestPasscode{Login: p.login})
	case "enter":
		s.try(p, session.EnterPasscode{Login: p.login, Code: s.sentFor(p.login, 0)})
	case "enter foreign":
		s.try(p, session.EnterPasscode{Login: p.login, Code: s.anyCode(x.N)})
	case "enter wrong":
		s.try(p, session.EnterPasscode{Login: p.login, Code: s.noCode()})
	case "logout":
		s.logout(x.Who, p)
	case "close":
		s.try(p, session.CloseSessions{Login: p.login, All: true})
	case "voice":
		s.call(p, officer, true)
	case "mumble":
		s.call(p, officer, false)
	case "desk": // all of it, by two operators or by one
		s.call(p, officer, true)
		s.confirms(p, officer, officers[x.N/3%len(officers)], x.N)
	case "propose":
		s.try(p, session.ProposeDocument{By: officer, Content: s.content(x.N, true), Reason: fmt.Sprint(" ", x.N)})
	case "confirm":
		s.try(p, session.ConfirmDocument{By: officer, ID: s.anyPaper(0, x.N/3%2)})
	case "decline":
		s.try(p, session.DeclineDocument{By: officer, ID: s.anyPaper(0, x.N%2)})
	case "unblock":
		s.try(p, session.Unblock{})
	case "fail":
		s.fail(p)
	}
}

func (s *scene) openSession(p *person) {
	if _, ok := s.try(p, session.RequestPasscode{Login: p.login}); ok {
		s.try(p, session.EnterPasscode{Login: p.login, Code: s.sentFor(p.login, 0)})
	}
}

// call has an operator compare the voice password, as the desk does.
func (s *scene) call(p *person, by session.Officer, right bool) {
	if _, ok := s.try(p, session.AttemptVoice{By: by}); ok {
		s.try(p, session.SettleVoice{By: by, OK: right})
	}
}

// fail enters wrong passcodes until none is taken.
func (s *scene) fail(p *person) {
	for range blockEvery {
		if _, ok := s.try(p, session.EnterPasscode{Login: p.login, Code: s.noCode()}); !ok {
			s.try(p, session.RequestPasscode{Login: p.login})
		}
	}
}

// logout is out and in again, unless the journal is in the way.
func (s *scene) logout(who int, p *person) {
	s.try(p, session.Logout{Login: p.login})
	if _, ok := s.try(p, session.AttemptPassword{}); !ok {
		return
	}
	if in, ok := s.try(p, session.SettleLogin{OK: true}); ok {
		s.books.mu.Lock()
		s.people[who] = &person{node: s.home, client: 1, login: in.(session.LoggedIn).Login}
		s.books.mu.Unlock()
	}
}

func (s *scene) number(n int) string { return fmt.Sprintf("+7903222223%d", n%9) }

// content is one of all the orders that there are.
func (s *scene) content(n int, operator bool) session.Content {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	number := s.number(n)
	all := s.books.present
	phone, second := all[n/10%len(all)].ID, all[len(all)-1].ID
	switch n % 10 {
	case 0, 1:
		return session.PhoneChange{Action: session.AddPhone, Number: number}
	case 2:
		return session.PhoneChange{Action: session.AddPhone, Number: number, Primary: true}
	case 3, 4:
		return session.PhoneChange{Action: session.ReplacePhone, Phone: phone, Number: number}
	case 5, 6:
		return session.PhoneChange{Action: session.PrimaryPhone, Phone: second}
	case 7, 8:
		return session.PhoneChange{Action: session.RemovePhone, Phone: phone}
	}
	if operator && n > 20 {
		return session.Restore{Means: []session.Means{session.SMS, session.LoginPassword, session.VoicePassword}[n%3]}
	}
	return session.Disconnect{Means: session.SMS}
}

// anyPaper is the newest order of the login but n, 0: of operators, below zero: of anybody.
func (s *scene) anyPaper(login session.LoginID, n int) session.DocumentID {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	of := slices.DeleteFunc(slices.Clone(s.books.order), func(id session.DocumentID) bool {
		return login >= 0 && s.books.papers[id].login != login
	})
	if len(of) == 0 {
		return 0
	}
	return of[len(of)-1-n%len(of)]
}

// sentFor is the last passcode that the login got for an order, or to open a session.
func (s *scene) sentFor(login session.LoginID, id session.DocumentID) string {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	for _, c := range slices.Backward(s.books.codes) {
		if c.login == login && c.paper == id {
			return c.digits
		}
	}
	return "123456"
}

// anyCode is one of the last that anybody got for anything.
func (s *scene) anyCode(n int) string {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	if len(s.books.codes) == 0 {
		return "123456"
	}
	return s.books.codes[len(s.books.codes)-1-n%min(6, len(s.books.codes))].digits
}

// noCode is one that nobody ever got.
func (s *scene) noCode() string {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	sent := map[string]bool{}
	for _, c := range s.books.codes {
		sent[c.digits] = true
	}
	for n := 0; ; n++ {
		if digits := fmt.Sprintf("%06d", n); !sent[digits] {
			return digits
		}
	}
}
