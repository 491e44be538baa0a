package load

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteJSON is for machines: the names are those of the struct's tags, with their units.
func (r *Result) WriteJSON(w io.Writer) error {
	out := *r // a machine gets an empty list, and no null, where there was nothing
	out.Steps, out.Timeline = orEmpty(r.Steps), orEmpty(r.Timeline)
	out.Errors, out.Failures = orEmpty(r.Errors), orEmpty(r.Failures)
	out.Latency = slices.Clone(orEmpty(r.Latency))
	for i := range out.Latency {
		out.Latency[i].Curve = orEmpty(out.Latency[i].Curve)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("the result of the run cannot be written as JSON: %w", err)
	}
	return nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// WriteTable is for a terminal of 120 columns. What failed comes last: there the eye is when the run ends.
func (r *Result) WriteTable(w io.Writer) {
	var out strings.Builder
	for _, line := range r.about() {
		out.WriteString(cut(line, 120) + "\n")
	}
	out.WriteString("\n" + grid(r.stepRows(26)) + "\n" + grid(r.latencyRows()) + "\n" + grid(r.orderRows()))
	if len(r.Errors) > 0 {
		out.WriteString("\n" + grid(r.errorRows()))
	}
	v := r.verdict()
	fmt.Fprintf(&out, "\n%s\n  %s\n", strings.ToUpper(v.Head), v.Why)
	for _, f := range r.Failures {
		fmt.Fprintf(&out, "  !! %s\n", printable(f))
	}
	_, _ = io.WriteString(w, out.String())
}

// title is the comment on top of the scenario, or else its name.
func (r *Result) title() string {
	first, _, _ := strings.Cut(r.Text, "\n")
	if comment, ok := strings.CutPrefix(first, "#"); ok {
		return cmp.Or(strings.TrimSpace(comment), r.Scenario)
	}
	return r.Scenario
}

// about says what was loaded, by how much and when.
func (r *Result) about() []string {
	server := []string{"vakhta " + cmp.Or(r.Server.Version, "of unknown version") + " at " + r.Server.URL}
	if r.Server.Store != "" {
		server = append(server, r.Server.Store)
	}
	if r.Server.Own {
		server = append(server, fmt.Sprintf("%d cores, shared by server and terminals", r.Server.Cores))
	} else {
		server = append(server, fmt.Sprintf("terminals on %d cores of their own", r.Server.Cores))
	}
	return []string{
		r.title(), strings.Join(server, " · "),
		fmt.Sprintf("%s terminals, %s of them hostile · %s from %s", whole(r.Terminals), whole(r.Hostile),
			clockText(math.Round(r.Seconds)), r.Began.UTC().Format("2006-01-02 15:04 UTC")),
	}
}

// inOrder has the steps as they began: one within another ends before it, and is recorded before it.
func (r *Result) inOrder() []Step {
	return slices.SortedStableFunc(slices.Values(r.Steps), func(a, b Step) int { return cmp.Compare(a.Began, b.Began) })
}

func (r *Result) stepRows(letters int) [][]string {
	rows := [][]string{{"step", "sent", "acked", "/s", "latency of", "p50 ms", "p99 ms", "errors", "CPU µs", "MiB"}}
	for i, s := range r.inOrder() {
		l, kind := Latency{}, ""
		if s.Latency != nil {
			l, kind = *s.Latency, cut(s.Latency.Kind, 22)
		}
		rows = append(rows, []string{
			cut(fmt.Sprintf("%d %s", i+1, strings.TrimSpace(s.Line)), letters), some(float64(s.Orders)), some(float64(s.Acknowledged)), some(s.PerSecond),
			kind, someMs(l.P50), someMs(l.P99), some(float64(s.Errors)), some(s.CPUMicros), some(s.MemoryMiB),
		})
	}
	return rows
}

func (r *Result) latencyRows() [][]string {
	rows := [][]string{{"latency, ms", "count", "p50", "p90", "p99", "p99.9", "max"}}
	for _, l := range r.Latency {
		rows = append(rows, []string{
			cut(l.Kind, 38), figure(float64(l.Count)), digits(l.P50), digits(l.P90), digits(l.P99), digits(l.P999), digits(l.Max),
		})
	}
	return rows
}

func (r *Result) orderRows() [][]string {
	head, row := []string{"orders"}, []string{""}
	for _, f := range r.Orders.fates() {
		head, row = append(head, f.Name), append(row, f.Count)
	}
	return [][]string{head, row}
}

func (r *Result) errorRows() [][]string {
	rows := [][]string{{"errors", "count"}}
	for _, e := range r.Errors {
		rows = append(rows, []string{cut(e.What, 100), figure(float64(e.Count))})
	}
	return rows
}

// fate is what became of orders.
type fate struct {
	Name, Count string
	Bad         bool
}

// fates has nothing on what nobody has compared: a zero would look like good news.
func (o Orders) fates() []fate {
	all := []fate{
		{Name: "sent", Count: whole(o.Sent)},
		{Name: "acknowledged", Count: whole(o.Acknowledged)},
		{Name: "refused", Count: whole(o.Refused)},
		{Name: "unanswered", Count: whole(o.Unanswered)},
		{Name: "repeated", Count: whole(o.Repeated)},
	}
	if o.Verified {
		all = append(all, fate{Name: "listed", Count: whole(o.Listed)}, fate{Name: "lost", Count: whole(o.Lost), Bad: o.Lost > 0},
			fate{Name: "doubled", Count: whole(o.Doubled), Bad: o.Doubled > 0})
	}
	return append(all, fate{Name: "out of order", Count: whole(o.OutOfOrder), Bad: o.OutOfOrder > 0})
}

// verdict is the first thing that the reader is told.
type verdict struct {
	Tone      string // "good", "bad"; "open": nothing is known to be wrong, and nothing is proven
	Head, Why string
}

func (r *Result) verdict() verdict {
	o := r.Orders
	switch {
	case len(r.Failures) > 0 || o.Lost+o.Doubled+o.OutOfOrder > 0:
		compared := ", not compared with the server's own list"
		if o.Verified {
			compared = fmt.Sprintf(": %s lost, %s doubled", whole(o.Lost), whole(o.Doubled))
		}
		return verdict{"bad", "Failed", fmt.Sprintf("%s acknowledged orders%s; %s events out of order",
			whole(o.Acknowledged), compared, whole(o.OutOfOrder))}
	case o.Sent == 0:
		return verdict{"good", "Nothing failed", "there were no orders to lose"}
	case !o.Verified:
		return verdict{"open", "Not compared", "nothing is known to be wrong; run with --verify to compare the acknowledged orders with the server's own list"}
	}
	return verdict{"good", "Nothing lost", fmt.Sprintf("each of %s acknowledged orders is in the server's own list, once, and every event had its number",
		whole(o.Acknowledged))}
}

// headline is the latency that the run is about: of orders, if there were any, otherwise of what was met most.
func (r *Result) headline() *Latency {
	for i := range r.Latency {
		if r.Latency[i].Kind == string(acknowledged) {
			return &r.Latency[i]
		}
	}
	if len(r.Latency) > 0 {
		return &r.Latency[0]
	}
	return nil
}

// most is how many terminals were connected at once.
func (r *Result) most() (n int) {
	for _, s := range r.Timeline {
		n = max(n, s.Terminals)
	}
	return n
}

// emptyMiB is the server's memory before the first terminal came; 0 if nobody has seen it.
func (r *Result) emptyMiB() (mib float64) {
	for _, s := range r.Timeline {
		if s.Terminals > 0 {
			break
		}
		mib = cmp.Or(s.MemoryMiB, mib)
	}
	return mib
}

// perTerminal is what the server has come to need for each terminal, in KiB; false where that would say nothing: with a
// tenth of them connected, or a server that is not seen.
func (r *Result) perTerminal(s Second, most int, empty float64) (kib float64, ok bool) {
	if s.MemoryMiB <= empty || s.Terminals == 0 || s.Terminals*10 < most {
		return 0, false
	}
	return (s.MemoryMiB - empty) * 1024 / float64(s.Terminals), true
}

// memoryEach is the median of perTerminal while nine of ten terminals are connected.
func (r *Result) memoryEach() (kib float64, ok bool) {
	var all []float64
	most, empty := r.most(), r.emptyMiB()
	for _, s := range r.Timeline {
		if each, ok := r.perTerminal(s, most, empty); ok && s.Terminals*10 >= most*9 {
			all = append(all, each)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}

// grid aligns: what comes first to the left, figures to the right.
func grid(rows [][]string) string {
	var widths []int
	for _, cells := range rows {
		for i, c := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var out strings.Builder
	for _, cells := range rows {
		line := ""
		for i, c := range cells {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i == 0 {
				line = "  " + c + pad
			} else {
				line += "  " + pad + c
			}
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return out.String()
}

// cut makes text of a server harmless on a terminal, and not longer than so many letters.
func cut(text string, most int) string {
	text = printable(text)
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}

func whole(n int) string { return figure(float64(n)) }

// some is a count or another whole figure, if there is one; someMs has the same for milliseconds.
func some(v float64) string {
	if v == 0 {
		return ""
	}
	return figure(math.Round(v))
}

func someMs(v float64) string {
	if v == 0 {
		return ""
	}
	return digits(v)
}
