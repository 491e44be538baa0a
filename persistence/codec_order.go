package persistence

import (
	"encoding/json"
	"fmt"

	"vakhta/session"
)

// amount is a session.Decimal as it stands in a row: a whole count of 1e-8, whatever Decimal learns to do in JSON.
type amount int64

// orderRow is an order as it stands in an event. In its own row, what has a column is left out: see orderPayload.
type orderRow struct {
	ID          session.OrderID     `json:"i,omitempty"`
	Client      session.ClientID    `json:"cl,omitempty"`
	UserOrderID string              `json:"u,omitempty"`
	Status      session.OrderStatus `json:"st,omitempty"`

	Ticker     string             `json:"t,omitempty"`
	Side       session.Side       `json:"d,omitempty"`
	Type       session.OrderType  `json:"y,omitempty"`
	Quantity   amount             `json:"q,omitempty"`
	LimitPrice amount             `json:"p,omitempty"`
	StopPrice  amount             `json:"sp,omitempty"`
	Expiration session.Expiration `json:"e,omitempty"`
	Login      session.LoginID    `json:"l,omitempty"`
	Session    session.SessionID  `json:"x,omitempty"`
	Means      session.Means      `json:"m,omitempty"`
	Currency   string             `json:"cu,omitempty"`
	AcceptedAt micros             `json:"a,omitempty"`
	ChangedAt  micros             `json:"c,omitempty"`
	GoodTill   micros             `json:"g,omitempty"`
	Leaves     amount             `json:"v,omitempty"`
	Fills      []fillRow          `json:"fi,omitempty"`
	Reason     string             `json:"r,omitempty"`
	Signed     *signatureRow      `json:"sg,omitempty"`
	Withdrawn  *signatureRow      `json:"wd,omitempty"`
}

type fillRow struct {
	ID       string `json:"i"`
	Quantity amount `json:"q"`
	Price    amount `json:"p"`
	At       micros `json:"a"`
}

func toOrderRow(o session.Order) orderRow {
	return orderRow{
		ID: o.ID, Client: o.Client, UserOrderID: o.UserOrderID, Status: o.Status,
		Ticker: o.Ticker, Side: o.Side, Type: o.Type, Quantity: amount(o.Quantity), LimitPrice: amount(o.LimitPrice), StopPrice: amount(o.StopPrice),
		Expiration: o.Expiration, Login: o.Login, Session: o.Session, Means: o.Means, Currency: o.Currency,
		AcceptedAt: toMicros(o.AcceptedAt), ChangedAt: toMicros(o.ChangedAt), GoodTill: toMicros(o.GoodTill),
		Leaves: amount(o.Leaves), Fills: each(o.Fills, toFillRow), Reason: o.Reason,
		Signed: toSignatureRow(o.Signed), Withdrawn: toSignatureRow(o.Withdrawn),
	}
}

func (r orderRow) order() session.Order {
	return session.Order{
		Ticket: session.Ticket{
			UserOrderID: r.UserOrderID, Ticker: r.Ticker, Side: r.Side, Type: r.Type, Quantity: session.Decimal(r.Quantity),
			LimitPrice: session.Decimal(r.LimitPrice), StopPrice: session.Decimal(r.StopPrice), Expiration: r.Expiration,
		},
		ID: r.ID, Client: r.Client, Login: r.Login, Session: r.Session, Means: r.Means, Currency: r.Currency,
		AcceptedAt: r.AcceptedAt.time(), ChangedAt: r.ChangedAt.time(), GoodTill: r.GoodTill.time(), Status: r.Status,
		Leaves: session.Decimal(r.Leaves), Fills: each(r.Fills, fillRow.fill), Reason: r.Reason,
		Signed: r.Signed.signature(), Withdrawn: r.Withdrawn.signature(),
	}
}

func toFillRow(f session.Fill) fillRow {
	return fillRow{ID: f.ID, Quantity: amount(f.Quantity), Price: amount(f.Price), At: toMicros(f.At)}
}

func (r fillRow) fill() session.Fill {
	return session.Fill{ID: r.ID, Quantity: session.Decimal(r.Quantity), Price: session.Decimal(r.Price), At: r.At.time()}
}

// orderPayload is what an order's row holds beside its columns.
func orderPayload(o session.Order) string {
	row := toOrderRow(o)
	row.ID, row.Client, row.UserOrderID, row.Status = 0, 0, "", ""
	return rowText(row)
}

func decodeOrder(payload string) (session.Order, error) {
	var row orderRow
	if err := json.Unmarshal([]byte(payload), &row); err != nil {
		return session.Order{}, fmt.Errorf("order row: %w", err)
	}
	return row.order(), nil
}
