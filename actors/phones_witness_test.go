package actors

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vakhta/session"
)

// The numbers of the product, as the witness was told them.
const (
	passcodeLives = 5 * time.Minute
	passcodeTries = 3
	draftLives    = 15 * time.Minute
	proposalLives = 30 * time.Minute
	callLives     = 15 * time.Minute
	voiceTries    = 3
	sessionLives  = 5 * time.Hour
	sessionCap    = 24 * time.Hour
	blockEvery    = 5
)

var blocks = []time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour}

// witness looks at what is asked, at what is written and at the texts that go out, and keeps books of its own: of what
// is proved, by whom and for how long. It asks nobody what is allowed.
type witness struct {
	testing.TB
	mu sync.Mutex

	asked    map[*asked]bool                  // commands without an answer: whatever happens is done by one of them
	numbers  []string                         // the contact phones as they should be, the primary one first
	ids      map[session.PhoneID]string       // of all that there ever were
	present  []session.Phone                  // as the journal has them
	papers   map[session.DocumentID]*paper    //
	order    []session.DocumentID             // of the papers
	codes    []*code                          // all that were sent
	sessions map[session.LoginID]*openSession //
	gone     map[session.LoginID]bool         // logins that have ended
	calls    map[session.OperatorID]time.Time // when the voice password was right
	voice    int                              // tries of the voice password since it was right
	failures int                              // of passcodes, since one was right
	blocked  time.Time                        // SMS is, until then
	locked   bool                             // until it is unblocked
	off      bool                             // SMS is disconnected
	signed   *paper                           // that the decision at hand is about
	changes  map[string]int                   // of phones, by the path and by what was done
}

type (
	// asked is a command without an answer.
	asked struct{ command session.Command }

	// paper is a non-trading order.
	paper struct {
		id      session.DocumentID
		login   session.LoginID
		officer session.Officer
		content session.Content
		at      time.Time
		open    bool // it waits
	}

	// code is a passcode as its owner got it.
	code struct {
		login  session.LoginID
		paper  session.DocumentID // that it signs; 0: it opens a session
		digits string
		sent   time.Time
		tries  int
		dead   bool
	}

	openSession struct {
		id         session.SessionID
		seq        int64
		opened, to time.Time
	}
)

func newWitness(t testing.TB) *witness {
	return &witness{
		TB: t, asked: map[*asked]bool{}, numbers: []string{firstNumber, secondNumber, thirdNumber}, ids: map[session.PhoneID]string{},
		present: []session.Phone{{ID: 1, Number: firstNumber}, {ID: 2, Number: secondNumber}, {ID: 3, Number: thirdNumber}},
		papers:  map[session.DocumentID]*paper{}, sessions: map[session.LoginID]*openSession{}, gone: map[session.LoginID]bool{},
		calls:   map[session.OperatorID]time.Time{},
		changes: map[string]int{},
	}
}

// worded is how the texts name everything that there is to name.
func worded(_ session.Profile, text session.SendText) string {
	return fmt.Sprintf("%s about %#v", text.Code, text.About)
}

// ask has a command carried out, and remembers until the answer that it was asked.
func (x *witness) ask(p *person, c session.Command) (session.Result, error) {
	a := &asked{c}
	x.mu.Lock()
	x.asked[a] = true
	x.mu.Unlock()
	answer, err := p.Ask(x.Context(), p.client, c)
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.asked, a)
	if err == nil {
		x.promised(c, answer)
	}
	return answer.Result, err
}

// promised notes what was acknowledged: from now on it is so.
func (x *witness) promised(c session.Command, answer session.Answer) {
	switch c := c.(type) {
	case session.Logout:
		x.gone[c.Login] = true
	case session.CloseSessions:
		for login, s := range x.sessions {
			if s.seq <= answer.Seq && (c.All || login != c.Login) {
				delete(x.sessions, login)
			}
		}
	case session.CancelDocument:
		x.papers[c.ID].open = false
	case session.DeclineDocument:
		x.papers[c.ID].open = false
	}
}

