package load

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var golden = flag.Bool("golden", false, "write the golden plot anew: look at it then")

func TestTheAxisEmbracesWhateverIsDrawnWithoutTooManyTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]Scale{Linear, Clock, Log}).Draw(t, "scale")
		lo := math.Pow(10, rapid.Float64Range(-4, 6).Draw(t, "power of the least"))
		hi := lo * math.Pow(10, rapid.Float64Range(0, 9).Draw(t, "powers between"))
		if scale != Log && rapid.Bool().Draw(t, "from zero") {
			lo = 0
		}
		most := rapid.IntRange(2, 20).Draw(t, "most")
		from, to, ticks := scale.ticks(lo, hi, most)
		if from > lo*(1+1e-9) || to < hi*(1-1e-9) {
			t.Fatalf("from %v to %v does not embrace %v to %v", from, to, lo, hi)
		}
		if len(ticks) < 2 || len(ticks) > most || !slices.IsSorted(ticks) || len(slices.Compact(slices.Clone(ticks))) != len(ticks) {
			t.Fatalf("of %v to %v, %d at most: %v", lo, hi, most, ticks)
		}
		if ticks[0] < from || ticks[len(ticks)-1] > to {
			t.Fatalf("from %v to %v the ticks %v are outside", from, to, ticks)
		}
	})
}

func TestTicksAreRound(t *testing.T) {
	for _, x := range []struct {
		axis   Axis
		lo, hi float64
		most   int
		want   string
	}{
		{Axis{Unit: "/s"}, 0, 2008, 6, "0/s 500/s 1,000/s 1,500/s 2,000/s 2,500/s"},
		{Axis{Unit: "MiB"}, 0, 0.7, 4, "0 MiB 0.5 MiB 1 MiB"},
		{Axis{}, -3, 12, 5, "-5 0 5 10 15"},
		{Axis{}, 5, 5, 3, "5 5.5 6"},
		{Axis{Scale: Clock}, 0, 741, 14, "0:00 1:00 2:00 3:00 4:00 5:00 6:00 7:00 8:00 9:00 10:00 11:00 12:00 13:00"},
		{Axis{Scale: Clock}, 0, 95, 5, "0:00 0:30 1:00 1:30 2:00"},
		{Axis{Scale: Clock}, 0, 9000, 6, "0:00 30:00 1:00:00 1:30:00 2:00:00 2:30:00"},
		{Axis{Scale: Log, Unit: "ms"}, 0.3, 4, 8, "0.2 ms 0.5 ms 1 ms 2 ms 5 ms"},
		{Axis{Scale: Log, Unit: "ms"}, 0.3, 4000, 8, "1 ms 10 ms 100 ms 1 s"},
		{Axis{Scale: Log, Unit: "ms"}, 7, 7, 8, "5 ms 10 ms"},
		{Axis{Scale: Tail}, 0, 99.95, 8, "0 % 50 % 90 % 99 % 99.9 % 99.99 %"},
	} {
		var texts []string
		_, _, ticks := x.axis.Scale.ticks(x.lo, x.hi, x.most)
		for _, v := range ticks {
			texts = append(texts, strings.ReplaceAll(x.axis.text(v), "\u00a0", " "))
		}
		if got := strings.Join(texts, " "); got != x.want {
			t.Errorf("%v from %v to %v: %s, and not %s", x.axis, x.lo, x.hi, got, x.want)
		}
	}
}

func TestFiguresHaveThreeDigitsThatMatter(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.000_51: "0.00051", 0.034_56: "0.0346", 0.5: "0.5", 1.234: "1.23", 9.999: "10", 12.34: "12.3", 99.96: "100", 123.4: "123",
		1999.9: "2,000", 1_199_964: "1,199,964", -1234: "-1,234", -0.25: "-0.25",
	} {
		if got := figure(v); got != want {
			t.Errorf("%v is written %s, and not %s", v, got, want)
		}
	}
}

func TestARangeTellsItsUnitOnce(t *testing.T) {
	for _, x := range []struct {
		axis   Axis
		lo, hi float64
		want   string
	}{
		{Axis{Unit: "/s"}, 1990, 2010, "1,990 – 2,010/s"},
		{Axis{Unit: "ms"}, 990, 2010, "990 ms – 2.01 s"},
		{Axis{Unit: "ms"}, 1.001, 1.002, "1 ms"},
		{Axis{Scale: Clock}, 355, 415, "5:55 – 6:55"},
		{Axis{Scale: Tail}, 99.123, 99.9999, "99.12 – 99.9999 %"},
	} {
		if got := strings.ReplaceAll(x.axis.between(x.lo, x.hi), "\u00a0", " "); got != x.want {
			t.Errorf("%v to %v is %s, and not %s", x.lo, x.hi, got, x.want)
		}
	}
}

func TestAPlotIsDrawnAsBefore(t *testing.T) {
	var got bytes.Buffer
	if err := sketch().WriteSVG(&got); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/plot.svg"
	if *golden {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is another one (%v): look at both, then write it anew by «go test ./cmd/vakhta/load -run AsBefore -golden»", file, err)
	}
}

