// Can this browser keep a WEB-token? Asked before one is made.

import { newKeys } from "./keys";
import { openStore } from "./store";

export type Support =
  | "ok"
  /** No WebCrypto: the page did not come over HTTPS. */
  | "insecure"
  /** No Web Locks: two tabs could not be kept apart. */
  | "locks"
  /** The browser keeps no keys: its storage is full or forbidden, or the window is private. */
  | "storage";

export interface Capabilities {
  subtle: SubtleCrypto | undefined;
  locks: LockManager | undefined;
  idb: IDBFactory | undefined;
}

/**
 * Tries what the token needs: a key that cannot be taken out is written, read back, and signs.
 *
 * What this cannot notice is a private window that keeps its storage in memory until it is closed. Chromium makes it look the
 * same on purpose: quota (10 GiB), persisted() and persist() were the same in both kinds of window when we measured, and
 * persist() is often refused in ordinary windows, so it says nothing. There the token is lost with the window. That costs
 * a registration, not security: the page says beforehand that a private window forgets.
 */
export async function support({ subtle, locks, idb }: Capabilities): Promise<Support> {
  if (!subtle) return "insecure";
  if (!locks) return "locks";
  if (!idb) return "storage";
  try {
    return (await keepsKeys(subtle, idb)) ? "ok" : "storage";
  } catch {
    return "storage";
  }
}

async function keepsKeys(subtle: SubtleCrypto, idb: IDBFactory): Promise<boolean> {
  const store = openStore(idb);
  const none = new Uint8Array();
  const tokenId = -Math.random(); // nobody's, nor another tab's trial
  const keys = await newKeys(subtle);
  await store.put({
    tokenId,
    clientId: 0,
    sPub: none,
    salt: none,
    iv: none,
    wrappedS: none,
    D: keys,
    R: keys,
  });
  const kept = await store.get(tokenId);
  await store.forget(tokenId);
  if (!kept) return false;
  const ecdsa = { name: "ECDSA", hash: "SHA-256" };
  const signature = await subtle.sign(ecdsa, kept.R.privateKey, none);
  return subtle.verify(ecdsa, keys.publicKey, signature, none);
}
