// Before a WEB-token is made: the steps, what it replaces, where it must not be made.

import { view } from "../../app";
import { t } from "../../ui";
import { standing } from "../../view/webtoken";
import { generateKeys } from "../../webtoken";
import { Icon } from "../Icon";
import { Message } from "../Message";

export function ConnectIntro({ busy }: { busy: boolean }) {
  const c = t().connect;
  return (
    <div class="step-form">
      <Before />
      <ol class="points steps">
        {c.steps.map(text => (
          <li key={text}>{text}</li>
        ))}
      </ol>
      <p class="muted small-print">{c.private}</p>
      <p class="step-buttons">
        <button
          type="button"
          class={standing(view.value).is === "here" ? "button" : "button button-primary"}
          disabled={busy}
          onClick={() => void generateKeys()}
        >
          <Icon name="key" />
          {busy ? c.generating : c.generate}
        </button>
      </p>
    </div>
  );
}

/** The token that there is already. */
function Before() {
  const c = t().connect;
  const at = standing(view.value);
  if (at.is !== "here" && at.is !== "elsewhere") return null;
  return (
    <Message tone="note" title={c[at.is](at.fingerprint)}>
      <p>{at.is === "here" ? c.hereNext : c.elsewhereNext}</p>
    </Message>
  );
}
