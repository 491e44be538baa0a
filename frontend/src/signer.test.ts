import { expect, test } from "vitest";
import { Signer } from "./signer";
import { connected, sessionRow, viewAfter } from "./test/told";
import type { Signed } from "./token/said";
import type { Happening } from "./view/told";

const order = {
  instr_name: "SBER",
  action_id: 1,
  order_type_id: 1,
  qty: 10,
  limit_price: 0,
  expiration_id: 1,
  user_order_id: 77,
};
const session = (means: number): Happening => ({
  is: "sessions",
  rows: [sessionRow({ safety_type_id: means })],
  seq: 0,
});
const opened: Happening = { is: "pinAnswered", said: { is: "opened", sessionId: 9001, failures: 0 }, at: 0 };

function signer(said: Signed, ...happenings: Happening[]) {
  const asked: unknown[] = [];
  const told: Happening[] = [];
  const token = {
    sign: async (...args: unknown[]) => {
      asked.push(args);
      return said;
    },
  };
  const view = viewAfter(...connected, ...happenings);
  return {
    asked,
    told,
    signer: new Signer(
      token,
      () => view,
      h => told.push(h),
    ),
  };
}

const good: Signed = { is: "signed", sigS: "c2ln" };

test("in a session by SMS orders go out as they are", async () => {
  const s = signer(good, session(3));
  expect(await s.signer.order(order)).toEqual(order);
  expect(await s.signer.cancellation(5001)).toEqual({ order_id: 5001 });
  expect(s.asked).toEqual([]);
});

test("in a session by WEB-token the text goes out that was signed", async () => {
  const s = signer(good, opened, session(7));
  const payload = JSON.stringify(order);
  expect(await s.signer.order(order)).toEqual({ payload, sigS: "c2ln", user_order_id: 77 });
  expect(await s.signer.cancellation(5001)).toEqual({ payload: '{"order_id":5001}', sigS: "c2ln" });
  expect(s.asked).toEqual([
    ["77", payload, 9001],
    ["", '{"order_id":5001}', 9001],
  ]);
});

test("a page that does not hold the key signs nothing", async () => {
  const s = signer(good, session(7));
  expect(await s.signer.order(order)).toBeNull();
  expect(s.asked).toEqual([]);
});

test("when the worker has lost the key, the terminal knows it from then on", async () => {
  const s = signer({ is: "absent" }, opened, session(7));
  expect(await s.signer.order(order)).toBeNull();
  expect(s.told).toEqual([{ is: "keyDropped" }]);
});
