package load

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// kind is what somebody waited for.
type kind string

const (
	loggingIn    kind = "log in"
	openingSMS   kind = "open a session by SMS"
	openingToken kind = "open a session by WEB-token"
	registering  kind = "register a WEB-token"
	acknowledged kind = "order acknowledged"
	resuming     kind = "reconnect and resume"
	expiring     kind = "session ended after its time"
)

// record counts what the terminals meet. All of it is under one lock: it is held for a few additions.
type record struct {
	mu       sync.Mutex
	run      map[kind]*hdrhistogram.Histogram
	step     map[kind]*hdrhistogram.Histogram
	second   *hdrhistogram.Histogram // orders acknowledged in this second
	errors   map[string]int
	repeated int
	total    tally
	marked   tally // total, when the last second ended
}

// tally is what only grows.
type tally struct{ sent, acknowledged, refused, errors, outOfOrder, doubled int }

func newRecord() *record {
	return &record{
		run: map[kind]*hdrhistogram.Histogram{}, step: map[kind]*hdrhistogram.Histogram{}, second: newHistogram(), errors: map[string]int{},
	}
}

// newHistogram is for a microsecond to half an hour, exact to three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, (30 * time.Minute).Microseconds(), 3)
}

func (r *record) waited(k kind, span time.Duration) {
	micros := max(1, span.Microseconds())
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, all := range []map[kind]*hdrhistogram.Histogram{r.run, r.step} {
		if all[k] == nil {
			all[k] = newHistogram()
		}
		_ = all[k].RecordValue(micros) // longer than the greatest value there is nothing
	}
	if k == acknowledged {
		r.total.acknowledged++
		_ = r.second.RecordValue(micros)
	}
}

// happened counts something in the tally.
func (r *record) happened(change func(*tally)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.total)
}

// repeat: an order was sent again.
func (r *record) repeat() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.repeated++
}

// trouble counts something that should not have been.
func (r *record) trouble(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.errors++
	if len(r.errors) < mostErrors || r.errors[what] > 0 {
		r.errors[what]++
	}
}

// mostErrors is how many kinds of trouble are told apart.
const mostErrors = 100

func (r *record) counted() tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// beginStep forgets the latencies of the last step.
func (r *record) beginStep() tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.step)
	return r.total
}

// endStep is what was counted since the step began, and the waiting that it is about: there may be none.
func (r *record) endStep(s *Step, began tally, about ...kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Orders, s.Acknowledged = r.total.sent-began.sent, r.total.acknowledged-began.acknowledged
	s.Errors = r.total.errors - began.errors
	for _, k := range about {
		if h := r.step[k]; h != nil {
			l := latency(k, h)
			s.Latency = &l
			return
		}
	}
}

// tick ends a second.
func (r *record) tick(s *Second) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Sent, s.Acknowledged = r.total.sent-r.marked.sent, r.total.acknowledged-r.marked.acknowledged
	s.Errors = r.total.errors - r.marked.errors
	r.marked = r.total
	if r.second.TotalCount() > 0 {
		s.P50, s.P99, s.Max = quantile(r.second, 50), quantile(r.second, 99), quantile(r.second, 100)
		r.second.Reset()
	}
}

// close puts what was recorded into the result.
func (r *record) close(to *Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, h := range r.run {
		to.Latency = append(to.Latency, latency(k, h))
	}
	slices.SortFunc(to.Latency, func(a, b Latency) int { return cmp.Compare(b.Count, a.Count) })
	for what, n := range r.errors {
		to.Errors = append(to.Errors, Error{what, n})
	}
	slices.SortFunc(to.Errors, func(a, b Error) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What))
	})
	to.Orders.Sent, to.Orders.Acknowledged = r.total.sent, r.total.acknowledged
	to.Orders.Refused, to.Orders.Repeated, to.Orders.OutOfOrder = r.total.refused, r.repeated, r.total.outOfOrder
	to.Orders.Doubled += r.total.doubled
}

// ticks is how many points of the curve there are each time that the distance to 100 % halves.
const ticks = 5

func latency(k kind, h *hdrhistogram.Histogram) Latency {
	l := Latency{
		Kind: string(k), Count: h.TotalCount(),
		P50: quantile(h, 50), P90: quantile(h, 90), P99: quantile(h, 99), P999: quantile(h, 99.9), Max: quantile(h, 100),
	}
	for _, b := range h.CumulativeDistributionWithTicks(ticks) {
		l.Curve = append(l.Curve, Percentile{b.Quantile, float64(b.ValueAt) / 1e3})
	}
	return l
}

// quantile is in milliseconds.
func quantile(h *hdrhistogram.Histogram, percent float64) float64 {
	return float64(h.ValueAtPercentile(percent)) / 1e3
}
