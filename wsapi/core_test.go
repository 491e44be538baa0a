package wsapi

import (
	"cmp"
	"context"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"vakhta/session"
)

// fakeCore is the real core without actors and without a journal. As in the real program, events reach a terminal
// through a goroutine of their own, and so sometimes later than the answer.
type fakeCore struct {
	policy session.Policy
	delay  time.Duration // of every push
	takes  time.Duration // every command
	broken error         // what Ask answers instead

	mu      sync.Mutex
	clients map[session.ClientID]*fakeClient
	byLogin map[string]session.Credential
	texts   []session.Delivered
	lastID  int64
	alarm   *time.Timer
	asked   []session.Command

	compared int // keyed comparisons of passcodes
	oprf     *fakeOPRF
}

type fakeClient struct {
	state     session.State
	events    []session.Numbered
	orders    []session.Order
	documents []session.Document
	terminals []*fakeTerminal
}

type fakeTerminal struct {
	login session.LoginID
	queue chan fakePush
}

type fakePush struct {
	events []session.Numbered
	over   session.Goodbye
}

func newFakeCore() *fakeCore {
	p := session.DefaultPolicy()
	p.PasswordMemory, p.PasswordPasses = 64, 1
	f := &fakeCore{policy: p, clients: map[session.ClientID]*fakeClient{}, byLogin: map[string]session.Credential{}, lastID: 1000, oprf: &fakeOPRF{}}
	f.client(1, "100001", "demo", "+79031111111")
	f.client(2, "100002", "second", "+79032222222")
	return f
}

func (f *fakeCore) client(id session.ClientID, code, login, phone string) {
	params := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	hash, err := argon2id.CreateHash(login, &params)
	if err != nil {
		panic(err)
	}
	f.clients[id] = &fakeClient{state: session.State{Client: id, Phones: []session.Phone{{ID: 1, Number: phone}}, Profile: &session.Profile{
		Client: id, Code: code, Kind: "person", Name: "Client " + code, Login: login, Language: "ru",
	}}}
	f.byLogin[login] = session.Credential{Client: id, Hash: hash}
}

func (f *fakeCore) moment() session.Moment {
	f.lastID++
	m := session.Moment{Now: session.Instant(time.Now()), ID: f.lastID, OPRF: f.oprf}
	for i := range m.Entropy {
		m.Entropy[i] = byte(rand.Int())
	}
	m.Digest = func(purpose, secret string) session.Sealed { return session.Sealed(purpose + "|" + secret) }
	m.Matches = func(purpose, secret string, d session.Sealed) bool {
		if purpose == "passcode" {
			f.compared++
		}
		return string(d) == purpose+"|"+secret
	}
	return m
}

func (f *fakeCore) Ask(ctx context.Context, id session.ClientID, c session.Command) (session.Answer, error) {
	if f.takes > 0 {
		time.Sleep(f.takes)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, c)
	if f.broken != nil || ctx.Err() != nil {
		return session.Answer{}, slices.DeleteFunc([]error{f.broken, ctx.Err()}, func(e error) bool { return e == nil })[0]
	}
	client := f.clients[id]
	if client == nil {
		return session.Answer{}, session.ErrUnknownClient
	}
	if q, ok := c.(session.Query); ok {
		return session.Answer{Seq: client.state.Version, Result: client.read(q)}, nil
	}
	return f.do(client, c)
}

func (c *fakeClient) read(q session.Query) session.Result {
	switch q := q.(type) {
	case session.ReadOrders:
		var r session.Orders
		for _, o := range c.orders {
			if o.Status.Open() || !q.ActiveOnly {
				r.Orders = append(r.Orders, o)
			}
		}
		return r
	case session.ReadEvents:
		return c.after(q.Since)
	case session.ReadDocuments:
		return session.Documents{Documents: newest(c.documents, func(d session.Document) int64 { return int64(d.ID) }, int64(q.Before))}
	case session.ReadHistory:
		return session.History{Events: newest(c.events, func(e session.Numbered) int64 { return e.Seq }, q.Before)}
	default:
		panic(q)
	}
}

// newest is a page of what is before that number, as the journal gives it.
func newest[T any](all []T, number func(T) int64, before int64) (page []T) {
	for _, x := range slices.Backward(all) {
		if len(page) < 50 && (before == 0 || number(x) < before) {
			page = append(page, x)
		}
	}
	return page
}

