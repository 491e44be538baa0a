// Every byte string that the WEB-token signs. The server makes the same: see session/testdata/webtoken-vectors.json.

import { type Bytes, enc, hex, utf8 } from "./bytes";

/** What every message but an order begins with: whose it is, and what it answers. */
export interface Header {
  clientId: number;
  tokenId: number;
  /** The public id of the login. */
  loginId: number;
  challenge: Bytes;
}

/** Which session an order belongs to. */
export interface Opened {
  clientId: number;
  tokenId: number;
  loginId: number;
  sessionId: number;
}

export interface PublicKeys {
  S: Bytes;
  D: Bytes;
  R: Bytes;
}

export type Label = "WT1/register" | "WT1/evaluate-register" | "WT1/evaluate-open" | "WT1/open" | "WT1/order";

export interface Message {
  label: Label;
  bytes: Bytes;
}

export function registerMessage(h: Header, keys: PublicKeys): Message {
  return message("WT1/register", ...headerFields(h), keys.S, keys.D, keys.R);
}

export function evaluateRegisterMessage(h: Header, b: Bytes): Message {
  return message("WT1/evaluate-register", ...headerFields(h), b);
}

export function evaluateOpenMessage(h: Header, b: Bytes): Message {
  return message("WT1/evaluate-open", ...headerFields(h), b);
}

/** dHash: SHA-256 of D's public key. */
export function openMessage(h: Header, rNext: Bytes, dHash: Bytes): Message {
  return message("WT1/open", ...headerFields(h), rNext, dHash);
}

/** userOrderId is empty for a cancellation, and the document's id for a non-trading order. */
export function orderMessage(o: Opened, userOrderId: string, payload: string): Message {
  return message("WT1/order", o.clientId, o.tokenId, o.loginId, o.sessionId, userOrderId, payload);
}

/** Binds the encrypted private key to its token: both the KEK's info and the additional data. */
export function kekInfo(clientId: number, tokenId: number, sPub: Bytes): Bytes {
  return enc("WT1/kek", clientId, tokenId, sPub);
}

/** What is blinded. */
export function oprfInput(tokenId: number, pin: string): Bytes {
  return utf8(`WT1|${tokenId}|${pin}`);
}

/** Told by the order form, the SMS and the history, as in «7F3A-91C2», so that people can compare. */
export async function fingerprint(subtle: SubtleCrypto, registration: Message): Promise<string> {
  const sum = new Uint8Array(await subtle.digest("SHA-256", registration.bytes));
  const text = hex(sum.subarray(0, 4)).toUpperCase();
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

function headerFields(h: Header): [number, number, number, Bytes] {
  return [h.clientId, h.tokenId, h.loginId, h.challenge];
}

function message(label: Label, ...fields: (string | number | Bytes)[]): Message {
  return { label, bytes: enc(label, ...fields) };
}
