// The one-time password on its way: asked for, sent, entered, wrong, blocked.

import type { Refusal, SafetyType } from "../wire";
import { instant } from "./figures";
import { SMS } from "./numbers";
import type { Happening, Told } from "./told";

export interface Sent {
  number: number;
  phone: string;
  repeatAt: number;
  expiresAt: number;
}

export interface PasscodePanel {
  asking: boolean;
  sent: Sent | null;
  /** When the next one may be asked for. */
  repeatAt: number | null;
  entry: "idle" | "checking" | "wrong";
  /** Attempts left for this password, once one was wrong. */
  left: number | null;
  /** No further try of this password. */
  spent: boolean;
  trouble: Refusal | null;
  /** until null: until somebody unblocks it. */
  blocked: { until: number | null } | null;
}

export const noPasscode: PasscodePanel = {
  asking: false,
  sent: null,
  repeatAt: null,
  entry: "idle",
  left: null,
  spent: false,
  trouble: null,
  blocked: null,
};

/** What a password by SMS is for: to open a session, or to sign a document. */
export type Purpose = "session" | "document";

/** A purpose of the wire names the document by its digest. */
export function purposeOf(named: string | undefined): Purpose {
  return named?.startsWith("document") ? "document" : "session";
}

export function passcodeAfter(
  panel: PasscodePanel,
  told: Told,
  login: number | undefined,
  purpose: Purpose,
): PasscodePanel {
  const foreign = "login" in told.data && told.data.login !== undefined && told.data.login !== login;
  switch (told.name) {
    case "passcode.sent": {
      const { means, number, phone, repeatAt, expiresAt } = told.data;
      if (foreign || means !== SMS) return panel;
      const repeat = instant(repeatAt) ?? told.at;
      // The wait is one for all purposes.
      if (purposeOf(told.data.purpose) !== purpose) return { ...panel, repeatAt: repeat };
      const sent = { number, phone, repeatAt: repeat, expiresAt: instant(expiresAt) ?? told.at };
      return { ...noPasscode, blocked: panel.blocked, asking: panel.asking, sent, repeatAt: repeat };
    }
    case "passcode.failed":
      if (foreign || purposeOf(told.data.purpose) !== purpose) return panel;
      return { ...panel, asking: false, sent: null, trouble: failed(told.data.reason) };
    case "attempt.failed":
      if (foreign || told.data.means !== SMS || purposeOf(told.data.purpose) !== purpose) return panel;
      return { ...panel, entry: "wrong", left: told.data.left, spent: told.data.left === 0 };
    case "means.blocked":
      if (told.data.means !== SMS) return panel;
      return { ...panel, sent: null, blocked: { until: instant(told.data.until) } };
    case "means.unblocked":
      return told.data.means === SMS ? { ...panel, blocked: null, trouble: null } : panel;
    case "phone.changed":
      return { ...panel, sent: null }; // what was sent to the old number is good no longer
    case "session.opened":
      return foreign || purpose !== "session" ? panel : { ...noPasscode, repeatAt: panel.repeatAt };
    default:
      return panel;
  }
}

export function passcodeAfterAnswer(panel: PasscodePanel, h: Happening, purpose: Purpose): PasscodePanel {
  if ("purpose" in h && h.purpose !== purpose) return panel;
  switch (h.is) {
    case "panelOpened":
      return panel.entry === "checking" || panel.asking ? panel : { ...panel, entry: "idle", trouble: null };
    case "passcodeAsked":
      return { ...panel, asking: true, trouble: null };
    case "passcodeAnswered": {
      const answered = { ...panel, asking: false, trouble: h.refusal ?? (h.error ? plain(h.error) : null) };
      const until = instant(h.refusal?.until) ?? panel.repeatAt;
      return h.refusal?.reason === "too_early" ? { ...answered, repeatAt: until } : answered;
    }
    case "codeEntered":
      return { ...panel, entry: "checking", trouble: null };
    case "codeAnswered":
      if (h.right) return { ...noPasscode, repeatAt: panel.repeatAt };
      if (h.refusal) return { ...panel, entry: "idle", trouble: h.refusal };
      return { ...panel, entry: "wrong", left: h.left ?? panel.left, spent: !h.more };
    case "means": {
      const row = h.rows.find(r => r.safety_type_id === SMS);
      if (!row) return panel;
      const until = instant(row.blockedUntil);
      const blocked = until !== null ? { until } : row.enabled ? null : panel.blocked;
      const repeatAt = instant(row.repeatAt) ?? panel.repeatAt;
      if (purpose === "document") return { ...panel, blocked, repeatAt };
      return { ...panel, blocked, repeatAt, sent: panel.sent ?? pendingOf(row, repeatAt) };
    }
    default:
      return panel;
  }
}

/** After a reload: the password that was sent before it. */
function pendingOf(row: SafetyType, repeatAt: number | null): Sent | null {
  if (!row.pending) return null;
  const expiresAt = instant(row.pending.expiresAt) ?? 0;
  return { number: row.pending.number, phone: row.phone ?? "", repeatAt: repeatAt ?? 0, expiresAt };
}

/** The panel's own row among the means of the client. */
export function meansRow(rows: SafetyType[], means: number): SafetyType | null {
  return rows.find(r => r.safety_type_id === means) ?? null;
}

function failed(reason: string): Refusal {
  return { ...plain(reason), reason: reason || "text_not_sent" };
}

function plain(text: string): Refusal {
  return { error: text, errMsg: text, code: 0, reason: "" };
}
