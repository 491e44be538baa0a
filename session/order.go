package session

import (
	"fmt"
	"slices"
	"time"
)

// Side says which way an order goes. The public API's margin and short variants are kept as they were asked for.
type Side int

// The sides, by the public API's action_id.
const (
	Buy       Side = 1
	BuyMargin Side = 2
	Sell      Side = 3
	SellShort Side = 4
)

// Buys tells whether the order takes securities.
func (s Side) Buys() bool { return s == Buy || s == BuyMargin }

// OrderType says how an order is to be executed.
type OrderType int

// The types, by the public API's order_type_id.
const (
	Market    OrderType = 1
	Limit     OrderType = 2
	Stop      OrderType = 3
	StopLimit OrderType = 4
)

// Expiration says how long an order works.
type Expiration int

// The expirations, by the public API's expiration_id.
const (
	Day         Expiration = 1 // until 23:59:59 Moscow time
	DayExtended Expiration = 2 // the same here
	UntilCancel Expiration = 3
)

// Ticket is what the client asks for. Two tickets are the same order when they are equal.
type Ticket struct {
	UserOrderID string // the client's own id; empty: each request is a new order
	Ticker      string
	Side        Side
	Type        OrderType
	Quantity    Decimal
	LimitPrice  Decimal
	StopPrice   Decimal
	Expiration  Expiration
}

// OrderStatus is where an order stands.
type OrderStatus string

// The life of an order: received → working → cancelling → one of the last four; each may be left out.
const (
	StatusReceived   OrderStatus = "received"   // durable; the venue has not answered yet
	StatusWorking    OrderStatus = "working"    // in the market, perhaps filled in part
	StatusCancelling OrderStatus = "cancelling" // durable; the venue has not answered yet
	StatusFilled     OrderStatus = "filled"
	StatusCancelled  OrderStatus = "cancelled"
	StatusRejected   OrderStatus = "rejected"
	StatusExpired    OrderStatus = "expired"
)

// Open tells whether the order may still be filled.
func (s OrderStatus) Open() bool {
	return s == StatusReceived || s == StatusWorking || s == StatusCancelling
}

// Order is one trading order. It is a value, kept as a row of its own for ever.
type Order struct {
	Ticket
	ID         OrderID
	Client     ClientID
	Login      LoginID
	Session    SessionID
	Means      Means // of the session that authorised it
	Currency   string
	AcceptedAt time.Time
	ChangedAt  time.Time
	GoodTill   time.Time // zero: until it is cancelled
	Status     OrderStatus
	Leaves     Decimal // not yet filled
	Fills      []Fill
	Reason     string          // of a rejection
	Signed     *TokenSignature // by the WEB-token; nil: it is not
	Withdrawn  *TokenSignature // the same of its cancellation
}

// Fill is one execution of an order.
type Fill struct {
	ID       string // the venue's execution id
	Quantity Decimal
	Price    Decimal
	At       time.Time
}

// Instrument is what can be traded.
type Instrument struct {
	Ticker    string
	Name      string
	Currency  string
	PriceStep Decimal
	Lot       Decimal
}

// ExecutionKind says what a venue reports.
type ExecutionKind int

// What a venue reports of an order.
const (
	ExecutionWorking ExecutionKind = iota + 1
	ExecutionFill
	ExecutionCancelled
	ExecutionRejected
	ExecutionExpired
)

// Execution is a venue's report of one order. Repeating it is harmless.
type Execution struct {
	Kind     ExecutionKind
	ID       string // of a fill
	Quantity Decimal
	Price    Decimal
	Reason   string // of a rejection
}

type (
	// SubmitOrder submits a trading order. Result: OrderTaken.
	SubmitOrder struct {
		Login      LoginID
		Ticket     Ticket
		Instrument Instrument // as the venue knows the ticker; zero: it does not
		Prior      *Order     // the client's order with the same UserOrderID
		Signed     Signed
	}

	// CancelOrder asks for the cancellation of an order. Result: OrderTaken.
	CancelOrder struct {
		Login  LoginID
		ID     OrderID
		Prior  *Order // the client's order with that id
		Signed Signed
	}

	// ReportExecution is what the venue says of an order. Result: Done.
	ReportExecution struct {
		ID        OrderID
		Execution Execution
		Prior     *Order // the client's order with that id
	}

	// ReadOrders asks for the client's orders. Result: Orders.
	ReadOrders struct{ ActiveOnly bool }
)

