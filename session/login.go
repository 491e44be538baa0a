package session

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// Login is one authorization session of a client: one SID on one device (M1). It is not yet the right to submit orders.
type Login struct {
	ID       LoginID
	Label    string // what the device calls itself
	Address  string // of the device, as the gateway saw it
	SID      Sealed
	Opened   time.Time
	LastSeen time.Time
	Lifetime time.Duration // the login ends when it was not seen for so long
	Attended bool          // a terminal is connected
	LeaveBy  time.Time     // the session ends then, unless a terminal comes back; zero: nothing is ending
	Session  *Session      // open, or nil
}

// Password counts the tries of the client's password. Each is counted before it is compared.
type Password struct {
	Epoch        int // grows with each change of the password
	Tries        int // since the last success, over all blocks; the one that is being compared is included
	BlockedUntil time.Time
}

// LoginEnd says why a login ended.
type LoginEnd string

// The reasons why a login ends.
const (
	LoggedOut         LoginEnd = "logout"
	LoginIdle         LoginEnd = "idle"
	LoginReplaced     LoginEnd = "replaced" // by a newer one: there are too many
	OnPasswordChanged LoginEnd = "password_changed"
)

// Slow secrets are compared outside: AttemptPassword counts and is committed, the door compares, Settle… tells how it
// came out.
type (
	// AttemptPassword asks for leave to compare the client's password once. Result: PasswordAttempt.
	AttemptPassword struct{}

	// SettleLogin tells what the comparison said. Result: LoggedIn or PasswordRefused.
	SettleLogin struct {
		OK       bool
		Epoch    int     // from the PasswordAttempt
		Present  LoginID // the live login that was presented with the password: it gets a new SID and keeps its session
		Label    string
		Address  string
		Remember bool
	}

	// SettlePasswordChange tells what the comparison with the old password said. Whoever shared the login by a stolen SID
	// is out: it gets a new one. Result: LoggedIn or PasswordRefused.
	SettlePasswordChange struct {
		OK    bool
		Epoch int
		Login LoginID
		Hash  string // PHC string of the new password
	}

	// SetPassword is the operator's: it needs no old password and ends all logins. Result: Done.
	SetPassword struct{ Hash string }

	// Identify checks a SID. Result: Identity.
	Identify struct{ SID string }

	// Logout leaves the terminal: the session is closed, the SID ends (M6). Result: Done.
	Logout struct{ Login LoginID }
)

// PasswordAttempt allows one comparison.
type PasswordAttempt struct{ Epoch int }

// PasswordRefused tells that the password was wrong.
type PasswordRefused struct {
	Left         int       // tries left
	BlockedUntil time.Time // set when none is left
}

// LoggedIn is the answer to a right password. The SID is shown this one time.
type LoggedIn struct {
	Profile Profile
	Login   LoginID
	SID     string
	Session bool // the login that was renewed has an open security session
}

// Identity tells whose a SID is.
type Identity struct {
	Profile Profile
	Login   Login
}

// Events of a login.
type (
	PasswordAttempted struct {
		Tries        int
		Left         int
		BlockedUntil time.Time // set with the last try
	}
	PasswordChanged struct{}
	LoginOpened     struct {
		Login  Login
		Failed int // wrong passwords since the last right one
	}
	LoginRenewed struct{ Login Login }
	LoginSeen    struct {
		Login LoginID
		At    time.Time
	}
	LoginClosed struct {
		Login  LoginID
		Reason LoginEnd
	}
)

// StorePassword replaces the client's password hash.
type StorePassword struct{ Hash string }

func (AttemptPassword) command()      {}
func (SettleLogin) command()          {}
func (SettlePasswordChange) command() {}
func (SetPassword) command()          {}
func (Identify) command()             {}
func (Logout) command()               {}
func (PasswordAttempt) result()       {}
func (PasswordRefused) result()       {}
func (LoggedIn) result()              {}
func (Identity) result()              {}
func (PasswordAttempted) event()      {}
func (PasswordChanged) event()        {}
func (LoginOpened) event()            {}
func (LoginRenewed) event()           {}
func (LoginSeen) event()              {}
func (LoginClosed) event()            {}
func (StorePassword) effect()         {}

