// «Нет связи, переподключаюсь…»

import { connection, now, view } from "../app";
import { t } from "../ui";
import { shortFace } from "../view/countdown";
import { Icon } from "./Icon";

/** A wait shorter than this is not worth a number. */
const WORTH_TELLING = 2_000;

export function LinkBar() {
  const { link, stage } = view.value;
  if (link.is !== "lost" && !(link.is === "connecting" && link.attempt > 0)) return null;
  const wait = link.is === "lost" ? link.retryAt - Date.now() : 0;
  void now.value;
  return (
    <section class="link-bar" aria-label={t().link.label}>
      <Icon name="alert" />
      <p>
        <span role="status">{t().link.lost}</span> {stage === "terminal" && <span>{t().link.stale}</span>}{" "}
        {wait > WORTH_TELLING && (
          <span class="figures" aria-hidden="true">
            {shortFace(wait)}
          </span>
        )}
      </p>
      {stage === "terminal" && (
        <button type="button" class="quiet-button" onClick={() => void connection.wake()}>
          {t().link.now}
        </button>
      )}
    </section>
  );
}
