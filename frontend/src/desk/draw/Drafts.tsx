// What waits for this client: for a second operator, or for his own signature.

import { view } from "../app";
import type { Card, DocumentRow } from "../rows";
import { byText, orderText, statusText } from "../sentences";
import { aboutClient } from "../view";
import { w } from "../words";
import { Decisions, Until } from "./Queue";

export function Drafts({ card }: { card: Card }) {
  if (card.drafts.length === 0) return null;
  return (
    <section class="card desk-drafts" aria-labelledby="drafts-title">
      <h2 id="drafts-title" class="card-title">
        {w().drafts.title}
      </h2>
      <ul>
        {card.drafts.map(document => (
          <Draft key={document.id} document={document} card={card} />
        ))}
      </ul>
    </section>
  );
}

function Draft({ document, card }: { document: DocumentRow; card: Card }) {
  const row = aboutClient(view.value).find(p => p.document.id === document.id);
  return (
    <li>
      <div>
        <p>
          <strong>{orderText(document)}</strong> <span class="badge badge-warn">{statusText(document)}</span>
        </p>
        <p class="muted">
          {w().documents.number(String(document.id))}, {byText(document)}
          {document.reason && `; ${w().documents.why(document.reason)}`}
        </p>
        <Until row={{ client: card.code, name: card.name, document, own: false }} />
      </div>
      {row && <Decisions row={row} />}
    </li>
  );
}
