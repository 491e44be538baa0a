import { expect, test } from "vitest";
import { iso, NOON } from "../test/told";
import { apply } from "./apply";
import { anna, card, MINUTE, onDuty, pendingRow } from "./test/rows";
import type { Happening } from "./told";
import { aboutClient, type DeskView, emptyDesk, forMe, step } from "./view";

const found = (...names: string[]): Happening => ({
  is: "found",
  query: "дем",
  clients: names.map((name, i) => ({ code: `10000${i}`, kind: "person", name, login: "x", phone: "" })),
  more: false,
});

function after(...happenings: Happening[]): DeskView {
  return happenings.reduce(apply, emptyDesk);
}

const working: Happening[] = [{ is: "onDuty", who: onDuty() }];
const opened: Happening[] = [...working, { is: "opening", code: "100001" }, { is: "card", card: card() }];
const asks = (act: Extract<Happening, { is: "asked" }>["dialog"]): Happening => ({
  is: "asked",
  dialog: act,
  at: NOON,
});
const checked = { is: "checked", right: true, left: 3, until: iso(NOON + 15 * MINUTE) } as const;

test("a query that is too short takes the list away", () => {
  const view = after(...working, { is: "typed", query: "дем" }, found("Демидов"), {
    is: "typed",
    query: "де",
  });
  expect(view.search).toMatchObject({ query: "де", found: [], by: null });
});

test("arrows go round the list", () => {
  const { search } = after(...working, { is: "typed", query: "дем" }, found("Демидов", "Демин", "Демченко"));
  expect(step(search, 1)).toBe(1);
  expect(step(search, -1)).toBe(2);
  expect(step({ ...search, at: 2 }, 1)).toBe(0);
  expect(step({ ...search, found: [] }, 1)).toBe(0);
});

test("the card of a client who is no longer on the screen is not shown", () => {
  const view = after(...working, { is: "opening", code: "100002" }, { is: "card", card: card() });
  expect(view.client).toMatchObject({ code: "100002", card: null });
});

test("what grants asks for the check first, and goes on after it", () => {
  const wanted = after(...opened, asks({ is: "act", act: { is: "addPhone" } }));
  expect(wanted.dialog).toBeNull();
  expect(wanted.client?.check.before).toEqual({ is: "addPhone" });
  const done = [{ is: "checking" } as const, checked].reduce<DeskView>(apply, wanted);
  expect(done.dialog).toEqual({ is: "act", act: { is: "addPhone" } });
  expect(done.client?.check.before).toBeNull();
});

test("asking for something clears what was wrong before, and a wrong check keeps what was asked for", () => {
  const wrong: Happening = { is: "checked", right: false, left: 2, until: null };
  const view = after(...opened, wrong, asks({ is: "act", act: { is: "addPhone" } }));
  expect(view.client?.check).toMatchObject({ is: "asking", before: { is: "addPhone" } });
  expect(apply(view, wrong).client?.check).toMatchObject({ is: "wrong", before: { is: "addPhone" } });
});

test("what was checked a quarter of an hour ago must be checked again", () => {
  const view = after(...opened, checked);
  const late = apply(view, {
    is: "asked",
    dialog: { is: "act", act: { is: "addPhone" } },
    at: NOON + 15 * MINUTE,
  });
  expect(late.dialog).toBeNull();
});

test("what protects needs no check, nor does a blocked voice password", () => {
  const acts = [
    { is: "disconnect", means: 3 },
    { is: "closeSessions" },
    { is: "restore", means: 6 },
  ] as const;
  for (const act of acts)
    expect(after(...opened, asks({ is: "act", act })).dialog).toEqual({ is: "act", act });
});

test("a wrong check does not end one that was right", () => {
  const wrong: Happening = { is: "checked", right: false, left: 2, until: null };
  expect(after(...opened, checked, wrong).client?.card?.verifiedUntil).toBe(checked.until);
});

test("only the orders of others wait for me", () => {
  const view = after(...opened, {
    is: "pending",
    rows: [pendingRow(true), { ...pendingRow(false, { id: 13 }), client: "100002" }],
  });
  expect(forMe(view).map(p => p.document.id)).toEqual([13]);
  expect(aboutClient(view).map(p => p.document.id)).toEqual([12]);
});

test("an idle logout keeps what was searched for and forgets what was found", () => {
  const view = after(...opened, { is: "typed", query: "демидов" }, { is: "signedOut", why: "idle" });
  expect(view).toMatchObject({ stage: "signedOut", operator: anna, search: { query: "демидов", found: [] } });
  expect(JSON.stringify(view)).not.toContain("Демидов Пётр");
});

test("another client starts without the last outcome and without an open dialog", () => {
  const view = after(
    ...opened,
    asks({ is: "act", act: { is: "closeSessions" } }),
    { is: "did", outcome: { is: "closed", sessions: 1 } },
    { is: "opening", code: "100002" },
  );
  expect(view).toMatchObject({ outcome: null, dialog: null, client: { code: "100002" } });
});
