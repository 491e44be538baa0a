// The signature: what is being signed, the code that was sent for this very order, and what came of it.

import { useEffect, useRef } from "preact/hooks";
import { now, view } from "../../app";
import { cancelDocument, loadDocuments, signsByToken } from "../../cabinet";
import { askForSignature, sign } from "../../passcodes";
import { type Section, type Step, t, visit } from "../../ui";
import type { Doc } from "../../view/documents";
import { SMS } from "../../view/numbers";
import { meansRow, noPasscode } from "../../view/passcode";
import { isStale, mySession } from "../../view/view";
import { authority } from "../../view/webtoken";
import type { Refusal } from "../../wire";
import { ActButton } from "../ActButton";
import { CodeEntry } from "../CodeEntry";
import { DevPhone } from "../DevPhone";
import { documentText, statusText } from "../documentwords";
import { idText, timeText } from "../format";
import { Message } from "../Message";
import { PinGate, SessionGate } from "../SessionGate";
import { StepHead } from "./StepHead";
import { TokenSign } from "./TokenSign";

interface Props {
  section: Section;
  step: Extract<Step, { is: "sign" }>;
}

export function SignStep({ section, step: { id, refused = null } }: Props) {
  const doc = view.value.documents.byId[id];
  return (
    <>
      <StepHead section={section} title={t().sign.title} />
      {doc ? (
        <Signature doc={doc} section={section} refused={refused} />
      ) : (
        <Message tone="warn" title={t().sign.gone} />
      )}
    </>
  );
}

function Signature({ doc, section, refused }: { doc: Doc; section: Section; refused: Refusal | null }) {
  if (doc.status === "accepted") return <Signed doc={doc} section={section} />;
  const late = doc.expiresAt !== null && doc.expiresAt <= now.value;
  if (doc.status === "cancelled" || late) return <Over doc={doc} section={section} />;
  return <Signing doc={doc} refused={refused} />;
}

function Signing({ doc, refused }: { doc: Doc; refused: Refusal | null }) {
  const danger = doc.content.is === "disconnect";
  return (
    <div class="step-form">
      <What doc={doc} />
      <Way doc={doc} danger={danger} refused={refused} />
    </div>
  );
}

function What({ doc }: { doc: Doc }) {
  const s = t().sign;
  return (
    <div class="signed-card">
      <p class="muted">
        {s.what} <span class="figures">{t().documents.number(idText(doc.id))}</span>
      </p>
      <p class="signed-what">{documentText(doc)}</p>
      {doc.content.is === "phones" && !signsByToken() && <p class="muted">{s.compare}</p>}
      {doc.content.is === "connect" && <p class="muted">{t().connect.compare(doc.content.fingerprint)}</p>}
      {doc.expiresAt !== null && <p class="muted">{s.waits(timeText(doc.expiresAt, now.value))}</p>}
    </div>
  );
}

/** By what it is signed, and what is missing for that. */
function Way({ doc, danger, refused }: { doc: Doc; danger: boolean; refused: Refusal | null }) {
  const by = authority(view.value);
  const connecting = doc.content.is === "connect";
  if (by.is === "sms" || (by.is === "none" && isStale(view.value)))
    return <BySms doc={doc} danger={danger} />;
  return (
    <>
      {by.is === "none" && (
        <SessionGate text={t().cabinet.needsSessionToSign} tab={connecting ? "sms" : null} />
      )}
      {by.is !== "none" && connecting && <SessionGate text={t().connect.needsSms} tab="sms" />}
      {by.is === "pin" && !connecting && <PinGate />}
      {by.is === "token" && !connecting && <TokenSign doc={doc} danger={danger} refused={refused} />}
      <Withdraw doc={doc} />
    </>
  );
}

function BySms({ doc, danger }: { doc: Doc; danger: boolean }) {
  const s = t().sign;
  const { signing, means } = view.value;
  return (
    <>
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
      <DevPhone />
    </>
  );
}

/** Refused because it waits no more, or not answered: then the server knows what became of it. */
async function enter(id: number, code: string): Promise<void> {
  const { refusal } = await sign(id, code);
  if (refusal) await loadDocuments();
}

function Withdraw({ doc }: { doc: Doc }) {
  const s = t().sign;
  return (
    <ActButton
      look="button-wide"
      name={s.cancel}
      busyName={s.cancelling}
      act={() => cancelDocument(doc.id)}
    />
  );
}

function Signed({ doc, section }: { doc: Doc; section: Section }) {
  const s = t().sign;
  const session = mySession(view.value);
  const { content } = doc;
  const connected = content.is === "connect";
  return (
    <div class="step-form">
      <Message tone="good" loud title={connected ? t().connect.done : s.done}>
        <p>{documentText(doc)}</p>
        {connected && <p>{t().connect.doneNext}</p>}
        {session && <p>{s.extended(timeText(session.expiresAt, now.value))}</p>}
        {content.is === "disconnect" && <p>{content.means === SMS ? s.noSession : s.noTokenSession}</p>}
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
