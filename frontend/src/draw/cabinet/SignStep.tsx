// The signature: what is being signed, the code that was sent for this very order, and what came of it.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { now, view } from "../../app";
import { cancelDocument, loadDocuments } from "../../cabinet";
import { askForSignature, sign } from "../../passcodes";
import { type Section, t, visit } from "../../ui";
import type { Doc } from "../../view/documents";
import { SMS } from "../../view/numbers";
import { meansRow, noPasscode } from "../../view/passcode";
import { isStale, mySession } from "../../view/view";
import type { Refusal } from "../../wire";
import { CodeEntry } from "../CodeEntry";
import { DevPhone } from "../DevPhone";
import { documentText, statusText } from "../documentwords";
import { idText, timeText } from "../format";
import { Message } from "../Message";
import { Refused } from "../Refused";
import { SessionGate } from "../SessionGate";
import { refusalText } from "../sentences";
import { StepHead } from "./StepHead";

export function SignStep({ section, id }: { section: Section; id: number }) {
  const doc = view.value.documents.byId[id];
  return (
    <>
      <StepHead section={section} title={t().sign.title} />
      {doc ? <Signature doc={doc} section={section} /> : <Message tone="warn" title={t().sign.gone} />}
    </>
  );
}

function Signature({ doc, section }: { doc: Doc; section: Section }) {
  if (doc.status === "accepted") return <Signed doc={doc} section={section} />;
  const late = doc.expiresAt !== null && doc.expiresAt <= now.value;
  if (doc.status === "cancelled" || late) return <Over doc={doc} section={section} />;
  return <Signing doc={doc} />;
}

function Signing({ doc }: { doc: Doc }) {
  const s = t().sign;
  const { signing, means } = view.value;
  const danger = doc.content.is === "disconnect";
  return (
    <div class="step-form">
      <div class="signed-card">
        <p class="muted">
          {s.what} <span class="figures">{t().documents.number(idText(doc.id))}</span>
        </p>
        <p class="signed-what">{documentText(doc)}</p>
        {doc.content.is === "phones" && <p class="muted">{s.compare}</p>}
        {doc.expiresAt !== null && <p class="muted">{s.waits(timeText(doc.expiresAt, now.value))}</p>}
      </div>
      {mySession(view.value) || isStale(view.value) ? (
        <CodeEntry
          panel={signing.id === doc.id ? signing.panel : noPasscode}
          phone={meansRow(means, SMS)?.phone}
          submit={danger ? s.submitDanger : s.submit}
          danger={danger}
          offline={isStale(view.value)}
          onAsk={() => void askForSignature(doc.id)}
          onEnter={code => void enter(doc.id, code)}
        >
          <Withdraw doc={doc} />
        </CodeEntry>
      ) : (
        <>
          <SessionGate text={t().cabinet.needsSessionToSign} />
          <Withdraw doc={doc} />
        </>
      )}
      <DevPhone />
    </div>
  );
}

/** Refused because it waits no more, or not answered: then the server knows what became of it. */
async function enter(id: number, code: string): Promise<void> {
  const { refusal } = await sign(id, code);
  if (refusal) await loadDocuments();
}

function Withdraw({ doc }: { doc: Doc }) {
  const s = t().sign;
  const busy = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const withdraw = async () => {
    busy.value = true;
    refusal.value = await cancelDocument(doc.id);
    busy.value = false;
  };
  return (
    <>
      {refusal.value && <Refused said={refusalText(refusal.value)} />}
      <button
        type="button"
        class="button button-wide"
        disabled={busy.value || isStale(view.value)}
        onClick={() => void withdraw()}
      >
        {busy.value ? s.cancelling : s.cancel}
      </button>
    </>
  );
}

function Signed({ doc, section }: { doc: Doc; section: Section }) {
  const s = t().sign;
  const session = mySession(view.value);
  return (
    <div class="step-form">
      <Message tone="good" loud title={s.done}>
        <p>{documentText(doc)}</p>
        {session && <p>{s.extended(timeText(session.expiresAt, now.value))}</p>}
        {doc.content.is === "disconnect" && <p>{s.noSession}</p>}
      </Message>
      <Ready section={section} />
    </div>
  );
}

function Over({ doc, section }: { doc: Doc; section: Section }) {
  const s = t().sign;
  const why = doc.status === "drafted" ? t().documents.ends.expired : statusText(doc);
  return (
    <div class="step-form">
      <Message tone="warn" loud title={`${s.over}: ${why}`}>
        <p>{documentText(doc)}</p>
        <p>{s.anew}</p>
      </Message>
      <Ready section={section} />
    </div>
  );
}

/** The form that had the focus is gone. */
function Ready({ section }: { section: Section }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <p class="step-buttons">
      <button ref={button} type="button" class="button button-primary" onClick={() => visit(section)}>
        {t().sign.ready}
      </button>
    </p>
  );
}
