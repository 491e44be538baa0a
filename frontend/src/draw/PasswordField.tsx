// A password that can be shown while it is typed.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { t } from "../ui";
import { Icon } from "./Icon";

interface Props {
  label: string;
  name: string;
  autocomplete: "current-password" | "new-password";
  value: Signal<string>;
  hint?: string;
  inputRef?: RefObject<HTMLInputElement | null>;
}

export function PasswordField({ label, name, autocomplete, value, hint, inputRef }: Props) {
  const shown = useSignal(false);
  const id = `field-${name}`;
  return (
    <div class="field">
      <label for={id}>
        {label} {hint && <small>{hint}</small>}
      </label>
      <span class="password">
        <input
          id={id}
          ref={inputRef ?? null}
          name={name}
          type={(shown.value ? "text" : "password") as "password"}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          value={value.value}
          onInput={e => {
            value.value = e.currentTarget.value;
          }}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={shown.value ? t().login.hide : t().login.show}
          aria-pressed={shown.value}
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          <Icon name={shown.value ? "eyeOff" : "eye"} />
        </button>
      </span>
    </div>
  );
}
