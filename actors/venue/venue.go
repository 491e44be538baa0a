package venue

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"vakhta/session"
)

// Orders is where the orders are kept.
type Orders interface {
	// OpenOrders returns the open orders of all clients after the given one, in the order of their ids.
	OpenOrders(ctx context.Context, after session.OrderID, limit int) ([]session.Order, error)
}

// Config is what an Exchange is made of.
type Config struct {
	Seed   int64
	Orders Orders
	Ask    func(ctx context.Context, client session.ClientID, c session.Command) (session.Answer, error)
	Now    func() time.Time
	Log    *slog.Logger
}

const (
	rescanEvery = 30 * time.Second // for orders whose poke was lost
	rescanPage  = 1000
	reporters   = 1024 // reports under way at once, each for other clients; they share commits
	retryAfter  = 200 * time.Millisecond
	askTimeout  = 15 * time.Second
)

// Exchange is the simulated exchange, open all day.
type Exchange struct {
	cfg  Config
	poke chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	routed []session.Order

	lanes [reporters]lane
}

// lane has the reports of some of the clients, in order.
type lane struct {
	mu      sync.Mutex
	reports []report
	unseen  map[session.OrderID]int // reports not durable yet; zero: durable, but a rescan may have read the row before
	busy    bool
}

// Start opens the exchange.
func Start(cfg Config) *Exchange {
	ctx, stop := context.WithCancel(context.Background())
	e := &Exchange{cfg: cfg, poke: make(chan struct{}, 1), stop: stop}
	e.done.Go(func() { e.run(ctx) })
	return e
}

// Stop closes the exchange. Reports that are under way are finished; those that wait are made again after the next Start.
func (e *Exchange) Stop() {
	e.stop()
	e.done.Wait()
}

// Route tells of an order that was received or is to be cancelled. It does not block.
func (e *Exchange) Route(o session.Order) {
	e.mu.Lock()
	e.routed = append(e.routed, o)
	e.mu.Unlock()
	select {
	case e.poke <- struct{}{}:
	default:
	}
}

func (e *Exchange) run(ctx context.Context) {
	b := newBook(func(ticker string, at time.Time) session.Decimal { return Price(e.cfg.Seed, ticker, at) })
	second, rescan := time.NewTicker(time.Second), time.NewTicker(rescanEvery)
	defer second.Stop()
	defer rescan.Stop()
	e.rescan(ctx, b)
	for {
		select {
		case <-e.poke:
			for _, o := range e.take() {
				e.route(ctx, b, o)
			}
		case <-second.C:
			e.report(ctx, b.tick(e.cfg.Now()))
		case <-rescan.C:
			e.rescan(ctx, b)
		case <-ctx.Done():
			return
		}
	}
}

func (e *Exchange) take() []session.Order {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.routed
	e.routed = nil
	return all
}

// route puts an order into the book, unless that has just made something of it that the order's content does not show yet.
func (e *Exchange) route(ctx context.Context, b *book, o session.Order) {
	if o.Status == session.StatusCancelling || !e.lane(o.Client).reported(o.ID) {
		e.report(ctx, b.route(o, e.cfg.Now()))
	}
}

// rescan routes the open orders that the book does not have.
func (e *Exchange) rescan(ctx context.Context, b *book) {
	for i := range e.lanes {
		e.lanes[i].forgetDurable()
	}
	var after session.OrderID
	for ctx.Err() == nil {
		page, err := e.cfg.Orders.OpenOrders(ctx, after, rescanPage)
		if err != nil {
			if ctx.Err() == nil {
				e.cfg.Log.Error("cannot read the open orders; trying again", "error", err)
			}
			return
		}
		for _, o := range page {
			after = o.ID
			e.route(ctx, b, o)
		}
		if len(page) < rescanPage {
			return
		}
	}
}

func (e *Exchange) lane(client session.ClientID) *lane { return &e.lanes[uint64(client)%reporters] }

// reported tells whether the row of an order may be older than what was reported of it.
func (l *lane) reported(id session.OrderID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.unseen[id]
	return ok
}

func (l *lane) forgetDurable() {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.unseen, func(_ session.OrderID, reports int) bool { return reports == 0 })
}

// report queues reports for the clients' actors.
func (e *Exchange) report(ctx context.Context, reports []report) {
	for _, r := range reports {
		l := e.lane(r.client)
		l.mu.Lock()
		if l.unseen == nil {
			l.unseen = map[session.OrderID]int{}
		}
		l.unseen[r.order]++
		l.reports = append(l.reports, r)
		if !l.busy {
			l.busy = true
			e.done.Go(func() { e.drain(ctx, l) })
		}
		l.mu.Unlock()
	}
}

// drain makes the reports of a lane one after another, each until it is durable. A client who cannot be reached lets the
// others of the lane go first.
func (e *Exchange) drain(ctx context.Context, l *lane) {
	for r, ok := l.first(ctx); ok; r, ok = l.first(ctx) {
		if e.deliver(r) {
			l.settled(r)
			continue
		}
		l.putBack(r.client)
		wait(ctx, retryAfter)
	}
}

func (l *lane) first(ctx context.Context) (report, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.reports) == 0 || ctx.Err() != nil {
		l.busy, l.reports = false, nil
		return report{}, false
	}
	return l.reports[0], true
}

func (l *lane) settled(r report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports = l.reports[1:]
	l.unseen[r.order]--
}

// putBack moves a client's reports behind those of the others; their order stays.
func (l *lane) putBack(client session.ClientID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var mine, others []report
	for _, r := range l.reports {
		if r.client == client {
			mine = append(mine, r)
		} else {
			others = append(others, r)
		}
	}
	l.reports = append(others, mine...)
}

// deliver tells whether the report needs no repeating.
func (e *Exchange) deliver(r report) bool {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	_, err := e.cfg.Ask(ctx, r.client, session.ReportExecution{ID: r.order, Execution: r.execution})
	if refusal := new(session.Refusal); errors.As(err, &refusal) {
		e.cfg.Log.Error("a client's actor refused an execution", "client", r.client, "order", r.order, "error", refusal)
		return true
	}
	return err == nil
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
