// The PIN of a new WEB-token, entered twice. Between the two it is kept in this closure and nowhere else.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { pinTrouble } from "../../token/pin";
import { t } from "../../ui";
import { protectKey } from "../../webtoken";
import type { Refusal } from "../../wire";
import { Keypad } from "../Keypad";
import { Message } from "../Message";
import { Refused } from "../Refused";
import { refusalText } from "../sentences";

interface Props {
  busy: boolean;
  trouble: Refusal | null;
}

export function ChoosePin({ busy, trouble }: Props) {
  const c = t().connect;
  const chosen = useRef<string | null>(null);
  const stage = useSignal<"choose" | "repeat">("choose");
  const problem = useSignal<"trivial" | "differ" | null>(null);
  useEffect(
    () => () => {
      chosen.current = null;
    },
    [],
  );

  const choose = (pin: string) => {
    problem.value = pinTrouble(pin) ? "trivial" : null;
    if (problem.value) return;
    chosen.current = pin;
    stage.value = "repeat";
  };
  const repeat = (pin: string) => {
    const same = pin === chosen.current;
    chosen.current = null;
    stage.value = "choose";
    if (same) void protectKey(pin);
    else problem.value = "differ";
  };

  const choosing = stage.value === "choose";
  return (
    <div class="step-form">
      {problem.value && <Message tone="bad" loud title={c[problem.value]} />}
      {trouble && <Refused said={refusalText(trouble)} />}
      <Keypad
        key={stage.value}
        title={choosing ? c.choose : c.repeat}
        submit={busy ? c.protecting : c.ok}
        disabled={busy}
        focused
        onPin={choosing ? choose : repeat}
      />
      <p class="muted small-print">{c.pinHint}</p>
    </div>
  );
}
