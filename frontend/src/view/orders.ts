// Orders: rows of TRADERNET's shape, and the events that move them on.

import type { OrderRow } from "../wire";
import { figure, instant } from "./figures";
import type { Told } from "./told";

export interface Fill {
  id: string;
  qty: number;
  price: number;
}

export interface Order {
  id: number;
  /** The id that the ticket gave it. */
  userOrderId: number | null;
  ticker: string;
  side: "buy" | "sell";
  kind: "market" | "limit";
  price: number;
  qty: number;
  leaves: number;
  stat: number;
  at: number;
  lasts: "day" | "gtc";
  currency: string;
  fills: Fill[];
  /** Why it was rejected. */
  reason: string | null;
}

export interface Orders {
  byId: Record<number, Order>;
  /** The snapshot is true at this number: earlier events say nothing new. */
  at: number;
}

export const noOrders: Orders = { byId: {}, at: 0 };

export const Stat = {
  received: 1,
  cancelling: 2,
  active: 10,
  partly: 12,
  executed: 21,
  partlyCancelled: 30,
  cancelled: 31,
  rejected: 70,
  expired: 71,
  partlyExpired: 72,
} as const;

export function orderFromRow(row: OrderRow): Order {
  const own = row.userOrderId == null ? Number.NaN : Number(row.userOrderId);
  return {
    id: row.id ?? row.order_id,
    userOrderId: Number.isSafeInteger(own) ? own : null,
    ticker: row.instr,
    side: row.oper >= 3 ? "sell" : "buy",
    kind: row.type === 1 ? "market" : "limit",
    price: figure(row.p),
    qty: figure(row.q),
    leaves: figure(row.leaves_qty),
    stat: row.stat,
    at: instant(row.date) ?? 0,
    lasts: row.exp === 3 ? "gtc" : "day",
    currency: row.cur,
    fills: (row.trade ?? []).map(t => ({ id: String(t.id), qty: figure(t.q), price: figure(t.p) })),
    reason: row.text || null,
  };
}

export function ordersFromRows(rows: OrderRow[], seq: number, before: Orders): Orders {
  const byId = { ...before.byId };
  for (const row of rows) {
    const order = orderFromRow(row);
    byId[order.id] = { ...order, reason: order.reason ?? byId[order.id]?.reason ?? null };
  }
  return { byId, at: Math.max(seq, before.at) };
}

export function ordersAfter(orders: Orders, told: Told): Orders {
  if (told.seq <= orders.at) return orders;
  switch (told.name) {
    case "order.accepted": {
      const order = orderFromRow(told.data.order);
      return { ...orders, byId: { ...orders.byId, [order.id]: order } };
    }
    case "order.working":
      return change(orders, told.data.order_id, o => ({
        ...o,
        stat: o.fills.length ? Stat.partly : Stat.active,
      }));
    case "order.filled": {
      const { exec_id, qty, price, leaves } = told.data;
      return change(orders, told.data.order_id, o => {
        const id = String(exec_id);
        if (o.fills.some(f => f.id === id)) return o;
        const fills = [...o.fills, { id, qty: figure(qty), price: figure(price) }];
        return {
          ...o,
          fills,
          leaves: figure(leaves),
          stat: figure(leaves) > 0 ? Stat.partly : Stat.executed,
        };
      });
    }
    case "order.cancelling":
      return change(orders, told.data.order_id, o => ({ ...o, stat: Stat.cancelling }));
    case "order.cancelled":
      return change(orders, told.data.order_id, o => ({
        ...o,
        leaves: figure(told.data.leaves),
        stat: o.fills.length ? Stat.partlyCancelled : Stat.cancelled,
      }));
    case "order.expired":
      return change(orders, told.data.order_id, o => ({
        ...o,
        leaves: figure(told.data.leaves),
        stat: o.fills.length ? Stat.partlyExpired : Stat.expired,
      }));
    case "order.rejected":
      return change(orders, told.data.order_id, o => ({
        ...o,
        stat: Stat.rejected,
        reason: told.data.reason,
      }));
    default:
      return orders;
  }
}

function change(orders: Orders, id: number, how: (o: Order) => Order): Orders {
  const order = orders.byId[id];
  return order ? { ...orders, byId: { ...orders.byId, [id]: how(order) } } : orders;
}

export function isActive(order: Order): boolean {
  return order.stat < Stat.executed;
}

export function filledQty(order: Order): number {
  return order.fills.reduce((sum, f) => sum + f.qty, 0);
}

export function averagePrice(order: Order): number | null {
  const qty = filledQty(order);
  if (qty === 0) return null;
  return order.fills.reduce((sum, f) => sum + f.qty * f.price, 0) / qty;
}

export function newestFirst(orders: Orders): Order[] {
  return Object.values(orders.byId).sort((a, b) => b.at - a.at || b.id - a.id);
}
