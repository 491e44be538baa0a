package load

import (
	"context"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// alone is a terminal whose server is the test.
func alone() *terminal {
	t := &terminal{run: &run{record: newRecord(), result: &Result{}, scenario: &Scenario{}, orderIDs: "ABCDEFGH-"}}
	t.ready.Store(true)
	t.live = true
	return t
}

func (t *terminal) hears(frames ...string) {
	for _, f := range frames {
		t.take([]byte(f))
	}
}

func event(seq int) string {
	return fmt.Sprintf(`["order.accepted",{},"wstm=2026-11-22T08:00:00.000Z&seq=%d"]`, seq)
}

func TestEventsWhoseNumberIsNotTheNextOneAreOutOfOrder(t *testing.T) {
	for _, x := range []struct {
		what   string
		frames []string
		bad    int
	}{
		{"in order", []string{event(1), event(2), event(3)}, 0},
		{"one is missing", []string{event(1), event(3)}, 1},
		{"one comes twice", []string{event(1), event(1), event(2)}, 1},
		{"two are the wrong way round", []string{event(1), event(3), event(2), event(4)}, 3},
		{"the server knows less than it has told", []string{event(1), event(2), `["resync",{"seq":1},"wstm=x&seq=1"]`}, 1},
		{"a reply has no number", []string{event(1), `["reply",{"id":"c1","result":{}},"wstm=x"]`, event(2)}, 0},
	} {
		a := alone()
		a.hears(x.frames...)
		if got := a.run.record.counted().outOfOrder; got != x.bad {
			t.Errorf("%s: %d out of order, and not %d", x.what, got, x.bad)
		}
	}
}

func TestAnAcknowledgementIsMatchedToItsOrderAndCountedFromWhenItWasDue(t *testing.T) {
	a := alone()
	a.submit(now().Add(-time.Second))
	a.submit(now())
	a.submit(now())
	a.hears(
		`["reply",{"id":"o1","result":{"order_id":5001,"order":{}}},"wstm=x"]`,
		`["reply",{"id":"o3","error":"no","errMsg":"no","code":12,"reason":"no_security_session"},"wstm=x"]`,
		`["reply",{"id":"o1","result":{"order_id":5001,"order":{}}},"wstm=x"]`,
		`["reply",{"id":"o1","result":{"order_id":5002,"order":{}}},"wstm=x"]`,
	)
	r := &Result{}
	a.run.record.close(r)
	if r.Orders.Sent != 3 || r.Orders.Acknowledged != 1 || r.Orders.Refused != 1 || r.Orders.Doubled != 1 || a.unanswered() != 1 {
		t.Errorf("%+v, open %+v", r.Orders, a.open)
	}
	if r.Latency[0].Max < 1000 || r.Latency[0].Max > 3000 {
		t.Errorf("its latency is %v ms, and it was due a second ago", r.Latency[0].Max)
	}
	if len(a.listed) != 1 || a.listed[0] != 5001 {
		t.Errorf("listed %v", a.listed)
	}
	if len(r.Errors) != 2 {
		t.Errorf("the refusal, and the acknowledgement that nobody waits for: %v", r.Errors)
	}
}

func TestAnOrderThatTheServerCannotTakeNowIsSentAgainUnderItsID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := alone()
		client, server := net.Pipe()
		a.socket = &socket{conn: client}
		sent := make(chan string, 2)
		go func() {
			for buf := make([]byte, 1<<10); ; {
				n, err := server.Read(buf)
				if err != nil {
					return
				}
				sent <- string(buf[8:n]) // behind the frame's head
			}
		}()
		a.submit(now())
		first := <-sent
		a.hears(`["reply",{"id":"o1","error":"no","errMsg":"no","code":7,"reason":"unavailable"},"wstm=x"]`)
		began := now()
		if second := <-sent; second != first || now().Sub(began) != again {
			t.Errorf("after %v: %s, and not %s", now().Sub(began), second, first)
		}
		a.hears(`["reply",{"id":"o1","result":{"order_id":5001}},"wstm=x"]`)
		if n := a.run.record.counted(); n.acknowledged != 1 || n.refused != 0 || a.run.record.repeated != 1 || a.unanswered() != 0 {
			t.Errorf("%+v", n)
		}
		_ = client.Close()
	})
}

