// Candles of one ticker, oldest first; the last one grows with every price.

export interface Candle {
  /** Seconds, the beginning of the interval. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
}

export interface Series {
  candles: Candle[];
  /** Seconds of one candle: a minute with a history, finer while it is gathered from live prices. */
  step: number;
}

export const FINE = 5;
const KEPT = 360;

export const noSeries: Series = { candles: [], step: FINE };

export function seriesAfter(series: Series, price: number, at: number): Series {
  if (price <= 0) return series;
  const time = Math.floor(at / 1000 / series.step) * series.step;
  const last = series.candles.at(-1);
  if (last && time < last.time) return series;
  if (last && time === last.time) {
    const grown = {
      ...last,
      high: Math.max(last.high, price),
      low: Math.min(last.low, price),
      close: price,
    };
    return { ...series, candles: [...series.candles.slice(0, -1), grown] };
  }
  const open = last?.close ?? price;
  const fresh = { time, open, high: Math.max(open, price), low: Math.min(open, price), close: price };
  return { ...series, candles: [...series.candles, fresh].slice(-KEPT) };
}

/** TRADERNET's getHloc: rows of high, low, open, close beside a row of seconds. */
export function candlesFromHloc(rows: number[][], seconds: number[]): Candle[] {
  const candles: Candle[] = [];
  rows.forEach(([high, low, open, close], i) => {
    const time = seconds[i];
    if (time === undefined || high === undefined || low === undefined) return;
    if (open === undefined || close === undefined) return;
    if (time > (candles.at(-1)?.time ?? 0)) candles.push({ time, open, high, low, close });
  });
  return candles.slice(-KEPT);
}
