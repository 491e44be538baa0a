package load

import (
	"context"
	"errors"
	"fmt"
)

// verify compares the acknowledgements with the server's own list of orders.
func (r *run) verify(ctx context.Context) error {
	if r.Book == nil {
		return nil
	}
	book, err := r.Book(ctx)
	if err != nil {
		return fmt.Errorf("open the server's list of orders: %w", err)
	}
	for _, t := range r.good {
		if err == nil {
			err = r.compare(ctx, t, book)
		}
	}
	if err = errors.Join(err, book.Close()); err != nil {
		return fmt.Errorf("read the server's list of orders: %w", err)
	}
	r.result.Orders.Verified = true
	return nil
}

func (r *run) compare(ctx context.Context, t *terminal, book Book) error {
	o, found := &r.result.Orders, make([]int64, t.orders)
	err := book.Orders(ctx, t.login, func(userOrderID string, id int64) {
		switch n := r.orderNumber(userOrderID); {
		case n < 1 || n > len(found): // of another run
		case found[n-1] != 0:
			o.Listed++
			o.Doubled++
		default:
			o.Listed++
			found[n-1] = id
		}
	})
	o.Lost += lost(t.listed, found)
	return err
}

// lost counts orders that were acknowledged under an id that the server does not have for them.
func lost(acknowledged, found []int64) (n int) {
	for i, id := range acknowledged {
		if id != 0 && found[i] != id {
			n++
		}
	}
	return n
}
