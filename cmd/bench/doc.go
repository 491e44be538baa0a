// The benchmark measures vakhta as its clients see it, beside the least that the same work can cost.
//
//	server.go      the product: the real binary, in a process of its own
//	client.go      a client over a real WebSocket (socket.go), logged in and with an open session (crowd.go, phone.go)
//	orders.go      the closed loop: an order, its durable acknowledgement, the next order
//	bare.go        the anchor: the same rows, in group commits of the same making, without sockets, actors and decisions
//	idle.go        bytes of a client who does nothing
//	report.go      the tables
//
// Product and anchors take turns within every round, on the same disk and the same PostgreSQL, so that a slow moment of
// the machine hits all of them. Absolute figures drift from run to run: only the ratios within one run count. What is
// printed is the median over the rounds, of ratios with the least and the greatest.
//
// An order makes two changes: its acceptance (client, two events, order) and, when the simulated exchange has filled it,
// a second one (client, one event, the order's row again). The anchor «accept» writes the first one only; the anchor
// «accept + fill» writes both, one after the other, and is what the product has to be compared with.
package main