// sketch is a plot that has everything, and nothing much of it.
func sketch() *Plot {
	gap := math.NaN()
	return &Plot{
		Title: "Latency", Note: "of a sketch", X: Axis{Scale: Clock}, Y: Axis{Scale: Log, Unit: "ms"}, Width: 480, Height: 240,
		Lines: []Line{
			{Name: "p99", Points: []Point{{0, 12}, {30, 40}, {60, gap}, {90, 25}, {120, gap}, {150, 900}}},
			{Name: "p50", Ink: "green", Area: true, Points: []Point{{0, 1}, {30, 1.2}, {60, 0}, {90, 0.8}}},
			{Name: "aim", Ink: "grey", Dashed: true, Points: []Point{{0, 3}, {150, 3}}},
		},
		Bands: []Band{{"1 arrive", 0, 30}, {"2 trade for two minutes", 30, 150}, {"3 kill", 100, 101}},
	}
}

func TestALineHasAGapWhereItHasNoValueAndALonePointIsADot(t *testing.T) {
	s := sketch().draw()
	runs := s.runs(s.Lines[0].Points)
	if len(runs) != 3 || len(runs[0]) != 2 || len(runs[1]) != 1 || len(runs[2]) != 1 {
		t.Errorf("the runs are %v", runs)
	}
}

func TestAPeakOfOneSecondInADayIsDrawn(t *testing.T) {
	p := &Plot{X: Axis{Scale: Clock}, Width: 400, Height: 200, Lines: []Line{{Name: "rate"}}}
	for at := range 86_400 {
		p.Lines[0].Points = append(p.Lines[0].Points, Point{float64(at), 1})
	}
	p.Lines[0].Points[40_000].Y = 700
	s := p.draw()
	run := s.runs(p.Lines[0].Points)[0]
	highest := slices.MinFunc(run, func(a, b Point) int { return int(a.Y - b.Y) })
	if want := s.at(Point{40_000, 700}); highest != want || len(run) > 1600 {
		t.Errorf("the highest of %d points is %v, and not %v", len(run), highest, want)
	}
	if !slices.ContainsFunc(p.table(60), func(row []string) bool { return row[1] == "1 – 700" }) {
		t.Error("the table does not have the peak")
	}
}

func TestNamesAtTheEndsOfLinesDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ends []lineEnd
		for i, y := range rapid.SliceOfN(rapid.Float64Range(20, 300), 1, 12).Draw(t, "heights") {
			ends = append(ends, lineEnd{line: i, at: Point{Y: y}, label: y})
		}
		apart(ends, 300)
		for i, e := range ends {
			if e.label > 300 || i > 0 && e.label-ends[i-1].label < 14.9 {
				t.Fatalf("the names are at %v", ends)
			}
		}
	})
}

func TestTheTableHasTheFiguresThatArePlotted(t *testing.T) {
	got := sketch().table(60)
	for i, want := range []string{"Time|p99|p50|aim", "0:00|12 ms|1 ms|3 ms", "0:30|40 ms|1.2 ms|", "1:30|25 ms|0.8 ms|", "2:30|900 ms||3 ms"} {
		if row := strings.ReplaceAll(strings.Join(got[i], "|"), "\u00a0", " "); row != want {
			t.Errorf("row %d is %s, and not %s", i, row, want)
		}
	}
	if n := len(sketch().table(2)); n != 3 {
		t.Errorf("a table of two moments has %d rows", n)
	}
}

func TestWhateverANameIsThePlotIsGoodXML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sketch()
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`</text><script>alert(1)</script>`, "\x00\x1b[31m\u202e", `"><&'`, strings.Repeat("long ", 90)}))
		p.Title, p.Note, p.Lines[0].Name = text.Draw(t, "title"), text.Draw(t, "note"), text.Draw(t, "line")
		p.Bands[1].Name, p.Bands[2].Name, p.Y.Unit = text.Draw(t, "band"), text.Draw(t, "moment"), text.Draw(t, "unit")
		p.Width = rapid.SampledFrom([]float64{120, 330, 960}).Draw(t, "width")
		var file bytes.Buffer
		if err := p.WriteSVG(&file); err != nil {
			t.Fatal(err)
		}
		if err := wellFormed(&file); err != nil {
			t.Fatal(err)
		}
	})
}

// wellFormed reads to the end, and finds neither an error nor a script.
func wellFormed(r io.Reader) error {
	for d := xml.NewDecoder(r); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
			return errors.New("there is a script")
		}
	}
}

func TestAPlotOfNothingSaysSo(t *testing.T) {
	p := &Plot{Width: 300, Height: 200, Lines: []Line{{Name: "nothing", Points: []Point{{1, math.NaN()}, {2, math.Inf(1)}}}}}
	if !p.empty() || !strings.Contains(p.inline(), "nothing was measured") {
		t.Error("it is drawn")
	}
	one := &Plot{Width: 300, Height: 200, Lines: []Line{{Name: "one", Points: []Point{{1, 1}}}}}
	if svg := one.inline(); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Error("a plot of one point has coordinates that are none")
	}
}

func TestAnAxisEmbracesWhatItIsToldTo(t *testing.T) {
	p := &Plot{
		X: Axis{Scale: Clock, To: 600}, Y: Axis{Unit: "ms", To: 100}, Width: 400, Height: 200, Lines: []Line{{Name: "p99", Points: []Point{{60, 1}, {120, 2}}}},
	}
	for _, text := range []string{">0:00<", ">10:00<", ">100\u00a0ms<"} {
		if !strings.Contains(p.inline(), text) {
			t.Errorf("it has no tick %s", text)
		}
	}
}
