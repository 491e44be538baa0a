// Non-trading orders: what they ask for, where they stand, and which of them wait.

import type { DocumentRow } from "../wire";
import { instant } from "./figures";
import { CONNECT, DISCONNECT, PAGE, PHONES, RESTORE } from "./numbers";
import type { Happening, Told } from "./told";

export type PhoneAction = "add" | "replace" | "primary" | "remove";

export type Content =
  | { is: "phones"; action: PhoneAction; phone: string; old: string; primary: boolean }
  | { is: "connect"; tokenId: number; fingerprint: string }
  | { is: "disconnect"; means: number }
  | { is: "restore"; means: number }
  /** A kind that this terminal does not know. */
  | { is: "other"; docId: number };

export type Status = "drafted" | "signed" | "accepted" | "cancelled";

export interface Doc {
  id: number;
  content: Content;
  status: Status;
  draftedAt: number;
  changedAt: number;
  /** To be signed before. */
  expiresAt: number | null;
  /** The login that submitted it; 0: an operator did. */
  login: number;
  operator: string;
  confirmedBy: string;
  reason: string;
  signedBy: number;
  end: string;
}

export interface Documents {
  byId: Record<number, Doc>;
  /** The pages on show reach back to this one; null: none is loaded. */
  back: number | null;
  more: boolean;
}

export const noDocuments: Documents = { byId: {}, back: null, more: false };

export function documentFromRow(row: DocumentRow): Doc {
  return {
    id: row.id,
    content: contentOf(row),
    status: row.status as Status,
    draftedAt: instant(row.draftedAt) ?? 0,
    changedAt: instant(row.changedAt) ?? 0,
    expiresAt: instant(row.expiresAt),
    login: row.loginId,
    operator: row.operator,
    confirmedBy: row.confirmedBy,
    reason: row.reason,
    signedBy: row.safety_type_id,
    end: row.end,
  };
}

function contentOf({ docId, data }: DocumentRow): Content {
  switch (docId) {
    case PHONES:
      return {
        is: "phones",
        action: (data.action ?? "add") as PhoneAction,
        phone: data.phone ?? "",
        old: data.oldPhone ?? "",
        primary: data.primary ?? false,
      };
    case CONNECT:
      return { is: "connect", tokenId: data.tokenId ?? 0, fingerprint: data.fingerprint ?? "" };
    case DISCONNECT:
      return { is: "disconnect", means: data.safetyTypeId ?? 0 };
    case RESTORE:
      return { is: "restore", means: data.safetyTypeId ?? 0 };
    default:
      return { is: "other", docId };
  }
}

export function documentsAfter(documents: Documents, told: Told): Documents {
  switch (told.name) {
    case "document.drafted":
      return put(documents, [documentFromRow(told.data.document)]);
    case "document.signed": {
      const { id, means, confirmedBy } = told.data;
      return change(documents, id, told.at, { status: "signed", signedBy: means, confirmedBy });
    }
    case "document.accepted":
      return change(documents, told.data.id, told.at, { status: "accepted", expiresAt: null });
    case "document.cancelled": {
      const { id, end } = told.data;
      return change(documents, id, told.at, { status: "cancelled", end, expiresAt: null });
    }
    default:
      return documents;
  }
}

export function documentsAfterAnswer(documents: Documents, h: Happening): Documents {
  switch (h.is) {
    case "documents": {
      const page = h.rows.map(documentFromRow);
      const drafts = h.drafts.map(d => documentFromRow(d.document));
      const last = page.at(-1)?.id ?? null;
      const further = h.before !== null && documents.back !== null;
      // A first page that does not reach the pages on show would leave a hole.
      const kept = !further && last !== null && documents.back !== null && documents.byId[last] !== undefined;
      const back = kept ? documents.back : (last ?? (further ? documents.back : 0));
      const more = kept ? documents.more : page.length === PAGE;
      return { ...put(documents, [...page, ...drafts]), back, more };
    }
    case "submitted":
    case "documentChanged":
      return put(documents, [documentFromRow(h.document)]);
    default:
      return documents;
  }
}

/** Newest first; without those that stand before the pages on show. */
export function history({ byId, back }: Documents): Doc[] {
  return Object.values(byId)
    .filter(d => back !== null && d.id >= back)
    .sort((a, b) => b.id - a.id);
}

/** What waits for a signature or for a second operator, the oldest first. */
export function waiting({ byId }: Documents, now: number): Doc[] {
  return Object.values(byId)
    .filter(d => d.status === "drafted" && (d.expiresAt === null || d.expiresAt > now))
    .sort((a, b) => a.id - b.id);
}

export function byOperator(d: Doc): boolean {
  return d.login === 0;
}

/** A document that has ended does not change any more: a row that was read before its end comes too late. */
function put(documents: Documents, fresh: Doc[]): Documents {
  const byId = { ...documents.byId };
  for (const d of fresh) {
    const known = byId[d.id];
    if (!known || known.status === "drafted" || known.status === "signed") byId[d.id] = d;
  }
  return { ...documents, byId };
}

function change(documents: Documents, id: number, at: number, by: Partial<Doc>): Documents {
  const known = documents.byId[id];
  if (!known) return documents;
  return { ...documents, byId: { ...documents.byId, [id]: { ...known, ...by, changedAt: at } } };
}
