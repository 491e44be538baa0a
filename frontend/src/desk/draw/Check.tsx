// What to ask the client on the phone. The voice password is on this page only while it is being typed.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Message } from "../../draw/Message";
import { VOICE_PASSWORD } from "../../view/numbers";
import { meansOf } from "../acts";
import { desk, now, view } from "../app";
import { type Card, kindOf } from "../rows";
import { actText } from "../sentences";
import { checkedFor } from "../view";
import { w } from "../words";
import { Trouble } from "./Trouble";

export function Check({ card }: { card: Card }) {
  const c = w().check;
  if (checkedFor(card, now.value) > 0) return null;
  const voice = meansOf(card, VOICE_PASSWORD);
  return (
    <section class="card desk-check" aria-labelledby="check-title">
      <div class="desk-title">
        <h2 id="check-title" class="card-title">
          {c.title}
        </h2>
        {voice?.status === "ready" && <span class="muted">{c.left(voice.attemptsLeft)}</span>}
      </div>
      {voice?.status === "ready" && <CheckForm card={card} left={voice.attemptsLeft} />}
      {voice?.status === "blocked" && (
        <Message tone="bad" title={c.blocked}>
          <p>{c.blockedNext}</p>
        </Message>
      )}
      {voice?.status !== "ready" && voice?.status !== "blocked" && (
        <Message tone="warn" title={c.none}>
          <p>{c.noneNext}</p>
        </Message>
      )}
      {voice?.status !== "ready" && <Before />}
    </section>
  );
}

function CheckForm({ card, left }: { card: Card; left: number }) {
  const c = w().check;
  const name = useSignal("");
  const code = useSignal("");
  const voice = useSignal("");
  const empty = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const focusOn = (field: string) => form.current?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus();
  const check = view.value.client?.check;
  const before = check?.before ?? null;
  useEffect(() => {
    if (before) focusOn(name.value === "" ? "name" : "voice");
  }, [before]);

  const submit = async (e: Event) => {
    e.preventDefault();
    if (check?.is === "sending") return;
    const said = voice.value;
    empty.value = name.value.trim() === "" || code.value.trim() === "" || said === "";
    if (empty.value)
      return focusOn(name.value.trim() === "" ? "name" : code.value.trim() === "" ? "code" : "voice");
    voice.value = "";
    await desk.verify(name.value.trim(), code.value.trim(), said);
    focusOn("voice");
  };

  return (
    <form ref={form} onSubmit={submit} noValidate autocomplete="off" aria-describedby="check-ask">
      <p id="check-ask" class="lead">
        {c.ask[kindOf(card)]} <strong>{c.never}</strong>
      </p>
      <div class="desk-check-fields">
        <Said label={c.name[kindOf(card)]} name="name" value={name} />
        <Said label={c.code} name="code" value={code} />
        <Said label={c.voice} name="voice" value={voice} secret />
        <button type="submit" class="button button-primary" disabled={check?.is === "sending"}>
          {check?.is === "sending" ? c.submitting : c.submit}
        </button>
      </div>
      {empty.value && <Message tone="bad" loud title={c.empty} />}
      {!empty.value && check?.is === "wrong" && (
        <Message tone="bad" loud title={c.wrong}>
          <p>{c.wrongLeft(left)}</p>
        </Message>
      )}
      {!empty.value && check?.refusal && <Trouble refusal={check.refusal} />}
      <Before />
    </form>
  );
}

/** What the operator wanted to do, and why it must wait. */
function Before() {
  const { client } = view.value;
  const before = client?.check.before;
  if (!before || client.check.is !== "asking") return null;
  return <Message tone="warn" loud title={w().check.first(actText(before))} />;
}

interface SaidProps {
  label: string;
  name: string;
  value: { value: string };
  secret?: boolean;
}

function Said({ label, name, value, secret = false }: SaidProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        name={name}
        type={(secret ? "password" : "text") as "password"}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={value.value}
        onInput={e => {
          value.value = e.currentTarget.value;
        }}
      />
    </label>
  );
}
