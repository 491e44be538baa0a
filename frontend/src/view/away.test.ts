import { expect, test } from "vitest";
import { connected, demo, event, happens, iso, NOON, opened, orderRow, viewAfter } from "../test/told";
import { awayLines } from "./away";
import type { Happening, Told } from "./told";

const gone = event("terminal.gone", { login: 17, closesAt: iso(NOON) }, 4);
const closed = event("session.closed", { id: 9001, login: 17, reason: "terminal_gone" }, 5, NOON + 10_000);
const filled = event("order.filled", { order_id: 5001, exec_id: "1", qty: 10, price: 300.12, leaves: 0 }, 6);

function back(newcomer: boolean, ...missed: Told[]): Happening[] {
  return [
    { is: "user", user: demo },
    { is: "resume", from: 0, newcomer },
    ...missed.map(t => happens(t, "missed")),
    { is: "caughtUp", seq: 9 },
  ];
}

test("on return the end of the session is told with its time and reason", () => {
  const view = viewAfter(...back(false, gone, closed));
  expect(awayLines(view.away, view.orders)).toEqual([
    { is: "closed", at: NOON + 10_000, reason: "terminal_gone", login: 17 },
  ]);
});

test("on return each order is told once, as it stands now", () => {
  const row = orderRow({
    stat: 21,
    leaves_qty: 0,
    trade: [{ id: 1, p: 300.12, q: 10, v: 3001.2, date: "" }],
  });
  const view = viewAfter(...back(false, filled), { is: "orders", rows: [row], seq: 9 });
  const lines = awayLines(view.away, view.orders);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ is: "order", qty: 10, price: 300.12, end: "filled" });
});

test("a reload that missed nothing has nothing to tell", () => {
  const attached = event("terminal.attached", { login: 17 }, 7);
  const view = viewAfter(...back(false, gone, attached));
  expect(awayLines(view.away, view.orders)).toEqual([]);
});

test("a browser that is new to the client is told from where his last terminal went", () => {
  const long = event("session.closed", { id: 8000, login: 16, reason: "expired" }, 2);
  const view = viewAfter(...back(true, long, opened(3), gone, closed));
  expect(awayLines(view.away, view.orders)).toMatchObject([{ is: "closed", reason: "terminal_gone" }]);
});

test("wrong passwords at login are counted together", () => {
  const attempt = (seq: number, means: number) =>
    event("attempt.failed", { means, left: 3 }, seq, NOON + seq);
  const view = viewAfter(...back(false, attempt(1, 4), attempt(2, 4), attempt(3, 3)));
  expect(awayLines(view.away, view.orders)).toEqual([{ is: "attempts", at: NOON + 2, count: 2 }]);
});

test("what was read is not told again after the next reconnect", () => {
  const view = viewAfter(...connected, ...back(false, closed), { is: "awayClosed" }, ...back(false));
  expect(awayLines(view.away, view.orders)).toEqual([]);
});
