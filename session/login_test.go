package session

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

func TestARightPasswordOpensALoginAndNoSession(t *testing.T) {
	c := newTrader(t)
	in := c.settle(SettleLogin{OK: true, Label: "Firefox, Windows", Address: "192.0.2.7"}).(LoggedIn)
	client, login, ok := ParseSID(in.SID)
	same(t, "the SID is well formed", ok, true)
	same(t, "the client in the SID", client, c.state.Client)
	same(t, "the login in the SID", login, in.Login)
	same(t, "a session", in.Session, false)
	same(t, "whose", in.Profile.Code, "100001")
	opened := the[LoginOpened](c)
	same(t, "the label", opened.Login.Label, "Firefox, Windows")
	same(t, "the address", opened.Login.Address, "192.0.2.7")
	at(t, "Opened", opened.Login.Opened, c.now)
	c.refuses(SubmitOrder{Login: in.Login, Ticket: buy(1), Instrument: sber}, NoSession)
}

func TestASIDProvesWhoseItIs(t *testing.T) {
	c := newTrader(t)
	l := c.login()
	who := c.do(Identify{SID: c.sid}).(Identity)
	same(t, "the login", who.Login.ID, l)
	same(t, "the client", who.Profile.Code, "100001")
	forged := newSID(c.state.Client, l, [32]byte{31: 1})
	for _, sid := range []string{"", "SID", forged, newSID(c.state.Client, l+1000, [32]byte{}), strings.ToUpper(c.sid)} {
		c.refuses(Identify{SID: sid}, UnknownLogin)
	}
	c.do(Logout{Login: l})
	c.refuses(Identify{SID: c.sid}, UnknownLogin)
}

func TestFiveWrongPasswordsBlockTheLoginNameForFifteenMinutes(t *testing.T) {
	c := newTrader(t)
	for round := range 3 { // the block has no memory: each five are worth the same
		for i, left := range []int{4, 3, 2, 1} {
			wrong := c.settle(SettleLogin{}).(PasswordRefused)
			same(t, "tries left", wrong.Left, left)
			at(t, "BlockedUntil", wrong.BlockedUntil, time.Time{})
			same(t, "told", all[AttemptFailed](c)[i], AttemptFailed{Means: LoginPassword, Left: left})
		}
		same(t, "blocks", len(all[MeansBlocked](c)), 0)
		wrong := c.settle(SettleLogin{}).(PasswordRefused)
		until := c.now.Add(15 * time.Minute)
		same(t, "tries left", wrong.Left, 0)
		at(t, "BlockedUntil", wrong.BlockedUntil, until)
		same(t, "told", the[MeansBlocked](c), MeansBlocked{Means: LoginPassword, Until: until})
		at(t, "Until", c.refuses(AttemptPassword{}, PasswordBlocked).Until, until)
		c.pass(15*time.Minute - tick)
		c.refuses(AttemptPassword{}, PasswordBlocked)
		c.pass(tick)
		c.forget()
		same(t, "tries", c.state.Password.Tries, 5*(round+1))
	}
	c.login()
	same(t, "Failed, over all blocks", the[LoginOpened](c).Failed, 15)
	same(t, "tries", c.state.Password.Tries, 0)
	c.login()
	same(t, "Failed the next time", all[LoginOpened](c)[1].Failed, 0)
}

func TestTheFifthTryMayBeTheRightOne(t *testing.T) {
	c := newTrader(t)
	for range 4 {
		c.settle(SettleLogin{})
	}
	c.forget()
	c.login()
	same(t, "Failed", the[LoginOpened](c).Failed, 4)
	same(t, "tries left", c.settle(SettleLogin{}).(PasswordRefused).Left, 4)
}

func TestAPasswordIsCountedBeforeItIsCompared(t *testing.T) {
	c := newTrader(t)
	for i := range 5 { // as many at the same time as one likes
		c.do(AttemptPassword{})
		same(t, "tries left", all[PasswordAttempted](c)[i].Left, 4-i)
	}
	c.refuses(AttemptPassword{}, PasswordBlocked)
	for range 5 {
		same(t, "tries left", c.do(SettleLogin{}).(PasswordRefused).Left, 0)
	}
	c.refuses(AttemptPassword{}, PasswordBlocked)
}

