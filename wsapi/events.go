package wsapi

import (
	"fmt"
	"time"

	"vakhta/session"
)

// The client's events as they are told: redacted, with absolute instants.
type (
	loginOpened struct {
		Login   session.LoginID `json:"login"`
		Label   string          `json:"label"`
		Address string          `json:"address,omitempty"`
		Failed  int             `json:"failed" doc:"Wrong passwords since the last right one."`
	}
	loginRenewed struct {
		Login session.LoginID `json:"login"`
		Label string          `json:"label"`
	}
	loginSeen struct {
		Login session.LoginID `json:"login"`
	}
	loginAttempted struct {
		Left int `json:"left"`
	}
	loginClosed struct {
		Login  session.LoginID  `json:"login"`
		Reason session.LoginEnd `json:"reason"`
	}
	passwordChanged struct{}

	terminalAttached struct {
		Login session.LoginID `json:"login"`
	}
	terminalGone struct {
		Login    session.LoginID `json:"login"`
		ClosesAt instant         `json:"closesAt" null:"yes" doc:"The security session ends then, unless a terminal comes back."`
	}

	passcodeSent struct {
		Means     session.Means   `json:"means"`
		Login     session.LoginID `json:"login"`
		Purpose   session.Purpose `json:"purpose" doc:"session: it opens a security session. document and 64 hex digits: it signs the order with that digest."`
		Number    int             `json:"number"`
		Phone     string          `json:"phone"`
		RepeatAt  instant         `json:"repeatAt"`
		ExpiresAt instant         `json:"expiresAt"`
	}
	passcodeFailed struct {
		Means   session.Means       `json:"means"`
		Login   session.LoginID     `json:"login"`
		Purpose session.Purpose     `json:"purpose" doc:"As of passcode.sent."`
		Reason  session.TextFailure `json:"reason"`
	}
	attemptFailed struct {
		Means   session.Means   `json:"means"`
		Login   session.LoginID `json:"login,omitempty" doc:"Of a passcode."`
		Purpose session.Purpose `json:"purpose,omitempty" doc:"Of a passcode; as of passcode.sent."`
		Left    int             `json:"left"`
	}
	meansBlocked struct {
		Means session.Means `json:"means"`
		Until instant       `json:"until" null:"yes" doc:"Null: until it is unblocked."`
	}
	meansDisconnected struct {
		Means session.Means `json:"means"`
	}
	phoneAdded struct {
		ID    session.PhoneID `json:"id"`
		Phone string          `json:"phone" doc:"Masked."`
	}
	phoneRemoved struct {
		ID    session.PhoneID `json:"id"`
		Phone string          `json:"phone" doc:"Masked."`
	}
	phoneChanged struct {
		ID         session.PhoneID `json:"id"`
		Phone      string          `json:"phone" doc:"Passwords go to it from now on. Masked; empty: none is left."`
		Quarantine instant         `json:"quarantineUntil" null:"yes"`
	}

	documentDrafted struct {
		Document documentRow `json:"document"`
	}
	documentSigned struct {
		ID        session.DocumentID `json:"id"`
		Means     session.Means      `json:"means"`
		Confirmed string             `json:"confirmedBy" doc:"The second operator's name."`
	}
	documentAccepted struct {
		ID session.DocumentID `json:"id"`
	}
	documentCancelled struct {
		ID  session.DocumentID  `json:"id"`
		End session.DocumentEnd `json:"end"`
		By  string              `json:"by" doc:"The operator's name; empty: the client, or time."`
	}
	voiceAttempted struct {
		Operator string `json:"operator"`
		Left     int    `json:"left"`
	}
	voiceVerified struct {
		Operator string  `json:"operator"`
		Until    instant `json:"until"`
	}
	operatorActed struct {
		Operator string              `json:"operator"`
		Act      session.OperatorAct `json:"act"`
		Reason   string              `json:"reason"`
	}

	meansUnblocked struct {
		Means session.Means `json:"means"`
	}

	sessionOpened struct {
		ID         session.SessionID `json:"id"`
		Login      session.LoginID   `json:"login"`
		Means      session.Means     `json:"means"`
		OpenedAt   instant           `json:"openedAt"`
		ExpiresAt  instant           `json:"expiresAt"`
		ServerTime instant           `json:"serverTime"`
	}
	sessionExtended struct {
		ID         session.SessionID `json:"id"`
		Login      session.LoginID   `json:"login"`
		ExpiresAt  instant           `json:"expiresAt"`
		ServerTime instant           `json:"serverTime"`
	}
	sessionExpiring struct {
		ID         session.SessionID `json:"id"`
		Login      session.LoginID   `json:"login"`
		ExpiresAt  instant           `json:"expiresAt"`
		Left       int64             `json:"left" doc:"Seconds."`
		ServerTime instant           `json:"serverTime"`
	}
	sessionClosed struct {
		ID     session.SessionID   `json:"id"`
		Login  session.LoginID     `json:"login"`
		Reason session.CloseReason `json:"reason"`
	}

	orderAccepted struct {
		Order orderRow `json:"order"`
	}
	orderWorking struct {
		ID session.OrderID `json:"order_id"`
	}
	orderCancelling struct {
		ID session.OrderID `json:"order_id"`
	}
	orderFilled struct {
		ID     session.OrderID `json:"order_id"`
		Fill   string          `json:"exec_id"`
		Qty    amount          `json:"qty"`
		Price  amount          `json:"price"`
		Leaves amount          `json:"leaves"`
	}
	orderCancelled struct {
		ID     session.OrderID `json:"order_id"`
		Leaves amount          `json:"leaves"`
	}
	orderExpired struct {
		ID     session.OrderID `json:"order_id"`
		Leaves amount          `json:"leaves"`
	}
	orderRejected struct {
		ID     session.OrderID `json:"order_id"`
		Reason string          `json:"reason"`
	}
)

