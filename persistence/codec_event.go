package persistence

import (
	"encoding/json"
	"fmt"
	"reflect"

	"vakhta/session"
)

// kind is how one type of event stands in a row: its name, and the codec of its data.
type kind struct {
	name   string
	event  reflect.Type
	encode func(session.Event) (string, error)
	decode func([]byte) (session.Event, error)
}

// kindOf ties an event E to its row R.
func kindOf[E session.Event, R any](name string, pack func(E) R, unpack func(R) E) kind {
	return kindThatMayFail(name, pack, func(row R) (E, error) { return unpack(row), nil })
}

// kindThatMayFail is of an event whose row may say what a newer vakhta has written.
func kindThatMayFail[E session.Event, R any](name string, pack func(E) R, unpack func(R) (E, error)) kind {
	return kind{
		name: name, event: reflect.TypeFor[E](),
		encode: func(e session.Event) (string, error) {
			text, err := json.Marshal(pack(e.(E)))
			return string(text), err
		},
		decode: func(data []byte) (session.Event, error) {
			var row R
			if err := json.Unmarshal(data, &row); err != nil {
				return nil, err
			}
			return unpack(row)
		},
	}
}

// kindOfOrders is of an event that orders cause.
func kindOfOrders[E session.Event, R appender](name string, pack func(E) R, unpack func(R) E) kind {
	k := kindOf(name, pack, unpack)
	k.encode = func(e session.Event) (string, error) { return rowText(pack(e.(E))), nil }
	return k
}

// kinds are all types of events that were ever written; the rows stand in codec_*.go. A name is never given to
// another type, and a field of a row never to another meaning.
var kinds = []kind{
	kindOf("password.attempted", toPasswordAttempted, passwordAttempted.event),
	kindOf("password.changed", func(session.PasswordChanged) struct{} { return struct{}{} },
		func(struct{}) session.PasswordChanged { return session.PasswordChanged{} }),
	kindOf("login.opened", toLoginOpened, loginOpened.event),
	kindOf("login.renewed", toLoginRenewed, loginRenewed.event),
	kindOf("login.seen", toLoginSeen, loginSeen.event),
	kindOf("login.closed", toLoginClosed, loginClosed.event),
	kindOf("terminal.attached", toTerminalAttached, terminalAttached.event),
	kindOf("terminal.gone", toTerminalGone, terminalGone.event),
	kindOf("passcode.sent", toPasscodeSent, passcodeSent.event),
	kindOf("passcode.failed", toPasscodeFailed, passcodeFailed.event),
	kindOf("attempt.failed", toAttemptFailed, attemptFailed.event),
	kindOf("means.blocked", toMeansBlocked, meansBlocked.event),
	kindOf("means.unblocked", toMeansUnblocked, meansUnblocked.event),
	kindOf("means.disconnected", toMeansDisconnected, meansDisconnected.event),
	kindOf("phone.added", toPhoneAdded, phoneAdded.event),
	kindOf("phone.removed", toPhoneRemoved, phoneRemoved.event),
	kindOf("phone.changed", toPhoneChanged, phoneChanged.event),
	kindThatMayFail("document.drafted", toDocumentDrafted, documentDrafted.event),
	kindOf("document.signed", toDocumentSigned, documentSigned.event),
	kindOf("document.accepted", toDocumentAccepted, documentAccepted.event),
	kindOf("document.cancelled", toDocumentCancelled, documentCancelled.event),
	kindOf("token.begun", toTokenBegun, tokenBegun.event),
	kindOf("token.challenged", toTokenChallenged, tokenChallenged.event),
	kindOf("token.evaluated", toPINEvaluated, pinEvaluated.event),
	kindOf("token.registered", toTokenRegistered, tokenRegistered.event),
	kindOf("token.opened", toTokenOpened, tokenOpened.event),
	kindOf("token.ended", toTokenEnded, tokenEnded.event),
	kindOf("voice.attempted", toVoiceAttempted, voiceAttempted.event),
	kindOf("voice.verified", toVoiceVerified, voiceVerified.event),
	kindOf("operator.acted", toOperatorActed, operatorActed.event),
	kindOf("session.opened", toSessionOpened, sessionOpened.event),
	kindOfOrders("session.extended", toSessionExtended, sessionExtended.event),
	kindOf("session.expiring", toSessionExpiring, sessionExpiring.event),
	kindOf("session.closed", toSessionClosed, sessionClosed.event),
	kindOfOrders("order.accepted", toOrderAccepted, orderRow.accepted),
	kindOfOrders("order.working", toOrderWorking, orderTold.working),
	kindOfOrders("order.cancelling", toOrderCancelling, orderTold.cancelling),
	kindOfOrders("order.filled", toOrderFilled, orderTold.filled),
	kindOfOrders("order.cancelled", toOrderCancelled, orderTold.cancelled),
	kindOfOrders("order.expired", toOrderExpired, orderTold.expired),
	kindOfOrders("order.rejected", toOrderRejected, orderTold.rejected),
}

var kindByType, kindByName = func() (map[reflect.Type]kind, map[string]kind) {
	byType, byName := map[reflect.Type]kind{}, map[string]kind{}
	for _, k := range kinds {
		byType[k.event], byName[k.name] = k, k
	}
	return byType, byName
}()

func encodeEvent(e session.Event) (name, data string, err error) {
	k, ok := kindByType[reflect.TypeOf(e)]
	if !ok {
		return "", "", fmt.Errorf("the event %T has no row: add it to kinds in persistence/codec_event.go", e)
	}
	text, err := k.encode(e)
	return k.name, text, err
}

func decodeEvent(name, data string) (session.Event, error) {
	k, ok := kindByName[name]
	if !ok {
		return nil, fmt.Errorf("the event %.40q is not known: it was written by a newer vakhta", name)
	}
	e, err := k.decode([]byte(data))
	if err != nil {
		return nil, fmt.Errorf("event row %s: %w", name, err)
	}
	return e, nil
}
