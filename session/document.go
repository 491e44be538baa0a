package session

import (
	"fmt"
	"slices"
	"time"
)

// DocumentID is below 2^53.
type DocumentID int64

// DocumentKind says what a non-trading order is about, by the public API's docId.
type DocumentKind int

// The kinds of non-trading orders.
const (
	KindDisconnect    DocumentKind = 193 // a means of authentication is disconnected
	KindContactPhones DocumentKind = 210 // «Контактные телефоны» (M10)
	KindRestore       DocumentKind = 365 // a means of authentication works again; the operator's only
)

// Content is what a non-trading order asks for. Two orders ask for the same when their contents are equal.
//
//sumtype:decl
type Content interface {
	Kind() DocumentKind
	content() []string // of the digest: the same words in the same order mean the same
}

type (
	// Disconnect asks that a means of authentication is good no longer. It protects: what it takes away it does not
	// give to anybody else.
	Disconnect struct{ Means Means }

	// Restore asks that a blocked or disconnected means of authentication works again. It grants.
	Restore struct{ Means Means }
)

// Kind is 193.
func (Disconnect) Kind() DocumentKind { return KindDisconnect }

// Kind is 365.
func (Restore) Kind() DocumentKind { return KindRestore }

func (c Disconnect) content() []string { return []string{number(c.Means)} }
func (c Restore) content() []string    { return []string{number(c.Means)} }

// DocumentStatus is where a non-trading order stands.
type DocumentStatus string

// The life of a non-trading order: drafted → signed → accepted, where the last two happen at once; or drafted →
// cancelled.
const (
	DocumentIsDrafted   DocumentStatus = "drafted" // it waits for its signature, or for a second operator
	DocumentIsSigned    DocumentStatus = "signed"
	DocumentIsAccepted  DocumentStatus = "accepted" // it has taken effect
	DocumentIsCancelled DocumentStatus = "cancelled"
)

// DocumentEnd says why a non-trading order was cancelled.
type DocumentEnd string

// The reasons why a non-trading order is cancelled.
const (
	DocumentReplaced  DocumentEnd = "replaced"  // by a newer one of the same login or operator
	DocumentExpired   DocumentEnd = "expired"   // nobody signed it in time
	DocumentWithdrawn DocumentEnd = "withdrawn" // by who had submitted it
	DocumentDeclined  DocumentEnd = "declined"  // by the client, or by another operator
)

// Document is one non-trading order, kept as a row of its own for ever. While it is drafted it stands in the State too.
type Document struct {
	ID        DocumentID
	Client    ClientID
	Salt      [16]byte // never told: without it the digest would give away a masked number
	Content   Content
	Status    DocumentStatus
	DraftedAt time.Time
	ChangedAt time.Time
	ExpiresAt time.Time // to be signed before
	Login     LoginID   // of the client who submitted it; 0: an operator did
	Session   SessionID // that the client had open then
	Operator  Officer   // who submitted it for the client
	Reason    string    // that the operator gave
	SignedBy  Means     // 0: not signed, or operators vouch for it
	Signature *TokenSignature
	Confirmed Officer // the second operator
	End       DocumentEnd
}

// Digest is of everything that a signature vouches for. It is written beside the event, so that the row of a document
// can be held against the chain of events.
func (d Document) Digest() [32]byte {
	return digestOf("vakhta/document/1", append([]string{
		string(d.Salt[:]), number(d.Client), number(d.ID), number(d.Content.Kind()), number(d.Login), number(d.Session),
		number(d.Operator.ID), d.Reason,
	}, d.Content.content()...)...)
}

// signing is the purpose of a passcode that signs this very document and no other.
func (d Document) signing() Purpose { return Purpose(fmt.Sprintf("document %x", d.Digest())) }

type (
	// SubmitDocument drafts a non-trading order and sends a passcode that signs it (M10), unless it is to be signed by the
	// WEB-token. Result: DocumentTaken.
	SubmitDocument struct {
		Login   LoginID
		Content Content
		By      Means // WebToken, or SMS
	}

	// RequestSignature sends a further passcode for a draft. Result: PasscodeRequested.
	RequestSignature struct {
		Login LoginID
		ID    DocumentID
	}

	// SignDocument signs a draft by the passcode, or by the WEB-token; it takes effect at once. Result: SignatureChecked.
	SignDocument struct {
		Login   LoginID
		ID      DocumentID
		Code    string
		Signed  Signed
		Content Content   // what the signed payload asks for
		Prior   *Document // the client's document with that id
	}

	// CancelDocument withdraws a draft of the client's own, or declines an operator's. Result: DocumentTaken.
	CancelDocument struct {
		Login LoginID
		ID    DocumentID
	}

	// ReadDrafts asks for the documents that wait. Result: Drafts.
	ReadDrafts struct{ Login LoginID }

	// ReadDocuments asks for the client's documents, the newest first, before that id; 0: from the newest. Result:
	// Documents.
	ReadDocuments struct{ Before DocumentID }
)