func TestAWrongPasswordThatIsSettledAfterARightOneBlocksNothing(t *testing.T) {
	c := newTrader(t)
	c.do(AttemptPassword{})
	c.login()
	same(t, "tries left", c.do(SettleLogin{}).(PasswordRefused).Left, 5)
	same(t, "blocks", len(all[MeansBlocked](c)), 0)
}

func TestWrongPasswordsBlockNeitherSMSNorOrders(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	for range 5 {
		c.settle(SettleLogin{})
	}
	c.order(l)
	c.open(l)
}

func TestTheOperatorUnblocksThePassword(t *testing.T) {
	c := newTrader(t)
	c.do(Unblock{})
	nothing(c)
	for range 5 {
		c.settle(SettleLogin{})
	}
	c.forget()
	c.do(Unblock{})
	same(t, "unblocked", the[MeansUnblocked](c).Means, LoginPassword)
	c.login()
}

func TestAPasswordThatWasChangedWhileItWasComparedSettlesNothing(t *testing.T) {
	for _, ok := range []bool{true, false} {
		c := newTrader(t)
		epoch := c.do(AttemptPassword{}).(PasswordAttempt).Epoch
		c.do(SetPassword{Hash: "new"})
		c.refuses(SettleLogin{OK: ok, Epoch: epoch}, PasswordWasChanged)
		same(t, "tries", c.state.Password.Tries, 0)
		l := c.login()
		c.refuses(SettlePasswordChange{OK: ok, Epoch: epoch, Login: l, Hash: "mine"}, PasswordWasChanged)
		same(t, "effects", len(c.effects), 0)
	}
}

func TestChangingThePasswordGivesTheLoginANewSIDAndKeepsItsSession(t *testing.T) {
	c := newTrader(t)
	own := c.opened()
	before, _ := c.state.Login(own)
	epoch := c.do(AttemptPassword{}).(PasswordAttempt).Epoch
	got := c.do(SettlePasswordChange{OK: true, Epoch: epoch, Login: own, Hash: "$argon2id$new"}).(LoggedIn)
	after, _ := c.state.Login(own)
	same(t, "the login", got.Login, own)
	same(t, "its session is kept", got.Session && after.Session.ID == before.Session.ID, true)
	same(t, "the old SID is good no longer", string(after.SID) != string(before.SID), true)
	same(t, "the new one is", c.do(Identify{SID: got.SID}).(Identity).Login.ID, own)
}

func TestChangingThePasswordEndsTheOtherLogins(t *testing.T) {
	c := newTrader(t)
	own, other, third := c.opened(), c.opened(), c.login()
	epoch := c.do(AttemptPassword{}).(PasswordAttempt).Epoch
	c.forget()
	c.do(SettlePasswordChange{OK: true, Epoch: epoch, Login: own, Hash: "$argon2id$new"})
	same(t, "stored", c.effects, []Effect{StorePassword{Hash: "$argon2id$new"}})
	same(t, "told", c.told, []Event{
		PasswordChanged{},
		the[SessionClosed](c),
		LoginClosed{Login: other, Reason: OnPasswordChanged},
		LoginClosed{Login: third, Reason: OnPasswordChanged},
		the[LoginRenewed](c),
	})
	same(t, "the session of the other", the[SessionClosed](c).Reason, LoginEnded)
	same(t, "logins", len(c.state.Logins), 1)
	same(t, "the password", c.state.Password, Password{Epoch: epoch + 1})
	c.order(own)
}

func TestAWrongOldPasswordCountsLikeAnyOther(t *testing.T) {
	c := newTrader(t)
	l := c.login()
	change := func() PasswordRefused {
		epoch := c.do(AttemptPassword{}).(PasswordAttempt).Epoch
		return c.do(SettlePasswordChange{Epoch: epoch, Login: l, Hash: "new"}).(PasswordRefused)
	}
	for _, left := range []int{4, 3, 2, 1, 0} {
		same(t, "tries left", change().Left, left)
		same(t, "effects", len(c.effects), 0)
	}
	c.refuses(AttemptPassword{}, PasswordBlocked)
	c.refuses(SettlePasswordChange{OK: true, Login: l + 1}, UnknownLogin)
}

