// What the view can be told. Everything that changes what is on the screen passes through this one sum.

import type { Events, OrderRow, Quote, Refusal, SafetyType, SecuritySession, UserData } from "../wire";
import type { Candle } from "./candles";
import type { NewOrder } from "./ticket";

/** A numbered event of the journal, `at` in milliseconds of the server's clock. */
export type Told = {
  [K in keyof Events]: { name: K; data: Events[K]; seq: number; at: number };
}[keyof Events];

/**
 * live: it happens now. missed: it happened while this terminal was not connected.
 * history: this terminal has shown it before and lost it by a reload.
 */
export type Mode = "live" | "missed" | "history";

/** A command that can be refused outside a form of its own. */
export type Doing = "cancel" | "close" | "logout";

export type Happening =
  | { is: "signedOut"; reason: string | null }
  | { is: "foreign"; now: string | null }
  | { is: "fault" }
  | { is: "connecting"; attempt: number }
  | { is: "lost"; attempt: number; retryAt: number }
  | { is: "user"; user: UserData }
  | { is: "resume"; from: number; newcomer: boolean }
  | { is: "otherJournal" }
  | { is: "event"; told: Told; mode: Mode }
  | { is: "caughtUp"; seq: number }
  | { is: "sessions"; rows: SecuritySession[]; seq: number }
  | { is: "orders"; rows: OrderRow[]; seq: number }
  | { is: "quote"; quote: Quote; at: number }
  | { is: "candles"; ticker: string; candles: Candle[]; step: number }
  | { is: "means"; rows: SafetyType[] }
  | { is: "passcodeAsked" }
  | { is: "passcodeAnswered"; refusal: Refusal | null; error: string | null }
  | { is: "codeEntered" }
  | { is: "codeAnswered"; right: boolean; left: number | null; more: boolean; refusal: Refusal | null }
  | { is: "panelOpened" }
  | { is: "orderSending"; order: NewOrder; again: boolean }
  | { is: "orderAccepted"; id: number; orderId: number }
  | { is: "orderRefused"; id: number; refusal: Refusal }
  | { is: "orderUnanswered"; id: number }
  | { is: "orderUnsure"; order: NewOrder }
  | { is: "ticketCleared" }
  | { is: "refused"; doing: Doing; refusal: Refusal; at: number }
  | { is: "toastClosed"; id: number }
  | { is: "journalRead" }
  | { is: "awayClosed" };
