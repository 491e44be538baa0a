// The WEB-token as this device sees it: where it stands, the PIN on its way, a registration under way, and whether this page
// can sign.

import type { Registration as ConnectData } from "../token/commands";
import type { Broken, OpenedByPin } from "../token/said";
import type { Support } from "../token/support";
import type { Refusal } from "../wire";
import type { Documents } from "./documents";
import { WEB_TOKEN } from "./numbers";
import { meansRow } from "./passcode";
import { ownSession } from "./sessions";
import type { Happening, Told } from "./told";
import type { View } from "./view";

/** The PIN that was entered last. The digits themselves never come here. */
export type Entry =
  | { is: "idle" }
  | { is: "checking" }
  | { is: "wrong"; left: number }
  | { is: "refused"; refusal: Refusal }
  /** The browser keeps the token no longer. */
  | { is: "absent" }
  | { is: "broken" };

/** Where the registration is that this page has begun. */
export type Registration =
  | { is: "none" }
  | { is: "generating" }
  /** trouble: why the PIN that was chosen has not protected them yet. */
  | { is: "generated"; publicKey: string; until: number; trouble: Refusal | null }
  | { is: "protecting"; publicKey: string; until: number }
  | { is: "protected"; publicKey: string; until: number; data: ConnectData; fingerprint: string }
  | { is: "refused"; refusal: Refusal }
  | { is: "broken" };

export interface WebToken {
  /** null: the browser was not asked yet. */
  support: Support | null;
  /** Tokens of the client that this browser keeps; null: not looked for yet. */
  kept: number[] | null;
  entry: Entry;
  /** Wrong PINs that this page has seen since the last right one. */
  missed: number;
  /** The session whose orders this page can sign. */
  held: number | null;
  registration: Registration;
}

export const noWebToken: WebToken = {
  support: null,
  kept: null,
  entry: { is: "idle" },
  missed: 0,
  held: null,
  registration: { is: "none" },
};

export function webTokenAfterAnswer(token: WebToken, h: Happening): WebToken {
  switch (h.is) {
    case "tokenSupport":
      return { ...token, support: h.support };
    case "tokensKept":
      return { ...token, kept: h.ids };
    case "panelOpened":
      return token.entry.is === "checking" ? token : { ...token, entry: { is: "idle" } };
    case "pinEntered":
      return { ...token, entry: { is: "checking" } };
    case "pinAnswered":
      return afterPin(token, h.said);
    case "registration":
      return { ...token, registration: h.now };
    case "keyDropped":
      return { ...token, held: null };
    case "sessions":
      return h.rows.some(row => row.id === token.held) ? token : { ...token, held: null };
    case "event":
      return h.told.name === "session.closed" && h.told.data.id === token.held
        ? { ...token, held: null }
        : token;
    default:
      return token;
  }
}

function afterPin(token: WebToken, said: OpenedByPin | Broken): WebToken {
  switch (said.is) {
    case "opened":
      return { ...token, entry: { is: "idle" }, missed: 0, held: said.sessionId };
    case "wrongPin":
      return { ...token, entry: { is: "wrong", left: said.attemptsLeft }, missed: token.missed + 1 };
    case "refused":
    case "lost":
      return { ...token, entry: { is: "refused", refusal: said.refusal } };
    case "absent":
      return { ...token, entry: { is: "absent" } };
    case "badPin": // the keypad has given six digits
    case "broken":
      return { ...token, entry: { is: "broken" } };
  }
}

/** PINs that somebody has tried in vain since the last opening, without those that were tried here. */
export function strangePins(token: WebToken, said: OpenedByPin | Broken): number {
  return said.is === "opened" ? Math.max(0, said.failures - token.missed) : 0;
}

export type Ended = "locked" | "cloned" | "revoked" | "replaced";

export type Standing =
  /** The server or the browser has not told yet. */
  | { is: "unknown" }
  | { is: "none" }
  /** left: PINs that may be tried. */
  | { is: "here"; tokenId: number; fingerprint: string; left: number }
  /** moved: it was on this device before. */
  | { is: "elsewhere"; tokenId: number; fingerprint: string; moved: boolean }
  /** here: it was on this device. */
  | { is: "ended"; how: Ended; here: boolean };

export function standing({ means, token }: Pick<View, "means" | "token">): Standing {
  const row = meansRow(means, WEB_TOKEN);
  if (!row || token.kept === null) return { is: "unknown" };
  const { tokenId = 0, fingerprint = "", attemptsLeft: left = 0, endedTokenId = 0, ended = "" } = row;
  const was = token.kept.includes(endedTokenId);
  if (tokenId === 0) return isEnded(ended) ? { is: "ended", how: ended, here: was } : { is: "none" };
  if (token.kept.includes(tokenId)) return { is: "here", tokenId, fingerprint, left };
  return { is: "elsewhere", tokenId, fingerprint, moved: was };
}

function isEnded(how: string): how is Ended {
  return ["locked", "cloned", "revoked", "replaced"].includes(how);
}

/** What lets this terminal submit orders. */
export type Authority =
  | { is: "none" }
  /** The session was opened by SMS, which signs non-trading orders too. */
  | { is: "sms" }
  /** By WEB-token, which signs every order; this page holds its key. */
  | { is: "token"; session: number }
  /** By WEB-token, before this page was loaded or in another tab: the PIN has to be entered again. */
  | { is: "pin" };

export function authority({ sessions, user, token }: Pick<View, "sessions" | "user" | "token">): Authority {
  const session = ownSession(sessions, user?.loginId);
  if (!session) return { is: "none" };
  if (session.means !== WEB_TOKEN) return { is: "sms" };
  return token.held === session.id ? { is: "token", session: session.id } : { is: "pin" };
}

export function byWebToken(by: Authority): boolean {
  return by.is === "token" || by.is === "pin";
}

/** limited: a session by SMS, after the phone was changed by WEB-token. */
export type TradingBar = "session" | "scope" | "limited" | "pin";

/** Why no trading order can be submitted now; null: it can, as far as is known. */
export function tradingBar(view: View): TradingBar | null {
  const session = ownSession(view.sessions, view.user?.loginId);
  const by = authority(view);
  if (!session) return "session";
  if (view.scope?.session === session.id && !view.scope.trade) return by.is === "sms" ? "limited" : "scope";
  return by.is === "pin" ? "pin" : null;
}

/** When the token was connected, as far as the history of orders tells. */
export function connectedAt({ byId }: Documents, tokenId: number): number | null {
  const order = Object.values(byId).find(
    d => d.content.is === "connect" && d.content.tokenId === tokenId && d.status === "accepted",
  );
  return order?.changedAt ?? null;
}

/** Whether an event concerns a registration that was not signed yet, as far as the earlier events tell. */
export function isPending(earlier: Told[], tokenId: number, seq: number): boolean {
  const before = (name: Told["name"]) =>
    earlier.some(t => t.name === name && "tokenId" in t.data && t.data.tokenId === tokenId && t.seq < seq);
  return before("token.begun") && !before("token.registered");
}
