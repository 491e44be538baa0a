// A client as the desk's door would show him, for tests.

import { iso, NOON } from "../../test/told";
import type { Card, DocumentRow, HistoryRow, OnDuty, Operator, PendingRow } from "../rows";

export const MINUTE = 60_000;

export const anna: Operator = { id: 1, login: "anna", name: "Анна Смирнова" };
export const boris: Operator = { id: 2, login: "boris", name: "Борис Орлов" };

export function onDuty(operator = anna, at = NOON): OnDuty {
  return { operator, expiresAt: iso(at + 30 * MINUTE), serverTime: iso(at) };
}

export function card(change: Partial<Card> = {}): Card {
  return {
    code: "100001",
    kind: "person",
    name: "Демидов Пётр Ильич",
    login: "demo",
    language: "ru",
    email: "demo@example.com",
    phones: [
      { id: 7, phone: "+7903•••1111", primary: true, verified: true, since: null, safety_type_id: 0 },
      { id: 8, phone: "+7903•••3333", primary: false, verified: false, since: iso(NOON), safety_type_id: 3 },
    ],
    quarantineUntil: null,
    means: [
      { safety_type_id: 3, status: "ready", attemptsLeft: 5, blockedUntil: null },
      { safety_type_id: 4, status: "ready", attemptsLeft: 5, blockedUntil: null },
      { safety_type_id: 6, status: "ready", attemptsLeft: 3, blockedUntil: null },
    ],
    verifiedUntil: null,
    logins: [
      {
        id: 17,
        label: "Chromium, Linux",
        address: "127.0.0.1",
        opened: iso(NOON - 30 * MINUTE),
        lastSeen: iso(NOON),
        attended: true,
        session: {
          id: 9001,
          safety_type_id: 3,
          openedAt: iso(NOON - 20 * MINUTE),
          expiresAt: iso(NOON + 280 * MINUTE),
        },
      },
    ],
    drafts: [],
    documents: [],
    events: [
      {
        seq: 1,
        at: iso(NOON),
        event: "login.opened",
        data: { login: 17, label: "Chromium, Linux", failed: 0 },
      },
    ] as unknown as HistoryRow[],
    serverTime: iso(NOON),
    ...change,
  };
}

export function documentRow(change: Partial<DocumentRow> = {}): DocumentRow {
  return {
    id: 12,
    docId: 210,
    status: "drafted",
    data: { action: "add", phone: "+7905•••4455", primary: true },
    draftedAt: iso(NOON),
    changedAt: iso(NOON),
    expiresAt: iso(NOON + 15 * MINUTE),
    loginId: 0,
    operator: anna.name,
    confirmedBy: "",
    reason: "Сменил номер",
    safety_type_id: 0,
    end: "",
    ...change,
  };
}

export function pendingRow(own: boolean, change: Partial<DocumentRow> = {}): PendingRow {
  return { client: "100001", name: "Демидов Пётр Ильич", document: documentRow(change), own };
}
