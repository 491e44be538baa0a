package venue

import (
	"hash/fnv"
	"math"
	"strconv"
	"time"

	"vakhta/session"
)

const (
	step = session.One / 100
	lot  = session.One
)

// listed is what the paper exchange trades, with the price around which it moves.
var listed = []struct {
	session.Instrument
	around float64
}{
	{session.Instrument{Ticker: "SBER", Name: "Сбербанк", Currency: "RUB", PriceStep: step, Lot: lot}, 301},
	{session.Instrument{Ticker: "GAZP", Name: "Газпром", Currency: "RUB", PriceStep: step, Lot: lot}, 127},
	{session.Instrument{Ticker: "LKOH", Name: "ЛУКОЙЛ", Currency: "RUB", PriceStep: step, Lot: lot}, 6420},
	{session.Instrument{Ticker: "ROSN", Name: "Роснефть", Currency: "RUB", PriceStep: step, Lot: lot}, 448},
	{session.Instrument{Ticker: "AAPL", Name: "Apple", Currency: "USD", PriceStep: step, Lot: lot}, 271},
}

// Instruments are all that can be traded.
func Instruments() []session.Instrument {
	all := make([]session.Instrument, len(listed))
	for i, l := range listed {
		all[i] = l.Instrument
	}
	return all
}

// Instrument returns the zero value for a ticker that is not traded.
func Instrument(ticker string) session.Instrument {
	for _, l := range listed {
		if l.Ticker == ticker {
			return l.Instrument
		}
	}
	return session.Instrument{}
}

// waves are the movements of a price: how long one lasts, in seconds, and how far it goes, in parts of the price.
var waves = []struct{ period, reach float64 }{
	{4 * 86400, 0.03}, {86400, 0.012}, {7700, 0.006}, {1130, 0.0025}, {171, 0.0011}, {23, 0.0004},
}

// Price is a pure function of seed, ticker and second. It is zero for a ticker that is not traded.
func Price(seed int64, ticker string, at time.Time) session.Decimal {
	second := at.Unix()
	for _, l := range listed {
		if l.Ticker != ticker {
			continue
		}
		move := (noise(seed, ticker, second) - 0.5) * 0.0004
		for i, w := range waves {
			phase := noise(seed, ticker, -int64(i)-1)
			move += w.reach * math.Sin(2*math.Pi*(float64(second)/w.period+phase))
		}
		return session.Decimal(math.Round(l.around*(1+move)*100)) * step
	}
	return 0
}

// noise is in [0,1).
func noise(seed int64, ticker string, n int64) float64 {
	h := fnv.New64a()
	_, _ = h.Write(strconv.AppendInt(append(strconv.AppendInt([]byte(ticker), seed, 10), '|'), n, 10))
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd // spreads the low bits of fnv, as in MurmurHash3's finalizer
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// Quote is what a ticker is worth at one second; false: it is not traded.
func Quote(seed int64, ticker string, at time.Time) (session.Quote, bool) {
	in := Instrument(ticker)
	if in.Ticker == "" {
		return session.Quote{}, false
	}
	last := Price(seed, ticker, at)
	spread := max(step, session.Decimal(math.Round(last.Float()*0.0001*100))*step)
	day := at.Add(3 * time.Hour).Truncate(24 * time.Hour).Add(-3 * time.Hour) // midnight in Moscow
	return session.Quote{
		Instrument: in, At: at.Truncate(time.Second), Last: last, Bid: last - spread, Ask: last + spread,
		Open: Price(seed, ticker, day),
	}, true
}
