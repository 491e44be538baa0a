// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import { tell, view } from "../app";
import { event, happens, orderRow } from "../test/told";
import { chooseLanguage } from "../ui";
import type { NewOrder } from "../view/ticket";
import type { Happening } from "../view/told";
import { emptyView } from "../view/view";
import { TicketState } from "./TicketState";

const order: NewOrder = {
  instr_name: "SBER",
  action_id: 1,
  order_type_id: 1,
  qty: 10,
  limit_price: 0,
  expiration_id: 1,
  user_order_id: 77,
};
const sending: Happening = { is: "orderSending", order, again: false };
const accepted = happens(event("order.accepted", { order: orderRow() }, 1));

function shown(...happenings: Happening[]): string {
  const root = document.createElement("div");
  act(() => render(<TicketState />, root));
  act(() => happenings.forEach(tell));
  return root.textContent ?? "";
}

beforeEach(() => {
  view.value = emptyView;
  chooseLanguage("ru");
});

test("nothing submitted, nothing said", () => {
  expect(shown()).toBe("");
});

test("an order under way says so, also when it is sent once more", () => {
  expect(shown(sending)).toContain("Отправляем поручение");
  expect(shown({ is: "orderSending", order, again: true })).toContain("под тем же номером");
});

test("an accepted order shows its number, and then what became of it, live", () => {
  expect(shown(sending, accepted)).toContain("Поручение № 5001 принято");
  const fill = event("order.filled", { order_id: 5001, exec_id: "1", qty: 10, price: 300.12, leaves: 0 }, 2);
  expect(shown(happens(fill))).toContain("SBER: куплено 10 по 300,12");
});

test("a refused order says why and what to do next", () => {
  const refusal = { error: "x", errMsg: "x", code: 12, reason: "no_security_session" };
  const text = shown(sending, { is: "orderRefused", id: 77, refusal });
  expect(text).toContain("Сессия безопасности не открыта.");
  expect(text).toContain("Откройте сессию");
});

test("an order that nobody answered waits for the client's word when the market has moved on", () => {
  const text = shown({ is: "orderUnsure", order });
  expect(text).toContain("Купить 10 SBER");
  expect(text).toContain("Отправить ещё раз");
  expect(text).toContain("Не отправлять");
});
