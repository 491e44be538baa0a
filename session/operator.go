package session

import (
	"errors"
	"slices"
	"time"
)

// OperatorID is an operator's account, whatever session he works in. Below 2^53.
type OperatorID int64

// Operator is the account of somebody who works at the desk (M11). It is nobody's client: it has a row of its own, which
// every change replaces by the version that it saw. What it is proved by stands beside it.
type Operator struct {
	ID           OperatorID
	Login        string
	Name         string // as clients and the audit are told
	Disabled     bool
	Epoch        int       // grows with each new password
	Tries        int       // since the last success; the one that is being compared is included
	BlockedUntil time.Time //
	LastStep     int64     // of the authenticator: no code of this step or of an earlier one is good any more
	Desks        []Desk    // where he is logged in
	LastDesk     int64     // the number of the newest of them
}

// Desk is one login of an operator: one SID in one browser.
type Desk struct {
	ID       int64
	SID      Sealed
	Address  string // of the browser, as the gateway saw it
	Opened   time.Time
	LastSeen time.Time
}

// OperatorAccount is an operator with what proves him.
type OperatorAccount struct {
	Operator

	Hash   string // PHC string of the password
	Secret []byte // of the one-time-password authenticator
}

// OperatorProof is what the comparison of password and code said.
type OperatorProof struct {
	OK      bool  // the password is right, and so is a code
	Step    int64 // of the authenticator: the one that the code belongs to
	Epoch   int   // of the Operator whose try was counted
	Address string
}

// OperatorRefused tells that login name, password or code were wrong.
type OperatorRefused struct {
	Left         int       // tries left
	BlockedUntil time.Time // set when none is left
}

// ShortestOperatorPassword is in characters.
const ShortestOperatorPassword = 12

// ErrUnknownOperator: there is no such operator.
var ErrUnknownOperator = errors.New("there is no such operator: add him with «vakhta operator add»")

// Desk finds one of the operator's logins.
func (o Operator) Desk(id int64) (d Desk, ok bool) {
	i := slices.IndexFunc(o.Desks, func(d Desk) bool { return d.ID == id })
	if i < 0 {
		return Desk{}, false
	}
	return o.Desks[i], true
}

// Officer is the operator as he is named to others.
func (o Operator) Officer() Officer { return Officer{ID: o.ID, Name: o.Name} }

// AttemptOperator counts one try of password and code, which is committed before they are compared. Of one who is
// disabled the tries are counted too: from outside he is an operator with a wrong password.
func (p Policy) AttemptOperator(o Operator, now time.Time) (Operator, error) {
	if o.BlockedUntil.After(now) {
		return o, refuse(DeskBlocked, "too many wrong passwords or codes: this login name is blocked for a while",
			"wait until it is unblocked, or have it reset with «vakhta operator reset»").until(o.BlockedUntil)
	}
	left := untilBlock(o.Tries, p.OperatorTries) - 1
	o.Tries++
	if o.BlockedUntil = (time.Time{}); left == 0 {
		o.BlockedUntil = now.Add(p.OperatorBlock)
	}
	return o, nil
}

// RefuseOperator tells of a try that was counted and has failed.
func (p Policy) RefuseOperator(o Operator) OperatorRefused {
	if !o.BlockedUntil.IsZero() {
		return OperatorRefused{BlockedUntil: o.BlockedUntil}
	}
	return OperatorRefused{Left: untilBlock(o.Tries, p.OperatorTries)}
}

