// The device with the WEB-token is lost: it ends at once. This page is the question whether that is meant.

import { view } from "../../app";
import { t, visit } from "../../ui";
import { mySession } from "../../view/view";
import { standing } from "../../view/webtoken";
import { revokeToken } from "../../webtoken";
import { ActButton } from "../ActButton";
import { Message } from "../Message";
import { SessionGate } from "../SessionGate";
import { StepHead } from "./StepHead";

export function RevokeStep() {
  const m = t().means;
  const at = standing(view.value);
  const connected = at.is === "here" || at.is === "elsewhere";
  return (
    <>
      <StepHead section="means" title={m.lostTitle} />
      <div class="step-form">
        {connected ? (
          <Sure tokenId={at.tokenId} fingerprint={at.fingerprint} />
        ) : (
          <Message tone="good" loud title={m.lostDone} />
        )}
      </div>
    </>
  );
}

function Sure({ tokenId, fingerprint }: { tokenId: number; fingerprint: string }) {
  const m = t().means;
  return (
    <>
      <Message tone="bad" title={`${m.token}, ${t().token.fingerprint(fingerprint)}`}>
        <p>{m.lostLead}</p>
      </Message>
      {mySession(view.value) ? (
        <div class="step-buttons">
          <ActButton
            look="button-danger"
            name={m.lostSubmit}
            busyName={m.lostSubmitting}
            act={() => revokeToken(tokenId)}
          />
          <button type="button" class="button" onClick={() => visit("means")}>
            {m.keep}
          </button>
        </div>
      ) : (
        <SessionGate text={m.lostNeedsSession} />
      )}
    </>
  );
}
