// What the cabinet asks of the server. The signature by SMS is in passcodes.ts.

import { connection, signer, tell, view } from "./app";
import { type Answer, ownRefusal } from "./link/requests";
import { CONNECT, type OwnKind, SMS, WEB_TOKEN } from "./view/numbers";
import { meansRow } from "./view/passcode";
import { documentPayload } from "./view/payload";
import { authority, byWebToken } from "./view/webtoken";
import type { DocumentData, DocumentRow, Refusal, SubmittedCps } from "./wire";

export async function loadPhones(): Promise<void> {
  const answer = await connection.request("getContactPhones", {});
  if (answer.ok) tell({ is: "phones", answer: answer.result });
}

/** The newest page, or the one before that document. */
export async function loadDocuments(before: number | null = null): Promise<Refusal | null> {
  const answer = await connection.request("getClientCpsHistory", before === null ? {} : { before });
  if (!answer.ok) return answer.refusal;
  const { documents, drafts, repeatAt } = answer.result;
  const phone = meansRow(view.value.means, SMS)?.phone ?? "";
  tell({ is: "documents", rows: documents, drafts, repeatAt, before, phone });
  return null;
}

export async function loadSecurity(before: number | null = null): Promise<Refusal | null> {
  const answer = await connection.request("getSecurityHistory", before === null ? {} : { before });
  if (!answer.ok) return answer.refusal;
  tell({ is: "securityEvents", rows: answer.result.events, older: before !== null });
  return null;
}

/** Orders as they were submitted. Only masked they come back, and the WEB-token signs them as they are. */
const submitted = new Map<number, { docId: OwnKind; data: DocumentData }>();

/** Whether this page can still sign that draft by the WEB-token. */
export function isAtHand(id: number): boolean {
  return submitted.has(id);
}

/** Orders of this session are signed by the WEB-token; the one that connects it, by SMS. */
export function signsByToken(): boolean {
  return byWebToken(authority(view.value));
}

/** Drafts the order. A code is sent that signs it, unless the WEB-token does. */
export async function submitDocument(docId: OwnKind, data: DocumentData): Promise<Answer<SubmittedCps>> {
  const safetyTypeId = signsByToken() && docId !== CONNECT ? WEB_TOKEN : SMS;
  const answer = await connection.request("submitCps", { docId, data, safetyTypeId });
  if (!answer.ok) return answer;
  submitted.set(answer.result.document.id, { docId, data });
  tell({ is: "submitted", ...answer.result });
  return answer;
}

/** Signs a draft by the WEB-token; the refusal, if it was not done. */
export async function signByToken(id: number): Promise<Refusal | null> {
  const kept = submitted.get(id);
  if (!kept) return ownRefusal("unknown_document");
  const signed = await signer.sign(String(id), documentPayload(id, kept.docId, kept.data));
  if (!signed) return ownRefusal("need_token_signature");
  const answer = await connection.request("signCps", { id, ...signed });
  if (answer.ok) tell({ is: "documentChanged", document: answer.result.document });
  else await loadDocuments(); // the server knows what has become of it
  return answer.ok ? null : answer.refusal;
}

/** Withdraws an own draft, or declines an operator's. */
export async function cancelDocument(id: number): Promise<Refusal | null> {
  const answer = await connection.request("cancelCps", { id });
  if (!answer.ok) return answer.refusal;
  const document: DocumentRow = answer.result.document;
  tell({ is: "documentChanged", document });
  return null;
}
