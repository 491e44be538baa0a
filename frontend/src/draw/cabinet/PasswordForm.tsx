// Change the password.

import { useSignal } from "@preact/signals";
import { connection } from "../../app";
import { t } from "../../ui";
import type { Refusal } from "../../wire";
import { Message } from "../Message";
import { PasswordField } from "../PasswordField";
import { Refused } from "../Refused";
import { refusalText } from "../sentences";

const SHORTEST = 8;

type State =
  | { is: "editing" }
  | { is: "bad"; text: string }
  | { is: "sending" }
  | { is: "refused"; refusal: Refusal }
  | { is: "done" };

export function PasswordForm() {
  const p = t().password;
  const old = useSignal("");
  const fresh = useSignal("");
  const repeat = useSignal("");
  const state = useSignal<State>({ is: "editing" });

  const problem = () => {
    if (fresh.value.length < SHORTEST) return p.short;
    if (fresh.value === old.value) return p.same;
    return fresh.value === repeat.value ? null : p.differ;
  };
  const submit = async (e: Event) => {
    e.preventDefault();
    const text = problem();
    if (text) {
      state.value = { is: "bad", text };
      return;
    }
    state.value = { is: "sending" };
    const answer = await connection.changePassword(old.value, fresh.value);
    state.value = answer.ok ? { is: "done" } : { is: "refused", refusal: answer.refusal };
  };

  const s = state.value;
  if (s.is === "done") return <Message tone="good" loud title={p.done} />;
  return (
    <form class="form step-form" onSubmit={submit} noValidate>
      <p class="lead">{p.lead}</p>
      <PasswordField label={p.old} name="old" autocomplete="current-password" value={old} />
      <PasswordField label={p.fresh} name="fresh" autocomplete="new-password" value={fresh} hint={p.hint} />
      <PasswordField label={p.repeat} name="repeat" autocomplete="new-password" value={repeat} />
      {s.is === "bad" && <Message tone="bad" loud title={s.text} />}
      {s.is === "refused" && <Refused said={refusalText(s.refusal)} />}
      <p class="step-buttons">
        <button type="submit" class="button button-primary" disabled={s.is === "sending"}>
          {p.submit}
        </button>
      </p>
    </form>
  );
}
