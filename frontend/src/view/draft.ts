// What the client has typed into the ticket, and whether it makes an order.

import { toStep } from "./figures";
import type { NewOrder } from "./ticket";

export interface Draft {
  ticker: string;
  side: "buy" | "sell";
  kind: "market" | "limit";
  qty: string;
  price: string;
  lasts: "day" | "gtc";
}

export type Problem = "qty" | "price";

/** «1 000,50» and "1000.50" are the same number. */
export function typed(text: string): number {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  return /^\d+(\.\d*)?$/.test(plain) ? Number(plain) : Number.NaN;
}

export function problemOf(draft: Draft, step: number): Problem | null {
  const qty = typed(draft.qty);
  if (!Number.isSafeInteger(qty) || qty <= 0) return "qty";
  if (draft.kind === "market") return null;
  const price = typed(draft.price);
  return price > 0 && toStep(price, step) === price ? null : "price";
}

export function orderFrom(draft: Draft, id: number): NewOrder {
  return {
    instr_name: draft.ticker,
    action_id: draft.side === "buy" ? 1 : 3,
    order_type_id: draft.kind === "market" ? 1 : 2,
    qty: typed(draft.qty),
    limit_price: draft.kind === "market" ? 0 : typed(draft.price),
    expiration_id: draft.lasts === "day" ? 1 : 3,
    user_order_id: id,
  };
}

/** One step up or down from what stands there; never below one step. */
export function stepped(text: string, step: number, by: 1 | -1): number {
  const from = typed(text);
  return Math.max(step, toStep((Number.isNaN(from) ? 0 : from) + by * step, step));
}

/** The sum at the typed price, or about, at the best price of the other side. */
export function sumOf(draft: Draft, best: number): number | null {
  const qty = typed(draft.qty);
  const price = draft.kind === "limit" ? typed(draft.price) : best;
  return qty > 0 && price > 0 ? qty * price : null;
}