func (c *fakeClient) after(since int64) session.Events {
	if since > int64(len(c.events)) || int64(len(c.events))-since > 1000 {
		return session.Events{Gap: true}
	}
	return session.Events{Events: slices.Clone(c.events[since:])}
}

func (c *fakeClient) order(match func(session.Order) bool) *session.Order {
	if i := slices.IndexFunc(c.orders, match); i >= 0 {
		o := c.orders[i]
		return &o
	}
	return nil
}

// document finds one that waits no more.
func (c *fakeClient) document(id session.DocumentID) *session.Document {
	if i := slices.IndexFunc(c.documents, func(d session.Document) bool { return d.ID == id }); i >= 0 {
		d := c.documents[i]
		return &d
	}
	return nil
}

// do decides, applies and tells. f.mu is held.
func (f *fakeCore) do(c *fakeClient, command session.Command) (session.Answer, error) {
	if at, ok := session.Deadline(c.state); ok && !at.After(time.Now()) {
		if _, tick := command.(session.Tick); !tick {
			_, _ = f.do(c, session.Tick{})
		}
	}
	if x, ok := command.(session.SubmitOrder); ok {
		if i := slices.IndexFunc(fakeInstruments, func(in session.Instrument) bool { return in.Ticker == x.Ticket.Ticker }); i >= 0 {
			x.Instrument = fakeInstruments[i]
		}
		command = x
	}
	if x, ok := command.(session.SubmitOrder); ok && x.Ticket.UserOrderID != "" {
		x.Prior = c.order(func(o session.Order) bool { return o.UserOrderID == x.Ticket.UserOrderID })
		command = x
	}
	if x, ok := command.(session.CancelOrder); ok {
		x.Prior = c.order(func(o session.Order) bool { return o.ID == x.ID })
		command = x
	}
	if x, ok := command.(session.ReportExecution); ok {
		x.Prior = c.order(func(o session.Order) bool { return o.ID == x.ID })
		command = x
	}
	if x, ok := command.(session.SignDocument); ok {
		x.Prior = c.document(x.ID)
		command = x
	}
	if x, ok := command.(session.ConfirmDocument); ok {
		x.Prior = c.document(x.ID)
		command = x
	}
	m := f.moment()
	out, err := f.policy.Decide(c.state, command, m)
	if err != nil {
		return session.Answer{}, err
	}
	f.happen(c, out, m.Now)
	return session.Answer{Seq: c.state.Version, Result: out.Result}, nil
}

func (f *fakeCore) happen(c *fakeClient, out session.Outcome, at time.Time) {
	var batch []session.Numbered
	var ended []session.LoginID
	for _, e := range out.Events {
		c.state = session.Apply(c.state, e)
		n := session.Numbered{Seq: c.state.Version, At: at, Event: e}
		batch = append(batch, n)
		if e, ok := e.(session.OrderEvent); ok {
			i := slices.IndexFunc(c.orders, func(o session.Order) bool { return o.ID == e.Subject() })
			if i < 0 {
				c.orders, i = append(c.orders, session.Order{}), len(c.orders)
			}
			c.orders[i] = c.orders[i].Apply(e, n.At)
		}
		if e, ok := e.(session.DocumentEvent); ok {
			i := slices.IndexFunc(c.documents, func(d session.Document) bool { return d.ID == e.Subject() })
			if i < 0 {
				c.documents, i = append(c.documents, session.Document{}), len(c.documents)
			}
			c.documents[i] = c.documents[i].Apply(e, n.At)
		}
		if e, ok := e.(session.LoginClosed); ok {
			ended = append(ended, e.Login)
		}
	}
	c.events = append(c.events, batch...)
	for _, t := range c.terminals {
		p := fakePush{events: batch}
		if slices.Contains(ended, t.login) {
			p.over = session.GoodbyeLogin
		}
		t.queue <- p
	}
	for _, e := range out.Effects {
		switch e := e.(type) {
		case session.SendText:
			f.texts = append(f.texts, session.Delivered{To: e.To, Text: cmp.Or(e.Code, "a notice"), At: time.Now()})
		case session.StorePassword:
			f.byLogin[c.state.Profile.Login] = session.Credential{Client: c.state.Client, Hash: e.Hash}
		case session.RouteOrder:
		}
	}
	f.arm(c)
}

