package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTheRightPasscodeOpensASession(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	asked := c.do(RequestPasscode{Login: l}).(PasscodeRequested)
	same(t, "the answer", asked, PasscodeRequested{
		Phone: "+7903•••1111", Number: 1, SentAt: c.now, ExpiresAt: c.now.Add(5 * time.Minute), RepeatAt: c.now.Add(30 * time.Second),
		Repeatable: true,
	})
	same(t, "the text", c.effects, []Effect{SendText{
		Login: l, Purpose: OpenSession, To: "+79031111111", Code: c.code, Number: 1, ExpiresAt: asked.ExpiresAt,
	}})
	same(t, "digits", len(c.code), 6)
	sent := the[PasscodeSent](c)
	if strings.Contains(fmt.Sprintf("%+v %#v", sent, sent), c.code) {
		t.Errorf("the event tells the passcode: %+v", sent)
	}
	at(t, "RepeatAt, as told", sent.RepeatAt, asked.RepeatAt)
	checked := c.enter(l, c.code)
	same(t, "OK", checked.OK, true)
	opened := the[SessionOpened](c)
	same(t, "the session", *checked.Login.Session, opened.Session)
	same(t, "the means", opened.Session.Means, SMS)
}

func TestAPasscodeIsGoodOnce(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	code := c.request(l)
	c.enter(l, code)
	c.refuses(EnterPasscode{Login: l, Code: code}, NoPasscode)
}

func TestAPasscodeLivesFiveMinutes(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	code := c.request(l)
	c.pass(5 * time.Minute)
	c.refuses(EnterPasscode{Login: l, Code: code}, NoPasscode)
	code = c.request(l)
	c.pass(5*time.Minute - tick)
	same(t, "OK", c.enter(l, code).OK, true)
}

func TestAPasscodeHasThreeTries(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	code := c.request(l)
	for i, left := range []int{2, 1, 0} {
		same(t, "the answer", c.enter(l, noCode), PasscodeChecked{Left: left})
		same(t, "told", all[AttemptFailed](c)[i], AttemptFailed{Means: SMS, Login: l, Purpose: OpenSession, Left: left})
	}
	c.refuses(EnterPasscode{Login: l, Code: code}, NoPasscode)
	same(t, "pending", len(c.state.Passcodes), 0)
	same(t, "comparisons", c.compared, 3)
	same(t, "blocks", len(all[MeansBlocked](c)), 0)

	code = c.request(l)
	c.enter(l, noCode)
	same(t, "OK at the second try", c.enter(l, code).OK, true)
}

func TestANewPasscodeKillsTheOldOneAndKeepsTheCounters(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	old := c.request(l)
	for range 2 {
		c.enter(l, noCode)
	}
	c.request(l)
	same(t, "pending", len(c.state.Passcodes), 1)
	checked := c.enter(l, old)
	same(t, "the old one", checked.OK, false)
	same(t, "tries left: of this passcode, and before the block", checked.Left, 2)
	same(t, "failures", c.state.SMS.Failures, 3)
	same(t, "tries left", c.enter(l, noCode).Left, 1)
	same(t, "tries left", c.enter(l, noCode).Left, 0)
	same(t, "blocked for", the[MeansBlocked](c).Until.Sub(c.now), 15*time.Minute)
}

func TestAPasscodeIsBoundToItsLogin(t *testing.T) {
	c := newTrader(t)
	desk, phone := c.terminal(), c.terminal()
	code := c.request(desk)
	c.refuses(EnterPasscode{Login: phone, Code: code}, NoPasscode)
	other := c.request(phone)
	same(t, "pending", len(c.state.Passcodes), 2)
	same(t, "the code of the other login", c.enter(phone, code).OK, false)
	same(t, "tries left of the other", c.do(ReadMeans{Login: desk}).(MeansStatus).Pending.TriesLeft, 3)
	same(t, "the code of the other login", c.enter(desk, other).OK, false)
	same(t, "the own one", c.enter(desk, code).OK, true)
	same(t, "the own one", c.enter(phone, other).OK, true)
}

func TestAPasscodeIsBoundToItsClientAndItsPurpose(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	d, signs := c.draft(l, added)
	c.refuses(EnterPasscode{Login: l, Code: signs}, NoPasscode)
	code := c.request(l)
	same(t, "pending: one for each purpose", len(c.state.Passcodes), 2)
	c.state.Client++
	same(t, "as another client", c.enter(l, code).OK, false)
	c.state.Client--
	same(t, "that of the document", c.enter(l, signs).OK, false)
	same(t, "OK", c.enter(l, code).OK, true)
	same(t, "pending: that of the other purpose", c.state.Passcodes[0].Purpose, d.signing())
}

