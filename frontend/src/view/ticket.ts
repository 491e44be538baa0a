// The order ticket: one order at a time, in a named state, so that "was it accepted?" always has an answer.

import type { Params } from "../link/requests";
import type { Refusal } from "../wire";
import type { Orders } from "./orders";
import type { Happening, Told } from "./told";

export interface NewOrder {
  instr_name: string;
  action_id: number;
  order_type_id: number;
  qty: number;
  limit_price: number;
  expiration_id: number;
  user_order_id: number;
}

/** The order as it goes out: plain, or as the text that the WEB-token has signed. */
export type OrderFrame = Params<"putTradeOrder">;

export type Ticket =
  | { is: "ready" }
  /** On its way; `again` when it is sent once more under the same id. */
  | { is: "sending"; order: NewOrder; again: boolean }
  /** The connection went before the answer came; it will be sent again under the same id. */
  | { is: "unanswered"; order: NewOrder }
  /** It is not among the orders and too old to be sent without asking. */
  | { is: "unsure"; order: NewOrder }
  | { is: "accepted"; order: NewOrder; orderId: number }
  | { is: "refused"; order: NewOrder; refusal: Refusal };

export const readyTicket: Ticket = { is: "ready" };

/** After so long the market has moved: an order that the server never saw is not sent again without asking. */
export const RESEND_WITHIN = 60_000;

export function ticketAfter(ticket: Ticket, h: Happening): Ticket {
  switch (h.is) {
    case "orderSending":
      return { is: "sending", order: h.order, again: h.again };
    case "orderUnsure":
      return { is: "unsure", order: h.order };
    case "ticketCleared":
      return ticket.is === "sending" || ticket.is === "unanswered" ? ticket : readyTicket;
    case "orderAccepted":
      return concerns(ticket, h.id) ? { is: "accepted", order: ticket.order, orderId: h.orderId } : ticket;
    case "orderRefused":
      return concerns(ticket, h.id) ? { is: "refused", order: ticket.order, refusal: h.refusal } : ticket;
    case "orderUnanswered":
      return concerns(ticket, h.id) ? { is: "unanswered", order: ticket.order } : ticket;
    case "event":
      return afterEvent(ticket, h.told);
    default:
      return ticket;
  }
}

/** The event that the order was accepted may come before, or instead of, the reply. */
function afterEvent(ticket: Ticket, told: Told): Ticket {
  if (told.name !== "order.accepted") return ticket;
  const { id, userOrderId } = told.data.order;
  if (userOrderId == null || !concerns(ticket, Number(userOrderId)) || ticket.is === "accepted")
    return ticket;
  return { is: "accepted", order: ticket.order, orderId: id };
}

function concerns(ticket: Ticket, id: number): ticket is Exclude<Ticket, { is: "ready" }> {
  return ticket.is !== "ready" && ticket.order.user_order_id === id;
}

/** What to do with an order that was sent and not answered, once connected again. */
export function afterReconnect(
  order: NewOrder,
  sentAt: number,
  now: number,
  orders: Orders,
): { do: "accepted"; orderId: number } | { do: "resend" } | { do: "ask" } {
  const known = Object.values(orders.byId).find(o => o.userOrderId === order.user_order_id);
  if (known) return { do: "accepted", orderId: known.id };
  return now - sentAt <= RESEND_WITHIN ? { do: "resend" } : { do: "ask" };
}
