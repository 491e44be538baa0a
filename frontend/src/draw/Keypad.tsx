// The keypad for the PIN: digits in another order at each showing. The PIN is never in the page: what was typed lives in this
// closure until it is handed over, the screen knows only how many digits there are. There is no field, so nothing can offer
// to remember it.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../ui";
import { shuffled } from "../view/shuffle";
import { Icon } from "./Icon";

const PLACES = 6;
/** Three rows of three; the tenth digit stands between the keys that erase. */
const NINE = [0, 1, 2, 3, 4, 5, 6, 7, 8];

interface Props {
  /** What is asked for. */
  title: string;
  /** What the button does with six digits. */
  submit: string;
  /** A PIN is being checked. */
  busy?: boolean;
  disabled?: boolean;
  /** Takes the focus when it appears. */
  focused?: boolean;
  onPin: (pin: string) => void;
}

export function Keypad({ title, submit, busy = false, disabled = false, focused = false, onPin }: Props) {
  const p = t().pin;
  const typed = useRef<string[]>([]);
  const count = useSignal(0);
  const keys = useSignal(shuffled());
  const box = useRef<HTMLDivElement>(null);
  const comes = useRef(focused);
  useEffect(() => {
    // A button that was disabled while the PIN was checked has lost the focus: it comes back.
    if (comes.current && !busy) box.current?.querySelector<HTMLElement>(".key")?.focus();
    comes.current = busy;
  }, [busy]);
  useEffect(
    () => () => {
      typed.current = [];
    },
    [],
  );

  const off = busy || disabled;
  const show = () => {
    count.value = typed.current.length;
  };
  const press = (digit: string) => {
    if (off || typed.current.length >= PLACES) return;
    typed.current.push(digit);
    show();
  };
  const erase = (all: boolean) => {
    typed.current = all ? [] : typed.current.slice(0, -1);
    show();
  };
  const done = () => {
    if (off || typed.current.length < PLACES) return;
    const pin = typed.current.join("");
    erase(true);
    keys.value = shuffled();
    onPin(pin);
  };
  const byKey = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (/^[0-9]$/.test(e.key)) press(e.key);
    else if (e.key === "Backspace") erase(false);
    else if (e.key === "Delete") erase(true);
    else if (e.key === "Enter" && count.value === PLACES && isDigit(e.target)) done();
    else return;
    e.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's, and browsers look for passwords in forms
    <div ref={box} class="keypad" role="group" aria-label={title} onKeyDown={byKey}>
      <p class="keypad-title">{title}</p>
      <p class="pin-places" aria-hidden="true">
        {Array.from({ length: PLACES }, (_, place) => (
          <span key={place} class={place < count.value ? "pin-place pin-filled" : "pin-place"} />
        ))}
      </p>
      <p class="visually-hidden" role="status">
        {p.typed(count.value, PLACES)}
      </p>
      <div class="keys">
        {NINE.map(place => (
          <Key key={place} digit={keys.value[place] ?? ""} off={off} onPress={press} />
        ))}
        <button
          type="button"
          class="key key-edit"
          disabled={off}
          aria-label={p.clear}
          onClick={() => erase(true)}
        >
          <Icon name="close" />
        </button>
        <Key digit={keys.value[9] ?? ""} off={off} onPress={press} />
        <button
          type="button"
          class="key key-edit"
          disabled={off}
          aria-label={p.erase}
          onClick={() => erase(false)}
        >
          <Icon name="backspace" />
        </button>
      </div>
      <button
        type="button"
        class="button button-primary button-wide"
        disabled={off || count.value < PLACES}
        onClick={done}
      >
        {busy ? p.checking : submit}
      </button>
    </div>
  );
}

function Key({ digit, off, onPress }: { digit: string; off: boolean; onPress: (digit: string) => void }) {
  return (
    <button type="button" class="key figures" disabled={off} data-digit onClick={() => onPress(digit)}>
      {digit}
    </button>
  );
}

/** On its own buttons Enter does what they say. */
function isDigit(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.dataset.digit !== undefined;
}