// A SID is 32 bytes in unpadded base64url: client id, login id, 16 random bytes. The ids find the client's actor without
// a table; only the digest of the whole proves anything.
func newSID(client ClientID, login LoginID, entropy [32]byte) string {
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, 32), uint64(client))
	raw = binary.BigEndian.AppendUint64(raw, uint64(login))
	return base64.RawURLEncoding.EncodeToString(append(raw, entropy[16:]...))
}

const sidLength = 43

// ParseSID tells whom a SID claims to belong to. It proves nothing: Identify does.
func ParseSID(sid string) (ClientID, LoginID, bool) {
	if len(sid) != sidLength { // the decoder would skip line ends
		return 0, 0, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sid)
	if err != nil || len(raw) != 32 {
		return 0, 0, false
	}
	client, login := binary.BigEndian.Uint64(raw), binary.BigEndian.Uint64(raw[8:])
	const limit = 1 << 53
	if client == 0 || client >= limit || login == 0 || login >= limit {
		return 0, 0, false
	}
	return ClientID(client), LoginID(login), true
}

func (p Policy) attemptPassword(s State, m Moment) (Outcome, error) {
	if s.Password.BlockedUntil.After(m.Now) {
		return Outcome{}, refuse(PasswordBlocked, "too many wrong passwords: this login name is blocked for a while",
			"wait until it is unblocked, or call the broker").until(s.Password.BlockedUntil)
	}
	tried := PasswordAttempted{Tries: s.Password.Tries + 1, Left: untilBlock(s.Password.Tries, p.PasswordTries) - 1}
	if tried.Left == 0 {
		tried.BlockedUntil = m.Now.Add(p.PasswordBlock)
	}
	return Outcome{Events: []Event{tried}, Result: PasswordAttempt{Epoch: s.Password.Epoch}}, nil
}

// untilBlock is how many failures lead to the next block, when each so many of them block.
func untilBlock(failures, every int) int {
	every = max(1, every)
	return every - failures%every
}

// passwordRefused tells of a wrong password, which was counted when it was attempted.
func (p Policy) passwordRefused(s State) Outcome {
	left := untilBlock(s.Password.Tries, p.PasswordTries)
	blocked := !s.Password.BlockedUntil.IsZero()
	if blocked {
		left = 0
	}
	out := Outcome{
		Events: []Event{AttemptFailed{Means: LoginPassword, Left: left}},
		Result: PasswordRefused{Left: left, BlockedUntil: s.Password.BlockedUntil},
	}
	if blocked {
		out.Events = append(out.Events, MeansBlocked{Means: LoginPassword, Until: s.Password.BlockedUntil})
	}
	return out
}

var errPasswordChanged = refuse(PasswordWasChanged, "the password was changed at this very moment", "log in with the new password")

func (p Policy) settleLogin(s State, c SettleLogin, m Moment) (Outcome, error) {
	switch {
	case c.Epoch != s.Password.Epoch:
		return Outcome{}, errPasswordChanged
	case !c.OK:
		return p.passwordRefused(s), nil
	}
	login := Login{
		ID: LoginID(m.ID), Label: clip(c.Label), Address: clip(c.Address),
		Opened: m.Now, LastSeen: m.Now, Lifetime: p.LoginIdle,
	}
	if c.Remember {
		login.Lifetime = p.LoginRemember
	}
	old, renews := s.Login(c.Present)
	if renews {
		login.ID, login.Opened = old.ID, old.Opened
	}
	result := s.giveSID(&login, m)
	if renews {
		result.Session = old.Session != nil
		return Outcome{Events: []Event{LoginRenewed{login}}, Result: result}, nil
	}
	var events []Event
	for live := slices.Clone(s.Logins); len(live) >= max(1, p.LiveLogins); {
		i := leastSeen(live)
		events = append(events, closeLogin(live[i], LoginReplaced)...)
		live = slices.Delete(live, i, i+1)
	}
	events = append(events, LoginOpened{Login: login, Failed: max(0, s.Password.Tries-1)})
	return Outcome{Events: events, Result: result}, nil
}

