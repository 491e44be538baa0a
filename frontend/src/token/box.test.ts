// Registration, opening and signing against a server that keeps the rules of the protocol's table.

import { expect, test, vi } from "vitest";
import { Box } from "./box";
import { Browser, PIN, WRONG } from "./test/browser";
import { CLIENT, LOGIN } from "./test/server";

test("a registration ends with a token that this browser keeps and the server knows", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  const generated = await tab.generate();
  expect(generated).toMatchObject({ is: "generated", tokenId: 42 });
  const kept = await tab.protect(PIN);
  if (kept.is !== "protected") throw new Error(kept.is);
  expect(kept.fingerprint).toMatch(/^[0-9A-F]{4}-[0-9A-F]{4}$/);
  expect(kept.data.sPub).toBe(generated.is === "generated" && generated.publicKey);
  expect(await tab.have(CLIENT)).toEqual([42]); // before the order is sent
  browser.server.connect(kept.data);
  expect(browser.token(42).state).toBe("active");
});

test("after it no key of the token can be taken out, and S is only a ciphertext", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const record = await browser.store.get(tokenId);
  expect(Object.keys(record ?? {}).sort()).toEqual(
    ["D", "R", "clientId", "iv", "sPub", "salt", "tokenId", "wrappedS"].sort(),
  );
  expect(record?.D.privateKey.extractable).toBe(false);
  expect(record?.R.privateKey.extractable).toBe(false);
});

test("a trivial PIN is refused before anything is sent; so is something that is none", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  await tab.generate();
  expect(await tab.protect("123456")).toEqual({ is: "badPin", trouble: "trivial" });
  expect(await tab.protect("12345")).toEqual({ is: "badPin", trouble: "digits" });
  expect(await tab.open(42, "12345")).toEqual({ is: "badPin", trouble: "digits" });
  expect(browser.sent.map(m => m.cmd)).toEqual(["webTokenBegin"]);
});

test("nothing is protected that was not generated, and nothing twice", async () => {
  const tab = new Browser().tab();
  expect(await tab.protect(PIN)).toEqual({ is: "absent" });
  await tab.generate();
  expect(await tab.protect(PIN)).toMatchObject({ is: "protected" });
  expect(await tab.protect(PIN)).toEqual({ is: "absent" });
});

test("the PIN may be chosen anew while the answer was lost for good", async () => {
  const browser = new Browser();
  const tab = browser.tab();
  await tab.generate();
  browser.fates = Array(6).fill("reply lost");
  expect(await tab.protect(PIN)).toMatchObject({ is: "lost" });
  expect(await tab.protect("591847")).toMatchObject({ is: "protected" });
  expect(browser.token(42).evaluations).toBe(2);
});

test("a beginning whose answer was lost is not begun again by itself", async () => {
  const browser = new Browser();
  browser.fates = ["reply lost"];
  const tab = browser.tab();
  expect(await tab.generate()).toMatchObject({ is: "lost" });
  expect(browser.count("webTokenBegin")).toBe(1);
  expect(await tab.generate()).toMatchObject({ is: "generated", tokenId: 43 });
});

test("the right PIN opens, and the ratchet turns on both sides", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const before = browser.token(tokenId).rPub;
  expect(await browser.tab().open(tokenId, PIN)).toEqual({ is: "opened", sessionId: 9001, failures: 0 });
  expect(browser.token(tokenId).rPub).not.toBe(before);
  expect(await inStep(browser, tokenId)).toBe(true);
  expect((await browser.store.get(tokenId))?.RPend).toBeUndefined();
  expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ is: "opened", sessionId: 9002 });
});

test("a wrong PIN tells what is left, leaves R right, and the opening after it tells of it", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const tab = browser.tab();
  expect(await tab.open(tokenId, WRONG)).toEqual({ is: "wrongPin", attemptsLeft: 4 });
  expect(await tab.open(tokenId, WRONG)).toEqual({ is: "wrongPin", attemptsLeft: 3 });
  expect(await inStep(browser, tokenId)).toBe(true);
  expect(await tab.open(tokenId, PIN)).toMatchObject({ is: "opened", failures: 2 });
});

