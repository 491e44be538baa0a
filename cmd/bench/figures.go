package main

import (
	"slices"
	"time"
)

// cell is what one window has measured.
type cell struct {
	latencies []time.Duration // of acknowledgements; sorted by done
	span      time.Duration   // from the first request to the last acknowledgement
	cpu       time.Duration   // of the server, with what it had to do after the last acknowledgement; of an anchor, its own
	database  time.Duration   // CPU time of PostgreSQL
	behind    time.Duration   // fills: how long after the last acknowledgement the last one came
}

func (c *cell) rate() float64 { return float64(len(c.latencies)) / c.span.Seconds() }

// quantile needs sorted latencies.
func (c *cell) quantile(q float64) float64 {
	at := int(q * float64(len(c.latencies)))
	return float64(c.latencies[min(at, len(c.latencies)-1)]) / float64(time.Millisecond)
}

func (c *cell) p50() float64 { return c.quantile(0.50) }
func (c *cell) p99() float64 { return c.quantile(0.99) }

// perOrder is in microseconds.
func (c *cell) perOrder(spent time.Duration) float64 {
	return float64(spent) / float64(time.Microsecond) / float64(len(c.latencies))
}

// spread is one figure over the rounds.
type spread struct{ median, least, most float64 }

func over(values []float64) spread {
	slices.Sort(values)
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

// median of one figure of the cells.
func median(cells []*cell, figure func(*cell) float64) float64 {
	values := make([]float64, len(cells))
	for i, c := range cells {
		values[i] = figure(c)
	}
	return over(values).median
}

// ratio of the rates of two things that took turns, round by round.
func ratio(of, to []*cell) spread {
	values := make([]float64, len(of))
	for i := range of {
		values[i] = of[i].rate() / to[i].rate()
	}
	return over(values)
}