func TestOrdersThatWereAcknowledgedAndAreNotInTheListAreLost(t *testing.T) {
	for _, x := range []struct {
		what    string
		listed  map[int]int64 // by the order's number
		twice   bool
		lost    int
		doubled int
	}{
		{"all are there", map[int]int64{1: 11, 2: 12, 3: 13}, false, 0, 0},
		{"one more than was acknowledged", map[int]int64{1: 11, 2: 12, 3: 13, 4: 14}, false, 0, 0},
		{"one is missing", map[int]int64{1: 11, 3: 13}, false, 1, 0},
		{"one has another id", map[int]int64{1: 11, 2: 99, 3: 13}, false, 1, 0},
		{"one is there twice", map[int]int64{1: 11, 2: 12, 3: 13}, true, 0, 1},
		{"none is there", nil, false, 3, 0},
	} {
		a := alone()
		a.listed, a.orders = []int64{11, 12, 13}, 4
		err := a.run.compare(t.Context(), a, theirs(func(yield func(string, int64)) {
			yield("of another kind", 1)
			yield("77777777-1", 1) // of another run
			for n, id := range x.listed {
				yield(a.run.userOrderID(n), id)
			}
			if x.twice {
				yield(a.run.userOrderID(2), 77)
			}
		}))
		o := a.run.result.Orders
		if err != nil || o.Lost != x.lost || o.Doubled != x.doubled {
			t.Errorf("%s: %v, %+v", x.what, err, o)
		}
	}
}

type theirs func(yield func(string, int64))

func (list theirs) Orders(_ context.Context, _ string, yield func(string, int64)) error {
	list(yield)
	return nil
}

func (theirs) Close() error { return nil }

func TestWhatWasLostMakesTheRunAFailedOne(t *testing.T) {
	for _, o := range []Orders{{Lost: 1}, {Doubled: 1}, {Verified: true, Listed: 1}} {
		a := alone()
		a.run.result.Orders = o
		a.run.close(nil)
		if len(a.run.result.Failures) != 1 {
			t.Errorf("%+v: %v", o, a.run.result.Failures)
		}
	}
	a := alone()
	a.hears(event(2))
	a.submit(now())
	a.run.good = []*terminal{a}
	a.run.close(errNotOpened)
	if len(a.run.result.Failures) != 4 {
		t.Errorf("out of order, unanswered, none acknowledged, and a step that failed: %q", a.run.result.Failures)
	}
	fine := alone()
	fine.run.close(nil)
	if len(fine.run.result.Failures) != 0 {
		t.Errorf("%q", fine.run.result.Failures)
	}
}

func TestOnlyThePasscodeOfTheNewestTextIsTaken(t *testing.T) {
	p := &phones{waiting: map[string]chan string{}, last: map[string]time.Time{}, before: time.Unix(100, 0)}
	code := make(chan string, 1)
	p.waiting["+1"] = code
	texts := []message{
		{"+1", "Код №1: 111111 — открытие", time.Unix(99, 0)},
		{"+2", "Код №1: 222222 — открытие", time.Unix(101, 0)},
		{"+1", "WEB-токен отключён", time.Unix(101, 0)},
		{"+1", "Подключение WEB-токена AB12-3456. Код №2: 333333. Никому", time.Unix(102, 0)},
	}
	p.handOut(texts)
	if got := <-code; got != "333333" {
		t.Errorf("%s", got)
	}
	p.waiting["+1"] = code
	p.handOut(texts)
	p.handOut(append(texts, message{"+1", "Code No. 3: 444444 opens", time.Unix(103, 0)}))
	if got := <-code; got != "444444" {
		t.Errorf("%s", got)
	}
}

func TestSharesAreSpreadEvenly(t *testing.T) {
	for _, share := range []float64{0, 0.05, 0.1, 0.5, 1} {
		n := 0
		for i := range 1000 {
			if falls(i, share) {
				n++
			}
			if want := int(float64(i+1) * share); n != want {
				t.Fatalf("of the first %d there are %d, and not %d", i+1, n, want)
			}
		}
	}
}
