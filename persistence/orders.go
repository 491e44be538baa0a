package persistence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"vakhta/session"
)

type orderColumns struct {
	Client  session.ClientID    `db:"client_id"`
	ID      session.OrderID     `db:"order_id"`
	UserID  sql.NullString      `db:"user_order_id"`
	Status  session.OrderStatus `db:"status"`
	Payload string              `db:"payload"`
}

const orderQuery = `SELECT client_id, order_id, user_order_id, status, payload FROM orders WHERE `

func (j *Journal) orderRows(ctx context.Context, which string, args ...any) (rows []orderColumns, err error) {
	if err := j.read.SelectContext(ctx, &rows, j.read.Rebind(orderQuery+which), args...); err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return rows, nil
}

func (j *Journal) orders(ctx context.Context, which string, args ...any) ([]session.Order, error) {
	rows, err := j.orderRows(ctx, which, args...)
	if err != nil {
		return nil, err
	}
	all := make([]session.Order, 0, len(rows))
	for _, r := range rows {
		o, err := r.order()
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

func (r orderColumns) order() (session.Order, error) {
	o, err := decodeOrder(r.Payload)
	if err != nil {
		return session.Order{}, fmt.Errorf("order %d: %w", r.ID, err)
	}
	o.Client, o.ID, o.UserOrderID, o.Status = r.Client, r.ID, r.UserID.String, r.Status
	return o, nil
}

// Orders reads a client's open orders and, unless only the active are asked for, the newest finished ones: at most limit
// of either, oldest first.
func (j *Journal) Orders(ctx context.Context, client session.ClientID, activeOnly bool, limit int) ([]session.Order, error) {
	all, err := j.orders(ctx, `client_id = ? AND open ORDER BY order_id DESC LIMIT ?`, client, limit)
	if err != nil {
		return nil, err
	}
	if !activeOnly {
		finished, err := j.orders(ctx, `client_id = ? AND NOT open ORDER BY order_id DESC LIMIT ?`, client, limit)
		if err != nil {
			return nil, err
		}
		// An order that ended between the two queries stands in both: the later one is right.
		all = slices.DeleteFunc(all, func(o session.Order) bool {
			return slices.ContainsFunc(finished, func(f session.Order) bool { return f.ID == o.ID })
		})
		all = append(all, finished...)
	}
	slices.SortFunc(all, func(a, b session.Order) int { return int(a.ID - b.ID) })
	return all, nil
}

// Order reads one order of a client; nil if he has none with that id.
func (j *Journal) Order(ctx context.Context, client session.ClientID, id session.OrderID) (*session.Order, error) {
	return one(j.orders(ctx, `client_id = ? AND order_id = ?`, client, id))
}

// OrderByUserID reads the client's order with his own id; nil if there is none.
func (j *Journal) OrderByUserID(ctx context.Context, client session.ClientID, userOrderID string) (*session.Order, error) {
	if userOrderID == "" {
		return nil, errors.New("read orders: an empty user order id names none")
	}
	return one(j.orders(ctx, `client_id = ? AND user_order_id = ?`, client, userOrderID))
}

func one(all []session.Order, err error) (*session.Order, error) {
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// UserOrderIDs reads all ids that the client has given to orders.
func (j *Journal) UserOrderIDs(ctx context.Context, client session.ClientID) ([]string, error) {
	var ids []string
	err := j.read.SelectContext(ctx, &ids, j.read.Rebind(
		`SELECT user_order_id FROM orders WHERE client_id = ? AND user_order_id IS NOT NULL`), client)
	if err != nil {
		return nil, fmt.Errorf("read user order ids: %w", err)
	}
	return ids, nil
}

// OrderIDs yields the client's orders that have an id of his own: that, and ours.
func (j *Journal) OrderIDs(ctx context.Context, client session.ClientID, yield func(userOrderID string, id session.OrderID)) error {
	var rows []orderColumns
	err := j.read.SelectContext(ctx, &rows, j.read.Rebind(
		`SELECT user_order_id, order_id FROM orders WHERE client_id = ? AND user_order_id IS NOT NULL`), client)
	if err != nil {
		return fmt.Errorf("read order ids: %w", err)
	}
	for _, r := range rows {
		yield(r.UserID.String, r.ID)
	}
	return nil
}

// OpenOrders reads the open orders of all clients, in the order of their ids, after the one named.
func (j *Journal) OpenOrders(ctx context.Context, after session.OrderID, limit int) ([]session.Order, error) {
	return j.orders(ctx, `open AND order_id > ? ORDER BY order_id LIMIT ?`, after, limit)
}
