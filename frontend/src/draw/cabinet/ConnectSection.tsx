// «Подключить WEB-токен»: new keys, a PIN, the order with the public key, its signature by SMS.

import { useEffect } from "preact/hooks";
import { now, view } from "../../app";
import { type Step, t } from "../../ui";
import { isStale } from "../../view/view";
import { authority } from "../../view/webtoken";
import { askSupport, restartRegistration } from "../../webtoken";
import { DraftCards } from "../DraftCards";
import { timeText } from "../format";
import { Message } from "../Message";
import { Refused } from "../Refused";
import { SessionGate } from "../SessionGate";
import { refusalText } from "../sentences";
import { ChoosePin } from "./ChoosePin";
import { ConnectIntro } from "./ConnectIntro";
import { ConnectOrder } from "./ConnectOrder";
import { SignStep } from "./SignStep";

export function ConnectSection({ step }: { step: Step | null }) {
  useEffect(() => void askSupport(), []);
  if (step?.is === "sign") return <SignStep section="token" step={step} />;
  return (
    <>
      <p class="lead" tabIndex={-1} data-first>
        {t().connect.lead}
      </p>
      <DraftCards />
      <Registering />
    </>
  );
}

/** What is missing is said before anything is made. */
function Registering() {
  const c = t().connect;
  const { token, phones } = view.value;
  if (isStale(view.value)) return <p class="muted">{t().link.lost}</p>;
  if (token.support === null) return <p class="muted">{t().loading}</p>;
  if (token.support !== "ok") return <Refused said={t().token.support[token.support]} />;
  if (phones.quarantineUntil !== null && phones.quarantineUntil > now.value)
    return <Message tone="warn" title={c.quarantine(timeText(phones.quarantineUntil, now.value))} />;
  switch (authority(view.value).is) {
    case "none":
      return <SessionGate text={c.needsSession} tab="sms" />;
    case "pin":
    case "token":
      return <SessionGate text={c.needsSms} tab="sms" />;
    case "sms":
      return <Stage />;
  }
}

function Stage() {
  const c = t().connect;
  const { registration: r } = view.value.token;
  if ("until" in r && r.until <= now.value) return <Anew said={{ what: c.late, next: null }} />;
  switch (r.is) {
    case "none":
    case "generating":
      return <ConnectIntro busy={r.is === "generating"} />;
    case "generated":
      return <ChoosePin busy={false} trouble={r.trouble} />;
    case "protecting":
      return <ChoosePin busy trouble={null} />;
    case "protected":
      return <ConnectOrder publicKey={r.publicKey} fingerprint={r.fingerprint} until={r.until} />;
    case "refused":
      return <Anew said={refusalText(r.refusal)} />;
    case "broken":
      return <Anew said={{ what: c.broken, next: c.brokenNext }} />;
  }
}

function Anew({ said }: { said: { what: string; next: string | null } }) {
  return (
    <div class="step-form">
      <Refused said={said} />
      <p class="step-buttons">
        <button type="button" class="button button-primary" onClick={restartRegistration}>
          {t().connect.anew}
        </button>
      </p>
    </div>
  );
}
