import { expect, test } from "vitest";
import { pinTrouble } from "./pin";

test.each(["048213", "112233", "123465", "900000", "121213"])("%s is a PIN", pin => {
  expect(pinTrouble(pin)).toBeNull();
});

test.each(["", "12345", "1234567", "12345a", " 48213", "٠٤٨٢١٣", "0482131\n"])(
  "«%s» is not six digits",
  pin => {
    expect(pinTrouble(pin)).toBe("digits");
  },
);

test.each([
  "777777",
  "123456",
  "456789",
  "567890",
  "890123",
  "987654",
  "321098",
  "121212",
  "707070",
  "123123",
  "007007",
])("%s is trivial", pin => {
  expect(pinTrouble(pin)).toBe("trivial");
});

test("of all PINs a thousand and some are refused", () => {
  let refused = 0;
  for (let n = 0; n < 1_000_000; n++) if (pinTrouble(String(n).padStart(6, "0"))) refused++;
  expect(refused).toBe(10 + 20 + 90 + 990); // one digit, runs, ababab, abcabc
});
