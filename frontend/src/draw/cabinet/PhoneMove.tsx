// A phone becomes the primary one, or a contact phone no longer: what it means, before it is signed.

import { view } from "../../app";
import { t } from "../../ui";
import { PHONES } from "../../view/numbers";
import { type Phone, primaryOf } from "../../view/phones";
import { StepHead } from "./StepHead";
import { SubmitFoot, useSubmission } from "./submission";

export function PhoneMove({ phone, action }: { phone: Phone; action: "primary" | "remove" }) {
  const p = t().phones;
  const submission = useSubmission("phones");
  const submit = (e: Event) => {
    e.preventDefault();
    void submission.submit(PHONES, { action, phoneId: phone.id });
  };
  const title = action === "primary" ? p.primaryTitle(phone.number) : p.removeTitle(phone.number);
  return (
    <>
      <StepHead section="phones" title={title} />
      <form class="form step-form" onSubmit={submit} noValidate>
        <ul class="points">
          {(action === "primary" ? primaryMeans(phone) : removalMeans(phone)).map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <SubmitFoot submission={submission} danger={action === "remove"} />
      </form>
    </>
  );
}

function primaryMeans(phone: Phone): string[] {
  const p = t().phones;
  const old = primaryOf(view.value.phones);
  return [p.primaryText(phone.number), ...(old ? [p.primaryOld(old.number)] : [])];
}

function removalMeans(phone: Phone): string[] {
  const p = t().phones;
  const next = view.value.phones.list?.find(x => x.id !== phone.id);
  const heir = phone.primary && next ? [p.removePrimaryText(next.number)] : [];
  return [p.removeText(phone.number), ...heir];
}
