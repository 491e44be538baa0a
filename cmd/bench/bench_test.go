package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// Everything is run once, for moments only: no figure is of interest here but that there is one.
func TestTheBenchmarkMeasuresBothDatabasesAndIdleClients(t *testing.T) {
	var table, progress bytes.Buffer
	err := run(t.Context(), []string{"-quick", "-window", "100ms", "-clients", "1,4", "-idle", "20"}, &table, &progress)
	if err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	t.Log("\n" + table.String())
	for _, want := range []string{"quick", "sqlite, 1 ", "sqlite, 4 ", "postgres, 1 ", "postgres, 4 ", "accept + fill", "Idle clients"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table does not say %q", want)
		}
	}
	if strings.Contains(table.String(), "NaN") || strings.Contains(table.String(), "Inf") {
		t.Error("a figure is missing")
	}
}

func TestQuickLeavesAloneWhatAnotherFlagSays(t *testing.T) {
	o, err := parse([]string{"-quick", "-idle", "7", "-clients", "1, 3"}, t.Output())
	if err != nil || o.Rounds != 1 || o.Window != time.Second || o.Idle != 7 || !slices.Equal(o.Clients, []int{1, 3}) {
		t.Errorf("parsed as %+v, %v", o, err)
	}
}

func TestNonsenseOnTheCommandLineIsRefused(t *testing.T) {
	for _, line := range []string{"-clients 0", "-clients many", "-store oracle", "-rounds 0", "-idle 20000", "-window 0s"} {
		if _, err := parse(strings.Fields(line), t.Output()); err == nil {
			t.Errorf("%s is accepted", line)
		}
	}
}

func TestAReplyIsKnownByItsID(t *testing.T) {
	for frame, fits := range map[string]bool{
		`["reply",{"id":"7","result":{"order_id":1}},"wstm=x"]`:  true,
		`["reply",{"result":{"order_id":1},"id":"7"},"wstm=x"]`:  true, // in whatever order
		`["reply",{"id":"77","result":{"order_id":1}},"wstm=x"]`: false,
		`["reply",{"id":"7","error":"no","code":12},"wstm=x"]`:   false,
		`["error",{"error":"no","code":2},"wstm=x"]`:             false,
	} {
		if err := good([]byte(frame), "7"); (err == nil) != fits {
			t.Errorf("%s: %v", frame, err)
		}
	}
}

func TestFiguresOverRounds(t *testing.T) {
	cells := func(acks ...int) (all []*cell) {
		for _, n := range acks {
			all = append(all, &cell{latencies: make([]time.Duration, n), span: time.Second})
		}
		return all
	}
	if got, want := ratio(cells(10, 30, 20), cells(20, 20, 20)), (spread{1, 0.5, 1.5}); got != want {
		t.Errorf("the ratio is %v, not %v", got, want)
	}
	c := &cell{latencies: []time.Duration{time.Millisecond, 2 * time.Millisecond, 3 * time.Millisecond}}
	if c.p50() != 2 || c.p99() != 3 {
		t.Errorf("p50 is %v, p99 %v", c.p50(), c.p99())
	}
}
