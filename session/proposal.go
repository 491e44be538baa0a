package session

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A proposal is a non-trading order that an operator submits for a client (M11).
type (
	// ProposeDocument is an operator's who has the client on the phone (M11). What protects takes effect at once; what
	// grants waits for a second operator. Result: DocumentTaken.
	ProposeDocument struct {
		By      Officer
		Content Content
		Reason  string
	}

	// ConfirmDocument is the second operator's. Result: DocumentTaken.
	ConfirmDocument struct {
		By    Officer
		ID    DocumentID
		Prior *Document // the client's document with that id
	}

	// DeclineDocument is an operator's: his own proposal, or another's. Result: DocumentTaken.
	DeclineDocument struct {
		By Officer
		ID DocumentID
	}
)

func (ProposeDocument) command() {}
func (ConfirmDocument) command() {}
func (DeclineDocument) command() {}

// grants tells whether a document gives somebody a power that he did not have: then it needs two operators.
func grants(c Content) bool { return c.Kind() != KindDisconnect }

// byVoice tells whether the client must have said his voice password. A blocked one can identify nobody: then two operators
// vouch for whom they have seen.
func (p Policy) byVoice(s State, c Content) bool {
	return c != Restore{Means: VoicePassword} || p.voiceLeft(s) > 0
}

func (p Policy) proposeDocument(s State, c ProposeDocument, m Moment) (Outcome, error) {
	reason, err := GoodReason(c.Reason)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.check(c.Content, true); err != nil {
		return Outcome{}, err
	}
	d := Document{
		ExpiresAt: m.Now.Add(p.ConfirmLifetime), Operator: c.By, Reason: reason,
	}.drafted(s, c.Content, m)
	drafted := []Event{DocumentDrafted{d}}
	if !grants(c.Content) {
		signed := DocumentSigned{ID: d.ID}
		if s.identified(c.By, m.Now) == nil {
			signed.Means = VoicePassword
		}
		out := p.accept(s, d, signed, m)
		out.Events = append(drafted, out.Events...)
		return out, nil
	}
	if p.byVoice(s, c.Content) {
		if err := s.identified(c.By, m.Now); err != nil {
			return Outcome{}, err
		}
	}
	for _, old := range s.Drafts {
		switch {
		case old.Login != 0:
		case old.Operator.ID != c.By.ID:
			return Outcome{}, refuse(DocumentWaits, "order %d of %s waits for a second operator", "confirm or decline it first", old.ID, old.Operator.Name)
		default:
			drafted = append([]Event{DocumentCancelled{ID: old.ID, End: DocumentReplaced, By: c.By}}, drafted...)
		}
	}
	return Outcome{Events: drafted, Result: DocumentTaken{Document: d}}, nil
}

const longestReason = 300

// GoodReason is what an operator gives as his reason, as it is told to the client and written down: one line of text.
func GoodReason(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", refuse(ReasonMissing, "the reason is missing", "say why: the client reads it, and it stands in the audit")
	case utf8.RuneCountInString(text) > longestReason:
		return "", refuse(BadDocument, "the reason is longer than %d characters", "shorten it", longestReason)
	case !OneLine(text):
		return "", refuse(BadDocument, "the reason has a character that nobody sees", "write it as one line of text")
	}
	return text, nil
}

// operatorsDraft is a draft that waits for a second operator. One that waits no more is told apart from one that never was.
func (s State) operatorsDraft(id DocumentID, prior *Document) (Document, error) {
	d, ok := s.Draft(id)
	switch {
	case ok && d.Login == 0:
		return d, nil
	case prior != nil && prior.End == DocumentExpired:
		return Document{}, refuse(DocumentTooLate, "order %d has expired: nobody confirmed it in time", "have it proposed again", id)
	case prior != nil && prior.Login == 0:
		return Document{}, refuse(UnknownDocument, "order %d is already %s", "look at the client's orders", id, prior.Status)
	default:
		return Document{}, refuse(UnknownDocument, "no order %d waits for a second operator", "look at the client's orders", id)
	}
}

func (p Policy) confirmDocument(s State, c ConfirmDocument, m Moment) (Outcome, error) {
	if x := c.Prior; x != nil && x.Status == DocumentIsAccepted && x.Confirmed.ID == c.By.ID { // the reply was lost
		return Outcome{Result: DocumentTaken{Document: *x}}, nil
	}
	d, err := s.operatorsDraft(c.ID, c.Prior)
	if err != nil {
		return Outcome{}, err
	}
	if d.Operator.ID == c.By.ID {
		return Outcome{}, refuse(SelfConfirmation, "who has proposed an order cannot confirm it", "ask another operator")
	}
	if err := s.check(d.Content, true); err != nil {
		return Outcome{}, err
	}
	signed := DocumentSigned{ID: d.ID, Confirmed: c.By}
	if p.byVoice(s, d.Content) {
		signed.Means = VoicePassword
	}
	return p.accept(s, d, signed, m), nil
}

func declineDocument(s State, c DeclineDocument, m Moment) (Outcome, error) {
	d, err := s.operatorsDraft(c.ID, nil)
	if err != nil {
		return Outcome{}, err
	}
	end := DocumentDeclined
	if d.Operator.ID == c.By.ID {
		end = DocumentWithdrawn
	}
	return cancelled(d, end, c.By, m), nil
}

// OneLine tells whether a text can be shown as it is: no line ends, no characters that nobody sees, none that turn the
// direction of what is beside it.
func OneLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) })
}
