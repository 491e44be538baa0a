// A new number: to add, or to replace an old one. What is wrong with it is said as it is typed.

import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../../ui";
import { readPhone, spaced, type Typed } from "../../view/phonenumber";
import type { Phone } from "../../view/phones";
import { Message } from "../Message";
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
      210,
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
        <div id="phone-help" class="phone-help" aria-live="polite">
          <Help typed={typed} bad={bad.value} onTake={take} />
        </div>
        {!old && <AsPrimary value={primary} />}
        <SubmitFoot submission={submission} />
      </form>
    </>
  );
}

function Help({ typed, bad, onTake }: { typed: Typed; bad: boolean; onTake: (number: string) => void }) {
  const p = t().phones;
  if (typed.is === "whole") return <p class="muted figures">{spaced(typed.number)}</p>;
  const meant = typed.is === "needsCountry" ? typed.meant : null;
  if (!bad && meant === null) return <p class="muted">{p.example}</p>;
  return (
    <Message tone={bad ? "bad" : "note"} title={p[typed.is]}>
      {meant !== null && (
        <p class="meant">
          {p.meant(spaced(meant))}{" "}
          <button type="button" class="button button-small" onClick={() => onTake(meant)}>
            {p.take(meant)}
          </button>
        </p>
      )}
    </Message>
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
