package wsapi

import (
	"math"
	"sync"
	"time"

	"vakhta/session"
)

// market tells prices to whoever watches them: each ticker is looked at once a second and encoded once for all. Its
// goroutine lives only while somebody watches.
type market struct {
	g *Gateway

	mu      sync.Mutex
	boards  map[string]*board // of the tickers that somebody watches
	ticking bool
}

// board is one ticker.
type board struct {
	last     quoteRow
	n        int64
	watchers map[*terminal]struct{}
}

// quoteRow is a price. The first frame of a ticker has all fields and init, later ones those that changed.
type quoteRow struct {
	Ticker  string  `json:"c"`
	Name    string  `json:"name,omitempty"`
	Last    *amount `json:"ltp,omitempty"`
	Change  *amount `json:"chg,omitempty" doc:"Since the opening."`
	Percent *amount `json:"pcp,omitempty"`
	Bid     *amount `json:"bbp,omitempty"`
	Ask     *amount `json:"bap,omitempty"`
	Open    *amount `json:"op,omitempty"`
	Time    zoned   `json:"ltt,omitzero"`
	Step    *amount `json:"min_step,omitempty"`
	Lot     *amount `json:"x_lot,omitempty"`
	Curr    string  `json:"x_curr,omitempty"`
	N       int64   `json:"n,omitempty"`
	Init    int     `json:"init,omitempty"`
}

func (t zoned) IsZero() bool { return time.Time(t).IsZero() }

func newMarket(g *Gateway) *market { return &market{g: g, boards: map[string]*board{}} }

func exactly(d session.Decimal) *amount { return (*amount)(&d) }

func quoteOf(q session.Quote) quoteRow {
	change, percent := q.Last-q.Open, session.Decimal(0)
	if q.Open != 0 {
		percent = session.Decimal(math.Round(change.Float()/q.Open.Float()*1e4)) * session.One / 100
	}
	return quoteRow{
		Ticker: q.Instrument.Ticker, Name: q.Instrument.Name, Last: exactly(q.Last), Change: exactly(change),
		Percent: exactly(percent), Bid: exactly(q.Bid), Ask: exactly(q.Ask), Open: exactly(q.Open), Time: zoned(q.At),
		Step: exactly(q.Instrument.PriceStep), Lot: exactly(q.Instrument.Lot), Curr: q.Instrument.Currency,
	}
}

// since is what has changed; false: nothing but the time.
func (q quoteRow) since(before quoteRow) (quoteRow, bool) {
	delta, changed := quoteRow{Ticker: q.Ticker, Time: q.Time}, false
	for _, f := range []struct{ now, was, to **amount }{
		{&q.Last, &before.Last, &delta.Last},
		{&q.Change, &before.Change, &delta.Change},
		{&q.Percent, &before.Percent, &delta.Percent},
		{&q.Bid, &before.Bid, &delta.Bid},
		{&q.Ask, &before.Ask, &delta.Ask},
		{&q.Open, &before.Open, &delta.Open},
	} {
		if **f.now != **f.was {
			*f.to, changed = *f.now, true
		}
	}
	return delta, changed
}

// watch lets a terminal see these tickers and no others, each in full first.
func (m *market) watch(t *terminal, list []string) (known []string, err error) {
	now := m.g.Now()
	m.forget(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	known = []string{}
	if t.isGone() { // it has been forgotten for the last time
		return known, nil
	}
	for _, ticker := range list[:min(len(list), tickersMost)] {
		b, ok := m.board(normal(ticker), now)
		if !ok {
			err = door(session.UnknownTicker, "the ticker %.32q is not traded here", "take a ticker from getStockQuotesJson", ticker)
			continue
		}
		if _, twice := b.watchers[t]; twice {
			continue
		}
		b.watchers[t] = struct{}{}
		known = append(known, b.last.Ticker)
		full := b.last
		full.N, full.Init = b.n, 1
		t.hear(writeFrame("q", full, now, 0))
	}
	if len(m.boards) > 0 && !m.ticking {
		m.ticking = true
		go m.tick()
	}
	return known, err
}

// board finds or opens the board of a ticker. m.mu is held.
func (m *market) board(ticker string, now time.Time) (*board, bool) {
	if b, ok := m.boards[ticker]; ok {
		return b, true
	}
	q, ok := m.g.Quote(ticker, now)
	if !ok {
		return nil, false
	}
	b := &board{last: quoteOf(q), n: 1, watchers: map[*terminal]struct{}{}}
	m.boards[ticker] = b
	return b, true
}

// forget takes a terminal off all boards.
func (m *market) forget(t *terminal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ticker, b := range m.boards {
		delete(b.watchers, t)
		if len(b.watchers) == 0 {
			delete(m.boards, ticker)
		}
	}
}

func (m *market) tick() {
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
			if !m.look(m.g.Now()) {
				return
			}
		case <-m.g.stopped:
			return
		}
	}
}

// look tells what has changed in this second; false: nobody watches any more.
func (m *market) look(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ticking = len(m.boards) > 0; !m.ticking {
		return false
	}
	for ticker, b := range m.boards {
		q, ok := m.g.Quote(ticker, now)
		if !ok {
			continue
		}
		row := quoteOf(q)
		delta, changed := row.since(b.last)
		if !changed {
			continue
		}
		b.n++
		b.last, delta.N = row, b.n
		frame := writeFrame("q", delta, now, 0)
		for t := range b.watchers {
			t.hear(frame)
		}
	}
	return true
}

// hear takes a frame that the market has for everybody, without waiting.
func (t *terminal) hear(frame []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.put(frame); t.full() {
		t.endNow(byeSlow)
	}
}
