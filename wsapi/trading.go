package wsapi

import (
	"context"
	"strings"

	"vakhta/session"
)

type (
	orderParams struct {
		Instr       string             `json:"instr_name" also:"ticker instrName" need:"yes"`
		Action      session.Side       `json:"action_id" also:"actionId" need:"yes" doc:"1 and 2 buy, 3 and 4 sell."`
		Type        session.OrderType  `json:"order_type_id" also:"orderTypeId" need:"yes" doc:"1 market, 2 limit."`
		Qty         session.Decimal    `json:"qty" also:"quantity" need:"yes"`
		LimitPrice  session.Decimal    `json:"limit_price" also:"limitPrice"`
		StopPrice   session.Decimal    `json:"stop_price" also:"stopPrice"`
		Expiration  session.Expiration `json:"expiration_id" also:"expirationId" doc:"1 the day (so without it), 3 until cancelled."`
		UserOrderID userOrderID        `json:"user_order_id" also:"userOrderId" ts:"needed" doc:"The client's own id: sent again, the same order is not submitted twice."`
	}
	userOrderID string // a string or a number

	orderTaken struct {
		OrderID session.OrderID `json:"order_id"`
		Order   orderRow        `json:"order"`
		Warning string          `json:"warning"`
	}
	orderID struct {
		ID session.OrderID `json:"order_id" also:"id orderId" need:"yes"`
	}
	ordersParams struct {
		ActiveOnly bool `json:"active_only" also:"active activeOnly"`
	}
	ordersReply struct {
		Result struct {
			Orders struct {
				Key   string     `json:"key"`
				Order []orderRow `json:"order,omitempty"`
			} `json:"orders"`
		} `json:"result"`
	}
)

func (g *Gateway) declareOrders(cat *catalogue) {
	declareSigned(cat, "putTradeOrder", needLogin|needPost, "submits an order; the reply means that it is durable", g.putTradeOrder)
	declareSigned(cat, "delTradeOrder", needLogin|needPost, "asks for the cancellation of an order", g.delTradeOrder)
	declare(cat, "getNotifyOrderJson", needLogin, "orders: the open ones and the newest finished", g.getNotifyOrderJSON)
}

func (p orderParams) ownID() userOrderID { return p.UserOrderID }

func (orderID) ownID() userOrderID { return "" }

// ticket is what the parameters ask for.
func (p orderParams) ticket() session.Ticket {
	if p.Expiration == 0 {
		p.Expiration = session.Day
	}
	return session.Ticket{
		UserOrderID: string(p.UserOrderID), Ticker: normal(p.Instr), Side: p.Action, Type: p.Type, Quantity: p.Qty,
		LimitPrice: p.LimitPrice, StopPrice: p.StopPrice, Expiration: p.Expiration,
	}
}

// OrderPayload is what a WEB-token that has signed this payload asks for, as putTradeOrder reads it.
func OrderPayload(payload string) (session.Ticket, error) {
	var p orderParams
	if err := readPayload(payload, &p); err != nil {
		return session.Ticket{}, err
	}
	return p.ticket(), nil
}

// CancelPayload is the order whose cancellation a WEB-token that has signed this payload asks for, as delTradeOrder reads it.
func CancelPayload(payload string) (session.OrderID, error) {
	var p orderID
	err := readPayload(payload, &p)
	return p.ID, err
}

// putTradeOrder: the client's actor knows the instrument, and the order that was sent before.
func (g *Gateway) putTradeOrder(ctx context.Context, c *Caller, p orderParams, signed session.Signed) (orderTaken, error) {
	taken, err := ask[session.OrderTaken](ctx, c, session.SubmitOrder{Login: c.login(), Ticket: p.ticket(), Signed: signed})
	if err != nil {
		return orderTaken{}, err
	}
	c.again = p.UserOrderID != ""
	return orderTaken{OrderID: taken.Order.ID, Order: rowOf(taken.Order, c.who.Profile)}, nil
}

// normal is how tickers are written here, however a client writes them.
func normal(ticker string) string { return strings.ToUpper(strings.TrimSpace(ticker)) }

func (g *Gateway) delTradeOrder(ctx context.Context, c *Caller, p orderID, signed session.Signed) (orderID, error) {
	taken, err := ask[session.OrderTaken](ctx, c, session.CancelOrder{Login: c.login(), ID: p.ID, Signed: signed})
	return orderID{ID: taken.Order.ID}, err
}

func (g *Gateway) getNotifyOrderJSON(ctx context.Context, c *Caller, p ordersParams) (ordersReply, error) {
	all, err := ask[session.Orders](ctx, c, session.ReadOrders{ActiveOnly: p.ActiveOnly})
	var reply ordersReply
	reply.Result.Orders.Key = "%" + c.who.Profile.Login
	reply.Result.Orders.Order = orderRows(all.Orders, c.who.Profile)
	return reply, err
}
