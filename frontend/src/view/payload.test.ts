import { expect, test } from "vitest";
import { cancelPayload, documentPayload, orderPayload } from "./payload";

test("an order is signed as the JSON text of its parameters, its own id among them", () => {
  const order = {
    instr_name: "SBER",
    action_id: 1,
    order_type_id: 2,
    qty: 10,
    limit_price: 300.12,
    expiration_id: 1,
    user_order_id: 77,
  };
  expect(orderPayload(order)).toBe(
    '{"instr_name":"SBER","action_id":1,"order_type_id":2,"qty":10,"limit_price":300.12,"expiration_id":1,"user_order_id":77}',
  );
});

test("a cancellation names the order, and nothing else", () => {
  expect(cancelPayload(5001)).toBe('{"order_id":5001}');
});

test("a non-trading order is signed with the data that was submitted, the whole number in it", () => {
  expect(documentPayload(1018, 210, { action: "add", phone: "+79033333333", primary: false })).toBe(
    '{"id":1018,"docId":210,"data":{"action":"add","phone":"+79033333333","primary":false}}',
  );
});
