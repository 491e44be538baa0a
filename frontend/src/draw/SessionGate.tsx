// What cannot be done without an open security session, or without the PIN of the one that is open, and the way to it. The
// panel lies above; what was typed stays.

import { view } from "../app";
import { openPanel, type PanelTab, t } from "../ui";
import { isStale } from "../view/view";
import { Icon } from "./Icon";

/** tab: of the means that it takes. */
export function SessionGate({ text, tab = null }: { text: string; tab?: PanelTab | null }) {
  return (
    <div class="gate">
      <p>{text}</p>
      <button
        type="button"
        class="button button-primary"
        disabled={isStale(view.value)}
        onClick={() => openPanel(tab)}
      >
        <Icon name="shield" />
        {t().header.open}
      </button>
    </div>
  );
}

/** The session was opened by WEB-token, and this page cannot sign. */
export function PinGate() {
  return (
    <div class="gate">
      <p>{t().cabinet.needsPin}</p>
      <button
        type="button"
        class="button button-primary"
        disabled={isStale(view.value)}
        onClick={() => openPanel("token")}
      >
        <Icon name="key" />
        {t().ticket.enterPin}
      </button>
    </div>
  );
}
