package load

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// moment is a part of the x axis, and what each line says there.
type moment struct {
	from, to float64
	lo, hi   []float64 // by line; where a line has no value, lo is above hi
}

// moments divides the plot into at most so many; each has a value. They are what the pointer shows, and the rows of the table.
func (p *Plot) moments(most int) (moments []moment) {
	all := p.visibleX()
	if len(all) == 0 {
		return nil
	}
	from, to := p.X.Scale.place(all[0]), p.X.Scale.place(all[len(all)-1])
	column := func(x float64) int {
		return int((p.X.Scale.place(x) - from) / (to - from) * float64(most) * (1 - 1e-9))
	}
	for begin := 0; begin < len(all); {
		end := begin + 1
		for len(all) > most && end < len(all) && column(all[end]) == column(all[begin]) {
			end++
		}
		moments = append(moments, p.moment(all[begin], all[end-1]))
		begin = end
	}
	return moments
}

func (p *Plot) visibleX() (all []float64) {
	for _, l := range p.Lines {
		for _, at := range l.Points {
			if p.visible(at) {
				all = append(all, at.X)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *Plot) moment(from, to float64) moment {
	m := moment{from: from, to: to}
	for _, l := range p.Lines {
		lo, hi := math.Inf(1), math.Inf(-1)
		first, _ := slices.BinarySearchFunc(l.Points, from, func(at Point, x float64) int { return cmp.Compare(at.X, x) })
		for _, at := range l.Points[first:] {
			if at.X > to {
				break
			}
			if p.visible(at) {
				lo, hi = min(lo, at.Y), max(hi, at.Y)
			}
		}
		m.lo, m.hi = append(m.lo, lo), append(m.hi, hi)
	}
	return m
}

// value is what a line says at the moment; empty if nothing.
func (p *Plot) value(m moment, line int) string {
	if m.lo[line] > m.hi[line] {
		return ""
	}
	return p.Y.between(m.lo[line], m.hi[line])
}

// table has the plot's figures for those who do not see it: a head, and at most so many rows.
func (p *Plot) table(most int) [][]string {
	head := []string{map[Scale]string{Clock: "Time", Tail: "Share of all"}[p.X.Scale]}
	for _, l := range p.Lines {
		head = append(head, l.Name)
	}
	rows := [][]string{head}
	for _, m := range p.moments(most) {
		cells := []string{p.X.between(m.from, m.to)}
		for i := range p.Lines {
			cells = append(cells, p.value(m, i))
		}
		rows = append(rows, cells)
	}
	return rows
}

// hover puts columns over the sheet that the style shows under the pointer: dots on the lines, and on top what they say.
func (s *sheet) hover() {
	moments := s.moments(int((s.right - s.left) / 5))
	middle := func(i int) float64 {
		return (s.at(Point{moments[i].from, 1}).X + s.at(Point{moments[i].to, 1}).X) / 2
	}
	left := s.left
	for i, m := range moments {
		right := s.right
		if i+1 < len(moments) {
			right = (middle(i) + middle(i+1)) / 2
		}
		s.printf(`<g class="at"><rect x="%s" y="%s" width="%s" height="%s"/>`, num(left), num(s.top), num(right-left), num(s.bottom-s.top))
		for line := range s.Lines {
			if m.lo[line] <= m.hi[line] {
				s.printf(`<path class="%s dot" d="M%s %sh0"/>`, s.ink(line), num(middle(i)), num(s.at(Point{m.from, m.hi[line]}).Y))
			}
		}
		s.printf(`<text class="readout" x="%s" y="12" text-anchor="end">%s</text></g>`, num(s.Width-2), s.readout(m))
		left = right
	}
}

// readout names the lines if there is room for that; they have their inks anyway.
func (s *sheet) readout(m moment) string {
	say := func(named bool) (text string, length float64) {
		var all strings.Builder
		when := s.X.between(m.from, m.to)
		all.WriteString("<tspan>" + escape(when) + "</tspan>")
		length = width(when)
		for i, l := range s.Lines {
			value := s.value(m, i)
			if value == "" {
				continue
			}
			if named {
				value = l.Name + " " + value
			}
			all.WriteString(`<tspan class="` + s.ink(i) + `" dx="12">` + escape(value) + "</tspan>")
			length += width(value) + 12
		}
		return all.String(), length
	}
	text, length := say(len(s.Lines) > 1)
	if length > s.Width {
		text, _ = say(false)
	}
	return text
}
