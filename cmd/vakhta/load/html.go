package load

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

//go:embed report.html
var reportHTML string

//go:embed report.css
var reportCSS string

var reportPage = template.Must(template.New("report").Parse(reportHTML))

// page is what the template shows.
type page struct {
	*Result
	Style   template.CSS
	Policy  string // forbids whatever is not in the file: texts of a server stay texts even if an escape were forgotten
	Title   string
	When    string
	Span    string // how long it took
	Why     string // the verdict's, as a sentence
	Verdict verdict
	Key     []keyFigure
	Plots   []drawn

	StepRows, LatencyRows [][]string
	Fates                 []fate
	Bars                  []bar
}

// keyFigure is one of the large ones.
type keyFigure struct{ Name, Figure, Unit, Note string }

// bar is a kind of error, and how frequent it was in per cent of the most frequent one.
type bar struct {
	What, Count string
	Percent     float64
}

// WriteHTML writes the report as one file that needs nothing else: no network, no font, no script.
func (r *Result) WriteHTML(w io.Writer) error {
	style := "\n" + plotCSS + reportCSS
	sum := sha256.Sum256([]byte(style))
	p := page{
		Result: r, Style: template.CSS(style), //nolint:gosec // our own two files
		Policy: "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Title:  r.title(),
		When:   r.Began.UTC().Format("2 January 2006, 15:04 UTC"),
		Span:   clockText(math.Round(r.Seconds)), Verdict: r.verdict(), Key: r.keyFigures(), StepRows: r.stepRows(120), LatencyRows: r.latencyRows(), Fates: r.Orders.fates(),
	}
	p.Why = strings.ToUpper(p.Verdict.Why[:1]) + p.Verdict.Why[1:] + "."
	for _, c := range r.charts() {
		if !c.empty() {
			p.Plots = append(p.Plots, c.draw(r.bands()))
		}
	}
	for _, e := range r.Errors {
		p.Bars = append(p.Bars, bar{printable(e.What), whole(e.Count), float64(e.Count) / float64(max(1, r.Errors[0].Count)) * 100})
	}
	if err := reportPage.Execute(w, p); err != nil {
		return fmt.Errorf("the report of the run cannot be written: %w", err)
	}
	return nil
}

func (r *Result) keyFigures() []keyFigure {
	o := r.Orders
	all := []keyFigure{
		{Name: "Terminals", Figure: whole(r.Terminals), Note: fmt.Sprintf("%s connected at once, %s hostile", whole(r.most()), whole(r.Hostile))},
		{Name: "Orders acknowledged", Figure: whole(o.Acknowledged), Note: "of " + whole(o.Sent) + " sent"},
	}
	if l := r.headline(); l != nil {
		for _, x := range []struct {
			name, note string
			ms         float64
		}{{"Median latency", l.Kind + ", p50", l.P50}, {"99th percentile", l.Kind + ", p99", l.P99}} {
			text, unit, _ := strings.Cut(quantity(x.ms, "ms"), "\u00a0")
			all = append(all, keyFigure{x.name, text, unit, x.note})
		}
	}
	memory := keyFigure{Name: "Memory per terminal", Figure: "—", Note: "the server's memory was not seen"}
	if kib, ok := r.memoryEach(); ok {
		memory.Figure, memory.Unit, memory.Note = figure(kib), "KiB", "resident, with the empty server's share"
		if empty := r.emptyMiB(); empty > 0 {
			memory.Note = "resident, above the empty server's " + quantity(empty, "MiB")
		}
	}
	return append(all, memory)
}
