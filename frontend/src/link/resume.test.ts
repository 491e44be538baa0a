import { expect, test } from "vitest";
import { orderRow } from "../test/told";
import { FakeWorld, Terminal } from "../test/world";

const attached = { login: 17 };

async function upAt(seq: number, world = new FakeWorld()): Promise<Terminal> {
  const t = await new Terminal(world).start();
  for (let n = 1; n <= seq; n++) t.hear("terminal.attached", attached, n);
  await t.answer("events", { seq });
  return t;
}

const modes = (t: Terminal) => t.view.journal.notices.map(n => (n.is === "event" ? n.mode : n.is));
const numbers = (t: Terminal) => t.view.journal.notices.map(n => n.id);

test("a browser that never showed this client asks from the beginning", async () => {
  const t = await new Terminal().start();
  expect(t.sent("events")).toEqual([{ since: 0 }]);
  expect(t.view.away.newcomer).toBe(true);
});

test("each number is applied once", async () => {
  const t = await upAt(2);
  t.hear("terminal.attached", attached, 2);
  t.hear("terminal.attached", attached, 3);
  t.hear("terminal.attached", attached, 3);
  expect(numbers(t)).toEqual([1, 2, 3]);
  expect(modes(t)).toEqual(["missed", "missed", "live"]);
});

test("a gap asks for what is missing, and what came too early waits for it", async () => {
  const t = await upAt(2);
  t.hear("terminal.attached", attached, 5);
  expect(t.sent("events").at(-1)).toEqual({ since: 2 });
  t.hear("terminal.attached", attached, 6);
  expect(t.sent("events")).toHaveLength(2);
  for (const n of [3, 4, 5, 6]) t.hear("terminal.attached", attached, n);
  await t.answer("events", { seq: 6 });
  t.hear("terminal.attached", attached, 7);
  expect(numbers(t)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("a reconnect resumes from the last number", async () => {
  const t = await upAt(4);
  await t.breakOff();
  await t.world.pass(1000);
  t.hear("userData", t.view.user);
  expect(t.sent("events")).toEqual([{ since: 4 }]);
});

test("a reload takes the journal's tail again: what was shown is history, the rest was missed", async () => {
  const t = await upAt(3);
  const again = await new Terminal(t.world).start();
  expect(again.sent("events")).toEqual([{ since: 0 }]);
  for (let n = 1; n <= 4; n++) again.hear("terminal.attached", attached, n);
  await again.answer("events", { seq: 4 });
  expect(modes(again)).toEqual(["history", "history", "history", "missed"]);
  expect(again.view.away.newcomer).toBe(false);
});

test("a long journal is not asked for from the beginning", async () => {
  const world = new FakeWorld();
  world.memory.keepNumber("100001", 5000);
  const t = await new Terminal(world).start();
  expect(t.sent("events")).toEqual([{ since: 4800 }]);
});

test("a reload in the middle of the history does not forget what was shown", async () => {
  const t = await upAt(9);
  const again = await new Terminal(t.world).start();
  again.hear("terminal.attached", attached, 1);
  expect(t.world.memory.lastNumber("100001")).toBe(9);
});

test("a journal that no longer has the old events begins where it can", async () => {
  const t = await new Terminal().start();
  t.hear("terminal.attached", attached, 51);
  t.hear("terminal.attached", attached, 52);
  await t.answer("events", { seq: 52 });
  expect(numbers(t)).toEqual([51, 52]);
});

test("a resync takes snapshots and the tail of the journal", async () => {
  const world = new FakeWorld();
  world.memory.keepNumber("100001", 300);
  const t = await new Terminal(world).start();
  t.hear("resync", { seq: 9000 });
  expect(t.sent("events")).toEqual([{ since: 100 }, { since: 8100 }]);
  expect(t.sent("orders")).toHaveLength(2);
  expect(t.sent("sessions")).toHaveLength(2);
  t.hear("resync", { seq: 9001 });
  expect(t.sent("events")).toHaveLength(2);
  expect(t.view.link.is).toBe("up");
  expect(t.view.journal.seq).toBe(9001);
});

test("a journal that was begun anew is told from its beginning, after a reload", async () => {
  const world = new FakeWorld();
  world.memory.keepNumber("100001", 500);
  const t = await new Terminal(world).start();
  expect(t.sent("events")).toEqual([{ since: 300 }]);
  t.hear("resync", { seq: 2 });
  t.hear("reply", { id: "c1", result: { seq: 2 } });
  expect(t.sent("events").at(-1)).toEqual({ since: 0 });
  for (const n of [1, 2]) t.hear("terminal.attached", attached, n);
  await t.answer("events", { seq: 2 });
  expect(numbers(t)).toEqual([1, 2]);
  expect(world.memory.lastNumber("100001")).toBe(2);
});

test("a journal that was restored from a backup replaces what the page has shown", async () => {
  const t = await upAt(9);
  t.hear("orders", [orderRow()], 9);
  await t.breakOff();
  await t.world.pass(1000);
  t.hear("userData", t.view.user);
  await t.answer("events", { seq: 4 });
  expect(t.view.orders.byId).toEqual({});
  for (const n of [1, 2, 3, 4]) t.hear("terminal.attached", attached, n);
  t.hear("orders", [], 4);
  await t.answer("events", { seq: 4 });
  expect(numbers(t)).toEqual([1, 2, 3, 4]);
  expect(t.view.orders.at).toBe(4);
});

test("the numbers of two clients are kept apart", async () => {
  const world = new FakeWorld();
  world.memory.keepNumber("100002", 40);
  expect(world.memory.lastNumber("100001")).toBeNull();
  expect(world.memory.lastNumber("100002")).toBe(40);
});