// leastSeen is the login to give up when there are too many: one without a security session before one with, for a password alone
// opens none; one without a terminal before one with; then the one that was seen the longest time ago.
func leastSeen(all []Login) (least int) {
	worth := func(l Login) (n int) {
		if l.Session != nil {
			n += 2
		}
		if l.Attended {
			n++
		}
		return n
	}
	for i, l := range all {
		if c := cmp.Compare(worth(l), worth(all[least])); c < 0 || c == 0 && l.LastSeen.Before(all[least].LastSeen) {
			least = i
		}
	}
	return least
}

// clip shortens what a device says of itself: it stands in the State, which stays small.
func clip(text string) string { return strings.ToValidUTF8(text[:min(len(text), 64)], "") }

func closeLogin(l Login, why LoginEnd) []Event {
	var events []Event
	if l.Session != nil {
		reason := LoginEnded
		if why == LoggedOut {
			reason = LeftTerminal
		}
		events = append(events, SessionClosed{Login: l.ID, Session: l.Session.ID, Reason: reason})
	}
	return append(events, LoginClosed{Login: l.ID, Reason: why})
}

func (p Policy) settlePasswordChange(s State, c SettlePasswordChange, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case c.Epoch != s.Password.Epoch:
		return Outcome{}, errPasswordChanged
	case !c.OK:
		return p.passwordRefused(s), nil
	}
	renewed := Login{ID: own.ID, Label: own.Label, Address: own.Address, Opened: own.Opened, LastSeen: m.Now, Lifetime: own.Lifetime}
	result := s.giveSID(&renewed, m)
	result.Session = own.Session != nil
	out := changePassword(s, c.Hash, own.ID)
	out.Events, out.Result = append(out.Events, LoginRenewed{renewed}), result
	return out, nil
}

// giveSID gives a login a SID; the one that it had is good no longer.
func (s State) giveSID(l *Login, m Moment) LoggedIn {
	sid := newSID(s.Client, l.ID, m.Entropy)
	l.SID = m.Digest("sid", sid)
	return LoggedIn{Profile: *s.Profile, Login: l.ID, SID: sid}
}

// changePassword ends every login but the one that asked.
func changePassword(s State, hash string, keep LoginID) Outcome {
	out := Outcome{Events: []Event{PasswordChanged{}}, Effects: []Effect{StorePassword{Hash: hash}}, Result: Done{}}
	for _, l := range s.Logins {
		if l.ID != keep {
			out.Events = append(out.Events, closeLogin(l, OnPasswordChanged)...)
		}
	}
	return out
}

// identify notes at most 24 times in a login's lifetime that it is still in use.
func (p Policy) identify(s State, c Identify, m Moment) (Outcome, error) {
	_, id, _ := ParseSID(c.SID)
	l, err := s.login(id)
	if err != nil {
		return Outcome{}, err
	}
	if !m.Matches("sid", c.SID, l.SID) {
		return Outcome{}, refuse(UnknownLogin, "this login has ended", "log in again")
	}
	out := Outcome{Result: Identity{Profile: *s.Profile, Login: l}}
	if !l.Attended && m.Now.Sub(l.LastSeen) >= l.Lifetime/24 {
		out.Events = []Event{LoginSeen{Login: id, At: m.Now}}
	}
	return out, nil
}

func logout(s State, c Logout) (Outcome, error) {
	l, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Events: closeLogin(l, LoggedOut), Result: Done{}}, nil
}
