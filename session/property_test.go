package session

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWhateverHappensTheRulesHold sends random commands at random instants, under the real policy and under absurd ones,
// and looks after each at everything that must always be true.
func TestWhateverHappensTheRulesHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := newWitness(t)
		for range 8 * (1 + dice.Draw(t, "commands, in eights")) {
			x.moveClock()
			x.wake()
			x.carryOut(x.command())
		}
		x.nothingWasWrittenTwice()
	})
}

// TestNoEventIsTooMuchForAnyState applies events in an order in which no policy would let them happen.
func TestNoEventIsTooMuchForAnyState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := newWitness(t)
		x.lawless = true
		for range 2 * (1 + dice.Draw(t, "events, in pairs")) {
			x.apply(x.event())
			x.moveClock()
			x.wake()
		}
		x.nothingWasWrittenTwice()
	})
}

// dice is fair, from 0 to 31; rapid's own numbers prefer the small.
var dice = rapid.Custom(func(t *rapid.T) (n int) {
	for bit := range 5 {
		if rapid.Bool().Draw(t, "bit") {
			n |= 1 << bit
		}
	}
	return n
})

// witness is a trader who remembers what was promised.
type witness struct {
	*trader
	t        *rapid.T
	seen     []State // every state there ever was
	copies   []State // and what it looked like when it was made
	failures int     // of passcodes, since the last success
	blocked  time.Time
	locked   bool
	tries    map[string]int // comparisons of each passcode
	sessions map[SessionID]Session
	ended    map[SessionID]bool
	laptop   *device // of the WEB-token
	ratchet  map[PublicKey]keyPair
	lawless  bool // the events do not come from Decide: the books are not kept
}

func newWitness(t *rapid.T) *witness {
	x := &witness{trader: newTrader(t), t: t, tries: map[string]int{}, sessions: map[SessionID]Session{}, ended: map[SessionID]bool{}}
	x.laptop, x.ratchet = x.device(0, "laptop"), map[PublicKey]keyPair{}
	if rapid.Bool().Draw(t, "with a WEB-token") { // or few would come so far
		x.laptop = x.connected(x.opened(), "laptop")
		x.do(CloseSessions{Operator: true, All: true})
	}
	x.ratchet[x.laptop.r.public] = x.laptop.r
	if rapid.Bool().Draw(t, "an absurd policy") {
		small := rapid.Map(dice, func(n int) int { return n%8 - 1 })
		span := rapid.Map(dice, func(n int) time.Duration { return time.Duration(n*n) * time.Minute })
		spans := rapid.SliceOfN(span, 0, 3)
		x.policy = Policy{
			SessionLifetime: span.Draw(t, "lifetime"), SessionCap: span.Draw(t, "cap"), LeaveGrace: span.Draw(t, "leave"),
			LostGrace: span.Draw(t, "lost"), Warnings: spans.Draw(t, "warnings"), PasscodeLifetime: span.Draw(t, "passcode"),
			PasscodeTries: small.Draw(t, "tries"), PasscodeRepeats: spans.Draw(t, "repeats"), PasscodesPerHour: small.Draw(t, "hour"),
			PasscodesPerDay: small.Draw(t, "day"), SMSBlockEvery: small.Draw(t, "block"), DraftLifetime: span.Draw(t, "draft"), ConfirmLifetime: span.Draw(t, "confirm"),
			PhoneQuarantine: span.Draw(t, "quarantine"), VoiceTries: small.Draw(t, "voice"), CallLifetime: span.Draw(t, "call"),
			SMSBlocks:     spans.Draw(t, "blocks"),
			PasswordTries: small.Draw(t, "password"), PasswordBlock: span.Draw(t, "password block"), LiveLogins: small.Draw(t, "live"),
			LoginIdle: span.Draw(t, "idle"), LoginRemember: span.Draw(t, "remember"),
		}
	} else {
		x.policy.PasscodesPerHour, x.policy.PasscodesPerDay = 50, 1000 // or nobody would ever come to thirty failures
		x.policy.PasscodeRepeats = nil
		x.policy.LiveLogins = rapid.SampledFrom([]int{2, 32}).Draw(t, "live")
	}
	x.policy.SharedSessions = rapid.Bool().Draw(t, "shared")
	x.policy.WebTokenTrades = rapid.Bool().Draw(t, "web-token trades")
	x.policy.WebTokenUnsigned = rapid.Bool().Draw(t, "web-token unsigned")
	x.remember()
	return x
}