test("a wrong PIN settles an opening whose end was unknown, in either direction", async () => {
  for (const fate of ["request lost", "reply lost"] as const) {
    const browser = new Browser();
    const tokenId = await browser.registered();
    const tab = browser.tab();
    browser.fates = ["arrives", "arrives", ...Array(6).fill(fate)];
    expect(await tab.open(tokenId, PIN)).toMatchObject({ is: "lost" });
    expect((await browser.store.get(tokenId))?.RPend).toBeDefined();
    expect(await tab.open(tokenId, WRONG)).toMatchObject({ is: "wrongPin" });
    expect((await browser.store.get(tokenId))?.RPend).toBeUndefined();
    expect(await inStep(browser, tokenId)).toBe(true);
    expect(await tab.open(tokenId, PIN)).toMatchObject({ is: "opened" });
  }
});

test.each(["request lost", "reply lost", "at a bad moment"] as const)(
  "a lost message is sent again, the same: %s",
  async fate => {
    for (let step = 0; step < 3; step++) {
      const browser = new Browser();
      const tokenId = await browser.registered();
      browser.sent.length = 0;
      browser.fates = [...Array(step).fill("arrives"), fate, fate];
      expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ is: "opened" });
      expect(browser.sent).toHaveLength(5);
      const [one, two, three] = browser.sent.slice(step);
      expect(two).toEqual(one);
      expect(three).toEqual(one);
      expect(browser.token(tokenId)).toMatchObject({ state: "active", attempts: 5, failures: 0 });
      expect(await inStep(browser, tokenId)).toBe(true);
    }
  },
);

test("a server that is away is not asked for ever", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  browser.sent.length = 0;
  browser.fates = Array(100).fill("request lost");
  expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ is: "lost" });
  expect(browser.sent).toHaveLength(6);
});

test("two tabs at once, with lost replies: one after the other, and nobody looks like a copy", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const tabs = [browser.tab(), browser.tab(), browser.tab()];
  browser.fates = ["reply lost", "arrives", "reply lost", "reply lost", "reply lost"];
  const said = await Promise.all(tabs.map((tab, i) => tab.open(tokenId, i === 1 ? WRONG : PIN)));
  expect(said.map(s => s.is)).toEqual(["opened", "wrongPin", "opened"]);
  expect(browser.token(tokenId).state).toBe("active");
  expect(await inStep(browser, tokenId)).toBe(true);
});

test("a copy of the device is refused after the original has opened, though it has the PIN; the original is told", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const copy = new Browser(browser.server);
  const record = await browser.store.get(tokenId);
  if (record) await copy.store.put(record);
  expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ is: "opened" });
  expect(await copy.tab().open(tokenId, PIN)).toMatchObject({
    is: "refused",
    refusal: { reason: "web_token_cloned" },
  });
  expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ refusal: { reason: "web_token_cloned" } });
});

test("a token that has ended is kept until it is forgotten in so many words", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const tab = browser.tab();
  for (const state of ["locked", "revoked", "clone_suspected"] as const) {
    browser.token(tokenId).state = state;
    expect(await tab.open(tokenId, PIN)).toMatchObject({ is: "refused" });
    expect(await tab.have(CLIENT)).toEqual([tokenId]);
  }
  await tab.forget(tokenId);
  expect(await tab.have(CLIENT)).toEqual([]);
  expect(await tab.open(tokenId, PIN)).toEqual({ is: "absent" });
});

test("orders are signed in the open session only, a cancellation with an empty id too", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const tab = browser.tab();
  const payload = '{"user_order_id":"7","comment":"Купить «Сбер»"}';
  expect(await tab.sign("7", payload, 9001)).toEqual({ is: "absent" });
  await tab.open(tokenId, PIN);
  const opened = { clientId: CLIENT, tokenId, loginId: LOGIN, sessionId: 9001 };
  for (const id of ["7", ""]) {
    const said = await tab.sign(id, payload, 9001);
    if (said.is !== "signed") throw new Error(said.is);
    expect(browser.server.verifiesOrder(opened, id, payload, said.sigS)).toBe(true);
    expect(browser.server.verifiesOrder(opened, `${id}1`, payload, said.sigS)).toBe(false);
  }
  expect(await tab.sign("7", payload, 9000)).toEqual({ is: "absent" });
});

