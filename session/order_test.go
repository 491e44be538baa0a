package session

import (
	"strings"
	"testing"
	"time"
)

func TestAnAcceptedOrderIsRoutedAndExtends(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.pass(time.Minute)
	o := c.order(l)
	same(t, "the order", o, Order{
		Ticket: buy(1), ID: OrderID(c.id), Client: 7, Login: l, Session: c.session(l).ID, Means: SMS, Currency: "RUB",
		AcceptedAt: c.now, ChangedAt: c.now, GoodTill: time.Date(2026, 11, 21, 20, 59, 59, 0, time.UTC), Status: StatusReceived, Leaves: 10 * One,
	})
	same(t, "told", c.told, []Event{OrderAccepted{o}, the[SessionExtended](c)})
	same(t, "routed", c.effects, []Effect{RouteOrder{o}})
	at(t, "ExpiresAt", the[SessionExtended](c).ExpiresAt, c.now.Add(5*time.Hour))
	same(t, "the row", c.orders[o.ID], o)
}

func TestARefusedOrderExtendsNothing(t *testing.T) {
	good := buy(1)
	for name, x := range map[string]struct {
		change func(*Ticket)
		says   string
	}{
		"a long user order id":   {func(o *Ticket) { o.UserOrderID = strings.Repeat("7", 65) }, "user_order_id"},
		"a NUL in it":            {func(o *Ticket) { o.UserOrderID = "a\x00" }, "user_order_id"},
		"a half letter in it":    {func(o *Ticket) { o.UserOrderID = "\xd1" }, "user_order_id"},
		"no side":                {func(o *Ticket) { o.Side = 0 }, "action_id"},
		"a fifth side":           {func(o *Ticket) { o.Side = 5 }, "action_id"},
		"a stop order":           {func(o *Ticket) { o.Type = Stop }, "order_type_id"},
		"a stop limit order":     {func(o *Ticket) { o.Type = StopLimit }, "order_type_id"},
		"no type":                {func(o *Ticket) { o.Type = 0 }, "order_type_id"},
		"a fifth type":           {func(o *Ticket) { o.Type = 5 }, "order_type_id"},
		"no expiration":          {func(o *Ticket) { o.Expiration = 0 }, "expiration_id"},
		"a fourth expiration":    {func(o *Ticket) { o.Expiration = 4 }, "expiration_id"},
		"no quantity":            {func(o *Ticket) { o.Quantity = 0 }, "qty"},
		"a negative quantity":    {func(o *Ticket) { o.Quantity = -10 * One }, "qty"},
		"a vast quantity":        {func(o *Ticket) { o.Quantity = mostQuantity + 10*One }, "qty"},
		"half a lot":             {func(o *Ticket) { o.Quantity = 5 * One }, "lot"},
		"a market order's price": {func(o *Ticket) { o.Type = Market }, "limit_price"},
		"no limit price":         {func(o *Ticket) { o.LimitPrice = 0 }, "limit_price"},
		"a negative price":       {func(o *Ticket) { o.LimitPrice = -One }, "limit_price"},
		"a vast price":           {func(o *Ticket) { o.LimitPrice = mostPrice + One }, "price"},
		"half a step":            {func(o *Ticket) { o.LimitPrice = One / 200 }, "step"},
		"a stop price":           {func(o *Ticket) { o.StopPrice = One }, "stop"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTrader(t)
			l := c.opened()
			c.pass(time.Hour)
			bad := good
			x.change(&bad)
			no := c.refuses(SubmitOrder{Login: l, Ticket: bad, Instrument: sber}, BadOrder)
			if !strings.Contains(no.Message+no.Next, x.says) {
				t.Errorf("%q, %q do not speak of %s", no.Message, no.Next, x.says)
			}
			nothing(c)
		})
	}
	c := newTrader(t)
	l := c.opened()
	c.refuses(SubmitOrder{Login: l, Ticket: good}, UnknownTicker)
	nothing(c)
}

func TestTheLargestOrdersAreTaken(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	for _, o := range []Ticket{
		{UserOrderID: strings.Repeat("7", 64), Side: SellShort, Type: Limit, Quantity: mostQuantity, LimitPrice: mostPrice, Expiration: UntilCancel},
		{UserOrderID: "заявка № 1", Side: BuyMargin, Type: Market, Quantity: sber.Lot, Expiration: DayExtended},
	} {
		c.do(SubmitOrder{Login: l, Ticket: o, Instrument: sber})
	}
	for side, want := range map[Side]bool{Buy: true, BuyMargin: true, Sell: false, SellShort: false} {
		same(t, "Buys", side.Buys(), want)
	}
}

