// Resuming by number: each event is applied once and in order; a gap asks for what is missing.

import { place } from "../view/journal";
import type { Happening, Mode, Told } from "../view/told";
import type { Frame } from "./frames";
import type { Answer } from "./requests";

/** How much of the journal a reloaded page asks for again, to have it on the screen. */
const HISTORY = 200;
/** After a resync: less than the server replays at once. */
const AFTER_RESYNC = 900;

interface Deps {
  /** The number of the last event applied; 0 after a reload. */
  last(): number;
  /** The number that an earlier page has kept; null if none ever showed this client. */
  remembered(): number | null;
  ask(since: number): Promise<Answer<{ seq: number }>>;
  snapshots(): void;
  /** The kept number is of no use any more. */
  forget(): void;
  tell(h: Happening): void;
}

export class Resume {
  /** Why this terminal's login ended, once it was told. */
  loginClosed: string | null = null;
  private live = false;
  /** Nothing came yet: the first number may be later than asked, for the journal keeps events for a time only. */
  private first = true;
  private shown = 0;
  private asks = 0;
  private resynced = false;

  constructor(private readonly deps: Deps) {}

  /** A new connection is being opened. */
  begin(): void {
    this.live = false;
    this.first = true;
    this.resynced = false;
    this.loginClosed = null;
    this.asks++;
  }

  /** The server has said who we are. */
  start(): void {
    const last = this.deps.last();
    if (last > 0) {
      this.shown = last;
      this.from(last, false);
    } else {
      const remembered = this.deps.remembered();
      this.shown = remembered ?? 0;
      this.from(Math.max(0, this.shown - HISTORY), remembered === null);
    }
  }

  /** Tells a numbered event on, if it is the next one. */
  event(frame: Frame & { seq: number }, now: number): boolean {
    const where = place(frame.seq, this.deps.last());
    if (where === "old") return false;
    if (where === "gap" && !(this.first && !this.live)) {
      if (this.live) void this.ask(this.deps.last());
      return false;
    }
    this.first = false;
    const told = { name: frame.name, data: frame.data, seq: frame.seq, at: frame.at ?? now } as Told;
    if (told.name === "login.closed") this.loginClosed = told.data.reason;
    this.deps.tell({ is: "event", told, mode: this.mode(frame.seq) });
    return true;
  }

  /** The server will not replay so much: take the tail of the journal, and snapshots for the rest. */
  resync(seq: number): void {
    if (seq < this.shown) return this.startOver(seq);
    if (this.resynced) {
      this.asks++;
      this.deps.tell({ is: "resume", from: seq, newcomer: false });
      this.caughtUp(seq);
    } else {
      this.resynced = true;
      this.first = true;
      this.from(Math.max(this.deps.last(), seq - AFTER_RESYNC), this.shown === 0);
    }
    this.deps.snapshots();
  }

  private from(since: number, newcomer: boolean): void {
    this.deps.tell({ is: "resume", from: since, newcomer });
    void this.ask(since);
  }

  private async ask(since: number): Promise<void> {
    const number = ++this.asks;
    this.live = false;
    const answer = await this.deps.ask(since);
    if (number !== this.asks || !answer.ok) return;
    const { seq } = answer.result;
    if (seq < this.shown) return this.startOver(seq);
    const short = seq > this.deps.last();
    this.caughtUp(seq);
    if (short) this.deps.snapshots();
  }

  /** The journal is shorter than what was shown of it: it is another one, restored from a backup or begun anew. */
  private startOver(seq: number): void {
    this.deps.forget();
    this.shown = 0;
    this.first = true;
    this.deps.tell({ is: "otherJournal" });
    this.from(Math.max(0, seq - AFTER_RESYNC), true);
    this.deps.snapshots();
  }

  private caughtUp(seq: number): void {
    this.live = true;
    this.deps.tell({ is: "caughtUp", seq });
  }

  private mode(seq: number): Mode {
    if (this.live) return "live";
    return seq <= this.shown ? "history" : "missed";
  }
}
