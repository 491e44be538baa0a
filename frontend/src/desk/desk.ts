// The one place where the desk asks the server. It tells the view what it hears and decides nothing about what is shown.

import { ServerClock } from "../link/clock";
import type { Answer } from "../link/requests";
import { instant } from "../view/figures";
import { type Act, type Entry, orderOf } from "./acts";
import type { Card, OnDuty, PendingRow, Refusal } from "./rows";
import type { Happening, Outcome } from "./told";
import { aboutClient, type DeskView, SHORTEST_QUERY } from "./view";
import {
  type CommandName,
  type DemoOperator,
  type DeskWorld,
  NOT_LOGGED_IN,
  type Params,
  type Result,
} from "./world";

/** How long the typing must rest before it is looked for: every search stands in the audit. */
const RESTS = 300;
const POLL_EVERY = 3_000;

export class Desk {
  readonly clock: ServerClock;
  private cancelSearch = () => {};
  private cancelPoll = () => {};
  private lastLook = 0;

  constructor(
    private readonly world: DeskWorld,
    private readonly view: () => DeskView,
    private readonly tell: (h: Happening) => void,
  ) {
    this.clock = new ServerClock(world.now);
  }

  /** Is an operator logged in here? */
  async start(): Promise<void> {
    const who = await this.world.call("deskWho", {});
    if (who.ok) return this.begin(who.result);
    if (!who.lost) return this.tell({ is: "signedOut", why: null });
    this.tell({ is: "lost" });
    this.cancelPoll = this.world.after(POLL_EVERY, () => void this.start());
  }

  async login(login: string, password: string, code: string): Promise<Refusal | null> {
    const answer = await this.world.call("deskLogin", { login, password, code });
    if (!answer.ok) return answer.refusal;
    this.begin(answer.result);
    return null;
  }

  demoOperators(): Promise<DemoOperator[]> {
    return this.world.demoOperators();
  }

  async logout(): Promise<void> {
    this.signOut("logout");
    await this.world.call("deskLogout", {});
  }

  typed(query: string): void {
    this.cancelSearch();
    this.tell({ is: "typed", query });
    if (query.trim().length >= SHORTEST_QUERY) {
      this.cancelSearch = this.world.after(RESTS, () => void this.find());
    }
  }

  async find(): Promise<void> {
    this.cancelSearch();
    const query = this.view().search.query.trim();
    if (query.length < SHORTEST_QUERY) return;
    this.tell({ is: "looking" });
    const answer = await this.ask("deskFind", { query });
    if (answer.ok) this.tell({ is: "found", query, ...answer.result });
    else this.tell({ is: "notFound", query, refusal: answer.refusal });
  }

  async open(code: string): Promise<void> {
    this.tell({ is: "opening", code });
    await this.refresh();
  }

  /** The card is asked for only when something has happened to it: every look at a client stands in the audit. */
  async refresh(): Promise<void> {
    const code = this.view().client?.code;
    if (code === undefined) return;
    const look = ++this.lastLook;
    const answer = await this.ask("deskClient", { client: code });
    if (look !== this.lastLook) return;
    if (answer.ok) this.tellCard(answer.result);
    else this.tell({ is: "noCard", code, refusal: answer.refusal });
  }

  async verify(name: string, code: string, voicePassword: string): Promise<void> {
    const client = this.view().client?.code;
    if (client === undefined) return;
    this.tell({ is: "checking" });
    const answer = await this.ask("deskVerify", { client, name, code, voicePassword });
    if (this.view().client?.code !== client) return;
    if (!answer.ok) return this.tell({ is: "notChecked", refusal: answer.refusal });
    const { success: right, attemptsLeft: left, until } = answer.result;
    this.tell({ is: "checked", right, left, until });
    await this.refresh();
  }

  /** The refusal, if it was not done. */
  async act(act: Act, entry: Entry): Promise<Refusal | null> {
    const client = this.view().client?.code;
    if (client === undefined) return null;
    const reason = entry.reason.trim();
    const order = orderOf(act, entry);
    if (act.is === "revokeToken") {
      const answer = await this.ask("deskRevokeToken", { client, reason });
      return this.settle(answer, () => ({ is: "revoked" }));
    }
    if (!order) {
      const answer = await this.ask("deskCloseSessions", { client, reason });
      return this.settle(answer, r => ({ is: "closed", sessions: r.closed }));
    }
    const answer = await this.ask("deskSubmit", { client, ...order, reason });
    return this.settle(answer, ({ document }) =>
      document.status === "drafted" ? { is: "waits", document } : { is: "done", document },
    );
  }

  async confirm({ client, document, name }: PendingRow): Promise<Refusal | null> {
    const answer = await this.ask("deskConfirm", { client, id: document.id });
    return this.settle(answer, r => ({ is: "confirmed", document: r.document, name }));
  }

  /** Declines another's order, or withdraws one's own. */
  async decline({ client, document, name, own }: PendingRow): Promise<Refusal | null> {
    const answer = await this.ask("deskDecline", { client, id: document.id });
    return this.settle(answer, r => ({ is: own ? "withdrawn" : "declined", document: r.document, name }));
  }

  private async settle<R>(answer: Answer<R>, outcome: (result: R) => Outcome): Promise<Refusal | null> {
    if (!answer.ok) return answer.refusal;
    this.tell({ is: "did", outcome: outcome(answer.result) });
    await this.poll(true);
    return null;
  }

  private begin(who: OnDuty): void {
    this.heardAt(who.serverTime);
    this.tell({ is: "onDuty", who });
    void this.poll(true);
    void this.find();
  }

  /**
   * Looks at the queue, then again in a while; at the card too if something is known to have changed. To the server
   * this is not being at work: an unused desk ends although it polls, and learns it here.
   */
  private async poll(changed = false): Promise<void> {
    this.cancelPoll();
    if (this.view().stage !== "desk") return;
    const answer = await this.ask("deskPending", {});
    const news = answer.ok && this.tellPending(answer.result.pending);
    if (this.view().stage !== "desk") return;
    this.cancelPoll();
    this.cancelPoll = this.world.after(POLL_EVERY, () => void this.poll());
    if (changed || news) await this.refresh();
  }

  /** A change of what waits for the client on the screen means that another operator has done something to him. */
  private tellPending(rows: PendingRow[]): boolean {
    const waiting = () => String(aboutClient(this.view()).map(p => p.document.id));
    const before = waiting();
    this.tell({ is: "pending", rows });
    return waiting() !== before;
  }

  private tellCard(card: Card): void {
    this.heardAt(card.serverTime);
    this.tell({ is: "card", card });
  }

  private heardAt(serverTime: string): void {
    const at = instant(serverTime);
    if (at !== null) this.clock.heard(at);
  }

  private signOut(why: "logout" | "idle"): void {
    this.cancelPoll();
    this.cancelSearch();
    this.tell({ is: "signedOut", why });
  }

  private async ask<K extends CommandName>(cmd: K, params: Params<K>): Promise<Answer<Result<K>>> {
    const answer = await this.world.call(cmd, params);
    if (this.view().stage !== "desk") return answer;
    if (!answer.ok && answer.refusal.reason === NOT_LOGGED_IN) this.signOut("idle");
    else if (!answer.ok && answer.lost) this.tell({ is: "lost" });
    else if (this.view().lost) this.tell({ is: "heard" });
    return answer;
  }
}
