// The history of non-trading orders.

import { now, view } from "../../app";
import { loadDocuments } from "../../cabinet";
import { t } from "../../ui";
import { byOperator, type Doc, history } from "../../view/documents";
import { DraftCards } from "../DraftCards";
import { documentText, meansText, statusText } from "../documentwords";
import { idText, timeText } from "../format";
import { PagesFoot, usePages } from "./pages";

export function DocumentsSection() {
  const d = t().documents;
  const pages = usePages(loadDocuments);
  const { documents } = view.value;
  const list = history(documents);
  return (
    <>
      <p class="lead" tabIndex={-1} data-first>
        {d.lead}
      </p>
      <DraftCards />
      {list.length === 0 && pages.state.value.is === "idle" && <p class="muted">{d.none}</p>}
      <ol class="rows">
        {list.map(doc => (
          <DocumentLine key={doc.id} doc={doc} />
        ))}
      </ol>
      <PagesFoot pages={pages} more={documents.more} last={list.at(-1)?.id ?? null} />
    </>
  );
}

function DocumentLine({ doc }: { doc: Doc }) {
  const d = t().documents;
  return (
    <li class="row">
      <div class="row-what">
        <p class="row-title">{documentText(doc)}</p>
        <p class="muted">{facts(doc).join(" · ")}</p>
        {doc.reason && <p class="muted">{d.reason(doc.reason)}</p>}
      </div>
      <span class={`badge badge-${tones[doc.status]}`}>{statusText(doc)}</span>
    </li>
  );
}

const tones: Record<Doc["status"], string> = {
  drafted: "warn",
  signed: "good",
  accepted: "good",
  cancelled: "off",
};

function facts(doc: Doc): string[] {
  const d = t().documents;
  const who = byOperator(doc) ? d.operator(doc.operator) : loginText(doc.login);
  return [
    timeText(doc.draftedAt, now.peek()),
    d.number(idText(doc.id)),
    who,
    ...(doc.signedBy ? [d.by(meansText(doc.signedBy))] : []),
    ...(doc.confirmedBy ? [d.confirmed(doc.confirmedBy)] : []),
  ];
}

export function loginText(login: number): string {
  const s = t().security;
  const device = view.value.journal.labels[login];
  const name = login === view.value.user?.loginId ? s.here : s.login(String(login));
  return device ? `${device}, ${name}` : name;
}
