package load

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// chart is a plot of the report.
type chart struct {
	Plot
	half  bool // two of them stand side by side
	steps bool // the steps are behind it
}

// drawn is a chart as the page has it: wide and narrow, so that letters do not shrink with the page.
type drawn struct {
	Title, Note  string
	Half         bool
	Wide, Narrow template.HTML
	Table        [][]string
}

func (c chart) draw(steps []Band) drawn {
	if c.steps {
		c.Bands = steps
	}
	d := drawn{Title: c.Title, Note: c.Note, Half: c.half, Table: c.table(60)}
	size := func(width, height float64) template.HTML {
		c.Width, c.Height = width, height
		return template.HTML(c.inline()) //nolint:gosec // plot.go escapes all that it is given
	}
	if c.half {
		d.Wide = size(456, 210)
	} else {
		d.Wide = size(960, 340)
	}
	d.Narrow = size(330, 250)
	return d
}

// bands are the steps, with the numbers that they have in the table.
func (r *Result) bands() (all []Band) {
	for i, s := range r.inOrder() {
		all = append(all, Band{fmt.Sprintf("%d %s", i+1, strings.TrimSpace(s.Line)), s.Began, s.Ended})
	}
	return all
}

// charts are all that the report may show; those without a value are left out.
func (r *Result) charts() []chart {
	most, empty := r.most(), r.emptyMiB()
	each := func(s Second) float64 {
		if kib, ok := r.perTerminal(s, most, empty); ok {
			return kib
		}
		return math.NaN()
	}
	about := "what the server has above its empty self, for each terminal"
	if empty == 0 {
		about = "all that the server has, divided by the terminals"
	}
	seconds, ms := r.time(), Axis{Scale: Log, Unit: "ms"}
	acknowledged, sent := r.line("acknowledged", "blue", Second.acknowledged), r.line("sent", "amber", Second.sent)
	acknowledged.Area, sent.Dashed = true, true
	return []chart{
		{Plot: Plot{
			Title: "Latency by percentile", Note: "so many of a hundred waited at most so long; both axes logarithmic",
			X: Axis{Scale: Tail}, Y: ms, Lines: r.curves(),
		}},
		{Plot: Plot{
			Title: "Orders", Note: "sent and acknowledged in each second, under the steps of the scenario",
			X: seconds, Y: Axis{Unit: "/s"}, Lines: []Line{acknowledged, sent},
		}, steps: true},
		{Plot: Plot{
			Title: "Latency over time", Note: "of the orders acknowledged in each second; logarithmic", X: seconds, Y: ms,
			Lines: []Line{r.line("greatest", "grey", Second.max), r.line("p99", "violet", Second.p99), r.line("p50", "blue", Second.p50)},
		}, steps: true},
		r.half("Terminals", "connected", "", "blue", Second.terminals),
		r.half("Processor of the server", "cores in use", "", "teal", Second.cores),
		r.half("Memory of the server", "resident", "MiB", "violet", Second.memory),
		r.half("Memory per terminal", about, "KiB", "green", each),
		r.half("Errors", "in each second", "/s", "red", Second.errors),
	}
}

func (r *Result) time() Axis { return Axis{Scale: Clock, To: r.Seconds} }

// half is a chart of one line.
func (r *Result) half(title, note, unit, ink string, value func(Second) float64) chart {
	line := r.line(strings.ToLower(title), ink, value)
	line.Area = true
	return chart{Plot: Plot{Title: title, Note: note, X: r.time(), Y: Axis{Unit: unit}, Lines: []Line{line}}, half: true}
}

func (r *Result) line(name, ink string, value func(Second) float64) Line {
	l := Line{Name: name, Ink: ink}
	for _, s := range r.Timeline {
		l.Points = append(l.Points, Point{s.At, value(s)})
	}
	return l
}

func (s Second) terminals() float64    { return float64(s.Terminals) }
func (s Second) sent() float64         { return float64(s.Sent) }
func (s Second) acknowledged() float64 { return float64(s.Acknowledged) }
func (s Second) errors() float64       { return float64(s.Errors) }
func (s Second) p50() float64          { return seen(s.P50) }
func (s Second) p99() float64          { return seen(s.P99) }
func (s Second) max() float64          { return seen(s.Max) }
func (s Second) memory() float64       { return seen(s.MemoryMiB) }
func (s Second) cores() float64        { return seen(s.CPU) }

// seen is a gap where nothing was.
func seen(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}

func (r *Result) curves() (all []Line) {
	for _, l := range r.Latency {
		line := Line{Name: l.Kind}
		for _, x := range l.Curve {
			line.Points = append(line.Points, Point{x.Percent, x.Ms})
		}
		all = append(all, line)
	}
	return all
}
