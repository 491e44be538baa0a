package wsapi

import (
	"slices"
	"time"

	"vakhta/session"
)

// The account channels show a picture and then what changes in it. The picture is asked for once; the events, which
// arrive anyway, move it on: by the same functions by which the core itself moves.

// sessionsChannel is the open security sessions of the client. All its methods need the terminal's mu.
type sessionsChannel struct {
	state session.State // logins with a session, and those that were seen to come
	who   session.Profile
	asOf  int64 // the picture was taken after this event
	dirty bool
	stale bool // something concerns a login that is not in the picture
	early []session.Numbered
	ready bool
}

func (c *sessionsChannel) apply(e session.Numbered) {
	switch {
	case c == nil:
	case !c.ready:
		c.early = append(c.early, e)
	case e.Seq > c.asOf:
		c.move(e.Event)
	}
}

// move applies what happened. The state has nothing but logins: what else an event changes falls on nothing.
func (c *sessionsChannel) move(e session.Event) {
	if opened, ok := e.(session.SessionOpened); ok {
		if _, known := c.state.Login(opened.Login); !known {
			c.stale = true
			return
		}
	}
	before := c.state.Logins
	c.state = session.Apply(c.state, e)
	c.dirty = c.dirty || !slices.EqualFunc(withSession(before), withSession(c.state.Logins), sameSession)
}

func withSession(logins []session.Login) (with []session.Login) {
	for _, l := range logins {
		if l.Session != nil {
			with = append(with, l)
		}
	}
	return with
}

func sameSession(a, b session.Login) bool {
	return a.Session.ID == b.Session.ID && a.Session.ExpiresAt.Equal(b.Session.ExpiresAt)
}

// take puts the picture in and moves it on by what happened while it was being taken.
func (c *sessionsChannel) take(s session.Sessions, who session.Identity, asOf int64) {
	own := who.Login
	c.state = session.State{Logins: s.Logins}
	if _, in := c.state.Login(own.ID); !in {
		own.Session = nil
		c.state.Logins = append(slices.Clone(s.Logins), own)
	}
	c.who, c.asOf, c.ready, c.dirty, c.stale = who.Profile, asOf, true, true, false
	for _, e := range c.early {
		c.apply(e)
	}
	c.early = nil
}

func (c *sessionsChannel) changed() bool { return c != nil && c.dirty && !c.stale }

// isStale tells once that the picture must be taken anew.
func (c *sessionsChannel) isStale() bool {
	if c == nil || !c.stale || !c.ready {
		return false
	}
	c.ready = false
	return true
}

func (c *sessionsChannel) frame(now time.Time, seq int64) []byte {
	c.dirty = false
	return writeFrame("sessions", sessionRows(c.state.Logins, c.who, now), now, seq)
}

// ordersChannel is the client's orders: all of them first, then the rows that change.
type ordersChannel struct {
	open  map[session.OrderID]session.Order
	who   session.Profile
	asOf  int64
	rows  []session.Order // changed, not yet shown
	dirty bool
	stale bool
	early []session.Numbered
	ready bool
}

func (c *ordersChannel) apply(e session.Numbered) {
	switch {
	case c == nil:
	case !c.ready:
		c.early = append(c.early, e)
	case e.Seq > c.asOf:
		c.move(e)
	}
}

func (c *ordersChannel) move(e session.Numbered) {
	happened, ok := e.Event.(session.OrderEvent)
	if !ok {
		return
	}
	id := happened.Subject()
	before, known := c.open[id]
	if _, fresh := happened.(session.OrderAccepted); !fresh && !known {
		c.stale = true
		return
	}
	after := before.Apply(happened, e.At)
	if after.Status.Open() {
		c.open[id] = after
	} else {
		delete(c.open, id)
	}
	c.rows = slices.DeleteFunc(c.rows, func(o session.Order) bool { return o.ID == id })
	c.rows, c.dirty = append(c.rows, after), true
}

func (c *ordersChannel) take(all session.Orders, who session.Profile, asOf int64) {
	c.open, c.rows = map[session.OrderID]session.Order{}, slices.Clone(all.Orders)
	for _, o := range all.Orders {
		if o.Status.Open() {
			c.open[o.ID] = o
		}
	}
	c.who, c.asOf, c.ready, c.dirty, c.stale = who, asOf, true, true, false
	for _, e := range c.early {
		c.apply(e)
	}
	c.early = nil
}

func (c *ordersChannel) changed() bool { return c != nil && c.dirty && !c.stale }

func (c *ordersChannel) isStale() bool {
	if c == nil || !c.stale || !c.ready {
		return false
	}
	c.ready = false
	return true
}

func (c *ordersChannel) frame(now time.Time, seq int64) []byte {
	rows := orderRows(c.rows, c.who)
	c.rows, c.dirty = nil, false
	return writeFrame("orders", rows, now, seq)
}
