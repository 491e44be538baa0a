// A new number: to add, or to replace an old one. What is wrong with it is said as it is typed.

import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../../ui";
import { PHONES } from "../../view/numbers";
import { readPhone } from "../../view/phonenumber";
import type { Phone } from "../../view/phones";
import { PhoneHelp } from "../PhoneHelp";
import { StepHead } from "./StepHead";
import { SubmitFoot, useSubmission } from "./submission";

export function PhoneForm({ old }: { old: Phone | null }) {
  const p = t().phones;
  const text = useSignal("");
  const primary = useSignal(false);
  const bad = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const submission = useSubmission("phones");
  const typed = readPhone(text.value);
  const change = (value: string) => {
    text.value = value;
    bad.value = false;
    if (submission.state.value.is === "refused") submission.state.value = { is: "editing" };
  };
  const submit = (e: Event) => {
    e.preventDefault();
    if (typed.is !== "whole") {
      bad.value = true;
      return field.current?.focus();
    }
    const phone = typed.number;
    void submission.submit(
      PHONES,
      old ? { action: "replace", phoneId: old.id, phone } : { action: "add", phone, primary: primary.value },
    );
  };
  const take = (number: string) => {
    change(number);
    field.current?.focus();
  };
  return (
    <>
      <StepHead section="phones" title={old ? p.replaceTitle(old.number) : p.addTitle} />
      <form class="form step-form" onSubmit={submit} noValidate>
        {old && <p>{old.primary ? p.replacePrimaryText(old.number) : p.replaceText(old.number)}</p>}
        <label class="field">
          <span>
            {p.number} <small>{p.numberHint}</small>
          </span>
          <input
            ref={field}
            class="figures phone-field"
            name="phone"
            type="tel"
            inputmode="tel"
            autocomplete="tel"
            placeholder="+79031111111"
            maxLength={40}
            aria-invalid={bad.value || submission.state.value.is === "refused"}
            aria-describedby="phone-help"
            value={text.value}
            onInput={e => change(e.currentTarget.value)}
          />
        </label>
        <PhoneHelp id="phone-help" typed={typed} bad={bad.value} onTake={take} />
        {!old && <AsPrimary value={primary} />}
        <SubmitFoot submission={submission} />
      </form>
    </>
  );
}

function AsPrimary({ value }: { value: Signal<boolean> }) {
  const p = t().phones;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value.value}
        onChange={e => {
          value.value = e.currentTarget.checked;
        }}
      />
      <span>
        {p.asPrimary} <small>{p.asPrimaryHint}</small>
      </span>
    </label>
  );
}
