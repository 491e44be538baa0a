package actors

import (
	"slices"
	"time"

	"vakhta/session"
)

// fold is what gathers for one commit: the events of all commands that came while the last commit was on its way, and
// whom to tell afterwards.
type fold struct {
	events    []session.Numbered
	orders    map[session.OrderID]bool // changed, true: new; their content stands in client.orders
	documents []session.Document
	tokens    []session.Token
	texts     []session.Text
	routes    []session.Order
	password  string
	replies   []func(lost error)
	restate   bool // the row is to be written though nothing has happened

	// What the commit makes, for when it is done.
	version int64
}

// take applies the events of one decision to the working copy and takes them, and what they ask of the world, into the
// next commit.
func (c *client) take(out session.Outcome, at time.Time) {
	if len(out.Events) == 0 {
		return
	}
	if c.next == nil {
		c.next = &fold{}
	}
	f := c.next
	seq := c.state.Version
	for _, e := range out.Events {
		if e, ok := e.(session.DocumentEvent); ok {
			f.changeDocument(c.state, e, at)
		}
		f.changeToken(c.state, e)
		c.state = session.Apply(c.state, e)
		f.events = append(f.events, session.Numbered{Seq: c.state.Version, At: at, Event: e})
		if e, ok := e.(session.OrderEvent); ok {
			c.changeOrder(f, e, at)
		}
	}
	for _, effect := range out.Effects {
		switch x := effect.(type) {
		case session.SendText:
			seq++ // no decision has more texts than events
			f.texts = append(f.texts, c.text(x, seq, at))
		case session.RouteOrder:
			f.routes = append(f.routes, x.Order)
		case session.StorePassword:
			f.password = x.Hash
		}
	}
}

// changeDocument applies an event to the document that it is about: one that waits until now, or that this commit has
// already changed.
func (f *fold) changeDocument(before session.State, e session.DocumentEvent, at time.Time) {
	i := slices.IndexFunc(f.documents, func(d session.Document) bool { return d.ID == e.Subject() })
	if i < 0 {
		d, _ := before.Draft(e.Subject())
		f.documents, i = append(f.documents, d), len(f.documents)
	}
	f.documents[i] = f.documents[i].Apply(e, at)
}

// changeToken applies an event to the WEB-token that it is about, if it is about one: one that is there, or that begins. Of a
// challenge the token's row has nothing.
func (f *fold) changeToken(before session.State, event session.Event) {
	e, ok := event.(session.TokenEvent)
	if _, challenged := event.(session.TokenChallenged); !ok || challenged {
		return
	}
	var t session.Token
	if known := before.Tokens.Find(e.Subject()); known != nil {
		t = *known
	}
	t = t.Apply(e)
	if i := slices.IndexFunc(f.tokens, func(x session.Token) bool { return x.ID == t.ID }); i >= 0 {
		f.tokens[i] = t
	} else {
		f.tokens = append(f.tokens, t)
	}
}

// text is numbered by one of the events of the decision that asked for it.
func (c *client) text(x session.SendText, seq int64, at time.Time) session.Text {
	return session.Text{
		Client: c.id, Seq: seq, To: x.To, Body: c.d.cfg.Compose(*c.state.Profile, x), At: at, ExpiresAt: x.ExpiresAt,
		Login: x.Login, Purpose: x.Purpose, Number: x.Number,
	}
}

// submit sends what gathered to the writers, if nothing is on its way.
func (c *client) submit() {
	if c.flight != nil || c.next == nil || len(c.next.events) == 0 && !c.next.restate {
		return
	}
	f := c.next
	c.flight, c.next = f, nil
	f.version = c.state.Version
	change := session.Change{
		Was: c.durable, State: c.state, Events: f.events, Documents: f.documents, Tokens: f.tokens, Texts: f.texts, Password: f.password, Orders: c.changedOrders(f),
	}
	change.Wake, _ = session.Deadline(c.state)
	if c.d.cfg.Visitor {
		change.Wake = now() // so that the sweeper of the client's home looks at him
	}
	c.d.writers.write(change, c.self)
}

// committed goes on after a commit: terminals first, then the world, then the answers.
func (c *client) committed(came session.Committed) {
	f := c.flight
	if f == nil {
		return
	}
	if came.Err != nil {
		c.broken = came.Err
		return
	}
	c.flight, c.durable, c.state.Head = nil, f.version, came.Head
	c.touch()
	if len(f.events) > 0 {
		c.tell(f.events)
	}
	c.forgetFinished(f)
	if len(f.texts) > 0 {
		c.d.cfg.Texted()
	}
	for _, o := range f.routes {
		c.d.cfg.Routed(o)
	}
	for _, reply := range f.replies {
		reply(nil)
	}
	if n := c.next; n != nil && len(n.events) == 0 { // they waited for this commit only
		c.next = nil
		for _, reply := range n.replies {
			reply(nil)
		}
	}
}
