// Every request has an id and gets an answer, if only "no answer".

import type { Commands, Refusal } from "../wire";

export type Answer<R> =
  | { ok: true; result: R }
  /** lost: nobody knows what became of it. */
  | { ok: false; lost: boolean; refusal: Refusal };

export type CommandName = keyof Commands;
/** The parameters, or the text of them that a WEB-token has signed. */
export type Params<K extends CommandName> =
  | Commands[K]["params"]
  | (Commands[K] extends { signed: infer S } ? S : never);
export type Result<K extends CommandName> = Commands[K]["result"];

interface Waiting {
  resolve: (answer: Answer<unknown>) => void;
  stopTimer: () => void;
}

export class Requests {
  private readonly waiting = new Map<string, Waiting>();
  private last = 0;

  constructor(private readonly after: (ms: number, then: () => void) => () => void) {}

  /** A fresh id, and the promise of its answer. */
  expect<R>(timeout: number): { id: string; answer: Promise<Answer<R>> } {
    const id = `c${++this.last}`;
    const answer = new Promise<Answer<R>>(resolve => {
      const stopTimer = this.after(timeout, () => this.settle(id, lost("no_answer")));
      this.waiting.set(id, { resolve: a => resolve(a as Answer<R>), stopTimer });
    });
    return { id, answer };
  }

  /** The data of a `reply` frame. */
  reply(data: unknown): void {
    const { id, result, ...rest } = data as { id?: unknown; result?: unknown };
    if (typeof id !== "string") return;
    if ("error" in rest || "errMsg" in rest) {
      this.settle(id, { ok: false, lost: false, refusal: rest as Refusal });
    } else {
      this.settle(id, { ok: true, result });
    }
  }

  /** The connection is gone: nobody will answer. */
  loseAll(): void {
    for (const id of [...this.waiting.keys()]) this.settle(id, lost("no_connection"));
  }

  private settle(id: string, answer: Answer<unknown>): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    waiting.stopTimer();
    waiting.resolve(answer);
  }
}

export function lost(reason: "no_answer" | "no_connection"): Answer<never> {
  const error = reason === "no_answer" ? "the server did not answer in time" : "no connection to the server";
  return { ok: false, lost: true, refusal: ownRefusal(reason, error) };
}

/** What the terminal itself refuses, in the shape of the server's. */
export function ownRefusal(reason: string, error = reason): Refusal {
  return { error, errMsg: error, code: 0, reason };
}
