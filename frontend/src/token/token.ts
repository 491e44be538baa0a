// The WEB-token as the page sees it. Every operation comes to an end that is a value; none rejects.

import { lost } from "../link/requests";
import type { Send } from "./commands";
import type { Call, FromWorker, Port, ResultOf, ToWorker } from "./relay";
import type { Broken } from "./said";
import { type Support, support } from "./support";

type Result<D extends Call["do"]> = Promise<ResultOf<Extract<Call, { do: D }>>>;

export interface Token {
  /** Asked before a token is made. */
  support(): Promise<Support>;
  /** The tokens that this browser keeps of the client; whether one of them is active, the server knows. */
  have(clientId: number): Promise<number[]>;
  generate(): Result<"generate">;
  protect(pin: string): Result<"protect">;
  open(tokenId: number, pin: string): Result<"open">;
  /** userOrderId is empty for a cancellation, and the document's id for a non-trading order. */
  sign(userOrderId: string, payload: string, sessionId: number): Result<"sign">;
  /** That session is over; without one, the client has left. */
  drop(sessionId?: number): void;
  /** For ever: of a token that has ended. */
  forget(tokenId: number): Result<"forget">;
}

export interface WorkerPort extends Port<ToWorker, FromWorker> {
  /** The worker cannot be loaded or read, or has thrown. */
  onerror: ((e: ErrorEvent) => void) | null;
  terminate(): void;
}

/** What the page's side needs of the browser; tests bring another one. */
export interface Host {
  support(): Promise<Support>;
  /** Asks the browser not to clear the storage when the disk is short. It may ask the person, and may say no. */
  persist(): void;
  startWorker(): WorkerPort;
}

export function createToken(send: Send, host: Host = browserHost()): Token {
  const line = new Line(send, host);
  return {
    support: () => host.support(),
    have: async clientId => {
      const kept = await line.call({ do: "have", clientId });
      return kept.is === "kept" ? kept.tokenIds : [];
    },
    generate: () => {
      host.persist();
      return line.call({ do: "generate" });
    },
    protect: pin => line.call({ do: "protect", pin }),
    open: (tokenId, pin) => line.call({ do: "open", tokenId, pin }),
    sign: (userOrderId, payload, sessionId) => line.call({ do: "sign", userOrderId, payload, sessionId }),
    drop: sessionId => {
      if (line.isUp) void line.call({ do: "drop", sessionId });
    },
    forget: tokenId => line.call({ do: "forget", tokenId }),
  };
}

/** The line to the worker, which is started when it is needed first, and anew after it has failed. */
class Line {
  private worker: WorkerPort | null = null;
  private readonly waiting = new Map<number, (result: never) => void>();
  private last = 0;

  constructor(
    private readonly send: Send,
    private readonly host: Host,
  ) {}

  get isUp(): boolean {
    return this.worker !== null;
  }

  call<C extends Call>(call: C): Promise<ResultOf<C>> {
    return new Promise(resolve => {
      const id = ++this.last;
      this.waiting.set(id, resolve);
      try {
        this.worker ??= this.start();
        this.worker.postMessage({ is: "call", id, call });
      } catch {
        this.fail();
      }
    });
  }

  private start(): WorkerPort {
    const worker = this.host.startWorker();
    worker.onmessage = ({ data }) => void this.hear(worker, data);
    worker.onerror = () => this.fail();
    return worker;
  }

  private async hear(worker: WorkerPort, said: FromWorker): Promise<void> {
    switch (said.is) {
      case "result":
        this.waiting.get(said.id)?.(said.result as never);
        this.waiting.delete(said.id);
        return;
      case "send": {
        const answer = await this.send(said.cmd, said.params as never).catch(() => lost("no_connection"));
        worker.postMessage({ is: "answer", id: said.id, answer });
      }
    }
  }

  private fail(): void {
    this.worker?.terminate();
    this.worker = null;
    const broken: Broken = { is: "broken", why: "the worker that keeps the key has failed" };
    for (const resolve of this.waiting.values()) resolve(broken as never);
    this.waiting.clear();
  }
}

function browserHost(): Host {
  return {
    // A browser without one of these has it undefined, whatever the types say; one that forbids its storage may throw.
    support: async () => support({ subtle: crypto.subtle, locks: navigator.locks, idb: window.indexedDB }),
    persist: () => void navigator.storage?.persist?.().catch(() => {}),
    startWorker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "token" }),
  };
}
