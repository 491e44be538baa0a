// The Go side reads the same two files.

import { readFileSync } from "node:fs";
import { ristretto255, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { type Bytes, enc, Fault, hex, utf8 } from "./bytes";
import {
  evaluateOpenMessage,
  evaluateRegisterMessage,
  fingerprint,
  kekInfo,
  type Message,
  openMessage,
  oprfInput,
  orderMessage,
  registerMessage,
} from "./messages";
import { blind } from "./oprf";
import { verifies } from "./test/server";

const rfc: {
  seed: string;
  keyInfo: string;
  skSm: string;
  vectors: Record<"input" | "blind" | "blindedElement" | "evaluationElement" | "output", string>[];
} = read("rfc9497.json");

interface Vector {
  is: "message" | "oprf input";
  name: string;
  label: string;
  fields: string[];
  bytes: string;
  sha256: string;
  fingerprint?: string;
  by?: "S" | "D" | "R";
  publicKey?: string;
  signature?: string;
}

const vectors: Vector[] = read("webtoken-vectors.json");
const messages = vectors.filter(v => v.is === "message");

test.each(rfc.vectors)("RFC 9497: input $input is blinded, evaluated and finalized", v => {
  const { oprf } = ristretto255_oprf;
  expect(hex(oprf.deriveKeyPair(bytes(rfc.seed), bytes(rfc.keyInfo)).secretKey)).toBe(rfc.skSm);
  const blinded = blind(bytes(v.input), () => randomnessFor(v.blind));
  expect(hex(blinded.b)).toBe(v.blindedElement);
  const e = oprf.blindEvaluate(bytes(rfc.skSm), blinded.b);
  expect(hex(e)).toBe(v.evaluationElement);
  expect(hex(blinded.finalize(new Uint8Array(e)))).toBe(v.output);
});

test("the same input is blinded differently each time, and gives the same output", () => {
  const output = () => {
    const { b, finalize } = blind(utf8("WT1|42|048213"));
    const e = new Uint8Array(ristretto255_oprf.oprf.blindEvaluate(bytes(rfc.skSm), b));
    return { b: hex(b), output: hex(finalize(e)) };
  };
  const [one, two] = [output(), output()];
  expect(one.b).not.toBe(two.b);
  expect(one.output).toBe(two.output);
});

test.each([
  ["the identity", new Uint8Array(32)],
  ["no canonical encoding", new Uint8Array(32).fill(255)],
  ["no point", Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))],
  ["a point too short", new Uint8Array(ristretto255.Point.BASE.toBytes()).subarray(0, 31)],
])("an answer that is %s is refused", (_, e) => {
  expect(() => blind(utf8("WT1|42|048213")).finalize(e)).toThrow(Fault);
});

test.each(messages)("$name: the bytes are the shared ones", async v => {
  const fields = v.fields.map(bytes);
  expect(hex(enc(v.label, ...fields))).toBe(v.bytes);
  expect(hex(made(v.label, fields))).toBe(v.bytes);
  expect(hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(v.bytes))))).toBe(v.sha256);
});

test.each(messages.filter(v => v.by))("$name: the signature is good", async v => {
  const { publicKey = "", signature = "", bytes: signed } = v;
  expect(verifies(bytes(publicKey), bytes(signed), bytes(signature))).toBe(true);
  const p256 = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", bytes(publicKey), p256, false, ["verify"]);
  const ecdsa = { name: "ECDSA", hash: "SHA-256" };
  expect(await crypto.subtle.verify(ecdsa, key, bytes(signature), bytes(signed))).toBe(true);
});

test("the registration's fingerprint is for people", async () => {
  const registration = messages.find(v => v.fingerprint);
  expect(registration?.fingerprint).toMatch(/^[0-9A-F]{4}-[0-9A-F]{4}$/);
  const message: Message = { label: "WT1/register", bytes: bytes(registration?.bytes ?? "") };
  expect(await fingerprint(crypto.subtle, message)).toBe(registration?.fingerprint);
});

test("what is blinded is the shared text", () => {
  const v = vectors.find(v => v.is === "oprf input");
  const [tokenId, pin] = (v?.fields ?? []).map(f => text(bytes(f)));
  expect(hex(oprfInput(Number(tokenId), String(pin)))).toBe(v?.bytes);
});

test("the vectors have an empty field, a Cyrillic payload and every label", () => {
  expect(messages.some(v => v.fields.includes(""))).toBe(true);
  expect(messages.some(v => /[А-я]/.test(text(bytes(v.fields.at(-1) ?? ""))))).toBe(true);
  const labels = ["register", "evaluate-register", "evaluate-open", "open", "order", "kek"];
  expect(new Set(messages.map(v => v.label))).toEqual(new Set(labels.map(l => `WT1/${l}`)));
});

/** The same message by the function that the browser uses. */
function made(label: string, fields: Bytes[]): Bytes {
  const raw = (i: number) => fields[i] ?? new Uint8Array();
  const id = (i: number) => Number(text(raw(i)));
  const header = { clientId: id(0), tokenId: id(1), loginId: id(2), challenge: raw(3) };
  const opened = { clientId: id(0), tokenId: id(1), loginId: id(2), sessionId: id(3) };
  switch (label) {
    case "WT1/register":
      return registerMessage(header, { S: raw(4), D: raw(5), R: raw(6) }).bytes;
    case "WT1/evaluate-register":
      return evaluateRegisterMessage(header, raw(4)).bytes;
    case "WT1/evaluate-open":
      return evaluateOpenMessage(header, raw(4)).bytes;
    case "WT1/open":
      return openMessage(header, raw(4), raw(5)).bytes;
    case "WT1/order":
      return orderMessage(opened, text(raw(4)), text(raw(5))).bytes;
    case "WT1/kek":
      return kekInfo(id(0), id(1), raw(2));
    default:
      throw new Error(`no such message: ${label}`);
  }
}

/** What the library makes that scalar of: it reduces 48 bytes, little-endian, to 1…n−1. */
function randomnessFor(scalar: string): Bytes {
  const less = BigInt(`0x${hex(bytes(scalar).reverse())}`) - 1n;
  return bytes(less.toString(16).padStart(96, "0")).reverse();
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../session/testdata/${name}`, import.meta.url), "utf8"));
}

function bytes(hexText: string): Bytes {
  return Uint8Array.from(hexText.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
}

function text(raw: Bytes): string {
  return new TextDecoder().decode(raw);
}
