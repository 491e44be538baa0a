package actors

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"vakhta/session"
)

// storm enters a wrong passcode from many goroutines at once.
func (p *person) storm(entries int) (missed, refused int, blocked time.Time) {
	var all sync.WaitGroup
	var mu sync.Mutex
	code := p.wrong()
	for range entries {
		all.Go(func() {
			result, err := p.try(session.EnterPasscode{Login: p.login, Code: code})
			mu.Lock()
			defer mu.Unlock()
			switch checked, ok := result.(session.PasscodeChecked); {
			case ok && checked.OK:
				p.w.Error("a wrong passcode was accepted")
			case ok:
				missed++
				if !checked.BlockedUntil.IsZero() {
					blocked = checked.BlockedUntil
				}
			case errors.As(err, new(*session.Refusal)):
				refused++
			default:
				p.w.Errorf("a passcode was answered with %v", err)
			}
		})
	}
	all.Wait()
	return missed, refused, blocked
}

func (p *person) request() {
	p.w.Helper()
	for {
		_, err := p.try(session.RequestPasscode{Login: p.login})
		refusal := new(session.Refusal)
		if !errors.As(err, &refusal) {
			if err != nil {
				p.w.Fatalf("no passcode: %v", err)
			}
			return
		}
		if refusal.Until.IsZero() {
			p.w.Fatalf("no passcode: %v", refusal)
		}
		time.Sleep(time.Until(refusal.Until))
	}
}

func TestOf200ParallelWrongPasscodesThreeAreComparedAndFiveBlock(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		w.journal.delay(func([]session.Change) { time.Sleep(time.Millisecond) })
		p := n.logIn(1)
		p.request()
		missed, refused, _ := p.storm(200)
		equal(w, "missed", missed, 3)
		equal(w, "refused", refused, 197)
		p.request()
		missed, refused, blocked := p.storm(200)
		equal(w, "missed", missed, 2)
		equal(w, "refused", refused, 198)
		equal(w, "compared with both passcodes", len(w.compared), 2)
		for _, times := range w.compared {
			if times > 3 {
				w.Errorf("a passcode was compared %d times", times)
			}
		}
		_, at := last[session.MeansBlocked](w, w.events(1))
		equal(w, "blocked", blocked, at.Add(15*time.Minute))
		right := p.code()
		p.refuses(session.EnterPasscode{Login: p.login, Code: right}, session.SMSBlocked)
		time.Sleep(15 * time.Minute)
		p.refuses(session.EnterPasscode{Login: p.login, Code: right}, session.NoPasscode)
	})
}

func TestNeitherACrashNorALostAnswerRefillsTheTries(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		p := n.logIn(1)
		p.request()
		wrong := session.EnterPasscode{Login: p.login, Code: p.wrong()}
		w.journal.fail(func(session.Change) fate { return answerLost })
		_, err := p.try(wrong)
		equal(w, "the answer", err, session.ErrUnavailable)
		w.journal.fail(nil)
		n.crash()
		n = w.start()
		defer n.stop()
		p = p.at(n)
		missed, _, _ := p.storm(10)
		equal(w, "missed", missed, 2)
	})
}

func TestTheLadderOfBlocksEndsWithALockThatOnlyTheOperatorOpens(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		w.policy.LoginIdle = 30 * 24 * time.Hour
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		for i, block := range w.policy.SMSBlocks {
			var checked session.PasscodeChecked
			for checked.BlockedUntil.IsZero() {
				p.request()
				for left := 1; left > 0; left = checked.Left {
					checked = p.enter(p.wrong())
				}
			}
			equal(w, "the block", checked.BlockedUntil, time.Now().Add(block).UTC())
			equal(w, "blocks", count[session.MeansBlocked](w.events(1)), i+1)
			if i%2 == 0 { // put away meanwhile
				time.Sleep(block - time.Microsecond)
				p.refuses(session.RequestPasscode{Login: p.login}, session.SMSBlocked)
				time.Sleep(time.Microsecond)
			}
		}
		var checked session.PasscodeChecked
		for !checked.Locked {
			p.request()
			for left := 1; left > 0; left = checked.Left {
				checked = p.enter(p.wrong())
			}
		}
		equal(w, "failures", count[session.AttemptFailed](w.events(1)), 30)
		time.Sleep(12 * time.Hour)
		p.refuses(session.RequestPasscode{Login: p.login}, session.SMSBlocked)
		desk := w.start(visitor) // vakhta clients unblock
		p.at(desk).do(session.Unblock{})
		desk.stop()
		time.Sleep(3 * time.Minute) // with a terminal it is 15 s
		p.request()
		equal(w, "accepted", p.enter(p.code()).OK, true)
	})
}

func TestFiveWrongPasswordsBlockALoginName(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := &person{node: n, client: 1}
		for left := 4; left >= 0; left-- {
			attempt := p.do(session.AttemptPassword{}).(session.PasswordAttempt)
			told := p.do(session.SettleLogin{OK: false, Epoch: attempt.Epoch}).(session.PasswordRefused)
			equal(w, "left", told.Left, left)
		}
		refusal := p.refuses(session.AttemptPassword{}, session.PasswordBlocked)
		equal(w, "until", refusal.Until, time.Now().Add(15*time.Minute).UTC())
		time.Sleep(15 * time.Minute)
		n.logIn(1)
	})
}

func TestWhatIsRefusedIsReportedWithTheCommandAndNothingElseIs(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		var mu sync.Mutex
		var reported []string
		n := w.start(func(c *Config) {
			c.Refused = func(client session.ClientID, c session.Command, refusal *session.Refusal) {
				mu.Lock()
				defer mu.Unlock()
				reported = append(reported, fmt.Sprintf("%d %T %s", client, c, refusal.Reason))
			}
		})
		defer n.stop()
		p := n.logIn(1)
		p.refuses(session.SubmitOrder{Login: p.login, Ticket: session.Ticket{Ticker: "SBER"}}, session.NoSession)
		p.do(session.RequestPasscode{Login: p.login})
		p.do(session.EnterPasscode{Login: p.login, Code: p.wrong()}) // has an event of its own
		p.refuses(session.EnterPasscode{Login: p.login, Code: "x"}, session.BadPasscode)
		mu.Lock()
		defer mu.Unlock()
		want := []string{"1 session.SubmitOrder no_security_session", "1 session.EnterPasscode bad_passcode"}
		if !slices.Equal(reported, want) {
			t.Errorf("reported is %q", reported)
		}
	})
}
