// Every open security session of the client, wherever it was opened.

import { connection, now, tell, view } from "../app";
import { t } from "../ui";
import { clockFace, timeLeft, urgency } from "../view/countdown";
import type { Session } from "../view/sessions";
import { isStale } from "../view/view";
import type { Commands } from "../wire";
import { Dial } from "./Dial";
import { timeText } from "./format";

const WHOLE = 5 * 3600 * 1000;

async function close(which: Commands["closeSecuritySession"]["params"]): Promise<void> {
  const answer = await connection.request("closeSecuritySession", which);
  if (!answer.ok)
    tell({ is: "refused", doing: "close", refusal: answer.refusal, at: connection.clock.now() });
}

/** The card beside the market. */
export function SessionList() {
  return (
    <section class="card sessions" aria-labelledby="sessions-title">
      <h2 id="sessions-title" class="card-title">
        {t().sessions.title}
      </h2>
      <Sessions />
    </section>
  );
}

/** whole: as in the cabinet, with addresses, and the way to close everything at any time. */
export function Sessions({ whole = false }: { whole?: boolean }) {
  const { sessions, user } = view.value;
  const own = sessions.all.filter(x => x.login === user?.loginId);
  const others = sessions.all.filter(x => x.login !== user?.loginId);
  const stale = isStale(view.value);
  if (sessions.all.length === 0) return <p class="empty-line muted">{t().sessions.none}</p>;
  return (
    <>
      <ul class="session-list">
        {[...own, ...others].map(session => (
          <SessionLine
            key={session.id}
            session={session}
            own={session.login === user?.loginId}
            whole={whole}
            stale={stale}
          />
        ))}
      </ul>
      {(whole || others.length > 0) && (
        <CloseMany others={own.length > 0 && others.length > 0} stale={stale} whole={whole} />
      )}
    </>
  );
}

function CloseMany({ others, stale, whole }: { others: boolean; stale: boolean; whole: boolean }) {
  const s = t().sessions;
  const size = whole ? "" : "button-small";
  return (
    <>
      <p class="buttons">
        {others && (
          <button
            type="button"
            class={`button ${size}`}
            disabled={stale}
            onClick={() => void close({ others: true })}
          >
            {s.closeOthers}
          </button>
        )}
        <button
          type="button"
          class={`button button-danger ${size}`}
          disabled={stale}
          onClick={() => void close({ all: true })}
        >
          {s.closeAll}
        </button>
      </p>
      {whole && <p class="muted small-print">{s.closeAllHint}</p>}
    </>
  );
}

interface Line {
  session: Session;
  own: boolean;
  whole: boolean;
  stale: boolean;
}

function SessionLine({ session, own, whole, stale }: Line) {
  const s = t().sessions;
  const left = timeLeft(session.expiresAt, now.value);
  const label = session.login === null ? null : view.value.journal.labels[session.login];
  const device = session.device ?? label ?? s.other(String(session.login ?? ""));
  return (
    <li>
      <Dial share={left / WHOLE} urgency={urgency(left)} />
      <div class="session-what">
        <p>
          <strong>{s.means[session.means] ?? session.means}</strong>{" "}
          <span class="figures" title={s.left}>
            {clockFace(left)}
          </span>
        </p>
        <p class="muted">{device}</p>
        <p class="muted">
          {own && `${s.own}, `}
          {s.opened(timeText(session.openedAt, now.value))}
          {whole && session.address && `, ${session.address}`}
        </p>
      </div>
      <button
        type="button"
        class="button button-small"
        aria-label={s.closeLong(own ? s.own : device)}
        disabled={stale}
        onClick={() => void close({ id: session.id })}
      >
        {s.close}
      </button>
    </li>
  );
}
