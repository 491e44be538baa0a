package session

import "time"

// Note is a row of the audit, which is one stream for the whole installation: what an operator did, or what was refused.
// What has happened to a client stands in his events.
type Note struct {
	At       time.Time
	Client   ClientID // zero: it is about none
	Operator string   // his login name; empty: no operator's act
	Type     string   // as in «operator.verified»

	// Data are plain words and numbers: codes, ids, reasons, what the operator gives as his reason. Whoever audits reads
	// them, and they are kept for good, so that no password, passcode, SID or digest may stand here, nor what somebody
	// has answered to be identified.
	Data map[string]string
}

// The types of the server's own notes. Operators' acts have theirs.
const (
	NoteRefused  = "refused"           // security decisions, equal ones of a second as one: command, reason, count
	NoteLost     = "refusals.lost"     // more were refused than could be kept: count
	NoteLogIsCut = "notary.log_is_cut" // the log is shorter than the running server has left it: had, has
)

// How an act ended, behind the type of the note that announced it: «desk.submit», then «desk.submit.done».
const (
	ActDone    = ".done"
	ActRefused = ".refused" // it has changed nothing
	ActUnknown = ".unknown" // whether it was done
)

// Audited tells whether a refusal with this reason is a security decision, which the audit keeps. The others are about the
// order or the form, or about a login that has ended: they protect nothing.
func (r Reason) Audited() bool { return audited[r] }
