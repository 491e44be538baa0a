package actors

import (
	"slices"
	"testing"
	"testing/synctest"

	"vakhta/session"
)

func submit(p *person, userID string) session.SubmitOrder {
	return session.SubmitOrder{Login: p.login, Ticket: buy(userID)}
}

func TestWhatComesDuringACommitIsFoldedIntoTheNextAndAnsweredInOrder(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		terminal := p.attach()
		commits := w.hold()
		batches := len(w.journal.batches)
		asked := []*pending{p.begin(submit(p, "1"))}
		for _, c := range []session.Command{
			submit(p, "2"), submit(p, "2"),
			session.ReadSessions{},
			submit(p, "3"),
			session.CancelOrder{Login: p.login, ID: 1},
			session.ReadOrders{},
			session.ReadEvents{},
		} {
			asked = append(asked, p.begin(c))
		}
		for i, x := range asked {
			if !x.waits() {
				w.Errorf("the answer %d came before the commit", i)
			}
		}
		equal(w, "told before the commit", names(terminal.seen()), "")
		w.journal.delay(nil)
		commits.release()

		first, err := asked[0].answer()
		equal(w, "the first", err, nil)
		second, _ := asked[1].answer()
		again, _ := asked[2].answer()
		equal(w, "the same order", again.(session.OrderTaken).Order.ID, second.(session.OrderTaken).Order.ID)
		equal(w, "repeated", again.(session.OrderTaken).Repeated, true)
		equal(w, "repeated", first.(session.OrderTaken).Repeated, false)
		if _, err := asked[5].answer(); err == nil {
			w.Error("an unknown order was cancelled")
		}
		orders, _ := asked[6].answer()
		equal(w, "orders", len(orders.(session.Orders).Orders), 3)
		events, _ := asked[7].answer()
		equal(w, "events", int64(len(events.(session.Events).Events)), w.version(1))
		equal(w, "commits", len(w.journal.batches)-batches, 2)
		equal(w, "told", names(terminal.seen()), "OrderAccepted OrderAccepted OrderAccepted")
		terminal.isComplete(1)
	})
}

func TestAQuestionDuringACommitIsAnsweredWithItAndNotLater(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		commits := w.hold()
		p.begin(submit(p, "1"))
		question := p.begin(session.ReadSessions{})
		if !question.waits() {
			w.Fatal("the question was answered from what is not written down")
		}
		w.journal.delay(nil)
		commits.release()
		answer, err := question.answer()
		equal(w, "error", err, nil)
		equal(w, "sessions", len(answer.(session.Sessions).Logins), 1)
	})
}

func TestIfACommitFailsNobodyHearsOfIt(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		terminal := p.attach()
		commits := w.hold()
		w.journal.fail(func(session.Change) fate { return refused })
		first, second, question := p.begin(submit(p, "1")), p.begin(submit(p, "2")), p.begin(session.ReadSessions{})
		commits.release()
		for _, x := range []*pending{first, second, question} {
			_, err := x.answer()
			equal(w, "the answer", err, session.ErrUnavailable)
		}
		synctest.Wait()
		w.journal.delay(nil)
		w.journal.fail(nil)
		equal(w, "told", names(terminal.seen()), "")
		equal(w, "orders", len(w.journal.ordersOf(1)), 0)

		equal(w, "repeated", p.order("1").Repeated, false)
		equal(w, "repeated", p.order("2").Repeated, false)
		equal(w, "told", names(terminal.seen()), "OrderAccepted OrderAccepted")
		terminal.isComplete(1)
	})
}

func TestAfterALostAnswerTheReloadedActorTellsTheTruth(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		terminal := p.attach()
		commits := w.hold()
		w.journal.fail(func(session.Change) fate {
			w.journal.fate = nil
			return answerLost
		})
		first, second := p.begin(submit(p, "1")), p.begin(submit(p, "2"))
		commits.release()
		for _, x := range []*pending{first, second} {
			_, err := x.answer()
			equal(w, "the answer", err, session.ErrUnavailable)
		}
		equal(w, "told", names(terminal.seen()), "OrderAccepted") // once it has come back
		equal(w, "repeated", p.order("1").Repeated, true)
		equal(w, "repeated", p.order("2").Repeated, false)
		equal(w, "orders", len(w.journal.ordersOf(1)), 2)
		terminal.isComplete(1)
		equal(w, "goodbyes", len(terminal.goodbyes()), 0)
	})
}