func TestARepeatedOrderIsAcknowledgedAgainAndExtendsNothing(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	ticket := buy(1)
	ticket.UserOrderID = "77"
	first := c.do(SubmitOrder{Login: l, Ticket: ticket, Instrument: sber}).(OrderTaken)
	same(t, "Repeated", first.Repeated, false)
	c.pass(time.Hour)
	c.forget()
	repeat := SubmitOrder{Login: l, Ticket: ticket, Instrument: sber, Prior: &first.Order}
	same(t, "the answer", c.do(repeat).(OrderTaken), OrderTaken{Order: first.Order, Repeated: true})
	nothing(c)
	same(t, "effects", len(c.effects), 0)

	repeat.Ticket.Quantity *= 2
	c.refuses(repeat, OrderConflict)

	repeat.Ticket = ticket
	c.do(CloseSessions{Login: l, All: true}) // the answer was lost, and the session is over
	same(t, "Repeated", c.do(repeat).(OrderTaken).Repeated, true)
}

func TestWithoutAUserOrderIDEachRequestIsANewOrder(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	first, second := c.order(l), c.order(l)
	same(t, "another order", first.ID != second.ID, true)
}

func TestACancelExtendsAndIsRouted(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	o := c.order(l)
	c.report(o.ID, Execution{Kind: ExecutionWorking})
	o = c.orders[o.ID]
	c.pass(time.Hour)
	c.forget()
	taken := c.do(CancelOrder{Login: l, ID: o.ID, Prior: &o}).(OrderTaken)
	same(t, "the status", taken.Order.Status, StatusCancelling)
	at(t, "ChangedAt", taken.Order.ChangedAt, c.now)
	same(t, "routed", c.effects, []Effect{RouteOrder{taken.Order}})
	at(t, "ExpiresAt", the[SessionExtended](c).ExpiresAt, c.now.Add(5*time.Hour))

	c.pass(time.Hour)
	c.forget()
	again := CancelOrder{Login: l, ID: o.ID, Prior: &taken.Order}
	same(t, "Repeated", c.do(again).(OrderTaken).Repeated, true)
	nothing(c)
	c.do(CloseSessions{Login: l, All: true}) // the answer was lost, and the session is over
	same(t, "Repeated", c.do(again).(OrderTaken).Repeated, true)
}

func TestCancellingWhatIsFinishedOrUnknownIsRefused(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	for _, status := range []OrderStatus{StatusFilled, StatusCancelled, StatusRejected, StatusExpired} {
		no := c.refuses(CancelOrder{Login: l, ID: 5, Prior: &Order{ID: 5, Status: status}}, OrderFinished)
		if !strings.Contains(no.Message, string(status)) {
			t.Errorf("%q does not say %s", no.Message, status)
		}
	}
	c.refuses(CancelOrder{Login: l, ID: 5}, UnknownOrder)
	nothing(c)
}

func TestACancelNeedsASessionToo(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	o := c.order(l)
	c.do(CloseSessions{Login: l, All: true})
	c.refuses(CancelOrder{Login: l, ID: o.ID, Prior: &o}, NoSession)
}

func TestDayOrdersEndAtTheLastSecondOfTheDayInMoscow(t *testing.T) {
	day := func(d, h, m, s int) time.Time { return time.Date(2026, 11, d, h, m, s, 0, time.UTC) }
	for _, x := range []struct{ now, want time.Time }{
		{day(21, 9, 0, 0), day(21, 20, 59, 59)},
		{day(21, 20, 59, 59).Add(-tick), day(21, 20, 59, 59)},
		{day(21, 20, 59, 59), day(22, 20, 59, 59)},
		{day(21, 20, 59, 59).Add(tick), day(22, 20, 59, 59)},
		{day(21, 21, 0, 0), day(22, 20, 59, 59)}, // midnight in Moscow
		{day(30, 23, 0, 0), time.Date(2026, 12, 1, 20, 59, 59, 0, time.UTC)},
	} {
		for expiration, want := range map[Expiration]time.Time{Day: x.want, DayExtended: x.want, UntilCancel: {}} {
			c := newTrader(t)
			c.now = x.now
			l := c.opened()
			ticket := buy(1)
			ticket.Expiration = expiration
			o := c.do(SubmitOrder{Login: l, Ticket: ticket, Instrument: sber}).(OrderTaken).Order
			same(t, "GoodTill of an order at "+x.now.String(), o.GoodTill, want)
		}
	}
}

