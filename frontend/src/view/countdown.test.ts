import { expect, test } from "vitest";
import { clockFace, shortFace, timeLeft, urgency } from "./countdown";

const MINUTE = 60_000;

test("five hours after an order show as 5:00:00, a moment later as 4:59:59", () => {
  expect(clockFace(5 * 60 * MINUTE)).toBe("5:00:00");
  expect(clockFace(5 * 60 * MINUTE - 1)).toBe("4:59:59");
  expect(clockFace(0)).toBe("0:00:00");
});

test("what is left is read off the deadline, however late one looks", () => {
  expect(timeLeft(10_000, 4_000)).toBe(6_000);
  expect(timeLeft(10_000, 99_000)).toBe(0);
});

test("a wait shows its begun second whole", () => {
  expect(shortFace(29_001)).toBe("0:30");
  expect(shortFace(15 * MINUTE)).toBe("15:00");
  expect(shortFace(90 * MINUTE)).toBe("1:30:00");
});

test("the colours change at 15, 5 and 1 minutes", () => {
  expect([16, 15, 5, 1].map(m => urgency(m * MINUTE))).toEqual(["calm", "soon", "near", "last"]);
});
