// Events as the server would number them, for tests.

import { apply } from "../view/apply";
import type { Happening, Mode, Told } from "../view/told";
import { emptyView, type View } from "../view/view";
import type { DocumentRow, Events, OrderRow, SafetyType, SecuritySession, UserData } from "../wire";

export const NOON = Date.parse("2026-11-21T12:00:00Z");
export const HOUR = 3_600_000;

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export const demo: UserData = {
  isDemo: false,
  mode: "prod",
  authLogin: "demo",
  login: "demo",
  clientLogin: "demo",
  clientCode: "100001",
  name: "Иван Демонстрационный",
  loginId: 17,
  clientId: 1,
  terminal: 3,
  serverTime: iso(NOON),
  language: "ru",
  devPhone: true,
  version: "test",
  marketDataDelay: false,
};

export function event<K extends keyof Events>(
  name: K,
  data: Events[K],
  seq: number,
  at = NOON,
): Extract<Told, { name: K }> {
  return { name, data, seq, at } as Extract<Told, { name: K }>;
}

export function happens(told: Told, mode: Mode = "live"): Happening {
  return { is: "event", told, mode };
}

export function viewAfter(...happenings: Happening[]): View {
  return happenings.reduce(apply, emptyView);
}

export const connected: Happening[] = [
  { is: "connecting", attempt: 0 },
  { is: "user", user: demo },
  { is: "resume", from: 0, newcomer: false },
  { is: "caughtUp", seq: 0 },
];

export function orderRow(change: Partial<OrderRow> = {}): OrderRow {
  return {
    id: 5001,
    order_id: 5001,
    instr: "SBER",
    oper: 1,
    type: 1,
    p: 0,
    q: 10,
    leaves_qty: 10,
    stat: 1,
    date: "2026-11-21T12:00:00.000",
    exp: 1,
    cur: "RUB",
    userOrderId: 77,
    safety_type_id: 3,
    text: "",
    trade: [],
    ...change,
  };
}

/** A draft of this login: to add a phone. */
export function documentRow(change: Partial<DocumentRow> = {}): DocumentRow {
  return {
    id: 1018,
    docId: 210,
    status: "drafted",
    data: { action: "add", phone: "+7903•••2222" },
    draftedAt: iso(NOON),
    changedAt: iso(NOON),
    expiresAt: iso(NOON + 900_000),
    loginId: 17,
    operator: "",
    confirmedBy: "",
    reason: "",
    safety_type_id: 0,
    end: "",
    ...change,
  };
}

export function sessionRow(change: Partial<SecuritySession> = {}): SecuritySession {
  return {
    id: 9001,
    login: 17,
    label: "Chromium, Linux",
    owner_login: "demo",
    user_login: "demo",
    safety_type_id: 3,
    key_current: "SMS",
    start_datetime: "2026-11-21T12:00:00.000",
    expire_datetime: "2026-11-21T17:00:00.000",
    expire: 18000,
    ip: "127.0.0.1",
    ip_client: "127.0.0.1",
    ...change,
  };
}

/** SMS that works, and a WEB-token as given. */
export function meansRows(token: Partial<SafetyType> = {}): SafetyType[] {
  const row: SafetyType = {
    safety_type_id: 3,
    safety_type: "SMS",
    description: "",
    enabled: true,
    status: "",
    status_id: 1,
    blockedUntil: null,
    disconnected: false,
    repeatAt: null,
    pending: null,
  };
  const none = { tokenId: 0, fingerprint: "", endedTokenId: 0, ended: "" };
  return [row, { ...row, safety_type_id: 7, enabled: (token.tokenId ?? 0) > 0, ...none, ...token }];
}

export function opened(seq: number, id = 9001, login = 17): Told {
  const times = { openedAt: iso(NOON), expiresAt: iso(NOON + 5 * HOUR), serverTime: iso(NOON) };
  return event("session.opened", { id, login, means: 3, ...times }, seq);
}
