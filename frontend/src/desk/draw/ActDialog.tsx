// One act for the client: what it needs, why it is done; what protects is asked once more.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "../../draw/Dialog";
import { Message } from "../../draw/Message";
import { VOICE_PASSWORD } from "../../view/numbers";
import { type Act, missing, protects, takesNumber } from "../acts";
import { desk, tell, view } from "../app";
import type { Refusal } from "../rows";
import { actText } from "../sentences";
import { aboutClient } from "../view";
import { w } from "../words";
import { NumberField, ReasonField } from "./ActFields";
import { ActLead } from "./ActLead";
import { Trouble } from "./Trouble";

type Step = "filling" | "number" | "reason" | "sure" | "sending";

const close = () => tell({ is: "dialogClosed" });

export function ActDialog({ act }: { act: Act }) {
  const a = w().acts;
  const number = useSignal("");
  const primary = useSignal(true);
  const reason = useSignal("");
  const step = useSignal<Step>("filling");
  const refusal = useSignal<Refusal | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const focusOn = (name: string) => form.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  useEffect(() => focusOn(takesNumber(act) ? "number" : "reason"), []);

  const send = async () => {
    step.value = "sending";
    const entry = { number: number.value, primary: primary.value, reason: reason.value };
    refusal.value = await desk.act(act, entry);
    if (!refusal.value) return;
    step.value = "filling";
    focusOn(takesNumber(act) && refusal.value.reason !== "reason_missing" ? "number" : "reason");
  };
  const submit = (e: Event) => {
    e.preventDefault();
    if (step.value === "sending") return;
    refusal.value = null;
    const what = missing(act, { number: number.value, primary: primary.value, reason: reason.value });
    step.value = what ?? (protects(act) ? "sure" : "filling");
    if (what) focusOn(what);
    else if (!protects(act)) void send();
  };

  const own = aboutClient(view.value).find(p => p.own);
  if (protects(act) && (step.value === "sure" || step.value === "sending"))
    return (
      <Sure
        act={act}
        sending={step.value === "sending"}
        onYes={() => void send()}
        onBack={() => {
          step.value = "filling";
        }}
      />
    );
  return (
    <Dialog title={actText(act)} onClose={close}>
      <form ref={form} class="form" onSubmit={submit} noValidate>
        <ActLead act={act} />
        {takesNumber(act) && (
          <NumberField
            number={number}
            primary={act.is === "addPhone" ? primary : null}
            missing={step.value === "number"}
            refused={/phone/.test(refusal.value?.reason ?? "")}
            onTyped={() => {
              if (step.value === "number") step.value = "filling";
            }}
          />
        )}
        <ReasonField reason={reason} choices={choices(act)} bad={step.value === "reason"} />
        {own && !protects(act) && <Message tone="warn" title={a.replacesOwn(String(own.document.id))} />}
        {step.value === "reason" && <Message tone="bad" loud title={a.reasonMissing} />}
        {refusal.value && <Trouble refusal={refusal.value} />}
        <p class="buttons">
          <button
            type="submit"
            class={`button ${protects(act) ? "button-warn" : "button-primary"}`}
            disabled={step.value === "sending"}
          >
            {step.value === "sending" ? a.sending : protects(act) ? a.next : a.propose}
          </button>
          <button type="button" class="button" onClick={close}>
            {w().cancel}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

interface SureProps {
  act: Act;
  sending: boolean;
  onYes: () => void;
  onBack: () => void;
}

/** The focus is on the way back: two hasty Enters do nothing. */
function Sure({ act, sending, onYes, onBack }: SureProps) {
  const a = w().acts;
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  const name = view.value.client?.card?.name ?? "";
  return (
    <Dialog title={actText(act)} onClose={close}>
      <Message tone="bad" title={a.sure(name)}>
        <ActLead act={act} />
      </Message>
      <p class="buttons">
        <button ref={back} type="button" class="button" onClick={onBack} disabled={sending}>
          {w().back}
        </button>
        <button type="button" class="button button-danger" onClick={onYes} disabled={sending}>
          {sending ? a.sending : actText(act)}
        </button>
      </p>
    </Dialog>
  );
}

function choices(act: Act): string[] {
  const { phone, restore, voice, protect } = w().acts.reasons;
  if (protects(act)) return protect;
  if (act.is !== "restore") return phone;
  return act.means === VOICE_PASSWORD ? voice : restore;
}
