import { expect, test } from "vitest";
import { type Act, meansActs, missing, needsCheck, orderOf, phoneActs, protects, tokenActs } from "./acts";
import { card } from "./test/rows";

const [first, second] = card().phones;
if (!first || !second) throw new Error("the client has two phones");
const entry = { number: " +79054445566 ", primary: true, reason: "Сменил номер" };

test("a phone is registered, replaced, made primary and removed by the order 210", () => {
  const orders = ([{ is: "addPhone" }, ...phoneActs(second, [first, second])] as Act[]).map(a =>
    orderOf(a, entry),
  );
  expect(orders).toEqual([
    { docId: 210, data: { action: "add", phone: "+79054445566", primary: true } },
    { docId: 210, data: { action: "replace", phoneId: 8, phone: "+79054445566" } },
    { docId: 210, data: { action: "primary", phoneId: 8 } },
    { docId: 210, data: { action: "remove", phoneId: 8 } },
  ]);
});

test("the only phone is not removed, and the primary one is primary already", () => {
  expect(phoneActs(first, [first]).map(a => a.is)).toEqual(["replacePhone"]);
});

test("a means is restored when it does not work, disconnected when it can be", () => {
  const acts = (safety_type_id: number, status: "ready" | "none" | "blocked" | "disconnected") =>
    meansActs({ safety_type_id, status, attemptsLeft: 0, blockedUntil: null }).map(a => a.is);
  expect(acts(3, "ready")).toEqual(["disconnect"]);
  expect(acts(3, "blocked")).toEqual(["restore", "disconnect"]);
  expect(acts(3, "disconnected")).toEqual(["restore"]);
  expect(acts(4, "blocked")).toEqual(["restore"]);
  expect(acts(4, "ready")).toEqual([]);
  expect(acts(6, "none")).toEqual([]);
});

test("what protects takes effect at once, what grants needs the check", () => {
  const kinds = (acts: Act[]) => acts.map(a => [protects(a), needsCheck(a)]);
  expect(kinds([{ is: "disconnect", means: 3 }, { is: "closeSessions" }, ...tokenActs])).toEqual(
    Array(4).fill([true, false]),
  );
  expect(
    kinds([{ is: "addPhone" }, { is: "restore", means: 3 }, { is: "removePhone", phone: first }]),
  ).toEqual([
    [false, true],
    [false, true],
    [false, true],
  ]);
});

test("a number and a reason are asked for before the server is", () => {
  for (const number of [" ", "89054445566", "+7905"])
    expect(missing({ is: "addPhone" }, { ...entry, number }), number).toBe("number");
  expect(missing({ is: "addPhone" }, { ...entry, reason: " " })).toBe("reason");
  expect(missing({ is: "closeSessions" }, { ...entry, number: "" })).toBeNull();
});