func TestARepeatedOrderIsAcknowledgedOnceWhateverLiesBetween(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		p := n.logIn(1)
		p.open()
		taken := p.order("1")
		equal(w, "repeated", taken.Repeated, false)
		check := func(p *person) {
			again := p.order("1")
			equal(w, "repeated", again.Repeated, true)
			equal(w, "the order", again.Order.ID, taken.Order.ID)
			other := submit(p, "1")
			other.Ticket.Quantity++
			p.refuses(other, session.OrderConflict)
		}
		check(p)
		p.do(session.ReportExecution{ID: taken.Order.ID, Execution: session.Execution{
			Kind: session.ExecutionFill, ID: "F1", Quantity: 10 * session.One, Price: session.One,
		}})
		check(p) // finished, and dropped from memory
		n.crash()
		n = w.start()
		defer n.stop()
		check(p.at(n))
		equal(w, "extended", count[session.SessionExtended](w.events(1)), 0)
		equal(w, "orders", len(w.journal.ordersOf(1)), 1)
	})
}

func TestAFillThatIsReportedTwiceCountsOnce(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		n := w.start()
		defer n.stop()
		p := n.logIn(1)
		p.open()
		id := p.order("").Order.ID
		part := session.ReportExecution{ID: id, Execution: session.Execution{
			Kind: session.ExecutionFill, ID: "F1", Quantity: 4 * session.One, Price: session.One,
		}}
		rest := part
		rest.Execution.ID, rest.Execution.Quantity = "F2", 6*session.One
		for _, report := range []session.Command{part, part, rest, part, rest} {
			p.do(report)
		}
		o := w.journal.ordersOf(1)[0]
		equal(w, "status", o.Status, session.StatusFilled)
		equal(w, "fills", len(o.Fills), 2)
		equal(w, "filled", count[session.OrderFilled](w.events(1)), 2)
	})
}

func TestAPanicIsAnsweredAndTheActorComesBackFromItsRow(t *testing.T) {
	inWorld(t, 1, func(w *world) {
		panics := true
		n := w.start(func(c *Config) {
			c.Routed = func(session.Order) {
				if panics {
					panics = false
					panic("the venue is on fire")
				}
			}
		})
		defer n.stop()
		p := n.logIn(1)
		p.open()
		terminal := p.attach()
		_, err := p.try(submit(p, ""))
		equal(w, "the answer", err, session.ErrUnavailable) // it was carried out, and must not be again
		equal(w, "orders", len(w.journal.ordersOf(1)), 1)
		p.order("")
		equal(w, "orders", len(w.journal.ordersOf(1)), 2)
		terminal.isComplete(1)
		equal(w, "residents", n.Residents(), 1)
	})
}

func TestNoBatchHasAClientTwice(t *testing.T) {
	const clients = 40
	inWorld(t, clients, func(w *world) {
		n := w.start(func(c *Config) { c.Committers = 2 })
		defer n.stop()
		var asked []*pending
		commits := w.hold()
		for i := range clients {
			p := &person{node: n, client: session.ClientID(i + 1)}
			for range 10 {
				asked = append(asked, p.begin(session.AttemptPassword{}))
			}
		}
		w.journal.delay(nil)
		commits.release()
		allowed := 0
		for _, x := range asked {
			if _, err := x.answer(); err == nil {
				allowed++
			}
		}
		equal(w, "allowed", allowed, clients*5)
		for _, batch := range w.journal.batches {
			slices.Sort(batch)
			equal(w, "clients of the batch", len(slices.Compact(slices.Clone(batch))), len(batch))
		}
	})
}
