package persistence

import (
	"time"

	"vakhta/session"
)

// The rows of the events of a security session.
type (
	sessionOpened struct {
		Login   session.LoginID `json:"l"`
		Session sessionRow      `json:"s"`
	}
	sessionExtended struct {
		Login     session.LoginID   `json:"l"`
		Session   session.SessionID `json:"s"`
		ExpiresAt micros            `json:"x"`
		WarnAt    micros            `json:"w,omitempty"`
	}
	sessionExpiring struct {
		Login     session.LoginID   `json:"l"`
		Session   session.SessionID `json:"s"`
		ExpiresAt micros            `json:"x"`
		Left      time.Duration     `json:"n"`
		WarnAt    micros            `json:"w,omitempty"`
	}
	sessionClosed struct {
		Login   session.LoginID     `json:"l"`
		Session session.SessionID   `json:"s"`
		Reason  session.CloseReason `json:"r"`
	}
)

func toSessionOpened(e session.SessionOpened) sessionOpened {
	return sessionOpened{Login: e.Login, Session: toSessionRow(e.Session)}
}

func (r sessionOpened) event() session.SessionOpened {
	return session.SessionOpened{Login: r.Login, Session: r.Session.session()}
}

func toSessionExtended(e session.SessionExtended) sessionExtended {
	return sessionExtended{Login: e.Login, Session: e.Session, ExpiresAt: toMicros(e.ExpiresAt), WarnAt: toMicros(e.WarnAt)}
}

func (r sessionExtended) event() session.SessionExtended {
	return session.SessionExtended{Login: r.Login, Session: r.Session, ExpiresAt: r.ExpiresAt.time(), WarnAt: r.WarnAt.time()}
}

func toSessionExpiring(e session.SessionExpiring) sessionExpiring {
	return sessionExpiring{
		Login: e.Login, Session: e.Session, ExpiresAt: toMicros(e.ExpiresAt), Left: e.Left, WarnAt: toMicros(e.WarnAt),
	}
}

func (r sessionExpiring) event() session.SessionExpiring {
	return session.SessionExpiring{
		Login: r.Login, Session: r.Session, ExpiresAt: r.ExpiresAt.time(), Left: r.Left, WarnAt: r.WarnAt.time(),
	}
}

func toSessionClosed(e session.SessionClosed) sessionClosed { return sessionClosed(e) }
func (r sessionClosed) event() session.SessionClosed        { return session.SessionClosed(r) }

// orderTold is what an event tells of an order that was accepted before.
type orderTold struct {
	ID     session.OrderID `json:"i"`
	Fill   fillRow         `json:"fi,omitzero"`
	Leaves amount          `json:"v,omitempty"`
	Reason string          `json:"r,omitempty"`
	Signed *signatureRow   `json:"sg,omitempty"` // of its cancellation
}

func toOrderAccepted(e session.OrderAccepted) orderRow {
	row := toOrderRow(e.Order)
	row.Signed, row.Withdrawn = row.Signed.told(), row.Withdrawn.told()
	return row
}

func (r orderRow) accepted() session.OrderAccepted    { return session.OrderAccepted{Order: r.order()} }
func toOrderWorking(e session.OrderWorking) orderTold { return orderTold{ID: e.ID} }
func (r orderTold) working() session.OrderWorking     { return session.OrderWorking{ID: r.ID} }

func toOrderCancelling(e session.OrderCancelling) orderTold {
	return orderTold{ID: e.ID, Signed: toSignatureRow(e.Signed).told()}
}

func (r orderTold) cancelling() session.OrderCancelling {
	return session.OrderCancelling{ID: r.ID, Signed: r.Signed.signature()}
}

func toOrderFilled(e session.OrderFilled) orderTold {
	return orderTold{ID: e.ID, Fill: toFillRow(e.Fill), Leaves: amount(e.Leaves)}
}

func (r orderTold) filled() session.OrderFilled {
	return session.OrderFilled{ID: r.ID, Fill: r.Fill.fill(), Leaves: session.Decimal(r.Leaves)}
}

func toOrderCancelled(e session.OrderCancelled) orderTold {
	return orderTold{ID: e.ID, Leaves: amount(e.Leaves)}
}

func (r orderTold) cancelled() session.OrderCancelled {
	return session.OrderCancelled{ID: r.ID, Leaves: session.Decimal(r.Leaves)}
}

func toOrderExpired(e session.OrderExpired) orderTold {
	return orderTold{ID: e.ID, Leaves: amount(e.Leaves)}
}

func (r orderTold) expired() session.OrderExpired {
	return session.OrderExpired{ID: r.ID, Leaves: session.Decimal(r.Leaves)}
}

func toOrderRejected(e session.OrderRejected) orderTold {
	return orderTold{ID: e.ID, Reason: e.Reason}
}

func (r orderTold) rejected() session.OrderRejected {
	return session.OrderRejected{ID: r.ID, Reason: r.Reason}
}
