// A tab may die at any moment, its last message may arrive much later, and the next opening must set things right: the honest
// client is never taken for a copy. Every await of an opening is a place to die.

import { expect, test } from "vitest";
import { lost } from "../link/requests";
import { Box, type World } from "./box";
import type { Send } from "./commands";
import { Browser, PIN, WRONG } from "./test/browser";

class Death extends Error {}

/** Lives for so many steps. What it did last has happened, but it never learns of it. */
class Mortal {
  done = 0;
  /** Its last act was a message; it is under way still, if late. */
  letter: (() => void) | null = null;

  constructor(
    private readonly browser: Browser,
    private readonly steps: number,
    private readonly late: boolean,
  ) {}

  box(): Box {
    const world = this.browser.world();
    const { get, put, update, tokensOf, forget } = world.store;
    return new Box({
      ...world,
      subtle: this.mortalSubtle(world.subtle),
      store: {
        get: id => this.step(() => get(id)),
        put: r => this.step(() => put(r)),
        update: (id, change) => this.step(() => update(id, change)),
        tokensOf,
        forget,
      },
      send: this.mortalSend(world),
    });
  }

  private async step<T>(work: () => Promise<T>): Promise<T> {
    if (this.done >= this.steps) throw new Death();
    const last = ++this.done === this.steps;
    const result = await work();
    if (last) throw new Death();
    return result;
  }

  private mortalSubtle(subtle: SubtleCrypto): SubtleCrypto {
    return new Proxy(subtle, {
      get: (target, name: keyof SubtleCrypto) => {
        const method = target[name] as (...a: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => this.step(() => method.apply(target, args));
      },
    });
  }

  private mortalSend(world: World): Send {
    return (cmd, params) => {
      if (!this.late || this.done !== this.steps - 1) return this.step(() => world.send(cmd, params));
      this.letter = () => void this.browser.server.answer(cmd, structuredClone(params) as never);
      return this.step(async () => lost("no_answer"));
    };
  }
}

type Before = "fresh" | "the last opening did not arrive" | "the last reply did not arrive";

async function registered(before: Before): Promise<[Browser, number]> {
  const browser = new Browser();
  const tokenId = await browser.registered();
  if (before !== "fresh") {
    const fate = before === "the last reply did not arrive" ? "reply lost" : "request lost";
    browser.fates = ["arrives", "arrives", ...Array(6).fill(fate)];
    await browser.tab().open(tokenId, PIN);
  }
  return [browser, tokenId];
}

/** Opens in a tab that dies after so many steps; null: it lived to the end. */
async function die(
  browser: Browser,
  tokenId: number,
  pin: string,
  steps: number,
  late: boolean,
): Promise<Mortal | null> {
  const mortal = new Mortal(browser, steps, late);
  try {
    await mortal.box().open(tokenId, pin);
  } catch (e) {
    if (!(e instanceof Death)) throw e;
  }
  return mortal.done < steps ? null : mortal;
}

const MESSAGES = 3;

test.each<[Before, string]>([
  ["fresh", PIN],
  ["fresh", WRONG],
  ["the last opening did not arrive", PIN],
  ["the last reply did not arrive", PIN],
])(
  "%s, then a tab dies after each await (PIN %s), and the next opening opens",
  async (before, pin) => {
    let steps = 1;
    for (; ; steps++) {
      const [browser, tokenId] = await registered(before);
      if (!(await die(browser, tokenId, pin, steps, false))) break;
      expect([steps, await browser.tab().open(tokenId, PIN)]).toMatchObject([steps, { is: "opened" }]);
      expect(browser.token(tokenId)).toMatchObject({ state: "active", attempts: 5 });
    }
    expect(steps).toBeGreaterThan(pin === PIN ? 15 : 8);
  },
  60_000,
);

test("a message of the dead tab arrives while another one opens, before or after any of its messages", async () => {
  let letters = 0;
  for (let steps = 1; ; steps++) {
    const [browser, tokenId] = await registered("fresh");
    const mortal = await die(browser, tokenId, PIN, steps, true);
    if (!mortal) break;
    if (!mortal.letter) continue;
    letters++;
    for (let at = 0; at <= MESSAGES; at++) await arrivesLate(steps, at);
  }
  expect(letters).toBe(MESSAGES);
}, 60_000);

async function arrivesLate(steps: number, at: number): Promise<void> {
  const [browser, tokenId] = await registered("fresh");
  const mortal = await die(browser, tokenId, PIN, steps, true);
  const { world, counted } = countedWorld(browser, n => n === at && mortal?.letter?.());
  const said = await new Box(world).open(tokenId, PIN);
  if (at >= counted()) mortal?.letter?.();
  // A late evaluation may supersede the challenge: then the PIN is to be entered again, and nothing worse.
  if (said.is !== "opened")
    expect(said).toMatchObject({ is: "refused", refusal: { reason: "web_token_challenge" } });
  expect(await browser.tab().open(tokenId, PIN)).toMatchObject({ is: "opened" });
  expect(browser.token(tokenId).state).toBe("active");
}

/** Tells before each message how many were sent. */
function countedWorld(
  browser: Browser,
  before: (n: number) => void,
): { world: World; counted: () => number } {
  const world = browser.world();
  let n = 0;
  const send: Send = (cmd, params) => {
    before(n++);
    return world.send(cmd, params);
  };
  return { world: { ...world, send }, counted: () => n };
}

test("many deaths in a row, with right and wrong PINs and letters that arrive at any time", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomly(seed);
    const [browser, tokenId] = await registered("fresh");
    let letters: (() => void)[] = [];
    for (let life = 0; life < 6; life++) {
      const mortal = await die(browser, tokenId, random(5) ? PIN : WRONG, 1 + random(30), random(2) === 0);
      if (mortal?.letter) letters.push(mortal.letter);
      if (random(2)) letters = letters.filter(letter => random(2) || letter());
      expect([seed, life, browser.token(tokenId).state]).toEqual([seed, life, "active"]);
      browser.token(tokenId).attempts = 5; // this is not about counting
    }
    for (const letter of letters) letter();
    expect([seed, await browser.tab().open(tokenId, PIN)]).toMatchObject([seed, { is: "opened" }]);
  }
}, 60_000);

/** Numbers from 0 to n−1, the same for the same seed. */
function randomly(seed: number): (n: number) => number {
  let state = seed * 2654435761;
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
