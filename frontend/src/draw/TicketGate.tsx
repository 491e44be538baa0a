// Why no order can be submitted now, and the way to change it.

import { view } from "../app";
import { dialog, t } from "../ui";
import { isStale, mySession } from "../view/view";
import { Icon } from "./Icon";

export function TicketGate() {
  if (isStale(view.value)) return <p class="ticket-gate">{t().ticket.noLink}</p>;
  if (mySession(view.value)) return null;
  return (
    <div class="ticket-gate">
      <p>{t().ticket.noSession}</p>
      <button
        type="button"
        class="button button-wide"
        onClick={() => {
          dialog.value = "session";
        }}
      >
        <Icon name="shield" />
        {t().header.openShort}
      </button>
    </div>
  );
}
