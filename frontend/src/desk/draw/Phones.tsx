// The client's contact phones: the first is where passcodes go.

import { timeText } from "../../draw/format";
import { instant } from "../../view/figures";
import { phoneActs } from "../acts";
import { ask, now } from "../app";
import type { Card, ContactPhone } from "../rows";
import { w } from "../words";
import { Acts } from "./Acts";

export function Phones({ card }: { card: Card }) {
  const p = w().phones;
  const quarantine = instant(card.quarantineUntil);
  return (
    <section class="card desk-section" aria-labelledby="phones-title">
      <div class="desk-title">
        <h2 id="phones-title" class="card-title">
          {p.title}
        </h2>
        <button
          type="button"
          class="button button-small"
          onClick={() => ask({ is: "act", act: { is: "addPhone" } })}
        >
          {p.add}
        </button>
      </div>
      {card.phones.length === 0 && <p class="empty-line muted">{p.none}</p>}
      <ul class="desk-rows">
        {card.phones.map(phone => (
          <Line key={phone.id} phone={phone} all={card.phones} />
        ))}
      </ul>
      {quarantine !== null && quarantine > now.value && (
        <p class="desk-note warn">{p.quarantine(timeText(quarantine, now.value))}</p>
      )}
    </section>
  );
}

function Line({ phone, all }: { phone: ContactPhone; all: ContactPhone[] }) {
  const p = w().phones;
  const since = instant(phone.since);
  return (
    <li>
      <div>
        <p>
          <span class="figures desk-number">{phone.phone}</span>{" "}
          {phone.primary && (
            <span class="badge" title={p.primaryHint}>
              {p.primary}
            </span>
          )}
        </p>
        <p class="muted">
          {phone.verified ? p.verified : p.unverified},{" "}
          {since === null ? p.imported : p.since(timeText(since, now.value))}
        </p>
      </div>
      <Acts acts={phoneActs(phone, all)} />
    </li>
  );
}
