package load

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// soaked is a result as a soak of twelve minutes has it, with a kill -9 on the way; always the same.
func soaked() *Result {
	chance := rand.New(rand.NewPCG(1, 2))
	r := &Result{
		Scenario: "soak", Seconds: 741.3, Began: time.Date(2026, 11, 21, 18, 4, 0, 0, time.UTC), Terminals: 9000, Hostile: 90,
		Text: "# Soak: ten minutes of nine thousand terminals, one in a hundred hostile, a kill -9 in the middle\nterminals 9000\n" +
			"means     token 5%\nhostile   slow 0.4%, half 0.3%, garbage 0.3%\n\narrive over 2m\ntrade 2000/s for 10m\n  at 5m kill\nidle 20s\n",
		Server: Server{URL: "http://127.0.0.1:8080", Version: "v0.9.2", Store: "sqlite", Own: true, Cores: 2},
		Steps: []Step{
			{Line: "arrive over 2m", Began: 0, Ended: 121, CPUSeconds: 61, MemoryMiB: 138, Latency: curved("open a session by SMS", 9000, 4.1, 9, chance)},
			{Line: "at 5m kill", Began: 421, Ended: 423.4, Errors: 8991, Latency: curved("reconnect and resume", 8991, 310, 1900, chance)},
			{
				Line: "trade 2000/s for 10m", Began: 121, Ended: 721, Orders: 1_200_000, Acknowledged: 1_199_988, PerSecond: 1999.9, Errors: 9364,
				CPUSeconds: 229, CPUMicros: 190.8, MemoryMiB: 163, Latency: curved("order acknowledged", 1_199_988, 0.62, 3.2, chance),
			},
			{Line: "idle 20s", Began: 721, Ended: 741, MemoryMiB: 161},
		},
		Latency: []Latency{
			*curved("order acknowledged", 1_199_988, 0.62, 3.2, chance), *curved("log in", 9000, 1.4, 4.4, chance),
			*curved("reconnect and resume", 8991, 310, 1900, chance), *curved("open a session by SMS", 8550, 4.1, 9, chance),
			*curved("open a session by WEB-token", 450, 7.5, 14, chance),
		},
		Orders: Orders{Sent: 1_200_000, Acknowledged: 1_199_988, Refused: 12, Repeated: 1187, Verified: true, Listed: 1_199_988},
		Errors: []Error{
			{"the connection ended: read tcp 127.0.0.1:51234->127.0.0.1:8080: connection reset by peer", 8991},
			{"closed by the server: 3008 slow", 36},
			{"<script>alert('a server says')</script>\x1b[31m", 12},
		},
	}
	for at := range 742 {
		r.Timeline = append(r.Timeline, soakedSecond(float64(at), chance))
	}
	return r
}

func soakedSecond(at float64, chance *rand.Rand) Second {
	s := Second{At: at, Terminals: int(min(9000, at*75)), MemoryMiB: 22 + min(9000, at*75)*0.0128 + chance.Float64(), CPU: 0.5 + chance.Float64()*0.05}
	switch {
	case at >= 421 && at < 423: // it is dead
		return Second{At: at, Sent: 2000, Errors: 4495}
	case at == 423:
		s.Terminals = 4100
	case at > 721:
		s.CPU = 0.02
	}
	if at > 121 && at <= 721 {
		s.Sent, s.Acknowledged = 2000, 1990+chance.IntN(20)
		noise := math.Exp(chance.NormFloat64() * 0.12)
		s.P50, s.P99, s.Max = 0.62*noise, 2.4*noise*noise, 6*noise*noise*noise
		s.MemoryMiB += min(120, at-121) * 0.2
		if at >= 423 && at < 427 {
			s.Acknowledged, s.P50, s.P99, s.Max, s.CPU = 3000, 400/(at-422), 2600/(at-422), 2900, 1.4
		}
		if int(at)%60 == 0 { // a checkpoint
			s.Max *= 9
		}
	}
	if at > 721 {
		s.MemoryMiB += 24
	}
	return s
}

// curved has a tail as real ones have: it grows with each nine.
func curved(kind string, count int64, p50, p99 float64, chance *rand.Rand) *Latency {
	ms := func(percent float64) float64 {
		nines := -math.Log10(1 - percent/100)
		return p50 * math.Pow(p99/p50, nines/1.7-0.18) * (1 + chance.Float64()*0.02)
	}
	l := &Latency{Kind: kind, Count: count, P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9)}
	for rest := 100.0; rest/100*float64(count) >= 1; rest *= 0.87 {
		l.Curve = append(l.Curve, Percentile{100 - rest, ms(100 - rest)})
	}
	slices.SortFunc(l.Curve, func(a, b Percentile) int { return int(math.Copysign(1, a.Ms-b.Ms)) })
	for i := range l.Curve { // sorted, whatever chance has added
		l.Curve[i].Percent = 100 - 100*math.Pow(0.87, float64(i))
	}
	l.Max = max(l.P999, l.Curve[len(l.Curve)-1].Ms)
	l.Curve = append(l.Curve, Percentile{100, l.Max})
	return l
}