// DocumentTaken is the acknowledgement: what was asked is durable.
type DocumentTaken struct {
	Document Document
	Passcode PasscodeRequested // the one that signs it; Number 0: none was sent
}

// SignatureChecked answers a signature.
type SignatureChecked struct {
	PasscodeChecked

	Document Document
}

// Drafts are the documents that wait.
type Drafts struct {
	Drafts   []Draft
	RepeatAt time.Time // a passcode may be asked for from then on; zero: now
}

// Draft is a document that waits, with the passcode that was sent to sign it.
type Draft struct {
	Document Document
	Pending  Passcode // Number 0: none
}

// Documents are a page of them.
type Documents struct{ Documents []Document }

// DocumentEvent is an event of one document, which it changes too.
//
//sumtype:decl
type DocumentEvent interface {
	Event
	Subject() DocumentID
}

// Events of a document.
type (
	DocumentDrafted struct{ Document Document }
	DocumentSigned  struct {
		ID        DocumentID
		Means     Means
		Confirmed Officer // by the second operator, of a document that an operator submitted
		Signature *TokenSignature
	}
	DocumentAccepted  struct{ ID DocumentID }
	DocumentCancelled struct {
		ID  DocumentID
		End DocumentEnd
		By  Officer // who declined or withdrew it; nobody: the client, or time
	}

	// MeansDisconnected tells that a means is good no longer.
	MeansDisconnected struct{ Means Means }
)

func (SubmitDocument) command()   {}
func (RequestSignature) command() {}
func (SignDocument) command()     {}
func (CancelDocument) command()   {}
func (ReadDrafts) command()       {}
func (ReadDocuments) command()    {}
func (ReadDocuments) query()      {}
func (DocumentTaken) result()     {}
func (SignatureChecked) result()  {}
func (Drafts) result()            {}
func (Documents) result()         {}
func (DocumentDrafted) event()    {}
func (DocumentSigned) event()     {}
func (DocumentAccepted) event()   {}
func (DocumentCancelled) event()  {}
func (MeansDisconnected) event()  {}

func (e DocumentDrafted) Subject() DocumentID   { return e.Document.ID }
func (e DocumentSigned) Subject() DocumentID    { return e.ID }
func (e DocumentAccepted) Subject() DocumentID  { return e.ID }
func (e DocumentCancelled) Subject() DocumentID { return e.ID }

// Apply is the document after one of its events.
func (d Document) Apply(e DocumentEvent, at time.Time) Document {
	switch e := e.(type) {
	case DocumentDrafted:
		return e.Document
	case DocumentSigned:
		d.Status, d.SignedBy, d.Confirmed, d.Signature = DocumentIsSigned, e.Means, e.Confirmed, e.Signature
	case DocumentAccepted:
		d.Status = DocumentIsAccepted
	case DocumentCancelled:
		d.Status, d.End = DocumentIsCancelled, e.End
	default:
		panic(fmt.Sprintf("session: %T is no event of a document", e))
	}
	d.ChangedAt = at
	return d
}

// Draft finds a document that waits.
func (s State) Draft(id DocumentID) (Document, bool) {
	for _, d := range s.Drafts {
		if d.ID == id {
			return d, true
		}
	}
	return Document{}, false
}

func (s State) withoutDraft(id DocumentID) State {
	if d, ok := s.Draft(id); ok {
		s.Passcodes = without(s.Passcodes, d.Login, d.signing())
		s.Drafts = slices.DeleteFunc(slices.Clone(s.Drafts), func(d Document) bool { return d.ID == id })
	}
	return s
}

// documentSigned takes the document out of those that wait; a success by SMS clears its counters.
func (s State) documentSigned(e DocumentSigned) State {
	s = s.withoutDraft(e.ID)
	if e.Means == SMS {
		return s.smsProved()
	}
	return s
}

// check says whether a document may be submitted by this client now, and by whom.
func (s State) check(c Content, byOperator bool) error {
	switch c := c.(type) {
	case PhoneChange:
		return s.checkPhoneChange(c)
	case ConnectToken:
		if byOperator {
			return refuse(BadDocument, "only the client connects a WEB-token", "tell him to do it in the terminal")
		}
		return nil // the rest depends on the login: see checkConnect
	case Disconnect:
		switch {
		case c.Means == SMS && s.SMS.Disconnected:
			return refuse(NothingToDo, "SMS is disconnected already", "nothing is to be done")
		case c.Means == SMS:
			return nil
		case c.Means == WebToken && s.Tokens.Active != nil:
			return nil
		case c.Means == WebToken:
			return refuse(NothingToDo, "no WEB-token is connected", "nothing is to be done")
		default:
			return refuse(BadDocument, "the means %d cannot be disconnected", "send safetyTypeId 3 or 7", c.Means)
		}
	case Restore:
		switch {
		case !byOperator:
			return refuse(BadDocument, "only the broker restores a means", "call the broker")
		case c.Means != SMS && c.Means != LoginPassword && c.Means != VoicePassword:
			return refuse(BadDocument, "the means %d cannot be restored", "send safetyTypeId 3, 4 or 6", c.Means)
		default:
			return nil
		}
	default:
		panic(fmt.Sprintf("session: no document about %T", c))
	}
}

