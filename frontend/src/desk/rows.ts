// The rows of the desk's door, by the names they have here.

import type { DeskCard, Events, HistoryRow, Instant } from "../wire";

export type {
  DeskCommands,
  DeskLoginRow as LoginRow,
  DeskMeans as MeansRow,
  DeskOperator as Operator,
  DeskToken as TokenRow,
  DeskWho as OnDuty,
  DocumentData,
  DocumentRow,
  FoundClient,
  HistoryRow,
  PendingDocument as PendingRow,
  PhoneRow as ContactPhone,
  Refusal,
} from "../wire";

export type Card = DeskCard;

/** A row of the client's history as one of the numbered events. */
export type CardEvent = {
  [K in keyof Events]: { seq: number; at: Instant; event: K; data: Events[K] };
}[keyof Events];

export function eventOf(row: HistoryRow): CardEvent {
  return row as unknown as CardEvent;
}

export function kindOf(row: { kind: string }): "person" | "company" {
  return row.kind === "company" ? "company" : "person";
}
