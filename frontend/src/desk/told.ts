// What the desk's view can be told. Everything that changes what is on the screen passes through this one sum.

import type { Act } from "./acts";
import type { Card, DocumentRow, FoundClient, OnDuty, PendingRow, Refusal } from "./rows";

/** Why the login screen is shown. */
export type Farewell = "logout" | "idle";

export type DeskDialog =
  | { is: "act"; act: Act }
  | { is: "confirm"; row: PendingRow }
  | { is: "decline"; row: PendingRow };

/** What has become of the last thing that the operator did. */
export type Outcome =
  | { is: "waits"; document: DocumentRow }
  | { is: "done"; document: DocumentRow }
  | { is: "confirmed"; document: DocumentRow; name: string }
  | { is: "declined"; document: DocumentRow; name: string }
  | { is: "withdrawn"; document: DocumentRow; name: string }
  | { is: "closed"; sessions: number }
  | { is: "revoked" };

export type Happening =
  | { is: "lost" }
  | { is: "heard" }
  | { is: "onDuty"; who: OnDuty }
  | { is: "signedOut"; why: Farewell | null }
  | { is: "typed"; query: string }
  | { is: "looking" }
  | { is: "found"; query: string; clients: FoundClient[]; more: boolean }
  | { is: "notFound"; query: string; refusal: Refusal }
  | { is: "moved"; to: number }
  | { is: "opening"; code: string }
  | { is: "card"; card: Card }
  | { is: "noCard"; code: string; refusal: Refusal }
  | { is: "leftClient" }
  | { is: "checking" }
  | { is: "checked"; right: boolean; left: number; until: string | null }
  | { is: "notChecked"; refusal: Refusal }
  | { is: "asked"; dialog: DeskDialog; at: number }
  | { is: "dialogClosed" }
  | { is: "pending"; rows: PendingRow[] }
  | { is: "did"; outcome: Outcome }
  | { is: "outcomeRead" };
