// Everything that the screen shows of the outside world, as one value.

import type { SafetyType, UserData } from "../wire";
import { type Away, nothingMissed } from "./away";
import type { Series } from "./candles";
import { type Documents, noDocuments } from "./documents";
import { emptyJournal, type Journal } from "./journal";
import { noOrders, type Orders } from "./orders";
import { noPasscode, type PasscodePanel } from "./passcode";
import { noPhones, type Phones } from "./phones";
import type { Prices } from "./quotes";
import { noSecurity, type Security } from "./security";
import { noSessions, ownSession, type Session, type Sessions } from "./sessions";
import { noSigning, type Signing } from "./signing";
import { readyTicket, type Ticket } from "./ticket";
import { noWebToken, type WebToken } from "./webtoken";

export type Stage =
  | "starting"
  | "signedOut"
  | "terminal"
  /** The browser's cookie now belongs to another client than the one on show. */
  | "foreign"
  /** The server asked not to come back. */
  | "fault";

export type Link =
  | { is: "connecting"; attempt: number }
  /** Connected; the missed events are still coming. */
  | { is: "resuming" }
  | { is: "up" }
  | { is: "lost"; attempt: number; retryAt: number };

export interface View {
  stage: Stage;
  /** Why the login ended, if it was not the wish of this tab. */
  farewell: string | null;
  foreign: { shown: string; now: string | null } | null;
  link: Link;
  user: UserData | null;
  journal: Journal;
  sessions: Sessions;
  orders: Orders;
  means: SafetyType[];
  passcode: PasscodePanel;
  token: WebToken;
  /** Whether that session is good for trading orders; null: the server was not asked. */
  scope: { session: number; trade: boolean } | null;
  phones: Phones;
  documents: Documents;
  signing: Signing;
  security: Security;
  prices: Prices;
  series: Record<string, Series>;
  ticket: Ticket;
  away: Away;
}

export const emptyView: View = {
  stage: "starting",
  farewell: null,
  foreign: null,
  link: { is: "connecting", attempt: 0 },
  user: null,
  journal: emptyJournal,
  sessions: noSessions,
  orders: noOrders,
  means: [],
  passcode: noPasscode,
  token: noWebToken,
  scope: null,
  phones: noPhones,
  documents: noDocuments,
  signing: noSigning,
  security: noSecurity,
  prices: {},
  series: {},
  ticket: readyTicket,
  away: nothingMissed,
};

export function mySession(view: View): Session | null {
  return ownSession(view.sessions, view.user?.loginId);
}

/** What is on the screen may be out of date. */
export function isStale(view: View): boolean {
  return view.link.is !== "up";
}

export function clientCode(user: UserData): string {
  return user.clientCode ?? user.clientLogin;
}