func TestAnOrderNeedsASessionWhoseMeansAllowsIt(t *testing.T) {
	for _, x := range []struct {
		name           string
		own, other     Means // of an open session, or 0
		shared, trades bool
		refused        Reason
		holder         string
	}{
		{name: "no session at all", refused: NoSession},
		{name: "SMS", own: SMS, holder: "own"},
		{name: "API key", own: APIKey, holder: "own"},
		{name: "WEB-token", own: WebToken, refused: OutOfScope},
		{name: "WEB-token, widened", own: WebToken, trades: true, holder: "own"},
		{name: "another login's", other: SMS, refused: NoSession},
		{name: "another login's, shared", other: SMS, shared: true, holder: "other"},
		{name: "both, shared", own: SMS, other: SMS, shared: true, holder: "own"},
		{name: "another login's WEB-token, shared", other: WebToken, shared: true, refused: OutOfScope},
		{name: "WEB-token and another login's SMS, shared", own: WebToken, other: SMS, shared: true, holder: "other"},
		{name: "WEB-token and another login's SMS", own: WebToken, other: SMS, refused: OutOfScope},
		{name: "nobody has one, shared", shared: true, refused: NoSession},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := newTrader(t)
			c.policy.SharedSessions, c.policy.WebTokenTrades = x.shared, x.trades
			c.policy.WebTokenUnsigned = true
			logins := map[string]LoginID{"other": c.terminal(), "own": c.terminal()}
			for name, means := range map[string]Means{"own": x.own, "other": x.other} {
				if means != 0 {
					c.id++
					login, _ := c.state.Login(logins[name])
					_, events := c.policy.open(c.state, login, means, c.moment())
					c.state = Apply(c.state, events[0])
				}
			}
			c.pass(time.Minute)
			c.forget()
			same(t, "may trade", c.policy.MayTrade(logins["own"], c.state.Logins), x.refused == "")
			submit := SubmitOrder{Login: logins["own"], Ticket: buy(1), Instrument: sber}
			if x.refused != "" {
				c.refuses(submit, x.refused)
				c.refuses(CancelOrder{Login: logins["own"], ID: 5, Prior: &Order{ID: 5, Status: StatusWorking}}, x.refused)
				nothing(c)
				return
			}
			o := c.do(submit).(OrderTaken).Order
			same(t, "the login that asked", o.Login, logins["own"])
			same(t, "the session", o.Session, c.session(logins[x.holder]).ID)
			same(t, "the means", o.Means, c.session(logins[x.holder]).Means)
			same(t, "extended", the[SessionExtended](c).Login, logins[x.holder])
		})
	}
}

func TestEveryReportOfTheVenueIsTakenOnce(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	c.policy.Warnings = nil
	id := c.order(l).ID
	ends := c.session(l).ExpiresAt
	fill := func(n string, lots Decimal) Execution {
		return Execution{Kind: ExecutionFill, ID: n, Quantity: lots * One, Price: 299 * One}
	}
	for _, x := range []struct {
		report Execution
		status OrderStatus
		leaves Decimal
	}{
		{Execution{Kind: ExecutionWorking}, StatusWorking, 10},
		{fill("a", 4), StatusWorking, 6},
		{fill("b", 4), StatusWorking, 2},
		{fill("c", 2), StatusFilled, 0},
	} {
		c.pass(time.Minute)
		c.forget()
		c.report(id, x.report)
		same(t, "events", len(c.told), 1)
		changed := c.now
		c.pass(time.Minute)
		c.report(id, x.report)
		same(t, "events after the repetition", len(c.told), 1)
		o := c.orders[id]
		same(t, "the status", o.Status, x.status)
		same(t, "what is left", o.Leaves, x.leaves*One)
		at(t, "ChangedAt", o.ChangedAt, changed)
	}
	same(t, "fills", len(c.orders[id].Fills), 3)
	at(t, "a fill extends nothing", c.session(l).ExpiresAt, ends)
	c.forget()
	for kind := ExecutionWorking; kind <= ExecutionExpired; kind++ {
		c.report(id, Execution{Kind: kind, ID: "d", Quantity: One})
	}
	nothing(c)
}

func TestAnOrderKeepsItsFillsToItself(t *testing.T) {
	o := Order{Status: StatusWorking}
	for _, id := range []string{"a", "b", "c"} { // three, so that there is room for a fourth
		o = o.Apply(OrderFilled{Fill: Fill{ID: id}, Leaves: One}, time.Time{})
	}
	one := o.Apply(OrderFilled{Fill: Fill{ID: "d"}, Leaves: One}, time.Time{})
	other := o.Apply(OrderFilled{Fill: Fill{ID: "e"}, Leaves: One}, time.Time{})
	same(t, "fills", []string{one.Fills[3].ID, other.Fills[3].ID}, []string{"d", "e"})
	same(t, "fills of the older order", len(o.Fills), 3)
}