func (x *witness) remember() {
	x.seen, x.copies = append(x.seen, x.state), append(x.copies, deepCopy(x.state))
}

func deepCopy(s State) State {
	s.Logins, s.Passcodes, s.SMS.Sent = slices.Clone(s.Logins), slices.Clone(s.Passcodes), slices.Clone(s.SMS.Sent)
	s.Phones, s.Drafts, s.Voice.Calls = slices.Clone(s.Phones), slices.Clone(s.Drafts), slices.Clone(s.Voice.Calls)
	for i := range s.Logins {
		l := &s.Logins[i]
		l.SID = slices.Clone(l.SID)
		if l.Session != nil {
			session := *l.Session
			l.Session = &session
		}
	}
	for i := range s.Passcodes {
		s.Passcodes[i].Digest = slices.Clone(s.Passcodes[i].Digest)
	}
	s.Tokens = copyTokens(s.Tokens)
	return s
}

func (x *witness) nothingWasWrittenTwice() {
	for i := range x.seen {
		if !reflect.DeepEqual(x.seen[i], x.copies[i]) {
			x.t.Fatalf("a state was changed behind its back:\n%+v\nbecame\n%+v", x.copies[i], x.seen[i])
		}
	}
}

// wake feeds the alarm, as the actor does, and wants it to be of use.
func (x *witness) wake() {
	if x.deadlineAhead() {
		out, err := x.policy.Decide(x.state, Tick{}, x.moment())
		if err != nil || len(out.Events) > 0 {
			x.t.Fatalf("an early tick came to %+v, %v", out.Events, err)
		}
		return
	}
	x.carryOut(Tick{})
	if at, _ := Deadline(x.state); !x.deadlineAhead() {
		x.t.Fatalf("after the tick at %v the deadline is %v, in %+v", x.now, at, x.state)
	}
}

// carryOut decides, twice, and applies.
func (x *witness) carryOut(cmd Command) {
	x.id++
	before, m := x.state, x.moment()
	again, errAgain := x.policy.Decide(x.state, cmd, m)
	m.Matches = x.counting(m.Matches)
	out, err := x.policy.Decide(x.state, cmd, m)
	if !reflect.DeepEqual(out, again) || !reflect.DeepEqual(err, errAgain) {
		x.t.Fatalf("%+v was decided in two ways:\n%+v, %v\n%+v, %v", cmd, out, err, again, errAgain)
	}
	x.blockIsKept(cmd, out, err)
	if err != nil {
		if no := (*Refusal)(nil); !errors.As(err, &no) || len(out.Events)+len(out.Effects) > 0 || out.Result != nil {
			x.t.Fatalf("%+v: %+v, %v", cmd, out, err)
		}
		return
	}
	if out.Result == nil {
		x.t.Fatalf("%+v has no answer", cmd)
	}
	for _, e := range out.Events {
		x.account(e)
		x.apply(e)
	}
	for _, e := range out.Effects {
		switch e := e.(type) {
		case SendText:
			if e.Code != "" {
				x.code = e.Code
			}
		case RouteOrder:
			x.orderIsAllowed(before, e.Order)
		case StorePassword:
		}
	}
	if in, ok := out.Result.(LoggedIn); ok {
		x.sid = in.SID
	}
	x.rulesHold()
	if _, ok := cmd.(Tick); ok {
		if out, _ := x.policy.Decide(x.state, Tick{}, m); len(out.Events) > 0 {
			x.t.Fatalf("a second tick came to %+v", out.Events)
		}
	}
}

