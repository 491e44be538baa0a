// Prices: the first frame of a ticker is full, later ones carry what changed.

import type { Quote } from "../wire";
import { figure } from "./figures";

export interface Price {
  ticker: string;
  last: number;
  change: number;
  percent: number;
  bid: number;
  ask: number;
  /** The price step, if the quote has told it. */
  step: number | null;
  /** Where the last price went: decides the colour of the flash. */
  moved: "up" | "down" | null;
  /** Grows with every change, so that each one flashes anew. */
  moves: number;
}

export type Prices = Record<string, Price>;

export function priceAfter(prices: Prices, quote: Quote): Prices {
  const before = prices[quote.c];
  const last = quote.ltp === undefined ? (before?.last ?? 0) : figure(quote.ltp);
  const moved = before && last !== before.last ? (last > before.last ? "up" : "down") : null;
  const price: Price = {
    ticker: quote.c,
    last,
    change: quote.chg === undefined ? (before?.change ?? 0) : figure(quote.chg),
    percent: quote.pcp === undefined ? (before?.percent ?? 0) : figure(quote.pcp),
    bid: quote.bbp === undefined ? (before?.bid ?? 0) : figure(quote.bbp),
    ask: quote.bap === undefined ? (before?.ask ?? 0) : figure(quote.bap),
    step: figure(quote.min_step) || (before?.step ?? null),
    moved: moved ?? before?.moved ?? null,
    moves: (before?.moves ?? 0) + (moved ? 1 : 0),
  };
  return { ...prices, [quote.c]: price };
}
