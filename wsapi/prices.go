package wsapi

import (
	"context"
	"time"

	"vakhta/session"
)

type (
	serverTime struct {
		Time    instant `json:"time"`
		Seconds int64   `json:"seconds"`
	}
	quotesParams struct {
		Tickers []string `json:"tickers" also:"ticker" doc:"Without it, all."`
	}
	quotesReply struct {
		Result struct {
			Q []quoteRow `json:"q"`
		} `json:"result"`
	}
	candlesParams struct {
		ID    string `json:"id" also:"ticker" need:"yes"`
		Count int64  `json:"count" doc:"Of candles; negative: as many as lie between the dates."`
		Frame int64  `json:"timeframe" doc:"Minutes of a candle; 1 without it."`
		From  string `json:"date_from" doc:"UTC, as 21.11.2026 18:00 or ISO."`
		To    string `json:"date_to" doc:"The same; now without it."`
		Mode  string `json:"intervalMode"`
	}
	candles struct {
		Hloc    map[string][][4]amount `json:"hloc" doc:"High, low, open, close."`
		Seconds map[string][]int64     `json:"xSeries"`
	}
)

func (g *Gateway) declareMarket(cat *catalogue) {
	declare(cat, "getServerTime", 0, "what time it is here", g.getServerTime)
	declare(cat, "getStockQuotesJson", 0, "prices now", g.getStockQuotesJSON)
	declare(cat, "getHloc", 0, "candles of a ticker, the newest last", g.getHloc)
}

func (g *Gateway) getServerTime(context.Context, *Caller, nothing) (serverTime, error) {
	now := g.Now()
	return serverTime{instant(now), now.Unix()}, nil
}

func (g *Gateway) getStockQuotesJSON(_ context.Context, _ *Caller, p quotesParams) (quotesReply, error) {
	var reply quotesReply
	reply.Result.Q = []quoteRow{}
	if len(p.Tickers) == 0 {
		for _, in := range g.Instruments() {
			p.Tickers = append(p.Tickers, in.Ticker)
		}
	}
	now := g.Now()
	for _, ticker := range p.Tickers[:min(len(p.Tickers), tickersMost)] {
		if q, ok := g.Quote(normal(ticker), now); ok {
			reply.Result.Q = append(reply.Result.Q, quoteOf(q))
		}
	}
	return reply, nil
}

const (
	tickersMost  = 200
	candlesMost  = 360
	samplesOfOne = 12 // prices that a candle is made of: enough for a chart, and cheap
)

// getHloc makes candles of prices that were: the paper exchange knows what a price was at any moment.
func (g *Gateway) getHloc(_ context.Context, _ *Caller, p candlesParams) (candles, error) {
	ticker := normal(p.ID)
	step := time.Duration(max(1, min(p.Frame, 1440))) * time.Minute
	first, end := g.between(p, step)
	out := candles{Hloc: map[string][][4]amount{ticker: {}}, Seconds: map[string][]int64{ticker: {}}}
	for at := first; !at.After(end); at = at.Add(step) {
		c, ok := g.candle(ticker, at, step, end)
		if !ok {
			return candles{}, door(session.UnknownTicker, "the ticker %.32q is not traded here", "take a ticker from getStockQuotesJson", p.ID)
		}
		out.Hloc[ticker] = append(out.Hloc[ticker], c)
		out.Seconds[ticker] = append(out.Seconds[ticker], at.Unix())
	}
	return out, nil
}

// between is where the first candle begins and the last one ends: never later than now, never too many.
func (g *Gateway) between(p candlesParams, step time.Duration) (first, end time.Time) {
	end = g.Now().UTC()
	if to, ok := date(p.To); ok && to.Before(end) {
		end = to
	}
	last := end.Truncate(step)
	first = last.Add(-(candlesMost - 1) * step)
	if from, ok := date(p.From); ok && from.After(first) {
		first = from.Truncate(step)
	}
	if p.Count > 0 && p.Count < candlesMost {
		first = last.Add(-time.Duration(p.Count-1) * step)
	}
	return first, end
}

// date reads a date in any of the forms that published clients send.
func date(text string) (time.Time, bool) {
	for _, layout := range []string{"02.01.2006 15:04", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func (g *Gateway) candle(ticker string, from time.Time, step time.Duration, end time.Time) (c [4]amount, ok bool) {
	for i := range samplesOfOne {
		at := from.Add((step - time.Second) * time.Duration(i) / (samplesOfOne - 1)) // the last second included
		if at.After(end) {
			break
		}
		q, known := g.Quote(ticker, at)
		if !known {
			return c, false
		}
		p := amount(q.Last)
		if i == 0 {
			c = [4]amount{p, p, p, p}
		}
		c[0], c[1], c[3] = max(c[0], p), min(c[1], p), p
	}
	return c, true
}
