// Submitting a non-trading order: on its way, refused, or on to the signature.

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { now, view } from "../../app";
import { signByToken, submitDocument } from "../../cabinet";
import { type Section, t, visit } from "../../ui";
import { shortFace, timeLeft } from "../../view/countdown";
import { instant } from "../../view/figures";
import type { OwnKind } from "../../view/numbers";
import { isStale } from "../../view/view";
import { authority } from "../../view/webtoken";
import type { DocumentData, Refusal } from "../../wire";
import { Refused } from "../Refused";
import { PinGate, SessionGate } from "../SessionGate";
import { refusalText } from "../sentences";

type State = { is: "editing" } | { is: "sending" } | { is: "refused"; refusal: Refusal };

export interface Submission {
  state: Signal<State>;
  submit: (docId: OwnKind, data: DocumentData) => Promise<void>;
}

export function useSubmission(section: Section): Submission {
  const state = useSignal<State>({ is: "editing" });
  const submit = async (docId: OwnKind, data: DocumentData) => {
    if (state.value.is === "sending") return;
    state.value = { is: "sending" };
    const answer = await submitDocument(docId, data);
    if (!answer.ok) {
      state.value = { is: "refused", refusal: answer.refusal };
      return;
    }
    const { document, code } = answer.result;
    const refused = code ? null : await signByToken(document.id);
    visit(section, { is: "sign", id: document.id, refused });
  };
  return { state, submit };
}

interface Foot {
  submission: Submission;
  danger?: boolean;
  /** Beside the button. */
  children?: ComponentChildren;
}

/** The foot of every form that submits an order. */
export function SubmitFoot({ submission, danger = false, children }: Foot) {
  const c = t().cabinet;
  const state = submission.state.value;
  if (isStale(view.value)) return <p class="muted">{t().link.lost}</p>;
  const by = authority(view.value).is;
  if (by === "none") return <SessionGate text={c.needsSession} />;
  if (by === "pin") return <PinGate />;
  const [name, busy] = by === "token" ? [c.signByToken, c.signing] : [c.askCode, c.asking];
  const until = state.is === "refused" ? instant(state.refusal.until) : null;
  const wait = until === null ? 0 : timeLeft(until, now.value);
  return (
    <>
      {state.is === "refused" && <Refused said={refusalText(state.refusal)} />}
      <p class="step-buttons">
        <button
          type="submit"
          class={`button ${danger ? "button-danger" : "button-primary"}`}
          disabled={state.is === "sending" || wait > 0}
        >
          {state.is === "sending" ? busy : name}
        </button>
        {children}
        {wait > 0 && <span class="muted">{c.repeatIn(shortFace(wait))}</span>}
      </p>
    </>
  );
}
