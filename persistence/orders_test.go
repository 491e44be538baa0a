package persistence

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"vakhta/session"
)

var orderCases = []conformance{
	{"an order comes back as it was, by either id", func(t *testing.T, h *house) {
		s := h.client(t)
		o := fullOrder(s.Client)
		h.mustCommit(t, change(s, session.OrderAccepted{Order: o}))
		for _, got := range []*session.Order{
			must(h.Order(t.Context(), s.Client, o.ID))(t), must(h.OrderByUserID(t.Context(), s.Client, "77"))(t),
		} {
			if got == nil || !reflect.DeepEqual(*got, o) {
				t.Errorf("the order came back as\n%+v, not\n%+v", got, o)
			}
		}
	}},
	{"an order of somebody else is none", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		h.mustCommit(t, change(all[0], accepted(all[0], 1, "a")))
		got := must(h.Order(t.Context(), all[1].Client, 1))(t)
		byUser := must(h.OrderByUserID(t.Context(), all[1].Client, "a"))(t)
		if got != nil || byUser != nil {
			t.Errorf("he finds %v and %v", got, byUser)
		}
	}},
	{"what becomes of an order replaces its row", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, accepted(s, 1, "a")))[0]
		o := newOrder(s, 1, "a")
		for _, e := range []session.OrderEvent{
			session.OrderWorking{ID: 1},
			session.OrderFilled{ID: 1, Fill: session.Fill{ID: "f", Quantity: o.Leaves, Price: session.One, At: noon}},
		} {
			o = o.Apply(e, noon.Add(time.Second))
			c := change(s, e)
			c.Orders = []session.OrderChange{{Order: o}}
			s = h.mustCommit(t, c)[0]
			if got := must(h.Order(t.Context(), s.Client, 1))(t); !reflect.DeepEqual(*got, o) {
				t.Errorf("the order is %+v, not %+v", got, o)
			}
		}
	}},
	{"an order that is taken and filled in one change stands as filled", func(t *testing.T, h *house) {
		s := h.client(t)
		o := newOrder(s, 1, "a")
		filled := o.Apply(session.OrderFilled{ID: 1, Fill: session.Fill{ID: "f", Quantity: o.Leaves, At: noon}}, noon)
		c := change(s, session.OrderAccepted{Order: o}, session.OrderWorking{ID: 1})
		c.Orders = append(c.Orders, session.OrderChange{Order: o.Apply(session.OrderWorking{ID: 1}, noon)}, session.OrderChange{Order: filled})
		h.mustCommit(t, c)
		if got := must(h.Order(t.Context(), s.Client, 1))(t); !reflect.DeepEqual(*got, filled) {
			t.Errorf("the order is %+v, not %+v", got, filled)
		}
	}},
	{"open orders and the newest finished ones are listed, oldest first", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		s := all[0]
		for id := session.OrderID(1); id <= 20; id++ {
			o := newOrder(s, id, "")
			if id%5 != 0 {
				o.Status = session.StatusFilled
			}
			s = h.mustCommit(t, change(s, session.OrderAccepted{Order: o}))[0]
		}
		h.mustCommit(t, change(all[1], accepted(all[1], 50, "")))
		ids := func(orders []session.Order, err error) (ids []session.OrderID) {
			for _, o := range must(orders, err)(t) {
				ids = append(ids, o.ID)
			}
			return ids
		}
		for _, c := range []struct{ got, want []session.OrderID }{
			{ids(h.Orders(t.Context(), s.Client, true, 100)), []session.OrderID{5, 10, 15, 20}},
			{ids(h.Orders(t.Context(), s.Client, false, 4)), []session.OrderID{5, 10, 15, 16, 17, 18, 19, 20}},
			{ids(h.OpenOrders(t.Context(), 0, 3)), []session.OrderID{5, 10, 15}},
			{ids(h.OpenOrders(t.Context(), 15, 3)), []session.OrderID{20, 50}},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("listed are %v, not %v", c.got, c.want)
			}
		}
	}},
	{"all user order ids are known", func(t *testing.T, h *house) {
		s := h.client(t)
		h.mustCommit(t, change(s, accepted(s, 1, "b"), accepted(s, 2, ""), accepted(s, 3, "a")))
		ids := must(h.UserOrderIDs(t.Context(), s.Client))(t)
		if slices.Sort(ids); !slices.Equal(ids, []string{"a", "b"}) {
			t.Errorf("the ids are %q", ids)
		}
	}},
}