func TestTheOperatorsNewPasswordEndsEveryLoginAndTheBlock(t *testing.T) {
	c := newTrader(t)
	c.opened()
	c.login()
	for range 5 {
		c.settle(SettleLogin{})
	}
	c.do(SetPassword{Hash: "$argon2id$new"})
	same(t, "stored", c.effects, []Effect{StorePassword{Hash: "$argon2id$new"}})
	same(t, "logins", len(c.state.Logins), 0)
	c.login()
}

func TestLoggingInWithALiveSIDRotatesItAndKeepsTheSession(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	before, _ := c.state.Login(l)
	old := c.sid
	c.pass(time.Hour)
	c.settle(SettleLogin{})
	c.forget()
	in := c.settle(SettleLogin{OK: true, Present: l, Label: "renamed", Remember: true}).(LoggedIn)
	same(t, "the login", in.Login, l)
	same(t, "its session", in.Session, true)
	same(t, "a new SID", in.SID != old, true)
	c.refuses(Identify{SID: old}, UnknownLogin)
	after := c.do(Identify{SID: in.SID}).(Identity).Login
	same(t, "the session", after.Session, before.Session)
	same(t, "a terminal", after.Attended, true)
	same(t, "the label", after.Label, "renamed")
	same(t, "the lifetime", after.Lifetime, 14*24*time.Hour)
	at(t, "Opened", after.Opened, before.Opened)
	at(t, "Opened, as told", the[LoginRenewed](c).Login.Opened, before.Opened)
	same(t, "tries", c.state.Password.Tries, 0)
	same(t, "logins", len(c.state.Logins), 1)
	c.order(l)
}

func TestAPasscodeOutlivesTheRotationOfItsLogin(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	code := c.request(l)
	c.settle(SettleLogin{OK: true, Present: l})
	same(t, "the passcode", c.enter(l, code).OK, true)
}

func TestLoggingInWithADeadSIDOpensANewLogin(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.do(Logout{Login: l})
	in := c.settle(SettleLogin{OK: true, Present: l}).(LoggedIn)
	same(t, "another login", in.Login != l, true)
	same(t, "a session", in.Session, false)
}

func TestLogoutClosesTheSessionAtOnce(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.request(l)
	c.forget()
	c.do(Logout{Login: l})
	same(t, "the session", the[SessionClosed](c).Reason, LeftTerminal)
	same(t, "the login", the[LoginClosed](c).Reason, LoggedOut)
	same(t, "passcodes", len(c.state.Passcodes), 0)
	c.refuses(Logout{Login: l}, UnknownLogin)
}

func TestTheThirtyThirdLoginReplacesTheLeastSeen(t *testing.T) {
	c := newTrader(t)
	var logins []LoginID
	for range 32 {
		logins = append(logins, c.login())
		c.pass(time.Second)
	}
	c.do(Attend{Login: logins[0]})
	c.pass(time.Hour)
	c.do(Identify{SID: c.sid}) // of the last
	same(t, "logins closed", len(all[LoginClosed](c)), 0)
	for i := range 31 { // the first has a terminal, the last was seen later
		c.forget()
		c.login()
		want := LoginClosed{Login: logins[i+1], Reason: LoginReplaced}
		if i == 30 {
			want = LoginClosed{Login: logins[31], Reason: LoginReplaced}
		}
		same(t, "replaced", the[LoginClosed](c), want)
		same(t, "logins", len(c.state.Logins), 32)
		c.pass(time.Second)
	}
}

func TestWhenEveryLoginHasATerminalTheLeastSeenGoes(t *testing.T) {
	c := newTrader(t)
	c.policy.LiveLogins = 3
	first := c.terminal()
	c.pass(time.Second)
	c.terminal()
	c.pass(time.Second)
	c.terminal()
	c.forget()
	c.login()
	same(t, "replaced", the[LoginClosed](c), LoginClosed{Login: first, Reason: LoginReplaced})
}