// OrderTaken is the acknowledgement: the order, or its cancellation, is durable.
type OrderTaken struct {
	Order    Order
	Repeated bool // it had been acknowledged before; nothing was extended
}

// Orders are the open ones, and with them the newest finished ones unless only the active were asked for.
type Orders struct{ Orders []Order }

// OrderEvent is an event of one order, which it changes too.
//
//sumtype:decl
type OrderEvent interface {
	Event
	Subject() OrderID
}

// Events of an order.
type (
	OrderAccepted   struct{ Order Order }
	OrderWorking    struct{ ID OrderID }
	OrderCancelling struct {
		ID     OrderID
		Signed *TokenSignature
	}
	OrderFilled struct {
		ID     OrderID
		Fill   Fill
		Leaves Decimal
	}
	OrderCancelled struct {
		ID     OrderID
		Leaves Decimal
	}
	OrderExpired struct {
		ID     OrderID
		Leaves Decimal
	}
	OrderRejected struct {
		ID     OrderID
		Reason string
	}
)

// RouteOrder pokes the venue: an order was received, or is to be cancelled.
type RouteOrder struct{ Order Order }

func (SubmitOrder) command()     {}
func (CancelOrder) command()     {}
func (ReportExecution) command() {}
func (ReadOrders) command()      {}
func (ReadOrders) query()        {}
func (OrderTaken) result()       {}
func (Orders) result()           {}
func (OrderAccepted) event()     {}
func (OrderWorking) event()      {}
func (OrderCancelling) event()   {}
func (OrderFilled) event()       {}
func (OrderCancelled) event()    {}
func (OrderExpired) event()      {}
func (OrderRejected) event()     {}

func (e OrderAccepted) Subject() OrderID   { return e.Order.ID }
func (e OrderWorking) Subject() OrderID    { return e.ID }
func (e OrderCancelling) Subject() OrderID { return e.ID }
func (e OrderFilled) Subject() OrderID     { return e.ID }
func (e OrderCancelled) Subject() OrderID  { return e.ID }
func (e OrderExpired) Subject() OrderID    { return e.ID }
func (e OrderRejected) Subject() OrderID   { return e.ID }

func (RouteOrder) effect() {}

// Apply is the order after one of its events.
func (o Order) Apply(e OrderEvent, at time.Time) Order {
	switch e := e.(type) {
	case OrderAccepted:
		return e.Order
	case OrderWorking:
		o.Status = StatusWorking
	case OrderCancelling:
		o.Status, o.Withdrawn = StatusCancelling, e.Signed
	case OrderFilled:
		o.Fills, o.Leaves = append(slices.Clone(o.Fills), e.Fill), e.Leaves
		switch {
		case e.Leaves == 0:
			o.Status = StatusFilled
		case o.Status == StatusReceived: // a fill is an answer of the venue too
			o.Status = StatusWorking
		}
	case OrderCancelled:
		o.Status = StatusCancelled
	case OrderExpired:
		o.Status = StatusExpired
	case OrderRejected:
		o.Status, o.Reason = StatusRejected, e.Reason
	default:
		panic(fmt.Sprintf("session: %T is no event of an order", e))
	}
	o.ChangedAt = at
	return o
}

// scope is what an order needs of the session that authorises it.
type scope int

const (
	trading scope = iota
	nonTrading
)

// holder is the login whose open session authorises an order of one of them: its own, or with SharedSessions any. The
// WEB-token opens sessions for non-trading orders only, unless WebTokenTrades.
func (p Policy) holder(s State, own Login, needs scope) (Login, error) {
	all := []Login{own}
	if p.SharedSessions {
		all = append(all, s.Logins...)
	}
	refused := refuse(NoSession, "you need to open a security session", "open a security session by SMS or WEB-token")
	for _, l := range all {
		switch {
		case l.Session == nil:
		case l.Session.Means == WebToken && needs == trading && !p.WebTokenTrades:
			refused = refuse(OutOfScope, "a security session opened by WEB-token is for non-trading orders only", "open a security session by SMS")
		case l.Session.Means == WebToken && l.ID != own.ID: // it signs for its own login
		case needs == nonTrading:
			return l, nil
		case l.Session.Limited && !p.WebTokenTrades:
			refused = refuse(OutOfScope, "the phone was changed by WEB-token: for a while its sessions are for non-trading orders only",
				"open a new one when the day is over, or call the broker")
		default:
			return l, nil
		}
	}
	return Login{}, refused
}

