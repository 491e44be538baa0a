// A world with a clock that is moved by hand, sockets that the test plays, and a server that answers HTTP as told.

import { Connection } from "../connection";
import { Memory } from "../link/memory";
import type { Answer } from "../link/requests";
import type { Socket, World } from "../link/world";
import type { Framing } from "../orderdesk";
import { apply } from "../view/apply";
import type { Happening } from "../view/told";
import { emptyView, type View } from "../view/view";
import { demo, iso, NOON } from "./told";

class FakeSocket implements Socket {
  onmessage: ((text: string) => void) | null = null;
  onclose: ((code: number) => void) | null = null;
  readonly sent: [string, unknown?, string?][] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }
}

export class FakeWorld implements World {
  at = NOON;
  sockets: FakeSocket[] = [];
  beacons: unknown[] = [];
  http: Record<string, unknown> = { getSidInfo: { SID: "x", user_id: 1 } };
  device = "Chromium, Linux";
  readonly tab = new Map<string, string>();
  readonly browser = new Map<string, string>();
  memory = new Memory(drawer(this.tab), drawer(this.browser));
  private timers: { at: number; then: () => void }[] = [];

  now = () => this.at;
  random = () => 0.5;

  after = (ms: number, then: () => void) => {
    const timer = { at: this.at + ms, then };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(t => t !== timer);
    };
  };

  open = () => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };

  post = async (cmd: string) => {
    const body = this.http[cmd];
    if (body === undefined) return refused("no_connection", true);
    if (body instanceof Error) return refused(body.message, false);
    return { ok: true, result: body } as never;
  };

  beacon = (cmd: string, params: unknown) => {
    this.beacons.push([cmd, params]);
  };

  /** Lets time pass, timers go off in their order, and promises settle. */
  async pass(ms: number): Promise<void> {
    const until = this.at + ms;
    for (;;) {
      await settle();
      const next = this.timers.filter(t => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter(t => t !== next);
      this.at = next.at;
      next.then();
    }
    this.at = until;
    await settle();
  }
}

/** A terminal on a fake world, with the view it shows. */
export class Terminal {
  readonly world: FakeWorld;
  view: View = emptyView;
  readonly connection: Connection;

  constructor(world = new FakeWorld(), framing?: Framing) {
    this.world = world;
    this.connection = new Connection(
      world,
      ["SBER"],
      () => this.view,
      h => this.tell(h),
      framing,
    );
  }

  get socket(): FakeSocket {
    const socket = this.world.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  /** Logged in by the cookie, and greeted. */
  async start(user = demo): Promise<this> {
    await this.connection.start();
    this.hear("userData", user);
    await settle();
    return this;
  }

  hear(name: string, data: unknown, seq?: number, at = this.world.at): void {
    const tail = `wstm=${iso(at)}${seq === undefined ? "" : `&seq=${seq}`}`;
    this.socket.onmessage?.(JSON.stringify([name, data, tail]));
  }

  /** Answers the last request of that name. */
  async answer(name: string, result: unknown): Promise<void> {
    const id = this.socket.sent.findLast(f => f[0] === name)?.[2];
    if (id === undefined) throw new Error(`nobody asked for ${name}`);
    const error =
      result instanceof Error
        ? { error: result.message, errMsg: result.message, reason: result.message }
        : {};
    this.hear("reply", result instanceof Error ? { id, ...error } : { id, result });
    await settle();
  }

  async breakOff(code = 1006): Promise<void> {
    this.socket.onclose?.(code);
    await settle();
  }

  sent(name: string): unknown[] {
    return this.socket.sent.filter(f => f[0] === name).map(f => f[1]);
  }

  private tell(h: Happening): void {
    this.view = apply(this.view, h);
  }
}

function refused(reason: string, lost: boolean): Answer<never> {
  return { ok: false, lost, refusal: { error: reason, errMsg: reason, code: 12, reason } };
}

function drawer(kept: Map<string, string>) {
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
