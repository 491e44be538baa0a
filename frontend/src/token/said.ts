// What comes of an operation with the token. Whatever the server refuses is passed on as it is.

import type { Answer } from "../link/requests";
import type { Instant, Refusal } from "../wire";
import type { Registration } from "./commands";
import type { PinTrouble } from "./pin";

/** lost: the server did not answer for a while, and nobody knows what became of it; doing it again is safe. */
export type NotDone = { is: "refused"; refusal: Refusal } | { is: "lost"; refusal: Refusal };

export type Generated = { is: "generated"; tokenId: number; publicKey: string; expiresAt: Instant } | NotDone;

export type Protected =
  | { is: "protected"; data: Registration; fingerprint: string }
  | { is: "badPin"; trouble: PinTrouble }
  /** Nothing was generated. */
  | { is: "absent" }
  | NotDone;

export type OpenedByPin =
  /** failures: PINs that were tried since the opening before and did not open. */
  | { is: "opened"; sessionId: number; failures: number }
  | { is: "wrongPin"; attemptsLeft: number }
  | { is: "badPin"; trouble: PinTrouble }
  /** This browser does not keep that token. */
  | { is: "absent" }
  | NotDone;

export type Signed =
  | { is: "signed"; sigS: string }
  /** The PIN has to be entered again: that session was not opened here, or the page was reloaded since. */
  | { is: "absent" };

/** Something that should not happen has; why holds no secret. Doing it again is safe. */
export interface Broken {
  is: "broken";
  why: string;
}

export function notDone(answer: Extract<Answer<never>, { ok: false }>): NotDone {
  return { is: answer.lost ? "lost" : "refused", refusal: answer.refusal };
}
