import { expect, test } from "vitest";
import type { Framing } from "./orderdesk";
import { demo, orderRow } from "./test/told";
import { FakeWorld, Terminal } from "./test/world";
import type { NewOrder } from "./view/ticket";

const order: NewOrder = {
  instr_name: "SBER",
  action_id: 1,
  order_type_id: 1,
  qty: 10,
  limit_price: 0,
  expiration_id: 1,
  user_order_id: 77,
};

async function up(world = new FakeWorld(), framing?: Framing): Promise<Terminal> {
  const t = await new Terminal(world, framing).start();
  await t.answer("events", { seq: 0 });
  t.hear("orders", [], 0);
  return t;
}

async function submit(t: Terminal): Promise<void> {
  void t.connection.desk.submit(order);
  await t.world.pass(0);
}

async function again(t: Terminal, after: number): Promise<void> {
  await t.breakOff();
  await t.world.pass(after);
  t.hear("userData", demo);
  await t.answer("events", { seq: 0 });
}

test("an id is a whole number below 2^53", async () => {
  const t = await up();
  const id = t.connection.desk.newId();
  expect(Number.isSafeInteger(id)).toBe(true);
  expect(id).toBeGreaterThan(0);
});

test("an answered order is forgotten", async () => {
  const t = await up();
  await submit(t);
  expect(t.world.memory.sentOrder("100001")?.order).toEqual(order);
  await t.answer("putTradeOrder", { order_id: 5001 });
  expect(t.view.ticket).toMatchObject({ is: "accepted", orderId: 5001 });
  expect(t.world.memory.sentOrder("100001")).toBeNull();
});

test("a refused order is forgotten and says why", async () => {
  const t = await up();
  await submit(t);
  await t.answer("putTradeOrder", new Error("no_security_session"));
  expect(t.view.ticket).toMatchObject({ is: "refused", refusal: { reason: "no_security_session" } });
  expect(t.world.memory.sentOrder("100001")).toBeNull();
});

test("an unanswered order is sent again under the same id once connected", async () => {
  const t = await up();
  await submit(t);
  await again(t, 1000);
  expect(t.view.ticket.is).toBe("unanswered");
  t.hear("orders", [], 0);
  expect(t.sent("putTradeOrder")).toEqual([order]);
  expect(t.view.ticket).toMatchObject({ is: "sending", again: true });
  await t.answer("putTradeOrder", { order_id: 5001 });
  expect(t.view.ticket.is).toBe("accepted");
});

test("an unanswered order that is among the orders is not sent again", async () => {
  const t = await up();
  await submit(t);
  await again(t, 1000);
  t.hear("orders", [orderRow()], 3);
  expect(t.sent("putTradeOrder")).toEqual([]);
  expect(t.view.ticket).toMatchObject({ is: "accepted", orderId: 5001 });
});

test("an order that the market has left behind asks before it is sent", async () => {
  const t = await up();
  await submit(t);
  await again(t, 90_000);
  t.hear("orders", [], 0);
  expect(t.sent("putTradeOrder")).toEqual([]);
  expect(t.view.ticket.is).toBe("unsure");
  t.connection.desk.forget();
  expect(t.view.ticket.is).toBe("ready");
  expect(t.world.memory.sentOrder("100001")).toBeNull();
});

test("a reload in between keeps the order and its id", async () => {
  const t = await up();
  await submit(t);
  const reloaded = await up(t.world);
  expect(reloaded.sent("putTradeOrder")).toEqual([order]);
});

test("a server that does not answer is left, and the order goes by the next connection", async () => {
  const t = await up();
  await submit(t);
  await t.world.pass(11_000);
  expect(t.world.sockets).toHaveLength(2);
  expect(t.view.ticket.is).toBe("unanswered");
});

test("an answer that leaves it open keeps the order's id for the next try", async () => {
  const t = await up();
  await submit(t);
  await t.answer("putTradeOrder", new Error("unavailable"));
  expect(t.view.ticket).toMatchObject({ is: "unsure", order });
  expect(t.world.memory.sentOrder("100001")?.order.user_order_id).toBe(77);
});

test("in a WEB-token session the signed text goes out, and again word for word after a reload", async () => {
  const frame = { payload: JSON.stringify(order), sigS: "c2ln", user_order_id: 77 };
  const t = await up(new FakeWorld(), async () => frame);
  await submit(t);
  expect(t.sent("putTradeOrder")).toEqual([frame]);
  const reloaded = await up(t.world, async () => null);
  expect(reloaded.sent("putTradeOrder")).toEqual([frame]);
});

test("without the key nothing is sent, and the terminal asks for the PIN", async () => {
  const t = await up(new FakeWorld(), async () => null);
  await submit(t);
  expect(t.sent("putTradeOrder")).toEqual([]);
  expect(t.view.ticket).toMatchObject({ is: "refused", refusal: { reason: "need_token_signature" } });
  expect(t.world.memory.sentOrder("100001")).toBeNull();
});

test("an order of which nobody knows is sent once more at the client's word, under the same id", async () => {
  const t = await up();
  await submit(t);
  await t.answer("putTradeOrder", new Error("unavailable"));
  t.connection.desk.resend();
  await t.answer("putTradeOrder", { order_id: 5001 });
  expect(t.sent("putTradeOrder")).toEqual([order, order]);
  expect(t.view.ticket.is).toBe("accepted");
});
