// Orders, events and refusals of the desk as sentences.

import { timeText } from "../draw/format";
import { instant } from "../view/figures";
import { CONNECT, DISCONNECT, PHONES, RESTORE } from "../view/numbers";
import type { Act } from "./acts";
import { type CardEvent, type DocumentRow, eventOf, type HistoryRow, type Refusal } from "./rows";
import { w } from "./words";

export function meansText(means: number | undefined): string {
  const { names, unknown } = w().means;
  return names[means ?? 0] ?? unknown(String(means ?? ""));
}

/** The means inside a sentence. */
function meansWord(means: number | undefined): string {
  const text = meansText(means);
  return /^[A-ZА-Я][a-zа-яё]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

export function actText(act: Act): string {
  const a = w().acts;
  switch (act.is) {
    case "addPhone":
    case "closeSessions":
    case "revokeToken":
      return a[act.is];
    case "replacePhone":
    case "primaryPhone":
    case "removePhone":
      return a[act.is](act.phone.phone);
    case "restore":
    case "disconnect":
      return a[act.is](meansWord(act.means));
  }
}

/** What the order asks for. */
export function orderText(document: DocumentRow): string {
  const o = w().orders;
  const { data, docId } = document;
  if (docId === DISCONNECT) return o.disconnect(meansWord(data.safetyTypeId));
  if (docId === RESTORE) return o.restore(meansWord(data.safetyTypeId));
  if (docId === CONNECT) return o.connect(data.fingerprint ?? "");
  const phone = data.phone ?? "";
  if (docId !== PHONES) return o.unknown(String(docId));
  switch (data.action) {
    case "add":
      return data.primary ? o.addPrimary(phone) : o.add(phone);
    case "replace":
      return o.replace(data.oldPhone ?? "", phone);
    case "primary":
    case "remove":
      return o[data.action](phone);
    default:
      return o.unknown(String(docId));
  }
}

/** How it stands with an order. */
export function statusText(document: DocumentRow): string {
  const d = w().documents;
  if (document.status === "drafted") return document.loginId === 0 ? w().drafts.operator : w().drafts.client;
  if (document.status === "cancelled" && document.end) return d.ends[document.end] ?? document.end;
  return d.status[document.status] ?? document.status;
}

export function byText(document: DocumentRow): string {
  const d = w().documents;
  if (!document.operator) return d.byClient;
  return document.confirmedBy ? d.byBoth(document.operator, document.confirmedBy) : d.by(document.operator);
}

export function refusalText(refusal: Refusal): { what: string; next: string | null } {
  const known = w().reasons[refusal.reason];
  if (known) return known;
  return { what: refusal.error || refusal.reason, next: refusal.next ?? null };
}

export function eventText(history: HistoryRow, now: number): string {
  const h = w().history;
  const row = eventOf(history);
  const time = (at: string | null) => timeText(instant(at) ?? 0, now);
  switch (row.event) {
    case "login.opened":
      return h.loginOpened(row.data.label || w().logins.unknownDevice) + failedBefore(row.data.failed);
    case "login.renewed":
      return h.loginRenewed(row.data.label || w().logins.unknownDevice);
    case "login.closed":
      return h.loginClosed(h.loginEnds[row.data.reason] ?? row.data.reason);
    case "password.changed":
      return h.passwordChanged;
    case "passcode.sent": {
      const sent = row.data.purpose === "session" ? h.passcodeSent : h.passcodeToSign;
      return sent(row.data.phone);
    }
    case "passcode.failed":
      return h.passcodeFailed;
    case "attempt.failed":
      return h.attempt(meansWord(row.data.means), row.data.left);
    case "means.blocked": {
      const { means, until } = row.data;
      return h.blocked(meansWord(means), until === null ? h.forever : h.until(time(until)));
    }
    case "means.unblocked":
      return h.unblocked(meansWord(row.data.means));
    case "means.disconnected":
      return h.disconnected(meansWord(row.data.means));
    case "phone.added":
      return h.phoneAdded(row.data.phone);
    case "phone.removed":
      return h.phoneRemoved(row.data.phone);
    case "phone.changed":
      return row.data.phone ? h.phoneChanged(row.data.phone) : h.phoneGone;
    case "session.opened":
      return h.sessionOpened(meansWord(row.data.means), time(row.data.expiresAt));
    case "session.closed":
      return h.sessionClosed(h.closed[row.data.reason] ?? row.data.reason);
    case "token.begun":
      return h.tokenBegun;
    case "token.evaluated":
      return h.pinTried;
    case "token.registered":
      return h.tokenRegistered(row.data.fingerprint);
    case "token.opened":
      return h.tokenOpened;
    case "token.revoked":
      return h.tokenRevoked(h.tokenEnds[row.data.reason] ?? row.data.reason);
    case "token.locked":
      return h.tokenLocked;
    case "token.cloned":
      return h.tokenCloned;
    default:
      return operatorText(row, time);
  }
}

/** Orders, and what operators did. */
function operatorText(row: CardEvent, time: (at: string | null) => string): string {
  const h = w().history;
  switch (row.event) {
    case "document.drafted": {
      const { document } = row.data;
      const what = orderText(document);
      return document.operator ? h.proposed(what, document.operator) : h.drafted(what);
    }
    case "document.signed": {
      const { id, means, confirmedBy } = row.data;
      return confirmedBy ? h.confirmed(String(id), confirmedBy) : h.signed(String(id), meansWord(means));
    }
    case "document.accepted":
      return h.accepted(String(row.data.id));
    case "document.cancelled": {
      const how = w().documents.ends[row.data.end] ?? row.data.end;
      return h.cancelled(String(row.data.id), how) + (row.data.by ? h.by(row.data.by) : "");
    }
    case "voice.verified":
      return h.voiceVerified(row.data.operator, time(row.data.until));
    case "operator.acted":
      return h.actedBy(row.data.operator, h.acted[row.data.act] ?? row.data.act, row.data.reason);
    default:
      return h.unknown(row.event);
  }
}

function failedBefore(failed: number): string {
  return failed > 0 ? w().history.loginFailed(failed) : "";
}
