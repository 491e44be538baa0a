package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test starts itself as its anchors, as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "anchor" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Everything is run once, for moments only: no figure is of interest here but that there is one.
func TestTheBenchmarkMeasuresBothDatabasesAndTerminals(t *testing.T) {
	var table, progress bytes.Buffer
	line := "-quick -rounds 1 -window 100ms -clients 1,4 -rates 100 -terminals 20"
	if program := os.Getenv("VAKHTA_BENCH_PROGRAM"); program != "" {
		line += " -vakhta " + program
	}
	if err := run(t.Context(), strings.Fields(line), &table, &progress); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	t.Log("\n" + table.String())
	for _, want := range []string{
		"quick", "sqlite, 1 ", "sqlite, 4 ", "sqlite, 100/s", "postgres, 1 ", "postgres, 4 ", "postgres, 100/s",
		vakhta, bare, central, handler, leanest,
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the tables do not say %q", want)
		}
	}
	_, targets, _ := strings.Cut(table.String(), "verdict")
	for _, x := range []*target{
		idleOfCoder, idleOfCentrifuge, openOfLean, openOfCentrifuge, fewOfBare, fewOfCentrifuge,
		p50OfBare, p99OfBare, databaseSmall, endOfAll, stormCPU, stormTime, hostileP99,
	} {
		if !strings.Contains(targets, x.words) {
			t.Errorf("there is no verdict on: %s", x.words)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "-0"} {
		if strings.Contains(table.String(), bad) {
			t.Errorf("a figure is missing: %s", bad)
		}
	}
}

func TestGrowthIsMeasuredForEachNumberOfClients(t *testing.T) {
	var table strings.Builder
	if err := run(t.Context(), []string{"-growth", "3,6", "-window", "200ms"}, &table, t.Output()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"      3 ", "      6 ", "1.00"} {
		if !strings.Contains(table.String(), row) {
			t.Errorf("%q is missing in %s", row, table.String())
		}
	}
}

func TestQuickLeavesAloneWhatAnotherFlagSays(t *testing.T) {
	o, err := parse([]string{"-quick", "-terminals", "7", "-clients", "1, 3"}, t.Output())
	if err != nil || o.Rounds != 3 || o.Window != 2*time.Second || o.Terminals != 7 || !slices.Equal(o.Clients, []int{1, 3}) {
		t.Errorf("parsed as %+v, %v", o, err)
	}
}

func TestNonsenseOnTheCommandLineIsRefused(t *testing.T) {
	for _, line := range []string{"-clients 0", "-clients many", "-rates 0", "-store oracle", "-rounds 0", "-terminals 20000", "-growth 20000", "-growth x", "-window 0s"} {
		if _, err := parse(strings.Fields(line), t.Output()); err == nil {
			t.Errorf("%s is accepted", line)
		}
	}
}

func TestAnAnswerIsKnownByItsID(t *testing.T) {
	for _, x := range []struct {
		speaks  dialect
		message string
		said    said
		request int
	}{
		{product{}, `["reply",{"id":"7","result":{"order_id":1}},"wstm=x"]`, saidReply, 7},
		{product{}, `["reply",{"result":{"order_id":1},"id":"7"},"wstm=x"]`, saidReply, 7}, // in whatever order
		{product{}, `["reply",{"id":"7","error":"no","code":12},"wstm=x"]`, saidRefusal, 7},
		{product{}, `["error",{"error":"no","code":2},"wstm=x"]`, saidRefusal, 0},
		{product{}, `["userData",{"isDemo":false},"wstm=x"]`, saidHello, 0},
		{product{}, `["userData",{"isDemo":true},"wstm=x"]`, saidRefusal, 0}, // nobody is logged in
		{product{}, `["order.filled",{"order_id":1},"wstm=x&seq=8"]`, saidFill, 0},
		{product{}, `["order.accepted",{"order":{}},"wstm=x&seq=7"]`, saidElse, 0},
		{centrifugal{}, `{"id":1,"connect":{"client":"x"}}`, saidHello, 0},
		{centrifugal{}, `{"id":8,"rpc":{"data":{}}}`, saidReply, 7}, // the first one was the connect
		{centrifugal{}, `{"id":8,"error":{"code":100}}`, saidRefusal, 7},
		{centrifugal{}, `{"push":{"channel":"#0","pub":{"data":{}}}}`, saidFill, 0},
		{centrifugal{}, `{}`, saidPing, 0},
	} {
		if said, request := x.speaks.hear([]byte(x.message)); said != x.said || request != x.request {
			t.Errorf("%s: %d to %d, not %d to %d", x.message, said, request, x.said, x.request)
		}
	}
}

func TestAFrameIsRepeatedWithOtherIDs(t *testing.T) {
	f := frames{Order: 1017}
	reply := f.template(`["reply",{"id":"2","result":{"order_id":1017,"order":{"id":1017}}},"wstm=x"]`)
	got := withRequest(reply.append(nil, 5), "2", requestID([]byte(`["putTradeOrder",{},"31"]`)))
	if want := `["reply",{"id":"31","result":{"order_id":5,"order":{"id":5}}},"wstm=x"]`; string(got) != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestFiguresOverRounds(t *testing.T) {
	if got, want := ratio([]float64{10, 30, 20}, []float64{20, 20, 20}), (spread{1, 0.5, 1.5, 3}); got != want {
		t.Errorf("the ratio is %v, not %v", got, want)
	}
	c := &cell{latencies: newHistogram(), span: 2 * time.Second}
	for i := range 3 {
		c.add(time.Duration(i+1) * 500 * time.Microsecond)
	}
	if c.rate() != 1.5 || c.p50() != 1 || c.p99() != 1.5 {
		t.Errorf("%v a second, p50 %v, p99 %v", c.rate(), c.p50(), c.p99())
	}
}

func TestAVerdictSaysByHowMuchATargetIsMissed(t *testing.T) {
	for _, x := range []struct {
		target *target
		got    float64
		want   string
	}{
		{&target{bound: 2, stretch: 1}, 2.5, "misses by 25 %"},
		{&target{bound: 2, stretch: 1}, 6, "misses: 3.0 times the target"},
		{&target{bound: 2, stretch: 1}, 2.001, "misses by less than 1 %"},
		{&target{bound: 2, stretch: 1}, 2, "holds"},
		{&target{bound: 2, stretch: 1}, 1, "holds, and the stretch"},
		{&target{bound: 2}, 1, "holds"},
		{&target{bound: 0.8, stretch: 1, atLeast: true}, 0.4, "misses by 50 %"},
		{&target{bound: 0.8, stretch: 1, atLeast: true}, 0.9, "holds"},
		{&target{bound: 0.8, stretch: 1, atLeast: true}, 1.1, "holds, and the stretch"},
	} {
		if got := (outcome{target: x.target, got: spread{median: x.got}}).verdict(); got != x.want {
			t.Errorf("%v for %+v: %s, not %s", x.got, *x.target, got, x.want)
		}
	}
}
