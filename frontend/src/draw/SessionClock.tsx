// The time left of the security session, or the button that opens one.

import { now, view } from "../app";
import { openPanel, t } from "../ui";
import { clockFace, timeLeft, urgency } from "../view/countdown";
import { isStale, mySession } from "../view/view";
import { Dial } from "./Dial";
import { timeText } from "./format";
import { Icon } from "./Icon";

const WHOLE = 5 * 3600 * 1000;

export function SessionClock() {
  const h = t().header;
  const session = mySession(view.value);
  if (!session) {
    return (
      <button
        type="button"
        class="button button-primary open-session"
        disabled={isStale(view.value)}
        onClick={() => openPanel()}
      >
        <Icon name="shield" />
        <span class="wide-only">{h.open}</span>
        <span class="narrow-only">{h.openShort}</span>
      </button>
    );
  }
  const left = timeLeft(session.expiresAt, now.value);
  const level = urgency(left);
  return (
    <div class={`session-clock session-${level}`}>
      <Dial share={left / WHOLE} urgency={level} />
      <span class="session-words">
        <span class="session-title">{h.session}</span>
        <span class="session-until">{h.until(timeText(session.expiresAt, now.value))}</span>
      </span>
      <span class="session-left figures" role="timer" aria-label={h.timeLeft} data-testid="time-left">
        {clockFace(left)}
      </span>
    </div>
  );
}