// eventFrame tells an event of a client. Its time is the time of the event, also when it is replayed later.
func eventFrame(e session.Numbered, of session.Profile) []byte {
	name, data := wireEvent(e.Event, e.At, of)
	return writeFrame(name, data, e.At, e.Seq)
}

// wireEvent gives an event its name and its public form. None is hidden, so that the numbers have no gaps.
func wireEvent(e session.Event, at time.Time, of session.Profile) (name string, data any) {
	switch e := e.(type) {
	case session.LoginOpened:
		return "login.opened", loginOpened{e.Login.ID, e.Login.Label, e.Login.Address, e.Failed}
	case session.LoginRenewed:
		return "login.renewed", loginRenewed{e.Login.ID, e.Login.Label}
	case session.LoginSeen:
		return "login.seen", loginSeen{e.Login}
	case session.PasswordAttempted:
		return "login.attempted", loginAttempted{e.Left}
	case session.LoginClosed:
		return "login.closed", loginClosed{e.Login, e.Reason}
	case session.PasswordChanged:
		return "password.changed", passwordChanged{}
	case session.TerminalAttached:
		return "terminal.attached", terminalAttached{e.Login}
	case session.TerminalGone:
		return "terminal.gone", terminalGone{e.Login, instant(e.ClosesAt)}
	case session.PasscodeSent:
		return "passcode.sent", passcodeSent{session.SMS, e.Login, e.Purpose, e.Number, e.Phone, instant(e.RepeatAt), instant(e.ExpiresAt)}
	case session.PasscodeFailed:
		return "passcode.failed", passcodeFailed{session.SMS, e.Login, e.Purpose, e.Reason}
	case session.AttemptFailed:
		return "attempt.failed", attemptFailed{e.Means, e.Login, e.Purpose, e.Left}
	case session.MeansBlocked:
		return "means.blocked", meansBlocked{e.Means, instant(e.Until)}
	case session.MeansUnblocked:
		return "means.unblocked", meansUnblocked{e.Means}
	case session.PhoneChanged:
		return "phone.changed", phoneChanged{e.ID, e.Phone, instant(e.Quarantine.Until)}
	case session.MeansDisconnected:
		return "means.disconnected", meansDisconnected{e.Means}
	case session.PhoneAdded:
		return "phone.added", phoneAdded{e.Phone.ID, session.MaskPhone(e.Phone.Number)}
	case session.PhoneRemoved:
		return "phone.removed", phoneRemoved{e.ID, e.Phone}
	case session.DocumentDrafted:
		return "document.drafted", documentDrafted{documentRowOf(e.Document)}
	case session.DocumentSigned:
		return "document.signed", documentSigned{e.ID, e.Means, e.Confirmed.Name}
	case session.DocumentAccepted:
		return "document.accepted", documentAccepted{e.ID}
	case session.DocumentCancelled:
		return "document.cancelled", documentCancelled{e.ID, e.End, e.By.Name}
	case session.VoiceAttempted:
		return "voice.attempted", voiceAttempted{e.By.Name, e.Left}
	case session.VoiceVerified:
		return "voice.verified", voiceVerified{e.By.Name, instant(e.Until)}
	case session.OperatorActed:
		return "operator.acted", operatorActed{e.By.Name, e.Act, e.Reason}
	case session.TokenBegun, session.TokenChallenged, session.PINEvaluated, session.TokenRegistered, session.TokenOpened, session.TokenEnded:
		token, _ := e.(session.TokenEvent)
		return tokenEvent(token)
	case session.SessionOpened:
		x := e.Session
		return "session.opened", sessionOpened{x.ID, e.Login, x.Means, instant(x.OpenedAt), instant(x.ExpiresAt), instant(at)}
	case session.SessionExtended:
		return "session.extended", sessionExtended{e.Session, e.Login, instant(e.ExpiresAt), instant(at)}
	case session.SessionExpiring:
		return "session.expiring", sessionExpiring{e.Session, e.Login, instant(e.ExpiresAt), int64(e.Left / time.Second), instant(at)}
	case session.SessionClosed:
		return "session.closed", sessionClosed{e.Session, e.Login, e.Reason}
	case session.OrderAccepted:
		return "order.accepted", orderAccepted{rowOf(e.Order, of)}
	case session.OrderWorking:
		return "order.working", orderWorking{e.ID}
	case session.OrderCancelling:
		return "order.cancelling", orderCancelling{e.ID}
	case session.OrderFilled:
		return "order.filled", orderFilled{e.ID, e.Fill.ID, amount(e.Fill.Quantity), amount(e.Fill.Price), amount(e.Leaves)}
	case session.OrderCancelled:
		return "order.cancelled", orderCancelled{e.ID, amount(e.Leaves)}
	case session.OrderExpired:
		return "order.expired", orderExpired{e.ID, amount(e.Leaves)}
	case session.OrderRejected:
		return "order.rejected", orderRejected{e.ID, e.Reason}
	default:
		panic(fmt.Sprintf("wsapi: %T has no form on the wire", e))
	}
}