// arm wakes the core for the client's next deadline.
func (f *fakeCore) arm(c *fakeClient) {
	at, ok := session.Deadline(c.state)
	if !ok {
		return
	}
	f.alarm = time.AfterFunc(time.Until(at), func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if at, ok := session.Deadline(c.state); ok && !at.After(time.Now()) {
			_, _ = f.do(c, session.Tick{})
		}
	})
}

func (f *fakeCore) Attach(_ context.Context, id session.ClientID, login session.LoginID,
	push func([]session.Numbered) bool, goodbye func(session.Goodbye),
) (int64, func(bool), error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return 0, nil, f.broken
	}
	c := f.clients[id]
	a, err := f.do(c, session.Attend{Login: login})
	if err != nil {
		return 0, nil, err
	}
	t := &fakeTerminal{login: login, queue: make(chan fakePush, 100_000)}
	c.terminals = append(c.terminals, t)
	go t.run(f.delay, push, goodbye)
	return a.Seq, func(announced bool) { f.detach(c, t, announced) }, nil
}

func (t *fakeTerminal) run(delay time.Duration, push func([]session.Numbered) bool, goodbye func(session.Goodbye)) {
	for p := range t.queue {
		if delay > 0 {
			time.Sleep(delay)
		}
		if len(p.events) > 0 && !push(p.events) {
			p.over = session.Slow
		}
		if p.over != "" {
			goodbye(p.over)
		}
	}
}

func (f *fakeCore) detach(c *fakeClient, t *fakeTerminal, announced bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.terminals = slices.DeleteFunc(c.terminals, func(x *fakeTerminal) bool { return x == t })
	close(t.queue)
	if !slices.ContainsFunc(c.terminals, func(x *fakeTerminal) bool { return x.login == t.login }) {
		_, _ = f.do(c, session.Detach{Login: t.login, Announced: announced})
	}
}

// happened is done to a client from outside, as by a venue.
func (f *fakeCore) happened(id session.ClientID, c session.Command) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.do(f.clients[id], c); err != nil {
		panic(err)
	}
}

func (f *fakeCore) Credential(_ context.Context, name string) (session.Credential, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok := f.byLogin[name]; ok {
		return c, nil
	}
	return session.Credential{}, session.ErrUnknownClient
}

// code is the last one-time password that was sent.
func (f *fakeCore) code() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range slices.Backward(f.texts) {
		if t.Text != "a notice" {
			return t.Text
		}
	}
	panic("no password was sent")
}

func (f *fakeCore) version(id session.ClientID) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clients[id].state.Version
}

var fakeInstruments = []session.Instrument{
	{Ticker: "SBER", Name: "Sberbank", Currency: "RUB", PriceStep: session.One / 100, Lot: session.One},
	{Ticker: "AAPL", Name: "Apple", Currency: "USD", PriceStep: session.One / 100, Lot: session.One},
}

// fakeQuote moves by a kopeck a second; AAPL stands still.
func fakeQuote(ticker string, at time.Time) (session.Quote, bool) {
	i := slices.IndexFunc(fakeInstruments, func(in session.Instrument) bool { return in.Ticker == ticker })
	if i < 0 {
		return session.Quote{}, false
	}
	last := 300 * session.One
	if ticker == "SBER" {
		last += session.Decimal(at.Unix()%600) * session.One / 100
	}
	return session.Quote{
		Instrument: fakeInstruments[i], At: at.Truncate(time.Second), Last: last, Bid: last - session.One/100,
		Ask: last + session.One/100, Open: 300 * session.One,
	}, true
}

// attached is the number of terminals of a client.
func (f *fakeCore) attached(id session.ClientID) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.clients[id].terminals)
}

// fakePhone is strict enough for a test: the real one knows every country.
func fakePhone(text string) (string, error) {
	number := strings.NewReplacer(" ", "", "-", "").Replace(text)
	if !strings.HasPrefix(number, "+") {
		return "", &session.Refusal{Reason: session.PhoneNeedsCountry, Message: "the phone has no country code", Next: "begin with +"}
	}
	return number, nil
}
