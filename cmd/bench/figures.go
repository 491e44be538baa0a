package main

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// cell is what one window has measured of one server.
type cell struct {
	latencies *hdrhistogram.Histogram // of acknowledgements, in µs
	span      time.Duration           // from the first request to the last acknowledgement
	cpu       time.Duration           // of the server, with what it had to do after the last acknowledgement
	loader    time.Duration           // CPU time of the clients
	database  time.Duration           // CPU time of PostgreSQL
	behind    time.Duration           // fills: how long after the last acknowledgement the last one came
}

// add clips what is out of range, which is longer than anybody waits.
func (c *cell) add(t time.Duration) {
	_ = c.latencies.RecordValue(min(max(t.Microseconds(), 1), c.latencies.HighestTrackableValue()))
}

func (c *cell) orders() float64 { return float64(c.latencies.TotalCount()) }
func (c *cell) rate() float64   { return c.orders() / c.span.Seconds() }

// quantile is in milliseconds.
func (c *cell) quantile(percent float64) float64 {
	return float64(c.latencies.ValueAtQuantile(percent)) / 1000
}

func (c *cell) p50() float64  { return c.quantile(50) }
func (c *cell) p99() float64  { return c.quantile(99) }
func (c *cell) p999() float64 { return c.quantile(99.9) }

// each is in microseconds per order.
func (c *cell) each(t time.Duration) float64 { return float64(t.Nanoseconds()) / 1000 / c.orders() }

func (c *cell) cpuEach() float64      { return c.each(c.cpu) }
func (c *cell) databaseEach() float64 { return c.each(c.database) }
func (c *cell) ofLoader() float64     { return float64(c.cpu) / float64(c.loader) }

// spread is one figure over the rounds.
type spread struct {
	median, least, most float64
	rounds              int
}

func over(values []float64) spread {
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1], n}
}

// of is one figure of each cell.
func of(cells []*cell, figure func(*cell) float64) []float64 {
	values := make([]float64, len(cells))
	for i, c := range cells {
		values[i] = figure(c)
	}
	return values
}

func median(cells []*cell, figure func(*cell) float64) float64 { return over(of(cells, figure)).median }

// ratio of one figure of two things that took turns, round by round.
func ratio(one, other []float64) spread {
	values := make([]float64, len(one))
	for i := range one {
		values[i] = one[i] / other[i]
	}
	return over(values)
}
