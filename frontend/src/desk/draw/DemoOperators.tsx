// In a demonstration: the operators whom everybody may be. A press fills the form, with the code of this moment.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { desk } from "../app";
import { w } from "../words";
import type { DemoOperator } from "../world";

export function DemoOperators({ onTake }: { onTake: (operator: DemoOperator) => void }) {
  const l = w().login;
  const all = useSignal<DemoOperator[]>([]);
  const look = async () => {
    all.value = await desk.demoOperators();
  };
  useEffect(() => void look(), []);
  const take = async (login: string) => {
    await look();
    const now = all.value.find(o => o.login === login);
    if (now) onTake(now);
  };
  if (all.value.length === 0) return null;
  return (
    <p class="desk-demo muted">
      <span>{l.demo}</span>
      {all.value.map(({ login, name }) => (
        <button key={login} type="button" class="link-button" onClick={() => void take(login)}>
          {name}
        </button>
      ))}
      <a href="/dev/operators" target="_blank" rel="noreferrer">
        {l.demoCodes}
      </a>
    </p>
  );
}
