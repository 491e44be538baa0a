// «Пока вас не было»: what the events that this terminal has missed come to.

import { LOGIN_PASSWORD } from "./numbers";
import { averagePrice, filledQty, isActive, type Order, type Orders } from "./orders";
import type { Told } from "./told";

export interface Away {
  missed: Told[];
  /** This browser has never shown this client: it is being told the whole journal. */
  newcomer: boolean;
}

export const nothingMissed: Away = { missed: [], newcomer: false };

export type AwayLine =
  | { is: "closed"; at: number; reason: string; login: number }
  | { is: "order"; at: number; order: Order; qty: number; price: number | null; end: OrderEnd }
  | { is: "attempts"; at: number; count: number }
  | { is: "blocked"; at: number; means: number }
  /** Something about what secures the client, told as in the journal. */
  | { is: "told"; at: number; told: Told };

export type OrderEnd = "filled" | "partly" | "cancelled" | "expired" | "rejected";

/**
 * A browser that has never shown this client knows no last number and is told the whole journal. What it missed begins
 * where the client's last terminal went.
 */
export function missedBy(newcomer: boolean, missed: Told[]): Told[] {
  if (!newcomer) return missed;
  const gone = missed.findLastIndex(t => t.name === "terminal.gone");
  return gone < 0 ? [] : missed.slice(gone);
}

export function awayLines(away: Away, orders: Orders): AwayLine[] {
  const lines: AwayLine[] = [];
  const touched = new Map<number, number>();
  let attempts = 0;
  let attemptAt = 0;
  for (const told of away.missed) {
    switch (told.name) {
      case "session.closed":
        lines.push({ is: "closed", at: told.at, reason: told.data.reason, login: told.data.login });
        break;
      case "means.blocked":
        lines.push({ is: "blocked", at: told.at, means: told.data.means });
        break;
      case "attempt.failed":
        if (told.data.means !== LOGIN_PASSWORD) break;
        attempts++;
        attemptAt = told.at;
        break;
      case "phone.added":
      case "phone.removed":
      case "phone.changed":
      case "means.disconnected":
      case "operator.acted":
      case "token.registered":
      case "token.locked":
      case "token.cloned":
        lines.push({ is: "told", at: told.at, told });
        break;
      case "token.revoked":
        if (!["expired", "replaced"].includes(told.data.reason))
          lines.push({ is: "told", at: told.at, told });
        break;
      case "order.filled":
      case "order.cancelled":
      case "order.expired":
      case "order.rejected":
        touched.set(told.data.order_id, told.at);
        break;
      default:
    }
  }
  for (const [id, at] of touched) {
    const order = orders.byId[id];
    if (!order) continue;
    lines.push({
      is: "order",
      at,
      order,
      qty: filledQty(order),
      price: averagePrice(order),
      end: endOf(order),
    });
  }
  if (attempts > 0) lines.push({ is: "attempts", at: attemptAt, count: attempts });
  return lines.sort((a, b) => a.at - b.at);
}

function endOf(order: Order): OrderEnd {
  if (isActive(order)) return "partly";
  switch (order.stat) {
    case 30:
    case 31:
      return "cancelled";
    case 71:
    case 72:
      return "expired";
    case 70:
    case 74:
    case 75:
      return "rejected";
    default:
      return "filled";
  }
}