// counting counts the comparisons of each passcode.
func (x *witness) counting(matches func(string, string, Sealed) bool) func(string, string, Sealed) bool {
	return func(purpose, secret string, sealed Sealed) bool {
		if purpose == "passcode" {
			if x.tries[string(sealed)]++; x.tries[string(sealed)] > x.policy.PasscodeTries {
				x.t.Fatalf("a passcode was compared %d times", x.tries[string(sealed)])
			}
			if x.locked || x.blocked.After(x.now) {
				x.t.Fatalf("a passcode was compared while SMS was blocked")
			}
		}
		return matches(purpose, secret, sealed)
	}
}

// blockIsKept holds the block against a count of its own.
func (x *witness) blockIsKept(cmd Command, out Outcome, err error) {
	request, isRequest := cmd.(RequestPasscode)
	enter, isEnter := cmd.(EnterPasscode)
	restored, restores := out.Result.(DocumentTaken)
	restores = restores && restored.Document.Status == DocumentIsAccepted && restored.Document.Content == Restore{Means: SMS}
	if _, ok := x.state.Login(max(request.Login, enter.Login)); ok && (isRequest || isEnter) && !x.state.SMS.Disconnected {
		var no *Refusal
		blocked := x.locked || x.blocked.After(x.now)
		if blocked != (errors.As(err, &no) && no.Reason == SMSBlocked) {
			x.t.Fatalf("after %d failures, blocked %v: %v", x.failures, blocked, err)
		}
	}
	checked, compared := out.Result.(PasscodeChecked)
	signed, ok := out.Result.(SignatureChecked)
	if ok && len(out.Events) > 0 && signed.Document.SignedBy != WebToken { // not a repetition
		checked, compared = signed.PasscodeChecked, true
	}
	_, opened := out.Result.(TokenProved)
	unlocks := opened && len(out.Events) > 0 && x.locked
	switch {
	case compared && checked.OK, unlocks, cmd == Command(Unblock{}) && !x.state.SMS.Disconnected, restores:
		x.failures, x.blocked, x.locked = 0, time.Time{}, false
	case compared:
		x.failures++
		every := max(1, x.policy.SMSBlockEvery)
		switch n := x.failures / every; {
		case x.failures%every > 0:
		case n <= len(x.policy.SMSBlocks):
			x.blocked = x.now.Add(x.policy.SMSBlocks[n-1])
		default:
			x.locked = true
		}
	}
}

// apply applies an event twice, the second time behind the back of the state that the first one made.
func (x *witness) apply(e Event) {
	before := x.state
	x.state = Apply(before, e)
	if x.state.Version != before.Version+1 {
		x.t.Fatalf("%T moved the version from %d to %d", e, before.Version, x.state.Version)
	}
	x.remember()
	Apply(before, LoginOpened{Login: Login{ID: 1 << 50}})
	Apply(before, PasscodeSent{Login: 1 << 50, At: x.now})
	x.pokeTokens(before)
	if twin := Apply(before, e); !reflect.DeepEqual(twin, x.state) {
		x.t.Fatalf("%+v was applied in two ways", e)
	}
	switch e := e.(type) {
	case OrderEvent:
		x.orders[e.Subject()] = x.orders[e.Subject()].Apply(e, x.now)
	case DocumentEvent:
		x.papers[e.Subject()] = x.papers[e.Subject()].Apply(e, x.now)
	case TokenEvent:
		x.tokens[e.Subject()] = x.tokens[e.Subject()].Apply(e)
	default:
	}
}

