package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// target is a line of the table of targets: what the product may cost beside an anchor, or has to achieve.
type target struct {
	number, words  string
	bound, stretch float64 // 0: none
	atLeast        bool    // otherwise at most
}

// The targets that are measured here.
var (
	idleOfCoder      = &target{number: "1", words: "idle: RSS each, of coder's with its loop in the handler", bound: 0.45, stretch: 0.22}
	idleOfCentrifuge = &target{number: "1", words: "idle: RSS each, of centrifuge's", bound: 0.37}
	openOfLean       = &target{number: "2", words: "open: CPU each, of coder lean's handshake", bound: 1.7, stretch: 1.4}
	openOfCentrifuge = &target{number: "2", words: "open: CPU each, of centrifuge's connect", bound: 0.9}
	rateOfBare       = &target{number: "3a", words: "orders, closed loop: acks/s, of the bare loop's", bound: 0.8, stretch: 1, atLeast: true}
	rateOfCentrifuge = &target{number: "3a", words: "orders, closed loop: acks/s, of centrifuge's", bound: 0.75, stretch: 1, atLeast: true}
	fewOfBare        = &target{number: "3a", words: "few clients, closed loop: acks/s, of the bare loop's", atLeast: true}
	fewOfCentrifuge  = &target{number: "3a", words: "few clients, closed loop: acks/s, of centrifuge's", atLeast: true}
	p50OfBare        = &target{number: "3b", words: "orders, open loop: p50, of the bare loop's", bound: 1.25}
	p99OfBare        = &target{number: "3b", words: "orders, open loop: p99, of the bare loop's", bound: 1.5}
	p99Alone         = &target{number: "3b", words: "orders, open loop: p99 in ms at 5000/s, no ratio: the stretch", bound: 3}
	databaseLarge    = &target{number: "3c", words: "PostgreSQL CPU per order, of the bare loop's; batches ≥ 64", bound: 1.15, stretch: 1}
	databaseSmall    = &target{number: "3c", words: "PostgreSQL CPU per order, of the bare loop's; smaller batches", bound: 1.25, stretch: 1}
	endOfAll         = &target{number: "4", words: "all sessions end: until the last terminal knows, of the bare loop's", bound: 1.4, stretch: 1.15}
	stormCPU         = &target{number: "5", words: "storm: CPU until all have resumed, of coder lean's", bound: 1.5, stretch: 1.2}
	stormTime        = &target{number: "5", words: "storm: time until the last has resumed, of coder lean's", bound: 1.5, stretch: 1.2}
	hostileP99       = &target{number: "7", words: "1 % read nothing or send half a frame: p99 of the others, of it without them", bound: 1.2}
)

// outcome is what has come out for a target.
type outcome struct {
	*target

	where string
	got   spread
}

func (o outcome) verdict() string {
	beyond := func(bound float64) float64 { // by which part of the bound it was missed
		if o.atLeast {
			return 1 - o.got.median/bound
		}
		return o.got.median/bound - 1
	}
	switch missed := beyond(o.bound); {
	case o.bound == 0:
		return "no target"
	case missed > 1:
		return fmt.Sprintf("misses: %.1f times the target", 1+missed)
	case missed >= 0.005:
		return fmt.Sprintf("misses by %.0f %%", 100*missed)
	case missed > 0:
		return "misses by less than 1 %"
	case o.stretch != 0 && beyond(o.stretch) <= 0:
		return "holds, and the stretch"
	default:
		return "holds"
	}
}

func (t *target) limit() string {
	sign := "≤"
	if t.atLeast {
		sign = "≥"
	}
	if t.bound == 0 {
		return "–"
	}
	if t.stretch == 0 {
		return fmt.Sprintf("%s %.2f", sign, t.bound)
	}
	return fmt.Sprintf("%s %.2f (stretch %.2f)", sign, t.bound, t.stretch)
}

// printOutcomes shows the median over the rounds, with the least and the greatest.
func printOutcomes(out io.Writer, all []outcome) {
	_, _ = fmt.Fprint(out, "Targets: the product's figure divided by the anchor's, round by round\n\n")
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "#\tscenario\twhere\tratio\t(least–most; rounds)\ttarget\tverdict")
	for _, o := range all {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t(%.2f–%.2f; %d)\t%s\t%s\n",
			o.number, o.words, o.where, o.got.median, o.got.least, o.got.most, o.got.rounds, o.limit(), o.verdict())
	}
	_ = w.Flush()
}