func TestWhatIsNotSixDigitsIsNotCounted(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	c.request(l)
	for _, code := range []string{"", "12345", "1234567", "12345a", "12 456", " 12345", "-12345", "١٢٣", "12345\x00"} {
		c.refuses(EnterPasscode{Login: l, Code: code}, BadPasscode)
	}
	same(t, "comparisons", c.compared, 0)
}

func TestWithoutAPhoneNoPasscodeIsSent(t *testing.T) {
	c := newTrader(t)
	c.state.Phones = nil
	l := c.terminal()
	c.refuses(RequestPasscode{Login: l}, NoPhone)
	same(t, "the phone in the status", c.do(ReadMeans{Login: l}).(MeansStatus).Phone, "")
}

func TestConsecutiveFailuresBlockSMSLongerAndLonger(t *testing.T) {
	c := newTrader(t)
	l, other := c.terminal(), c.terminal()
	blocks := map[int]time.Duration{5: 15 * time.Minute, 10: time.Hour, 15: 24 * time.Hour, 20: 24 * time.Hour, 25: 24 * time.Hour}
	for failure := 1; failure <= 30; failure++ {
		c.forget()
		by := l
		if failure%2 == 0 {
			by = other // another login, another passcode: the same counter
		}
		checked := c.miss(by)
		same(t, "failures", c.state.SMS.Failures, failure)
		if failure%5 != 0 {
			same(t, fmt.Sprintf("blocks at %d", failure), len(all[MeansBlocked](c)), 0)
			continue
		}
		same(t, "tries left", checked.Left, 0)
		same(t, "tries left, as told", the[AttemptFailed](c).Left, 0)
		same(t, "pending", len(c.state.Passcodes), 0)
		if failure == 30 {
			break
		}
		until := c.now.Add(blocks[failure])
		at(t, fmt.Sprintf("the block at %d, as answered", failure), checked.BlockedUntil, until)
		same(t, "the block, as told", the[MeansBlocked](c), MeansBlocked{Means: SMS, Until: until})
		compared := c.compared
		for range 2 {
			for _, id := range []LoginID{l, other} {
				at(t, "Until", c.refuses(RequestPasscode{Login: id}, SMSBlocked).Until, until)
				at(t, "Until", c.refuses(EnterPasscode{Login: id, Code: c.code}, SMSBlocked).Until, until)
			}
			status := c.do(ReadMeans{Login: l}).(MeansStatus)
			at(t, "BlockedUntil in the status", status.BlockedUntil, until)
			same(t, "tries left in the status", status.AttemptsLeft, 0)
			c.pass(until.Sub(c.now) - tick)
		}
		same(t, "comparisons while it is blocked", c.compared, compared)
		c.pass(tick)
		status := c.do(ReadMeans{Login: l}).(MeansStatus)
		at(t, "BlockedUntil in the status", status.BlockedUntil, time.Time{})
		same(t, "tries left in the status", status.AttemptsLeft, 5)
	}
	same(t, "the lock", the[MeansBlocked](c), MeansBlocked{Means: SMS})
	same(t, "Locked in the status", c.do(ReadMeans{Login: l}).(MeansStatus).Locked, true)
	c.pass(1000 * 24 * time.Hour)
	at(t, "Until", c.refuses(RequestPasscode{Login: l}, SMSBlocked).Until, time.Time{})
	c.refuses(EnterPasscode{Login: l, Code: c.code}, SMSBlocked)
}

// locked is a trader whose SMS is locked.
func locked(t *testing.T) (*trader, LoginID) {
	c := newTrader(t)
	l := c.terminal()
	for !c.state.SMS.Locked {
		c.miss(l)
		c.pass(max(0, c.state.SMS.BlockedUntil.Sub(c.now)))
	}
	same(t, "failures", c.state.SMS.Failures, 30)
	c.forget()
	return c, l
}

func TestTheOperatorUnlocksSMS(t *testing.T) {
	c, l := locked(t)
	c.do(Unblock{})
	same(t, "told", c.told, []Event{MeansUnblocked{Means: SMS}})
	c.forget()
	c.do(Unblock{})
	nothing(c)
	for range 5 {
		c.miss(l)
	}
	same(t, "the ladder starts anew", the[MeansBlocked](c).Until.Sub(c.now), 15*time.Minute)
	c.do(Unblock{})
	c.open(l)
}

