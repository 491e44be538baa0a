import { expect, test } from "vitest";
import { event, iso, NOON, opened } from "../test/told";
import { noPasscode, passcodeAfter, passcodeAfterAnswer } from "./passcode";

const sent = event(
  "passcode.sent",
  {
    means: 3,
    login: 17,
    purpose: "session",
    number: 2,
    phone: "+7903•••1111",
    repeatAt: iso(NOON + 60_000),
    expiresAt: iso(NOON + 300_000),
  },
  1,
);

const sms = {
  safety_type_id: 3,
  safety_type: "SMS",
  description: "",
  enabled: true,
  status: "",
  status_id: 1,
  phone: "+7903•••1111",
  blockedUntil: null,
  disconnected: false,
  repeatAt: null,
  pending: null,
};

test("a sent password is shown with its number, phone and deadlines", () => {
  const panel = passcodeAfter(noPasscode, sent, 17, "session");
  expect(panel.sent).toEqual({
    number: 2,
    phone: "+7903•••1111",
    repeatAt: NOON + 60_000,
    expiresAt: NOON + 300_000,
  });
  expect(panel.repeatAt).toBe(NOON + 60_000);
});

test("a password of another login is none of this panel's business", () => {
  const other = { ...sent, data: { ...sent.data, login: 18 } };
  expect(passcodeAfter(noPasscode, other, 17, "session")).toBe(noPasscode);
});

test("each failure tells the attempts left, the last one that this password is spent", () => {
  const failed = (left: number) => event("attempt.failed", { means: 3, left }, 2);
  const one = passcodeAfter(passcodeAfter(noPasscode, sent, 17, "session"), failed(2), 17, "session");
  expect(one).toMatchObject({ entry: "wrong", left: 2, spent: false });
  expect(passcodeAfter(one, failed(0), 17, "session")).toMatchObject({ left: 0, spent: true });
});

test("a wrong password at login does not touch the panel", () => {
  const failed = event("attempt.failed", { means: 4, left: 2 }, 2);
  expect(passcodeAfter(noPasscode, failed, 17, "session")).toBe(noPasscode);
});

test("a block tells until when, or that somebody must lift it", () => {
  const until = iso(NOON + 900_000);
  const blocked = (at: string | null) => event("means.blocked", { means: 3, until: at }, 2);
  expect(passcodeAfter(noPasscode, blocked(until), 17, "session").blocked).toEqual({ until: NOON + 900_000 });
  const locked = passcodeAfter(noPasscode, blocked(null), 17, "session");
  expect(locked.blocked).toEqual({ until: null });
  expect(passcodeAfter(locked, event("means.unblocked", { means: 3 }, 3), 17, "session").blocked).toBeNull();
});

test("after a reload the list of means tells the block and the wait", () => {
  const row = { ...sms, enabled: true };
  const rows = [{ ...row, blockedUntil: iso(NOON), repeatAt: iso(NOON + 1000) }];
  const panel = passcodeAfterAnswer(noPasscode, { is: "means", rows }, "session");
  expect(panel).toMatchObject({ blocked: { until: NOON }, repeatAt: NOON + 1000 });
});

test("after a reload the password that was sent can still be entered", () => {
  const pending = { number: 2, expiresAt: iso(NOON + 300_000), attemptsLeft: 2 };
  const rows = [{ ...sms, repeatAt: iso(NOON + 1000), pending }];
  expect(passcodeAfterAnswer(noPasscode, { is: "means", rows }, "session").sent).toEqual({
    number: 2,
    phone: "+7903•••1111",
    repeatAt: NOON + 1000,
    expiresAt: NOON + 300_000,
  });
});

test("wrong codes of another login are none of this panel's business", () => {
  const failed = event("attempt.failed", { means: 3, login: 18, left: 2 }, 2);
  expect(passcodeAfter(noPasscode, failed, 17, "session")).toBe(noPasscode);
});

test("an opened session clears the panel and keeps the wait", () => {
  const panel = passcodeAfter(passcodeAfter(noPasscode, sent, 17, "session"), opened(2), 17, "session");
  expect(panel).toEqual({ ...noPasscode, repeatAt: NOON + 60_000 });
});

test("a refusal to send stands in the panel; asked too early, it tells when", () => {
  const refusal = {
    error: "a password was sent a moment ago",
    errMsg: "",
    code: 12,
    reason: "too_early",
    until: iso(NOON + 5000),
  };
  const asked = passcodeAfterAnswer(noPasscode, { is: "passcodeAsked", purpose: "session" }, "session");
  expect(asked.asking).toBe(true);
  const panel = passcodeAfterAnswer(
    asked,
    { is: "passcodeAnswered", purpose: "session", refusal, error: null },
    "session",
  );
  expect(panel).toMatchObject({ asking: false, trouble: refusal, repeatAt: NOON + 5000 });
});

test("a text that did not go out gives up its place", () => {
  const failed = event(
    "passcode.failed",
    { means: 3, login: 17, purpose: "session", reason: "not_delivered" },
    2,
  );
  const panel = passcodeAfter(passcodeAfter(noPasscode, sent, 17, "session"), failed, 17, "session");
  expect(panel.sent).toBeNull();
  expect(panel.trouble?.reason).toBe("not_delivered");
});