// allEvents is one event of each kind, for those who list them.
var allEvents = []session.Event{
	session.LoginOpened{},
	session.LoginRenewed{},
	session.LoginSeen{},
	session.PasswordAttempted{},
	session.LoginClosed{},
	session.PasswordChanged{},
	session.TerminalAttached{},
	session.TerminalGone{},
	session.PasscodeSent{},
	session.PasscodeFailed{},
	session.AttemptFailed{},
	session.MeansBlocked{},
	session.MeansUnblocked{},
	session.PhoneChanged{},
	session.MeansDisconnected{},
	session.PhoneAdded{},
	session.PhoneRemoved{},
	session.DocumentDrafted{},
	session.DocumentSigned{},
	session.DocumentAccepted{},
	session.DocumentCancelled{},
	session.VoiceAttempted{},
	session.VoiceVerified{},
	session.OperatorActed{},
	session.TokenBegun{},
	session.TokenChallenged{},
	session.PINEvaluated{},
	session.TokenRegistered{},
	session.TokenOpened{},
	session.TokenEnded{Status: session.TokenIsRevoked},
	session.TokenEnded{Status: session.TokenIsLocked},
	session.TokenEnded{Status: session.TokenIsCloned},
	session.SessionOpened{},
	session.SessionExtended{},
	session.SessionExpiring{},
	session.SessionClosed{},
	session.OrderAccepted{},
	session.OrderWorking{},
	session.OrderCancelling{},
	session.OrderFilled{},
	session.OrderCancelled{},
	session.OrderExpired{},
	session.OrderRejected{},
}
