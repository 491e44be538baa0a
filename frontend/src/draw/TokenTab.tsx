// W-TOKEN: not connected, and how it will be.

import { view } from "../app";
import { t } from "../ui";
import { WEB_TOKEN } from "../view/numbers";
import { meansRow } from "../view/passcode";
import { Message } from "./Message";

export function TokenTab() {
  const p = t().panel;
  const row = meansRow(view.value.means, WEB_TOKEN);
  return (
    <div class="means means-off" data-status={row?.status_id ?? 0}>
      <Message tone="note" title={p.tokenTitle}>
        <p>{p.tokenText}</p>
        <p>{p.tokenSoon}</p>
      </Message>
      <button type="button" class="button button-primary button-wide" disabled>
        {p.submit}
      </button>
    </div>
  );
}
