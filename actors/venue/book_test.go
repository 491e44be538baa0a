package venue

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"vakhta/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func TestAPriceIsAFunctionOfSeedTickerAndSecond(t *testing.T) {
	differs := map[session.Decimal]bool{}
	for _, in := range Instruments() {
		before := session.Decimal(0)
		for second := range 20_000 {
			at := noon.Add(time.Duration(second) * time.Second)
			p := Price(1, in.Ticker, at)
			if p <= 0 || !p.MultipleOf(in.PriceStep) {
				t.Fatalf("%s costs %v", in.Ticker, p)
			}
			if second%1000 == 0 && p != Price(1, in.Ticker, at.Add(999*time.Millisecond).In(time.FixedZone("", 3600))) {
				t.Fatalf("%s has two prices in one second", in.Ticker)
			}
			if jump := p.Float() / before.Float(); before > 0 && (jump < 0.995 || jump > 1.005) {
				t.Fatalf("%s jumps from %v to %v", in.Ticker, before, p)
			}
			before = p
			differs[p] = true
		}
	}
	if len(differs) < 1000 {
		t.Errorf("there are only %d prices", len(differs))
	}
	if Price(1, "SBER", noon) == Price(2, "SBER", noon) && Price(1, "GAZP", noon) == Price(2, "GAZP", noon) {
		t.Error("the seed changes nothing")
	}
	if Price(1, "NONE", noon) != 0 || Instrument("NONE") != (session.Instrument{}) {
		t.Error("what is not traded has a price")
	}
}

func TestAQuoteHasItsSpreadAndTheDaysOpening(t *testing.T) {
	q, ok := Quote(1, "SBER", noon)
	if !ok || q.Last != Price(1, "SBER", noon) || q.Bid >= q.Last || q.Ask <= q.Last || !q.Bid.MultipleOf(q.Instrument.PriceStep) {
		t.Errorf("%+v", q)
	}
	if midnight := time.Date(2026, 11, 20, 21, 0, 0, 0, time.UTC); q.Open != Price(1, "SBER", midnight) {
		t.Errorf("the opening is %v", q.Open)
	}
	if _, ok := Quote(1, "NONE", noon); ok {
		t.Error("what is not traded has a quote")
	}
}

func newOrder(id session.OrderID, side session.Side, limit session.Decimal) session.Order {
	o := session.Order{
		Ticket: session.Ticket{Ticker: "SBER", Side: side, Type: session.Market, Quantity: 10 * session.One},
		ID:     id, Client: 1 + session.ClientID(id%3), Status: session.StatusReceived, Leaves: 10 * session.One,
	}
	if limit > 0 {
		o.Type, o.LimitPrice = session.Limit, limit
	}
	return o
}

func TestAMarketOrderIsFilledAtThePriceOfItsSecond(t *testing.T) {
	b := newBook(func(ticker string, at time.Time) session.Decimal { return Price(1, ticker, at) })
	reports := b.route(newOrder(1, session.Buy, 0), noon.Add(300*time.Millisecond))
	if len(reports) != 1 || reports[0].execution != (session.Execution{
		Kind: session.ExecutionFill, ID: "101", Quantity: 10 * session.One, Price: Price(1, "SBER", noon),
	}) {
		t.Errorf("%+v", reports)
	}
	if len(b.orders) != 0 {
		t.Error("it rests")
	}
}

// life is what came of one order.
type life struct {
	order     session.Order
	cancelled bool // the book was told to
	ends      []report
}

// Whatever comes in whatever order, and however often it is repeated: an order never ends twice, is never filled at a
// price worse than its limit or while the market has not reached it, and not at all after its cancellation or its day.
func TestTheBookKeepsItsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		market := 300 * session.One
		b := newBook(func(string, time.Time) session.Decimal { return market })
		lives := map[session.OrderID]*life{}
		now := noon
		take := func(reports []report) {
			for _, r := range reports {
				l := lives[r.order]
				x := r.execution
				if r.client != l.order.Client {
					t.Fatalf("order %d is reported to client %d", r.order, r.client)
				}
				if x.Kind == session.ExecutionWorking {
					if len(l.ends) > 0 {
						t.Fatalf("order %d works after its end", r.order)
					}
					continue
				}
				l.ends = append(l.ends, r)
				over := !l.order.GoodTill.IsZero() && !l.order.GoodTill.After(now)
				switch x.Kind {
				case session.ExecutionFill:
					if l.cancelled || over || x.Price != market || !reaches(l.order, market) {
						t.Fatalf("order %d of %v at %v is filled at %v: cancelled %v, over %v", r.order, l.order.Side, l.order.LimitPrice, x.Price, l.cancelled, over)
					}
				case session.ExecutionExpired:
					if !over {
						t.Fatalf("order %d expired before its time", r.order)
					}
				case session.ExecutionCancelled:
					if !l.cancelled {
						t.Fatalf("order %d was cancelled by nobody", r.order)
					}
				default:
					t.Fatalf("order %d: %+v", r.order, x)
				}
			}
		}
		var ids []session.OrderID
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"new", "new", "again", "cancel", "second", "second"}).Draw(t, "do") {
			case "new":
				limit := session.Decimal(rapid.IntRange(-5, 10).Draw(t, "limit"))
				o := newOrder(session.OrderID(len(ids)+1), rapid.SampledFrom([]session.Side{session.Buy, session.Sell}).Draw(t, "side"), max(0, 295+limit)*session.One)
				if limit < 0 {
					o = newOrder(o.ID, o.Side, 0)
				}
				if rapid.Bool().Draw(t, "day") {
					o.GoodTill = now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "ends")) * time.Second)
				}
				ids = append(ids, o.ID)
				lives[o.ID] = &life{order: o}
				take(b.route(o, now))
			case "again", "cancel":
				if len(ids) == 0 {
					continue
				}
				l := lives[rapid.SampledFrom(ids).Draw(t, "which")]
				if len(l.ends) > 0 {
					continue // the exchange does not route what it has reported: see venue.go
				}
				if rapid.Bool().Draw(t, "cancels") {
					l.order.Status, l.cancelled = session.StatusCancelling, true
				}
				take(b.route(l.order, now))
			case "second":
				now = now.Add(time.Second)
				market += session.Decimal(rapid.IntRange(-2, 2).Draw(t, "move")) * session.One
				take(b.tick(now))
			}
		}
		now = now.Add(time.Hour)
		take(b.tick(now))
		for id, l := range lives {
			_, rests := b.orders[id]
			if len(l.ends) > 1 || rests == (len(l.ends) == 1) {
				t.Fatalf("order %d: rests %v, ends %s", id, rests, fmt.Sprint(l.ends))
			}
		}
	})
}
