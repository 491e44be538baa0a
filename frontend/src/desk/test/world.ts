// The desk on a fake world: a clock that is moved by hand, and one server behind the desks of two operators.

import type { Answer } from "../../link/requests";
import { iso, NOON } from "../../test/told";
import { apply } from "../apply";
import { Desk } from "../desk";
import type { Card, DeskCommands, Operator, PendingRow } from "../rows";
import { emptyDesk } from "../view";
import type { CommandName, DeskWorld, Params } from "../world";
import { anna, boris, card, documentRow, MINUTE } from "./rows";

export const CODE = "123456";
export const VOICE_WORD = "сирень";

/** One client, his waiting orders, and what operators asked: enough of a server for the page. */
export class FakeServer {
  at = NOON;
  client: Card = card();
  pending: PendingRow[] = [];
  checked = new Map<number, number>();
  asked: [string, CommandName, unknown][] = [];
  usedAt = NOON;
  reachable = true;
  /** The client was removed. */
  gone = false;
  private lastId = 11;

  answer(operator: Operator | null, cmd: CommandName, params: unknown): unknown {
    this.asked.push([operator?.login ?? "", cmd, params]);
    if (!operator) return no("not_operator");
    if (cmd !== "deskPending") this.usedAt = this.at;
    switch (cmd) {
      case "deskWho":
        return { operator, expiresAt: iso(this.at + 30 * MINUTE), serverTime: iso(this.at) };
      case "deskFind":
        return this.find((params as Params<"deskFind">).query);
      case "deskClient":
        return this.gone ? no("unknown_client") : this.card(operator);
      case "deskVerify":
        return this.verify(operator, params as Params<"deskVerify">);
      case "deskSubmit":
        return this.submit(operator, params as Params<"deskSubmit">);
      case "deskConfirm":
      case "deskDecline":
        return this.decide(operator, cmd, params as Params<"deskConfirm">);
      case "deskCloseSessions": {
        const logins = this.client.logins;
        this.client = { ...this.client, logins: logins.map(l => ({ ...l, session: null })) };
        return { closed: logins.filter(l => l.session).length };
      }
      case "deskPending":
        return { pending: this.pending.map(p => ({ ...p, own: p.document.operator === operator.name })) };
      default:
        return { success: true };
    }
  }

  /** How often a command was asked. */
  count(cmd: CommandName): number {
    return this.asked.filter(a => a[1] === cmd).length;
  }

  private find(query: string): unknown {
    const { code, kind, name, login } = this.client;
    const row = { code, kind, name, login, phone: "+7903•••1111" };
    const fits = `${code} ${name} ${login}`.toLowerCase().includes(query.toLowerCase());
    return { clients: fits ? [row] : [], more: false };
  }

  private card(operator: Operator): Card {
    const until = this.checked.get(operator.id) ?? 0;
    return {
      ...this.client,
      verifiedUntil: until > this.at ? iso(until) : null,
      drafts: this.pending.map(p => p.document),
      serverTime: iso(this.at),
    };
  }

  private verify(operator: Operator, said: Params<"deskVerify">): unknown {
    const { means } = this.client;
    const voice = means.find(m => m.safety_type_id === 6);
    if (voice?.status !== "ready") return no("voice_blocked");
    const success =
      said.voicePassword === VOICE_WORD && said.name === this.client.name && said.code === this.client.code;
    voice.attemptsLeft = success ? 3 : voice.attemptsLeft - 1;
    if (voice.attemptsLeft === 0) voice.status = "blocked";
    const until = this.at + 15 * MINUTE;
    if (success) this.checked.set(operator.id, until);
    return { success, attemptsLeft: voice.attemptsLeft, until: success ? iso(until) : null };
  }

  private submit(operator: Operator, { docId, data, reason }: Params<"deskSubmit">): unknown {
    if (reason === "") return no("reason_missing");
    if (data.phone?.startsWith("8")) return no("phone_needs_country");
    const change = { id: ++this.lastId, docId, data, reason, operator: operator.name };
    if (docId === 193) return { document: documentRow({ ...change, status: "accepted", expiresAt: null }) };
    if ((this.checked.get(operator.id) ?? 0) <= this.at) return no("not_identified");
    const document = documentRow({ ...change, expiresAt: iso(this.at + 15 * MINUTE) });
    this.pending = [{ client: this.client.code, name: this.client.name, document, own: false }];
    return { document };
  }

  private decide(operator: Operator, cmd: CommandName, { id }: Params<"deskConfirm">): unknown {
    const row = this.pending.find(p => p.document.id === id);
    if (!row) return no("unknown_document");
    if (cmd === "deskConfirm" && row.document.operator === operator.name) return no("self_confirmation");
    this.pending = this.pending.filter(p => p !== row);
    const status = cmd === "deskConfirm" ? ("accepted" as const) : ("cancelled" as const);
    return { document: { ...row.document, status, confirmedBy: operator.name } };
  }
}

/** What one browser of an operator sees of that server. */
export class FakeWorld implements DeskWorld {
  operator: Operator | null = null;
  private timers: { at: number; then: () => void }[] = [];

  constructor(readonly server = new FakeServer()) {}

  now = () => this.server.at;

  after = (ms: number, then: () => void) => {
    const timer = { at: this.server.at + ms, then };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(t => t !== timer);
    };
  };

  demoOperators = async () => [];

  call = async <K extends CommandName>(
    cmd: K,
    params: Params<K>,
  ): Promise<Answer<DeskCommands[K]["result"]>> => {
    if (!this.server.reachable) return refused("no_connection", true);
    if (cmd === "deskLogin") {
      const { login, code } = params as Params<"deskLogin">;
      if (code !== CODE) return refused("desk_login_failed", false);
      this.operator = login === "boris" ? boris : anna;
      this.server.usedAt = this.server.at;
    }
    if (cmd === "deskLogout" || this.server.at - this.server.usedAt >= 30 * MINUTE) this.operator = null;
    const body = this.server.answer(this.operator, cmd === "deskLogin" ? "deskWho" : cmd, params);
    if (body instanceof Error) return refused(body.message, false);
    return { ok: true, result: structuredClone(body) as DeskCommands[K]["result"] };
  };

  /** Lets time pass, timers go off in their order, and promises settle. */
  async pass(ms: number): Promise<void> {
    const until = this.server.at + ms;
    for (;;) {
      await settle();
      const next = this.timers.filter(t => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter(t => t !== next);
      this.server.at = Math.max(this.server.at, next.at);
      next.then();
    }
    this.server.at = Math.max(this.server.at, until);
    await settle();
  }
}

/** A desk with the view that it shows. */
export class Page {
  view = emptyDesk;
  readonly desk: Desk;

  constructor(readonly world = new FakeWorld()) {
    this.desk = new Desk(
      world,
      () => this.view,
      h => {
        this.view = apply(this.view, h);
      },
    );
  }

  get server(): FakeServer {
    return this.world.server;
  }

  async login(login = "anna"): Promise<this> {
    await this.desk.login(login, "a long password", CODE);
    await settle();
    return this;
  }

  async open(code = "100001"): Promise<this> {
    await this.desk.open(code);
    return this;
  }

  async verify(word = VOICE_WORD): Promise<this> {
    await this.desk.verify(this.server.client.name, this.server.client.code, word);
    return this;
  }
}

function no(reason: string): Error {
  return new Error(reason);
}

function refused(reason: string, lost: boolean): Answer<never> {
  return { ok: false, lost, refusal: { error: reason, errMsg: reason, code: 12, reason } };
}

export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
