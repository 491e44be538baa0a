// What the view can be told. Everything that changes what is on the screen passes through this one sum.

import type { Broken, OpenedByPin } from "../token/said";
import type { Support } from "../token/support";
import type {
  CodeRequested,
  ContactPhones,
  DocumentRow,
  DraftRow,
  Events,
  HistoryRow,
  OrderRow,
  Quote,
  Refusal,
  SafetyType,
  SecuritySession,
  UserData,
} from "../wire";
import type { Candle } from "./candles";
import type { Purpose } from "./passcode";
import type { NewOrder } from "./ticket";
import type { Registration } from "./webtoken";

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

export interface CodeAnswer {
  right: boolean;
  left: number | null;
  /** A further try of the same password. */
  more: boolean;
  refusal: Refusal | null;
}

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
  | { is: "passcodeAsked"; purpose: Purpose }
  | { is: "passcodeAnswered"; purpose: Purpose; refusal: Refusal | null; error: string | null }
  | { is: "codeEntered"; purpose: Purpose }
  | ({ is: "codeAnswered"; purpose: Purpose } & CodeAnswer)
  | { is: "panelOpened"; purpose: Purpose }
  | { is: "phones"; answer: ContactPhones }
  /** A page of documents, and those that wait; before null: the newest page. phone: where passcodes go, masked. */
  | {
      is: "documents";
      rows: DocumentRow[];
      drafts: DraftRow[];
      repeatAt: string | null;
      before: number | null;
      phone: string;
    }
  /** code null: the WEB-token signs it. */
  | { is: "submitted"; document: DocumentRow; code: CodeRequested | null }
  | { is: "documentChanged"; document: DocumentRow }
  | { is: "securityEvents"; rows: HistoryRow[]; older: boolean }
  | { is: "orderSending"; order: NewOrder; again: boolean }
  | { is: "orderAccepted"; id: number; orderId: number }
  | { is: "orderRefused"; id: number; refusal: Refusal }
  | { is: "orderUnanswered"; id: number }
  | { is: "orderUnsure"; order: NewOrder }
  | { is: "ticketCleared" }
  | { is: "scope"; session: number; trade: boolean }
  | { is: "tokenSupport"; support: Support }
  | { is: "tokensKept"; ids: number[] }
  | { is: "pinEntered" }
  | { is: "pinAnswered"; said: OpenedByPin | Broken; at: number }
  | { is: "registration"; now: Registration }
  /** This page can sign by WEB-token no longer. */
  | { is: "keyDropped" }
  | { is: "refused"; doing: Doing; refusal: Refusal; at: number }
  | { is: "toastClosed"; id: number }
  | { is: "journalRead" }
  | { is: "awayClosed" };