// OpenDesk settles a try: a right password with a code that was never used opens a desk, and the SID is shown this one
// time. No SID and no error: the try has failed, and o is as it was.
func (p Policy) OpenDesk(o Operator, proof OperatorProof, m Moment) (_ Operator, sid string) {
	if !proof.OK || o.Disabled || proof.Epoch != o.Epoch || proof.Step <= o.LastStep {
		return o, ""
	}
	o = p.awake(o, m.Now)
	for len(o.Desks) >= max(1, p.OperatorDesks) {
		least := slices.MinFunc(o.Desks, func(a, b Desk) int { return a.LastSeen.Compare(b.LastSeen) })
		o.Desks = withoutDesk(o.Desks, least.ID)
	}
	o.Tries, o.BlockedUntil, o.LastStep, o.LastDesk = 0, time.Time{}, proof.Step, o.LastDesk+1
	sid = newDeskSID(o.ID, o.LastDesk, m.Entropy)
	o.Desks = append(slices.Clip(o.Desks), Desk{
		ID: o.LastDesk, SID: m.Digest(deskSID, sid), Address: clip(proof.Address), Opened: m.Now, LastSeen: m.Now,
	})
	return o, sid
}

// SeeDesk finds the desk that a SID opens, and notes now and then that it is in use: so an idle one may end a little
// before its time, never after it.
func (p Policy) SeeDesk(o Operator, sid string, m Moment) (Operator, Desk, error) {
	_, id, _ := ParseDeskSID(sid)
	awake := p.awake(o, m.Now)
	i := slices.IndexFunc(awake.Desks, func(d Desk) bool { return d.ID == id })
	if i < 0 || o.Disabled || !m.Matches(deskSID, sid, awake.Desks[i].SID) {
		return o, Desk{}, refuse(NotOperator, "this login at the desk has ended", "log in again")
	}
	if d := awake.Desks[i]; m.Now.Sub(d.LastSeen) < p.OperatorIdle/deskSeenEvery {
		return o, d, nil
	}
	awake.Desks = slices.Clone(awake.Desks)
	awake.Desks[i].LastSeen = m.Now
	return awake, awake.Desks[i], nil
}

// deskSeenEvery is how often at most, in the time after which an idle desk ends, it is written that one is in use.
const deskSeenEvery = 30

// CloseDesk logs out.
func (o Operator) CloseDesk(id int64) Operator {
	o.Desks = withoutDesk(o.Desks, id)
	return o
}

// DeskEnds is when a desk ends, unless it is used before.
func (p Policy) DeskEnds(d Desk) time.Time {
	end, _ := earliest(d.LastSeen.Add(p.OperatorIdle), d.Opened.Add(p.OperatorDay))
	return end
}

// awake is o without the desks that have ended.
func (p Policy) awake(o Operator, now time.Time) Operator {
	o.Desks = slices.DeleteFunc(slices.Clone(o.Desks), func(d Desk) bool { return !p.DeskEnds(d).After(now) })
	return o
}

// Disable ends what the operator has open.
func (o Operator) Disable() Operator {
	o.Disabled, o.Desks = true, nil
	return o
}

// Enable lets the operator in again; his counters start anew.
func (o Operator) Enable() Operator {
	o.Disabled, o.Tries, o.BlockedUntil = false, 0, time.Time{}
	return o
}

// Renew is for a new password and a new authenticator: nothing that was proved by the old ones stays.
func (o Operator) Renew() Operator {
	o.Epoch++
	o.Tries, o.BlockedUntil, o.LastStep, o.Desks = 0, time.Time{}, 0, nil
	return o
}

func withoutDesk(all []Desk, id int64) []Desk {
	return slices.DeleteFunc(slices.Clone(all), func(d Desk) bool { return d.ID == id })
}

// deskSID is the purpose of its digest: it has the form of a client's SID, and is never taken for one.
const deskSID = "desk"

func newDeskSID(o OperatorID, desk int64, entropy [32]byte) string {
	return newSID(ClientID(o), LoginID(desk), entropy)
}

// ParseDeskSID tells whom a desk's SID claims to belong to. It proves nothing: SeeDesk does.
func ParseDeskSID(sid string) (OperatorID, int64, bool) {
	o, desk, ok := ParseSID(sid)
	return OperatorID(o), int64(desk), ok
}
