package main

// What a robot is told, and what must be true of it.

// hear keeps the book.
func (r *robot) hear(f frame) {
	if f.name == "resync" {
		r.errorf("told to resync: %s", f.raw)
	}
	if !f.isEvent() {
		return
	}
	if f.seq != r.seen+1 {
		r.errorf("%s has the number %d", f.name, f.seq)
	}
	r.seen = f.seq
	switch f.name {
	case "login.attempted":
		r.missed++
		if r.wrong++; f.number("left") != int64(blockEvery-r.wrong) {
			r.errorf("the counter of passwords should leave %d: %s", blockEvery-r.wrong, f.raw)
		}
	case "login.opened", "login.renewed":
		r.missed--
		r.wrong = 0
	case "passcode.sent":
		r.tries[f.number("login")] = 3
		r.passcodes++
	case "passcode.failed":
		delete(r.tries, f.number("login"))
	case "attempt.failed":
		r.attemptFailed(f)
	case "session.opened":
		r.failures = 0
		delete(r.tries, f.number("login"))
		r.open = r.open || f.number("login") == r.login
	case "session.closed":
		r.open = r.open && f.number("login") != r.login
	case "order.accepted":
		r.accepted(f)
	case "order.filled", "order.cancelling", "order.cancelled", "order.expired", "order.rejected":
		r.changed(f)
	}
}

func (r *robot) attemptFailed(f frame) {
	if f.number("means") != 3 {
		return
	}
	login := f.number("login")
	r.tries[login]--
	r.failures++
	r.missed++
	if left := min(r.tries[login], blockEvery-r.failures); left < 0 || f.number("left") != int64(left) {
		r.errorf("the counter of passcodes should leave %d: %s", left, f.raw)
	}
}

func (r *robot) accepted(f frame) {
	o := &robotOrder{id: f.number("order.order_id"), limit: f.text("order.type") == "2"}
	mine := f.text("order.user_order_id")
	if r.orders[mine] != nil {
		r.errorf("the order %s exists twice", mine)
	}
	r.orders[mine], r.byID[o.id] = o, o
}

func (r *robot) changed(f frame) {
	o := r.byID[f.number("order_id")]
	if o == nil {
		r.errorf("%s of an order that was never accepted: %s", f.name, f.raw)
		return
	}
	switch {
	case f.name == "order.cancelling":
		o.leaving = true
		return
	case o.finished:
		r.errorf("%s of a finished order: %s", f.name, f.raw)
	case f.name == "order.filled":
		o.fills++
	}
	o.finished = true
}
