// The history of security events: pages from the server, and what happens meanwhile on top.

import type { HistoryRow } from "../wire";
import { instant } from "./figures";
import type { Told } from "./told";

export interface Security {
  /** Newest first; null: not read yet. */
  events: Told[] | null;
  more: boolean;
}

export const noSecurity: Security = { events: null, more: false };

const PAGE = 50;

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

/** The same choice as the server's: nothing of orders and terminals, nor of what happens by itself all day. */
function isSecurity(name: Told["name"]): boolean {
  const leftOut = ["login.seen", "session.extended", "session.expiring"];
  return !name.startsWith("order.") && !name.startsWith("terminal.") && !leftOut.includes(name);
}

function toldOf({ seq, at, event, data }: HistoryRow): Told {
  return { name: event, data, seq, at: instant(at) ?? 0 } as Told;
}
