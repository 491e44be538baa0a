// The history of security events: pages from the server, and what happens meanwhile on top.

import type { HistoryRow } from "../wire";
import { instant } from "./figures";
import { PAGE } from "./numbers";
import type { Told } from "./told";

export interface Security {
  /** Newest first; null: not read yet. */
  events: Told[] | null;
  more: boolean;
}

export const noSecurity: Security = { events: null, more: false };

export function securityFromRows(security: Security, rows: HistoryRow[], older: boolean): Security {
  const page = rows.map(toldOf);
  const known = older ? (security.events ?? []) : [];
  return { events: [...known, ...page], more: rows.length === PAGE };
}

export function securityAfter(security: Security, told: Told): Security {
  const newest = security.events?.[0]?.seq ?? 0;
  if (security.events === null || told.seq <= newest || !isSecurity(told.name)) return security;
  return { ...security, events: [told, ...security.events] };
}

/** Devices by number of login, as far as these events tell. */
export function labelsOf(rows: HistoryRow[]): Record<number, string> {
  const labels: Record<number, string> = {};
  for (const told of rows.map(toldOf)) {
    if (told.name !== "login.opened" && told.name !== "login.renewed") continue;
    labels[told.data.login] ??= told.data.label;
  }
  return labels;
}

/** The server's own choice, `notHistory` in persistence/documents.go: what it leaves out must not come in on top. */
const notHistory: Told["name"][] = [
  "login.seen",
  "terminal.attached",
  "terminal.gone",
  "session.extended",
  "session.expiring",
  "login.attempted",
  "voice.attempted",
  "token.challenged",
];

function isSecurity(name: Told["name"]): boolean {
  return !name.startsWith("order.") && !notHistory.includes(name);
}

function toldOf({ seq, at, event, data }: HistoryRow): Told {
  return { name: event, data, seq, at: instant(at) ?? 0 } as Told;
}
