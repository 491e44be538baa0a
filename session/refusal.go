package session

import (
	"errors"
	"fmt"
	"time"
)

// Reason is a refusal's code for machines; the terminal words it in the client's language.
type Reason string

// The reasons of refusals.
const (
	UnknownLogin       Reason = "unknown_login"        // the SID is not, or no longer, one of the client's
	PasswordBlocked    Reason = "password_blocked"     // too many wrong passwords
	WrongPassword      Reason = "wrong_password"       //
	PasswordWasChanged Reason = "password_was_changed" // while it was being compared
	NoPhone            Reason = "no_phone"             // no SMS means is registered
	SMSBlocked         Reason = "sms_blocked"          // too many wrong passcodes
	TooEarly           Reason = "too_early"            // the next passcode may be asked for later
	TooManyPasscodes   Reason = "too_many_passcodes"   // of the hour or the day
	NoPasscode         Reason = "no_passcode"          // none was asked for, or it is used, expired or exhausted
	BadPasscode        Reason = "bad_passcode"         // not six digits; not counted
	NoSession          Reason = "no_security_session"  //
	OutOfScope         Reason = "out_of_scope"         // this means does not open a session for such an order
	UnknownSession     Reason = "unknown_session"      //
	UnknownTicker      Reason = "unknown_ticker"       //
	BadOrder           Reason = "bad_order"            // a field of the order is wrong; Message says which
	OrderConflict      Reason = "order_conflict"       // the same user order id with other content
	UnknownOrder       Reason = "unknown_order"        //
	OrderFinished      Reason = "order_finished"       // nothing is left to cancel
	SMSDisconnected    Reason = "sms_disconnected"     //
	BadDocument        Reason = "bad_document"         // a field of the non-trading order is wrong; Message says which
	UnknownDocument    Reason = "unknown_document"     // no such non-trading order waits
	DocumentTooLate    Reason = "document_expired"     // nobody confirmed it in time
	DocumentWaits      Reason = "document_waits"       // another operator's order waits for this client
	NothingToDo        Reason = "nothing_to_do"        // it is so already
	UnknownPhone       Reason = "unknown_phone"        //
	PhoneKnown         Reason = "phone_known"          // the number is one of the contact phones already
	PhoneUnproved      Reason = "phone_unproved"       // no passcode that was sent to it has come back
	PhoneLooksAlike    Reason = "phone_looks_alike"    // masked, it looks like one of the contact phones
	LastPhone          Reason = "last_phone"           // without it there would be none
	PrimaryStays       Reason = "primary_phone"        // passwords go to it
	TooManyPhones      Reason = "too_many_phones"      //
	ReasonMissing      Reason = "reason_missing"       // an operator must say why
	SelfConfirmation   Reason = "self_confirmation"    // who proposes cannot confirm
	NotIdentified      Reason = "not_identified"       // the operator has not checked the voice password
	VoiceBlocked       Reason = "voice_blocked"        // too many wrong voice passwords
	NotOperator        Reason = "not_operator"         // nobody is logged in at the desk
	DeskBlocked        Reason = "desk_blocked"         // too many wrong passwords or codes of an operator
	NoToken            Reason = "no_web_token"         // none is connected, or no such registration is under way
	TokenLocked        Reason = "web_token_locked"     // too many PINs that no opening followed
	TokenCloned        Reason = "web_token_cloned"     // a copy of it was noticed
	TokenGone          Reason = "web_token_revoked"    // by the client or an operator
	TokenElsewhere     Reason = "web_token_replaced"   //nolint:gosec // a name: by one on another device
	ChallengeOver      Reason = "web_token_challenge"  // expired, superseded, used, or of another login
	NoTokenTries       Reason = "web_token_tries"      // no PIN may be tried any more
	TokenDayLimit      Reason = "web_token_day"        // too many PINs in 24 hours
	TooManyTokens      Reason = "web_token_day_begun"  //nolint:gosec // a name: too many registrations in 24 hours
	BadSignature       Reason = "bad_signature"        //
	BadToken           Reason = "bad_web_token"        // a key or a point is none; Message says which
	ServerKeyMissing   Reason = "server_key_missing"   // the master key of the token is not in the file
	PhoneQuarantine    Reason = "phone_quarantine"     // the phone was changed a short while ago
	NeedSMSSession     Reason = "need_sms_session"     //
	NeedTokenSignature Reason = "need_token_signature" // an order in a WEB-token session is signed by the token
	PhoneNeedsCountry  Reason = "phone_needs_country"  // it does not begin with + and the country code (M12)
	BadPhone           Reason = "bad_phone"            // no number of that country is like this
	PhoneNotMobile     Reason = "phone_not_mobile"     // it cannot receive SMS: a landline, a premium number
)