// somebody tells whether such a command waits for its answer.
func somebody[C session.Command](x *witness, asks func(C) bool) bool {
	for a := range x.asked {
		if c, ok := a.command.(C); ok && asks(c) {
			return true
		}
	}
	return false
}

// watch sees a change that is being written.
func (x *witness) watch(c session.Change) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range c.State.Phones {
		x.ids[p.ID] = p.Number
	}
	passcodes, notices := sorted(c.Texts)
	for _, n := range c.Events {
		switch e := n.Event.(type) {
		case session.PasscodeSent:
			if len(passcodes) == 0 {
				x.Errorf("event %d: a passcode without a text", n.Seq)
				break
			}
			x.passcode(n, e, passcodes[0])
			passcodes = passcodes[1:]
		case session.DocumentAccepted:
			notices = x.accepted(n, notices)
		default:
			x.event(n)
		}
	}
	var numbers []string
	for _, p := range c.State.Phones {
		numbers = append(numbers, p.Number)
	}
	if !slices.Equal(numbers, x.numbers) {
		x.Errorf("version %d: the phones are %v, and should be %v", c.State.Version, numbers, x.numbers)
	}
	x.present = c.State.Phones
}

func sorted(texts []session.Text) (passcodes, notices []session.Text) {
	for _, t := range texts {
		if t.Purpose == "" {
			notices = append(notices, t)
		} else {
			passcodes = append(passcodes, t)
		}
	}
	return passcodes, notices
}

// event is of any other kind.
func (x *witness) event(n session.Numbered) {
	switch e := n.Event.(type) {
	case session.DocumentDrafted:
		x.drafted(n, e.Document)
	case session.DocumentSigned:
		x.isSigned(n, e)
	case session.DocumentCancelled:
		x.papers[e.ID].open = false
	case session.AttemptFailed:
		if e.Means == session.SMS {
			x.missed(n, e)
		}
	case session.SessionOpened:
		x.open(n, e)
	case session.SessionClosed:
		delete(x.sessions, e.Login)
	case session.LoginClosed:
		x.gone[e.Login] = true
	case session.VoiceAttempted:
		if x.voice++; x.voice > voiceTries {
			x.Errorf("event %d: the voice password is tried for the %dth time", n.Seq, x.voice)
		}
	case session.VoiceVerified:
		if !somebody(x, func(c session.SettleVoice) bool { return c.OK && c.By == e.By }) {
			x.Errorf("event %d: nobody has said the voice password to %s", n.Seq, e.By.Name)
		}
		x.calls[e.By.ID], x.voice = n.At, 0
	case session.MeansDisconnected:
		if x.signed == nil || x.signed.content != session.Content(session.Disconnect(e)) {
			x.Errorf("event %d: a means is disconnected by nobody", n.Seq)
		}
		x.off = true
		x.kill(func(*code) bool { return true })
		clear(x.sessions)
	case session.MeansUnblocked:
		x.unblocked(n, e.Means)
	}
}

func (x *witness) unblocked(n session.Numbered, means session.Means) {
	restored := x.signed != nil && x.signed.content == session.Content(session.Restore{Means: means})
	if !restored && (means == session.VoicePassword || !somebody(x, func(session.Unblock) bool { return true })) {
		x.Errorf("event %d: the means %d is unblocked by nobody", n.Seq, means)
	}
	switch means {
	case session.SMS:
		x.failures, x.blocked, x.locked, x.off = 0, time.Time{}, false, false
	case session.VoicePassword:
		x.voice = 0
	}
}

func (x *witness) kill(which func(*code) bool) {
	for _, c := range x.codes {
		c.dead = c.dead || which(c)
	}
}

// waiting is the order of a login that waits for its signature.
func (x *witness) waiting(login session.LoginID) *paper {
	for _, p := range x.papers {
		if p.open && p.login == login {
			return p
		}
	}
	return nil
}

