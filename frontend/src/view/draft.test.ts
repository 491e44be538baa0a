import { expect, test } from "vitest";
import { type Draft, orderFrom, problemOf, stepped, sumOf, typed } from "./draft";

const draft: Draft = { ticker: "SBER", side: "buy", kind: "limit", qty: "10", price: "300,12", lasts: "day" };

test("a comma and a dot mean the same, letters mean nothing", () => {
  expect(typed("300,12")).toBe(300.12);
  expect(typed("1 000.5")).toBe(1000.5);
  expect([typed("1e3"), typed("-1"), typed(""), typed("12a")]).toEqual([NaN, NaN, NaN, NaN]);
});

test("zero, fractions and words are no quantity", () => {
  for (const qty of ["0", "1,5", "-3", "ten", ""]) expect(problemOf({ ...draft, qty }, 0.01)).toBe("qty");
});

test("a price must be above zero and on the step", () => {
  expect(problemOf(draft, 0.01)).toBeNull();
  expect(problemOf({ ...draft, price: "300,125" }, 0.01)).toBe("price");
  expect(problemOf({ ...draft, price: "7000,3" }, 0.5)).toBe("price");
  expect(problemOf({ ...draft, price: "0" }, 0.01)).toBe("price");
  expect(problemOf({ ...draft, price: "0", kind: "market" }, 0.01)).toBeNull();
});

test("an order goes out in TRADERNET's terms", () => {
  expect(orderFrom(draft, 77)).toEqual({
    instr_name: "SBER",
    action_id: 1,
    order_type_id: 2,
    qty: 10,
    limit_price: 300.12,
    expiration_id: 1,
    user_order_id: 77,
  });
  expect(orderFrom({ ...draft, side: "sell", kind: "market", lasts: "gtc" }, 78)).toMatchObject({
    action_id: 3,
    order_type_id: 1,
    limit_price: 0,
    expiration_id: 3,
  });
});

test("the arrows go by whole steps and never below one", () => {
  expect(stepped("300,12", 0.01, 1)).toBe(300.13);
  expect(stepped("0.3", 0.1, -1)).toBe(0.2);
  expect(stepped("1", 1, -1)).toBe(1);
  expect(stepped("", 1, 1)).toBe(1);
});

test("the sum is exact at a limit and about at the market", () => {
  expect(sumOf(draft, 999)).toBeCloseTo(3001.2, 8);
  expect(sumOf({ ...draft, kind: "market" }, 300)).toBe(3000);
  expect(sumOf({ ...draft, qty: "" }, 300)).toBeNull();
});
