package session

import "time"

// Officer is an operator as he is named to the client. The zero value is nobody.
type Officer struct {
	ID   OperatorID
	Name string
}

// What the operators' desk asks, and what it does beside documents.
type (
	// ReadCard asks for what an operator sees of a client. Result: Card.
	ReadCard struct{ By Officer }

	// OperatorActed tells what an operator did.
	OperatorActed struct {
		By     Officer
		Act    OperatorAct
		Reason string
	}
)

// Card is a client as an operator sees him.
type Card struct {
	Profile       Profile
	Phones        []Phone
	Quarantine    Quarantine
	Password      Password
	SMS           SMSMeans
	VoiceLeft     int       // tries of the voice password
	VerifiedUntil time.Time // the operator has the client on the phone; zero: not known to be him
	Logins        []Login
	Drafts        []Document
	Token         TokenStanding
}

// FoundClient is a client whom an operator was looking for.
type FoundClient struct {
	Profile Profile
	Phone   string // E.164, that passwords go to; empty: none
}

// Proposal is a document that waits for a second operator.
type Proposal struct {
	Profile  Profile
	Document Document
}

// OperatorAct is what an operator did beside documents.
type OperatorAct string

// What one operator may do alone: it takes away and gives nothing.
const (
	ActCloseSessions OperatorAct = "close_sessions"
	ActRevokeToken   OperatorAct = "revoke_token"
)

func (ReadCard) command()    {}
func (Card) result()         {}
func (OperatorActed) event() {}

func (p Policy) readCard(s State, c ReadCard, m Moment) Outcome {
	return Outcome{Result: Card{
		Profile: *s.Profile, Phones: s.Phones, Quarantine: s.Quarantine, Password: s.Password, SMS: s.SMS,
		VoiceLeft: p.voiceLeft(s), VerifiedUntil: s.verifiedUntil(c.By, m.Now), Logins: s.Logins, Drafts: s.Drafts,
		Token: s.Tokens.standing(),
	}}
}
