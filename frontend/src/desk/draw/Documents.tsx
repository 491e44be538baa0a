// The client's last non-trading orders, his own and those of operators.

import { timeText } from "../../draw/format";
import { instant } from "../../view/figures";
import { now } from "../app";
import type { Card, DocumentRow } from "../rows";
import { byText, orderText, statusText } from "../sentences";
import { w } from "../words";

const stats: Record<string, string> = {
  drafted: "stat-active",
  signed: "stat-active",
  accepted: "stat-done",
  cancelled: "",
};

export function Documents({ card }: { card: Card }) {
  const d = w().documents;
  return (
    <section class="card desk-section" aria-labelledby="documents-title">
      <h2 id="documents-title" class="card-title">
        {d.title}
      </h2>
      {card.documents.length === 0 && <p class="empty-line muted">{d.none}</p>}
      {card.documents.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ul class="desk-rows desk-scroll" tabIndex={0} aria-labelledby="documents-title">
          {card.documents.map(document => (
            <Line key={document.id} document={document} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ document }: { document: DocumentRow }) {
  const d = w().documents;
  return (
    <li>
      <div>
        <p>{orderText(document)}</p>
        <p class="muted">
          {d.number(String(document.id))}, {timeText(instant(document.changedAt) ?? 0, now.value)},{" "}
          {byText(document)}
          {document.reason && `; ${d.why(document.reason)}`}
        </p>
      </div>
      <span class={`stat desk-stat ${stats[document.status] ?? ""}`}>{statusText(document)}</span>
    </li>
  );
}