func TestAnotherMeansEndsTheLockOfSMSButNotItsCounters(t *testing.T) {
	c, l := locked(t)
	c.state = Apply(c.state, SessionOpened{Login: l, Session: Session{ID: 1, Means: WebToken, ExpiresAt: c.now.Add(time.Hour)}})
	same(t, "locked", c.state.SMS.Locked, false)
	c.miss(l)
	same(t, "failures", c.state.SMS.Failures, 1)
	c.state = Apply(c.state, SessionOpened{Login: l, Session: Session{ID: 2, Means: WebToken, ExpiresAt: c.now.Add(time.Hour)}})
	same(t, "failures, when it was not locked", c.state.SMS.Failures, 1)
}

func TestASuccessStartsTheFailuresAnew(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	for range 4 {
		c.miss(l)
	}
	c.open(l)
	same(t, "failures", c.state.SMS.Failures, 0)
	same(t, "tries left in the status", c.do(ReadMeans{Login: l}).(MeansStatus).AttemptsLeft, 5)
	for range 4 {
		c.miss(l)
	}
	same(t, "blocks", len(all[MeansBlocked](c)), 0)
	c.miss(l)
	same(t, "the first step of the ladder", the[MeansBlocked](c).Until.Sub(c.now), 15*time.Minute)
}

func TestPasscodesAreRepeatedAfterThirtySixtyAndAHundredAndTwentySeconds(t *testing.T) {
	c := newTrader(t)
	l, other := c.terminal(), c.terminal()
	for i, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 2 * time.Minute} {
		asked := c.do(RequestPasscode{Login: l}).(PasscodeRequested)
		same(t, "Number", asked.Number, i+1)
		at(t, "RepeatAt", asked.RepeatAt, c.now.Add(wait))
		at(t, "RepeatAt in the status", c.do(ReadMeans{Login: l}).(MeansStatus).RepeatAt, asked.RepeatAt)
		for _, id := range []LoginID{l, other} { // for the client, whatever the login
			at(t, "Until", c.refuses(RequestPasscode{Login: id}, TooEarly).Until, asked.RepeatAt)
		}
		c.pass(wait - tick)
		c.refuses(RequestPasscode{Login: l}, TooEarly)
		c.pass(tick)
		at(t, "RepeatAt in the status", c.do(ReadMeans{Login: l}).(MeansStatus).RepeatAt, time.Time{})
	}
}

func TestFivePasscodesAnHourAndTenADay(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	first := c.now
	ask := func(want bool) {
		t.Helper()
		asked := c.do(RequestPasscode{Login: l}).(PasscodeRequested)
		same(t, "Repeatable", asked.Repeatable, want)
		if want {
			c.pass(asked.RepeatAt.Sub(c.now))
		}
	}
	until := func(want time.Duration) {
		t.Helper()
		at(t, "Until", c.refuses(RequestPasscode{Login: l}, TooManyPasscodes).Until, first.Add(want))
		c.pass(first.Add(want).Sub(c.now) - tick)
		c.refuses(RequestPasscode{Login: l}, TooManyPasscodes)
		c.pass(tick)
	}
	for range 4 {
		ask(true)
	}
	ask(false) // the fifth
	until(time.Hour)
	for range 4 {
		ask(true)
	}
	ask(false) // the tenth
	until(24 * time.Hour)
	ask(true)
	same(t, "passcodes that are remembered", len(c.state.SMS.Sent), 10)
}

func TestASuccessEndsTheWaitingButNotTheLimits(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	for range 5 {
		c.do(RequestPasscode{Login: l})
		c.enter(l, c.code)
		same(t, "Number", all[PasscodeSent](c)[0].Number, 1)
		c.forget()
	}
	c.refuses(RequestPasscode{Login: l}, TooManyPasscodes)
}

func TestAnUnblockedClientMayNotAskForMorePasscodes(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	for range 5 {
		c.request(l)
	}
	c.miss(l)
	c.do(Unblock{})
	c.refuses(RequestPasscode{Login: l}, TooManyPasscodes)
}

func TestAPasscodeThatCouldNotBeSentIsGone(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	code := c.request(l)
	c.do(ReportTextFailed{Login: l, Purpose: OpenSession, Number: 2, Reason: NotDelivered})
	c.do(ReportTextFailed{Login: l, Purpose: "document 5", Number: 1, Reason: NotDelivered})
	c.do(ReportTextFailed{Login: l + 1, Purpose: OpenSession, Number: 1, Reason: NotDelivered})
	same(t, "failures told", len(all[PasscodeFailed](c)), 0)
	for range 2 {
		c.do(ReportTextFailed{Login: l, Purpose: OpenSession, Number: 1, Reason: PhoneLimit})
	}
	same(t, "told", the[PasscodeFailed](c), PasscodeFailed{Login: l, Purpose: OpenSession, Reason: PhoneLimit})
	c.refuses(EnterPasscode{Login: l, Code: code}, NoPasscode)
	c.refuses(RequestPasscode{Login: l}, TooEarly)
}

