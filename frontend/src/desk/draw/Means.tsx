// What the client proves himself by, with its counters and blocks.

import { timeText } from "../../draw/format";
import { shortFace, timeLeft } from "../../view/countdown";
import { instant } from "../../view/figures";
import { WEB_TOKEN } from "../../view/numbers";
import { meansActs, tokenActs } from "../acts";
import { now } from "../app";
import type { Card, MeansRow, TokenRow } from "../rows";
import { meansText } from "../sentences";
import { w } from "../words";
import { Acts } from "./Acts";

const stats: Record<string, string> = { ready: "stat-done", blocked: "stat-bad", disconnected: "stat-bad" };

export function Means({ card }: { card: Card }) {
  return (
    <section class="card desk-section" aria-labelledby="means-title">
      <h2 id="means-title" class="card-title">
        {w().means.title}
      </h2>
      <ul class="desk-rows">
        {card.means.map(row => (
          <Line key={row.safety_type_id} row={row} />
        ))}
        {card.token && <Token token={card.token} />}
      </ul>
    </section>
  );
}

function Line({ row }: { row: MeansRow }) {
  const m = w().means;
  return (
    <li>
      <div>
        <p>{meansText(row.safety_type_id)}</p>
        <p class="muted">
          <span class={`stat ${stats[row.status] ?? ""}`}>
            {m.status[row.status] ?? row.status}
            {row.status === "blocked" && ` ${blockedUntil(row)}`}
            {row.status === "ready" && `, ${m.left(row.attemptsLeft)}`}
          </span>
        </p>
      </div>
      <Acts acts={meansActs(row)} />
    </li>
  );
}

/** The WEB-token, or how the last one has ended. */
function Token({ token }: { token: TokenRow }) {
  const m = w().means;
  const connected = token.tokenId !== 0;
  return (
    <li>
      <div>
        <p>{meansText(WEB_TOKEN)}</p>
        {connected && (
          <p class="muted">
            <span class="stat stat-done">
              {m.status.ready}, {m.left(token.attemptsLeft)}
            </span>
            , {m.fingerprint(token.fingerprint)}
          </p>
        )}
        {token.ended !== "" && (
          <p class="muted">
            <span class={connected ? "stat" : `stat ${ends[token.ended] ?? ""}`}>
              {connected ? m.before(endText(token)) : endText(token)}
            </span>
          </p>
        )}
      </div>
      {connected && <Acts acts={tokenActs} />}
    </li>
  );
}

const ends: Record<string, string> = { locked: "stat-bad", cloned: "stat-bad" };

function endText({ ended }: TokenRow): string {
  return w().means.tokenEnds[ended] ?? ended;
}

function blockedUntil(row: MeansRow): string {
  const m = w().means;
  const until = instant(row.blockedUntil);
  if (until === null) return m.forever;
  return m.until(timeText(until, now.value), shortFace(timeLeft(until, now.value)));
}
