package load

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheTableFitsIntoATerminalOf120Columns(t *testing.T) {
	r := soaked()
	r.Scenario, r.Text = strings.Repeat("a long name ", 20), ""
	r.Server.URL += strings.Repeat("/long", 40)
	r.Steps[2].Line = strings.Repeat("trade ", 30)
	r.Errors[0].What = strings.Repeat("ошибка ", 60)
	for i := range r.Steps {
		r.Steps[i].Orders, r.Steps[i].Acknowledged, r.Steps[i].PerSecond, r.Steps[i].Errors = 12_000_000, 11_999_999, 19_999.9, 12_345
	}
	for _, line := range lines(r) {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestFailuresComeLastAndLoud(t *testing.T) {
	r := soaked()
	r.Orders.Lost, r.Failures = 3, []string{"3 orders were acknowledged, and the server's list does not have them", "1 more"}
	all := lines(r)
	want := []string{
		"FAILED", "  1,199,988 acknowledged orders: 3 lost, 0 doubled; 0 events out of order",
		"  !! 3 orders were acknowledged, and the server's list does not have them", "  !! 1 more",
	}
	if got := strings.Join(all[len(all)-4:], "\n"); got != strings.Join(want, "\n") {
		t.Errorf("it ends with\n%s", got)
	}
}

func TestATextOfTheServerDoesNotCommandTheTerminal(t *testing.T) {
	r := soaked()
	r.Failures = []string{"the server said \x1b]0;owned\a\r\n\u202e"}
	r.Errors[0].What, r.Server.Version = "\x1b[2J\u009b31m", "\x1b[31m"
	for _, line := range lines(r) {
		if strings.ContainsAny(line, "\x1b\a\r\u009b\u202e") {
			t.Errorf("%q", line)
		}
	}
}

func lines(r *Result) []string {
	var out bytes.Buffer
	r.WriteTable(&out)
	return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
}

func TestARunIsOnlyCalledGoodIfItWasCompared(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*Result)
		tone   string
	}{
		{"all of it is in the list", func(*Result) {}, "good"},
		{"nobody has looked at the list", func(r *Result) { r.Orders.Verified = false }, "open"},
		{"there were no orders", func(r *Result) { r.Orders = Orders{} }, "good"},
		{"lost", func(r *Result) { r.Orders.Lost = 1 }, "bad"},
		{"doubled", func(r *Result) { r.Orders.Doubled = 1 }, "bad"},
		{"out of order, and not compared", func(r *Result) { r.Orders.OutOfOrder, r.Orders.Verified = 1, false }, "bad"},
		{"the server died", func(r *Result) { r.Failures = []string{"the server died"} }, "bad"},
	} {
		r := soaked()
		x.change(r)
		if v := r.verdict(); v.Tone != x.tone {
			t.Errorf("%s: %s, and not %s", x.name, v.Tone, x.tone)
		}
	}
}

func TestTheJSONHasTheResultWithEmptyListsForWhatThereWasNot(t *testing.T) {
	var out bytes.Buffer
	if err := soaked().WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Latency[0].P99 != soaked().Latency[0].P99 || len(back.Timeline) != 742 || !strings.Contains(out.String(), `"p99Ms":`) {
		t.Error("it is another one")
	}
	out.Reset()
	if err := (&Result{Latency: []Latency{{}}}).WriteJSON(&out); err != nil || strings.Contains(out.String(), "null") {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestMemoryPerTerminalLeavesTheEmptyServerOut(t *testing.T) {
	r := &Result{Timeline: []Second{
		{At: 0, MemoryMiB: 20},
		{At: 1, MemoryMiB: 21, Terminals: 5},
		{At: 2, MemoryMiB: 30, Terminals: 1000},
		{At: 3, MemoryMiB: 31, Terminals: 1000},
		{At: 4},
		{At: 5, MemoryMiB: 40, Terminals: 1000},
	}}
	if kib, ok := r.memoryEach(); !ok || kib != 11*1.024 {
		t.Errorf("it is %v", kib)
	}
	if _, ok := (&Result{Timeline: []Second{{Terminals: 7}}}).memoryEach(); ok {
		t.Error("a server that nobody sees has a memory")
	}
}
