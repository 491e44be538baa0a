package venue

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"vakhta/session"
)

// report is what the exchange says of one order.
type report struct {
	client    session.ClientID
	order     session.OrderID
	execution session.Execution
}

// book has the orders that rest on the exchange. It does nothing by itself: each call returns what it comes to.
type book struct {
	price  func(ticker string, at time.Time) session.Decimal
	orders map[session.OrderID]session.Order
}

func newBook(price func(string, time.Time) session.Decimal) *book {
	return &book{price: price, orders: map[session.OrderID]session.Order{}}
}

// route takes an order in the state that its row has. One that is known already changes nothing unless it is to be
// cancelled.
func (b *book) route(o session.Order, at time.Time) []report {
	_, rests := b.orders[o.ID]
	switch {
	case !o.Status.Open():
		return nil
	case o.Status == session.StatusCancelling:
		delete(b.orders, o.ID)
		return []report{about(o, session.Execution{Kind: session.ExecutionCancelled})}
	case rests:
		return nil
	}
	if r, ends := trade(o, b.price(o.Ticker, at), at); ends {
		return []report{r}
	}
	b.orders[o.ID] = o
	if o.Status == session.StatusWorking {
		return nil
	}
	return []report{about(o, session.Execution{Kind: session.ExecutionWorking})}
}

// tick is one second of the exchange: day orders end, limits are reached.
func (b *book) tick(at time.Time) (reports []report) {
	prices := map[string]session.Decimal{}
	for id, o := range b.orders {
		market, known := prices[o.Ticker]
		if !known {
			market = b.price(o.Ticker, at)
			prices[o.Ticker] = market
		}
		if r, ends := trade(o, market, at); ends {
			delete(b.orders, id)
			reports = append(reports, r)
		}
	}
	slices.SortFunc(reports, func(a, b report) int { return cmp.Compare(a.order, b.order) })
	return reports
}

// trade tells what ends an order at the market's price of a moment. A fill is always whole, and its id depends on the
// order alone.
func trade(o session.Order, market session.Decimal, at time.Time) (report, bool) {
	switch {
	case !o.GoodTill.IsZero() && !o.GoodTill.After(at):
		return about(o, session.Execution{Kind: session.ExecutionExpired}), true
	case reaches(o, market):
		return about(o, session.Execution{
			Kind: session.ExecutionFill, ID: fmt.Sprintf("%d%02d", o.ID, len(o.Fills)+1), Quantity: o.Leaves, Price: market,
		}), true
	default:
		return report{}, false
	}
}

func about(o session.Order, x session.Execution) report {
	return report{client: o.Client, order: o.ID, execution: x}
}

// reaches tells whether an order can be executed at the market's price.
func reaches(o session.Order, market session.Decimal) bool {
	switch {
	case o.Type == session.Market:
		return true
	case o.Side.Buys():
		return market <= o.LimitPrice
	default:
		return market >= o.LimitPrice
	}
}
