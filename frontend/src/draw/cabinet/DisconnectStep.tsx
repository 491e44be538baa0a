// Disconnecting SMS or the WEB-token: what it means, before it is signed.

import { t, visit } from "../../ui";
import { DISCONNECT, SMS } from "../../view/numbers";
import { Message } from "../Message";
import { StepHead } from "./StepHead";
import { SubmitFoot, useSubmission } from "./submission";

export function DisconnectStep({ means }: { means: number }) {
  const m = t().means;
  const sms = means === SMS;
  const submission = useSubmission("means");
  const submit = (e: Event) => {
    e.preventDefault();
    void submission.submit(DISCONNECT, { safetyTypeId: means });
  };
  return (
    <>
      <StepHead section="means" title={sms ? m.disconnectTitle : m.disconnectToken} />
      <form class="form step-form" onSubmit={submit} noValidate>
        <p>{sms ? m.disconnectLead : m.disconnectTokenLead}</p>
        <Message tone="bad" title={m.consequences}>
          <ul class="points">
            {(sms ? m.consequence : m.tokenConsequence).map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Message>
        <SubmitFoot submission={submission} danger>
          <button type="button" class="button" onClick={() => visit("means")}>
            {m.keep}
          </button>
        </SubmitFoot>
      </form>
    </>
  );
}
