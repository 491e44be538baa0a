import { expect, test } from "vitest";
import {
  connected,
  documentRow,
  event,
  HOUR,
  happens,
  iso,
  meansRows,
  NOON,
  sessionRow,
  viewAfter,
} from "../test/told";
import type { OpenedByPin } from "../token/said";
import type { Happening } from "./told";
import { authority, connectedAt, standing, tradingBar } from "./webtoken";

const kept = (...ids: number[]): Happening => ({ is: "tokensKept", ids });
const means = (change: Parameters<typeof meansRows>[0] = {}): Happening => ({
  is: "means",
  rows: meansRows(change),
});
const answered = (said: OpenedByPin): Happening => ({ is: "pinAnswered", said, at: NOON });
const byToken = (id = 9001): Happening => ({
  is: "sessions",
  rows: [sessionRow({ id, safety_type_id: 7 })],
  seq: 0,
});
const bySms: Happening = { is: "sessions", rows: [sessionRow()], seq: 0 };

const active = { tokenId: 7, fingerprint: "7F3A-91C2", attemptsLeft: 5 };

test("the token is here when this browser keeps the active one", () => {
  const view = viewAfter(...connected, kept(7), means(active));
  expect(standing(view)).toEqual({ is: "here", tokenId: 7, fingerprint: "7F3A-91C2", left: 5 });
});

test("nobody says anything before both the server and the browser have", () => {
  expect(standing(viewAfter(...connected, means(active))).is).toBe("unknown");
  expect(standing(viewAfter(...connected, kept(7))).is).toBe("unknown");
});

test("the token is elsewhere, and the one that was here has ended", () => {
  expect(standing(viewAfter(...connected, kept(), means(active)))).toMatchObject({
    is: "elsewhere",
    moved: false,
  });
  const moved = means({ ...active, endedTokenId: 6, ended: "replaced" });
  expect(standing(viewAfter(...connected, kept(6), moved))).toMatchObject({ is: "elsewhere", moved: true });
});

test("a token that has ended says how, and whether it was on this device", () => {
  for (const how of ["locked", "cloned", "revoked", "replaced"] as const) {
    const ended = means({ tokenId: 0, endedTokenId: 7, ended: how });
    expect(standing(viewAfter(...connected, kept(7), ended))).toEqual({ is: "ended", how, here: true });
    expect(standing(viewAfter(...connected, kept(), ended))).toMatchObject({ here: false });
  }
  expect(standing(viewAfter(...connected, kept(), means()))).toEqual({ is: "none" });
});

test("a wrong PIN says how many are left, until the next one", () => {
  const wrong = [
    ...connected,
    { is: "pinEntered" },
    answered({ is: "wrongPin", attemptsLeft: 4 }),
  ] as Happening[];
  expect(viewAfter(...wrong).token.entry).toEqual({ is: "wrong", left: 4 });
  expect(viewAfter(...wrong, { is: "pinEntered" }).token.entry.is).toBe("checking");
  expect(viewAfter(...wrong, { is: "panelOpened", purpose: "session" }).token.entry.is).toBe("idle");
});

test("a PIN that is being checked is not forgotten by opening the panel", () => {
  const view = viewAfter(...connected, { is: "pinEntered" }, { is: "panelOpened", purpose: "session" });
  expect(view.token.entry.is).toBe("checking");
});

test("wrong PINs that were not entered on this page are told aloud", () => {
  const opened = (failures: number) => answered({ is: "opened", sessionId: 9001, failures });
  const wrong = answered({ is: "wrongPin", attemptsLeft: 4 });
  expect(viewAfter(...connected, opened(0)).journal.notices).toEqual([]);
  expect(viewAfter(...connected, wrong, opened(1)).journal.notices).toEqual([]);
  const view = viewAfter(...connected, wrong, opened(3));
  expect(view.journal.notices.at(-1)).toMatchObject({ is: "pins", count: 2 });
  expect(view.journal.toasts).toHaveLength(1);
});

test("orders are signed by the page that has opened the session", () => {
  const opened = answered({ is: "opened", sessionId: 9001, failures: 0 });
  expect(authority(viewAfter(...connected))).toEqual({ is: "none" });
  expect(authority(viewAfter(...connected, bySms))).toEqual({ is: "sms" });
  expect(authority(viewAfter(...connected, opened, byToken()))).toEqual({ is: "token", session: 9001 });
});

test("after a reload, or in another tab, the PIN comes first", () => {
  expect(authority(viewAfter(...connected, byToken()))).toEqual({ is: "pin" });
  const other = viewAfter(
    ...connected,
    answered({ is: "opened", sessionId: 9001, failures: 0 }),
    byToken(9002),
  );
  expect(authority(other)).toEqual({ is: "pin" });
});

test("the key goes with its session, and is not lost when the reply comes before the event", () => {
  const opened = answered({ is: "opened", sessionId: 9001, failures: 0 });
  expect(viewAfter(...connected, opened).token.held).toBe(9001);
  const closed = event("session.closed", { id: 9001, login: 17, reason: "expired" }, 2);
  expect(viewAfter(...connected, opened, happens(closed)).token.held).toBeNull();
  const other = event("session.closed", { id: 9000, login: 17, reason: "replaced" }, 2);
  expect(viewAfter(...connected, opened, happens(other)).token.held).toBe(9001);
  expect(viewAfter(...connected, opened, { is: "sessions", rows: [], seq: 5 }).token.held).toBeNull();
  expect(viewAfter(...connected, opened, { is: "signedOut", reason: null }).token.held).toBeNull();
});

test("trading needs a session whose scope allows it, and the key", () => {
  const opened = answered({ is: "opened", sessionId: 9001, failures: 0 });
  const scope = (trade: boolean): Happening => ({ is: "scope", session: 9001, trade });
  expect(tradingBar(viewAfter(...connected))).toBe("session");
  expect(tradingBar(viewAfter(...connected, bySms, scope(true)))).toBeNull();
  expect(tradingBar(viewAfter(...connected, bySms, scope(false)))).toBe("limited");
  expect(tradingBar(viewAfter(...connected, opened, byToken(), scope(false)))).toBe("scope");
  expect(tradingBar(viewAfter(...connected, opened, byToken(), scope(true)))).toBeNull();
  expect(tradingBar(viewAfter(...connected, byToken(), scope(true)))).toBe("pin");
  expect(tradingBar(viewAfter(...connected, byToken(9002), scope(false)))).toBe("pin"); // of another session
});

test("the history of orders says since when it is connected", () => {
  const order = documentRow({
    docId: 190,
    data: { tokenId: 7, fingerprint: "7F3A-91C2" },
    status: "accepted",
    changedAt: iso(NOON + HOUR),
  });
  const view = viewAfter(...connected, { is: "documentChanged", document: order });
  expect(connectedAt(view.documents, 7)).toBe(NOON + HOUR);
  expect(connectedAt(view.documents, 8)).toBeNull();
});

test("a locked token and a noticed copy are told aloud, and again on return", () => {
  const view = viewAfter(
    ...connected,
    happens(event("token.challenged", { tokenId: 7, login: 17 }, 1)),
    happens(event("token.cloned", { tokenId: 7 }, 2)),
    happens(event("token.locked", { tokenId: 8 }, 3)),
  );
  expect(view.journal.toasts).toEqual([2, 3]);
});
