// The fields of an act: a phone number, and why.

import type { Signal } from "@preact/signals";
import { PhoneHelp } from "../../draw/PhoneHelp";
import { readPhone } from "../../view/phonenumber";
import { LONGEST_REASON } from "../acts";
import { w } from "../words";

interface NumberProps {
  number: Signal<string>;
  /** null: it takes the place of another, and its rank. */
  primary: Signal<boolean> | null;
  /** It was to be sent like that. */
  missing: boolean;
  /** The server does not take it. */
  refused: boolean;
  onTyped: () => void;
}

export function NumberField({ number, primary, missing, refused, onTyped }: NumberProps) {
  const a = w().acts;
  const change = (text: string) => {
    number.value = text;
    onTyped();
  };
  const take = (text: string) => {
    change(text);
    document.getElementById("act-number")?.focus();
  };
  return (
    <>
      <div class="field">
        <label for="act-number">
          {a.number} <small>{a.numberHint}</small>
        </label>
        <input
          id="act-number"
          name="number"
          class="figures"
          type="tel"
          inputmode="tel"
          autocomplete="off"
          maxLength={40}
          aria-invalid={missing || refused}
          aria-describedby="act-number-help"
          value={number.value}
          onInput={e => change(e.currentTarget.value)}
        />
      </div>
      <PhoneHelp id="act-number-help" typed={readPhone(number.value)} bad={missing} onTake={take} />
      {primary && (
        <label class="check">
          <input
            type="checkbox"
            name="primary"
            checked={primary.value}
            onChange={e => {
              primary.value = e.currentTarget.checked;
            }}
          />
          <span>
            {a.primary} <small>{a.primaryHint}</small>
          </span>
        </label>
      )}
    </>
  );
}

/** Why, in the operator's words; the usual ones are one key away. */
export function ReasonField({
  reason,
  choices,
  bad,
}: {
  reason: Signal<string>;
  choices: string[];
  bad: boolean;
}) {
  const a = w().acts;
  return (
    <div class="field">
      <label for="act-reason">
        {a.reason} <small>{a.reasonHint}</small>
      </label>
      <input
        id="act-reason"
        name="reason"
        autocomplete="off"
        maxLength={LONGEST_REASON}
        aria-invalid={bad}
        value={reason.value}
        onInput={e => {
          reason.value = e.currentTarget.value;
        }}
      />
      <span class="desk-choices">
        {choices.map(text => (
          <button
            key={text}
            type="button"
            class="desk-choice"
            onClick={() => {
              reason.value = text;
              document.getElementById("act-reason")?.focus();
            }}
          >
            {text}
          </button>
        ))}
      </span>
    </div>
  );
}