func TestTheStatusShowsThePendingPasscode(t *testing.T) {
	c := newTrader(t)
	l, other := c.terminal(), c.terminal()
	same(t, "Number before", c.do(ReadMeans{Login: l}).(MeansStatus).Pending.Number, 0)
	c.request(l)
	c.enter(l, noCode)
	status := c.do(ReadMeans{Login: l}).(MeansStatus)
	same(t, "the phone", status.Phone, "+7903•••1111")
	same(t, "tries left before the block", status.AttemptsLeft, 4)
	same(t, "Number", status.Pending.Number, 1)
	same(t, "tries left", status.Pending.TriesLeft, 2)
	same(t, "Number for the other", c.do(ReadMeans{Login: other}).(MeansStatus).Pending.Number, 0)
	c.pass(5 * time.Minute)
	same(t, "Number after", c.do(ReadMeans{Login: l}).(MeansStatus).Pending.Number, 0)
}

func TestAPhoneIsMasked(t *testing.T) {
	for phone, want := range map[string]string{
		"+79031111111": "+7903•••1111", "+49301234567": "+4930•••4567", "+12345678": "+1•••5678", "+1234567": "••••••••", "": "",
	} {
		same(t, phone, MaskPhone(phone), want)
	}
}

func TestPasscodesHaveLeadingZeros(t *testing.T) {
	same(t, "zero", newPasscode([32]byte{}), "000000")
	same(t, "one", newPasscode([32]byte{7: 1}), "000001")
	same(t, "a million and one", newPasscode([32]byte{5: 0x0f, 6: 0x42, 7: 0x41}), "000001")
}

func TestAPolicyOfZerosIsNamedAndStillSafe(t *testing.T) {
	same(t, "the default", DefaultPolicy().Check(), nil)
	if err := (Policy{}).Check(); err == nil || !strings.Contains(err.Error(), "SessionLifetime") {
		t.Errorf("the zero policy: %v", err)
	}
	c := newTrader(t)
	c.policy.PasscodesPerHour, c.policy.PasscodesPerDay, c.policy.SMSBlockEvery, c.policy.PasswordTries = 0, -1, 0, 0
	c.policy.SMSBlocks, c.policy.PasscodeRepeats = nil, nil
	l := c.terminal()
	c.request(l)
	c.refuses(RequestPasscode{Login: l}, TooManyPasscodes)
	same(t, "locked at the first failure", c.miss(l).Locked, true)
	c.settle(SettleLogin{})
	c.refuses(AttemptPassword{}, PasswordBlocked)
}

func TestThePolicyHasTheNumbersOfTheMission(t *testing.T) {
	same(t, "the policy", DefaultPolicy(), Policy{
		SessionLifetime: 5 * time.Hour, SessionCap: 24 * time.Hour, LeaveGrace: 10 * time.Second, LostGrace: 5 * time.Minute,
		Warnings:         []time.Duration{15 * time.Minute, 5 * time.Minute, time.Minute},
		PasscodeLifetime: 5 * time.Minute, PasscodeTries: 3,
		PasscodeRepeats:  []time.Duration{30 * time.Second, 60 * time.Second, 120 * time.Second},
		PasscodesPerHour: 5, PasscodesPerDay: 10, PhonePerDay: 10, SMSBlockEvery: 5,
		SMSBlocks:     []time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour},
		PasswordTries: 5, PasswordBlock: 15 * time.Minute, PasswordMemory: 19 << 10, PasswordPasses: 2,
		DraftLifetime: 15 * time.Minute, ConfirmLifetime: 30 * time.Minute, PhoneQuarantine: 24 * time.Hour, UnprovedPasscodes: 3,
		VoiceTries: 3, CallLifetime: 15 * time.Minute,
		OperatorTries: 5, OperatorBlock: 15 * time.Minute, OperatorDesks: 4, OperatorIdle: 30 * time.Minute, OperatorDay: 12 * time.Hour,
		LiveLogins: 32, LoginIdle: 24 * time.Hour, LoginRemember: 14 * 24 * time.Hour, EventsKept: 90 * 24 * time.Hour,
	})
}

func TestSecretsDoNotPrintThemselves(t *testing.T) {
	secret := digest("passcode", "482913")
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		text := fmt.Sprintf(format, secret)
		if got := fmt.Sprintf(format, "sealed"); text != got && text != "sealed" {
			t.Errorf("%s prints %s", format, text)
		}
	}
	text, err := secret.MarshalText()
	same(t, "as text", len(text), 0)
	same(t, "as text", err, nil)
	var no *Refusal
	same(t, "a refusal is an error", errors.As(error(refuse(BadOrder, "x", "y")), &no), true)
}
