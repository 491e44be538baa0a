// Where the client is logged in, and what he has open there.

import { timeText } from "../../draw/format";
import { instant } from "../../view/figures";
import { now } from "../app";
import type { Card, LoginRow } from "../rows";
import { meansText } from "../sentences";
import { w } from "../words";
import { Acts } from "./Acts";

const time = (at: string) => timeText(instant(at) ?? 0, now.value);

export function Logins({ card }: { card: Card }) {
  const l = w().logins;
  const open = card.logins.some(login => login.session !== null);
  return (
    <section class="card desk-section" aria-labelledby="logins-title">
      <div class="desk-title">
        <h2 id="logins-title" class="card-title">
          {l.title}
        </h2>
        {open ? <Acts acts={[{ is: "closeSessions" }]} /> : <span class="muted">{l.noSessions}</span>}
      </div>
      {card.logins.length === 0 && <p class="empty-line muted">{l.none}</p>}
      <ul class="desk-rows">
        {card.logins.map(login => (
          <Line key={login.id} login={login} />
        ))}
      </ul>
    </section>
  );
}

function Line({ login }: { login: LoginRow }) {
  const l = w().logins;
  return (
    <li>
      <div>
        <p>
          {login.label || l.unknownDevice} <span class="muted figures">{login.address}</span>
        </p>
        <p class="muted">
          {login.attended ? l.attended : l.away}, {l.opened(time(login.opened))},{" "}
          {l.seen(time(login.lastSeen))}
        </p>
        <p class={login.session ? "stat stat-done" : "stat muted"}>
          {login.session
            ? l.session(meansText(login.session.safety_type_id), time(login.session.expiresAt))
            : l.noSession}
        </p>
      </div>
    </li>
  );
}
