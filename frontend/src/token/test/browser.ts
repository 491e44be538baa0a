// A browser with one disk and several tabs, whose network loses what the test wants lost, and which can be killed at any step.

import { IDBFactory } from "fake-indexeddb";
import { lost } from "../../link/requests";
import { Box, type World } from "../box";
import type { Send } from "../commands";
import { openStore } from "../store";
import { FakeServer } from "./server";

export const PIN = "048213";
export const WRONG = "048214";

const notNow = {
  ok: false,
  lost: false,
  refusal: { error: "wait", errMsg: "wait", code: 2, reason: "too_early" },
} as const;

/** What becomes of the nth message from now. */
export type Fate = "arrives" | "request lost" | "reply lost" | "at a bad moment";

export class Browser {
  readonly sent: { cmd: string; params: unknown }[] = [];
  /** Of the next messages, in their order; the rest arrive. */
  fates: Fate[] = [];
  private readonly tails = new Map<string, Promise<unknown>>();

  constructor(
    readonly server = new FakeServer(),
    readonly idb = new IDBFactory(),
  ) {}

  get store() {
    return openStore(this.idb);
  }

  tab(): Box {
    return new Box(this.world());
  }

  world(): World {
    return {
      subtle: crypto.subtle,
      random: n => crypto.getRandomValues(new Uint8Array(n)),
      store: this.store,
      lock: (name, work) => this.lock(name, work),
      send: this.send,
      pause: async () => {},
    };
  }

  readonly send: Send = async (cmd, params) => {
    this.sent.push(structuredClone({ cmd, params }));
    const fate = this.fates.shift() ?? "arrives";
    if (fate === "request lost") return lost("no_connection");
    if (fate === "at a bad moment") return notNow;
    const answer = this.server.answer(cmd, structuredClone(params) as never);
    return fate === "reply lost" ? lost("no_answer") : answer;
  };

  /** First come, first served, as Web Locks are. */
  private lock<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.tails.get(name) ?? Promise.resolve()).then(work);
    this.tails.set(
      name,
      mine.catch(() => {}),
    );
    return mine;
  }

  /** Registers a token in a tab that is closed after it; its id. */
  async registered(pin = PIN): Promise<number> {
    const tab = this.tab();
    const generated = await tab.generate();
    const kept = await tab.protect(pin);
    if (generated.is !== "generated" || kept.is !== "protected") throw new Error("not registered");
    this.server.connect(kept.data);
    return generated.tokenId;
  }

  token(tokenId: number) {
    const t = this.server.tokens.get(tokenId);
    if (!t) throw new Error("the server has no such token");
    return t;
  }

  count(cmd: string): number {
    return this.sent.filter(m => m.cmd === cmd).length;
  }
}