// audited has every reason, and whether refusing by it is a security decision: see Reason.Audited.
var audited = map[Reason]bool{
	UnknownLogin:       false,
	PasswordBlocked:    true,
	WrongPassword:      true,
	PasswordWasChanged: true,
	NoPhone:            false,
	SMSBlocked:         true,
	TooEarly:           false,
	TooManyPasscodes:   true,
	NoPasscode:         true,
	BadPasscode:        false,
	NoSession:          true,
	OutOfScope:         true,
	UnknownSession:     false,
	UnknownTicker:      false,
	BadOrder:           false,
	OrderConflict:      false,
	UnknownOrder:       false,
	OrderFinished:      false,
	SMSDisconnected:    true,
	BadDocument:        false,
	UnknownDocument:    false,
	DocumentTooLate:    true,
	DocumentWaits:      false,
	NothingToDo:        false,
	UnknownPhone:       false,
	PhoneKnown:         false,
	LastPhone:          false,
	PhoneUnproved:      true,
	PhoneLooksAlike:    true,
	PrimaryStays:       false,
	TooManyPhones:      false,
	ReasonMissing:      false,
	SelfConfirmation:   true,
	NotIdentified:      true,
	VoiceBlocked:       true,
	NotOperator:        true,
	DeskBlocked:        true,
	NoToken:            false,
	TokenLocked:        true,
	TokenCloned:        true,
	TokenGone:          true,
	TokenElsewhere:     true,
	ChallengeOver:      false,
	NoTokenTries:       true,
	TokenDayLimit:      true,
	TooManyTokens:      true,
	BadSignature:       true,
	BadToken:           true,
	ServerKeyMissing:   true,
	PhoneQuarantine:    true,
	NeedSMSSession:     true,
	NeedTokenSignature: true,
	PhoneNeedsCountry:  false,
	BadPhone:           false,
	PhoneNotMobile:     false,
}

// Refusal is the answer to a command that makes no sense now. It changes nothing.
type Refusal struct {
	Reason  Reason
	Message string    // what is wrong, one sentence
	Next    string    // what to do next
	Until   time.Time // when it may work again, if that is known
}

func (r *Refusal) Error() string { return r.Message }

func refuse(reason Reason, message, next string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Message: fmt.Sprintf(message, args...), Next: next}
}

func (r *Refusal) until(t time.Time) *Refusal {
	r.Until = t
	return r
}

// What a journal may answer, and with it whoever asks a client's actor.
var (
	// ErrFenced: the client's row has another version than the change saw: somebody else owns the client.
	ErrFenced = errors.New("the client was changed by somebody else: load it again")
	// ErrDouble: an order with this user order id exists already.
	ErrDouble = errors.New("an order with this user order id exists: load it")
	// ErrUnavailable: the journal cannot be reached now, or the answer was lost: it is not known whether the command
	// was carried out.
	ErrUnavailable = errors.New("the server cannot write now: try again, an order with the same user_order_id")
	// ErrUnknownClient: there is no such client.
	ErrUnknownClient = errors.New("there is no such client: import it with «vakhta clients import»")
)
