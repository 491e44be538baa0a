// Bytes as the protocol wants them: strict in what it reads, one way to write.

export type Bytes = Uint8Array<ArrayBuffer>;

/** Something that cannot be, told in a sentence that holds no secret. */
export class Fault extends Error {
  override readonly name = "Fault";
}

export const KEY = 65; // P-256, uncompressed
export const POINT = 32; // ristretto255
export const CHALLENGE = 32;

const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Joins a label and fields so that no two lists give the same bytes: each with its length before it, uint32, big-endian. */
export function enc(label: string, ...fields: (string | number | Bytes)[]): Bytes {
  return concat([label, ...fields].flatMap(f => framed(typeof f === "object" ? f : utf8(String(f)))));
}

function framed(field: Bytes): Bytes[] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, field.length);
  return [length, field];
}

function concat(parts: Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Takes the one right spelling of so many bytes, and no other. */
export function fromBase64url(text: unknown, length: number): Bytes {
  if (typeof text !== "string" || !/^[\w-]*$/.test(text) || text.length % 4 === 1) {
    throw new Fault("the server sent something that is not base64url");
  }
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
  if (bytes.length !== length || toBase64url(bytes) !== text) {
    throw new Fault(`the server sent something that is not ${length} bytes in base64url`);
  }
  return bytes;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, b => b.toString(16).padStart(2, "0")).join("");
}
