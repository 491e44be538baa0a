// The WEB-token in words: how it stands, and what has happened to it.

import { t } from "../ui";
import type { Told } from "../view/told";
import type { View } from "../view/view";
import { isPending, type Standing } from "../view/webtoken";

export type BadgeTone = "good" | "warn" | "bad" | "off";

/** How it stands, in two words. */
export function badgeOf(at: Standing): { tone: BadgeTone; text: string } {
  const { badge } = t().token;
  if (at.is !== "ended") return { tone: at.is === "here" ? "good" : "off", text: badge[at.is] };
  return { tone: at.how === "locked" || at.how === "cloned" ? "bad" : "off", text: badge[at.how] };
}

/** Why no session can be opened by it here, and what to do; null: one can, or nobody knows yet. */
export function absenceText(at: Standing): { loud: boolean; what: string; next: string } | null {
  const w = t().token;
  switch (at.is) {
    case "unknown":
    case "here":
      return null;
    case "none":
      return { loud: false, what: w.none, next: `${w.what} ${w.how}` };
    case "elsewhere":
      if (at.moved) return { loud: true, what: w.moved, next: w.movedNext };
      return { loud: false, what: w.elsewhere, next: w.elsewhereNext };
    case "ended":
      return { loud: at.here || at.how === "cloned", ...w.ended[at.how] };
  }
}

export function tokenEventText(told: Extract<Told, { name: `token.${string}` }>, view: View): string {
  const e = t().events;
  switch (told.name) {
    case "token.begun":
    case "token.challenged": // hidden
      return e.tokenBegun;
    case "token.evaluated":
      return wasPending(told, view) ? e.pinChosen : e.pinTried(told.data.left);
    case "token.registered":
      return e.tokenRegistered(told.data.fingerprint);
    case "token.opened":
      return e.tokenOpened;
    case "token.revoked": {
      const { reason } = told.data;
      if (wasPending(told, view)) return e.tokenNotConnected(e.pendingEnds[reason] ?? reason);
      return e.tokenRevoked(e.tokenEnds[reason] ?? reason);
    }
    case "token.locked":
      return e.tokenLocked;
    case "token.cloned":
      return e.tokenCloned;
  }
}

/** As far as the events tell that are at hand. */
function wasPending(told: Extract<Told, { name: `token.${string}` }>, view: View): boolean {
  const journal = view.journal.notices.flatMap(n => (n.is === "event" ? [n.told] : []));
  return isPending([...journal, ...(view.security.events ?? [])], told.data.tokenId, told.seq);
}