// MayTrade tells whether one of the logins has a session open that authorises trading orders of the own one.
func (p Policy) MayTrade(own LoginID, logins []Login) bool {
	s := State{Logins: logins}
	l, _ := s.Login(own)
	l.ID = own
	_, err := p.holder(s, l, trading)
	return err == nil
}

func (p Policy) submitOrder(s State, c SubmitOrder, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	if c.Prior != nil { // a repetition is answered even when the session has ended meanwhile
		if c.Prior.Ticket != c.Ticket || c.Prior.payload() != c.Signed.Payload {
			return Outcome{}, refuse(OrderConflict, "another order has the user_order_id %s", "give the new order an id of its own", c.Ticket.UserOrderID)
		}
		return Outcome{Result: OrderTaken{Order: *c.Prior, Repeated: true}}, nil
	}
	l, err := p.holder(s, own, trading)
	if err != nil {
		return Outcome{}, err
	}
	if err := c.Ticket.check(c.Instrument); err != nil {
		return Outcome{}, err
	}
	signed, err := p.signature(s, own, l, c.Ticket.UserOrderID, c.Signed, m)
	switch {
	case err != nil:
		return Outcome{}, err
	case signed != nil && c.Ticket.UserOrderID == "": // the same frame once more would be another order
		return Outcome{}, refuse(BadOrder, "a signed order needs a user_order_id", "give it an id of its own")
	}
	o := Order{
		Ticket: c.Ticket, ID: OrderID(m.ID), Client: s.Client, Login: c.Login, Session: l.Session.ID, Means: l.Session.Means,
		Currency: c.Instrument.Currency, AcceptedAt: m.Now, ChangedAt: m.Now, Status: StatusReceived, Leaves: c.Ticket.Quantity,
		Signed: signed,
	}
	if o.Expiration != UntilCancel {
		o.GoodTill = endOfDay(m.Now)
	}
	return Outcome{
		Events:  append([]Event{OrderAccepted{o}}, p.extend(l, m.Now)...),
		Effects: []Effect{RouteOrder{o}},
		Result:  OrderTaken{Order: o},
	}, nil
}

func (o Order) payload() string {
	if o.Signed == nil {
		return ""
	}
	return o.Signed.Payload
}

var moscow = time.FixedZone("MSK", 3*60*60)

// endOfDay is the next 23:59:59 in Moscow.
func endOfDay(now time.Time) time.Time {
	y, mon, d := now.In(moscow).Date()
	end := time.Date(y, mon, d, 23, 59, 59, 0, moscow)
	if !end.After(now) {
		end = end.AddDate(0, 0, 1)
	}
	return end.UTC()
}

// An order beyond these is a slip of the hand. Their product is far beyond Decimal: only Float may multiply.
const (
	mostQuantity = 1_000_000_000 * One
	mostPrice    = 1_000_000_000 * One
	longestID    = 64
)

