// What cannot be done without an open security session, and the way to open one. The panel lies above; what was typed
// stays.

import { view } from "../app";
import { dialog, t } from "../ui";
import { isStale } from "../view/view";
import { Icon } from "./Icon";

export function SessionGate({ text }: { text: string }) {
  return (
    <div class="gate">
      <p>{text}</p>
      <button
        type="button"
        class="button button-primary"
        disabled={isStale(view.value)}
        onClick={() => {
          dialog.value = "session";
        }}
      >
        <Icon name="shield" />
        {t().header.open}
      </button>
    </div>
  );
}
