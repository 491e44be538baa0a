import { expect, test } from "vitest";
import { readPhone, spaced } from "./phonenumber";

const whole = (text: string) => {
  const typed = readPhone(text);
  return typed.is === "whole" ? typed.number : typed.is;
};
const meant = (text: string) => {
  const typed = readPhone(text);
  return typed.is === "needsCountry" ? typed.meant : typed.is;
};

test("spaces, brackets, dashes and what address books add do not matter", () => {
  expect(whole("+7 (903) 111-11-11")).toBe("+79031111111");
  expect(whole("+7\u00a0903–111–11–11")).toBe("+79031111111");
  expect(whole("\u202a+44 7700 900123\u202c")).toBe("+447700900123");
});

test("00 stands for the plus", () => {
  expect(whole("00 49 151 23456789")).toBe("+4915123456789");
});

test("digits of any script are digits", () => {
  expect(whole("+٧٩٠٣١١١١١١١")).toBe("+79031111111");
  expect(whole("＋７９０３１１１１１１１")).toBe("+79031111111");
});

test("a number written as inside Russia is offered from its country code", () => {
  for (const text of ["8 903 111-11-11", "89031111111", "903 111 11 11", "79031111111", "+8 903 111 11 11"])
    expect(meant(text), text).toBe("+79031111111");
});

test("a foreign number without its plus is offered with it, a short one is not guessed", () => {
  expect(meant("447700900123")).toBe("+447700900123");
  expect(meant("111-11-11")).toBeNull();
});

test("what cannot be a number says why", () => {
  expect(readPhone("").is).toBe("empty");
  expect(readPhone("+").is).toBe("empty");
  expect(readPhone("+7903").is).toBe("short");
  expect(readPhone("+7903111111122334").is).toBe("long");
  expect(readPhone("+7 903 call me").is).toBe("strange");
  expect(readPhone("++79031111111").is).toBe("strange");
});

test("a Russian number is shown in groups", () => {
  expect(spaced("+79031111111")).toBe("+7 903 111-11-11");
  expect(spaced("+4915123456789")).toBe("+4915123456789");
});
