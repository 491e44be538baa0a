// An order in words.

import { instrument } from "../instruments";
import { t } from "../ui";
import { averagePrice, filledQty, type Order } from "../view/orders";
import { averageText, priceText, qtyText } from "./format";

export function statText(stat: number): string {
  return t().orders.stat[stat] ?? t().orders.unknownStat(stat);
}

export function averageOf(order: Order): string | null {
  const price = averagePrice(order);
  if (price === null) return null;
  return order.fills.length === 1 ? priceText(price, instrument(order.ticker).step) : averageText(price);
}

/** «SBER: куплено 10 по 300,12», or nothing as long as nothing is filled. */
export function orderOutcome(order: Order): string | null {
  const average = averageOf(order);
  if (average === null) return null;
  const said = order.side === "buy" ? t().events.bought : t().events.sold;
  return said(order.ticker, qtyText(filledQty(order)), average);
}
