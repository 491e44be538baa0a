package session

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// counter is a desk at which operators try to log in.
type counter struct {
	t      *testing.T
	policy Policy
	o      Operator
	now    time.Time
	number byte
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	return &counter{t: t, policy: DefaultPolicy(), o: Operator{ID: 7, Login: "anna", Name: "Анна"}, now: monday}
}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func (c *counter) moment() Moment {
	c.number++
	return Moment{
		Now: c.now, Entropy: [32]byte{31: c.number},
		Digest:  func(purpose, secret string) Sealed { return Sealed(purpose + "|" + secret) },
		Matches: func(purpose, secret string, d Sealed) bool { return string(d) == purpose+"|"+secret },
	}
}

// step is the authenticator's at this moment.
func (c *counter) step() int64 { return c.now.Unix() / 30 }

// try counts a try and settles it. Empty: it was wrong.
func (c *counter) try(ok bool, step int64) (sid string, err error) {
	c.t.Helper()
	if c.o, err = c.policy.AttemptOperator(c.o, c.now); err != nil {
		return "", err
	}
	c.o, sid = c.policy.OpenDesk(c.o, OperatorProof{OK: ok, Step: step, Epoch: c.o.Epoch, Address: "192.0.2.1"}, c.moment())
	return sid, nil
}

func (c *counter) login() string {
	c.t.Helper()
	c.now = c.now.Add(30 * time.Second)
	sid, err := c.try(true, c.step())
	if sid == "" || err != nil {
		c.t.Fatalf("no login: %v", err)
	}
	return sid
}

func (c *counter) see(sid string) error {
	var err error
	c.o, _, err = c.policy.SeeDesk(c.o, sid, c.moment())
	return err
}

func TestFiveWrongTriesInARowBlockAnOperatorForAQuarterOfAnHour(t *testing.T) {
	c := newCounter(t)
	for left := 4; left >= 0; left-- {
		if sid, err := c.try(false, c.step()); sid != "" || err != nil {
			t.Fatalf("%q %v", sid, err)
		}
		if r := c.policy.RefuseOperator(c.o); r.Left != left || (r.BlockedUntil.IsZero() != (left > 0)) {
			t.Errorf("%d left: %+v", left, r)
		}
	}
	_, err := c.try(true, c.step())
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Reason != DeskBlocked || refusal.Until != c.now.Add(15*time.Minute) {
		t.Errorf("the right one during the block: %v", err)
	}
	c.now = c.now.Add(15 * time.Minute)
	if sid, err := c.try(false, 0); sid != "" || err != nil || c.policy.RefuseOperator(c.o).Left != 4 {
		t.Errorf("after the block: %+v", c.o)
	}
	c.login()
	if c.o.Tries != 0 || !c.o.BlockedUntil.IsZero() {
		t.Errorf("a success clears the counter: %+v", c.o)
	}
}

func TestACodeOfTheAuthenticatorIsGoodOnce(t *testing.T) {
	c := newCounter(t)
	c.login()
	for _, step := range []int64{c.step(), c.step() - 1} {
		if sid, _ := c.try(true, step); sid != "" {
			t.Errorf("the step %d is accepted again", step)
		}
	}
	if sid, _ := c.try(true, c.step()+1); sid == "" {
		t.Error("the next step is refused")
	}
	if sid, _ := c.try(true, c.step()); sid != "" {
		t.Error("the step before it is accepted afterwards")
	}
}

func TestATryThatWasCountedUnderAnotherPasswordDoesNotSucceed(t *testing.T) {
	c := newCounter(t)
	c.o, _ = c.policy.AttemptOperator(c.o, c.now)
	epoch := c.o.Epoch
	c.o = c.o.Renew()
	if _, sid := c.policy.OpenDesk(c.o, OperatorProof{OK: true, Step: c.step(), Epoch: epoch}, c.moment()); sid != "" {
		t.Error("the old password opens a desk")
	}
}

