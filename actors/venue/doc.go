// Package venue is a simulated exchange: nothing here is a real market, and nothing it fills is a real trade.
//
// The price of a ticker is a pure function of a seed, the ticker and the second (price.go). A market order is filled at
// once at that price, a limit order as soon as the price reaches its limit, always as a whole (book.go). What happens is
// reported to the client's actor as a command, again and again until it is durable (venue.go); a fill carries an execution
// id that depends on nothing but the order, so that a repeated report is taken once. Open orders are read from the
// journal after a restart, and now and then besides, in case that a poke was lost.
package venue
