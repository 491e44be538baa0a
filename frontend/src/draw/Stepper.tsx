// A number with buttons for one step less and more; the arrow keys do the same.

import { useId } from "preact/hooks";
import { t } from "../ui";
import { Icon } from "./Icon";

interface Props {
  label: string;
  hint?: string;
  value: string;
  /** The step, in words. */
  by: string;
  decimal?: boolean;
  bad: boolean;
  disabled?: boolean;
  onInput: (text: string) => void;
  onStep: (by: 1 | -1) => void;
}

export function Stepper({
  label,
  hint,
  value,
  by,
  decimal = false,
  bad,
  disabled = false,
  onInput,
  onStep,
}: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        {label} {hint && <small>{hint}</small>}
      </label>
      <span class={bad ? "stepper stepper-bad" : "stepper"}>
        <button
          type="button"
          disabled={disabled}
          tabIndex={-1}
          aria-label={t().ticket.less(by)}
          onClick={() => onStep(-1)}
        >
          <Icon name="minus" />
        </button>
        <input
          id={id}
          class="figures"
          inputmode={decimal ? "decimal" : "numeric"}
          autocomplete="off"
          aria-invalid={bad}
          disabled={disabled}
          value={value}
          onInput={e => onInput(e.currentTarget.value)}
          onKeyDown={e => {
            if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
            e.preventDefault();
            onStep(e.key === "ArrowUp" ? 1 : -1);
          }}
        />
        <button
          type="button"
          disabled={disabled}
          tabIndex={-1}
          aria-label={t().ticket.more(by)}
          onClick={() => onStep(1)}
        >
          <Icon name="plus" />
        </button>
      </span>
    </div>
  );
}