func TestAnOperatorsLoginEndsWhenItIsIdleAndAtTheEndOfTheDay(t *testing.T) {
	c := newCounter(t)
	sid := c.login()
	opened := c.now
	for c.now.Sub(opened) < 12*time.Hour-29*time.Minute {
		c.now = c.now.Add(28 * time.Minute)
		if err := c.see(sid); err != nil {
			t.Fatalf("after %v: %v", c.now.Sub(opened), err)
		}
	}
	c.now = opened.Add(12 * time.Hour)
	if err := c.see(sid); err == nil {
		t.Error("it goes on after twelve hours")
	}
	sid = c.login()
	c.now = c.now.Add(30*time.Minute - time.Second)
	if err := c.see(sid); err != nil {
		t.Errorf("just before it is idle: %v", err)
	}
	c.now = c.now.Add(30 * time.Minute)
	if err := c.see(sid); err == nil {
		t.Error("it goes on while it is idle")
	}
}

func TestAFifthLoginOfAnOperatorEndsTheLeastRecentlySeen(t *testing.T) {
	c := newCounter(t)
	sids := []string{c.login(), c.login(), c.login(), c.login()}
	c.now = c.now.Add(5 * time.Minute)
	for _, i := range []int{0, 2, 3} {
		if err := c.see(sids[i]); err != nil {
			t.Fatal(err)
		}
	}
	sids = append(sids, c.login())
	for i, sid := range sids {
		if err := c.see(sid); (err != nil) != (i == 1) {
			t.Errorf("login %d: %v", i+1, err)
		}
	}
	if len(c.o.Desks) != 4 {
		t.Errorf("%d are live", len(c.o.Desks))
	}
}

func TestWhatEndsAnOperatorsLogins(t *testing.T) {
	for name, end := range map[string]func(Operator, int64) Operator{
		"logging out": Operator.CloseDesk, "disabling": func(o Operator, _ int64) Operator { return o.Disable() },
		"a new password": func(o Operator, _ int64) Operator { return o.Renew() },
	} {
		c := newCounter(t)
		sid := c.login()
		before := c.o
		c.o = end(c.o, before.LastDesk)
		if err := c.see(sid); err == nil {
			t.Errorf("%s does not end it", name)
		}
		if len(before.Desks) != 1 {
			t.Errorf("%s changes an older value", name)
		}
	}
	c := newCounter(t)
	c.o = c.o.Disable()
	if sid, err := c.try(true, c.step()); sid != "" || err != nil || c.o.Tries != 1 {
		t.Errorf("who is disabled logs in, or is told that he is: %q %v", sid, err)
	}
	if c.o = c.o.Enable(); c.login() == "" {
		t.Error("who is enabled again stays out")
	}
}

func TestASIDOfTheDeskIsNeitherGuessedNorTakenFromElsewhere(t *testing.T) {
	c := newCounter(t)
	sid := c.login()
	if o, desk, ok := ParseDeskSID(sid); !ok || o != 7 || desk != 1 || len(sid) != 43 {
		t.Errorf("%q: %d %d %v", sid, o, desk, ok)
	}
	for _, bad := range []string{"", "x", sid[:42], sid + "A", newDeskSID(7, 1, [32]byte{30: 1}), newDeskSID(7, 2, [32]byte{31: 1})} {
		if err := c.see(bad); err == nil {
			t.Errorf("%q opens the desk", bad)
		}
	}
	if m := c.moment(); m.Matches("sid", sid, c.o.Desks[0].SID) {
		t.Error("the SID of a desk is one of a client")
	}
}

// However tries, successes and time follow one another: within a block nothing is compared, and never more than five
// failures stand between two blocks.
func TestNoOrderOfTriesGivesMoreThanFiveFailuresBeforeABlock(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newCounter(t)
		failures, used := 0, map[int64]bool{}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			c.now = c.now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(rt, "seconds")) * time.Second)
			ok, step := rapid.Bool().Draw(rt, "right"), c.step()+int64(rapid.IntRange(-1, 1).Draw(rt, "skew"))
			blocked := c.o.BlockedUntil.After(c.now)
			sid, err := c.try(ok, step)
			switch {
			case blocked != (err != nil):
				rt.Fatalf("blocked %v, and %v", blocked, err)
			case err != nil:
			case sid != "":
				if used[step] || !ok {
					rt.Fatalf("the step %d is accepted twice, or a wrong password is", step)
				}
				used[step], failures = true, 0
			default:
				if failures++; failures%5 == 0 != c.o.BlockedUntil.After(c.now) {
					rt.Fatalf("after %d failures: %+v", failures, c.o)
				}
			}
			if len(c.o.Desks) > 4 {
				rt.Fatalf("%d desks", len(c.o.Desks))
			}
		}
	})
}
