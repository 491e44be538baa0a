// What the cabinet asks of the server. The signature itself is in passcodes.ts.

import { connection, tell, view } from "./app";
import type { Answer } from "./link/requests";
import { type OwnKind, SMS } from "./view/numbers";
import { meansRow } from "./view/passcode";
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

/** Drafts the order and has the code sent that signs it. */
export async function submitDocument(docId: OwnKind, data: DocumentData): Promise<Answer<SubmittedCps>> {
  const answer = await connection.request("submitCps", { docId, data, safetyTypeId: SMS });
  if (answer.ok) tell({ is: "submitted", ...answer.result });
  return answer;
}

/** Withdraws an own draft, or declines an operator's. */
export async function cancelDocument(id: number): Promise<Refusal | null> {
  const answer = await connection.request("cancelCps", { id });
  if (!answer.ok) return answer.refusal;
  const document: DocumentRow = answer.result.document;
  tell({ is: "documentChanged", document });
  return null;
}