test("S is given up with its session, and by nothing else", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const tab = browser.tab();
  await tab.open(tokenId, PIN);
  tab.drop(9000);
  await tab.open(tokenId, WRONG);
  expect(await tab.sign("7", "{}", 9001)).toMatchObject({ is: "signed" });
  tab.drop(9001);
  expect(await tab.sign("7", "{}", 9001)).toEqual({ is: "absent" });
  await tab.open(tokenId, PIN);
  tab.drop();
  expect(await tab.sign("7", "{}", 9002)).toEqual({ is: "absent" });
});

test("each private key signs its own messages", async () => {
  const browser = new Browser();
  const signed: [string, string][] = [];
  const subtle = new Proxy(crypto.subtle, {
    get: (target, name: keyof SubtleCrypto) =>
      name === "sign"
        ? (alg: never, key: CryptoKey, bytes: Uint8Array) => {
            const label = new TextDecoder().decode(bytes.subarray(4, 4 + (bytes[3] ?? 0)));
            signed.push([key.extractable ? "S, to be wrapped" : key.usages.join(), label]);
            return target.sign(alg, key, bytes as never);
          }
        : (target[name] as (...a: never[]) => unknown).bind(target),
  });
  const tab = new Box({ ...browser.world(), subtle });
  await tab.generate();
  const kept = await tab.protect(PIN);
  if (kept.is === "protected") browser.server.connect(kept.data);
  await tab.open(42, PIN);
  await tab.sign("7", "{}", 9001);
  expect(signed.map(([key, label]) => `${label} (${key})`)).toEqual([
    "WT1/evaluate-register (sign)",
    "WT1/register (S, to be wrapped)",
    "WT1/register (sign)",
    "WT1/evaluate-open (sign)",
    "WT1/evaluate-open (sign)",
    "WT1/open (sign)",
    "WT1/order (sign)",
  ]);
});

test("what the server says is taken only if it can be right", async () => {
  const browser = new Browser();
  const tokenId = await browser.registered();
  const liar = (field: string, lie: unknown) =>
    new Box({
      ...browser.world(),
      send: async (cmd, params) => {
        const answer = await browser.send(cmd, params);
        return answer.ok && field in answer.result
          ? { ok: true, result: { ...answer.result, [field]: lie } }
          : answer;
      },
    });
  const identity = "A".repeat(43);
  await expect(liar("challenge", "AAAA").open(tokenId, PIN)).rejects.toThrow("32 bytes");
  await expect(liar("e", identity).open(tokenId, PIN)).rejects.toThrow("identity");
  await expect(liar("matched", "pend").open(tokenId, PIN)).rejects.toThrow("ratchet key");
  await expect(liar("matched", "").open(tokenId, PIN)).rejects.toThrow("ratchet key");
  expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ is: "opened" });
});

test("a ciphertext that belongs to another token does not open, whatever the PIN", async () => {
  const browser = new Browser();
  const [one, two] = [await browser.registered(), await browser.registered()];
  const foreign = await browser.store.get(one);
  await browser.store.update(two, r => ({
    ...r,
    ...(foreign && { wrappedS: foreign.wrappedS, sPub: foreign.sPub }),
  }));
  expect(await browser.tab().open(two, PIN)).toMatchObject({ is: "wrongPin" });
});

test("the PIN goes nowhere: not to the server, not to the disk, not to the console", async () => {
  const spies = (["log", "warn", "error", "info", "debug"] as const).map(name => vi.spyOn(console, name));
  const browser = new Browser();
  const tokenId = await browser.registered();
  await browser.tab().open(tokenId, WRONG);
  await browser.tab().open(tokenId, PIN);
  const record = await browser.store.get(tokenId);
  const kept = Object.values(record ?? {}).map(v =>
    v instanceof Uint8Array ? Buffer.from(v).toString("latin1") : String(v),
  );
  const everything = JSON.stringify([browser.sent, kept]);
  for (const pin of [PIN, WRONG]) {
    const spellings = ["latin1", "hex", "base64url"] as const;
    for (const spelling of spellings) expect(everything).not.toContain(Buffer.from(pin).toString(spelling));
  }
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

/** Is R what the server has? */
async function inStep(browser: Browser, tokenId: number): Promise<boolean> {
  const record = await browser.store.get(tokenId);
  if (!record) return false;
  const raw = await crypto.subtle.exportKey("raw", record.R.publicKey);
  return Buffer.from(raw).toString("base64url") === browser.token(tokenId).rPub;
}