// complete writes into an order what the client sees when he submits it.
func (s State) complete(c Content, login LoginID) Content {
	switch x := c.(type) { //nolint:gochecksumtype // the others are complete
	case PhoneChange:
		old, _ := s.phone(x.Phone)
		x.Old = old.Number
		return x
	case ConnectToken:
		x.Fingerprint = TokenHeader{s.Client, x.Token, login, x.Challenge}.Fingerprint(x.Keys)
		return x
	default:
		return c
	}
}

// drafted is the document as it is submitted.
func (d Document) drafted(s State, c Content, m Moment) Document {
	d.ID, d.Client, d.Content, d.Status, d.DraftedAt, d.ChangedAt = DocumentID(m.ID), s.Client, s.complete(c, d.Login), DocumentIsDrafted, m.Now, m.Now
	copy(d.Salt[:], m.Entropy[16:])
	return d
}

func (p Policy) submitDocument(s State, c SubmitDocument, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	l, err := p.holder(s, own, nonTrading)
	if err != nil {
		return Outcome{}, err
	}
	if _, ok := c.Content.(ConnectToken); ok && s.Tokens.Pending != nil && !s.Tokens.Pending.ExpiresAt.After(m.Now) { // an order that waits may wait longer
		return Outcome{}, errChallengeOver
	}
	if err := p.checkSigning(s, own, l, c.Content, c.By == WebToken, m.Now); err != nil {
		return Outcome{}, err
	}
	d := Document{
		ExpiresAt: m.Now.Add(p.DraftLifetime), Login: own.ID, Session: l.Session.ID,
	}.drafted(s, c.Content, m)
	var out Outcome
	if c.By != WebToken {
		if out, err = p.sendPasscode(s, own.ID, d.signing(), &d, m); err != nil {
			return Outcome{}, err
		}
	}
	var events []Event
	for _, old := range s.Drafts {
		if old.Login == own.ID {
			events = append(events, DocumentCancelled{ID: old.ID, End: DocumentReplaced})
		}
	}
	out.Events = append(append(events, DocumentDrafted{d}), out.Events...)
	sent, _ := out.Result.(PasscodeRequested)
	out.Result = DocumentTaken{Document: d, Passcode: sent}
	return out, nil
}

// ownDraft is a draft that the client himself has submitted under the login.
func (s State) ownDraft(login LoginID, id DocumentID) (Document, error) {
	if _, err := s.login(login); err != nil {
		return Document{}, err
	}
	if d, ok := s.Draft(id); ok && d.Login == login {
		return d, nil
	}
	return Document{}, refuse(UnknownDocument, "no order %d of this login waits for a signature", "submit it again", id)
}

// cancelDocument: the client may stop what an operator is about to do in his name. A login is enough, for an operator could
// take him the session and the SMS before.
func cancelDocument(s State, c CancelDocument, m Moment) (Outcome, error) {
	if _, err := s.login(c.Login); err != nil {
		return Outcome{}, err
	}
	if d, ok := s.Draft(c.ID); ok && d.Login == 0 {
		return cancelled(d, DocumentDeclined, Officer{}, m), nil
	}
	d, err := s.ownDraft(c.Login, c.ID)
	if err != nil {
		return Outcome{}, err
	}
	return cancelled(d, DocumentWithdrawn, Officer{}, m), nil
}

func cancelled(d Document, end DocumentEnd, by Officer, m Moment) Outcome {
	e := DocumentCancelled{ID: d.ID, End: end, By: by}
	return Outcome{Events: []Event{e}, Result: DocumentTaken{Document: d.Apply(e, m.Now)}}
}

// readDrafts shows a login its own drafts, with their passcodes, and those of operators.
func (p Policy) readDrafts(s State, c ReadDrafts, m Moment) (Outcome, error) {
	if _, err := s.login(c.Login); err != nil {
		return Outcome{}, err
	}
	var all Drafts
	for _, d := range s.Drafts {
		if d.Login == c.Login || d.Login == 0 {
			pending, _ := s.passcode(c.Login, d.signing(), m.Now)
			all.Drafts = append(all.Drafts, Draft{Document: d, Pending: pending})
		}
	}
	all.RepeatAt, _ = p.repeatAt(s.SMS, m.Now)
	return Outcome{Result: all}, nil
}
