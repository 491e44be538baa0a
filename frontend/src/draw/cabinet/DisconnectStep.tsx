// Disconnecting SMS: what it means, before it is signed.

import { t, visit } from "../../ui";
import { DISCONNECT, SMS } from "../../view/numbers";
import { Message } from "../Message";
import { StepHead } from "./StepHead";
import { SubmitFoot, useSubmission } from "./submission";

export function DisconnectStep() {
  const m = t().means;
  const submission = useSubmission("means");
  const submit = (e: Event) => {
    e.preventDefault();
    void submission.submit(DISCONNECT, { safetyTypeId: SMS });
  };
  return (
    <>
      <StepHead section="means" title={m.disconnectTitle} />
      <form class="form step-form" onSubmit={submit} noValidate>
        <p>{m.disconnectLead}</p>
        <Message tone="bad" title={m.consequences}>
          <ul class="points">
            {m.consequence.map(text => (
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
