import { expect, test } from "vitest";
import {
  connected,
  demo,
  event,
  HOUR,
  happens,
  iso,
  NOON,
  opened,
  orderRow,
  sessionRow,
  viewAfter,
} from "../test/told";
import { apply } from "./apply";
import type { Happening } from "./told";
import { emptyView, isStale, mySession } from "./view";

test("an opened session of this login is the one on the clock", () => {
  const view = viewAfter(...connected, happens(opened(1)));
  expect(mySession(view)?.expiresAt).toBe(NOON + 5 * HOUR);
});

test("a session of another login is listed but is not this terminal's", () => {
  const view = viewAfter(...connected, happens(opened(1, 9002, 18)));
  expect(view.sessions.all).toHaveLength(1);
  expect(mySession(view)).toBeNull();
});

test("an order moves the deadline", () => {
  const later = iso(NOON + 9 * HOUR);
  const extended = event(
    "session.extended",
    { id: 9001, login: 17, expiresAt: later, serverTime: iso(NOON) },
    2,
  );
  const view = viewAfter(...connected, happens(opened(1)), happens(extended));
  expect(mySession(view)?.expiresAt).toBe(NOON + 9 * HOUR);
});

test("a closed session leaves the clock and is told aloud", () => {
  const closed = event("session.closed", { id: 9001, login: 17, reason: "expired" }, 2);
  const view = viewAfter(...connected, happens(opened(1)), happens(closed));
  expect(mySession(view)).toBeNull();
  expect(view.journal.toasts).toEqual([1, 2]);
});

test("events that a snapshot already contains do not undo it", () => {
  const snapshot: Happening = { is: "sessions", rows: [sessionRow()], seq: 8 };
  const closed = event("session.closed", { id: 9001, login: 17, reason: "replaced" }, 7);
  expect(mySession(viewAfter(...connected, snapshot, happens(closed, "missed")))).not.toBeNull();
});

test("an empty snapshot means that no session is open", () => {
  const view = viewAfter(...connected, happens(opened(1)), { is: "sessions", rows: [], seq: 2 });
  expect(mySession(view)).toBeNull();
});

test("history fills the journal and is not told aloud", () => {
  const view = viewAfter(...connected, happens(opened(1), "history"));
  expect(view.journal.notices).toHaveLength(1);
  expect(view.journal.toasts).toEqual([]);
  expect(view.away.missed).toEqual([]);
});

test("a lost connection keeps the orders on the screen, marked as possibly stale", () => {
  const view = viewAfter(
    ...connected,
    { is: "orders", rows: [orderRow()], seq: 3 },
    { is: "lost", attempt: 1, retryAt: NOON },
  );
  expect(isStale(view)).toBe(true);
  expect(Object.keys(view.orders.byId)).toEqual(["5001"]);
});

test("signing out leaves nothing of the client behind", () => {
  const view = viewAfter(...connected, happens(opened(1)), { is: "signedOut", reason: "idle" });
  expect(view).toEqual({ ...emptyView, stage: "signedOut", farewell: "idle" });
});

test("another client's cookie ends the tab, empties it and says who was shown", () => {
  const view = viewAfter(
    ...connected,
    { is: "orders", rows: [orderRow()], seq: 3 },
    { is: "foreign", now: "second" },
  );
  expect(view.stage).toBe("foreign");
  expect(view.foreign).toEqual({ shown: "demo (100001)", now: "second" });
  expect(view.orders.byId).toEqual({});
  expect(view.user).toBeNull();
});

test("several fills of one order share one toast", () => {
  const fill = (n: number, seq: number) =>
    event("order.filled", { order_id: 5001, exec_id: `${n}`, qty: 5, price: 300, leaves: 10 - 5 * n }, seq);
  const view = viewAfter(...connected, happens(fill(1, 1)), happens(fill(2, 2)));
  expect(view.journal.toasts).toEqual([2]);
});

test("a wrong code that the panel is about to show is not told twice", () => {
  const failed = event("attempt.failed", { means: 3, login: 17, left: 2 }, 1);
  const view = viewAfter(...connected, { is: "codeEntered", purpose: "session" }, happens(failed));
  expect(view.journal.toasts).toEqual([]);
  expect(view.passcode).toMatchObject({ entry: "wrong", left: 2, spent: false });
});

test("apply changes nothing in the view it was given", () => {
  const before = viewAfter(...connected);
  const copy = structuredClone(before);
  apply(before, happens(opened(1)));
  apply(before, { is: "orders", rows: [orderRow()], seq: 1 });
  expect(before).toEqual(copy);
  expect(before.user).toBe(demo);
});
