// The WEB-token among the means of confirmation.

import { now, view } from "../../app";
import { t, visit } from "../../ui";
import { WEB_TOKEN } from "../../view/numbers";
import { connectedAt, type Standing, standing } from "../../view/webtoken";
import { timeText } from "../format";
import { Icon } from "../Icon";
import { Message } from "../Message";
import { absenceText, badgeOf } from "../tokenwords";

export function TokenRow() {
  const m = t().means;
  const at = standing(view.value);
  const { tone, text } = badgeOf(at);
  const connected = at.is === "here" || at.is === "elsewhere";
  return (
    <li class="row" data-standing={at.is}>
      <Icon name="key" />
      <div class="row-what">
        <p class="row-title">
          {m.token} <span class={`badge badge-${tone}`}>{text}</span>
        </p>
        <p class="muted">{m.tokenText}</p>
        {connected && <p class="muted">{facts(at)}</p>}
        {at.is === "here" && <p class="muted">{m.left(at.left)}</p>}
      </div>
      <p class="row-buttons">
        {at.is !== "here" && (
          <button type="button" class="button button-small" onClick={() => visit("token")}>
            {at.is === "none" || at.is === "unknown" ? t().token.connect : t().token.connectHere}
          </button>
        )}
        {connected && <End />}
      </p>
      <Warning at={at} />
    </li>
  );
}

function facts(at: Extract<Standing, { tokenId: number }>): string {
  const { fingerprint, since } = t().token;
  const when = connectedAt(view.value.documents, at.tokenId);
  return [fingerprint(at.fingerprint), ...(when === null ? [] : [since(timeText(when, now.value))])].join(
    ", ",
  );
}

/** What has become of it, if that should be read. */
function Warning({ at }: { at: Standing }) {
  const said = absenceText(at);
  if (!said || at.is === "none") return null;
  return (
    <div class="row-wide">
      <Message tone={said.loud ? "bad" : "note"} title={said.what}>
        <p>{said.next}</p>
      </Message>
    </div>
  );
}

function End() {
  const m = t().means;
  return (
    <>
      <button
        type="button"
        class="button button-small button-danger"
        aria-label={m.disconnectToken}
        onClick={() => visit("means", { is: "disconnect", means: WEB_TOKEN })}
      >
        {m.disconnect}
      </button>
      <button
        type="button"
        class="button button-small button-warn"
        onClick={() => visit("means", { is: "revoke" })}
      >
        {m.lost}
      </button>
    </>
  );
}
