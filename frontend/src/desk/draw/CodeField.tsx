// The digits of an authenticator: other characters do not get in, whatever is pasted.

import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";

interface Props {
  label: string;
  hint: string;
  digits: number;
  value: Signal<string>;
  inputRef: RefObject<HTMLInputElement | null>;
}

export function CodeField({ label, hint, digits, value, inputRef }: Props) {
  return (
    <div class="field">
      <label for="field-code">
        {label} <small>{hint}</small>
      </label>
      <input
        id="field-code"
        ref={inputRef}
        class="figures desk-code"
        name="code"
        inputmode="numeric"
        autocomplete="one-time-code"
        value={value.value}
        onInput={e => {
          value.value = e.currentTarget.value.replace(/\D/g, "").slice(0, digits);
          e.currentTarget.value = value.value;
        }}
      />
    </div>
  );
}
