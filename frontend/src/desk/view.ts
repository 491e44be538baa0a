// What the desk shows. One value; components draw it.

import { timeLeft } from "../view/countdown";
import { instant } from "../view/figures";
import type { Act } from "./acts";
import type { Card, FoundClient, Operator, PendingRow, Refusal } from "./rows";
import type { DeskDialog, Farewell, Outcome } from "./told";

/** Fewer characters find too many. */
export const SHORTEST_QUERY = 3;

export interface Search {
  query: string;
  /** What the list was found by; null: nothing was looked for. */
  by: string | null;
  looking: boolean;
  found: FoundClient[];
  more: boolean;
  /** The line that Enter opens. */
  at: number;
  refusal: Refusal | null;
}

/** Full name, client code and voice password, as the client says them. */
export interface Check {
  is: "asking" | "sending" | "wrong" | "refused";
  refusal: Refusal | null;
  /** What the operator wanted to do before he had checked. */
  before: Act | null;
}

export interface ClientPane {
  code: string;
  /** null: it is on its way. */
  card: Card | null;
  refusal: Refusal | null;
  check: Check;
}

export interface DeskView {
  stage: "starting" | "signedOut" | "desk";
  farewell: Farewell | null;
  operator: Operator | null;
  /** The server did not answer the last time. */
  lost: boolean;
  search: Search;
  client: ClientPane | null;
  dialog: DeskDialog | null;
  pending: PendingRow[];
  outcome: Outcome | null;
}

export const noSearch: Search = {
  query: "",
  by: null,
  looking: false,
  found: [],
  more: false,
  at: 0,
  refusal: null,
};

export const noCheck: Check = { is: "asking", refusal: null, before: null };

export const emptyDesk: DeskView = {
  stage: "starting",
  farewell: null,
  operator: null,
  lost: false,
  search: noSearch,
  client: null,
  dialog: null,
  pending: [],
  outcome: null,
};

/** Orders that this operator may confirm: those of the others. */
export function forMe(view: DeskView): PendingRow[] {
  return view.pending.filter(p => !p.own);
}

/** What waits for a second operator about the client on the screen. */
export function aboutClient(view: DeskView): PendingRow[] {
  return view.pending.filter(p => p.client === view.client?.code);
}

/** Milliseconds for which this operator may act for the client; 0: not checked. */
export function checkedFor(card: Card | null, now: number): number {
  const until = instant(card?.verifiedUntil);
  return until === null ? 0 : timeLeft(until, now);
}

/** The first line as long as it is, then back: arrows go round. */
export function step(search: Search, by: 1 | -1): number {
  const n = search.found.length;
  return n === 0 ? 0 : (search.at + by + n) % n;
}
