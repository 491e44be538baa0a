package persistence

import (
	"encoding/json"
	"fmt"
	"time"

	"vakhta/session"
)

// stateFormat is the number of the newest form of a state row. A row of a higher one was written by a newer program. In
// the first a client had one phone; before the third there was no WEB-token.
const stateFormat = 3

// micros is an instant as it stands in a row: unix microseconds, 0 for none.
type micros int64

func toMicros(t time.Time) micros {
	if t.IsZero() {
		return 0
	}
	return micros(t.UnixMicro())
}

func (m micros) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m)).UTC()
}

// The rows have names of their own, so that renaming a field of session changes no row.
type (
	stateRow struct {
		Format     int           `json:"f"`
		Phone      string        `json:"ph,omitempty"` // of format 1
		Phones     []phoneRow    `json:"phs,omitempty"`
		Quarantine quarantineRow `json:"q,omitzero"`
		Password   passwordRow   `json:"pw,omitzero"`
		SMS        smsRow        `json:"sms,omitzero"`
		Voice      voiceRow      `json:"v,omitzero"`
		Passcodes  []passcodeRow `json:"pc,omitempty"`
		Drafts     []documentRow `json:"dr,omitempty"`
		Tokens     *tokensRow    `json:"tk,omitempty"`
		Logins     []loginRow    `json:"lg,omitempty"`
	}
	passwordRow struct {
		Epoch        int    `json:"e,omitempty"`
		Tries        int    `json:"t,omitempty"`
		BlockedUntil micros `json:"b,omitempty"`
	}
	smsRow struct {
		Failures     int      `json:"n,omitempty"`
		BlockedUntil micros   `json:"b,omitempty"`
		Locked       bool     `json:"l,omitempty"`
		Disconnected bool     `json:"d,omitempty"`
		Row          int      `json:"r,omitempty"`
		Sent         []micros `json:"s,omitempty"`
	}
	passcodeRow struct {
		Login     session.LoginID `json:"l"`
		Purpose   session.Purpose `json:"p"`
		Number    int             `json:"n"`
		Digest    []byte          `json:"d"`
		ExpiresAt micros          `json:"x"`
		TriesLeft int             `json:"t"`
	}
	loginRow struct {
		ID       session.LoginID `json:"i"`
		Label    string          `json:"n,omitempty"`
		Address  string          `json:"a,omitempty"`
		SID      []byte          `json:"d,omitempty"`
		Opened   micros          `json:"o,omitempty"`
		LastSeen micros          `json:"s,omitempty"`
		Lifetime time.Duration   `json:"l,omitempty"`
		Attended bool            `json:"t,omitempty"`
		LeaveBy  micros          `json:"b,omitempty"`
		Session  *sessionRow     `json:"x,omitempty"`
	}
	sessionRow struct {
		ID        session.SessionID `json:"i"`
		Means     session.Means     `json:"m"`
		OpenedAt  micros            `json:"o,omitempty"`
		ExpiresAt micros            `json:"x,omitempty"`
		CapAt     micros            `json:"c,omitempty"`
		WarnAt    micros            `json:"w,omitempty"`
		Limited   bool              `json:"n,omitempty"`
	}
)

// encodeState leaves out what has columns of its own (client, version) and the profile, which is never written with it.
func encodeState(s session.State) string {
	row := stateRow{
		Format: stateFormat, Phones: each(s.Phones, toPhoneRow), Quarantine: toQuarantineRow(s.Quarantine),
		Password: passwordRow{Epoch: s.Password.Epoch, Tries: s.Password.Tries, BlockedUntil: toMicros(s.Password.BlockedUntil)},
		SMS: smsRow{
			Failures: s.SMS.Failures, BlockedUntil: toMicros(s.SMS.BlockedUntil), Locked: s.SMS.Locked,
			Disconnected: s.SMS.Disconnected, Row: s.SMS.Row,
			Sent: each(s.SMS.Sent, toMicros),
		},
		Voice:     toVoiceRow(s.Voice),
		Passcodes: each(s.Passcodes, toPasscodeRow),
		Drafts:    each(s.Drafts, toDocumentRow),
		Tokens:    toTokensRow(s.Tokens),
		Logins:    each(s.Logins, toLoginRow),
	}
	return rowText(row)
}

func decodeState(client session.ClientID, text string) (session.State, error) {
	var row stateRow
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return session.State{}, fmt.Errorf("state row: %w", err)
	}
	if row.Format < 1 || row.Format > stateFormat {
		return session.State{}, fmt.Errorf("the state row has the format %d, and this program knows %d: start the newer vakhta",
			row.Format, stateFormat)
	}
	phones := each(row.Phones, phoneRow.phone)
	if row.Format == 1 {
		phones = questionnaire(row.Phone)
	}
	var drafts []session.Document
	for _, r := range row.Drafts {
		d, err := r.document()
		if err != nil {
			return session.State{}, fmt.Errorf("state row: %w", err)
		}
		d.Client = client
		drafts = append(drafts, d)
	}
	return session.State{
		Client: client, Phones: phones, Quarantine: row.Quarantine.quarantine(),
		Password: session.Password{Epoch: row.Password.Epoch, Tries: row.Password.Tries, BlockedUntil: row.Password.BlockedUntil.time()},
		SMS: session.SMSMeans{
			Failures: row.SMS.Failures, BlockedUntil: row.SMS.BlockedUntil.time(), Locked: row.SMS.Locked,
			Disconnected: row.SMS.Disconnected, Row: row.SMS.Row,
			Sent: each(row.SMS.Sent, micros.time),
		},
		Voice:     row.Voice.voice(),
		Passcodes: each(row.Passcodes, passcodeRow.passcode),
		Drafts:    drafts,
		Tokens:    row.Tokens.tokens(client),
		Logins:    each(row.Logins, loginRow.login),
	}, nil
}

// questionnaire is the phone that a client is imported with: no other has an id below 1001.
func questionnaire(number string) []session.Phone {
	if number == "" {
		return nil
	}
	return []session.Phone{{ID: 1, Number: number}}
}

// each is nil for nothing, as the zero State has it.
func each[A, B any](all []A, f func(A) B) []B {
	if len(all) == 0 {
		return nil
	}
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = f(a)
	}
	return out
}
