package load

import "time"

// Result is what a run has measured: the report draws it, the JSON is it. Times are milliseconds; moments are seconds
// since the run began.
type Result struct {
	Scenario string    `json:"scenario"` // its name
	Text     string    `json:"text"`     // of its file
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"` // how long it took

	Server    Server `json:"server"`
	Terminals int    `json:"terminals"` // as many as the scenario names
	Hostile   int    `json:"hostile"`   // of them, those that misbehave

	Steps    []Step    `json:"steps"`
	Latency  []Latency `json:"latency"` // one for each kind that was met, over the whole run; well-behaved terminals only
	Timeline []Second  `json:"timeline"`
	Orders   Orders    `json:"orders"`
	Errors   []Error   `json:"errors"` // most frequent first
	// Failures are the sentences that make the run a failed one: what was lost, doubled, out of order, or never came.
	Failures []string `json:"failures"`
}

// Server is what was loaded.
type Server struct {
	URL     string `json:"url"`
	Version string `json:"version"` // as it says itself
	Store   string `json:"store"`   // "sqlite" or "postgres" if the run has started the server itself, otherwise empty
	Own     bool   `json:"own"`     // started by the run, on the same machine
	Cores   int    `json:"cores"`   // of this machine
}

// Step is one line of the scenario, carried out.
type Step struct {
	Line  string  `json:"line"`
	Began float64 `json:"began"`
	Ended float64 `json:"ended"`

	Orders       int     `json:"orders"`       // sent
	Acknowledged int     `json:"acknowledged"` // of orders
	PerSecond    float64 `json:"perSecond"`    // acknowledgements
	Errors       int     `json:"errors"`
	// Latency is of the kind that the step is about: arrivals, acknowledgements, resumptions …; nil if there was none.
	Latency *Latency `json:"latency,omitempty"`
	// The server's, if it can be seen: CPU time spent, and of that per acknowledged order in microseconds; memory at the end.
	CPUSeconds float64 `json:"cpuSeconds,omitempty"`
	CPUMicros  float64 `json:"cpuMicrosPerOrder,omitempty"`
	MemoryMiB  float64 `json:"memoryMiB,omitempty"`
}

// Latency is the distribution of one kind of waiting.
type Latency struct {
	Kind  string  `json:"kind"` // such as "order acknowledged"
	Count int64   `json:"count"`
	P50   float64 `json:"p50Ms"`
	P90   float64 `json:"p90Ms"`
	P99   float64 `json:"p99Ms"`
	P999  float64 `json:"p999Ms"`
	Max   float64 `json:"maxMs"`
	// Curve has the percentiles that HdrHistogram prints: ever closer to 100.
	Curve []Percentile `json:"curve"`
}

// Percentile says that so many per cent have waited at most so long.
type Percentile struct {
	Percent float64 `json:"percent"`
	Ms      float64 `json:"ms"`
}

// Second is one second of the run.
type Second struct {
	At           float64 `json:"at"`
	Terminals    int     `json:"terminals"` // connected
	Sent         int     `json:"sent"`
	Acknowledged int     `json:"acknowledged"`
	Errors       int     `json:"errors"`
	P50          float64 `json:"p50Ms"` // of the orders acknowledged in it; 0 if there were none
	P99          float64 `json:"p99Ms"`
	Max          float64 `json:"maxMs"`
	// The server's, if it can be seen: resident memory, and share of one core in use (2 is two cores). 0: not seen, as while it is dead.
	MemoryMiB float64 `json:"memoryMiB"`
	CPU       float64 `json:"cpu"`
}

// Orders counts what became of the orders. With --verify they were compared with the server's own list.
type Orders struct {
	Sent         int  `json:"sent"`
	Acknowledged int  `json:"acknowledged"`
	Refused      int  `json:"refused"`
	Unanswered   int  `json:"unanswered"` // when the run ended
	Repeated     int  `json:"repeated"`   // sent again under the same id after a lost connection
	Verified     bool `json:"verified"`
	Listed       int  `json:"listed"`     // in the server's list
	Lost         int  `json:"lost"`       // acknowledged, and not in the list
	Doubled      int  `json:"doubled"`    // one user order id, two orders
	OutOfOrder   int  `json:"outOfOrder"` // events whose number is not the next one
}

// Error is one kind of trouble that a terminal had.
type Error struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}
