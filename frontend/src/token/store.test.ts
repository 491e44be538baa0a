import { IDBFactory } from "fake-indexeddb";
import { expect, test, vi } from "vitest";
import { newKeys } from "./keys";
import { openStore, type TokenRecord } from "./store";

const some = new Uint8Array([1, 2, 3]);

async function record(tokenId: number, clientId = 100001): Promise<TokenRecord> {
  const keys = { D: await newKeys(crypto.subtle), R: await newKeys(crypto.subtle) };
  return { tokenId, clientId, ...keys, salt: some, iv: some, wrappedS: some, sPub: some };
}

test("a record comes back with keys that sign and cannot be taken out", async () => {
  const store = openStore(new IDBFactory());
  await store.put(await record(42));
  const { D, wrappedS } = (await store.get(42)) as TokenRecord;
  expect(wrappedS).toEqual(some);
  await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, D.privateKey, some);
  await expect(crypto.subtle.exportKey("pkcs8", D.privateKey)).rejects.toThrow();
});

test("tokens are found by their client", async () => {
  const store = openStore(new IDBFactory());
  for (const [token, client] of [
    [44, 100001],
    [42, 100001],
    [43, 100002],
  ] as const) {
    await store.put(await record(token, client));
  }
  expect(await store.tokensOf(100001)).toEqual([42, 44]);
  await store.forget(42);
  expect(await store.tokensOf(100001)).toEqual([44]);
  expect(await store.get(42)).toBeNull();
});

test("an update reads and writes in one strict transaction", async () => {
  const idb = new IDBFactory();
  const store = openStore(idb);
  await store.put(await record(42));
  const transaction = vi.spyOn((await database(idb)).constructor.prototype, "transaction");
  const RPend = await newKeys(crypto.subtle);
  await store.update(42, r => ({ ...r, RPend }));
  expect(transaction.mock.calls).toEqual([["tokens", "readwrite", { durability: "strict" }]]);
  expect((await store.get(42))?.RPend).toBeDefined();
  transaction.mockRestore();
});

test("an update of a token that was forgotten fails, and brings nothing back", async () => {
  const store = openStore(new IDBFactory());
  await expect(store.update(42, r => r)).rejects.toThrow("no longer keeps");
  expect(await store.tokensOf(100001)).toEqual([]);
});

test("a write has come back only when its transaction is complete", async () => {
  const idb = new IDBFactory();
  const store = openStore(idb);
  const put = vi.spyOn((await objectStore(idb)).constructor.prototype, "put").mockImplementation(function (
    this: IDBObjectStore,
  ) {
    this.transaction.abort();
    return {} as IDBRequest;
  });
  await expect(store.put(await record(42))).rejects.toThrow();
  put.mockRestore();
  expect(await store.get(42)).toBeNull();
});

async function database(idb: IDBFactory): Promise<IDBDatabase> {
  return new Promise(resolve => {
    const request = idb.open("vakhta.token", 1);
    request.onsuccess = () => {
      request.result.close();
      resolve(request.result);
    };
  });
}

/** One of any kind: its class is what the test changes. */
async function objectStore(idb: IDBFactory): Promise<IDBObjectStore> {
  return new Promise(resolve => {
    const request = idb.open("other", 1);
    request.onupgradeneeded = () => resolve(request.result.createObjectStore("any"));
    request.onsuccess = () => request.result.close();
  });
}