// Who has only the password closes nobody's session by logging in again and again.
func TestALoginWithASecuritySessionIsGivenUpLast(t *testing.T) {
	c := newTrader(t)
	c.policy.LiveLogins = 3
	first := c.opened()
	for range 10 {
		c.pass(time.Second)
		c.terminal()
	}
	same(t, "sessions that were closed", len(all[SessionClosed](c)), 0)
	same(t, "its session", c.session(first).Means, SMS)
	c.policy.LiveLogins = 1
	c.forget()
	c.login()
	same(t, "when there is room for one only", the[SessionClosed](c).Reason, LoginEnded)
}

func TestALoginWithoutATerminalGoesBeforeOneWith(t *testing.T) {
	for _, x := range []struct{ name, attended, seenLater, gone string }{
		{"the first", "", "", "a"},
		{"the first was seen later", "", "a", "b"},
		{"the first has a terminal", "a", "", "b"},
		{"the second has a terminal, the first was seen later", "b", "a", "c"},
		{"two have a terminal", "ab", "", "c"},
		{"all have one, the first was seen later", "abc", "a", "b"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := newTrader(t)
			c.policy.LiveLogins = 3
			logins, sids := map[rune]LoginID{}, map[rune]string{}
			for _, name := range "abc" {
				logins[name] = c.login()
				sids[name] = c.sid
				c.pass(time.Second)
			}
			c.pass(time.Hour)
			for _, name := range x.seenLater {
				c.do(Identify{SID: sids[name]})
			}
			for _, name := range x.attended {
				c.do(Attend{Login: logins[name]})
			}
			c.login()
			same(t, "replaced", the[LoginClosed](c).Login, logins[rune(x.gone[0])])
		})
	}
}

func TestFewerLiveLoginsThanThereAreTakesHoldAtTheNextLogin(t *testing.T) {
	for most, left := range map[int]int{2: 2, 1: 1, 0: 1, -1: 1} {
		c := newTrader(t)
		for range 5 {
			c.terminal()
		}
		c.policy.LiveLogins = most
		last := c.login()
		same(t, "logins", len(c.state.Logins), left)
		if _, ok := c.state.Login(last); !ok {
			t.Error("the new login is not among them")
		}
	}
}

func TestALoginEndsAfterADayOrWithRememberMeAfterTwoWeeks(t *testing.T) {
	for _, x := range []struct {
		remember bool
		ends     time.Duration
	}{{false, 24 * time.Hour}, {true, 14 * 24 * time.Hour}} {
		c := newTrader(t)
		c.settle(SettleLogin{OK: true, Remember: x.remember})
		c.forget()
		c.pass(x.ends - tick)
		nothing(c)
		c.pass(tick)
		same(t, "the end", the[LoginClosed](c).Reason, LoginIdle)
	}
}

func TestALoginThatIsUsedDoesNotEnd(t *testing.T) {
	c := newTrader(t)
	l := c.login()
	c.forget()
	c.pass(time.Hour - tick)
	c.do(Identify{SID: c.sid})
	nothing(c)
	c.pass(tick)
	c.do(Identify{SID: c.sid})
	same(t, "seen", the[LoginSeen](c), LoginSeen{Login: l, At: c.now})
	c.pass(24*time.Hour - tick)
	c.do(Identify{SID: c.sid})
	c.pass(24 * time.Hour)
	same(t, "the end", the[LoginClosed](c).Reason, LoginIdle)
}

func TestALoginWithATerminalIsNeverIdle(t *testing.T) {
	c := newTrader(t)
	l := c.terminal()
	c.forget()
	c.pass(100 * 24 * time.Hour)
	c.do(Identify{SID: c.sid})
	nothing(c)
	c.do(Detach{Login: l})
	c.pass(24*time.Hour - tick)
	same(t, "logins closed", len(all[LoginClosed](c)), 0)
	c.pass(tick)
	the[LoginClosed](c)
}

