package load

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// lines draws them all, first the tints, and beside each one's end its name.
func (s *sheet) lines() {
	var ends []lineEnd
	for i, l := range s.Lines {
		var path, area, lone strings.Builder
		runs := s.runs(l.Points)
		for _, run := range runs {
			d := through(run)
			if path.WriteString(d); len(run) == 1 {
				lone.WriteString(d + "h0")
			}
			area.WriteString(d + "V" + num(s.bottom) + "H" + num(run[0].X) + "Z")
		}
		if len(runs) > 0 {
			run := runs[len(runs)-1]
			last := run[len(run)-1]
			ends = append(ends, lineEnd{line: i, at: last, label: last.Y})
		}
		if l.Area {
			s.printf(`<path class="%s area" d="%s"/>`, s.ink(i), area.String())
		}
		class := s.ink(i) + " line"
		if l.Dashed {
			class += " dashed"
		}
		s.printf(`<path class="%s" d="%s"/>`, class, path.String())
		if lone.Len() > 0 { // no line goes through it: it is a dot
			s.printf(`<path class="%s lone" d="%s"/>`, s.ink(i), lone.String())
		}
	}
	if !s.direct || len(s.Lines) < 2 {
		return
	}
	apart(ends, s.bottom)
	for _, e := range ends {
		ink, y := s.ink(e.line), num(e.label)
		s.printf(`<path class="%s lead" d="M%s %sH%sL%s %s"/><text class="%s name" x="%s" y="%s" dy="4">%s</text>`,
			ink, num(e.at.X+3), num(e.at.Y), num(s.right), num(s.right+10), y, ink, num(s.right+13), y, escape(s.Lines[e.line].Name))
	}
}

// through is the path from point to point.
func through(run []Point) string {
	var d strings.Builder
	separator := "M"
	for _, at := range run {
		d.WriteString(separator + num(at.X) + " " + num(at.Y))
		separator = " "
	}
	return d.String()
}

// lineEnd is where a line ends, and how high its name stands.
type lineEnd struct {
	line  int
	at    Point
	label float64
}

// apart sees to it that no name stands over another: it pushes them down, and back up from the bottom.
func apart(ends []lineEnd, bottom float64) {
	const gap = 15
	slices.SortStableFunc(ends, func(a, b lineEnd) int { return cmp.Compare(a.at.Y, b.at.Y) })
	for i := range ends {
		if i > 0 {
			ends[i].label = max(ends[i].label, ends[i-1].label+gap)
		}
	}
	for i, e := range slices.Backward(ends) {
		ends[i].label = min(e.label, bottom)
		bottom = ends[i].label - gap
	}
}

// runs are the parts of a line between its gaps, on the sheet.
func (s *sheet) runs(points []Point) (runs [][]Point) {
	var run []Point
	for _, v := range points {
		if s.visible(v) {
			run = append(run, s.at(v))
		} else if len(run) > 0 {
			runs, run = append(runs, thin(run)), nil
		}
	}
	if len(run) > 0 {
		runs = append(runs, thin(run))
	}
	return runs
}

// thin keeps, of the points that fall on one column of pixels, the first, the least, the greatest and the last: the picture
// stays the same however long the run was, and no peak is lost.
func thin(run []Point) (kept []Point) {
	for len(run) > 0 {
		low, high, n := 0, 0, 0
		for ; n < len(run) && math.Floor(run[n].X) == math.Floor(run[0].X); n++ {
			if run[n].Y < run[low].Y {
				low = n
			}
			if run[n].Y > run[high].Y {
				high = n
			}
		}
		keep := []int{0, low, high, n - 1}
		slices.Sort(keep)
		for _, i := range slices.Compact(keep) {
			kept = append(kept, run[i])
		}
		run = run[n:]
	}
	return kept
}