// account keeps the books of the sessions by their events alone.
func (x *witness) account(e Event) {
	if x.lawless {
		return
	}
	if e, ok := e.(SessionOpened); ok {
		s := e.Session
		if _, twice := x.sessions[s.ID]; twice || !s.OpenedAt.Equal(x.now) || !s.CapAt.Equal(x.now.Add(x.policy.SessionCap)) {
			x.t.Fatalf("opened at %v: %+v", x.now, s)
		}
		x.sessions[s.ID] = s
	}
	if e, ok := e.(SessionExtended); ok {
		s := x.sessions[e.Session]
		if !e.ExpiresAt.After(s.ExpiresAt) || e.ExpiresAt.After(s.OpenedAt.Add(x.policy.SessionCap)) {
			x.t.Fatalf("extended to %v: %+v", e.ExpiresAt, s)
		}
		s.ExpiresAt = e.ExpiresAt
		x.sessions[e.Session] = s
	}
	if e, ok := e.(SessionClosed); ok {
		if _, opened := x.sessions[e.Session]; !opened || x.ended[e.Session] {
			x.t.Fatalf("closed, and was not open: %+v", e)
		}
		x.ended[e.Session] = true
	}
}

func (x *witness) orderIsAllowed(before State, o Order) {
	for _, l := range before.Logins {
		s := l.Session
		if s == nil || s.ID != o.Session && o.Status == StatusReceived || l.ID != o.Login && !x.policy.SharedSessions {
			continue
		}
		if s.Means == WebToken && (!x.policy.WebTokenTrades || l.ID != o.Login || !x.signedWell(before, o)) {
			continue
		}
		if s.ExpiresAt.After(x.now) {
			return
		}
	}
	if o.Status == StatusCancelling {
		return // any login may cancel: the session is that of the one that asks, which the order does not name
	}
	x.t.Fatalf("an order was taken without an open session: %+v in %+v", o, before)
}

func (x *witness) rulesHold() {
	if x.lawless {
		return
	}
	s, open, ids := x.state, 0, map[LoginID]bool{}
	if len(s.Logins) > max(1, x.policy.LiveLogins) {
		x.t.Fatalf("%d logins", len(s.Logins))
	}
	for _, l := range s.Logins {
		if ids[l.ID] {
			x.t.Fatalf("login %d twice", l.ID)
		}
		ids[l.ID] = true
		if l.Session == nil {
			continue
		}
		open++
		booked := x.sessions[l.Session.ID]
		if x.ended[l.Session.ID] || !booked.ExpiresAt.Equal(l.Session.ExpiresAt) || l.Session.ExpiresAt.After(l.Session.CapAt) {
			x.t.Fatalf("%+v, and the events say %+v", *l.Session, booked)
		}
		if l.Attended && !l.LeaveBy.IsZero() {
			x.t.Fatalf("a terminal is there, and the session ends at %v", l.LeaveBy)
		}
	}
	if open != len(x.sessions)-len(x.ended) {
		x.t.Fatalf("%d sessions are open, %d were opened, %d closed", open, len(x.sessions), len(x.ended))
	}
	pending := map[any]bool{}
	for _, p := range s.Passcodes {
		key := [2]any{p.Login, p.Purpose}
		if pending[key] || !ids[p.Login] || p.TriesLeft > x.policy.PasscodeTries {
			x.t.Fatalf("the passcode %+v among %+v", p, s.Passcodes)
		}
		pending[key] = true
	}
	if s.SMS.Failures != x.failures {
		x.t.Fatalf("%d failures instead of %d", s.SMS.Failures, x.failures)
	}
	drafts := map[LoginID]bool{}
	for _, d := range s.Drafts {
		if drafts[d.Login] || d.Status != DocumentIsDrafted || d.ExpiresAt.Before(x.now) && d.DraftedAt.Before(x.now) {
			x.t.Fatalf("the draft %+v among %+v", d, s.Drafts)
		}
		drafts[d.Login] = true
	}
	if len(s.Phones) == 0 || len(s.Phones) > mostPhones || len(s.Voice.Calls) > mostCalls || s.Voice.Tries > max(1, x.policy.VoiceTries) {
		x.t.Fatalf("phones %+v, voice %+v", s.Phones, s.Voice)
	}
	x.tokenRulesHold()
	for _, o := range x.orders {
		filled := Decimal(0)
		for _, f := range o.Fills {
			filled += f.Quantity
		}
		if filled+o.Leaves != o.Quantity || o.Status == StatusFilled != (o.Leaves == 0) {
			x.t.Fatalf("the order does not add up: %+v", o)
		}
	}
}
