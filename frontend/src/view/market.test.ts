import { expect, test } from "vitest";
import { candlesFromHloc, noSeries, seriesAfter } from "./candles";
import { decimals, instant, toStep } from "./figures";
import { priceAfter } from "./quotes";

test("a quote carries what changed, the rest stays", () => {
  const first = priceAfter({}, { c: "SBER", ltp: 300, chg: 1, pcp: 0.3, bbp: 299.99, bap: 300.01, init: 1 });
  const next = priceAfter(first, { c: "SBER", ltp: 300.5 });
  expect(next.SBER).toMatchObject({ last: 300.5, bid: 299.99, moved: "up", moves: 1 });
  expect(priceAfter(next, { c: "SBER", ltp: 300.5 }).SBER?.moves).toBe(1);
  expect(priceAfter(next, { c: "SBER", ltp: 300.4 }).SBER?.moved).toBe("down");
});

test("prices of one interval make one candle", () => {
  let series = seriesAfter(noSeries, 300, 10_000);
  series = seriesAfter(series, 302, 12_000);
  series = seriesAfter(series, 299, 14_999);
  expect(series.candles).toEqual([{ time: 10, open: 300, high: 302, low: 299, close: 299 }]);
  series = seriesAfter(series, 301, 15_000);
  expect(series.candles[1]).toEqual({ time: 15, open: 299, high: 301, low: 299, close: 301 });
});

test("a price out of the past draws nothing", () => {
  const series = seriesAfter(noSeries, 300, 20_000);
  expect(seriesAfter(series, 301, 10_000)).toBe(series);
});

test("TRADERNET's history is high, low, open, close", () => {
  expect(candlesFromHloc([[5, 1, 2, 3], [1]], [60, 120])).toEqual([
    { time: 60, open: 2, high: 5, low: 1, close: 3 },
  ]);
});

test("times without a zone are UTC", () => {
  expect(instant("2026-11-21T12:00:00.500")).toBe(Date.parse("2026-11-21T12:00:00.500Z"));
  expect(instant("2026-11-21 12:00:00")).toBe(Date.parse("2026-11-21T12:00:00Z"));
  expect(instant("2026-11-21T15:00:00+03:00")).toBe(Date.parse("2026-11-21T12:00:00Z"));
  expect([instant(null), instant(""), instant("soon")]).toEqual([null, null, null]);
});

test("steps leave no dust", () => {
  expect(toStep(0.1 + 0.2, 0.1)).toBe(0.3);
  expect([decimals(0.01), decimals(0.5), decimals(1)]).toEqual([2, 1, 0]);
});
