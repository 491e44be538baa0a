// What waits for a second operator, of all clients; the oldest first, so that no line moves under the pointer.

import { timeText } from "../../draw/format";
import { shortFace, timeLeft } from "../../view/countdown";
import { instant } from "../../view/figures";
import { ask, desk, now, view } from "../app";
import type { PendingRow } from "../rows";
import { orderText } from "../sentences";
import { forMe } from "../view";
import { w } from "../words";

export function Queue() {
  const q = w().queue;
  const { pending } = view.value;
  const mine = forMe(view.value).length;
  return (
    <section class="card desk-queue" aria-labelledby="queue-title">
      <div class="desk-title">
        <h2 id="queue-title" class="card-title">
          {q.title}
        </h2>
        <span role="status">
          {mine > 0 && (
            <span class="badge badge-warn" title={q.count(mine)}>
              <span aria-hidden="true">{mine}</span>
              <span class="visually-hidden">{q.count(mine)}</span>
            </span>
          )}
        </span>
      </div>
      {pending.length === 0 ? (
        <p class="empty-line muted">{q.none}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ul class="desk-waiting" tabIndex={0} aria-labelledby="queue-title">
          {pending.map(row => (
            <Waiting key={`${row.client}-${row.document.id}`} row={row} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Waiting({ row }: { row: PendingRow }) {
  const q = w().queue;
  const { document, own, client, name } = row;
  return (
    <li class={own ? "own" : undefined}>
      <p>
        <button
          type="button"
          class="link-button"
          aria-label={q.openLong(q.client(name, client))}
          onClick={() => void desk.open(client)}
        >
          {name}
        </button>{" "}
        <span class="figures muted">{client}</span>
      </p>
      <p>
        <strong>{orderText(document)}</strong>
      </p>
      <p class="muted">{own ? q.own : q.by(document.operator)}</p>
      <p class="muted">{q.why(document.reason)}</p>
      <Until row={row} />
      <Decisions row={row} />
    </li>
  );
}

export function Until({ row }: { row: PendingRow }) {
  const q = w().queue;
  const until = instant(row.document.expiresAt);
  if (until === null) return null;
  const left = timeLeft(until, now.value);
  return <p class="muted">{left === 0 ? q.late : q.until(timeText(until, now.value), shortFace(left))}</p>;
}

/** Confirm and decline, or withdraw one's own. */
export function Decisions({ row }: { row: PendingRow }) {
  const q = w().queue;
  const what = orderText(row.document);
  return (
    <p class="desk-acts">
      {!row.own && (
        <button
          type="button"
          class="button button-small button-primary"
          aria-label={q.confirmLong(what, row.name)}
          onClick={() => ask({ is: "confirm", row })}
        >
          {q.confirm}
        </button>
      )}
      <button
        type="button"
        class="button button-small"
        aria-label={(row.own ? q.withdrawLong : q.declineLong)(what, row.name)}
        onClick={() => ask({ is: "decline", row })}
      >
        {row.own ? q.withdraw : q.decline}
      </button>
    </p>
  );
}