func TestWhatADeviceSaysOfItselfStaysSmall(t *testing.T) {
	c := newTrader(t)
	l := c.settle(SettleLogin{OK: true, Label: strings.Repeat("ё", 1000), Address: strings.Repeat("f", 1000)}).(LoggedIn).Login
	login, _ := c.state.Login(l)
	same(t, "the label", login.Label, strings.Repeat("ё", 32))
	same(t, "the address", login.Address, strings.Repeat("f", 64))
	l = c.settle(SettleLogin{OK: true, Label: "x" + strings.Repeat("ё", 1000)}).(LoggedIn).Login
	login, _ = c.state.Login(l)
	same(t, "the label is cut between letters", login.Label, "x"+strings.Repeat("ё", 31))
}

func TestNobodyWithoutALoginIsServed(t *testing.T) {
	c := newTrader(t)
	gone := c.login()
	c.do(Logout{Login: gone})
	for _, cmd := range []Command{
		Logout{Login: gone},
		Attend{Login: gone},
		ReadMeans{Login: gone},
		RequestPasscode{Login: gone},
		EnterPasscode{Login: gone, Code: noCode},
		SubmitOrder{Login: gone, Ticket: buy(1), Instrument: sber},
		SubmitOrder{Login: gone, Prior: &Order{}},
		CancelOrder{Login: gone},
		CancelOrder{Login: gone, Prior: &Order{Status: StatusCancelling}},
		CloseSessions{Login: gone, All: true},
		SettlePasswordChange{OK: true, Login: gone},
	} {
		c.refuses(cmd, UnknownLogin)
	}
	c.forget()
	c.do(Detach{Login: gone})
	c.do(LeaveTerminal{Login: gone})
	c.do(Recover{Absent: []LoginID{gone}})
	nothing(c)
}

func TestASIDThatNobodyGaveOutIsNotWellFormed(t *testing.T) {
	good := newSID(7, 42, [32]byte{})
	for _, sid := range []string{
		"", good[1:], good + "A", good + "=", good[:42] + "\n", good + "\n", strings.Repeat("!", 43), good[:42] + "B",
		newSID(0, 42, [32]byte{}), newSID(7, 0, [32]byte{}), newSID(1<<53, 42, [32]byte{}), newSID(7, 1<<53, [32]byte{}), newSID(-7, 42, [32]byte{}),
	} {
		if _, _, ok := ParseSID(sid); ok {
			t.Errorf("%q was taken", sid)
		}
	}
	client, login, ok := ParseSID(newSID(1<<53-1, 1<<53-1, [32]byte{}))
	same(t, "the largest", []any{client, login, ok}, []any{ClientID(1<<53 - 1), LoginID(1<<53 - 1), true})
}

// FuzzParseSID: whatever is taken has exactly one spelling, and says the ids that it is made of.
func FuzzParseSID(f *testing.F) {
	f.Add(newSID(7, 42, [32]byte{31: 9}))
	f.Add(newSID(1<<53-1, 1, [32]byte{16: 255}))
	f.Add("")
	f.Add("AAAAAAAAAAcAAAAAAAAAKgAAAAAAAAAAAAAAAAAAAAB")
	f.Fuzz(func(t *testing.T, sid string) {
		client, login, ok := ParseSID(sid)
		if !ok {
			return
		}
		raw, err := base64.RawURLEncoding.DecodeString(sid)
		if err != nil || len(raw) != 32 || base64.RawURLEncoding.EncodeToString(raw) != sid {
			t.Fatalf("%q is not the one spelling of %x, %v", sid, raw, err)
		}
		if client <= 0 || login <= 0 || binary.BigEndian.Uint64(raw) != uint64(client) || binary.BigEndian.Uint64(raw[8:]) != uint64(login) {
			t.Fatalf("%q was read as client %d, login %d", sid, client, login)
		}
		var entropy [32]byte
		copy(entropy[16:], raw[16:])
		if newSID(client, login, entropy) != sid {
			t.Fatalf("%q is not made again", sid)
		}
	})
}
