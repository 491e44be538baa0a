// The benchmark measures vakhta as its clients see it, beside what people would write or take instead.
//
//	server.go             a server in a process of its own: the product (the real binary), or an anchor
//	anchor.go             this program started again as an anchor:
//	  anchor_coder.go       coder/websocket, lean, and with its loop in the HTTP handler
//	  anchor_orders.go      the bare order loop: lean sockets, group commit (groupcommit.go), the product's rows and frames
//	  anchor_centrifuge.go  centrifuge doing its plain job: an RPC, one row, one publication
//	sample.go             rows and frames of the product, which the bare order loop repeats
//	client.go             a client over a real WebSocket (socket.go), the same for all servers but for its dialect
//	crowd.go, phone.go    many clients of the product, logged in and with open sessions
//	orders.go             scenario 3, the loops in loops.go: an order, its durable acknowledgement
//	terminals.go          scenarios 1, 2 and 5: idle terminals, their opening, their return; weigh.go
//	hostile.go            scenario 7: those who read nothing or send half a frame
//	expiry.go             scenario 4: all sessions end at one instant
//	growth.go             the costs of a client and of an order, by the number of clients
//	targets.go            what has to come out, and the verdicts
//
// Product and anchors take turns within every round, on the same disk and the same PostgreSQL, so that a slow moment of
// the machine hits all of them. Absolute figures drift from run to run: only the ratios within one run count. What is
// printed is the median over the rounds, of ratios with the least and the greatest.
//
// An order makes two changes: its acceptance (client, two events, order) and, when the simulated exchange has filled it,
// a second one (client, one event, the order's row again). The bare order loop writes both, and pushes the same frames.
package main
