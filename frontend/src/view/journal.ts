// The journal: numbered events, each entered once, and what the terminal itself has to say beside them.

import type { Refusal } from "../wire";
import type { Doing, Mode, Told } from "./told";

export type Notice =
  | { id: number; at: number; is: "event"; told: Told; mode: Mode }
  | { id: number; at: number; is: "refusal"; doing: Doing; refusal: Refusal }
  /** Wrong PINs since the last opening by WEB-token. */
  | { id: number; at: number; is: "pins"; count: number };

export interface Journal {
  /** The number of the last event applied. */
  seq: number;
  notices: Notice[];
  /** Ids of those on show now. */
  toasts: number[];
  unread: number;
  /** Devices by number of login, as far as the journal told. */
  labels: Record<number, string>;
}

export const emptyJournal: Journal = { seq: 0, notices: [], toasts: [], unread: 0, labels: {} };

const KEPT = 1000;
const ON_SHOW = 4;

export type Weight = "hidden" | "quiet" | "note" | "good" | "warn" | "bad";

/** How loudly an event is told. Quiet ones stand in the journal only, hidden ones say nothing to a person. */
export function weight(told: Told, ownLogin: number | undefined): Weight {
  switch (told.name) {
    case "login.seen":
    case "login.attempted":
    case "token.challenged":
      return "hidden";
    case "phone.added":
    case "phone.removed":
    case "phone.changed":
    case "voice.verified":
    case "operator.acted":
    case "token.registered":
      return "warn";
    case "document.drafted": {
      const { loginId } = told.data.document;
      if (loginId === ownLogin) return "quiet";
      return loginId === 0 ? "warn" : "note";
    }
    case "document.cancelled":
      return ["expired", "declined"].includes(told.data.end) ? "note" : "quiet";
    case "login.opened":
      return told.data.login === ownLogin ? "quiet" : "note";
    case "passcode.failed":
    case "means.blocked":
    case "means.disconnected":
    case "token.locked":
    case "token.cloned":
    case "order.rejected":
      return "bad";
    case "token.begun":
      return told.data.login === ownLogin ? "quiet" : "warn";
    case "token.revoked":
      // What replaces it is told by an event of its own.
      return ["expired", "replaced", "phone_changed"].includes(told.data.reason) ? "quiet" : "warn";
    case "attempt.failed":
    case "session.expiring":
    case "session.closed":
    case "order.expired":
      return "warn";
    case "session.opened":
    case "means.unblocked":
    case "order.filled":
    case "password.changed":
      return "good";
    case "order.cancelled":
      return "note";
    default:
      return "quiet";
  }
}

/** `aloud` is false when a form on the screen says it already. */
export function enter(
  journal: Journal,
  told: Told,
  mode: Mode,
  ownLogin: number | undefined,
  aloud = true,
): Journal {
  const loud = aloud && mode === "live" && !["quiet", "hidden"].includes(weight(told, ownLogin));
  const notice: Notice = { id: told.seq, at: told.at, is: "event", told, mode };
  const shown = loud ? journal.toasts.filter(id => !outdates(told, journal.notices, id)) : journal.toasts;
  const labelled = told.name === "login.opened" || told.name === "login.renewed";
  return {
    seq: told.seq,
    notices: [...journal.notices, notice].slice(-KEPT),
    toasts: loud ? [...shown, notice.id].slice(-ON_SHOW) : journal.toasts,
    unread: journal.unread + (loud ? 1 : 0),
    labels: labelled ? { ...journal.labels, [told.data.login]: told.data.label } : journal.labels,
  };
}

/** One toast for each order: a further fill takes the place of the one before. */
function outdates(told: Told, notices: Notice[], id: number): boolean {
  if (told.name !== "order.filled") return false;
  const before = notices.find(n => n.id === id);
  return (
    before?.is === "event" &&
    before.told.name === "order.filled" &&
    before.told.data.order_id === told.data.order_id
  );
}

export function enterRefusal(journal: Journal, doing: Doing, refusal: Refusal, at: number): Journal {
  return enterOwn(journal, { at, is: "refusal", doing, refusal });
}

/** Somebody has tried PINs on this device, and not on this page. */
export function enterPins(journal: Journal, count: number, at: number): Journal {
  return count === 0 ? journal : enterOwn(journal, { at, is: "pins", count });
}

type Unnumbered<N> = N extends Notice ? Omit<N, "id"> : never;

function enterOwn(journal: Journal, own: Unnumbered<Notice>): Journal {
  const id = -1 - journal.notices.filter(n => n.id < 0).length;
  const notice: Notice = { ...own, id };
  return {
    ...journal,
    notices: [...journal.notices, notice].slice(-KEPT),
    toasts: [...journal.toasts, id].slice(-ON_SHOW),
    unread: journal.unread + 1,
  };
}

/** Whether a numbered event is the next one, an old one, or leaves a gap that must be asked for. */
export function place(seq: number, last: number): "next" | "old" | "gap" {
  if (seq <= last) return "old";
  return seq === last + 1 ? "next" : "gap";
}
