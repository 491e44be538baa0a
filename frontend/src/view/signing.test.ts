import { expect, test } from "vitest";
import { connected, documentRow, event, happens, iso, NOON, opened, viewAfter } from "../test/told";
import { apply } from "./apply";
import { noSigning, signingAfter, signingAfterAnswer } from "./signing";
import type { Happening, Told } from "./told";

const OWN = 17;
const drafted = (change = {}, seq = 1) => event("document.drafted", { document: documentRow(change) }, seq);
const sent = (seq: number, change = {}) =>
  event(
    "passcode.sent",
    {
      means: 3,
      login: OWN,
      purpose: "document 00ff",
      number: 2,
      phone: "+7903•••1111",
      repeatAt: iso(NOON + 30_000),
      expiresAt: iso(NOON + 300_000),
      ...change,
    },
    seq,
  );
const after = (...told: Told[]) => told.reduce((s, x) => signingAfter(s, x, OWN), noSigning);
const history = (change = {}): Happening => ({
  is: "documents",
  rows: [],
  drafts: [
    {
      document: documentRow(),
      pending: { number: 2, expiresAt: iso(NOON + 300_000), attemptsLeft: 3 },
    },
  ],
  repeatAt: iso(NOON + 20_000),
  before: null,
  phone: "+7903•••1111",
  ...change,
});

test("a draft of this login gets its code by an event", () => {
  const signing = after(drafted(), sent(2));
  expect(signing.id).toBe(1018);
  expect(signing.panel.sent).toMatchObject({ number: 2, phone: "+7903•••1111" });
});

test("a code that opens a session signs nothing, and one that signs opens no session", () => {
  expect(after(drafted(), sent(2, { purpose: "session" })).panel.sent).toBeNull();
  const view = viewAfter(...connected, happens(drafted()), happens(sent(2)));
  expect(view.passcode.sent).toBeNull();
  expect(view.passcode.repeatAt).toBe(NOON + 30_000); // the wait is one for both
});

test("a wrong code for a signature leaves the panel that opens a session alone", () => {
  const failed = event("attempt.failed", { means: 3, login: OWN, purpose: "document 00ff", left: 2 }, 3);
  const view = viewAfter(...connected, happens(drafted()), happens(sent(2)), happens(failed));
  expect(view.signing.panel).toMatchObject({ entry: "wrong", left: 2, spent: false });
  expect(view.passcode.entry).toBe("idle");
  expect(view.journal.toasts).toContain(3);
  const checking = viewAfter(
    ...connected,
    happens(drafted()),
    happens(sent(2)),
    { is: "codeEntered", purpose: "document" },
    happens(failed),
  );
  expect(checking.journal.toasts).not.toContain(3);
});

test("a newer draft takes the place of the older one, with nothing entered", () => {
  const signing = after(drafted(), sent(2), drafted({ id: 1030 }, 3));
  expect(signing.id).toBe(1030);
  expect(signing.panel.sent).toBeNull();
});

test("drafts of operators and of other logins are signed elsewhere", () => {
  expect(after(drafted({ loginId: 0, operator: "Анна Л." }))).toEqual(noSigning);
  expect(after(drafted({ loginId: 18 }))).toEqual(noSigning);
});

test("after a reload the code that was sent can still be entered", () => {
  const signing = signingAfterAnswer(noSigning, history(), OWN);
  expect(signing.id).toBe(1018);
  expect(signing.panel.sent).toEqual({
    number: 2,
    phone: "+7903•••1111",
    repeatAt: NOON + 20_000,
    expiresAt: NOON + 300_000,
  });
  expect(signing.panel.repeatAt).toBe(NOON + 20_000);
});

test("reading the history again keeps what has become of the code", () => {
  const wrong = event("attempt.failed", { means: 3, login: OWN, purpose: "document 00ff", left: 2 }, 3);
  const before = after(drafted(), sent(2), wrong);
  expect(signingAfterAnswer(before, history(), OWN).panel).toMatchObject({ entry: "wrong", left: 2 });
});

test("a signed or cancelled draft leaves no code behind", () => {
  expect(after(drafted(), sent(2), event("document.accepted", { id: 1018 }, 3)).panel.sent).toBeNull();
  const cancelled = event("document.cancelled", { id: 1018, end: "withdrawn", by: "" }, 3);
  expect(after(drafted(), sent(2), cancelled).panel.sent).toBeNull();
});

test("codes that went to the old number are good no longer once passwords go elsewhere", () => {
  const changed = event("phone.changed", { id: 7, phone: "+7903•••2222", quarantineUntil: null }, 3);
  expect(after(drafted(), sent(2), changed).panel.sent).toBeNull();
});

test("a block of SMS stops the signature too, an opened session does not", () => {
  const blocked = event("means.blocked", { means: 3, until: iso(NOON + 900_000) }, 3);
  expect(after(drafted(), sent(2), blocked).panel.blocked).toEqual({ until: NOON + 900_000 });
  expect(after(drafted(), sent(2), opened(3)).panel.sent).not.toBeNull();
});

test("another journal leaves nothing to sign", () => {
  const view = viewAfter(...connected, happens(drafted()), happens(sent(2)));
  const other = apply(view, { is: "otherJournal" });
  expect(other.signing).toEqual(noSigning);
  expect(other.documents.byId).toEqual({});
});
