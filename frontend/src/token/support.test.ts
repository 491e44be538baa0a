import { IDBFactory } from "fake-indexeddb";
import { expect, test, vi } from "vitest";
import { openStore } from "./store";
import { type Capabilities, support } from "./support";

const locks = {} as LockManager;
const whole = (): Capabilities => ({ subtle: crypto.subtle, locks, idb: new IDBFactory() });

test("a browser that has everything supports a token, and nothing of the trial is left", async () => {
  const browser = whole();
  expect(await support(browser)).toBe("ok");
  if (browser.idb) expect(await openStore(browser.idb).tokensOf(0)).toEqual([]);
});

test("a page that did not come over HTTPS has no cryptography", async () => {
  expect(await support({ ...whole(), subtle: undefined })).toBe("insecure");
});

test("without Web Locks two tabs cannot be kept apart", async () => {
  expect(await support({ ...whole(), locks: undefined })).toBe("locks");
});

test("without IndexedDB nothing is kept", async () => {
  expect(await support({ ...whole(), idb: undefined })).toBe("storage");
});

test("a browser that forbids the storage is noticed", async () => {
  const idb = new IDBFactory();
  vi.spyOn(idb, "open").mockImplementation(() => {
    throw new DOMException("forbidden", "SecurityError");
  });
  expect(await support({ ...whole(), idb })).toBe("storage");
});

test("a browser that stores values, but no keys, is noticed", async () => {
  const cannotClone = vi.spyOn(globalThis, "structuredClone").mockImplementation(() => {
    throw new DOMException("CryptoKey could not be cloned", "DataCloneError");
  });
  expect(await support(whole())).toBe("storage");
  cannotClone.mockRestore();
});
