package load

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Axis is one direction of a plot. It embraces what is drawn, and what it is told to: plots below one another have the same time then.
type Axis struct {
	Scale Scale
	Unit  string // behind each figure: "ms", "/s", "MiB"; times and per cent have their own

	From, To float64
}

// Scale is how an axis is divided.
type Scale int

// The scales. What has no place on its scale, such as zero on a logarithmic one, is a gap in its line.
const (
	Linear Scale = iota
	Clock        // seconds, read as minutes and hours
	Log          // tenfold is equally far everywhere
	Tail         // per cent as HdrHistogram draws them: 90, 99 and 99.9 are equally far apart, and 100 is never reached
)

// place says where on the axis a value is; the unit of it means nothing. NaN: nowhere.
func (s Scale) place(v float64) float64 {
	switch {
	case s == Log && v > 0:
		v = math.Log10(v)
	case s == Tail && v >= 0 && v < 100:
		v = -math.Log10(1 - v/100)
	case s == Log || s == Tail || math.IsInf(v, 0):
		return math.NaN()
	}
	return v
}

// ticks are round values, at most so many (two at least), and the ends of an axis that embraces lo and hi.
func (s Scale) ticks(lo, hi float64, most int) (from, to float64, ticks []float64) {
	switch {
	case s == Log:
		return logTicks(lo, hi, max(most, 2))
	case s == Tail:
		return lo, hi, tailTicks(hi)
	case hi-lo <= 1e-9*math.Abs(hi): // the same, and nothing round between
		hi = lo + max(1, math.Abs(lo)/1000)
	}
	for step := 0.0; ; {
		step = s.stepAfter(step, (hi-lo)/float64(max(most, 2)))
		first, last := math.Floor(lo/step), math.Ceil(hi/step)
		if n := int(last-first) + 1; n <= max(most, 2) || n == 3 && first == -1 { // zero is a tick even if no more than two are wanted
			for i := range n {
				ticks = append(ticks, rounded((first+float64(i))*step))
			}
			return ticks[0], ticks[n-1], ticks
		}
	}
}

// clockSteps are what divides minutes, hours and days without a rest.
var clockSteps = []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400}

// stepAfter is the next coarser step than this one, and not finer than least: 1, 2 or 5 of a power of ten, or what clocks have.
func (s Scale) stepAfter(step, least float64) float64 {
	least = max(least, step*1.001)
	if s == Clock && least > 0.5 && least <= 86_400 {
		i, _ := slices.BinarySearch(clockSteps, least)
		return clockSteps[i]
	}
	return roundUp(least)
}

// roundUp finds the least of 1, 2 and 5 of the powers of ten that is not below v.
func roundUp(v float64) float64 {
	power := int(math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if r := times10(m, power); r >= v*(1-1e-9) {
			return r
		}
	}
	return times10(1, power+1)
}

// logTicks are 1, 2 and 5 of each power of ten; if these are too many, powers only, then every second one, and so on. The ends
// are 1, 2 or 5 in any case: half an empty power would be wasted ground.
func logTicks(lo, hi float64, most int) (from, to float64, ticks []float64) {
	from = rounded(1 / roundUp(1/lo)) // the reciprocals of 1, 2 and 5 are as round
	ticks = append(ticks, from)
	for to = from; to < hi*(1-1e-9) || len(ticks) < 2; ticks = append(ticks, to) {
		to = rounded(roundUp(to * 1.001))
	}
	if len(ticks) <= most {
		return from, to, ticks
	}
	first, last := int(math.Ceil(math.Log10(from)-1e-9)), int(math.Floor(math.Log10(to)+1e-9))
	ticks = nil
	for power := first; power <= last; power += 1 + (last-first)/most {
		ticks = append(ticks, times10(1, power))
	}
	if len(ticks) < 2 {
		ticks = []float64{from, to}
	}
	return from, to, ticks
}

func tailTicks(hi float64) []float64 {
	all := []float64{0, 50}
	for nines := 1; all[len(all)-1] < hi && nines < 12; nines++ {
		all = append(all, rounded(100-math.Pow10(2-nines)))
	}
	return all
}

// times10 divides by a power of ten rather than multiply by an inexact one: 2/10 is 0.2.
func times10(m float64, power int) float64 {
	if power < 0 {
		return m / math.Pow10(-power)
	}
	return m * math.Pow10(power)
}

// rounded takes away what arithmetic has left behind the twelfth digit.
func rounded(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	return v
}

// text is a value of the axis, as people read it.
func (a Axis) text(v float64) string {
	switch a.Scale {
	case Clock:
		return clockText(v)
	case Tail:
		places := math.Ceil(1 - math.Log10(100-v)) // a digit more than there are nines
		return trimmed(strconv.FormatFloat(v, 'f', int(max(0, places)), 64)) + "\u00a0%"
	}
	return quantity(v, a.Unit)
}

// between is what two values embrace: what reads the same, a unit or all of it, is told once.
func (a Axis) between(lo, hi float64) string {
	from, to := a.text(lo), a.text(hi)
	if from == to {
		return to
	}
	if a.Scale != Clock {
		from = strings.TrimSuffix(from, strings.TrimLeft(to, "-0123456789.,"))
	}
	return from + " – " + to
}

func clockText(seconds float64) string {
	if seconds != math.Trunc(seconds) && seconds < 60 {
		return quantity(seconds, "s")
	}
	s := int(math.Round(seconds))
	pad := func(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }
	if s < 3600 {
		return strconv.Itoa(s/60) + ":" + pad(s%60)
	}
	return strconv.Itoa(s/3600) + ":" + pad(s/60%60) + ":" + pad(s%60)
}

// quantity is a figure and its unit. Thousands of milliseconds are seconds.
func quantity(v float64, unit string) string {
	switch {
	case unit == "ms" && v >= 1000:
		return quantity(v/1000, "s")
	case unit == "" || strings.HasPrefix(unit, "/"):
		return figure(v) + unit
	}
	return figure(v) + "\u00a0" + unit
}

// figure has three digits that matter, or all of a greater number; no noughts at its end.
func figure(v float64) string { return trimmed(digits(v)) }

func trimmed(text string) string {
	if strings.Contains(text, ".") {
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// digits is figure with its noughts: for columns of tables. Thousands are in groups of three.
func digits(v float64) string {
	places := 0
	for bound := 100.0; places < 6 && math.Abs(v) < bound && v != 0; bound /= 10 {
		places++
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	for i := len(text) - 3; places == 0 && i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