// passcode is on its way: to the primary phone, and it names what it signs.
func (x *witness) passcode(n session.Numbered, e session.PasscodeSent, text session.Text) {
	sent := &code{login: e.Login, sent: n.At}
	names := "about " + fmt.Sprintf("%#v", session.Content(nil))
	if p := x.waiting(e.Login); e.Purpose != session.OpenSession {
		if p == nil {
			x.Errorf("event %d: a passcode that signs nothing", n.Seq)
			return
		}
		sent.paper, names = p.id, fmt.Sprintf("about %#v", p.content)
	}
	digits, about, _ := strings.Cut(text.Body, " ")
	if sent.digits = digits; about != names || text.To != x.numbers[0] || text.Login != e.Login {
		x.Errorf("event %d: the passcode %s goes to %s, %s, and should be %s", n.Seq, digits, text.To, about, names)
	}
	x.kill(func(c *code) bool { return c.login == sent.login && c.paper == sent.paper })
	x.codes = append(x.codes, sent)
}

func (x *witness) missed(n session.Numbered, e session.AttemptFailed) {
	var id session.DocumentID
	if p := x.waiting(e.Login); e.Purpose != session.OpenSession && p != nil {
		id = p.id
	}
	for _, c := range x.codes {
		if c.login == e.Login && c.paper == id && !c.dead {
			c.tries++
			c.dead = c.tries >= passcodeTries
		}
	}
	if x.failures++; x.failures%blockEvery != 0 {
		return
	}
	x.kill(func(*code) bool { return true })
	if i := x.failures/blockEvery - 1; i < len(blocks) {
		x.blocked = n.At.Add(blocks[i])
	} else {
		x.locked = true
	}
}

// proved tells whether somebody enters the very code that was sent to the login for that, and may still be entered.
func (x *witness) proved(at time.Time, login session.LoginID, id session.DocumentID, enters func(digits string) bool) bool {
	if x.gone[login] || x.off || x.locked || at.Before(x.blocked) {
		return false
	}
	return slices.ContainsFunc(x.codes, func(c *code) bool {
		return c.login == login && c.paper == id && !c.dead && at.Before(c.sent.Add(passcodeLives)) && enters(c.digits)
	})
}

func (x *witness) open(n session.Numbered, e session.SessionOpened) {
	if !x.proved(n.At, e.Login, 0, func(digits string) bool {
		return somebody(x, func(c session.EnterPasscode) bool { return c.Login == e.Login && c.Code == digits })
	}) {
		x.Errorf("event %d: the login %d has a session and entered no passcode that opens one", n.Seq, e.Login)
	}
	x.kill(func(c *code) bool { return c.login == e.Login && c.paper == 0 })
	x.failures, x.blocked = 0, time.Time{}
	x.sessions[e.Login] = &openSession{id: e.Session.ID, seq: n.Seq, opened: n.At, to: n.At.Add(sessionLives)}
}

func (x *witness) drafted(n session.Numbered, d session.Document) {
	p := &paper{id: d.ID, login: d.Login, officer: d.Operator, content: d.Content, at: n.At, open: true}
	byClient := somebody(x, func(c session.SubmitDocument) bool { return c.Login == d.Login && x.complete(c.Content) == d.Content })
	byOperator := somebody(x, func(c session.ProposeDocument) bool {
		return c.By == d.Operator && x.complete(c.Content) == d.Content && strings.TrimSpace(c.Reason) == d.Reason
	})
	switch {
	case d.Login != 0 && !byClient || d.Login == 0 && !byOperator:
		x.Errorf("event %d: nobody has asked for %+v", n.Seq, d)
	case d.Login != 0 && x.waiting(d.Login) != nil:
		x.Errorf("event %d: two orders of the login %d wait", n.Seq, d.Login)
	case d.Login == 0 && needsCall(d.Content) && !n.At.Before(x.calls[d.Operator.ID].Add(callLives)):
		x.Errorf("event %d: %s does not have the client on the phone", n.Seq, d.Operator.Name)
	}
	x.papers[d.ID], x.order = p, append(x.order, d.ID)
}

// complete has the order name the phone that it is about.
func (x *witness) complete(c session.Content) session.Content {
	if c, ok := c.(session.PhoneChange); ok {
		c.Old = x.ids[c.Phone]
		return c
	}
	return c
}

