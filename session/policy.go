package session

import (
	"fmt"
	"time"
)

// Policy holds every number of the product. The zero value is of no use: start from DefaultPolicy.
type Policy struct {
	SessionLifetime time.Duration   // a security session lasts this long from its opening and from each accepted order (M4, M5)
	SessionCap      time.Duration   // and never longer than this from its opening
	LeaveGrace      time.Duration   // after the last terminal said that it leaves, so that a reload survives (M6)
	LostGrace       time.Duration   // after the connection of the last terminal was lost (M6)
	Warnings        []time.Duration // before the end, longest first; those not shorter than the lifetime are left out
	SharedSessions  bool            // all logins of a client share a security session, for installations with old robots
	WebTokenTrades  bool            // a WEB-token session allows trading orders too

	WebTokenUnsigned bool // orders in a WEB-token session need no signature by the token

	PasscodeLifetime time.Duration   // of a one-time password
	PasscodeTries    int             // tries of one passcode (M8)
	PasscodeRepeats  []time.Duration // how long to wait for the second, third … passcode in a row
	PasscodesPerHour int             // per client
	PasscodesPerDay  int             // per client
	PhonePerDay      int             // texts to one phone over all clients, in 24 h; kept at the outbox
	SMSBlockEvery    int             // consecutive failures, over all passcodes, that block SMS (M8)
	SMSBlocks        []time.Duration // for how long the first, second … time; after the last one until it is unblocked

	PasswordTries  int           // consecutive wrong passwords of one login name
	PasswordBlock  time.Duration // then its password is blocked for so long
	PasswordMemory uint32        // KiB of memory for argon2id
	PasswordPasses uint32        // passes of argon2id

	DraftLifetime     time.Duration // a non-trading order waits so long for its signature
	ConfirmLifetime   time.Duration // an operator's waits so long for a second operator
	UnprovedPasscodes int           // to a new phone, before one of them has come back
	PhoneQuarantine   time.Duration // after a change of the phone that passcodes go to
	VoiceTries        int           // consecutive wrong voice passwords; then two operators must restore it
	CallLifetime      time.Duration // an operator may act so long for a client who said the right voice password

	LiveLogins    int           // at most, per client; a further one replaces the least recently seen
	LoginIdle     time.Duration // a login ends after so long without being used
	LoginRemember time.Duration // the same for «remember me»

	OperatorTries int           // consecutive wrong passwords or codes of an operator
	OperatorBlock time.Duration // then his login name is blocked for so long
	OperatorDesks int           // logins of one operator at once; a further one replaces the least recently seen
	OperatorIdle  time.Duration // an operator's login ends after so long without being used
	OperatorDay   time.Duration // and after so long in any case

	EventsKept time.Duration // in the journal; orders are kept for ever
}

// DefaultPolicy has the product's numbers.
func DefaultPolicy() Policy {
	return Policy{
		SessionLifetime: 5 * time.Hour,
		SessionCap:      24 * time.Hour,
		LeaveGrace:      10 * time.Second,
		LostGrace:       5 * time.Minute,
		Warnings:        []time.Duration{15 * time.Minute, 5 * time.Minute, time.Minute},

		PasscodeLifetime: 5 * time.Minute,
		PasscodeTries:    3,
		PasscodeRepeats:  []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute},
		PasscodesPerHour: 5,
		PasscodesPerDay:  10,
		PhonePerDay:      10,
		SMSBlockEvery:    5,
		SMSBlocks:        []time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour},

		PasswordTries:  5,
		PasswordBlock:  15 * time.Minute,
		PasswordMemory: 19 * 1024,
		PasswordPasses: 2,

		DraftLifetime:     15 * time.Minute,
		ConfirmLifetime:   30 * time.Minute,
		UnprovedPasscodes: 3,
		PhoneQuarantine:   24 * time.Hour,
		VoiceTries:        3,
		CallLifetime:      15 * time.Minute,

		LiveLogins:    32,
		LoginIdle:     24 * time.Hour,
		LoginRemember: 14 * 24 * time.Hour,

		OperatorTries: 5,
		OperatorBlock: 15 * time.Minute,
		OperatorDesks: 4,
		OperatorIdle:  30 * time.Minute,
		OperatorDay:   12 * time.Hour,

		EventsKept: 90 * 24 * time.Hour,
	}
}

// Check names the first number with which nobody could work, to be told before the server starts.
func (p Policy) Check() error {
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"SessionLifetime", int64(p.SessionLifetime)},
		{"SessionCap", int64(p.SessionCap)},
		{"PasscodeLifetime", int64(p.PasscodeLifetime)},
		{"PasscodeTries", int64(p.PasscodeTries)},
		{"PasscodesPerHour", int64(p.PasscodesPerHour)},
		{"PasscodesPerDay", int64(p.PasscodesPerDay)},
		{"PhonePerDay", int64(p.PhonePerDay)},
		{"SMSBlockEvery", int64(p.SMSBlockEvery)},
		{"PasswordTries", int64(p.PasswordTries)},
		{"PasswordBlock", int64(p.PasswordBlock)},
		{"PasswordMemory", int64(p.PasswordMemory)},
		{"PasswordPasses", int64(p.PasswordPasses)},
		{"DraftLifetime", int64(p.DraftLifetime)},
		{"UnprovedPasscodes", int64(p.UnprovedPasscodes)},
		{"ConfirmLifetime", int64(p.ConfirmLifetime)},
		{"VoiceTries", int64(p.VoiceTries)},
		{"CallLifetime", int64(p.CallLifetime)},
		{"LiveLogins", int64(p.LiveLogins)},
		{"LoginIdle", int64(p.LoginIdle)},
		{"LoginRemember", int64(p.LoginRemember)},
		{"OperatorTries", int64(p.OperatorTries)},
		{"OperatorBlock", int64(p.OperatorBlock)},
		{"OperatorDesks", int64(p.OperatorDesks)},
		{"OperatorIdle", int64(p.OperatorIdle)},
		{"OperatorDay", int64(p.OperatorDay)},
		{"EventsKept", int64(p.EventsKept)},
	} {
		if n.value <= 0 {
			return fmt.Errorf("policy: %s must be above zero", n.name)
		}
	}
	return nil
}