func (t Ticket) check(in Instrument) error {
	bad := func(message, next string, args ...any) error { return refuse(BadOrder, message, next, args...) }
	if in.Ticker == "" {
		return refuse(UnknownTicker, "the ticker %.32q is not traded here", "take a ticker from the quotes", t.Ticker)
	}
	switch {
	case len(t.UserOrderID) > longestID:
		return bad("user_order_id is longer than %d characters", "shorten it", longestID)
	case !OneLine(t.UserOrderID):
		return bad("user_order_id has a character that cannot be written", "use letters and digits") // a database refuses U+0000
	case t.Side < Buy || t.Side > SellShort:
		return bad("action_id %d is none: allowed are 1 buy, 2 buy on margin, 3 sell, 4 sell short", "correct action_id", t.Side)
	case t.Type == Stop || t.Type == StopLimit:
		return bad("this exchange takes market and limit orders only", "set order_type_id to 1 or 2")
	case t.Type != Market && t.Type != Limit:
		return bad("order_type_id %d is none: allowed are 1 market, 2 limit", "correct order_type_id", t.Type)
	case t.Expiration < Day || t.Expiration > UntilCancel:
		return bad("expiration_id %d is none: allowed are 1 day, 2 extended day, 3 until cancelled", "correct expiration_id", t.Expiration)
	case t.Quantity <= 0:
		return bad("the quantity must be above zero", "correct qty")
	case t.Quantity > mostQuantity:
		return bad("the quantity is above %v", "correct qty", mostQuantity)
	case !t.Quantity.MultipleOf(in.Lot):
		return bad("the quantity must be a multiple of the lot of %v", "correct qty", in.Lot)
	case t.Type == Market && t.LimitPrice != 0:
		return bad("a market order has no limit price", "leave limit_price out, or set order_type_id to 2")
	case t.Type == Limit && t.LimitPrice <= 0:
		return bad("a limit order needs a limit price above zero", "correct limit_price")
	case t.LimitPrice > mostPrice:
		return bad("the price is above %v", "correct limit_price", mostPrice)
	case !t.LimitPrice.MultipleOf(in.PriceStep):
		return bad("the price must be a multiple of the step of %v", "round limit_price", in.PriceStep)
	case t.StopPrice != 0:
		return bad("only a stop order has a stop price", "leave stop_price out")
	}
	return nil
}

func (p Policy) cancelOrder(s State, c CancelOrder, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	if c.Prior != nil && c.Prior.Status == StatusCancelling {
		return Outcome{Result: OrderTaken{Order: *c.Prior, Repeated: true}}, nil
	}
	l, err := p.holder(s, own, trading)
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case c.Prior == nil:
		return Outcome{}, refuse(UnknownOrder, "you have no order %d", "take an id from getNotifyOrderJson", c.ID)
	case !c.Prior.Status.Open():
		return Outcome{}, refuse(OrderFinished, "the order is already %s: nothing is left to cancel", "look at getNotifyOrderJson", c.Prior.Status)
	}
	signed, err := p.signature(s, own, l, "", c.Signed, m)
	if err != nil {
		return Outcome{}, err
	}
	e := OrderCancelling{ID: c.ID, Signed: signed}
	o := c.Prior.Apply(e, m.Now)
	return Outcome{
		Events:  append([]Event{e}, p.extend(l, m.Now)...),
		Effects: []Effect{RouteOrder{o}},
		Result:  OrderTaken{Order: o},
	}, nil
}

// reportExecution takes each report once: a fill by its execution id, the others by the order's status.
func reportExecution(c ReportExecution, m Moment) (Outcome, error) {
	out := Outcome{Result: Done{}}
	if c.Prior == nil {
		return Outcome{}, refuse(UnknownOrder, "there is no order %d", "check the order id", c.ID)
	}
	o, x := *c.Prior, c.Execution
	if !o.Status.Open() || slices.ContainsFunc(o.Fills, func(f Fill) bool { return f.ID == x.ID && x.Kind == ExecutionFill }) {
		return out, nil
	}
	switch x.Kind {
	case ExecutionWorking:
		if o.Status == StatusReceived {
			out.Events = []Event{OrderWorking{ID: o.ID}}
		}
	case ExecutionFill:
		if x.Quantity <= 0 || x.Quantity > o.Leaves {
			return Outcome{}, refuse(BadOrder, "a fill of %v does not fit the %v that are left of order %d", "check the execution", x.Quantity, o.Leaves, o.ID)
		}
		fill := Fill{ID: x.ID, Quantity: x.Quantity, Price: x.Price, At: m.Now}
		out.Events = []Event{OrderFilled{ID: o.ID, Fill: fill, Leaves: o.Leaves - x.Quantity}}
	case ExecutionCancelled:
		out.Events = []Event{OrderCancelled{ID: o.ID, Leaves: o.Leaves}}
	case ExecutionRejected:
		out.Events = []Event{OrderRejected{ID: o.ID, Reason: x.Reason}}
	case ExecutionExpired:
		out.Events = []Event{OrderExpired{ID: o.ID, Leaves: o.Leaves}}
	default:
		panic(fmt.Sprintf("session: no execution of kind %d", x.Kind))
	}
	return out, nil
}
