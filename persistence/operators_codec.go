package persistence

import (
	"encoding/json"
	"fmt"

	"vakhta/session"
)

// operatorFormat is the number of the newest form of an operator's state. One of a higher number was written by a newer
// program.
const operatorFormat = 1

type (
	operatorState struct {
		Format       int       `json:"f"`
		Disabled     bool      `json:"x,omitempty"`
		Epoch        int       `json:"e,omitempty"`
		Tries        int       `json:"t,omitempty"`
		BlockedUntil micros    `json:"b,omitempty"`
		LastStep     int64     `json:"s,omitempty"`
		Desks        []deskRow `json:"d,omitempty"`
		LastDesk     int64     `json:"n,omitempty"`
	}
	deskRow struct {
		ID       int64  `json:"i"`
		SID      []byte `json:"d"`
		Address  string `json:"a,omitempty"`
		Opened   micros `json:"o"`
		LastSeen micros `json:"s"`
	}
)

// encodeOperator leaves out what has columns of its own.
func encodeOperator(o session.Operator) (string, error) {
	text, err := json.Marshal(operatorState{
		Format: operatorFormat, Disabled: o.Disabled, Epoch: o.Epoch, Tries: o.Tries, BlockedUntil: toMicros(o.BlockedUntil),
		LastStep: o.LastStep, Desks: each(o.Desks, toDeskRow), LastDesk: o.LastDesk,
	})
	return string(text), err
}

func (r operatorRow) decode() (session.Operator, error) {
	var s operatorState
	if err := json.Unmarshal([]byte(r.State), &s); err != nil {
		return session.Operator{}, fmt.Errorf("the row of operator %s: %w", r.Login, err)
	}
	if s.Format < 1 || s.Format > operatorFormat {
		return session.Operator{}, fmt.Errorf("the row of operator %s has the format %d, and this program knows %d: start the newer vakhta",
			r.Login, s.Format, operatorFormat)
	}
	return session.Operator{
		ID: r.ID, Login: r.Login, Name: r.Name, Disabled: s.Disabled, Epoch: s.Epoch, Tries: s.Tries, BlockedUntil: s.BlockedUntil.time(),
		LastStep: s.LastStep, Desks: each(s.Desks, deskRow.desk), LastDesk: s.LastDesk,
	}, nil
}

func toDeskRow(d session.Desk) deskRow {
	return deskRow{ID: d.ID, SID: d.SID, Address: d.Address, Opened: toMicros(d.Opened), LastSeen: toMicros(d.LastSeen)}
}

func (r deskRow) desk() session.Desk {
	return session.Desk{ID: r.ID, SID: r.SID, Address: r.Address, Opened: r.Opened.time(), LastSeen: r.LastSeen.time()}
}
