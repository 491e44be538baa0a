// A non-trading order in words: what it asks for, and where it stands.

import { t } from "../ui";
import { byOperator, type Content, type Doc } from "../view/documents";
import type { View } from "../view/view";
import { idText } from "./format";

export function documentText({ content }: Doc): string {
  const d = t().documents;
  switch (content.is) {
    case "phones":
      return phonesText(content);
    case "connect":
      return d.connect(content.fingerprint);
    case "disconnect":
      return d.disconnect(meansText(content.means));
    case "restore":
      return d.restore(meansText(content.means));
    case "other":
      return d.other(String(content.docId));
  }
}

/** A later event of a document tells its number only. */
export function documentName(id: number, view: View): string {
  const known = view.documents.byId[id];
  return known ? documentText(known) : t().documents.unknown(idText(id));
}

function phonesText({ action, phone, old, primary }: Extract<Content, { is: "phones" }>): string {
  const d = t().documents;
  switch (action) {
    case "add":
      return primary ? d.addPrimary(phone) : d.add(phone);
    case "replace":
      return d.replace(phone, old);
    case "primary":
    case "remove":
      return d[action](phone);
  }
}

export function statusText(doc: Doc): string {
  const d = t().documents;
  switch (doc.status) {
    case "drafted":
      return byOperator(doc) ? d.draftedOperator : d.drafted;
    case "signed":
      return d.signed;
    case "accepted":
      return d.accepted;
    case "cancelled":
      return d.ends[doc.end] ?? d.cancelled;
  }
}

export function meansText(means: number): string {
  return t().sessions.means[means] ?? String(means);
}
