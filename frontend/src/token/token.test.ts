// The page's side and the worker's, joined by a line that copies what passes as postMessage does.

import { expect, test } from "vitest";
import type { FromWorker, ToWorker } from "./relay";
import { serve } from "./serve";
import { Browser, PIN, WRONG } from "./test/browser";
import { CLIENT } from "./test/server";
import { createToken, type Host, type WorkerPort } from "./token";

/** Starts workers on the browser's disk, and hears what passes. */
class FakeHost implements Host {
  started = 0;
  persisted = 0;
  passed: (ToWorker | FromWorker)[] = [];
  worker: WorkerPort | null = null;

  constructor(readonly browser: Browser) {}

  support = async () => "ok" as const;

  persist(): void {
    this.persisted++;
  }

  startWorker(): WorkerPort {
    this.started++;
    let alive = true;
    const page: WorkerPort = {
      postMessage: m => deliver(m, () => inside.onmessage),
      onmessage: null,
      onerror: null,
      terminate: () => {
        alive = false;
      },
    };
    const inside: Parameters<typeof serve>[0] = {
      postMessage: m => deliver(m, () => page.onmessage),
      onmessage: null,
    };
    const deliver = <M extends ToWorker | FromWorker>(
      message: M,
      to: () => ((e: MessageEvent<M>) => void) | null,
    ) => {
      this.passed.push(message);
      const data = structuredClone(message);
      queueMicrotask(() => alive && to()?.({ data } as MessageEvent<M>));
    };
    serve(inside, this.browser.world());
    this.worker = page;
    return page;
  }
}

async function connected() {
  const browser = new Browser();
  const host = new FakeHost(browser);
  const token = createToken(browser.send, host);
  const tokenId = await browser.registered();
  return { browser, host, token, tokenId };
}

test("a token is registered, opened and signs, all through the worker", async () => {
  const browser = new Browser();
  const host = new FakeHost(browser);
  const token = createToken(browser.send, host);
  expect(host.started).toBe(0);
  expect(await token.generate()).toMatchObject({ is: "generated", tokenId: 42 });
  const kept = await token.protect(PIN);
  if (kept.is !== "protected") throw new Error(kept.is);
  browser.server.connect(kept.data);
  expect(await token.have(CLIENT)).toEqual([42]);
  expect(await token.open(42, WRONG)).toEqual({ is: "wrongPin", attemptsLeft: 4 });
  expect(await token.open(42, PIN)).toEqual({ is: "opened", sessionId: 9001, failures: 1 });
  expect(await token.sign("7", "{}", 9001)).toMatchObject({ is: "signed" });
  token.drop(9001);
  expect(await token.sign("7", "{}", 9001)).toEqual({ is: "absent" });
  expect(await token.forget(42)).toEqual({ is: "forgotten" });
  expect(await token.have(CLIENT)).toEqual([]);
  expect(host.started).toBe(1);
});

test("persistent storage is asked for when a token is made, and the answer is not waited for", async () => {
  const { token, host } = await connected();
  await token.generate();
  expect(host.persisted).toBe(1);
});

test("dropping what was never opened starts no worker", async () => {
  const { token, host } = await connected();
  token.drop();
  expect(host.started).toBe(0);
});

test("no key ever passes between the page and the worker, and the PIN only where it is entered", async () => {
  const { token, host, tokenId } = await connected();
  await token.open(tokenId, PIN);
  await token.sign("7", "{}", 9001);
  const holdsKey = (v: unknown): boolean =>
    v instanceof CryptoKey || (typeof v === "object" && v !== null && Object.values(v).some(holdsKey));
  expect(host.passed.length).toBeGreaterThan(8);
  expect(host.passed.filter(holdsKey)).toEqual([]);
  const withPin = host.passed.filter(m => JSON.stringify(m).includes(PIN));
  expect(withPin.map(m => m.is === "call" && m.call.do)).toEqual(["open"]);
});

test("a command that the page could not send is lost, and asked again", async () => {
  const { browser, host, tokenId } = await connected();
  let failures = 2;
  const token = createToken((cmd, params) => {
    if (failures-- > 0) return Promise.reject(new Error("offline"));
    return browser.send(cmd, params);
  }, host);
  expect(await token.open(tokenId, PIN)).toMatchObject({ is: "opened" });
});

test("what breaks is told without a word of what it was about", async () => {
  const { browser, tokenId } = await connected();
  const host = new FakeHost(browser);
  const world = browser.world();
  browser.world = () => ({
    ...world,
    store: {
      ...world.store,
      update: async () => {
        throw new DOMException(`no room for ${PIN}`, "QuotaExceededError");
      },
    },
  });
  const token = createToken(browser.send, host);
  expect(await token.open(tokenId, PIN)).toEqual({ is: "broken", why: "QuotaExceededError" });
});

test("a worker that fails breaks what was under way, and the next operation starts another one", async () => {
  const { token, host, tokenId } = await connected();
  const opening = token.open(tokenId, PIN);
  host.worker?.onerror?.(new Event("error") as ErrorEvent);
  expect(await opening).toMatchObject({ is: "broken" });
  expect(await token.open(tokenId, PIN)).toMatchObject({ is: "opened" });
  expect(host.started).toBe(2);
});

test("a worker that cannot be started at all is told of", async () => {
  const { browser, host } = await connected();
  host.startWorker = () => {
    throw new Error("blocked");
  };
  const token = createToken(browser.send, host);
  expect(await token.generate()).toMatchObject({ is: "broken" });
  expect(await token.have(CLIENT)).toEqual([]);
});
