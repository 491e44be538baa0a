package venue

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/session"
)

// house is the rest of the server: the rows of the orders, and the actors that take the reports.
type house struct {
	*testing.T
	mu      sync.Mutex
	orders  map[session.OrderID]session.Order
	took    map[session.OrderID][]session.ExecutionKind // that changed something
	ignored int
	away    map[session.ClientID]bool // cannot be reached
	tried   int
	slow    time.Duration // to read the rows
}

func newHouse(t *testing.T) *house {
	return &house{
		T: t, orders: map[session.OrderID]session.Order{}, took: map[session.OrderID][]session.ExecutionKind{}, away: map[session.ClientID]bool{},
	}
}

func (h *house) open() *Exchange {
	return Start(Config{Seed: 1, Orders: h, Ask: h.ask, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
}

func (h *house) OpenOrders(_ context.Context, after session.OrderID, limit int) (page []session.Order, err error) {
	defer func() { time.Sleep(h.slow) }()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(h.orders)) {
		if o := h.orders[id]; id > after && o.Status.Open() && len(page) < limit {
			page = append(page, o)
		}
	}
	return page, nil
}

func (h *house) ask(_ context.Context, client session.ClientID, c session.Command) (session.Answer, error) {
	time.Sleep(time.Millisecond)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tried++
	if h.away[client] {
		return session.Answer{}, session.ErrUnavailable
	}
	report := c.(session.ReportExecution)
	o := h.orders[report.ID]
	report.Prior = &o
	out, err := session.Policy{}.Decide(session.State{Client: client}, report, session.Moment{Now: time.Now()})
	if err != nil {
		h.Errorf("refused: %v", err)
	}
	for _, e := range out.Events {
		o = o.Apply(e.(session.OrderEvent), time.Now())
	}
	if h.orders[o.ID] = o; len(out.Events) > 0 {
		h.took[o.ID] = append(h.took[o.ID], report.Execution.Kind)
	} else {
		h.ignored++
	}
	return session.Answer{}, nil
}

// reach says whether a client's actor can be reached.
func (h *house) reach(client session.ClientID, can bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away[client] = !can
}

// accept writes an order down, as its actor does before it routes it.
func (h *house) accept(o session.Order) session.Order {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.orders[o.ID] = o
	return o
}

func (h *house) cancel(id session.OrderID) session.Order {
	h.mu.Lock()
	defer h.mu.Unlock()
	o := h.orders[id].Apply(session.OrderCancelling{ID: id}, time.Now())
	h.orders[id] = o
	return o
}

func (h *house) expect(id session.OrderID, kinds ...session.ExecutionKind) {
	h.Helper()
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.took[id], kinds) {
		h.Errorf("order %d: %v, not %v", id, h.took[id], kinds)
	}
}

const (
	working   = session.ExecutionWorking
	filled    = session.ExecutionFill
	cancelled = session.ExecutionCancelled
	expired   = session.ExecutionExpired
)

func TestOrdersAreFilledWhenThePriceReachesThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.open()
		defer e.Stop()
		// The first second of the next hour in which SBER is cheaper than now by five steps.
		limit := Price(1, "SBER", time.Now()) - 5*step
		reached := time.Now()
		for Price(1, "SBER", reached) > limit {
			reached = reached.Add(time.Second)
		}
		e.Route(h.accept(newOrder(1, session.Buy, 0)))
		e.Route(h.accept(newOrder(2, session.Buy, limit)))
		e.Route(h.accept(newOrder(3, session.Buy, session.One)))
		time.Sleep(10 * time.Millisecond)
		h.expect(1, filled)
		h.expect(2, working)
		if got := h.orders[1].Fills[0].Price; got != Price(1, "SBER", time.Now()) {
			t.Errorf("filled at %v", got)
		}
		time.Sleep(time.Until(reached) - time.Millisecond)
		h.expect(2, working)
		time.Sleep(time.Second + 10*time.Millisecond)
		h.expect(2, working, filled)
		if got := h.orders[2].Fills[0].Price; got > limit {
			t.Errorf("filled at %v, the limit was %v", got, limit)
		}
		e.Route(h.cancel(3))
		time.Sleep(time.Hour)
		h.expect(3, working, cancelled)
	})
}

func TestADayOrderEndsWithItsDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.open()
		defer e.Stop()
		o := newOrder(1, session.Buy, session.One)
		o.GoodTill = time.Now().Add(time.Hour)
		e.Route(h.accept(o))
		time.Sleep(time.Hour - time.Second)
		h.expect(1, working)
		time.Sleep(time.Second + 10*time.Millisecond)
		h.expect(1, working, expired)
	})
}

func TestOpenOrdersComeBackAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.open()
		far := h.accept(newOrder(1, session.Buy, session.One))
		e.Route(far)
		time.Sleep(time.Second)
		e.Stop()
		h.accept(newOrder(2, session.Sell, 0)) // accepted while the exchange is closed
		e.Route(h.accept(newOrder(3, session.Sell, 0)))
		h.accept(newOrder(4, session.Buy, session.One))
		h.cancel(4)
		e = h.open()
		time.Sleep(time.Second)
		h.expect(2, filled)
		h.expect(3, filled)
		h.expect(4, cancelled)
		h.accept(newOrder(5, session.Buy, 0)) // its poke is lost
		time.Sleep(rescanEvery)
		h.expect(5, filled)
		e.Route(far) // in an old state
		e.Route(h.cancel(1))
		time.Sleep(time.Minute)
		h.expect(1, working, cancelled)
		e.Stop()
	})
}

func TestAReportIsRepeatedUntilItIsTakenAndThenCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.open()
		defer e.Stop()
		o := h.accept(newOrder(1, session.Buy, 0))
		h.reach(o.Client, false)
		e.Route(o)
		time.Sleep(2 * time.Minute) // the rows are looked at again meanwhile
		synctest.Wait()
		if h.tried < 100 {
			t.Errorf("only %d tries", h.tried)
		}
		h.reach(o.Client, true)
		time.Sleep(2 * time.Minute)
		h.expect(1, filled)
		for range 10 {
			e.Route(o)
		}
		time.Sleep(2 * time.Minute)
		h.expect(1, filled)
		if h.orders[1].Leaves != 0 || len(h.orders[1].Fills) != 1 {
			t.Errorf("%+v", h.orders[1])
		}
	})
}

func TestARowThatIsOlderThanAReportIsNotRoutedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.slow = time.Second
		e := h.open()
		defer e.Stop()
		o := h.accept(newOrder(1, session.Buy, 0))
		h.reach(o.Client, false)
		e.Route(o)
		time.Sleep(rescanEvery + 100*time.Millisecond) // the row has been read, and is on its way
		h.reach(o.Client, true)
		time.Sleep(2 * time.Minute)
		h.expect(1, filled)
		if h.ignored != 0 {
			t.Errorf("%d reports of what was known", h.ignored)
		}
	})
}

func TestAClientWhoCannotBeReachedDoesNotHoldUpHisNeighbours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.open()
		defer e.Stop()
		ill, well := newOrder(1, session.Buy, 0), newOrder(2, session.Buy, 0)
		well.Client = ill.Client + reporters
		h.reach(ill.Client, false)
		e.Route(h.accept(ill))
		e.Route(h.accept(well))
		time.Sleep(time.Second)
		h.expect(2, filled)
		h.expect(1)
	})
}

func TestStopDoesNotWaitForWhoCannotBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.open()
		for id := range session.OrderID(100) {
			o := h.accept(newOrder(id+1, session.Buy, 0))
			h.reach(o.Client, false)
			e.Route(o)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		begun := time.Now()
		e.Stop()
		if took := time.Since(begun); took > 10*time.Millisecond {
			t.Errorf("stopped after %v", took)
		}
		clear(h.away)
		e = h.open()
		time.Sleep(5 * time.Second)
		e.Stop()
		for id, o := range h.orders {
			if o.Status != session.StatusFilled {
				t.Errorf("order %d is %s", id, o.Status)
			}
		}
	})
}

func TestTheListOfInstrumentsIsTheFiveTickers(t *testing.T) {
	var all []string
	for _, in := range Instruments() {
		all = append(all, in.Ticker)
		if Instrument(in.Ticker) != in {
			t.Errorf("%+v", in)
		}
	}
	if !slices.Equal(all, []string{"SBER", "GAZP", "LKOH", "ROSN", "AAPL"}) {
		t.Error(all)
	}
}
