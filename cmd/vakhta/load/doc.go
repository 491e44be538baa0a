// Package load is the load tester: simulated terminals that behave like clients, and what they measure. It knows the server by
// its wire only; of the house it imports the bytes that a WEB-token signs.
//
//	scenario.go   what is to happen, read from a short file (scenarios/)
//	run.go        a scenario being carried out: steps.go one line after another, watch.go once a second, verify.go at the end
//	terminal.go   a client with a terminal: connected, told events, asking; arrive.go brings it there, token.go by a WEB-token
//	hostile.go    those that misbehave
//	device.go     the browser's side of a WEB-token
//	phone.go      the development phone, where one-time passwords are read
//	server.go     a server of the run's own, to be killed and frozen
//	record.go     counts and HdrHistograms, made into a Result (result.go) and shown by report.go and html.go with plot.go
//
// The open loop counts an order's latency from the moment when it was due, not from when it could be sent: a server that
// stands still has to answer for the orders that waited for it. An order without an answer is sent again under its id when
// the connection is back, so that nothing is unknown at the end.
package load
