package actors

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"vakhta/session"
)

// mostOrders bounds the answer to ReadOrders: all that are open come first.
const mostOrders = 1000

// complete adds to a command what only the actor can find: the order or document that it is about, the instrument.
func (c *client) complete(command session.Command) (session.Command, error) {
	var err error
	switch x := command.(type) { //nolint:gochecksumtype // the others are complete
	case session.SubmitOrder:
		x.Instrument = c.d.cfg.Instrument(x.Ticket.Ticker)
		x.Prior, err = c.orderByUserID(x.Ticket.UserOrderID)
		return x, err
	case session.CancelOrder:
		x.Prior, err = c.order(x.ID)
		return x, err
	case session.ReportExecution:
		x.Prior, err = c.order(x.ID)
		return x, err
	case session.SignDocument:
		x.Prior, err = c.document(x.ID)
		return x, err
	case session.ConfirmDocument:
		x.Prior, err = c.document(x.ID)
		return x, err
	default:
		return command, nil
	}
}

// document finds one that waits no more: those that do are in the state.
func (c *client) document(id session.DocumentID) (*session.Document, error) {
	if _, waits := c.state.Draft(id); waits {
		return nil, nil
	}
	for _, f := range []*fold{c.next, c.flight} { // not committed yet
		if f == nil {
			continue
		}
		for _, d := range f.documents {
			if d.ID == id {
				return &d, nil
			}
		}
	}
	return read(func(ctx context.Context) (*session.Document, error) { return c.d.cfg.Journal.Document(ctx, c.id, id) })
}

// order finds one of the client's orders.
func (c *client) order(id session.OrderID) (*session.Order, error) {
	if o, ok := c.orders[id]; ok {
		return &o, nil
	}
	o, err := read(func(ctx context.Context) (*session.Order, error) { return c.d.cfg.Journal.Order(ctx, c.id, id) })
	if err == nil && o != nil && o.Status.Open() {
		c.remember(*o)
	}
	return o, err
}

// orderByUserID finds the order that has the client's own id. The set of all ids, loaded once, spares the new ones,
// which are almost all, a round trip. It has their hashes: an order of today costs 20 bytes of memory instead of 110, and of
// two ids with one hash the journal knows better.
func (c *client) orderByUserID(id string) (*session.Order, error) {
	if id == "" {
		return nil, nil
	}
	if c.userIDs == nil {
		all, err := read(func(ctx context.Context) ([]string, error) { return c.d.cfg.Journal.UserOrderIDs(ctx, c.id) })
		if err != nil {
			return nil, err
		}
		c.userIDs = make(map[uint64]struct{}, len(all))
		for _, known := range all {
			c.userIDs[hashed(known)] = struct{}{}
		}
		for _, o := range c.orders { // accepted and not committed yet
			c.userIDs[hashed(o.UserOrderID)] = struct{}{}
		}
	}
	if _, known := c.userIDs[hashed(id)]; !known {
		return nil, nil
	}
	for _, o := range c.orders {
		if o.UserOrderID == id {
			return &o, nil
		}
	}
	return read(func(ctx context.Context) (*session.Order, error) { return c.d.cfg.Journal.OrderByUserID(ctx, c.id, id) })
}

var hashSeed = maphash.MakeSeed()

func hashed(id string) uint64 { return maphash.String(hashSeed, id) }

func (c *client) remember(o session.Order) {
	if c.orders == nil {
		c.orders = map[session.OrderID]session.Order{}
	}
	c.orders[o.ID] = o
}

// changeOrder applies an event to the order that it is about.
func (c *client) changeOrder(f *fold, e session.OrderEvent, at time.Time) {
	id := e.Subject()
	accepted, fresh := e.(session.OrderAccepted)
	if fresh && c.userIDs != nil && accepted.Order.UserOrderID != "" {
		c.userIDs[hashed(accepted.Order.UserOrderID)] = struct{}{}
	}
	c.remember(c.orders[id].Apply(e, at))
	if f.orders == nil {
		f.orders = map[session.OrderID]bool{}
	}
	f.orders[id] = f.orders[id] || fresh
}

func (c *client) changedOrders(f *fold) []session.OrderChange {
	changes := make([]session.OrderChange, 0, len(f.orders))
	for _, id := range slices.Sorted(maps.Keys(f.orders)) {
		changes = append(changes, session.OrderChange{Order: c.orders[id], New: f.orders[id]})
	}
	return changes
}

// forgetFinished drops the orders that are finished and committed; whoever asks for them reads their rows.
func (c *client) forgetFinished(f *fold) {
	for id := range f.orders {
		again := false
		if c.next != nil {
			_, again = c.next.orders[id]
		}
		if !again && !c.orders[id].Status.Open() {
			delete(c.orders, id)
		}
	}
}

func (c *client) readOrders(ctx context.Context, q session.ReadOrders) (session.Result, error) {
	all, err := c.d.cfg.Journal.Orders(ctx, c.id, q.ActiveOnly, mostOrders)
	return session.Orders{Orders: all}, err
}
