package load

import (
	"context"
	"fmt"
	"strconv"
)

// verify compares the acknowledgements with the server's own list of orders.
func (r *run) verify(ctx context.Context) error {
	if r.List == nil {
		return nil
	}
	err := r.List(ctx, func(of func(login string, yield func(userOrderID string, id int64)) error) error {
		for _, t := range r.good {
			if err := r.compare(t, of); err != nil {
				return fmt.Errorf("%s: %w", t.login, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the server's list of orders: %w", err)
	}
	r.result.Orders.Verified = true
	return nil
}

func (r *run) compare(t *terminal, of func(login string, yield func(userOrderID string, id int64)) error) error {
	o, first := &r.result.Orders, r.userOrderID(1)
	found := make([]int64, t.orders)
	err := of(t.login, func(userOrderID string, id int64) {
		n, err := strconv.ParseInt(userOrderID, 10, 64)
		if err != nil || n < first || n >= first+int64(len(found)) {
			return // of another run
		}
		o.Listed++
		if at := n - first; found[at] == 0 {
			found[at] = id
		} else {
			o.Doubled++
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
