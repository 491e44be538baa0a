import { expect, test } from "vitest";
import { event, happens, NOON, orderRow } from "../test/told";
import { noOrders, ordersFromRows } from "./orders";
import { afterReconnect, type NewOrder, readyTicket, type Ticket, ticketAfter } from "./ticket";
import type { Happening } from "./told";

const order: NewOrder = {
  instr_name: "SBER",
  action_id: 1,
  order_type_id: 1,
  qty: 10,
  limit_price: 0,
  expiration_id: 1,
  user_order_id: 77,
};
const refusal = { error: "no", errMsg: "no", code: 12, reason: "no_security_session", next: "open one" };
const after = (...h: Happening[]) => h.reduce<Ticket>(ticketAfter, readyTicket);
const sending: Happening = { is: "orderSending", order, again: false };

test("a submitted order is sending, then accepted or refused with the reason", () => {
  expect(after(sending).is).toBe("sending");
  expect(after(sending, { is: "orderAccepted", id: 77, orderId: 5001 })).toEqual({
    is: "accepted",
    order,
    orderId: 5001,
  });
  expect(after(sending, { is: "orderRefused", id: 77, refusal })).toEqual({ is: "refused", order, refusal });
});

test("the event of its acceptance is as good as the reply", () => {
  const accepted = happens(event("order.accepted", { order: orderRow() }, 1));
  expect(after(sending, accepted)).toEqual({ is: "accepted", order, orderId: 5001 });
});

test("another order's acceptance is not this one's", () => {
  const other = happens(event("order.accepted", { order: orderRow({ userOrderId: 78 }) }, 1));
  expect(after(sending, other).is).toBe("sending");
  expect(after(sending, { is: "orderAccepted", id: 78, orderId: 1 }).is).toBe("sending");
});

test("an order that is under way cannot be cleared away", () => {
  expect(after(sending, { is: "ticketCleared" }).is).toBe("sending");
  expect(after(sending, { is: "orderUnanswered", id: 77 }, { is: "ticketCleared" }).is).toBe("unanswered");
  expect(after(sending, { is: "orderRefused", id: 77, refusal }, { is: "ticketCleared" }).is).toBe("ready");
});

test("connected again: an order among the orders was accepted", () => {
  const orders = ordersFromRows([orderRow()], 1, noOrders);
  expect(afterReconnect(order, NOON, NOON + 5000, orders)).toEqual({ do: "accepted", orderId: 5001 });
});

test("connected again: a fresh order is resent, an old one asks first", () => {
  expect(afterReconnect(order, NOON, NOON + 5000, noOrders)).toEqual({ do: "resend" });
  expect(afterReconnect(order, NOON, NOON + 61_000, noOrders)).toEqual({ do: "ask" });
});
