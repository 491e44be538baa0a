// The keys of a WEB-token, all P-256. S signs for the client; D says which device it is; R is the ratchet, another one after
// each opening, so that a copy of the device becomes stale.

import type { Bytes } from "./bytes";
import { Fault, toBase64url } from "./bytes";
import { kekInfo, type Label, type Message } from "./messages";

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;

const SIGNS: Record<"S" | "D" | "R", readonly Label[]> = {
  S: ["WT1/register", "WT1/open", "WT1/order"],
  D: ["WT1/register", "WT1/evaluate-register", "WT1/evaluate-open"],
  R: ["WT1/evaluate-open"],
};

/** extractable is S only, and only until it is wrapped. */
export function newKeys(subtle: SubtleCrypto, extractable = false): Promise<CryptoKeyPair> {
  return subtle.generateKey(P256, extractable, ["sign", "verify"]);
}

export async function publicBytes(subtle: SubtleCrypto, keys: CryptoKeyPair): Promise<Bytes> {
  return new Uint8Array(await subtle.exportKey("raw", keys.publicKey));
}

/** A signature, r‖s, in base64url. Each key signs its own messages and no others. */
export async function sign(
  subtle: SubtleCrypto,
  as: keyof typeof SIGNS,
  key: CryptoKey,
  message: Message,
): Promise<string> {
  if (!SIGNS[as].includes(message.label)) throw new Fault(`${as} does not sign ${message.label}`);
  const signature = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message.bytes);
  return toBase64url(new Uint8Array(signature));
}

/** S as it lies on the device: encrypted under a key that needs the PIN and the server. */
export interface WrappedKey {
  salt: Bytes;
  iv: Bytes;
  wrappedS: Bytes;
}

/** Whose key it is; the ciphertext opens for no other. */
export interface Owner {
  clientId: number;
  tokenId: number;
  sPub: Bytes;
}

/** output: of the OPRF; it is wiped. */
export async function wrap(
  subtle: SubtleCrypto,
  random: (n: number) => Bytes,
  S: CryptoKey,
  output: Bytes,
  owner: Owner,
): Promise<WrappedKey> {
  const salt = random(32);
  const iv = random(12);
  const info = kekInfo(owner.clientId, owner.tokenId, owner.sPub);
  const kek = await deriveKek(subtle, output, salt, info, "wrapKey");
  const wrapped = await subtle.wrapKey("pkcs8", S, kek, { name: "AES-GCM", iv, additionalData: info });
  return { salt, iv, wrappedS: new Uint8Array(wrapped) };
}

/** Null: the PIN was wrong. The key signs and cannot be taken out. */
export async function unwrap(
  subtle: SubtleCrypto,
  wrapped: WrappedKey & Owner,
  output: Bytes,
): Promise<CryptoKey | null> {
  const { salt, iv, wrappedS } = wrapped;
  const info = kekInfo(wrapped.clientId, wrapped.tokenId, wrapped.sPub);
  const kek = await deriveKek(subtle, output, salt, info, "unwrapKey");
  const gcm = { name: "AES-GCM", iv, additionalData: info };
  try {
    return await subtle.unwrapKey("pkcs8", wrappedS, kek, gcm, P256, false, ["sign"]);
  } catch (e) {
    if (e instanceof DOMException && e.name === "OperationError") return null;
    throw e;
  }
}

async function deriveKek(
  subtle: SubtleCrypto,
  output: Bytes,
  salt: Bytes,
  info: Bytes,
  use: "wrapKey" | "unwrapKey",
): Promise<CryptoKey> {
  const secret = await subtle.importKey("raw", output, "HKDF", false, ["deriveKey"]);
  output.fill(0);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt, info };
  return subtle.deriveKey(hkdf, secret, { name: "AES-GCM", length: 256 }, false, [use]);
}