// needsCall: what protects needs none, and one whose voice password is blocked cannot say it.
func needsCall(c session.Content) bool {
	_, protects := c.(session.Disconnect)
	return !protects && c != session.Content(session.Restore{Means: session.VoicePassword})
}

// isSigned wants one of the two paths to be whole.
func (x *witness) isSigned(n session.Numbered, e session.DocumentSigned) {
	p := x.papers[e.ID]
	x.signed = p
	complain := func(what string) { x.Errorf("event %d: %+v is signed %s", n.Seq, *p, what) }
	_, protects := p.content.(session.Disconnect)
	switch {
	case !p.open:
		complain("though it does not wait")
	case p.login != 0:
		x.signedByClient(n, p, complain)
	case protects: // at once, by who has proposed it
	case !n.At.Before(p.at.Add(proposalLives)):
		complain("too late")
	case e.Confirmed.ID == p.officer.ID:
		complain("by who has proposed it")
	case !somebody(x, func(c session.ConfirmDocument) bool { return c.ID == p.id && c.By == e.Confirmed }):
		complain("and nobody has confirmed it")
	}
	if p.login != 0 { // the passcode was right
		x.failures, x.blocked = 0, time.Time{}
	}
}

func (x *witness) signedByClient(n session.Numbered, p *paper, complain func(string)) {
	s := x.sessions[p.login]
	switch {
	case !n.At.Before(p.at.Add(draftLives)):
		complain("too late")
	case s == nil || !n.At.Before(s.to):
		complain("without an open session")
	case !x.proved(n.At, p.login, p.id, func(digits string) bool {
		return somebody(x, func(c session.SignDocument) bool { return c.Login == p.login && c.ID == p.id && c.Code == digits })
	}):
		complain("and the passcode that was sent for it was not entered")
	}
	if s != nil {
		if s.to = n.At.Add(sessionLives); s.to.After(s.opened.Add(sessionCap)) {
			s.to = s.opened.Add(sessionCap)
		}
	}
}

// accepted has the phones change as the order says, and wants those to be told who must be.
func (x *witness) accepted(n session.Numbered, notices []session.Text) (rest []session.Text) {
	p := x.papers[n.Event.(session.DocumentAccepted).ID]
	if p != x.signed {
		x.Errorf("event %d: %+v is accepted and not signed", n.Seq, *p)
	}
	x.signed, p.open = nil, false
	x.kill(func(c *code) bool { return c.paper == p.id })
	c, ok := p.content.(session.PhoneChange)
	if !ok {
		return notices
	}
	was := x.numbers
	x.numbers = x.after(c)
	if !reflect.DeepEqual(x.numbers[:1], was[:1]) {
		x.kill(func(*code) bool { return true })
	}
	for i, number := range was {
		if i == 0 && x.numbers[0] != number || !slices.Contains(x.numbers, number) {
			told := slices.IndexFunc(notices, func(t session.Text) bool {
				return t.To == number && t.Body == fmt.Sprintf(" about %#v", c) && !t.ExpiresAt.Before(n.At.Add(time.Hour))
			})
			if told < 0 {
				x.Errorf("event %d: %s is not told of %+v", n.Seq, number, c)
				continue
			}
			notices = slices.Delete(slices.Clone(notices), told, told+1)
		}
	}
	path := "client"
	if p.login == 0 {
		path = "operators"
	}
	x.changes[path]++
	x.changes[string(c.Action)]++
	return notices
}

// after is what an order makes of the phones.
func (x *witness) after(c session.PhoneChange) []string {
	old := x.ids[c.Phone]
	rest := slices.DeleteFunc(slices.Clone(x.numbers), func(n string) bool { return n == old })
	primary := old == x.numbers[0]
	switch c.Action {
	case session.AddPhone, session.ReplacePhone:
		if c.Primary || primary {
			return append([]string{c.Number}, rest...)
		}
		return append(rest, c.Number)
	case session.PrimaryPhone:
		return append([]string{old}, rest...)
	case session.RemovePhone:
		return rest
	default:
		x.Errorf("an order with the action %q was accepted", c.Action)
		return x.numbers
	}
}
