import { expect, test } from "vitest";
import { event, orderRow } from "../test/told";
import {
  averagePrice,
  filledQty,
  isActive,
  newestFirst,
  noOrders,
  orderFromRow,
  ordersAfter,
  ordersFromRows,
  Stat,
} from "./orders";
import type { Told } from "./told";

const accepted = event("order.accepted", { order: orderRow() }, 1);
const working = event("order.working", { order_id: 5001 }, 2);
const fill = (seq: number, exec_id: number, qty: number, price: number, leaves: number) =>
  event("order.filled", { order_id: 5001, exec_id: `${exec_id}`, qty, price, leaves }, seq);
const after = (...told: Told[]) => told.reduce(ordersAfter, noOrders).byId[5001];

test("an order lives from accepted through working to filled", () => {
  expect(after(accepted)?.stat).toBe(Stat.received);
  expect(after(accepted, working)?.stat).toBe(Stat.active);
  const part = after(accepted, working, fill(3, 1, 4, 300, 6));
  expect(part).toMatchObject({ stat: Stat.partly, leaves: 6 });
  const whole = after(accepted, working, fill(3, 1, 4, 300, 6), fill(4, 2, 6, 301, 0));
  expect(whole).toMatchObject({ stat: Stat.executed, leaves: 0 });
});

test("the average price weighs every fill", () => {
  const order = after(accepted, fill(2, 1, 4, 300, 6), fill(3, 2, 6, 301, 0));
  if (!order) throw new Error("no order");
  expect(filledQty(order)).toBe(10);
  expect(averagePrice(order)).toBeCloseTo(300.6, 10);
});

test("a fill that is told twice counts once", () => {
  const order = after(accepted, fill(2, 1, 4, 300, 6), fill(3, 1, 4, 300, 6));
  expect(order?.fills).toHaveLength(1);
});

test("cancelled, expired and rejected orders are not active", () => {
  const ends: Told[] = [
    event("order.cancelled", { order_id: 5001, leaves: 10 }, 3),
    event("order.expired", { order_id: 5001, leaves: 10 }, 3),
    event("order.rejected", { order_id: 5001, reason: "no money" }, 3),
  ];
  expect(ends.map(end => after(accepted, end)).map(o => o && isActive(o))).toEqual([false, false, false]);
  expect(ends.map(end => after(accepted, end)?.stat)).toEqual([31, 71, 70]);
});

test("a cancelled order that was filled in part says so", () => {
  const order = after(
    accepted,
    fill(2, 1, 4, 300, 6),
    event("order.cancelled", { order_id: 5001, leaves: 6 }, 3),
  );
  expect(order?.stat).toBe(Stat.partlyCancelled);
});

test("events before the snapshot's number leave it alone", () => {
  const row = orderRow({ stat: 21, leaves_qty: 0, trade: [{ id: 1, p: 300, q: 10, v: 3000, date: "" }] });
  const orders = ordersFromRows([row], 5, noOrders);
  expect(ordersAfter(orders, working).byId[5001]?.stat).toBe(21);
});

test("an event of an order that nobody knows is no order", () => {
  expect(after(working)).toBeUndefined();
});

test("figures may come as strings, a text id of another terminal is not ours", () => {
  const row = orderRow({ p: ".5000" as never, userOrderId: "apiv2:160" });
  expect(orderFromRow(row)).toMatchObject({ price: 0.5, userOrderId: null });
});

test("the newest order comes first", () => {
  const older = orderRow({ id: 1, date: "2026-11-21T11:00:00" });
  const orders = ordersFromRows([older, orderRow({ id: 2 }), orderRow({ id: 3 })], 1, noOrders);
  expect(newestFirst(orders).map(o => o.id)).toEqual([3, 2, 1]);
});
