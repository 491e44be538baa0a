// What has happened to the client's security, newest first.

import { timeText } from "../../draw/format";
import { instant } from "../../view/figures";
import { now } from "../app";
import type { Card } from "../rows";
import { eventText } from "../sentences";
import { w } from "../words";

export function History({ card }: { card: Card }) {
  const h = w().history;
  return (
    <section class="card desk-section" aria-labelledby="history-title">
      <h2 id="history-title" class="card-title">
        {h.title}
      </h2>
      {card.events.length === 0 ? (
        <p class="empty-line muted">{h.none}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ol class="desk-history desk-scroll" tabIndex={0} aria-labelledby="history-title">
          {card.events.map(row => (
            <li key={row.seq}>
              <time class="muted figures">{timeText(instant(row.at) ?? 0, now.value)}</time>
              <span>{eventText(row, now.value)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
