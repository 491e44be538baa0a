// What has become of the last act, until the next one.

import { Icon } from "../../draw/Icon";
import { Message } from "../../draw/Message";
import { tell, view } from "../app";
import { orderText } from "../sentences";
import type { Outcome } from "../told";
import { w } from "../words";

export function OutcomeLine() {
  const { outcome } = view.value;
  return (
    <div role="status" class="desk-outcome">
      {outcome && (
        <>
          <Message tone={outcome.is === "waits" ? "warn" : "good"} title={said(outcome)}>
            {outcome.is === "waits" && <p>{w().outcome.waitsNext}</p>}
          </Message>
          <button
            type="button"
            class="icon-button"
            aria-label={w().close}
            onClick={() => tell({ is: "outcomeRead" })}
          >
            <Icon name="close" />
          </button>
        </>
      )}
    </div>
  );
}

function said(outcome: Outcome): string {
  const o = w().outcome;
  switch (outcome.is) {
    case "waits":
      return o.waits(String(outcome.document.id));
    case "done":
      return o.done(orderText(outcome.document));
    case "confirmed":
    case "declined":
    case "withdrawn":
      return `${o[outcome.is](outcome.name)}. ${orderText(outcome.document)}`;
    case "closed":
      return o.closed(outcome.sessions);
    case "revoked":
      return o.revoked;
  }
}
