// The order «Подключить WEB-токен», filled with the public key that was just made.

import { useSignal } from "@preact/signals";
import { now } from "../../app";
import { t, visit } from "../../ui";
import { restartRegistration, submitToken } from "../../webtoken";
import type { Refusal } from "../../wire";
import { timeText } from "../format";
import { Refused } from "../Refused";
import { refusalText } from "../sentences";

interface Props {
  publicKey: string;
  fingerprint: string;
  until: number;
}

export function ConnectOrder({ publicKey, fingerprint, until }: Props) {
  const c = t().connect;
  const busy = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const submit = async (e: Event) => {
    e.preventDefault();
    busy.value = true;
    const answer = await submitToken();
    busy.value = false;
    if (answer?.ok) visit("token", { is: "sign", id: answer.result.document.id });
    else refusal.value = answer?.refusal ?? null;
  };
  return (
    <form class="form step-form" onSubmit={submit} noValidate>
      <h3 class="step-title" tabIndex={-1} data-first>
        {c.order}
      </h3>
      <dl class="signed-card key-card">
        <dt>
          {c.publicKey} <small>{c.publicKeyHint}</small>
        </dt>
        <dd class="figures key-text">{publicKey}</dd>
        <dt>
          {c.fingerprint} <small>{c.fingerprintHint}</small>
        </dt>
        <dd class="figures key-print">{fingerprint}</dd>
      </dl>
      {refusal.value && <Refused said={refusalText(refusal.value)} />}
      <p class="step-buttons">
        <button type="submit" class="button button-primary" disabled={busy.value}>
          {busy.value ? t().cabinet.asking : c.submit}
        </button>
        <button type="button" class="button" disabled={busy.value} onClick={restartRegistration}>
          {c.generateAgain}
        </button>
      </p>
      <p class="muted small-print">{c.until(timeText(until, now.value))}</p>
    </form>
  );
}
