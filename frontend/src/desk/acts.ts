// What an operator can do for a client: which order it becomes, whether it protects or grants, what it needs.

import { DISCONNECT, PHONES, RESTORE, SMS, VOICE_PASSWORD, WEB_TOKEN } from "../view/numbers";
import { readPhone } from "../view/phonenumber";
import type { Card, ContactPhone, DocumentData, MeansRow } from "./rows";

export type Act =
  | { is: "addPhone" }
  | { is: "replacePhone"; phone: ContactPhone }
  | { is: "primaryPhone"; phone: ContactPhone }
  | { is: "removePhone"; phone: ContactPhone }
  | { is: "restore"; means: number }
  | { is: "disconnect"; means: number }
  | { is: "closeSessions" }
  | { is: "revokeToken" };

/** What the operator fills in. */
export interface Entry {
  number: string;
  primary: boolean;
  reason: string;
}

/** One that the server takes for a reason; it asks for the same. */
export const LONGEST_REASON = 300;

/** What protects takes effect at once; what grants waits for a second operator. */
export function protects(act: Act): boolean {
  return act.is === "disconnect" || act.is === "closeSessions" || act.is === "revokeToken";
}

export function takesNumber(act: Act): boolean {
  return act.is === "addPhone" || act.is === "replacePhone";
}

/** A blocked voice password can identify nobody: then two operators vouch for whom they have seen. */
export function needsCheck(act: Act): boolean {
  return !protects(act) && !(act.is === "restore" && act.means === VOICE_PASSWORD);
}

/** What is missing or cannot be, before the server is asked. */
export function missing(act: Act, entry: Entry): "number" | "reason" | null {
  if (takesNumber(act) && readPhone(entry.number).is !== "whole") return "number";
  return entry.reason.trim() === "" ? "reason" : null;
}

/** The order that the act becomes; closing sessions and revoking the WEB-token are none. */
export function orderOf(act: Act, entry: Entry): { docId: number; data: DocumentData } | null {
  const number = entry.number.trim();
  switch (act.is) {
    case "addPhone":
      return { docId: PHONES, data: { action: "add", phone: number, primary: entry.primary } };
    case "replacePhone":
      return { docId: PHONES, data: { action: "replace", phoneId: act.phone.id, phone: number } };
    case "primaryPhone":
      return { docId: PHONES, data: { action: "primary", phoneId: act.phone.id } };
    case "removePhone":
      return { docId: PHONES, data: { action: "remove", phoneId: act.phone.id } };
    case "restore":
      return { docId: RESTORE, data: { safetyTypeId: act.means } };
    case "disconnect":
      return { docId: DISCONNECT, data: { safetyTypeId: act.means } };
    case "closeSessions":
    case "revokeToken":
      return null;
  }
}

/** What can be done with one of the contact phones. */
export function phoneActs(phone: ContactPhone, all: ContactPhone[]): Act[] {
  const acts: Act[] = [{ is: "replacePhone", phone }];
  if (!phone.primary) acts.push({ is: "primaryPhone", phone });
  if (all.length > 1) acts.push({ is: "removePhone", phone });
  return acts;
}

/** What can be done with a means; the password and the voice password cannot be disconnected. */
export function meansActs(row: MeansRow): Act[] {
  const means = row.safety_type_id;
  const acts: Act[] = [];
  if (row.status === "blocked" || row.status === "disconnected") acts.push({ is: "restore", means });
  if (means === SMS && (row.status === "ready" || row.status === "blocked"))
    acts.push({ is: "disconnect", means });
  return acts;
}

/** The same of the WEB-token: by an order, or at once with whatever registration is under way. */
export const tokenActs: Act[] = [{ is: "disconnect", means: WEB_TOKEN }, { is: "revokeToken" }];

export function meansOf(card: Card, means: number): MeansRow | null {
  return card.means.find(m => m.safety_type_id === means) ?? null;
}