func TestAnOrderEndsInOneOfFourWays(t *testing.T) {
	for _, x := range []struct {
		report Execution
		status OrderStatus
		open   bool
	}{
		{Execution{Kind: ExecutionWorking}, StatusWorking, true},
		{Execution{Kind: ExecutionFill, ID: "a", Quantity: One}, StatusWorking, true}, // the report of its work was overtaken
		{Execution{Kind: ExecutionFill, ID: "a", Quantity: 10 * One}, StatusFilled, false},
		{Execution{Kind: ExecutionCancelled}, StatusCancelled, false},
		{Execution{Kind: ExecutionRejected, Reason: "no such price"}, StatusRejected, false},
		{Execution{Kind: ExecutionExpired}, StatusExpired, false},
	} {
		c := newTrader(t)
		o := c.order(c.opened())
		c.report(o.ID, x.report)
		after := c.orders[o.ID]
		same(t, "the status", after.Status, x.status)
		same(t, "Open", after.Status.Open(), x.open)
		same(t, "the reason", after.Reason, x.report.Reason)
	}
}

func TestACancellingOrderMayStillBeFilled(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	o := c.order(l)
	c.do(CancelOrder{Login: l, ID: o.ID, Prior: &o})
	c.report(o.ID, Execution{Kind: ExecutionWorking}) // overtaken by the cancel
	same(t, "the status", c.orders[o.ID].Status, StatusCancelling)
	c.report(o.ID, Execution{Kind: ExecutionFill, ID: "a", Quantity: 4 * One})
	same(t, "the status", c.orders[o.ID].Status, StatusCancelling)
	c.forget()
	c.report(o.ID, Execution{Kind: ExecutionCancelled})
	same(t, "told", c.told, []Event{OrderCancelled{ID: o.ID, Leaves: 6 * One}})
}

func TestAFillThatDoesNotFitIsRefused(t *testing.T) {
	c := newTrader(t)
	o := c.order(c.opened())
	for _, n := range []Decimal{0, -1, 10*One + 1} {
		c.refuses(ReportExecution{ID: o.ID, Prior: &o, Execution: Execution{Kind: ExecutionFill, ID: "a", Quantity: n}}, BadOrder)
	}
	c.refuses(ReportExecution{ID: 5}, UnknownOrder)
}

func TestAWorkingOrderOutlivesItsSession(t *testing.T) {
	c := newTrader(t)
	l := c.opened()
	o := c.order(l)
	c.do(Logout{Login: l})
	c.report(o.ID, Execution{Kind: ExecutionFill, ID: "a", Quantity: 10 * One})
	same(t, "the status", c.orders[o.ID].Status, StatusFilled)
}

func TestAnEventKnowsItsOrder(t *testing.T) {
	for _, e := range []OrderEvent{
		OrderAccepted{Order{ID: 5}},
		OrderWorking{ID: 5},
		OrderCancelling{ID: 5},
		OrderFilled{ID: 5},
		OrderCancelled{ID: 5},
		OrderExpired{ID: 5},
		OrderRejected{ID: 5},
	} {
		same(t, "the order", e.Subject(), 5)
		same(t, "the state: orders are rows", Apply(State{Version: 3}, e), State{Version: 4})
	}
}

func TestWhatTheProgramForgotNamesItself(t *testing.T) {
	c := newTrader(t)
	for _, f := range []func(){
		func() { c.try(ReadOrders{}) },
		func() { c.try(ReadEvents{}) },
		func() { c.try(nil) },
		func() { Apply(c.state, nil) },
		func() { Order{}.Apply(nil, c.now) },
		func() { c.try(ReportExecution{Prior: &Order{Status: StatusWorking}}) },
	} {
		if what := panics(t, f); !strings.HasPrefix(what, "session: ") {
			t.Errorf("the panic says %s", what)
		}
	}
}

func TestInstantsAreUTCInMicroseconds(t *testing.T) {
	now := time.Now()
	i := Instant(now)
	same(t, "the zone", i.Location(), time.UTC)
	same(t, "below a microsecond", i.Nanosecond()%1000, 0)
	same(t, "equal to itself without a monotonic part", i == i.Round(0), true) //nolint:staticcheck // Equal would not tell
	if d := now.Sub(i); d < 0 || d >= time.Microsecond {
		t.Errorf("%v is %v off", i, d)
	}
}
