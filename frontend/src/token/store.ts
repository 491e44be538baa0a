// What the device keeps of a WEB-token: one record per token, in IndexedDB. A write that came back is on the disk: the server
// is told of a new key only when this device cannot forget it any more.

import { Fault } from "./bytes";
import type { Owner, WrappedKey } from "./keys";

export interface TokenRecord extends Owner, WrappedKey {
  D: CryptoKeyPair;
  /** As the server had it when it was asked last. */
  R: CryptoKeyPair;
  /** Of an opening whose end is unknown: it may be the server's by now. */
  RPend?: CryptoKeyPair;
}

export interface Store {
  get(tokenId: number): Promise<TokenRecord | null>;
  put(record: TokenRecord): Promise<void>;
  /** Reads, changes and writes in one transaction; the changed record. */
  update(tokenId: number, change: (record: TokenRecord) => TokenRecord): Promise<TokenRecord>;
  tokensOf(clientId: number): Promise<number[]>;
  forget(tokenId: number): Promise<void>;
}

const TOKENS = "tokens";
const BY_CLIENT = "client";

/** Opens the database for each use: a browser may close it behind our back, and an open one would block the next version. */
export function openStore(idb: IDBFactory, name = "vakhta.token"): Store {
  async function within<T>(mode: IDBTransactionMode, work: (tokens: IDBObjectStore) => () => T): Promise<T> {
    const db = await open(idb, name);
    try {
      const tx = db.transaction(TOKENS, mode, { durability: "strict" });
      const end = ended(tx);
      const result = work(tx.objectStore(TOKENS));
      await end;
      return result();
    } finally {
      db.close();
    }
  }

  return {
    get: tokenId =>
      within("readonly", tokens => {
        const found = tokens.get(tokenId);
        return () => (found.result as TokenRecord | undefined) ?? null;
      }),
    put: record =>
      within("readwrite", tokens => {
        tokens.put(record);
        return () => {};
      }),
    update: (tokenId, change) =>
      within("readwrite", tokens => {
        let changed: TokenRecord | null = null;
        const found = tokens.get(tokenId);
        found.onsuccess = () => {
          if (!found.result) return;
          changed = change(found.result as TokenRecord);
          tokens.put(changed);
        };
        return () => {
          if (!changed) throw new Fault("this browser no longer keeps the token");
          return changed;
        };
      }),
    tokensOf: clientId =>
      within("readonly", tokens => {
        const found = tokens.index(BY_CLIENT).getAllKeys(clientId);
        return () => found.result as number[];
      }),
    forget: tokenId =>
      within("readwrite", tokens => {
        tokens.delete(tokenId);
        return () => {};
      }),
  };
}

function open(idb: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = idb.open(name, 1);
    request.onupgradeneeded = () => {
      const tokens = request.result.createObjectStore(TOKENS, { keyPath: "tokenId" });
      tokens.createIndex(BY_CLIENT, "clientId");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Fault("another tab holds the store in an older version: close it"));
  });
}

/** `complete`, not the success of a request: only then is it durable. */
function ended(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Fault("the browser did not keep the token"));
  });
}
