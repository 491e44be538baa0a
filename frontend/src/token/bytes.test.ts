import { expect, test } from "vitest";
import { enc, Fault, fromBase64url, hex, toBase64url, utf8 } from "./bytes";

test("fields are told apart by their lengths, an empty one too", () => {
  expect(hex(enc("ab", "c", 17))).toBe("000000026162" + "0000000163" + "000000023137");
  expect(enc("x", "ab", "")).not.toEqual(enc("x", "a", "b"));
  expect(hex(enc("x", ""))).toBe("0000000178" + "00000000");
});

test("a text is as long as its UTF-8", () => {
  expect(hex(enc("x", "ё"))).toBe("0000000178" + "00000002d191");
});

test("base64url comes back as it was, whatever the bytes", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => 255 - i * 7);
    expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    expect(fromBase64url(toBase64url(bytes), length)).toEqual(bytes);
  }
});

test.each([
  ["another length", toBase64url(utf8("abc")), 4],
  ["padding", "YQ==", 1],
  ["the other alphabet", "+/8", 2],
  ["bits that nobody reads", "YR", 1],
  ["a letter too many", "YWJjZ", 3],
  ["white space", "YWJj\n", 3],
  ["a number", 7, 3],
  ["nothing", undefined, 0],
])("base64url is refused with %s", (_, text, length) => {
  expect(() => fromBase64url(text, length)).toThrow(Fault);
});
