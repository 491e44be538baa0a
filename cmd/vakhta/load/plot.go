package load

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Plot is a picture of lines, as SVG: light or dark as the reader likes it, without a script.
type Plot struct {
	Title string
	Note  string // under the title: what is drawn
	X, Y  Axis
	Lines []Line
	Bands []Band

	Width, Height float64
}

// Line is one series. Its points go from left to right.
type Line struct {
	Name   string
	Ink    string // "blue", "amber", "green", "violet", "teal", "rose", "grey", "red"; otherwise by its turn
	Area   bool   // the ground under it is tinted
	Dashed bool   // another one, mostly the same, is seen through it
	Points []Point
}

// Point is a value. Where Y is NaN, or has no place on its axis, the line has a gap.
type Point struct{ X, Y float64 }

// Band is a part of the x axis that has a name. One within another, or too short to be seen, is drawn as a moment.
type Band struct {
	Name     string
	From, To float64
}

//go:embed plot.css
var plotCSS string

var inks = []string{"blue", "amber", "green", "violet", "teal", "rose", "grey"}

func (p *Plot) ink(line int) string {
	if own := p.Lines[line].Ink; own != "" {
		return own
	}
	return inks[line%len(inks)]
}

// WriteSVG writes the plot as a file of its own, with its title and a margin.
func (p *Plot) WriteSVG(w io.Writer) error {
	const margin, head = 22, 66
	wide, high := num(p.Width+2*margin), num(p.Height+head+margin/2)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="%d %d %s %s" width="%s" height="%s" role="img">`+
		"<title>%s</title>\n<style>\n%s</style>\n"+`<rect class="card" x="%d" y="%d" width="%s" height="%s" rx="12"/>`+
		`<text class="title" y="%d">%s</text><text class="note" y="%d">%s</text>`+"\n%s</svg>\n",
		-margin, -head, wide, high, wide, high, escape(p.Title), plotCSS, -margin, -head, wide, high,
		34-head, escape(p.Title), 55-head, escape(p.Note), p.draw().out.String())
	return err
}

// inline is the plot for a page that has plotCSS and shows title and note by itself.
func (p *Plot) inline() string {
	return fmt.Sprintf(`<svg class="plot" viewBox="0 0 %s %s" role="img" aria-label="%s">%s</svg>`,
		num(p.Width), num(p.Height), escape(p.Title+": "+p.Note), p.draw().out.String())
}

// empty tells that no line has a value: such a plot says nothing.
func (p *Plot) empty() bool {
	for _, l := range p.Lines {
		if slices.ContainsFunc(l.Points, p.visible) {
			return false
		}
	}
	return true
}

func (p *Plot) visible(at Point) bool {
	return !math.IsNaN(p.X.Scale.place(at.X)) && !math.IsNaN(p.Y.Scale.place(at.Y))
}

// span is the least and the greatest that is visible.
func (p *Plot) span() (lo, hi Point) {
	lo, hi = Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, l := range p.Lines {
		for _, at := range l.Points {
			if p.visible(at) {
				lo, hi = Point{min(lo.X, at.X), min(lo.Y, at.Y)}, Point{max(hi.X, at.X), max(hi.Y, at.Y)}
			}
		}
	}
	for _, b := range p.Bands {
		lo.X, hi.X = min(lo.X, b.From), max(hi.X, b.To)
	}
	if p.X.To > p.X.From {
		lo.X, hi.X = min(lo.X, p.X.From), max(hi.X, p.X.To)
	}
	if p.Y.To > p.Y.From {
		lo.Y, hi.Y = min(lo.Y, p.Y.From), max(hi.Y, p.Y.To)
	}
	if p.Y.Scale != Log {
		lo.Y = min(0, lo.Y) // a rate that is drawn from 1,990 on looks like a catastrophe
	}
	return lo, hi
}

// sheet is a plot that is being drawn: its ground in pixels, and the ends of its axes.
type sheet struct {
	*Plot
	left, right, top, bottom float64
	from, to                 Point // as the scales place them
	xTicks, yTicks           []float64
	direct                   bool // names stand beside the lines' ends
	out                      bytes.Buffer
}

const (
	letter = 7.0 // about as wide as one of the plot's, whichever face the reader has
	row    = 17.0
)

func width(text string) float64 { return float64(len([]rune(text))) * letter }

func (p *Plot) draw() *sheet {
	s := &sheet{Plot: p, top: row + 8, bottom: p.Height - 26, right: p.Width - 26}
	if p.empty() {
		s.printf(`<text class="tick" x="%s" y="%s" text-anchor="middle">nothing was measured</text>`, num(p.Width/2), num(p.Height/2))
		return s
	}
	if len(p.Lines) > 1 {
		s.names()
	}
	if len(p.Bands) > 0 {
		s.top += 2 * row
	}
	lo, hi := p.span()
	lo.Y, hi.Y, s.yTicks = p.Y.Scale.ticks(lo.Y, hi.Y, int((s.bottom-s.top)/34))
	for _, v := range s.yTicks {
		s.left = max(s.left, width(p.Y.text(v))+10)
	}
	_, _, s.xTicks = p.X.Scale.ticks(lo.X, hi.X, int((s.right-s.left)/(width(p.X.text(hi.X))+24)))
	s.from, s.to = Point{p.X.Scale.place(lo.X), p.Y.Scale.place(lo.Y)}, Point{p.X.Scale.place(hi.X), p.Y.Scale.place(hi.Y)}
	if s.to.X == s.from.X {
		s.to.X++
	}
	s.bands()
	s.grid()
	s.lines()
	s.hover()
	return s
}

func (s *sheet) printf(form string, args ...any) { fmt.Fprintf(&s.out, form, args...) }

// at is where a point is on the sheet.
func (s *sheet) at(v Point) Point {
	x, y := s.X.Scale.place(v.X), s.Y.Scale.place(v.Y)
	return Point{
		s.left + (x-s.from.X)/(s.to.X-s.from.X)*(s.right-s.left),
		s.bottom - (y-s.from.Y)/(s.to.Y-s.from.Y)*(s.bottom-s.top),
	}
}

// names makes room for them beside the lines; where that would take too much of it they stand above, in rows.
func (s *sheet) names() {
	right := s.right
	for _, l := range s.Lines {
		right = min(right, s.Width-width(l.Name)-14)
	}
	if s.direct = s.Width >= 440 && right > s.Width*0.6; s.direct {
		s.right = right
		return
	}
	x := 0.0
	for i, l := range s.Lines {
		if x > 0 && x+width(l.Name)+18 > s.Width {
			x, s.top = 0, s.top+row
		}
		s.printf(`<path class="%s key" d="M%s %sh8"/><text class="name" x="%s" y="%s">%s</text>`,
			s.ink(i), num(x+2), num(s.top), num(x+16), num(s.top+4), escape(l.Name))
		x += width(l.Name) + 30
	}
	s.top += row
}

func (s *sheet) grid() {
	for _, v := range s.yTicks {
		y := num(s.at(Point{s.xTicks[0], v}).Y)
		s.printf(`<path class="grid" d="M%s %sH%s"/><text class="tick" x="%s" y="%s" dy="4" text-anchor="end">%s</text>`,
			num(s.left), y, num(s.right), num(s.left-7), y, escape(s.Y.text(v)))
	}
	free := math.Inf(-1)
	for _, v := range s.xTicks {
		x, text := s.at(Point{v, s.yTicks[0]}).X, s.X.text(v)
		if half := width(text) / 2; x >= s.left-1 && x <= s.right+1 && x-half >= free {
			s.printf(`<path class="axis" d="M%s %sv4"/><text class="tick" x="%s" y="%s" text-anchor="middle">%s</text>`,
				num(x), num(s.bottom), num(x), num(s.bottom+18), escape(text))
			free = x + half + 10
		}
	}
	s.printf(`<path class="axis" d="M%s %sH%s"/>`, num(s.left), num(s.bottom), num(s.right))
}

// bands tints every second one. A name that does not fit above its band loses words; a moment's stands a row higher.
func (s *sheet) bands() {
	end, free := math.Inf(-1), 0.0
	for i, b := range s.Bands {
		x, to := s.at(Point{b.From, 1}).X, s.at(Point{b.To, 1}).X
		if x < end-2 || to-x < 6 {
			name := wordsThatFit(b.Name, s.Width-free)
			left := max(free, min(x-4, s.Width-width(name)))
			s.printf(`<path class="moment" d="M%s %sV%s"/><text class="band at-once" x="%s" y="%s">%s</text>`,
				num(x), num(s.top-row-2), num(s.bottom), num(left), num(s.top-row-5), escape(name))
			free = left + width(name) + 12
			continue
		}
		end = to
		s.printf(`<rect class="ground%d" x="%s" y="%s" width="%s" height="%s"/><text class="band" x="%s" y="%s">%s</text>`,
			i%2, num(x), num(s.top-row), num(to-x), num(s.bottom-s.top+row), num(x+5), num(s.top-5), escape(wordsThatFit(b.Name, to-x-8)))
	}
}

// wordsThatFit are the first of a text's.
func wordsThatFit(text string, room float64) string {
	for width(text) > room && text != "" {
		text = text[:max(0, strings.LastIndexByte(text, ' '))]
	}
	return text
}

// num is a coordinate, to a tenth of a pixel.
func num(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// escape makes text of whatever somebody else has said.
func escape(text string) string { return html.EscapeString(printable(text)) }

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '·'
	}, text)
}
